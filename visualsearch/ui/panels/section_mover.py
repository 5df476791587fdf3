"""Putting the attributes in another order: by dragging their headings, with Ctrl+Up and Ctrl+Down, or from a menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QMenu

from visualsearch.ui import style

if TYPE_CHECKING:
    from visualsearch.ui.panels.facets import FacetPanel, FacetSection

_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class SectionMover(QObject):
    """Watches the headings of a panel's sections."""

    def __init__(self, panel: FacetPanel) -> None:
        super().__init__(panel)
        self._panel = panel
        self._pressed: QPoint | None = None
        self._is_moving = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(watched, QAbstractButton):
            return False
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._press_key(watched, event)
        if isinstance(event, QContextMenuEvent):
            self.menu(watched).popup(event.globalPos())
            return True
        if isinstance(event, QMouseEvent):
            return self._use_mouse(watched, event)
        return False

    def _shown(self) -> list[FacetSection]:
        return [section for section in self._panel.sections().values() if section.isVisible()]

    def _place(self, header: QAbstractButton) -> int:
        return [section.header for section in self._shown()].index(header)  # type: ignore[arg-type]

    def _move(self, header: QAbstractButton, place: int) -> None:
        self._panel.move_section(header.text(), place)

    def _press_key(self, header: QAbstractButton, event: QKeyEvent) -> bool:
        step = _STEPS.get(Qt.Key(event.key()), 0)
        if not step or event.modifiers() != Qt.KeyboardModifier.ControlModifier:
            return False
        self._move(header, self._place(header) + step)
        self._panel.scroll_area.ensureWidgetVisible(header)
        return True

    def menu(self, header: QAbstractButton) -> QMenu:
        """What can be done with an attribute's place."""
        menu = style.Menu(header)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        place, last = self._place(header), len(self._shown()) - 1
        for text, wanted in (
            (self.tr("Move to the top"), 0),
            (self.tr("Move up (Ctrl+Up)"), place - 1),
            (self.tr("Move down (Ctrl+Down)"), place + 1),
        ):
            action = menu.addAction(text, lambda wanted=wanted: self._move(header, wanted))
            action.setEnabled(0 <= wanted <= last and wanted != place)
        menu.addSeparator()
        menu.addAction(self.tr("Usual order"), self._reset)
        return menu

    def _reset(self) -> None:
        self._panel.set_order([])
        self._panel.ordered.emit()

    def _use_mouse(self, header: QAbstractButton, event: QMouseEvent) -> bool:
        at = event.globalPosition().toPoint()
        if event.type() == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._is_moving = at, False
        elif event.type() == QEvent.Type.MouseMove and self._pressed is not None:
            if (at - self._pressed).manhattanLength() >= QApplication.startDragDistance():
                self._is_moving = True
                header.setDown(False)
                header.setCursor(Qt.CursorShape.ClosedHandCursor)
            if self._is_moving:
                self._follow(header, at)
            return self._is_moving
        elif event.type() == QEvent.Type.MouseButtonRelease and self._pressed is not None:
            was_moving, self._pressed, self._is_moving = self._is_moving, None, False
            header.unsetCursor()
            return was_moving  # else it was a click, which folds
        return False

    def _follow(self, header: QAbstractButton, at: QPoint) -> None:
        """Swap places as soon as the mouse has passed the middle of a neighbour."""
        shown, place = self._shown(), self._place(header)
        for other, passed in ((place - 1, -1), (place + 1, 1)):
            if 0 <= other < len(shown):
                middle = shown[other].mapToGlobal(shown[other].rect().center()).y()
                if (at.y() - middle) * passed > 0:
                    self._move(header, other)
                    return
