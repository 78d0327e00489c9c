"""A row: label, slider, number field, reset dot. Knows no document; its value is that of its Qt widgets."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from explorer import theme
from explorer.controls.buttons import quiet_label, reset_dot
from explorer.controls.number import NumberField
from explorer.controls.rail import Rail
from explorer.pace import Pace

CAP = 12  # px across


class Track(Rail):
    """The rail of a ValueSlider: a hairline, lit between the default and the cap."""

    def __init__(self, minimum: float, maximum: float, step: float, fine: int, default: float) -> None:
        super().__init__(Qt.Orientation.Horizontal, minimum, maximum, step, fine)
        self.default = default
        self.setMinimumWidth(48)

    def sizeHint(self) -> QSize:
        return QSize(96, 24)

    def travel(self) -> tuple[float, float]:
        return CAP / 2 + 1, self.width() - CAP / 2 - 1

    def cap_length(self) -> float:
        return CAP

    def _place(self, number: float) -> float:
        start, end = self.travel()
        share = (number - self._low) / (self._tick * max(1, self.maximum()))
        return start + min(1.0, max(0.0, share)) * (end - start)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        middle = self.height() // 2
        home, cap = self._place(self.default), self._place(self.number())
        painter.fillRect(QRectF(1, middle - 1, self.width() - 2, 2), theme.colour("line"))
        painter.fillRect(QRectF(round(home) - 1, middle - 4, 2, 8), theme.colour("line"))
        if not self.isEnabled():
            return
        painter.fillRect(QRectF(min(home, cap), middle - 1, abs(cap - home), 2), theme.colour("quiet"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lively = self.held() or self.underMouse() or self.hasFocus()
        painter.setPen(QPen(theme.colour("panel"), 2))
        painter.setBrush(theme.colour("text" if lively else "quiet"))
        painter.drawEllipse(QPointF(cap, middle), CAP / 2, CAP / 2)
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(cap, middle), CAP / 2 + 1, CAP / 2 + 1)


class ValueSlider(QWidget):
    """One number. `edited(value, gesture)` when the user changes it; `set_value` says nothing."""

    edited = Signal(float, int)

    def __init__(
        self,
        label: str,
        minimum: float,  # of the slider
        maximum: float,
        default: float,
        step: float = 0.01,
        decimals: int = 2,  # places that are shown; 0: whole numbers only
        unit: str = "",
        tip: str = "",
        typed: tuple[float, float] | None = None,  # what may be typed; None: what the slider covers
        names: Mapping[float, str] | None = None,  # words that stand for values
        label_width: int = 0,  # px; 0: as wide as it is
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.default = default
        self.label = quiet_label(label)
        if label_width:
            self.label.setFixedWidth(label_width)
        self.rail = Track(minimum, maximum, step, 10 if decimals else 1, default)
        self.field = NumberField(*(typed or (minimum, maximum)), step, decimals, unit, names, self.rail.gesture)
        self.dot = reset_dot(label, f"Reset {label} to {self.field.textFromValue(default)}{unit}")
        self._lay_out()
        self._tell(label, tip)
        self._writing = Pace(lambda: self.field.set_number(self.rail.number()), self)
        self.rail.edited.connect(self._slide)
        self.field.edited.connect(self._edit)
        self.rail.typing.connect(self.field.type)
        self.rail.defaulted.connect(self._reset)
        self.dot.clicked.connect(lambda: self._reset(None))
        self.set_value(default)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.label)
        row.addWidget(self.rail, 1)
        row.addSpacing(theme.GRID)
        row.addWidget(self.field)
        row.addWidget(self.dot)

    def _tell(self, label: str, tip: str) -> None:
        keys = "Arrows step, Shift tenfold, Ctrl a tenth."
        for widget in (self, self.label, self.rail, self.field):
            more = "Type a value." if widget is self.field else "Double click or Delete: default."
            widget.setToolTip(f"{tip}\n{more} {keys}".strip())
            widget.setAccessibleName(f"{label} value" if widget is self.field else label)

    def value(self) -> float:
        """What is shown."""
        if self._writing.due:
            self._writing.now()
        return round(self.field.value(), 6)

    def set_value(self, value: float) -> None:
        """Show a value. Says nothing."""
        self._writing.drop()
        self.rail.set_number(value)
        self.field.set_number(value)
        self._mark(value)

    def _mark(self, value: float) -> None:
        self.dot.setVisible(abs(value - self.default) > 1e-9)

    def _slide(self, value: float, gesture: int) -> None:
        """By the rail, which may be quicker than a number is written."""
        self._mark(value)
        self._writing.soon()
        self.edited.emit(value, gesture)

    def _edit(self, value: float, gesture: int) -> None:
        self.set_value(value)
        self.edited.emit(value, gesture)

    def _reset(self, gesture: int | None) -> None:
        self.rail.gesture.end()
        self._edit(self.default, self.rail.gesture.number() if gesture is None else gesture)
