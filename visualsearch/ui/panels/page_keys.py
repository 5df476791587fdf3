"""Keys of a page on which one judges, whichever part of it has the focus."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget


class PageKeys(QObject):
    """Keys of a page, wherever in it the focus is; a line that one writes in keeps its own."""

    def __init__(self, page: QWidget, slots: Mapping[Qt.Key, Callable[[], object]]) -> None:
        super().__init__(page)
        self._slots = dict(slots)
        for widget in (page, *page.findChildren(QWidget)):
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        slot = self._slots.get(Qt.Key(event.key())) if plain else None
        if slot is None or isinstance(watched, QLineEdit):
            return False
        if not event.isAutoRepeat():  # a key held down must not judge what nobody has seen
            slot()
        return True
