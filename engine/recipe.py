"""The Recipe: a picture is a function of it. Frozen, hashable, JSON both ways, checked. Standard library only.

Undo, sessions, the state inside a PNG, copy and paste, coalescing and caching all rest on this one immutable
type. No invalid recipe exists: every part checks itself when it is made and raises RecipeError.
"""

from __future__ import annotations

import base64
import math
import struct
from dataclasses import dataclass, field
from typing import Literal

from engine.errors import RecipeError, clipped

VERSION = 1
SEEDS = 2**32  # numpy's RandomState takes 0 .. 2^32 - 1

Space = Literal["w", "z"]
Blend = Literal["even", "linear"]
SourceName = Literal["a", "b"]

# Bounds of what a file may ask for. Far outside of what a picture needs, so that only mistakes and malice meet them.
MAX_PSI = 100.0
MAX_STRENGTH = 100.0
MAX_TURN = 1e6
MAX_AMOUNT = 1000.0
MAX_PLANE = 1e9
MAX_LAYERS = 64
MAX_CLASSES = 65536
MAX_WIDTH = 8192
MAX_PUSHES = 256
MAX_RESOLUTION = 65536


def _shown(value: object) -> str:
    """A wrong value for an error. Lists and objects by type alone: their repr can be megabytes, or nested too deep."""
    plain = value is None or isinstance(value, (str, int, float))
    return clipped(repr(value), 40) if plain else f"a {type(value).__name__}"


def _number(value: object, what: str, low: float, high: float) -> float:
    """A finite float within [low, high]; bool is no number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise RecipeError(f"{what} is {_shown(value)}", "give a number")
    if isinstance(value, float) and not math.isfinite(value):
        raise RecipeError(f"{what} is not a finite number", f"give one from {low:g} to {high:g}")
    if not low <= value <= high:
        raise RecipeError(f"{what} is outside {low:g} to {high:g}", "give a smaller or larger number")
    return float(value)


def _integer(value: object, what: str, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise RecipeError(f"{what} is {_shown(value)}", "give a whole number")
    if not low <= value <= high:
        raise RecipeError(f"{what} is outside {low} to {high}", "give a smaller or larger whole number")
    return value


def _choice(value: object, what: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise RecipeError(f"{what} is {_shown(value)}", f"give one of {', '.join(choices)}")


def _text(value: object, what: str, limit: int) -> None:
    if not isinstance(value, str):
        raise RecipeError(f"{what} is {_shown(value)}", "give text")
    if len(value) > limit:
        raise RecipeError(f"{what} is longer than {limit} characters", "give a shorter text")
    if any("\ud800" <= c <= "\udfff" for c in value):  # JSON can spell half a character; no file can hold it
        raise RecipeError(f"{what} is no proper text", "give another text")


@dataclass(frozen=True, slots=True)
class ModelRef:
    """Which model a recipe was made with."""

    name: str = ""
    content_id: str = ""  # "" means whatever model is at hand

    def __post_init__(self) -> None:
        _text(self.name, "model name", 400)
        _text(self.content_id, "model content id", 128)


@dataclass(frozen=True, slots=True)
class Seed:
    """z = RandomState(seed).randn(1, z_dim), as in all public tools."""

    seed: int = 0

    def __post_init__(self) -> None:
        _integer(self.seed, "seed", 0, SEEDS - 1)


@dataclass(frozen=True, slots=True)
class PlanePoint:
    """A point of the seed plane: whole (x, y) is seed (x + 100 y) mod 2^32, between them neighbours are blended."""

    x: float = 0.0
    y: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "x", _number(self.x, "seed plane x", -MAX_PLANE, MAX_PLANE))
        object.__setattr__(self, "y", _number(self.y, "seed plane y", -MAX_PLANE, MAX_PLANE))


@dataclass(frozen=True, slots=True)
class Vector:
    """float32 numbers by value, little-endian, with their shape: hashable, and exact through JSON."""

    shape: tuple[int, ...]
    data: bytes

    def __post_init__(self) -> None:
        if not 1 <= len(self.shape) <= 2:
            raise RecipeError("a latent has a shape of no or too many dimensions", "give [width] or [layers, width]")
        for size in self.shape:
            _integer(size, "a latent's size", 1, MAX_WIDTH)
        if len(self.data) != 4 * math.prod(self.shape):
            raise RecipeError("a latent's numbers do not fill its shape", "save it again from the model")
        if not all(map(math.isfinite, self.floats())):
            raise RecipeError("a latent holds NaN or infinity", "save it again from the model")

    def floats(self) -> tuple[float, ...]:
        """The numbers, row by row."""
        return struct.unpack(f"<{len(self.data) // 4}f", self.data)


@dataclass(frozen=True, slots=True)
class SavedLatent:
    """A latent that was saved or projected: z [z_dim], w [w_dim] or ws [L, w_dim], before truncation."""

    space: Literal["z", "w", "ws"]
    vector: Vector

    def __post_init__(self) -> None:
        _choice(self.space, "latent space", ("z", "w", "ws"))
        if len(self.vector.shape) != (2 if self.space == "ws" else 1):
            raise RecipeError(f"a latent of space {self.space} has the wrong number of dimensions", "save it again")


Latent = Seed | PlanePoint | SavedLatent


@dataclass(frozen=True, slots=True)
class Source:
    """One of the two ends of the desk: a latent and, for conditional models, class weights."""

    latent: Latent = Seed(0)
    classes: tuple[float, ...] = ()  # empty: class 0

    def __post_init__(self) -> None:
        if not isinstance(self.latent, (Seed, PlanePoint, SavedLatent)):
            raise RecipeError("a source has no latent", "give a seed, a plane point or a saved latent")
        if len(self.classes) > MAX_CLASSES:
            raise RecipeError("too many class weights", f"give at most {MAX_CLASSES}")
        weights = tuple(_number(w, "class weight", -MAX_STRENGTH, MAX_STRENGTH) for w in self.classes)
        object.__setattr__(self, "classes", weights)


@dataclass(frozen=True, slots=True)
class Mix:
    """The desk: share 0 is source A, 1 is source B; a layer whose share is None follows the master `t`."""

    t: float = 0.0
    shares: tuple[float | None, ...] = ()  # one a layer; missing ones follow t
    space: Space = "w"
    blend: Blend = "even"

    def __post_init__(self) -> None:
        object.__setattr__(self, "t", _number(self.t, "mix", 0, 1))
        if len(self.shares) > MAX_LAYERS:
            raise RecipeError("too many layer shares", f"give at most {MAX_LAYERS}")
        shares = [None if s is None else _number(s, "layer share", 0, 1) for s in self.shares]
        while shares and shares[-1] is None:  # one spelling for one meaning: equal desks are equal values
            shares.pop()
        object.__setattr__(self, "shares", tuple(shares))
        _choice(self.space, "mix space", ("w", "z"))
        _choice(self.blend, "blend", ("even", "linear"))

    def share(self, layer: int) -> float:
        """What layer `layer` hears: its own share, or the master's."""
        own = self.shares[layer] if layer < len(self.shares) else None
        return self.t if own is None else own

    def follows(self, layer: int) -> bool:
        """Whether the layer follows the master."""
        return layer >= len(self.shares) or self.shares[layer] is None


@dataclass(frozen=True, slots=True)
class Push:
    """amount * direction, added to w of some layers. `layers` None: all."""

    name: str
    direction: Vector  # [w_dim]
    amount: float = 0.0
    layers: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        _text(self.name, "direction name", 200)
        if len(self.direction.shape) != 1:
            raise RecipeError("a direction is not one row of numbers", "give [w_dim]")
        object.__setattr__(self, "amount", _number(self.amount, "push amount", -MAX_AMOUNT, MAX_AMOUNT))
        if self.layers is not None:
            checked = sorted({_integer(i, "push layer", 0, MAX_LAYERS - 1) for i in self.layers})
            object.__setattr__(self, "layers", tuple(checked))


@dataclass(frozen=True, slots=True)
class NoiseSetting:
    """Noise of one resolution. Seed None: the model's stored maps. Strength multiplies the learned one.

    With a second seed the map is a point of the circle through both maps: cos(2 pi turn) first + sin(2 pi turn) second,
    whose variance is that of each, so that noise can move without fading.
    """

    seed: int | None = None
    strength: float = 1.0
    second: int | None = None  # None: no circle
    turn: float = 0.0  # 0..1 once around: 0 the first map, 0.25 the second, 0.5 the first one's opposite

    def __post_init__(self) -> None:
        for seed in (self.seed, self.second):
            if seed is not None:
                _integer(seed, "noise seed", 0, SEEDS - 1)
        object.__setattr__(self, "strength", _number(self.strength, "noise strength", -MAX_STRENGTH, MAX_STRENGTH))
        turn = _number(self.turn, "noise turn", -MAX_TURN, MAX_TURN) % 1 % 1  # -1e-20 % 1 is 1.0
        if self.second is not None and turn == 0.25:  # one spelling for one meaning: there it is the second map alone
            object.__setattr__(self, "seed", self.second)
            turn = 0.0
        circle = self.second is not None and self.second != self.seed and turn != 0
        object.__setattr__(self, "turn", turn if circle else 0.0)
        object.__setattr__(self, "second", self.second if circle else None)


AS_TRAINED = NoiseSetting()


@dataclass(frozen=True, slots=True)
class Noise:
    """A setting per resolution, ascending; resolutions that are not named are as trained."""

    settings: tuple[tuple[int, NoiseSetting], ...] = ()

    def __post_init__(self) -> None:
        by_resolution = {_integer(r, "noise resolution", 1, MAX_RESOLUTION): s for r, s in self.settings}
        if len(by_resolution) != len(self.settings):
            raise RecipeError("a noise resolution is named twice", "name each once")
        kept = tuple((r, by_resolution[r]) for r in sorted(by_resolution) if by_resolution[r] != AS_TRAINED)
        object.__setattr__(self, "settings", kept)

    def at(self, resolution: int) -> NoiseSetting:
        """The setting of a resolution."""
        return dict(self.settings).get(resolution, AS_TRAINED)


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that a picture depends on, except device and precision. See ARCHITECTURE.md for the formula."""

    model: ModelRef = ModelRef()
    a: Source = Source(Seed(0))
    b: Source = Source(Seed(1))
    mix: Mix = field(default_factory=Mix)
    psi: float = 1.0  # 0: the mean picture, 1: untruncated, below 0: the opposite
    cutoff: int | None = None  # psi acts on slots below; None: on all
    pushes: tuple[Push, ...] = ()
    noise: Noise = Noise()

    def __post_init__(self) -> None:
        object.__setattr__(self, "psi", _number(self.psi, "psi", -MAX_PSI, MAX_PSI))
        if self.cutoff is not None:
            _integer(self.cutoff, "cutoff", 0, MAX_LAYERS)
        if len(self.pushes) > MAX_PUSHES:
            raise RecipeError("too many pushes", f"give at most {MAX_PUSHES}")

    def source(self, name: SourceName) -> Source:
        """Source A or B."""
        return self.a if name == "a" else self.b


def vector(numbers: list[float] | tuple[float, ...], shape: tuple[int, ...] | None = None) -> Vector:
    """A Vector of the given numbers (row by row). Raises RecipeError when they are no finite float32 numbers."""
    try:
        data = struct.pack(f"<{len(numbers)}f", *numbers)
    except (struct.error, OverflowError, TypeError):
        raise RecipeError("a latent holds something that is no float32 number", "give finite numbers") from None
    return Vector(shape or (len(numbers),), data)


def encoded(v: Vector) -> dict[str, object]:
    """A Vector as JSON: shape and base64 of its float32 bytes."""
    return {"shape": list(v.shape), "float32": base64.b64encode(v.data).decode("ascii")}
