"""What every network of these families is sized by. Standard library only."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.families.checks import check, check_number, check_whole

MAX_CLASSES = 10_000  # ten times those of the largest published models; the window lists them all


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """A network of blocks, one for each of the resolutions 4, 8, ... `resolution`. Raises ModelFileError."""

    resolution: int = 1024  # of the picture: a power of two, 4..1024
    channels: int = 3  # of the picture
    classes: int = 0  # 0: not conditional
    channel_base: int = 16384  # features at resolution R: min(channel_base / R, channel_max)
    channel_max: int = 512
    channel_decay: float = 1.0  # features fall with R^decay
    lod: float = 0.0  # how many upper resolutions are not in use yet, fractions fade: see engine.nn.growing

    def __post_init__(self) -> None:
        check_whole(self, "resolution", 4, 1024)
        check(self.resolution & (self.resolution - 1) == 0, "resolution", self.resolution)
        check_whole(self, "channels", 1, 4)
        check_whole(self, "classes", 0, MAX_CLASSES)
        check_whole(self, "channel_base", 1, 2**20)
        check_whole(self, "channel_max", 1, 4096)
        check_number(self, "channel_decay", 0, 4)
        check(self.features(self.resolution) >= 1, "channel_base", self.channel_base)
        check_number(self, "lod", 0, math.log2(self.resolution) - 2)

    @property
    def block_resolutions(self) -> tuple[int, ...]:
        """4, 8, ... resolution."""
        return tuple(2**i for i in range(2, int(math.log2(self.resolution)) + 1))

    @property
    def resolution_in_use(self) -> int:
        """The highest resolution whose layers count: below `resolution` while a network grows."""
        return self.resolution >> math.floor(self.lod)

    def features(self, resolution: int) -> int:
        """Feature maps at a resolution of 2 and more; the dense layer of ProGAN's and StyleGAN's D counts as 2x2."""
        return min(int(self.channel_base / 2 / (resolution / 2) ** self.channel_decay), self.channel_max)
