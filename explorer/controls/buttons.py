"""Small buttons with an icon, quiet labels, and how a control says that it has no effect. Knows no document."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from explorer import theme

SIZE = 24  # px, height of a small button
WIDTH = 28  # px
_TIP = "tool tip while enabled"
_REASON = "why it is greyed"  # dynamic property


def icon_button(icon: str, name: str, tip: str, token: str = "quiet") -> QToolButton:
    """A flat button of one icon. `name` is what a screen reader says."""
    button = QToolButton()
    button.setIcon(theme.icon(icon, token))
    button.setIconSize(QSize(16, 16))
    button.setFixedSize(WIDTH, SIZE)
    button.setAccessibleName(name)
    button.setToolTip(tip)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def text_button(icon: str, text: str, tip: str) -> QToolButton:
    """A flat button of icon and word."""
    button = icon_button(icon, text, tip)
    button.setText(text)
    button.setFont(theme.font())
    button.setProperty("quiet", True)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setFixedWidth(button.sizeHint().width() + 2 * theme.GRID)
    return button


def reset_dot(name: str, tip: str) -> QToolButton:
    """The dot that says "not the default" and brings the default back. Its space is kept while it is hidden."""
    dot = icon_button("reset-dot", f"reset {name}", tip)
    dot.setFixedSize(16, SIZE)
    dot.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Delete on the control does the same; half the tab stops
    policy = dot.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    dot.setSizePolicy(policy)
    dot.hide()
    return dot


def quiet_label(text: str, font: QFont | None = None) -> QLabel:
    """A label in the quiet colour."""
    label = QLabel(text)
    label.setProperty("quiet", True)
    label.setFont(font or theme.font())
    return label


def disabled_reason(widget: QWidget, reason: str | None) -> None:
    """Grey a control and let its tool tip say why; None wakes it and gives its tool tip back."""
    if widget.property(_TIP) is None:
        widget.setProperty(_TIP, widget.toolTip())
    elif widget.property(_REASON) == reason:  # asked at every step of a drag
        return
    widget.setProperty(_REASON, reason)
    widget.setEnabled(reason is None)
    widget.setToolTip(widget.property(_TIP) if reason is None else reason)
    for child in widget.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
        if child.toolTip() or child.property(_TIP) is not None:  # a child's own tip would hide the reason
            if child.property(_TIP) is None:
                child.setProperty(_TIP, child.toolTip())
            child.setToolTip(child.property(_TIP) if reason is None else reason)
