"""The chip in the top right corner: which model this is, and the way to another one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QMenu, QMenuBar, QToolButton, QWidget

from engine.errors import clipped
from engine.family import ModelInfo
from explorer import theme


class ModelChip(QToolButton):
    """Name, family and resolution; the rest in the tool tip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("model-chip")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIcon(theme.icon("chevron-down", "quiet"))
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow behind the name
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        menu = QMenu(self)
        menu.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.setMenu(menu)
        self.show_model(None)

    def show_model(self, info: ModelInfo | None) -> None:
        """Name a model."""
        text = "No model" if info is None else f"{clipped(info.name, 32)}   {info.family} {info.resolution}"
        self.setText(text.replace("&", "&&"))
        self.setAccessibleName(f"Model {text}")
        self.setToolTip("Open a model" if info is None else description(info))
        self.setMinimumWidth(self.sizeHint().width())
        bar = self.parentWidget()
        while bar is not None and not isinstance(bar, QMenuBar):
            bar = bar.parentWidget()
        if bar is not None:  # WORKAROUND: a menu bar lays its corner out anew only when it is resized itself
            QApplication.sendEvent(bar, QResizeEvent(bar.size(), bar.size()))


def description(info: ModelInfo) -> str:
    """Some lines about a model, as plain text that Qt cannot take for HTML."""
    lines = [
        clipped(info.name),
        f"{info.family} {info.config}".rstrip()
        + f", {info.resolution} x {info.resolution}, {_channels(info.channels)}",
        f"{info.parameters:,} parameters in {' and '.join(info.networks) or 'the generator'}".replace(",", " "),
        f"{len(info.layers)} layers, z {info.z_dim}, w {info.w_dim}"
        + (f", {info.classes} classes" if info.classes else ""),
        f"content id {clipped(info.content_id, 64)}",
        f"licence {clipped(info.licence)}" if info.licence else "no licence stated",
    ]
    if info.origin:
        lines.append(clipped(info.origin))
    escaped = (line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for line in lines)
    return "<p style='white-space:pre'>" + "<br>".join(escaped) + "</p>"


def _channels(channels: int) -> str:
    return {1: "grey", 3: "RGB", 4: "RGBA"}.get(channels, f"{channels} channels")
