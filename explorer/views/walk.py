"""Walk: dragging on the picture moves a source through the seed plane; Snap to a seed; animate along x.

The plane's neighbours are blended in W about the mean (the recipe's own blend), so that half-way between seeds is as
vivid as a seed. One drag, and one animation, is one undo step.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QObject, QPointF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent

from engine import edits
from engine.recipe import Latent, PlanePoint, Recipe, SourceName
from explorer.controls.gesture import Gesture
from explorer.document import Document
from explorer.plane import moved, point_of, snapped
from explorer.tool import Tool

PIXELS = 300.0  # logical pixels of a drag from one seed to the next
KEY = 0.1  # seeds: one press of an arrow; Shift: a whole one
TICK = 16  # ms between two looks whether the last picture is on the screen
UNSEEN = 100  # ms between two steps while another view hides the canvas: it is to have time for its own pictures
LONGEST = 0.25  # seconds that one step of an animation may cover: a slow model walks on slowly, it does not jump


class Walk(QObject, Tool):
    """`changed` when it can walk, or walks by itself, or no longer."""

    changed = Signal()
    tip = "Drag, or arrow keys: move a source through the seed plane"

    def __init__(self, document: Document, seen: Callable[[], bool], parent: QObject | None = None) -> None:
        """seen: whether pictures reach the screen here, so that an animation can wait for them."""
        super().__init__(parent)
        self._document, self._seen = document, seen
        self.source: SourceName = "a"
        self.speed = 1.0  # seeds a second along x
        self.ready = True  # whether the last picture is on the screen
        self._gesture = Gesture()
        self._from: tuple[PlanePoint, QPointF] | None = None
        self._expected: Latent | None = None  # what the animation left behind
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(TICK)
        self._timer.timeout.connect(self._step)
        self._lay_somewhere = True
        document.changed.connect(self._on_changed)

    @property
    def point(self) -> PlanePoint | None:
        """Where the source is; None: a saved latent has no place on the plane."""
        return point_of(self._document.recipe.source(self.source).latent)

    @Slot(object)
    def _on_changed(self, _: Recipe) -> None:
        if (self.point is not None) != self._lay_somewhere:  # not at each move of a drag
            self._lay_somewhere = not self._lay_somewhere
            self.changed.emit()

    @property
    def cursor(self) -> Qt.CursorShape:  # type: ignore[override]
        return Qt.CursorShape.ForbiddenCursor if self.point is None else Qt.CursorShape.SizeAllCursor

    def _go(self, point: PlanePoint, gesture: int) -> None:
        recipe = edits.with_latent(self._document.recipe, self.source, point)
        self._expected = point
        self._document.apply(f"walk {self.source.upper()} {point.x:.2f}, {point.y:.2f}", recipe, gesture)

    # --- by hand

    def press(self, at: QPointF) -> bool:
        point = self.point
        if point is None:
            return False
        self.animate(False)
        self._from = point, at
        self._gesture.hold()
        return True

    def move(self, at: QPointF) -> None:
        if self._from is not None:
            point, start = self._from
            dx, dy = (at.x() - start.x()) / PIXELS, (at.y() - start.y()) / PIXELS
            self._go(moved(point, dx, dy), self._gesture.number())

    def release(self) -> None:
        self._from = None
        self._gesture.release()

    def key(self, event: QKeyEvent) -> bool:
        steps = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
        step, point = steps.get(Qt.Key(event.key())), self.point
        if step is None or point is None:
            return False
        size = 1.0 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else KEY
        self._go(moved(point, step[0] * size, step[1] * size), self._gesture.number())
        return True

    def snap(self) -> None:
        """Go to the nearest seed."""
        point = self.point
        if point is not None:
            self.animate(False)
            seed = snapped(point)
            recipe = edits.with_latent(self._document.recipe, self.source, seed)
            self._document.apply(f"snap {self.source.upper()} to {seed.seed}", recipe)

    # --- by itself

    @property
    def animated(self) -> bool:
        """Whether it walks by itself."""
        return self._timer.isActive()

    def animate(self, on: bool) -> None:
        """Walk along x, or stop."""
        if on == self.animated or (on and self.point is None):
            return
        if on:
            self._gesture.hold()
            self.ready = True
            self._expected = self._document.recipe.source(self.source).latent
            self._clock.start()
            self._timer.start()
        else:
            self._timer.stop()
            self._gesture.release()
        self.changed.emit()

    def _step(self) -> None:
        point = self.point
        if point is None or self._document.recipe.source(self.source).latent != self._expected:
            self.animate(False)  # somebody else moved the source: undo, a seed, another model
            return
        if self.ready if self._seen() else self._clock.elapsed() >= UNSEEN:
            self.ready = False  # until the picture of this step is on the screen
            seconds = min(self._clock.restart() / 1000, LONGEST)
            self._go(moved(point, self.speed * seconds, 0.0), self._gesture.number())
