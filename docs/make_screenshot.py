"""Makes docs/screenshot.png: the real window with the bundled model, after a few edits.

1240x730 by default: a fitted picture of 64x64 stays under 800 % there, so it is shown smooth.

    QT_QPA_PLATFORM=offscreen python docs/make_screenshot.py [OUT.png] [WIDTH HEIGHT] [light]
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("STYLESCOPE_FONT", "bundled")

from PySide6.QtCore import QElapsedTimer  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from engine import edits  # noqa: E402
from explorer import app, theme  # noqa: E402
from explorer.settings import Settings  # noqa: E402


def main(out: Path, width: int, height: int, dark: bool) -> None:
    application = QApplication(sys.argv[:1])
    theme.apply(application, dark)
    with tempfile.TemporaryDirectory() as folder:
        window = app.opened_window(Settings(Path(folder)), None, lambda: app.make_engine("cpu", "auto"))
        window.resize(width, height)
        window.show()
        window.start()
        document = window.document
        assert document is not None
        for label, change in EDITS:
            document.apply(label, change(document.recipe))
            wait(application, lambda: window.live is not None and window.live.up_to_date, 60_000)
            wait(application, lambda: False, 400)  # let thumbnails follow
        window.grab().save(str(out))
        window.close()
    print(f"wrote {out}")


EDITS = (
    ("seed B 44", lambda r: edits.with_seed(r, "b", 44)),
    ("psi 0.75", lambda r: edits.with_psi(r, 0.75)),
    ("fine layers to B", lambda r: edits.with_share(r, range(6, 10), 0.85)),
    ("noise 64x64", lambda r: edits.with_noise_seed(r, 64, 7)),
)


def wait(application: QApplication, done, milliseconds: int) -> None:  # type: ignore[no-untyped-def]
    """Run the event loop until `done()` or the time is over."""
    timer = QElapsedTimer()
    timer.start()
    while not done() and timer.elapsed() < milliseconds:
        application.processEvents()


if __name__ == "__main__":
    words = sys.argv[1:]
    dark = "light" not in words
    words = [w for w in words if w != "light"]
    size = (int(words[1]), int(words[2])) if len(words) > 2 else (1240, 730)
    main(Path(words[0]) if words else ROOT / "docs" / "screenshot.png", *size, dark)
