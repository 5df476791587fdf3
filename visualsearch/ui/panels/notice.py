"""A few sentences in a dialog, marked as a warning where they are one."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from visualsearch.ui import style
from visualsearch.ui.icons import icon


class Notice(QWidget):
    """Hidden while there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sign = QLabel(self)
        self._message = QLabel(self)
        self._message.setWordWrap(True)
        self._message.setTextFormat(Qt.TextFormat.PlainText)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(style.Space.S)
        layout.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._message, 1)
        self.hide()

    def text(self) -> str:
        return self._message.text()

    def say(self, text: str, *, warning: bool = False) -> None:
        """Show a message; "" hides it."""
        tokens = style.colors(self.palette())
        sign = icon("warning", tokens.warning) if warning else icon("info", tokens.accent)
        self._sign.setPixmap(sign.pixmap(QSize(16, 16), self.devicePixelRatioF()))
        self._message.setText(text)
        self.setVisible(bool(text))
