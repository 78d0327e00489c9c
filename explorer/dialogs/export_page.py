"""What the tabs of the export dialog share: fields of each kind, and how lists of seeds, layers and rates are read.

"A" and "B" in a list of seeds are the sources of the desk, whatever they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any, ClassVar

from engine.commands import options
from engine.errors import RecipeError, UsageError, clipped
from engine.export import film
from engine.export.job import Film, Grid, Pictures
from engine.export.limits import check_layers, check_resolutions
from engine.export.page import Page
from engine.family import ModelInfo
from engine.recipe import Recipe, Seed, Source
from explorer.dialogs.export_form import Form, Value
from explorer.export_words import counted

Sources = tuple[Source, ...]
SEEDS_HINT = "Such as 0-8, 42. A and B are the sources of the desk."
QUALITY_TIP = "1 to 100; auto: what suits the format"
DEFAULT_PAGE = Page()
WITHOUT_QUALITY = (".png", ".tif", ".npy", ".gif", "")


class ExportPage(Form):
    """A tab. `title` also is its name in what is remembered."""

    title = ""
    kinds: tuple[tuple[str, str], ...] = ()  # values and words
    own: ClassVar[dict[str, tuple[str, ...]]] = {}  # field -> the kinds that have it; others all have
    defaults: ClassVar[dict[str, dict[str, Value]]] = {}  # of each kind

    def __init__(self) -> None:
        super().__init__()
        self._remembered: dict[str, dict[str, Any]] = {}
        self._kind = self.kinds[0][0]
        self.kind_choice = self.add_choice("kind", "Kind", "What is made", self.kinds, wide=True)
        self.kind_choice.edited.connect(self._turn)
        self.build()
        self.end()
        self._load()

    def build(self) -> None:
        """Add the fields."""
        raise NotImplementedError

    def what(self, recipe: Recipe, info: ModelInfo) -> Pictures | Grid | Film:
        """What the fields say. Raises Wrong, RecipeError, UsageError."""
        raise NotImplementedError

    @property
    def suffix(self) -> str:
        """Of the file; "" for a folder."""
        raise NotImplementedError

    @property
    def folder_format(self) -> str:
        """Suffix of the pictures in a folder."""
        return ".png"

    @property
    def quality(self) -> int | None:
        """As asked for, where the format has one."""
        if "quality" not in self.fields or not self.fields["quality"].isEnabled():
            return None
        return self.number("quality") or None

    def file_stem(self, recipe: Recipe) -> str:
        """What a file is called if nobody says otherwise."""
        return f"{recipe.model.name or 'model'}-{self.title.lower()}-{self['kind']}"

    # --- kinds

    def choose_kind(self, kind: str) -> None:
        """Turn to a kind, as by hand."""
        self.put({"kind": kind})
        self._turn()

    def _turn(self, _: int = 0) -> None:
        self._remembered[self._kind] = self.values()
        self._kind = self.text("kind")
        self._load()
        self.edited.emit()

    def _load(self) -> None:
        """The fields of the present kind, as they were last."""
        kind, of_kind = self._kind, (*self.own, "seeds")
        known = {key: value for key, value in self._remembered.get(kind, {}).items() if key in of_kind}
        blank = {key: "" for key in self.notes if key in self.own}
        self.put({**blank, **self.defaults.get(kind, {}), **known, "kind": kind})
        self.show_only([key for key, kinds in self.own.items() if kind not in kinds])

    def remember(self) -> dict[str, Any]:
        """All kinds' fields, for another day."""
        self._remembered[self._kind] = self.values()
        return {"kind": self._kind, "kinds": self._remembered}

    def recall(self, state: object) -> None:
        """What `remember` gave; what does not fit is passed over."""
        match state:
            case {"kind": str(kind), "kinds": dict(kinds)}:
                known = [name for name, _ in self.kinds]
                self._remembered = {k: v for k, v in kinds.items() if k in known and isinstance(v, dict)}
                self._kind = kind if kind in known else known[0]
                self.put(self._remembered.get(self._kind, {}))
                self._load()

    # --- what the pages share

    def sources(self, key: str, recipe: Recipe) -> Sources:
        """The sources of a list of seeds."""
        said: Callable[[Sources], str] = lambda found: counted(len(found)).replace("picture", "source")  # noqa: E731
        return self.read(key, lambda text: sources(text, recipe), said)

    def layers(self, info: ModelInfo) -> tuple[int, ...]:
        """The layers of a list."""

        def read(text: str) -> tuple[int, ...]:
            found = options.layer_list(text, info)
            check_layers(found, info)
            return found

        return self.read("layers", read, layer_words)

    def resolutions(self, info: ModelInfo) -> tuple[int, ...]:
        """Where noise is drawn anew; nothing: everywhere."""

        def read(text: str) -> tuple[int, ...]:
            found = seeds(text)
            check_resolutions(found, info)
            return found

        if not self.text("resolutions").strip():
            self.note("resolutions")
            return ()
        return self.read("resolutions", read)

    def base(self, recipe: Recipe) -> Recipe:
        """The document's recipe, with the mix or without."""
        if self["mixed"]:
            return recipe
        return replace(recipe, mix=replace(recipe.mix, t=0.0, shares=()))

    def add_mixed(self) -> None:
        """The switch that `base` asks."""
        self.add_check(
            "mixed", "Mixed with B as on the desk", "Off: every picture is of its own source alone", wide=True
        )

    def add_quality(self) -> None:
        """Beside the format."""
        self.add_number("quality", "Quality", QUALITY_TIP, 0, 100, none="auto", beside=True)

    def suit(self, suffix: str) -> None:
        """Grey what the format does not have."""
        self.reason("quality", "This format has no quality setting" if suffix in WITHOUT_QUALITY else None)


def sources(text: str, recipe: Recipe) -> Sources:
    """The sources of a list such as "A, 0-8, 42": seeds are of A's class. Raises UsageError."""
    found: list[Source] = []
    for part in text.split(","):
        name = part.strip().lower()
        if name in ("a", "b"):
            found.append(recipe.a if name == "a" else recipe.b)
        else:
            found += [Source(Seed(seed), recipe.a.classes) for seed in options.seed_list(part)]
    return tuple(found)


def seeds(text: str) -> tuple[int, ...]:
    """A list of whole numbers. Raises UsageError."""
    return tuple(options.seed_list(text))


def numbers(text: str) -> tuple[float, ...]:
    """A list of numbers. Raises UsageError."""
    return tuple(options.number_list(text))


def rate(text: str, suffix: str) -> Fraction:
    """Frames a second, for a format. Raises UsageError."""
    try:
        found = options.rate(text)
    except ValueError:
        raise UsageError(f"{clipped(repr(text), 40)} is no rate", "give one such as 24, 29.97 or 30000/1001") from None
    most = 50 if suffix == ".gif" else film.MAX_FPS
    if not 0 < found <= most:
        raise RecipeError(
            f"a {'GIF' if most == 50 else 'film'} shows up to {most} frames a second", "give a lower rate"
        )
    return found


def layer_words(layers: tuple[int, ...]) -> str:
    """How many layers a list names."""
    return f"{len(layers)} layer{'s'[: len(layers) != 1]}: {', '.join(map(str, layers))}"
