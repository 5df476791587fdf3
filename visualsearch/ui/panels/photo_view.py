"""A photo in a panel."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath
from PySide6.QtWidgets import QWidget

from visualsearch.ui import style


class PhotoView(QWidget):
    """A photo as large as there is room, never distorted, with a veil over it where somebody wants one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(280)
        self.setMinimumWidth(120)
        self._image = QImage()
        self._veil = QImage()
        self._note = ""

    @property
    def has_image(self) -> bool:
        return not self._image.isNull()

    def image_size(self) -> QSize:
        """Of the photo that is shown, in its own pixels; empty where there is none."""
        return self._image.size()

    def set_image(self, image: QImage, note: str = "") -> None:
        self._image, self._note, self._veil = image, note, QImage()
        self.update()

    def set_veil(self, veil: QImage) -> None:
        """Lay a half-transparent picture over the photo, until it changes; a null one takes it off."""
        self._veil = veil
        self.update()

    @property
    def has_veil(self) -> bool:
        return not self._veil.isNull()

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        tokens = style.colors(self.palette())
        frame = QRectF(self.rect())
        outline = QPainterPath()
        outline.addRoundedRect(frame, style.RADIUS, style.RADIUS)
        painter.fillPath(outline, tokens.tile)
        painter.setClipPath(outline)
        if self._image.isNull():
            painter.setPen(tokens.text_muted)
            room = frame.adjusted(12, 12, -12, -12)
            painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self._note)
            return
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        ratio = self.devicePixelRatioF()
        fine = self._image.scaled(
            QSize(round(size.width() * ratio), round(size.height() * ratio)),
            Qt.AspectRatioMode.IgnoreAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        corner = ((self.width() - size.width()) / 2, (self.height() - size.height()) / 2)
        target = QRectF(*corner, size.width(), size.height())
        painter.drawImage(target, fine)
        if self.has_veil:
            painter.drawImage(target, self._veil)
