"""The GUI thread is never busy for long: a watchdog counts its computing time between turns of the event loop.

Computing time, not time on the clock: on a busy machine the clock says nothing. What the thread waits for (locks,
files) the watchdog does not see; the workers' answers arrive as events and are counted.
"""

from __future__ import annotations

import gc
import subprocess
import sys
import time
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QAbstractItemModelTester, QTest

from visualsearch.catalog.arranging import Sections
from visualsearch.ui.panels.facet_values import FacetModel, ValueList

MILLION = 1_000_000
LIMIT = 0.05


class Watchdog:
    """Computing time in seconds of the longest turn of the event loop, and of steps that a test takes itself."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._since = time.thread_time()
        self._timer = QTimer(interval=0)
        self._timer.timeout.connect(self.beat)
        self._timer.start()

    def beat(self) -> None:
        now = time.thread_time()
        self.longest = max(self.longest, now - self._since)
        self._since = now

    def start_over(self) -> None:
        """Forget what a test has prepared: in the window a worker does that."""
        self._since, self.longest = time.thread_time(), 0.0

    def stop(self) -> None:
        self._timer.stop()


@pytest.fixture
def watchdog(qapp) -> Iterator[Watchdog]:
    """Fails the test when the GUI thread has been busy for more than 50 ms at a time."""
    gc.collect()  # pytest's garbage is not the window's
    found = Watchdog()
    yield found
    found.beat()
    found.stop()
    assert found.longest <= LIMIT, f"the GUI thread was busy for {1000 * found.longest:.0f} ms"


def in_order(count: int) -> np.ndarray:
    return np.random.default_rng(1).permutation(np.arange(1, count + 1, dtype=np.int32))


def test_a_million_photos_are_browsed(gallery, watchdog, qtbot):
    view, model = gallery.view, gallery.model
    items = in_order(MILLION)
    watchdog.start_over()
    model.set_results(items, MILLION, None, token="a")
    qtbot.wait(30)
    for key in (Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_Up, Qt.Key.Key_Home, Qt.Key.Key_PageDown):
        QTest.keyClick(view, key)
        qtbot.wait(5)
    for steps in (-3, -3, 4, 4):
        view.zoom(steps)
        qtbot.wait(5)
    for pixels in (50, 500, 5_000, 50_000_000, -300):
        view.scroll_by(pixels)
        qtbot.wait(5)
    view.selectAll()
    qtbot.wait(5)
    view.clearSelection()
    model.set_results(items[::-1], MILLION, None, token="b")
    qtbot.wait(30)


def test_a_hundred_thousand_groups_are_browsed(gallery, watchdog, qtbot):
    view, model = gallery.view, gallery.model
    counts = np.full(100_000, 10)
    folded = np.zeros(100_000, bool)
    folded[::3] = True
    starts = np.concatenate([[0], np.cumsum(np.where(folded, 0, counts))])
    sections = Sections([f"group {number}" for number in range(100_000)], counts, starts, folded)
    items = in_order(int(starts[-1]))
    watchdog.start_over()
    model.show(items, None, len(items), "a", sections=sections)
    qtbot.wait(30)
    for key in (Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_Up, Qt.Key.Key_Home, Qt.Key.Key_PageDown):
        QTest.keyClick(view, key)
        qtbot.wait(5)
    for pixels in (50, 500, 5_000, 9_000_000, -300):
        view.scroll_by(pixels)
        qtbot.wait(5)
    view.headers.step(1)
    view.headers.focus(70_000)
    view.zoom(-4)
    qtbot.wait(5)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(40, 5))
    qtbot.wait(5)
    assert view.headers.text(70_001).startswith("group 70001, 10")


def test_a_hundred_thousand_values_are_found_and_counted(qtbot, watchdog):
    model = FacetModel("code", False)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    values = ValueList(model)
    qtbot.addWidget(values)
    values.show()
    counts = {f"value {number:06d}": 100_000 - number for number in range(100_000)}
    half = dict(list(counts.items())[::2])
    watchdog.start_over()
    for step in (
        lambda: model.set_counts(counts, whole=True, still=False),
        lambda: model.set_counts(half, whole=False, still=False),
        lambda: model.set_filter("0998"),
        lambda: model.set_filter(""),
        lambda: model.set_expanded(True),
        lambda: model.set_picked(("value 099999",), ("value 000003",)),
    ):
        step()
        watchdog.beat()
        qtbot.wait(5)
    assert model.row_of("value 099999") >= 0
    assert model.row_of("value 000003") >= 0
    assert model.hidden_count == 50_000 + 2 - model.rowCount()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the names of threads from /proc")
def test_painting_waits_for_no_other_thread():
    """Beside an import, each thread that Qt paints with is one more to wait for in every frame."""
    script = """
import os
from visualsearch import ui
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QScrollBar
application = QApplication(["test", "-platform", "offscreen", "-style", "fusion"])
bar = QScrollBar(Qt.Orientation.Vertical)
bar.resize(16, 800)
bar.grab()
print([open(f"/proc/self/task/{task}/comm").read() for task in os.listdir("/proc/self/task")])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "pooled" not in done.stdout
