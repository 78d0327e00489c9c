"""The export dialog: from fields to jobs, plain words for what is wrong, and the same pixels as the command line."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

import main
from engine import edits
from engine.export.job import Film, Grid, Job
from engine.recipe import Seed, Source
from explorer.dialogs.export import ExportDialog
from explorer.dialogs.export_facts import size_words
from explorer.dialogs.export_form import Form
from explorer.dialogs.export_page import sources
from explorer.dialogs.export_target import free
from explorer.export_words import words
from explorer.settings import Settings
from explorer.window import Window


def dialog_of(window: Window, title: str, kind: str | None = None, **fields: Any) -> ExportDialog:
    """The dialog at a tab, with some fields filled in."""
    window.commands.export(title, kind)
    dialog = window.commands._export
    assert dialog is not None
    dialog.page.put(fields)
    dialog.refresh()
    return dialog


def made_by(dialog: ExportDialog) -> Any:
    assert dialog.job is not None, dialog.note.text()
    return dialog.job.what


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    """Where exports go by themselves."""
    found = tmp_path / "out"
    found.mkdir()
    settings.set_folder_of("export", found)
    return found


# --- from fields to a job


def test_the_menu_opens_the_dialog_at_its_tab(window: Window) -> None:
    for text, title, kind in (
        ("&Picture ...", "Picture", "present"),
        ("&Seeds as pictures ...", "Picture", "seeds"),
        ("&Grid ...", "Grid", None),
        ("&Film ...", "Film", None),
    ):
        next(action for menu, action in window.actions_.all if menu == "Export" and action.text() == text).trigger()
        dialog = window.commands._export
        assert dialog is not None
        assert dialog.isVisible()
        assert not dialog.isModal()
        assert dialog.page.title == title
        assert kind in (None, dialog.page["kind"])


def test_a_picture_is_that_of_the_document_and_follows_it(qtbot: QtBot, window: Window) -> None:
    assert window.document is not None
    dialog = dialog_of(window, "Picture", "present")
    assert made_by(dialog).recipes == (window.document.recipe,)
    window.document.apply("psi", edits.with_psi(window.document.recipe, 0.3))
    qtbot.waitUntil(lambda: made_by(dialog).recipes == (window.document.recipe,))


def test_seeds_become_a_folder_of_pictures_without_the_mix(window: Window) -> None:
    assert window.document is not None
    window.document.apply("mix", edits.with_master(window.document.recipe, 0.5))
    dialog = dialog_of(window, "Picture", "seeds", seeds="3-5, A", format=".webp", quality=80)
    job = dialog.job
    assert isinstance(job, Job)
    assert job.suffix == ""
    assert (job.folder_format, job.quality) == (".webp", 80)
    assert [recipe.a.latent for recipe in made_by(dialog).recipes] == [Seed(3), Seed(4), Seed(5), Seed(1234)]
    assert list(made_by(dialog).names) == ["seed0003", "seed0004", "seed0005", "seed1234"]
    assert {recipe.mix.t for recipe in made_by(dialog).recipes} == {0}
    dialog.page.put({"mixed": True})
    dialog.refresh()
    assert {recipe.mix.t for recipe in made_by(dialog).recipes} == {0.5}


def test_every_kind_of_grid_has_a_job_as_it_opens(window: Window) -> None:
    for kind in ("seeds", "truncation", "mixing", "noise", "interpolation"):
        grid = made_by(dialog_of(window, "Grid", kind))
        assert isinstance(grid, Grid)
        assert grid.kind == kind


def test_every_kind_of_film_has_a_job_as_it_opens(window: Window) -> None:
    for kind in ("interpolation", "mixing", "truncation", "noise"):
        film = made_by(dialog_of(window, "Film", kind))
        assert isinstance(film, Film)
        assert (film.kind, film.frames) == (kind, 120)


def test_all_options_of_a_film_reach_it(window: Window) -> None:
    fields = {"seeds": "1-4", "films": 2, "loop": True, "cubic": True, "space": "z", "frames": 50, "fps": "29.97"}
    dialog = dialog_of(window, "Film", "interpolation", **fields, format=".webm", quality=60, scale="2", smooth=False)
    film, job = made_by(dialog), dialog.job
    assert [[source.latent.seed for source in path] for path in film.paths] == [[1, 2], [3, 4]]
    assert (film.loop, film.cubic, film.base.mix.space, film.frames, str(film.fps)) == (True, True, "z", 50, "2997/100")
    assert (film.scale, film.smooth, job.suffix, job.quality) == (2, False, ".webm", 60)  # type: ignore[union-attr]


def test_a_list_of_seeds_may_name_the_sources_of_the_desk(window: Window) -> None:
    assert window.document is not None
    recipe = window.document.recipe
    assert sources("B, 7, a", recipe) == (recipe.b, Source(Seed(7)), recipe.a)


# --- what is wrong


WRONG = (
    ("Picture", "seeds", "seeds", "1, x", "no seed"),
    ("Picture", "seeds", "seeds", "", "empty"),
    ("Grid", "truncation", "psis", "1, two", "no list of numbers"),
    ("Grid", "mixing", "layers", "rough", "no layer"),
    ("Grid", "mixing", "layers", "0-9", "no layer 9"),
    ("Grid", "noise", "resolutions", "48", "no noise at 48"),
    ("Grid", "seeds", "background", "red", "no colour"),
    ("Film", "interpolation", "seeds", "5", "two seeds or more"),
    ("Film", "mixing", "seeds", "1-3", "Give pairs"),
    ("Film", "noise", "fps", "fast", "no rate"),
)


def test_what_is_wrong_stands_under_its_field(window: Window) -> None:
    for title, kind, field, text, said in WRONG:
        dialog = dialog_of(window, title, kind)
        good, note = dialog.page[field], dialog.page.notes[field]
        dialog.page.put({field: text})
        dialog.refresh()
        assert said in note.text()
        assert note.property("wrong")
        assert dialog.job is None
        assert not dialog.go.isEnabled()
        assert not dialog.copy.isEnabled()
        assert dialog.note.text()
        dialog.page.put({field: good})
        dialog.refresh()
        assert dialog.job is not None
        assert dialog.go.isEnabled()
        assert not note.property("wrong")


def test_a_rate_that_no_gif_has_is_refused_at_its_field(window: Window) -> None:
    dialog = dialog_of(window, "Film", "interpolation", fps="60")
    assert dialog.job is not None
    dialog.page.put({"format": ".gif"})
    dialog.refresh()
    assert "up to 50" in dialog.page.notes["fps"].text()
    assert dialog.job is None
    dialog.page.put({"fps": "24"})
    dialog.refresh()
    assert "exactly" in dialog.page.notes["fps"].text()


def test_a_kind_that_the_model_does_not_know_is_refused_in_words(window: Window) -> None:
    dialog = dialog_of(window, "Grid", "classes")
    assert dialog.job is None
    assert "no classes" in dialog.note.text()


def test_quality_is_greyed_where_the_format_has_none(window: Window) -> None:
    dialog = dialog_of(window, "Picture", "present", format=".png", quality=50)
    quality = dialog.page.fields["quality"]
    assert not quality.isEnabled()
    assert "no quality" in quality.toolTip()
    assert dialog.job is not None
    assert dialog.job.quality is None
    dialog.page.put({"format": ".jpg"})
    dialog.refresh()
    assert quality.isEnabled()
    assert dialog.job is not None
    assert dialog.job.quality == 50


# --- where to


def test_the_suffix_follows_the_format_and_the_format_what_is_typed(window: Window, folder: Path) -> None:
    dialog = dialog_of(window, "Film", "interpolation", format=".gif")
    assert dialog.job is not None
    assert dialog.job.out.suffix == ".gif"
    assert dialog.job.out.parent == folder
    dialog.path.setText(str(folder / "walk.webm"))
    dialog.path.textEdited.emit(dialog.path.text())
    dialog.refresh()
    assert dialog.page["format"] == ".webm"
    assert dialog.job.out == folder / "walk.webm"
    dialog.page.put({"format": ""})
    dialog.refresh()
    assert dialog.job.out == folder / "walk"


def test_an_offered_name_is_always_a_new_one(window: Window, folder: Path) -> None:
    dialog = dialog_of(window, "Grid", "seeds")
    assert dialog.job is not None
    dialog.job.out.write_bytes(b"")
    dialog.refresh()
    assert not dialog.job.out.exists()
    assert dialog.job.out.stem.endswith("-2")
    assert free(folder, "new-0.70", "") == folder / "new-0.70"
    (folder / "of-another.json").touch()
    assert free(folder, "of-another", ".webp") == folder / "of-another-2.webp", "its recipe would lie in that file"
    assert free(folder, "of-another", ".png") == folder / "of-another.png"


def test_a_file_that_would_be_replaced_is_told(window: Window, folder: Path) -> None:
    (folder / "old.png").write_bytes(b"x")
    dialog = dialog_of(window, "Grid", "seeds")
    dialog.path.setText(str(folder / "old.png"))
    dialog.path.textEdited.emit(dialog.path.text())
    dialog.refresh()
    assert "will be replaced" in dialog.note.text()
    assert dialog.go.isEnabled()
    dialog.path.setText(str(folder / "no" / "old.png"))
    dialog.refresh()
    assert "does not exist" in dialog.note.text()
    assert not dialog.go.isEnabled()


# --- preview, estimate, memory


def test_the_preview_fills_with_the_pictures_of_the_grid(qtbot: QtBot, window: Window) -> None:
    dialog = dialog_of(window, "Grid", "mixing", seeds="1-3", seeds_b="4-6")
    qtbot.waitUntil(lambda: dialog.preview.complete and len(dialog.preview._there) == 15)
    assert not dialog.preview.image.isNull()
    assert dialog.preview.image.width() > dialog.preview.image.height()


def test_the_estimate_counts_and_measures(qtbot: QtBot, window: Window) -> None:
    dialog = dialog_of(window, "Film", "interpolation", frames=90)
    qtbot.waitUntil(lambda: "to make" in dialog.facts.text())
    assert dialog.facts.text().startswith("90 frames, 3 s\n256 x 256 pixels\nabout ")
    assert [size_words(size) for size in (900, 45_000, 2.5e6, 3e9)] == ["0.9 kB", "45 kB", "2.5 MB", "3 GB"]


def test_fields_and_tab_come_back_another_day(qtbot: QtBot, window: Window) -> None:
    dialog = dialog_of(window, "Film", "mixing", seeds="8,9", layers="fine", fps="24", format=".gif")
    dialog.close()
    assert window.document is not None
    assert window.queue is not None
    again = ExportDialog(window.document, window.queue, window.exports, window.settings)
    qtbot.addWidget(again)
    again.turn_to("Film")
    kept = {key: again.page[key] for key in ("kind", "seeds", "layers", "fps", "format")}
    assert kept == {"kind": "mixing", "seeds": "8,9", "layers": "fine", "fps": "24", "format": ".gif"}


def test_damaged_memory_is_passed_over(qtbot: QtBot, window: Window) -> None:
    assert window.document is not None
    assert window.queue is not None
    for text in ("", "{", "[]", '{"Film": 3}', '{"Film": {"kind": "x", "kinds": {"mixing": {"frames": "many"}}}}'):
        window.settings.set_layout("export", QByteArray(text.encode()))
        made = ExportDialog(window.document, window.queue, window.exports, window.settings)
        qtbot.addWidget(made)
        made.turn_to("Film")
        assert made.job is not None


def test_every_field_has_a_name_a_tool_tip_and_is_reached_by_tab(window: Window) -> None:
    dialog = dialog_of(window, "Film")
    fields: list[QWidget] = [dialog.path, dialog.go, dialog.copy]
    fields += [field for page in dialog.findChildren(Form) for field in page.fields.values()]
    for field in fields:
        assert field.accessibleName() or field.property("text"), field.objectName()
        assert field.toolTip(), field.objectName()
        assert field.focusPolicy() & Qt.FocusPolicy.TabFocus, field.objectName()


# --- the real engine


@pytest.fixture
def real(live_window: Window, folder: Path) -> Window:
    live_window.exports.device = "cpu"
    return live_window


def exported(qtbot: QtBot, window: Window, dialog: ExportDialog) -> tuple[list[Path], str]:
    """What the dialog's job writes, and the command that was copied."""
    dialog.copy_command()
    command = QGuiApplication.clipboard().text()
    dialog.export()
    export = window.exports.all[-1]
    qtbot.waitUntil(lambda: not export.open)
    assert export.state == "done", (words(export), export.details)
    return [written.path for written in export.written], command


def pixels(path: Path) -> str:
    """The hash of a picture's pixels, or of all of a folder's pictures."""
    files = sorted(path.glob("*.png")) if path.is_dir() else [path]
    found = hashlib.sha256()
    for file in files:
        with Image.open(file) as image:
            found.update(np.asarray(image).tobytes())
    return found.hexdigest()


@pytest.mark.parametrize(
    ("title", "kind", "fields"),
    [
        ("Picture", "present", {"format": ".png"}),
        ("Grid", "mixing", {"seeds": "A, 1", "seeds_b": "B, 2", "layers": "middle"}),
        ("Film", "interpolation", {"seeds": "A, 5, B", "frames": 7, "cubic": True, "loop": True, "format": ""}),
    ],
)
def test_window_and_command_line_export_the_same_pixels(
    qtbot: QtBot, real: Window, tmp_path: Path, capsys: pytest.CaptureFixture[str], title: str, kind: str, fields: Any
) -> None:
    assert real.document is not None
    real.document.apply("mix", edits.with_noise_seed(edits.with_master(real.document.recipe, 0.3), 16, 5))
    dialog = dialog_of(real, title, kind, **fields)
    (path,), command = exported(qtbot, real, dialog)
    of_window = pixels(path)
    program, script, *line = shlex.split(command)
    again = tmp_path / f"again{path.suffix}" if not path.is_dir() else tmp_path / "again"
    line[line.index("--out") + 1] = str(again)
    assert (program, script) == ("python", "main.py")
    assert main.main([*line, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert pixels(again) == of_window
    assert told["sha256"] == real.exports.all[-1].written[-1].sha256


def test_a_cancelled_film_leaves_nothing(qtbot: QtBot, real: Window, folder: Path) -> None:
    dialog = dialog_of(real, "Film", "interpolation", frames=5000, format=".mp4")
    dialog.export()
    export = real.exports.all[-1]
    qtbot.waitUntil(lambda: export.done > 3)
    assert list(folder.iterdir())  # the temporary file
    real.exports.cancel(export)
    qtbot.waitUntil(lambda: not real.exports.busy)
    assert export.state == "cancelled"
    assert list(folder.iterdir()) == []


def test_the_picture_follows_the_hand_while_a_film_is_made(qtbot: QtBot, real: Window) -> None:
    dialog_of(real, "Film", "interpolation", frames=5000).export()
    export = real.exports.all[-1]
    qtbot.waitUntil(lambda: export.done > 3)
    assert real.document is not None
    assert real.live is not None
    real.document.apply("psi", edits.with_psi(real.document.recipe, 0.1))
    qtbot.waitUntil(lambda: real.live is not None and real.live.up_to_date)
    assert export.state == "running"
    real.close()
    real.close()  # asked, and wished again: cancelled
    assert real.ended
    assert not list(export.job.out.parent.iterdir())


def test_a_full_disk_is_told_in_one_sentence(
    qtbot: QtBot, real: Window, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    dialog_of(real, "Picture", "present").export()
    export = real.exports.all[-1]
    qtbot.waitUntil(lambda: export.state == "failed")
    assert "No space left on device" in words(export)
    assert "free some space" in words(export)
    assert list(folder.iterdir()) == []
    monkeypatch.undo()
    real.export_strip.lines[export].retry.click()
    qtbot.waitUntil(lambda: export.state == "done")
    assert export.written[0].path.exists()
