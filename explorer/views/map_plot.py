"""The plot of the map: dots, three markers that can be dragged, small pictures. Imports pyqtgraph: only import it late.

It knows places, no latents: (x, y) are coordinates on the two axes of a survey.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPixmap
from PySide6.QtWidgets import QGraphicsPixmapItem

from explorer import theme

Place = tuple[float, float]
NEAR = 8  # px: a click so near to a dot or a picture means it
SIZES = {"now": 30, "a": 20, "b": 20}  # px across, of the markers
PICTURE = 36  # px, of a liked state
NEAREST = 50.0  # times nearer than all dots
AROUND = 2.0  # widths of all dots that can be seen around them
ZOOM = 1.25  # of one press of a key
TIP = (
    "Every dot is a seed. Click a dot: take that seed. Click between them: the mean latent moved along the two axes.\n"
    "Drag A or B: move it along the two axes, all else of it stays. Drag the ring: the mix between A and B.\n"
    "Arrows move the source that is chosen above, Shift tenfold. Wheel, + and -: zoom. F: all. Drag the ground: pan."
)
FIT = (Qt.Key.Key_F, Qt.Key.Key_Home)
ZOOMS = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1}


class Dots(pg.ScatterPlotItem):  # type: ignore[misc]
    """pyqtgraph's own would keep a click that hits one of them from the plot."""

    def mouseClickEvent(self, event: Any) -> None:
        event.ignore()


class MapPlot(pg.PlotWidget):  # type: ignore[misc]
    """Signals say where the hand wants things; `show_*` say nothing."""

    dot_chosen = Signal(int)  # index of a dot
    liked_chosen = Signal(int)  # index of a small picture
    place_chosen = Signal(float, float)
    dragged = Signal(str, float, float, bool)  # marker, place, whether it was let go
    nudged = Signal(float, float)  # steps along the axes, by arrow keys

    def __init__(self) -> None:
        super().__init__(background=None)
        self.setObjectName("map_plot")
        self.setAccessibleName("map of W")
        self.setToolTip(TIP)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMenuEnabled(False)
        self.hideButtons()
        self.hideAxis("left")
        self.hideAxis("bottom")
        self.setAspectLocked(True)
        self._places: Any = None  # [N, 2]
        self._liked: list[QGraphicsPixmapItem] = []
        self._held = ""  # marker under the hand
        self._quiet = False  # while it is us who move markers
        self._dots = Dots(size=5, pen=None, pxMode=True, hoverable=True, hoverSize=9, tip=_seed)
        self.addItem(self._dots)
        self._line = pg.PlotDataItem()
        self.addItem(self._line)
        self._markers = {name: self._marker(name) for name in ("now", "b", "a")}
        self.scene().sigMouseClicked.connect(self._on_click)
        self._colour()

    def _marker(self, name: str) -> Any:
        label = None if name == "now" else name.upper()
        marker = pg.TargetItem(movable=True, size=SIZES[name], symbol="o", label=label)
        if marker.label() is not None:
            marker.label().setAnchor((0.5, 0.5))
            marker.label().offset = QPointF(0, 0)
            marker.label().valueChanged()
            marker.label().setFont(theme.font(theme.CAPTION, bold=True))
        marker.setZValue(20)
        marker.sigPositionChanged.connect(lambda m: self._on_drag(name, False))
        marker.sigPositionChangeFinished.connect(lambda m: self._on_drag(name, True))
        self.addItem(marker)
        return marker

    # --- what is shown

    def show_dots(self, places: Any, seeds: Sequence[int]) -> None:
        """The samples [N, 2]; the view fits them."""
        self._places = places = places.astype("float64")  # what the plot's own limits are made of
        self._dots.setData(pos=places, data=list(seeds))
        (left, bottom), (right, top) = places.min(axis=0).tolist(), places.max(axis=0).tolist()
        room = AROUND * max(right - left, 1e-6)
        sides = {"xMin": left - room, "xMax": right + room, "yMin": bottom - room, "yMax": top + room}
        self.getViewBox().setLimits(**sides, minXRange=room / AROUND / NEAREST)  # nobody is to get lost
        self.fit()

    def fit(self) -> None:
        """See all dots."""
        if self._places is not None:
            (left, bottom), (right, top) = self._places.min(axis=0).tolist(), self._places.max(axis=0).tolist()
            self.getViewBox().setRange(xRange=(left, right), yRange=(bottom, top), padding=0.05)

    def show_markers(self, places: dict[str, Place]) -> None:
        """Where "a", "b" and "now" are; one that the hand holds stays under it."""
        self._quiet = True
        for name, place in places.items():
            if name != self._held:
                self._markers[name].setPos(*place)
        self._quiet = False
        self._line.setData([places["a"][0], places["b"][0]], [places["a"][1], places["b"][1]])

    def hidden_by(self, place: QRect) -> tuple[int, int]:
        """How many markers, and how many small pictures, lie within a place of this widget (logical pixels)."""

        def within(items: Iterable[Any]) -> int:
            return sum(place.contains(self.mapFromScene(self._pixel(i.pos().x(), i.pos().y()))) for i in items)

        return within(self._markers.values()), within(self._liked)

    def show_liked(self, liked: Sequence[tuple[Place, QImage, str]]) -> None:
        """Small pictures with their names."""
        for item in self._liked:
            self.removeItem(item)
        self._liked = []
        for place, image, name in liked:
            side = round(PICTURE * self.devicePixelRatioF())
            expand, smooth = Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
            pixmap = QPixmap.fromImage(image.scaled(side, side, expand, smooth))
            pixmap.setDevicePixelRatio(self.devicePixelRatioF())
            item = QGraphicsPixmapItem(pixmap)
            item.setFlag(QGraphicsPixmapItem.GraphicsItemFlag.ItemIgnoresTransformations)
            item.setOffset(-PICTURE / 2, -PICTURE / 2)
            item.setPos(*place)
            item.setZValue(10)
            item.setToolTip(name)
            self.addItem(item, ignoreBounds=True)
            self._liked.append(item)

    # --- hands

    def _on_drag(self, name: str, ended: bool) -> None:
        if self._quiet:
            return
        self._held = "" if ended else name
        at = self._markers[name].pos()
        self.dragged.emit(name, at.x(), at.y(), ended)

    def _on_click(self, event: Any) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._places is not None and not event.isAccepted():
            at = event.scenePos()
            if all(self._apart(at, m.pos()) > SIZES[name] / 2 for name, m in self._markers.items()):
                self.click(at)  # a marker is there to be dragged

    def click(self, at: QPointF) -> None:
        """What lies under a point of the scene is chosen: a small picture, a dot, else the place."""
        for index, item in enumerate(self._liked):
            there = self._pixel(item.pos().x(), item.pos().y())
            if max(abs(there.x() - at.x()), abs(there.y() - at.y())) <= PICTURE / 2:
                self.liked_chosen.emit(index)
                return
        place = self.getViewBox().mapSceneToView(at)
        distances = ((self._places - (place.x(), place.y())) ** 2).sum(axis=1)
        nearest = int(distances.argmin())
        if self._apart(at, QPointF(*map(float, self._places[nearest]))) <= NEAR:
            self.dot_chosen.emit(nearest)
        else:
            self.place_chosen.emit(place.x(), place.y())

    def _apart(self, at: QPointF, place: QPointF) -> float:
        """Pixels between a point of the scene and a place."""
        there = self._pixel(place.x(), place.y())
        return math.hypot(there.x() - at.x(), there.y() - at.y())

    def _pixel(self, x: float, y: float) -> QPointF:
        at: QPointF = self.getViewBox().mapViewToScene(QPointF(x, y))
        return at

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            event.setAccepted(event.key() in FIT and not event.modifiers())  # F fits what is seen
            return event.isAccepted()
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}
        step = steps.get(Qt.Key(event.key()))
        if event.key() in FIT and not event.modifiers():
            self.fit()
            return
        if event.key() in ZOOMS:
            self.getViewBox().scaleBy((ZOOM ** -ZOOMS[Qt.Key(event.key())],) * 2)
            return
        if step is None:
            event.ignore()  # the window has uses for it
            return
        tenfold = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        self.nudged.emit(step[0] * tenfold, step[1] * tenfold)

    # --- colours: pyqtgraph does not ask for them when it paints

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_markers"):
            self._colour()

    def _colour(self) -> None:
        self.setBackground(theme.colour("surround"))
        self._dots.setBrush(theme.colour("quiet", 0.55))
        self._line.setPen(pg.mkPen(theme.colour("quiet"), width=1))
        for name, marker in self._markers.items():
            if name == "now":
                ring = pg.mkPen(theme.colour("accent"), width=3)
                marker.setPen(ring)
                marker.setHoverPen(ring)
                marker.setBrush(theme.colour("accent", 0.01))
                marker.setHoverBrush(theme.colour("accent", 0.3))
                continue
            edge = pg.mkPen(theme.colour("surround"), width=1)
            marker.setPen(edge)
            marker.setHoverPen(pg.mkPen(theme.colour("text"), width=2))
            marker.setBrush(theme.colour(name))
            marker.setHoverBrush(theme.colour(name))
            marker.label().setColor(theme.colour("on_accent"))


def _seed(x: float, y: float, data: int) -> str:
    return f"seed {data}"
