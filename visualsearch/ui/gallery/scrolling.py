"""Wheel and touchpad: pixels as they come from a touchpad, a short glide for each notch of a wheel."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEasingCurve, QVariantAnimation
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

_GLIDE_MS = 140
_NOTCH = 120  # an eighth of a degree times 15: what Qt calls one notch
_USUAL_LINES = 3


class SmoothScroll:
    """Turns wheel events into scroll positions. ``position()`` reads, ``move(y)`` sets the position in pixels."""

    def __init__(self, position: Callable[[], int], move: Callable[[int], None], widget: QWidget) -> None:
        self._position = position
        self._move = move
        self._widget = widget
        self._from = self._to = 0
        self._glide = QVariantAnimation(widget, duration=_GLIDE_MS)
        self._glide.setStartValue(0.0)
        self._glide.setEndValue(1.0)
        self._glide.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._glide.valueChanged.connect(self._step)

    def stop(self) -> None:
        """End a glide where it is."""
        self._glide.stop()

    def wheel(self, event: QWheelEvent, notch: int) -> None:
        """Scroll by a wheel event; one notch of a common mouse is ``notch`` pixels."""
        pixels, angle = event.pixelDelta().y(), event.angleDelta().y()
        event.setAccepted(bool(pixels or angle))
        if pixels:
            self.stop()
            self._move(self._position() - pixels)
            return
        if not angle:
            return
        lines = QApplication.wheelScrollLines() / _USUAL_LINES
        self._go(-round(angle / _NOTCH * notch * lines))

    def _go(self, distance: int) -> None:
        from PySide6.QtWidgets import QStyle  # takes long to load: nobody scrolls before the first paint

        gliding = self._glide.state() == QVariantAnimation.State.Running
        start = self._position()
        self._to = (self._to if gliding else start) + distance
        self._from = start
        self._glide.stop()
        if (
            self._widget.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration, None, self._widget)
            > 0
        ):
            self._glide.start()
        else:  # the person has turned animations off
            self._move(self._to)

    def _step(self, share: float) -> None:
        self._move(self._from + round((self._to - self._from) * share))
