"""The loupe and photos side by side in the real window, by mouse and by keyboard."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from visualsearch.ui.gallery.view import MAX_TILE
from visualsearch.ui.loupe.zoom import Zoom

LEFT = Qt.MouseButton.LeftButton
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def loupe(driver):
    """The window with its features; the loupe is closed."""
    driver.window.features.install_all()
    driver.loupe = driver.window.loupe
    driver.window.area.gallery.setFocus()
    driver.window.area.gallery.set_current_row(0)
    return driver


def press(driver, key: Qt.Key, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
    driver.qtbot.keyClick(driver.loupe.view, key, modifiers)


def shown(driver) -> list[str]:
    return driver.window.controller.workspace.ids_of(driver.loupe.view.items)


def test_enter_opens_it_and_arrows_leaf_through_the_results(loupe):
    loupe.key(Qt.Key.Key_Return)
    view = loupe.loupe.view
    assert view.isVisible()
    assert view.hasFocus()
    assert view.geometry() == loupe.window.rect()
    loupe.until(lambda: view.current.has_photo and view.title.text() == "p000")
    assert view.place.text() == "1 of 90"
    for key, expected in (
        (Qt.Key.Key_Right, "p001"),
        (Qt.Key.Key_PageDown, "p002"),
        (Qt.Key.Key_Left, "p001"),
        (Qt.Key.Key_End, "p089"),
        (Qt.Key.Key_Right, "p089"),
        (Qt.Key.Key_Home, "p000"),
    ):
        press(loupe, key)
        assert shown(loupe) == [expected]
    assert loupe.window.area.gallery.current_item() == loupe.number("p000")
    press(loupe, Qt.Key.Key_Escape)
    assert not view.isVisible()
    assert loupe.window.area.gallery.hasFocus()
    loupe.idle()


def test_a_double_click_opens_and_another_closes(loupe):
    viewport = loupe.window.area.gallery.viewport()
    loupe.qtbot.mouseDClick(viewport, LEFT, pos=loupe.tile("p004"))
    assert shown(loupe) == ["p004"]
    loupe.qtbot.mouseDClick(loupe.loupe.view.current, LEFT)
    assert not loupe.loupe.is_open
    loupe.idle()


def test_zooming_and_panning(loupe):
    loupe.key(Qt.Key.Key_L, CONTROL)
    view = loupe.loupe.view
    loupe.until(lambda: view.current.has_photo)
    pane = view.current
    fit = pane.photo_rect
    assert view.scale.text() == "fit"
    press(loupe, Qt.Key.Key_Plus, CONTROL)
    assert pane.photo_rect.width() == pytest.approx(1.25 * fit.width())
    press(loupe, Qt.Key.Key_0, CONTROL)
    spot = QPointF(pane.rect().center()) + QPointF(40, 30)
    turn = QWheelEvent(
        spot,
        QPointF(pane.mapToGlobal(spot)),
        QPoint(),
        QPoint(0, 960),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    before = (spot - fit.topLeft()) / fit.height()
    QApplication.sendEvent(pane, turn)
    zoomed = pane.photo_rect
    assert zoomed.width() > 2 * fit.width()
    after = (spot - zoomed.topLeft()) / zoomed.height()
    assert after.y() == pytest.approx(before.y(), abs=1e-3)
    press(loupe, Qt.Key.Key_Right, SHIFT)
    assert pane.photo_rect.left() == pytest.approx(zoomed.left() - 80)
    loupe.qtbot.mousePress(pane, LEFT, pos=QPoint(200, 200))
    loupe.qtbot.mouseMove(pane, QPoint(230, 200))
    loupe.qtbot.mouseRelease(pane, LEFT, pos=QPoint(230, 200))
    press(loupe, Qt.Key.Key_Z)
    assert view.zoom.factor == 1
    press(loupe, Qt.Key.Key_Z)
    assert view.zoom.factor > 1
    press(loupe, Qt.Key.Key_0, CONTROL)
    press(loupe, Qt.Key.Key_Minus, CONTROL)  # further out is the grid
    assert not loupe.loupe.is_open
    loupe.idle()


def test_zooming_in_on_the_largest_tile_is_the_loupe(loupe):
    gallery = loupe.window.area.gallery
    gallery.set_tile_size(MAX_TILE)
    loupe.key(Qt.Key.Key_Plus, CONTROL)
    assert shown(loupe) == ["p000"]
    loupe.idle()


def test_examples_are_picked_in_it(loupe):
    loupe.key(Qt.Key.Key_Return)
    press(loupe, Qt.Key.Key_Right)
    press(loupe, Qt.Key.Key_Plus)
    loupe.settle()
    (example,) = loupe.window.controller.query.visual.positives
    assert example.item == loupe.number("p001")
    assert loupe.loupe.view.more.isDown()
    press(loupe, Qt.Key.Key_Right)  # p001 is no result any more: what took its place comes next
    assert shown(loupe) == [loupe.ids()[1]]
    loupe.qtbot.mouseClick(loupe.loupe.view.less, LEFT)
    assert len(loupe.window.controller.query.visual.negatives) == 1
    loupe.idle()


def test_selected_photos_side_by_side_zoom_together(loupe):
    gallery, view = loupe.window.area.gallery, loupe.loupe.view
    loupe.select("p003", "p007", "p001")
    loupe.key(Qt.Key.Key_M, CONTROL | SHIFT)
    assert shown(loupe) == ["p001", "p003", "p007"]
    loupe.until(lambda: all(pane.has_photo for pane in view.panes))
    press(loupe, Qt.Key.Key_Plus, CONTROL)
    press(loupe, Qt.Key.Key_Right, SHIFT)
    places = {(round(pane.photo_rect.left()), round(pane.photo_rect.width())) for pane in view.panes}
    assert len(places) <= 2  # panes may differ by a pixel
    press(loupe, Qt.Key.Key_Right)
    assert [pane.is_chosen for pane in view.panes] == [False, True, False]
    assert gallery.current_item() == loupe.number("p003")
    loupe.qtbot.mouseClick(view.panes[2], LEFT)
    assert view.panes[2].is_chosen
    press(loupe, Qt.Key.Key_Minus)
    loupe.settle()
    assert loupe.window.controller.query.visual.negatives[0].item == loupe.number("p007")
    loupe.idle()


def test_too_many_or_too_few_are_not_compared(loupe):
    loupe.window.actions_["compare"].trigger()
    assert not loupe.loupe.is_open
    assert "two to four" in loupe.window.banner.message.text()


def test_several_photos_of_an_item_unfold_below(loupe, monkeypatch, drawn_products):
    workspace = loupe.window.controller.workspace
    item = loupe.number("p000")
    details = workspace.details(item)
    others = [workspace.details(loupe.number(name)).images[0] for name in ("p001", "p002")]
    from dataclasses import replace

    monkeypatch.setattr(
        workspace, "details", lambda _item: replace(details, images=[*details.images, *others])
    )
    loupe.key(Qt.Key.Key_Return)
    view = loupe.loupe.view
    loupe.until(lambda: len(view.strip) == 3 and all(thumb.has_image for thumb in view.strip))
    press(loupe, Qt.Key.Key_Down)
    assert view.current.position == 1
    loupe.qtbot.mouseClick(view.strip[2], LEFT, pos=QPoint(10, 40))
    assert view.current.position == 2
    press(loupe, Qt.Key.Key_Down)
    assert view.current.position == 2
    loupe.until(lambda: view.current.has_photo)
    loupe.idle()


def test_a_photo_that_cannot_be_read_says_why(loupe, monkeypatch):
    from visualsearch.errors import ImageRefused

    def refuse(*_args):
        raise ImageRefused("The file is gone.")

    monkeypatch.setattr(loupe.window.controller.workspace, "photo", refuse)
    loupe.key(Qt.Key.Key_Return)
    loupe.until(lambda: loupe.loupe.view.current._note == "The file is gone.")
    loupe.idle()


def test_going_elsewhere_ends_it(loupe):
    loupe.key(Qt.Key.Key_Return)
    loupe.window.actions_["text"].trigger()
    assert not loupe.loupe.is_open
    assert loupe.window.bar.text.hasFocus()
    loupe.idle()


@given(
    st.floats(0.3, 3),
    st.lists(st.tuples(st.floats(0.3, 3), st.floats(0, 600), st.floats(0, 400)), max_size=8),
)
def test_a_zoomed_photo_leaves_no_gap(shape, steps):
    zoom, pane = Zoom(), QRectF(0, 0, 600, 400)
    photo = QSizeF(1000 * shape, 1000)
    for ratio, x, y in steps:
        zoom.by(ratio, QPointF(x, y), zoom.place(photo, pane))
        zoom.pan(QPointF(x, -y), zoom.place(photo, pane))
        place = zoom.place(photo, pane)
        assert place.width() / place.height() == pytest.approx(shape)
        if place.width() >= pane.width():
            assert place.left() <= 1e-6
            assert place.right() >= pane.width() - 1e-6
        else:
            assert place.center().x() == pytest.approx(300)
