"""The gallery by touch: a finger drags the photos along and lets them glide on; a tap is a click."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QMouseEvent, QPointingDevice, QScrollEvent, QScrollPrepareEvent
from PySide6.QtWidgets import QApplication, QScroller

if TYPE_CHECKING:
    from visualsearch.ui.gallery.view import GalleryView

_State = QScroller.State


class TouchScroll(QObject):
    """Scrolls one view by touch. Loaded after the first paint.

    What Qt makes of touches for programs that know only mice is held back until the finger is lifted: where it moved,
    or stopped a glide, it was no click.
    """

    def __init__(self, view: GalleryView) -> None:
        super().__init__(view)
        self._view = view
        self._pressed: QPointF | None = None
        self._is_click = False
        self._state = _State.Inactive
        self._stopped_glide = False
        viewport = view.viewport()
        QScroller.grabGesture(viewport, QScroller.ScrollerGestureType.TouchGesture)
        self._scroller = QScroller.scroller(viewport)
        self._scroller.stateChanged.connect(self._note_state)
        viewport.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QScrollPrepareEvent):
            self._prepare(event)
            return True
        if isinstance(event, QScrollEvent):
            self._view.scroll_by(round(event.contentPos().y()) - self._view.scroll_y)
            return True
        if isinstance(event, QMouseEvent) and event.pointerType() == QPointingDevice.PointerType.Finger:
            return self._hold_back(event)
        return False

    def _prepare(self, event: QScrollPrepareEvent) -> None:
        event.setViewportSize(QSizeF(self._view.viewport().size()))
        event.setContentPosRange(QRectF(0, 0, 0, self._view.grid.max_y))
        event.setContentPos(QPointF(0, self._view.scroll_y))
        event.accept()

    def _note_state(self, state: QScroller.State) -> None:
        if state == _State.Pressed:
            self._stopped_glide = self._state == _State.Scrolling
        self._state = state

    def _hold_back(self, event: QMouseEvent) -> bool:
        """Whether Qt is to forget a mouse event that it made of a touch."""
        kind, at = event.type(), event.position()
        if kind == QEvent.Type.MouseButtonPress:
            self._pressed, self._is_click = at, not self._stopped_glide
            return True
        if self._pressed is None:
            return False  # the second half of a double tap
        moved = (at - self._pressed).manhattanLength() >= QApplication.startDragDistance()
        self._is_click = self._is_click and not moved
        if kind == QEvent.Type.MouseButtonRelease:
            if self._is_click:
                self._click(event)
            self._pressed = None
        return True

    def _click(self, event: QMouseEvent) -> None:
        at, everywhere = event.position(), event.globalPosition()
        button, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        for kind, held in ((QEvent.Type.MouseButtonPress, button), (QEvent.Type.MouseButtonRelease, none)):
            made = QMouseEvent(kind, at, everywhere, button, held, event.modifiers())
            QCoreApplication.sendEvent(self._view.viewport(), made)
        self._view.set_pointer(None)  # a finger that is lifted is nowhere
