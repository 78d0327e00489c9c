"""What is remembered between starts: layout, recent files and actions, folders, look. Knows no widget.

Everything lies in one folder, so that STYLESCOPE_HOME can point tests (and portable installations) to another one:
`settings.ini`, `session.stylescope.json` (see session.py), `session.png` (its picture), `log.txt`.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, QStandardPaths
from PySide6.QtGui import QImage

from engine import recipe_json
from engine.errors import StylescopeError
from engine.picture import RECIPE_KEY
from engine.recipe import Recipe
from explorer import session
from explorer.session import Session

RECENT = 10
LOOKS = ("system", "light", "dark")
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
    def look(self) -> str:
        """One of LOOKS; as the system has it unless chosen otherwise."""
        value = str(self._store.value("look", LOOKS[0]))
        return value if value in LOOKS else LOOKS[0]

    @look.setter
    def look(self, look: str) -> None:
        self._store.setValue("look", look)

    @property
    def toured(self) -> bool:
        """Whether the tour was offered."""
        return str(self._store.value("toured", "")) == "1"

    @toured.setter
    def toured(self, toured: bool) -> None:
        self._store.setValue("toured", "1" if toured else "0")

    # --- files

    @property
    def recent(self) -> list[Path]:
        """Models that were opened, newest first; also those that are gone by now."""
        return [Path(text) for text in self._texts("recent")][:RECENT]

    def add_recent(self, path: Path) -> None:
        path = path.absolute()
        self._keep_recent([path, *(other for other in self.recent if other != path)])

    def remove_recent(self, path: Path) -> None:
        self._keep_recent([other for other in self.recent if other != path])

    def clear_recent(self) -> None:
        self._store.remove("recent")

    def _keep_recent(self, paths: list[Path]) -> None:
        self._store.setValue("recent", [str(path) for path in paths[:RECENT]])

    @property
    def recent_actions(self) -> list[str]:
        """Names of the actions that were run from the palette, newest first."""
        return self._texts("recent_actions")[:RECENT]

    def add_recent_action(self, name: str) -> None:
        kept = [name, *(other for other in self.recent_actions if other != name)]
        self._store.setValue("recent_actions", kept[:RECENT])

    def _texts(self, key: str) -> list[str]:
        """A list of texts; of one text Qt makes the text itself."""
        value = self._store.value(key, [])
        found = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        return [text for text in found if isinstance(text, str) and text]

    def folder_of(self, purpose: str) -> Path:
        """Where a file dialog starts: the last folder of this purpose, else the user's pictures or home."""
        value = self._store.value(f"folder/{purpose}")
        if isinstance(value, str) and value and Path(value).is_dir():
            return Path(value)
        return Path.home()

    def set_folder_of(self, purpose: str, folder: Path) -> None:
        self._store.setValue(f"folder/{purpose}", str(folder.absolute()))

    # --- session

    def session(self) -> Session | None:
        """What was shown last; None where there is nothing, or nothing that can be read."""
        try:
            return session.read(self.session_file) if self.session_file.exists() else None
        except StylescopeError:
            return None

    @property
    def session_file(self) -> Path:
        """Where the window keeps its session by itself."""
        return self.folder / f"session{session.SUFFIX}"

    @property
    def rescued_file(self) -> Path:
        """The session of a run that ended by force, until somebody says what is to become of it."""
        return self.folder / f"rescued{session.SUFFIX}"

    @property
    def run_mark(self) -> Path:
        """There while the program runs."""
        return self.folder / "running"

    def set_session_picture(self, recipe: Recipe, image: QImage | None) -> None:
        """Keep the picture of the recipe that is shown, when the screen showed it."""
        self.session_picture.unlink(missing_ok=True)
        if image is not None and not image.isNull():
            image = image.copy()
            image.setText(RECIPE_KEY, recipe_json.dumps(recipe))
            image.save(str(self.session_picture))

    @property
    def session_picture(self) -> Path:
        """A picture like any other that Stylescope saves, shown until the engine stands."""
        return self.folder / "session.png"

    def sync(self) -> None:
        """Write now."""
        self._store.sync()
