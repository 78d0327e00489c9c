"""kill -9 in series, by hand: at every point of a save and at random instants nothing is lost but some steps.

Every run is a fork of this process, which has torch loaded already.
"""

import os
import random
import signal
import sys
import time

import pytest
from safetensors import safe_open

from engine.files import native
from tests.train import small_run
from tests.train.test_survival import assert_same_weights
from train import checkpoint

pytestmark = [
    pytest.mark.stress,
    pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="forks"),
]
INSTANTS = int(os.environ.get("STYLESCOPE_INSTANTS", "50"))


def forked(out, kimg, log, **environment):
    """The number of a process that trains; what it says goes into `log`."""
    number = os.fork()
    if number:
        return number
    try:
        os.environ.update({"OMP_NUM_THREADS": "1", **environment})
        handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(handle, 1)
        os.dup2(handle, 2)
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
        checkpoint.KEPT = 1  # the state before goes when the new one is safe
        os._exit(small_run.main(out, kimg))
    except BaseException as error:
        os.write(2, f"{type(error).__name__}: {error}".encode())
        os._exit(99)


def finished(out, kimg, log, **environment):
    """(exit status or minus the signal, what it said)"""
    _, status = os.waitpid(forked(out, kimg, log, **environment), 0)
    return os.waitstatus_to_exitcode(status), log.read_text()


def assert_it_ends_as_if_nothing_had_happened(run, kimg, whole, log):
    status, told = finished(run, kimg, log)
    assert status == 0, told
    assert "damaged" not in told
    assert_same_weights(run, whole)
    assert all(native.is_whole(path) for path in run.glob("model-*"))
    assert not list(run.rglob(".*.tmp"))
    return told


def newest_kimg(run):
    found = [0.0]
    for path in run.glob("state-*"):
        with safe_open(path, "pt") as file:
            found.append(small_run.counters_of(file.metadata())["seen"] / 1000)
    return max(found)


def test_kill_at_every_point_of_a_save(tmp_path):
    log = tmp_path / "log"
    assert finished(tmp_path / "whole", 0.096, log)[0] == 0
    _, told = finished(tmp_path / "points", 0.096, log, STYLESCOPE_KILL_AT="1000000", STYLESCOPE_POINTS="1")
    points = told.count("point ")
    assert points > 20, told
    for number in range(1, points + 1):
        run = tmp_path / f"run{number}"
        status, told = finished(run, 0.096, log, STYLESCOPE_KILL_AT=str(number))
        assert status == -signal.SIGKILL, (number, told)
        told = assert_it_ends_as_if_nothing_had_happened(run, 0.096, tmp_path / "whole", log)
        assert "continuing at 0.032" in told or "continuing at 0.064" in told, number
    print(f"\n{points} points of a save, 0 corrupt")


def test_kill_at_random_instants(tmp_path):
    log, kimg = tmp_path / "log", 0.48
    assert finished(tmp_path / "whole", kimg, log)[0] == 0
    instants, lost = random.Random(0), []
    for number in range(INSTANTS):
        run = tmp_path / f"run{number}"
        process = forked(run, kimg, log)
        while not (run / "stats.jsonl").exists():
            os.sched_yield()
        time.sleep(instants.uniform(0, 1.2))  # the random instant itself
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        shown = 0.016 * (run / "stats.jsonl").read_text().count("\n")
        lost.append(shown - newest_kimg(run))
        assert_it_ends_as_if_nothing_had_happened(run, kimg, tmp_path / "whole", log)
    assert max(lost) <= 0.032 + 1e-9  # one interval of snapshots, the one that was being written included
    print(f"\n{INSTANTS} instants, 0 corrupt, at most {max(lost):g} kimg lost; snapshots every 0.032")
