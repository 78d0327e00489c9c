"""The question when the window is to close while exports run. Does not block: the exports go on meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from explorer import theme

WORDS = "Finish them before the window closes, or cancel them? Cancelled ones leave nothing behind."
Role = QDialogButtonBox.ButtonRole
ANSWERS = {
    "finish": ("Finish, then close", Role.AcceptRole),
    "cancel": ("Cancel exports and close", Role.DestructiveRole),
    "stay": ("Stay", Role.RejectRole),
}


def ask_about_exports(parent: QWidget, answer: Callable[[str], None]) -> QDialog:
    """Ask; `answer` gets "finish", "cancel" or "stay", once."""
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setModal(True)
    dialog.setWindowTitle("Exports are running")
    title, words = QLabel("Exports are still running."), QLabel(WORDS)
    title.setFont(theme.font(bold=True))
    words.setWordWrap(True)
    buttons = QDialogButtonBox()
    column = QVBoxLayout(dialog)
    column.setContentsMargins(*[theme.GROUP_GAP] * 4)
    column.setSpacing(theme.GROUP_GAP)
    for part in (title, words, buttons):
        column.addWidget(part)
    answers: list[str] = []  # the first one counts: closing is Stay, but not behind another answer

    def take(name: str) -> None:
        answers.append(name)
        dialog.close()
        answer(name)

    for name, (text, role) in ANSWERS.items():
        button = buttons.addButton(text, role)
        button.setDefault(name == "finish")
        button.clicked.connect(partial(take, name))
    dialog.finished.connect(lambda _: None if answers else answer("stay"))
    dialog.open()
    return dialog
