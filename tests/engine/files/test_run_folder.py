"""Folders of training runs: the newest snapshot that is whole, whoever trained."""

import shutil
from pathlib import Path

import pytest

from engine.errors import ModelNotFoundError
from engine.files import opening, run_folder
from tests.engine.fakes import write_model

PICKLE = Path(__file__).parents[2] / "data" / "pickles" / "torch" / "sg2ada_tiny.pkl"


def test_the_newest_is_told_by_its_number_and_not_by_its_time(tmp_path):
    for seed, kimg in enumerate(("000100", "000020", "001000", "000999.984", "000100.500")):
        write_model(tmp_path / f"model-{kimg}.safetensors", seed)
    write_model(tmp_path / "model-000050.safetensors")  # written last
    assert run_folder.newest(tmp_path).name == "model-001000.safetensors"
    told = [path.name[6:-12] for path in run_folder.snapshots(tmp_path)]
    assert told == ["001000", "000999.984", "000100.500", "000100", "000050", "000020"]


def test_damaged_snapshots_are_passed_over(tmp_path):
    for number in range(4):
        write_model(tmp_path / f"model-00000{number}.safetensors", number)
    cut, flipped = tmp_path / "model-000003.safetensors", tmp_path / "model-000002.safetensors"
    cut.write_bytes(cut.read_bytes()[:-1])
    data = bytearray(flipped.read_bytes())
    data[-1] ^= 1
    flipped.write_bytes(data)
    assert run_folder.newest(tmp_path).name == "model-000001.safetensors"
    assert opening.read(tmp_path).info.content_id == opening.read(tmp_path / "model-000001.safetensors").info.content_id
    assert opening.read_info(tmp_path).content_id == opening.read_info(run_folder.newest(tmp_path)).content_id


def test_where_all_are_damaged_the_newest_is_named(tmp_path):
    (tmp_path / "model-000001.safetensors").write_bytes(b"")
    (tmp_path / "model-000002.safetensors").write_bytes(b"junk")
    with pytest.raises(ModelNotFoundError, match=r"model-000002\.safetensors and 1 more damaged"):
        run_folder.newest(tmp_path)


def test_runs_of_nvidias_programs_are_known_too(tmp_path):
    for name in ("network-snapshot-000000", "network-snapshot-010000", "network-snapshot-002000"):
        shutil.copy(PICKLE, tmp_path / f"{name}.pkl")
    assert run_folder.newest(tmp_path).name == "network-snapshot-010000.pkl"
    cut = tmp_path / "network-snapshot-010000.pkl"
    cut.write_bytes(cut.read_bytes()[:-1])
    assert run_folder.newest(tmp_path).name == "network-snapshot-002000.pkl"
    shutil.copy(PICKLE, tmp_path / "network-final.pkl")
    assert run_folder.newest(tmp_path).name == "network-final.pkl"


def test_what_is_no_snapshot_is_left_alone(tmp_path):
    for name in ("state-000001.safetensors", ".model-000002.safetensors.7.tmp", "model-1.txt", "augment.pkl"):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(ModelNotFoundError, match="holds no model"):
        run_folder.newest(tmp_path)
    with pytest.raises(ModelNotFoundError, match="holds no model"):
        opening.read(tmp_path)
