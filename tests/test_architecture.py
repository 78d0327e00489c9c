"""Rules of ARCHITECTURE.md that an import contract cannot say."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from engine.families import FAMILIES

ROOT = Path(__file__).parent.parent
SOURCES = sorted(p for folder in ("engine", "explorer", "train") for p in (ROOT / folder).rglob("*.py"))
MAY_NAME_FAMILIES = (ROOT / "engine" / "families", ROOT / "train" / "presets")


def names_and_texts(tree):
    """Modules that are imported, and texts that are not documentation."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_only_families_and_presets_name_a_family(path):
    if any(folder in path.parents for folder in MAY_NAME_FAMILIES):
        return
    for text in names_and_texts(ast.parse(path.read_text(encoding="utf-8"))):
        assert text not in FAMILIES
        assert not any(text.startswith(f"engine.families.{name}") for name in FAMILIES)


def imported_by(module):
    code = f"import {module}, sys; print(' '.join(m.partition('.')[0] + ' ' + m for m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("explorer.app", {"torch", "numpy", "pyqtgraph"}),
        ("explorer.worker", {"PySide6.QtWidgets", "torch"}),
        ("train.checks", {"torch", "PySide6"}),
        ("train.dry_run", {"torch", "PySide6"}),
        ("engine.recipe_json", {"numpy", "torch", "PySide6"}),
        ("engine.edits", {"numpy", "torch", "PySide6"}),
        ("engine.files.native", {"numpy", "torch", "PySide6"}),
        ("engine.renderer", {"PySide6"}),
        ("train.loop", {"PySide6"}),
    ],
)
def test_modules_bring_only_what_they_may(module, absent):
    assert not absent & imported_by(module)
