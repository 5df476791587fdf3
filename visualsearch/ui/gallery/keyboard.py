"""The gallery by keyboard: arrows, pages, selection, examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView

if TYPE_CHECKING:
    from visualsearch.ui.gallery.view import GalleryView

_Key = Qt.Key
_Action = QAbstractItemView.CursorAction
_Modifier = Qt.KeyboardModifier

_MOVES = {
    _Key.Key_Left: _Action.MoveLeft,
    _Key.Key_Right: _Action.MoveRight,
    _Key.Key_Up: _Action.MoveUp,
    _Key.Key_Down: _Action.MoveDown,
    _Key.Key_Home: _Action.MoveHome,
    _Key.Key_End: _Action.MoveEnd,
    _Key.Key_PageUp: _Action.MovePageUp,
    _Key.Key_PageDown: _Action.MovePageDown,
}
_SIGNS = {_Key.Key_Plus: 1, _Key.Key_Equal: 1, _Key.Key_Minus: -1}  # "=" is + without Shift on many keyboards

_ONCE = {*_SIGNS, _Key.Key_Space, _Key.Key_Return, _Key.Key_Enter}  # held down, these would switch to and fro


class GalleryKeyboard:
    """Handles the keys of one view."""

    def __init__(self, view: GalleryView) -> None:
        self._view = view

    def press(self, event: QKeyEvent) -> None:
        """Handle a key, or ignore it so that shortcuts of the window get it."""
        if self._view.headers.press_key(event):
            event.accept()
            return
        key = _Key(event.key())
        control = bool(event.modifiers() & _Modifier.ControlModifier)
        other = bool(event.modifiers() & (_Modifier.AltModifier | _Modifier.MetaModifier))
        event.setAccepted(not other and self._handle(event, key, control))

    def target(self, action: QAbstractItemView.CursorAction) -> int:
        """The row that a move leads to; the first row in sight when nothing has the focus. −1 without rows."""
        grid, row = self._view.grid, self._view.current_row()
        if not grid.total:
            return -1
        if action == _Action.MoveHome:
            return 0
        if action == _Action.MoveEnd:
            return grid.total - 1
        if row < 0:
            return self._first_in_sight()
        return self._neighbour(action, row)

    def _neighbour(self, action: QAbstractItemView.CursorAction, row: int) -> int:
        grid = self._view.grid
        page = max(1, (grid.height - grid.covered) // grid.pitch)
        left = 1 if grid.mirrored else -1
        sideways = {
            _Action.MoveLeft: left,
            _Action.MoveRight: -left,
            _Action.MovePrevious: -1,
            _Action.MoveNext: 1,
        }
        if action in sideways:
            wanted = row + sideways[action]
            return wanted if 0 <= wanted < grid.total else row
        lines = {
            _Action.MoveUp: -1,
            _Action.MoveDown: 1,
            _Action.MovePageUp: -page,
            _Action.MovePageDown: page,
        }
        return grid.moved(row, lines[action])

    def _first_in_sight(self) -> int:
        view = self._view
        visible = view.grid.visible(view.scroll_y)
        whole = [row for row in visible if view.tile_rect(row).top() >= 0]
        return whole[0] if whole else visible.start

    def _handle(self, event: QKeyEvent, key: Qt.Key, control: bool) -> bool:
        view = self._view
        item = view.gallery.item_at(view.current_row())
        if key in _MOVES:
            row = self.target(_MOVES[key])
            if row >= 0:
                view.mouse.choose(row, event.modifiers(), moved=True)
            return True
        if event.matches(QKeySequence.StandardKey.SelectAll):
            view.selectAll()
        elif key == _Key.Key_Escape and len(view.selected_items()):
            view.clearSelection()
        elif item is None or (event.isAutoRepeat() and key in _ONCE):
            return False
        elif key in _SIGNS and not control:
            view.press_sign(item, _SIGNS[key])
        elif key in (_Key.Key_Return, _Key.Key_Enter) and not control:
            view.item_activated.emit(item)
        elif key == _Key.Key_Space:
            view.selection.toggle(item)
            view.selection_edited()
        else:
            return False
        return True
