"""Gallery against ``QListView`` (icon mode, uniform item sizes, a grid) on the same model of a million rows.

Each operation is timed from the call until the window has been painted. Then both are flung and zoomed by a script, 60
frames a second, while an import embeds photos in a job of the same process, as the window does it: a frame is dropped
when nothing new was painted by the time the next one was due. ``python tests/bench/bench_gallery.py [--items N]
[--seconds S] [--alone]`` prints the figures as JSON; each fling takes 10 s unless told, ``--alone`` leaves the import
out.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import io
import json
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PIL import Image
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize
from PySide6.QtWidgets import QAbstractItemView, QApplication, QListView

from visualsearch.catalog.arranging import Sections
from visualsearch.catalog.importing import ImportRequest
from visualsearch.errors import Cancelled
from visualsearch.jobs import JobControl
from visualsearch.sample import generate
from visualsearch.ui import app, style
from visualsearch.ui.gallery import GalleryModel, GalleryView, PixmapCache
from visualsearch.ui.gallery.worker import stay_behind_the_window
from visualsearch.workspace import Workspace

ITEMS = 1_000_000
GOAL = "<= 0.05"
ROW_COUNT_GOAL = "<= 200"
FRAME_GOAL = "<= 16.7"  # milliseconds
OPERATIONS = ("show", "resize", "new result", "select all")
_ROUNDS = 5
FLING_SECONDS = 10
_DRAWN = 300  # photos of the catalog that is imported meanwhile
_COPIES = 40  # of each
_FRAME = 1 / 60
_THUMBNAILS = 997
_PUSH = 6_000.0  # pixels a second at the start of a fling
_FRICTION = 1.8  # by which it loses its speed, 1/s
_FLING = 1.5  # seconds until the next push
_ZOOM_EVERY = 45  # frames


@dataclass(frozen=True)
class Thumbnail:
    """What the gallery needs of one."""

    jpeg: bytes
    width: int
    height: int
    color: int


class CountingModel(GalleryModel):
    """Counts how often anyone asks for the number of rows."""

    asked = 0

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        self.asked += 1
        return super().rowCount(parent)


def _results(items: int, seed: int) -> tuple[np.ndarray, int, np.ndarray]:
    random = np.random.default_rng(seed)
    numbers = random.permutation(np.arange(1, items + 1, dtype=np.int32))
    return numbers, items, np.sort(random.random(items, np.float32))[::-1]


def _pictures() -> Callable[[list[int]], dict[int, Any]]:
    """Fetches drawn thumbnails, as costly to decode as real ones; many items share one, as a catalog's store is none
    of what is measured."""
    random = np.random.default_rng(5)
    drawn = []
    for _ in range(_THUMBNAILS):
        pixels = random.integers(0, 256, (16, 12, 3), np.uint8)
        data = io.BytesIO()
        Image.fromarray(pixels).resize((192, 256), Image.Resampling.BICUBIC).save(data, "JPEG", quality=88)
        red, green, blue = (int(value) for value in pixels.mean((0, 1)))
        drawn.append(Thumbnail(data.getvalue(), 192, 256, red << 16 | green << 8 | blue))
    return lambda items: {item: drawn[item % _THUMBNAILS] for item in items}


def _painted(application: QApplication, operation: Callable[[], object]) -> float:
    """Milliseconds from the call until the events that it caused, painting included, are done."""
    start = time.perf_counter()
    operation()
    application.processEvents()
    return 1000 * (time.perf_counter() - start)


def _measure(
    application: QApplication, model: CountingModel, view: QAbstractItemView, items: int, seed: int
) -> dict[str, tuple[float, int]]:
    """Milliseconds and ``rowCount`` calls of each operation, once."""
    results = _results(items, seed)
    view.hide()
    view.resize(1000, 700)
    application.processEvents()
    figures = {}
    for name, operation in (
        ("show", view.show),
        ("resize", lambda: view.resize(1280, 800)),
        ("new result", lambda: model.set_results(*results, token=seed)),
        ("select all", view.selectAll),
    ):
        model.asked = 0
        figures[name] = (_painted(application, operation), model.asked)
    return figures


@dataclass(frozen=True)
class Fling:
    """Of each frame, in seconds: ``times`` from when it was due until it was painted, ``busy`` of computing, ``delays``
    that the thread could have computed and had no core, none where the system does not tell. ``due``: frames that
    there should have been."""

    times: np.ndarray
    busy: np.ndarray
    delays: np.ndarray
    due: int

    @property
    def dropped(self) -> int:
        """Frames at the end of which nothing new had been painted."""
        return self.due - int(np.count_nonzero(self.times <= _FRAME))

    def figures(self, name: str, goal: str = "") -> dict[str, dict[str, Any]]:
        def of(values: np.ndarray, share: float) -> float:
            return 1000 * float(np.percentile(values, share))

        return {
            f"fling, {name}, p50 of a frame": {"value": of(self.times, 50), "unit": "ms"},
            f"fling, {name}, p99 of a frame": {"value": of(self.times, 99), "unit": "ms", "goal": goal},
            f"fling, {name}, p99 of computing in a frame": {"value": of(self.busy, 99), "unit": "ms"},
            f"fling, {name}, p99 of waiting for a core": {"value": of(self.delays, 99), "unit": "ms"},
            f"fling, {name}, the longest frame": {"value": of(self.times, 100), "unit": "ms"},
            f"fling, {name}, dropped of {self.due:,} frames": {"value": self.dropped},
        }


def _delay() -> float:
    """Seconds that this thread has been waiting for a core; 0 where the system does not tell."""
    try:
        with open("/proc/thread-self/schedstat", "rb", buffering=0) as file:
            return int(file.read().split()[1]) / 1e9
    except OSError:
        return 0.0


def _fling(
    application: QApplication, scroll: Callable[[int], None], zoom: Callable[[int], None], seconds: float
) -> Fling:
    """Push the view again and again, down and up, and zoom in and out on the way, for some seconds by the clock."""
    times: list[float] = []
    busy: list[float] = []
    delays: list[float] = []
    speed, direction, push = 0.0, 1, 0
    begun = due = time.perf_counter()
    while due < begun + seconds:
        frame = len(times)
        if frame * _FRAME >= push * _FLING:
            push += 1
            direction = -1 if push % 3 == 0 else 1
            speed = _PUSH * (1 + push % 4)
        computing, delayed = time.thread_time(), _delay()
        scroll(round(direction * speed * _FRAME))
        if frame % _ZOOM_EVERY == _ZOOM_EVERY - 1:
            zoom(1 if frame // _ZOOM_EVERY % 2 else -1)
        application.processEvents()
        times.append(time.perf_counter() - due)
        busy.append(time.thread_time() - computing)
        delays.append(_delay() - delayed)
        speed *= 1 - _FRICTION * _FRAME
        due = max(due + _FRAME, time.perf_counter() - _FRAME)  # what is late is not painted twice
        while (left := due - time.perf_counter()) > 0:
            application.processEvents()
            time.sleep(min(left, 0.001))
    return Fling(np.array(times), np.array(busy), np.array(delays), max(len(times), round(seconds / _FRAME)))


def _fling_list(
    application: QApplication, view: QListView, seconds: float, give_way: Callable[[], None]
) -> Fling:
    """The same for ``QListView``, but for the zoom, each step of which takes it many seconds."""
    bar = view.verticalScrollBar()
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    bar.valueChanged.connect(lambda _value: give_way())
    return _fling(application, lambda pixels: bar.setValue(bar.value() + pixels), lambda _step: None, seconds)


@contextlib.contextmanager
def _importing() -> Iterator[Callable[[], None]]:
    """An import of photos, from when it embeds on, and what to call when things move on screen, as the window does. It
    lasts some minutes, unless it is ended before."""
    with tempfile.TemporaryDirectory() as folder:
        photos = Path(folder) / "photos"
        generate(photos, _DRAWN, 1, JobControl())
        for number, file in enumerate(sorted(photos.rglob("*.jpg"))):
            for copy in range(_COPIES):  # other bytes behind the same picture: another photo
                file.with_name(f"{number}-{copy}.jpg").write_bytes(file.read_bytes() + b"%d" % copy)
        control, embedding, failed = JobControl(), threading.Event(), []
        with Workspace.open(Path(folder) / "catalog", create=True) as workspace:

            def work() -> None:
                def on_change() -> None:
                    workspace.refresh()
                    if not embedding.is_set() and workspace.info().embedded:
                        embedding.set()

                stay_behind_the_window()  # as the window's jobs do
                try:
                    workspace.import_all(ImportRequest(images=photos), control, on_change=on_change)
                except Cancelled:
                    return
                except Exception as error:
                    failed.append(error)
                embedding.set()

            job = threading.Thread(target=work, name="job")
            job.start()
            try:
                embedding.wait()
                yield control.give_way
                if not job.is_alive():
                    raise RuntimeError("the import that should run beside the fling ended too early", *failed)
            finally:
                control.cancel()
                job.join()


def _resident() -> int:
    """Bytes of this process's own memory."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("RssAnon:"))


def _bytes_per_item(application: QApplication, items: int) -> float:
    """What a shown, selected, grouped result takes for each item, beside the pixmaps, above an empty view."""
    model = GalleryModel(fetch_ids=lambda numbers: [str(number) for number in numbers])
    pixmaps = PixmapCache(_pictures())
    view = GalleryView(model, pixmaps)
    view.resize(1000, 700)
    view.show()
    application.processEvents()
    gc.collect()
    empty = _resident()
    model.show(*_shown(items), items, "memory", sections=_sections(items))
    view.selectAll()
    view.set_current_item(model.item_at(items // 2) or 1)
    _fling(application, view.scroll_by, view.zoom, 2)
    gc.collect()
    taken = _resident() - empty - pixmaps.used_bytes
    view.hide()
    pixmaps.close()
    model.close()
    return taken / items


def _shown(items: int) -> tuple[np.ndarray, np.ndarray]:
    numbers, _, scores = _results(items, 1)
    return numbers, scores


def _list_view(model: GalleryModel) -> QListView:
    view = QListView()
    view.setViewMode(QListView.ViewMode.IconMode)
    view.setResizeMode(QListView.ResizeMode.Adjust)
    view.setUniformItemSizes(True)
    view.setGridSize(QSize(172, 172))
    view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    view.setModel(model)
    return view


def main(items: int = ITEMS, seconds: float = FLING_SECONDS, alone: bool = False) -> dict[str, Any]:
    """Ratios of the times (median of five for the gallery, one for QListView), ``rowCount`` calls at most, and how both
    are flung. QListView paints texts only, the gallery photos: it has the harder task."""
    beside = (lambda: contextlib.nullcontext(lambda: None)) if alone else _importing
    application = app.application()
    style.apply(application, "light")
    gc.freeze()  # as the window does once it has started

    memory = _bytes_per_item(application, items)
    model = CountingModel(fetch_ids=lambda numbers: [str(number) for number in numbers])
    model.set_results(*_results(items, 0), token=0)
    peer = _list_view(model)
    theirs = _measure(application, model, peer, items, 1)
    with beside() as give_way:
        their_fling = _fling_list(application, peer, seconds, give_way)
    peer.setModel(None)
    peer.deleteLater()

    pixmaps = PixmapCache(_pictures())
    view = GalleryView(model, pixmaps)
    ours = []
    for seed in range(2, 2 + _ROUNDS):
        ours.append(_measure(application, model, view, items, seed))
        view.set_current_item(model.item_at(items // 2) or 1)
    view.set_current_row(0)
    with beside() as give_way:
        view.moved.connect(give_way)
        our_fling = _fling(application, view.scroll_by, view.zoom, seconds)
        model.show(*_shown(items), items, "groups", sections=_sections(items))
        grouped_fling = _fling(application, view.scroll_by, view.zoom, seconds)
    view.hide()
    pixmaps.close()
    model.close()

    table: dict[str, Any] = {
        "resident memory for each item": {"value": memory, "goal": "<= 64", "unit": "bytes"}
    }
    for name in OPERATIONS:
        milliseconds = statistics.median(figures[name][0] for figures in ours)
        table[f"{name} / QListView"] = {"value": milliseconds / theirs[name][0], "goal": GOAL, "unit": "×"}
        table[f"{name}, rowCount calls"] = {"value": max(f[name][1] for f in ours), "goal": ROW_COUNT_GOAL}
        table[f"{name}, gallery"] = {"value": milliseconds, "unit": "ms"}
        table[f"{name}, QListView"] = {"value": theirs[name][0], "unit": "ms"}
    for name, fling in (
        ("gallery", our_fling),
        ("gallery in groups", grouped_fling),
        ("QListView", their_fling),
    ):
        table |= fling.figures(name, FRAME_GOAL if fling is not their_fling else "")
    share = (our_fling.dropped / our_fling.due) / max(
        1 / their_fling.due, their_fling.dropped / their_fling.due
    )
    table["fling, dropped frames / QListView's"] = {"value": share, "goal": "<= 0.1", "unit": "×"}
    return table


def _sections(items: int) -> Sections:
    """A thousand groups of growing size, the last of which takes what is left."""
    counts = np.arange(1, 1001, dtype=np.int64) * items // 500_500
    counts[-1] += items - counts.sum()
    starts = np.concatenate([[0], np.cumsum(counts)])
    return Sections([f"group {number}" for number in range(1000)], counts, starts, np.zeros(1000, bool))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=ITEMS)
    parser.add_argument("--seconds", type=float, default=FLING_SECONDS)
    parser.add_argument("--alone", action="store_true")
    given = parser.parse_args()
    print(json.dumps(main(given.items, given.seconds, given.alone), indent=1))
