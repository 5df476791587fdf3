"""Browse | Tag | Audit | Quality in the top bar: which mode is on screen, and the way to another."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from visualsearch.ui import style
from visualsearch.ui.icons import icon
from visualsearch.ui.modes import Modes


class SegmentButton(QToolButton):
    """One of several that exclude each other: looks pressed while it is the chosen one."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        wide = metrics.horizontalAdvance(self.text()) + 2 * style.Space.M
        return QSize(wide, max(style.HIT_TARGET, metrics.height() + style.Space.S))

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = style.colors(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = self.rect().adjusted(1, 1, -1, -1)
        hovered = self.underMouse() and self.isEnabled()
        ground = tokens.accent if self.isChecked() else tokens.accent_soft if hovered else None
        painter.setPen(QPen(tokens.focus, 2) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(ground if ground is not None else QColor(Qt.GlobalColor.transparent))
        painter.drawRoundedRect(frame, style.RADIUS / 2, style.RADIUS / 2)
        usual = self.palette().color(QPalette.ColorRole.WindowText)  # fainter while it is disabled
        painter.setPen(tokens.on_accent if self.isChecked() else usual)
        painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, self.text())


class ModeSwitch(QWidget):
    """A button for each installed mode; hidden while there is but one."""

    def __init__(self, modes: Modes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._modes = modes
        self._buttons: dict[str, SegmentButton] = {}
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(style.Space.S, 0, style.Space.S, 0)
        self._layout.setSpacing(0)
        self.setAccessibleName(self.tr("Way of working"))
        modes.added.connect(self._fill)
        modes.changed.connect(self._show)
        self._fill()

    def button(self, name: str) -> QToolButton:
        return self._buttons[name]

    def _fill(self) -> None:
        for place, mode in enumerate(self._modes.all()):
            if mode.name in self._buttons:
                continue
            button = self._buttons[mode.name] = SegmentButton(self)
            button.setText(mode.title)
            button.setIcon(icon(mode.icon))
            button.setAccessibleName(mode.title)
            keys = self._modes.key_text(mode.name)
            button.setToolTip(f"{mode.title} ({keys})" if keys else mode.title)
            button.clicked.connect(lambda _checked=False, name=mode.name: self._modes.switch(name))
            self._layout.insertWidget(place, button)
        self._show(self._modes.current)

    def _show(self, name: str) -> None:
        if name in self._buttons:
            self._buttons[name].setChecked(True)
        self.setVisible(len(self._buttons) > 1)
