"""Pictures a second while a fader of a large model is dragged, in the real window: previews, and what they are.

A model of config-f size with random weights, all of which have an effect. Each fader moves 60 times a second for five
seconds; then the time until the whole picture is there.

    QT_QPA_PLATFORM=offscreen python benchmarks/dragging.py --resolution 256
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent))

from window import INTERVAL, MOVES, drag

REST = 2.0  # seconds between two drags


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--resolution", type=int, default=256)
    args = parser.parse_args()

    from PySide6.QtCore import QEventLoop, QTimer
    from PySide6.QtWidgets import QApplication

    from engine import edits
    from explorer import app, theme
    from explorer.settings import Settings

    application = QApplication(sys.argv[:1])
    theme.apply(application, True)
    with tempfile.TemporaryDirectory() as folder:
        model = written(Path(folder) / "config-f.safetensors", args.resolution)
        window = app.opened_window(Settings(Path(folder)), str(model), lambda: app.make_engine("cpu", "auto"))
        window.show()
        window.start()

        def rest(seconds: float) -> None:
            loop = QEventLoop()
            QTimer.singleShot(round(seconds * 1000), loop.quit)
            loop.exec()

        while not window.live.up_to_date:
            rest(0.01)
        rest(5 * REST)  # thumbnails, and whether bfloat16 is quicker
        layers = len(window.document.info.layers)
        faders = {
            "master": edits.with_master,
            "coarse": lambda recipe, x: edits.with_share(recipe, range(4), x),
            "middle": lambda recipe, x: edits.with_share(recipe, range(4, 8), x),
            "fine": lambda recipe, x: edits.with_share(recipe, range(8, layers), x),
            "last": lambda recipe, x: edits.with_share(recipe, [layers - 2], x),
        }
        shown: list[float] = []
        window.live.shown.connect(lambda answer: shown.append(time.perf_counter()))
        print(f"config-f {args.resolution}, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        for name, edit in faders.items():
            began = time.perf_counter()
            shown.clear()
            drag(application, window, edit)
            ended, latency = time.perf_counter(), window.live.latency
            moved = MOVES * INTERVAL
            rate = sum(at - began < moved for at in shown) / moved
            kinds = ", ".join(f"{count} {kind}" for kind, count in latency.kinds) if hasattr(latency, "kinds") else ""
            print(
                f"{name:<7} {rate:5.1f} pictures/s, p50 {latency.p50 or 0:.0f} p95 {latency.p95 or 0:.0f} ms, "
                f"whole {ended - began - moved:.2f} s after the end; {kinds}",
                flush=True,
            )
            rest(REST)
        print("bfloat16:", next(iter(window.worker._engine._shelf._trials.values()), None))
        window.close()


def written(path: Path, resolution: int) -> Path:
    """A model file of config-f size; no tensor of it is without effect."""
    import torch

    from engine.families import family
    from engine.files import native

    torch.manual_seed(0)
    settings = {"resolution": resolution, "channel_base": 32768}
    tensors = {}
    for name, tensor in family("stylegan2").build_generator(settings).state_dict().items():
        if name.endswith(("bias", "w_avg", "noise_strength")):
            tensor = tensor + 0.1 * torch.randn_like(tensor)
        tensors[f"G_ema.{name}"] = tensor.numpy()
    native.write(path, family="stylegan2", settings=settings, tensors=tensors, name="config-f")
    return path


if __name__ == "__main__":
    main()
