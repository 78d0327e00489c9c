"""What the system itself shows of files: its dialogs, which begin where the last one of their purpose ended, and its
file manager.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from explorer import session

if TYPE_CHECKING:
    from explorer.window import Window

MODELS = "Models (*.safetensors *.pkl *.pt *.pth);;All files (*)"
PICTURES = "Pictures with a recipe (*.png);;Recipes (*.json);;All files (*)"
SAVED = "PNG with recipe (*.png)"
SESSIONS = f"Sessions (*{session.SUFFIX});;All files (*)"


def asked_for(window: Window, purpose: str, title: str, kinds: str) -> Path | None:
    """Ask for a file that is there. None: nothing was chosen."""
    settings = window.settings
    name, _ = QFileDialog.getOpenFileName(window, title, str(settings.folder_of(purpose)), kinds)
    if not name:
        return None
    settings.set_folder_of(purpose, Path(name).parent)
    return Path(name)


def asked_for_folder(window: Window, purpose: str, title: str) -> Path | None:
    """Ask for a folder that is there. None: nothing was chosen."""
    settings = window.settings
    name = QFileDialog.getExistingDirectory(window, title, str(settings.folder_of(purpose)))
    if not name:
        return None
    settings.set_folder_of(purpose, Path(name).parent)
    return Path(name)


def asked_where(window: Window, purpose: str, title: str, offered: str, kinds: str, suffix: str) -> Path | None:
    """Ask for a name to write to; one without a suffix gets `suffix`. None: nothing was chosen."""
    start = window.settings.folder_of(purpose) / offered
    name, _ = QFileDialog.getSaveFileName(window, title, str(start), kinds)
    if not name:
        return None
    path = Path(name)
    return path if path.suffix else path.with_name(path.name + suffix)


def show_in_folder(path: Path) -> bool:
    """Open the system's file manager at a file. Whether there is one."""
    import subprocess  # not worth its time at the start

    if sys.platform == "win32":
        return subprocess.Popen(["explorer", f"/select,{path}"]).poll() is None
    if sys.platform == "darwin":
        return subprocess.call(["open", "-R", str(path)]) == 0
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))
