"""All menus: every action with its words, shortcut and what it does. Nothing here that does not work."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from engine.errors import clipped
from explorer import theme, timeline_menu
from explorer.clipboard import Clipboard
from explorer.menus import Menus
from explorer.recent_menu import RecentModels
from explorer.settings import LOOKS

if TYPE_CHECKING:
    from explorer.exports import Exports
    from explorer.window import Window


class Actions:
    """Made once, with the window. `refresh` greys what cannot be done now."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._clipboard = Clipboard(window)
        self._menus = Menus(window)
        self._menu, self._add = self._menus.menu, self._menus.add
        self._file()
        self._edit()
        self._view()
        self._model()
        self._exports()
        self._help()
        window.stage.canvas.view_changed.connect(self.refresh_view)
        self.refresh()
        self.refresh_view()

    @property
    def all(self) -> list[tuple[str, QAction]]:
        """Menu title and action, of everything that can be done."""
        return self._menus.all

    # --- menus

    def _file(self) -> None:
        window, commands = self._window, self._window.commands
        menu = self._menu("&File")
        self.open_model = self._add(menu, "&Open model ...", commands.choose_model, "Ctrl+O")
        self._add(menu, "Open training r&un ...", commands.choose_run, "Ctrl+Alt+O")
        RecentModels(window, self._menus.below(menu, "Open &recent"))
        RecentModels(window, window.chip.menu(), self.open_model)
        self.open_picture = self._add(menu, "Open &picture ...", commands.choose_picture, "Ctrl+Shift+O")
        self._add(menu, "Open s&ession ...", commands.choose_session, "Ctrl+Alt+E")
        menu.addSeparator()
        self.save = self._add(menu, "&Save picture ...", commands.choose_save, "Ctrl+S", model=True)
        self._add(menu, "Save sess&ion ...", commands.choose_save_session, "Ctrl+Shift+S", model=True)
        menu.addSeparator()
        self._menus.add_button(menu, "&Import gallery ...", "import_gallery", "Ctrl+Shift+I", "liked")
        self._menus.add_button(menu, "Export &gallery ...", "export_gallery", "Ctrl+Shift+L", "liked")
        menu.addSeparator()
        self.quit = self._add(menu, "&Quit", window.close, "Ctrl+Q")
        self.quit.setMenuRole(QAction.MenuRole.QuitRole)

    def _edit(self) -> None:
        window, clipboard = self._window, self._clipboard
        menu = self._menu("&Edit")
        self.undo = self._add(menu, "&Undo", window.undo, "Ctrl+Z")
        self.redo = self._add(menu, "&Redo", window.redo, ["Ctrl+Shift+Z", "Ctrl+Y"])
        menu.addSeparator()
        self.copy_picture = self._add(menu, "Copy &picture", clipboard.copy_picture, "Ctrl+Shift+C", model=True)
        self.copy_recipe = self._add(menu, "&Copy state as text", clipboard.copy_recipe, "Ctrl+C", model=True)
        self.copy_command = self._add(menu, "Copy as co&mmand", clipboard.copy_command, "Ctrl+Alt+C", model=True)
        self.paste = self._add(menu, "P&aste", clipboard.paste, "Ctrl+V")
        menu.addSeparator()
        for text, button, keys in (
            ("Roll source A", "roll_a", "A"),
            ("Roll source B", "roll_b", "B"),
            ("Roll both sources", "roll_sources", "R"),
            ("Swap A and B", "swap", "X"),
            ("All layers follow the master", "follow_all", "M"),
            ("Re-roll all noise", "reroll_noise", "N"),
            ("Reset all noise", "reset_noise", "Shift+N"),
            ("Like this picture", "like", "L"),
        ):
            self._menus.add_button(menu, text, button, keys)
        timeline_menu.add_to(self._menus.below(menu, "&Timeline"), self._menus, window)

    def _view(self) -> None:
        window, canvas = self._window, self._window.stage.canvas
        menu = self._menu("&View")
        self.fit = self._add(menu, "&Fit", canvas.fit, ["F", "Ctrl+0"], model=True)
        self.actual = self._add(menu, "&1:1", lambda: canvas.zoom_to(1), "Ctrl+1", model=True)
        self.zoom_in = self._add(menu, "Zoom &in", lambda: canvas.zoom_to(canvas.view.zoom * 2), ["Ctrl++", "Ctrl+="])
        self.zoom_out = self._add(menu, "Zoom &out", lambda: canvas.zoom_to(canvas.view.zoom / 2), "Ctrl+-")
        self.crisp = self._add(menu, "&Crisp pixels", canvas.set_crisp, "C", checkable=True, model=True)
        menu.addSeparator()
        for text, button, keys, words in (
            ("Walk tool", "tool_walk", "W", "drag seeds"),
            ("Compare tool", "tool_wipe", "E", "before after, wipe, difference, side by side"),
            ("Snap to the nearest seed", "snap", "S", ""),
            ("Animate the walk, or stop", "animate", "G", "play"),
            ("Pin the picture to compare with", "pin_picture", "P", "before after, wipe, difference, side by side"),
        ):
            self._menus.add_button(menu, text, button, keys, words)
        self._after_views = menu.addSeparator()
        self._looks(menu)
        full = self._add(menu, "F&ull screen", self._set_full, "F11", checkable=True)
        menu.aboutToShow.connect(lambda: full.setChecked(window.isFullScreen()))
        menu.addSeparator()
        for number, dock in enumerate(window.docks.values(), start=1):
            self._menus.add_dock(menu, dock, f"Ctrl+Alt+{number}")
        self._add(menu, "Reset &layout", window.reset_layout, "Ctrl+Alt+0")
        zoom = QMenu(window.stage.zoom)
        zoom.addActions([self.fit, self.actual, self.zoom_in, self.zoom_out])
        zoom.addSeparator()
        zoom.addAction(self.crisp)
        window.stage.zoom.setMenu(zoom)

    def add_views(self) -> None:
        """Once the views are there: an entry for each, Alt+1 is the canvas."""
        stage, menu = self._window.stage, self._after_views.parent()
        assert isinstance(menu, QMenu)
        for number, name in enumerate(stage.names):
            title = stage.tabs.tabText(number)
            tip = stage.tabs.tabToolTip(number)
            action = self._add(menu, title, partial(stage.turn_to, name), f"Alt+{number + 1}", words=tip)
            action.setData(f"View: {title}")
            menu.insertAction(self._after_views, action)

    def _looks(self, menu: QMenu) -> None:
        below = self._menus.below(menu, "&Appearance")
        group = QActionGroup(self._window)
        self.looks: dict[str, QAction] = {}
        for look, text in zip(LOOKS, ("As the &system", "&Light", "&Dark"), strict=True):
            action = self._add(below, text, partial(self._set_look, look), None, checkable=True)
            action.setData(f"Appearance: {text.replace('&', '').lower()}")
            group.addAction(action)
            self.looks[look] = action
        below.addSeparator()
        self.dark = self._add(below, "Dark or light", self._turn_look, "Ctrl+Shift+D")
        self._show_look()

    def _model(self) -> None:
        window, commands = self._window, self._window.commands
        menu = self._menu("&Model")
        self._add(menu, "&Details", self._show_details, "Ctrl+I", model=True).setData("Model details")
        self._add(menu, "&Reveal in folder", commands.reveal, "Ctrl+Alt+R", model=True)
        self._add(menu, "Copy content &id", self._clipboard.copy_content_id, "Ctrl+Alt+I", model=True)
        menu.addSeparator()
        RecentModels(window, self._menus.below(menu, "&Open"), self.open_model)

    def _exports(self) -> None:
        window, export = self._window, self._window.commands.export
        menu = self._menu("E&xport")
        for text, title, kind, keys in (
            ("&Picture ...", "Picture", "present", "Ctrl+E"),
            ("&Seeds as pictures ...", "Picture", "seeds", "Ctrl+Shift+E"),
            ("&Grid ...", "Grid", None, "Ctrl+G"),
            ("&Film ...", "Film", None, "Ctrl+Shift+G"),
            ("&Timeline ...", "Timeline", None, "Ctrl+Shift+T"),
        ):
            action = self._add(menu, text, partial(export, title, kind), keys, model=True)
            action.setData(f"Export: {text}")
        menu.addSeparator()
        menu.addAction(self.copy_command)
        show = self._add(menu, "Show &running exports", lambda: window.export_strip.take_focus(), "Ctrl+J")
        show.setEnabled(False)
        self.show_exports = show

    def watch_exports(self, exports: Exports) -> None:
        """There is a queue now."""
        exports.added.connect(lambda _: self.show_exports.setEnabled(True))
        exports.ended.connect(lambda _: self.show_exports.setEnabled(bool(exports.all)))

    def _help(self) -> None:
        menu = self._menu("&Help")
        self._add(menu, "&Find an action ...", self.show_palette, "Ctrl+K")
        self._add(menu, "&Keyboard shortcuts", self._show_shortcuts, "F1")
        self._add(menu, "&Tour of the window", self._take_tour, "Ctrl+F1", model=True)
        about = self._add(menu, "&About Stylescope", self._show_about, "Shift+F1")
        about.setMenuRole(QAction.MenuRole.AboutRole)

    # --- what follows the window's state

    def refresh(self) -> None:
        """After the document changed, or got its first model."""
        document = self._window.document
        self._menus.allow(document is not None)
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

    # --- what they do

    def _set_look(self, look: str, _: bool = True) -> None:
        self._window.set_look(look)
        self._show_look()

    def _turn_look(self) -> None:
        self._set_look("light" if theme.tokens() == theme.DARK else "dark")

    def _show_look(self) -> None:
        self.looks[self._window.settings.look].setChecked(True)

    def _set_full(self, full: bool) -> None:
        self._window.showFullScreen() if full else self._window.showNormal()

    def _show_details(self) -> None:
        dock = self._window.docks["model"]
        dock.show()
        dock.raise_()

    def show_palette(self) -> None:
        """Everything that can be done, and every control, by its name."""
        from explorer.dialogs.palette import open_palette

        open_palette(self.all, self._window)

    def _show_shortcuts(self) -> None:
        from explorer.dialogs.shortcuts import ShortcutsDialog

        ShortcutsDialog(self.all, self._window).show()

    def _take_tour(self) -> None:
        from explorer import tour

        tour.take(self._window)

    def _show_about(self) -> None:
        from explorer.dialogs.about import AboutDialog

        AboutDialog(self._window).show()
