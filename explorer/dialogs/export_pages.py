"""What can be exported, a tab each: pictures, grids, films. From fields and the document's recipe to a job's data."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any, ClassVar

from engine import edits
from engine.export import film, grid
from engine.export.job import Film, Grid, Pictures
from engine.export.page import Page
from engine.export.pictures import Lazy, source_names
from engine.family import ModelInfo
from engine.recipe import Recipe
from explorer.dialogs.export_form import Value, Wrong
from explorer.dialogs.export_page import (
    DEFAULT_PAGE,
    SEEDS_HINT,
    ExportPage,
    Sources,
    numbers,
    rate,
    seeds,
)


class PicturePage(ExportPage):
    """The picture of the document, or one for each of some seeds."""

    title = "Picture"
    kinds = (("present", "The picture as it is"), ("seeds", "A picture of each seed"))
    own: ClassVar[dict[str, tuple[str, ...]]] = {"seeds": ("seeds",), "mixed": ("seeds",)}
    defaults: ClassVar[dict[str, dict[str, Value]]] = {"seeds": {"seeds": "0-15"}}

    def build(self) -> None:
        self.add_text("seeds", "Seeds", "Which seeds, in this order", SEEDS_HINT)
        self.add_mixed()
        words = ((".png", "PNG"), (".webp", "WebP"), (".jpg", "JPEG"), (".tif", "TIFF"), (".npy", "NumPy numbers"))
        tip = "PNG holds the recipe; beside the others it lies as JSON. NumPy: before any rounding, -1 to 1"
        self.add_choice("format", "Format", tip, words)
        self.add_quality()

    @property
    def suffix(self) -> str:
        return self.text("format") if self["kind"] == "present" else ""

    @property
    def folder_format(self) -> str:
        return self.text("format")

    def what(self, recipe: Recipe, info: ModelInfo) -> Pictures:
        self.suit(self.text("format"))
        if self["kind"] == "present":
            return Pictures(recipes=(recipe,))
        base, found = self.base(recipe), self.sources("seeds", recipe)
        return Pictures(recipes=Lazy(len(found), lambda i: replace(base, a=found[i])), names=source_names(found))

    def file_stem(self, recipe: Recipe) -> str:
        return "" if self["kind"] == "present" else f"{recipe.model.name or 'model'}-seeds"


class GridPage(ExportPage):
    """Many pictures on one page."""

    title = "Grid"
    kinds = (
        ("seeds", "Contact sheet of seeds"),
        ("truncation", "Truncation: a column for each psi"),
        ("mixing", "Style mixing: A down, B across"),
        ("noise", "Noise realisations and their deviation"),
        ("interpolation", "Strips from seed to seed"),
        ("classes", "A row for each class"),
    )
    own: ClassVar[dict[str, tuple[str, ...]]] = {
        **{name: kinds for name, kinds in grid.USES.items() if name != "blend"},  # which the desk says
        "mixed": ("seeds", "truncation", "noise", "classes"),
    }
    defaults: ClassVar[dict[str, dict[str, Value]]] = {
        "seeds": {"seeds": "0-15", "mixed": False, "columns": 0},
        "truncation": {"seeds": "A, B", "psis": "1, 0.7, 0.5, 0, -0.5, -1", "mixed": False},
        "mixing": {"seeds": "A, 0-2", "seeds_b": "B, 3-6", "layers": "coarse"},
        "noise": {"seeds": "A", "noise_seeds": "0-3", "mixed": True, "realisations": 100},
        "interpolation": {"seeds": "A, B", "space": "wz", "columns": 0},
        "classes": {"seeds": "A", "mixed": False},
    }

    def build(self) -> None:
        self.add_text("seeds", "Seeds", "Which seeds, in this order; in a mixing grid those down the side", SEEDS_HINT)
        self.add_text("seeds_b", "Seeds across", "The sources B, along the top", SEEDS_HINT)
        self.add_text("layers", "Layers of B", "What the cells take from B", "coarse, middle, fine, or such as 0-3, 8")
        self.add_text("psis", "Values of psi", "A column each, negative ones too", "Such as 1, 0.7, 0, -1")
        self.add_text("noise_seeds", "Noise seeds", "The realisations that are shown", "Such as 0-3")
        self.add_text("resolutions", "Drawn anew at", "Where the noise differs", "Such as 32, 64. Nothing: everywhere.")
        self.add_number("realisations", "Deviation of", "Over so many realisations", 0, 10_000, none="none")
        self.add_text("classes", "Classes", "Which of the model's", "Such as 0-4. Nothing: all.")
        self.add_choice("space", "Space", "Where the strips lead", (("wz", "W and Z"), ("w", "W"), ("z", "Z")))
        self.add_number("columns", "Columns", "Pictures in a row", 0, 1000, none="auto")
        self.add_mixed()
        self.add_text(
            "background",
            "Background",
            f"A colour such as {DEFAULT_PAGE.background}",
            "Captions are black or white on it.",
        )
        self.add_number("gap", "Gap", "Pixels between pictures; auto: 1/32 of one", -1, 1000, none="auto")
        self.add_check("captions", "Captions", "Seeds, psi and names beside the pictures", beside=True)
        self.put({"background": DEFAULT_PAGE.background, "gap": -1, "captions": True})

    @property
    def suffix(self) -> str:
        return ".png"

    def what(self, recipe: Recipe, info: ModelInfo) -> Grid:
        kind = self.text("kind")
        chosen: dict[str, Any] = {"kind": kind, "sources": self.sources("seeds", recipe)}
        chosen["base"] = self.base(recipe) if kind in self.own["mixed"] else recipe
        if kind == "mixing":
            chosen |= {"sources_b": self.sources("seeds_b", recipe), "layers": self.layers(info)}
        elif kind == "truncation":
            chosen["psis"] = self.read("psis", numbers)
        elif kind == "noise":
            chosen["realisations"] = self.number("realisations")
            chosen |= {"noise_seeds": self.read("noise_seeds", seeds), "resolutions": self.resolutions(info)}
        elif kind == "interpolation":
            chosen["spaces"] = tuple(self.text("space"))
        elif kind == "classes":
            chosen["classes"] = self.read("classes", seeds) if self.text("classes").strip() else ()
        gap, columns = self.number("gap"), self.number("columns") if kind in self.own["columns"] else 0
        captions = bool(self["captions"])
        background = self.read("background", lambda text: Page(background=text).background)
        page = Page(columns=columns or None, gap=None if gap < 0 else gap, captions=captions, background=background)
        return Grid(**chosen, page=page)


class FilmPage(ExportPage):
    """A film of frames, or these as pictures."""

    title = "Film"
    kinds = (
        ("interpolation", "From seed to seed"),
        ("mixing", "Style mixing: layers go from A to B"),
        ("truncation", "Truncation: psi moves"),
        ("noise", "Noise walk"),
    )
    own: ClassVar[dict[str, tuple[str, ...]]] = {
        "layers": ("mixing",),
        "psis": ("truncation",),
        "noise_seeds": ("noise",),
        "resolutions": ("noise",),
        "space": ("interpolation",),
        "cubic": ("interpolation",),
        "films": ("interpolation",),
        "loop": ("interpolation", "mixing", "truncation"),
        "mixed": ("truncation", "noise"),
    }
    defaults: ClassVar[dict[str, dict[str, Value]]] = {
        "interpolation": {"seeds": "A, B", "space": "w", "films": 1},
        "mixing": {"seeds": "A, B", "layers": "coarse"},
        "truncation": {"seeds": "A", "psis": "1, -1", "mixed": True},
        "noise": {"seeds": "A", "noise_seeds": "0-3", "mixed": True},
    }

    def build(self) -> None:
        self.add_text("seeds", "Seeds", "Which seeds to pass, in this order", SEEDS_HINT)
        self.add_text("layers", "Layers", "What goes from A to B", "coarse, middle, fine, or such as 0-3, 8")
        self.add_text("psis", "Values of psi", "To pass in this order", "Such as 1, 0.7, 0, -1")
        self.add_text("noise_seeds", "Noise seeds", "Maps to pass in this order", "Such as 0-3")
        self.add_text("resolutions", "Moves at", "Where the noise moves", "Such as 32, 64. Nothing: everywhere.")
        self.add_choice("space", "Space", "W, or Z before the mapping network", (("w", "W"), ("z", "Z")))
        self.add_number("films", "Side by side", "Films in one, each with its share of the seeds", 1, 100, beside=True)
        self.add_check("loop", "Closed loop", "Comes back to its beginning")
        self.add_check("cubic", "Smooth curve", "No corners at the seeds", beside=True)
        self.add_mixed()
        self.add_number("frames", "Frames", "Exactly so many", 1, film.MAX_FRAMES)
        self.add_text("fps", "Frames a second", "24, 29.97 or 30000/1001")
        words = ((".mp4", "MP4"), (".webm", "WebM"), (".gif", "GIF"), (".webp", "WebP"), ("", "PNG frames"))
        tip = "MP4 and WebM hold the recipe; beside the others it lies as JSON"
        self.add_choice("format", "Format", tip, words)
        self.add_quality()
        sizes = [("0", "automatic"), *((str(n), f"{n} times") for n in (1, 2, 3, 4, 6, 8, 16))]
        self.add_choice("scale", "Enlarged", "Automatic: MP4 and WebM to 256 pixels at least", sizes)
        self.add_check("smooth", "Smoothly", "Off: square pixels", beside=True)
        self.put({"frames": 120, "fps": "30", "scale": "0", "smooth": True})

    @property
    def suffix(self) -> str:
        return self.text("format")

    def what(self, recipe: Recipe, info: ModelInfo) -> Film:
        kind, suffix = self.text("kind"), self.suffix
        self.suit(suffix)
        found, base = self.sources("seeds", recipe), recipe
        chosen: dict[str, Any] = {"kind": kind}
        if kind in self.own["loop"]:
            chosen["loop"] = bool(self["loop"])
        if kind in self.own["mixed"]:
            base = self.base(recipe)
        if kind == "interpolation":
            base = edits.with_space(recipe, "z" if self["space"] == "z" else "w")
            chosen["cubic"] = bool(self["cubic"])
        elif kind == "mixing":
            chosen["layers"] = self.layers(info)
        elif kind == "truncation":
            chosen["psis"] = self.read("psis", numbers)
        else:
            chosen |= {"noise_seeds": self.read("noise_seeds", seeds), "resolutions": self.resolutions(info)}
        chosen["paths"] = self._paths(kind, found)
        chosen["fps"] = self.read("fps", lambda text: rate(text, suffix), lambda fps: self._time_words(fps, suffix))
        scale = int(self.text("scale")) or None
        return Film(**chosen, base=base, frames=self.number("frames"), scale=scale, smooth=bool(self["smooth"]))

    def _paths(self, kind: str, found: Sources) -> tuple[Sources, ...]:
        """The sources of each film side by side."""
        films = self.number("films") if kind == "interpolation" else 0
        keys = {"mixing": 2, "interpolation": len(found) // max(films, 1)}.get(kind, 1)
        low = 2 if kind == "interpolation" else 1
        if keys < low or len(found) < keys or len(found) % keys or (films and films * keys != len(found)):
            need = {"mixing": "Give pairs: an A and a B for each film"}.get(
                kind, "Give two seeds or more for each film"
            )
            need += ", as many for each" if kind == "interpolation" and films > 1 else ""
            self.note("seeds", need, wrong=True)
            raise Wrong
        return tuple(found[i : i + keys] for i in range(0, len(found), keys))

    def _time_words(self, fps: Fraction, suffix: str) -> str:
        lasts = f"{self.number('frames') / float(fps):.4g} s"
        if suffix != ".gif" or (100 / fps).denominator == 1:
            return lasts
        return f"{lasts} in all, exactly; a GIF counts in 1/100 s, so single frames are up to 5 ms off"
