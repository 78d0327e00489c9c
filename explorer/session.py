"""A session of the window: what engine/session.py reads and writes, as a history and with the gallery's pictures.

The same format is the file that a user saves and the one that the window keeps by itself; the latter goes without the
gallery, which has a file of its own. Knows no widget.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import asides
from engine import session as saved_session
from engine.asides import Asides
from engine.errors import RecipeError, clipped
from engine.open_model import AGAIN, OpenModel
from engine.recipe import Recipe
from engine.session import KEPT, KEY, SUFFIX, Saved, SavedStep, write
from explorer import gallery_file
from explorer.document import LOCKS, Document, locks_of
from explorer.gallery_file import Liked
from explorer.history import History, Step

__all__ = ["KEPT", "KEY", "SUFFIX", "Session", "dumps", "loads", "read", "session_of", "write"]

GALLERY = "gallery"  # among the other parts of a file
OLDER = ("mix_grid",)  # what programs up to November 2026 wrote beside the history


@dataclass(frozen=True, slots=True)
class Session:
    """All that a window shows, but for its look."""

    history: History
    models: Mapping[str, OpenModel]  # content id -> the model of every step
    liked: tuple[Liked, ...] = ()

    @property
    def recipe(self) -> Recipe:
        """What is shown."""
        return self.history.present

    @property
    def model(self) -> OpenModel:
        """The model of what is shown."""
        return self.models[self.recipe.model.content_id]


def session_of(document: Document, liked: tuple[Liked, ...] = ()) -> Session:
    """Everything of a document that a session keeps, and the gallery's items."""
    return Session(document.history, document.models, liked)


def dumps(session: Session) -> str:
    """The text. Of a very long history the steps that are farthest from the present one are left out."""
    past = session.history
    steps = tuple(SavedStep(step.label, step.recipe, step.timeline, step.asides) for step in past.steps)
    extra = {GALLERY: gallery_file.to_plain(session.liked)} if session.liked else {}
    return saved_session.dumps(Saved(steps, past.position, session.models, locks_of(past), extra))


def loads(text: str, name: str = "the session") -> Session:
    """The session of a text. Raises StylescopeError with one clear sentence for anything else."""
    return _shown(saved_session.loads(text, name), name)


def read(path: Path) -> Session:
    """The session in a file. Raises StylescopeError, which names the file."""
    saved = saved_session.read(path)
    with saved_session.named(clipped(path.name, 60)):
        return _shown(saved, path.name)


def _shown(saved: Saved, name: str) -> Session:
    extra = dict(saved.extra)
    liked = gallery_file.from_plain(extra.pop(GALLERY, []), name)
    older = asides.NONE if any(step.asides for step in saved.steps) else _older(saved.locks, extra, name)
    steps = tuple(Step(s.label, s.recipe, timeline=s.timeline, asides=s.asides or older) for s in saved.steps)
    return Session(History(steps, saved.position), saved.models, liked)


def _older(locks: frozenset[str], extra: Mapping[str, Any], name: str) -> Asides:
    """What older programs kept beside the history, one for all steps."""
    try:
        return asides.changed(asides.NONE, {name: extra.get(name) for name in OLDER} | {LOCKS: sorted(locks) or None})
    except ValueError as error:
        raise RecipeError(f"{clipped(name, 60)} cannot be read ({error})", AGAIN) from None
