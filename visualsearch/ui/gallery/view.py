"""The grid of tiles: scrolling, painting, selection and focus over any number of rows.

Every operation costs what is visible, never what there is: geometry is arithmetic (``layout``), the scroll bar counts
lines, and a new result is one reset.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPoint,
    QRect,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QDrag,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QRegion,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QStyle, QStyleOptionViewItem, QWidget

from visualsearch.ui import style
from visualsearch.ui.gallery.delegate import TileDelegate
from visualsearch.ui.gallery.keyboard import GalleryKeyboard
from visualsearch.ui.gallery.layout import Grid
from visualsearch.ui.gallery.model import GalleryModel, mime_data
from visualsearch.ui.gallery.mouse import GalleryMouse
from visualsearch.ui.gallery.pixmaps import PixmapCache
from visualsearch.ui.gallery.scrolling import SmoothScroll
from visualsearch.ui.gallery.selection import ItemSelection

MIN_TILE, DEFAULT_TILE, MAX_TILE = 72, 160, 512
_RING = 4  # the focus ring is painted this far outside a tile
_QT_LIMIT = 1 << 24  # beyond this Qt's geometry loses pixels
_State = QStyle.StateFlag
_ScrollHint = QAbstractItemView.ScrollHint
_LOOKS_CHANGED = (
    QEvent.Type.FontChange,
    QEvent.Type.LocaleChange,
    QEvent.Type.LayoutDirectionChange,
    QEvent.Type.PaletteChange,
)


class GalleryView(QAbstractItemView):
    """Shows a ``GalleryModel``. GUI thread only; paints nothing when there are no rows.

    Items are addressed by their number in every signal and method, never by row; −1 stands for none.
    """

    example_requested = Signal(int, int)
    """item, sign: make it a positive (+1) or negative (−1) example."""
    example_removed = Signal(int)
    """item: its own sign was pressed again."""
    item_activated = Signal(int)
    current_item_changed = Signal(int)
    selection_changed = Signal()
    tile_size_changed = Signal(int)
    context_menu_requested = Signal(int, QPoint)
    """item, global position."""

    def __init__(self, model: GalleryModel, pixmaps: PixmapCache, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._gallery = model
        self._shown_items = model.items
        self._pixmaps = pixmaps
        self._tiles = TileDelegate(pixmaps, self)
        self._nominal = DEFAULT_TILE
        self._grid = Grid(0, 1, 1, DEFAULT_TILE)
        self._y = 0
        self._kept_place: tuple[int, float, int] | None = None
        self._current = -1
        self._current_row = -1
        self._hover = -1
        self._pointer: QPoint | None = None
        self._selected = ItemSelection()
        self._syncing = False
        self._smooth = SmoothScroll(lambda: self._y, self._scroll_by_person, self)
        self._mouse = GalleryMouse(self)
        self._keyboard = GalleryKeyboard(self)
        self._ask_timer = QTimer(self, singleShot=True, interval=0)
        self._ask_timer.timeout.connect(self._ask_for_pictures)
        pixmaps.changed.connect(self.viewport().update)
        pixmaps.outdated.connect(self._ask_timer.start)
        self._set_up()
        self.setModel(model)

    def _set_up(self) -> None:
        self.setItemDelegate(self._tiles)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(
            Qt.ScrollBarPolicy.ScrollBarAlwaysOn
        )  # or its coming would reflow the lines
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)  # ours is by item
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAutoScroll(False)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setAccessibleName(self.tr("Gallery"))
        self.setAccessibleDescription(
            self.tr("Photos of the results. Plus: more like this. Minus: less like this. Enter: open.")
        )

    @property
    def gallery(self) -> GalleryModel:
        """The model."""
        return self._gallery

    @property
    def mouse(self) -> GalleryMouse:
        """What handles the mouse and the selection's anchor."""
        return self._mouse

    # --- items, selection, focus ----------------------------------------------------------------------------

    def current_item(self) -> int:
        """The item with the focus, −1 for none."""
        return self._current

    def current_row(self) -> int:
        """Row of the focus, −1 where it is not among the results."""
        return self._current_row

    def set_current_item(self, item: int) -> None:
        """Move the focus to an item and bring it into view; nothing happens when it is not among the results."""
        row = self._gallery.row_of(item)
        if row is not None:
            self.set_current_row(row)

    def set_current_row(self, row: int) -> None:
        """Move the focus to a row and bring it into view."""
        item = self._gallery.item_at(row)
        self._current_row = row
        self._tell_qt_current()
        self.scroll_to_row(row)
        self.viewport().update()
        if item is not None and item != self._current:
            self._current = item
            self.current_item_changed.emit(item)

    def selected_items(self) -> np.ndarray:
        """The selected items among the results, int32 (n,), in the order of the results."""
        return self._selected.among(self._gallery.items)

    def is_selected(self, item: int) -> bool:
        """Whether an item is selected."""
        return item in self._selected

    @property
    def selection(self) -> ItemSelection:
        """The selection as it is; call ``selection_edited`` after changing it."""
        return self._selected

    def set_selection(self, selection: ItemSelection) -> None:
        """Replace the selection."""
        self._selected = selection
        self.selection_edited()

    def set_selected_items(self, items: Iterable[int]) -> None:
        """Select these items and no others."""
        self._selected.clear()
        self._selected.add(np.fromiter(items, np.int64))
        self.selection_edited()

    def selection_edited(self) -> None:
        """Show the selection and tell of its change."""
        self.viewport().update()
        self.selection_changed.emit()

    def selectAll(self) -> None:
        self._selected.select_all()
        self.selection_edited()

    def clearSelection(self) -> None:
        self._selected.clear()
        self.selection_edited()

    def press_sign(self, item: int, sign: int) -> None:
        """What + and − do, wherever they are pressed: ask for an example, or take it back."""
        if self._gallery.sign_of(item) == sign:
            self.example_removed.emit(item)
        else:
            self.example_requested.emit(item, sign)

    # --- appearance -----------------------------------------------------------------------------------------

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

    def zoom(self, steps: float, anchor: QPoint | None = None) -> None:
        """Zoom by steps of an eighth, in (positive) or out."""
        wanted = round(self._nominal * 1.125**steps)
        if wanted == self._nominal and steps:
            wanted += 1 if steps > 0 else -1
        self.set_tile_size(wanted, anchor)

    def set_show_scores(self, show: bool) -> None:
        """Whether tiles show their score."""
        self._tiles.show_scores = show
        self.viewport().update()

    def set_show_captions(self, show: bool) -> None:
        """Whether ids stand below the tiles."""
        self._tiles.show_captions = show
        self._relayout()

    # --- results --------------------------------------------------------------------------------------------

    def reset(self) -> None:
        """After a new result: keep the place for the same query, start at the top for another."""
        super().reset()
        if not self._gallery.same_query:
            self._selected.settle(self._shown_items)
        self._shown_items = self._gallery.items
        self._smooth.stop()
        self._hover, self._tiles.hot = -1, (-1, 0)
        self._kept_place = None
        self._grid = self._new_grid()
        self._move(self._y if self._gallery.same_query else 0, anew=True)
        self._find_current()
        self.selection_changed.emit()

    def _find_current(self) -> None:
        """The focus stays with its item. In another query it must be in sight, or an arrow key would jump far away;
        where it is not, the next arrow key starts at the top."""
        row = self._gallery.row_of(self._current) if self._current >= 0 else None
        if row is not None and not self._gallery.same_query and row not in self._grid.visible(self._y):
            row = None
        self._current_row = -1 if row is None else row
        self._tell_qt_current()

    def _tell_qt_current(self) -> None:
        selection = self.selectionModel()
        if selection is not None:  # none while the first model is being set
            index = self._gallery.index(self._current_row)
            selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)

    def dataChanged(
        self, top_left: QModelIndex, bottom_right: QModelIndex, roles: Iterable[int] = ()
    ) -> None:
        self.viewport().update()  # Qt's own walks over all rows between the two

    # --- geometry -------------------------------------------------------------------------------------------

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
        return self._grid.row_at(point.x(), point.y() + self._y)

    def scroll_to_row(self, row: int, hint: QAbstractItemView.ScrollHint = _ScrollHint.EnsureVisible) -> None:
        """Scroll no more than it takes to show a row whole."""
        if not 0 <= row < self._grid.total:
            return
        _, top, _, height = self._grid.rect(row)
        lowest, highest = top + height + self._grid.gap - self._grid.height, top - self._grid.gap
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
        caption = self._tiles.caption_height()
        return Grid(
            total=self._gallery.total,
            width=size.width(),
            height=size.height(),
            nominal=self._nominal,
            caption=caption,
            gap=style.Space.M,
            mirrored=self.layoutDirection() == Qt.LayoutDirection.RightToLeft,
        )

    def _relayout(self) -> None:
        """Arrange anew with the focus, else the first whole tile in sight, staying where it is on screen."""
        grid = self._new_grid()
        if grid == self._grid:
            return
        if self._kept_place is None:
            self._keep_place(self._current_row)
        self._grid = grid
        y = self._y
        if self._kept_place is not None:
            row, share, screen_y = self._kept_place
            _, top, _, height = grid.rect(row)
            y = top + round(share * height) - screen_y
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

    # --- scrolling ------------------------------------------------------------------------------------------

    def scroll_by(self, pixels: int) -> None:
        """Scroll down by pixels (up where negative), as far as it goes."""
        self._scroll_by_person(self._y + pixels)

    def _scroll_by_person(self, y: int) -> None:
        self._kept_place = None
        self._move(y)

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
        if anew or abs(distance) >= grid.height or self._mouse.is_stretching or not whole_pixels:
            viewport.update()
        elif distance:
            viewport.scroll(0, distance)  # only the strip that comes into sight is painted
        self._update_hover()
        self._ask_timer.start()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        if self._syncing:
            return
        bar = self.verticalScrollBar()
        at_end = bar.value() == bar.maximum()
        self._smooth.stop()
        self._scroll_by_person(self._grid.max_y if at_end else bar.value() * self._grid.pitch)

    def updateGeometries(self) -> None:
        super().updateGeometries()
        self._relayout()

    # --- painting -------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        dirty, focus = event.region(), self.hasFocus()
        for row in self._grid.visible(self._y):
            rect = self.tile_rect(row)
            if not dirty.intersects(rect.adjusted(-_RING, -_RING, _RING, _RING)):
                continue
            item = self._gallery.item_at(row)
            state = _State.State_Enabled
            if item is not None and item in self._selected:
                state |= _State.State_Selected
            if row == self._current_row and focus:
                state |= _State.State_HasFocus
            if row == self._hover:
                state |= _State.State_MouseOver
            option.state, option.rect = state, rect
            self._tiles.paint(painter, option, self._gallery.index(row))
        self._mouse.paint(painter)
        painter.end()

    def _ask_for_pictures(self) -> None:
        """Tell the cache what is in sight, then what a screenful down and up would be."""
        seen = self._grid.visible(self._y)
        ahead = range(seen.stop, min(seen.stop + len(seen), self._grid.total))
        behind = range(max(0, seen.start - len(seen)), seen.start)
        known = self._gallery.items
        items = [int(known[row]) for rows in (seen, ahead, behind) for row in rows if row < len(known)]
        for item in items[: len(seen)]:
            self._gallery.id_of(
                item
            )  # sets the fetching going: captions, tooltips and screen readers want it next
        ratio = self.devicePixelRatioF()
        frame = TileDelegate.photo_frame(QRect(0, 0, self._grid.tile, self._grid.tile))
        self._pixmaps.want(items, round(frame.width() * ratio), ratio)

    # --- pointer --------------------------------------------------------------------------------------------

    @property
    def hovered_row(self) -> int:
        """Row under the mouse, −1 for none."""
        return self._hover

    @property
    def tiles(self) -> TileDelegate:
        """What paints the tiles."""
        return self._tiles

    def button_at(self, point: QPoint) -> tuple[int, int]:
        """Row and sign of the + or − button at a point of the viewport; the sign is 0 where there is none."""
        row = self.row_at(point)
        if self._gallery.item_at(row) is None:
            return -1, 0
        tile = TileDelegate.square(self.tile_rect(row))
        return row, self._tiles.button_at(tile, point, self.layoutDirection())

    def set_pointer(self, point: QPoint | None) -> None:
        """Tell where the mouse is in the viewport; None: not over it."""
        if point != self._pointer:
            self._kept_place = None
        self._pointer = point
        self._update_hover()

    def _update_hover(self) -> None:
        row, sign = (-1, 0) if self._pointer is None else self.button_at(self._pointer)
        if (row, sign) == (self._hover, self._tiles.hot[1]):
            return
        for changed in {self._hover, row} - {-1}:
            self.viewport().update(self.tile_rect(changed))
        self._hover, self._tiles.hot = row, (row, sign)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if sign else Qt.CursorShape.ArrowCursor)

    # --- Qt's events ----------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._mouse.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._mouse.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._mouse.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._mouse.double_click(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._mouse.context_menu(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(event.angleDelta().y() / 120, event.position().toPoint())
            event.accept()
        else:
            self._smooth.wheel(event, min(self._grid.pitch, self._grid.height // 2))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._keyboard.press(event)

    def keyboardSearch(self, search: str) -> None:
        """Type-ahead is off: ids are found with the search box, and + and − are keys of ours."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._relayout()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self.set_pointer(None)
        return super().viewportEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.viewport().update()  # Qt's own would look for a first row to make current

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.viewport().update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._ask_timer.start()
        elif event.type() in _LOOKS_CHANGED:
            self._tiles.refresh()
            self._relayout()
            self.viewport().update()
        return super().event(event)

    # --- what QAbstractItemView wants -----------------------------------------------------------------------

    def visualRect(self, index: QModelIndex) -> QRect:
        return self.tile_rect(index.row()) if index.isValid() else QRect()

    def indexAt(self, point: QPoint) -> QModelIndex:
        return self._gallery.index(self.row_at(point))

    def scrollTo(
        self, index: QModelIndex, hint: QAbstractItemView.ScrollHint = _ScrollHint.EnsureVisible
    ) -> None:
        self.scroll_to_row(index.row(), hint)

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        return self._gallery.index(self._keyboard.target(action))

    def horizontalOffset(self) -> int:
        return 0

    def verticalOffset(self) -> int:
        return min(self._y, _QT_LIMIT)

    def isIndexHidden(self, index: QModelIndex) -> bool:
        return False

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """Nothing: the selection is ours, by item."""

    def visualRegionForSelection(self, selection: QObject) -> QRegion:
        return QRegion(self.viewport().rect())

    def startDrag(self, actions: Qt.DropAction) -> None:
        items = self.selected_items() if self.is_selected(self._current) else np.array([self._current])
        drag = QDrag(self)
        drag.setMimeData(mime_data(items.tolist()))
        picture = self._pixmaps.pixmap(self._current)
        if picture is not None:
            drag.setPixmap(_small(picture))
        drag.exec(actions)


def _small(picture: QPixmap) -> QPixmap:
    """The picture as it hangs on the mouse."""
    side = round(96 * picture.devicePixelRatio())
    small = picture.scaled(
        side, side, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    small.setDevicePixelRatio(picture.devicePixelRatio())
    return small
