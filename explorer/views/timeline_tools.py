"""What stands around the timeline's strip: the tools of keyframes and of the whole film, and play, loop, time."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.timeline.value import NOISES, Timeline
from explorer import theme, timeline_edits
from explorer.controls.buttons import disabled_reason, icon_button, text_button
from explorer.controls.choice import Choice
from explorer.controls.number import NumberField
from explorer.document import Document

FASTEST = 240  # frames a second
LONGEST = 3600  # seconds
NOISE_WORDS = ("fixed noise", "circling noise")  # as NOISES
NOISE_TIP = "Fixed: as the keyframes have it. Circling: the first keyframe's noise goes once around, and never fades."
NO_KEY = "There is no keyframe at the playhead."
NO_FILM = "Two keyframes or more make a film: K keeps the picture as one."


class Tools(QWidget):
    """A row over the picture. What acts on a keyframe acts on the one at the playhead."""

    added = Signal()
    duplicated = Signal()
    updated = Signal()
    deleted = Signal()
    exported = Signal()

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        add = text_button(
            "keyframe", "Keyframe", "Keep the picture as a keyframe at the playhead, or behind the last (K)"
        )
        copy = icon_button("copy", "duplicate keyframe", "Duplicate the keyframe at the playhead (Ctrl+D)")
        update = icon_button(
            "pin", "update keyframe", "The picture takes the place of the keyframe at the playhead (U)"
        )
        delete = icon_button("trash", "delete keyframe", "Delete the keyframe at the playhead (Delete)")
        self._of_key = (copy, update, delete)
        self._make_film_controls(document)
        controls: dict[str, QWidget] = {"add": add, "duplicate": copy, "update": update, "delete": delete}
        controls |= {"noise": self._noise, "fps": self._fps, "seconds": self._seconds, "export": self._film}
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(theme.GRID)
        for name, control in controls.items():
            control.setObjectName(f"timeline_{name}")
            if control is self._noise:
                row.addStretch(1)
            row.addWidget(control)
        for button, told in (
            (add, self.added),
            (copy, self.duplicated),
            (update, self.updated),
            (delete, self.deleted),
            (self._film, self.exported),
        ):
            button.clicked.connect(told)

    def _make_film_controls(self, document: Document) -> None:
        self._fps = NumberField(1, FASTEST, 1, 0, " fps")
        self._fps.setAccessibleName("frames a second")
        self._fps.setToolTip("Frames a second")
        self._seconds = NumberField(0, LONGEST, 0.5, 2, " s")
        self._seconds.setAccessibleName("duration")
        self._seconds.setToolTip("Duration in seconds; of a loop with its way back")
        for field in (self._fps, self._seconds):
            field.setFixedWidth(68)
        self._noise = Choice("noise of the film", NOISE_WORDS, NOISE_TIP)
        self._noise.setFixedWidth(118)
        self._film = icon_button("export", "export timeline", "Export it as a film (Ctrl+Shift+T)")
        self._fps.edited.connect(lambda fps, gesture: timeline_edits.set_fps(document, fps, gesture))
        self._seconds.edited.connect(lambda seconds, gesture: timeline_edits.set_seconds(document, seconds, gesture))
        self._noise.edited.connect(lambda index: timeline_edits.set_noise(document, NOISES[index]))

    def show_timeline(self, timeline: Timeline) -> None:
        """Show what holds for the whole film."""
        self._fps.set_number(float(timeline.fps))
        self._seconds.set_number(timeline.seconds)
        self._noise.set_value(NOISES.index(timeline.noise))
        for control in (self._film, self._seconds):
            disabled_reason(control, _why_no_film(timeline))

    def show_at(self, at: int | None) -> None:
        """Which keyframe is at the playhead."""
        for button in self._of_key:
            disabled_reason(button, NO_KEY if at is None else None)


class Transport(QWidget):
    """Beside the keyframes: play, loop, where the playhead is, how many frames are there."""

    played = Signal()
    looped = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._play = icon_button("play", "play", "Play, or stop (T, or Space on the strip)", "text")
        self._play.setObjectName("timeline_play")
        self._play.clicked.connect(self.played)
        self._loop = icon_button("loop", "loop", "Loop: the last keyframe flows to the first (Shift+T)", "text")
        self._loop.setObjectName("timeline_loop")
        self._loop.setCheckable(True)
        self._loop.clicked.connect(self.looped)
        self._words = QLabel()
        self._words.setFont(theme.font(theme.CAPTION, tabular=True))
        self._kept = QLabel()
        self._kept.setFont(theme.font(theme.CAPTION, tabular=True))
        self._kept.setProperty("quiet", True)
        self._kept.setToolTip("Frames that are ready to be played without waiting")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, theme.GRID, theme.GRID, theme.GRID)
        column.setSpacing(2)
        row = QHBoxLayout()
        row.setSpacing(theme.GRID)
        row.addWidget(self._play)
        row.addWidget(self._loop)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self._words)
        column.addWidget(self._kept)
        column.addStretch(1)

    def show_timeline(self, timeline: Timeline) -> None:
        """Show whether it loops, and whether it can be played."""
        self._loop.setChecked(timeline.loop)
        for control in (self._play, self._loop):
            disabled_reason(control, _why_no_film(timeline))

    def show_time(self, timeline: Timeline, time: float) -> None:
        """Where the playhead is."""
        self._words.setText(f"{time:.2f} / {timeline.seconds:.2f} s" if timeline.keys else "")

    def show_ready(self, timeline: Timeline, ready: int) -> None:
        """How many frames there are."""
        self._kept.setText(f"{ready} of {timeline.frames} frames" if timeline.keys else "")

    def show_playing(self, playing: bool) -> None:
        """What the button does now."""
        self._play.setIcon(theme.icon("pause" if playing else "play", "text"))


def _why_no_film(timeline: Timeline) -> str | None:
    return NO_FILM if len(timeline.keys) < 2 else None
