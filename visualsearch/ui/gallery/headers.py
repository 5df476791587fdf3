"""Headers of groups: painted over the tiles, folded by a click or a key, selected with Ctrl."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPen, QPolygonF

from visualsearch.ui import style, texts

if TYPE_CHECKING:
    from visualsearch.ui.gallery.groups import GroupedGrid
    from visualsearch.ui.gallery.view import GalleryView

_Key = Qt.Key
_Align = Qt.AlignmentFlag
_ARROW = 4.0  # half of its side


class GroupHeaders:
    """Paints the headers of one view and handles their keys. Does nothing where there are no groups."""

    def __init__(self, view: GalleryView) -> None:
        self._view = view
        self.focused = -1
        """The group whose header has the keyboard, −1 for none."""
        self._hovered = -1
        self._kept: tuple[str, int] | None = None  # a group being folded, and where its header is on screen
        self.refresh()

    def refresh(self) -> None:
        """Take up the application's font anew."""
        self._font, self._small = style.font("heading"), style.font("caption")
        self._metrics = QFontMetrics(self._font)

    @property
    def height(self) -> int:
        """Of a header, in device-independent pixels."""
        return max(style.HIT_TARGET, self._metrics.height() + 2 * style.Space.S)

    @property
    def _grid(self) -> GroupedGrid | None:
        return self._view.grid if self._view.gallery.sections is not None else None  # type: ignore[return-value]

    def text(self, group: int) -> str:
        """What a screen reader says of a header: name, number of photos, whether it is folded."""
        sections = self._view.gallery.sections
        assert sections is not None
        count = int(sections.counts[group])
        photos = texts.counted(count, self._view.tr("1 photo"), self._view.tr("{0} photos"))
        parts = [texts.value_name(sections.names[group]), photos]
        return ", ".join([*parts, self._view.tr("folded")] if sections.folded[group] else parts)

    # --- painting -------------------------------------------------------------------------------------------

    def paint(self, painter: QPainter) -> None:
        """Paint the headers in sight, the one that sticks to the top last."""
        grid, view = self._grid, self._view
        if grid is None:
            return
        for group in reversed(grid.headers(view.scroll_y)):
            top = grid.header_top(group, view.scroll_y)
            stuck = top > int(grid.tops[group]) - view.scroll_y
            self._paint_one(painter, QRect(0, top, grid.width, grid.header), group, stuck)

    def _paint_one(self, painter: QPainter, rect: QRect, group: int, stuck: bool) -> None:
        view, sections = self._view, self._view.gallery.sections
        assert sections is not None
        tokens, direction = style.colors(view.palette()), view.layoutDirection()
        painter.fillRect(rect, tokens.accent_soft if group == self._hovered else tokens.page)
        if stuck:
            painter.setPen(QPen(tokens.border, 1))
            painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        arrow = QRect(style.Space.M, rect.top(), 16, rect.height())
        self._paint_arrow(painter, style.visual_rect(direction, rect, arrow), bool(sections.folded[group]))
        left = arrow.right() + style.Space.S
        room = QRect(left, rect.top(), rect.width() - left - style.Space.M, rect.height())
        start = style.visual_alignment(direction, _Align.AlignLeft) | _Align.AlignVCenter
        count = texts.number(int(sections.counts[group]))
        name = texts.value_name(sections.names[group])
        short = self._metrics.elidedText(name, Qt.TextElideMode.ElideRight, max(20, room.width() - 90))
        painter.setFont(self._font)
        painter.setPen(tokens.text)
        painter.drawText(style.visual_rect(direction, rect, room), start, short)
        room.setLeft(room.left() + self._metrics.horizontalAdvance(short) + style.Space.M)
        painter.setFont(self._small)
        painter.setPen(tokens.text_muted)
        painter.drawText(style.visual_rect(direction, rect, room), start, count)
        if group == self.focused and view.hasFocus():
            painter.setPen(QPen(tokens.focus, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(4, 3, -4, -3), style.RADIUS, style.RADIUS)

    def _paint_arrow(self, painter: QPainter, rect: QRect, folded: bool) -> None:
        middle, half = QPointF(rect.center()), _ARROW
        ahead = -half if self._view.layoutDirection() == Qt.LayoutDirection.RightToLeft else half
        corners = (
            [(-ahead / 2, -half), (ahead / 2, 0), (-ahead / 2, half)]
            if folded
            else [(-half, -half / 2), (0, half / 2), (half, -half / 2)]
        )
        pen = QPen(style.colors(self._view.palette()).text_muted, 1.6)
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF([middle + QPointF(x, y) for x, y in corners]))

    # --- folding --------------------------------------------------------------------------------------------

    def press(self, group: int, modifiers: Qt.KeyboardModifier) -> None:
        """A click on a header: fold or unfold it; with Ctrl select its photos."""
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            self.select(group)
        else:
            self.fold(group)

    def fold(self, group: int, folded: bool | None = None) -> None:
        """Fold or unfold a group (None: the other way round); its header stays where it is on screen."""
        sections, grid = self._view.gallery.sections, self._grid
        if sections is None or grid is None:
            return
        wanted = not sections.folded[group] if folded is None else folded
        if wanted != bool(sections.folded[group]):
            self._kept = sections.names[group], grid.header_top(group, self._view.scroll_y)
            self._view.fold_wanted.emit(sections.names[group], wanted)

    def hold(self) -> None:
        """Keep the group at the top of the viewport there when the next result comes."""
        grid, sections, y = self._grid, self._view.gallery.sections, self._view.scroll_y
        if grid is not None and sections is not None and grid.groups:
            group = grid.group_at(y)
            self._kept = sections.names[group], grid.header_top(group, y)

    def select(self, group: int) -> None:
        """Add a group's photos to the selection."""
        sections, view = self._view.gallery.sections, self._view
        if sections is not None:
            rows = slice(int(sections.starts[group]), int(sections.starts[group + 1]))
            view.selection.add(view.gallery.items[rows])
            view.selection_edited()

    def forget(self) -> None:
        """After the results of another query: a header's number means another group, or none."""
        self.focused = self._hovered = -1
        self._kept = None

    def settle(self, y: int) -> int:
        """After other results of the same query: the scroll position that keeps a header just folded in its place, else
        ``y``."""
        sections, grid = self._view.gallery.sections, self._grid
        kept, self._kept = self._kept, None
        self._hovered = -1
        if sections is None or grid is None:
            self.focused = -1
            return y
        self.focused = min(self.focused, len(sections.names) - 1)
        if kept is None or kept[0] not in sections.names:
            return y
        group = sections.names.index(kept[0])
        if self.focused >= 0:
            self.focused = group
        return int(grid.tops[group]) - kept[1]

    # --- pointer and keyboard -------------------------------------------------------------------------------

    def hover(self, group: int) -> bool:
        """Tell which header is under the mouse; whether that is another one."""
        changed, self._hovered = group != self._hovered, group
        return changed

    def focus(self, group: int) -> None:
        """Give the keyboard to a header, and bring it into view."""
        grid, view = self._grid, self._view
        if grid is None:
            return
        self.focused = max(0, min(group, grid.groups - 1))
        top = int(grid.tops[self.focused])
        if not view.scroll_y <= top <= view.scroll_y + grid.height - grid.header:
            view.scroll_by(top - view.scroll_y)
        view.viewport().update()
        view.say(self.text(self.focused))

    def step(self, groups: int) -> None:
        """Go to the header so many groups further down (up where negative)."""
        grid = self._grid
        if grid is not None and grid.groups:
            self.focus(self._next(grid, groups))

    def press_key(self, event: QKeyEvent) -> bool:
        """Handle a key that is for the focused header: there arrows and Space fold. Where all is folded, the arrows go
        to the headers."""
        grid = self._grid
        if grid is None or not grid.groups or event.modifiers() & Qt.KeyboardModifier.AltModifier:
            return False
        key, step = _Key(event.key()), {_Key.Key_Up: -1, _Key.Key_Down: 1}.get(_Key(event.key()), 0)
        if self.focused < 0:
            if grid.total or not step:
                return False
            self.focus(grid.group_at(self._view.scroll_y))
            return True
        return self._press_focused(grid, key, step, event.modifiers())

    def _next(self, grid: GroupedGrid, step: int) -> int:
        if self.focused >= 0:
            return self.focused + step
        row = self._view.current_row()
        here = grid.group_of(row) if row >= 0 else grid.group_at(self._view.scroll_y)
        return here if step < 0 else here + 1

    def _press_focused(
        self, grid: GroupedGrid, key: Qt.Key, step: int, modifiers: Qt.KeyboardModifier
    ) -> bool:
        view, group = self._view, self.focused
        forward = _Key.Key_Left if grid.mirrored else _Key.Key_Right
        if key in (_Key.Key_Space, _Key.Key_Return, _Key.Key_Enter):
            self.press(group, modifiers)
        elif key in (_Key.Key_Left, _Key.Key_Right):
            self.fold(group, key != forward)
        elif step:
            self._leave(group, step)
        elif key in (_Key.Key_Home, _Key.Key_End):
            self.focus(0 if key == _Key.Key_Home else grid.groups - 1)
        else:
            return False
        view.viewport().update()
        return True

    def _leave(self, group: int, step: int) -> None:
        """Down to the group's first photo, up to the last one before it; past folded groups header by header."""
        sections, other = self._view.gallery.sections, group if step > 0 else group - 1
        assert sections is not None
        if other < 0:
            return
        if sections.folded[other]:
            self.focus(group + step)
            return
        row = int(sections.starts[group]) - (step < 0)
        self._view.mouse.choose(row, Qt.KeyboardModifier.NoModifier, moved=True)
