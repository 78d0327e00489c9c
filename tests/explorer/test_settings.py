"""What is remembered between starts."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray
from PySide6.QtGui import QColor, QImage

from engine.picture import read_recipe
from engine.recipe import ModelRef, Recipe
from explorer.settings import RECENT, Settings, home


def test_the_home_can_be_chosen(home: Path) -> None:
    from explorer import settings

    assert settings.home() == home


def test_without_anything_kept_there_are_defaults(settings: Settings) -> None:
    assert settings.look == "system"
    assert settings.recent == settings.recent_actions == []
    assert settings.session() is None
    assert settings.layout("state") is None


def test_what_is_kept_is_there_at_the_next_start(settings: Settings, tmp_path: Path) -> None:
    settings.look = "light"
    settings.set_layout("state", QByteArray(b"\x00\x01layout"))
    settings.set_folder_of("save", tmp_path)
    settings.add_recent_action("Undo")
    settings.add_recent_action("Save picture")
    settings.add_recent_action("Undo")
    settings.sync()
    again = Settings(settings.folder)
    assert again.look == "light"
    assert again.layout("state") == QByteArray(b"\x00\x01layout")
    assert again.folder_of("save") == tmp_path
    assert again.recent_actions == ["Undo", "Save picture"]


@pytest.mark.parametrize("damage", ["purple", "", "true"])
def test_an_unknown_look_is_that_of_the_system(settings: Settings, damage: str) -> None:
    settings.look = damage
    assert settings.look == "system"


def test_recent_models_are_newest_first_and_each_once(settings: Settings, tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.safetensors" for number in range(RECENT + 3)]
    for path in [*paths, paths[5]]:
        settings.add_recent(path)
    assert settings.recent[0] == paths[5]
    assert len(settings.recent) == len(set(settings.recent)) == RECENT
    settings.remove_recent(paths[5])
    assert paths[5] not in settings.recent
    assert len(settings.recent) == RECENT - 1
    settings.clear_recent()
    assert settings.recent == []


def test_one_recent_model_is_still_a_list_at_the_next_start(settings: Settings, tmp_path: Path) -> None:
    settings.add_recent(tmp_path / "one.safetensors")
    settings.sync()
    assert Settings(settings.folder).recent == [tmp_path / "one.safetensors"]


@pytest.mark.parametrize("name", ["portraits", "modèle", "模型 ü"])
def test_the_session_picture_holds_its_recipe(settings: Settings, tmp_path: Path, name: str) -> None:
    recipe = Recipe(ModelRef(name, "id"), psi=0.25)
    image = QImage(8, 8, QImage.Format.Format_RGB888)
    image.fill(QColor(10, 20, 30))
    settings.set_session_picture(recipe, image)
    assert read_recipe(settings.session_picture) == recipe
    assert QImage(str(settings.session_picture)).pixelColor(3, 3) == QColor(10, 20, 30)
    settings.set_session_picture(recipe, None)
    assert not settings.session_picture.exists()


@pytest.mark.parametrize("damage", ["", "{", '{"stylescope_session": 99}', "\x00", '{"stylescope_session": 1}'])
def test_a_damaged_session_counts_as_none(settings: Settings, damage: str) -> None:
    settings.session_file.write_text(damage)
    assert settings.session() is None


def test_a_damaged_settings_file_counts_as_none(home: Path) -> None:
    (home / "settings.ini").write_bytes(b"\xff\xfe[[[layout1]\nstate=@ByteArray(\nrecent=@Variant(\x00)\n")
    settings = Settings(home)
    assert settings.recent == []
    assert settings.layout("geometry") is None


def test_a_folder_that_is_gone_is_not_offered(settings: Settings, tmp_path: Path) -> None:
    settings.set_folder_of("save", tmp_path / "gone")
    assert settings.folder_of("save") == Path.home()


def test_where_nothing_can_be_written_the_program_still_has_a_home(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("STYLESCOPE_HOME", str(tmp_path / "file" / "home"))
    folder = home()
    assert folder.is_dir()
    folder.rmdir()


def test_the_home_is_made_when_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STYLESCOPE_HOME", str(tmp_path / "a" / "b"))
    assert home().is_dir()
