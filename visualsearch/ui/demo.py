"""Drives the real window as a person would, without a display, and takes a picture of each step."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QDeadlineTimer,
    QEventLoop,
    QMessageLogContext,
    QPoint,
    Qt,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from visualsearch.errors import VisualSearchError
from visualsearch.replacing import replace_file
from visualsearch.settings import Settings
from visualsearch.ui import style
from visualsearch.ui.app import application
from visualsearch.ui.main_window import MainWindow
from visualsearch.ui.precision.feature import Precision

_PATIENCE_MS = 120_000  # for one step on a slow machine
_LOOK_MS = 15  # between two looks at whether a step is done
_LEFT = Qt.MouseButton.LeftButton


def drive(workspace_path: Path, out: Path, log: Callable[[str], None]) -> dict[str, Any]:
    """Open the window on a catalog and use it; write ``out/01-….png`` … and ``out/report.json``.

    Returns the report: for each step its name, the total, the milliseconds of the search and the picture's name.
    Raises VisualSearchError when the catalog cannot be opened or a step does not come to an end.
    """
    app = application()
    style.apply(app, "light")
    out.mkdir(parents=True, exist_ok=True)
    window = MainWindow(Settings())
    window.keeps_place = False  # each run does the same, and the person's own place stays
    window.resize(1280, 800)
    try:
        with _without_chatter():
            window.show()
            return Person(window, out, log).work(workspace_path)
    finally:
        window.hide()
        window.shut_down()
        window.deleteLater()


@contextmanager
def _without_chatter() -> Iterator[None]:
    """Where there is no display, Qt says with each of its windows that it cannot pass on how small that may be."""

    def tell(kind: QtMsgType, context: QMessageLogContext, text: str | None) -> None:
        if "propagateSizeHints" in (text or ""):
            return
        if before is not None:
            before(kind, context, text or "")
        else:
            print(text, file=sys.stderr)

    before = qInstallMessageHandler(tell)
    try:
        yield
    finally:
        qInstallMessageHandler(before)


_FEW = 6  # values of an attribute that a person would tick one of


class Person:
    """Clicks, types and looks."""

    def __init__(self, window: MainWindow, out: Path, log: Callable[[str], None]) -> None:
        self._window = window
        self._out = out
        self._log = log
        self._steps: list[dict[str, Any]] = []
        self._trouble: list[BaseException] = []
        window.catalogs.failed.connect(self._trouble.append)
        window.background.failed.connect(self._trouble.append)
        window.controller.failed.connect(lambda _query, error: self._trouble.append(error))

    def work(self, path: Path) -> dict[str, Any]:
        window = self._window
        window.catalogs.open(path)
        self.until(lambda: window.controller.results is not None)
        self._look("the catalog")
        kind = self._search_shirts()
        for number in range(3):
            self.plus(number)
        self._look(f"three {kind}s as examples")
        self.type("")
        self._look("all that looks like them")
        self.slide(window.tray.narrow.slider, 75)
        self._look("narrower")
        self.slide(window.tray.narrow.slider, 35)
        self._look("wider")
        self.slide(window.tray.blocks.slider, 90)
        self._look("by colour")
        self.click(window.tray.blocks.auto, QPoint(8, window.tray.blocks.auto.height() // 2))
        self._tick()
        self._look("with an attribute ticked")
        self.type(self._word())
        self._look("with a word")
        thumb = window.tray.positive.thumbs()[0]
        self.click(thumb, thumb.badge_rect().center())
        self._look("one example removed")
        self.click(window.area.chips.clear, window.area.chips.clear.rect().center())
        self._look("everything again")
        return self._report(path)

    def _report(self, path: Path) -> dict[str, Any]:
        report = {"catalog": str(path), "steps": self._steps}
        replace_file(self._out / "report.json", json.dumps(report, indent=1, ensure_ascii=False).encode())
        return report

    # --- what a person does ---------------------------------------------------------------------------------

    def _search_shirts(self) -> str:
        """Type "shirt" and take what is found; catalogs without shirts are used as they are."""
        self.type("shirt")
        results = self._window.controller.results
        if results is not None and results.total >= 3:
            self._look("shirts by word")
            return "shirt"
        self.type("")
        return "photo"

    def plus(self, place: int) -> None:
        """Click the + button of a tile that is in sight."""
        gallery = self._window.area.gallery
        row = min(place, self._window.area.model.total - 1)
        gallery.scroll_to_row(row)
        tile = gallery.tiles.square(gallery.tile_rect(row))
        spot = gallery.tiles.button_rect(tile, 1, gallery.layoutDirection()).center()
        QTest.mouseMove(gallery.viewport(), spot)
        QTest.mouseClick(gallery.viewport(), _LEFT, Qt.KeyboardModifier.NoModifier, spot)
        self.settle()

    def type(self, words: str) -> None:
        text = self._window.bar.text
        text.setFocus()
        text.selectAll()
        QTest.keyClick(text, Qt.Key.Key_Delete)
        if words:
            QTest.keyClicks(text, words)
        QTest.keyClick(text, Qt.Key.Key_Return)
        self.settle()

    def slide(self, slider: QWidget, percent: int) -> None:
        spot = QPoint(6 + (slider.width() - 12) * percent // 100, slider.height() // 2)
        QTest.mouseClick(slider, _LEFT, Qt.KeyboardModifier.NoModifier, spot)
        self.settle()

    def click(self, widget: QWidget, spot: QPoint) -> None:
        QTest.mouseClick(widget, _LEFT, Qt.KeyboardModifier.NoModifier, spot)
        self.settle()

    def _tick(self) -> None:
        """Tick the first value of the first attribute that parts the results into a few."""
        results = self._window.controller.results
        facets = results.facets if results is not None else {}
        for attribute, section in self._window.facets.sections().items():
            if section.isVisible() and 1 < len(facets.get(attribute, ())) <= _FEW:
                spot = section.values.visualRect(section.model.index(0)).center()
                self._window.facets.scroll_area.ensureWidgetVisible(section.values)
                self.click(section.values.viewport(), spot)
                return

    def _word(self) -> str:
        """A word that some of the results have: the most frequent value of another attribute."""
        ticked = dict(self._window.controller.query.choices)
        results = self._window.controller.results
        for attribute, values in (results.facets if results is not None else {}).items():
            words = [value for value in values if value.isalpha()]
            if attribute not in ticked and words:
                return words[0]
        return ""

    # --- waiting and looking --------------------------------------------------------------------------------

    def settle(self) -> None:
        self.until(lambda: self._window.controller.is_settled)

    def _look(self, name: str) -> None:
        """Wait until all is painted; take the picture; remember the numbers."""
        window = self._window
        self.settle()
        self.until(self.is_painted)
        results = window.controller.results
        number = len(self._steps) + 1
        picture = f"{number:02d}-{name.replace(' ', '-')}.png"
        window.grab().save(str(self._out / picture))
        total = results.total if results is not None else 0
        elapsed = results.elapsed_ms if results is not None else 0.0
        self._steps.append({"step": name, "total": total, "ms": round(elapsed, 1), "picture": picture})
        self._log(f"{number:2d}. {name}: {window.status.text()}")

    def is_quiet(self) -> bool:
        """Whether nothing is under way, nor about to be: no search, no small work, no estimate of precision."""
        window = self._window
        precision = window.findChild(Precision)
        idle = window.features.are_installed and window.controller.is_settled and window.background.is_idle
        return idle and (precision is None or precision.is_settled)

    def is_painted(self) -> bool:
        """Whether every tile in sight has its picture, and no panel waits for anything."""
        window = self._window
        gallery, model = window.area.gallery, window.area.model
        if window.inspector.is_waiting or not self.is_quiet():
            return False
        if window.area.page is not gallery:
            return True
        items = [model.item_at(row) for row in gallery.grid.visible(gallery.scroll_y)]
        pixmaps = window.area.pixmaps
        return all(
            pixmaps.pixmap(item) is not None or pixmaps.is_missing(item) for item in items if item is not None
        )

    def until(self, done: Callable[[], bool]) -> None:
        """Let the window work until ``done()``. Raises what went wrong meanwhile."""
        deadline = QDeadlineTimer(_PATIENCE_MS)
        loop = QEventLoop()
        look = QTimer()
        look.setInterval(_LOOK_MS)
        look.timeout.connect(
            lambda: loop.quit() if done() or self._trouble or deadline.hasExpired() else None
        )
        look.start()
        loop.exec()
        look.stop()
        if self._trouble:
            raise self._trouble[0]
        if deadline.hasExpired() and not done():
            raise VisualSearchError("The window did not come to an end with a step of the demo.")
