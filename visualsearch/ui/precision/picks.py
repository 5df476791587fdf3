"""The photos of one round of judging, small, in a row: which is asked for, and what was answered for the others."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from visualsearch.filters.query import Example
from visualsearch.ui import style

Fetch = Callable[[list[Example], Callable[[dict[Example, QImage]], None]], None]
"""As `Photos.thumbnails`."""
_SIDE, _GAP = 52, 6


class Picks(QWidget):
    """A row of photos; a click on one asks for it."""

    chosen = Signal(int)
    """An item."""

    def __init__(self, fetch: Fetch, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fetch = fetch
        self._items: list[int] = []
        self._answers: dict[int, str] = {}
        self._current = -1
        self._images: dict[Example, QImage] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_SIDE + 6)
        self.setAccessibleName(self.tr("Photos of this round"))

    def minimumSizeHint(self) -> QSize:
        return QSize(len(self._items) * (_SIDE + _GAP), self.height())

    def show_items(self, items: list[int]) -> None:
        """Another round."""
        self._items = items
        self._images = {}
        examples = [Example(item=item) for item in items]

        def take(images: dict[Example, QImage]) -> None:
            self._images.update(images)
            self.update()

        self._fetch(examples, take)
        self.updateGeometry()
        self.update()

    def show_state(self, current: int, answers: dict[int, str]) -> None:
        """What is asked for, −1 for nothing, and what was answered."""
        self._current, self._answers = current, dict(answers)
        self.update()

    def rect_of(self, item: int) -> QRectF:
        """Where an item is."""
        whole = len(self._items) * (_SIDE + _GAP) - _GAP
        place = self._items.index(item)
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            place = len(self._items) - 1 - place
        return QRectF((self.width() - whole) / 2 + place * (_SIDE + _GAP), 3, _SIDE, _SIDE)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for item in self._items:
            if self.rect_of(item).contains(event.position()):
                self.chosen.emit(item)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        tokens = style.colors(self.palette())
        edges = {"yes": tokens.positive, "no": tokens.negative, "unsure": tokens.text_muted}
        for item in self._items:
            frame = self.rect_of(item)
            outline = QPainterPath()
            outline.addRoundedRect(frame, 5, 5)
            painter.fillPath(outline, tokens.tile)
            image = self._images.get(Example(item=item))
            answer = self._answers.get(item)
            if image is not None:
                side = min(image.width(), image.height())
                source = QRectF((image.width() - side) / 2, (image.height() - side) * 0.35, side, side)
                painter.save()
                painter.setClipPath(outline)
                painter.setOpacity(0.55 if answer is not None and item != self._current else 1.0)
                painter.drawImage(frame, image, source)
                painter.restore()
            current = item == self._current
            edge = edges[answer] if answer is not None else tokens.tile_edge
            painter.setPen(QPen(tokens.accent if current else edge, 3 if current or answer else 1))
            painter.drawPath(outline)
            if answer is not None:
                self._paint_sign(painter, frame, answer)

    def _paint_sign(self, painter: QPainter, frame: QRectF, answer: str) -> None:
        """Not by colour alone: a tick, a cross, a question mark."""
        tokens = style.colors(self.palette())
        colours = {"yes": tokens.positive, "no": tokens.negative, "unsure": tokens.text_muted}
        badge = QRectF(frame.right() - 17, frame.bottom() - 17, 16, 16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours[answer])
        painter.drawEllipse(badge)
        painter.setPen(QPen(tokens.on_mark, 1.6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        signs = {"yes": "✓", "no": "✕", "unsure": "?"}
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, signs[answer])
