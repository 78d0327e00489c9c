"""Which layers come from B: a box a layer, with the letter of the source in it. Knows no document."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.family import LayerInfo
from explorer import theme
from explorer.controls.gesture import Gesture

BOX = 18  # px, at most
LEAST = 11  # px
HEIGHT = 24  # px


class LayerStrip(QWidget):
    """`edited` when the user gives layers to B or back to A; never none of them. A drag paints over several."""

    edited = Signal(object, int)  # tuple[int, ...], gesture

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layers: tuple[LayerInfo, ...] = ()
        self._taken: frozenset[int] = frozenset()
        self._at = 0  # the box that keys act on
        self._painting: bool | None = None  # what a drag makes of boxes
        self._gesture = Gesture()
        self.setAccessibleName("layers from B")
        self.setToolTip("Click or drag: from A or from B. Arrow keys walk, Space changes")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def show_layers(self, layers: tuple[LayerInfo, ...], taken: tuple[int, ...]) -> None:
        """Show the layers of a model, and which of them B gives. Says nothing."""
        if len(layers) != len(self._layers):
            self.updateGeometry()
        self._layers, self._taken = layers, frozenset(taken)
        self._at = min(self._at, max(0, len(layers) - 1))
        self._describe()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(BOX * len(self._layers) + 2, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(LEAST * len(self._layers) + 2, HEIGHT)

    def box(self, layer: int) -> QRect:
        """The box of a layer."""
        width = (self.width() - 2) / max(1, len(self._layers))
        left = 1 + round(layer * width)
        return QRect(left, 1, 1 + round((layer + 1) * width) - left - 1, HEIGHT - 2)

    def _words(self, layer: int) -> str:
        info = self._layers[layer]
        source = "B" if layer in self._taken else "A"
        return f"Layer {layer}, {info.resolution}x{info.resolution}, {info.group}: from {source}"

    def _describe(self) -> None:
        self.setAccessibleDescription(self._words(self._at) if self._layers else "")

    def _set(self, layer: int, taken: bool) -> None:
        new = self._taken | {layer} if taken else self._taken - {layer}
        if new and new != self._taken:
            self._taken = new
            self._describe()
            self.update()
            self.edited.emit(tuple(sorted(new)), self._gesture.number())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(theme.font(theme.CAPTION, bold=True))
        for layer in range(len(self._layers)):
            taken, box = layer in self._taken, self.box(layer)
            painter.fillRect(box, theme.colour("b" if taken else "raised"))
            painter.setPen(theme.colour("on_accent" if taken else "a"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "B" if taken else "A")
            if self.hasFocus() and layer == self._at:
                painter.setPen(QPen(theme.colour("accent"), 2))
                painter.drawRect(box.adjusted(0, 0, -1, -1))

    def _layer_at(self, at: QPointF) -> int | None:
        return next((n for n in range(len(self._layers)) if self.box(n).left() <= at.x() <= self.box(n).right()), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        layer = self._layer_at(event.position())
        if layer is not None and event.button() == Qt.MouseButton.LeftButton:
            self._at, self._painting = layer, layer not in self._taken
            self._gesture.hold()
            self._set(layer, self._painting)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        layer = self._layer_at(event.position())
        if layer is not None and self._painting is not None:
            self._set(layer, self._painting)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._painting = None
        self._gesture.release()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right) and self._layers:
            step = 1 if event.key() == Qt.Key.Key_Right else -1
            self._at = min(max(self._at + step, 0), len(self._layers) - 1)
            self._describe()
            self.update()
        elif event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return) and self._layers:
            self._gesture.end()
            self._set(self._at, self._at not in self._taken)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            layer = self._layer_at(QPointF(event.pos()))
            if layer is not None:
                QToolTip.showText(event.globalPos(), self._words(layer) + "\nClick or drag to change it", self)
                return True
        return super().event(event)
