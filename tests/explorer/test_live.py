"""The document's picture: what comes too late is not told."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from engine.errors import RenderError
from explorer.letters import Failed, Show
from explorer.window import Window


def test_a_failure_of_a_picture_that_nobody_wants_any_more_is_not_told(qtbot: QtBot, window: Window) -> None:
    live, document = window.live, window.document
    assert live is not None
    assert document is not None
    told: list[Failed] = []
    live.stuck.connect(told.append)
    letter = Show(document.recipe, document.model.path)
    wanted = live._wanted
    for stamp in (wanted - 1, wanted):
        window.worker.failed.emit(Failed(stamp, letter, RenderError("no"), ""))
    qtbot.waitUntil(lambda: bool(told))
    assert [failed.stamp for failed in told] == [wanted]
