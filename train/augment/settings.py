"""Which augmentations there are, how likely and how strong (ADA paper, appendix B). Standard library only."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import TrainingError, clipped

GROUPS: dict[str, tuple[str, ...]] = {
    "blit": ("xflip", "rotate90", "xint"),
    "geom": ("scale", "rotate", "aniso", "xfrac"),
    "color": ("brightness", "contrast", "lumaflip", "hue", "saturation"),
    "filter": ("imgfilter",),
    "noise": ("noise",),
    "cutout": ("cutout",),
}
LETTERS = ("blit", "geom", "color", "filter", "noise", "cutout")  # what b, g, c, f, n, c stand for, in this order
BAND_REACH = 21  # pixels to each side
PIPES: dict[str, tuple[str, ...]] = {
    **{group: (group,) for group in GROUPS},
    **{"bgcfnc"[:n]: LETTERS[:n] for n in range(2, 7)},  # bg, bgc, bgcf, bgcfn, bgcfnc
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PipeSettings:
    """An augmentation happens with probability (its multiplier) * p; 0 turns it off."""

    xflip: float = 0.0
    rotate90: float = 0.0
    xint: float = 0.0  # shift by whole pixels
    xint_max: float = 0.125  # of the picture's width and height
    scale: float = 0.0
    rotate: float = 0.0
    aniso: float = 0.0  # stretch in one direction
    xfrac: float = 0.0  # shift by fractions of pixels
    scale_std: float = 0.2  # of log2
    rotate_max: float = 1.0  # 1: any angle
    aniso_std: float = 0.2  # of log2
    xfrac_std: float = 0.125  # of the picture's width and height
    brightness: float = 0.0
    contrast: float = 0.0
    lumaflip: float = 0.0
    hue: float = 0.0
    saturation: float = 0.0
    brightness_std: float = 0.2
    contrast_std: float = 0.5  # of log2
    hue_max: float = 1.0  # 1: any hue
    saturation_std: float = 1.0  # of log2
    imgfilter: float = 0.0
    imgfilter_bands: tuple[float, ...] = (1.0, 1.0, 1.0, 1.0)  # multipliers of the frequency bands, lowest first
    imgfilter_std: float = 1.0  # of log2 of a band's gain
    noise: float = 0.0
    noise_std: float = 0.1
    cutout: float = 0.0
    cutout_size: float = 0.5  # of the picture's width and height

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            numbers = value if isinstance(value, tuple) else (value,)
            if not all(isinstance(v, (int, float)) and 0 <= v < 1e6 for v in numbers):
                raise TrainingError(f"augmentation setting {field.name} is {clipped(repr(value))}", "give 0 or more")
        if not isinstance(self.imgfilter_bands, tuple) or len(self.imgfilter_bands) != 4:
            remedy = "give one for each frequency band, such as 1,1,0,0"
            raise TrainingError("imgfilter_bands are not four numbers", remedy)

    def any_of(self, *groups: str) -> bool:
        """Whether an augmentation of these groups is on."""
        return any(getattr(self, name) > 0 for group in groups for name in GROUPS[group])


def check_bands(width: int, height: int) -> None:
    """Refuse pictures that are smaller than the filters of frequency bands. Raises TrainingError."""
    if min(width, height) <= BAND_REACH:
        what = f"pictures of {width}x{height} are too small for frequency bands"
        raise TrainingError(what, f"take a pipe without f below {BAND_REACH + 1}")


def pipe_settings(pipe: str, changes: Mapping[str, Any]) -> PipeSettings:
    """The settings of a named pipe, such as "bgc", with changes by name. Raises TrainingError."""
    if pipe not in PIPES:
        raise TrainingError(f"there is no augmentation pipe {clipped(repr(pipe))}", f"known are {', '.join(PIPES)}")
    names = {field.name for field in dataclasses.fields(PipeSettings)}
    unknown = sorted(set(changes) - names)
    if unknown:
        raise TrainingError(
            f"there is no augmentation setting {clipped(unknown[0])}", f"known are {', '.join(sorted(names))}"
        )
    switched_on: dict[str, Any] = {name: 1.0 for group in PIPES[pipe] for name in GROUPS[group]}
    given = {name: tuple(v) if isinstance(v, (list, tuple)) else v for name, v in changes.items()}
    return PipeSettings(**{**switched_on, **given})
