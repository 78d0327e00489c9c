"""Start-up and slider to pixel, in the real window with the bundled model.

Start-up: from the start of the process to the first paint, and to the first picture that the engine made; and the
processor's seconds until that first paint, which a busy machine changes less. Bytecode is cached, as it is from the
second start of an installed program on.
Slider to pixel: from the edit to the paint of its picture, while a slider moves 60 times a second.

    QT_QPA_PLATFORM=offscreen python benchmarks/window.py
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
MOVES = 300  # of each slider
INTERVAL = 1 / 60  # seconds between two moves
LAST = 8  # slot of the last convolution at 64x64


def child(began: float) -> None:
    """Open the window as the program does, move sliders, print the figures as JSON."""
    from PySide6.QtWidgets import QApplication

    from explorer import app, theme
    from explorer.settings import Settings

    application = QApplication(sys.argv[:1])
    theme.apply(application, True)
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        window = app.opened_window(Settings(Path(folder)), None, lambda: app.make_engine("cpu", "auto"))
        window.show()
        application.processEvents()
        figures["window"] = time.time() - began
        used = resource.getrusage(resource.RUSAGE_SELF)
        figures["window, processor"] = used.ru_utime + used.ru_stime
        window.start()
        while not window.live.up_to_date:
            application.processEvents()
        figures["first picture"] = time.time() - began
        for name, edit in sliders().items():
            drag(application, window, edit)
            figures[f"{name} p50"] = window.live.latency.p50
            figures[f"{name} p95"] = window.live.latency.p95
        window.close()
    print(json.dumps(figures))


def sliders():  # type: ignore[no-untyped-def]
    """What is moved: (recipe, 0..1) -> recipe."""
    from engine import edits

    return {
        "psi": lambda r, x: edits.with_psi(r, 0.3 + 0.7 * x),
        "master": edits.with_master,
        "last fader": lambda r, x: edits.with_share(r, [LAST], x),
    }


def drag(application, window, edit) -> None:  # type: ignore[no-untyped-def]
    """Move as a hand does: from the event loop, which sleeps in between and leaves the processor to the renderer."""
    from PySide6.QtCore import QEventLoop, Qt, QTimer

    from explorer.history import new_gesture

    gesture, document, moves = new_gesture(), window.document, iter(range(MOVES))
    window.live.latency.samples.clear()
    loop, timer = QEventLoop(), QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)

    def move() -> None:
        i = next(moves, None)
        if i is not None:
            document.apply("bench", edit(document.recipe, (i % 100) / 100), gesture)
        elif window.live.up_to_date:
            loop.quit()

    timer.timeout.connect(move)
    timer.start(int(INTERVAL * 1000))
    loop.exec()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--child", type=float, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        child(args.child)
        return
    rounds = []
    with tempfile.TemporaryDirectory() as bytecode:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": bytecode}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for _ in range(args.rounds + 1):
            command = [sys.executable, __file__, "--child", str(time.time())]
            done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
            rounds.append(json.loads(done.stdout))
    del rounds[0]  # it compiled what it imported
    for name in rounds[0]:
        values = [r[name] for r in rounds]
        unit = "s " if name.startswith(("window", "first picture")) else "ms"
        print(f"{name:<18} {statistics.median(values):8.2f} {unit}   from {min(values):.2f} to {max(values):.2f}")


if __name__ == "__main__":
    main()
