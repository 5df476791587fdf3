"""The values of one attribute: which are shown, in which order, and how they are drawn and ticked."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from visualsearch.ui import style, texts
from visualsearch.ui.panels.buttons import TICK_SIDE, paint_tick

FEW = 8  # values shown before "show more"
MOST = 400  # rows after "show more": beyond that one types

_Index = QModelIndex | QPersistentModelIndex
VALUE = Qt.ItemDataRole.UserRole
COUNT = Qt.ItemDataRole.UserRole + 1


def _by_number(value: str) -> tuple[bool, float, str]:
    try:
        return (False, float(value), value)
    except ValueError:
        return (True, 0.0, value)


class FacetModel(QAbstractListModel):
    """Rows are values. Their order is the one of the whole catalog, so that each stays in its place."""

    changed = Signal()

    def __init__(self, attribute: str, numeric: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.attribute = attribute
        self._numeric = numeric
        self._order: list[str] = []
        self._counts: dict[str, int] = {}
        self._rows: list[str] = []
        self._filter = ""
        self.ticked: tuple[str, ...] = ()
        self.expanded = False
        self.hidden_count = 0

    @property
    def live_count(self) -> int:
        """How many values the present results have."""
        return len(self._counts)

    @property
    def value_count(self) -> int:
        """How many values the catalog has, as far as is known."""
        return len(self._order)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        value = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return texts.value_name(value)
        if role == VALUE:
            return value
        if role == COUNT:
            return self._counts.get(value, 0)
        if role == Qt.ItemDataRole.CheckStateRole:
            return Qt.CheckState.Checked if value in self.ticked else Qt.CheckState.Unchecked
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return f"{texts.value_name(value)}: {texts.number(self._counts.get(value, 0))}"
        return None

    def row_of(self, value: str) -> int:
        """The row that shows a value, or −1."""
        return self._rows.index(value) if value in self._rows else -1

    def set_counts(self, counts: dict[str, int], *, whole: bool, still: bool) -> None:
        """Take new counts. ``whole``: of the whole catalog, whose order is kept from then on. ``still``: let no
        row move, appear or go away now; ``settle`` does that later."""
        self._counts = counts
        known = set(self._order)
        if whole or not self._order:
            self._order = self._sorted([*counts, *(value for value in self._order if value not in counts)])
        else:
            self._order += self._sorted([value for value in counts if value not in known])
        if still and self._rows:
            self._repaint()
        else:
            self.settle()

    def _sorted(self, values: list[str]) -> list[str]:
        """Numbers by size, others as they come (most frequent first); "has none" last."""
        ordered = sorted(values, key=_by_number) if self._numeric else values
        return [value for value in ordered if value] + [value for value in ordered if not value]

    def set_ticked(self, values: tuple[str, ...]) -> None:
        if values == self.ticked:
            return
        self.ticked = values
        if all(value in self._rows for value in values):
            self._repaint()
        else:
            self.settle()

    def set_filter(self, text: str) -> None:
        self._filter = text.strip().casefold()
        self.settle()

    def set_expanded(self, expanded: bool) -> None:
        self.expanded = expanded
        self.settle()

    def settle(self) -> None:
        """Let values that have no items go and others come."""
        found = [
            value
            for value in self._order
            if (self._counts.get(value) or value in self.ticked)
            and (not self._filter or self._filter in texts.value_name(value).casefold())
        ]
        found += [value for value in self.ticked if value not in self._order]
        limit = MOST if self.expanded or self._filter else FEW
        rows = [
            value
            for place, value in enumerate(found)
            if place < limit or value in self.ticked or (not value and len(found) <= MOST)
        ]
        self.hidden_count = len(found) - len(rows)
        if rows == self._rows:
            self._repaint()
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()
        self.changed.emit()

    def _repaint(self) -> None:
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))
        self.changed.emit()


class _ValueDelegate(QStyledItemDelegate):
    """A tick, the value, its count at the right; values without items are faint."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(60, max(22, option.fontMetrics.height() + 6))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        count, row = int(index.data(COUNT)), option.rect.adjusted(18, 0, -8, 0)
        state = option.state
        if state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_HasFocus):
            shade = option.palette.color(QPalette.ColorRole.Highlight)
            shade.setAlpha(70 if state & QStyle.StateFlag.State_HasFocus else 30)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(shade)
            painter.drawRoundedRect(option.rect.adjusted(14, 0, -2, 0), 4, 4)
        ticked = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
        box = QRectF(row.left() + 2.5, row.center().y() - TICK_SIDE / 2 + 0.5, TICK_SIDE, TICK_SIDE)
        paint_tick(painter, box, ticked, style.colors(option.palette))
        faint = option.palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.WindowText)
        full = option.palette.color(QPalette.ColorRole.WindowText)
        number = texts.number(count)
        wide = option.fontMetrics.horizontalAdvance(number)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.setPen(faint)
        painter.drawText(row, right, number)
        name = row.adjusted(TICK_SIDE + 12, 0, -wide - 8, 0)
        painter.setPen(full if count or ticked else faint)
        font = painter.font()
        font.setItalic(not index.data(VALUE))
        painter.setFont(font)
        text = option.fontMetrics.elidedText(index.data(), Qt.TextElideMode.ElideRight, name.width())
        painter.drawText(name, left, text)
        font.setItalic(False)
        painter.setFont(font)


class ValueList(QListView):
    """As tall as its rows, since the whole panel scrolls. A click or Space ticks."""

    toggled = Signal(str, bool)

    def __init__(self, model: FacetModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setItemDelegate(_ValueDelegate(self))
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.viewport().setAutoFillBackground(False)
        self.clicked.connect(self._toggle)

    def fit(self) -> None:
        """Be as tall as the rows."""
        rows = self.model().rowCount()
        self.setFixedHeight(rows * self.sizeHintForRow(0) if rows else 0)

    def _toggle(self, index: QModelIndex) -> None:
        ticked = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
        self.toggled.emit(index.data(VALUE), not ticked)

    def keyPressEvent(self, event) -> None:
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.currentIndex().isValid():
                value = self.currentIndex().data(VALUE)
                self._toggle(self.currentIndex())
                model = self.model()
                if isinstance(model, FacetModel) and model.row_of(value) >= 0:
                    self.setCurrentIndex(model.index(model.row_of(value)))
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.model().rowCount():
            self.setCurrentIndex(self.model().index(0, 0))

    def wheelEvent(self, event) -> None:
        event.ignore()  # the panel scrolls
