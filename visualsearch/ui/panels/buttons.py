"""Two quiet buttons: a heading that folds what is below it, and one that looks like a link."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from visualsearch.ui import style
from visualsearch.ui.icons import icon

_ARROW = 14


def _paint_ground(button: QAbstractButton, painter: QPainter) -> None:
    """A shade under the mouse, a ring around the keyboard's focus."""
    tokens = style.colors(button.palette())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    frame = QRectF(button.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
    painter.setPen(tokens.focus if button.hasFocus() else Qt.PenStyle.NoPen)
    painter.setBrush(tokens.accent_soft if button.underMouse() or button.isDown() else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(frame, style.RADIUS / 2, style.RADIUS / 2)


class FoldButton(QAbstractButton):
    """A heading with an arrow; ``isChecked`` while what is below is open. ``note`` stands at the right."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setCheckable(True)
        self.setChecked(True)
        self.setFont(style.font("heading"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._note = ""

    @property
    def note(self) -> str:
        return self._note

    def set_note(self, note: str) -> None:
        self._note = note
        self.setAccessibleName(f"{self.text()} {note}".strip())
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(80, max(style.HIT_TARGET, QFontMetrics(self.font()).height() + style.Space.S))

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        _paint_ground(self, painter)
        tokens = style.colors(self.palette())
        arrow = QRect(style.Space.XS, (self.height() - _ARROW) // 2, _ARROW, _ARROW)
        icon("opened" if self.isChecked() else "closed").paint(painter, arrow)
        room = self.rect().adjusted(arrow.right() + style.Space.S, 0, -style.Space.S, 0)
        painter.setPen(tokens.accent)
        painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._note)
        metrics = self.fontMetrics()
        room.adjust(0, 0, -metrics.horizontalAdvance(self._note) - style.Space.S, 0)
        painter.setPen(tokens.text)
        text = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


class LinkButton(QAbstractButton):
    """A button in the colour of links."""

    def __init__(self, text: str = "", parent: QWidget | None = None, *, symbol: str = "") -> None:
        super().__init__(parent)
        self._symbol = symbol
        self.setText(text)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        symbol = _ARROW + style.Space.XS if self._symbol else 0
        wide = metrics.horizontalAdvance(self.text()) + symbol + 2 * style.Space.XS
        return QSize(wide, metrics.height() + style.Space.S)

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        _paint_ground(self, painter)
        tokens = style.colors(self.palette())
        room = self.rect().adjusted(style.Space.XS, 0, -style.Space.XS, 0)
        if self._symbol:
            box = QRect(room.left(), (self.height() - _ARROW) // 2, _ARROW, _ARROW)
            icon(self._symbol, tokens.accent).paint(painter, box)
            room.adjust(_ARROW + style.Space.XS, 0, 0, 0)
        painter.setPen(tokens.accent)
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self.text())
