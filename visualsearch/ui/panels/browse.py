"""The middle of the window: banner, chips, and the grid or the page that stands in for it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from visualsearch.ui.gallery.model import GalleryModel
from visualsearch.ui.gallery.pixmaps import PixmapCache
from visualsearch.ui.gallery.view import GalleryView
from visualsearch.ui.panels.banner import Banner
from visualsearch.ui.panels.chips import ChipBar
from visualsearch.ui.panels.start import EmptyPage, StartPage


class BrowseArea(QWidget):
    """Shows one of three: the start page, the grid, an empty page."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.banner = Banner(self)
        self.chips = ChipBar(self)
        self.start = StartPage(self)
        self.empty = EmptyPage(self)
        self.model = GalleryModel(self)
        self.pixmaps = PixmapCache(parent=self)
        self.gallery = GalleryView(self.model, self.pixmaps, self)
        self.beside_chips: list[QWidget] = []
        self._stack = QStackedWidget(self)
        for page in (self.start, self.gallery, self.empty):
            self._stack.addWidget(page)
        self._stack.setMinimumHeight(160)  # the start page wants more, but a panel below may need the room
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.banner)
        self._line = QHBoxLayout()
        self._line.addWidget(self.chips, 1)
        layout.addLayout(self._line)
        layout.addWidget(self._stack, 1)
        self.show_start()

    def add_beside_chips(self, control: QWidget) -> None:
        """Put something that is about the order of the results at the end of the chips' line."""
        self._line.addWidget(control, 0, Qt.AlignmentFlag.AlignTop)
        self.beside_chips.append(control)

    def show_start(self) -> None:
        self.chips.hide()
        self._stack.setCurrentWidget(self.start)

    def show_grid(self) -> None:
        self.chips.show()
        self._stack.setCurrentWidget(self.gallery)

    def show_empty(self) -> None:
        self.chips.show()
        self._stack.setCurrentWidget(self.empty)

    @property
    def page(self) -> QWidget | None:
        """The page on screen."""
        return self._stack.currentWidget()

    def take_colours(self) -> None:
        for part in (self.banner, self.start):
            part.take_colours()

    def close_workers(self) -> None:
        """End the threads of the grid."""
        self.pixmaps.close()
        self.model.close()
