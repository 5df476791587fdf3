"""Small things that look the same on many tiles, drawn once: rounded shapes and text are the dear part of a tile."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

_KEPT = 512


class Stamps:
    """Pixmaps by key, the least recently used ones dropped. GUI thread only."""

    def __init__(self) -> None:
        self._pixmaps: OrderedDict[Hashable, QPixmap] = OrderedDict()

    def clear(self) -> None:
        """Forget all: the fonts have changed."""
        self._pixmaps.clear()

    def put(
        self,
        painter: QPainter,
        rect: QRectF,
        ratio: float,
        key: Hashable,
        draw: Callable[[QPainter, QRectF], None],
        ground: QColor | None = None,
    ) -> None:
        """Paint at ``rect`` what ``draw(painter, rectangle from 0, 0)`` draws for ``key``, at a device's pixel ratio.

        With an opaque ``ground`` below it, it is copied instead of blended, which takes a third of the time.
        """
        size = (rect.width(), rect.height())
        full_key = (key, size, ratio)
        pixmap = self._pixmaps.get(full_key)
        if pixmap is None:
            pixmap = QPixmap(math.ceil(size[0] * ratio), math.ceil(size[1] * ratio))
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(ground or Qt.GlobalColor.transparent)
            inner = QPainter(pixmap)
            inner.setRenderHint(QPainter.RenderHint.Antialiasing)
            draw(inner, QRectF(0, 0, *size))
            inner.end()
            self._pixmaps[full_key] = pixmap
            if len(self._pixmaps) > _KEPT:
                self._pixmaps.popitem(last=False)
        else:
            self._pixmaps.move_to_end(full_key)
        painter.drawPixmap(on_pixels(rect.topLeft(), ratio), pixmap)


def on_pixels(point: QPointF, ratio: float) -> QPointF:
    """The point on whole device pixels: between them a pixmap would be blurred."""
    return QPointF(round(point.x() * ratio) / ratio, round(point.y() * ratio) / ratio)
