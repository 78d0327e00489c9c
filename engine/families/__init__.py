"""The network families. One folder each with the same file names; adding one touches its folder and one line here."""

from __future__ import annotations

from importlib import import_module

from engine.errors import ModelFileError, clipped
from engine.family import Family

FAMILIES: tuple[str, ...] = ("stylegan2", "progan", "stylegan")


def family(name: str) -> Family:
    """A family by name, imported when first asked for. Raises ModelFileError for a name that is none."""
    if name not in FAMILIES:
        raise ModelFileError(
            f"the network family {clipped(repr(name), 60)} is not known here", f"known are: {', '.join(FAMILIES)}"
        )
    found: Family = import_module(f"engine.families.{name}").FAMILY
    return found
