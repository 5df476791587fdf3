"""A message above the grid that leaves the hands free: what happened, the next step, a button that takes it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from visualsearch.ui import style
from visualsearch.ui.icons import icon

_PASSING_MS = 10_000  # long enough to read two sentences twice


class Banner(QWidget):
    """Shows one message at a time; the newest replaces the one before."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._warning = False
        self._passing = QTimer(self)
        self._passing.setSingleShot(True)
        self._passing.setInterval(_PASSING_MS)
        self._passing.timeout.connect(self.hide)
        self._slot: Callable[[], object] | None = None
        self._sign = QLabel(self)
        self.message = QLabel(self)
        self.message.setWordWrap(True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.message.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.button = QPushButton(self)
        self.button.clicked.connect(self._act)
        self.closing = QToolButton(self)
        self.closing.setAutoRaise(True)
        self.closing.setAccessibleName(self.tr("Close this message"))
        self.closing.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(style.Space.L, style.Space.S, style.Space.S, style.Space.S)
        layout.setSpacing(style.Space.S)
        layout.addWidget(self._sign)
        layout.addWidget(self.message, 1)
        layout.addWidget(self.button)
        layout.addWidget(self.closing)
        self.hide()

    def show_message(
        self,
        text: str,
        hint: str = "",
        *,
        warning: bool = False,
        button: str = "",
        slot: Callable[[], object] | None = None,
    ) -> None:
        """Show a message; ``slot`` is called when its button is pressed, which also closes it. A message that neither
        warns nor offers anything goes by itself: after some seconds, or with ``pass_by``."""
        self._warning, self._slot = warning, slot
        if warning or button:
            self._passing.stop()
        else:
            self._passing.start()
        self.message.setText(f"{text} {hint}".strip())
        self.button.setText(button)
        self.button.setVisible(bool(button))
        self.take_colours()
        self.show()

    def pass_by(self) -> None:
        """The person goes on with something else: a message that has only told something has done so."""
        if self._passing.isActive():
            self._passing.stop()
            self.hide()

    def withdraw(self, slot: Callable[[], object] | None) -> None:
        """What a message on screen offers makes no sense any more."""
        if slot is not None and slot is self._slot:
            self.hide()

    def take_colours(self) -> None:
        edge = self._edge()
        self._sign.setPixmap(
            icon("warning" if self._warning else "info", edge).pixmap(QSize(20, 20), self.devicePixelRatioF())
        )
        self.closing.setIcon(icon("close"))
        self.update()

    def _edge(self) -> QColor:
        tokens = style.colors(self.palette())
        return tokens.warning if self._warning else tokens.accent

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = style.colors(self.palette())
        painter = QPainter(self)
        painter.fillRect(self.rect(), tokens.raised)
        painter.fillRect(0, 0, 4, self.height(), self._edge())
        painter.setPen(tokens.border)
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)

    def _act(self) -> None:
        self.hide()
        if self._slot is not None:
            self._slot()
