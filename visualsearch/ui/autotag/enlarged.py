"""One photo large, above the dialog that shows it small."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from visualsearch.ui.loupe.pane import PhotoPane
from visualsearch.ui.loupe.photos import LoupePhotos
from visualsearch.ui.loupe.zoom import Zoom

if TYPE_CHECKING:
    from visualsearch.catalog.store import ItemDetails
    from visualsearch.ui.background import Background
    from visualsearch.workspace import Workspace

_SLOT = 71  # of its photos, among all that load some


class Enlarged(QDialog):
    """Esc closes it; the wheel zooms."""

    def __init__(
        self,
        background: Background,
        workspace: Workspace,
        item: int,
        thumbnail: Callable[[int], QPixmap | None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(720, 720)
        self._photos = LoupePhotos(background, self)
        self._photos.set_workspace(workspace)
        self.pane = PhotoPane(_SLOT, Zoom(self), self._photos, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.pane)
        self.pane.set_caption("")
        self.pane.show_photo(item, 0, thumbnail(item))
        self._photos.details(item, self._name)

    def _name(self, details: ItemDetails) -> None:
        if details.number == self.pane.item:
            self.setWindowTitle(details.id)
            self.pane.set_caption(details.id)
