"""How an attribute came to where it is, day by day, in a small picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from visualsearch.ui import style, texts

if TYPE_CHECKING:
    from visualsearch.attributes.dashboard import Day

_MOST = 60  # days that are shown
_WIDEST_BAR = 8.0


def paint(painter: QPainter, room: QRectF, days: Sequence[Day], colours: style.Colors) -> None:
    """Bars: values changed and answers given on each day that has any; the line: how many items had a value then.

    Days stand side by side, without those on which nothing happened: weeks without work would leave no room."""
    shown = list(days)[-_MOST:]
    if not shown:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    step = room.width() / max(len(shown), 8)
    wide = min(step * 0.7, _WIDEST_BAR)
    most = max(day.changed + day.answers for day in shown) or 1
    bar = QColor(colours.accent)
    bar.setAlpha(110)
    for place, day in enumerate(shown):
        tall = (day.changed + day.answers) / most * room.height() * 0.8
        left = room.left() + step * (place + 0.5) - wide / 2
        painter.fillRect(QRectF(left, room.bottom() - tall, wide, tall), bar)
    low, high = min(day.filled for day in shown), max(day.filled for day in shown)
    span = max(high - low, 1)
    points = [
        QPointF(
            room.left() + step * (place + 0.5),
            room.bottom() - 2 - (day.filled - low) / span * (room.height() - 4)
            if high > low
            else room.top() + 3,
        )
        for place, day in enumerate(shown)
    ]
    painter.setPen(QPen(colours.text, 1.4))
    if len(points) > 1:
        painter.drawPolyline(QPolygonF(points))
    else:
        painter.setBrush(colours.text)
        painter.drawEllipse(points[0], 1.6, 1.6)


def describe(days: Sequence[Day]) -> str:
    """The same in words, the latest day first."""
    if not days:
        return QCoreApplication.translate("quality", "Nobody has changed or judged anything yet.")
    pattern = QCoreApplication.translate(
        "quality", "{0}: {1} values changed, {2} answers; then {3} filled, {4} certified, {5} judged"
    )
    return "\n".join(
        pattern.format(
            day.day, *map(texts.number, (day.changed, day.answers, day.filled, day.certified, day.judged))
        )
        for day in reversed(days[-10:])
    )
