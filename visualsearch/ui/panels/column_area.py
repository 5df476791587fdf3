"""A column of widgets that scrolls when the window is too low for it, and is never too narrow for them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

_LEAST_LINES = 3  # in sight, however low the window is
_WIDEST_LETTERS = 46  # a single long word must not push everything else away


class ColumnArea(QScrollArea):
    """Asks for the height of what is in it, gives way down to a few lines, and keeps its width."""

    def __init__(self, body: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(body)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Also where the bar takes some of the width: else one that is there would stay, for what then has no room."""
        body, bar = self.widget(), self.verticalScrollBar().sizeHint().width()
        if body is None:
            return super().sizeHint()
        hint = body.sizeHint()
        high = body.heightForWidth(self.width() - bar) if body.hasHeightForWidth() else hint.height()
        return QSize(hint.width() + bar, max(high, body.minimumSizeHint().height()))  # it is never made lower

    def minimumSizeHint(self) -> QSize:
        body, metrics = self.widget(), self.fontMetrics()
        wide = body.minimumSizeHint().width() if body is not None else 0
        widest = _WIDEST_LETTERS * metrics.averageCharWidth()
        bar = self.verticalScrollBar().sizeHint().width()
        return QSize(min(wide, widest) + bar, _LEAST_LINES * metrics.lineSpacing())
