"""The two sources of the desk, A and B: picture, seed, class. Knows the document and controls."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine import edits
from engine.errors import clipped
from engine.family import ModelInfo
from engine.recipe import PlanePoint, Recipe, SavedLatent, Seed, Source, SourceName
from explorer import theme
from explorer.controls.buttons import text_button
from explorer.controls.seed import SeedField, rolled
from explorer.document import Document
from explorer.names import latent_words
from explorer.opening import opening
from explorer.panel import Panel

if TYPE_CHECKING:
    from explorer.controls.class_weights import ClassWeights

NAMES: tuple[SourceName, SourceName] = ("a", "b")


def lock_name(name: Literal["a", "b"]) -> str:
    """The document's name for the pin of a source."""
    return f"source {name}"


class Thumbnail(QWidget):
    """A source's picture in a frame of its colour, with its letter."""

    SIDE = 72  # px

    def __init__(self, name: SourceName) -> None:
        super().__init__()
        self._name = name
        self._image = QImage()
        self._offered = False
        self.setFixedSize(self.SIDE, self.SIDE)
        self.setToolTip(
            f"Source {name.upper()} alone, with the present truncation. A liked picture can be dropped here"
        )
        self.setAccessibleName(f"picture of source {name.upper()}")

    def set_image(self, image: QImage) -> None:
        """Show a picture of any size."""
        self._image = image
        self.update()

    def offer(self, offered: bool) -> None:
        """Something hangs over it."""
        if offered != self._offered:
            self._offered = offered
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        corner = QPainterPath()
        corner.addRoundedRect(frame, theme.RADIUS, theme.RADIUS)
        painter.setClipPath(corner)
        painter.fillRect(self.rect(), theme.colour("surround"))
        if not self._image.isNull():
            side = min(self._image.width(), self._image.height())
            middle = QRect(0, 0, side, side)
            middle.moveCenter(self._image.rect().center())
            painter.drawImage(frame, self._image, QRectF(middle))
        painter.setClipping(False)
        painter.setPen(QPen(theme.colour("accent" if self._offered else self._name), 2))
        painter.drawRoundedRect(frame, theme.RADIUS, theme.RADIUS)
        self._paint_letter(painter)

    def _paint_letter(self, painter: QPainter) -> None:
        badge = QRectF(0, 0, 20, 20)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(self._name))
        painter.drawRoundedRect(badge, theme.RADIUS, theme.RADIUS)
        painter.setPen(theme.colour("on_accent"))
        painter.setFont(theme.font(bold=True))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, self._name.upper())


class SourcesPanel(Panel):
    """A, the row between, B."""

    DOTS = False

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(document, parent)
        document.locks_changed.connect(self._show_locks)

    def set_thumbnail(self, name: SourceName, image: QImage) -> None:
        """Show a picture of a source; None of the recipe is read from it."""
        self._thumbnails[name].set_image(image)

    def source_of(self, widget: QWidget | None) -> SourceName | None:
        """The source whose picture or seed a widget is."""
        for name in NAMES:
            if widget is not None and any(
                part is widget or part.isAncestorOf(widget) for part in (self._thumbnails[name], self._seeds[name])
            ):
                return name
        return None

    def offer(self, name: SourceName | None) -> None:
        """Something hangs over a source: show that it may be let go."""
        for of, thumbnail in self._thumbnails.items():
            thumbnail.offer(of == name)

    def build(self, info: ModelInfo, column: QVBoxLayout) -> None:
        self._thumbnails = {name: Thumbnail(name) for name in NAMES}
        self._seeds: dict[SourceName, SeedField] = {}
        self._classes: dict[SourceName, ClassWeights] = {}
        column.addLayout(self._source(info, "a"))
        column.addLayout(self._between())
        column.addLayout(self._source(info, "b"))

    def _source(self, info: ModelInfo, name: SourceName) -> QVBoxLayout:
        letter, first = name.upper(), opening(info).source(name).latent
        seed = SeedField(
            f"seed {letter}",
            tip=f"Seed of source {letter}: the same seed is the same picture in all public tools.",
            lock=f"Keep source {letter} when both are rolled",
            reset=f"Reset source {letter} to the seed that the model opens with",
            default=first.seed if isinstance(first, Seed) else 0,
            stacked=True,
        )
        seed.setObjectName(f"seed_{name}")
        seed.lock.setObjectName(f"lock_{name}")
        seed.dice.setObjectName(f"roll_{name}")
        seed.edited.connect(partial(self._edit_seed, name))
        seed.locked.connect(partial(self.document.set_lock, lock_name(name), words=f"source {letter}"))
        self._seeds[name] = seed
        column = QVBoxLayout()
        column.setSpacing(theme.GRID)
        column.addWidget(seed)
        column.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        row.addWidget(self._thumbnails[name], 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)
        whole = QVBoxLayout()
        whole.setSpacing(theme.GRID)
        whole.addLayout(row)
        if info.classes:
            whole.addWidget(self._class_weights(info, name))
        return whole

    def _class_weights(self, info: ModelInfo, name: SourceName) -> ClassWeights:
        from explorer.controls.class_weights import ClassWeights  # most models have no classes

        named = dict(enumerate(info.class_names))
        words = [clipped(named.get(number) or f"class {number}", 60) for number in range(info.classes)]
        control = ClassWeights(f"source {name.upper()}", words)
        control.setObjectName(f"classes_{name}")
        control.picker.setObjectName(f"class_{name}")
        control.add.setObjectName(f"blend_{name}")
        control.edited.connect(partial(self._edit_classes, name))
        self._classes[name] = control
        return control

    def _between(self) -> QHBoxLayout:
        swap = text_button("swap", "Swap", "Swap A and B")
        swap.setObjectName("swap")
        swap.clicked.connect(lambda: self.document.apply("swap A and B", edits.swapped(self.document.recipe)))
        roll = text_button("dice", "Roll both", "Roll both sources; a locked one stays")
        roll.setObjectName("roll_sources")
        roll.clicked.connect(self._roll)
        row = QHBoxLayout()
        row.setSpacing(0)
        swap.setFixedWidth(Thumbnail.SIDE)
        row.addWidget(swap)
        row.addSpacing(theme.GAP)
        row.addWidget(roll)
        row.addStretch(1)
        return row

    def part(self, recipe: Recipe) -> tuple[Source, Source]:
        return recipe.a, recipe.b

    def show_recipe(self, recipe: Recipe) -> None:
        for name in NAMES:
            source = recipe.source(name)
            latent = source.latent
            if isinstance(latent, Seed):
                self._seeds[name].set_value(latent.seed)
            elif isinstance(latent, PlanePoint):
                self._seeds[name].set_value(None, f"{latent.x:.2f}, {latent.y:.2f}")
            elif isinstance(latent, SavedLatent):
                self._seeds[name].set_value(None, latent_words(latent))
            if name in self._classes:
                self._classes[name].set_weights(source.classes)
        self._show_locks(self.document.locks)

    def _show_locks(self, locks: frozenset[str]) -> None:
        for name, seed in self._seeds.items():
            seed.set_locked(lock_name(name) in locks)

    def _edit_seed(self, name: SourceName, seed: int, gesture: int) -> None:
        self.document.apply(f"seed {name.upper()} {seed}", edits.with_seed(self.document.recipe, name, seed), gesture)

    def _edit_classes(self, name: SourceName, weights: tuple[float, ...], what: str, gesture: int | None) -> None:
        changed = edits.with_classes(self.document.recipe, name, weights)
        self.document.apply(f"class {name.upper()} {what}", changed, gesture)

    def _roll(self) -> None:
        recipe = self.document.recipe
        for name in NAMES:
            if lock_name(name) not in self.document.locks:
                recipe = edits.with_seed(recipe, name, rolled())
        self.document.apply("roll A and B", recipe)
