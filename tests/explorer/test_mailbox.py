"""The mailbox: newest wins, the last is always taken."""

from __future__ import annotations

import threading

from hypothesis import given
from hypothesis import strategies as st

from explorer.mailbox import Mailbox, Stamped

SUBJECTS = st.sampled_from(["document", "thumbnail a", "thumbnail b"])
POST = st.tuples(SUBJECTS, st.integers(0, 3), st.integers())
TAKE = st.none()


@given(st.lists(POST | TAKE))
def test_the_last_letter_of_every_subject_is_always_taken(script: list[tuple[str, int, int] | None]) -> None:
    box: Mailbox[tuple[str, int, int]] = Mailbox()
    last: dict[tuple[int, str], tuple[str, int, int]] = {}
    taken: dict[tuple[int, str], tuple[str, int, int]] = {}

    def take() -> bool:
        stamped = box.take(timeout=0)
        if stamped is not None:
            subject, rank, _ = stamped.letter
            taken[rank, subject] = stamped.letter
        return stamped is not None

    for entry in script:
        if entry is None:
            take()
        else:
            subject, rank, _ = entry
            box.post(entry, subject, rank)
            last[rank, subject] = entry
    while take():
        pass
    assert taken == last


@given(st.lists(POST))
def test_urgent_letters_are_taken_first(posts: list[tuple[str, int, int]]) -> None:
    box: Mailbox[int] = Mailbox()
    for subject, rank, _ in posts:
        box.post(rank, subject, rank)
    ranks = []
    while (stamped := box.take(timeout=0)) is not None:
        ranks.append(stamped.letter)
    assert ranks == sorted(ranks)


@given(st.lists(POST, min_size=1))
def test_later_letters_have_higher_stamps(posts: list[tuple[str, int, int]]) -> None:
    box: Mailbox[int] = Mailbox()
    stamps = [box.post(number, subject, rank) for subject, rank, number in posts]
    assert stamps == sorted(set(stamps))


def test_of_many_letters_about_one_subject_only_the_newest_is_taken() -> None:
    box: Mailbox[int] = Mailbox()
    for number in range(300):
        box.post(number)
    stamped = box.take(timeout=0)
    assert stamped is not None
    assert (stamped.letter, stamped.stamp) == (299, 300)
    assert box.take(timeout=0) is None


def test_a_waiting_taker_gets_a_letter_at_once() -> None:
    box: Mailbox[str] = Mailbox()
    got: list[str] = []
    taker = threading.Thread(target=lambda: got.append(box.take(timeout=10).letter))  # type: ignore[union-attr]
    taker.start()
    box.post("here")
    taker.join(10)
    assert got == ["here"]


def test_closing_wakes_the_taker_with_nothing() -> None:
    box: Mailbox[str] = Mailbox()
    got: list[object] = []
    taker = threading.Thread(target=lambda: got.append(box.take()))
    taker.start()
    box.close()
    taker.join(10)
    assert got == [None]


def test_a_closed_box_gives_and_keeps_nothing() -> None:
    box: Mailbox[str] = Mailbox()
    box.post("never read")
    box.close()
    box.put_back(Stamped(1, "neither"))
    assert box.take() is None
    assert box.waiting(below=0)


def test_a_closed_box_still_gives_the_letters_that_are_to_be_kept() -> None:
    box: Mailbox[str] = Mailbox()
    box.post("picture", "a", rank=1)
    box.post("to be written", "b", rank=2)
    assert box.close(keep=2)
    box.post("too late", "c", rank=2)
    assert [stamped.letter for stamped in iter(box.take, None)] == ["to be written"]


def test_only_something_more_urgent_makes_a_taker_hurry() -> None:
    box: Mailbox[str] = Mailbox()
    box.post("thumbnail", rank=3)
    assert not box.waiting(below=3)
    box.post("picture", rank=1)
    assert box.waiting(below=3)


def test_a_letter_that_is_put_back_does_not_replace_a_newer_one() -> None:
    box: Mailbox[str] = Mailbox()
    older, alone = box.post("older", "a"), box.post("alone", "b")
    taken = [box.take(), box.take()]
    assert taken == [Stamped(older, "older"), Stamped(alone, "alone")]
    newer = box.post("newer", "a")
    box.put_back(Stamped(older, "older"), "a")
    box.put_back(Stamped(alone, "alone"), "b")
    left = list(iter(lambda: box.take(timeout=0), None))
    assert left == [Stamped(newer, "newer"), Stamped(alone, "alone")]
