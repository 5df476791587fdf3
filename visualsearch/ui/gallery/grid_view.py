"""Uniform tiles over any number of rows: geometry, scrolling, zoom. What the tiles show is the gallery's.

Every operation costs what is visible, never what there is: geometry is arithmetic (``layout``), and the scroll bar
counts lines.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QPalette, QRegion, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QWidget

from visualsearch.ui import style
from visualsearch.ui.gallery.layout import Grid
from visualsearch.ui.gallery.model import GalleryModel
from visualsearch.ui.gallery.scrolling import SmoothScroll

MIN_TILE, DEFAULT_TILE, MAX_TILE = 72, 160, 512
_ZOOM_STEP = 1.125
_QT_LIMIT = 1 << 24  # beyond this Qt's geometry loses pixels
_Index = QModelIndex | QPersistentModelIndex
_ScrollHint = QAbstractItemView.ScrollHint


class QTableView(QAbstractItemView):
    """Qt shows views of this name to screen readers as a table with a child for each row, made when it is asked for:
    its text is the model's, its place the view's. Qt looks at the name alone; nothing is the real one's.
    """


class GridView(QTableView):
    """Arranges the rows of a ``GalleryModel``. GUI thread only. Subclasses paint and handle input."""

    tile_size_changed = Signal(int)
    moved = Signal()
    """The person scrolls or zooms: another frame of it."""
    zoomed_past = Signal(int)
    """item: somebody zoomed in on it although tiles are as large as they get."""

    def __init__(self, model: GalleryModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        viewport = (
            QWidget()
        )  # made by Python: to wrap Qt's own, PySide first loads every class of widgets there is
        viewport.setBackgroundRole(QPalette.ColorRole.Base)
        viewport.setAutoFillBackground(True)
        self.setViewport(viewport)
        self._gallery = model
        self._nominal = DEFAULT_TILE
        self._grid = Grid(0, 1, 1, DEFAULT_TILE)
        self._y = 0
        self._kept_place: tuple[int, float, int] | None = (
            None  # row, share of its height, where that is on screen
        )
        self._syncing = False
        self._smooth = SmoothScroll(lambda: self._y, self._scroll_by_person, self)
        self.setFrameShape(QFrame.Shape.NoFrame)
        # Always on: its coming and going would arrange the tiles anew, which can make it come and go again.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)  # the gallery's is by item
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAutoScroll(False)

    # --- for subclasses -----------------------------------------------------------------------------------

    def current_row(self) -> int:
        """Row of the focus, −1 for none; it keeps its place in a zoom."""
        return -1

    def _caption_height(self) -> int:
        """Room below each tile."""
        return 0

    def _header_height(self) -> int:
        """Height of a group's header."""
        return 0

    def _pinned(self) -> int:
        """How much of the viewport's top does not scroll with the tiles, in pixels."""
        return 0

    def _scrolled(self) -> None:
        """Other rows are in sight, or the same in other places."""

    # --- zoom ---------------------------------------------------------------------------------------------

    def tile_size(self) -> int:
        """The tile size asked for, in device-independent pixels; tiles may be a little larger, to fill the line."""
        return self._nominal

    def set_tile_size(self, size: int, anchor: QPoint | None = None) -> None:
        """Zoom; what has the focus, or the tile at ``anchor`` in the viewport, stays where it is."""
        size = max(MIN_TILE, min(size, MAX_TILE))
        if size == self._nominal:
            return
        if anchor is not None and self._kept_place is None:
            self._keep_place(self.row_at(anchor))
        self._nominal = size
        self._relayout()
        self.tile_size_changed.emit(size)
        self.moved.emit()

    def zoom(self, steps: float, anchor: QPoint | None = None) -> None:
        """Zoom by steps of an eighth, in (positive) or out."""
        if steps > 0 and self._nominal == MAX_TILE:
            item = self._gallery.item_at(self.current_row() if anchor is None else self.row_at(anchor))
            if item is not None:
                self.zoomed_past.emit(item)
            return
        wanted = round(self._nominal * _ZOOM_STEP**steps)
        if wanted == self._nominal and steps:
            wanted += 1 if steps > 0 else -1
        self.set_tile_size(wanted, anchor)

    # --- geometry -----------------------------------------------------------------------------------------

    @property
    def gallery(self) -> GalleryModel:
        """The model."""
        return self._gallery

    @property
    def grid(self) -> Grid:
        """The present arrangement."""
        return self._grid

    @property
    def scroll_y(self) -> int:
        """Pixels of content above the viewport; may exceed 32 bits."""
        return self._y

    def tile_rect(self, row: int) -> QRect:
        """Where a row is in the viewport; rows far away are put at Qt's limit."""
        x, y, width, height = self._grid.rect(row)
        return QRect(x, max(-_QT_LIMIT, min(y - self._y, _QT_LIMIT)), width, height)

    def row_at(self, point: QPoint) -> int:
        """The row under a point of the viewport, −1 for none."""
        if self._grid.header_at(point.y(), self._y) >= 0:
            return -1
        return self._grid.row_at(point.x(), point.y() + self._y)

    def scroll_to_row(self, row: int, hint: QAbstractItemView.ScrollHint = _ScrollHint.EnsureVisible) -> None:
        """Scroll no more than it takes to show a row whole."""
        if not 0 <= row < self._grid.total:
            return
        _, top, _, height = self._grid.rect(row)
        lowest = top + height + self._grid.gap - self._grid.height
        highest = top - max(self._grid.gap, self._grid.covered)
        y = self._y
        if hint == _ScrollHint.PositionAtTop or lowest > highest:
            y = highest
        elif hint == _ScrollHint.PositionAtBottom:
            y = lowest
        elif hint == _ScrollHint.PositionAtCenter:
            y = (lowest + highest) // 2
        else:
            y = min(max(y, lowest), highest)
        if y != self._y:
            self._smooth.stop()
            self._scroll_by_person(y)

    def _new_grid(self) -> Grid:
        size = self.viewport().size()
        grid = Grid(
            total=self._gallery.total,
            width=size.width(),
            height=size.height(),
            nominal=self._nominal,
            caption=self._caption_height(),
            gap=style.Space.M,
            mirrored=self.layoutDirection() == Qt.LayoutDirection.RightToLeft,
        )
        sections = self._gallery.sections
        if sections is None:
            return grid
        from visualsearch.ui.gallery.groups import GroupedGrid  # loads NumPy

        return GroupedGrid(**vars(grid), sections=sections, header=self._header_height())

    def _relayout(self) -> None:
        """Arrange anew with the focus, else the first whole tile in sight, staying where it is on screen."""
        grid = self._new_grid()
        if grid == self._grid:
            return
        if self._kept_place is None:
            self._keep_place(self.current_row())
        self._grid = grid
        y = self._y
        if self._kept_place is not None:
            row, share, screen_y = self._kept_place
            _, top, _, height = grid.rect(row)
            y = top + round(share * height) - screen_y
            if self._y == 0 and top + height <= grid.height:
                y = 0  # who is at the top stays there as long as the place is in sight
        self._smooth.stop()
        self._move(y, anew=True)

    def _keep_place(self, row: int) -> None:
        """Remember where a row is on screen. It is remembered until the person scrolls, so that resizing to and fro
        comes back to the same place."""
        visible = self._grid.visible(self._y)
        if row in visible and 0 <= self.tile_rect(row).center().y() < self._grid.height:
            self._kept_place = (row, 0.5, self.tile_rect(row).center().y())
        elif self._y > 0 and len(visible):
            first = min(visible.start + self._grid.columns, visible.stop - 1)
            self._kept_place = (first, 0.0, self.tile_rect(first).top())

    # --- scrolling ----------------------------------------------------------------------------------------

    def scroll_by(self, pixels: int) -> None:
        """Scroll down by pixels (up where negative), as far as it goes."""
        self._scroll_by_person(self._y + pixels)

    def _scroll_by_person(self, y: int) -> None:
        self._kept_place = None
        self._move(y)
        self.moved.emit()

    def _move(self, y: int, *, anew: bool = False) -> None:
        """Go to a scroll position, and make the scroll bar say so. ``anew``: nothing on screen is to be kept."""
        before, self._y = self._y, max(0, min(y, self._grid.max_y))
        grid, bar, viewport = self._grid, self.verticalScrollBar(), self.viewport()
        last_line = -(-grid.max_y // grid.pitch)
        self._syncing = True
        bar.setRange(0, last_line)
        bar.setPageStep(max(1, grid.height // grid.pitch))
        bar.setValue(last_line if self._y == grid.max_y else self._y // grid.pitch)
        self._syncing = False
        distance = before - self._y
        whole_pixels = float(self.devicePixelRatioF()).is_integer()
        pinned = self._pinned()
        if anew or abs(distance) + pinned >= grid.height or not whole_pixels:
            viewport.update()
        elif distance:
            viewport.scroll(0, distance)  # only the strip that comes into sight is painted
            if pinned:  # and what was, and is to be, pinned
                viewport.update(0, 0, grid.width, pinned + max(0, distance))
        self._scrolled()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        if self._syncing:
            return
        bar = self.verticalScrollBar()
        at_end = bar.value() == bar.maximum()
        self._smooth.stop()
        self._scroll_by_person(self._grid.max_y if at_end else bar.value() * self._grid.pitch)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(event.angleDelta().y() / 120, event.position().toPoint())
            event.accept()
        else:
            self._smooth.wheel(event, min(self._grid.pitch, self._grid.height // 2))

    # --- what QAbstractItemView wants ---------------------------------------------------------------------

    def updateGeometries(self) -> None:
        super().updateGeometries()
        self._relayout()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._relayout()

    def dataChanged(self, top_left: _Index, bottom_right: _Index, roles: Iterable[int] = ()) -> None:
        self.viewport().update()  # Qt's own walks over all rows between the two

    def visualRect(self, index: _Index) -> QRect:
        return self.tile_rect(index.row()) if index.isValid() else QRect()

    def indexAt(self, point: QPoint) -> QModelIndex:
        return self._gallery.index(self.row_at(point))

    def scrollTo(self, index: _Index, hint: QAbstractItemView.ScrollHint = _ScrollHint.EnsureVisible) -> None:
        self.scroll_to_row(index.row(), hint)

    def horizontalOffset(self) -> int:
        return 0

    def verticalOffset(self) -> int:
        return min(self._y, _QT_LIMIT)

    def isIndexHidden(self, index: _Index) -> bool:
        return False

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """Nothing: the selection is ours, by item."""

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        return QRegion(self.viewport().rect())
