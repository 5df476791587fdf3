"""The next page of suggestions is painted before anything else follows from a confirm."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt

from visualsearch.attributes.situation import Start
from visualsearch.attributes.target import Target
from visualsearch.filters.query import Example
from visualsearch.ui.tagging.mode import TagMode


class Painted(QObject):
    """The photos that were painted, by item."""

    def __init__(self, grid) -> None:
        super().__init__(grid)
        self.items: set[int] = set()
        for tile in grid.tiles:
            tile.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.items.add(watched.item)
        return False


def test_a_page_is_painted_before_its_step_is_noted(driver) -> None:
    window = driver.window
    window.modes.switch("tag")
    mode = window.modes["tag"]
    assert isinstance(mode, TagMode)
    driver.idle()
    start = Start((Example(item=driver.number("p000")), Example(item=driver.number("p003"))))
    mode.desk.begin(Target("form", "round"), start)
    driver.until(lambda: bool(mode.bench.grid.shown()) and not mode.desk.is_busy)
    driver.idle()
    painted, seen = Painted(mode.bench.grid), []
    window.undoing.changed.connect(lambda: seen.append(set(painted.items)))
    before = {tile.item for tile in mode.bench.grid.shown()}
    driver.key(Qt.Key.Key_Return)
    driver.until(lambda: bool(seen))
    fresh = {tile.item for tile in mode.bench.grid.shown()}
    assert fresh
    assert not fresh & before
    assert fresh <= seen[0], "the page is on screen when the step is noted"
    driver.idle()
