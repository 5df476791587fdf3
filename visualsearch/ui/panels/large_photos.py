"""Large photos of items for whatever page judges one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QImage
from shiboken6 import isValid

from visualsearch.filters.query import Example
from visualsearch.ui import texts
from visualsearch.ui.panels.photo_view import PhotoView
from visualsearch.ui.photos import image_of

if TYPE_CHECKING:
    from visualsearch.ui.main_window import MainWindow

_SIDE = 1600  # pixels
_KEPT = 10  # of about 6 MB


class LargePhotos:
    """Photos of items, large, the last few kept, for showing the next one at once. GUI thread; reads in workers."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._kept: dict[int, QImage] = {}
        self._reading: set[int] = set()
        self._wanted: dict[PhotoView, int] = {}

    def clear(self) -> None:
        """Another catalog, or none."""
        self._kept.clear()
        self._reading.clear()
        self._wanted.clear()

    def show(self, item: int | None, view: PhotoView) -> None:
        """Show an item's first photo: the thumbnail until the large one has been read."""
        if item is None:
            self._wanted.pop(view, None)
            view.set_image(QImage())
            return
        if self._wanted.get(view) == item and view.has_image:
            return
        self._wanted[view] = item
        if item in self._kept:
            view.set_image(self._kept[item])
            return
        view.set_image(QImage())
        example = Example(item=item)

        def small(images: dict[Example, QImage]) -> None:
            if view in self._waiting(item) and not view.has_image and example in images:
                view.set_image(images[example])

        self._window.photos.thumbnails([example], small)
        self.prefetch([item])

    def prefetch(self, items: list[int]) -> None:
        """Read what will be shown next."""
        for item in items:
            if item not in self._kept and item not in self._reading:
                self._read(item)

    def _waiting(self, item: int) -> list[PhotoView]:
        """The views that are to show an item. That of a dialog may have gone while the photo was read."""
        return [view for view, wanted in self._wanted.items() if wanted == item and isValid(view)]

    def _read(self, item: int) -> None:
        workspace = self._window.controller.workspace
        if workspace is None:
            return

        def keep(image: QImage) -> None:
            self._reading.discard(item)
            self._kept[item] = image
            while len(self._kept) > _KEPT:
                self._kept.pop(next(iter(self._kept)))
            for view in self._waiting(item):
                view.set_image(image)

        def failed(error: BaseException) -> None:
            self._reading.discard(item)
            for view in self._waiting(item):
                if not view.has_image:
                    view.set_image(QImage(), texts.error_line(error))

        self._reading.add(item)
        self._window.background.run(lambda: image_of(*workspace.photo(item, 0, _SIDE)), keep, failed)
