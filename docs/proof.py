"""Looks at every view of the real window in every size, by day and by night, with three kinds of model.

    QT_QPA_PLATFORM=offscreen python docs/proof.py OUT [--scale 1] [--model bundled|large|plain] [--size 1280x800]

Writes a picture of each scene, contact sheets of them, and `findings.txt`: what a rule of the look does not allow. A
person looks at the pictures; the rules below are those that a program can see. Exit status 1 when there are findings.

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

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QFont, QImage, QPainter
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDockWidget,
    QLabel,
    QLineEdit,
    QTabBar,
    QWidget,
)
from scenes import ROOT, Scene, opened, prepare, scenes, settle

from engine import edits
from explorer import theme
from explorer.controls.rail import Rail
from explorer.window import Window

SIZES = {1: ((1024, 700), (1280, 800), (2560, 1440)), 2: ((2560, 1440),)}  # device pixels by scale
SMALLEST_TEXT = 11  # px
WIDEST = 480  # px of a control; the canvas, the desk, boards and bars are wider because they are pictures or rows
WIDE = {"canvas", "views", "error-bar", "finder", "export-strip", "Where to"}  # by name; the last holds a whole path
WIDE_KINDS = ("TileBoard", "MixBoard", "MapPlot", "MixPanel", "Bar", "StatusLine", "Track", "Ruler", "Timeline")
MODELS = ("bundled", "large", "plain")
CELL = 320  # px, a picture on a contact sheet


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--scale", type=int, choices=sorted(SIZES))
    parser.add_argument("--model", choices=MODELS)
    parser.add_argument("--size", help="WIDTHxHEIGHT")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    if args.scale is None:
        return max(_again(scale) for scale in SIZES)  # Qt reads the scale once a process
    if os.environ.get("QT_SCALE_FACTOR", "1") != str(args.scale):
        return _again(args.scale)
    sizes = [tuple(map(int, args.size.split("x")))] if args.size else SIZES[args.scale]
    return Proof(args.out, args.scale).run(MODELS if args.model is None else (args.model,), sizes)


def _again(scale: int) -> int:
    rest = [a for i, a in enumerate(sys.argv[1:]) if "--scale" not in (a, sys.argv[i])]
    command = [sys.executable, __file__, *rest, "--scale", str(scale)]
    return subprocess.run(command, env={**os.environ, "QT_SCALE_FACTOR": str(scale)}).returncode


class Proof:
    """One process: one scale, all themes and sizes that were asked for."""

    def __init__(self, out: Path, scale: int) -> None:
        self.out, self.scale = out, scale
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
        if not settle(window):
            self.findings.append(f"{where} {scene.name}: pictures did not come")
        for dark in (True, False):
            theme.apply(application, dark)
            application.processEvents()
            name = f"{where}-{'dark' if dark else 'light'}"
            path = self.out / f"{name}-{scene.name}.png"
            seen.grab().save(str(path))
            self.sheets.setdefault(name, []).append(path)
        theme.apply(application, dark=True)
        self.findings += [f"{where} {scene.name}: {finding}" for finding in unsightly(seen)]


# --- what a program can see


def unsightly(top: QWidget) -> list[str]:
    """What the rules of the look do not allow, of everything that is seen in a window."""
    found = []
    for widget in top.findChildren(QWidget):
        if not widget.isVisible() or widget.visibleRegion().isEmpty() or widget.objectName().startswith("qt_"):
            continue
        if text_of(widget) and widget.fontInfo().pixelSize() < SMALLEST_TEXT:
            found.append(f"{name_of(widget)}: text of {widget.fontInfo().pixelSize()} px")
        if is_control(widget) and widget.width() > WIDEST:
            found.append(f"{name_of(widget)}: {widget.width()} px wide")
        if is_cut(widget):
            found.append(f"{name_of(widget)}: {text_of(widget)[:40]!r} is cut, {widget.width()} px wide")
        if sticks_out(widget):
            found.append(f"{name_of(widget)}: sticks out of {name_of(widget.parentWidget())}")
    return found


def text_of(widget: QWidget) -> str:
    """What is written on a widget."""
    if isinstance(widget, QAbstractButton | QLabel):
        return widget.text()
    if isinstance(widget, QComboBox):
        return widget.currentText()
    return widget.text() if isinstance(widget, QLineEdit | QAbstractSpinBox) else ""


def is_control(widget: QWidget) -> bool:
    """Something that is worked with or read, not what holds such things."""
    kinds = {base.__name__ for base in type(widget).__mro__}
    if (
        {widget.objectName(), widget.accessibleName()} & WIDE
        or kinds & set(WIDE_KINDS)
        or isinstance(widget, QAbstractScrollArea | QDockWidget)
    ):
        return False
    if isinstance(widget, QLabel):  # a label may have room; its words may not be that long
        return widget.sizeHint().width() > WIDEST and not widget.wordWrap()
    return isinstance(widget, QAbstractButton | QAbstractSpinBox | QLineEdit | QComboBox) or "Rail" in kinds


def is_cut(widget: QWidget) -> bool:
    """Whether its words do not fit."""
    if isinstance(widget, QLabel) and widget.text() and not widget.wordWrap():
        return widget.sizeHint().width() > widget.width() + 1 or widget.sizeHint().height() > widget.height() + 1
    if isinstance(widget, QAbstractButton) and widget.text():
        padding = 16 if type(widget.parent()).__name__ == "Segmented" else 0
        return widget.fontMetrics().horizontalAdvance(widget.text().replace("&", "")) + padding > widget.width()
    if isinstance(widget, QLineEdit) and widget.isReadOnly():
        return False  # the arrow keys bring the rest of it
    if isinstance(widget, QLineEdit | QAbstractSpinBox) and not widget.hasFocus():
        inner = 8  # px of padding, both sides
        return widget.fontMetrics().horizontalAdvance(text_of(widget)) + inner > widget.width()
    if isinstance(widget, QTabBar):
        rooms = [widget.tabRect(i).width() - widget.fontMetrics().horizontalAdvance(widget.tabText(i)) for i in
                 range(widget.count())]  # fmt: skip
        return min(rooms, default=0) < 0 or widget.tabRect(widget.count() - 1).right() > widget.width()
    return False


def sticks_out(widget: QWidget) -> bool:
    """Whether part of it lies beyond its parent, where that does not scroll."""
    parent = widget.parentWidget()
    if parent is None or widget.isWindow() or isinstance(parent.parentWidget(), QAbstractScrollArea):
        return False
    return not parent.rect().adjusted(-1, -1, 1, 1).contains(widget.geometry())


def name_of(widget: QWidget | None) -> str:
    """What a person would look for."""
    if widget is None:
        return "nothing"
    owner = widget
    while not (owner.objectName() or owner.accessibleName()) and owner.parentWidget() is not None:
        owner = owner.parentWidget()
    return f"{type(widget).__name__} {owner.objectName() or owner.accessibleName()}"


def jumps(window: Window) -> list[str]:
    """What moves or changes its width when values change their number of digits."""
    document = window.document
    assert document is not None
    first = document.recipe

    kinds = QAbstractButton | QLabel | QAbstractSpinBox | QLineEdit | QComboBox | QDockWidget | Rail

    def places() -> dict[QWidget, QRect]:
        seen = [w for w in window.findChildren(QWidget) if w.isVisible() and isinstance(w, kinds)]
        return {w: QRect(w.mapTo(window, QPoint(0, 0)), w.size()) for w in seen}

    before = places()
    changed = edits.with_seed(edits.with_seed(edits.with_psi(first, -0.123), "a", 4_294_967_295), "b", 0)
    if document.info.features.layer_styles:
        changed = edits.with_master(changed, 0.375)
    for noise in {noise.resolution for noise in document.info.noise}:
        changed = edits.with_noise_seed(changed, noise, 4_000_000_000)
    document.apply("other digits", changed)
    settle(window)
    after = places()
    document.undo()
    settle(window)
    return [f"{name_of(w)}: jumps when digits change" for w, rect in before.items() if after.get(w, rect) != rect]


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
