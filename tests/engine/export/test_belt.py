"""The belt between two threads: order, errors, nothing left hanging."""

import threading

import pytest

from engine.export.belt import Belt


def nothing():
    pass


def carry(write, frames, check=nothing, depth=4):
    """Put all frames on a belt; one that can be called is called instead."""
    with Belt(write, check, depth) as belt:
        for frame in frames:
            if callable(frame):
                frame()
            else:
                belt.put(frame)


def test_everything_arrives_in_order_and_few_wait():
    got, taken, ahead = [], [0], []

    def source():
        for i in range(200):
            ahead.append(i - taken[0])
            yield i

    def write(frames):
        for frame in frames:
            taken[0] += 1
            got.append(frame)

    carry(write, source(), depth=3)
    assert got == list(range(200))
    assert max(ahead) <= 4


@pytest.mark.parametrize("count", [1, 100])
def test_an_error_of_the_writer_comes_out(count):
    def write(frames):
        next(frames)
        raise OSError(28, "full")

    with pytest.raises(OSError, match="full"):
        carry(write, range(count), depth=1)


def test_an_error_on_this_side_ends_the_writer_too():
    ended = threading.Event()

    def write(frames):
        try:
            for _ in frames:
                pass
        finally:
            ended.set()

    def fails():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        carry(write, [1, fails])
    assert ended.is_set()


@pytest.mark.parametrize("more", [0, 5])
def test_waiting_for_a_slow_writer_can_be_given_up(more):
    """With a full belt, and at the end."""
    release, stop = threading.Event(), threading.Event()

    def write(frames):
        next(frames)
        release.wait(60)
        next(frames, None)

    def check():
        if stop.is_set():
            release.set()
            raise InterruptedError

    with pytest.raises(InterruptedError):
        carry(write, [1, stop.set, *range(more)], check, depth=2)
