"""Paints a tile: photo, example badge, score, selection, buttons. Knows nothing of where the tile is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QEvent,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSizeF,
    Qt,
)
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QToolTip

from visualsearch.ui import style
from visualsearch.ui.gallery.model import GalleryModel, Tile
from visualsearch.ui.gallery.pixmaps import PixmapCache
from visualsearch.ui.gallery.stamps import Stamps, on_pixels

if TYPE_CHECKING:
    from PySide6.QtWidgets import QStyleOptionViewItem

_Index = QModelIndex | QPersistentModelIndex
_Align = Qt.AlignmentFlag
_BADGE = 22
_SAME_SIZE = 0.01
_WIDE_ENOUGH_FOR_WORDS = 90
_INSET = 6  # of everything that lies on a photo, from the tile's edge


class TileState:
    """How a tile is to look: the theme's colours, the direction of reading, the screen's pixel ratio, and what has been
    done to it."""

    __slots__ = ("direction", "focused", "hovered", "ratio", "selected", "tokens")

    def __init__(self, tokens: style.Colors, direction: Qt.LayoutDirection, ratio: float) -> None:
        self.tokens = tokens
        self.direction = direction
        self.ratio = ratio
        self.selected = self.focused = self.hovered = False


class TileDelegate(QStyledItemDelegate):
    """Tiles of the gallery. GUI thread only.

    The view sets ``pixmaps``, ``show_scores``, ``show_captions``, and ``hot``: the row and sign (0: neither) of the
    button under the mouse. What is under the mouse or has the focus shows its buttons.
    """

    def __init__(self, model: GalleryModel, pixmaps: PixmapCache, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._gallery = model
        self.pixmaps = pixmaps
        self.show_scores = True
        self.show_captions = False
        self.hot: tuple[int, int] = (-1, 0)
        self._stamps = Stamps()
        self._widths: dict[str, int] = {}  # of the few texts on chips, in the small font
        self.refresh()

    def refresh(self) -> None:
        """Take up the application's font and language settings anew."""
        self._small_font = style.font("caption")
        self._small_metrics = QFontMetrics(self._small_font)
        self._locale = QLocale()
        self._stamps.clear()
        self._widths.clear()

    # --- geometry, shared by painting and by the view's mouse handling --------------------------------------

    def caption_height(self) -> int:
        """Room below a tile for its id, in device-independent pixels."""
        return self._small_metrics.height() + style.Space.S if self.show_captions else 0

    @staticmethod
    def button_rect(tile: QRect, sign: int, direction: Qt.LayoutDirection) -> QRect:
        """Where the + (sign 1) or − (sign −1) button of a tile is. The whole of it can be hit."""
        side = style.HIT_TARGET
        left = tile.right() + 1 - _INSET - side * (2 if sign > 0 else 1)
        return style.visual_rect(direction, tile, QRect(left, tile.top() + _INSET, side, side))

    def button_at(self, tile: QRect, point: QPoint, direction: Qt.LayoutDirection) -> int:
        """The sign of the button at a point of a tile, 0 where there is none."""
        for sign in (1, -1):
            if self.button_rect(tile, sign, direction).contains(point):
                return sign
        return 0

    @staticmethod
    def square(rect: QRect) -> QRect:
        """The tile proper of a cell: without the caption."""
        return QRect(rect.topLeft(), rect.topLeft() + QPoint(rect.width() - 1, rect.width() - 1))

    # --- painting -------------------------------------------------------------------------------------------

    def paint_tile(self, painter: QPainter, rect: QRect, row: int, state: TileState) -> None:
        """Paint the tile of a row. Not Qt's ``paint``, whose options take longer to load than all tiles to paint."""
        square, shown = self.square(rect), self._gallery.tile(row)
        self._paint_ground(painter, square, state)
        if shown is None:
            return
        self._paint_photo(painter, square, shown.item, state)
        if self.show_scores:
            self._paint_score(painter, square, shown.score, state)
        if state.selected:
            self._paint_check(painter, square, state)
        self._paint_stack(painter, square, shown, state)
        if shown.sign:
            self._paint_badge(painter, square, shown.sign, state.tokens, state.direction)
        if state.focused:
            self._paint_focus(painter, square, state.tokens)
        if state.focused or state.hovered:
            self._paint_buttons(painter, square, row, shown.sign, state)
        if self.show_captions:
            self._paint_caption(painter, rect, self._gallery.id_of(shown.item), state.tokens)

    def _paint_ground(self, painter: QPainter, tile: QRect, state: TileState) -> None:
        tokens, selected = state.tokens, state.selected

        def draw(inner: QPainter, rect: QRectF) -> None:
            inner.setPen(tokens.tile_edge)
            inner.setBrush(tokens.accent_soft if selected else tokens.tile)
            inner.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), style.RADIUS, style.RADIUS)
            if selected:  # a thick ring around the photo
                inner.setBrush(Qt.BrushStyle.NoBrush)
                inner.setPen(QPen(tokens.accent, 3))
                inner.drawRoundedRect(rect.adjusted(1.5, 1.5, -1.5, -1.5), style.RADIUS - 1, style.RADIUS - 1)

        key = ("ground", tokens.surface.rgb(), selected)
        self._stamps.put(painter, QRectF(tile), state.ratio, key, draw, ground=tokens.page)

    def _paint_photo(self, painter: QPainter, tile: QRect, item: int, state: TileState) -> None:
        frame = self.photo_frame(tile)
        pixmap = self.pixmaps.pixmap(item)
        if pixmap is None:
            placeholder = self.pixmaps.placeholder(item)
            if self.pixmaps.is_missing(item):
                self._paint_no_photo(painter, frame, state.tokens)
            elif placeholder is not None:
                target, _ = _fitted(frame, QSizeF(placeholder.width, placeholder.height))
                painter.fillRect(target, QColor(placeholder.color))
            return
        target, scale = _fitted(frame, pixmap.deviceIndependentSize())
        if abs(scale - 1) < _SAME_SIZE:
            painter.drawPixmap(on_pixels(target.topLeft(), state.ratio), pixmap)
        else:  # in the moments after a zoom, coarsely: a screenful of smooth ones would miss the next frame
            painter.drawPixmap(target, pixmap, QRectF(pixmap.rect()))

    @staticmethod
    def photo_frame(tile: QRect) -> QRect:
        """The square of a tile in which its photo is fitted."""
        return tile.adjusted(_INSET, _INSET, -_INSET, -_INSET)

    def _paint_no_photo(self, painter: QPainter, frame: QRect, tokens: style.Colors) -> None:
        with_words = frame.width() >= _WIDE_ENOUGH_FOR_WORDS
        icon = QRectF(0, 0, 30, 22)
        icon.moveCenter(QRectF(frame).center() - QPointF(0, 8 if with_words else 0))
        painter.setPen(QPen(tokens.text_muted, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(icon, 3, 3)
        painter.drawLine(icon.bottomLeft(), icon.topRight())
        if not with_words:
            return
        painter.setFont(self._small_font)
        below = QRect(frame.left(), round(icon.bottom()) + 4, frame.width(), painter.fontMetrics().height())
        painter.drawText(below, _Align.AlignHCenter | _Align.AlignTop, self.tr("no photo"))

    def _paint_score(self, painter: QPainter, tile: QRect, score: float | None, state: TileState) -> None:
        if score is None or not math.isfinite(score):
            return
        tokens, text = state.tokens, self._locale.toString(score, "f", 2)
        width, height = self._width(text) + 10, self._small_metrics.height() + 2
        chip = QRect(tile.left() + _INSET, tile.bottom() + 1 - _INSET - height, width, height)

        def draw(inner: QPainter, rect: QRectF) -> None:
            inner.setPen(Qt.PenStyle.NoPen)
            inner.setBrush(tokens.chip)
            inner.drawRoundedRect(rect, 4, 4)
            inner.setPen(tokens.on_chip)
            inner.setFont(self._small_font)
            inner.drawText(rect, _Align.AlignCenter, text)

        place = QRectF(style.visual_rect(state.direction, tile, chip))
        self._stamps.put(painter, place, state.ratio, ("score", text), draw)

    def _width(self, text: str) -> int:
        width = self._widths.get(text)
        if width is None:
            width = self._widths[text] = self._small_metrics.horizontalAdvance(text)
        return width

    def _paint_stack(self, painter: QPainter, tile: QRect, shown: Tile, state: TileState) -> None:
        """What stands behind the photo: more photos of the item (two sheets and their number), identical ones (+2)."""
        tokens, shift = state.tokens, _BADGE + 4 if state.selected else 0
        more, several = (
            f"+{shown.copies}" if shown.copies else "",
            str(shown.images) if shown.images > 1 else "",
        )
        for text, sheets in ((more, 0), (several, 16)):
            if not text:
                continue
            width, height = self._width(text) + 10 + sheets, self._small_metrics.height() + 2
            left, top = tile.right() + 1 - _INSET - shift - width, tile.bottom() + 1 - _INSET - height
            chip = QRect(left, top, width, height)
            shift += width + 4

            def draw(inner: QPainter, rect: QRectF, text: str = text, sheets: int = sheets) -> None:
                inner.setPen(Qt.PenStyle.NoPen)
                inner.setBrush(tokens.chip)
                inner.drawRoundedRect(rect, 4, 4)
                inner.setFont(self._small_font)
                inner.setPen(QPen(tokens.on_chip, 1.2))
                inner.drawText(rect.adjusted(sheets, 0, 0, 0), _Align.AlignCenter, text)
                if sheets:
                    inner.setBrush(tokens.chip)
                    middle = rect.center().y()
                    inner.drawRoundedRect(QRectF(8.5, middle - 6.5, 9, 9), 1.5, 1.5)
                    inner.drawRoundedRect(QRectF(5.5, middle - 3.5, 9, 9), 1.5, 1.5)

            place = QRectF(style.visual_rect(state.direction, tile, chip))
            self._stamps.put(painter, place, state.ratio, ("stack", text, sheets), draw)

    def _paint_check(self, painter: QPainter, tile: QRect, state: TileState) -> None:
        """A check mark on what is selected tells it to those who do not see the ring's colour."""
        tokens = state.tokens

        def draw(inner: QPainter, rect: QRectF) -> None:
            inner.setPen(QPen(tokens.page, 1.5))
            inner.setBrush(tokens.accent)
            inner.drawEllipse(rect.adjusted(1, 1, -1, -1))
            inner.setPen(_stroke(tokens.on_accent))
            inner.drawPolyline([QPoint(7, 12), QPoint(11, 16)])
            inner.drawPolyline([QPoint(11, 16), QPoint(17, 9)])

        at = QRect(tile.right() + 1 - _INSET - _BADGE, tile.bottom() + 1 - _INSET - _BADGE, _BADGE, _BADGE)
        place = QRectF(style.visual_rect(state.direction, tile, at)).adjusted(-1, -1, 1, 1)
        self._stamps.put(painter, place, state.ratio, ("check", tokens.surface.rgb()), draw)

    def _paint_badge(
        self, painter: QPainter, tile: QRect, sign: int, tokens: style.Colors, direction: Qt.LayoutDirection
    ) -> None:
        at = QRect(tile.left() + _INSET, tile.top() + _INSET, _BADGE, _BADGE)
        badge = QRectF(style.visual_rect(direction, tile, at))
        painter.setPen(QPen(tokens.page, 1.5))
        painter.setBrush(tokens.positive if sign > 0 else tokens.negative)
        painter.drawEllipse(badge)
        _paint_sign(painter, badge, sign, tokens.on_mark)

    def _paint_focus(self, painter: QPainter, tile: QRect, tokens: style.Colors) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(tokens.focus, 2))
        painter.drawRoundedRect(QRectF(tile).adjusted(-3, -3, 3, 3), style.RADIUS + 3, style.RADIUS + 3)

    def _paint_buttons(self, painter: QPainter, tile: QRect, row: int, sign: int, state: TileState) -> None:
        tokens, direction = state.tokens, state.direction
        for kind, color in ((1, tokens.positive), (-1, tokens.negative)):
            on, hot = sign == kind, self.hot == (row, kind)
            button = QRectF(self.button_rect(tile, kind, direction)).adjusted(1.5, 1.5, -1.5, -1.5)
            painter.setPen(QPen(color if on or hot else tokens.border, 1))
            painter.setBrush(color if on or hot else tokens.raised)
            painter.drawEllipse(button)
            _paint_sign(painter, button, kind, tokens.on_mark if on or hot else color)

    def _paint_caption(self, painter: QPainter, rect: QRect, text: str, tokens: style.Colors) -> None:
        below = rect.adjusted(2, rect.width() + style.Space.XS, -2, 0)
        painter.setFont(self._small_font)
        painter.setPen(tokens.text_muted)
        short = self._small_metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, below.width())
        painter.drawText(below, _Align.AlignHCenter | _Align.AlignTop, short)

    # --- help -----------------------------------------------------------------------------------------------

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: _Index
    ) -> bool:
        if event.type() != QEvent.Type.ToolTip or not index.isValid():
            return super().helpEvent(event, view, option, index)
        tile = self.square(view.visualRect(index))
        sign = self.button_at(tile, event.pos(), view.layoutDirection())
        text = self.button_text(sign, index.data(GalleryModel.SignRole)) if sign else ""
        text = text or index.data(Qt.ItemDataRole.ToolTipRole) or ""
        QToolTip.showText(event.globalPos(), text, view)
        return True

    def button_text(self, sign: int, present: int | None) -> str:
        """What a button of a tile does, with its key; ``present`` is the sign that the item has."""
        if sign == present:
            key = "+" if sign > 0 else "−"
            return self.tr("Take it out of the examples ({key})").format(key=key)
        return self.tr("More like this (+)") if sign > 0 else self.tr("Less like this (−)")


def _fitted(frame: QRect, size: QSizeF) -> tuple[QRectF, float]:
    """The largest rectangle of this shape in the middle of a square frame, and its scale."""
    scale = frame.width() / max(size.width(), size.height(), 1.0)
    target = QRectF(0, 0, size.width() * scale, size.height() * scale)
    target.moveCenter(QRectF(frame).center())
    return target, scale


def _stroke(color: QColor) -> QPen:
    return QPen(color, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)


def _paint_sign(painter: QPainter, circle: QRectF, sign: int, color: QColor) -> None:
    """A plus or a minus as lines: fonts set them off-centre."""
    painter.setPen(_stroke(color))
    center, arm = circle.center(), circle.width() * 0.22
    painter.drawLine(center - QPointF(arm, 0), center + QPointF(arm, 0))
    if sign > 0:
        painter.drawLine(center - QPointF(0, arm), center + QPointF(0, arm))
