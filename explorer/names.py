"""What things are called: in a sentence, and as files. Knows no widget."""

from __future__ import annotations

from pathlib import Path

from engine.errors import clipped
from engine.recipe import Latent, PlanePoint, Recipe, SavedLatent, Seed
from explorer.session import Session


def name_of(what: Path | str | Recipe | Session) -> str:
    """What something is called in a sentence."""
    if isinstance(what, (Recipe, Session)):
        return "recipe" if isinstance(what, Recipe) else "session"
    return clipped(Path(what).name or str(what), 60)


def file_name(recipe: Recipe) -> str:
    """A file name that tells the picture: model, seeds, psi."""
    words = [recipe.model.name or "picture", latent_words(recipe.a.latent)]
    if recipe.mix.t or any(recipe.mix.shares):
        words.append(latent_words(recipe.b.latent))
    words.append(f"psi{recipe.psi:.2f}")
    return plain("-".join(words))[:120] + ".png"


def plain(name: str) -> str:
    """A name that every file system takes."""
    return "".join(c if c.isalnum() or c in "-_.+" else "_" for c in name).lstrip("._")


def latent_words(latent: Latent) -> str:
    """What a latent is called."""
    match latent:
        case Seed(seed):
            return str(seed)
        case PlanePoint(x, y):
            return f"({x:.2f}, {y:.2f})"
        case SavedLatent(space, _):
            return f"saved {space.upper()} latent"
