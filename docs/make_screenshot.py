"""Makes docs/screenshot.png: the real window with the bundled model, after some edits.

QT_QPA_PLATFORM=offscreen python docs/make_screenshot.py [OUT.png] [WIDTH HEIGHT] [light]
"""

from __future__ import annotations

import sys
from pathlib import Path

from driving import ROOT, opened, settle
from PySide6.QtWidgets import QApplication
from scenes import prepare

from engine import edits
from explorer import theme

SIZE = (1240, 760)


def main(out: Path, width: int, height: int, dark: bool) -> None:
    theme.apply(QApplication(sys.argv[:1]), dark)
    with opened(None, width, height) as window:
        prepare(window)
        document = window.document
        assert document is not None
        document.apply("fine layers to B", edits.with_share(document.recipe, range(6, 10), 0.85))
        settle(window)
        window.grab().save(str(out))
    print(f"wrote {out}")


if __name__ == "__main__":
    words = sys.argv[1:]
    dark = "light" not in words
    words = [w for w in words if w != "light"]
    size = (int(words[1]), int(words[2])) if len(words) > 2 else SIZE
    main(Path(words[0]) if words else ROOT / "docs" / "screenshot.png", *size, dark)
