"""Makes the pictures of docs/guide.md: the real window with the bundled model, one picture for each view.

    QT_QPA_PLATFORM=offscreen python docs/make_guide.py [NAME ...]

Small WebP files in docs/guide/. A dialog is shown alone, everything else with the window around it.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from driving import opened, settle
from PIL import Image
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication
from scenes import Scene, prepare, scenes

from explorer import theme

FOLDER = Path(__file__).parent / "guide"
SIZE = (1240, 760)
WANTED = (
    "canvas", "compare", "mix-grid", "noise-study", "map", "variations", "timeline", "model", "export", "palette",
    "tour-1",
)  # fmt: skip
QUALITY = 82  # of 100


def main(names: tuple[str, ...]) -> None:
    application = QApplication(sys.argv[:1])
    theme.apply(application, dark=True)
    FOLDER.mkdir(exist_ok=True)
    with opened(None, *SIZE) as window:
        prepare(window)
        for scene in scenes(window):
            seen = scene.stage(window)
            if scene.name in names:
                settle(window)
                application.processEvents()
                write(scene, seen.grab())
    print(f"{sum(path.stat().st_size for path in FOLDER.iterdir()) / 1e6:.2f} MB in all")


def write(scene: Scene, shot: QPixmap) -> None:
    """A picture of the guide."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    shot.save(buffer, "PNG")
    path = FOLDER / f"{scene.name}.webp"
    Image.open(io.BytesIO(buffer.data().data())).convert("RGB").save(path, quality=QUALITY, method=6)
    print(f"{path.relative_to(FOLDER.parent)}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or WANTED)
