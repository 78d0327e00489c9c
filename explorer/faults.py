"""Faults that nobody expected: to a log file always, and to whoever listens (the window's error bar).

A slot that raises reaches sys.excepthook, a thread threading.excepthook, Qt's own words qInstallMessageHandler, a
crash in C faulthandler. `install` puts them all in place and returns what takes them away again.
"""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import sys
import threading
import traceback
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

from engine.errors import StylescopeError, clipped

log = logging.getLogger("stylescope")

LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class Faults(QObject):
    """Tells of unexpected exceptions, from any thread: connect queued."""

    raised = Signal(str, str)  # one sentence, details


def install(folder: Path, debug: bool = False) -> tuple[Faults, Callable[[], None]]:
    """Hooks in place, log file open. Returns who tells of faults, and the function that undoes all of it."""
    faults = Faults()
    undo = contextlib.ExitStack()
    _open_log(folder / "log.txt", debug, undo)
    _watch_crashes(folder / "crash.txt", undo)
    _hook_exceptions(faults, debug, undo)
    _hook_qt(debug, undo)
    return faults, undo.close


def _open_log(path: Path, debug: bool, undo: contextlib.ExitStack) -> None:
    handler = RotatingFileHandler(path, maxBytes=1_000_000, backupCount=1, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(threadName)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.DEBUG if debug else logging.INFO)
    undo.callback(handler.close)
    undo.callback(log.removeHandler, handler)


def _watch_crashes(path: Path, undo: contextlib.ExitStack) -> None:
    """Log how the run before ended, if it crashed; let faulthandler write into the file from now on."""
    if path.exists() and (last := path.read_text(encoding="utf-8", errors="replace")):
        log.error("the run before ended in a crash:\n%s", last)
    crashes = open(path, "w", encoding="utf-8")  # noqa: SIM115  # faulthandler keeps it for life
    undo.callback(crashes.close)
    if not faulthandler.is_enabled():
        faulthandler.enable(crashes)
        undo.callback(faulthandler.disable)


def _hook_exceptions(faults: Faults, debug: bool, undo: contextlib.ExitStack) -> None:
    def tell(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        details = "".join(traceback.format_exception(kind, error, trace))
        log.error("unexpected: %s", details)
        if debug:
            print(details, file=sys.stderr)
        faults.raised.emit(f"{sentence(kind() if error is None else error)}.", details)

    def on_exception(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        tell(kind, error, trace)

    def on_thread_exception(args: threading.ExceptHookArgs) -> None:
        tell(args.exc_type, args.exc_value, args.exc_traceback)

    undo.callback(setattr, sys, "excepthook", sys.excepthook)
    sys.excepthook = on_exception
    undo.callback(setattr, threading, "excepthook", threading.excepthook)
    threading.excepthook = on_thread_exception


def _hook_qt(debug: bool, undo: contextlib.ExitStack) -> None:
    def on_qt_message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        log.log(LEVELS.get(kind, logging.INFO), "Qt: %s", text)
        if debug:
            print(f"Qt: {text}", file=sys.stderr)

    undo.callback(qInstallMessageHandler, qInstallMessageHandler(on_qt_message))


def sentence(error: BaseException) -> str:
    """What the window says of an error: one that is meant for a user's eyes speaks for itself, others are faults."""
    if isinstance(error, StylescopeError):
        return str(error)
    return f"Something went wrong inside Stylescope ({type(error).__name__}: {clipped(error, 200)})"
