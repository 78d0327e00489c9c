"""Nothing in the reference numbers is left out silently."""

from __future__ import annotations

from fnmatch import fnmatchcase

import numpy as np

from tests.conformance import Case, Comparison
from tests.conformance.__main__ import PAGE, page, row, rows_of
from tests.conformance.catalogue import NOT_COVERED, all_cases, reason, reference_files, reference_names


def test_every_name_in_the_reference_files_has_a_case_or_a_reason() -> None:
    covered = {case.id for case in all_cases()}
    missing = [name for name in reference_names() if name not in covered and reason(name) is None]
    assert missing == []


def test_no_name_has_both_a_case_and_a_reason_not_to_have_one() -> None:
    assert [case.id for case in all_cases() if reason(case.id) is not None] == []


def test_every_reason_is_for_something() -> None:
    present = [p for p in NOT_COVERED if any(fnmatchcase(file, p.partition(":")[0]) for file in reference_files())]
    names = list(reference_names())
    assert [p for p in present if not any(fnmatchcase(name, p) for name in names)] == []


def test_no_two_cases_have_one_name() -> None:
    names = [case.id for case in all_cases()]
    assert len(names) == len(set(names))


def test_the_page_has_a_row_for_every_case() -> None:
    """Else run `python -m tests.conformance --fast`, or without --fast for full-size networks."""
    rows = rows_of(PAGE.read_text(encoding="utf-8"))
    assert [case.id for case in all_cases() if case.id not in rows] == []
    assert not any("beyond" in row for row in rows.values())


def test_rows_of_a_page_are_found_again() -> None:
    one = np.ones(3)
    case = Case(file="tf/x", name="a/b", run=list)
    good = Comparison(what="images", ours=one, reference=one * 1.001, tolerance=0.01)
    bad = Comparison(what="scores", ours=one, reference=one * 2, tolerance=0.01)
    line = row(case, [good, bad])
    assert line == "| a/b | images, scores | 5.0e-01 **beyond** | 1e-02 | max |"
    assert rows_of(page([case], {case.id: line}))[case.id] == line
