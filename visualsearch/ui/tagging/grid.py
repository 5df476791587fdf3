"""A page of suggestions: as many photos as fit, each taken as right until it is marked. Nothing scrolls."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from visualsearch.ui import style
from visualsearch.ui.gallery.pixmaps import Fetch, PixmapCache
from visualsearch.ui.tagging.desk import Mark

_SIDE = 148  # of a tile when the number of photos on a page is chosen
_LARGEST = 260
_FEWEST, _MOST = 4, 60
_GAP = int(style.Space.S)
_INSET = 6
_BADGE = 22
_Key = Qt.Key


def arrange(count: int, room: QSize) -> tuple[int, int]:
    """(columns, side in pixels): the largest squares of which ``count`` fit into the room."""
    best = (1, 1)
    for columns in range(1, max(1, count) + 1):
        rows = math.ceil(count / columns)
        across = (room.width() - _GAP * (columns - 1)) // columns
        down = (room.height() - _GAP * (rows - 1)) // max(1, rows)
        side = min(across, down, _LARGEST)
        if side > best[1]:
            best = (columns, side)
    return best


def capacity(room: QSize) -> int:
    """How many photos a page should have, so that all fit without being small."""
    across = max(1, (room.width() + _GAP) // (_SIDE + _GAP))
    down = max(1, (room.height() + _GAP) // (_SIDE + _GAP))
    return min(_MOST, max(_FEWEST, across * down))


class Tile(QAbstractButton):
    """One photo. ``clicked``: it is wrong, or it is right after all; ``unsure_clicked``: the ? in its corner."""

    unsure_clicked = Signal()

    def __init__(self, pixmaps: PixmapCache, parent: QWidget) -> None:
        super().__init__(parent)
        self._pixmaps = pixmaps
        self._press = QPoint()
        self.item, self.id, self.mark, self.chance = -1, "", "", ""
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    def show_item(self, item: int, item_id: str, chance: str, mark: Mark) -> None:
        self.item, self.id, self.chance = item, item_id, chance
        self.set_mark(mark)

    def set_mark(self, mark: Mark) -> None:
        """Show what is said of it; a screen reader says it, too."""
        self.mark = mark
        said = {
            "": self.tr("right"),
            "no": self.tr("wrong, will be rejected"),
            "unsure": self.tr("not sure"),
        }[mark]
        self.setAccessibleName(f"{self.id}: {said}")
        self.setAccessibleDescription(self.chance)
        keys = self.tr("Click or X: wrong. ? or U: not sure.")
        self.setToolTip(f"{self.id} · {said}\n{self.chance}\n{keys}")
        self.update()

    def corner(self) -> QRect:
        """Where the ? is that marks it as unsure; all of it can be hit."""
        side = style.HIT_TARGET
        place = QRect(self.width() - side - 3, 3, side, side)
        return style.visual_rect(self.layoutDirection(), self.rect(), place)

    # --- painting -------------------------------------------------------------------------------------------

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        tokens = style.colors(self.palette())
        edge = {"no": tokens.negative, "unsure": tokens.warning}.get(self.mark, tokens.tile_edge)
        frame = QRectF(self.rect()).adjusted(3, 3, -3, -3)
        painter.setPen(QPen(edge, 2 if self.mark else 1))
        painter.setBrush(tokens.tile)
        painter.drawRoundedRect(frame, style.RADIUS, style.RADIUS)
        painter.setOpacity({"no": 0.25, "unsure": 0.55}.get(self.mark, 1.0))
        self._paint_photo(painter, frame.adjusted(_INSET, _INSET, -_INSET, -_INSET), tokens)
        painter.setOpacity(1.0)
        if self.mark == "no":
            painter.setPen(QPen(tokens.negative, 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            cross = frame.adjusted(18, 18, -18, -18)
            painter.drawLine(cross.topLeft(), cross.bottomRight())
            painter.drawLine(cross.bottomLeft(), cross.topRight())
        self._paint_badge(painter, tokens)
        if self.mark != "unsure" and (self.underMouse() or self.hasFocus()):
            self._paint_corner(painter, tokens)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(tokens.focus, 2))
            painter.drawRoundedRect(
                QRectF(self.rect()).adjusted(1, 1, -1, -1), style.RADIUS + 2, style.RADIUS + 2
            )

    def _paint_photo(self, painter: QPainter, room: QRectF, tokens: style.Colors) -> None:
        pixmap = self._pixmaps.pixmap(self.item)
        placeholder = self._pixmaps.placeholder(self.item)
        if pixmap is not None:
            size = pixmap.deviceIndependentSize()
        elif placeholder is not None:
            size = QRectF(0, 0, placeholder.width, placeholder.height).size()
        else:
            if self._pixmaps.is_missing(self.item):
                painter.setPen(tokens.text_muted)
                painter.drawText(room, Qt.AlignmentFlag.AlignCenter, self.tr("no photo"))
            return
        place = QRectF(QPointF(), size.scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio))
        place.moveCenter(room.center())
        if pixmap is not None and abs(place.width() - size.width()) < 1:
            painter.drawPixmap(place.topLeft().toPoint(), pixmap)  # on whole pixels nothing is resampled
        elif pixmap is not None:
            painter.drawPixmap(place, pixmap, QRectF(pixmap.rect()))
        elif placeholder is not None:
            painter.fillRect(place, QColor(placeholder.color))

    def _paint_badge(self, painter: QPainter, tokens: style.Colors) -> None:
        """A tick, a cross or a question mark: not only the colour tells."""
        at = QRect(self.width() - _BADGE - 8, self.height() - _BADGE - 8, _BADGE, _BADGE)
        badge = QRectF(style.visual_rect(self.layoutDirection(), self.rect(), at))
        ground = {"no": tokens.negative, "unsure": tokens.warning}.get(self.mark, tokens.positive)
        painter.setPen(QPen(tokens.page, 1.5))
        painter.setBrush(ground)
        painter.drawEllipse(badge)
        painter.setPen(QPen(tokens.on_mark, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        inner = badge.adjusted(7, 7, -7, -7)
        if self.mark == "no":
            painter.drawLine(inner.topLeft(), inner.bottomRight())
            painter.drawLine(inner.bottomLeft(), inner.topRight())
        elif self.mark == "unsure":
            painter.setFont(style.font("caption"))
            painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, "?")
        else:
            x, y = badge.left(), badge.top()
            painter.drawPolyline([QPointF(x + 6, y + 11), QPointF(x + 10, y + 15), QPointF(x + 16, y + 8)])

    def _paint_corner(self, painter: QPainter, tokens: style.Colors) -> None:
        circle = QRectF(self.corner()).adjusted(3, 3, -3, -3)
        painter.setPen(QPen(tokens.border, 1))
        painter.setBrush(tokens.raised)
        painter.drawEllipse(circle)
        painter.setPen(tokens.text)
        painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, "?")

    # --- input ----------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._press = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        corner = self.corner()
        if self.isDown() and corner.contains(self._press) and corner.contains(event.position().toPoint()):
            self.setDown(False)
            self.unsure_clicked.emit()
            return
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()  # the page handles the keys


class PageGrid(QWidget):
    """The tiles of one page. GUI thread only."""

    marked = Signal(int, str)
    """Item, "no" or "unsure": the person pressed that mark."""
    confirm_wanted = Signal()
    back_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pixmaps = PixmapCache(parent=self)
        self.pixmaps.changed.connect(self._repaint)
        self.pixmaps.outdated.connect(self._ask)
        self.tiles: list[Tile] = []
        self._count = 0
        self._columns = 1
        self._current = 0
        self._ahead: list[int] = []
        self.setMinimumSize(300, 200)
        self.setAccessibleName(self.tr("Suggestions"))

    def set_fetch(self, fetch: Fetch | None) -> None:
        """Show another catalog's photos; None ends the worker that reads them."""
        self.pixmaps.set_fetch(fetch)

    # --- what it shows --------------------------------------------------------------------------------------

    def shown(self) -> list[Tile]:
        """The tiles of the page."""
        return self.tiles[: self._count]

    def show_page(
        self, items: Sequence[int], ids: Sequence[str], chances: Sequence[str], marks: dict[int, Mark]
    ) -> None:
        """Show another page, its first photo the current one; where it is the same page, that stays."""
        current = self._current if [tile.item for tile in self.shown()] == list(items) else 0
        while len(self.tiles) < len(items):
            self.tiles.append(self._made())
        self._count = len(items)
        for tile, item, item_id, chance in zip(self.tiles, items, ids, chances, strict=False):
            tile.show_item(item, item_id, chance, marks.get(item, ""))
            tile.show()
        for tile in self.tiles[self._count :]:
            tile.hide()
        self._ahead = []
        self._lay_out()
        self._set_current(current, focus=False)
        self._ask()

    def read_ahead(self, items: Sequence[int]) -> None:
        """Make the photos of what probably comes next ready."""
        self._ahead = list(items)
        self._ask()

    def set_mark(self, item: int, mark: Mark) -> None:
        for tile in self.shown():
            if tile.item == item:
                tile.set_mark(mark)

    def focus_current(self) -> None:
        """Give the keyboard to the photo that had it last."""
        if self._count:
            self._set_current(min(self._current, self._count - 1), focus=True)

    def _made(self) -> Tile:
        tile = Tile(self.pixmaps, self)
        tile.clicked.connect(lambda: self._press(tile, "no"))
        tile.unsure_clicked.connect(lambda: self._press(tile, "unsure"))
        return tile

    def _press(self, tile: Tile, mark: str) -> None:
        self._set_current(self.tiles.index(tile), focus=True)
        self.marked.emit(tile.item, mark)

    def _set_current(self, place: int, *, focus: bool) -> None:
        """Tab comes to one photo only, the current one; arrows go to the others."""
        for at, tile in enumerate(self.tiles):
            policy = Qt.FocusPolicy.StrongFocus if at == place else Qt.FocusPolicy.ClickFocus
            tile.setFocusPolicy(policy)
        self._current = place
        if focus and place < self._count:
            self.tiles[place].setFocus()

    # --- layout ---------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()
        self._ask()

    def _lay_out(self) -> None:
        self._columns, side = arrange(self._count, self.size())
        leftwards = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        wide = self._columns * (side + _GAP) - _GAP
        left = (self.width() - wide) // 2
        for at, tile in enumerate(self.shown()):
            row, column = divmod(at, self._columns)
            column = self._columns - 1 - column if leftwards else column
            tile.setGeometry(left + column * (side + _GAP), row * (side + _GAP), side, side)

    def _ask(self) -> None:
        if not self._count:
            return
        ratio = self.devicePixelRatioF()
        side = round((self.tiles[0].width() - 2 * (_INSET + 3)) * ratio)
        if side > 0:
            self.pixmaps.want([tile.item for tile in self.shown()] + self._ahead, side, ratio)

    def _repaint(self, items: set[int]) -> None:
        for tile in self.shown():
            if tile.item in items:
                tile.update()

    # --- keys -----------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier or not self._count:
            super().keyPressEvent(event)
            return
        tile, key = self.tiles[self._current], event.key()
        steps = {
            _Key.Key_Left: -1,
            _Key.Key_Right: 1,
            _Key.Key_Up: -self._columns,
            _Key.Key_Down: self._columns,
        }
        if key in steps:
            if self.layoutDirection() == Qt.LayoutDirection.RightToLeft and key in (
                _Key.Key_Left,
                _Key.Key_Right,
            ):
                key = _Key.Key_Left if key == _Key.Key_Right else _Key.Key_Right
            there = self._current + steps[_Key(key)]
            if 0 <= there < self._count:
                self._set_current(there, focus=True)
        elif key in (_Key.Key_Home, _Key.Key_End):
            self._set_current(0 if key == _Key.Key_Home else self._count - 1, focus=True)
        elif key in (_Key.Key_Space, _Key.Key_X):
            self.marked.emit(tile.item, "no")
        elif key == _Key.Key_U:
            self.marked.emit(tile.item, "unsure")
        elif key in (_Key.Key_Return, _Key.Key_Enter) and not event.isAutoRepeat():
            self.confirm_wanted.emit()
        elif key == _Key.Key_Backspace and not event.isAutoRepeat():
            self.back_wanted.emit()
        else:
            super().keyPressEvent(event)
