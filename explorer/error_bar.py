"""The bar at the top of the canvas: one plain sentence, what helps, and details on demand; or how far long work is.

Errors belong to a subject ("picture", "open", ...). A new one of the same subject replaces the old; `clear(subject)`
takes it away when it no longer applies; the newest of those that remain is shown. Text is always plain text: it may
quote a file that was made to deceive.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from explorer import faults, theme
from explorer.controls.button_lines import ButtonLines
from explorer.task import Task

if TYPE_CHECKING:
    from explorer.letters import Failed

MAX_SENTENCE = 400  # characters shown; the details hold all
LONG_WORD = re.compile(r"(\S{28})(?=\S{4})")
FIRST_WORDS = ("a", "an", "cannot", "it", "latents", "no", "that", "the", "there", "this", "too", "two", "what")
ROOM = 320  # px that a sentence has at least, with its mark, where the buttons stand beside it


@dataclass(frozen=True, slots=True)
class Trouble:
    """What the bar shows."""

    sentence: str
    details: str = ""
    actions: tuple[tuple[str, Callable[[], None]], ...] = ()  # buttons that help: text and what it does
    task: Task | None = None  # no trouble but work that goes on: dismissing it gives it up


def trouble(failed: Failed, sentence: str | None = None, actions: tuple = ()) -> Trouble:  # type: ignore[type-arg]
    """What the bar says of a failed letter."""
    said = faults.sentence(failed.error) if sentence is None else sentence
    return Trouble(said, details=failed.details, actions=actions)


def capitalised(text: str) -> str:
    """As a sentence begins; a name that it begins with stays as it is written."""
    return text[:1].upper() + text[1:] if text.partition(" ")[0] in FIRST_WORDS else text


def breakable(text: str) -> str:
    """A text whose longest words, such as names of files, may go on in the next line: with breaks of no width."""
    return LONG_WORD.sub("\\1\u200b", text)


class ErrorBar(QFrame):
    """Hidden while there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("error-bar")
        self.setAccessibleName("Errors")
        self._troubles: dict[str, Trouble] = {}  # oldest first
        self._progress = QProgressBar()
        self._progress.setRange(0, 100)
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName("Progress")
        words = self._make_words()
        self._make_buttons()
        self._make_details()
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.setSpacing(8)
        self._row.addLayout(words, 1)
        self._row.addWidget(self._buttons, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 8, 8)
        column.addLayout(self._row)
        column.addWidget(self._progress)
        column.addWidget(self._below)
        self._refresh()

    def _make_words(self) -> QHBoxLayout:
        self._sentence = QLabel()
        self._sentence.setObjectName("sentence")
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._sentence.setWordWrap(True)
        self._sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._sentence.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._mark = QLabel()
        self._mark.setFixedHeight(24)  # as a button beside it: the mark is level with the first line
        words = QHBoxLayout()
        words.setSpacing(8)
        words.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        words.addWidget(self._sentence, 1)
        return words

    def _make_buttons(self) -> None:
        self._actions = [QPushButton(), QPushButton()]
        for index, button in enumerate(self._actions):
            button.clicked.connect(partial(self._act, index))
        self._more = QPushButton("Details")
        self._more.setCheckable(True)
        self._more.setToolTip("What the program itself says about it")
        self._more.toggled.connect(self._show_details)
        self._close = QPushButton("Dismiss")
        self._close.setToolTip("Take this message away (Esc)")
        self._close.clicked.connect(self.dismiss)
        self._buttons = ButtonLines([*self._actions, self._more, self._close])

    def _make_details(self) -> None:
        self._details = QPlainTextEdit()
        self._details.setReadOnly(True)
        self._details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._details.setFixedHeight(140)
        self._details.setAccessibleName("Details of the error")
        self._details.setToolTip("What the program itself says about it")
        self._copy = QPushButton("Copy details")
        self._copy.setToolTip("Copy all of it, to report it")
        self._copy.clicked.connect(self._copy_details)
        self._below = QWidget()
        self._below.setObjectName("error-details")
        self._below.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        below = QHBoxLayout(self._below)
        below.setContentsMargins(0, 0, 0, 0)
        below.addWidget(self._details, 1)
        below.addWidget(self._copy, 0, Qt.AlignmentFlag.AlignTop)

    @property
    def trouble(self) -> Trouble | None:
        """What is shown now."""
        return next(reversed(self._troubles.values()), None)

    def tell(self, subject: str, trouble: Trouble) -> None:
        """Show a trouble, in place of an older one of its subject."""
        self._troubles.pop(subject, None)
        self._troubles[subject] = trouble
        self._refresh()

    def clear(self, subject: str) -> None:
        """It no longer applies."""
        if self._troubles.pop(subject, None) is not None:
            self._refresh()

    def dismiss(self) -> None:
        """Take away what is shown, and give up the work that it tells of."""
        if self._troubles:
            _, trouble = self._troubles.popitem()
            if trouble.task is not None:
                trouble.task.stop()
            self._refresh()

    def arrange(self, width: int) -> int:
        """Stand the buttons beside the sentence, or under it where it would be squeezed; the height that this takes."""
        narrow = width - self._buttons.sizeHint().width() < ROOM
        direction = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        self._row.setDirection(direction)
        self._row.setAlignment(self._buttons, Qt.AlignmentFlag(0) if narrow else Qt.AlignmentFlag.AlignTop)
        return self.heightForWidth(width)

    def heightForWidth(self, width: int) -> int:
        """The sentence breaks into lines, so the height follows the width."""
        layout = self.layout()
        return self.sizeHint().height() if layout is None else layout.totalHeightForWidth(width)

    def _refresh(self) -> None:
        trouble = self.trouble
        self.setVisible(trouble is not None)
        if trouble is None:
            return
        task = trouble.task
        self.setProperty("task", task is not None)
        self.style().polish(self)  # the colour of its edge
        self._show_mark()
        self._progress.setVisible(task is not None)
        self._close.setText("Dismiss" if task is None else "Cancel")
        self._close.setToolTip(f"{'Take this message away' if task is None else 'Give it up'} (Esc)")
        if task is not None:
            self._progress.setValue(round(100 * task.done))
        text = capitalised(trouble.sentence) if task is None else task.sentence()
        self._sentence.setText(breakable(text if len(text) <= MAX_SENTENCE else text[: MAX_SENTENCE - 3] + "..."))
        for index, button in enumerate(self._actions):
            button.setVisible(index < len(trouble.actions))
            button.setText(trouble.actions[index][0] if index < len(trouble.actions) else "")
            button.setToolTip(f"{button.text().removesuffix(' ...')}: it may help")
        self._more.setVisible(bool(trouble.details))
        self._more.setChecked(False)
        self._details.setPlainText(trouble.details)
        self._below.setVisible(False)

    def _show_mark(self) -> None:
        name = ("error", "error") if self.trouble is None or self.trouble.task is None else ("info", "accent")
        self._mark.setPixmap(theme.icon(*name).pixmap(16, 16))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_mark"):
            self._show_mark()  # in the colours of the theme that is on now

    def show_progress(self) -> None:
        """The task that is shown got on."""
        trouble = self.trouble
        if trouble is not None and trouble.task is not None:
            self._sentence.setText(breakable(trouble.task.sentence()))
            self._progress.setValue(round(100 * trouble.task.done))

    def _show_details(self, shown: bool) -> None:
        self._below.setVisible(shown)

    def _copy_details(self) -> None:
        QGuiApplication.clipboard().setText(self._details.toPlainText())

    def _act(self, index: int) -> None:
        trouble = self.trouble
        if trouble is not None and index < len(trouble.actions):
            trouble.actions[index][1]()
