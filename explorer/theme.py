"""Colours, fonts and icons of the window, and how they are put on. The only place with a colour in it.

Knows Qt and `resources/`, no widget of ours. Painting code asks `tokens()` at the moment it paints, so that a change
of theme needs no message: Qt repaints everything when the palette changes.
"""

from __future__ import annotations

import os
import re
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QIconEngine, QImage, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

RESOURCES = Path(__file__).resolve().parent.parent / "resources"

GRID = 4  # px: every distance is a multiple
GAP = 8  # between controls
GROUP_GAP = 16  # between groups of controls
RADIUS = 6  # of corners
TEXT = 13  # px, everything that is read
CAPTION = 11  # px, everything that names something
TOOLS = 36  # px, the row of tools over a view: the picture under it never moves


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one theme."""

    window: str
    panel: str
    raised: str  # a field, a button
    hover: str  # the same under the pointer
    line: str  # hairlines
    text: str
    quiet: str  # labels and everything that waits
    faint: str  # what cannot be used now
    accent: str  # selected or focused, nothing else
    on_accent: str  # text on it
    a: str  # source A, everywhere
    b: str  # source B, everywhere
    warning: str
    error: str
    surround: str  # around the picture
    chequer: str  # with `surround`, under transparent pictures


DARK = Tokens(
    window="#16181d",
    panel="#1d2026",
    raised="#262a32",
    hover="#2f343e",
    line="#333945",
    text="#e7eaf0",
    quiet="#9aa4b5",
    faint="#596170",
    accent="#9a8cff",
    on_accent="#16181d",
    a="#ff9a62",
    b="#4fb6ff",
    warning="#ffc857",
    error="#ff6b6b",
    surround="#111317",
    chequer="#1a1c21",
)
LIGHT = Tokens(
    window="#f4f5f7",
    panel="#ffffff",
    raised="#eceef2",
    hover="#e2e5ea",
    line="#d5d9e0",
    text="#1b1e24",
    quiet="#596270",
    faint="#a6adb9",
    accent="#5b46d6",
    on_accent="#ffffff",
    a="#a24c0e",
    b="#0b67ac",
    warning="#8a5a00",
    error="#ba2c2c",
    surround="#dfe2e7",
    chequer="#d3d7dd",
)

_tokens = DARK


def tokens() -> Tokens:
    """The colours of the theme that is on."""
    return _tokens


def colour(name: str, alpha: float = 1.0) -> QColor:
    """A token as a QColor, e.g. `colour("line")`; it is shared, so not to be changed."""
    return _colour(getattr(_tokens, name), alpha)


@lru_cache(maxsize=256)
def _colour(value: str, alpha: float) -> QColor:
    result = QColor(value)
    result.setAlphaF(alpha)
    return result


def between(one: str, other: str, share: float) -> QColor:
    """The colour `share` of the way from one token to another."""
    x, y = colour(one), colour(other)
    near, far = (x.red(), x.green(), x.blue()), (y.red(), y.green(), y.blue())
    return QColor(*(round(p + (q - p) * share) for p, q in zip(near, far, strict=True)))


def wears_dark(app: QApplication, look: str) -> bool:
    """Whether "dark", "light" or "system" means dark now; a system that does not tell is taken to be dark."""
    return look == "dark" or (look == "system" and app.styleHints().colorScheme() != Qt.ColorScheme.Light)


def apply_look(app: QApplication, look: str) -> None:
    """Put "dark", "light" or the "system"'s own on."""
    if look == "system":
        app.styleHints().unsetColorScheme()
    apply(app, wears_dark(app, look), force=look != "system")


def apply(app: QApplication, dark: bool = True, bundled_font: bool | None = None, force: bool = True) -> None:
    """Put the theme on. `bundled_font` None: only where STYLESCOPE_FONT=bundled, as in tests and screenshots.

    force: let the system's own parts, such as dialogs, follow it; False where it follows the system.
    """
    global _tokens
    _tokens = DARK if dark else LIGHT
    if bundled_font is None:
        bundled_font = os.environ.get("STYLESCOPE_FONT") == "bundled"
    app.setStyle("Fusion")
    # Before the palette: setting the scheme makes some platforms bring their own.
    if force:
        app.styleHints().setColorScheme(Qt.ColorScheme.Dark if dark else Qt.ColorScheme.Light)
    app.setPalette(_palette())
    base = QFont(_bundled_family()) if bundled_font else QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    base.setPixelSize(TEXT)
    app.setFont(base)
    app.setStyleSheet(style_sheet())
    app.setWindowIcon(icon("app"))


def style_sheet() -> str:
    """resources/style.qss with each @name replaced by its token."""
    values = asdict(_tokens)
    text = (RESOURCES / "style.qss").read_text(encoding="utf-8")
    return re.sub(r"@(\w+)", lambda match: values[match[1]], text)


def _palette() -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for roles, name in (
        ((role.Window, role.AlternateBase), "window"),
        ((role.Base,), "panel"),
        ((role.Button, role.ToolTipBase), "raised"),
        ((role.WindowText, role.Text, role.ButtonText, role.ToolTipText), "text"),
        ((role.BrightText,), "error"),
        ((role.PlaceholderText,), "quiet"),
        ((role.Highlight, role.Link, role.LinkVisited, role.Accent), "accent"),
        ((role.HighlightedText,), "on_accent"),
        ((role.Mid, role.Dark, role.Midlight, role.Light), "line"),
        ((role.Shadow,), "surround"),
    ):
        for one in roles:
            palette.setColor(one, colour(name))
    for one in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, one, colour("faint"))
    return palette


@lru_cache(maxsize=1)
def _bundled_family() -> str:
    """Load the bundled font; its family name."""
    for weight in ("Regular", "SemiBold"):
        number = QFontDatabase.addApplicationFont(str(RESOURCES / "fonts" / f"Inter-{weight}.otf"))
    return QFontDatabase.applicationFontFamilies(number)[0]


def font(size: int = TEXT, *, tabular: bool = False, bold: bool = False, title: bool = False) -> QFont:
    """The window's font. `tabular`: digits of one width; `title`: the quiet capitals over a section."""
    result = QFont(QApplication.font())
    result.setPixelSize(CAPTION if title else size)
    if tabular:
        result.setFeature(QFont.Tag("tnum"), 1)
    if bold or title:
        result.setWeight(QFont.Weight.DemiBold)
    if title:
        result.setCapitalization(QFont.Capitalization.AllUppercase)
        result.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.6)
    return result


def icon(name: str, token: str = "text") -> QIcon:
    """A line icon from resources/icons, in the colour of a token; "app" keeps its own colours."""
    return QIcon(_LineIcon(name, token))


@lru_cache(maxsize=64)
def _svg(name: str) -> str:
    return (RESOURCES / "icons" / f"{name}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=256)
def _drawn(name: str, ink: str, width: int, height: int) -> QImage:
    """The icon in so many device pixels: vectors at every scale, so crisp at 1x, 1.5x and 2x."""
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    renderer = QSvgRenderer(QByteArray(_svg(name).replace("currentColor", ink).encode()))
    painter = QPainter(image)
    renderer.render(painter, QRectF(0, 0, width, height))
    painter.end()
    return image


class _LineIcon(QIconEngine):
    """Draws at the moment of painting, so that icons follow the theme and the scale of the screen."""

    def __init__(self, name: str, token: str) -> None:
        super().__init__()
        self._name, self._token = name, token
        _svg(name)  # a wrong name fails here, not while painting

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        ratio = painter.device().devicePixelRatioF()
        side = min(rect.width(), rect.height())
        pixels = max(1, round(side * ratio))
        image = _drawn(self._name, getattr(_tokens, self._token), pixels, pixels)
        if mode == QIcon.Mode.Disabled:
            painter.setOpacity(painter.opacity() * 0.4)
        left, top = rect.x() + (rect.width() - side) / 2, rect.y() + (rect.height() - side) / 2
        painter.drawImage(QRectF(left, top, side, side), image)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        result = QPixmap(size)
        result.fill(Qt.GlobalColor.transparent)
        painter = QPainter(result)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return result

    def clone(self) -> QIconEngine:
        return _LineIcon(self._name, self._token)
