"""The question when the window is to close while exports run. Does not block: the exports go on meanwhile."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget


def ask_about_exports(parent: QWidget, answer: Callable[[str], None]) -> QMessageBox:
    """Ask; `answer` gets "finish", "cancel" or "stay"."""
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setWindowTitle("Exports are running")
    box.setText("Exports are still running.")
    box.setInformativeText("Finish them before the window closes, or cancel them? Cancelled ones leave nothing behind.")
    finish = box.addButton("Finish, then close", QMessageBox.ButtonRole.AcceptRole)
    cancel = box.addButton("Cancel exports and close", QMessageBox.ButtonRole.DestructiveRole)
    stay = box.addButton("Stay", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(finish)
    box.setEscapeButton(stay)
    answers = {finish: "finish", cancel: "cancel"}
    box.buttonClicked.connect(lambda button: answer(answers.get(button, "stay")))
    box.open()
    return box
