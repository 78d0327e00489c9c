"""Where other explorers of latent spaces fail: what is missing, saved, foreign, or left until tomorrow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMargins
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from engine import edits, latents
from engine.recipe import SavedLatent, Source
from explorer import app, latent_work
from explorer.gallery import Gallery
from explorer.settings import Settings
from explorer.window import GALLERY, Window

from . import tiny_model as tiny
from .conftest import document_of, pixels, until_shown
from .test_commands import drop, sentence, until_told

DATA = Path(__file__).resolve().parents[1] / "data" / "pickles" / "torch"


# --- Load a missing file, create it, Retry.


def retry(window: Window) -> None:
    """Press it in the error bar, which is gone until there is something new to say."""
    trouble = window.stage.error_bar.trouble
    assert trouble is not None
    dict(trouble.actions)["Retry"]()
    assert sentence(window) == ""


def test_a_file_that_was_missing_opens_on_retry_once_it_is_there(
    qtbot: QtBot, live_window: Window, tiny_model: Path, tmp_path: Path
) -> None:
    """NVIDIA's visualizer keeps the exception of the first attempt until it is restarted."""
    path = tmp_path / "later.safetensors"
    tiny.write(tmp_path / "made.safetensors", "later", seed=5, resolution=16)
    live_window.commands.open(path)
    assert "later.safetensors" in until_told(qtbot, live_window)
    whole = (tmp_path / "made.safetensors").read_bytes()
    path.write_bytes(whole[:-100])  # there, but still being written: refused for another reason
    retry(live_window)
    assert "later.safetensors" in until_told(qtbot, live_window)
    path.write_bytes(whole)
    retry(live_window)
    qtbot.waitUntil(lambda: document_of(live_window).model.path == path)
    until_shown(qtbot, live_window)
    assert sentence(live_window) == ""


# --- Save latent -> load latent -> identical pixels.


def test_what_is_saved_is_loaded_with_identical_pixels(qtbot: QtBot, live_window: Window, home: Path) -> None:
    """DragGAN writes .npy and reads with torch.load: it cannot open its own files."""
    document = document_of(live_window)
    assert live_window.queue is not None
    found: list[Source] = []
    mixed = edits.with_share(edits.with_master(document.recipe, 0.4), [2, 3], 0.9)
    document.apply("no round number", edits.with_psi(document.recipe, 0.6180339887))
    live_window.queue.compute("w", mixed, latent_work.as_source, found.append)
    qtbot.waitUntil(lambda: bool(found))
    latent = found[0].latent
    assert isinstance(latent, SavedLatent)  # numbers, not a seed
    document.apply("a point by value", edits.with_latent(document.recipe, "a", latent))
    until_shown(qtbot, live_window)
    kept, shown = document.recipe, pixels(live_window)
    ways = {
        "text": lambda: live_window.actions_.paste.trigger(),
        "picture": lambda: drop(live_window, home / "kept.png"),
        "gallery": lambda: live_window.commands.open(Gallery(home / GALLERY).items[0].recipe),
        "session": lambda: drop(live_window, home / "kept.stylescope.json"),
    }
    live_window.actions_.copy_recipe.trigger()
    with qtbot.waitSignal(live_window.worker.saved):
        live_window.commands.save(home / "kept.png")
    button = live_window.findChild(QAbstractButton, "like")
    assert button is not None
    button.click()
    qtbot.waitUntil(lambda: (home / GALLERY).exists())
    live_window.commands.save_session(home / "kept.stylescope.json")
    for name, load in ways.items():
        document.apply("elsewhere", edits.with_seed(document.recipe, "a", 99))
        until_shown(qtbot, live_window)
        assert pixels(live_window) != shown
        load()
        qtbot.waitUntil(lambda: document.recipe == kept)
        until_shown(qtbot, live_window)
        assert pixels(live_window) == shown, name


# --- Same seed/psi/noise equals NVIDIA's gen_images.py (fp32, at most 1 grey level).


@pytest.mark.parametrize("number", [0, 1])
def test_a_pickle_of_nvidia_shows_the_picture_that_its_own_program_makes(
    qtbot: QtBot, live_window: Window, number: int
) -> None:
    """Autolume shows G where NVIDIA's program shows G_ema. Here: z and psi 0.7 with the stored noise."""
    with np.load(DATA / "pickles_expected.npz") as arrays:
        z = arrays["sg2ada_tiny_z"][number]
        theirs, raw = (to_grey_levels(arrays[f"sg2ada_tiny_{name}_img"][number]) for name in ("G_ema", "G"))
    assert drop(live_window, DATA / "sg2ada_tiny.pkl")
    document = document_of(live_window)
    qtbot.waitUntil(lambda: document.model.path == DATA / "sg2ada_tiny.pkl")
    recipe = edits.with_latent(edits.with_psi(document.recipe, 0.7), "a", SavedLatent("z", latents.saved(z)))
    document.apply("their z", recipe)
    until_shown(qtbot, live_window)
    ours = np.frombuffer(pixels(live_window), np.uint8).reshape(16, 16, 4)[..., :3].astype(int)
    assert np.abs(ours - theirs).max() <= 1
    assert np.abs(ours - raw).max() > 10  # the wrong network would be seen


def to_grey_levels(image: np.ndarray) -> np.ndarray:
    """[3, H, W] in -1..1 as gen_images.py writes it: [H, W, 3] in 0..255."""
    return (image.transpose(1, 2, 0) * 127.5 + 128).clip(0, 255).astype(np.uint8).astype(int)


# --- Quit and reopen: models, layout, state, undo history present.


def test_after_quitting_everything_is_where_it_was(
    qtbot: QtBot, live_window: Window, settings: Settings, tmp_path: Path
) -> None:
    """NVIDIA's visualizer, GANSpace, DragGAN and SeFa start from nothing each time."""
    other = tmp_path / "other.safetensors"
    tiny.write(other, "other", seed=9, resolution=32)
    drop(live_window, other)
    document = document_of(live_window)
    qtbot.waitUntil(lambda: document.model.path == other)
    document.apply("psi 0.25", edits.with_psi(document.recipe, 0.25))
    document.apply("noise 16x16", edits.with_noise_seed(document.recipe, 16, 5))
    document.set_lock("noise 8", True)
    until_shown(qtbot, live_window)
    button = live_window.findChild(QAbstractButton, "like")
    assert button is not None
    button.click()
    qtbot.waitUntil(lambda: (settings.folder / GALLERY).exists())
    window_size = live_window.size().shrunkBy(QMargins(0, 0, 30, 30))
    live_window.resize(window_size)
    live_window.docks["history"].close()
    live_window.stage.turn_to("map")
    live_window.stage.turn_to("canvas")
    live_window.stage.turn_to("noise-study")
    shown, history = pixels(live_window), document.history
    recent = settings.recent
    live_window.close()
    again = app.opened_window(Settings(settings.folder), None, lambda: app.make_engine("cpu", "auto"))
    qtbot.addWidget(again)
    again.show()
    again.start()
    found = document_of(again)
    assert again.size() == window_size
    assert again.docks["history"].isHidden()
    assert again.stage.current == "noise-study"
    assert found.history.steps == history.steps
    assert found.history.position == history.position
    assert found.locks == {"noise 8"}
    assert found.model.path == other
    assert Settings(settings.folder).recent == recent
    assert recent[0] == other
    assert [item.recipe for item in Gallery(settings.folder / GALLERY).items] == [history.present]
    again.stage.turn_to("canvas")
    until_shown(qtbot, again)
    assert pixels(again) == shown
    for _ in range(found.history.position):
        again.undo()
    until_shown(qtbot, again)
    assert found.info.resolution == 64  # the model before it, too
