"""Tokens, icons and fonts: contrast, crispness, one place for colours."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QFontMetricsF, QIcon, QImage

from explorer import theme

EXPLORER = Path(theme.__file__).parent
THEMES = {"dark": theme.DARK, "light": theme.LIGHT}
ICONS = sorted(path.stem for path in (theme.RESOURCES / "icons").glob("*.svg") if path.stem != "app")
READ = [(ink, ground) for ink in ("text", "quiet", "accent") for ground in ("window", "panel", "raised", "surround")]
READ += [("text", "hover"), ("text", "line"), ("quiet", "hover"), ("error", "raised"), ("warning", "raised")]
READ += [(ink, ground) for ink in ("a", "b", "warning", "error") for ground in ("window", "panel", "surround")]


@pytest.fixture
def light_after(qapp):
    """Puts the dark theme back after a test that changes it."""
    yield qapp
    theme.apply(qapp, dark=True)


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize(("ink", "ground"), READ)
def test_text_passes_four_and_a_half_to_one_on_its_ground(name: str, ink: str, ground: str) -> None:
    tokens = asdict(THEMES[name])
    assert contrast(tokens[ink], tokens[ground]) >= 4.5


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("ground", ["accent", "a", "b"])
def test_letters_on_a_coloured_ground_can_be_read(name: str, ground: str) -> None:
    tokens = asdict(THEMES[name])
    assert contrast(tokens["on_accent"], tokens[ground]) >= 4.5


@pytest.mark.parametrize("name", THEMES)
def test_a_and_b_weigh_the_same_in_grey(name: str) -> None:
    assert contrast(THEMES[name].a, THEMES[name].b) < 1.15


def test_every_name_in_the_style_sheet_is_a_token() -> None:
    assert "@" not in theme.style_sheet()


def test_no_colour_stands_anywhere_but_in_the_tokens() -> None:
    literal = re.compile(r"#[0-9a-fA-F]{6}\b|QColor\(\s*[\d\"']|GlobalColor\.(?!transparent)")
    found = {path.name for path in EXPLORER.rglob("*.py") if literal.search(path.read_text(encoding="utf-8"))}
    assert found <= {"theme.py"}
    assert not re.search(r"#[0-9a-fA-F]{3,6}\b|rgb", (theme.RESOURCES / "style.qss").read_text(encoding="utf-8"))


def drawn(icon: QIcon, side: int, ratio: float) -> QImage:
    return icon.pixmap(icon.actualSize(icon.pixmap(side, side).size()), ratio).toImage()


@pytest.mark.parametrize("name", ICONS)
@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_icons_are_drawn_in_the_pixels_of_the_screen_and_lie_within_their_box(qapp, name, ratio) -> None:
    image = drawn(theme.icon(name), 20, ratio)
    assert image.width() == image.height() == round(20 * ratio)
    inked = [(x, y) for x in range(image.width()) for y in range(image.height()) if image.pixelColor(x, y).alpha() > 8]
    assert inked
    edge = image.width() - 1
    assert not any(x in (0, edge) or y in (0, edge) for x, y in inked)


def test_an_icon_follows_the_theme_without_being_made_anew(light_after) -> None:
    icon = theme.icon("stop")

    def ink() -> QColor:
        image = drawn(icon, 20, 1.0)
        return max((image.pixelColor(x, 10) for x in range(20)), key=QColor.alpha)

    theme.apply(light_after, dark=True)
    assert ink() == QColor(theme.DARK.text)
    theme.apply(light_after, dark=False)
    assert ink() == QColor(theme.LIGHT.text)


def test_a_disabled_icon_is_paler(qapp) -> None:
    icon = theme.icon("stop")
    normal, disabled = (icon.pixmap(20, 20, mode).toImage() for mode in (QIcon.Mode.Normal, QIcon.Mode.Disabled))
    strongest = [max(image.pixelColor(x, 10).alpha() for x in range(20)) for image in (normal, disabled)]
    assert strongest[1] < strongest[0] / 2


def test_an_unknown_icon_fails_where_it_is_asked_for(qapp) -> None:
    with pytest.raises(FileNotFoundError):
        theme.icon("no such icon")


def test_tabular_digits_have_one_width(qapp) -> None:
    widths = {round(QFontMetricsF(theme.font(tabular=True)).horizontalAdvance(digit * 8), 2) for digit in "0123456789"}
    assert len(widths) == 1


def test_the_bundled_font_carries_its_licence_and_is_small() -> None:
    fonts = theme.RESOURCES / "fonts"
    assert "SIL OPEN FONT LICENSE" in (fonts / "LICENSE.txt").read_text(encoding="utf-8").upper()
    assert sum(path.stat().st_size for path in fonts.iterdir()) < 1_000_000


def test_panels_and_controls_bring_no_heavy_library() -> None:
    modules = [f"explorer.{p.parent.name}.{p.stem}" for p in EXPLORER.glob("[cp]*s/*.py") if p.stem != "__init__"]
    assert "explorer.panels.mix" in modules
    assert "explorer.controls.fader" in modules
    code = f"import sys, {', '.join(modules)}; print({{'torch', 'numpy', 'pyqtgraph', 'PIL'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=EXPLORER.parent)
    assert done.stdout.strip() == "set()"
