"""A message above the grid that leaves the hands free: what happened, the next step, a button that takes it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from visualsearch.ui import style
from visualsearch.ui.icons import icon

_PASSING_MS = 10_000  # long enough to read two sentences twice
_OFFER_MS = 30_000  # and to make up one's mind about what is offered


class Banner(QWidget):
    """Shows one message at a time; the newest replaces the one before. Esc closes it, as an action of the window."""

    appeared = Signal()
    """It is shown or hidden now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._warning = False
        self._passing = QTimer(self)
        self._passing.setSingleShot(True)
        self._passing.timeout.connect(self._pass)
        self._slot: Callable[[], object] | None = None
        self._other_slot: Callable[[], object] | None = None
        self._sign = QLabel(self)
        self.message = QLabel(self)
        self.message.setWordWrap(True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.message.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.button = QPushButton(self)
        self.button.clicked.connect(lambda: self._act(self._slot))
        self.other = QPushButton(self)
        self.other.clicked.connect(lambda: self._act(self._other_slot))
        self.closing = QToolButton(self)
        self.closing.setAutoRaise(True)
        self.closing.setAccessibleName(self.tr("Close this message"))
        self.closing.setToolTip(self.tr("Close this message (Esc)"))
        self.closing.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(style.Space.L, style.Space.S, style.Space.S, style.Space.S)
        layout.setSpacing(style.Space.S)
        layout.addWidget(self._sign)
        layout.addWidget(self.message, 1)
        layout.addWidget(self.button)
        layout.addWidget(self.other)
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
        other: str = "",
        other_slot: Callable[[], object] | None = None,
    ) -> None:
        """Show a message; ``slot`` is called when its button is pressed, which also closes it, and ``other_slot`` when
        the ``other`` one is.

        A message that does not warn goes by itself after some seconds, later when it offers something, but never while
        the mouse or the keyboard is on it. One that has only told something also goes with ``pass_by``.
        """
        self._warning, self._slot, self._other_slot = warning, slot, other_slot
        if warning:
            self._passing.stop()
        else:
            self._passing.start(_OFFER_MS if button else _PASSING_MS)
        self.message.setText(f"{text} {hint}".strip())
        self.button.setText(button)
        self.button.setVisible(bool(button))
        self.other.setText(other)
        self.other.setVisible(bool(other))
        self.take_colours()
        self.show()

    def pass_by(self) -> None:
        """The person goes on with something else: a message that has only told something has done so."""
        if self._passing.isActive() and self.button.isHidden():
            self.hide()

    def _pass(self) -> None:
        focused = self.window().focusWidget()
        if self.underMouse() or (focused is not None and self.isAncestorOf(focused)):
            self._passing.start()
        else:
            self.hide()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.appeared.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self.isHidden():  # not only because a page above it is
            self._passing.stop()
        self.appeared.emit()

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

    def _act(self, slot: Callable[[], object] | None) -> None:
        self.hide()
        if slot is not None:
            slot()
