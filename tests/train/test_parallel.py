"""The place of a process among others, and its end."""

import pytest

from engine.errors import TrainingError
from train import parallel
from train.launch import Launch, launch

STARTED = {
    "TORCHELASTIC_RUN_ID": "none",
    "RANK": "5",
    "LOCAL_RANK": "1",
    "WORLD_SIZE": "8",
    "MASTER_ADDR": "localhost",
    "MASTER_PORT": "29500",
}


def test_one_process_of_several_ends_without_taking_the_interpreter_down(monkeypatch):
    ended = []
    monkeypatch.setattr(parallel.os, "_exit", ended.append)
    assert parallel.left(143, parallel.ALONE) == 143
    assert not ended
    parallel.left(143, parallel.World(1, 2))
    assert ended == [143]


def test_torchrun_says_which_of_how_many_a_process_is():
    assert launch(STARTED) == Launch(rank=5, local_rank=1, ranks=8)
    assert launch({}) == launch({"WORLD_SIZE": "1", "RANK": "2"}) == launch({"WORLD_SIZE": ""}) == Launch()


@pytest.mark.parametrize("missing", sorted(STARTED.keys() - {"WORLD_SIZE"}))
def test_a_world_that_is_not_whole_is_refused(missing, monkeypatch):
    for name, value in STARTED.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv(missing)
    with pytest.raises(TrainingError, match="WORLD_SIZE is 8 in the environment"), parallel.joined("cpu"):
        pass
