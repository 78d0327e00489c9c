"""What is random in a training step: a function of (seed, step), drawn for the whole batch before any of it is used.

Letters: N batch, Z width of z, K classes, L style slots, W width of w.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import torch
from torch import Tensor

from train.augment.parameters import Torch
from train.config import TrainConfig
from train.division import Division, Rows

Drawn = TypeVar("Drawn")
DETOUR = 1 << 40  # apart: draws of a run that went back to a snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What one pass of the generator is made from."""

    z: Tensor  # [N, Z]
    second: Tensor | None  # [N, Z], of the styles from `cutoff` on
    cutoff: int  # 1..L; L: no mixing in this batch
    labels: Tensor | None  # [N, K]
    noise: str | dict[int, Tensor]  # maps [N, 1, R, R] by noise index


class LabelPool(Protocol):
    """Labels of M reals. A tensor [M, K] is one."""

    def __len__(self) -> int: ...

    def __getitem__(self, indices: Tensor, /) -> Tensor:
        """Those at indices [N]: [N, K]."""


class Draws(Torch):
    """The draws of one step, in the order in which they are asked for."""

    def __init__(
        self,
        config: TrainConfig,
        step: int,
        device: torch.device,
        label_pool: LabelPool | None = None,  # labels of all reals, of which those of fakes are drawn
        detour: int = 0,  # how often the run went back to a snapshot: to draw otherwise than what failed
    ) -> None:
        super().__init__(device)
        self.style_mixing, self.label_pool = config.style_mixing, label_pool
        torch.manual_seed((config.seed * 1_000_003 + step + 1 + detour * DETOUR) % 2**63)

    def feed(self, phase: str, G: Any, count: int) -> Feed:
        """Latents, labels, the place of style mixing, and noise maps. phase: what they are for."""
        z = self.latents(phase, count, int(G.settings.z_dim))
        second, cutoff = None, int(G.num_ws)
        if self.style_mixing > 0 and cutoff > 1:
            place = int(torch.randint(1, cutoff, ()))
            cutoff = place if float(torch.rand(())) < self.style_mixing else cutoff
            second = self.latents(phase, count, int(G.settings.z_dim))
        return Feed(z=z, second=second, cutoff=cutoff, labels=self.labels(count), noise=self.noise(G, count))

    def latents(self, phase: str, count: int, width: int) -> Tensor:
        return torch.randn(count, width, device=self.device)

    def noise(self, G: Any, count: int) -> str | dict[int, Tensor]:
        """A fresh map for each sample and noise input."""
        return {
            step.noise: torch.randn(count, 1, step.resolution, step.resolution, device=self.device)
            for step in G.steps
            if step.noise is not None
        }

    def labels(self, count: int) -> Tensor | None:
        """Labels of random reals, [N, K]."""
        if self.label_pool is None:
            return None
        return self.label_pool[torch.randint(len(self.label_pool), (count,))].to(self.device)

    def path_noise(self, *shape: int) -> Tensor:
        """y of the path length penalty, [N, C, H, W] of unit deviation."""
        return torch.randn(shape, device=self.device)

    def mirrored(self, pictures: Tensor, division: Division | None = None) -> Tensor:
        """Each picture [N, C, H, W] flipped left to right with probability 0.5. division: what part they are."""
        whole = division or Division(batch=len(pictures))
        flip = (taken(torch.rand(whole.batch), whole.of_rank()) < 0.5).to(pictures.device)
        return torch.where(flip[:, None, None, None], pictures.flip(3), pictures)


def taken(drawn: Drawn, rows: Rows) -> Drawn:
    """These rows of every tensor of a feed, or of other draws for a batch."""
    if rows is None or drawn is None:
        return drawn
    made: Any = drawn
    if isinstance(drawn, Tensor):
        made = drawn[torch.from_numpy(rows).to(drawn.device)]
    elif isinstance(drawn, dict):
        made = {key: taken(value, rows) for key, value in drawn.items()}
    elif dataclasses.is_dataclass(drawn) and not isinstance(drawn, type):
        fields = {f.name: taken(getattr(drawn, f.name), rows) for f in dataclasses.fields(drawn)}
        made = dataclasses.replace(drawn, **fields)
    result: Drawn = made
    return result


def mapped(G: Any, feed: Feed) -> tuple[Tensor, Tensor]:
    """(w [N, W] of the first latents, ws [N, L, W] of a feed); style mixing: StyleGAN paper, section 3.1."""
    w: Tensor = G.map(feed.z, feed.labels)
    ws: Tensor = G.broadcast(w)
    if feed.second is None:
        return w, ws
    second = G.broadcast(G.map(feed.second, feed.labels))
    return w, torch.cat([ws[:, : feed.cutoff], second[:, feed.cutoff :]], dim=1)


@torch.no_grad()
def follow(G: Any, mean: Tensor, w_avg_beta: float) -> None:
    """Move w_avg towards the mean of w [W] of a batch, unless that is no number: it would stay so for ever."""
    if G.w_avg is not None:
        G.w_avg.copy_(torch.where(mean.isfinite(), mean.lerp(G.w_avg, w_avg_beta), G.w_avg))
