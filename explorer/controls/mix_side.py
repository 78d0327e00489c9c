"""The right end of the mixing desk: the fader that was touched last as a number, space and blend, all follow.

Knows no document: the panel connects the parts.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget

from explorer import theme
from explorer.controls.buttons import quiet_label, reset_dot
from explorer.controls.number import NumberField
from explorer.controls.segmented import Segmented

SPACES = (
    ("w", "W", "Mix in W, after the mapping network: straight, and layer by layer"),
    ("z", "Z", "Mix in Z, before the mapping network: along the sphere of seeds"),
)
BLENDS = (
    ("even", "even", "Half-way pictures stay as vivid as the two ends"),
    ("linear", "linear", "The exact straight line, as in the papers; half-way is nearer to the mean"),
)


class MixSide(QWidget):
    """A column of fixed width."""

    def __init__(self, space: str, blend: str) -> None:  # the defaults
        super().__init__()
        self.setFixedWidth(208)
        self.touched = quiet_label("")
        self.number = NumberField(0.0, 1.0, 0.01)
        self.number.setObjectName("share")
        self.number.setAccessibleName("share of the fader that was touched last")
        self.number.setToolTip("Share of B on the fader that was touched last: 0 is A, 1 is B")
        self.dot = reset_dot("the fader that was touched last", "Reset this fader (Delete on the fader)")
        self.space = Segmented("space", SPACES, space)
        self.blend = Segmented("blend", BLENDS, blend)
        self.space.setObjectName("space")
        self.blend.setObjectName("blend")
        self.all = QPushButton("All follow the master")
        self.all.setObjectName("follow_all")
        self.all.setToolTip("Let every fader follow the master again")
        grid = QGridLayout(self)
        grid.setContentsMargins(8, 4, 4, 12)
        grid.setHorizontalSpacing(theme.GRID)
        grid.setVerticalSpacing(theme.GAP)
        grid.addWidget(self.touched, 0, 0)
        grid.addWidget(self.number, 0, 1, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self.dot, 0, 2)
        for row, (word, control) in enumerate((("space", self.space), ("blend", self.blend)), start=1):
            grid.addWidget(quiet_label(word), row, 0)
            grid.addWidget(control, row, 1)
            grid.addWidget(control.dot, row, 2)
        grid.addWidget(self.all, 3, 0, 1, 2)
        grid.setRowStretch(4, 1)
