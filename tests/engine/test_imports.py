"""What must not be imported, seen from a fresh process. Each costs a start of Python, so there are few."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SLOW = ["torch", "numpy", "PIL", "safetensors", "PySide6", "explorer", "train"]


def imported_by(code):
    watch = f"print([m for m in {SLOW} if m in sys.modules])"
    command = [sys.executable, "-c", f"import sys\n{code}\n{watch}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.splitlines()[-1]


def test_headers_and_recipes_are_read_before_numpy_is_there():
    modules = "engine.library, engine.files.native, engine.picture, engine.edits, engine.recipe_json, engine.device"
    assert imported_by(f"import {modules}\nengine.library.bundled()") == "[]"


def test_info_opens_a_model_without_torch(tmp_path):
    from tests.engine.fakes import write_model

    write_model(tmp_path / "m.safetensors")
    code = f"import main\nassert main.main(['info', {str(tmp_path / 'm.safetensors')!r}]) == 0"
    assert "torch" not in imported_by(code)
