"""How much of a film's time is spent in the generator: the rest is what encoding and copying cost.

python benchmarks/film.py --resolution 256 --frames 120 --device cuda
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--resolution", type=int, default=256)
    parser.add_argument("--frames", type=int, default=120)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--suffixes", nargs="+", default=[".mp4", ".webm", ".gif", ".webp"])
    args = parser.parse_args()

    from engine.device import tune_allocator

    tune_allocator()
    from engine.export.film import Film
    from engine.export.job import Job, run
    from engine.recipe import Seed, Source
    from engine.renderer import Renderer

    renderer = Renderer(args.device)
    with tempfile.TemporaryDirectory() as folder:
        renderer.load(written(Path(folder) / "config-f.safetensors", args.resolution))
        sources = tuple(Source(Seed(i)) for i in range(4))
        film = Film(kind="interpolation", paths=(sources,), frames=args.frames, loop=True)
        renderer.render(film.frame(0, renderer.info)[0])  # the first one sets up
        print(f"config-f {args.resolution}, {args.frames} frames, {renderer.device}")
        for suffix in args.suffixes:
            clock = Clock(renderer)
            out = Path(folder) / f"film{suffix}"
            began = time.perf_counter()
            run(Job(what=film, out=out), clock)
            total = time.perf_counter() - began
            each, size = 1000 * clock.seconds / args.frames, out.stat().st_size
            share = clock.seconds / total
            print(f"{suffix:<6} {total:7.2f} s, generator {share:6.1%} ({each:.0f} ms a frame), {size} bytes")


class Clock:
    """A renderer that counts the time until its pictures are there."""

    def __init__(self, renderer) -> None:  # type: ignore[no-untyped-def]
        self._renderer, self.seconds = renderer, 0.0

    def __getattr__(self, name: str) -> object:
        return getattr(self._renderer, name)

    def render_many(self, recipes, *, stop=None):  # type: ignore[no-untyped-def]
        pictures = self._renderer.render_many(recipes, stop=stop)
        while True:
            began = time.perf_counter()
            picture = next(pictures, None)
            self.seconds += time.perf_counter() - began
            if picture is None:
                return
            yield picture


def written(path: Path, resolution: int) -> Path:
    """A model file of config-f size with random weights."""
    from engine.families import family
    from engine.files import native

    settings = {"resolution": resolution, "channel_base": 32768}
    state = family("stylegan2").build_generator(settings).state_dict()
    tensors = {f"G_ema.{name}": tensor.numpy() for name, tensor in state.items()}
    native.write(path, family="stylegan2", settings=settings, tensors=tensors, name="config-f")
    return path


if __name__ == "__main__":
    main()
