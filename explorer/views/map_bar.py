"""The row over the map: which source clicks set, what the dots are, how vivid the picture is, all dots. No document."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from engine.recipe import SourceName
from explorer import theme
from explorer.controls.buttons import icon_button, quiet_label
from explorer.controls.segmented import Segmented

EFFECTIVE_TIP = (
    "psi times how far the picture's latent lies from the mean one, against seeds on average.\n"
    "A linear blend of two seeds lies nearer to the mean: it looks tamer than psi says."
)
SHARE_TIP = "Dots, and how much of the variance of W lies in the two directions that are shown"


class MapBar(QWidget):
    """`fitted` when all dots are to be seen again."""

    fitted = Signal()

    def __init__(self) -> None:
        super().__init__()
        small = theme.font(theme.CAPTION, tabular=True)
        self.source = Segmented(
            "source to move",
            (("a", "A", "Clicks and arrow keys set source A"), ("b", "B", "Clicks and arrow keys set source B")),
        )
        self.source.setObjectName("map_source")
        self._words = quiet_label("", small)
        self.effective = quiet_label("", small)
        self.effective.setObjectName("effective_psi")
        self.effective.setToolTip(EFFECTIVE_TIP)
        self.effective.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        widest = self.effective.fontMetrics().horizontalAdvance("effective psi -0.00")
        self.effective.setFixedWidth(widest + theme.GAP)
        fit = icon_button("zoom-fit", "fit map", "All dots (F on the map)")
        fit.clicked.connect(self.fitted)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(theme.GAP)
        row.addWidget(quiet_label("click sets", theme.font(theme.CAPTION)))
        row.addWidget(self.source)
        row.addSpacing(theme.GAP)
        row.addWidget(self._words, 1)
        row.addWidget(self.effective)
        row.addWidget(fit)
        self.setFixedHeight(theme.TOOLS)

    @property
    def name(self) -> SourceName:
        """The source that clicks set."""
        return "b" if self.source.value() == "b" else "a"

    def say(self, words: str, tip: str = SHARE_TIP) -> None:
        """What the dots are, or why there are none."""
        self._words.setText(words)
        self._words.setToolTip(tip)

    def show_effective(self, psi: float) -> None:
        """What psi really is."""
        self.effective.setText(f"effective psi {psi:.2f}")
