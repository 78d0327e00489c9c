"""Milliseconds a picture for a StyleGAN2 generator of published size with random weights, whole and resumed.

python benchmarks/generator.py --resolution 1024 --device cuda --dtype float16
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--resolution", type=int, default=1024)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--dtype", default="float32", choices=("float32", "float16", "bfloat16"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-tuning", action="store_true", help="leave the allocator as the system has it")
    args = parser.parse_args()

    import torch

    from engine.device import choose, tune_allocator
    from engine.families import family

    if not args.no_tuning:
        tune_allocator()
    device = choose(args.device)
    G = family("stylegan2").build_generator({"resolution": args.resolution, "channel_base": 32768})
    G = G.to(device=device, memory_format=torch.channels_last).eval()
    G.set_precision(getattr(torch, args.dtype))
    print(f"config-f {args.resolution}, {device}, {args.dtype}, {torch.get_num_threads()} threads")
    with torch.inference_mode():
        ws = G.broadcast(G.map(torch.randn(1, 512, device=device)))
        states = [G.start(ws)]
        for i, step in enumerate(G.steps):
            states.append(G.run(i, states[-1], ws, None if step.noise is None else G.stored_noise(step.noise)))
        for resolution in (4, *(r for r in (64, 128, 256, 512, 1024) if r <= args.resolution)):
            first = next(i for i, s in enumerate(G.steps) if s.resolution == resolution)
            print(f"from {resolution:>4}: {timed(G, states[first], ws, first, args.rounds, device):8.1f} ms")


def timed(G, state, ws, first, rounds, device):  # type: ignore[no-untyped-def]
    """Median milliseconds from a step to the picture's uint8 on the host."""
    import torch

    times = []
    for _ in range(rounds + 1):
        began, s = time.perf_counter(), state
        for i in range(first, len(G.steps)):
            noise = None if G.steps[i].noise is None else G.stored_noise(G.steps[i].noise)
            s = G.run(i, s, ws, noise)
        G.picture(s).mul(127.5).add(128).clamp(0, 255).to(torch.uint8).cpu()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times[1:])


if __name__ == "__main__":
    main()
