"""Photos for the loupe: the thumbnail that is there, then the photo as large as the screen, then all its pixels."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from visualsearch.ui.background import Background
from visualsearch.ui.photos import image_of

if TYPE_CHECKING:
    from visualsearch.catalog.store import ItemDetails
    from visualsearch.workspace import Workspace

LARGEST = 8192  # pixels of the longer side
_BUDGET = 384 << 20


@dataclass(frozen=True)
class Photo:
    """A decoded photo. ``whole``: these are all the pixels that the file has."""

    image: QImage
    whole: bool


Done = Callable[[Photo | None, str], None]
"""Gets the photo, or None and a sentence that says why not."""


class LoupePhotos(QObject):
    """Loads photos of one catalog in workers, remembers the last ones, and reads ahead. GUI thread only."""

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._workspace: Workspace | None = None
        self._kept: OrderedDict[tuple[int, int], Photo] = OrderedDict()

    def set_workspace(self, workspace: Workspace | None) -> None:
        """Another catalog; None when whoever asked goes away: nothing is delivered any more."""
        self._workspace = workspace
        self._kept.clear()

    def known(self, item: int, position: int) -> Photo | None:
        """A photo that has been read already."""
        return self._kept.get((item, position))

    def load(self, item: int, position: int, side: int, done: Done, key: str) -> None:
        """Read a photo at least ``side`` pixels long, or as long as it is. A newer call of the same ``key`` replaces
        this one."""
        workspace, side = self._workspace, min(side, LARGEST)
        if workspace is None:
            return
        known = self._kept.get((item, position))
        if known is not None and (known.whole or max(_sides(known.image)) >= side):
            self._background.forget(key)
            self._kept.move_to_end((item, position))
            done(known, "")
            return

        def read() -> Photo:
            image = image_of(*workspace.photo(item, position, side))
            return Photo(image, max(_sides(image)) < side)

        def keep(photo: Photo) -> None:
            if workspace is self._workspace:
                self._keep((item, position), photo)
                done(photo, "")

        def fail(error: BaseException) -> None:
            if workspace is self._workspace:
                done(None, str(error))

        self._background.run(read, keep, fail, key=key)

    def details(self, item: int, done: Callable[[ItemDetails], None]) -> None:
        """What is known of an item: its id and its photos."""
        workspace = self._workspace
        if workspace is None:
            return

        def tell(details: ItemDetails) -> None:
            if workspace is self._workspace:
                done(details)

        self._background.run(lambda: workspace.details(item), tell, key=f"loupe-details-{item}")

    def _keep(self, name: tuple[int, int], photo: Photo) -> None:
        self._kept[name] = photo
        self._kept.move_to_end(name)
        used = sum(kept.image.sizeInBytes() for kept in self._kept.values())
        while used > _BUDGET and len(self._kept) > 1:
            used -= self._kept.popitem(last=False)[1].image.sizeInBytes()


def _sides(image: QImage) -> tuple[int, int]:
    return image.width(), image.height()
