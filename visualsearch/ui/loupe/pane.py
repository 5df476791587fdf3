"""One photo with its caption; several share a zoom."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from visualsearch.ui import style
from visualsearch.ui.loupe.photos import LARGEST, LoupePhotos, Photo
from visualsearch.ui.loupe.zoom import STEP, Zoom

_NOTCH = 120


class PhotoPane(QWidget):
    """Shows one photo of one item. ``slot`` names the pane among those of its loupe."""

    pressed = Signal()
    closed = Signal()
    """A double click: back to where one came from."""

    def __init__(self, slot: int, zoom: Zoom, photos: LoupePhotos, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._zoom, self._photos, self._slot = zoom, photos, slot
        self.item = self.position = -1
        self.is_chosen = False
        self._caption = self._note = ""
        self._pixmap = QPixmap()
        self._is_whole = False
        self._is_stand_in = True
        self._drag: QPointF | None = None
        self.setMinimumSize(60, 60)
        zoom.changed.connect(self._zoomed)

    # --- what it shows --------------------------------------------------------------------------------------

    def show_photo(self, item: int, position: int, stand_in: QPixmap | None) -> None:
        """Show an item's photo; until it has been read, its thumbnail."""
        self.item, self.position, self._note = item, position, ""
        known = self._photos.known(item, position)
        if known is not None:
            self._take(known, "")
        else:
            self._pixmap, self._is_whole, self._is_stand_in = stand_in or QPixmap(), False, True
        self.update()
        self._ask()

    def set_caption(self, text: str) -> None:
        self._caption = text
        self.setAccessibleName(text)
        self.update()

    def set_chosen(self, chosen: bool) -> None:
        """Whether it is the one that keys act on, of several."""
        self.is_chosen = chosen
        self.update()

    @property
    def has_photo(self) -> bool:
        """Whether the photo itself is shown, not its thumbnail."""
        return not self._is_stand_in

    @property
    def photo_rect(self) -> QRectF:
        """Where the photo is in the pane, in device-independent pixels."""
        return self._zoom.place(QSizeF(self._pixmap.size()), self._room())

    @property
    def true_size(self) -> float:
        """The zoom factor at which a pixel of the photo is a pixel of the screen."""
        fit = self.photo_rect.width() / self._zoom.factor * self.devicePixelRatioF()
        return self._pixmap.width() / fit if fit > 0 else 1.0

    def _room(self) -> QRectF:
        high = self.fontMetrics().height() + style.Space.S if self._caption else 0
        return QRectF(self.rect()).adjusted(4, 4, -4, -4 - high)

    # --- reading --------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        """Ask for as many pixels as can be seen; zoomed in, for all there are."""
        if self.item < 0 or self._is_whole:
            return
        fit = max(self.width(), self.height()) * self.devicePixelRatioF()
        side = LARGEST if self._zoom.factor > 1 else round(fit)
        if side > 0:
            self._photos.load(self.item, self.position, side, self._taker(), f"loupe-{self._slot}")

    def _taker(self):
        item, position = self.item, self.position

        def take(photo: Photo | None, problem: str) -> None:
            if (item, position) == (self.item, self.position):
                self._take(photo, problem)

        return take

    def _take(self, photo: Photo | None, problem: str) -> None:
        self._note = problem
        if photo is not None:
            self._pixmap = QPixmap.fromImage(photo.image)
            self._is_whole, self._is_stand_in = photo.whole, False
        self.update()

    def _zoomed(self) -> None:
        self.update()
        if self._zoom.factor > 1 and not self._is_whole:
            self._ask()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._ask()

    # --- painting -------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.SmoothPixmapTransform | QPainter.RenderHint.Antialiasing)
        tokens, room = style.colors(self.palette()), self._room()
        if not self._pixmap.isNull():
            painter.save()
            painter.setClipRect(room)
            painter.drawPixmap(self.photo_rect, self._pixmap, QRectF(self._pixmap.rect()))
            painter.restore()
        centred = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        if self._note:
            painter.setPen(tokens.text)
            box = painter.boundingRect(room.adjusted(20, 0, -20, 0), centred, self._note)
            painter.fillRect(box.adjusted(-12, -8, 12, 8), tokens.raised)
            painter.drawText(room.adjusted(20, 0, -20, 0), centred, self._note)
        if self._caption:
            below = QRectF(room.left(), room.bottom() + 2, room.width(), self.height() - room.bottom() - 4)
            painter.setPen(tokens.text if self.is_chosen else tokens.text_muted)
            short = self.fontMetrics().elidedText(
                self._caption, Qt.TextElideMode.ElideMiddle, int(below.width())
            )
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, short)
        if self.is_chosen:
            painter.setPen(QPen(tokens.accent, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
            painter.drawRoundedRect(frame, style.RADIUS, style.RADIUS)

    # --- mouse ----------------------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y()
        if turned:
            self._zoom.by(STEP ** (turned / _NOTCH), event.position(), self.photo_rect)
        event.accept()

    def event(self, event) -> bool:
        if (
            isinstance(event, QNativeGestureEvent)
            and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
        ):
            self._zoom.by(1 + event.value(), event.position(), self.photo_rect)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self.pressed.emit()
        self._drag = event.position()
        if self._zoom.factor > 1:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None:
            self._zoom.pan(event.position() - self._drag, self.photo_rect)
            self._drag = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._drag = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._drag = None
        self.closed.emit()
