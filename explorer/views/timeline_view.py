"""Timeline: keyframes of whole recipes, played and scrubbed with frames that are kept, made into a film by export.

The playhead is the view's own, as zoom is the canvas's; keyframes, curves and duration are the document's, so that undo
brings them back. Above stands the frame at the playhead, or the picture as it is while the hand changes it.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QHideEvent, QImage, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.family import ModelInfo
from engine.recipe import Recipe
from engine.timeline.value import Timeline
from explorer import timeline_edits
from explorer.document import Document
from explorer.view import View, Workspace
from explorer.views.timeline_frames import Frames
from explorer.views.timeline_lanes import ROW, Lanes
from explorer.views.timeline_picture import FramePicture
from explorer.views.timeline_player import Player
from explorer.views.timeline_scale import HEADER
from explorer.views.timeline_strip import SIDE, TimelineStrip
from explorer.views.timeline_tools import Tools, Transport

STEP = 128  # device pixels: a window that is dragged wider does not ask for all frames at each of them
LARGEST = 512  # device pixels of a frame's longer side
REST = 300  # ms without a change of the picture until frames are made again: the hand goes first
FEW, MANY = 3, 6  # rows of curves that are seen at once, in a low view and in a high one
HIGH = 480  # px


class TimelineView(View):
    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        self._export = workspace.export
        super().__init__(workspace, parent)

    def build(self) -> None:
        self._timeline: Timeline | None = None  # that the widgets show
        self._recipe: Recipe | None = None  # of the document, as it was seen last
        self._state: Recipe | None = None  # the same, while it is shown instead of a frame
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST)
        self._rest.timeout.connect(self._aim)
        self.player = Player(self)
        self.frames = Frames(self.document, self.queue, self)
        self._thumbnails = self.queue.wishes()
        self.tools, self.picture, self.strip = Tools(self.document), FramePicture(), TimelineStrip()
        self.transport, self.lanes = Transport(self.strip), Lanes()
        self.transport.setGeometry(0, 0, HEADER, self.strip.sizeHint().height())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tools)
        column.addWidget(self.picture, 1)
        column.addWidget(self.strip)
        column.addWidget(self.lanes)
        self._connect()

    def _connect(self) -> None:
        self.tools.added.connect(self.add_keyframe)
        self.tools.duplicated.connect(self._duplicate)
        self.tools.updated.connect(lambda: self._with_key(timeline_edits.update))
        self.tools.deleted.connect(lambda: self._with_key(timeline_edits.delete))
        self.tools.exported.connect(lambda: self._export())
        self.transport.played.connect(lambda: self.player.play(not self.player.playing))
        self.transport.looped.connect(lambda loop: timeline_edits.set_loop(self.document, loop))
        self.picture.doubled.connect(self._take_frame)
        self.picture.side_changed.connect(self._aim)
        self.strip.scrubbed.connect(lambda time: self._scrub(self.player.timeline.frame_at(time)))
        self.strip.stepped.connect(lambda frames: self._scrub(self.player.frame + frames))
        self.strip.chosen.connect(self._choose)
        self.strip.taken.connect(self._take_frame)
        self.strip.moved.connect(self._move)
        self.strip.toggled.connect(self.transport.played)
        self.strip.deleted.connect(lambda index: timeline_edits.delete(self.document, index))
        self.lanes.edited.connect(lambda parameter, kind: timeline_edits.set_curve(self.document, parameter, kind))
        self.player.moved.connect(self._on_moved)
        self.player.playing_changed.connect(self.transport.show_playing)
        self.frames.arrived.connect(lambda frame: self._show_picture() if frame == self.player.frame else None)
        self.frames.changed.connect(self._show_ready)
        self.wishes.arrived.connect(self._on_state)
        self._thumbnails.arrived.connect(self.strip.set_picture)

    # --- the document

    def show_model(self, info: ModelInfo) -> None:
        self._timeline = None

    def show_recipe(self, recipe: Recipe) -> None:
        if recipe != self._recipe:  # the hand changes it: it is seen until the playhead moves
            self._recipe = self._state = recipe
            self.player.stop()
            self.frames.rest()
            self._rest.start()
        if self.document.timeline != self._timeline:
            self._show_timeline(self.document.timeline)
        self._ask_state()

    def _show_timeline(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self.player.show(timeline)
        self.frames.show(timeline)
        self.strip.show_timeline(timeline)
        self.lanes.show_timeline(timeline, self.document.info)
        self._fit_lanes()
        self.tools.show_timeline(timeline)
        self.transport.show_timeline(timeline)
        side = math.ceil(SIDE * self.devicePixelRatioF())
        self._thumbnails.want({i: key.recipe for i, key in enumerate(timeline.keys)}, side)
        self._show_playhead()
        self._show_ready()

    def _ask_state(self) -> None:
        if self._state is not None:
            self.wishes.want({"state": self._state}, self._side)

    def _on_state(self, _: str, image: QImage) -> None:
        if self._state is not None:
            self.picture.show_image(image, "picture")

    # --- frames

    @property
    def _side(self) -> int:
        side = min(self.picture.width(), self.picture.height()) * self.devicePixelRatioF()
        return min(LARGEST, STEP * max(1, math.ceil(side / STEP)))

    @Slot()
    def _aim(self) -> None:
        if self.isVisible() and not self._rest.isActive():
            self.frames.aim(self.player.frame, self._side)
            self._ask_state()

    @Slot(int)
    def _on_moved(self, frame: int) -> None:
        self._state = None
        self.wishes.clear()
        self._show_playhead()

    def _show_playhead(self) -> None:
        self.strip.show_frame(self.player.frame)
        self.lanes.show_frame(self.player.frame)
        self.tools.show_at(self.strip.at)
        self.transport.show_time(self.player.timeline, self.player.time)
        self._show_picture()
        self._aim()

    def _show_picture(self) -> None:
        image = None if self._state is not None else self.frames.image(self.player.frame)
        if image is not None:
            self.picture.show_image(image, f"frame {self.player.frame}")

    @Slot()
    def _show_ready(self) -> None:
        ready = self.frames.ready
        self.strip.show_ready(ready)
        self.transport.show_ready(self.player.timeline, len(ready))

    # --- hands

    def add_keyframe(self) -> None:
        """Keep the picture as a keyframe."""
        self.player.move_to(timeline_edits.add(self.document, self.player.time))

    def _with_key(self, edit: Callable[[Document, int], None]) -> None:
        if self.strip.at is not None:
            edit(self.document, self.strip.at)

    def _duplicate(self) -> None:
        if self.strip.at is not None:
            self.player.move_to(timeline_edits.duplicate(self.document, self.strip.at))

    def _choose(self, index: int) -> None:
        self._scrub(self.player.timeline.frame_at(self.player.timeline.keys[index].time))
        timeline_edits.go_to(self.document, index)

    def _move(self, index: int, time: float, gesture: int) -> None:
        self.player.move_to(timeline_edits.move(self.document, index, time, gesture))

    def _scrub(self, frame: int) -> None:
        self.player.stop()
        self.player.move(frame)
        if self._state is not None:  # a click at the playhead shows its frame
            self._on_moved(self.player.frame)

    def _take_frame(self) -> None:
        """The frame at the playhead becomes the picture."""
        recipe = self.frames.recipe(self.player.frame)
        if self._state is None and recipe is not None:
            self.document.apply(f"frame at {self.player.time:.2f} s", recipe)

    # --- the widget

    def _fit_lanes(self) -> None:
        self.lanes.setFixedHeight(ROW * min(len(self.lanes.rows), MANY if self.height() >= HIGH else FEW))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_lanes()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._aim()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.player.stop()
        self.frames.rest()
        self._thumbnails.clear()
        self._rest.stop()
        self._timeline = None  # all is asked for again when it is seen
