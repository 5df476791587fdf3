"""Pictures for the small places of the window (tray, neighbours, inspector), read and decoded in a worker."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QIODevice, QMimeData, QObject
from PySide6.QtGui import QImage

from visualsearch import settings
from visualsearch.errors import ImageRefused
from visualsearch.filters.query import Example
from visualsearch.replacing import replace_file
from visualsearch.ui.background import Background
from visualsearch.ui.gallery.model import ITEMS_MIME
from visualsearch.ui.gallery.pixmaps import Fetch, Thumb, decode

if TYPE_CHECKING:
    from visualsearch.workspace import Workspace

_KEPT = 300  # thumbnails of about 150 KB
_THUMB_SIDE = 256


def image_of(width: int, height: int, rgb: bytes) -> QImage:
    """An image that owns its pixels."""
    return QImage(rgb, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def save_picture(image: QImage) -> Path:
    """Keep a pasted or dropped picture as a file named by its content. Any thread.

    Raises OSError when the disk is full or read-only."""
    import hashlib  # loads OpenSSL: not for the first paint

    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    content = bytes(buffer.data().data())
    folder = settings.cache_dir() / "examples"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{hashlib.blake2b(content, digest_size=16).hexdigest()}.png"
    if not file.exists():
        replace_file(file, content)
    return file


def local_files(mime: QMimeData) -> list[Path]:
    """The local files of a drop or of the clipboard."""
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]


def can_be_example(mime: QMimeData) -> bool:
    """Whether a drop or the clipboard holds items, files or a picture."""
    return mime.hasFormat(ITEMS_MIME) or mime.hasImage() or bool(local_files(mime))


def fetch_from(workspace: Workspace | None) -> Fetch | None:
    """What gives a gallery the thumbnails of a catalog's items."""
    if workspace is None:
        return None

    def fetch(items: list[int]) -> dict[int, Thumb]:
        return {**workspace.thumbnails(items)}

    return fetch


class Photos(QObject):
    """Thumbnails and photos of one catalog after the other."""

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._workspace: Workspace | None = None
        self._kept: dict[Example, QImage] = {}

    def set_workspace(self, workspace: Workspace | None) -> None:
        self._workspace = workspace
        self._kept.clear()

    def thumbnails(self, examples: list[Example], done: Callable[[dict[Example, QImage]], None]) -> None:
        """Call ``done`` with the thumbnails there are: at once when all are kept, else from the worker."""
        missing = [example for example in examples if example not in self._kept]
        found = {example: self._kept[example] for example in examples if example not in missing}
        workspace = self._workspace
        if not missing or workspace is None:
            done(found)
            return

        def read() -> dict[Example, QImage]:
            return _read_thumbnails(workspace, missing)

        def keep(fresh: dict[Example, QImage]) -> None:
            if workspace is not self._workspace:
                return
            self._kept.update(fresh)
            while len(self._kept) > _KEPT:
                self._kept.pop(next(iter(self._kept)))
            done({**found, **fresh})

        self._background.run(read, keep)

    def photo(
        self,
        item: int,
        position: int,
        max_side: int,
        done: Callable[[QImage], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """Load an item's image, large; a newer call replaces it."""
        workspace = self._workspace
        if workspace is not None:
            self._background.run(
                lambda: image_of(*workspace.photo(item, position, max_side)), done, failed, key="photo"
            )

    def file(self, path: Path, done: Callable[[QImage], None]) -> None:
        """Load any picture file, small."""
        example = Example(file=str(path))

        def show(images: dict[Example, QImage]) -> None:
            if example in images:
                done(images[example])

        self.thumbnails([example], show)


def _read_thumbnails(workspace: Workspace, examples: list[Example]) -> dict[Example, QImage]:
    found: dict[Example, QImage] = {}
    items = [example.item for example in examples if example.item is not None]
    stored = workspace.thumbnails(items) if items else {}
    for example in examples:
        if example.item is not None and example.item in stored:
            found[example] = decode(stored[example.item].jpeg, _THUMB_SIDE)
        elif example.file is not None:
            with contextlib.suppress(ImageRefused):  # the query itself says what is wrong with an example
                found[example] = image_of(*workspace.photo_of_file(Path(example.file), _THUMB_SIDE))
    return found
