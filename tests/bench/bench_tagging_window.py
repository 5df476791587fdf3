"""Tag mode in the real window: from Enter on a page of suggestions to the next page painted, 100,000 items.

``python tests/bench/bench_tagging_window.py [--items N] [--pages N] [--profile FILE]`` prints JSON. The window paints
offscreen; the items share 500 photos, and their vectors are drawn. What comes after the paint (noting the step for
undo, how far one is, photos of the pages to come) has a time of its own, since a person looks at the page meanwhile.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from bench_search import drawn_space
from bench_start import _catalog as drawn_catalog
from bench_tagging import EXAMPLES, LATENCY_GOAL

if TYPE_CHECKING:
    from visualsearch.ui.main_window import MainWindow
    from visualsearch.vectors.space import Space

PAGES = 30  # that are confirmed
_PATIENCE = 120.0  # seconds


def main(items: int = 100_000, pages: int = PAGES, profile: str = "") -> dict[str, Any]:
    """Milliseconds by the clock and of the processor."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["XDG_CONFIG_HOME"] = str(folder / "config")
        return _measured(folder, items, pages, profile)


def _measured(folder: Path, items: int, pages: int, profile: str) -> dict[str, Any]:
    from visualsearch.attributes.situation import Start
    from visualsearch.attributes.target import Target
    from visualsearch.filters.query import Example
    from visualsearch.ui.tagging.mode import TagMode

    space, labels = drawn_space(folder, items, index=False)
    window, person = opened(drawn_catalog(folder, items), space)
    window.modes.switch("tag")
    mode = window.modes["tag"]
    assert isinstance(mode, TagMode)
    person.until(lambda: mode.desk.workspace is not None and window.background.is_idle)
    deserving = np.concatenate([[False], labels == labels[0]])
    start = Start(tuple(Example(item=int(item)) for item in np.flatnonzero(deserving)[:EXAMPLES]))
    mode.desk.begin(Target("kind", "wanted"), start)
    person.until(lambda: mode.desk.sheet is not None and window.background.is_idle)
    try:
        return person.confirm(mode, deserving, pages, profile)
    finally:
        window.hide()
        window.shut_down()


def opened(catalog: Path, space: Space) -> tuple[MainWindow, Person]:
    """A window on a catalog whose photos have these vectors, and who uses it."""
    from visualsearch.loading import Engines
    from visualsearch.settings import Settings
    from visualsearch.ui import style
    from visualsearch.ui.app import application
    from visualsearch.ui.main_window import MainWindow

    Engines._open_space = lambda *_: space  # type: ignore[assignment,method-assign]
    app = application()
    style.apply(app, "light")
    window = MainWindow(Settings())
    window.resize(1280, 800)
    window.show()
    window.features.install_all()
    window.catalogs.open(catalog)
    person = Person(window)
    person.until(lambda: window.controller.results is not None and window.controller.is_settled)
    return window, person


class Person:
    """Presses Enter, and looks when the next page is there."""

    def __init__(self, window: Any) -> None:
        self._window = window

    def until(self, condition: Callable[[], bool]) -> None:
        from PySide6.QtTest import QTest

        end = time.monotonic() + _PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError("the window did not come to rest")
            QTest.qWait(5)

    def confirm(self, mode: Any, deserving: np.ndarray, pages: int, profile: str) -> dict[str, Any]:
        """The figures. What does not deserve the value is marked as wrong on each page."""
        from PySide6.QtTest import QTest

        wall, cpu, after, sizes = [], [], [], []
        profiler = cProfile.Profile() if profile else None
        for _ in range(pages):
            self.until(lambda: self._window.background.is_idle and not mode.desk.is_busy)
            shown = [tile.item for tile in mode.bench.grid.shown()]
            for item in shown:
                if not deserving[item]:
                    mode.desk.toggle(item, "no")
            sizes.append(len(shown))
            QTest.qWait(50)  # the marks are painted before anybody presses Enter
            if profiler is not None:
                profiler.enable()
            started, used = time.perf_counter(), time.process_time()
            painted = self._press(mode)
            wall.append(1000 * (painted[0] - started))
            cpu.append(1000 * (painted[1] - used))
            if profiler is not None:
                profiler.disable()
            self.until(lambda: self._window.background.is_idle)
            after.append(1000 * (time.process_time() - used) - cpu[-1])
        if profiler is not None:
            profiler.dump_stats(profile)
        return {
            "photos on a page": statistics.median(sizes),
            "Enter to the next page painted, median": _measure(statistics.median(wall)),
            "Enter to the next page painted, 95 %": _measure(float(np.percentile(wall, 95))),
            "Enter to the next page painted, CPU of all threads, median": _measure(statistics.median(cpu)),
            "what follows the paint, CPU, median": {"value": statistics.median(after), "unit": "ms"},
        }

    def _press(self, mode: Any) -> tuple[float, float]:
        """Enter; returns when the next page was painted, by the clock and by the processor, once the event loop has
        come to rest."""
        from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer
        from PySide6.QtTest import QTest

        loop, grid, before = QEventLoop(), mode.bench.grid, mode.desk.sheet
        moments: list[tuple[float, float]] = []

        def note() -> None:
            if not moments:
                moments.append((time.perf_counter(), time.process_time()))
                QTimer.singleShot(0, loop.quit)

        class Watch(QObject):
            painted = False

            def eventFilter(self, watched: QObject, event: QEvent) -> bool:
                fresh = mode.desk.sheet is not before and watched is grid.shown()[-1]
                if event.type() == QEvent.Type.Paint and fresh:
                    self.painted = True
                    QTimer.singleShot(0, note)
                return False

        watch = Watch()
        for tile in grid.tiles:
            tile.installEventFilter(watch)
        # Called after the slot that shows the page: where that paints at once, this is the moment.
        connection = mode.desk.page_changed.connect(lambda: note() if watch.painted else None)
        QTimer.singleShot(int(1000 * _PATIENCE), loop, loop.quit)
        QTest.keyClick(grid.tiles[0], Qt.Key.Key_Return)
        loop.exec()
        mode.desk.page_changed.disconnect(connection)
        for tile in grid.tiles:
            tile.removeEventFilter(watch)
        assert moments, "no page came"
        return moments[0]


def _measure(value: float) -> dict[str, Any]:
    return {"value": value, "goal": LATENCY_GOAL, "unit": "ms"}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Measure tagging in the window.")
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--pages", type=int, default=PAGES)
    parser.add_argument("--profile", default="", help="write a profile of the GUI thread to this file")
    arguments = parser.parse_args()
    print(json.dumps(main(arguments.items, arguments.pages, arguments.profile), indent=1))
