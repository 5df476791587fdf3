"""Pictures: one worker, newest first, bounded, crisp."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtGui import QColor

from visualsearch.ui.gallery.pixmaps import PixmapCache, decode


class Source:
    """A source of thumbnails that can be held up, and tells what was asked of it."""

    def __init__(self, draw) -> None:
        self.draw = draw
        self.batches: list[list[int]] = []
        self.threads: set[str] = set()
        self.missing: set[int] = set()
        self.broken: set[int] = set()
        self.error: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()

    def __call__(self, items: list[int]):
        self.threads.add(threading.current_thread().name)
        self.batches.append(items)
        self.entered.set()
        assert self.gate.wait(10)
        if self.error is not None:
            raise self.error
        found = {item: self.draw(item) for item in items if item not in self.missing}
        for item in self.broken & found.keys():
            found[item] = type(found[item])(b"\xff\xd8 not a photo", 60, 80, 0x808080)
        return found


@pytest.fixture
def source(drawn) -> Source:
    return Source(drawn)


@pytest.fixture
def cache(source: Source, qapp):
    cache = PixmapCache(source)
    yield cache
    source.gate.set()
    cache.close()


def test_pictures_fit_the_square_in_device_pixels(cache: PixmapCache, qtbot) -> None:
    cache.want([1], 296, 2.0)
    qtbot.waitUntil(lambda: cache.pixmap(1) is not None)
    pixmap = cache.pixmap(1)
    assert (pixmap.width(), pixmap.height(), pixmap.devicePixelRatio()) == (222, 296, 2.0)
    assert cache.used_bytes == 222 * 296 * 4


def test_colours_are_right(cache: PixmapCache, drawn, qtbot) -> None:
    cache.want([7], 80)
    qtbot.waitUntil(lambda: cache.pixmap(7) is not None)
    image = cache.pixmap(7).toImage()
    middle, want = image.pixelColor(30, 40), QColor(drawn(7).color)
    assert max(abs(a - b) for a, b in zip(middle.getRgb(), want.getRgb(), strict=True)) < 12
    assert image.pixelColor(1, 1) == QColor("white")
    assert cache.placeholder(7) == (drawn(7).color, 60, 80)
    assert cache.placeholder(8) is None


def test_one_worker_thread_reads_all(cache: PixmapCache, source: Source, qtbot) -> None:
    for first in (1, 60, 120):
        cache.want(list(range(first, first + 60)), 40)
        qtbot.waitUntil(lambda: all(cache.pixmap(item) for item in range(first, first + 60)))  # noqa: B023
    assert len(source.threads) == 1
    assert threading.main_thread().name not in source.threads


def test_what_scrolled_away_is_dropped_and_the_newest_comes_first(
    cache: PixmapCache, source: Source, qtbot
) -> None:
    source.gate.clear()
    cache.want(range(1, 500), 40)
    assert source.entered.wait(10)
    cache.want([900, 901], 40)
    source.gate.set()
    qtbot.waitUntil(lambda: cache.pixmap(901) is not None)
    assert len(source.batches) == 2
    assert source.batches[1] == [900, 901]
    assert sum(cache.pixmap(item) is not None for item in range(1, 500)) == 0


def test_missing_and_broken_photos_are_known_as_such_and_not_asked_for_again(
    cache: PixmapCache, source: Source, qtbot
) -> None:
    source.missing, source.broken = {1}, {2}
    cache.want([1, 2, 3], 40)
    qtbot.waitUntil(lambda: cache.pixmap(3) is not None)
    assert (cache.is_missing(1), cache.is_missing(2), cache.is_missing(3)) == (True, True, False)
    cache.want([1, 2, 3, 4], 40)
    qtbot.waitUntil(lambda: cache.pixmap(4) is not None)
    assert source.batches[-1] == [4]


def test_a_new_photo_replaces_the_old_one_without_a_gap(cache: PixmapCache, source: Source, qtbot) -> None:
    source.missing = {2}
    cache.want([1, 2], 40)
    qtbot.waitUntil(lambda: cache.pixmap(1) is not None and cache.is_missing(2))
    source.missing = set()
    old = cache.pixmap(1).cacheKey()
    with qtbot.waitSignal(cache.outdated):
        cache.invalidate([1, 2])
    assert cache.pixmap(1).cacheKey() == old
    assert not cache.is_missing(2)
    cache.want([1, 2], 40)
    qtbot.waitUntil(lambda: cache.pixmap(2) is not None and cache.pixmap(1).cacheKey() != old)
    assert cache.used_bytes == 2 * 30 * 40 * 4


def test_a_photo_that_was_being_read_when_it_changed_is_read_again(
    cache: PixmapCache, source: Source, qtbot
) -> None:
    source.gate.clear()
    cache.want([1], 40)
    assert source.entered.wait(10)
    cache.invalidate()
    source.gate.set()
    cache.want([1], 40)
    qtbot.waitUntil(lambda: cache.pixmap(1) is not None)
    assert source.batches == [[1], [1]]


def test_another_size_comes_while_the_old_one_is_shown(cache: PixmapCache, qtbot) -> None:
    cache.want([1], 40)
    qtbot.waitUntil(lambda: cache.pixmap(1) is not None)
    cache.want([1], 80)
    assert cache.pixmap(1).height() == 40
    qtbot.waitUntil(lambda: cache.pixmap(1).height() == 80)
    assert cache.used_bytes == 60 * 80 * 4


def test_memory_is_bounded_and_what_is_wanted_stays(source: Source, qapp, qtbot) -> None:
    one = 30 * 40 * 4
    cache = PixmapCache(source, budget=10 * one)
    for first in (1, 11, 21):
        wanted = list(range(first, first + 8))
        cache.want(wanted, 40)
        qtbot.waitUntil(lambda: all(cache.pixmap(item) for item in wanted))  # noqa: B023
        assert cache.used_bytes <= 10 * one
    assert cache.pixmap(1) is None
    cache.close()
    assert cache.used_bytes == 0


def test_a_failing_source_is_told_and_tried_again_on_request(
    cache: PixmapCache, source: Source, qtbot
) -> None:
    source.error = OSError("thumbnails are gone")
    with qtbot.waitSignal(cache.failed) as told:
        cache.want([1], 40)
    assert str(told.args[0]) == "thumbnails are gone"
    assert cache.is_missing(1)
    source.error = None
    cache.invalidate()
    cache.want([1], 40)
    qtbot.waitUntil(lambda: cache.pixmap(1) is not None)


def test_closing_in_the_middle_of_reading_ends_the_thread(source: Source, qapp) -> None:
    cache = PixmapCache(source)
    source.gate.clear()
    cache.want([1, 2], 40)
    assert source.entered.wait(10)
    threading.Timer(0.01, source.gate.set).start()
    cache.close()
    assert not source.threads & {thread.name for thread in threading.enumerate()}
    cache.want([1], 40)  # does nothing any more


def test_destroying_the_parent_ends_the_thread(source: Source, qtbot) -> None:
    from PySide6.QtWidgets import QWidget

    parent = QWidget()
    cache = PixmapCache(source, parent)
    cache.want([1], 40)
    qtbot.waitUntil(lambda: cache.pixmap(1) is not None)
    with qtbot.waitSignal(parent.destroyed):
        parent.deleteLater()
    assert not source.threads & {thread.name for thread in threading.enumerate()}


def test_a_thumbnail_that_claims_to_be_huge_is_refused(drawn) -> None:
    with pytest.raises(ValueError, match="larger"):
        decode(drawn(1, 5000, 4).jpeg, 100)


def test_extreme_shapes_keep_a_pixel(drawn) -> None:
    picture = decode(drawn(1, 2000, 4).jpeg, 100)
    assert (picture.width(), picture.height()) == (100, 1)


def test_a_window_that_does_nothing_but_paint_still_gets_its_pictures(
    cache: PixmapCache, source: Source, qtbot
) -> None:
    cache.pause()
    cache.want([1, 2], 40)
    qtbot.waitUntil(lambda: cache.placeholder(2) is not None)
    qtbot.waitUntil(lambda: cache.pixmap(2) is not None)  # nobody calls resume
    cache.resume()
    cache.want([3], 40)
    qtbot.waitUntil(lambda: cache.pixmap(3) is not None)
