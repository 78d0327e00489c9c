"""Under construction."""

from __future__ import annotations

from tests.conformance import Case

CASES: list[Case] = []
