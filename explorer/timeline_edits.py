"""What hands do to the timeline, with the labels of the history. Knows the document and no widget."""

from __future__ import annotations

from fractions import Fraction

from engine.recipe import Recipe
from engine.timeline.curves import CurveKind
from engine.timeline.value import NoiseMode, Parameter, Timeline
from explorer.document import Document

NAMES: dict[Parameter, str] = {
    "a": "Source A",
    "b": "Source B",
    "mix": "Mix",
    "psi": "psi",
    "cutoff": "Cutoff",
    "pushes": "Directions",
    "strength": "Noise strength",
    "noise": "Noise maps",
}


def moving(timeline: Timeline) -> tuple[Parameter, ...]:
    """The parameters in which keyframes differ."""
    recipes = [key.recipe for key in timeline.keys]
    return tuple(name for name in NAMES if len({value_of(name, recipe) for recipe in recipes}) > 1)


def value_of(parameter: Parameter, recipe: Recipe) -> object:
    """What a recipe says of a parameter."""
    noise = recipe.noise.settings
    values: dict[Parameter, object] = {
        "a": recipe.a,
        "b": recipe.b,
        "mix": recipe.mix,
        "psi": recipe.psi,
        "cutoff": recipe.cutoff,
        "pushes": recipe.pushes,
        "strength": tuple((side, s.strength) for side, s in noise if s.strength != 1),
        "noise": tuple(
            (side, s.seed, s.second, s.turn) for side, s in noise if s.seed is not None or s.second is not None
        ),
    }
    return values[parameter]


def add(document: Document, time: float) -> float:
    """A keyframe of the picture at an instant; where one is already, behind the last. Its time."""
    timeline = document.timeline
    if timeline.key_at(time) is not None:
        return append(document)
    after = timeline.with_key(time, document.recipe)
    document.apply_timeline(f"keyframe at {time:.2f} s", after)
    index = after.key_at(time)
    return time if index is None else after.keys[index].time


def append(document: Document) -> float:
    """A keyframe of the picture behind the last one. Its time."""
    after = document.timeline.appended(document.recipe)
    time = after.keys[-1].time
    document.apply_timeline(f"keyframe at {time:.2f} s", after)
    return time


def duplicate(document: Document, index: int) -> float:
    """A keyframe once more: half-way to the next one, behind the last one. Its time."""
    timeline, key = document.timeline, document.timeline.keys[index]
    if index + 1 == len(timeline.keys):
        after = timeline.appended(key.recipe)
        time = after.keys[-1].time
    else:
        time = (key.time + timeline.keys[index + 1].time) / 2
        after = timeline.with_key(time, key.recipe)
        time = after.keys[index + 1].time
    if len(after.keys) > len(timeline.keys):  # else there is no frame between them
        document.apply_timeline(f"duplicate keyframe at {key.time:.2f} s", after)
        return time
    return key.time


def update(document: Document, index: int) -> None:
    """The picture takes the place of a keyframe."""
    time = document.timeline.keys[index].time
    document.apply_timeline(f"update keyframe at {time:.2f} s", document.timeline.with_key(time, document.recipe))


def delete(document: Document, index: int) -> None:
    """Take a keyframe away."""
    time = document.timeline.keys[index].time
    document.apply_timeline(f"delete keyframe at {time:.2f} s", document.timeline.removed(index))


def move(document: Document, index: int, time: float, gesture: int | None) -> float:
    """Bring a keyframe to another instant; where it is then."""
    after = document.timeline.moved(index, time)
    document.apply_timeline(f"move keyframe to {after.keys[index].time:.2f} s", after, gesture)
    return after.keys[index].time


def go_to(document: Document, index: int) -> None:
    """A keyframe becomes the picture."""
    key = document.timeline.keys[index]
    document.apply(f"keyframe at {key.time:.2f} s", key.recipe)


def set_curve(document: Document, parameter: Parameter, kind: CurveKind) -> None:
    """Another curve for a parameter."""
    document.apply_timeline(f"{NAMES[parameter]} curve {kind}", document.timeline.with_curve(parameter, kind))


def set_loop(document: Document, loop: bool) -> None:
    """Closed or open."""
    document.apply_timeline("loop" if loop else "no loop", document.timeline.with_loop(loop))


def set_fps(document: Document, fps: float, gesture: int) -> None:
    """Another rate."""
    document.apply_timeline(f"{fps:g} frames a second", document.timeline.with_fps(Fraction(round(fps))), gesture)


def set_seconds(document: Document, seconds: float, gesture: int) -> None:
    """Another duration."""
    after = document.timeline.with_seconds(seconds)
    document.apply_timeline(f"{after.seconds:.2f} s long", after, gesture)


def set_noise(document: Document, noise: NoiseMode) -> None:
    """What the noise does."""
    label = "noise on a circle" if noise == "circle" else "noise of the keyframes"
    document.apply_timeline(label, document.timeline.with_noise(noise))


def set_noise_seed(document: Document, seed: int, gesture: int) -> None:
    """Another second map of the circle on which the noise walks."""
    timeline = document.timeline
    document.apply_timeline(f"noise circle through {seed}", timeline.with_noise(timeline.noise, seed), gesture)
