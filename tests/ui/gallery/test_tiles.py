"""What a tile looks like, pixel by pixel where that says more than words."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent, QColor, QImage
from PySide6.QtTest import QTest

from visualsearch.ui import style
from visualsearch.ui.gallery import GalleryView
from visualsearch.ui.gallery.delegate import TileDelegate


def picture(gallery, row: int) -> QImage:
    """A tile as it is on screen, its ring included."""
    return gallery.view.grab(gallery.view.tile_rect(row).adjusted(-4, -4, 4, 4)).toImage()


def has(image: QImage, color: QColor, area: QRect | None = None) -> int:
    """How many pixels of an area have a colour."""
    area = area or image.rect()
    return sum(
        image.pixelColor(x, y) == color
        for x in range(area.left(), area.right() + 1)
        for y in range(area.top(), area.bottom() + 1)
    )


@pytest.fixture
def loaded(gallery, qtbot):
    gallery.show(12, scores=np.linspace(0.91, 0.1, 12, dtype=np.float32))
    qtbot.waitUntil(lambda: all(gallery.pixmaps.pixmap(item) for item in range(1, 13)))
    qtbot.waitUntil(lambda: all(gallery.model.id_of(item) for item in range(1, 13)))
    return gallery


def test_a_white_photo_on_a_white_page_has_an_edge(loaded) -> None:
    image = picture(loaded, 0)
    middle = image.height() // 2
    colors = [image.pixelColor(x, middle).name() for x in range(image.width() // 2)]
    assert colors.index(style.LIGHT.tile_edge.name()) < colors.index("#ffffff", 8)
    assert style.LIGHT.tile.name() in colors


def test_selection_and_focus_differ_by_more_than_colour(loaded) -> None:
    plain = picture(loaded, 1)
    loaded.select(2)
    selected = picture(loaded, 1)
    loaded.view.clearSelection()
    loaded.view.set_current_row(1)
    focused = picture(loaded, 1)
    side = plain.width()
    corner = QRect(side - 34, side - 34, 24, 24)  # the check mark
    assert has(selected, style.LIGHT.accent, corner) > 100
    assert has(plain, style.LIGHT.accent) == 0
    ring = QRect(side // 2, 0, 20, 4)  # outside the tile, where selection is not
    assert has(focused, style.LIGHT.focus, ring) > 0
    assert has(selected, style.LIGHT.focus, ring) == 0


def test_examples_carry_their_sign(loaded) -> None:
    loaded.model.set_signs({1: 1, 2: -1})
    badge = QRect(8, 8, 26, 26)
    assert has(picture(loaded, 0), style.LIGHT.positive, badge) > 100
    assert has(picture(loaded, 1), style.LIGHT.negative, badge) > 100
    assert has(picture(loaded, 2), style.LIGHT.positive, badge) == 0


def test_buttons_come_up_on_hover_and_on_the_focused_tile_only(loaded) -> None:
    view = loaded.view

    def buttons(row: int) -> bool:
        tile = TileDelegate.square(view.tile_rect(row))
        area = TileDelegate.button_rect(tile, 1, Qt.LayoutDirection.LeftToRight)
        return (
            has(picture(loaded, row), style.LIGHT.positive, area.translated(QPoint(4, 4) - tile.topLeft()))
            > 4
        )

    assert not buttons(0)
    QTest.mouseMove(view.viewport(), view.tile_rect(0).center())
    assert buttons(0)
    view.set_current_row(1)
    assert buttons(1)
    view.clearFocus()
    assert not buttons(1)


def test_scores_can_be_hidden(loaded) -> None:
    with_score = picture(loaded, 3)
    loaded.view.set_show_scores(False)
    without = picture(loaded, 3)
    corner = QRect(10, with_score.height() - 26, 30, 14)
    assert has(with_score, QColor("white"), corner) > 0
    dark = [image.pixelColor(14, image.height() - 12).lightness() for image in (with_score, without)]
    assert dark[0] < 80 < dark[1]


def test_the_mean_colour_stands_in_in_the_shape_of_the_photo(gallery, drawn, qtbot) -> None:
    gate = threading.Event()

    def fetch(items):
        return {item: Slow(drawn(item)) for item in items}

    class Slow:
        """A thumbnail whose JPEG takes its time."""

        def __init__(self, thumb) -> None:
            self.thumb, self.color, self.width, self.height = thumb, thumb.color, thumb.width, thumb.height

        @property
        def jpeg(self) -> bytes:
            assert gate.wait(10)
            return self.thumb.jpeg

    gallery.pixmaps.set_fetch(fetch)
    gallery.show(4)
    qtbot.waitUntil(lambda: gallery.pixmaps.placeholder(1) is not None)
    image = picture(gallery, 0)
    gate.set()
    center = QPoint(image.width() // 2, image.height() // 2)
    assert image.pixelColor(center) == QColor(drawn(1).color)
    assert image.pixelColor(14, center.y()) == style.LIGHT.tile  # beside the upright photo
    qtbot.waitUntil(lambda: gallery.pixmaps.pixmap(4) is not None)


def test_no_photo_is_said_quietly_and_without_words_on_small_tiles(gallery, qtbot) -> None:
    gallery.pixmaps.set_fetch(lambda _items: {})
    gallery.show(3)
    qtbot.waitUntil(lambda: gallery.pixmaps.is_missing(1))
    gallery.view.grab()
    large = has(picture(gallery, 0), style.LIGHT.text_muted)
    gallery.view.set_tile_size(72)
    small = has(picture(gallery, 0), style.LIGHT.text_muted)
    assert large > small > 0


def test_dark_tiles_are_dark(loaded, qapp, qtbot) -> None:
    style.apply(qapp, "dark")
    qtbot.waitUntil(lambda: style.is_dark(loaded.view.palette()))
    image = picture(loaded, 0)
    assert image.pixelColor(1, image.height() // 2) == style.DARK.page
    assert image.pixelColor(8, image.height() // 2) == style.DARK.tile


def test_photos_are_asked_for_in_device_pixels(gallery, monkeypatch, qtbot) -> None:
    monkeypatch.setattr(gallery.view, "devicePixelRatioF", lambda: 2.0)
    gallery.show(1)
    qtbot.waitUntil(lambda: gallery.pixmaps.pixmap(1) is not None)
    frame = TileDelegate.photo_frame(QRect(0, 0, gallery.view.grid.tile, gallery.view.grid.tile))
    assert gallery.pixmaps.pixmap(1).height() == 2 * frame.height()
    assert gallery.pixmaps.pixmap(1).deviceIndependentSize().height() == frame.height()


def test_an_empty_gallery_paints_nothing(gallery) -> None:
    gallery.show(0)
    image = gallery.view.viewport().grab().toImage()
    assert has(image, style.LIGHT.page) == image.width() * image.height()


def test_a_screen_reader_hears_the_focused_tile(loaded, monkeypatch, qtbot) -> None:
    heard: list[str] = []

    def hear(event: QAccessibleEvent) -> None:
        if isinstance(event, QAccessibleAnnouncementEvent):
            heard.append(event.message())
        else:
            assert event.type() == QAccessible.Event.Focus
            heard.append(event.accessibleInterface().text(QAccessible.Text.Name))

    monkeypatch.setattr(QAccessible, "updateAccessibility", hear)
    QAccessible.setActive(True)
    try:
        qtbot.waitUntil(lambda: loaded.model.id_of(2) == "id-2")
        loaded.view.set_current_row(1)
        QTest.keyClick(loaded.view, Qt.Key.Key_Space)
        loaded.model.set_signs({2: 1})
        loaded.model.set_signs({2: 1})
    finally:
        QAccessible.setActive(False)
    assert heard == [
        "id-2, score 0.84",
        "id-2, score 0.84, selected",
        "id-2, positive example, score 0.84, selected",
    ]


def test_a_screen_reader_finds_an_object_for_each_tile(loaded, qtbot) -> None:
    view, model = loaded.view, loaded.model
    qtbot.waitUntil(lambda: model.id_of(2) == "id-2")
    found = QAccessible.queryAccessibleInterface(view)
    assert (found.text(QAccessible.Text.Name), found.childCount()) == ("Gallery", model.rowCount())
    view.set_current_row(1)
    model.set_signs({2: -1})
    loaded.select(2)
    tile = found.child(1)
    assert tile.text(QAccessible.Text.Name) == "id-2, negative example, score 0.84, selected"
    place = view.tile_rect(1)
    assert tile.rect() == place.translated(view.viewport().mapToGlobal(QPoint()))
    assert (found.indexOfChild(tile), tile.state().focused, found.child(0).state().focused) == (1, 1, 0)
    assert found.focusChild().text(QAccessible.Text.Name) == tile.text(QAccessible.Text.Name)
    middle = tile.rect().center()
    assert found.indexOfChild(found.childAt(middle.x(), middle.y())) == 1


def test_a_screen_reader_outlives_other_results_and_the_view(gallery, qtbot) -> None:
    """Qt forgets the objects of tiles that are gone; whoever asks for one by its number is told so."""
    QAccessible.setActive(True)
    try:
        view = GalleryView(gallery.model, gallery.pixmaps)
        numbers: list[int] = []
        for total in (1_000_000, 5, 300):
            gallery.show(total)
            found = QAccessible.queryAccessibleInterface(view)
            assert found.childCount() == total
            assert all(QAccessible.accessibleInterface(number) is None for number in numbers)
            last = found.child(total - 1)
            assert last.text(QAccessible.Text.Name).startswith(f"Item {total}")
            numbers = [QAccessible.uniqueId(found.child(row)) for row in range(5)]
            view.set_current_row(3)
        with qtbot.waitSignal(view.destroyed):
            view.deleteLater()
        assert all(QAccessible.accessibleInterface(number) is None for number in numbers)
    finally:
        QAccessible.setActive(False)


def test_another_catalogs_photos_come_without_a_scroll(loaded, drawn, qtbot) -> None:
    loaded.pixmaps.set_fetch(lambda items: {item: drawn(item, 80, 80) for item in items})
    assert loaded.pixmaps.pixmap(1) is None
    qtbot.waitUntil(lambda: loaded.pixmaps.pixmap(1) is not None)
    assert loaded.pixmaps.pixmap(1).width() == loaded.pixmaps.pixmap(1).height()


def test_only_tiles_whose_photo_came_are_painted_again(loaded, monkeypatch, qtbot) -> None:
    painted: list[int] = []
    paint = TileDelegate.paint_tile

    def spy(delegate, painter, rect, row, state) -> None:
        painted.append(row)
        paint(delegate, painter, rect, row, state)

    monkeypatch.setattr(TileDelegate, "paint_tile", spy)
    loaded.view.grab()
    painted.clear()
    loaded.pixmaps.changed.emit({2, 900})
    qtbot.waitUntil(lambda: bool(painted))
    assert painted == [1]
