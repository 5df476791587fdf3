"""A real window over a real catalog of 90 drawn products, encoded by the real encoder."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QFont
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from visualsearch.settings import Settings
from visualsearch.ui import style
from visualsearch.ui.main_window import MainWindow

WAIT_MS = 60_000  # on a machine that is busy with something else


@pytest.fixture(scope="session", autouse=True)
def grey_letters(qapp: QApplication) -> None:
    """Letters without coloured edges, whatever the desktop is set to, so that tests find their colour."""
    font = qapp.font()
    font.setStyleStrategy(QFont.StyleStrategy.NoSubpixelAntialias)
    qapp.setFont(font)


@pytest.fixture
def catalog(imported_products: Path, tmp_path: Path) -> Path:
    """A copy of the drawn products, encoded and indexed."""
    return Path(shutil.copytree(imported_products, tmp_path / "catalog"))


class Driver:
    """Waits for the window's answers, and finds its parts."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window = window
        self.qtbot = qtbot

    def settle(self) -> None:
        """Wait until the newest answer is on screen."""
        self.qtbot.waitUntil(lambda: self.window.controller.is_settled, timeout=WAIT_MS)

    def idle(self) -> None:
        """Wait until the workers have delivered all that was asked, what that led to asking is on screen, too, and what
        waits for the first paint is there."""
        window = self.window
        first_paint = window._first_paint  # a search that is taken up again may be answered before it

        def is_idle() -> bool:
            return window.controller.is_settled and window.background.is_idle and not first_paint.isActive()

        self.qtbot.waitUntil(is_idle, timeout=WAIT_MS)

    def until(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=WAIT_MS)

    @property
    def total(self) -> int:
        self.settle()
        assert self.window.controller.results is not None
        return self.window.controller.results.total

    def ids(self) -> list[str]:
        """Ids of the results on screen, best first."""
        self.settle()
        workspace = self.window.controller.workspace
        assert workspace is not None
        return workspace.ids_of(self.window.area.model.items.tolist())

    def number(self, item_id: str) -> int:
        workspace = self.window.controller.workspace
        assert workspace is not None
        number = workspace.number_of(item_id)
        assert number is not None
        return number

    def values(self, item_id: str, attribute: str) -> tuple[str | float, ...]:
        """What an item has of an attribute, as the catalog tells."""
        workspace = self.window.controller.workspace
        assert workspace is not None
        attributes = workspace.details(self.number(item_id)).attributes
        return next((one.values for one in attributes if one.name == attribute), ())

    def tile(self, item_id: str) -> QPoint:
        """Bring an item's tile into view; its centre in the gallery's viewport."""
        gallery = self.window.area.gallery
        row = self.window.area.model.row_of(self.number(item_id))
        assert row is not None, f"{item_id} is not among the results"
        gallery.scroll_to_row(row)
        return gallery.tile_rect(row).center()

    def button(self, item_id: str, sign: int) -> QPoint:
        """The middle of a tile's + or − button."""
        gallery = self.window.area.gallery
        self.tile(item_id)
        row = self.window.area.model.row_of(self.number(item_id))
        tile = gallery.tiles.square(gallery.tile_rect(row))
        return gallery.tiles.button_rect(tile, sign, Qt.LayoutDirection.LeftToRight).center()

    def click_sign(self, item_id: str, sign: int) -> None:
        """Click a tile's + or − button with the mouse."""
        viewport = self.window.area.gallery.viewport()
        spot = self.button(item_id, sign)
        self.qtbot.mouseMove(viewport, spot)
        self.qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=spot)
        self.settle()

    def select(self, *item_ids: str) -> None:
        """Click a tile, and the others with Ctrl."""
        viewport = self.window.area.gallery.viewport()
        modifiers = Qt.KeyboardModifier.NoModifier
        for item_id in item_ids:
            self.qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, modifiers, self.tile(item_id))
            modifiers = Qt.KeyboardModifier.ControlModifier
        self.idle()

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key where the focus is, so that shortcuts count, too."""
        self.qtbot.keyClick(self.window.focusWidget() or self.window, key, modifiers)

    def drop(self, target: QWidget, mime) -> None:
        """Drop something in the middle of a widget."""
        spot, action = target.rect().center(), Qt.DropAction.CopyAction
        left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(target, QDragEnterEvent(spot, action, mime, left, none))
        QApplication.sendEvent(target, QDropEvent(QPointF(spot), action, mime, left, none))


class Gate:
    """Holds up the thread that writes decisions, so that what is decided meanwhile waits behind it."""

    def __init__(self, driver: Driver) -> None:
        self.begun, self._open = threading.Event(), threading.Event()
        driver.window.undoing.write(self._wait, lambda _: None, driver.window.faults.show)

    def _wait(self) -> None:
        self.begun.set()
        self._open.wait()

    def open(self) -> None:
        self._open.set()


@pytest.fixture
def make_window(qtbot: QtBot, qapp: QApplication) -> Iterator[Callable[..., Driver]]:
    """Makes windows on screen, and closes them at the end."""
    style.apply(qapp, "light")
    made: list[MainWindow] = []

    def make(settings: Settings | None = None) -> Driver:
        window = MainWindow(settings or Settings())
        made.append(window)
        window.resize(1280, 800)
        window.show()
        window.activateWindow()
        qtbot.waitExposed(window)
        window.features.install_all()
        return Driver(window, qtbot)

    yield make
    for window in made:
        window.close()
        window.shut_down()  # of one that waits for what is being saved
        window.deleteLater()


@pytest.fixture
def empty(make_window: Callable[..., Driver]) -> Driver:
    """A window without a catalog."""
    return make_window()


@pytest.fixture
def driver(make_window: Callable[..., Driver], catalog: Path) -> Driver:
    """A window on the catalog, its first answer on screen."""
    driver = make_window()
    driver.window.catalogs.open(catalog)
    driver.until(lambda: driver.window.controller.results is not None)
    driver.idle()
    return driver
