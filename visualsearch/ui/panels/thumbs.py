"""A small picture that can be picked, removed and dragged: in the tray and among the neighbours."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QDrag, QImage, QPainter, QPainterPath, QPen, QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QFrame, QScrollArea, QWidget
from shiboken6 import isValid

from visualsearch.filters.query import Example
from visualsearch.ui import style
from visualsearch.ui.gallery.model import mime_data
from visualsearch.ui.icons import icon

_BADGE = 18
BAR = 8  # pixels: the scroll bar below the pictures of a row
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_WEIGHTS = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
_NOTCH = 120  # of a wheel, in eighths of a degree


class Thumb(QAbstractButton):
    """A picture; ``clicked`` when it is clicked, ``badge_clicked`` when the badge in its corner is.

    ``sign`` 1 or −1 draws the frame of an example, whose badge removes it; 0 is a neighbour, whose badge adds it.
    """

    badge_clicked = Signal()
    mute_pressed = Signal()
    """M, on an example."""
    move_pressed = Signal(int)
    """Ctrl+Left (−1) or Ctrl+Right (1), on an example."""
    weight_pressed = Signal(int)
    """Ctrl+Up or the wheel forward with Ctrl (1): it is to count more; the other way (−1) less."""

    def __init__(
        self, example: Example, sign: int, side: int, parent: QWidget | None = None, *, badge: bool = True
    ) -> None:
        super().__init__(parent)
        self._has_badge = badge
        self.example = example
        self.sign = sign
        self._side = side
        self._image = QImage()
        self._is_broken = False
        self.is_muted = False
        self.is_refused = False
        self.weight = 1.0
        self._turned = 0
        self._press: QPoint | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFixedSize(side, side)

    def sizeHint(self) -> QSize:
        return QSize(self._side, self._side)

    def set_image(self, image: QImage) -> None:
        """Show a picture. It may have been on its way while the thumb was closed or replaced: then nothing happens."""
        if isValid(self):
            self._image, self._is_broken = image, False
            self.update()

    def set_broken(self) -> None:
        """There is no picture that can be shown; as `set_image`."""
        if isValid(self):
            self._is_broken = True
            self.update()

    def set_muted(self, muted: bool) -> None:
        """Whether the example does not count for the moment: it is shown faint, with a bar through it."""
        self.is_muted = muted
        self.update()

    def set_weight(self, weight: float) -> None:
        """How much the example counts: a sign in the corner says so, unless it is once. With 0 it is muted, and keeps
        the weight that it had for when it counts again."""
        self.set_muted(not weight)
        self.weight = weight or self.weight
        self.update()

    def set_refused(self, refused: bool) -> None:
        """Whether the filter does not learn from the example: its frame is dashed."""
        self.is_refused = refused
        self.update()

    @property
    def has_image(self) -> bool:
        return not self._image.isNull()

    def badge_rect(self) -> QRect:
        """Where the badge is, in the widget's coordinates."""
        return QRect(self.width() - _BADGE - 3, 3, _BADGE, _BADGE)

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        frame = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        outline = QPainterPath()
        outline.addRoundedRect(frame, 6, 6)
        tokens = style.colors(self.palette())
        painter.fillPath(outline, tokens.tile)
        painter.setClipPath(outline)
        if self.has_image:
            painter.setOpacity(0.3 if self.is_muted else 1.0)
            painter.drawImage(frame, self._image, self._cropped())
            painter.setOpacity(1.0)
        elif self._is_broken:
            side = self._side // 3
            corner = (self._side - side) // 2
            icon("warning", tokens.warning).paint(painter, QRect(corner, corner, side, side))
        painter.setClipping(False)
        colour = {1: tokens.positive, -1: tokens.negative}.get(self.sign, tokens.tile_edge)
        if self.hasFocus():
            colour = tokens.focus
        pen = QPen(colour, 3 if self.hasFocus() else (2 if self.sign else 1))
        painter.setPen(pen)
        if self.is_refused:
            dashed = QPen(pen)
            dashed.setStyle(Qt.PenStyle.DashLine)
            painter.setPen(dashed)
        painter.drawPath(outline)
        painter.setPen(pen)
        if self.is_muted:
            painter.drawLine(frame.bottomLeft() + QPointF(5, -5), frame.topRight() + QPointF(-5, 5))
        if self.example.region is not None:
            self._paint_region_mark(painter, colour)
        if self.weight != 1:
            self._paint_weight(painter, tokens.surface, tokens.text)
        if self._has_badge and (self.underMouse() or self.hasFocus()):
            self._paint_badge(painter)

    def _cropped(self) -> QRectF:
        """The middle square of a photo, a little above the centre for tall ones, where the garment is; of an example
        of which a region counts, the square around that."""
        width, height = self._image.width(), self._image.height()
        side = min(width, height)
        if self.example.region is not None:
            left, top, across, down = self.example.region
            side = min(side, max(across * width, down * height))
            x = min(max(0.0, (left + across / 2) * width - side / 2), width - side)
            y = min(max(0.0, (top + down / 2) * height - side / 2), height - side)
            return QRectF(x, y, side, side)
        return QRectF((width - side) / 2, (height - side) * 0.35, side, side)

    def _paint_region_mark(self, painter: QPainter, colour: QColor) -> None:
        """Corners of a frame, as of a viewfinder: only a part of the photo counts."""
        box = QRectF(self.rect()).adjusted(7, 7, -7, -7)
        painter.setPen(QPen(colour, 2))
        arm = box.width() / 5
        for corner, x, y in (
            (box.topLeft(), 1, 1),
            (box.topRight(), -1, 1),
            (box.bottomLeft(), 1, -1),
            (box.bottomRight(), -1, -1),
        ):
            painter.drawLine(corner, corner + QPointF(x * arm, 0))
            painter.drawLine(corner, corner + QPointF(0, y * arm))

    def _paint_weight(self, painter: QPainter, ground: QColor, colour: QColor) -> None:
        """×2 in the lower corner."""
        text = f"×{self.weight:g}"
        painter.setFont(style.font("caption"))
        across = painter.fontMetrics().horizontalAdvance(text) + 8
        sign = QRectF(4, self.height() - _BADGE - 4, across, _BADGE)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(sign, 4, 4)
        painter.setPen(colour)
        painter.drawText(sign, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_badge(self, painter: QPainter) -> None:
        badge = QRectF(self.badge_rect())
        hovered = self.badge_rect().contains(self.mapFromGlobal(self.cursor().pos()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(20, 22, 28, 235 if hovered else 190))
        painter.drawEllipse(badge)
        painter.setPen(QPen(Qt.GlobalColor.white, 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        mark = badge.adjusted(5.5, 5.5, -5.5, -5.5)
        if self.sign:
            painter.drawLine(mark.topLeft(), mark.bottomRight())
            painter.drawLine(mark.topRight(), mark.bottomLeft())
        else:
            painter.drawLine(
                QPoint(round(mark.left()), round(badge.center().y())),
                QPoint(round(mark.right()), round(badge.center().y())),
            )
            painter.drawLine(
                QPoint(round(badge.center().x()), round(mark.top())),
                QPoint(round(badge.center().x()), round(mark.bottom())),
            )

    def mousePressEvent(self, event) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._press = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event) -> None:
        self.update()
        far = QApplication.startDragDistance()
        point = event.position().toPoint()
        if self._press is not None and (point - self._press).manhattanLength() >= far:
            self._press = None
            self.setDown(False)
            self._drag()
            return
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event) -> None:
        press, self._press = self._press, None
        badge = self.badge_rect()
        if (
            self._has_badge
            and press is not None
            and badge.contains(press)
            and badge.contains(event.position().toPoint())
        ):
            self.setDown(False)
            self.badge_clicked.emit()
            return
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event) -> None:
        if self.sign and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.badge_clicked.emit()
        elif self.sign and event.key() == Qt.Key.Key_M and not event.modifiers():
            self.mute_pressed.emit()
        elif self.sign and event.key() in _STEPS and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.move_pressed.emit(_STEPS[Qt.Key(event.key())])
        elif (
            self.sign and event.key() in _WEIGHTS and event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            self.weight_pressed.emit(_WEIGHTS[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event) -> None:
        if not self.sign or not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
            return
        self._turned += event.angleDelta().y()
        notches = int(self._turned / _NOTCH)  # towards 0, so that finer wheels add up
        self._turned -= notches * _NOTCH
        for _ in range(abs(notches)):
            self.weight_pressed.emit(1 if notches > 0 else -1)
        event.accept()

    def _drag(self) -> None:
        if self.example.item is not None:
            mime = mime_data([self.example.item])
        else:
            from PySide6.QtCore import QUrl  # not at the start: see docs/decisions/window.md

            mime = QMimeData()
            mime.setUrls([QUrl.fromLocalFile(self.example.file or "")])
        drag = QDrag(self)
        drag.setMimeData(mime)
        drag.setPixmap(self.grab().scaledToWidth(48, Qt.TransformationMode.SmoothTransformation))
        drag.exec(Qt.DropAction.CopyAction)


class ThumbScroll(QScrollArea):
    """A row of pictures, ``side`` pixels high, that the wheel moves sideways, with a bar that covers none of them."""

    def __init__(self, row: QWidget, side: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.setViewport(QWidget())  # as in the grid: Qt's own takes long to wrap
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its pictures have it
        self.setWidgetResizable(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedHeight(side + BAR)
        self.setWidget(row)
        self.viewport().setAutoFillBackground(False)
        row.setAutoFillBackground(False)
        self.take_colours()

    def take_colours(self) -> None:
        handle = style.colors(self.palette()).text_muted.name()
        self.horizontalScrollBar().setStyleSheet(
            f"QScrollBar {{ height: {BAR}px; background: transparent; border: none; }}"
            f"QScrollBar::handle {{ background: {handle}; border-radius: 2px; margin: 2px 0; min-width: 24px; }}"
            "QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page"
            " { width: 0; background: transparent; }"
        )

    def wheelEvent(self, event: QWheelEvent) -> None:
        bar, turned = self.horizontalScrollBar(), event.angleDelta()
        bar.setValue(bar.value() - (turned.x() or turned.y()))
        event.accept()
