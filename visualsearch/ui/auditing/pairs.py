"""Values that look so alike that people mix them up: a matter of rules rather than of mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from visualsearch.errors import VisualSearchError
from visualsearch.jobs import JobControl
from visualsearch.ui import style, texts
from visualsearch.ui.auditing.pictures import OTHER, Strip

if TYPE_CHECKING:
    from visualsearch.attributes.clusters import ConfusablePair
    from visualsearch.ui.main_window import MainWindow
    from visualsearch.workspace import Workspace

_SIDE = 84
_MOST = 40  # pairs; what comes after is confused once or twice
_KEY = "audit pairs"


class PairsView(QWidget):
    """A row for each pair, the most often confused first."""

    item_wanted = Signal(int)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.rows: list[QWidget] = []
        self.strips: list[Strip] = []
        self.head = QLabel(self)
        self.head.setWordWrap(True)
        self.head.setTextFormat(Qt.TextFormat.PlainText)
        sheet = QWidget(self)
        self._column = QVBoxLayout(sheet)
        self._column.setContentsMargins(style.Space.L, 0, style.Space.L, style.Space.L)
        self._column.setSpacing(style.Space.M)
        self._column.addStretch(1)
        self.area = QScrollArea(self)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidget(sheet)
        self.area.setAccessibleName(self.tr("Mixed-up values"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, style.Space.S, 0, 0)
        head = QHBoxLayout()
        head.setContentsMargins(style.Space.L, 0, style.Space.L, style.Space.S)
        head.addWidget(self.head)
        column.addLayout(head)
        column.addWidget(self.area, 1)

    def begin(self, workspace: Workspace, attribute: str) -> None:
        """Show the pairs of an attribute."""
        self._put([])
        self.head.setText(self.tr("Looking for values that are mixed up…"))

        def show(found: list[ConfusablePair]) -> None:
            self._put(found[:_MOST])
            self.head.setText(
                self.tr(
                    "People use these values of {0} for the same look. Agree on what each of them means; "
                    "until then, a suspect between them may be right."
                ).format(attribute)
                if found
                else self.tr("No two values of {0} are mixed up.").format(attribute)
            )

        self._window.background.run(
            lambda: workspace.audit.pairs(attribute, JobControl()), show, self._failed, key=_KEY
        )

    def end(self) -> None:
        """Nobody waits for the answer any more."""
        self._window.background.forget(_KEY)

    def _failed(self, error: BaseException) -> None:
        if isinstance(error, VisualSearchError):
            self.head.setText(texts.error_line(error))
        else:
            self._window.faults.show(error)

    def _put(self, pairs: list[ConfusablePair]) -> None:
        for row in self.rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows, self.strips = [], []
        for place, pair in enumerate(pairs):
            row = self._row(pair)
            self.rows.append(row)
            self._column.insertWidget(place, row)

    def _row(self, pair: ConfusablePair) -> QWidget:
        row = QWidget()
        title = QLabel(f"{pair.value} / {pair.other}", row)
        title.setFont(style.font("heading"))
        title.setTextFormat(Qt.TextFormat.PlainText)
        number = QLabel(
            self.tr("{0} of the {1} items with either look more like the other.").format(
                texts.number(pair.count), texts.number(pair.of)
            ),
            row,
        )
        sides = QHBoxLayout()
        sides.setSpacing(style.Space.L)
        for value, items in ((pair.value, pair.examples), (pair.other, pair.other_examples)):
            half = QVBoxLayout()
            half.setSpacing(style.Space.XS)
            label = QLabel(self.tr("Called {0}").format(value), row)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setFont(style.font("caption"))
            strip = Strip(self._window.photos, _SIDE, row)
            strip.show_items(
                [(item, "", OTHER, self.tr("{0}: show it in the grid").format(value)) for item in items]
            )
            strip.chosen.connect(self.item_wanted)
            self.strips.append(strip)
            half.addWidget(label)
            half.addWidget(strip)
            sides.addLayout(half, 1)
        sides.addStretch(1)
        column = QVBoxLayout(row)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(style.Space.XS)
        column.addWidget(title)
        column.addWidget(number)
        column.addLayout(sides)
        return row
