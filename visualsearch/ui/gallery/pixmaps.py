"""Pictures of the tiles: fetched and decoded in one worker thread, made into pixmaps a few at a time.

The GUI thread never waits: it says what it wants to see, paints what is there, and is told when more has come.
"""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol

from PySide6.QtCore import QBuffer, QByteArray, QElapsedTimer, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QImageReader, QPixmap

from visualsearch.ui.gallery.worker import NewestFirst

_BATCH = 48  # thumbnails read at once: one quick query, so that placeholders come long before the photos
_TURN_MS = 4  # a quarter of a frame for making pixmaps
_BUDGET = 96 << 20
_PLACEHOLDERS = 50_000
_MAX_SIDE = 4096  # a damaged cache could claim any size
_PAUSE = 0.002  # seconds
_PAUSES = 20  # at most: a window that does nothing but paint still gets its pictures


class Thumb(Protocol):
    """What ``fetch`` gives for an item, as ``catalog.thumbnails.Thumbnail`` does."""

    @property
    def jpeg(self) -> bytes: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def color(self) -> int: ...


Fetch = Callable[[list[int]], dict[int, Thumb]]


def decode(jpeg: bytes, side: int) -> QImage:
    """Decode a JPEG and scale it smoothly to fit a square of ``side`` pixels. Any thread.

    Qt does it rather than Pillow: four times as fast, and the window starts without loading Pillow.
    Raises ValueError for damaged bytes and for a size that no thumbnail has.
    """
    buffer = QBuffer()
    buffer.setData(jpeg)
    reader = QImageReader(buffer, QByteArray(b"jpeg"))
    size = reader.size()
    longest = max(size.width(), size.height())
    if longest > _MAX_SIDE:
        raise ValueError("the thumbnail claims to be larger than any thumbnail")
    scale = side / max(longest, 1)
    reader.setScaledSize(QSize(max(1, round(size.width() * scale)), max(1, round(size.height() * scale))))
    image = reader.read()
    if image.isNull():
        raise ValueError(f"the thumbnail cannot be decoded: {reader.errorString()}")
    return image.convertToFormat(QImage.Format.Format_RGB32)


class Placeholder(NamedTuple):
    """A photo's mean colour 0xRRGGBB and its shape."""

    color: int
    width: int
    height: int


class PixmapCache(QObject):
    """Pixmaps of items in one size, least recently wanted ones dropped first. GUI thread only.

    ``fetch(items)`` is called in the worker; items missing from its answer have no photo. Memory: ``budget`` bytes
    of pixels, or what is wanted at the moment where that is more.
    """

    changed = Signal(object)
    """A set of items whose pictures or placeholders came: paint them again."""
    outdated = Signal()
    """Pictures were called invalid: say again what is wanted."""
    failed = Signal(object)
    """An exception from ``fetch``."""

    _arrived = Signal()

    def __init__(
        self, fetch: Fetch | None = None, parent: QObject | None = None, *, budget: int = _BUDGET
    ) -> None:
        super().__init__(parent)
        self._budget = budget
        self._used = 0
        self._pixmaps: OrderedDict[int, tuple[QPixmap, int]] = (
            OrderedDict()
        )  # item → pixmap, side (0: outdated)
        self._placeholders: OrderedDict[int, Placeholder] = OrderedDict()
        self._missing: set[int] = set()
        self._wanted: frozenset[int] = frozenset()
        self._side = 0
        self._ratio = 1.0
        self._generation = 0
        self._inbox: deque[tuple[int, Callable[[], Iterable[int]]]] = deque()
        self._told = False  # whether the GUI thread knows that there is something in the inbox
        self._painting = False
        self._turn = QTimer(self, singleShot=True, interval=0)
        self._turn.timeout.connect(self._unpack)
        self._arrived.connect(self._turn.start, Qt.ConnectionType.QueuedConnection)
        self._worker: NewestFirst | None = None
        self.set_fetch(fetch)

    def set_fetch(self, fetch: Fetch | None) -> None:
        """Show another catalog's pictures from now on; None ends the worker thread. Forgets everything."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None
        self._generation += 1
        self._inbox.clear()
        self._pixmaps.clear()
        self._placeholders.clear()
        self._missing.clear()
        self._used = 0
        if fetch is None:
            return

        def work(batch: list[int], superseded: Callable[[], bool]) -> None:
            self._read(fetch, batch, superseded)

        self._worker = NewestFirst(work, batch=_BATCH, name="gallery-photos")
        self.destroyed.connect(self._worker.close)
        self.outdated.emit()

    def close(self) -> None:
        """End the worker thread and free the pixmaps."""
        self.set_fetch(None)

    def want(self, items: Sequence[int], side: int, ratio: float = 1.0) -> None:
        """Say what is visible and soon will be, most wanted first, at ``side`` device pixels and a device ratio.

        Wishes that are not repeated are dropped.
        """
        self._side, self._ratio = side, ratio
        self._wanted = frozenset(items)
        for item in reversed(items):
            if item in self._pixmaps:
                self._pixmaps.move_to_end(item)
        if self._worker is not None:
            self._worker.want([item for item in items if not self._is_ready(item)])

    def pause(self) -> None:
        """A frame is being made: decode nothing until `resume`, or for a moment. Each time that the worker takes the
        interpreter's lock, the GUI thread sleeps, and where all cores are busy it is late when it wakes."""
        self._painting = True

    def resume(self) -> None:
        """The frame is painted."""
        self._painting = False

    def pixmap(self, item: int) -> QPixmap | None:
        """The picture, perhaps still in another size; None while there is none."""
        entry = self._pixmaps.get(item)
        return entry[0] if entry else None

    def placeholder(self, item: int) -> Placeholder | None:
        """What stands in for a picture that is on its way; None while nothing is known of it."""
        return self._placeholders.get(item)

    def is_missing(self, item: int) -> bool:
        """Whether the item is known to have no photo that can be shown."""
        return item in self._missing

    def is_settled(self, item: int) -> bool:
        """Whether there is nothing to wait for: the picture is there, or the item is known to have none."""
        return item in self._pixmaps or item in self._missing

    @property
    def used_bytes(self) -> int:
        """Bytes of pixels held."""
        return self._used

    def invalidate(self, items: Sequence[int] | None = None) -> None:
        """Fetch these (None: all) again when wanted. What is shown stays until its successor comes: no flicker."""
        self._generation += 1
        if items is None:
            self._missing.clear()
        for item in list(self._pixmaps) if items is None else items:
            self._missing.discard(item)
            if item in self._pixmaps:
                self._pixmaps[item] = (self._pixmaps[item][0], 0)
        self.outdated.emit()

    def _is_ready(self, item: int) -> bool:
        entry = self._pixmaps.get(item)
        return item in self._missing or (entry is not None and entry[1] == self._side)

    # --- worker thread --------------------------------------------------------------------------------------

    def _read(self, fetch: Fetch, batch: list[int], superseded: Callable[[], bool]) -> None:
        generation, side = self._generation, self._side
        self._let_paint()
        try:
            thumbs = fetch(batch)
            found = {i: Placeholder(t.color, t.width, t.height) for i, t in thumbs.items()}
        except (
            Exception
        ) as error:  # whoever listens decides what is a bug; the tiles say "no photo" meanwhile
            self._send(generation, lambda error=error: self._take_failure(error, batch))
            return
        self._send(generation, lambda: self._take_placeholders(found, set(batch) - thumbs.keys()))
        for item in batch:
            self._let_paint()
            if superseded():
                return
            thumb = thumbs.get(item)
            if thumb is None:
                continue
            try:
                picture = decode(thumb.jpeg, side)
            except ValueError:  # damaged bytes: there is no photo to show
                picture = None
            self._send(generation, lambda i=item, p=picture: self._take_picture(i, p, side))

    def _let_paint(self) -> None:
        for _ in range(_PAUSES):  # not an Event: the GUI thread would have to wait for the lock inside
            if not self._painting:
                return
            time.sleep(_PAUSE)

    def _send(self, generation: int, take: Callable[[], Iterable[int]]) -> None:
        self._inbox.append((generation, take))
        if self._told:
            return
        self._told = True
        try:
            self._arrived.emit()
        except RuntimeError:  # the cache went while the picture was on its way
            return

    # --- GUI thread -----------------------------------------------------------------------------------------

    def _unpack(self) -> None:
        self._told = False
        self.pause()
        clock = QElapsedTimer()
        clock.start()
        changed: set[int] = set()
        while self._inbox and clock.elapsed() < _TURN_MS:
            generation, take = self._inbox.popleft()
            if generation == self._generation:
                changed.update(take())
        if self._inbox:
            self._turn.start()
        if changed:
            self.changed.emit(changed)
        self.resume()

    def _take_failure(self, error: Exception, batch: list[int]) -> list[int]:
        self._missing.update(batch)
        self.failed.emit(error)
        return batch

    def _take_placeholders(self, found: dict[int, Placeholder], missing: set[int]) -> set[int]:
        self._placeholders.update(found)
        while len(self._placeholders) > _PLACEHOLDERS:
            self._placeholders.popitem(last=False)
        self._missing |= missing
        return missing | {item for item in found if item not in self._pixmaps}

    def _take_picture(self, item: int, picture: QImage | None, side: int) -> tuple[int]:
        if picture is None:
            self._missing.add(item)
            return (item,)
        pixmap = QPixmap.fromImage(picture)
        pixmap.setDevicePixelRatio(self._ratio)
        self._forget(item)
        self._pixmaps[item] = (pixmap, side)
        if item not in self._wanted:  # it was, when it was read
            self._pixmaps.move_to_end(item, last=False)
        self._used += picture.sizeInBytes()
        self._evict()
        return (item,)

    def _forget(self, item: int) -> None:
        entry = self._pixmaps.pop(item, None)
        if entry is not None:
            self._used -= entry[0].width() * entry[0].height() * 4

    def _evict(self) -> None:
        """What is wanted is at the end of the row, so one look at the first is enough."""
        while self._used > self._budget:
            oldest = next(iter(self._pixmaps))
            if oldest in self._wanted:
                return
            self._forget(oldest)
