"""Batches of homogeneous matrices. Entries are numbers or tensors [N]; results are [N, 3, 3] or [N, 4, 4] float32."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

Entry = float | Tensor


def matrices(*rows: Sequence[Entry]) -> Tensor:
    """Matrices of rows of entries; at least one entry is a tensor [N]."""
    count = max(len(entry) for row in rows for entry in row if isinstance(entry, Tensor))
    entries = [torch.as_tensor(entry, dtype=torch.float32).expand(count) for row in rows for entry in row]
    return torch.stack(entries, dim=1).view(count, len(rows), len(rows[0]))


def translation(x: Tensor, y: Tensor) -> Tensor:
    return matrices((1, 0, x), (0, 1, y), (0, 0, 1))


def scaling(x: Tensor, y: Tensor) -> Tensor:
    return matrices((x, 0, 0), (0, y, 0), (0, 0, 1))


def rotation(angle: Tensor) -> Tensor:
    """angle [N] in radians, from the x axis to the y axis."""
    sine, cosine = angle.sin(), angle.cos()
    return matrices((cosine, -sine, 0), (sine, cosine, 0), (0, 0, 1))


def colour(linear: Tensor, offset: Tensor | None = None) -> Tensor:
    """linear [N, 3, 3] and offset [N], the same for all channels, as [N, 4, 4]."""
    whole = torch.eye(4).repeat(len(linear), 1, 1)
    whole[:, :3, :3] = linear
    if offset is not None:
        whole[:, :3, 3] = offset[:, None]
    return whole


GREY_AXIS = torch.full([3], 1 / math.sqrt(3))  # v: the direction of luma in RGB
GREY = GREY_AXIS.outer(GREY_AXIS)  # [3, 3], projects on v
CROSS = torch.tensor([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / math.sqrt(3)  # CROSS x is the cross product of v and x


def hue_rotation(angle: Tensor) -> Tensor:
    """[N, 4, 4]: rotation of colours around the grey axis by angle [N] (Rodrigues)."""
    sine, cosine = angle.sin()[:, None, None], angle.cos()[:, None, None]
    return colour(cosine * torch.eye(3) + sine * CROSS + (1 - cosine) * GREY)
