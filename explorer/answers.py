"""What the render thread does with a letter: all of this but `asked` runs there. It knows the engine and no widget.

Where the whole picture takes too long for a moving hand, a smaller one is shown (previews.py); the whole one follows as
soon as the hand rests. A model that had to make room is read again; that, too, gives way to what is more urgent.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from engine.errors import Stopped
from explorer.letters import (
    DECORATING,
    OPENING,
    SAVING,
    TRYING,
    Answer,
    Compute,
    Computed,
    Decorate,
    Decorated,
    Engine,
    Letter,
    Open,
    Opened,
    Rendered,
    Save,
    Saved,
    Show,
    Try,
)
from explorer.mailbox import Mailbox, Stamped
from explorer.previews import BUDGET, Previews
from explorer.task import LOADED

if TYPE_CHECKING:  # numpy and torch come with the engine
    from engine.picture import Picture
    from engine.renderer import Offer

MOVING = 0.3  # seconds: pictures that are asked for in so quick a sequence belong to a hand that moves
REST = 0.1  # seconds without another one, after which it is taken to rest


class Answers:
    """One for a mailbox; `say` takes each answer."""

    def __init__(self, mailbox: Mailbox[Letter], say: Callable[[Answer], None]) -> None:
        self._mailbox, self._say = mailbox, say
        self.saving = self.showing = False  # what is done now
        self._current = ""  # content id of the model that the engine surely has at hand
        self._previews = Previews()
        self._rough: Stamped[Letter] | None = None  # was only previewed: the whole picture is to follow
        self._asked = 0.0  # when a picture was asked for last, in seconds of time.perf_counter
        self._moving = False  # and whether that was soon after the one before
        self._tried: set[str] = set()  # content ids of models whose quick precision was looked into

    def asked(self) -> None:
        """A picture for the canvas is asked for. Called by the window."""
        now = time.perf_counter()
        self._moving, self._asked = now - self._asked < MOVING, now

    def next_letter(self) -> Stamped[Letter] | None:
        """Wait for one; None: the box is closed. When the hand rests, the whole of what was only previewed goes before
        thumbnails."""
        if self._rough is None:
            return self._mailbox.take()
        left = self._asked + REST - time.perf_counter()
        stamped = self._mailbox.take(max(left, 0.0), below=DECORATING)
        if stamped is not None or self._mailbox.closed:
            return stamped
        rough, self._rough = self._rough, None
        assert isinstance(rough.letter, Show)
        return replace(rough, letter=replace(rough.letter, whole=True))

    def answer(self, stamped: Stamped[Letter], engine: Engine) -> None:
        """Do what a letter asks for. Whatever goes wrong is raised."""
        letter = stamped.letter
        if isinstance(letter, Open):
            self._current = ""  # whatever comes of it, the engine may have let go of the model before
            model, recipe = letter.find(engine, letter.what)
            self._say(Opened(stamped.stamp, letter.what, model, recipe))
            return
        if isinstance(letter, Try) and letter.recipe.model.content_id != self._current:
            self._tried.discard(letter.recipe.model.content_id)  # asked again once it is shown: not read again for that
            return
        self.saving = isinstance(letter, Save)  # from here on: the window waits for it, whatever has to be read first
        try:
            if not letter.unwanted.is_set() and self._use(engine, stamped, letter):
                self._do(engine, stamped, letter)
        finally:
            self.saving = False

    def _do(self, engine: Engine, stamped: Stamped[Letter], letter: Show | Save | Decorate | Compute | Try) -> None:
        """With the letter's model at hand."""
        if isinstance(letter, Show):
            self.showing = True
            try:
                self._show(engine, stamped, letter)
            finally:
                self.showing = False
        elif isinstance(letter, Save):
            self._save(engine, letter)
        elif isinstance(letter, Try):
            self._try(engine, stamped, letter)
        else:
            self._decorate(engine, stamped, letter)

    # --- the model

    def _use(self, engine: Engine, stamped: Stamped[Letter], letter: Show | Save | Decorate | Compute | Try) -> bool:
        """Have the letter's model at hand. False: that was given up."""
        wanted = letter.recipe.model.content_id
        if wanted == self._current:
            return True

        def stop() -> bool:  # a picture that is to be written is written, whatever else there is to do
            return letter.unwanted.is_set() or (letter.rank != SAVING and self._mailbox.waiting(letter.rank))

        task = letter.task if isinstance(letter, Show) else None
        progress = None if task is None else lambda done: task.tell(LOADED * done)
        if task is not None:
            task.begin()
        try:
            # The file may hold another model by now, as snapshots of a training run do. The one that is wanted can be
            # in memory all the same; if not, `render` says so.
            found = engine.load(letter.path, progress=progress, stop=stop).content_id
        except Stopped:
            self._put_back(stamped, letter)
            return False
        self._current = wanted if found == wanted else ""
        return True

    def _put_back(self, stamped: Stamped[Letter], letter: Letter) -> None:
        """It was given up: for something more urgent, or because nobody wants it any more."""
        if not letter.unwanted.is_set():
            self._mailbox.put_back(stamped, letter.subject, letter.rank)

    # --- the picture that is shown

    def _show(self, engine: Engine, stamped: Stamped[Letter], letter: Show) -> None:
        began = time.perf_counter()
        offers: Sequence[Offer] = ()
        if not letter.whole:
            if not self._moving:
                self._previews.rest()
            offers = engine.offers(letter.recipe)
        offer = self._previews.choose(offers)
        picture = self._picture(engine, stamped, letter, offer)
        if picture is None:
            return
        image = qimage(picture.pixels)
        if offer is not None and letter.size is not None:
            image = image.scaled(*letter.size, mode=Qt.TransformationMode.SmoothTransformation)
        ended = time.perf_counter()
        slow = (ended - began) * 1000 > BUDGET
        answer = Rendered(
            stamped.stamp,
            letter.recipe,
            picture,
            image,
            engine.last,
            full=offer is None,
            overtaking=slow and self._moving and not letter.whole and len({o.resolution for o in offers}) < 2,
            began=began,
            ended=ended,
        )
        self._say(answer)
        content_id = letter.recipe.model.content_id
        if (slow or offer is not None) and content_id not in self._tried:
            self._tried.add(content_id)
            question = Try(letter.recipe, letter.path)
            self._mailbox.post(question, question.subject, question.rank)

    def _picture(self, engine: Engine, stamped: Stamped[Letter], letter: Show, offer: Offer | None) -> Picture | None:
        """The picture that was chosen; None: it was given up, the whole one for a newer wish."""
        self._rough = None if offer is None else stamped
        urgent = SAVING if letter.whole else OPENING  # nothing is: what the hand waits for only ends with the window
        chosen: dict[str, Any] = {} if offer is None else {"stop_at": offer.resolution, "quick": offer.quick}

        def stop() -> bool:
            return letter.unwanted.is_set() or self._mailbox.waiting(urgent)

        try:
            return engine.render(letter.recipe, stop=stop, **chosen)
        except Stopped:
            self._rough = stamped
            return None

    # --- everything else

    def _save(self, engine: Engine, letter: Save) -> None:
        from engine.picture import save_png

        save_png(engine.render(letter.recipe, remember=False), letter.to)
        self._say(Saved(letter.to))

    def _try(self, engine: Engine, stamped: Stamped[Letter], letter: Try) -> None:
        try:
            engine.try_quick(letter.recipe, stop=lambda: self._mailbox.waiting(TRYING))
        except Stopped:
            self._put_back(stamped, letter)

    def _decorate(self, engine: Engine, stamped: Stamped[Letter], letter: Decorate | Compute) -> None:
        def stop() -> bool:
            return letter.unwanted.is_set() or self._mailbox.waiting(DECORATING)

        try:
            if isinstance(letter, Compute):
                self._say(Computed(letter, letter.work(engine, letter.recipe, stop)))
                return
            # remember=False: what is kept for resuming belongs to the picture that the hand works on. Never a preview:
            # galleries keep these pictures
            picture = engine.render(letter.recipe, stop=stop, remember=False)
        except Stopped:
            self._put_back(stamped, letter)
            return
        self._say(Decorated(letter, qimage(picture.pixels)))


def qimage(pixels: Any) -> QImage:
    """uint8 [H, W, C] with C of 1, 3 or 4 as an image that owns its bytes."""
    height, width, channels = pixels.shape
    formats = {1: QImage.Format.Format_Grayscale8, 3: QImage.Format.Format_RGB888, 4: QImage.Format.Format_RGBA8888}
    # bytesPerLine is given because Qt would round it up to four bytes; copy() because the array is not Qt's to keep.
    return QImage(pixels.tobytes(), width, height, width * channels, formats[channels]).copy()
