"""The end of a process that trained together with others."""

from train import parallel


def test_one_process_of_several_ends_without_taking_the_interpreter_down(monkeypatch):
    ended = []
    monkeypatch.setattr(parallel.os, "_exit", ended.append)
    assert parallel.left(143, parallel.ALONE) == 143
    assert not ended
    parallel.left(143, parallel.World(1, 2))
    assert ended == [143]
