"""What varies from portrait to portrait, at three scales, and how a random person is drawn from it.

Most factors are continuous, so that a generator can walk between any two people. The few kinds (hair
style, glasses, collar, beard) each have a share of at least 8%, because a small network ignores rarer ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import IntEnum
from typing import Any

import numpy as np

VERSION = 1  # part of every seed and every cache name: raise it whenever any picture changes


class HairStyle(IntEnum):
    BALD = 0
    CROP = 1
    SIDE_PART = 2
    FRINGE = 3
    BOB = 4
    LONG = 5
    WAVY = 6
    BUN = 7
    CURLY = 8
    AFRO = 9


class Glasses(IntEnum):
    NONE = 0
    ROUND = 1
    SQUARE = 2


class Collar(IntEnum):
    CREW = 0
    SHIRT = 1
    V_NECK = 2
    TURTLENECK = 3


class Beard(IntEnum):
    NONE = 0
    MOUSTACHE = 1
    GOATEE = 2
    FULL = 3


def factor(scale: str, low: float, high: float):
    """A field of Factors: its scale and its inclusive range."""
    return field(metadata={"scale": scale, "low": low, "high": high})


@dataclass(frozen=True)
class Factors:
    """One person in one light. "Left" and "right" are those of the picture."""

    # coarse: pose and big shapes
    yaw: float = factor("coarse", -1, 1)  # turned 25 degrees to the left .. right
    tilt: float = factor("coarse", -1, 1)  # leaning 10 degrees to the left .. right
    face_width: float = factor("coarse", -1, 1)  # narrow .. wide
    face_length: float = factor("coarse", -1, 1)  # short chin .. long chin
    jaw: float = factor("coarse", -1, 1)  # pointed .. square
    glasses: int = factor("coarse", 0, 2)  # a Glasses
    hair_style: int = factor("coarse", 0, 9)  # a HairStyle
    hair_length: float = factor("coarse", 0, 1)  # shortest .. longest or fullest of its style
    hair_part: float = factor("coarse", -1, 1)  # parting on the left .. right
    build: float = factor("coarse", -1, 1)  # slight .. broad neck and shoulders
    collar: int = factor("coarse", 0, 3)  # a Collar
    # middle: features
    eye_size: float = factor("middle", -1, 1)  # small .. large
    eye_open: float = factor("middle", 0, 1)  # half-closed, relaxed .. wide
    eye_slant: float = factor("middle", -1, 1)  # outer corners low .. high
    gaze: float = factor("middle", -1, 1)  # looking left .. right
    lashes: float = factor("middle", 0, 1)  # thin lid line .. long dark lashes
    brow_weight: float = factor("middle", 0, 1)  # thin .. bushy
    brow_angle: float = factor("middle", -1, 1)  # worried .. stern
    brow_height: float = factor("middle", -1, 1)  # low .. raised
    nose_width: float = factor("middle", -1, 1)  # narrow .. broad
    nose_length: float = factor("middle", -1, 1)  # short .. long
    mouth_width: float = factor("middle", -1, 1)  # small .. wide
    lips: float = factor("middle", 0, 1)  # thin .. full
    smile: float = factor("middle", -1, 1)  # grave .. smiling; above 0.3 teeth show
    beard: int = factor("middle", 0, 3)  # a Beard
    beard_length: float = factor("middle", 0, 1)  # trimmed .. long
    # fine: colours and light
    skin: float = factor("fine", 0, 1)  # fair .. deep
    undertone: float = factor("fine", -1, 1)  # rosy .. golden
    hair: float = factor("fine", 0, 1)  # black, brown, red, blond, grey; dyed above 0.9
    eyes: float = factor("fine", 0, 1)  # brown, hazel, green, blue, grey
    lip_colour: float = factor("fine", 0, 1)  # bare .. painted
    blush: float = factor("fine", 0, 1)  # pale cheeks .. rosy
    palette: float = factor("fine", 0, 1)  # around the circle of background palettes
    clothes: float = factor("fine", 0, 1)  # along the palette's own clothes colours
    frame_colour: float = factor("fine", 0, 1)  # glasses: black, tortoise, gold, clear
    light: float = factor("fine", -1, 1)  # key light from the left .. right
    light_warmth: float = factor("fine", -1, 1)  # cool .. warm key light
    # stochastic: strengths only; where the dots fall is the grain seed's business
    freckles: float = factor("stochastic", 0, 1)  # none .. many
    stubble: float = factor("stochastic", 0, 1)  # none .. three days
    grain: float = factor("stochastic", 0, 1)  # film grain of 0 .. 2.5 grey levels (sigma)

    def row(self) -> np.ndarray:
        """The factors as float32 [F], in the order of FACTORS."""
        return np.array([getattr(self, name) for name in FACTORS], np.float32)


FACTORS: tuple[str, ...] = tuple(f.name for f in fields(Factors))
RANGES: dict[str, tuple[float, float]] = {f.name: (f.metadata["low"], f.metadata["high"]) for f in fields(Factors)}
KINDS: dict[str, type[IntEnum]] = {
    "glasses": Glasses,
    "hair_style": HairStyle,
    "collar": Collar,
    "beard": Beard,
}

# Shares of the hair styles for the two ends of a hidden "presentation" coin. Their mean is what a
# data set shows; no style is below 8% there and none is closed to anyone.
HAIR_SHARES = np.array(
    [
        [0.16, 0.18, 0.16, 0.05, 0.03, 0.06, 0.05, 0.06, 0.13, 0.12],
        [0.02, 0.04, 0.06, 0.14, 0.14, 0.14, 0.15, 0.13, 0.09, 0.09],
    ]
)
BEARD_SHARES = np.array([[0.36, 0.18, 0.18, 0.28], [1, 0, 0, 0]])
GLASSES_SHARES = np.array([0.64, 0.18, 0.18])


def generator(*key: int) -> np.random.Generator:
    """A random stream that depends on VERSION and the key only (all key parts >= 0)."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([VERSION, *key])))


def grain_seed_of(seed: int, index: int) -> int:
    """The seed of picture `index`'s freckles, stubble and grain, independent of its factors."""
    return int(generator(seed, index, 1).integers(2**63))


class Draws:
    """Numbers for one person, each from what is left of its random stream: their order decides who it is."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def spread(self, sigma: float = 0.5) -> float:
        """In -1..1, most near 0."""
        return float(np.clip(self.rng.normal(0, sigma), -1, 1))

    def even(self, low: float = 0.0, high: float = 1.0) -> float:
        return float(self.rng.uniform(low, high))

    def kind(self, shares: np.ndarray) -> int:
        """An index, as often as its share says."""
        return int(self.rng.choice(len(shares), p=shares))

    def toward(self, value: float, sigma: float = 0.22) -> float:
        """In 0..1, around value."""
        return float(np.clip(self.rng.normal(value, sigma), 0, 1))


def sample_factors(seed: int, index: int) -> Factors:
    """The person in picture `index` of the data set `seed`."""
    draws = Draws(generator(seed, index))
    feminine = int(draws.rng.random() < 0.5)
    skin = draws.even()
    beard = draws.kind(BEARD_SHARES[feminine])
    stubble = 0.0 if feminine or draws.even() < 0.4 else draws.even(0.2)
    # In this order: a picture is to stay what it is.
    shape = _shape(draws, feminine)
    features = _features(draws, feminine)
    colours = _colours(draws, feminine, skin)
    return Factors(**shape, **features, **colours, skin=skin, beard=beard, stubble=stubble, grain=draws.even(0.4))


def _shape(draws: Draws, feminine: int) -> dict[str, Any]:
    """What is seen at the coarsest scale."""
    spread, even, kind = draws.spread, draws.even, draws.kind
    return {
        "yaw": even(-1, 1),
        "tilt": spread(),
        "face_width": spread(),
        "face_length": spread(),
        "jaw": float(np.clip(spread(0.45) + (-0.3 if feminine else 0.3), -1, 1)),
        "glasses": kind(GLASSES_SHARES),
        "hair_style": kind(HAIR_SHARES[feminine]),
        "hair_length": even(),
        "hair_part": even(-1, 1),
        "build": float(np.clip(spread(0.4) + (-0.35 if feminine else 0.35), -1, 1)),
        "collar": kind(np.full(4, 0.25)),
    }


def _features(draws: Draws, feminine: int) -> dict[str, Any]:
    """Eyes, brows, nose and mouth."""
    spread, even, toward = draws.spread, draws.even, draws.toward
    return {
        "eye_size": spread(),
        "eye_open": toward(0.6),
        "eye_slant": spread(),
        "gaze": spread(),
        "lashes": toward(0.8 if feminine else 0.2),
        "brow_weight": toward(0.4 if feminine else 0.65),
        "brow_angle": spread(),
        "brow_height": spread(),
        "nose_width": spread(),
        "nose_length": spread(),
        "mouth_width": spread(),
        "lips": toward(0.6 if feminine else 0.4),
        "smile": even(-0.25, 1),
        "beard_length": even(),
    }


def _colours(draws: Draws, feminine: int, skin: float) -> dict[str, Any]:
    """Colours, light and freckles."""
    spread, even, toward = draws.spread, draws.even, draws.toward
    return {
        "undertone": spread(),
        "hair": _hair_colour(draws.rng, skin),
        "eyes": _eye_colour(draws.rng, skin),
        "lip_colour": toward(0.55 if feminine else 0.1),
        "blush": even(),
        "palette": even(),
        "clothes": even(),
        "frame_colour": even(),
        "light": float(draws.rng.choice([-1, 1]) * even(0.35)),
        "light_warmth": spread(0.6),
        "freckles": 0.0 if even() < 0.5 else even(0.2),
    }


def _hair_colour(rng: np.random.Generator, skin: float) -> float:
    """Anyone may have any hair; deep skin comes more often with dark hair, as among people."""
    natural = rng.uniform(0, 0.9) * (1 - 0.75 * skin * (rng.random() < 0.8))
    return float(rng.uniform(0.9, 1)) if rng.random() < 0.12 else float(natural)


def _eye_colour(rng: np.random.Generator, skin: float) -> float:
    return float(rng.uniform(0, 1) * (1 - 0.8 * skin * (rng.random() < 0.85)))
