"""Where an export goes: a line for its path, which the format follows and which follows the format."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from engine.errors import UsageError
from engine.export.description_file import WITH_JSON
from engine.export.job import Job
from explorer import theme
from explorer.controls.buttons import quiet_label
from explorer.controls.number import HEIGHT
from explorer.settings import Settings

KEPT = "export"  # name in the settings
SAME = {".jpeg": ".jpg", ".tiff": ".tif"}
KNOWN = (".png", ".webp", ".jpg", ".jpeg", ".tif", ".tiff", ".npy", ".mp4", ".webm", ".gif")
MOST_NAMES = 1000  # names that are tried for a file that is not there yet


class ExportTarget(QWidget):
    """A name that is not there yet is offered until the user gives one."""

    edited = Signal()  # by hand
    left = Signal()  # the line

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._own_name = False  # the user gave one
        self._suffix = ""
        self.path = QLineEdit()
        self.path.setFixedHeight(HEIGHT)
        self.path.setAccessibleName("Where to")
        self.path.setToolTip("The file, or the folder where many are made")
        self.path.textEdited.connect(self._on_typed)
        self.path.editingFinished.connect(self.left)
        choose = QPushButton("Choose ...")
        choose.setToolTip("Choose with the system's own dialog")
        choose.setAutoDefault(False)
        choose.clicked.connect(self.choose)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GAP)
        row.addWidget(quiet_label("Where to"))
        row.addWidget(self.path, 1)
        row.addWidget(choose)

    @property
    def suffix(self) -> str:
        """The format that the text names, if it names one."""
        suffix = Path(self.path.text()).suffix.lower()
        return SAME.get(suffix, suffix) if suffix in KNOWN else ""

    def suggest(self, name: str, suffix: str) -> None:
        """Offer a name for a format ("": a folder)."""
        self._suffix = suffix
        if not self._own_name:
            self.path.setText(str(free(self._settings.folder_of(KEPT), name, suffix)))

    def out(self) -> Path:
        """The path, its ending that of the format. Raises UsageError."""
        text, suffix = self.path.text().strip(), self._suffix
        if not text:
            raise UsageError("there is no file name", "give one")
        ending = next((known for known in KNOWN if text.lower().endswith(known)), "")
        if SAME.get(ending, ending) != suffix:
            text = text[: len(text) - len(ending)] + suffix
            if not self.path.hasFocus():
                self.path.setText(text)
        return self._settings.folder_of(KEPT) / Path(os.path.expanduser(text))

    def choose(self) -> None:
        """Ask the system's dialog."""
        suffix = self._suffix
        start = self.path.text() or str(self._settings.folder_of(KEPT))
        name, _ = QFileDialog.getSaveFileName(self, "Export to", start, f"*{suffix}" if suffix else "Folder (*)")
        if name:
            self._settings.set_folder_of(KEPT, Path(name).parent)
            self.path.setText(name)
            self._on_typed()

    def used(self, out: Path) -> None:
        """Something was exported there: the next name is offered again, in the same folder."""
        self._settings.set_folder_of(KEPT, out.parent)
        self._own_name = False

    def _on_typed(self) -> None:
        self._own_name = bool(self.path.text().strip())
        self.edited.emit()


def free(folder: Path, name: str, suffix: str) -> Path:
    """A path that nothing has yet: with a number behind the name, where it is taken."""
    endings = (suffix, ".json") if suffix in WITH_JSON else (suffix,)
    for number in ("", *(f"-{n}" for n in range(2, MOST_NAMES))):
        if not any((folder / f"{name}{number}{ending}").exists() for ending in endings):
            return folder / f"{name}{number}{suffix}"
    return folder / f"{name}{suffix}"


def replaced(job: Job) -> str:
    """What a job finds in its place, in words."""
    if job.suffix:
        return f"{job.out.name} is there already: it will be replaced." if job.out.exists() else ""
    return f"The folder {job.out.name} is there already." if job.out.is_dir() and any(job.out.iterdir()) else ""
