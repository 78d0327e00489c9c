"""The strip of the timeline: ruler, which frames are ready, keyframes with their pictures, the playhead.

It shows what it is given and says what the hand wants; the keyframe that acts is the one at the playhead.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.timeline.value import EMPTY, Timeline
from explorer import theme
from explorer.controls.gesture import Gesture
from explorer.views.timeline_paint import (
    DIAMOND,
    READY,
    RULER,
    paint_key,
    paint_playhead,
    paint_ready,
    paint_return,
    paint_ruler,
    ranges,
)
from explorer.views.timeline_scale import HEADER, Scale, scale_of

SIDE = 44  # px of a keyframe's picture
HEIGHT = RULER + READY + 2 * DIAMOND + SIDE + 16
SLACK = 3  # px that a hand may tremble while it clicks
NONE = "No keyframes yet. K keeps the picture as the first one; change something and press K again."
ONE = "One more keyframe makes it move: change the picture and press K."
WORDS = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
Key, CTRL, ALT = Qt.Key, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


class TimelineStrip(QWidget):
    """A click on a keyframe chooses it, a drag moves it in time; anywhere else the playhead follows the hand."""

    scrubbed = Signal(float)  # seconds
    chosen = Signal(int)  # keyframe
    taken = Signal()  # the frame at the playhead, where no keyframe is
    moved = Signal(int, float, int)  # keyframe, seconds, gesture
    deleted = Signal(int)  # keyframe
    stepped = Signal(int)  # frames
    toggled = Signal()  # play, or stop

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._timeline: Timeline = EMPTY
        self._frame = 0
        self._head = 0  # px, where the playhead was painted
        self._ready: list[tuple[int, int]] = []
        self._pictures: dict[int, QImage] = {}
        self._held: int | None = None  # keyframe under the pressed button
        self._dragged = False
        self._from = QPointF()
        self._scale: Scale | None = None  # while a button is pressed it does not change
        self._gesture = Gesture()
        self.setAccessibleName("timeline")
        self.setToolTip(
            "Drag keyframes and playhead. Arrow keys: a frame; Ctrl: to the next key; Alt: move the key.\n"
            "Enter: show and edit the keyframe, or the frame between two."
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    # --- what is shown

    def show_timeline(self, timeline: Timeline) -> None:
        """Show keyframes."""
        if len(timeline.keys) < len(self._timeline.keys):
            self._pictures.clear()
            self._held = self._scale = None  # undo took away what a hand may be holding
        self._timeline = timeline
        self._describe()
        self.update()

    def show_frame(self, frame: int) -> None:
        """Where the playhead is."""
        before, self._frame = self.at, frame
        self._describe()
        self.update() if before != self.at else self._touch()

    def _touch(self) -> None:
        """Paint anew where the playhead was and is: it moves at every frame."""
        x = round(self.scale.x(self._timeline.time_of(self._frame)))
        for place in (self._head, x):
            self.update(place - 7, 0, 15, self.height())
        self._head = x

    def show_ready(self, ready: frozenset[int]) -> None:
        """Which frames need no waiting."""
        self._ready = ranges(ready)
        self.update(QRect(0, RULER, self.width(), READY))

    def set_picture(self, index: int, picture: QImage) -> None:
        """The picture of a keyframe."""
        self._pictures[index] = picture
        self.update()

    @property
    def at(self) -> int | None:
        """The keyframe at the playhead."""
        return self._timeline.key_at(self._timeline.time_of(self._frame))

    def _describe(self) -> None:
        keys, at, time = self._timeline.keys, self.at, self._timeline.time_of(self._frame)
        where = f"{time:.2f} of {self._timeline.seconds:.2f} seconds"
        self.setAccessibleDescription(where if at is None else f"{where}, keyframe {at + 1} of {len(keys)}")

    # --- places

    @property
    def scale(self) -> Scale:
        return self._scale or scale_of(self._timeline, self.width())

    def diamond(self, index: int) -> QPointF:
        """The middle of a keyframe's diamond."""
        return QPointF(self.scale.x(self._timeline.keys[index].time), RULER + READY + DIAMOND + 3)

    def thumbnail(self, index: int) -> QRect:
        """Where a keyframe's picture is."""
        return QRect(round(self.diamond(index).x()) - SIDE // 2, RULER + READY + 2 * DIAMOND + 8, SIDE, SIDE)

    def key_under(self, at: QPointF) -> int | None:
        """The keyframe at a place, the nearest of several."""
        order = sorted(range(len(self._timeline.keys)), key=lambda i: abs(self.diamond(i).x() - at.x()))
        for index in order:
            near = self.thumbnail(index).adjusted(0, -2 * DIAMOND - 6, 0, 4)
            if near.contains(at.toPoint()) and at.x() >= HEADER:
                return index
        return None

    # --- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), theme.colour("panel"))
        painter.fillRect(QRect(HEADER, 0, self.width() - HEADER, RULER), theme.colour("window"))
        paint_ruler(painter, self.scale, self._timeline, self.size())
        paint_ready(painter, self.scale, self._timeline, self._ready)
        if len(self._timeline.keys) < 2:
            painter.setPen(theme.colour("quiet"))
            painter.setFont(theme.font(theme.CAPTION))
            left = HEADER + (SIDE + 28 if self._timeline.keys else theme.GAP)
            box = QRect(left, RULER + READY, self.width() - left - theme.GAP, self.height() - RULER - READY)
            painter.drawText(box, WORDS, ONE if self._timeline.keys else NONE)
        at = self.at
        for index in sorted(range(len(self._timeline.keys)), key=lambda i: i == at):  # the chosen one over the others
            paint_key(painter, self.diamond(index), self.thumbnail(index), self._pictures.get(index), index == at)
        if self._timeline.loop and len(self._timeline.keys) > 1:
            paint_return(painter, QPointF(self.scale.x(self._timeline.seconds), self.diamond(0).y()))
        if self._timeline.keys:
            paint_playhead(painter, self.scale.x(self._timeline.time_of(self._frame)), self.height())
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(HEADER + 0.5, 0.5, -0.5, -0.5))
        painter.end()

    # --- hands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or not self._timeline.keys:
            return
        self._scale, self._from, self._dragged = self.scale, event.position(), False
        self._held = self.key_under(event.position())
        self._gesture.hold()
        if self._held is None:
            self.scrubbed.emit(self.scale.time(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._scale is None:
            over = self.key_under(event.position()) is not None
            self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)
            return
        self._dragged = self._dragged or abs(event.position().x() - self._from.x()) > SLACK
        if self._held is None:
            self.scrubbed.emit(self.scale.time(event.position().x()))
        elif self._dragged:
            time = self.scale.time(event.position().x())
            self.moved.emit(self._held, time, self._gesture.number())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        held, self._held, self._scale = self._held, None, None
        self._gesture.release()
        if held is not None and not self._dragged and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(held)
        self.update()

    def go(self, sign: int) -> None:
        """To the next keyframe (1), or the one before (-1)."""
        time, half = self._timeline.time_of(self._frame), float(1 / self._timeline.fps) / 2
        beside = [key.time for key in self._timeline.keys if (key.time - time) * sign > half]
        if beside:
            self.scrubbed.emit(beside[0] if sign > 0 else beside[-1])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        at, keys, mods = self.at, self._timeline.keys, event.modifiers()
        sign = {Key.Key_Left: -1, Key.Key_Right: 1}.get(Key(event.key()), 0)
        if sign and mods & ALT and at is not None:
            to = keys[at].time + sign * float(1 / self._timeline.fps)
            self.moved.emit(at, to, self._gesture.number())
        elif sign and mods & CTRL:
            self.go(sign)
        elif sign:
            self.stepped.emit(sign * (10 if mods & Qt.KeyboardModifier.ShiftModifier else 1))
        elif event.key() in (Key.Key_Home, Key.Key_End):
            self.scrubbed.emit(0.0 if event.key() == Key.Key_Home else self._timeline.seconds)
        elif event.key() in (Key.Key_Return, Key.Key_Enter):
            self.taken.emit() if at is None else self.chosen.emit(at)
        elif event.key() == Key.Key_Space:
            self.toggled.emit()
        elif event.key() in (Key.Key_Delete, Key.Key_Backspace) and at is not None:
            self.deleted.emit(at)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = self.key_under(QPointF(event.pos()))
            text = "Drag: scrub. Arrows: a frame, Ctrl: to the next keyframe, Shift: ten frames"
            if index is not None:
                time = self._timeline.keys[index].time
                text = f"Keyframe {index + 1} at {time:.2f} s. Click: show and edit it. Drag or Alt+arrows: move it"
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def sizeHint(self) -> QSize:
        return QSize(480, HEIGHT)
