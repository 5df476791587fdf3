"""A click on an example in the real window: from the worker's first answer to its first paint, 44,000 items.

``python tests/bench/bench_click.py [--items N] [--clicks N]`` prints JSON. The window paints offscreen; the items share
500 photos, their vectors and neighbour graphs are drawn. Each click picks an example for the first time.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from bench_phases import with_drawn_graphs
from bench_search import drawn_space
from bench_start import _catalog as drawn_catalog
from bench_tagging_window import Person, opened

from visualsearch.jobs import JobControl

GOAL = "<= 16"
_PATIENCE = 120_000  # milliseconds
_AT_ONCE = 4  # clicks of one filter; then all examples are taken off


def main(items: int = 44_000, clicks: int = 24) -> dict[str, Any]:
    """Milliseconds by the clock."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["XDG_CONFIG_HOME"] = str(folder / "config")
        return _measured(folder, items, clicks)


def _measured(folder: Path, items: int, clicks: int) -> dict[str, Any]:
    space, labels = drawn_space(folder, items, index=False)
    space = with_drawn_graphs(space, labels, folder)
    space.check()
    window, person = opened(drawn_catalog(folder, items), space)
    try:
        found = _clicks(window, person, labels, clicks)
    finally:
        window.hide()
        window.shut_down()
    wait, paint = zip(*found, strict=True)
    return {
        "answer to paint, p50": {"value": statistics.median(paint), "goal": GOAL, "unit": "ms"},
        "answer to paint, p95": {"value": float(np.percentile(paint, 95)), "unit": "ms"},
        "click to answer, p50": {"value": statistics.median(wait), "unit": "ms"},
    }


def _clicks(window: Any, person: Person, labels: np.ndarray, count: int) -> list[tuple[float, float]]:
    """Of each click milliseconds until the first answer, and from there until it is painted."""
    from visualsearch.ui import edits

    found = []
    for number in range(count + 1):
        if number % _AT_ONCE == 0:
            window.controller.edit(edits.clear_examples)
        person.until(lambda: window.controller.is_settled and window.background.is_idle)
        item = int(np.flatnonzero(labels == number // _AT_ONCE)[number % _AT_ONCE]) + 1
        found.append(_click(window, item))
    return found[1:]  # the first warms up


def _click(window: Any, item: int) -> tuple[float, float]:
    from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer

    from visualsearch.filters.query import Example, Results
    from visualsearch.ui import edits

    controller, viewport, loop = window.controller, window.area.gallery.viewport(), QEventLoop()
    search, before = controller.workspace.search, controller.results
    answered: list[float] = []
    painted: list[float] = []

    def watched(query: Any, emit: Callable[[Results], None], control: JobControl) -> None:
        def answer(results: Results) -> None:
            answered.append(time.perf_counter())
            emit(results)

        search(query, answer, control)

    def note() -> None:
        painted.append(time.perf_counter())
        loop.quit()

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and controller.results is not before:
                QTimer.singleShot(0, note)  # comes when all of this paint is done
            return False

    watch = Watch()
    viewport.installEventFilter(watch)
    controller.workspace.search = watched
    QTimer.singleShot(_PATIENCE, loop, loop.quit)
    clicked = time.perf_counter()
    controller.edit(lambda query: edits.add_examples(query, [Example(item)], 1))
    loop.exec()
    viewport.removeEventFilter(watch)
    controller.workspace.search = search
    assert painted, "no answer was painted"
    return 1000 * (answered[0] - clicked), 1000 * (painted[0] - answered[0])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--items", type=int, default=44_000)
    parser.add_argument("--clicks", type=int, default=24)
    arguments = parser.parse_args()
    print(json.dumps(main(arguments.items, arguments.clicks), indent=1))
