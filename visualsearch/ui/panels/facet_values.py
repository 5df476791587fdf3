"""The values of one attribute: which are shown, in which order, and how they are drawn and ticked."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import compress, islice
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QMenu,
    QSizePolicy,
    QStyledItemDelegate,
    QToolTip,
    QWidget,
)

from visualsearch.ui import style, texts
from visualsearch.ui.icons import icon
from visualsearch.ui.panels.buttons import TICK_SIDE, paint_tick

if TYPE_CHECKING:
    from PySide6.QtWidgets import QStyleOptionViewItem

FEW = 8  # values shown before "show more"
MOST = 400  # rows after "show more": beyond that one types

_Index = QModelIndex | QPersistentModelIndex
VALUE = Qt.ItemDataRole.UserRole
COUNT = Qt.ItemDataRole.UserRole + 1
LEFT_OUT = Qt.ItemDataRole.UserRole + 2


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
        self._known: set[str] = set()
        self._names: list[str] | None = None  # what the filter compares, made when it is first used
        self._counts: dict[str, int] = {}
        self._rows: list[str] = []
        self._filter = ""
        self.ticked: tuple[str, ...] = ()
        self.left_out: tuple[str, ...] = ()
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

    def values(self) -> list[str]:
        """Those that the catalog has, as far as is known, in their order."""
        return [value for value in self._order if value]

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
        if role == LEFT_OUT:
            return value in self.left_out
        if role == Qt.ItemDataRole.CheckStateRole:
            return Qt.CheckState.Checked if value in self.ticked else Qt.CheckState.Unchecked
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            if value in self.left_out:
                return self.tr("{0}: left out").format(texts.value_name(value))
            return f"{texts.value_name(value)}: {texts.number(self._counts.get(value, 0))}"
        return None

    def row_of(self, value: str) -> int:
        """The row that shows a value, or −1."""
        return self._rows.index(value) if value in self._rows else -1

    def set_counts(self, counts: dict[str, int], *, whole: bool, still: bool) -> None:
        """Take new counts. ``whole``: of the whole catalog, whose order is kept from then on. ``still``: let no
        row move, appear or go away now; ``settle`` does that later."""
        self._counts = counts
        fresh = [value for value in counts if value not in self._known]
        if whole or not self._order:
            self._order = self._sorted([*counts, *(value for value in self._order if value not in counts)])
        elif fresh:
            self._order += self._sorted(fresh)
        if fresh:
            self._known.update(fresh)
        if whole or fresh:
            self._names = None
        if still and self._rows:
            self._repaint()
        else:
            self.settle()

    def _sorted(self, values: list[str]) -> list[str]:
        """Numbers by size, others as they come (most frequent first); "has none" last."""
        if self._numeric:
            values.sort(key=_by_number)
        if "" in values:
            values.remove("")
            values.append("")
        return values

    def set_picked(self, ticked: tuple[str, ...], left_out: tuple[str, ...]) -> None:
        """Show which values the query ticks and leaves out."""
        if (ticked, left_out) == (self.ticked, self.left_out):
            return
        self.ticked, self.left_out = ticked, left_out
        if all(value in self._rows for value in self._picked):
            self._repaint()
        else:
            self.settle()

    @property
    def _picked(self) -> tuple[str, ...]:
        """Ticked or left out: these stay on screen whatever they count."""
        return (*self.ticked, *self.left_out)

    def set_filter(self, text: str) -> None:
        self._filter = text.strip().casefold()
        self.settle()

    def set_expanded(self, expanded: bool) -> None:
        self.expanded = expanded
        self.settle()

    def settle(self) -> None:
        """Let values that have no items go and others come."""
        limit = MOST if self.expanded or self._filter else FEW
        found, total = self._found()
        rows = list(islice(found, limit))
        more = [value for value in self._picked if value not in rows and self._passes(value)]
        if self._counts.get("") and "" not in rows and "" not in more and total <= MOST and self._passes(""):
            more.append("")
        gone = [value for value in more if value not in self._known]
        rows += self._sorted([value for value in more if value in self._known]) + gone
        self.hidden_count = max(0, total - len(rows))
        if rows == self._rows:
            self._repaint()
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()
        self.changed.emit()

    def _found(self) -> tuple[Iterable[str], int]:
        """The values to show, in their order, and how many there are. Costs as little as it can: there may be 100,000
        values, of which a few are shown."""
        counts, picked = self._counts, self._picked
        shown = (value for value in self._order if value in counts or value in picked)
        if not self._filter:
            return shown, len(counts) + sum(value not in counts for value in picked)
        if self._names is None:
            self._names = [texts.value_name(value).casefold() for value in self._order]
        wanted = self._filter
        matching = compress(self._order, [wanted in name for name in self._names])
        found = [value for value in matching if value in counts or value in picked]
        return found, len(found)

    def _passes(self, value: str) -> bool:
        return not self._filter or self._filter in texts.value_name(value).casefold()

    def _repaint(self) -> None:
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))
        self.changed.emit()


def minus_rect(row: QRect, direction: Qt.LayoutDirection = Qt.LayoutDirection.LeftToRight) -> QRect:
    """Where the − of a row under the mouse is: at the end, before the count."""
    side = min(row.height(), 20)
    box = QRect(row.right() - 80, row.top() + (row.height() - side) // 2, side, side)
    return style.visual_rect(direction, row, box)


class _ValueDelegate(QStyledItemDelegate):
    """A tick, the value, its count at the right; values without items are faint, those left out struck through.
    Under the mouse there is a − that leaves the value out."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(60, max(22, option.fontMetrics.height() + 6))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        from PySide6.QtWidgets import QStyle  # takes long to load: the first paint has no values

        def mirrored(rect: QRect) -> QRect:
            return style.visual_rect(option.direction, option.rect, rect)

        count, row = int(index.data(COUNT)), option.rect.adjusted(18, 0, -8, 0)
        state = option.state
        if state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_HasFocus):
            shade = option.palette.color(QPalette.ColorRole.Highlight)
            shade.setAlpha(70 if state & QStyle.StateFlag.State_HasFocus else 30)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(shade)
            painter.drawRoundedRect(mirrored(option.rect.adjusted(14, 0, -2, 0)), 4, 4)
        ticked = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
        top = row.center().y() - TICK_SIDE // 2
        box = QRectF(mirrored(QRect(row.left() + 2, top, TICK_SIDE, TICK_SIDE))).translated(0.5, 0.5)
        gone = bool(index.data(LEFT_OUT))
        tokens = style.colors(option.palette)
        paint_tick(painter, box, ticked, tokens, crossed=gone)
        faint, full = tokens.text_muted, tokens.text
        number = texts.number(count)
        wide = option.fontMetrics.horizontalAdvance(number)
        middle = Qt.AlignmentFlag.AlignVCenter
        right = style.visual_alignment(option.direction, Qt.AlignmentFlag.AlignRight | middle)
        left = style.visual_alignment(option.direction, Qt.AlignmentFlag.AlignLeft | middle)
        painter.setPen(faint)
        if not gone:
            painter.drawText(mirrored(row), right, number)
        name = row.adjusted(TICK_SIDE + 12, 0, -wide - 8, 0)
        if state & QStyle.StateFlag.State_MouseOver and not gone:
            minus = minus_rect(option.rect)
            icon("minus", tokens.negative).paint(painter, mirrored(minus.adjusted(3, 3, -3, -3)))
            name.setRight(min(name.right(), minus.left() - 4))
        painter.setPen(full if count or ticked else faint)
        font = painter.font()
        font.setItalic(not index.data(VALUE))
        font.setStrikeOut(gone)
        painter.setFont(font)
        text = option.fontMetrics.elidedText(index.data(), Qt.TextElideMode.ElideRight, name.width())
        painter.drawText(mirrored(name), left, text)
        font.setItalic(False)
        font.setStrikeOut(False)
        painter.setFont(font)

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: _Index
    ) -> bool:
        if (
            index.isValid()
            and not index.data(LEFT_OUT)
            and minus_rect(option.rect, option.direction).contains(event.pos())
        ):
            QToolTip.showText(event.globalPos(), self.tr("Leave out {0} (−)").format(index.data()), view)
            return True
        return super().helpEvent(event, view, option, index)


class ValueList(QListView):
    """As tall as its rows, since the whole panel scrolls. A click or Space ticks; − leaves out."""

    toggled = Signal(str, bool)
    left_out = Signal(str, bool)
    only_wanted = Signal(str)
    unfocused = Signal()

    def __init__(self, model: FacetModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setViewport(QWidget())  # as in the gallery: Qt's own takes long to wrap
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
        self._pressed = QPoint()
        self.clicked.connect(self._click)

    def fit(self) -> None:
        """Be as tall as the rows."""
        rows = self.model().rowCount()
        self.setFixedHeight(rows * self.sizeHintForRow(0) if rows else 0)

    def _click(self, index: QModelIndex) -> None:
        if not index.data(LEFT_OUT) and minus_rect(self.visualRect(index), self.layoutDirection()).contains(
            self._pressed
        ):
            self.left_out.emit(index.data(VALUE), True)
        else:
            self._toggle(index)

    def _toggle(self, index: QModelIndex) -> None:
        """Tick or untick; a value that was left out is only taken back."""
        if index.data(LEFT_OUT):
            self.left_out.emit(index.data(VALUE), False)
            return
        ticked = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
        self.toggled.emit(index.data(VALUE), not ticked)

    def mousePressEvent(self, event) -> None:
        self._pressed = event.position().toPoint()
        super().mousePressEvent(event)

    def contextMenuEvent(self, event) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        if not index.isValid():
            return
        spot = self.visualRect(index).center() if by_key else event.pos()
        self.menu(index).popup(self.viewport().mapToGlobal(spot))

    def menu(self, index: _Index) -> QMenu:
        """What can be done with a value."""
        value, gone = str(index.data(VALUE)), bool(index.data(LEFT_OUT))
        menu = style.Menu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Only this"), lambda: self.only_wanted.emit(value))
        text = self.tr("No longer leave out") if gone else self.tr("Leave out")
        menu.addAction(text, lambda: self.left_out.emit(value, not gone))
        return menu

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Minus
            and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        ):
            event.accept()  # else the window's shortcut would take the − for a photo
            return True
        return super().event(event)

    def keyPressEvent(self, event) -> None:
        if event.key() == Qt.Key.Key_Minus and self.currentIndex().isValid():
            index = self.currentIndex()
            self.left_out.emit(index.data(VALUE), not index.data(LEFT_OUT))
        elif event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
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

    def focusOutEvent(self, event) -> None:
        super().focusOutEvent(event)
        self.unfocused.emit()

    def wheelEvent(self, event) -> None:
        event.ignore()  # the panel scrolls
