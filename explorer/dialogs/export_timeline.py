"""The tab of the export dialog that makes the timeline into a film. Everything that moves is said there, not here."""

from __future__ import annotations

from engine.errors import UsageError
from engine.export.film import VIDEOS, of_timeline
from engine.export.job import Film
from engine.family import ModelInfo
from engine.recipe import Recipe
from explorer.dialogs.export_page import ExportPage, rate
from explorer.document import Document

FORMATS = ((".mp4", "MP4"), (".webm", "WebM"), (".gif", "GIF"), (".webp", "WebP"), ("", "PNG frames"))
SIZES = (("0", "automatic"), *((str(n), f"{n} times") for n in (1, 2, 3, 4, 6, 8, 16)))


class TimelinePage(ExportPage):
    """Every frame of the document's timeline."""

    title = "Timeline"
    kinds = (("timeline", "All keyframes of the timeline"),)

    def __init__(self, document: Document) -> None:
        self._document = document
        super().__init__()

    def build(self) -> None:
        self.add_text("fps", "Frames a second", "24, 29.97 or 30000/1001", "Empty: as the timeline has it.")
        tip = "MP4 and WebM hold the timeline; beside the others it lies as JSON"
        self.add_choice("format", "Format", tip, FORMATS)
        self.add_quality()
        self.add_choice("scale", "Enlarged", "Automatic: MP4 and WebM to 256 pixels at least", SIZES)
        self.add_check("smooth", "Smoothly", "Off: square pixels", beside=True)
        self.put({"scale": "0", "smooth": True})

    @property
    def suffix(self) -> str:
        return self.text("format")

    def file_stem(self, recipe: Recipe) -> str:
        return f"{recipe.model.name or 'model'}-timeline"

    def what(self, recipe: Recipe, info: ModelInfo) -> Film:
        suffix, timeline = self.suffix, self._document.timeline
        self.suit(suffix)
        if len(timeline.keys) < 2:
            raise UsageError("the timeline has no two keyframes", "add some in the Timeline view (K)")
        self.note("fps")
        fps = self.read("fps", lambda text: rate(text, suffix)) if self.text("fps").strip() else None
        self.reason(
            "smooth", None if suffix in VIDEOS or self.text("scale") not in ("0", "1") else "Nothing is enlarged"
        )
        return of_timeline(timeline, fps, scale=int(self.text("scale")) or None, smooth=bool(self["smooth"]))
