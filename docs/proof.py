"""Looks at every view of the real window in every size, by day and by night, with three kinds of model.

    QT_QPA_PLATFORM=offscreen python docs/proof.py OUT [--scale 1] [--model bundled|large|plain] [--size 1280x800]
                                                   [--scenes map tour-1 ...]

Writes a picture of each scene, contact sheets of them, and `findings-1.txt` (of scale 1): what a rule of the look does
not allow. A person looks at the pictures; rules.py and legible.py hold what a program can see. Exit status 1 when
there are findings.

The models: the bundled one; one of 18 layers (1024x1024, random weights in thin channels); one without noise maps.
Sizes are those of the screen: with a scale of 2 the window has half as many logical pixels.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from driving import ROOT, opened, settle
from legible import faint_words, left_behind
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QFont, QImage, QPainter
from PySide6.QtWidgets import QApplication
from rules import SMALLEST_TEXT, jumps, unsightly
from scenes import Scene, prepare, scenes

from explorer import theme
from explorer.window import Window

SIZES = {1: ((1024, 700), (1280, 800), (2560, 1440)), 2: ((2560, 1440),)}  # device pixels by scale
MODELS = ("bundled", "large", "plain")
SIDES = ("sources", "gallery", "truncation", "mix")  # panels that no view may move
CELL = 320  # px, a picture on a contact sheet


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--scale", type=int, choices=sorted(SIZES))
    parser.add_argument("--model", choices=MODELS)
    parser.add_argument("--size", help="WIDTHxHEIGHT")
    parser.add_argument("--scenes", nargs="+", help="names of those that are looked at")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    if args.scale is None:
        return max(_again(scale) for scale in SIZES)  # Qt reads the scale once a process
    if os.environ.get("QT_SCALE_FACTOR", "1") != str(args.scale):
        return _again(args.scale)
    sizes = [tuple(map(int, args.size.split("x")))] if args.size else SIZES[args.scale]
    return Proof(args.out, args.scale, args.scenes).run(MODELS if args.model is None else (args.model,), sizes)


def _again(scale: int) -> int:
    rest = [a for i, a in enumerate(sys.argv[1:]) if "--scale" not in (a, sys.argv[i])]
    command = [sys.executable, __file__, *rest, "--scale", str(scale)]
    return subprocess.run(command, env={**os.environ, "QT_SCALE_FACTOR": str(scale)}).returncode


class Proof:
    """One process: one scale, all themes and sizes that were asked for."""

    def __init__(self, out: Path, scale: int, wanted: list[str] | None = None) -> None:
        self.out, self.scale, self.wanted = out, scale, wanted
        self.findings: list[str] = []
        self.sheets: dict[str, list[Path]] = {}
        self.fonts: set[int] = set()  # sizes that painting code asked for

    def run(self, models: tuple[str, ...], sizes: tuple[tuple[int, int], ...]) -> int:
        application = QApplication(sys.argv[:1])
        theme.apply(application, dark=True)
        self._watch_fonts()
        with tempfile.TemporaryDirectory() as folder:
            for model in models:
                for width, height in sizes:
                    with opened(model_file(model, Path(folder)), width // self.scale, height // self.scale) as window:
                        self._look_at(window, f"{model}-{width}x{height}@{self.scale}")
        for name, pictures in self.sheets.items():
            contact_sheet(pictures).save(str(self.out / f"sheet-{name}.png"))
        small = sorted(size for size in self.fonts if size < SMALLEST_TEXT)
        if small:
            self.findings.append(f"fonts of {small} px are painted with")
        text = "".join(f"{line}\n" for line in dict.fromkeys(self.findings))
        (self.out / f"findings-{self.scale}.txt").write_text(text)
        print(text or f"scale {self.scale}: nothing found")
        return int(bool(text))

    def _watch_fonts(self) -> None:
        original = theme.font

        def watched(size: int = theme.TEXT, **words: bool) -> QFont:
            font = original(size, **words)
            self.fonts.add(font.pixelSize())
            return font

        theme.font = watched

    def _look_at(self, window: Window, where: str) -> None:
        prepare(window)
        self.findings += [f"{where}: {finding}" for finding in jumps(window)]
        self.docks = docks_of(window)
        for scene in scenes(window):
            self._photograph(window, scene, where)

    def _photograph(self, window: Window, scene: Scene, where: str) -> None:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        try:
            seen = scene.stage(window)
        except Exception as error:  # the other scenes are still worth looking at
            self.findings.append(f"{where} {scene.name}: {type(error).__name__}: {error}")
            return
        if self.wanted is not None and scene.name not in self.wanted:
            return
        if not settle(window):
            self.findings.append(f"{where} {scene.name}: pictures did not come")
        for dark in (True, False):
            theme.apply(application, dark)
            application.processEvents()
            name = f"{where}-{'dark' if dark else 'light'}"
            path = self.out / f"{name}-{scene.name}.png"
            shot = seen.grab()
            shot.save(str(path))
            self.sheets.setdefault(name, []).append(path)
            self.findings += [f"{name} {scene.name}: {finding}" for finding in faint_words(seen, shot)]
            self.findings += [f"{name} {scene.name}: {finding}" for finding in left_behind(seen, shot)]
        theme.apply(application, dark=True)
        self.findings += [f"{where} {scene.name}: {finding}" for finding in unsightly(seen)]
        moved = [name for name, place in docks_of(window).items() if self.docks[name] != place]
        self.findings += [f"{where} {scene.name}: the panel {name} was moved by this view" for name in moved]


def docks_of(window: Window) -> dict[str, QRect]:
    """Where the panels are that are seen: a view that wants more room than there is takes theirs."""
    return {name: dock.geometry() for name, dock in window.docks.items() if name in SIDES}


# --- models and sheets


def model_file(model: str, folder: Path) -> Path | None:
    """A file of the model that is asked for; None: the bundled one."""
    if model == "bundled":
        return None
    path = folder / f"{'a-network-of-18-layers' if model == 'large' else 'without-noise'}.safetensors"
    if not path.exists():
        sys.path.insert(0, str(ROOT))
        from tests.explorer import tiny_model

        if model == "large":
            tiny_model.write(path, path.stem, seed=3, resolution=1024, channel_base=4096, channel_max=16)
        else:
            tiny_model.write(path, path.stem, seed=4, use_noise=False)
    return path


def contact_sheet(pictures: list[Path]) -> QImage:
    """All pictures of a window, small, four in a row."""
    columns, cell = 4, (CELL, round(CELL * 0.66))
    rows = -(-len(pictures) // columns)
    sheet = QImage(columns * cell[0], rows * cell[1], QImage.Format.Format_RGB888)
    sheet.fill(QColor("#808080"))
    painter = QPainter(sheet)
    for number, path in enumerate(pictures):
        place = QRect(number % columns * cell[0], number // columns * cell[1], cell[0] - 4, cell[1] - 4)
        image = QImage(str(path))
        size = image.size().scaled(place.size(), theme.Qt.AspectRatioMode.KeepAspectRatio)
        small = image.scaled(size, mode=theme.Qt.TransformationMode.SmoothTransformation)
        small.setDevicePixelRatio(1)
        painter.drawImage(place.topLeft(), small)
    painter.end()
    return sheet


if __name__ == "__main__":
    sys.exit(main())
