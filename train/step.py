"""One training step of both networks: the phases of the papers, or both networks on one forward pass of the fakes.

published: phases Gmain, Greg, Dmain, Dreg (StyleGAN2 paper, appendix B), each with fresh latents. Greg and Dreg come
every few steps ("lazy regularization"), times that interval, as updates of their own that share the moments of Adam
with the main ones.

shared: D's scores of the same fakes are differentiated twice, for the generator's loss with respect to the pictures
and for the discriminator's loss with respect to D's weights. (One gradient cannot be had from the other by scaling:
minibatch standard deviation couples the samples.) Regularisation is added to the same update.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from train import losses
from train.augment.parameters import draw_parameters
from train.augment.pipe import augment
from train.augment.settings import pipe_settings
from train.blur import blur_at, blurred
from train.config import TrainConfig
from train.draws import Draws, Feed, styles
from train.ema import ema_beta, move_average
from train.networks import Networks, build
from train.stats import Meter

__all__ = ["Networks", "build", "gamma_at", "train_step"]


def train_step(
    n: Networks,
    reals: Tensor,  # [N, C, H, W] in -1..1
    config: TrainConfig,
    step: int,  # number of this one
    seen: int,  # pictures shown before
    meter: Meter,
    labels: Tensor | None = None,  # [N, K], of the reals
    draws: Draws | None = None,  # None: a function of (seed, step)
) -> None:
    """One batch for both networks and the average."""
    draws = draws or Draws(config, step, reals.device)
    if config.mirror:
        reals = draws.mirrored(reals)
    this = Step(n=n, config=config, draws=draws, meter=meter, reals=reals, labels=labels, number=step, seen=seen)
    if config.phases == "published":
        this.published()
    else:
        this.shared()
    move_average(n.G_ema, n.G, ema_beta(config, seen))
    if n.ada is not None:
        n.ada.after_step(step, len(reals))


def gamma_at(config: TrainConfig, seen: int) -> float:
    """Weight of R1: a second, usually lower one may follow when the composition stands and detail is learned."""
    passed = [gamma for kimg, gamma in config.r1_gamma_from if seen >= kimg * 1000]
    return passed[-1] if passed else config.r1_gamma


def update(optimiser: torch.optim.Optimizer) -> None:
    """The one place where weights move. A weight that no loss reached has gradient 0: its moments still decay."""
    for group in optimiser.param_groups:
        for parameter in group["params"]:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
    optimiser.step()
    optimiser.zero_grad()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What the phases of a step have in common."""

    n: Networks
    config: TrainConfig
    draws: Draws
    meter: Meter
    reals: Tensor
    labels: Tensor | None
    number: int
    seen: int

    def published(self) -> None:
        """Gmain, Greg, Dmain, Dreg. A regulariser of interval 1 joins its main phase, as published too."""
        n, config = self.n, self.config
        self.generator_main()
        if self._pl_is_due():
            if config.pl_interval > 1:
                update(n.opt_G)
            self.path_lengths()
        update(n.opt_G)
        r1, r2 = self._penalty_weights()
        if config.r1_interval == 1:
            self.discriminator_main(r1, r2)
        else:
            self.discriminator_main()
            if r1 or r2:
                update(n.opt_D)
                self.discriminator_penalties(r1, r2)
        update(n.opt_D)

    def shared(self) -> None:
        """Both networks on the same fakes, everything that is due in one update each."""
        n, loss = self.n, losses.LOSSES[self.config.loss]
        r1, r2 = self._penalty_weights()
        feed, _, fakes = self._generated("shared", len(self.reals))
        shown = fakes.detach().requires_grad_()
        scores = self._scores(shown, feed.labels)
        loss_G = loss.generator(scores)
        (gradient,) = torch.autograd.grad(loss_G.mean(), shown, retain_graph=True)
        loss_fake = self._judged("fake", shown, scores, main=True, penalty_weight=r2)
        loss_real = self._reals(main=True, penalty_weight=r1)
        self._mixtures(shown)
        fakes.backward(gradient)
        if self._pl_is_due():
            self.path_lengths()
        update(n.opt_G)
        update(n.opt_D)
        self.meter.add("loss_G", loss_G)
        self.meter.add("loss_D", loss_fake + loss_real)

    def generator_main(self) -> None:
        """Gmain: gradients of the generator's loss."""
        feed, _, fakes = self._generated("Gmain", len(self.reals))
        scores = self._scores(fakes, feed.labels)
        loss = losses.LOSSES[self.config.loss].generator(scores)
        loss.mean().backward(inputs=list(self.n.G.parameters()))
        self.meter.add("score_fake", scores)
        self.meter.add("loss_G", loss)

    def path_lengths(self) -> None:
        """Greg: gradients of path length regularisation, on a part of a batch (StyleGAN2 paper, equation 4)."""
        n, config = self.n, self.config
        _, ws, pictures = self._generated("Greg", max(len(self.reals) // config.pl_shrink, 1))
        lengths = losses.path_lengths(pictures, ws, self.draws.path_noise(pictures))
        penalty, mean = losses.path_penalty(lengths, n.pl_mean, config.pl_decay)
        (penalty.mean() * (config.pl_weight * config.pl_interval)).backward()
        n.pl_mean.copy_(mean)
        self.meter.add("pl_penalty", penalty)

    def discriminator_main(self, r1: float = 0.0, r2: float = 0.0) -> None:
        """Dmain: gradients of the discriminator's loss; r1 and r2 are weights of penalties that join it."""
        shown, labels = self._shown_fakes("Dmain", r2 > 0)
        loss_fake = self._judged("fake", shown, self._scores(shown, labels), main=True, penalty_weight=r2)
        loss_real = self._reals(main=True, penalty_weight=r1)
        self._mixtures(shown)
        self.meter.add("loss_D", loss_fake + loss_real)

    def discriminator_penalties(self, r1: float, r2: float) -> None:
        """Dreg: gradients of the penalties of these weights alone."""
        if r1:
            self._reals(main=False, penalty_weight=r1)
        if r2:
            shown, labels = self._shown_fakes("Dreg", True)
            self._judged("fake", shown, self._scores(shown, labels), main=False, penalty_weight=r2)

    def _pl_is_due(self) -> bool:
        return self.config.pl_weight > 0 and self.number % self.config.pl_interval == 0

    def _penalty_weights(self) -> tuple[float, float]:
        """(of R1, of R2) in this step; a penalty that comes every k steps counts k times."""
        config = self.config
        if self.number % config.r1_interval:
            return 0.0, 0.0
        return gamma_at(config, self.seen) / 2 * config.r1_interval, config.r2_gamma / 2 * config.r1_interval

    def _generated(self, phase: str, count: int) -> tuple[Feed, Tensor, Tensor]:
        """(feed, ws, pictures) of fresh latents."""
        feed = self.draws.feed(phase, self.n.G, count)
        ws = styles(self.n.G, feed, self.config.w_avg_beta)
        return feed, ws, self.n.G.synthesize(ws, feed.noise)

    def _shown_fakes(self, phase: str, differentiable: bool) -> tuple[Tensor, Tensor | None]:
        """(pictures, labels) for the discriminator alone."""
        with torch.no_grad():
            feed, _, fakes = self._generated(phase, len(self.reals))
        return fakes.requires_grad_(differentiable), feed.labels

    def _scores(self, pictures: Tensor, labels: Tensor | None) -> Tensor:
        """D's scores [N, 1] of pictures as it sees them: blurred in the beginning, augmented where asked for."""
        pictures = blurred(pictures, blur_at(self.config, self.seen))
        if self.n.ada is not None:
            pipe = pipe_settings(self.config.augment_pipe, self.config.augment_settings)
            shape = (pictures.shape[0], pictures.shape[1], pictures.shape[2], pictures.shape[3])
            pictures = augment(pictures, draw_parameters(pipe, float(self.n.ada.p), shape, self.draws))
        scores: Tensor = self.n.D(pictures) if labels is None else self.n.D(pictures, labels)
        return scores

    def _reals(self, main: bool, penalty_weight: float) -> Tensor:
        shown = self.reals.detach().requires_grad_(penalty_weight > 0)
        scores = self._scores(shown, self.labels)
        if self.n.ada is not None:
            self.n.ada.observe(scores)
        self.meter.add("sign_real", scores.detach().sign())
        return self._judged("real", shown, scores, main, penalty_weight)

    def _judged(self, kind: str, shown: Tensor, scores: Tensor, main: bool, penalty_weight: float) -> Tensor:
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
        total.backward(inputs=self._weights())
        self.meter.add(f"score_{kind}", scores)
        return value.detach()

    def _mixtures(self, fakes: Tensor) -> None:
        """WGAN-GP: accumulate D's gradients of its penalty at points between reals and fakes."""
        if not self.config.gp_weight:
            return
        share = self.draws.uniform("mixture", len(fakes)).to(fakes.device)[:, None, None, None]
        mixed = self.reals.lerp(fakes.detach(), share).requires_grad_()
        distance = losses.gradient_distance(self._scores(mixed, self.labels), mixed, self.config.gp_target)
        (distance.mean() * self.config.gp_weight).backward(inputs=self._weights())
        self.meter.add("gp", distance)

    def _weights(self) -> list[Tensor]:
        return list(self.n.D.parameters())
