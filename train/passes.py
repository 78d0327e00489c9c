"""Passes of the networks over a batch, slice by slice: what the phases of a step (train.step) are made of.

What is random is drawn for the whole batch; then slice after slice of it (train.division) is computed, and gradients
that are means over the batch accumulate.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from train import losses
from train.augment.parameters import Parameters, draw_parameters
from train.augment.pipe import augment
from train.augment.settings import pipe_settings
from train.blur import blur_at, blurred
from train.config import TrainConfig
from train.division import Division, Rows
from train.draws import Draws, Feed, follow, mapped, taken
from train.mipmap import packed, unpacked
from train.networks import Networks
from train.parallel import ALONE, World
from train.stats import Meter

Mixture = tuple[Tensor, Parameters | None]  # share of the fake [N], augmentation


@dataclass(frozen=True, slots=True, kw_only=True)
class Passes:
    """What the phases of a step have in common."""

    n: Networks
    config: TrainConfig
    draws: Draws
    meter: Meter
    reals: Tensor  # [N, C, H, W] in -1..1; this process's part of them
    labels: Tensor | None  # [N, K], of the reals
    number: int  # of the step
    seen: int  # pictures shown before
    division: Division
    world: World = ALONE

    @property
    def multi_scale(self) -> bool:
        """Whether D judges mipmaps (train.mipmap): its gradient then reaches each resolution of G directly."""
        return hasattr(self.n.D, "pyramid")

    # --- draws for the whole batch

    def slices(self) -> list[tuple[Rows, Rows]]:
        """Rows of each slice, in the whole batch and among the reals that are here."""
        return list(zip(self.division.rows(), self.division.rows_of_rank(), strict=True))

    def feed(self, phase: str, count: int = 0) -> Feed:
        return self.draws.feed(phase, self.n.G, count or self.division.batch)

    def augmentation(self) -> Parameters | None:
        """What happens to the pictures of a batch before D sees them."""
        if self.n.ada is None:
            return None
        pipe = pipe_settings(self.config.augment_pipe, self.config.augment_settings)
        _, channels, height, width = self.reals.shape
        shape = (self.division.batch, channels, height, width)
        return draw_parameters(pipe, float(self.n.ada.p), shape, self.draws)

    def mixture(self) -> Mixture | None:
        """Points between reals and fakes, for WGAN-GP."""
        if not self.config.gp_weight:
            return None
        return self.draws.uniform("mixture", self.division.batch), self.augmentation()

    # --- slice by slice

    def generated(self, feed: Feed) -> tuple[Tensor, Tensor]:
        """(pictures, or mipmaps where D judges these, mean [W] of the w of first latents)."""
        G = self.n.G
        w, ws = mapped(G, feed)
        made = packed(G.pyramid(ws, feed.noise)) if self.multi_scale else G.synthesize(ws, feed.noise)
        return made, w.detach().mean(dim=0)

    def shown_fakes(self, feed: Feed, differentiable: bool) -> tuple[Tensor, Tensor]:
        """The same for the discriminator alone."""
        with torch.no_grad():
            fakes, mean = self.generated(feed)
        return fakes.requires_grad_(differentiable), mean

    def shown_reals(self, here: Rows) -> Tensor:
        """These reals as D judges them: pictures [N, C, H, W], or mipmaps [N, C, 1, P] of their box pyramids."""
        D: Any = self.n.D
        reals = taken(self.reals, here).detach()
        return packed(D.pyramid(reals)) if self.multi_scale else reals

    def lengths(self, feed: Feed, noise: Tensor, rows: Rows) -> tuple[Tensor, Tensor]:
        """(path lengths with their graph, mean [W] of w)."""
        part = taken(feed, rows)
        w, ws = mapped(self.n.G, part)
        pictures = self.n.G.synthesize(ws, part.noise)
        return losses.path_lengths(pictures, ws, taken(noise, rows)), w.detach().mean(dim=0)

    def scores(self, pictures: Tensor, labels: Tensor | None, how: Parameters | None) -> Tensor:
        """D's scores [N, 1] of pictures or mipmaps as it sees them: blurred in the beginning, augmented where asked
        for."""
        sigma = blur_at(self.config, self.seen)
        seen = self._scales(pictures, sigma) if self.multi_scale else blurred(pictures, sigma)
        if how is not None:
            assert isinstance(seen, Tensor), "mipmaps are not augmented, see train.checks"
            seen = augment(seen, how)
        with self._precision(pictures.device.type):
            scores: Tensor = self.n.D(seen) if labels is None else self.n.D(seen, labels)
        return scores.to(pictures.dtype)

    @staticmethod
    def _scales(mipmaps: Tensor, sigma: float) -> list[Tensor]:
        """Pictures [N, C, 4, 4] to [N, C, R, R], each blurred as much of what it shows as the largest by sigma."""
        scales = unpacked(mipmaps)
        return [blurred(scale, sigma * scale.shape[-1] / scales[-1].shape[-1]) for scale in scales]

    def _precision(self, device: str) -> contextlib.AbstractContextManager[object]:
        if self.config.precision == "float32":
            return contextlib.nullcontext()
        return torch.autocast(device, torch.bfloat16)

    def judge_reals(
        self,
        rows: Rows,
        here: Rows,
        how: Parameters | None,
        all_scores: list[Tensor],  # gets those of this slice
        main: bool,
        penalty_weight: float,
    ) -> Tensor:
        shown = self.shown_reals(here).requires_grad_(penalty_weight > 0)
        scores = self.scores(shown, taken(self.labels, here), taken(how, rows))
        all_scores.append(scores.detach())
        self.meter.add("sign_real", scores.detach().sign())
        return self.judge("real", shown, scores, main, penalty_weight)

    def judge(self, kind: str, shown: Tensor, scores: Tensor, main: bool, penalty_weight: float) -> Tensor:
        """Accumulate D's gradients of its loss (if main) and of the gradient penalty on real or fake pictures, that is,
        of R1 or R2; returns the mean loss."""
        loss = losses.LOSSES[self.config.loss]
        value = (loss.real if kind == "real" else loss.fake)(scores).mean()
        total = value if main else torch.zeros_like(value)
        if main and kind == "real" and self.config.drift:
            total = total + scores.square().mean() * self.config.drift
        if penalty_weight:
            penalty = losses.gradient_penalty(scores, shown)
            total = total + penalty.mean() * penalty_weight
            self.meter.add("r1" if kind == "real" else "r2", penalty)
        (total * self.division.share).backward(inputs=self._weights())
        self.meter.add(f"score_{kind}", scores)
        return value.detach()

    def judge_mixtures(
        self, rows: Rows, here: Rows, drawn: tuple[Tensor, Parameters | None] | None, fakes: Tensor
    ) -> None:
        """WGAN-GP: accumulate D's gradients of its penalty at points between reals and fakes."""
        if drawn is None:
            return
        share = taken(drawn[0], rows).to(fakes.device)[:, None, None, None]
        mixed = self.shown_reals(here).lerp(fakes.detach(), share).requires_grad_()
        scores = self.scores(mixed, taken(self.labels, here), taken(drawn[1], rows))
        distance = losses.gradient_distance(scores, mixed, self.config.gp_target)
        (distance.mean() * (self.config.gp_weight * self.division.share)).backward(inputs=self._weights())
        self.meter.add("gp", distance)

    # --- the whole batch again

    def follow_w(self, means: list[Tensor]) -> None:
        """Move w_avg by the mean of w, of which each slice gave its part."""
        here = means or [torch.zeros(int(self.n.G.settings.w_dim), device=self.reals.device)]
        follow(self.n.G, self.world.sum_(torch.stack(here).sum(dim=0)), self.config.w_avg_beta)

    def observe(self, real_scores: list[Tensor]) -> None:
        """Tell the strength of augmentation how D judged the reals."""
        if self.n.ada is None:
            return
        scores = torch.zeros(self.division.batch, device=self.reals.device)
        for (rows, _), these in zip(self.slices(), real_scores, strict=True):
            scores[slice(None) if rows is None else rows] = these.flatten()
        self.n.ada.observe(self.world.sum_(scores))

    def _weights(self) -> list[Tensor]:
        return list(self.n.D.parameters())
