"""FIR resampling: zero-insertion, padding, filtering, decimation (StyleGAN2 paper, appendix B; Zhang 2019).

Filters are [fh, fw], or [f] when separable; `None` is no filter. A filter is convolved, that is, flipped, unless
`flip_filter` says that it is to be correlated as it stands. Padding is an int, [x, y] or [left, right, top, bottom];
negative numbers crop.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

Padding = int | Sequence[int]


def setup_filter(
    taps: Sequence[float] | Sequence[Sequence[float]] | float | None,
    normalize: bool = True,  # sum to 1, so that brightness is kept
    flip_filter: bool = False,
    gain: float = 1.0,
    separable: bool | None = None,  # None: keep 1-D filters of 8 taps and more separable
) -> Tensor:
    """A filter ready for `upfirdn2d`: float32 [fh, fw], or [f] when separable."""
    f = torch.as_tensor(1.0 if taps is None else taps, dtype=torch.float32)
    f = f[None] if f.ndim == 0 else f
    if f.ndim == 1 and not (f.numel() >= 8 if separable is None else separable):
        f = f[:, None] * f[None, :]  # [fh, fw]
    if normalize:
        f = f / f.sum()
    if flip_filter:
        f = f.flip(list(range(f.ndim)))
    scaled: Tensor = f * gain ** (f.ndim / 2)
    return scaled


def filter_size(f: Tensor | None) -> tuple[int, int]:
    """(width, height) in taps."""
    return (1, 1) if f is None else (f.shape[-1], f.shape[0])


def upfirdn2d(
    x: Tensor,  # [N, C, H, W]
    f: Tensor | None,
    up: int | Sequence[int] = 1,  # zero-insertion factor, or [x, y]
    down: int | Sequence[int] = 1,  # decimation factor, or [x, y]
    padding: Padding = 0,  # of the upsampled picture
    flip_filter: bool = False,
    gain: float = 1.0,
) -> Tensor:
    """[N, C, H, W] -> [N, C, (H * up + padding - fh) / down + 1, ...]."""
    (up_x, up_y), (down_x, down_y) = _pair(up), _pair(down)
    x = _zero_inserted(x, up_x, up_y)
    left, right, top, bottom = sides_of(padding)
    if f is None:
        return _padded(x, left, right, top, bottom)[:, :, ::down_y, ::down_x] * gain
    taps = f.to(x.dtype) * gain ** (f.ndim / 2)
    taps = taps if flip_filter else taps.flip(list(range(f.ndim)))
    if f.ndim == 1:
        x = _filtered(x, taps[:, None], (0, 0, top, bottom), (down_y, 1))
        return _filtered(x, taps[None, :], (left, right, 0, 0), (1, down_x))
    return _filtered(x, taps, (left, right, top, bottom), (down_y, down_x))


def filter2d(x: Tensor, f: Tensor, padding: Padding = 0, flip_filter: bool = False, gain: float = 1.0) -> Tensor:
    """Filter without changing the size (`padding` adds to what that takes)."""
    fw, fh = filter_size(f)
    sides = _added(padding, (fw // 2, (fw - 1) // 2, fh // 2, (fh - 1) // 2))
    return upfirdn2d(x, f, padding=sides, flip_filter=flip_filter, gain=gain)


def upsample2d(
    x: Tensor,
    f: Tensor,
    up: int | Sequence[int] = 2,
    padding: Padding = 0,
    flip_filter: bool = False,
    gain: float = 1.0,
) -> Tensor:
    """Upsample by `up`, keeping brightness; pixel centres stay aligned."""
    (up_x, up_y), (fw, fh) = _pair(up), filter_size(f)
    sides = ((fw + up_x - 1) // 2, (fw - up_x) // 2, (fh + up_y - 1) // 2, (fh - up_y) // 2)
    return upfirdn2d(x, f, up, 1, _added(padding, sides), flip_filter, gain * up_x * up_y)


def downsample2d(
    x: Tensor,
    f: Tensor,
    down: int | Sequence[int] = 2,
    padding: Padding = 0,
    flip_filter: bool = False,
    gain: float = 1.0,
) -> Tensor:
    """Filter and keep every `down`-th pixel; pixel centres stay aligned."""
    (down_x, down_y), (fw, fh) = _pair(down), filter_size(f)
    sides = ((fw - down_x + 1) // 2, (fw - down_x) // 2, (fh - down_y + 1) // 2, (fh - down_y) // 2)
    return upfirdn2d(x, f, 1, down, _added(padding, sides), flip_filter, gain)


def _filtered(x: Tensor, taps: Tensor, sides: tuple[int, int, int, int], stride: tuple[int, int]) -> Tensor:
    """Correlate every channel with taps [fh, fw]: a depthwise convolution, fastest in channels_last."""
    channels = x.shape[1]
    weight = taps.expand(channels, 1, *taps.shape)
    left, right, top, bottom = sides
    if left == right >= 0 and top == bottom >= 0:  # the convolution pads by itself: one pass less
        return F.conv2d(x, weight, stride=stride, padding=(top, left), groups=channels)
    return F.conv2d(_padded(x, *sides), weight, stride=stride, groups=channels)


def _zero_inserted(x: Tensor, up_x: int, up_y: int) -> Tensor:
    if up_x == up_y == 1:
        return x
    n, c, h, w = x.shape
    spread = x.new_zeros(n, c, h * up_y, w * up_x)
    if x.is_contiguous(memory_format=torch.channels_last) and c > 1:
        spread = spread.to(memory_format=torch.channels_last)
    spread[:, :, ::up_y, ::up_x] = x
    return spread


def _padded(x: Tensor, left: int, right: int, top: int, bottom: int) -> Tensor:
    return F.pad(x, (left, right, top, bottom)) if any((left, right, top, bottom)) else x


def _pair(value: int | Sequence[int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def sides_of(padding: Padding) -> tuple[int, int, int, int]:
    """(left, right, top, bottom)."""
    if isinstance(padding, int):
        return padding, padding, padding, padding
    if len(padding) == 2:
        return padding[0], padding[0], padding[1], padding[1]
    return padding[0], padding[1], padding[2], padding[3]


def _added(padding: Padding, sides: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    a, b, c, d = sides_of(padding)
    return a + sides[0], b + sides[1], c + sides[2], d + sides[3]
