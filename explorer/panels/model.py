"""What is known of the model: a quiet table that can be read, selected and copied. Knows the document and controls."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from engine.errors import clipped
from engine.family import ModelInfo
from engine.recipe import Recipe
from explorer import theme
from explorer.controls.buttons import disabled_reason, icon_button, quiet_label, text_button
from explorer.controls.number import HEIGHT
from explorer.document import Document
from explorer.panel import Panel

KEYS = 72  # px, the column of names
CHANNELS = {1: "grey", 3: "RGB", 4: "RGBA"}
TRAINED = 8  # entries of a training summary that are shown
COPIED = ("content id", "sha256")
LONG = (*COPIED, "file")  # scrolled, not broken into lines
WORD = 16  # characters; a longer word would make the panel wider than it is
SENTENCES = ("name", "origin")  # long words and all: broken wherever the line ends
BREAK = "\u200b"  # takes no room


def rows(info: ModelInfo) -> list[tuple[str, str]]:
    """Names and values, as they stand in the table; texts from the file are clipped."""
    styles = len(info.layers) if info.features.layer_styles else 1
    highest = max((layer.resolution for layer in info.layers), default=info.resolution)
    size = f"{info.resolution} x {info.resolution}, {CHANNELS.get(info.channels, f'{info.channels} channels')}"
    found = [
        ("name", clipped(info.name)),
        ("family", info.family),
        ("configuration", info.config or "its own"),
        ("picture", size),
    ]
    if info.size != (info.resolution, info.resolution):
        found.append(("shown", f"{info.size[0]} x {info.size[1]}, letterbox bars cropped"))
    if info.features.layer_styles and highest < info.resolution:
        found.append(("grown to", f"{highest} x {highest}"))
    found += [
        ("parameters", f"{info.parameters:,}".replace(",", "\u2009")),
        ("z, w", f"{info.z_dim}, {info.w_dim}"),
        ("styles", f"{styles}, one a layer" if styles > 1 else "one for all layers"),
        ("noise", f"{len(info.noise)} inputs" if info.noise else "none"),
        ("classes", _classes(info)),
        ("networks", ", ".join(map(clipped, info.networks))),
        ("licence", clipped(info.licence) if info.licence else "none stated"),
        ("origin", clipped(info.origin) if info.origin else "not told"),
        ("content id", info.content_id),
        ("sha256", info.sha256 or "not computed yet"),
    ]
    return found


def training_rows(training: Mapping[str, object]) -> list[tuple[str, str]]:
    """What the file tells of the run that made it: plain values, the first of them."""
    plain = [(key, value) for key, value in training.items() if isinstance(value, (str, int, float))]
    return [(clipped(key.replace("_", " "), 24), _value(value)) for key, value in plain[:TRAINED]]


def _value(value: str | int | float) -> str:
    return f"{value:.6g}" if isinstance(value, float) else clipped(value)


def _classes(info: ModelInfo) -> str:
    if not info.classes:
        return "not conditional"
    names = ", ".join(clipped(name, 24) for name in info.class_names[:4])
    return f"{info.classes}" + (f": {names}{' ...' if info.classes > 4 else ''}" if names else "")


class ModelPanel(Panel):
    """Rows of a name and a field that can be selected; ids with a button that copies them."""

    DOTS = False
    revealed = Signal()  # the user wants to see the file in its folder

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(document, parent)
        document.learned.connect(lambda: self._rebuild(document.info))

    def build(self, info: ModelInfo, column: QVBoxLayout) -> None:
        reveal = text_button("folder", "Reveal in folder", "Show the model's file in the system's file manager")
        reveal.setObjectName("reveal")
        reveal.clicked.connect(self.revealed)
        path = self.document.model.path
        disabled_reason(reveal, None if path.exists() else "The file is not there any more.")
        head = QHBoxLayout()
        head.addWidget(reveal)
        head.addStretch(1)
        column.addLayout(head)
        column.addLayout(self._table([*rows(info), ("file", str(path))]))
        trained = training_rows(info.training)
        if trained:
            title = quiet_label("Training", theme.font(title=True))
            column.addSpacing(theme.GAP)
            column.addWidget(title)
            column.addLayout(self._table(trained))

    def _table(self, lines: list[tuple[str, str]]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.GAP)
        grid.setVerticalSpacing(0)
        grid.setColumnMinimumWidth(0, KEYS)
        grid.setColumnStretch(1, 1)
        for row, (key, value) in enumerate(lines):
            name = quiet_label(key, theme.font(theme.CAPTION))
            name.setTextFormat(Qt.TextFormat.PlainText)
            name.setFixedHeight(HEIGHT)
            grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
            copied = key in COPIED and len(value) > 20
            endless = key in LONG or (key not in SENTENCES and any(len(word) > WORD for word in value.split()))
            value_shown = _field(key, value) if endless else _label(key, value)
            grid.addWidget(value_shown, row, 1, 1, 1 if copied else 2)
            if copied:
                copy = icon_button("copy", f"copy {key}", f"Copy the {key}")
                copy.setObjectName(f"copy_{key.replace(' ', '_')}")
                copy.clicked.connect(partial(QGuiApplication.clipboard().setText, value))
                grid.addWidget(copy, row, 2)
        return grid

    def show_recipe(self, recipe: Recipe) -> None:
        """Nothing here depends on the recipe but through its model."""


def breakable(word: str) -> str:
    """A long word with breaks of no width: where its parts end, and anywhere in parts that are long themselves."""
    parts = re.split(r"(?<=[-_./])", word) if len(word) > WORD else [word]
    return BREAK.join(BREAK.join(part) if len(part) > WORD else part for part in parts)


def _label(key: str, value: str) -> QLabel:
    """Words that can be selected, broken into lines; long ones anywhere."""
    label = QLabel(" ".join(map(breakable, value.split(" "))))
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setWordWrap(True)
    label.setObjectName(f"value_{key.replace(' ', '_')}")
    label.setAccessibleName(f"{key} {value}")
    label.setFont(theme.font(tabular=True))
    label.setMinimumHeight(HEIGHT)
    label.setContentsMargins(0, 4, 0, 4)
    return label


def _field(key: str, value: str) -> QLineEdit:
    """A value that can be selected and copied, and scrolled where it is longer than the panel is wide."""
    field = QLineEdit(value)
    field.setReadOnly(True)
    field.setObjectName(f"value_{key.replace(' ', '_')}")
    field.setProperty("plain", True)
    field.setFont(theme.font(tabular=True))
    field.setFixedHeight(HEIGHT)
    field.setAccessibleName(key)
    shown = value.replace("&", "&amp;").replace("<", "&lt;")
    field.setToolTip(f"<span>{shown}</span>")
    field.setCursorPosition(0)
    field.setTextMargins(-3, 0, 0, 0)  # Qt's own, which labels have not
    field.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # a table to read is no row of tab stops
    return field
