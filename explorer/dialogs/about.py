"""About Stylescope: what it is, its version, its licence, where its log lies. Not modal."""

from __future__ import annotations

import platform

from PySide6.QtCore import Qt, qVersion
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

import engine
from explorer import settings, theme


class AboutDialog(QDialog):
    """Some lines and a button."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("About Stylescope")
        mark = QLabel()
        mark.setObjectName("app-icon")
        mark.setPixmap(theme.icon("app").pixmap(64, 64))
        title = QLabel("Stylescope")
        title.setFont(theme.font(20, bold=True))
        text = QLabel(
            f"Version {engine.__version__}. An explorer of the latent spaces of StyleGAN generators.\n"
            "A picture is a function of a recipe: edit it, undo it, save it inside the picture.\n\n"
            f"MIT licence. Python {platform.python_version()}, Qt {qVersion()}.\n"
            f"Settings and log: {settings.home()}"
        )
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addWidget(title)
        column.addWidget(text)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 16, 16, 16)
        outer.setSpacing(16)
        outer.addLayout(row)
        outer.addWidget(buttons)
