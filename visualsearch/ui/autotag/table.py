"""The values of a plan as a table: ticks, counts, and bars for how right and how complete each would be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from visualsearch.ui import style, texts

if TYPE_CHECKING:
    from visualsearch.attributes.autotag import Plan, ValuePlan
    from visualsearch.attributes.intervals import Interval

_Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole
VALUE, LABELLED, PROPOSED, PRECISION, RECALL = range(5)
_INTERVAL = int(_Role.UserRole)
_LEFT_OUT = int(_Role.UserRole) + 1
_BAR = 6  # pixels of a bar's height
_FAINT = 0.35  # opacity of the rest of a bar in a selected row
_NAMED = 13  # letters of a value that are seen at the least
_WIDEST = "100 % (99–100)"


def percent(share: float) -> str:
    """Rounded down: nothing looks better than it is."""
    return f"{int(100 * share + 1e-9)} %"


def interval_text(found: Interval) -> str:
    """ "96 % (91–99)"; "" where nothing is known."""
    if not found.judged:
        return ""
    return f"{percent(found.rate)} ({100 * found.low:.0f}–{100 * found.high:.0f})"


class ValueModel(QAbstractTableModel):
    """A row for each value. ``ticked``: those that are to be accepted."""

    ticks_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plan: Plan | None = None
        self.ticked: set[str] = set()
        self._titles = (
            self.tr("Value"),
            self.tr("Have it"),
            self.tr("Would get it"),
            self.tr("Right of these"),
            self.tr("Found of all"),
        )
        self._tips = (
            self.tr("Tick the values that are to be accepted"),
            self.tr("Items that have the value already: it was learnt from them"),
            self.tr("Items without a value that would get this one"),
            self.tr("How many of those would be right, judged on items whose value was hidden from it"),
            self.tr("How many of the items with this value it finds, judged in the same way"),
        )

    def show_plan(self, plan: Plan | None) -> None:
        """Show another plan; the values that held what was wanted are ticked."""
        self.beginResetModel()
        self.plan = plan
        self.ticked = set(plan.trusted) if plan is not None else set()
        self.endResetModel()
        self.ticks_changed.emit()

    def at(self, row: int) -> ValuePlan | None:
        """The value of a row."""
        if self.plan is None or not 0 <= row < len(self.plan.values):
            return None
        return self.plan.values[row]

    def chosen(self) -> list[str]:
        """The ticked values, in the order of the rows."""
        return [one.value for one in self.plan.values if one.value in self.ticked] if self.plan else []

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() or self.plan is None else len(self.plan.values)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._titles)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = int(_Role.DisplayRole)
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == _Role.DisplayRole:
            return self._titles[section]
        if role == _Role.ToolTipRole:
            return self._tips[section]
        if role == _Role.TextAlignmentRole and section:
            return (
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter if section < PRECISION else None
            )
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        one = self.at(index.row())
        flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        if index.column() == VALUE and one is not None and len(one.items):
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def data(self, index: _Index, role: int = int(_Role.DisplayRole)) -> Any:
        one = self.at(index.row())
        if one is None:
            return None
        column = index.column()
        if role == _Role.CheckStateRole and column == VALUE and len(one.items):
            return Qt.CheckState.Checked if one.value in self.ticked else Qt.CheckState.Unchecked
        if role == _Role.TextAlignmentRole and column in (LABELLED, PROPOSED):
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == _Role.ToolTipRole:
            return one.reason or self._tips[column]
        if role == _INTERVAL and column in (PRECISION, RECALL):
            return one.precision if column == PRECISION else one.recall
        if role == _LEFT_OUT:
            return bool(one.reason)
        if role in (_Role.DisplayRole, _Role.AccessibleTextRole):
            return self._text(one, column)
        return None

    def _text(self, one: ValuePlan, column: int) -> str:
        if column == VALUE:
            return texts.value_name(one.value)
        if column in (LABELLED, PROPOSED):
            return texts.number(one.labelled if column == LABELLED else len(one.items))
        if one.reason:
            return one.reason if column == PRECISION else ""
        found = one.precision if column == PRECISION else one.recall
        return interval_text(found) if found.judged else self.tr("too few to tell")

    def setData(self, index: _Index, value: Any, role: int = int(_Role.EditRole)) -> bool:
        one = self.at(index.row())
        if role != _Role.CheckStateRole or one is None or not len(one.items):
            return False
        self.tick([one.value], Qt.CheckState(value) == Qt.CheckState.Checked)
        return True

    def tick(self, values: list[str], on: bool) -> None:
        """Tick values, or take their ticks away."""
        self.ticked = self.ticked | set(values) if on else self.ticked - set(values)
        if self.rowCount():
            last = self.index(self.rowCount() - 1, VALUE)
            self.dataChanged.emit(self.index(0, VALUE), last, [_Role.CheckStateRole])
        self.ticks_changed.emit()


class IntervalDelegate(QStyledItemDelegate):
    """A share as text above a bar: full up to the rate, and a whisker over its interval."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        hint = super().sizeHint(option, index)
        return QSize(hint.width(), option.fontMetrics.height() + _BAR + style.Space.M)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        found, text = index.data(_INTERVAL), str(index.data() or "")
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, option.palette.highlight())
            pen = option.palette.highlightedText().color()
        else:
            pen = style.colors(option.palette).text
        inside = QRectF(option.rect).adjusted(style.Space.S, style.Space.XS, -style.Space.S, -style.Space.XS)
        has_bar = found is not None and found.judged and not index.data(_LEFT_OUT)
        painter.save()
        painter.setPen(pen if has_bar else style.colors(option.palette).text_muted)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(pen)
        place = Qt.AlignmentFlag.AlignLeft | (
            Qt.AlignmentFlag.AlignTop if has_bar else Qt.AlignmentFlag.AlignVCenter
        )
        shown = option.fontMetrics.elidedText(text, Qt.TextElideMode.ElideRight, int(inside.width()))
        painter.drawText(inside, place, shown)
        if has_bar and found is not None:
            self._bar(painter, option, inside, found)
        painter.restore()

    @staticmethod
    def _bar(painter: QPainter, option: QStyleOptionViewItem, inside: QRectF, found: Interval) -> None:
        tokens = style.colors(option.palette)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        track = QRectF(inside.left(), inside.bottom() - _BAR, inside.width(), _BAR)
        ink = option.palette.highlightedText().color() if selected else tokens.accent
        rest = QColor(ink if selected else tokens.tile_edge)
        rest.setAlphaF(_FAINT if selected else 1.0)
        painter.fillRect(track, rest)
        full = QRectF(track)
        full.setWidth(track.width() * found.rate)
        painter.fillRect(full, ink)
        left, right = (track.left() + track.width() * edge for edge in (found.low, found.high))
        painter.setPen(tokens.text)
        middle = track.center().y()
        painter.fillRect(QRectF(left, middle - 0.75, max(1.0, right - left), 1.5), tokens.text)
        for edge in (left, right):
            painter.fillRect(
                QRectF(min(edge, track.right() - 1.5), track.top() - 1, 1.5, _BAR + 2), tokens.text
            )


class TickDelegate(QStyledItemDelegate):
    """Draws the edge of a tick's box, which the style leaves out on a dark table; a value without one stands where the
    others do."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:
        super().initStyleOption(option, index)
        if index.data(_Role.CheckStateRole) is None:
            side = option.widget.style().pixelMetric(
                QStyle.PixelMetric.PM_IndicatorWidth, option, option.widget
            )
            option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration  # an empty one
            option.decorationSize = QSize(side, 1)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        super().paint(painter, option, index)
        if index.data(_Role.CheckStateRole) is None:
            return
        whole = QStyleOptionViewItem(option)
        self.initStyleOption(whole, index)
        look = whole.widget.style()
        box = look.subElementRect(QStyle.SubElement.SE_ItemViewItemCheckIndicator, whole, whole.widget)
        selected = option.state & QStyle.StateFlag.State_Selected
        tokens = style.colors(option.palette)
        painter.setPen(option.palette.highlightedText().color() if selected else tokens.text_muted)
        painter.drawRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5))


class ValueTable(QTableView):
    """The table; Space ticks the row."""

    value_shown = Signal(object)
    """The ValuePlan of the current row, or None."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.values = ValueModel(self)
        self.setModel(self.values)
        self._ticks = TickDelegate(self)
        self.setItemDelegateForColumn(VALUE, self._ticks)
        self._delegate = IntervalDelegate(self)
        for column in (PRECISION, RECALL):
            self.setItemDelegateForColumn(column, self._delegate)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setAccessibleName(self.tr("Values and what would happen with each"))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + _BAR + 2 * style.Space.S)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(VALUE, QHeaderView.ResizeMode.Stretch)
        self._set_widths()
        self.selectionModel().currentRowChanged.connect(
            lambda current, _old: self.value_shown.emit(self.values.at(current.row()))
        )

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and self.model() is not None:
            self._set_widths()

    def _set_widths(self) -> None:
        """No heading and no figure is cut off, whatever the size of texts."""
        wide, header = self.fontMetrics().horizontalAdvance, self.horizontalHeader()
        for column, figure in ((LABELLED, ""), (PROPOSED, ""), (PRECISION, _WIDEST), (RECALL, _WIDEST)):
            title = str(self.values.headerData(column, Qt.Orientation.Horizontal))
            header.resizeSection(column, max(wide(title), wide(figure)) + style.Space.XL)
        named = header.length() - header.sectionSize(VALUE) + _NAMED * self.fontMetrics().averageCharWidth()
        self.setMinimumWidth(named + self.verticalScrollBar().sizeHint().width())

    def show_plan(self, plan: Plan | None) -> None:
        """Show a plan, its first row current."""
        self.clearSpans()
        self.values.show_plan(plan)
        for row in range(self.values.rowCount()):
            one = self.values.at(row)
            if one is not None and one.reason:
                self.setSpan(row, PRECISION, 1, 2)  # room for the sentence
        if self.values.rowCount():
            self.setCurrentIndex(self.values.index(0, VALUE))
        else:
            self.value_shown.emit(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        one = self.values.at(self.currentIndex().row())
        if event.key() == Qt.Key.Key_Space and one is not None:
            if len(one.items):
                self.values.tick([one.value], one.value not in self.values.ticked)
        else:
            super().keyPressEvent(event)
