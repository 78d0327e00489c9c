"""Map: W samples in the two directions in which they spread most, with A, B, the picture and what was liked on it.

Everything about latents is computed on the render thread; this view turns places into edits. pyqtgraph and numpy are
imported when it is first seen.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRect, QTimer
from PySide6.QtGui import QHideEvent, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout

from engine import edits
from engine.errors import clipped
from engine.family import ModelInfo
from engine.recipe import Recipe, SavedLatent, SourceName
from explorer import latent_work, theme
from explorer.controls.gesture import Gesture
from explorer.gallery import Liked
from explorer.latent_work import Standing, Survey
from explorer.view import View
from explorer.views.map_bar import MapBar
from explorer.views.preview import Preview

if TYPE_CHECKING:  # pyqtgraph comes with it
    from explorer.views.map_plot import MapPlot

SAMPLES = 1000
STEP = 0.01  # of the map's width: one press of an arrow
PREVIEW = (96, 192)  # px, the picture in the corner: at least, at most
PREVIEW_SHARE = 0.25  # of the view's shorter side
EDGE = 12  # px
WAITING = "Laying out W ..."


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
        self._bar = MapBar()
        self._bar.say(WAITING)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self._bar)
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
        self._bar.fitted.connect(plot.fit)
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
            self._bar.say(WAITING)
            self.queue.compute("survey", recipe, latent_work.survey(SAMPLES), self._on_survey, self._on_trouble)
        self.queue.compute("standing", recipe, latent_work.standing, self._on_standing, self._on_trouble)

    def _on_survey(self, survey: Survey) -> None:
        self.survey = survey
        assert self.plot is not None
        self.plot.show_dots(survey.places, survey.seeds)
        self._bar.say(f"{len(survey.seeds)} seeds, {100 * survey.share:.0f} % of their spread")
        self._show_standing()
        self._place_liked()

    def _on_standing(self, standing: Standing) -> None:
        self.standing = standing
        self._show_standing()

    def _on_trouble(self, error: BaseException) -> None:
        self._bar.say("There is no map of this model", escape(clipped(error, 200)))  # tool tips guess HTML

    def _show_standing(self) -> None:
        if self.survey is not None and self.standing is not None and self.plot is not None:
            self._bar.show_effective(self.document.recipe.psi * self.survey.vividness(self.standing.ws))
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

    def _choose_dot(self, index: int) -> None:
        if self.survey is None:  # another model's map is on its way
            return
        seed = self.survey.seeds[index]
        recipe = edits.with_seed(self.document.recipe, self._bar.name, seed)
        self.document.apply(f"seed {self._bar.name.upper()} {seed}", recipe)

    def _choose_liked(self, index: int) -> None:
        if self.survey is None:
            return
        item = self._liked[index]
        self.document.apply(f"liked {item.name}", edits.with_model(item.recipe, self.document.info))

    def _choose_place(self, x: float, y: float) -> None:
        if self.survey is not None:
            self._set(self._bar.name, self.survey.w_at(x, y), None)

    def _set(self, name: SourceName, w: Any, gesture: int | None) -> None:
        from engine import latents

        latent = SavedLatent("w", latents.saved(w))
        recipe = edits.with_latent(self.document.recipe, name, latent)
        self.document.apply(f"{name.upper()} on the map", recipe, gesture)

    def _drag(self, name: str, x: float, y: float, ended: bool) -> None:
        if self.survey is None or self.standing is None:
            return
        if not self._start:
            self._start = {"a": self._w_of("a"), "b": self._w_of("b")}
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
        name = self._bar.name
        step = STEP * float(self.survey.places[:, 0].max() - self.survey.places[:, 0].min())
        w = self.survey.shifted(self._w_of(name), dx * step, dy * step)
        self._set(name, w, self._gesture.number())

    def _w_of(self, name: SourceName) -> Any:
        """The w of a source: what was set here last is in the document, which the engine's answers lag behind."""
        from engine import latents

        assert self.standing is not None
        latent = self.document.recipe.source(name).latent
        if isinstance(latent, SavedLatent) and latent.space == "w":
            return latents.array(latent.vector)
        return self.standing.a if name == "a" else self.standing.b

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

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._place_liked()  # the gallery may be another one by now

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        for question in ("standing", "liked"):
            self.queue.withdraw(question)
        if self.survey is None:
            self.queue.withdraw("survey")
            self._surveyed = None
