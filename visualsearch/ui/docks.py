"""Docks that a small window has squeezed get their widths back when it grows again."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow

_ROOMY = 1000  # pixels of window from which on a dock's width is what the person wants


class DockWidths(QObject):
    """Remembers the widths that docks have while there is room for them."""

    def __init__(self, window: QMainWindow, widths: dict[QDockWidget, int]) -> None:
        super().__init__(window)
        self._window = window
        self._widths = dict(widths)
        for watched in (window, *widths):
            watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QResizeEvent):
            before, now = event.oldSize().width(), event.size().width()
            if watched is self._window and before < _ROOMY <= now:
                docks = list(self._widths)
                self._window.resizeDocks(docks, list(self._widths.values()), Qt.Orientation.Horizontal)
            elif isinstance(watched, QDockWidget) and before != now and self._window.width() >= _ROOMY:
                self._widths[watched] = now
        return False
