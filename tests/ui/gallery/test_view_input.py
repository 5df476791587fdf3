"""The gallery by mouse and by keyboard, with real events."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QRect, Qt
from PySide6.QtGui import QContextMenuEvent, QDrag, QHelpEvent, QKeyEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from visualsearch.ui.gallery import items_of
from visualsearch.ui.gallery.delegate import TileDelegate

Key, Modifier, Button = Qt.Key, Qt.KeyboardModifier, Qt.MouseButton
LEFT, CTRL, SHIFT, NONE = (
    Button.LeftButton,
    Modifier.ControlModifier,
    Modifier.ShiftModifier,
    Modifier.NoModifier,
)


def center(gallery, item: int) -> QPoint:
    row = gallery.model.row_of(item)
    return gallery.view.tile_rect(row).center()


def button(gallery, item: int, sign: int) -> QPoint:
    row = gallery.model.row_of(item)
    tile = TileDelegate.square(gallery.view.tile_rect(row))
    return TileDelegate.button_rect(tile, sign, gallery.view.layoutDirection()).center()


def click(gallery, at: QPoint, modifiers=NONE, which=LEFT) -> None:
    QTest.mouseMove(gallery.view.viewport(), at)
    QTest.mouseClick(gallery.view.viewport(), which, modifiers, at)


def press(gallery, key: Qt.Key, modifiers=NONE) -> None:
    QTest.keyClick(gallery.view, key, modifiers)


@pytest.fixture
def told(gallery) -> list[tuple]:
    """What the view asked for."""
    calls: list[tuple] = []
    gallery.view.example_requested.connect(lambda item, sign: calls.append(("example", item, sign)))
    gallery.view.example_removed.connect(lambda item: calls.append(("removed", item)))
    gallery.view.item_activated.connect(lambda item: calls.append(("activated", item)))
    gallery.view.current_item_changed.connect(lambda item: calls.append(("current", item)))
    return calls


# --- mouse ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft])
def test_hover_buttons_make_examples_and_take_them_back(gallery, told, direction) -> None:
    gallery.view.setLayoutDirection(direction)
    gallery.show(100)
    click(gallery, button(gallery, 6, 1))
    click(gallery, button(gallery, 7, -1))
    gallery.model.set_signs({6: 1, 7: -1})
    click(gallery, button(gallery, 6, 1))
    click(gallery, button(gallery, 7, 1))
    assert told == [("example", 6, 1), ("example", 7, -1), ("removed", 6), ("example", 7, 1)]
    assert gallery.selected() == []  # a button is not a click on the tile


def test_buttons_are_large_enough_and_apart_even_on_the_smallest_tiles(gallery) -> None:
    gallery.show(10)
    gallery.view.set_tile_size(1)
    tile = TileDelegate.square(gallery.view.tile_rect(0))
    plus, minus = (TileDelegate.button_rect(tile, sign, Qt.LayoutDirection.LeftToRight) for sign in (1, -1))
    assert min(plus.width(), plus.height(), minus.width(), minus.height()) >= 24
    assert tile.contains(plus)
    assert tile.contains(minus)
    assert not plus.intersects(minus)


def test_letting_go_elsewhere_takes_a_press_back(gallery, told) -> None:
    gallery.show(100)
    viewport = gallery.view.viewport()
    QTest.mousePress(viewport, LEFT, NONE, button(gallery, 6, 1))
    QTest.mouseMove(viewport, button(gallery, 6, -1))
    QTest.mouseRelease(viewport, LEFT, NONE, button(gallery, 6, -1))
    assert told == []


def test_buttons_show_under_the_mouse_and_go_with_it(gallery) -> None:
    gallery.show(100)
    view = gallery.view
    QTest.mouseMove(view.viewport(), center(gallery, 6))
    assert view.hovered_row == 5
    QTest.mouseMove(view.viewport(), button(gallery, 6, -1))
    assert view.tiles.hot == (5, -1)
    assert view.viewport().cursor().shape() == Qt.CursorShape.PointingHandCursor
    QTest.mouseMove(view.viewport(), QPoint(3, 3))
    assert view.hovered_row == -1
    assert view.viewport().cursor().shape() == Qt.CursorShape.ArrowCursor


def test_the_hovered_tile_changes_when_the_tiles_move_under_a_still_mouse(gallery) -> None:
    gallery.show(100)
    QTest.mouseMove(gallery.view.viewport(), center(gallery, 2))
    gallery.view.scroll_by(gallery.view.grid.pitch)
    assert gallery.view.hovered_row == 1 + gallery.view.grid.columns


def test_clicks_select_alone_in_addition_and_up_to(gallery, told) -> None:
    gallery.show(100)
    click(gallery, center(gallery, 2))
    assert gallery.selected() == [2]
    assert told == [("current", 2)]
    click(gallery, center(gallery, 7), CTRL)
    click(gallery, center(gallery, 4), CTRL)
    click(gallery, center(gallery, 7), CTRL)
    assert gallery.selected() == [2, 4]
    click(gallery, center(gallery, 5))
    click(gallery, center(gallery, 8), SHIFT)
    assert gallery.selected() == [5, 6, 7, 8]
    click(gallery, center(gallery, 3), SHIFT)
    assert gallery.selected() == [3, 4, 5]
    click(gallery, center(gallery, 1), CTRL)
    click(gallery, center(gallery, 2), SHIFT | CTRL)
    assert gallery.selected() == [1, 2, 3, 4, 5]
    click(gallery, QPoint(3, 3))
    assert gallery.selected() == []


def test_a_click_on_one_of_many_selected_leaves_it_alone_when_released(gallery) -> None:
    gallery.show(100)
    gallery.select(1, 2, 3)
    QTest.mousePress(gallery.view.viewport(), LEFT, NONE, center(gallery, 2))
    assert gallery.selected() == [1, 2, 3]
    QTest.mouseRelease(gallery.view.viewport(), LEFT, NONE, center(gallery, 2))
    assert gallery.selected() == [2]


def test_the_range_follows_the_item_not_the_row(gallery) -> None:
    gallery.show(20, token="a")
    click(gallery, center(gallery, 3))
    gallery.show(list(range(20, 0, -1)), token="a")
    click(gallery, center(gallery, 15), SHIFT)
    assert gallery.selected() == list(range(15, 2, -1))


def test_a_rubber_band_selects_what_it_touches(gallery) -> None:
    gallery.show(100)
    view, viewport = gallery.view, gallery.view.viewport()
    gallery.select(12)
    rect = view.tile_rect(5)
    QTest.mousePress(viewport, LEFT, NONE, QPoint(2, 2))
    QTest.mouseMove(viewport, rect.center())
    assert gallery.selected() == [1, 2, 5, 6]
    picture = view.grab(QRect(2, 2, 6, 6)).toImage()
    assert picture.pixelColor(4, 4) != view.palette().base().color()  # the band is on screen
    QTest.mouseMove(viewport, view.tile_rect(0).center())
    assert gallery.selected() == [1]
    QTest.mouseRelease(viewport, LEFT, NONE, view.tile_rect(0).center())
    QTest.mousePress(viewport, LEFT, CTRL, QPoint(2, 2))
    QTest.mouseMove(viewport, view.tile_rect(1).center())
    QTest.mouseRelease(viewport, LEFT, CTRL, view.tile_rect(1).center())
    assert gallery.selected() == [1, 2]


def test_a_rubber_band_held_below_scrolls_on(gallery, qtbot) -> None:
    gallery.show(1000)
    view, viewport = gallery.view, gallery.view.viewport()
    QTest.mousePress(viewport, LEFT, NONE, QPoint(2, 2))
    QTest.mouseMove(viewport, QPoint(300, viewport.height() + 60))
    qtbot.waitUntil(lambda: view.scroll_y > 600)
    QTest.mouseRelease(viewport, LEFT, NONE, QPoint(300, viewport.height() + 60))
    stopped = view.scroll_y
    selected = gallery.selected()
    assert {1, 2} <= set(selected)
    assert len(selected) >= 2 * (stopped // view.grid.pitch)


def test_a_double_click_opens(gallery, told) -> None:
    gallery.show(100)
    QTest.mouseDClick(gallery.view.viewport(), LEFT, NONE, center(gallery, 6))
    assert ("activated", 6) in told


def test_a_double_click_on_a_button_is_one_press(gallery, told) -> None:
    gallery.show(100)
    at = button(gallery, 6, 1)
    click(gallery, at)
    viewport = gallery.view.viewport()
    second = QMouseEvent(QMouseEvent.Type.MouseButtonDblClick, at, viewport.mapToGlobal(at), LEFT, LEFT, NONE)
    QApplication.sendEvent(viewport, second)
    QTest.mouseRelease(viewport, LEFT, NONE, at)
    assert told == [("example", 6, 1)]


def test_new_results_under_a_pressed_mouse_do_not_change_what_is_meant(gallery) -> None:
    gallery.show(20, token="a")
    gallery.select(2, 3)
    viewport, at = gallery.view.viewport(), center(gallery, 2)
    QTest.mousePress(viewport, LEFT, NONE, at)
    gallery.show(list(range(20, 0, -1)), token="a")
    QTest.mouseRelease(viewport, LEFT, NONE, at)
    assert gallery.selected() == [2]


def test_the_context_menu_is_for_the_item_under_the_mouse_or_with_the_focus(gallery) -> None:
    gallery.show(100)
    view, calls = gallery.view, []
    view.context_menu_requested.connect(
        lambda item, at: calls.append((item, view.viewport().mapFromGlobal(at)))
    )
    at = center(gallery, 6)
    click(gallery, at, which=Button.RightButton)
    send = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, view.viewport().mapToGlobal(at))
    QApplication.sendEvent(view.viewport(), send)
    assert gallery.selected() == [6]
    view.set_current_item(3)
    QApplication.sendEvent(
        view.viewport(), QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint())
    )
    QApplication.sendEvent(
        view.viewport(), QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(2, 2), QPoint())
    )
    assert calls == [(6, at), (3, center(gallery, 3))]


def test_a_right_click_keeps_a_selection_that_it_hits(gallery) -> None:
    gallery.show(100)
    gallery.select(2, 6)
    click(gallery, center(gallery, 6), which=Button.RightButton)
    assert gallery.selected() == [2, 6]
    assert gallery.view.current_item() == 6


def test_dragging_takes_the_selection_along_or_just_the_tile(gallery, monkeypatch, qtbot) -> None:
    gallery.show(100)
    drags: list[tuple[list[int], bool]] = []

    def exec_(drag: QDrag, actions: Qt.DropAction) -> Qt.DropAction:
        mime: QMimeData = drag.mimeData()
        drags.append((items_of(mime), drag.pixmap().isNull()))
        return actions

    monkeypatch.setattr(QDrag, "exec", exec_)
    viewport = gallery.view.viewport()
    qtbot.waitUntil(lambda: all(gallery.pixmaps.pixmap(item) is not None for item in (5, 6)))
    gallery.select(1, 2, 5)
    for item in (5, 6):
        QTest.mousePress(viewport, LEFT, NONE, center(gallery, item))
        QTest.mouseMove(viewport, center(gallery, item) + QPoint(2, 2))
        QTest.mouseMove(viewport, center(gallery, item) + QPoint(30, 30))
        QTest.mouseRelease(viewport, LEFT, NONE, center(gallery, item) + QPoint(30, 30))
    assert drags == [([1, 2, 5], False), ([6], False)]


def test_tooltips_name_the_buttons_and_the_item(gallery, qtbot) -> None:
    gallery.show(100, scores=np.linspace(0.9, 0.1, 100, dtype=np.float32))
    gallery.model.set_signs({2: -1})
    view = gallery.view
    qtbot.waitUntil(lambda: gallery.model.id_of(1) == "id-1")
    expected = {
        center(gallery, 1).toTuple(): "id-1, score 0.90",
        button(gallery, 1, 1).toTuple(): "More like this (+)",
        button(gallery, 2, 1).toTuple(): "More like this (+)",
        button(gallery, 2, -1).toTuple(): "Take it out of the examples (−)",
    }
    for at, text in expected.items():
        point = QPoint(*at)
        event = QHelpEvent(QHelpEvent.Type.ToolTip, point, view.viewport().mapToGlobal(point))
        QApplication.sendEvent(view.viewport(), event)
        assert QToolTip.text() == text


# --- keyboard ---------------------------------------------------------------------------------------------------


def test_arrows_pages_home_and_end(gallery) -> None:
    gallery.show(102)
    view, columns = gallery.view, gallery.view.grid.columns
    page = view.grid.height // view.grid.pitch * columns
    steps = [
        (Key.Key_Down, 0),
        (Key.Key_Left, 0),
        (Key.Key_Right, 1),
        (Key.Key_Up, 1),
        (Key.Key_Down, 1 + columns),
        (Key.Key_PageDown, 1 + columns + page),
        (Key.Key_PageUp, 1 + columns),
        (Key.Key_End, 101),
        (Key.Key_Right, 101),
        (Key.Key_Home, 0),
        (Key.Key_PageUp, 0),
    ]
    for key, row in steps:
        press(gallery, key)
        assert view.current_row() == row, key
        assert view.viewport().rect().contains(view.tile_rect(row))
        assert gallery.selected() == [row + 1]


def test_down_reaches_a_short_last_line(gallery) -> None:
    columns = gallery.view.grid.columns
    gallery.show(2 * columns + 1)
    gallery.view.set_current_row(columns + 2)
    press(gallery, Key.Key_Down)
    assert gallery.view.current_row() == 2 * columns
    press(gallery, Key.Key_Down)
    assert gallery.view.current_row() == 2 * columns


def test_left_goes_on_in_a_mirrored_window(gallery) -> None:
    gallery.view.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    gallery.show(100)
    gallery.view.set_current_row(0)
    press(gallery, Key.Key_Left)
    assert gallery.view.current_row() == 1


def test_plus_and_minus_on_every_key_that_has_them(gallery, told) -> None:
    gallery.show(100)
    gallery.view.set_current_item(4)
    told.clear()
    press(gallery, Key.Key_Plus)
    press(gallery, Key.Key_Plus, SHIFT)
    press(gallery, Key.Key_Plus, Modifier.KeypadModifier)
    press(gallery, Key.Key_Equal)
    press(gallery, Key.Key_Minus)
    press(gallery, Key.Key_Minus, Modifier.KeypadModifier)
    assert told == [("example", 4, 1)] * 4 + [("example", 4, -1)] * 2
    told.clear()
    gallery.model.set_signs({4: -1})
    press(gallery, Key.Key_Minus)
    press(gallery, Key.Key_Plus)
    assert told == [("removed", 4), ("example", 4, 1)]


def test_a_key_held_down_counts_once(gallery, told) -> None:
    gallery.show(100)
    gallery.view.set_current_item(4)
    told.clear()
    for key, text in ((Key.Key_Plus, "+"), (Key.Key_Space, " ")):
        for repeat in (False, True, True):
            event = QKeyEvent(QKeyEvent.Type.KeyPress, key, NONE, text, repeat, 1)
            QApplication.sendEvent(gallery.view, event)
    assert told == [("example", 4, 1)]
    assert gallery.selected() == [4]


def test_ctrl_plus_is_left_to_the_window(gallery, told) -> None:
    gallery.show(100)
    gallery.view.set_current_item(4)
    told.clear()
    press(gallery, Key.Key_Plus, CTRL)
    press(gallery, Key.Key_Minus, CTRL)
    assert told == []


def test_without_a_focused_tile_plus_does_nothing(gallery, told) -> None:
    gallery.show(100)
    press(gallery, Key.Key_Plus)
    assert told == []


def test_selection_by_keyboard_alone(gallery) -> None:
    gallery.show(100)
    press(gallery, Key.Key_Home)
    press(gallery, Key.Key_Right, SHIFT)
    press(gallery, Key.Key_Right, SHIFT)
    assert gallery.selected() == [1, 2, 3]
    press(gallery, Key.Key_Right, CTRL)
    press(gallery, Key.Key_Right, CTRL)
    press(gallery, Key.Key_Space)
    assert gallery.selected() == [1, 2, 3, 5]
    press(gallery, Key.Key_Escape)
    assert gallery.selected() == []
    press(gallery, Key.Key_A, CTRL)
    assert len(gallery.selected()) == 100


def test_enter_opens(gallery, told) -> None:
    gallery.show(100)
    gallery.view.set_current_item(9)
    press(gallery, Key.Key_Return)
    press(gallery, Key.Key_Enter, Modifier.KeypadModifier)
    assert told[-2:] == [("activated", 9)] * 2


def test_shift_end_selects_a_million(gallery) -> None:
    gallery.show(1_000_000)
    press(gallery, Key.Key_Home)
    press(gallery, Key.Key_End, SHIFT)
    assert len(gallery.selected()) == 1_000_000


def test_an_empty_gallery_takes_every_key(gallery, told) -> None:
    gallery.show(0)
    for key in (Key.Key_Down, Key.Key_End, Key.Key_Home, Key.Key_PageDown, Key.Key_Plus, Key.Key_Return):
        press(gallery, key)
    click(gallery, QPoint(100, 100))
    assert told == []


def test_placeholder_rows_can_be_passed_but_not_picked(gallery, told) -> None:
    gallery.show(2, total=50)
    press(gallery, Key.Key_End)
    assert gallery.view.current_row() == 49
    press(gallery, Key.Key_Plus)
    press(gallery, Key.Key_Return)
    press(gallery, Key.Key_Space)
    click(gallery, gallery.view.tile_rect(48).center())
    assert told == []
    assert gallery.selected() == []
