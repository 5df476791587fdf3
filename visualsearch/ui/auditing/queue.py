"""The list of suspects at the side: the worst first, to jump in."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from visualsearch.ui import style
from visualsearch.ui.auditing.desk import LINE, Desk

Index = QModelIndex | QPersistentModelIndex
_MOVES = {
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
}


class QueueModel(QAbstractListModel):
    """The desk's suspects as rows: "Heels → Flats", and how suspicious."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._desk = desk
        self._count = len(desk.suspects)
        desk.listed.connect(self._reset)
        desk.removed.connect(self._remove)
        desk.inserted.connect(self._insert)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else self._count

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = index.row()
        if not 0 <= row < len(self._desk.suspects):
            return None
        suspect = self._desk.suspects[row]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{suspect.given} → {suspect.suggested or '?'}"
        if role == Qt.ItemDataRole.UserRole:
            return note_of(suspect.score, suspect.unsure)
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            change = f"{suspect.attribute}: {suspect.given} → {suspect.suggested or '?'}"
            return f"{change}, {note_of(suspect.score, suspect.unsure)}"
        return None

    def _reset(self) -> None:
        self.beginResetModel()
        self._count = len(self._desk.suspects)
        self.endResetModel()

    def _remove(self, row: int) -> None:
        self.beginRemoveRows(QModelIndex(), row, row)
        self._count -= 1
        self.endRemoveRows()

    def _insert(self, row: int) -> None:
        self.beginInsertRows(QModelIndex(), row, row)
        self._count += 1
        self.endInsertRows()


def note_of(score: float, unsure: bool) -> str:
    """How suspicious, in words: a share of a hundred where it is likely wrong."""
    translate = QCoreApplication.translate
    if unsure:
        return translate("auditing", "you were unsure")
    if score < LINE:
        return translate("auditing", "probably right")
    return translate("auditing", "{0} % likely wrong").format(min(99, round(100 * score)))


class TwoLines(QStyledItemDelegate):
    """A change, and below it, quietly, what is said of it (UserRole)."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, 2 * option.fontMetrics.height() + style.Space.S + style.Space.XS)  # type: ignore[attr-defined]

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tokens = style.colors(option.palette)  # type: ignore[attr-defined]
        state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]
        rect: QRect = option.rect  # type: ignore[attr-defined]
        metrics = option.fontMetrics  # type: ignore[attr-defined]
        painter.save()
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.fillRect(rect, tokens.accent_soft)
            painter.fillRect(rect.left(), rect.top(), 3, rect.height(), tokens.accent)
        inner = rect.adjusted(style.Space.M, style.Space.XS, -style.Space.S, -style.Space.XS)
        lines = ((index.data(), tokens.text), (index.data(Qt.ItemDataRole.UserRole), tokens.text_muted))
        for at, (text, colour) in enumerate(lines):
            painter.setPen(colour)
            line = QRect(inner.left(), inner.top() + at * metrics.height(), inner.width(), metrics.height())
            shown = metrics.elidedText(str(text), Qt.TextElideMode.ElideMiddle, line.width())
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        if chosen and state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(tokens.focus)
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
        painter.restore()


class QueueView(QListView):
    """The list. Arrows move in it; every other key is the page's."""

    chosen = Signal(int)
    """The person wants another suspect at hand."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._by_person = False
        self.setModel(QueueModel(desk))
        self.setItemDelegate(TwoLines(self))
        self.setUniformItemSizes(True)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Suspects, the worst first"))
        self.setToolTip(self.tr("The worst first. Click, or use Up and Down, to look at another."))
        self.selectionModel().currentChanged.connect(self._jump)
        desk.moved.connect(self._follow)

    def _follow(self) -> None:
        index = self.model().index(self._desk.row, 0)
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if index.isValid():
            self.scrollTo(index)

    def _jump(self, index: QModelIndex, _before: QModelIndex) -> None:
        """Rows that come and go move the current one by themselves: only a person's own moves count."""
        if self._by_person and index.isValid():
            self.chosen.emit(index.row())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _MOVES:
            self._by_person = True
            super().keyPressEvent(event)
            self._by_person = False
        else:
            event.ignore()

    def mousePressEvent(self, event) -> None:
        self._by_person = True
        super().mousePressEvent(event)
        self._by_person = False
