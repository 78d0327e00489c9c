"""A row for each parameter that moves: its name, its curve to choose, and what the curve looks like over time.

Numbers are drawn as they are; what is no number (a source, a noise map) goes up and down from keyframe to keyframe.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from engine.family import ModelInfo
from engine.recipe import Recipe
from engine.timeline.at import place_of
from engine.timeline.curves import number
from engine.timeline.value import EMPTY, KINDS, Parameter, Timeline
from explorer import theme
from explorer.controls.buttons import quiet_label
from explorer.controls.choice import Choice
from explorer.timeline_edits import NAMES, moving, value_of
from explorer.views.timeline_scale import HEADER, scale_of

ROW = 28  # px
NAME = 86  # px
PAD = 5  # px over and under a curve
DENSE = 2  # px between two points of it
TIPS = {
    "cubic": "smooth through all keyframes",
    "linear": "straight, with corners",
    "ease": "slow at both ends",
    "hold": "steps at the next keyframe",
}


class Lane(QWidget):
    """A parameter over time."""

    def __init__(self, parameter: Parameter, whole: Callable[[], int]) -> None:
        """whole: pixels of the strip over it, whose scale it has, whether a scroll bar takes some of its own or not."""
        super().__init__()
        self._parameter, self._whole = parameter, whole
        self._timeline, self._frame = EMPTY, 0
        self._levels: list[float] = []
        self._line: QPolygonF | None = None  # of this timeline at this width
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(ROW)

    def show_timeline(self, timeline: Timeline, info: ModelInfo) -> None:
        """Show a timeline."""
        self._timeline, self._levels = timeline, levels(timeline, self._parameter, info)
        self._line = None
        self.update()

    def show_frame(self, frame: int) -> None:
        """Where the playhead is."""
        for at in (self._frame, frame):
            x = scale_of(self._timeline, self._whole()).x(self._timeline.time_of(at)) - HEADER
            self.update(int(x) - 2, 0, 5, ROW)
        self._frame = frame

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._line = None

    def paintEvent(self, event: QPaintEvent) -> None:
        timeline = self._timeline
        scale = scale_of(timeline, self._whole())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(-HEADER, 0)
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.drawLine(QPointF(HEADER, ROW - 0.5), QPointF(self.width() + HEADER, ROW - 0.5))

        def point(time: float) -> QPointF:
            return QPointF(scale.x(time), PAD + (ROW - 2 * PAD) * (1 - self._level(time)))

        ink = theme.colour(self._parameter if self._parameter in ("a", "b") else "quiet")
        painter.setPen(QPen(ink, 1.5))
        if self._line is None:
            steps = max(2, int(scale.x(timeline.seconds) - scale.left) // DENSE)
            self._line = QPolygonF([point(timeline.seconds * i / steps) for i in range(steps + 1)])
        painter.drawPolyline(self._line)
        painter.setBrush(ink)
        painter.setPen(Qt.PenStyle.NoPen)
        for key in timeline.keys:
            painter.drawEllipse(point(key.time), 2.5, 2.5)
        x = scale.x(timeline.time_of(self._frame))
        painter.fillRect(QRectF(x - 0.75, 0, 1.5, ROW), theme.colour("accent"))
        painter.end()

    def _level(self, time: float) -> float:
        """0..1 at an instant."""
        keys, timeline = self._timeline.keys, self._timeline
        if not timeline.loop and not keys[0].time < time < keys[-1].time:
            return self._levels[0 if time <= keys[0].time else -1]
        place = place_of(timeline, time % timeline.seconds if timeline.loop else time)
        return number(timeline.curve(self._parameter), self._levels.__getitem__, place)


class Lanes(QScrollArea):
    """All rows. They are made anew only when other parameters move."""

    edited = Signal(str, str)  # parameter, kind of curve

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("curves of the parameters")
        self.rows: dict[Parameter, tuple[Choice, Lane]] = {}
        self.setWidget(QWidget())

    def show_timeline(self, timeline: Timeline, info: ModelInfo) -> None:
        """Show the parameters in which keyframes differ."""
        wanted = moving(timeline)
        if wanted != tuple(self.rows):
            self._build(wanted)
        for parameter, (choice, lane) in self.rows.items():
            choice.set_value(KINDS[parameter].index(timeline.curve(parameter)))
            lane.show_timeline(timeline, info)

    def show_frame(self, frame: int) -> None:
        """Where the playhead is."""
        for _, lane in self.rows.values():
            lane.show_frame(frame)

    def _build(self, wanted: tuple[Parameter, ...]) -> None:
        old = self.takeWidget()
        if old is not None:
            old.deleteLater()  # not at once: one of its choices may be what changed the timeline
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.rows = {}
        for parameter in wanted:
            name = quiet_label(NAMES[parameter], theme.font(theme.CAPTION))
            name.setFixedWidth(NAME)
            kinds = KINDS[parameter]
            tip = f"How {NAMES[parameter]} goes between keyframes: " + "; ".join(f"{k}: {TIPS[k]}" for k in kinds)
            choice = Choice(f"curve of {NAMES[parameter]}", kinds, tip)
            choice.setObjectName(f"curve_{parameter}")
            choice.setFixedWidth(HEADER - NAME - 2 * theme.GAP - theme.GRID)
            choice.edited.connect(self._teller(parameter))
            lane = Lane(parameter, self.width)
            row = QHBoxLayout()
            row.setContentsMargins(theme.GAP + theme.GRID, 0, 0, 0)
            row.setSpacing(0)
            row.addWidget(name)
            row.addWidget(choice)
            row.addSpacing(theme.GAP)
            row.addWidget(lane, 1)
            column.addLayout(row)
            self.rows[parameter] = choice, lane
        column.addStretch(1)
        self.setWidget(body)
        self.updateGeometry()

    def _teller(self, parameter: Parameter) -> Callable[[int], None]:
        return lambda index: self.edited.emit(parameter, KINDS[parameter][index])

    def sizeHint(self) -> QSize:
        return QSize(480, ROW * len(self.rows))


def levels(timeline: Timeline, parameter: Parameter, info: ModelInfo) -> list[float]:
    """0..1 for each keyframe."""
    recipes = [key.recipe for key in timeline.keys]
    numbers = [_number_of(parameter, recipe, info) for recipe in recipes]
    if None in numbers or len(set(numbers)) == 1:  # no numbers, or something else in them moves: up and down
        found = [0.0]
        for before, after in pairwise(recipes):
            same = value_of(parameter, before) == value_of(parameter, after)
            found.append(found[-1] if same else 1 - found[-1])
        return found
    plain = [value for value in numbers if value is not None]
    low, high = min(plain), max(plain)
    return [(value - low) / (high - low) for value in plain]


def _number_of(parameter: Parameter, recipe: Recipe, info: ModelInfo) -> float | None:
    """The one number that stands for a parameter, if there is one."""
    layers = len(info.layers)
    match parameter:
        case "psi":
            return recipe.psi
        case "mix":
            return sum(recipe.mix.share(layer) for layer in range(layers))
        case "cutoff":
            return float(layers if recipe.cutoff is None else recipe.cutoff)
        case "pushes":
            return sum(push.amount for push in recipe.pushes)
        case "strength":
            return sum(recipe.noise.at(side).strength for side in info.noise_resolutions)
    return None
