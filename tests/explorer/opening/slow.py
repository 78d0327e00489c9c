"""An engine that loads a model in steps that the test allows, and hands that give it up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QToolButton

from engine.family import ModelInfo
from engine.files.source import Stopped
from explorer.window import Window
from tests.explorer.fake_renderer import FakeRenderer

HALF = "25 %"  # of loading: the first picture is work too


class Slow(FakeRenderer):
    """Loads a model in steps that the test allows."""

    def __init__(self) -> None:
        super().__init__()
        self.allowed = threading.Semaphore(1000)
        self.given_up = 0

    def load(  # type: ignore[override]
        self, path: Path, progress: Callable[[float], None] | None = None, stop: Callable[[], bool] | None = None
    ) -> ModelInfo:
        known = self.models.get(path)
        if "slow" in path.name and (known is None or known.content_id not in self.at_hand):
            for tenth in range(10):
                while not self.allowed.acquire(timeout=0.005):
                    if stop is not None and stop():
                        self.given_up += 1
                        raise Stopped
                if progress is not None:
                    progress((tenth + 1) / 10)
        return super().load(path)


def shown_sentence(window: Window) -> str:
    return window.stage.error_bar._sentence.text() if window.stage.error_bar.isVisible() else ""


def button(window: Window, text: str) -> QPushButton:
    return next(b for b in window.stage.error_bar.findChildren(QPushButton) if b.text() == text)


def cancel(window: Window, how: str) -> None:
    """Give up what is under way, in one of the ways that there are."""
    if how == "bar":
        button(window, "Cancel").click()
    elif how == "status line":
        window.status_line.findChild(QToolButton).click()
    else:
        QTest.keyClick(window, Qt.Key.Key_Escape)
