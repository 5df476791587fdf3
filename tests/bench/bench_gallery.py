"""Gallery against ``QListView`` (icon mode, uniform item sizes, a grid) on the same model of a million rows.

Each operation is timed from the call until the window has been painted. ``python tests/bench/bench_gallery.py
[--items N]`` prints the figures as JSON.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PIL import Image
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize
from PySide6.QtWidgets import QAbstractItemView, QApplication, QListView

from visualsearch.ui import style
from visualsearch.ui.gallery import GalleryModel, GalleryView, PixmapCache

ITEMS = 1_000_000
GOAL = "<= 0.05"
ROW_COUNT_GOAL = "<= 200"
OPERATIONS = ("show", "resize", "new result", "select all")
_ROUNDS = 5


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


def _fetch(items: list[int]) -> dict[int, Any]:
    """A drawn thumbnail for each item, as costly to decode as a real one."""
    found = {}
    for item in items:
        color = (item * 37 % 256, item * 91 % 256, item * 53 % 256)
        data = io.BytesIO()
        Image.new("RGB", (192, 256), color).save(data, "JPEG")
        found[item] = Thumbnail(data.getvalue(), 192, 256, color[0] << 16 | color[1] << 8 | color[2])
    return found


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


def _list_view(model: GalleryModel) -> QListView:
    view = QListView()
    view.setViewMode(QListView.ViewMode.IconMode)
    view.setResizeMode(QListView.ResizeMode.Adjust)
    view.setUniformItemSizes(True)
    view.setGridSize(QSize(172, 172))
    view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    view.setModel(model)
    return view


def main(items: int = ITEMS) -> dict[str, Any]:
    """Ratios of the times (median of five for the gallery, one for QListView), and ``rowCount`` calls at most."""
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    style.apply(application, "light")

    model = CountingModel(fetch_ids=lambda numbers: [str(number) for number in numbers])
    model.set_results(*_results(items, 0), token=0)
    peer = _list_view(model)
    theirs = _measure(application, model, peer, items, 1)
    peer.setModel(None)
    peer.deleteLater()

    pixmaps = PixmapCache(_fetch)
    view = GalleryView(model, pixmaps)
    ours = []
    for seed in range(2, 2 + _ROUNDS):
        ours.append(_measure(application, model, view, items, seed))
        view.set_current_item(model.item_at(items // 2) or 1)
    view.hide()
    pixmaps.close()
    model.close()

    table: dict[str, Any] = {}
    for name in OPERATIONS:
        milliseconds = statistics.median(figures[name][0] for figures in ours)
        table[f"{name} / QListView"] = {"value": milliseconds / theirs[name][0], "goal": GOAL, "unit": "×"}
        table[f"{name}, rowCount calls"] = {"value": max(f[name][1] for f in ours), "goal": ROW_COUNT_GOAL}
        table[f"{name}, gallery"] = {"value": milliseconds, "unit": "ms"}
        table[f"{name}, QListView"] = {"value": theirs[name][0], "unit": "ms"}
    return table


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=ITEMS)
    print(json.dumps(main(parser.parse_args().items), indent=1))
