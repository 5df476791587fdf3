"""Small pictures with what is said of them: neighbours and typical items."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from visualsearch.filters.query import Example
from visualsearch.ui import style
from visualsearch.ui.panels.thumbs import Thumb
from visualsearch.ui.photos import Photos

GIVEN, SUGGESTED, OTHER = "given", "suggested", "other"


class Caption(QWidget):
    """A line below a picture, with a bar in the colour of its side; cut where it is too long."""

    def __init__(self, text: str, side: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text, self.side = text, side
        self.setFont(style.font("caption"))
        self.setToolTip(text)
        self.setFixedHeight(QFontMetrics(self.font()).height() + 5)

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        tokens = style.colors(self.palette())
        colour = side_colour(tokens, self.side)
        painter.fillRect(QRectF(0, 0, self.width(), 3), colour)
        painter.setPen(tokens.text if self.side != OTHER else tokens.text_muted)
        text = painter.fontMetrics().elidedText(self.text, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect().adjusted(0, 4, 0, 0), Qt.AlignmentFlag.AlignCenter, text)


def side_colour(tokens: style.Colors, side: str) -> QColor:
    """Red for the value that is doubted, green for the one that is suggested, grey for others."""
    return {GIVEN: tokens.negative, SUGGESTED: tokens.positive}.get(side, tokens.tile_edge)


class Strip(QWidget):
    """A row of pictures, as many as there is room for."""

    chosen = Signal(int)
    """The item whose picture was clicked."""

    def __init__(self, photos: Photos, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._photos = photos
        self._side = side
        self.thumbs: list[Thumb] = []
        self.captions: list[Caption] = []
        self._cells: list[QWidget] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(style.Space.S)
        self._row.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(side)

    def show_items(self, items: Sequence[tuple[int, str, str, str]]) -> None:
        """Show (item, caption, side, tooltip) each; no caption, no line."""
        for cell in self._cells:
            self._row.removeWidget(cell)
            cell.hide()
            cell.deleteLater()
        self.thumbs, self.captions, self._cells = [], [], []
        for place, (item, text, side, tip) in enumerate(items):
            cell = self._cell(item, text, side, tip)
            self._cells.append(cell)
            self._row.insertWidget(place, cell)
        tallest = max((cell.height() for cell in self._cells), default=self._side)
        self.setFixedHeight(tallest)
        self._fit()
        thumbs = list(self.thumbs)
        self._photos.thumbnails(
            [thumb.example for thumb in thumbs],
            lambda images: fill(thumbs, images) if thumbs == self.thumbs else None,
        )

    def _cell(self, item: int, text: str, side: str, tip: str) -> QWidget:
        cell = QWidget(self)
        thumb = Thumb(Example(item=item), 0, self._side, cell, badge=False)
        thumb.setToolTip(tip)
        thumb.setAccessibleName(tip)
        thumb.clicked.connect(lambda: self.chosen.emit(item))
        self.thumbs.append(thumb)
        height = self._side
        if text:
            caption = Caption(text, side, cell)
            caption.setGeometry(0, self._side + 2, self._side, caption.height())
            self.captions.append(caption)
            height += caption.height() + 2
        cell.setFixedSize(self._side, height)
        return cell

    def _fit(self) -> None:
        """Hide what would be cut."""
        room = (self.width() + style.Space.S) // (self._side + style.Space.S)
        for place, cell in enumerate(self._cells):
            cell.setVisible(place < room)

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self._fit()


def fill(thumbs: Sequence[Thumb], images: dict) -> None:
    """Give thumbs their pictures; those that have none say so."""
    for thumb in thumbs:
        if thumb.example in images:
            thumb.set_image(images[thumb.example])
        else:
            thumb.set_broken()
