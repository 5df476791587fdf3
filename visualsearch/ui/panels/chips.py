"""Chips: all that narrows, each removable."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QLabel,
    QLayout,
    QLayoutItem,
    QSizePolicy,
    QWidget,
)

from visualsearch.filters.query import Query
from visualsearch.ui import edits, texts
from visualsearch.ui.edits import Narrowing
from visualsearch.ui.panels.buttons import LinkButton

_WIDEST = 320  # pixels of a chip's text; the tooltip has all of it


class FlowLayout(QLayout):
    """Left to right, and on to the next line."""

    def __init__(self, parent: QWidget, spacing: int) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self.setSpacing(spacing)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def insert(self, place: int, widget: QWidget) -> None:
        """Put a widget at a place among the others."""
        self.addWidget(widget)
        self._items.insert(place, self._items.pop())

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._place(rect, move=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize(0, 0)
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        margins = self.contentsMargins()
        return size + QSize(margins.left() + margins.right(), margins.top() + margins.bottom())

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _place(self, rect: QRect, *, move: bool) -> int:
        margins = self.contentsMargins()
        area = rect.marginsRemoved(margins)
        x, y, line = area.left(), area.top(), 0
        tallest = max((item.sizeHint().height() for item in self._shown()), default=0)
        parent = self.parentWidget()
        mirrored = parent is not None and parent.layoutDirection() == Qt.LayoutDirection.RightToLeft
        for item in self._shown():
            size = item.sizeHint()
            size.setWidth(min(size.width(), max(area.width(), item.minimumSize().width())))
            if x > area.left() and x + size.width() > area.right() + 1:
                x, y = area.left(), y + line + self.spacing()
            if move:
                left = area.left() + area.right() + 1 - x - size.width() if mirrored else x
                item.setGeometry(QRect(QPoint(left, y + (tallest - size.height()) // 2), size))
            x += size.width() + self.spacing()
            line = tallest
        return y + line - rect.top() + margins.bottom()


class Chip(QAbstractButton):
    """One thing that narrows; a click removes it."""

    def __init__(self, narrowing: Narrowing, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.say(narrowing)

    def say(self, narrowing: Narrowing) -> None:
        """Be about this."""
        self.narrowing = narrowing
        self.setText(texts.narrowing(narrowing))
        self.setToolTip(self.tr("{0}\nClick or Delete removes it").format(self.text()))
        self.setAccessibleName(self.tr("Remove {0}").format(self.text()))
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        wide = min(_WIDEST, metrics.horizontalAdvance(self.text()))
        return QSize(wide + 38, metrics.height() + 8)

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        tint = palette.color(QPalette.ColorRole.Highlight)
        edge = QPen(tint, 2 if self.hasFocus() else 1)
        fill = palette.color(QPalette.ColorRole.Highlight)
        fill.setAlpha(90 if self.isDown() else (60 if self.underMouse() else 34))
        frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(edge)
        painter.setBrush(fill)
        painter.drawRoundedRect(frame, frame.height() / 2, frame.height() / 2)
        painter.setPen(palette.color(QPalette.ColorRole.WindowText))
        room = self.rect().adjusted(11, 0, -25, 0)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        cross = QRectF(self.width() - 20, self.height() / 2 - 4, 8, 8)
        painter.setPen(QPen(palette.color(QPalette.ColorRole.WindowText), 1.6))
        painter.drawLine(cross.topLeft(), cross.bottomRight())
        painter.drawLine(cross.topRight(), cross.bottomLeft())

    def keyPressEvent(self, event) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


class ChipBar(QWidget):
    """The chips, "Add condition…" and "Clear all"."""

    query_wanted = Signal(object)
    """The query without what was removed."""
    condition_wanted = Signal()
    clear_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chipBar")
        self._chips: list[Chip] = []
        self._hint = QLabel(self.tr("Nothing narrows: all photos are shown"), self)
        self._hint.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._hint.setMinimumWidth(1)  # a narrow window shows less of it, and is not held wide by it
        self.condition = LinkButton(self.tr("Add condition…"), self, symbol="condition")
        self.condition.clicked.connect(self.condition_wanted)
        self.clear = LinkButton(self.tr("Clear all"), self)
        self.clear.clicked.connect(self.clear_wanted)
        self._layout = FlowLayout(self, 6)
        self._layout.setContentsMargins(8, 5, 8, 5)
        for widget in (self._hint, self.condition, self.clear):
            self._layout.addWidget(widget)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.clear.hide()

    def chips(self) -> list[Chip]:
        return list(self._chips)

    def show_query(self, query: Query) -> None:
        """One chip for each thing that narrows."""
        found = edits.narrowings(query)
        if tuple(chip.narrowing for chip in self._chips) == found:
            return
        # Those that are there say something else: each one that comes or goes lays the whole window out anew.
        for chip in self._chips[len(found) :]:
            self._layout.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        del self._chips[len(found) :]
        for chip, narrowing in zip(self._chips, found, strict=False):
            if chip.narrowing != narrowing:
                chip.say(narrowing)
        for narrowing in found[len(self._chips) :]:
            self._add(narrowing)
        self._hint.setVisible(not found)
        self.clear.setVisible(bool(found))

    def _add(self, narrowing: Narrowing) -> None:
        chip = Chip(narrowing, self)
        chip.clicked.connect(lambda: self.query_wanted.emit(chip.narrowing.without))
        self._layout.insert(len(self._chips), chip)
        self._chips.append(chip)
        chip.show()
