"""The list of models in a menu: those that come with the program, and those that were opened. Delete takes one out."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QMenu

from engine import library
from engine.errors import clipped

if TYPE_CHECKING:
    from explorer.window import Window

GONE = "This file is not there any more: Delete takes it out of the list."


class RecentModels(QObject):
    """Fills a menu whenever it is about to be shown."""

    def __init__(self, window: Window, menu: QMenu, last: QAction | None = None) -> None:
        super().__init__(menu)
        self._window, self._menu, self._last = window, menu, last
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(self.fill)
        menu.installEventFilter(self)

    def fill(self) -> None:
        """Bundled models, recent ones (greyed where the file is gone), and what can be done with the list."""
        menu, settings = self._menu, self._window.settings
        menu.clear()
        for name, path in library.bundled().items():
            self._add(name, path, "Comes with Stylescope")
        recent = settings.recent
        if recent:
            menu.addSeparator()
        for path in recent:
            there = path.exists()
            tip = f"{path}\n{'Delete takes it out of the list.' if there else GONE}"
            action = self._add(path.name if there else f"{path.name} (missing)", path, tip)
            action.setEnabled(there)
            action.setData(path)
        menu.addSeparator()
        missing = [path for path in recent if not path.exists()]
        if missing:
            menu.addAction("Remove &missing files from the list", partial(self._remove, missing))
        if self._last is not None:
            menu.addAction(self._last)
        else:
            menu.addAction("&Clear list", settings.clear_recent).setEnabled(bool(recent))

    def _add(self, name: str, path: Path, tip: str) -> QAction:
        document = self._window.document
        words = clipped(name, 60).replace("&", "&&")
        action = self._menu.addAction(words, partial(self._window.commands.open, path))
        action.setToolTip(tip.replace("&", "&amp;").replace("<", "&lt;").replace("\n", "<br>"))
        action.setCheckable(True)
        action.setChecked(document is not None and document.model.path == path)
        return action

    def _remove(self, paths: list[Path]) -> None:
        for path in paths:
            self._window.settings.remove_recent(path)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Delete on a line of the list; the menu stays open."""
        pressed = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        if not pressed or event.key() not in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):  # type: ignore[attr-defined]
            return False
        active = self._menu.activeAction()
        path = active.data() if active is not None else None
        if isinstance(path, Path):
            self._remove([path])
            self.fill()
        return True
