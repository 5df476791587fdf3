"""The large photo of the suspect at hand, and of the next one, so that it is there when its turn comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from visualsearch.ui import texts
from visualsearch.ui.background import Background
from visualsearch.ui.photos import image_of

if TYPE_CHECKING:
    from visualsearch.workspace import Workspace

_SIDE = 1024  # pixels
_KEPT = 12
_NOW, _AHEAD = "audit photo", "audit photo ahead"


class LargePhotos(QObject):
    """Reads in workers; the last item that was asked for wins."""

    found = Signal(QImage, str)
    """The photo of the item that is wanted, or a null one with a sentence (empty while it is being read)."""

    def __init__(self, background: Background) -> None:
        super().__init__(background)
        self._background = background
        self._kept: dict[int, QImage] = {}
        self._wanted = 0

    def clear(self) -> None:
        """Another catalog, or another list."""
        self._kept.clear()

    def stop(self) -> None:
        """Nobody waits any more."""
        self._background.forget(_NOW)
        self._background.forget(_AHEAD)

    def show(self, workspace: Workspace, item: int, following: int | None) -> None:
        """Tell the photo of an item, then read that of the ``following`` one."""
        self._wanted = item
        if item in self._kept:
            self.found.emit(self._kept[item], "")
            self._read_ahead(workspace, following)
            return
        self.found.emit(QImage(), "")

        def done(image: QImage) -> None:
            self._keep(item, image)
            if item == self._wanted:
                self.found.emit(image, "")
            self._read_ahead(workspace, following)

        self._background.run(
            lambda: image_of(*workspace.photo(item, 0, _SIDE)),
            done,
            lambda error: self.found.emit(QImage(), texts.error_line(error)),
            key=_NOW,
        )

    def _read_ahead(self, workspace: Workspace, item: int | None) -> None:
        if item is not None and item not in self._kept:
            self._background.run(
                lambda: image_of(*workspace.photo(item, 0, _SIDE)),
                lambda image: self._keep(item, image),
                lambda _error: None,  # said when its turn comes
                key=_AHEAD,
            )

    def _keep(self, item: int, image: QImage) -> None:
        self._kept[item] = image
        while len(self._kept) > _KEPT:
            self._kept.pop(next(iter(self._kept)))
