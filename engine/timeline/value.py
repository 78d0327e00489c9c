"""A timeline: keyframes of whole recipes, and for each parameter the curve on which it goes between them.

Immutable and checked like a recipe; all functions give the timeline after an edit. Standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from engine import edits
from engine.errors import RecipeError
from engine.family import ModelInfo
from engine.recipe import SEEDS, Recipe
from engine.timeline.curves import CurveKind

Parameter = Literal["a", "b", "mix", "psi", "cutoff", "pushes", "strength", "noise"]
NoiseMode = Literal["keyframes", "circle"]

SMOOTH: tuple[CurveKind, ...] = ("cubic", "linear", "ease", "hold")
KINDS: dict[Parameter, tuple[CurveKind, ...]] = {  # those that a parameter can have; the first is its own
    "a": SMOOTH,  # with its class weights: these are a part of where it is in W
    "b": SMOOTH,
    "mix": SMOOTH,  # master and all faders
    "psi": SMOOTH,
    "cutoff": ("hold", "linear"),  # a whole number of layers: it steps
    "pushes": SMOOTH,
    "strength": SMOOTH,  # of the noise
    "noise": ("linear", "ease", "hold"),  # its maps, on circles through two of them
}
NOISES: tuple[NoiseMode, ...] = ("keyframes", "circle")

MAX_KEYS = 500
MAX_SECONDS = 3600.0
MAX_FPS = 1000
MIN_GAP = 0.5 / MAX_FPS  # seconds between two keyframes: neighbouring frames find room, however they are rounded
SAME = 1e-6  # seconds: an instant that is so near a keyframe is the keyframe's
GAP = 1.0  # seconds to a keyframe that is put behind the last


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyframe:
    """A whole recipe at an instant."""

    time: float  # seconds
    recipe: Recipe

    def __post_init__(self) -> None:
        object.__setattr__(self, "time", _seconds(self.time, "the time of a keyframe"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Keyframes in the order of their times. Checks itself and raises RecipeError."""

    keys: tuple[Keyframe, ...] = ()
    curves: tuple[tuple[Parameter, CurveKind], ...] = ()  # of parameters that do not have their own
    seconds: float = 0.0  # from the first frame to the last; of a loop: until the first comes again
    fps: Fraction = Fraction(30)
    loop: bool = False  # the last keyframe flows to the first
    noise: NoiseMode = "keyframes"  # "circle": the first keyframe's noise goes once around, whatever the others say
    noise_seed: int = 1  # of the second map of that circle

    def __post_init__(self) -> None:
        if len(self.keys) > MAX_KEYS:
            raise RecipeError(f"a timeline has up to {MAX_KEYS} keyframes", "give fewer")
        object.__setattr__(self, "seconds", _seconds(self.seconds, "the duration of a timeline"))
        if not 0 < self.fps <= MAX_FPS or self.fps.denominator > 1_000_000:
            raise RecipeError(f"a timeline has up to {MAX_FPS} frames a second", "give a rate such as 24 or 30")
        keys = tuple(sorted(self.keys, key=lambda key: key.time))
        object.__setattr__(self, "keys", keys)
        if any(after.time - before.time < MIN_GAP for before, after in pairwise(keys)):
            raise RecipeError("two keyframes are at the same time", "move one of them")
        if len({key.recipe.model.content_id for key in keys}) > 1:
            raise RecipeError("the keyframes are for different models", "make them with one model")
        if keys and self.seconds < keys[-1].time + (MIN_GAP if self.loop else 0):
            raise RecipeError("the timeline ends before its last keyframe", "give a longer duration")
        if self.noise not in NOISES:
            raise RecipeError("that is no way of the noise", f"give one of {', '.join(NOISES)}")
        if isinstance(self.noise_seed, bool) or not 0 <= self.noise_seed < SEEDS:
            raise RecipeError("the noise seed of the timeline is out of range", f"give one from 0 to {SEEDS - 1}")
        chosen = dict(self.curves)
        for parameter, kind in chosen.items():
            if parameter not in KINDS:
                raise RecipeError("a curve of the timeline is for no parameter", f"give one of {', '.join(KINDS)}")
            if kind not in KINDS[parameter]:
                raise RecipeError(f"that is no curve of {parameter}", f"give one of {', '.join(KINDS[parameter])}")
        kept = tuple((name, chosen[name]) for name in KINDS if chosen.get(name, KINDS[name][0]) != KINDS[name][0])
        object.__setattr__(self, "curves", kept)

    @property
    def frames(self) -> int:
        """How many there are: an open timeline shows its end, a loop's end is its beginning."""
        count = Fraction(self.seconds).limit_denominator(1_000_000) * self.fps
        return max(1, round(count) if self.loop else int(count) + 1)

    def time_of(self, frame: int) -> float:
        """The instant of a frame in seconds."""
        return float(frame / self.fps)

    def frame_at(self, time: float) -> int:
        """The frame next to an instant."""
        return max(0, min(round(time * self.fps), self.frames - 1))

    def curve(self, parameter: Parameter) -> CurveKind:
        """The curve of a parameter."""
        return dict(self.curves).get(parameter, KINDS[parameter][0])

    def key_at(self, time: float) -> int | None:
        """Index of the keyframe at an instant, within half a frame; None: there is none."""
        half = float(1 / self.fps) / 2
        near = [i for i, key in enumerate(self.keys) if abs(key.time - time) < half]
        return min(near, key=lambda i: abs(self.keys[i].time - time)) if near else None

    # --- edits

    def with_key(self, time: float, recipe: Recipe) -> Timeline:
        """A keyframe at an instant, in place of one that is there. The timeline grows where it must."""
        index = self.key_at(time)
        time = self._snapped(time) if index is None else self.keys[index].time
        others = self.keys if index is None else (*self.keys[:index], *self.keys[index + 1 :])
        return self._with((*others, Keyframe(time=time, recipe=recipe)))

    def appended(self, recipe: Recipe) -> Timeline:
        """A keyframe behind the last, as far from it as that is from the one before."""
        if not self.keys:
            return self.with_key(0.0, recipe)
        gap = self.keys[-1].time - self.keys[-2].time if len(self.keys) > 1 else GAP
        return self.with_key(self.keys[-1].time + gap, recipe)

    def moved(self, index: int, time: float) -> Timeline:
        """A keyframe at another instant; it stays between its neighbours."""
        frame = float(1 / self.fps)
        low = self.keys[index - 1].time + frame if index else 0.0
        high = self.keys[index + 1].time - frame if index + 1 < len(self.keys) else MAX_SECONDS - GAP
        time = self._snapped(min(max(time, low), max(low, high)))
        keys = (*self.keys[:index], replace(self.keys[index], time=time), *self.keys[index + 1 :])
        return self._with(keys)

    def removed(self, index: int) -> Timeline:
        """Without a keyframe; an open timeline ends with its last one."""
        last = index == len(self.keys) - 1 and index > 0 and self.keys[-1].time == self.seconds
        keys = (*self.keys[:index], *self.keys[index + 1 :])
        return replace(self, keys=keys, seconds=keys[-1].time if last else self.seconds if keys else 0.0)

    def with_curve(self, parameter: Parameter, kind: CurveKind) -> Timeline:
        """Another curve for a parameter."""
        return replace(self, curves=(*((p, k) for p, k in self.curves if p != parameter), (parameter, kind)))

    def with_loop(self, loop: bool) -> Timeline:
        """Closed or open. The way back takes as long as the others on the average; when it goes, its time goes too."""
        if loop == self.loop or not self.keys:
            return replace(self, loop=loop)
        last = self.keys[-1].time
        if not loop:
            return replace(self, loop=False, seconds=last if self.seconds == last + self._way_back else self.seconds)
        return replace(self, loop=True, seconds=max(self.seconds, last + self._way_back))

    def with_seconds(self, seconds: float) -> Timeline:
        """Another duration, not shorter than the keyframes need."""
        least = 0.0 if not self.keys else self.keys[-1].time + (float(1 / self.fps) if self.loop else 0)
        return replace(self, seconds=min(max(self._snapped(seconds), least), MAX_SECONDS))

    def with_fps(self, fps: Fraction) -> Timeline:
        """Another rate; keyframes and end move to the nearest of its frames, if all find room there."""
        there = replace(self, fps=fps)
        times = [there._snapped(key.time) for key in self.keys]
        if len(set(times)) < len(times):
            return there
        keys = tuple(replace(key, time=time) for key, time in zip(self.keys, times, strict=True))
        end = there._snapped(self.seconds)
        return there if self.loop and keys and end <= times[-1] else replace(there, keys=keys, seconds=end)

    def with_noise(self, noise: NoiseMode, seed: int | None = None) -> Timeline:
        """What the noise does; with another second map."""
        return replace(self, noise=noise, noise_seed=self.noise_seed if seed is None else seed)

    def fitted(self, info: ModelInfo) -> Timeline:
        """For another model: seeds and psi stay."""
        if all(key.recipe.model.content_id == info.content_id for key in self.keys):
            return self
        return replace(self, keys=tuple(replace(k, recipe=edits.with_model(k.recipe, info)) for k in self.keys))

    @property
    def _way_back(self) -> float:
        first, last = self.keys[0].time, self.keys[-1].time
        return (last - first) / (len(self.keys) - 1) if len(self.keys) > 1 else GAP

    def _snapped(self, time: float) -> float:
        """The instant of the nearest frame, so that the film shows the keyframe itself."""
        return float(max(0, round(time * self.fps)) / self.fps)

    def _with(self, keys: tuple[Keyframe, ...]) -> Timeline:
        """Other keyframes; the end follows the last one, and a loop's way back stays as long as it was."""
        before, last = self.keys[-1].time if self.keys else 0.0, max(key.time for key in keys)
        if self.loop:
            back = self.seconds - before if self.keys and self.seconds > before else GAP
            seconds = last + back if self.seconds <= last or last != before else self.seconds
        else:
            seconds = last if self.seconds in (before, 0.0) else max(self.seconds, last)
        return replace(self, keys=keys, seconds=min(seconds, MAX_SECONDS))


def _seconds(value: object, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= MAX_SECONDS:
        raise RecipeError(f"{what} is no number of seconds from 0 to {MAX_SECONDS:g}", "give one of these")
    return float(value)


EMPTY = Timeline()
