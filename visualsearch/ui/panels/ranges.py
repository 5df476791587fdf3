"""A number attribute as a range: bars of how often values occur, two handles, and fields for exact numbers."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from visualsearch.ui import style, texts
from visualsearch.ui.panels.buttons import TickBox

if TYPE_CHECKING:
    from visualsearch.catalog.browsing import Histogram

Range = tuple[float | None, float | None]
_BARS_HIGH = 44
_HANDLE = 7.0  # radius
_Key = Qt.Key


class RangeBars(QWidget):
    """Bars with a handle at either end of the range. Left and Right move the lower one, with Shift the upper one;
    Home and End open the range at that side."""

    changed = Signal(object, object)
    """Low and high, None where the range is open."""
    released = Signal()
    """The person has let go: the drag was one step."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._edges: list[float] = [0.0, 1.0]
        self._whole: list[int] = [0]
        self._counts: list[int] = [0]
        self._gap = 0.0  # from the highest value of a range to the edge above it: 1 among whole numbers
        self._range: Range = (None, None)
        self._dragged = -1  # which handle: 0 or 1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Range of {0}").format(name))
        self.setToolTip(
            self.tr("Drag the handles; Left and Right move the lower one, with Shift the upper one")
        )

    def sizeHint(self) -> QSize:
        return QSize(120, _BARS_HIGH + round(2 * _HANDLE) + 2)

    def show_histogram(self, histogram: Histogram) -> None:
        """Show these bars: all of the catalog faint, the results in colour."""
        self._edges = histogram.edges.tolist()
        self._whole, self._counts = histogram.whole.tolist(), histogram.counts.tolist()
        self._gap = 1.0 if histogram.integer else 0.0
        self.update()

    @property
    def range(self) -> Range:
        """What is shown."""
        return self._range

    def show_range(self, wanted: Range) -> None:
        self._range = wanted
        self.setAccessibleDescription(texts.range_name(*wanted))
        self.update()

    # --- geometry -------------------------------------------------------------------------------------------

    def _x(self, value: float) -> float:
        """Where a value is, from left to right; mirrored for languages that are read the other way."""
        first, last = self._edges[0], self._edges[-1]
        share = min(max((value - first) / ((last - first) or 1.0), 0.0), 1.0)
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            share = 1 - share
        return _HANDLE + share * (self.width() - 2 * _HANDLE)

    def _edge_at(self, x: float) -> int:
        return min(range(len(self._edges)), key=lambda place: abs(self._x(self._edges[place]) - x))

    def handle_at(self, side: int) -> QPointF:
        """The middle of the lower (0) or upper (1) handle."""
        value = self._range[side]
        if value is None:
            value = self._edges[0 if side == 0 else -1]
        elif side == 1:
            value += self._gap
        return QPointF(self._x(value), self.height() - _HANDLE - 1)

    # --- changing -------------------------------------------------------------------------------------------

    def _set(self, side: int, edge: int) -> None:
        """Move a handle to an edge; at the outermost one the range is open. Handles do not pass one another."""
        low, high = self._range
        last = len(self._edges) - 1
        if side == 0:
            ceiling = last if high is None else max(0, bisect_left(self._edges, high + self._gap) - 1)
            edge = max(0, min(edge, ceiling))
            low = None if edge == 0 else self._edges[edge]
        else:
            floor = 0 if low is None else min(last, bisect_left(self._edges, low) + 1)
            edge = min(last, max(edge, floor))
            high = None if edge == last else self._edges[edge] - self._gap
        if (low, high) != self._range:
            self.show_range((low, high))
            self.changed.emit(low, high)

    def _place(self, side: int) -> int:
        value = self._range[side]
        if value is None:
            return 0 if side == 0 else len(self._edges) - 1
        edge = bisect_left(self._edges, value + self._gap * side)
        return min(edge, len(self._edges) - 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        side = 1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 0
        forward = -1 if self.layoutDirection() == Qt.LayoutDirection.RightToLeft else 1
        step = {_Key.Key_Left: -forward, _Key.Key_Right: forward}.get(_Key(event.key()), 0)
        if step:
            self._set(side, self._place(side) + step)
        elif event.key() == _Key.Key_Home:
            self._set(0, 0)
        elif event.key() == _Key.Key_End:
            self._set(1, len(self._edges) - 1)
        else:
            super().keyPressEvent(event)
            return
        self.released.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            x = event.position().x()
            near = [abs(self.handle_at(side).x() - x) for side in (0, 1)]
            self._dragged = 0 if near[0] < near[1] or (near[0] == near[1] and x < self.width() / 2) else 1
            self._set(self._dragged, self._edge_at(x))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragged >= 0:
            self._set(self._dragged, self._edge_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._dragged >= 0:
            self._dragged = -1
            self.released.emit()

    # --- painting -------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = style.colors(self.palette())
        base, tallest = self.height() - 2 * _HANDLE - 2, max([1, *self._whole])
        painter.setPen(Qt.PenStyle.NoPen)
        for numbers, colour in ((self._whole, tokens.border), (self._counts, tokens.accent)):
            painter.setBrush(colour)
            for place, number in enumerate(numbers):
                if number:
                    ends = sorted((self._x(self._edges[place]), self._x(self._edges[place + 1])))
                    high = max(1.5, (number / tallest) ** 0.5 * (base - 2))  # small bars stay visible
                    painter.drawRect(
                        QRectF(ends[0] + 0.5, base - high, max(1.0, ends[1] - ends[0] - 1), high)
                    )
        line = base + _HANDLE + 1
        painter.setPen(QPen(tokens.border, 2))
        painter.drawLine(QPointF(_HANDLE, line), QPointF(self.width() - _HANDLE, line))
        ends = [self.handle_at(0), self.handle_at(1)]
        painter.setPen(QPen(tokens.accent, 3))
        painter.drawLine(QPointF(ends[0].x(), line), QPointF(ends[1].x(), line))
        painter.setPen(QPen(tokens.focus if self.hasFocus() else tokens.accent, 2))
        painter.setBrush(tokens.raised)
        for end in ends:
            painter.drawEllipse(QPointF(end.x(), line), _HANDLE - 1.5, _HANDLE - 1.5)


class RangeRow(QWidget):
    """Bars, a field for either end, and a tick for what has no value."""

    changed = Signal(object, object)
    released = Signal()
    missing_wanted = Signal(bool)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bars = RangeBars(name, self)
        self.low, self.high = (
            self._field(self.tr("{0}: from").format(name)),
            self._field(self.tr("{0}: to").format(name)),
        )
        self.missing = TickBox(self)
        self._ends = (0.0, 1.0)
        fields = QHBoxLayout()
        fields.setSpacing(style.Space.XS)
        fields.addWidget(self.low, 1)
        fields.addWidget(QLabel("–", self))
        fields.addWidget(self.high, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 0, 6, 0)
        column.setSpacing(style.Space.XS)
        column.addWidget(self.bars)
        column.addLayout(fields)
        column.addWidget(self.missing)
        self.bars.changed.connect(self.changed)
        self.bars.changed.connect(lambda low, high: self._show_fields((low, high)))
        self.bars.released.connect(self.released)
        for field in (self.low, self.high):
            field.valueChanged.connect(self._typed)
            field.editingFinished.connect(self.released)
        self.missing.toggled.connect(self.missing_wanted)

    def _field(self, name: str) -> QDoubleSpinBox:
        field = QDoubleSpinBox(self)
        field.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        field.setKeyboardTracking(False)
        field.setAccessibleName(name)
        field.setToolTip(name)
        field.setMinimumWidth(40)
        return field

    def show_histogram(self, histogram: Histogram) -> None:
        """Show how the values are spread now."""
        self.bars.show_histogram(histogram)
        self._ends = (histogram.low, histogram.high)
        step = float(histogram.edges[1] - histogram.edges[0])
        with QSignalBlocker(self.low), QSignalBlocker(self.high):
            for field in (self.low, self.high):
                field.setDecimals(0 if histogram.integer else 2)
                field.setRange(*self._ends)
                field.setSingleStep(step)
        self._show_fields(self.bars.range)
        known = texts.number(histogram.missing)
        self.missing.setText(f"{texts.value_name('')}  {known}")
        self.missing.setVisible(histogram.missing > 0 or self.missing.isChecked())

    def show_query(self, wanted: Range, missing: bool) -> None:
        """Show what the query says."""
        self.bars.show_range(wanted)
        self._show_fields(wanted)
        with QSignalBlocker(self.missing):
            self.missing.setChecked(missing)

    def _show_fields(self, wanted: Range) -> None:
        for field, value, end in zip((self.low, self.high), wanted, self._ends, strict=True):
            if not field.hasFocus() or not field.lineEdit().isModified():
                with QSignalBlocker(field):
                    field.setValue(end if value is None else value)

    def _typed(self) -> None:
        low, high = self.low.value(), self.high.value()
        if low > high:
            low, high = high, low
        wanted = (None if low <= self._ends[0] else low, None if high >= self._ends[1] else high)
        self.bars.show_range(wanted)
        self.changed.emit(*wanted)
