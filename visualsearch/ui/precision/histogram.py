"""A small histogram of scores: the examples marked, what was judged as dots, the cut as a line that can be moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from visualsearch.ui import style
from visualsearch.ui.precision import wording

if TYPE_CHECKING:
    from PySide6.QtGui import QColor

    from visualsearch.filters.gauge import Gauge

_EDGE = 5  # pixels beside the scores, for the marks at the ends
_MARK = 4  # half of a mark's width
_KEYS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Down: -1,
    Qt.Key.Key_Up: 1,
    Qt.Key.Key_PageDown: -10,
    Qt.Key.Key_PageUp: 10,
    Qt.Key.Key_Home: -1000,
    Qt.Key.Key_End: 1000,
}


class ScoreHistogram(QWidget):
    """Shows a ``Gauge``; the row where it cuts moves by mouse and by keys where ``movable``."""

    moved = Signal(int)
    """The person wants to cut at this row."""
    released = Signal()
    """The moves so far are one step."""
    step_wanted = Signal(int)
    """Shift+arrow: to the next wanted precision, stricter (1) or looser (−1)."""

    def __init__(self, parent: QWidget | None = None, *, movable: bool = True) -> None:
        super().__init__(parent)
        self._movable = movable
        self._gauge: Gauge | None = None
        self._row = 0
        self._dragging = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(140, 40)
        if movable:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setCursor(Qt.CursorShape.SplitHCursor)
        self.setAccessibleName(self.tr("Scores of all photos, and where the filter cuts"))

    def sizeHint(self) -> QSize:
        return QSize(260, 44)

    @property
    def is_dragging(self) -> bool:
        return self._dragging

    @property
    def row(self) -> int:
        """Where it cuts."""
        return self._row

    def show_gauge(self, gauge: Gauge | None, row: int = 0) -> None:
        """Show another filter's scores, or none."""
        self._gauge = gauge
        self.show_row(row)

    def show_row(self, row: int) -> None:
        """Cut somewhere else."""
        self._row = row
        if self._gauge is not None:
            self.setAccessibleDescription(" ".join(wording.rates(self._gauge, row)))
        self.update()

    # --- where things are -----------------------------------------------------------------------------------

    def _span(self) -> tuple[float, float]:
        assert self._gauge is not None
        edges = self._gauge.histogram.edges
        return float(edges[0]), max(float(edges[-1]), float(edges[0]) + 1e-6)

    def x_of(self, score: float) -> float:
        """Where a score is, in pixels; better scores are at the right in every language, as on the slider's scale."""
        low, high = self._span()
        share = min(1.0, max(0.0, (score - low) / (high - low)))
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            share = 1.0 - share
        return _EDGE + share * (self.width() - 2 * _EDGE)

    def _row_at(self, x: float) -> int:
        assert self._gauge is not None
        low, high = self._span()
        share = min(1.0, max(0.0, (x - _EDGE) / max(1, self.width() - 2 * _EDGE)))
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            share = 1.0 - share
        return self._gauge.row_at(low + share * (high - low))

    # --- moving the cut -------------------------------------------------------------------------------------

    def _move(self, row: int) -> None:
        assert self._gauge is not None
        row = min(max(0, row), len(self._gauge.narrow) - 1)
        if row != self._row:
            self.show_row(row)
            self.moved.emit(row)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._movable and self._gauge is not None and event.button() == Qt.MouseButton.LeftButton:
            self._dragging = True
            self.released.emit()  # what was done by keys is a step of its own
            self._move(self._row_at(event.position().x()))
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragging and self._gauge is not None:
            self._move(self._row_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._dragging and event.button() == Qt.MouseButton.LeftButton:
            self._dragging = False
            self.released.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.released.emit()
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _KEYS.get(Qt.Key(event.key()))
        if not self._movable or self._gauge is None or step is None:
            super().keyPressEvent(event)
            return
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft and event.key() in (
            Qt.Key.Key_Left,
            Qt.Key.Key_Right,
        ):
            step = -step
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.step_wanted.emit(1 if step > 0 else -1)
        else:
            self._move(self._row + step)

    # --- painting -------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = style.colors(self.palette())
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(tokens.focus, 2) if self.hasFocus() else QPen(tokens.border, 1))
        painter.setBrush(tokens.page)
        painter.drawRoundedRect(frame, style.RADIUS / 2, style.RADIUS / 2)
        gauge = self._gauge
        if gauge is None:
            return
        ground = self.height() - 8.0  # below are the examples' marks
        self._paint_bars(painter, gauge, ground)
        painter.setPen(Qt.PenStyle.NoPen)
        for scores, colour in zip(gauge.marks, (tokens.positive, tokens.negative), strict=True):
            painter.setBrush(colour)
            for score in scores:
                painter.drawEllipse(QPointF(self.x_of(float(score)), 6.0), 2.2, 2.2)
        about = gauge.histogram
        for scores, colour in ((about.positives, tokens.positive), (about.negatives, tokens.negative)):
            for score in scores:
                self._paint_mark(painter, self.x_of(float(score)), ground, colour)
        cut = self.x_of(float(gauge.scores[self._row]))
        painter.setPen(QPen(tokens.focus, 2))
        painter.drawLine(QPointF(cut, 2), QPointF(cut, ground + 1))
        if self._movable:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tokens.focus)
            painter.drawRoundedRect(QRectF(cut - 3, ground / 2 - 6, 6, 12), 2, 2)

    def _paint_bars(self, painter: QPainter, gauge: Gauge, ground: float) -> None:
        """Heights are the roots of the counts: the few photos that count would not be seen beside all the others."""
        tokens, about = style.colors(self.palette()), gauge.histogram
        tallest = max(1, int(about.counts.max())) ** 0.5
        cut = float(gauge.scores[self._row])
        painter.setPen(Qt.PenStyle.NoPen)
        for place, count in enumerate(about.counts.tolist()):
            if not count:
                continue
            low, high = float(about.edges[place]), float(about.edges[place + 1])
            left, right = sorted((self.x_of(low), self.x_of(high)))
            tall = max(1.5, (ground - 12) * count**0.5 / tallest)
            painter.setBrush(tokens.accent if (low + high) / 2 >= cut else tokens.tile_edge)
            painter.drawRect(QRectF(left, ground - tall, max(1.0, right - left - 0.5), tall))

    def _paint_mark(self, painter: QPainter, x: float, ground: float, colour: QColor) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        top = ground + 1
        painter.drawPolygon(
            QPolygonF([QPointF(x, top), QPointF(x - _MARK, top + 6), QPointF(x + _MARK, top + 6)])
        )
