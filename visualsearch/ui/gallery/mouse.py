"""The gallery by mouse: buttons on tiles, selection, rubber band, dragging out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QColor, QContextMenuEvent, QDrag, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from visualsearch.ui import style
from visualsearch.ui.gallery.model import GalleryModel, mime_data
from visualsearch.ui.gallery.selection import ItemSelection

if TYPE_CHECKING:
    from visualsearch.ui.gallery.view import GalleryView

_Modifier = Qt.KeyboardModifier
_AUTOSCROLL_MS = 16
_DRAG_SIDE = 96


class GalleryMouse:
    """Handles the mouse for one view, and keeps the selection's anchor, which the keyboard shares."""

    def __init__(self, view: GalleryView) -> None:
        self._view = view
        self._anchor_item = -1
        self._pressed: QPoint | None = None
        self._armed: tuple[int, int] | None = None  # item and sign of the button that is held down
        self._item_on_release = -1  # to select alone unless it becomes a drag
        self._may_drag = False
        self._band_from: tuple[int, int] | None = None  # content coordinates
        self._band_to = QPoint()
        self._band_base = ItemSelection()
        self._autoscroll = QTimer(view, interval=_AUTOSCROLL_MS)
        self._autoscroll.timeout.connect(self._scroll_along)

    # --- selection by clicks and keys -----------------------------------------------------------------------

    def choose(self, row: int, modifiers: Qt.KeyboardModifier, *, moved: bool = False) -> None:
        """Select as lists do: alone, with Shift up to the row, with Ctrl in addition.

        ``moved``: by an arrow key, where Ctrl moves the focus alone.
        """
        view, model = self._view, self._model
        item = model.item_at(row)
        control = bool(modifiers & _Modifier.ControlModifier)
        if modifiers & _Modifier.ShiftModifier:
            self._choose_range(row, keep=control)
        elif item is None or (control and moved):
            pass
        elif control:
            view.selection.toggle(item)
            self._anchor_item = item
        else:
            view.selection.clear()
            view.selection.toggle(item)
            self._anchor_item = item
        view.set_current_row(row)
        view.selection_edited()

    def _choose_range(self, row: int, *, keep: bool) -> None:
        view, model = self._view, self._model
        anchor = model.row_of(self._anchor_item) if self._anchor_item >= 0 else None
        if anchor is None:
            anchor = max(0, view.current_row())
            self._anchor_item = model.item_at(anchor) or -1
        if not keep:
            view.selection.clear()
        view.selection.add(model.items[min(anchor, row) : max(anchor, row) + 1])

    @property
    def _model(self) -> GalleryModel:
        return self._view.gallery

    @property
    def is_stretching(self) -> bool:
        """Whether a rubber band is on screen."""
        return self._band_from is not None

    # --- events ---------------------------------------------------------------------------------------------

    def press(self, event: QMouseEvent) -> None:
        view, point = self._view, event.position().toPoint()
        view.set_pointer(point)
        row, sign = view.button_at(point)
        if event.button() == Qt.MouseButton.RightButton:
            item = self._model.item_at(row)
            if item is not None:
                if view.is_selected(item):
                    view.set_current_row(row)
                else:
                    self.choose(row, _Modifier.NoModifier)
            return
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        header = view.grid.header_at(point.y(), view.scroll_y)
        if header >= 0:
            view.headers.press(header, event.modifiers())
            return
        self._pressed = point
        item = self._model.item_at(row)
        if item is None:
            self._start_band(point, event.modifiers())
        elif sign:
            self._armed = (item, sign)
        else:
            self._press_tile(row, item, event.modifiers())

    def _press_tile(self, row: int, item: int, modifiers: Qt.KeyboardModifier) -> None:
        self._may_drag = True
        if self._view.is_selected(item) and not modifiers & (
            _Modifier.ShiftModifier | _Modifier.ControlModifier
        ):
            self._item_on_release = item  # it may become a drag of the whole selection
            self._view.set_current_row(row)
        else:
            self.choose(row, modifiers)

    def move(self, event: QMouseEvent) -> None:
        view, point = self._view, event.position().toPoint()
        if not self.is_stretching:
            view.set_pointer(point)
        if not event.buttons() & Qt.MouseButton.LeftButton or self._pressed is None:
            return
        if self._band_from is not None:
            self._band_to = point
            self._stretch_band()
            outside = not 0 <= point.y() < view.viewport().height()
            if outside != self._autoscroll.isActive():
                self._autoscroll.start() if outside else self._autoscroll.stop()
        elif self._may_drag and (point - self._pressed).manhattanLength() >= QApplication.startDragDistance():
            self._forget_press()
            view.startDrag(Qt.DropAction.CopyAction)

    def release(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        view, point = self._view, event.position().toPoint()
        armed, item = self._armed, self._item_on_release
        self._forget_press()
        if armed is not None:
            row, sign = view.button_at(point)
            if (self._model.item_at(row), sign) == armed:
                view.press_sign(*armed)
            return
        row_now = self._model.row_of(item) if item >= 0 else None
        if row_now is not None:
            self.choose(row_now, _Modifier.NoModifier)

    def double_click(self, event: QMouseEvent) -> None:
        """Open a tile. On a button it counts as one press: the results may have moved under the second."""
        row, sign = self._view.button_at(event.position().toPoint())
        item = self._model.item_at(row)
        if item is None:
            self.press(event)
        elif not sign and event.button() == Qt.MouseButton.LeftButton:
            self._view.item_activated.emit(item)

    def context_menu(self, event: QContextMenuEvent) -> None:
        view = self._view
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            row = view.current_row()
            at = view.viewport().mapToGlobal(view.tile_rect(row).center())
        else:
            row = view.row_at(event.pos())
            at = event.globalPos()
        item = self._model.item_at(row)
        if item is not None:
            view.context_menu_requested.emit(item, at)

    def _forget_press(self) -> None:
        self._pressed, self._armed = None, None
        self._item_on_release = -1
        self._may_drag = False
        self._autoscroll.stop()
        if self._band_from is not None:
            self._band_from = None
            self._view.viewport().update()

    # --- rubber band ----------------------------------------------------------------------------------------

    def _start_band(self, point: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        view = self._view
        view.set_pointer(None)
        self._band_from = (point.x(), point.y() + view.scroll_y)
        self._band_to = point
        if not modifiers & (_Modifier.ControlModifier | _Modifier.ShiftModifier):
            view.clearSelection()
        self._band_base = view.selection.copy()

    def _stretch_band(self) -> None:
        view = self._view
        left, top, right, bottom = self._band()
        rows = view.grid.rows_between(left, top, right, bottom)
        selection = self._band_base.copy()
        known = self._model.items
        selection.add(known[rows[rows < len(known)]])
        view.set_selection(selection)

    def _band(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom in content coordinates."""
        assert self._band_from is not None
        x, y = self._band_from
        other_x, other_y = self._band_to.x(), self._band_to.y() + self._view.scroll_y
        return min(x, other_x), min(y, other_y), max(x, other_x), max(y, other_y)

    def _scroll_along(self) -> None:
        """While the mouse is held outside: scroll, the faster the further."""
        y, height = self._band_to.y(), self._view.viewport().height()
        self._view.scroll_by((y if y < 0 else y - height) // 2)
        self._stretch_band()

    def paint(self, painter: QPainter) -> None:
        """Paint the rubber band, if there is one."""
        if self._band_from is None or self._band_to == self._pressed:
            return
        view = self._view
        left, top, right, bottom = self._band()
        edge = view.viewport().height() + 10
        top, bottom = max(top - view.scroll_y, -10), min(bottom - view.scroll_y, edge)
        color = style.colors(view.palette()).accent
        fill = QColor(color)
        fill.setAlpha(48)
        painter.setPen(color)
        painter.setBrush(fill)
        painter.drawRect(QRect(left, top, right - left, bottom - top))


def drag(view: GalleryView, items: list[int], picture: QPixmap | None, actions: Qt.DropAction) -> None:
    """Drag items out of the view, with a small picture on the mouse."""
    made = QDrag(view)
    made.setMimeData(mime_data(items))
    if picture is not None:
        made.setPixmap(_small(picture))
    made.exec(actions)


def _small(picture: QPixmap) -> QPixmap:
    """The picture as it hangs on the mouse."""
    side = round(_DRAG_SIDE * picture.devicePixelRatio())
    small = picture.scaled(
        side, side, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    small.setDevicePixelRatio(picture.devicePixelRatio())
    return small
