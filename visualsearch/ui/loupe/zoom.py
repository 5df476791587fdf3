"""How far photos are zoomed and which part is in sight: the same for all that stand side by side."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, QRectF, QSizeF, Signal

CLOSEST = 32.0
STEP = 1.25


class Zoom(QObject):
    """``factor``: 1.0 fits the photo into its pane, 2.0 is twice as large. ``centre``: what is in the middle of the
    pane, as shares of the photo's width and height. GUI thread only."""

    changed = Signal()
    passed_fit = Signal()
    """Somebody zoomed out although the photo fits already."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.factor = 1.0
        self.centre = QPointF(0.5, 0.5)

    def reset(self) -> None:
        """Fit the photo into the pane."""
        self._become(1.0, QPointF(0.5, 0.5))

    def by(self, ratio: float, fixed: QPointF | None, photo: QRectF) -> None:
        """Zoom by a ratio; the point ``fixed`` of the pane stays where it is. ``photo``: where the photo is now."""
        if ratio < 1 and self.factor <= 1:
            self.passed_fit.emit()
            return
        self.to(self.factor * ratio, fixed, photo)

    def to(self, factor: float, fixed: QPointF | None, photo: QRectF) -> None:
        """Zoom to a factor; see `by`."""
        factor = min(max(factor, 1.0), CLOSEST)
        centre = self.centre
        if fixed is not None and photo.width() > 0 and photo.height() > 0:
            under = QPointF(
                (fixed.x() - photo.left()) / photo.width(), (fixed.y() - photo.top()) / photo.height()
            )
            centre = under + (self.centre - under) * (self.factor / factor)
        self._become(factor, centre)

    def pan(self, moved: QPointF, photo: QRectF) -> None:
        """Move the photo by so many pixels of the pane."""
        if photo.width() > 0 and photo.height() > 0:
            step = QPointF(moved.x() / photo.width(), moved.y() / photo.height())
            self._become(self.factor, self.centre - step)

    def _become(self, factor: float, centre: QPointF) -> None:
        if factor <= 1:
            centre = QPointF(0.5, 0.5)
        centre = QPointF(min(max(centre.x(), 0.0), 1.0), min(max(centre.y(), 0.0), 1.0))
        if (factor, centre) != (self.factor, self.centre):
            self.factor, self.centre = factor, centre
            self.changed.emit()

    def place(self, photo: QSizeF, pane: QRectF) -> QRectF:
        """Where a photo of this size is drawn in a pane: no gap at a side where the photo is larger than the pane."""
        longest = max(photo.width() / max(pane.width(), 1.0), photo.height() / max(pane.height(), 1.0), 1e-6)
        scale = self.factor / longest
        wide, high = photo.width() * scale, photo.height() * scale
        left = _kept(pane.center().x() - self.centre.x() * wide, wide, pane.left(), pane.width())
        top = _kept(pane.center().y() - self.centre.y() * high, high, pane.top(), pane.height())
        return QRectF(left, top, wide, high)


def _kept(start: float, length: float, low: float, room: float) -> float:
    if length <= room:
        return low + (room - length) / 2
    return min(max(start, low + room - length), low)
