"""Pictures a second of one training step at 64x64: ours against the plain form, in turns, each in its own process.

The plain form: modulated convolution as a grouped convolution with a weight for each sample, one fake forward pass for
the generator and another one for the discriminator, contiguous memory, the system's allocator settings.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))


def measure(form: str, steps: int, threads: int) -> float:
    """Pictures a second of `steps` steps with an R1 step in every 16."""
    import torch

    from engine.device import tune_allocator
    from train.networks import build
    from train.presets import preset
    from train.stats import Meter
    from train.step import train_step

    torch.set_num_threads(threads)
    if form == "ours":
        tune_allocator()
        step_function = train_step
    else:
        use_plain_convolutions()
        step_function = plain_step
    config = preset("stylegan2-portraits-64")
    n = build(config, torch.device("cpu"))
    reals = torch.rand(config.batch, 3, 64, 64) * 2 - 1
    for step in range(3):
        step_function(n, reals, config, step, 0, Meter())
    start = time.perf_counter()
    for step in range(steps):
        step_function(n, reals, config, step, step * config.batch, Meter())
    return steps * config.batch / (time.perf_counter() - start)


def use_plain_convolutions() -> None:
    """Put a grouped modulated convolution in the place of ours, and keep tensors contiguous."""
    import torch
    from torch import Tensor

    from engine.families.stylegan2 import layers
    from engine.nn.convolution import conv2d_resample

    def grouped(
        x: Tensor, weight: Tensor, styles: Tensor, noise: Tensor | None = None, f: Tensor | None = None,
        up: int = 1, down: int = 1, padding: int = 0, demodulate: bool = True, flip_weight: bool = True,
    ) -> Tensor:  # fmt: skip
        n, i, h, w = x.shape
        modulated = weight[None] * styles[:, None, :, None, None]  # [N, O, I, kh, kw]
        if demodulate:
            modulated = modulated * (modulated.square().sum(dim=(2, 3, 4), keepdim=True) + 1e-8).rsqrt()
        y = conv2d_resample(
            x.reshape(1, n * i, h, w), modulated.flatten(0, 1), f, up, down, padding, groups=n, flip_weight=flip_weight
        )
        y = y.reshape(n, -1, *y.shape[2:])
        return y if noise is None else y + noise

    layers.modulated_conv2d = grouped
    contiguous = Tensor.contiguous
    Tensor.contiguous = lambda self, memory_format=torch.contiguous_format: contiguous(self)  # type: ignore[method-assign]


def plain_step(n, reals, config, step, seen, meter) -> None:  # type: ignore[no-untyped-def]
    """A generator step and a discriminator step, each with its own fakes."""
    from train import losses
    from train.draws import Draws, follow, mapped
    from train.ema import ema_beta, move_average
    from train.step import gamma_at

    loss, draws = losses.LOSSES["logistic"], Draws(config, step, reals.device)

    def generated():  # type: ignore[no-untyped-def]
        feed = draws.feed("", n.G, len(reals))
        w, ws = mapped(n.G, feed)
        follow(n.G, w.mean(dim=0), config.w_avg_beta)
        return n.G.synthesize(ws, feed.noise)

    loss.generator(n.D(generated())).mean().backward(inputs=list(n.G.parameters()))
    n.opt_G.step()
    n.opt_G.zero_grad()
    loss.fake(n.D(generated().detach())).mean().backward()
    regularise = step % config.r1_interval == 0
    shown = reals.detach().requires_grad_(regularise)
    scores = n.D(shown)
    total = loss.real(scores).mean()
    if regularise:
        penalty = losses.gradient_penalty(scores, shown).mean()
        total = total + penalty * (gamma_at(config, seen) / 2 * config.r1_interval)
    total.backward(inputs=list(n.D.parameters()))
    n.opt_D.step()
    n.opt_D.zero_grad()
    move_average(n.G_ema, n.G, ema_beta(config, seen))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=32)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--form", choices=["ours", "plain"], help="measure one form in this process")
    args = parser.parse_args()
    if args.form:
        print(measure(args.form, args.steps, args.threads))
        return
    speeds: dict[str, list[float]] = {"plain": [], "ours": []}
    for number in range(args.rounds):
        for form, measured in speeds.items():
            command = [
                sys.executable,
                __file__,
                "--form",
                form,
                "--steps",
                str(args.steps),
                "--threads",
                str(args.threads),
            ]
            measured.append(float(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
        print(
            f"round {number + 1}: plain {speeds['plain'][-1]:.1f}, ours {speeds['ours'][-1]:.1f} images/s", flush=True
        )
    ratios = [ours / plain for ours, plain in zip(speeds["ours"], speeds["plain"], strict=True)]
    print(
        f"median: plain {statistics.median(speeds['plain']):.1f}, ours {statistics.median(speeds['ours']):.1f} "
        f"images/s, ratio {statistics.median(ratios):.2f} (from {min(ratios):.2f} to {max(ratios):.2f})"
    )


if __name__ == "__main__":
    main()
