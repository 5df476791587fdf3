"""A line and a list that drops from it, over the window: type, look, Enter."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from visualsearch.ui import style
from visualsearch.ui.palette.matching import Choice

_WIDTH = 620
_ROWS = 11
_Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole
_Align = Qt.AlignmentFlag
_LIST_KEYS = {Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown}


class ChoiceModel(QAbstractListModel):
    """The choices on offer."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.choices: list[Choice] = []

    def set_choices(self, choices: Sequence[Choice]) -> None:
        self.beginResetModel()
        self.choices = list(choices)
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.choices)

    def data(self, index: _Index, role: int = int(_Role.DisplayRole)) -> object:
        if not index.isValid() or index.row() >= len(self.choices):
            return None
        choice = self.choices[index.row()]
        if role == _Role.DisplayRole:
            return choice.title
        if role == _Role.AccessibleTextRole:
            return ", ".join(part for part in (choice.title, choice.detail, choice.keys) if part)
        if role == _Role.UserRole:
            return choice
        return None


class _ChoiceDelegate(QStyledItemDelegate):
    """The title, what kind of thing it is, and its shortcut at the end of the line."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(100, option.fontMetrics.height() + style.Space.M)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        choice: Choice = index.data(_Role.UserRole)
        tokens = style.colors(option.palette)

        def mirrored(rect: QRect) -> QRect:
            return QStyle.visualRect(option.direction, option.rect, rect)

        if option.state & QStyle.StateFlag.State_Selected:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tokens.accent_soft)
            painter.drawRoundedRect(option.rect.adjusted(4, 1, -4, -1), style.RADIUS, style.RADIUS)
        room = option.rect.adjusted(style.Space.M, 0, -style.Space.M, 0)
        end = QStyle.visualAlignment(option.direction, _Align.AlignRight) | _Align.AlignVCenter
        start = QStyle.visualAlignment(option.direction, _Align.AlignLeft) | _Align.AlignVCenter
        metrics = option.fontMetrics
        painter.setPen(tokens.text_muted)
        aside = choice.keys or choice.detail
        wide = min(metrics.horizontalAdvance(aside), room.width() // 2)
        painter.drawText(
            mirrored(room), end, metrics.elidedText(aside, Qt.TextElideMode.ElideRight, wide + 1)
        )
        room.setRight(room.right() - wide - style.Space.M)
        title = metrics.elidedText(choice.title, Qt.TextElideMode.ElideRight, room.width())
        painter.setPen(tokens.text)
        painter.drawText(mirrored(room), start, title)
        if choice.keys and choice.detail:
            room.setLeft(room.left() + metrics.horizontalAdvance(title) + style.Space.M)
            painter.setPen(tokens.text_muted)
            short = metrics.elidedText(choice.detail, Qt.TextElideMode.ElideRight, max(0, room.width()))
            painter.drawText(mirrored(room), start, short)


class _Line(QLineEdit):
    """Leaves the keys that move through the list to it."""

    pressed = Signal(QKeyEvent)

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and (event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_F6) or event.key() in _LIST_KEYS)
        ):
            event.accept()  # else the window's shortcuts would take them
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _LIST_KEYS or event.key() == Qt.Key.Key_Escape:
            self.pressed.emit(event)
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        return False


class PaletteView(QFrame):
    """Asks for choices whenever the text changes, and tells which one was taken. Closes when the focus goes."""

    asked = Signal(str)
    taken = Signal(object)
    """A Choice; the palette has closed by then."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._before: QWidget | None = None
        self.line = _Line(self)
        self.line.setClearButtonEnabled(True)
        self.line.setFont(style.font("heading"))
        self.model = ChoiceModel(self)
        self.list = QListView(self)
        self.list.setModel(self.model)
        self.list.setItemDelegate(_ChoiceDelegate(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setAccessibleName(self.tr("Found"))
        self.list.setMouseTracking(True)
        self.nothing = QLabel(self.tr("Nothing found"), self)
        self.nothing.setContentsMargins(style.Space.M, style.Space.S, 0, style.Space.S)
        self.nothing.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(style.Space.S, style.Space.S, style.Space.S, style.Space.S)
        column.setSpacing(style.Space.XS)
        for part in (self.line, self.list, self.nothing):
            column.addWidget(part)
        self.setAutoFillBackground(True)
        self.line.textChanged.connect(self.asked)
        self.line.returnPressed.connect(self._take)
        self.line.pressed.connect(self._press)
        self.list.clicked.connect(lambda _index: self._take())
        self.list.entered.connect(self.list.setCurrentIndex)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._follow_focus)
        self.hide()

    def open(self, name: str, hint: str) -> None:
        """Come up with an empty line. ``hint`` stands in it, ``name`` is for screen readers."""
        if not self.isVisible():
            self._before = self.window().focusWidget()
        self.line.setPlaceholderText(hint)
        self.line.setAccessibleName(name)
        self.setAccessibleName(name)
        self.model.set_choices([])
        self.nothing.hide()
        self.line.clear()
        self.show()
        self.raise_()
        self.line.setFocus()
        self._fit()
        self.asked.emit("")

    def show_choices(self, choices: Sequence[Choice]) -> None:
        """Offer these, the first one chosen."""
        self.model.set_choices(choices)
        if choices:
            self.list.setCurrentIndex(self.model.index(0))
        self.nothing.setVisible(not choices and bool(self.line.text()))
        self._fit()

    def close_up(self) -> None:
        """Go, and give the keyboard back."""
        before, self._before = self._before, None
        self.hide()
        if before is not None and isValid(before):  # a chip or a link may have gone with what it was of
            before.setFocus()

    def _fit(self) -> None:
        rows = min(len(self.model.choices), _ROWS)
        self.list.setFixedHeight(rows * self.list.sizeHintForRow(0) if rows else 0)
        self.list.setVisible(rows > 0)
        room = self.window().width()
        width = min(_WIDTH, room - 2 * style.Space.XL)
        self.setFixedWidth(width)
        self.adjustSize()
        self.move((room - width) // 2, 72)

    def _take(self) -> None:
        choice = self.list.currentIndex().data(_Role.UserRole)
        if choice is not None:
            self.close_up()
            self.taken.emit(choice)

    def _press(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_up()
            return
        last = len(self.model.choices) - 1
        row = self.list.currentIndex().row()
        step = {
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_PageUp: -_ROWS,
            Qt.Key.Key_PageDown: _ROWS,
        }[Qt.Key(event.key())]
        if last >= 0:
            wanted = (row + step) % (last + 1) if abs(step) == 1 else max(0, min(row + step, last))
            self.list.setCurrentIndex(self.model.index(wanted))

    def _follow_focus(self, _before: QWidget | None, now: QWidget | None) -> None:
        if now is not None and self.isVisible() and not self.isAncestorOf(now):
            self._before = None
            self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = style.colors(self.palette())
        painter.setPen(QPen(tokens.text_muted, 1))
        painter.setBrush(tokens.page)
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), style.RADIUS, style.RADIUS)
