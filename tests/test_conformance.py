"""Our networks and operators equal the public implementations, case by case."""

from __future__ import annotations

import pytest

from tests.conformance import Case
from tests.conformance.catalogue import all_cases


def _parameters() -> list[object]:
    return [pytest.param(c, id=c.id, marks=[pytest.mark.slow] if c.slow else []) for c in all_cases()]


@pytest.mark.parametrize("case", _parameters())
def test_equals_the_public_implementation(case: Case) -> None:
    for compared in case.run():
        assert compared.error <= compared.tolerance, f"{compared.what}: {compared.error:.2e} > {compared.tolerance:.0e}"
