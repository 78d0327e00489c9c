"""State files: sealed, whole or not there, the right ones kept."""

import dataclasses
import json
import os

import pytest
import torch
from safetensors.torch import load_file

from engine.errors import StylescopeError, TrainingError
from train import checkpoint
from train.checkpoint import Counters
from train.networks import build

CPU = torch.device("cpu")


def saved(out, n, number, **options):
    return checkpoint.save(out, n, Counters(seen=number * 1000, step=number, snapshots=number), **options)


def test_a_state_file_is_a_safetensors_file(tiny, tmp_path):
    n = build(tiny, CPU)
    path = saved(tmp_path, n, 1)
    assert torch.equal(load_file(path)["pl_mean"], n.pl_mean)


def test_every_flipped_bit_is_seen(tiny, tmp_path):
    n = build(tiny, CPU)
    path = saved(tmp_path, n, 1)
    whole = path.read_bytes()
    places = {0, 9, 70, whole.index(b'"sha256"') + 12, len(whole) // 2, len(whole) - 1}
    for place in places:
        data = bytearray(whole)
        data[place] ^= 1
        path.write_bytes(data)
        with pytest.raises(TrainingError, match="every state file"):
            checkpoint.load_newest(tmp_path, n)
    for length in (0, 5, 40, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(TrainingError, match="every state file"):
            checkpoint.load_newest(tmp_path, n)


def test_state_files_of_the_first_version_are_read(tiny, tmp_path):
    import hashlib

    from safetensors.torch import save

    n, other = build(tiny, CPU), build(dataclasses.replace(tiny, seed=5), CPU)
    payload = save(
        {name: t.detach().contiguous() for name, t in checkpoint.tensors(n).items()},
        metadata={"counters": json.dumps({"seen": 242_000, "step": 15_125, "seconds": 4_573})},
    )
    (tmp_path / "state-000242.safetensors").write_bytes(payload + hashlib.sha256(payload).digest())
    assert checkpoint.load_newest(tmp_path, other) == Counters(seen=242_000, step=15_125, seconds=4_573)
    assert torch.equal(other.G.synthesis.b4.const, n.G.synthesis.b4.const)


def test_the_newest_three_the_best_and_every_so_many_th_are_kept(tiny, tmp_path):
    n = build(tiny, CPU)
    for number in range(1, 12):
        saved(tmp_path, n, number, distances={3000: 7.0, 5000: 9.0, 8000: 8.0}, keep_every=4)
    assert [p.name for p in checkpoint.states(tmp_path)] == [
        f"state-{number:06d}.safetensors" for number in (11, 10, 9, 8, 4, 3)
    ]


def test_a_full_disk_is_told_before_anything_is_written(tiny, tmp_path, monkeypatch):
    n = build(tiny, CPU)
    saved(tmp_path, n, 1)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    monkeypatch.setattr("train.checkpoint.shutil.disk_usage", lambda _: _Usage(1000))
    with pytest.raises(TrainingError, match="0 MB left"):
        saved(tmp_path, n, 2)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


@dataclasses.dataclass
class _Usage:
    free: int


@pytest.mark.skipif(os.name == "nt", reason="has no such limit")
def test_a_disk_that_fills_while_writing_leaves_the_last_snapshot_intact(tiny, tmp_path):
    import resource

    n = build(tiny, CPU)
    saved(tmp_path, n, 1)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, limits[1]))
    try:
        with pytest.raises(StylescopeError, match=r"cannot write .*state-000002.* - .*free some space"):
            saved(tmp_path, n, 2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before
    assert checkpoint.load_newest(tmp_path, n).step == 1


def test_a_state_of_other_networks_is_refused_in_one_sentence(tiny, tmp_path):
    saved(tmp_path, build(tiny, CPU), 1)
    other = dataclasses.replace(tiny, generator={**tiny.generator, "z_dim": 4})
    with pytest.raises(TrainingError, match="does not fit the networks"):
        checkpoint.load_newest(tmp_path, build(other, CPU))
