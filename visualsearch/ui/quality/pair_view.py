"""Two items side by side, with what they have of each attribute; and a group of items that are all copies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from visualsearch.filters.query import Example
from visualsearch.ui import style
from visualsearch.ui.panels.chips import FlowLayout
from visualsearch.ui.panels.large_photos import LargePhotos
from visualsearch.ui.panels.photo_view import PhotoView
from visualsearch.ui.panels.thumbs import Thumb
from visualsearch.ui.quality.parts import heading, sentence

if TYPE_CHECKING:
    from visualsearch.attributes.duplicates import Pair
    from visualsearch.catalog.store import ItemDetails
    from visualsearch.ui.main_window import MainWindow

_ATTRIBUTE = Qt.ItemDataRole.UserRole
_DIFFERS = Qt.ItemDataRole.UserRole + 1
_Index = QModelIndex | QPersistentModelIndex
_THUMB = 150
_MOST_THUMBS = 60
_ROWS = 6  # of the table that are seen at once


@dataclass(frozen=True)
class Row:
    """An attribute with the values of the one and of the other, as people read them; ``conflicts``: both have one, and
    not the same."""

    attribute: str
    left: str
    right: str
    conflicts: bool


def rows_of(pair: Pair, left: ItemDetails, right: ItemDetails) -> list[Row]:
    """What two items have: conflicts first, then what only one of them has, then the rest."""
    found = []
    values = [{one.name: _text(one.values) for one in item.attributes} for item in (left, right)]
    for name in dict.fromkeys((*values[0], *values[1])):
        one, other = (side.get(name, "") for side in values)
        found.append(Row(name, one, other, name in pair.conflicts))
    return sorted(found, key=lambda row: (not row.conflicts, row.left == row.right))


class _Cells(QStyledItemDelegate):
    """The chosen row gets a frame, so that the mark of one that differs stays in sight."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        view = cast(QTableWidget, option.widget)  # type: ignore[attr-defined]
        colours = style.colors(view.palette())
        box = option.rect  # type: ignore[attr-defined]
        differs = bool(index.data(_DIFFERS))
        painter.save()
        if differs:
            mark = QColor(colours.warning)
            mark.setAlpha(46)
            painter.fillRect(box, mark)
        font = view.font()
        font.setBold(differs)
        painter.setFont(font)
        painter.setPen(colours.text_muted if index.column() == 1 and not differs else colours.text)
        room = box.adjusted(style.Space.S, 0, -style.Space.S, 0)
        text = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)
        if index.row() == view.currentIndex().row():
            painter.setPen(QPen(colours.focus if view.hasFocus() else colours.accent, 2))
            for y in (box.top() + 1, box.bottom()):
                painter.drawLine(box.left(), y, box.right(), y)
        painter.restore()


class _Values(QTableWidget):
    """Tab leaves it; the keys of the page are the page's."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(0, 3, parent)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(
            QAbstractItemView.SelectionMode.NoSelection
        )  # the current row is the chosen one
        self.setItemDelegate(_Cells(self))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 10)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setHighlightSections(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)

    def sizeHint(self) -> QSize:
        """As high as its rows, up to some; a low window shows fewer."""
        header = self.horizontalHeader().sizeHint().height() + 4
        rows = self.verticalHeader().defaultSectionSize() * min(self.rowCount(), _ROWS)
        return QSize(super().sizeHint().width(), rows + header)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.text() and not event.modifiers():  # no search by first letters: letters are answers
            event.ignore()
        else:
            super().keyPressEvent(event)


class PairView(QWidget):
    """A pair. ``taken``: attribute, and whether the left item's value goes to the right one."""

    taken = Signal(str, bool)

    def __init__(self, window: MainWindow, photos: LargePhotos) -> None:
        super().__init__(window)
        self._photos = photos
        self.rows: list[Row] = []
        self.left, self.right = PhotoView(self), PhotoView(self)
        self.left_id, self.right_id = heading("", self), heading("", self)
        for label in (self.left_id, self.right_id):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        sides = QHBoxLayout()
        sides.setSpacing(style.Space.M)
        for photo, label in ((self.left, self.left_id), (self.right, self.right_id)):
            photo.setMinimumHeight(120)
            photo.setMaximumHeight(16_777_215)
            side = QVBoxLayout()
            side.setSpacing(style.Space.XS)
            side.addWidget(photo, 1)
            side.addWidget(label)
            sides.addLayout(side, 1)
        self.values = _Values(self)
        self.values.setAccessibleName(self.tr("What the two have"))
        self.values.currentCellChanged.connect(lambda *_: self._choose())
        self.to_right = QPushButton(self.tr("Left value for both"), self)
        self.to_right.setToolTip(
            self.tr("Give the right item the left one's value of the chosen attribute (Ctrl+→)")
        )
        self.to_right.setShortcut("Ctrl+Right")
        self.to_left = QPushButton(self.tr("Right value for both"), self)
        self.to_left.setToolTip(
            self.tr("Give the left item the right one's value of the chosen attribute (Ctrl+←)")
        )
        self.to_left.setShortcut("Ctrl+Left")
        self.to_right.clicked.connect(lambda: self._take(True))
        self.to_left.clicked.connect(lambda: self._take(False))
        self.said = sentence("", self)
        mending = QHBoxLayout()
        mending.addWidget(self.said, 1)
        mending.addWidget(self.to_right)
        mending.addWidget(self.to_left)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(style.Space.S)
        column.addLayout(sides, 1)
        column.addWidget(self.values)
        column.addLayout(mending)
        self._writes = True

    def show_pair(self, pair: Pair, left: ItemDetails, right: ItemDetails, *, writes: bool) -> None:
        """Show two items; the first attribute in which they differ is chosen."""
        self._writes = writes
        for item, photo, label in ((left, self.left, self.left_id), (right, self.right, self.right_id)):
            self._photos.show(item.number, photo)
            photo.setAccessibleName(self.tr("Photo of {0}").format(item.id))
            label.setText(item.id)
            label.setToolTip(item.id)
        chosen = self._chosen()
        self.rows = rows_of(pair, left, right)
        self.values.setHorizontalHeaderLabels([left.id, self.tr("Attribute"), right.id])
        self.values.setRowCount(len(self.rows))
        for place, row in enumerate(self.rows):
            self._fill(place, row)
        self.values.updateGeometry()
        names = [row.attribute for row in self.rows]
        self.values.setCurrentCell(names.index(chosen) if chosen in names else 0, 1)
        differing = sum(row.conflicts for row in self.rows)
        texts_differ = any(row.left and row.right and row.left != row.right for row in self.rows)
        none = self.tr("Only free text differs.") if texts_differ else self.tr("No attribute differs.")
        said = {0: none, 1: self.tr("One attribute differs.")}
        self.said.setText(said.get(differing, self.tr("{0} attributes differ.").format(differing)))
        self._enable()

    def _fill(self, place: int, row: Row) -> None:
        for column, text in enumerate((row.left, row.attribute, row.right)):
            item = QTableWidgetItem(text or "–")
            item.setToolTip(text)
            item.setData(_DIFFERS, row.conflicts)
            if row.conflicts:
                item.setData(
                    Qt.ItemDataRole.AccessibleTextRole,
                    self.tr("{0} differs: {1}; {2}").format(row.attribute, row.left, row.right),
                )
            item.setData(_ATTRIBUTE, row.attribute)
            self.values.setItem(place, column, item)

    def _chosen(self) -> str:
        item = self.values.item(self.values.currentRow(), 1)
        return str(item.data(_ATTRIBUTE)) if item is not None else ""

    def _row(self) -> Row | None:
        return next((row for row in self.rows if row.attribute == self._chosen()), None)

    def _choose(self) -> None:
        self.values.viewport().update()
        self._enable()

    def _enable(self) -> None:
        row = self._row()
        differs = self._writes and row is not None and row.left != row.right
        self.to_right.setEnabled(differs and row is not None and bool(row.left))
        self.to_left.setEnabled(differs and row is not None and bool(row.right))

    def _take(self, to_right: bool) -> None:
        if self._chosen():
            self.taken.emit(self._chosen(), to_right)


class GroupView(QScrollArea):
    """Items that are copies of each other, with the one to keep marked."""

    item_wanted = Signal(int)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.thumbs: list[Thumb] = []

    def show_group(self, items: Sequence[int], ids: Sequence[str], keep: int) -> None:
        """At most 60 of them."""
        inside = QWidget()
        flow = FlowLayout(inside, style.Space.M)
        self.thumbs = []
        for item, name in list(zip(items, ids, strict=True))[:_MOST_THUMBS]:
            cell = QWidget(inside)
            column = QVBoxLayout(cell)
            column.setContentsMargins(0, 0, 0, 0)
            thumb = Thumb(Example(item=item), 1 if item == keep else 0, _THUMB, cell, badge=False)
            thumb.setAccessibleName(name)
            thumb.setToolTip(self.tr("{0}: look at it in Browse").format(name))
            thumb.clicked.connect(lambda _checked=False, item=item: self.item_wanted.emit(item))
            caption = self.tr("{0}\nhas the most filled in: keep it").format(name) if item == keep else name
            label = sentence(caption, cell)
            label.setMaximumWidth(_THUMB)
            label.setMinimumHeight(3 * label.fontMetrics().height())
            label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(thumb)
            column.addWidget(label)
            flow.addWidget(cell)
            self.thumbs.append(thumb)
        self.setWidget(inside)
        self._window.photos.thumbnails([thumb.example for thumb in self.thumbs], self._paint)

    def _paint(self, images) -> None:
        for thumb in self.thumbs:
            if thumb.example in images:
                thumb.set_image(images[thumb.example])


def _text(values: Sequence[str | float]) -> str:
    return ", ".join(value if isinstance(value, str) else f"{value:.12g}" for value in values)
