"""The one door: which command is meant, and what errors look like. Sub-commands have tests of their own."""

import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

import engine
import main
from engine.errors import StylescopeError

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def explored(monkeypatch):
    """What the window was asked to open."""
    calls = []

    def run(target, **options):
        calls.append((target, options))
        return 0

    module = types.ModuleType("explorer.app")
    module.run = run
    monkeypatch.setitem(sys.modules, "explorer.app", module)
    monkeypatch.setattr("explorer.app", module, raising=False)
    return calls


def with_command(monkeypatch, run):
    module = types.ModuleType("a_command")
    module.add_arguments = lambda parser: parser.add_argument("--debug", action="store_true")
    module.run = run
    monkeypatch.setitem(sys.modules, "a_command", module)
    monkeypatch.setitem(main.COMMANDS, "do", main.Command("a_command", "does it"))


def test_the_window_is_what_opens_when_no_command_is_named(explored, monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    for words in ([], ["explore"], ["a.png"], ["explore", "info"], ["--device", "cpu", "x"]):
        assert main.main(words) == 0
    assert [target for target, _ in explored] == [None, None, "a.png", "info", "x"]
    assert explored[-1][1] == {"device": "cpu", "dtype": "auto", "debug": False}


def test_without_a_display_the_headless_commands_are_named(explored, monkeypatch, capsys):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert main.main([]) == 2
    error = capsys.readouterr().err
    assert all(word in error for word in ("no display", "`image`", "`info`", "`train`"))
    assert error.count("\n") == 1
    assert explored == []


def test_errors_become_one_line_and_an_exit_status(monkeypatch, capsys):
    def fails(error):
        def run(args):
            raise error

        with_command(monkeypatch, run)
        return main.main(["do"]), capsys.readouterr().err

    assert fails(StylescopeError("a\nb", "do c")) == (2, "error: a b - do c\n")
    assert fails(KeyboardInterrupt()) == (130, "")
    assert fails(ZeroDivisionError("oh"))[0] == 1
    assert fails(ZeroDivisionError("oh"))[1].startswith("error: ZeroDivisionError: oh - ")


def test_debug_shows_where_an_error_came_from(monkeypatch, capsys):
    def run(args):
        raise StylescopeError("what", "remedy")

    with_command(monkeypatch, run)
    assert main.main(["do", "--debug"]) == 2
    error = capsys.readouterr().err
    assert "Traceback" in error
    assert error.endswith("error: what - remedy\n")


def test_wrong_arguments_are_one_line(capsys):
    assert main.main(["info"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert "python main.py info --help" in error
    assert error.count("\n") == 1


def test_help_and_version(capsys):
    assert main.main(["--help"]) == 0
    assert "image" in capsys.readouterr().out
    assert main.main(["--version"]) == 0
    assert capsys.readouterr().out == f"Stylescope {engine.__version__}\n"
    assert main.main(["info", "--help"]) == 0
    assert "MODEL" in capsys.readouterr().out


def test_on_windows_the_library_of_torch_is_loaded_before_qt(monkeypatch):
    loaded = []
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(main.ctypes, "CDLL", loaded.append)
    monkeypatch.setattr(Path, "exists", lambda self: True)
    main._preload_torch_library()
    assert loaded
    assert loaded[0].endswith("c10.dll")


def test_as_a_program_it_ends_with_status_and_sentence():
    clean = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    command = [sys.executable, "main.py", "info", "no such model ü"]
    done = subprocess.run(command, cwd=ROOT, env=clean, capture_output=True, timeout=60)
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr.startswith(b"error: there is no model no such model")
    assert done.stderr.count(b"\n") == 1
