"""A box drawn on an example: the collar, the print. Only that counts."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QSizePolicy, QVBoxLayout, QWidget

from visualsearch.filters.query import Example
from visualsearch.ui import style
from visualsearch.ui.panels.buttons import MainButton

Box = tuple[float, float, float, float]

LEAST = 0.05  # of a side of the photo: smaller boxes hold less than the encoder can tell apart
_STEP = 0.02  # of a side, for an arrow key
_GRIP = 10  # pixels around a corner in which it is taken hold of
_START: Box = (0.25, 0.25, 0.5, 0.5)


class RegionCanvas(QWidget):
    """The photo and the box. Drag draws a new box, moves it, or moves a corner; the arrow keys move it, with Shift they
    change its size."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(420, 420)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Region of the photo"))
        self.setAccessibleDescription(self.tr("Arrow keys move the box, Shift and an arrow change its size."))
        self._image = QImage()
        self.note = self.tr("Reading the photo…")
        self.box: Box = _START
        self._anchor: QPointF | None = (
            None  # the corner opposite to the one that moves, in shares of the photo
        )
        self._held: QPointF | None = None  # where in the box the mouse holds it

    def sizeHint(self) -> QSize:
        return QSize(560, 560)

    def set_image(self, image: QImage) -> None:
        self._image = image
        self.update()

    @property
    def has_image(self) -> bool:
        return not self._image.isNull()

    def set_box(self, box: Box) -> None:
        """Show this box, kept inside the photo."""
        width, height = (min(1.0, max(LEAST, side)) for side in box[2:])
        left, top = min(max(0.0, box[0]), 1 - width), min(max(0.0, box[1]), 1 - height)
        self.box = (left, top, width, height)
        self.update()
        self.changed.emit()

    def photo_rect(self) -> QRectF:
        """Where the photo is, in the widget's coordinates."""
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        corner = QPointF((self.width() - size.width()) / 2, (self.height() - size.height()) / 2)
        return QRectF(corner, size.toSizeF())

    def box_rect(self) -> QRectF:
        """Where the box is, in the widget's coordinates."""
        photo, (left, top, width, height) = self.photo_rect(), self.box
        return QRectF(
            photo.left() + left * photo.width(),
            photo.top() + top * photo.height(),
            width * photo.width(),
            height * photo.height(),
        )

    def _share(self, point: QPointF) -> QPointF:
        photo = self.photo_rect()
        x = (point.x() - photo.left()) / max(1.0, photo.width())
        y = (point.y() - photo.top()) / max(1.0, photo.height())
        return QPointF(min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        tokens = style.colors(self.palette())
        if self._image.isNull():
            painter.setPen(tokens.text_muted)
            flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
            painter.drawText(QRectF(self.rect()), flags, self.note)
            return
        photo, box = self.photo_rect(), self.box_rect()
        painter.drawImage(photo, self._image)
        outside = QPainterPath()
        outside.addRect(photo)
        inside = QPainterPath()
        inside.addRect(box)
        painter.fillPath(outside.subtracted(inside), QColor(0, 0, 0, 130))
        painter.setPen(QPen(QColor("white"), 3))
        painter.drawRect(box)
        painter.setPen(QPen(tokens.accent if self.hasFocus() else tokens.positive, 2))
        painter.drawRect(box)
        painter.setBrush(QColor("white"))
        for corner in self._corners(box):
            painter.drawEllipse(corner, 5, 5)

    @staticmethod
    def _corners(box: QRectF) -> tuple[QPointF, QPointF, QPointF, QPointF]:
        """Each followed, two places on, by the opposite one."""
        return box.topLeft(), box.topRight(), box.bottomRight(), box.bottomLeft()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._image.isNull():
            return
        point, box = event.position(), self.box_rect()
        corners = self._corners(box)
        near = [at for at, corner in enumerate(corners) if (corner - point).manhattanLength() <= 2 * _GRIP]
        if near:
            self._anchor = self._share(corners[(near[0] + 2) % 4])
        elif box.contains(point):
            self._held = self._share(point) - QPointF(*self.box[:2])
        else:
            self._anchor = self._share(point)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = self._share(event.position())
        if self._anchor is not None:
            drawn = QRectF(self._anchor, point).normalized()
            self.set_box((drawn.left(), drawn.top(), drawn.width(), drawn.height()))
        elif self._held is not None:
            corner = point - self._held
            self.set_box((corner.x(), corner.y(), *self.box[2:]))
        else:
            over = self.box_rect().contains(event.position())
            self.setCursor(Qt.CursorShape.SizeAllCursor if over else Qt.CursorShape.CrossCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._anchor = self._held = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (-_STEP, 0.0),
            Qt.Key.Key_Right: (_STEP, 0.0),
            Qt.Key.Key_Up: (0.0, -_STEP),
            Qt.Key.Key_Down: (0.0, _STEP),
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        left, top, width, height = self.box
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.set_box((left, top, min(width + step[0], 1 - left), min(height + step[1], 1 - top)))
        else:
            self.set_box((left + step[0], top + step[1], width, height))


class RegionDialog(QDialog):
    """Asks for the box. ``chosen`` gives it, or None for the whole photo."""

    chosen = Signal(object)

    def __init__(self, example: Example, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Only a region of this photo"))
        hint = QLabel(
            self.tr(
                "Draw a box around what counts, such as a collar or a print. The arrow keys move it, with Shift they"
                " change its size."
            ),
            self,
        )
        hint.setWordWrap(True)
        self.canvas = RegionCanvas(self)
        if example.region is not None:
            self.canvas.set_box(example.region)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.accept_button = MainButton(self.tr("&Use this region"), self.buttons)
        self.buttons.addButton(self.accept_button, QDialogButtonBox.ButtonRole.AcceptRole)
        self.whole_button = self.buttons.addButton(
            self.tr("&Whole photo"), QDialogButtonBox.ButtonRole.ResetRole
        )
        self.whole_button.setEnabled(example.region is not None)
        self.accept_button.setEnabled(False)
        self.buttons.accepted.connect(lambda: self._choose(self.canvas.box))
        self.buttons.rejected.connect(self.reject)
        self.whole_button.clicked.connect(lambda: self._choose(None))
        column = QVBoxLayout(self)
        column.addWidget(hint)
        column.addWidget(self.canvas, 1)
        column.addWidget(self.buttons)
        self.canvas.setFocus()

    def show_photo(self, image: QImage) -> None:
        self.canvas.set_image(image)
        self.accept_button.setEnabled(True)

    def show_error(self, text: str) -> None:
        self.canvas.note = text
        self.canvas.update()

    def _choose(self, box: Box | None) -> None:
        self.chosen.emit(box)
        self.accept()
