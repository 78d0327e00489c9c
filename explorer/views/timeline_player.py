"""The playhead: at a frame, and going on at the timeline's rate while it plays. Knows no picture and no document."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal

from engine.timeline.value import EMPTY, Timeline

SHORTEST = 8  # ms between two looks at the clock


class Player(QObject):
    """Plays by the clock: where a frame is late, the next one that is due follows."""

    moved = Signal(int)  # frame
    playing_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None, clock: Callable[[], int] | None = None) -> None:
        super().__init__(parent)
        self.timeline: Timeline = EMPTY
        self.frame = 0
        self._began = 0  # frame at which playing began
        self._elapsed = QElapsedTimer()
        self._clock = clock or self._elapsed.elapsed  # ms since then
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.look)

    @property
    def time(self) -> float:
        """Of the playhead in seconds."""
        return self.timeline.time_of(self.frame)

    @property
    def playing(self) -> bool:
        return self._timer.isActive()

    def show(self, timeline: Timeline) -> None:
        """Another timeline: the playhead stays at its time, as far as that is there."""
        time = self.time
        self.timeline = timeline
        if not timeline.keys:
            self.stop()
        self._set(timeline.frame_at(time))
        self._begin()

    def move(self, frame: int) -> None:
        """Put the playhead at a frame."""
        self._set(max(0, min(frame, self.timeline.frames - 1)))
        self._begin()

    def move_to(self, time: float) -> None:
        """Put the playhead at the frame next to an instant."""
        self.move(self.timeline.frame_at(time))

    def play(self, on: bool = True) -> None:
        """Go on, or stop. At the end of an open timeline it begins again."""
        if not on or self.timeline.frames < 2:
            self.stop()
            return
        if not self.timeline.loop and self.frame == self.timeline.frames - 1:
            self._set(0)
        self._begin()
        self._timer.start(max(SHORTEST, round(float(1000 / self.timeline.fps))))
        self.playing_changed.emit(True)

    def stop(self) -> None:
        """Stand still."""
        if self.playing:
            self._timer.stop()
            self.playing_changed.emit(False)

    def look(self) -> None:
        """Go to the frame that is due."""
        due = self._began + int(self._clock() * self.timeline.fps / 1000)
        if self.timeline.loop:
            self._set(due % self.timeline.frames)
        elif due >= self.timeline.frames - 1:
            self._set(self.timeline.frames - 1)
            self.stop()
        else:
            self._set(due)

    def _begin(self) -> None:
        """The clock counts from here."""
        self._began = self.frame
        self._elapsed.start()

    def _set(self, frame: int) -> None:
        if frame != self.frame:
            self.frame = frame
            self.moved.emit(frame)
