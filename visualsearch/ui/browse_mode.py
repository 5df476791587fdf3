"""The mode in which one looks and searches: the grid with its panels. It is there before any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from visualsearch.ui.gallery.touch import TouchScroll
from visualsearch.ui.modes import BROWSE, Mode

if TYPE_CHECKING:
    from visualsearch.ui.main_window import MainWindow


class BrowseMode(Mode):
    """Shows the window's own area; the query and its answer stay as they are while another mode is on screen."""

    name, icon, searches = BROWSE, "picture", True

    def __init__(self, window: MainWindow) -> None:
        super().__init__(QCoreApplication.translate("modes", "Browse"))
        self._window = window

    def make(self) -> QWidget:
        return self._window.area

    def focus(self) -> None:
        self._window.area.gallery.setFocus()


def install(window: MainWindow) -> None:
    window.modes.add(BrowseMode(window))
    TouchScroll(window.area.gallery)
