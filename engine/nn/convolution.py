"""Convolution that also resamples, and its modulated form (StyleGAN2 paper, section 2.2, equations 1-3)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.nn.fir import Padding, filter_size, sides_of, upfirdn2d


def conv2d_resample(
    x: Tensor,  # [N, I, H, W]
    weight: Tensor,  # [O, I / groups, kh, kw]
    f: Tensor | None = None,  # resampling filter, see engine.nn.fir
    up: int = 1,
    down: int = 1,
    padding: Padding = 0,  # as of a convolution at the upsampled size
    groups: int = 1,
    flip_weight: bool = True,  # True: correlation, as torch does; False: true convolution
    flip_filter: bool = False,
    bias: Tensor | None = None,  # [O]; not where `up` is more than 1
) -> Tensor:
    """Upsample, convolve, downsample, in the cheapest order that gives the same numbers."""
    assert bias is None or up == 1, "a bias would be filtered"
    kh, kw = weight.shape[2:]
    fw, fh = filter_size(f)
    left, right, top, bottom = sides_of(padding)
    if up > 1:
        left, right = left + (fw + up - 1) // 2, right + (fw - up) // 2
        top, bottom = top + (fh + up - 1) // 2, bottom + (fh - up) // 2
    if down > 1:
        left, right = left + (fw - down + 1) // 2, right + (fw - down) // 2
        top, bottom = top + (fh - down + 1) // 2, bottom + (fh - down) // 2
    sides = (left, right, top, bottom)
    if down > 1 and up == 1:
        if kh == kw == 1:  # a 1x1 convolution commutes with filtering: do it where there are fewer pixels
            return _conv(upfirdn2d(x, f, 1, down, sides, flip_filter), weight, 1, (0, 0), groups, flip_weight, bias)
        return _conv(upfirdn2d(x, f, 1, 1, sides, flip_filter), weight, down, (0, 0), groups, flip_weight, bias)
    if up > 1:
        if kh == kw == 1 and down == 1:
            x = _conv(x, weight, 1, (0, 0), groups, flip_weight)
            return upfirdn2d(x, f, up, 1, sides, flip_filter, up * up)
        x = _transposed(x, weight, up, sides, groups, flip_weight, f, flip_filter)
        return upfirdn2d(x, f, 1, down, 0, flip_filter) if down > 1 else x
    if left == right >= 0 and top == bottom >= 0:
        return _conv(x, weight, 1, (top, left), groups, flip_weight, bias)
    return _conv(F.pad(x, sides), weight, 1, (0, 0), groups, flip_weight, bias)


def _transposed(
    x: Tensor,
    weight: Tensor,
    up: int,
    sides: tuple[int, int, int, int],
    groups: int,
    flip_weight: bool,
    f: Tensor | None,
    flip_filter: bool,
) -> Tensor:
    """Convolution of the zero-inserted picture as one transposed convolution at low resolution, then the filter."""
    o, i, kh, kw = weight.shape
    turned = weight.view(groups, o // groups, i, kh, kw).transpose(1, 2).reshape(groups * i, o // groups, kh, kw)
    turned = turned.flip([2, 3]) if flip_weight else turned
    left, right, top, bottom = sides
    left, right, top, bottom = left - kw + 1, right - kw + up, top - kh + 1, bottom - kh + up
    crop_x, crop_y = max(min(-left, -right), 0), max(min(-top, -bottom), 0)
    x = F.conv_transpose2d(x, turned, stride=up, padding=(crop_y, crop_x), groups=groups)
    rest = (left + crop_x, right + crop_x, top + crop_y, bottom + crop_y)
    return upfirdn2d(x, f, 1, 1, rest, flip_filter, up * up)


def _conv(
    x: Tensor,
    w: Tensor,
    stride: int,
    padding: tuple[int, int],
    groups: int,
    flip_weight: bool,
    bias: Tensor | None = None,
) -> Tensor:
    w = w if flip_weight else w.flip([2, 3])
    return F.conv2d(x, w, bias, stride=stride, padding=padding, groups=groups)


def weights_outnumber(weight: Tensor, x: Tensor) -> bool:
    """Whether there are so many more weights than numbers in x that a product of matrices, which reads them once and
    as they lie, is faster than a convolution, which rearranges them first. Measured on CPUs with AVX-512."""
    return x.device.type == "cpu" and x.dtype == torch.float32 and weight.numel() >= 32 * x.numel()


def conv_as_product(x: Tensor, weight: Tensor) -> Tensor:
    """x [1, I, H, W] correlated with weight [O, I, kh, kw] of odd size, the size kept."""
    o, _, kh, kw = weight.shape
    patches = F.unfold(x, (kh, kw), padding=(kh // 2, kw // 2))[0]  # [I kh kw, H W]
    return (weight.reshape(o, -1) @ patches).view(1, o, *x.shape[2:])


def scattering(weight: Tensor) -> Tensor:
    """weight [O, I, kh, kw] -> [O kh kw, I], as `conv_up_as_product` wants it: a copy, to be kept."""
    return weight.permute(0, 2, 3, 1).reshape(-1, weight.shape[1]).contiguous()


def conv_up_as_product(x: Tensor, scattering: Tensor, kernel: int, f: Tensor) -> Tensor:
    """x [1, I, H, W] -> [1, O, 2H, 2W]: as `conv2d_resample` with up=2, padding=kernel // 2, flip_weight=False.

    Each pixel throws its kernel x kernel results on the grid of twice the size; then the filter.
    """
    _, i, h, w = x.shape
    thrown = (scattering @ x.reshape(i, h * w))[None]  # [1, O kh kw, H W]
    fw, fh = filter_size(f)
    wide, high = 2 * (w - 1) + kernel, 2 * (h - 1) + kernel
    x = F.fold(thrown, (high, wide), kernel, stride=2)
    left, top = (fw + 1) // 2 + kernel // 2 - kernel + 1, (fh + 1) // 2 + kernel // 2 - kernel + 1
    return upfirdn2d(x, f, 1, 1, (left, 2 * w - wide + fw - 1 - left, top, 2 * h - high + fh - 1 - top), gain=4)


def energy(weight: Tensor) -> Tensor:
    """weight [O, I, kh, kw] -> [O, I]: the part of demodulation that no style changes."""
    return weight.square().sum(dim=(2, 3))


def demodulation(energy: Tensor, styles: Tensor) -> Tensor:
    """energy [O, I] of a weight, styles [N, I] -> [N, O]: the factor that gives outputs unit deviation (equation 3)."""
    return (styles.square() @ energy.t() + 1e-8).rsqrt()


def modulated_conv2d(
    x: Tensor,  # [N, I, H, W]
    weight: Tensor,  # [O, I, kh, kw]
    styles: Tensor,  # [N, I]
    noise: Tensor | None = None,  # broadcastable to [N, O, H * up, W * up]
    f: Tensor | None = None,
    up: int = 1,
    down: int = 1,
    padding: int = 0,
    demodulate: bool = True,
    flip_weight: bool = True,
) -> Tensor:
    """Equations 1-3 with the scales on the activations: modulate the input, convolve, demodulate the output.

    The weights are the same for all samples, so that one plain convolution serves the batch: faster than grouped
    convolutions with a weight per sample, and equal up to rounding. In float16 weight and styles are normalised
    first, so that nothing overflows.
    """
    if x.dtype == torch.float16 and demodulate:
        weight = weight / weight.abs().amax(dim=(1, 2, 3), keepdim=True) / weight[0].numel() ** 0.5
        styles = styles / styles.abs().amax(dim=1, keepdim=True)
    scale = demodulation(energy(weight), styles) if demodulate else None  # [N, O] in float32
    x = x * styles.to(x.dtype)[:, :, None, None]
    x = conv2d_resample(x, weight.to(x.dtype), f, up, down, padding, flip_weight=flip_weight)
    if scale is not None:
        scale = scale.to(x.dtype)[:, :, None, None]
        return x * scale if noise is None else torch.addcmul(noise.to(x.dtype), x, scale)
    return x if noise is None else x + noise.to(x.dtype)
