"""A rate with its interval on a scale, as a picture."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from visualsearch.ui import style

_SCALES = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)


class IntervalBar(QWidget):
    """From 0 to a round share that holds all of it: the interval as a band, the rate as a mark, the wanted width as
    a bracket around it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._shown: tuple[float, float, float, float] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(240, 36 + self.fontMetrics().height())

    def show_interval(self, rate: float, low: float, high: float, wanted: float) -> None:
        """Shares; ``wanted``: the half-width that is aimed at. A low above the high shows nothing."""
        self._shown = (rate, low, high, wanted) if low <= high else None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = style.colors(self.palette())
        room = QRectF(self.rect()).adjusted(6, 8, -6, -self.fontMetrics().height() - 4)
        line = room.center().y()
        painter.setPen(QPen(colours.border, 2))
        painter.drawLine(QPointF(room.left(), line), QPointF(room.right(), line))
        if self._shown is None:
            return
        rate, low, high, wanted = self._shown
        scale = next(scale for scale in _SCALES if scale >= min(1.0, max(high, rate + wanted)))
        at = lambda share: room.left() + min(1.0, max(0.0, share / scale)) * room.width()  # noqa: E731
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.accent)
        painter.drawRoundedRect(QRectF(at(low), line - 5, max(3.0, at(high) - at(low)), 10), 4, 4)
        painter.setPen(QPen(colours.text, 2))
        painter.drawLine(QPointF(at(rate), line - 9), QPointF(at(rate), line + 9))
        painter.setPen(QPen(colours.text_muted, 1.4))
        for end, inward in ((at(rate - wanted), 4), (at(rate + wanted), -4)):
            painter.drawPolyline(
                [QPointF(end + inward, line - 11), QPointF(end, line - 11), QPointF(end, line + 11)]
            )
            painter.drawLine(QPointF(end, line + 11), QPointF(end + inward, line + 11))
        below = self.rect().adjusted(2, round(room.bottom()), -2, 0)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, "0 %")
        painter.drawText(
            below, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, f"{100 * scale:g} %"
        )
