"""What is remembered between starts: layout, recent files, folders, look, and the last recipe. Knows no widget.

Everything lies in one folder, so that STYLESCOPE_HOME can point tests (and portable installations) to another one:
`settings.ini`, `session.png` (the last picture with its recipe inside), `log.txt`.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, QStandardPaths
from PySide6.QtGui import QImage

from engine import recipe_json
from engine.errors import RecipeError
from engine.picture import RECIPE_KEY
from engine.recipe import Recipe

RECENT = 10
LAYOUT_VERSION = 1  # of dock names; a layout of another version is not restored


def home() -> Path:
    """The folder of everything that is remembered, made when missing; where that cannot be, a passing one."""
    chosen = os.environ.get("STYLESCOPE_HOME")
    if chosen:
        folder = Path(chosen)
    else:
        generic = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericConfigLocation)
        folder = Path(generic) / "stylescope"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:  # a read-only account: remember nothing beyond this start, but start
        return Path(tempfile.mkdtemp(prefix="stylescope-"))


class Settings:
    """Typed access to an ini file. A damaged entry counts as missing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._store = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)

    # --- layout

    def layout(self, name: str) -> QByteArray | None:
        """What `set_layout` kept under a name."""
        value = self._store.value(f"layout{LAYOUT_VERSION}/{name}")
        return value if isinstance(value, QByteArray) and not value.isEmpty() else None

    def set_layout(self, name: str, state: QByteArray) -> None:
        self._store.setValue(f"layout{LAYOUT_VERSION}/{name}", state)

    # --- look

    @property
    def dark(self) -> bool:
        """Dark unless chosen otherwise."""
        return str(self._store.value("dark", "true")).lower() != "false"

    @dark.setter
    def dark(self, dark: bool) -> None:
        self._store.setValue("dark", dark)

    # --- files

    @property
    def recent(self) -> list[Path]:
        """Models that were opened, newest first; also those that are gone by now."""
        value = self._store.value("recent", [])
        texts = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        return [Path(text) for text in texts if isinstance(text, str) and text][:RECENT]

    def add_recent(self, path: Path) -> None:
        path = path.absolute()
        kept = [path, *(other for other in self.recent if other != path)]
        self._store.setValue("recent", [str(p) for p in kept[:RECENT]])

    def clear_recent(self) -> None:
        self._store.remove("recent")

    def folder_of(self, purpose: str) -> Path:
        """Where a file dialog starts: the last folder of this purpose, else the user's pictures or home."""
        value = self._store.value(f"folder/{purpose}")
        if isinstance(value, str) and value and Path(value).is_dir():
            return Path(value)
        return Path.home()

    def set_folder_of(self, purpose: str, folder: Path) -> None:
        self._store.setValue(f"folder/{purpose}", str(folder.absolute()))

    # --- session

    def session(self) -> tuple[Recipe, Path] | None:
        """The recipe that was shown last, and where its model lay."""
        text, path = self._store.value("session/recipe"), self._store.value("session/model")
        if not isinstance(text, str) or not isinstance(path, str) or not path:
            return None
        try:
            return recipe_json.loads(text), Path(path)
        except RecipeError:
            return None

    def set_session(self, recipe: Recipe, model: Path, image: QImage | None) -> None:
        """Keep the recipe and, when the screen showed it, its picture."""
        text = recipe_json.dumps(recipe)
        self._store.setValue("session/recipe", text)
        self._store.setValue("session/model", str(model.absolute()))
        self.session_picture.unlink(missing_ok=True)
        if image is not None and not image.isNull():
            image = image.copy()
            image.setText(RECIPE_KEY, text)
            image.save(str(self.session_picture))

    @property
    def session_picture(self) -> Path:
        """A picture like any other that Stylescope saves, shown until the engine stands."""
        return self.folder / "session.png"

    def sync(self) -> None:
        """Write now."""
        self._store.sync()
