"""What is said between the window and the render thread: letters to it, answers from it, what it asks of the engine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from PySide6.QtGui import QImage

from engine.family import ModelInfo
from engine.recipe import Recipe
from explorer.document import OpenModel
from explorer.task import Task

if TYPE_CHECKING:  # numpy and torch come with the engine
    from engine.picture import Picture
    from engine.renderer import Offer


class Engine(Protocol):
    """What the thread asks of `engine.renderer.Renderer`."""

    last: Any  # figures of the last picture

    def load(
        self,
        path: Path,
        *,
        progress: Callable[[float], None] | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> ModelInfo:
        """Open a model file; at once when it is open."""

    def render(
        self,
        recipe: Recipe,
        *,
        stop: Callable[[], bool] | None = None,
        remember: bool = True,
        stop_at: int | None = None,
        quick: bool = False,
    ) -> Picture:
        """The picture of a recipe whose model is open."""

    def offers(self, recipe: Recipe) -> Sequence[Offer]:
        """What could be shown of a recipe, and how long it would take; nothing where that is not known."""

    def try_quick(self, recipe: Recipe, *, stop: Callable[[], bool] | None = None) -> object:
        """Find out whether a quicker precision is worth it for the recipe's model."""


# --- letters to the thread: of one subject the newest is taken, of several the one of the lowest rank

# What the hand waits for goes first, what only decorates goes last.
OPENING, SHOWING, SAVING, DECORATING, TRYING = range(5)
WANTED = threading.Event()  # of letters that nobody takes back: never set


@dataclass(frozen=True, slots=True)
class Show:
    """Render what the document shows."""

    recipe: Recipe
    path: Path  # of its model
    size: tuple[int, int] | None = None  # (width, height) of the whole picture, which a preview is scaled to
    whole: bool = False  # at full size and in full precision, however long it takes
    task: Task | None = None  # hears how far the model is, where it has to be read first; stopped: give it up
    rank: ClassVar[int] = SHOWING
    subject: ClassVar[str] = "document"

    @property
    def unwanted(self) -> threading.Event:
        """Set: give it up, also half-way."""
        return WANTED if self.task is None else self.task.ended


@dataclass(frozen=True, slots=True)
class Save:
    """Render at full quality and write a PNG."""

    recipe: Recipe
    path: Path
    to: Path
    rank: ClassVar[int] = SAVING
    unwanted: ClassVar[threading.Event] = WANTED

    @property
    def subject(self) -> Path:
        """Each file is a wish of its own."""
        return self.to


@dataclass(frozen=True, slots=True, eq=False)
class Decorate:
    """Render for a panel, when nothing else is to be done."""

    key: Hashable
    recipe: Recipe
    path: Path
    unwanted: threading.Event = field(default_factory=threading.Event)  # set: give it up, also half-way
    rank: ClassVar[int] = DECORATING

    @property
    def subject(self) -> Hashable:
        """A later wish of the same key replaces this one."""
        return self.key


@dataclass(frozen=True, slots=True, eq=False)
class Compute:
    """Something else that only the engine knows, when nothing else is to be done."""

    key: Hashable
    recipe: Recipe
    path: Path
    work: Callable[[Engine, Recipe, Callable[[], bool]], Any]  # engine, recipe, "stop?" -> answer; may raise Stopped
    unwanted: threading.Event = field(default_factory=threading.Event)
    rank: ClassVar[int] = DECORATING

    @property
    def subject(self) -> Hashable:
        """A later question of the same key replaces this one."""
        return self.key


@dataclass(frozen=True, slots=True)
class Try:
    """Find out whether moving pictures of a model are to be made in a quicker precision."""

    recipe: Recipe
    path: Path
    rank: ClassVar[int] = TRYING
    unwanted: ClassVar[threading.Event] = WANTED

    @property
    def subject(self) -> str:
        """Once for each model."""
        return self.recipe.model.content_id


@dataclass(frozen=True, slots=True)
class Open:
    """Find out what a path, a bundled name or a recipe is, and load the model it needs."""

    what: Path | str | Recipe
    find: Callable[[Engine, Path | str | Recipe], tuple[OpenModel, Recipe | None]]
    rank: ClassVar[int] = OPENING
    subject: ClassVar[str] = "open"
    unwanted: ClassVar[threading.Event] = WANTED  # what it does asks by itself whether to go on


Letter = Show | Save | Decorate | Compute | Try | Open


# --- answers


@dataclass(frozen=True, slots=True)
class Rendered:
    """The picture of a recipe. The image owns its bytes and is as large as the whole picture."""

    stamp: int
    recipe: Recipe  # as it was asked for
    picture: Picture
    image: QImage
    stats: Any
    full: bool = True  # at full size and in full precision; else that one follows
    overtaking: bool = False  # the hand moves, pictures come late, and this model has no preview: newest wins
    began: float = 0.0  # when the thread took it up, in seconds of time.perf_counter
    ended: float = 0.0  # and when it was done

    @property
    def badge(self) -> str:
        """What the status line says of it."""
        if self.overtaking:
            return "newest wins"
        words = "preview" if self.picture.pixels.shape[:2] != (self.image.height(), self.image.width()) else "full"
        height, width = self.picture.pixels.shape[:2]
        return f"{words} {width}x{height}"


@dataclass(frozen=True, slots=True)
class Decorated:
    """A picture for a panel."""

    letter: Decorate
    image: QImage


@dataclass(frozen=True, slots=True)
class Computed:
    """What came of a `Compute`."""

    letter: Compute
    answer: Any


@dataclass(frozen=True, slots=True)
class Saved:
    """A picture was written."""

    to: Path


@dataclass(frozen=True, slots=True)
class Opened:
    """A model that is loaded, and the recipe that was opened (None: a model file was)."""

    stamp: int
    what: Path | str | Recipe
    model: OpenModel
    recipe: Recipe | None


@dataclass(frozen=True, slots=True)
class Failed:
    """A letter that could not be answered."""

    stamp: int
    letter: Letter
    error: BaseException
    details: str  # the traceback


Answer = Rendered | Decorated | Computed | Saved | Opened | Failed
