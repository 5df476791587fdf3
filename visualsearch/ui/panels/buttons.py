"""Quiet buttons: a heading that folds what is below, one that looks like a link, a box to tick; a patient one,
and the main one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QPushButton, QSizePolicy, QToolTip, QWidget

from visualsearch.ui import style
from visualsearch.ui.icons import icon

_ARROW = 14
TICK_SIDE = 14


def _paint_ground(button: QAbstractButton, painter: QPainter) -> None:
    """A shade under the mouse, a ring around the keyboard's focus."""
    tokens = style.colors(button.palette())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    frame = QRectF(button.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
    painter.setPen(tokens.focus if button.hasFocus() else Qt.PenStyle.NoPen)
    painter.setBrush(tokens.accent_soft if button.underMouse() or button.isDown() else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(frame, style.RADIUS / 2, style.RADIUS / 2)


def _mirrored(button: QAbstractButton, rect: QRect) -> QRect:
    """The rectangle where it is when one reads from right to left."""
    return style.visual_rect(button.layoutDirection(), button.rect(), rect)


def _aligned(
    button: QAbstractButton,
    side: Qt.AlignmentFlag,
    upright: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignVCenter,
) -> Qt.AlignmentFlag:
    return style.visual_alignment(button.layoutDirection(), side | upright)


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

    def event(self, event: QEvent) -> bool:
        """A heading that is cut off says all of itself under the mouse."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            room = self._room().width() - self.fontMetrics().horizontalAdvance(self._note) - style.Space.S
            cut = self.fontMetrics().horizontalAdvance(self.text()) > room
            QToolTip.showText(event.globalPos(), self.text() if cut else "", self)
            return True
        return super().event(event)

    def _room(self) -> QRect:
        """Right of the arrow, for the text and the note."""
        return self.rect().adjusted(style.Space.XS + _ARROW - 1 + style.Space.S, 0, -style.Space.S, 0)

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        _paint_ground(self, painter)
        tokens = style.colors(self.palette())
        arrow = QRect(style.Space.XS, (self.height() - _ARROW) // 2, _ARROW, _ARROW)
        icon("opened" if self.isChecked() else "closed").paint(painter, _mirrored(self, arrow))
        room = self._room()
        painter.setPen(tokens.accent)
        painter.drawText(_mirrored(self, room), _aligned(self, Qt.AlignmentFlag.AlignRight), self._note)
        metrics = self.fontMetrics()
        room.adjust(0, 0, -metrics.horizontalAdvance(self._note) - style.Space.S, 0)
        painter.setPen(tokens.text)
        text = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(_mirrored(self, room), _aligned(self, Qt.AlignmentFlag.AlignLeft), text)


class PatientButton(QPushButton):
    """A button that takes a double click as one: the second would decide about what came meanwhile, unseen."""

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        event.accept()


class MainButton(PatientButton):
    """The one thing that a page or a dialog is there for: filled, and pressed by Enter. ``by_enter``: also while it
    has not the focus, of which there can be but one in a dialog, whatever page of it is on screen."""

    def __init__(self, text: str = "", parent: QWidget | None = None, *, by_enter: bool = True) -> None:
        super().__init__(text, parent)
        self._is_main = True
        if by_enter:
            self.setDefault(True)

    def set_main(self, main: bool) -> None:
        """Whether it is the main one now, of several that come one after the other."""
        self._is_main = main
        self.setDefault(main)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not (self._is_main and self.isEnabled()):
            super().paintEvent(event)
            return
        tokens = style.colors(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        strength = 125 if self.isDown() else 112 if self.underMouse() else 100
        dark = style.is_dark(self.palette())
        painter.setBrush(tokens.accent.lighter(strength) if dark else tokens.accent.darker(strength))
        painter.setPen(QPen(tokens.focus, 2) if self.hasFocus() else Qt.PenStyle.NoPen)
        edge = 1 if self.hasFocus() else 0
        frame = QRectF(self.rect()).adjusted(edge, edge, -edge, -edge)
        painter.drawRoundedRect(frame, style.RADIUS / 2, style.RADIUS / 2)
        painter.setPen(tokens.on_accent)
        painter.drawText(
            self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextShowMnemonic, self.text()
        )


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
            icon(self._symbol, tokens.accent).paint(painter, _mirrored(self, box))
            room.adjust(_ARROW + style.Space.XS, 0, 0, 0)
        painter.setPen(tokens.accent)
        painter.drawText(_mirrored(self, room), _aligned(self, Qt.AlignmentFlag.AlignLeft), self.text())


class EntryButton(QAbstractButton):
    """A way in: a symbol, what it does, and a line about it, in a frame."""

    def __init__(self, symbol: str, text: str, note: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._symbol, self._note = symbol, note
        self.setText(text)
        self.setAccessibleDescription(note)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        lines = QFontMetrics(style.font("heading")).height() + QFontMetrics(style.font("caption")).height()
        wide = self.fontMetrics().horizontalAdvance(self._note) + 72
        return QSize(wide, lines + style.Space.XS + 2 * style.Space.M)

    def keyPressEvent(self, event) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = style.colors(self.palette())
        width = 2 if self.hasFocus() else 1
        painter.setPen(QPen(tokens.accent if self.hasFocus() else tokens.border, width))
        painter.setBrush(tokens.accent_soft if self.underMouse() or self.isDown() else tokens.raised)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), style.RADIUS, style.RADIUS)
        symbol = QRect(18, (self.height() - 22) // 2, 22, 22)
        icon(self._symbol, tokens.accent).paint(painter, _mirrored(self, symbol))
        room = self.rect().adjusted(56, style.Space.M, -style.Space.M, -style.Space.M)
        above, below = Qt.AlignmentFlag.AlignTop, Qt.AlignmentFlag.AlignBottom
        for kind, colour, text, edge in (
            ("heading", tokens.text, self.text(), above),
            ("caption", tokens.text_muted, self._note, below),
        ):
            painter.setFont(style.font(kind))  # type: ignore[arg-type]
            painter.setPen(colour)
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(_mirrored(self, room), _aligned(self, Qt.AlignmentFlag.AlignLeft, edge), shown)


def paint_tick(
    painter: QPainter, box: QRectF, ticked: bool, tokens: style.Colors, *, crossed: bool = False
) -> None:
    """A tick box whose edge keeps its contrast in the dark, where Fusion's own does not. ``crossed``: a − in it."""
    if crossed:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(tokens.negative, 1))
        painter.setBrush(tokens.negative)
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(QPen(tokens.on_mark, 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        middle = box.center().y()
        painter.drawLine(QPointF(box.left() + 3.5, middle), QPointF(box.right() - 3.5, middle))
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(tokens.accent if ticked else tokens.text_muted, 1))
    painter.setBrush(tokens.accent if ticked else tokens.raised)
    painter.drawRoundedRect(box, 3, 3)
    if ticked:
        pen = QPen(tokens.on_accent, 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        x, y, side = box.x(), box.y(), box.width()
        corners = ((0.24, 0.52), (0.43, 0.72), (0.77, 0.30))
        painter.drawPolyline([QPointF(x + a * side, y + b * side) for a, b in corners])


class TickBox(QCheckBox):
    """A check box drawn with ``paint_tick``."""

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        wide = TICK_SIDE + style.Space.S + metrics.horizontalAdvance(self.text()) + style.Space.XS
        return QSize(wide, max(metrics.height(), TICK_SIDE) + style.Space.S)

    def hitButton(self, position: QPoint) -> bool:
        return self.rect().contains(position)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        tokens = style.colors(self.palette())
        if not self.isEnabled():
            painter.setOpacity(0.45)
        box = QRect(1, (self.height() - TICK_SIDE) // 2, TICK_SIDE, TICK_SIDE)
        paint_tick(painter, QRectF(_mirrored(self, box)).translated(0.5, 0.5), self.isChecked(), tokens)
        painter.setPen(tokens.text)
        room = self.rect().adjusted(TICK_SIDE + style.Space.S, 0, 0, 0)
        painter.drawText(_mirrored(self, room), _aligned(self, Qt.AlignmentFlag.AlignLeft), self.text())
        if self.hasFocus():
            painter.setPen(tokens.focus)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
