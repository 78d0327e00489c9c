"""A run in a process of its own: stopped, killed at any moment, resumed, and divided among processes."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

SCRIPT = Path(__file__).with_name("small_run.py")
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1"}
HARD = ["augment=ada", "augment_p=0.3", "augment_interval=2", "pl_weight=2", "pl_interval=2", "phases=published",
        "mirror=true", "r2_gamma=0.5"]  # fmt: skip

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals"),
]


def started(out, kimg, *settings, ranks=1, **environment):
    launch = ["-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={ranks}"] if ranks > 1 else []
    return subprocess.Popen(
        [sys.executable, *launch, str(SCRIPT), str(out), str(kimg), *settings],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**ENVIRONMENT, **environment},
    )  # fmt: skip


def finished(*arguments, **options):
    process = started(*arguments, **options)
    told, _ = process.communicate(timeout=300)
    return process.returncode, told


def wait_for(process, text):
    for line in process.stdout:
        if text in line:
            return
    raise AssertionError(f"it ended without {text!r}")


def newest(run):
    return max(run.glob("state-*.safetensors"))


def assert_same_weights(a, b):
    first, second = load_file(newest(a)), load_file(newest(b))
    assert first.keys() == second.keys()
    for name, tensor in first.items():
        assert torch.equal(tensor, second[name]), name


@pytest.mark.parametrize("settings", [[], HARD], ids=["shared", "all"])
def test_a_killed_run_ends_with_the_bytes_of_one_that_was_left_alone(tmp_path, settings):
    assert finished(tmp_path / "whole", 0.4, *settings)[0] == 0
    process = started(tmp_path / "parts", 0.4, *settings)
    for _ in range(9):
        wait_for(process, "images/s")
    process.kill()
    process.communicate()
    assert list((tmp_path / "parts").glob("state-*"))
    status, told = finished(tmp_path / "parts", 0.4, *settings)
    assert status == 0
    assert "continuing at" in told
    assert_same_weights(tmp_path / "whole", tmp_path / "parts")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_the_step_and_leaves_a_snapshot_and_a_second_one_ends_at_once(tmp_path, number, status):
    process = started(tmp_path / "run", 1000, "snapshot_kimg=1000")
    wait_for(process, "images/s")
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == status
    assert len(list((tmp_path / "run").glob("state-*"))) == len(list((tmp_path / "run").glob("model-*"))) == 1

    process = started(tmp_path / "run", 1000, "snapshot_kimg=1000")
    wait_for(process, "images/s")
    process.send_signal(number)
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode in (status, -number)


def test_two_processes_learn_what_one_learns_and_one_goes_on_where_they_were(tmp_path):
    """Five steps with everything that draws or regularises, in float64: Adam's first steps make 0.002 of any gradient,
    also of one that is rounding. In float32 with a small rate, which hides that, the plain step."""
    for settings, double in (([*HARD, "snapshot_kimg=1000"], True), (["snapshot_kimg=1000", "lr=1e-5"], False)):
        one, two = tmp_path / f"one{double}", tmp_path / f"two{double}"
        environment = {"STYLESCOPE_DOUBLE": "1"} if double else {}
        assert finished(one, 0.08, *settings, **environment)[0] == 0
        status, told = finished(two, 0.08, *settings, ranks=2, **environment)
        assert status == 0, told
        assert told.count("images/s") == 5
        a, b = load_file(newest(one)), load_file(newest(two))
        for name, tensor in a.items():
            group = name.split(".")[0]
            own = [t.abs().max() for k, t in a.items() if k.split(".")[0] == group]
            scale = tensor.abs().max() if double else max(own)
            assert (tensor - b[name]).abs().max() <= 1e-6 * scale, name
    status, told = finished(two, 0.096, *settings)
    assert status == 0
    assert "continuing at 0.08 kimg" in told


def test_a_refusal_is_said_once_and_ends_all_processes(tmp_path):
    (tmp_path / "photo.jpg").write_text("mine")
    status, told = finished(tmp_path, 0.08, ranks=2)
    assert status != 0
    assert told.count("TrainingError: ") >= 1
    assert [p.name for p in tmp_path.iterdir()] == ["photo.jpg"]


def test_sigterm_to_torchrun_stops_all_with_one_snapshot(tmp_path):
    process = started(tmp_path / "run", 1000, "snapshot_kimg=1000", ranks=2)
    wait_for(process, "images/s")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert len(list((tmp_path / "run").glob("state-*"))) == 1
    assert finished(tmp_path / "run", 0.016)[0] == 0
