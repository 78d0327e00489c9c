"""What there is to see: every view, tool and dialog of the real window, as a named scene that a script can set up.

`proof.py` looks at all of them in all sizes, `make_guide.py` makes the guide's pictures of them. Nothing is drawn for a
picture: each scene is reached the way a hand reaches it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from driving import action, press, settle, until
from PySide6.QtWidgets import QApplication, QWidget

from engine import edits
from explorer import tour
from explorer.dialogs.closing import ask_about_exports
from explorer.rescue import Rescue
from explorer.window import Window

LIKED = (3, 31, 40, 13, 65)  # seeds
EXPORTS = {
    "picture": ("Picture", "present"),
    "seeds": ("Picture", "seeds"),
    "film": ("Film", None),
    "timeline": ("Timeline", None),
}


@dataclass(frozen=True)
class Scene:
    """A name (of files), and what brings the window there. The widget that it returns is photographed."""

    name: str
    stage: Callable[[Window], QWidget]


def prepare(window: Window) -> None:
    """A history worth looking at, something liked, a mix on the desk."""
    document = window.document
    assert document is not None
    info = document.info
    fine = info.layers_of("fine")
    steps: list[tuple[str, Callable]] = [
        (f"seed A {seed}", partial(edits.with_seed, name="a", seed=seed)) for seed in LIKED
    ]
    steps += [
        ("seed A 46", lambda r: edits.with_seed(r, "a", 46)),
        ("seed B 65", lambda r: edits.with_seed(r, "b", 65)),
        ("psi 0.75", lambda r: edits.with_psi(r, 0.75)),
    ]
    if info.features.layer_styles:
        steps.append(("fine layers to B", lambda r: edits.with_share(r, fine, 0.85)))
    if info.noise:
        last = info.noise[-1].resolution
        steps.append((f"noise {last}x{last}", lambda r: edits.with_noise_seed(r, last, 7)))
    for number, (label, change) in enumerate(steps):
        document.apply(label, change(document.recipe))
        settle(window)
        if number < len(LIKED):
            press(window, "like")
            settle(window)


def scenes(window: Window) -> list[Scene]:
    """All scenes of a window, the views in the order of their tabs."""
    own = {"timeline": _timeline, "variations": _variations}
    found = [Scene(name, own.get(name) or _view(name)) for name in window.stage.names]
    found.insert(1, Scene("compare", _compare))
    found.insert(2, Scene("difference", _difference))
    found += [
        Scene("model", _model),
        Scene("export", _export("Grid", "seeds")),
        *(Scene(f"export-{name}", _export(*page)) for name, page in EXPORTS.items()),
        Scene("palette", _palette),
        Scene("shortcuts", _shortcuts),
        Scene("about", _about),
        Scene("closing", _closing),
        Scene("message", _message),
        Scene("details", _details),
        Scene("crash", _crash),
        Scene("performance", _performance),
        *(Scene(f"tour-{number}", _tour(number)) for number in range(1, 1 + len(tour.STOPS))),
    ]
    return found


# --- the scenes


def _view(name: str) -> Callable[[Window], QWidget]:
    def stage(window: Window) -> QWidget:
        window.stage.turn_to(name)
        return window

    return stage


def _variations(window: Window) -> QWidget:
    """Two were picked: the trail leads back."""
    window.stage.turn_to("variations")
    for number in (4, 1):
        settle(window)
        board = window.stage.findChild(QWidget, "variation_board")
        assert board is not None
        board.chosen.emit(number)  # type: ignore[attr-defined]
    return window


def _timeline(window: Window) -> QWidget:
    """Three keyframes: another source, another psi; the playhead stands between them."""
    document = window.document
    assert document is not None
    window.stage.turn_to("timeline")
    settle(window)
    for label, change in (
        ("seed A 13", lambda r: edits.with_seed(r, "a", 13)),
        ("psi 0.4", lambda r: edits.with_psi(r, 0.4)),
        ("seed A 46", lambda r: edits.with_psi(edits.with_seed(r, "a", 46), 0.75)),
    ):
        document.apply(label, change(document.recipe))
        action(window, "Add a keyframe")
        settle(window)
    return window


def _compare(window: Window) -> QWidget:
    """The last liked state pinned, the present one beside it."""
    document = window.document
    assert document is not None
    window.stage.turn_to("canvas")
    window.stage.canvas_view.choose("walk")
    present = document.history.position
    document.jump(len(LIKED))
    settle(window)
    window.stage.canvas_view.choose("wipe")
    window.stage.canvas_view.pin()
    settle(window)
    document.jump(present)
    return window


def _difference(window: Window) -> QWidget:
    _compare(window)
    window.stage.canvas_view._mode.edited.emit("difference")
    window.stage.canvas_view._mode.set_value("difference")
    return window


def _model(window: Window) -> QWidget:
    window.stage.canvas_view._mode.edited.emit("wipe")
    window.stage.canvas_view._mode.set_value("wipe")
    window.stage.canvas_view.choose("walk")
    window.stage.turn_to("canvas")
    window.docks["model"].raise_()
    return window


def _export(title: str, kind: str | None) -> Callable[[Window], QWidget]:
    def stage(window: Window) -> QWidget:
        window.docks["noise"].raise_()
        window.commands.export(title, kind)
        return _dialog(window, "ExportDialog")

    return stage


def _palette(window: Window) -> QWidget:
    _close_dialogs(window)
    window.actions_.show_palette()
    return _dialog(window, "Finder")


def _shortcuts(window: Window) -> QWidget:
    _close_dialogs(window)
    window.actions_._show_shortcuts()
    return _dialog(window, "ShortcutsDialog")


def _about(window: Window) -> QWidget:
    _close_dialogs(window)
    window.actions_._show_about()
    return _dialog(window, "AboutDialog")


def _closing(window: Window) -> QWidget:
    """As when exports still run."""
    _close_dialogs(window)
    return ask_about_exports(window, lambda answer: None)


def _details(window: Window) -> QWidget:
    """The message stands since the scene before."""
    window.stage.error_bar._more.setChecked(True)
    return window


def _crash(window: Window) -> QWidget:
    """What the start after a crash offers."""
    window.stage.error_bar.dismiss()
    offer = Rescue(window, Path("a-session-that-is-not-there.json"))
    window.worker.opened.disconnect(offer._on_opened)
    return window


def _performance(window: Window) -> QWidget:
    window.stage.error_bar.dismiss()
    window.docks["performance"].show()
    return window


def _message(window: Window) -> QWidget:
    _close_dialogs(window)
    window.commands.open(Path("a-model-that-is-not-there.safetensors"))
    until(lambda: window.stage.error_bar.trouble is not None)
    return window


def _tour(number: int) -> Callable[[Window], QWidget]:
    def stage(window: Window) -> QWidget:
        window.docks["performance"].close()
        if number == 1:
            tour.take(window, take_focus=False)
        else:
            found = tour.of(window)
            assert found is not None
            found.forth()
        return window

    return stage


def _close_dialogs(window: Window) -> None:
    for dialog in _dialogs(window):
        dialog.close()


def _dialogs(window: Window) -> list[QWidget]:
    return [w for w in QApplication.topLevelWidgets() if w.isVisible() and w is not window]


def _dialog(window: Window, kind: str) -> QWidget:
    return next(w for w in reversed(_dialogs(window)) if type(w).__name__ == kind)
