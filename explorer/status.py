"""The status line: how fast, how much was reused, at which size and precision, on what, and what is shown.

Every field has the width of its longest text, so that nothing moves when digits change. A text of the moment ("Saved
NAME") takes the place on the right for some seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QSizePolicy, QWidget

from engine.recipe import Recipe, SavedLatent
from explorer import theme
from explorer.controls.buttons import icon_button
from explorer.names import latent_words
from explorer.task import Task

if TYPE_CHECKING:  # torch comes with it
    from engine.renderer import RenderStats

SPEED_TIP = (
    "From moving a control to the picture on the screen: the median of the last 200 pictures, "
    "and what 19 of 20 of them stay under"
)
BADGE_TIP = (
    "full: the whole picture, as it is saved. preview: a smaller one while the hand moves, the whole one follows when "
    "it rests. newest wins: this model has no preview, pictures in between are left out"
)
MOMENT = 6000  # ms that a text of the moment stays


class Field(QLabel):
    """A label as wide as the longest text it will hold."""

    def __init__(self, longest: str, tip: str) -> None:
        super().__init__()
        self._longest = longest
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setToolTip(tip)
        self.setProperty("quiet", True)
        self.setFont(theme.font(theme.CAPTION, tabular=True))
        self._fix()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fix()

    def _fix(self) -> None:
        width = QFontMetrics(self.font()).horizontalAdvance(self._longest) + 4
        if width != self.minimumWidth():
            self.setFixedWidth(width)


class StatusLine(QWidget):
    """A row of fields. Knows what they say, not where it comes from."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status-line")
        self.speed = Field("0000 ms (p95 0000)", SPEED_TIP)
        self.reused = Field("reused to 1024x1024", "Up to here the last picture was taken over from the one before")
        self.resolution = Field("preview 1024x1024", BADGE_TIP)
        self.precision = Field("bfloat16", "Precision of the numbers in the network")
        self.device = Field("CUDA:0", "What the network runs on")
        self.summary = QLabel()
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        self.summary.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.summary.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.summary.setProperty("quiet", True)
        self.summary.setFont(theme.font(theme.CAPTION, tabular=True))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(16)
        for field in (self.speed, self.reused, self.resolution, self.precision, self.device):
            row.addWidget(field)
        row.addWidget(self.summary, 1)
        self._bar = QProgressBar()
        self._bar.setRange(0, 100)
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(96)
        self._bar.setAccessibleName("Progress")
        self._cancel = icon_button("stop", "Cancel", "Give up what is under way")
        self._cancel.setFixedHeight(16)
        self._cancel.clicked.connect(self._stop)
        self._task: Task | None = None
        for part in (self._bar, self._cancel):
            row.addWidget(part)
            part.hide()
        self._lasting = ""
        self._loading = False
        self._moment = QTimer(self)
        self._moment.setSingleShot(True)
        self._moment.timeout.connect(self._end_moment)

    def add(self, part: QWidget) -> None:
        """Something more, at the end of the line."""
        layout = self.layout()
        assert layout is not None
        layout.addWidget(part)

    def show_speed(self, p50: float | None, p95: float | None) -> None:
        """Milliseconds, None before the first picture."""
        self.speed.setText("" if p50 is None or p95 is None else f"{p50:.0f} ms (p95 {p95:.0f})")

    def show_badge(self, text: str) -> None:
        """Whether the picture is whole, a preview, or one of few."""
        self.resolution.setText(text)

    def show_stats(self, stats: RenderStats | None) -> None:
        """Figures of the last picture."""
        if stats is None:
            return
        reused = stats.reused_to
        self.reused.setText(f"reused to {reused}x{reused}" if reused else "nothing reused")
        self.precision.setText(stats.dtype)
        self.device.setText(stats.device.upper())

    def show_summary(self, recipe: Recipe | None) -> None:
        """What is shown, in words."""
        self._lasting = "" if recipe is None else summary(recipe)
        if not self._moment.isActive():
            self.summary.setText(self._lasting)

    def say(self, text: str, lasting: bool = False) -> None:
        """A text of the moment; `lasting`: until the next one or `hush`."""
        self._loading = False
        self._end_task()
        self.summary.setText(text)
        self._moment.start(MOMENT if not lasting else 2**30)

    def load(self, text: str) -> None:
        """A text until the next picture is there."""
        self.say(text, lasting=True)
        self._loading = True

    def loaded(self) -> None:
        """The picture is there."""
        if self._loading:
            self.hush()

    def show_task(self, task: Task) -> None:
        """How far work is, until `hush` or another text."""
        if task is not self._task:
            self.say("", lasting=True)
            self._task = task
            self._bar.show()
            self._cancel.show()
        self.summary.setText(task.sentence())
        self._bar.setValue(round(100 * task.done))

    def end_task(self, task: Task) -> None:
        """It is no more to be shown."""
        if task is self._task:
            self.hush()

    def _stop(self) -> None:
        if self._task is not None:
            self._task.stop()

    def _end_task(self) -> None:
        self._task = None
        self._bar.hide()
        self._cancel.hide()

    def hush(self) -> None:
        """End the text of the moment."""
        self._end_task()
        self._loading = False
        self._moment.stop()
        self._end_moment()

    def _end_moment(self) -> None:
        self.summary.setText(self._lasting)


def summary(recipe: Recipe) -> str:
    """Seeds and psi: enough to tell a picture to somebody."""
    parts = [f"{'A' if isinstance(recipe.a.latent, SavedLatent) else 'seed'} {latent_words(recipe.a.latent)}"]
    shares = [recipe.mix.t, *(s for s in recipe.mix.shares if s is not None)]
    if any(shares):
        parts = [f"A {latent_words(recipe.a.latent)}", f"B {latent_words(recipe.b.latent)}", f"mix {recipe.mix.t:.2f}"]
    parts.append(f"psi {recipe.psi:.2f}")
    return ", ".join(parts)
