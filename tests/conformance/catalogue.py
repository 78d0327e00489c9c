"""All cases, and which reference files they must cover."""

from __future__ import annotations

from importlib import import_module

from tests.conformance import Case

MODULES = ("operators", "stylegan2_torch", "stylegan2_tf", "stylegan", "progan")


def all_cases() -> list[Case]:
    """The cases of every module."""
    return [case for name in MODULES for case in import_module(f"tests.conformance.{name}").CASES]
