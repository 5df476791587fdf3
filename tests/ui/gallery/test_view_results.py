"""Scrolling, zoom and new results: nothing depends on how many rows there are."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from visualsearch.ui.gallery import MAX_TILE, MIN_TILE, GalleryModel, GalleryView, PixmapCache

MILLION = 1_000_000


def wheel(
    view: GalleryView, *, angle: int = 0, pixels: int = 0, control: bool = False, at=(350, 250)
) -> None:
    point = QPointF(*at)
    event = QWheelEvent(
        point,
        QPointF(view.viewport().mapToGlobal(point)),
        QPoint(0, pixels),
        QPoint(0, angle),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier if control else Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view.viewport(), event)


def test_the_last_of_a_million_rows_is_reached_by_key_and_by_scroll_bar(gallery) -> None:
    gallery.show(MILLION)
    view, last = gallery.view, MILLION - 1
    bar = view.verticalScrollBar()
    assert bar.maximum() <= view.grid.lines
    for go in (lambda: QTest.keyClick(view, Qt.Key.Key_End), lambda: bar.setValue(bar.maximum())):
        bar.setValue(0)
        assert view.scroll_y == 0
        go()
        rect = view.tile_rect(last)
        assert view.viewport().rect().contains(rect)
        assert view.row_at(rect.center()) == last
        assert view.indexAt(rect.center()).row() == last


def test_every_line_of_a_million_rows_is_reached_by_the_scroll_bar(gallery) -> None:
    gallery.show(MILLION)
    view, bar = gallery.view, gallery.view.verticalScrollBar()
    for value in (1, 12_345, bar.maximum() - 1):
        bar.setValue(value)
        assert bar.value() == value
        assert view.tile_rect(value * view.grid.columns).top() == view.grid.gap


def test_a_touchpad_scrolls_by_pixels(gallery) -> None:
    gallery.show(MILLION)
    wheel(gallery.view, pixels=-37)
    assert gallery.view.scroll_y == 37
    wheel(gallery.view, pixels=30)
    assert gallery.view.scroll_y == 7
    wheel(gallery.view, pixels=500)
    assert gallery.view.scroll_y == 0


def test_a_notch_of_the_wheel_glides_by_a_line(gallery, qtbot) -> None:
    gallery.show(MILLION)
    view = gallery.view
    wheel(view, angle=-120)
    wheel(view, angle=-120)
    qtbot.waitUntil(lambda: view.scroll_y == 2 * min(view.grid.pitch, view.grid.height // 2))


def test_a_wheel_turned_sideways_is_left_to_others(gallery) -> None:
    gallery.show(MILLION)
    wheel(gallery.view)
    assert gallery.view.scroll_y == 0


def test_a_few_rows_do_not_scroll(gallery) -> None:
    gallery.show(3)
    wheel(gallery.view, pixels=-100)
    assert gallery.view.scroll_y == 0
    assert gallery.view.verticalScrollBar().maximum() == 0


def test_another_query_starts_at_the_top_and_the_same_query_keeps_the_place(gallery) -> None:
    gallery.show(5000, token="a")
    gallery.view.scroll_by(4321)
    gallery.show(list(range(5000, 0, -1)), token="a")
    assert gallery.view.scroll_y == 4321
    gallery.show(4000, token="b")
    assert gallery.view.scroll_y == 0


def test_a_shorter_answer_to_the_same_query_does_not_leave_the_view_below_its_end(gallery) -> None:
    gallery.show(5000, token="a")
    gallery.view.scroll_by(10**6)
    gallery.show(50, token="a")
    assert gallery.view.scroll_y == gallery.view.grid.max_y


def test_the_selection_goes_with_its_items(gallery) -> None:
    gallery.show(10, token="a")
    gallery.select(2, 5, 9)
    gallery.show([9, 4, 5], token="b")
    assert gallery.selected() == [9, 5]
    gallery.show(10, token="c")
    assert gallery.selected() == [2, 5, 9]


def test_select_all_holds_for_rows_that_are_still_on_their_way(gallery, qtbot) -> None:
    gallery.show(5, total=9, token="a")
    with qtbot.waitSignal(gallery.view.selection_changed):
        gallery.view.selectAll()
    gallery.show(9, token="a")
    assert gallery.selected() == list(range(1, 10))
    gallery.show(12, token="b")
    assert gallery.selected() == list(range(1, 10))


def test_the_focus_goes_with_its_item_within_a_query(gallery) -> None:
    gallery.show(100, token="a")
    gallery.view.set_current_item(7)
    gallery.show(list(range(100, 0, -1)), token="a")
    assert (gallery.view.current_item(), gallery.view.current_row()) == (7, 93)
    assert gallery.view.currentIndex().row() == 93


def test_in_another_query_arrow_keys_start_in_sight(gallery) -> None:
    gallery.show(1000, token="a")
    gallery.view.set_current_item(7)
    gallery.show(list(range(1000, 0, -1)), token="b")
    assert gallery.view.current_row() == -1
    assert gallery.view.current_item() == 7
    QTest.keyClick(gallery.view, Qt.Key.Key_Down)
    assert (gallery.view.current_row(), gallery.view.current_item()) == (0, 1000)


def test_zoom_keeps_the_focused_item_where_it_is(gallery, qtbot) -> None:
    gallery.show(MILLION)
    view = gallery.view
    view.set_current_item(500_000)
    view.scroll_by(-90)
    before = gallery.screen_y(500_000)
    for size in (100, 300, 72, 220):
        with qtbot.waitSignal(view.tile_size_changed) as told:
            view.set_tile_size(size)
        assert told.args == [size]
        assert abs(gallery.screen_y(500_000) - before) <= 1


def test_resizing_to_and_fro_comes_back_to_the_same_place(gallery) -> None:
    gallery.show(MILLION)
    view = gallery.view
    view.scroll_by(12_345_678)
    before = view.scroll_y
    for width in (500, 930, 333, 760):
        view.resize(width, 500)
    assert view.scroll_y == before


def test_ctrl_and_wheel_zoom_at_the_pointer(gallery) -> None:
    gallery.show(MILLION)
    view = gallery.view
    view.scroll_by(1_000_000)
    item = gallery.model.item_at(view.row_at(QPoint(300, 300)))
    before = gallery.screen_y(item)
    wheel(view, angle=240, control=True, at=(300, 300))
    assert view.tile_size() == round(160 * 1.125**2)
    assert abs(gallery.screen_y(item) - before) <= 1
    wheel(view, angle=-12_000, control=True)
    assert view.tile_size() == MIN_TILE
    view.set_tile_size(10_000)
    assert view.tile_size() == MAX_TILE


def test_small_zoom_steps_are_never_lost(gallery) -> None:
    gallery.view.zoom(0.01)
    assert gallery.view.tile_size() == 161
    gallery.view.zoom(-0.01)
    assert gallery.view.tile_size() == 160


def test_captions_make_room_below_the_tiles(gallery) -> None:
    gallery.show(100)
    before = gallery.view.grid.pitch
    gallery.view.set_show_captions(True)
    assert gallery.view.grid.pitch > before


def test_only_what_is_in_sight_is_fetched_what_is_visible_first(gallery, drawn, qtbot) -> None:
    asked: list[int] = []

    def fetch(items):
        asked.extend(items)
        return {item: drawn(item) for item in items}

    gallery.pixmaps.set_fetch(fetch)
    gallery.show(MILLION)
    visible = list(gallery.view.grid.visible(0))
    qtbot.waitUntil(lambda: all(gallery.pixmaps.pixmap(row + 1) for row in visible))
    assert asked[: len(visible)] == [row + 1 for row in visible]
    assert max(asked) <= 2 * len(visible)


@pytest.mark.parametrize("direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft])
def test_right_to_left_starts_at_the_right(gallery, direction) -> None:
    gallery.view.setLayoutDirection(direction)
    gallery.show(100)
    first, second = gallery.view.tile_rect(0), gallery.view.tile_rect(1)
    assert (first.left() > second.left()) == (direction == Qt.LayoutDirection.RightToLeft)
    assert gallery.view.row_at(second.center()) == 1


class CountingModel(GalleryModel):
    asked = 0

    def rowCount(self, parent=QModelIndex()) -> int:  # noqa: B008
        self.asked += 1
        return super().rowCount(parent)


def test_no_operation_asks_for_the_row_count_more_than_200_times(qtbot) -> None:
    model = CountingModel()
    pixmaps = PixmapCache()
    model.set_results(np.arange(1, MILLION + 1, dtype=np.int32))
    view = GalleryView(model, pixmaps)
    qtbot.addWidget(view)
    view.set_tile_size(MIN_TILE)
    view.resize(1600, 1200)  # many hundred tiles
    operations = {
        "show": view.show,
        "resize": lambda: view.resize(1900, 1100),
        "new result": lambda: model.set_results(np.arange(MILLION, 0, -1, dtype=np.int32)),
        "select all": view.selectAll,
        "end": lambda: QTest.keyClick(view, Qt.Key.Key_End),
        "page up": lambda: QTest.keyClick(view, Qt.Key.Key_PageUp),
        "shift home": lambda: QTest.keyClick(view, Qt.Key.Key_Home, Qt.KeyboardModifier.ShiftModifier),
        "click": lambda: QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(300, 300)),
        "zoom": lambda: view.set_tile_size(100),
        "signs": lambda: model.set_signs({1: 1}),
    }
    for name, operation in operations.items():
        model.asked = 0
        operation()
        view.grab()
        QApplication.processEvents()
        assert model.asked <= 200, name
    assert model.rowCount() == MILLION
