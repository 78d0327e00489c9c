"""Whether a window can open here at all, asked before Qt is: Qt itself ends the process when it cannot."""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from pathlib import Path

from engine.errors import DeviceError

HEADLESS = "use the commands that need no window: `image`, `info`, `train`, e.g. `python main.py image --help`"

PACKAGES = "apt install libegl1 libgl1 libdbus-1-3 libfontconfig1 libglib2.0-0 libxkbcommon-x11-0 libx11-xcb1 " + (
    "libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 "
    "libxcb-sync1 libxcb-xfixes0 libxcb-xkb1"
)


def check_display() -> None:
    """Raises DeviceError with one sentence where no window can open. Only Linux and its kin can fail here."""
    if not sys.platform.startswith(("linux", "freebsd")):
        return
    chosen = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if chosen not in ("", "xcb"):
        return
    if not chosen and _wayland_answers():
        return
    if not os.environ.get("DISPLAY"):
        raise DeviceError("there is no display for a window here", HEADLESS)
    _check_plugin()
    _check_connection(os.environ["DISPLAY"])


def _wayland_answers() -> bool:
    """Whether a Wayland compositor listens. Qt ends the process when it was promised one and finds none."""
    name = os.environ.get("WAYLAND_DISPLAY")
    if not name:
        return False
    path = os.path.join(os.environ.get("XDG_RUNTIME_DIR", "/"), name)
    with socket.socket(socket.AF_UNIX) as wayland:
        try:
            wayland.connect(path)
        except OSError:
            return False
    return True


def _check_plugin() -> None:
    """The libraries that Qt's X11 plugin needs from the system."""
    import PySide6
    import PySide6.QtGui  # Qt's own libraries, so that only the system's can be missing

    plugin = Path(PySide6.__file__).parent / "Qt/plugins/platforms/libqxcb.so"
    if not plugin.exists():
        return
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        missing = str(error).partition(":")[0]
        raise DeviceError(f"Qt needs the system library {missing}", f"install it, on Debian: {PACKAGES}") from None


def _check_connection(display: str) -> None:
    """Whether an X server answers."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return  # the plugin loaded without: leave it to Qt
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    failed = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    if failed:
        raise DeviceError(f"the display {display} does not answer", HEADLESS)
