"""A film as data: frame i of N is a pure function of the film and i. Standard library only.

A film goes along a path of keys: seeds (interpolation), a share of B in some layers (mixing), values of psi
(truncation), noise maps (noise) or the keyframes of a timeline, where all of them move. Frame i stands at the same
place whatever the machine's speed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from engine import edits
from engine.errors import RecipeError, UsageError
from engine.export.limits import MAX_KEYS, check_layers, check_resolutions, check_within
from engine.export.page import Page
from engine.family import ModelInfo
from engine.recipe import MAX_LAYERS, MAX_PSI, MAX_RESOLUTION, SEEDS, Mix, NoiseSetting, Recipe, Source
from engine.timeline.at import recipe_at, routes_of
from engine.timeline.value import Timeline

if TYPE_CHECKING:
    from engine.export.curve import Route
    from engine.renderer import Renderer

FilmKind = Literal["interpolation", "mixing", "truncation", "noise", "timeline"]
KINDS: tuple[FilmKind, ...] = ("interpolation", "mixing", "truncation", "noise")  # by themselves, without a timeline

MAX_FRAMES = 1_000_000
MAX_PATHS = 100  # films side by side
MAX_FPS = 1000
FRAMES_A_SEGMENT = 60  # two seconds at 30 frames a second
VIDEOS = (".mp4", ".webm")  # 4:2:0: half of the resolution for colours; and both keep a text
SUFFIXES = (*VIDEOS, ".gif", ".webp")
DESCRIPTION = "film.json"  # in a folder of frames
FRAME = re.compile(r"frame\d{5,}\.png")
LARGEST = 16_383  # pixels a side: what every format takes
SIDE = 256  # pixels a side that a picture in 4:2:0 has at least, so that its colours stay as sharp as its greys
PLAIN = Recipe()
SIDE_BY_SIDE = Page(gap=0, background="#000000")


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameSize:
    """Pixels of one frame as it is rendered, and by how much it is enlarged in the file."""

    width: int
    height: int
    scale: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """What a film shows. Checks itself and raises RecipeError, so that no senseless film exists."""

    kind: FilmKind
    base: Recipe = PLAIN  # all that the film does not change; its mix names space and blend
    paths: tuple[tuple[Source, ...], ...]  # sources of each of the films that stand side by side, in reading order
    frames: int  # exactly
    fps: Fraction = Fraction(30)
    loop: bool = False  # comes back to its beginning; the frame after the last one would be the first
    cubic: bool = False  # interpolation: a smooth curve instead of straight segments
    layers: tuple[int, ...] = ()  # mixing: slots that go from A to B
    psis: tuple[float, ...] = ()  # truncation: the values to pass, in order
    noise_seeds: tuple[int, ...] = ()  # noise: the maps to pass
    resolutions: tuple[int, ...] = ()  # noise: where; none: everywhere
    timeline: Timeline | None = None  # of kind timeline
    scale: int | None = None  # whole factor of enlargement; None: see `size`
    smooth: bool = True  # enlarge by Lanczos; False: square pixels
    page: Page = SIDE_BY_SIDE  # how films stand side by side

    def __post_init__(self) -> None:
        if self.kind not in (*KINDS, "timeline"):
            raise RecipeError("that is no kind of film", f"give one of {', '.join(KINDS)}")
        if not 1 <= self.frames <= MAX_FRAMES:
            raise RecipeError(f"a film has 1 to {MAX_FRAMES} frames", "give a number of frames in between")
        if not 0 < self.fps <= MAX_FPS or self.fps.denominator > 1_000_000:
            raise RecipeError(f"a film has up to {MAX_FPS} frames a second", "give a rate such as 24, 30 or 29.97")
        if not 1 <= len(self.paths) <= MAX_PATHS:
            raise RecipeError(f"1 to {MAX_PATHS} films stand side by side", "give fewer films")
        if self.scale is not None and not 1 <= self.scale <= 64:
            raise RecipeError("the scale of a film is a whole number from 1 to 64", "give one of these")
        check_within(self.layers, 0, MAX_LAYERS - 1, "layer")
        check_within(self.psis, -MAX_PSI, MAX_PSI, "psi")
        check_within(self.noise_seeds, 0, SEEDS - 1, "noise seed")
        check_within(self.resolutions, 1, MAX_RESOLUTION, "noise resolution")
        low, high, wanted = {
            "interpolation": (2, MAX_KEYS, "two seeds or more"),
            "mixing": (2, 2, "two seeds, A and B,"),
        }.get(self.kind, (1, 1, "one seed"))
        for path in self.paths:
            if not low <= len(path) <= high:
                what = f"a film of kind {self.kind} has {len(path)} source{'s'[: len(path) != 1]}"
                raise RecipeError(what, f"give {wanted} for each film")
        if len({len(path) for path in self.paths}) > 1:
            raise RecipeError("films side by side have different numbers of seeds", "give as many for each film")
        if self.kind == "mixing" and not self.layers:
            raise RecipeError("a mixing film moves no layers", "name some")
        if self.kind == "truncation" and len(self.psis) < 2:
            raise RecipeError("a truncation film needs two values of psi or more", "give a list such as 1,-1")
        if self.kind == "timeline" and (self.timeline is None or not self.timeline.keys):
            raise RecipeError("the timeline has no keyframes", "add some, two or more")
        if self.kind == "noise" and not self.noise_seeds:
            raise RecipeError("a noise film has no noise seeds", "give some")

    @property
    def segments(self) -> int:
        """Stretches between keys that one path has."""
        if self.kind == "noise":
            return len(self.noise_seeds)
        keys = {"mixing": 2, "truncation": len(self.psis)}.get(self.kind, len(self.paths[0]))
        return keys if self.loop else keys - 1

    @property
    def closed(self) -> bool:
        """Whether the first frame follows the last one. A noise walk always comes back."""
        return self.loop or self.kind == "noise"

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return float(self.frames / self.fps)

    def size(self, info: ModelInfo, suffix: str) -> FrameSize:
        """The size of the frames in a file. Where `scale` is None, MP4 and WebM are enlarged by the smallest whole
        number that gives the longer side of a picture `SIDE` pixels; other formats are not."""
        (wide, high), gap = info.size, self.page.gap_for(max(info.size))
        columns = self.page.columns_for(len(self.paths))
        rows = -(-len(self.paths) // columns)
        scale = self.scale or (max(1, -(-SIDE // max(wide, high))) if suffix in VIDEOS else 1)
        return FrameSize(width=columns * (wide + gap) - gap, height=rows * (high + gap) - gap, scale=scale)

    def place(self, i: int) -> tuple[int, float]:
        """Where frame i stands: number of the segment, and 0..1 on it. The last frame of an open film is its end."""
        return _place(Fraction(i, self.frames if self.closed else max(self.frames - 1, 1)), self.segments)

    def frame(self, i: int, info: ModelInfo, curves: Sequence[Route | None] | None = None) -> tuple[Recipe, ...]:
        """The recipes of frame i, one for each film side by side. `curves` are those of `curves`, if it gives any."""
        if self.timeline is not None:
            routes = (curves[0], curves[1]) if curves else None
            return (recipe_at(self.timeline, float(i / self.fps), info, routes),)
        return tuple(self._recipe(path, i, info, curves[n] if curves else None) for n, path in enumerate(self.paths))

    def curves(self, renderer: Renderer) -> Sequence[Route | None] | None:
        """The ways of sources that a cubic film or a timeline needs of its model; None: it needs none."""
        if self.timeline is not None:
            return routes_of(self.timeline, renderer)
        if not self.cubic or self.kind != "interpolation":
            return None
        from engine.export.curve import through

        return [through(path, self.base, self.loop, renderer) for path in self.paths]

    def check(self, info: ModelInfo, suffix: str) -> None:
        """Refuse what this model does not have and what a format cannot hold. Raises UsageError."""
        size = self.size(info, suffix)
        if max(size.width, size.height) * size.scale > LARGEST:
            what = f"a film of {size.width * size.scale} x {size.height * size.scale} pixels is too large"
            raise UsageError(what, f"make it {LARGEST} pixels a side at most: a smaller scale, fewer films")
        if suffix == ".gif" and self.fps > 50:
            raise UsageError("a GIF shows at most 50 frames a second", "give a lower rate or another format")
        if self.kind == "truncation" and not info.features.truncation:
            raise UsageError("this model has no mean latent to truncate towards", "choose another kind of film")
        if self.kind == "noise" and not info.noise:
            raise UsageError("this model has no noise inputs", "choose another kind of film")
        if self.kind == "mixing" and not info.features.layer_styles:
            raise UsageError("the layers of this model cannot be fed apart", "choose another kind of film")
        check_layers(self.layers, info)
        check_resolutions(self.resolutions, info)

    # --- one frame of one film

    def _recipe(self, path: tuple[Source, ...], i: int, info: ModelInfo, curve: Route | None) -> Recipe:
        segment, f = self.place(i)
        if self.kind == "interpolation":
            return self._between(path, segment, f, curve)
        base = edits.with_source(self.base, "a", path[0])
        if self.kind == "mixing":
            share = f if segment == 0 else 1 - f  # a loop goes there and back
            return edits.with_share(edits.with_source(base, "b", path[1]), self.layers, share)
        if self.kind == "truncation":
            first, last = self.psis[segment], self.psis[(segment + 1) % len(self.psis)]
            return edits.with_psi(base, last if f == 1 else first + f * (last - first))
        return self._walked(base, Fraction(i, self.frames), info)

    def _between(self, path: tuple[Source, ...], segment: int, f: float, curve: Route | None) -> Recipe:
        mix = Mix(space=self.base.mix.space, blend=self.base.mix.blend)  # the desk is what the path moves
        a, b = path[segment], path[(segment + 1) % len(path)]
        if not self.cubic or f in (0, 1):
            return replace(self.base, a=a, b=b, mix=replace(mix, t=f))
        if curve is None:
            raise ValueError("a frame of a cubic film needs its curve")
        return replace(self.base, a=curve(segment, f), b=b, mix=mix)

    def _walked(self, base: Recipe, share: Fraction, info: ModelInfo) -> Recipe:
        """Noise goes from map to map on circles through two of them, so that it never fades; and it always closes.
        Two maps make one whole circle; a single one makes it with the map of the next seed."""
        one = self.noise_seeds[0]
        seeds = self.noise_seeds if len(self.noise_seeds) > 1 else (one, (one + 1) % SEEDS)
        segment, f = (0, 4 * float(share)) if len(seeds) == 2 else _place(share, len(seeds))
        first, second = seeds[segment], seeds[(segment + 1) % len(seeds)]
        for resolution in self.resolutions or info.noise_resolutions:
            strength = base.noise.at(resolution).strength
            base = edits.with_noise(base, resolution, NoiseSetting(first, strength, second, f / 4))
        return base


def _place(share: Fraction, segments: int) -> tuple[int, float]:
    """A share 0..1 of a path of equal segments. Exact, so that keys are met exactly."""
    along = share * segments
    segment = min(int(along), segments - 1)
    return segment, float(along - segment)


def of_timeline(
    timeline: Timeline, fps: Fraction | None = None, *, scale: int | None = None, smooth: bool = True
) -> Film:
    """The film of a timeline, at its own rate or another one. Raises RecipeError where it has no keyframes."""
    timed = timeline if fps is None else replace(timeline, fps=fps)
    base = timed.keys[0].recipe if timed.keys else PLAIN
    return Film(
        kind="timeline",
        base=base,
        paths=((base.a,),),
        frames=timed.frames,
        fps=timed.fps,
        loop=timed.loop,
        timeline=timed,
        scale=scale,
        smooth=smooth,
    )


def frame_name(i: int) -> str:
    """The file of frame i in a folder of frames."""
    return f"frame{i:05d}.png"


def holds_only_frames(folder: Path) -> bool:
    """Whether a folder is that of an earlier film, which may be replaced."""
    return all(path.name == DESCRIPTION or FRAME.fullmatch(path.name) for path in folder.iterdir())
