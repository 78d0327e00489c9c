"""What the export dialog's tabs say when they are shown again, in this session and in the next."""

from __future__ import annotations

import json
from collections.abc import Sequence

from PySide6.QtCore import QByteArray

from explorer.dialogs.export_page import ExportPage
from explorer.dialogs.export_target import KEPT
from explorer.settings import Settings


def remember(pages: Sequence[ExportPage], settings: Settings) -> None:
    """Keep what all tabs say."""
    state = {page.title: page.remember() for page in pages}
    settings.set_layout(KEPT, QByteArray(json.dumps(state).encode()))


def recall(pages: Sequence[ExportPage], settings: Settings) -> None:
    """Let all tabs say what was kept; what cannot be read is passed over."""
    kept = settings.layout(KEPT)
    try:
        state = json.loads(bytes(kept.data())) if kept is not None else {}
    except ValueError:
        return
    if isinstance(state, dict):
        for page in pages:
            page.recall(state.get(page.title))
