"""One training step of both networks: the phases of the papers, or both networks on one forward pass of the fakes.

published: phases Gmain, Greg, Dmain, Dreg (StyleGAN2 paper, appendix B), each with fresh latents. Greg and Dreg come
every few steps ("lazy regularization"), times that interval, as updates of their own that share the moments of Adam
with the main ones.

shared: D's scores of the same fakes are differentiated twice, for the generator's loss with respect to the pictures
and for the discriminator's loss with respect to D's weights. (One gradient cannot be had from the other by scaling:
minibatch standard deviation couples the samples.) Regularisation is added to the same update.

A phase draws everything for the whole batch, then computes slice after slice of it (train.division) and accumulates
gradients that are means over the batch; processes sum theirs before a network moves.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from train import losses
from train.config import TrainConfig
from train.division import Division
from train.draws import Draws, taken
from train.ema import ema_beta, move_average
from train.late_noise import keep_quiet
from train.networks import Networks
from train.parallel import ALONE, World
from train.parts import keep_parts
from train.passes import Passes
from train.schedule import gamma_at, lr_at, set_rate
from train.stats import Meter


def train_step(
    n: Networks,
    reals: Tensor,  # [N, C, H, W] in -1..1; this process's part of them
    config: TrainConfig,
    step: int,  # number of this one
    seen: int,  # pictures shown before
    meter: Meter,
    labels: Tensor | None = None,  # [N, K], of the reals
    draws: Draws | None = None,  # None: a function of (seed, step)
    division: Division | None = None,  # None: the batch is computed at once, here
    world: World = ALONE,
) -> bool:
    """One batch for both networks and the average; False if a network did not move because of gradients that are no
    finite numbers."""
    division = division or Division(batch=len(reals))
    draws = draws or Draws(config, step, reals.device)
    if config.mirror:
        reals = draws.mirrored(reals, division)
    this = Step(
        n=n,
        config=config,
        draws=draws,
        meter=meter,
        reals=reals,
        labels=labels,
        number=step,
        seen=seen,
        division=division,
        world=world,
    )
    set_rate((n.opt_G, n.opt_D), lr_at(config, seen))
    if config.phases == "published":
        this.published()
    else:
        this.shared()
    move_average(n.G_ema, n.G, ema_beta(config, seen))
    if n.ada is not None:
        n.ada.after_step(step, division.batch)
    return not this.stuck


def update(optimiser: torch.optim.Optimizer, world: World = ALONE) -> bool:
    """The one place where weights move; False: they did not, as a gradient is no finite number.

    A weight that no loss reached has gradient 0: its moments still decay.
    """
    parameters = [parameter for group in optimiser.param_groups for parameter in group["params"]]
    for parameter in parameters:
        if parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)
    world.sum_gradients(parameters)
    norms = torch._foreach_norm([parameter.grad for parameter in parameters])
    finite = bool(torch.stack(norms).isfinite().all())  # the same everywhere: the gradients are
    if finite:
        optimiser.step()
    optimiser.zero_grad()
    return finite


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Passes):
    """A step, phase by phase."""

    stuck: list[str] = field(default_factory=list)  # networks that did not move

    def published(self) -> None:
        """Gmain, Greg, Dmain, Dreg. A regulariser of interval 1 joins its main phase, as published too."""
        config = self.config
        self.generator_main()
        if self._pl_is_due():
            if config.pl_interval > 1:
                self._update("G")
            self.path_lengths()
        self._update("G")
        r1, r2 = self.penalty_weights()
        if config.r1_interval == 1:
            self.discriminator_main(r1, r2)
        else:
            self.discriminator_main()
            if r1 or r2:
                self._update("D")
                self.discriminator_penalties(r1, r2)
        self._update("D")

    def shared(self) -> None:
        """Both networks on the same fakes, everything that is due in one update each."""
        loss, share = losses.LOSSES[self.config.loss], self.division.share
        r1, r2 = self.penalty_weights()
        feed = self.feed("shared")
        how_fake, how_real = self.augmentation(), self.augmentation()
        mixture = self.mixture()
        real_scores: list[Tensor] = []
        means: list[Tensor] = []
        for rows, here in self.slices():
            fakes, mean = self.generated(taken(feed, rows))
            shown = fakes.detach().requires_grad_()
            scores = self.scores(shown, taken(feed.labels, rows), taken(how_fake, rows))
            loss_G = loss.generator(scores)
            (gradient,) = torch.autograd.grad(loss_G.mean() * share, shown, retain_graph=True)
            loss_fake = self.judge("fake", shown, scores, main=True, penalty_weight=r2)
            loss_real = self.judge_reals(rows, here, how_real, real_scores, main=True, penalty_weight=r1)
            self.judge_mixtures(rows, here, mixture, shown)
            fakes.backward(gradient)
            means.append(mean * share)
            self.meter.add("loss_G", loss_G)
            self.meter.add("loss_D", loss_fake + loss_real)
        self.follow_w(means)
        self.observe(real_scores)
        if self._pl_is_due():
            self.path_lengths()
        self._update("G")
        self._update("D")

    def generator_main(self) -> None:
        """Gmain: gradients of the generator's loss."""
        feed, how, means = self.feed("Gmain"), self.augmentation(), []
        for rows, _ in self.slices():
            fakes, mean = self.generated(taken(feed, rows))
            scores = self.scores(fakes, taken(feed.labels, rows), taken(how, rows))
            loss = losses.LOSSES[self.config.loss].generator(scores)
            (loss.mean() * self.division.share).backward(inputs=list(self.n.G.parameters()))
            means.append(mean * self.division.share)
            self.meter.add("score_fake", scores)
            self.meter.add("loss_G", loss)
        self.follow_w(means)

    def path_lengths(self) -> None:
        """Greg: gradients of path length regularisation, on a part of a batch (StyleGAN2 paper, equation 4).

        The penalty compares every length with a mean of all, so all lengths are taken first, and the gradient of the
        penalty with respect to each then goes through its slice.
        """
        n, config = self.n, self.config
        count = max(self.division.batch // config.pl_shrink, 1)
        feed = self.feed("Greg", count)
        noise = self.draws.path_noise(count, *self.reals.shape[1:])
        parts = [rows for rows in self.division.some(count) if rows is None or len(rows)]
        every = torch.zeros(count, device=self.reals.device, dtype=noise.dtype)
        means, graphs = [], []
        for rows in parts:
            lengths, mean = self.lengths(feed, noise, rows)
            every[slice(None) if rows is None else rows] = lengths.detach()
            means.append(mean * (len(lengths) / count))
            graphs.append(lengths if len(parts) == 1 else None)
        every = self.world.sum_(every).requires_grad_()
        penalty, mean = losses.path_penalty(every, n.pl_mean, config.pl_decay)
        (gradient,) = torch.autograd.grad(penalty.mean() * (config.pl_weight * config.pl_interval), every)
        for rows, kept in zip(parts, graphs, strict=True):
            lengths = self.lengths(feed, noise, rows)[0] if kept is None else kept
            lengths.backward(taken(gradient, rows))
        n.pl_mean.copy_(torch.where(mean.isfinite(), mean, n.pl_mean))
        self.follow_w(means)
        self.meter.add("pl_penalty", penalty)

    def discriminator_main(self, r1: float = 0.0, r2: float = 0.0) -> None:
        """Dmain: gradients of the discriminator's loss; r1 and r2 are weights of penalties that join it."""
        feed, how_fake, how_real = self.feed("Dmain"), self.augmentation(), self.augmentation()
        mixture = self.mixture()
        real_scores: list[Tensor] = []
        means: list[Tensor] = []
        for rows, here in self.slices():
            shown, mean = self.shown_fakes(taken(feed, rows), r2 > 0)
            scores = self.scores(shown, taken(feed.labels, rows), taken(how_fake, rows))
            loss_fake = self.judge("fake", shown, scores, main=True, penalty_weight=r2)
            loss_real = self.judge_reals(rows, here, how_real, real_scores, main=True, penalty_weight=r1)
            self.judge_mixtures(rows, here, mixture, shown)
            means.append(mean * self.division.share)
            self.meter.add("loss_D", loss_fake + loss_real)
        self.follow_w(means)
        self.observe(real_scores)

    def discriminator_penalties(self, r1: float, r2: float) -> None:
        """Dreg: gradients of the penalties of these weights alone."""
        if r1:
            how = self.augmentation()
            real_scores: list[Tensor] = []
            for rows, here in self.slices():
                self.judge_reals(rows, here, how, real_scores, main=False, penalty_weight=r1)
            self.observe(real_scores)
        if r2:
            feed, how, means = self.feed("Dreg"), self.augmentation(), []
            for rows, _ in self.slices():
                shown, mean = self.shown_fakes(taken(feed, rows), True)
                scores = self.scores(shown, taken(feed.labels, rows), taken(how, rows))
                self.judge("fake", shown, scores, main=False, penalty_weight=r2)
                means.append(mean * self.division.share)
            self.follow_w(means)

    # --- what is due

    def _pl_is_due(self) -> bool:
        return self.config.pl_weight > 0 and self.number % self.config.pl_interval == 0

    def penalty_weights(self) -> tuple[float, float]:
        """(of R1, of R2) in this step; a penalty that comes every k steps counts k times."""
        config = self.config
        if self.number % config.r1_interval:
            return 0.0, 0.0
        return gamma_at(config, self.seen) / 2 * config.r1_interval, config.r2_gamma / 2 * config.r1_interval

    def _update(self, which: str) -> None:
        if not update(self.n.opt_G if which == "G" else self.n.opt_D, self.world):
            self.stuck.append(which)
        if which == "G":
            c = self.config
            keep_parts(self.n.G, c.w_parts, self.seen + c.batch, self.seen, c.seed)
            keep_quiet(self.n.G, c.noise_kimg, self.seen + c.batch)
