"""Reading a model file imports nothing, runs nothing and needs no torch: seen in the sources and in a fresh process."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.badfiles import make_badfiles as mb
from tests.engine.fakes import write_model
from tests.engine.files.checkpoints import generator, saved

ROOT = Path(__file__).resolve().parents[3]
SOURCES = [p for folder in ("engine", "explorer", "train") for p in sorted((ROOT / folder).rglob("*.py"))]
SOURCES += [ROOT / "main.py", *sorted((ROOT / "docs").glob("*.py")), *sorted((ROOT / "benchmarks").glob("*.py"))]
READERS = [p for p in SOURCES if p.parent == ROOT / "engine" / "files" or p.name.startswith("convert")]
READERS += [ROOT / "engine" / "commands" / "info.py", ROOT / "engine" / "families" / "foreign.py"]
PICKLES = ROOT / "tests" / "data" / "pickles"

PICKLERS = {"pickle", "cPickle", "_pickle", "shelve", "marshal", "dill", "cloudpickle", "joblib", "copyreg", "fickling"}
RUNNERS = {"runpy", "code", "codeop", "ctypes"}
CALLS = {"eval", "exec", "compile", "__import__", "getattr_static"}


def modules_of(tree):
    """(module, whether it is imported when the file is, and not only for types)."""
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_source_of_the_program_unpickles(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not {name.partition(".")[0] for name in modules_of(tree)} & PICKLERS
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in ("torch.load", "torch.jit.load", "torch.export.load", "hub.load", "torch.hub.load")
            words = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
            assert words.get("allow_pickle", "False") == "False"
            assert words.get("weights_only", "True") == "True"


@pytest.mark.parametrize("path", READERS, ids=lambda p: str(p.relative_to(ROOT)))
def test_readers_need_numpy_and_the_standard_library_only(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {name.partition(".")[0] for name in modules_of(tree)}
    assert found <= {"engine", "numpy", "safetensors"} | set(sys.stdlib_module_names)
    assert not found & (PICKLERS | RUNNERS | {"importlib", "subprocess", "socket", "urllib", "http"})
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in CALLS | {"getattr", "setattr", "globals", "vars", "locals"} or is_constant(node)


def is_constant(node):
    """getattr with a name that is written there: getattr(os, "O_BINARY", 0)."""
    return node.func.id == "getattr" and len(node.args) > 1 and isinstance(node.args[1], ast.Constant)


WATCH = """
import json, os, sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
import numpy
import main
files = sys.argv[1:]
with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
    for path in files:  # everything is imported, every cache of the interpreter is warm
        main.main(["info", path, "--json"])
    events, watching = [], [True]
    def note(event, arguments):
        if watching and event != "builtins.id":
            events.append((event, [str(argument)[:200] for argument in arguments]))
    sys.addaudithook(note)
    status = [main.main(["info", path, "--json"]) for path in files]
    watching.clear()
modules = sorted({name.partition(".")[0] for name in sys.modules})
json.dump({"events": events, "status": status, "modules": modules}, sys.stdout)
"""
# What finding, opening and hashing a file is made of. There are other events for each import, compilation, `exec`,
# `find_class` of a pickle, process, socket, foreign function, and for files that are written, renamed or removed.
HARMLESS = {"open", "os.scandir", "pathlib.Path.glob", "_thread.start_new_thread"}


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """What a process does while it opens one file of each kind, twice."""
    folder = tmp_path_factory.mktemp("kinds")
    mb.OUT.clear()
    mb.make_hostile()
    hostile = [(name, data) for name, _, _, _, data, _ in mb.OUT]
    mb.OUT.clear()
    files = {path.name: path for path in sorted(PICKLES.rglob("*.pkl"))}
    for name, data in [*hostile, ("zip.pt", saved({"g_ema": generator()})), ("old.pt", saved(generator(), False))]:
        files[name] = folder / Path(name).name
        files[name].write_bytes(data)
    files["ours"] = folder / "ours.safetensors"
    write_model(files["ours"])
    command = [sys.executable, "-c", WATCH, *map(str, files.values())]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=True)
    return files, json.loads(done.stdout)


def test_info_of_every_kind_of_file_does_without_torch(watched):
    files, seen = watched
    assert not {"torch", "PySide6", "train", "explorer"} & set(seen["modules"])
    opened = {name for name, status in zip(files, seen["status"], strict=True) if status == 0}
    assert {"ours", "zip.pt", "old.pt", "sg2ada_tiny.pkl", "stylegan2_tiny.pkl", "progan_tiny_proto2.pkl"} <= opened
    assert {"hostile/nvidia_module_src.pkl", "hostile/nvidia_tf_module_src.pkl"} <= opened
    assert len(opened) < len(files) - 50


def test_nothing_in_a_file_is_imported_compiled_or_run(watched):
    files, seen = watched
    given = {str(path) for path in files.values()}
    assert {event for event, _ in seen["events"]} <= HARMLESS
    for event, arguments in seen["events"]:
        if event == "open":
            assert arguments[0] in given
            assert not set(arguments[1]) & set("wax+")
