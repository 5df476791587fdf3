"""The gallery under a finger."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QScroller

from visualsearch.ui.gallery.touch import TouchScroll

Touch = Callable[..., None]


@pytest.fixture(scope="session")
def screen(qapp):
    """A touch screen."""
    return QTest.createTouchDevice()


@pytest.fixture
def touch(gallery, screen) -> Touch:
    """Puts a finger down at the first point, drags it over the others, lifts it at the last."""
    gallery.show(10_000)
    TouchScroll(gallery.view)
    viewport = gallery.view.viewport()

    def drag(*points: QPoint) -> None:
        QTest.touchEvent(viewport, screen).press(0, points[0]).commit()
        for point in points[1:]:
            QTest.touchEvent(viewport, screen).move(0, point).commit()
        QTest.touchEvent(viewport, screen).release(0, points[-1]).commit()

    return drag


def center(gallery, item: int) -> QPoint:
    return gallery.view.tile_rect(item - 1).center()


def test_a_finger_drags_the_photos_along(gallery, touch: Touch, qtbot) -> None:
    top = gallery.view.scroll_y
    touch(*(QPoint(300, y) for y in range(450, 50, -20)))
    qtbot.waitUntil(lambda: gallery.view.scroll_y > top + 100)
    scroller = QScroller.scroller(gallery.view.viewport())
    qtbot.waitUntil(lambda: scroller.state() == QScroller.State.Inactive, timeout=15_000)
    assert not gallery.selected()
    assert gallery.view.scroll_y <= gallery.view.grid.max_y


def test_a_tap_is_a_click(gallery, touch: Touch) -> None:
    touch(center(gallery, 6))
    assert gallery.selected() == [6]
    assert gallery.view.current_item() == 6
    assert gallery.view.hovered_row == -1


def test_a_tap_on_a_button_makes_an_example(gallery, touch: Touch, qtbot) -> None:
    tile = gallery.view.tiles.square(gallery.view.tile_rect(2))
    button = gallery.view.tiles.button_rect(tile, 1, gallery.view.layoutDirection())
    with qtbot.waitSignal(gallery.view.example_requested) as asked:
        touch(button.center())
    assert asked.args == [3, 1]
