"""Below the examples: the scores, how much is right and found, steps of wanted precision, and the way to judge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from visualsearch.ui import style
from visualsearch.ui.panels.mode_switch import SegmentButton
from visualsearch.ui.precision import wording
from visualsearch.ui.precision.histogram import ScoreHistogram

if TYPE_CHECKING:
    from visualsearch.filters.gauge import Gauge


_LEAST = 130  # pixels of the histogram, below which it tells nothing


class _Box(QWidget):
    """A thin frame, which tells buttons from words."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(style.colors(self.palette()).border)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(frame, style.RADIUS / 2, style.RADIUS / 2)


class PrecisionStrip(QWidget):
    """Shows a gauge and where it cuts; says where the person wants it to cut. Knows no catalog."""

    narrow_wanted = Signal(float)
    """A strictness, 0 to 1."""
    released = Signal()
    judge_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._gauge: Gauge | None = None
        self.histogram = ScoreHistogram(self)
        self.histogram.setToolTip(
            self.tr(
                "How well the photos match: the better, the further right. Triangles are the examples, "
                "dots what you judged.\nDrag the line, or use the arrow keys; Shift+arrows go by wanted precision."
            )
        )
        self.label = QLabel(self)
        self.label.setFont(style.font("caption"))
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.steps: dict[float, SegmentButton] = {}
        self.judge = QPushButton(self.tr("Judge a few…"), self)
        self.judge.setToolTip(self.tr("Answer for a few photos, so that the estimate is no guess (J)"))
        self.judge.clicked.connect(self.judge_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(style.Space.S)
        row.addWidget(self.histogram, 1)
        row.addWidget(self.label)
        self._box = self._steps_box()
        row.addWidget(self._box)
        row.addWidget(self.judge)
        self.histogram.moved.connect(self._want_row)
        self.histogram.released.connect(self.released)
        self.histogram.step_wanted.connect(self._step)
        # A narrow window shows less of it, and is not held wide by it.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("How precise the filter is"))
        self.show_gauge(None)

    def _steps_box(self) -> QWidget:
        box = _Box(self)
        row = QHBoxLayout(box)
        row.setContentsMargins(style.Space.S, 1, 1, 1)
        row.setSpacing(0)
        title = QLabel(self.tr("right:"), box)
        title.setFont(style.font("caption"))
        row.addWidget(title)
        box.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        for wanted in wording.STEPS:
            text = self.tr("≥ {0}").format(wording.percent(wanted))
            button = self.steps[wanted] = SegmentButton(self)
            button.setAutoExclusive(False)
            button.setFont(style.font("caption"))
            button.setText(text)
            button.setAccessibleName(self.tr("At least {0} right").format(wording.percent(wanted)))
            button.clicked.connect(lambda _checked=False, at=wanted: self._want_precision(at))
            row.addWidget(button)
        return box

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """The words come first, then the histogram, then the steps."""
        room = self.width() - self.label.minimumWidth() - self.judge.sizeHint().width() - _LEAST
        self.histogram.setVisible(room >= 2 * style.Space.S)
        self._box.setVisible(room >= 3 * style.Space.S + self._box.sizeHint().width())

    @property
    def gauge(self) -> Gauge | None:
        return self._gauge

    def show_gauge(self, gauge: Gauge | None, narrow: float = 0.0) -> None:
        """Show what is known of a filter that cuts at a strictness; None while nothing is."""
        self._gauge = gauge
        self.histogram.show_gauge(gauge, gauge.row_of(narrow) if gauge is not None else 0)
        for wanted, button in self.steps.items():
            there = gauge is not None and gauge.row_for(wanted) is not None
            button.setEnabled(there)
            aim = self.tr("Keep as much as is at least {0} right").format(wording.percent(wanted))
            none = self.tr("Not even the closest photos are that surely right: judge more, or add examples")
            button.setToolTip(aim if there or gauge is None else none)
        self._tell()

    def show_narrow(self, narrow: float) -> None:
        """It cuts somewhere else, unless the person is about to say where."""
        if self._gauge is not None and not self.histogram.is_dragging:
            self.histogram.show_row(self._gauge.row_of(narrow))
            self._tell()

    def wait(self) -> None:
        """What is shown is about another filter; its own is being estimated."""
        self.show_gauge(None)

    def say(self, text: str) -> None:
        """Nothing can be estimated, for this reason."""
        self.show_gauge(None)
        self.label.setText(text)

    def _tell(self) -> None:
        gauge, row = self._gauge, self.histogram.row
        if gauge is None:
            self.label.setText(self.tr("Estimating…"))
            self.label.setToolTip("")
        else:
            self.label.setText("\n".join(line for line in wording.rates(gauge, row) if line))
            self.label.setToolTip(wording.explained(gauge, row))
        for wanted, button in self.steps.items():
            button.setChecked(gauge is not None and gauge.row_for(wanted) == row)
        widest = self.label.fontMetrics().horizontalAdvance(self.tr("A guess: 100 % right (10–100 %),"))
        self.label.setFixedWidth(max(widest + 4, self.label.sizeHint().width()))
        self._make_room()

    # --- what the person wants ------------------------------------------------------------------------------

    def _want_row(self, row: int) -> None:
        if self._gauge is not None:
            self._tell()
            self.narrow_wanted.emit(float(self._gauge.narrow[row]))

    def _want_precision(self, wanted: float) -> None:
        row = self._gauge.row_for(wanted) if self._gauge is not None else None
        if row is not None:
            self.histogram.show_row(row)
            self._want_row(row)
            self.released.emit()

    def _step(self, way: int) -> None:
        """To the next wanted precision in a direction."""
        if self._gauge is None:
            return
        rows = [row for wanted in wording.STEPS if (row := self._gauge.row_for(wanted)) is not None]
        ahead = [row for row in rows if (row - self.histogram.row) * way > 0]
        if ahead:
            row = min(ahead) if way > 0 else max(ahead)
            self.histogram.show_row(row)
            self._want_row(row)
            self.released.emit()
