"""The menus: every action with its words, shortcut and what it does. Nothing here that does not work."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from engine import library
from engine.errors import clipped
from explorer.dialogs.about import AboutDialog
from explorer.dialogs.shortcuts import ShortcutsDialog

if TYPE_CHECKING:
    from explorer.window import Window

Keys = str | list[str] | None


class Actions:
    """Made once, with the window. `refresh` greys what cannot be done now."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self.all: list[tuple[str, QAction]] = []  # menu title and action, for the list of shortcuts
        self.menus: list[
            QMenu
        ] = []  # WORKAROUND: PySide6 deletes a menu with the last wrapper that QAction.menu() gave
        commands, canvas = window.commands, window.stage.canvas
        self._menu_title = ""

        menu = self._menu("&File")
        self.open_model = self._add(menu, "&Open model ...", commands.choose_model, "Ctrl+O")
        self._recent = menu.addMenu("Open &recent")
        self._recent.aboutToShow.connect(partial(self.fill_models, self._recent))
        self.open_picture = self._add(menu, "Open &picture ...", commands.choose_picture, "Ctrl+Shift+O")
        menu.addSeparator()
        self.save = self._add(menu, "&Save picture ...", commands.choose_save, "Ctrl+S")
        menu.addSeparator()
        self.quit = self._add(menu, "&Quit", window.close, "Ctrl+Q")
        self.quit.setMenuRole(QAction.MenuRole.QuitRole)

        menu = self._menu("&Edit")
        self.undo = self._add(menu, "&Undo", window.undo, "Ctrl+Z")
        self.redo = self._add(menu, "&Redo", window.redo, ["Ctrl+Shift+Z", "Ctrl+Y"])
        menu.addSeparator()
        self.copy_picture = self._add(menu, "Copy &picture", commands.copy_picture, "Ctrl+Shift+C")
        self.copy_recipe = self._add(menu, "&Copy recipe", commands.copy_recipe, "Ctrl+C")
        self.paste = self._add(menu, "P&aste recipe", commands.paste_recipe, "Ctrl+V")

        menu = self._menu("&View")
        self.fit = self._add(menu, "&Fit", canvas.fit, ["F", "Ctrl+0"])
        self.actual = self._add(menu, "&1:1", lambda: canvas.zoom_to(1), "Ctrl+1")
        self.zoom_in = self._add(menu, "Zoom &in", lambda: canvas.zoom_to(canvas.view.zoom * 2), ["Ctrl++", "Ctrl+="])
        self.zoom_out = self._add(menu, "Zoom &out", lambda: canvas.zoom_to(canvas.view.zoom / 2), "Ctrl+-")
        self.crisp = self._add(menu, "&Crisp pixels", canvas.set_crisp, "C", checkable=True)
        menu.addSeparator()
        self.dark = self._add(menu, "&Dark", window.set_dark, "Ctrl+Shift+D", checkable=True)
        menu.addSeparator()
        for dock in window.docks.values():
            toggle = dock.toggleViewAction()
            menu.addAction(toggle)
            self.all.append(("View", toggle))
        self._add(menu, "Reset &layout", window.reset_layout, None)

        menu = self._menu("&Help")
        self._add(menu, "&Keyboard shortcuts", self._show_shortcuts, "F1")
        self._add(menu, "&About Stylescope", self._show_about, None).setMenuRole(QAction.MenuRole.AboutRole)

        canvas.view_changed.connect(self.refresh_view)
        zoom = QMenu(window.stage.zoom)
        zoom.addActions([self.fit, self.actual, self.zoom_in, self.zoom_out])
        zoom.addSeparator()
        zoom.addAction(self.crisp)
        window.stage.zoom.setMenu(zoom)
        window.chip.menu().aboutToShow.connect(partial(self.fill_models, window.chip.menu()))
        self.refresh()
        self.refresh_view()

    def _menu(self, title: str) -> QMenu:
        self._menu_title = title.replace("&", "")
        menu = self._window.menuBar().addMenu(title)
        self.menus.append(menu)
        return menu

    def _add(self, menu: QMenu, text: str, act: Callable[..., object], keys: Keys, checkable: bool = False) -> QAction:
        action = QAction(text, self._window)
        action.setData(text)  # the text itself may change: "Undo psi 0.70"
        if keys is not None:
            action.setShortcuts([QKeySequence(k) for k in ([keys] if isinstance(keys, str) else keys)])
        action.setCheckable(checkable)
        if checkable:
            action.triggered.connect(lambda checked: act(checked))
        else:
            action.triggered.connect(lambda: act())
        menu.addAction(action)
        self.all.append((self._menu_title, action))
        return action

    # --- what follows the window's state

    def refresh(self) -> None:
        """After the document changed, or got its first model."""
        document = self._window.document
        for action in (self.save, self.copy_picture, self.copy_recipe, self.crisp, self.actual, self.fit):
            action.setEnabled(document is not None)
        history = None if document is None else document.history
        for action, word, able, label in (
            (self.undo, "&Undo", history is not None and history.can_undo, history.undo_label if history else ""),
            (self.redo, "&Redo", history is not None and history.can_redo, history.redo_label if history else ""),
        ):
            action.setEnabled(able)
            action.setText(f"{word} {clipped(label, 40).replace('&', '&&')}" if able else word)

    def refresh_view(self) -> None:
        """After the canvas zoomed."""
        self.crisp.setChecked(self._window.stage.canvas.crisp)

    def fill_models(self, menu: QMenu) -> None:
        """Bundled and recent models, those that are there."""
        window = self._window
        menu.clear()
        for name, path in library.bundled().items():
            self._model(menu, name, path)
        recent = [path for path in window.settings.recent if path.exists()]
        if recent:
            menu.addSeparator()
        for path in recent:
            self._model(menu, path.name, path)
        menu.addSeparator()
        if menu is self._recent:
            clear = menu.addAction("&Clear list", window.settings.clear_recent)
            clear.setEnabled(bool(recent))
        else:
            menu.addAction(self.open_model)

    def _model(self, menu: QMenu, name: str, path: Path) -> None:
        document = self._window.document
        action = menu.addAction(clipped(name, 60).replace("&", "&&"), partial(self._window.commands.open, path))
        action.setToolTip(str(path))
        action.setCheckable(True)
        action.setChecked(document is not None and document.model.path == path)

    def _show_shortcuts(self) -> None:
        ShortcutsDialog(self.all, self._window).show()

    def _show_about(self) -> None:
        AboutDialog(self._window).show()
