"""The list of saved filters: how many items each holds, what is new in it, and whether its scores have drifted."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from visualsearch.ui import style, texts
from visualsearch.ui.icons import icon
from visualsearch.ui.panels.plain_tree import PlainTree

_NAME = Qt.ItemDataRole.UserRole
_TROUBLE = Qt.ItemDataRole.UserRole + 1
_LEAST_LINES = 9  # of text, below which the panel would be no help


@dataclass(frozen=True)
class Line:
    """A filter as the list shows it. ``count`` is None while it is not known; ``reason`` says why it is amber."""

    name: str
    count: int | None = None
    new: int = 0
    reason: str = ""
    error: str = ""


class _List(PlainTree):
    """The menu is that of the line below the mouse or with the focus."""

    menu_wanted = Signal(QTreeWidgetItem, QPoint)
    """A line, and where on the screen."""

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            item = self.currentItem()
            spot = self.visualItemRect(item).center() if item is not None else event.pos()
        else:
            item, spot = self.itemAt(event.pos()), event.pos()
        if item is not None:
            self.menu_wanted.emit(item, self.viewport().mapToGlobal(spot))


class SavedFilterPanel(QWidget):
    """Shows lines and says what is wanted of them; knows no catalog."""

    save_wanted = Signal()
    shown = Signal(str)
    """Show what is in the filter of this name instead of what is in another."""
    only_wanted = Signal(str)
    """Keep only what is in the filter of this name, too."""
    delete_wanted = Signal(str)
    menu_wanted = Signal(str, QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = _List(self)
        self.list.setColumnCount(2)
        self.list.setHeaderHidden(True)
        self.list.setAccessibleName(self.tr("Saved filters"))
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.list.itemActivated.connect(lambda item, _column: self.shown.emit(item.data(0, _NAME)))
        self.list.itemClicked.connect(self._click)
        self.list.deleted.connect(self._delete)
        self.list.menu_wanted.connect(lambda item, point: self.menu_wanted.emit(item.data(0, _NAME), point))
        self.list.currentItemChanged.connect(lambda item, _before: self._explain(item))
        self.note = QLabel(self)
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.save = QPushButton(self.tr("Save…"), self)
        self.save.setToolTip(self.tr("Save the examples of this search as a filter (Ctrl+S)"))
        self.save.clicked.connect(self.save_wanted)
        title = QLabel(self.tr("Saved filters"), self)
        title.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.hint = QLabel(
            self.tr(
                "Pick photos that are alike, then save them as a filter: it can be combined with others."
            ),
            self,
        )
        self.hint.setWordWrap(True)
        self.hint.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        head = QHBoxLayout()
        head.addWidget(title, 1)
        head.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(style.Space.M, style.Space.S, style.Space.S, style.Space.S)
        column.setSpacing(style.Space.S)
        column.addLayout(head)
        column.addWidget(self.hint)
        column.addWidget(self.list, 1)
        column.addWidget(self.note)
        self.setMinimumHeight(_LEAST_LINES * self.fontMetrics().lineSpacing())
        self.show_lines([])

    def show_lines(self, lines: list[Line]) -> None:
        """Show these filters; the one that was current stays so."""
        current = self.current()
        self.list.clear()
        for line in lines:
            item = QTreeWidgetItem([line.name, self._numbers(line)])
            item.setData(0, _NAME, line.name)
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            tip = (
                line.error
                or line.reason
                or self.tr("A click shows what is in it, Ctrl+click what is also in it")
            )
            for place in (0, 1):
                item.setToolTip(place, tip)
            if line.error or line.reason:
                item.setIcon(0, icon("warning", style.colors(self.palette()).warning))
                item.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{line.name}. {tip}")
                item.setData(0, _TROUBLE, tip)
            self.list.addTopLevelItem(item)
            if line.name == current:
                self.list.setCurrentItem(item)
        self.hint.setVisible(not lines)
        self.list.setVisible(bool(lines))
        self._explain(self.list.currentItem())

    def _explain(self, item: QTreeWidgetItem | None) -> None:
        """Say below the list why the current filter is amber, or what is wrong with it."""
        trouble = item.data(0, _TROUBLE) if item is not None else None
        self.note.setText(trouble or "")
        self.note.setVisible(bool(trouble))

    def _numbers(self, line: Line) -> str:
        if line.count is None:
            return ""
        count = texts.number(line.count)
        return self.tr("{0} · {1} new").format(count, texts.number(line.new)) if line.new else count

    def names(self) -> list[str]:
        """The names on screen, in order."""
        items = (self.list.topLevelItem(place) for place in range(self.list.topLevelItemCount()))
        return [item.data(0, _NAME) for item in items if item is not None]

    def current(self) -> str:
        """The name of the filter with the focus, "" where there is none."""
        item = self.list.currentItem()
        return item.data(0, _NAME) if item is not None else ""

    def _click(self, item: QTreeWidgetItem) -> None:
        """As in other programs a click shows a collection. A double click shows it once, its second half no other."""
        also = QApplication.keyboardModifiers() & Qt.KeyboardModifier.ControlModifier
        (self.only_wanted if also else self.shown).emit(item.data(0, _NAME))

    def _delete(self) -> None:
        if self.current():
            self.delete_wanted.emit(self.current())
