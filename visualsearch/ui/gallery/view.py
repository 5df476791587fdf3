"""The gallery: tiles with photos, focus, selection and examples over any number of rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QWidget

from visualsearch.ui import style
from visualsearch.ui.gallery.delegate import TileDelegate, TileState
from visualsearch.ui.gallery.grid_view import DEFAULT_TILE, MAX_TILE, MIN_TILE, GridView
from visualsearch.ui.gallery.headers import GroupHeaders
from visualsearch.ui.gallery.keyboard import GalleryKeyboard
from visualsearch.ui.gallery.model import GalleryModel
from visualsearch.ui.gallery.mouse import GalleryMouse, drag
from visualsearch.ui.gallery.pixmaps import PixmapCache
from visualsearch.ui.gallery.selection import ItemSelection

if TYPE_CHECKING:  # NumPy is loaded by the first search, not by the first paint
    import numpy as np

__all__ = ["DEFAULT_TILE", "MAX_TILE", "MIN_TILE", "GalleryView"]

_REST_MS = 100  # without scrolling; while things fly by nobody asks for their ids
_RING = 4  # the focus ring is painted this far outside a tile
_Index = QModelIndex | QPersistentModelIndex
_LOOKS_CHANGED = (
    QEvent.Type.FontChange,
    QEvent.Type.LocaleChange,
    QEvent.Type.LayoutDirectionChange,
    QEvent.Type.PaletteChange,
)


class GalleryView(GridView):
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
    context_menu_requested = Signal(int, QPoint)
    """item, global position."""
    fold_wanted = Signal(str, bool)
    """A group's name, whether to fold or to unfold it."""
    completed = Signal()
    """All tiles in sight have been painted with their photos, as far as they have any."""

    def __init__(self, model: GalleryModel, pixmaps: PixmapCache, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self._pixmaps = pixmaps
        self._tiles = TileDelegate(model, pixmaps, self)
        self._current = -1
        self._current_row = -1
        self._announced = ""
        self._hover = -1
        self._pointer: QPoint | None = None
        self._selected = ItemSelection()
        self._headers = GroupHeaders(self)
        self._mouse = GalleryMouse(self)
        self._keyboard = GalleryKeyboard(self)
        self._ask_timer = QTimer(self, singleShot=True, interval=0)
        self._ask_timer.timeout.connect(self._ask_for_pictures)
        self._rest_timer = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest_timer.timeout.connect(self._ask_for_ids)
        pixmaps.changed.connect(self._update_tiles)
        pixmaps.outdated.connect(self._ask_timer.start)
        self.setItemDelegate(self._tiles)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setAccessibleName(self.tr("Gallery"))
        self.setAccessibleDescription(
            self.tr("Photos of the results. Plus: more like this. Minus: less like this. Enter: open.")
        )
        self.setModel(model)
        model.is_selected = self.is_selected
        model.modelReset.connect(
            self._tell_qt_current
        )  # after Qt's selection model, which forgets at a reset

    @property
    def mouse(self) -> GalleryMouse:
        """What handles the mouse and the selection's anchor."""
        return self._mouse

    @property
    def headers(self) -> GroupHeaders:
        """What paints the groups' headers and handles their keys."""
        return self._headers

    @property
    def tiles(self) -> TileDelegate:
        """What paints the tiles."""
        return self._tiles

    # --- focus --------------------------------------------------------------------------------------------

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
        self._current_row, self._headers.focused = row, -1
        self._tell_qt_current()
        self.scroll_to_row(row)
        self.viewport().update()
        self._take_current(self._gallery.item_at(row))
        self._announce(moved=True)

    def _announce(self, *, moved: bool = False) -> None:
        """Tell screen readers of the focused tile: that the focus has come to it, or what has changed about it."""
        if self._current_row >= 0 and self._headers.focused < 0:
            index = self._gallery.index(self._current_row)
            text = index.data(Qt.ItemDataRole.AccessibleTextRole) or ""
            self.say(text, self._current_row if moved and self.hasFocus() else -1)

    def say(self, text: str, row: int = -1) -> None:
        """Let a screen reader say a text, unless it said that last; ``row``: the focus has come to this tile."""
        from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent  # dear

        if not QAccessible.isActive():
            return
        if row >= 0:
            event = QAccessibleEvent(self, QAccessible.Event.Focus)
            event.setChild(row)
            QAccessible.updateAccessibility(event)
        elif text and text != self._announced:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))
        self._announced = text

    def _take_current(self, item: int | None) -> None:
        """The item of the focused row; None on a placeholder, whose item is told once it has come."""
        before, self._current = self._current, -1 if item is None else item
        if item is not None and item != before:
            self.current_item_changed.emit(item)

    def dataChanged(self, top_left: _Index, bottom_right: _Index, roles: Iterable[int] = ()) -> None:
        super().dataChanged(top_left, bottom_right, roles)
        self._announce()

    def _find_current(self) -> None:
        """The focus stays with its item. In another query it must be in sight, or an arrow key would jump far away;
        where it is not, the next arrow key starts at the top."""
        same_query = self._gallery.same_query
        if self._current < 0 and same_query and 0 <= self._current_row < self._grid.total:
            row: int | None = self._current_row  # it was a placeholder
            self._take_current(self._gallery.item_at(self._current_row))
        else:
            row = self._gallery.row_of(self._current) if self._current >= 0 else None
            if row is not None and not same_query and row not in self._grid.visible(self._y):
                row = None
        self._current_row = -1 if row is None else row

    def _tell_qt_current(self) -> None:
        """Screen readers follow Qt's current index."""
        index = self._gallery.index(self._current_row)
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)

    # --- selection ----------------------------------------------------------------------------------------

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

    def selection_edited(self) -> None:
        """Show the selection and tell of its change."""
        self.viewport().update()
        self._announce()
        self.selection_changed.emit()

    def selectAll(self) -> None:
        self._selected.select_all()
        self.selection_edited()

    def clearSelection(self) -> None:
        self._selected.clear()
        self.selection_edited()

    # --- examples, appearance, results --------------------------------------------------------------------

    def press_sign(self, item: int, sign: int) -> None:
        """What + and − do, wherever they are pressed: ask for an example, or take it back."""
        if self._gallery.sign_of(item) == sign:
            self.example_removed.emit(item)
        else:
            self.example_requested.emit(item, sign)

    def set_show_scores(self, show: bool) -> None:
        """Whether tiles show their score."""
        self._tiles.show_scores = show
        self.viewport().update()

    def set_show_captions(self, show: bool) -> None:
        """Whether ids stand below the tiles."""
        self._tiles.show_captions = show
        self._relayout()

    def reset(self) -> None:
        """After a new result: keep the place for the same query, start at the top for another."""
        super().reset()
        if not self._gallery.same_query and self._selected.is_inverted:
            self._selected.settle(self._gallery.former_items)
        self._smooth.stop()
        self._hover, self._tiles.hot = -1, (-1, 0)
        self._kept_place = None
        self._grid = self._new_grid()
        place = 0
        if self._gallery.same_query:
            place = self._headers.settle(self._y)
        else:
            self._headers.forget()
        self._move(place, anew=True)
        self._find_current()
        self.selection_changed.emit()

    # --- painting -----------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        self._pixmaps.pause()
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        state = TileState(style.colors(self.palette()), self.layoutDirection(), self.devicePixelRatioF())
        dirty, focus, complete = event.region(), self.hasFocus(), True
        for row in self._grid.visible(self._y):
            item = self._gallery.item_at(row)
            complete = complete and item is not None and self._pixmaps.is_settled(item)
            rect = self.tile_rect(row)
            if not dirty.intersects(rect.adjusted(-_RING, -_RING, _RING, _RING)):
                continue
            state.selected = item is not None and item in self._selected
            state.focused = row == self._current_row and focus and self._headers.focused < 0
            state.hovered = row == self._hover
            self._tiles.paint_tile(painter, rect, row, state)
        self._headers.paint(painter)
        self._mouse.paint(painter)
        painter.end()
        self._pixmaps.resume()
        if complete:
            self.completed.emit()

    def _ask_for_pictures(self) -> None:
        """Tell the cache what is in sight, then what a screenful down and up would be."""
        seen = self._grid.visible(self._y)
        ahead = range(seen.stop, min(seen.stop + len(seen), self._grid.total))
        behind = range(max(0, seen.start - len(seen)), seen.start)
        items = [item for rows in (seen, ahead, behind) for item in self._gallery.items_in(rows)]
        ratio = self.devicePixelRatioF()
        frame = TileDelegate.photo_frame(QRect(0, 0, self._grid.tile, self._grid.tile))
        self._pixmaps.want(items, round(frame.width() * ratio), ratio)

    def _ask_for_ids(self) -> None:
        """Set the fetching going: tooltips and screen readers want them next."""
        for item in self._gallery.items_in(self._grid.visible(self._y)):
            self._gallery.id_of(item)

    def _update_tiles(self, items: set[int]) -> None:
        """Paint these items again where they are in sight."""
        for row in self._grid.visible(self._y):
            if self._gallery.item_at(row) in items:
                self.viewport().update(self.tile_rect(row))

    def _caption_height(self) -> int:
        return self._tiles.caption_height()

    def _header_height(self) -> int:
        return self._headers.height

    def _pinned(self) -> int:
        return self._grid.height if self._mouse.is_stretching else self._grid.covered

    def _scrolled(self) -> None:
        self._pixmaps.pause()  # until what comes into sight is painted
        self._update_hover()
        self._ask_timer.start()
        self._rest_timer.start()

    # --- pointer ------------------------------------------------------------------------------------------

    @property
    def hovered_row(self) -> int:
        """Row under the mouse, −1 for none."""
        return self._hover

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
        header = -1 if self._pointer is None else self._grid.header_at(self._pointer.y(), self._y)
        if self._headers.hover(header):
            self.viewport().update()
        if (row, sign) == (self._hover, self._tiles.hot[1]):
            return
        for changed in {self._hover, row} - {-1}:
            self.viewport().update(self.tile_rect(changed))
        self._hover, self._tiles.hot = row, (row, sign)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if sign else Qt.CursorShape.ArrowCursor)

    def startDrag(self, actions: Qt.DropAction) -> None:
        many = self.is_selected(self._current)
        items = self.selected_items().tolist() if many else [self._current]
        drag(self, items, self._pixmaps.pixmap(self._current), actions)

    # --- Qt's events --------------------------------------------------------------------------------------

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

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._keyboard.press(event)

    def keyboardSearch(self, search: str) -> None:
        """Type-ahead is off: ids are found with the search box, and + and − are keys of ours."""

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        return self._gallery.index(self._keyboard.target(action))

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
            self._headers.refresh()
            self._relayout()
            self.viewport().update()
        return super().event(event)
