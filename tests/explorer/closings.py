"""Run by test_closing.py in a process of its own: the real program is brought into a state, and its window closed.

`python closings.py MODEL STATE OUT`: writes when it was closed, and whether the window asked, to standard output.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine import edits
from explorer import app, timeline_edits, tour
from explorer.window import Window

AFTER = 60  # ms in the state, before the window closes


def loading(window: Window, out: Path) -> None:
    window.commands.open(out / "other.safetensors")


def exporting(title: str) -> Callable[[Window, Path], None]:
    def begin(window: Window, out: Path) -> None:
        window.settings.set_folder_of("export", out)
        window.commands.export(title)
        dialog = window.commands._export
        assert dialog is not None
        if title == "Film":
            dialog.page.put({"frames": 5000, "format": ".mp4"})
        else:
            dialog.page.put({"seeds": "0-399", "seeds_b": "400-499"})
        dialog.refresh()
        dialog.export()

    return begin


def playing(window: Window, out: Path) -> None:
    document = window.document
    assert document is not None
    timeline_edits.append(document)
    document.apply("psi", edits.with_psi(document.recipe, 0.2))
    timeline_edits.append(document)
    window.stage.turn_to("timeline")
    view = window.stage.pages.currentWidget()
    view.player.play()  # type: ignore[attr-defined]


def dialog(window: Window, out: Path) -> None:
    window.commands.export("Film")


def shortcuts(window: Window, out: Path) -> None:
    window.actions_._show_shortcuts()


def palette(window: Window, out: Path) -> None:
    window.actions_.show_palette()


def trouble(window: Window, out: Path) -> None:
    (out / "bad.pkl").write_bytes(b"nothing")
    window.commands.open(out / "bad.pkl")


def touring(window: Window, out: Path) -> None:
    tour.take(window)


def renaming(window: Window, out: Path) -> None:
    window.actions_._press("like")
    shelf = window.docks["gallery"].widget().findChild(__import__("explorer.views.shelf", fromlist=["Shelf"]).Shelf)
    shelf.setCurrentIndex(shelf.model().index(0, 0))
    shelf.edit(shelf.currentIndex())
    QTest.keyClicks(QApplication.focusWidget() or shelf, "half a na")


def nothing(window: Window, out: Path) -> None:
    """The first picture is not there yet, or all is quiet."""


def dragging(window: Window, out: Path) -> None:
    """A fader is held and moved; it is never let go."""
    from explorer.controls.fader import Fader

    master = window.findChild(Fader, "master")
    master.gesture.hold()
    for tick in range(0, 900, 3):
        master.setValue(tick)


def map_view(window: Window, out: Path) -> None:
    """A view has just begun to ask for much."""
    window.stage.turn_to("map")


STATES: dict[str, Callable[[Window, Path], None]] = {
    "first picture": nothing,
    "quiet": nothing,
    "loading": loading,
    "grid": exporting("Grid"),
    "film": exporting("Film"),
    "playing": playing,
    "dialog": dialog,
    "shortcuts": shortcuts,
    "palette": palette,
    "trouble": trouble,
    "tour": touring,
    "renaming": renaming,
    "dragging": dragging,
    "map": map_view,
}


def main(model: str, state: str, out: Path) -> int:
    """The program's exit status."""
    made = app.opened_window

    def opened(*args: object, **kwargs: object) -> Window:
        window = made(*args, **kwargs)  # type: ignore[arg-type]

        def close() -> None:
            began = time.time()
            document = window.document
            assert document is not None
            document.apply("psi", edits.with_psi(document.recipe, 0.123))  # unsaved work, made just now
            window.close()
            asked = window.isVisible()
            if asked:
                window.close()  # wished again: what runs is cancelled
            print(json.dumps({"began": began, "asked": asked}), flush=True)

        def enter() -> None:
            STATES[state](window, out)
            QTimer.singleShot(AFTER, close)

        if state == "first picture":
            QTimer.singleShot(0, close)
        else:
            assert window.live is not None
            window.live.when_whole(lambda: QTimer.singleShot(0, enter))
        return window

    app.opened_window = opened
    return app.run(model, device="cpu")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
