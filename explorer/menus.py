"""How an action is made: its words, its keys, its menu, and when it is greyed. Which ones there are: actions.py."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QDockWidget, QMainWindow, QMenu

Keys = str | list[str] | None
WORDS, BUTTON = "words", "button"  # properties of an action: what else it is found by, name of the button it presses


class Menus:
    """The menu bar of a window, and a list of everything that can be done from it."""

    def __init__(self, window: QMainWindow) -> None:
        self._window = window
        self.all: list[tuple[str, QAction]] = []  # menu title and action: the palette, the list of shortcuts
        # WORKAROUND: PySide6 deletes a menu with the last wrapper that QAction.menu() gave
        self.kept: list[QMenu] = []
        self._with_model: list[QAction] = []  # what needs a model
        self._titles: dict[QMenu, str] = {}

    def menu(self, title: str) -> QMenu:
        """A menu of the bar; `&` stands before the letter that opens it."""
        menu = self._window.menuBar().addMenu(title)
        self._titles[menu] = title.replace("&", "")
        self.kept.append(menu)
        return menu

    def below(self, menu: QMenu, title: str) -> QMenu:
        """A menu in a menu."""
        found = menu.addMenu(title)
        self._titles[found] = self._titles[menu]
        self.kept.append(found)
        return found

    def add(
        self,
        menu: QMenu,
        text: str,
        act: Callable[..., object],
        keys: Keys,
        checkable: bool = False,
        model: bool = False,  # only while there is a model
        words: str = "",  # that the palette finds it by, too
    ) -> QAction:
        """An entry of a menu. `act` gets whether it is checked, where it can be."""
        action = QAction(text, self._window)
        action.setData(text)  # the text itself may change: "Undo psi 0.70"
        action.setProperty(WORDS, words)
        if keys is not None:
            action.setShortcuts([QKeySequence(k) for k in ([keys] if isinstance(keys, str) else keys)])
        action.setCheckable(checkable)
        if checkable:
            action.triggered.connect(lambda checked: act(checked))
        else:
            action.triggered.connect(lambda: act())
        menu.addAction(action)
        self.all.append((self._titles[menu], action))
        if model:
            self._with_model.append(action)
        return action

    def add_button(self, menu: QMenu, text: str, name: str, keys: Keys, words: str = "") -> QAction:
        """An entry that presses a button of a panel, also while its dock is closed."""

        def press() -> None:
            button = self._window.findChild(QAbstractButton, name)
            if button is not None:
                button.click()

        action = self.add(menu, text, press, keys, model=True, words=words)
        action.setProperty(BUTTON, name)
        return action

    def add_dock(self, menu: QMenu, dock: QDockWidget, keys: str) -> None:
        """An entry that shows or hides a dock.

        WORKAROUND: not the dock's own action, which does the same. What Python holds of an action that Qt made itself
        dies with `QMenu.clear()` of a menu it is in, and with a menu whose `activeAction()` it once was, while Qt's
        part lives (PySide 6.10; of actions that Python made, it survives). F1 and the palette, which go through all
        actions, then raise. Can go when tests/explorer/test_commands.py says that PySide keeps them.
        """
        act, words = lambda _: dock.toggleViewAction().trigger(), f"open close panel {dock.accessibleDescription()}"
        action = self.add(menu, dock.windowTitle(), act, keys, checkable=True, words=words)
        action.setData(f"Show or hide {dock.windowTitle()}")
        action.setChecked(dock.toggleViewAction().isChecked())
        dock.toggleViewAction().toggled.connect(action.setChecked)

    def allow(self, with_model: bool) -> None:
        """Grey what needs a model while there is none."""
        for action in self._with_model:
            action.setEnabled(with_model)
