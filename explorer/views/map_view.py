"""Map: W samples in the two directions in which they spread most, with A, B, the picture and what was liked on it.

Everything about latents is computed on the render thread; this view turns places into edits. pyqtgraph and numpy are
imported when it is first seen.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine import edits
from engine.errors import clipped
from engine.family import ModelInfo
from engine.recipe import Recipe, SavedLatent, SourceName
from explorer import latent_work, theme
from explorer.controls.buttons import quiet_label
from explorer.controls.gesture import Gesture
from explorer.controls.segmented import Segmented
from explorer.gallery import Liked
from explorer.latent_work import Standing, Survey
from explorer.view import View
from explorer.views.preview import Preview

if TYPE_CHECKING:  # pyqtgraph comes with it
    from explorer.views.map_plot import MapPlot

SAMPLES = 1000
STEP = 0.01  # of the map's width: one press of an arrow
PREVIEW = (96, 192)  # px, the picture in the corner: at least, at most
PREVIEW_SHARE = 0.25  # of the view's shorter side
EDGE = 12  # px
EFFECTIVE_TIP = (
    "psi times how far the picture's latent lies from the mean one, against seeds on average.\n"
    "A linear blend of two seeds lies nearer to the mean: it looks tamer than psi says."
)


class MapView(View):
    def build(self) -> None:
        self.plot: MapPlot | None = None
        self.survey: Survey | None = None
        self.standing: Standing | None = None
        self._surveyed: tuple[str, tuple[float, ...]] | None = None  # model and class of the survey
        self._liked: list[Liked] = []
        self._gesture = Gesture()
        self._start: dict[str, Any] = {}  # w of each source when a drag of it began
        self._soon = QTimer(self)  # the plot's library takes its time: the window stands before
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._make_plot)
        self._source = Segmented(
            "source to move",
            (("a", "A", "Clicks and arrow keys set source A"), ("b", "B", "Clicks and arrow keys set source B")),
        )
        self._source.setObjectName("map_source")
        self._words = quiet_label("Laying out W ...", theme.font(theme.CAPTION, tabular=True))
        bar = QWidget()
        tools = QHBoxLayout(bar)
        tools.setContentsMargins(12, 6, 12, 6)
        tools.setSpacing(theme.GAP)
        tools.addWidget(quiet_label("click sets", theme.font(theme.CAPTION)))
        tools.addWidget(self._source)
        tools.addSpacing(theme.GAP)
        tools.addWidget(self._words, 1)
        self._effective = quiet_label("", theme.font(theme.CAPTION, tabular=True))
        self._effective.setObjectName("effective_psi")
        self._effective.setToolTip(EFFECTIVE_TIP)
        self._effective.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        widest = self._effective.fontMetrics().horizontalAdvance("effective psi -0.00")
        self._effective.setFixedWidth(widest + theme.GAP)
        tools.addWidget(self._effective)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        bar.setFixedHeight(theme.TOOLS)
        self._column.addWidget(bar)
        self._preview = Preview(self)
        self.wishes.arrived.connect(lambda key, image: self._preview.set_image(image))
        self.gallery.changed.connect(self._place_liked)

    def _make_plot(self) -> None:
        if self.plot is not None or not self.isVisible():
            return
        from explorer.views.map_plot import MapPlot

        self.plot = plot = MapPlot()
        self._column.addWidget(plot, 1)
        plot.dot_chosen.connect(self._choose_dot)
        plot.place_chosen.connect(self._choose_place)
        plot.liked_chosen.connect(self._choose_liked)
        plot.dragged.connect(self._drag)
        plot.nudged.connect(self._nudge)
        plot.getViewBox().sigRangeChanged.connect(lambda *_: self._place_preview())
        self._preview.raise_()
        self.refresh()

    # --- the document

    def show_model(self, info: ModelInfo) -> None:
        self.survey = self.standing = None

    def show_recipe(self, recipe: Recipe) -> None:
        if self.plot is None:
            return  # paintEvent sees to it
        self.wishes.want({"now": recipe}, round(PREVIEW[1] * self.devicePixelRatioF()))
        key = recipe.model.content_id, recipe.a.classes
        if key != self._surveyed or self.survey is None:
            self._surveyed = key
            self._words.setText("Laying out W ...")
            self.queue.compute("survey", recipe, latent_work.survey(SAMPLES), self._on_survey, self._on_trouble)
        self.queue.compute("standing", recipe, latent_work.standing, self._on_standing, self._on_trouble)

    def _on_survey(self, survey: Survey) -> None:
        self.survey = survey
        assert self.plot is not None
        self.plot.show_dots(survey.places, survey.seeds)
        self._words.setText(f"{len(survey.seeds)} seeds, {100 * survey.share:.0f} % of their spread")
        self._words.setToolTip("Dots, and how much of the variance of W lies in the two directions that are shown")
        self._show_standing()
        self._place_liked()

    def _on_standing(self, standing: Standing) -> None:
        self.standing = standing
        self._show_standing()

    def _on_trouble(self, error: BaseException) -> None:
        self._words.setText("There is no map of this model")
        self._words.setToolTip(escape(clipped(error, 200)))  # tool tips guess HTML

    def _show_standing(self) -> None:
        if self.survey is not None and self.standing is not None and self.plot is not None:
            effective = self.document.recipe.psi * self.survey.vividness(self.standing.ws)
            self._effective.setText(f"effective psi {effective:.2f}")
            standing = {"a": self.standing.a, "b": self.standing.b, "now": self.standing.now}
            self.plot.show_markers({name: self.survey.place(w) for name, w in standing.items()})
            self._place_preview()

    def _place_liked(self) -> None:
        """Small pictures of what was liked with this model."""
        survey, plot = self.survey, self.plot
        if survey is None or plot is None or not self.isVisible():
            return
        model = self.document.recipe.model.content_id
        items = [i for i in self.gallery.items if i.recipe.model.content_id == model and not i.picture.isNull()]
        recipes = tuple(item.recipe for item in items)

        def place(ws: list[Any]) -> None:
            if self.survey is survey:  # else another model came meanwhile
                self._liked = items
                found = zip(ws, items, strict=True)
                plot.show_liked([(survey.place(w), item.picture, item.name) for w, item in found])
                self._place_preview()

        self.queue.compute("liked", self.document.recipe, latent_work.places(recipes), place)

    # --- hands

    @property
    def _name(self) -> SourceName:
        return "b" if self._source.value() == "b" else "a"

    def _choose_dot(self, index: int) -> None:
        if self.survey is None:  # another model's map is on its way
            return
        seed = self.survey.seeds[index]
        recipe = edits.with_seed(self.document.recipe, self._name, seed)
        self.document.apply(f"seed {self._name.upper()} {seed}", recipe)

    def _choose_liked(self, index: int) -> None:
        item = self._liked[index]
        self.document.apply(f"liked {item.name}", edits.with_model(item.recipe, self.document.info))

    def _choose_place(self, x: float, y: float) -> None:
        if self.survey is not None:
            self._set(self._name, self.survey.w_at(x, y), None)

    def _set(self, name: SourceName, w: Any, gesture: int | None) -> None:
        from engine import latents

        latent = SavedLatent("w", latents.saved(w))
        recipe = edits.with_latent(self.document.recipe, name, latent)
        self.document.apply(f"{name.upper()} on the map", recipe, gesture)

    def _drag(self, name: str, x: float, y: float, ended: bool) -> None:
        if self.survey is None or self.standing is None:
            return
        if not self._start:
            self._start = {"a": self.standing.a, "b": self.standing.b}
            self._gesture.hold()
        gesture = self._gesture.number()
        if name == "now":
            self._mix(x, y, gesture)
        else:
            w = self._start[name]
            from_x, from_y = self.survey.place(w)
            self._set("b" if name == "b" else "a", self.survey.shifted(w, x - from_x, y - from_y), gesture)
        if ended:
            self._start = {}
            self._gesture.release()
            self._show_standing()

    def _mix(self, x: float, y: float, gesture: int) -> None:
        """The master so that the picture comes nearest to a place: it slides between A and B."""
        assert self.survey is not None
        (ax, ay), (bx, by) = self.survey.place(self._start["a"]), self.survey.place(self._start["b"])
        length = (bx - ax) ** 2 + (by - ay) ** 2
        t = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length if length else 0.0
        t = round(min(max(t, 0.0), 1.0), 3)
        self.document.apply(f"mix {t:.2f}", edits.with_master(self.document.recipe, t), gesture)

    def _nudge(self, dx: float, dy: float) -> None:
        if self.survey is None or self.standing is None:
            return
        name = self._name
        step = STEP * float(self.survey.places[:, 0].max() - self.survey.places[:, 0].min())
        w = self.survey.shifted(self.standing.a if name == "a" else self.standing.b, dx * step, dy * step)
        self._set(name, w, self._gesture.number())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.plot is None:
            self._soon.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_preview()

    def _place_preview(self) -> None:
        """In the corner where it hides no marker and the fewest pictures; it stays while a drag goes on."""
        if self._start:
            return
        side = round(min(max(PREVIEW_SHARE * min(self.width(), self.height()), PREVIEW[0]), PREVIEW[1]))
        ys = self.height() - side - EDGE, theme.TOOLS + EDGE
        corners = [QRect(x, y, side, side) for y in ys for x in (self.width() - side - EDGE, EDGE)]
        if (plot := self.plot) is not None:
            corners.sort(key=lambda c: plot.hidden_by(c.adjusted(-EDGE, -EDGE, EDGE, EDGE).translated(-plot.pos())))
        self._preview.setGeometry(corners[0])

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        for question in ("standing", "liked"):
            self.queue.withdraw(question)
        if self.survey is None:
            self.queue.withdraw("survey")
            self._surveyed = None
