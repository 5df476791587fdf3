"""How it matches, and regions of examples: a real window, the real encoder."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QImage

from visualsearch.filters.explain import Explanation, NearExample
from visualsearch.filters.query import Example
from visualsearch.ui import edits
from visualsearch.ui.explaining.feature import Explaining
from visualsearch.ui.explaining.reasons import Reasons
from visualsearch.ui.explaining.region import RegionDialog


def explaining(driver) -> Explaining:
    return driver.window.findChild(Explaining)


def lines(driver) -> list[str]:
    """What the reasons say, as a screen reader tells it."""
    reasons = explaining(driver).reasons
    return [
        thumb.accessibleName()
        for thumb in reasons.findChildren(type(driver.window.tray.positive.thumbs()[0]))
    ]


def look_at(driver, item_id: str) -> None:
    driver.window.area.gallery.set_current_item(driver.number(item_id))
    driver.until(lambda: bool(lines(driver)))
    driver.idle()


def pick(driver) -> None:
    """Two discs, and not a box."""
    driver.window.intake.items([driver.number("p001")], -1)
    driver.window.intake.items([driver.number("p000"), driver.number("p009")], 1)
    driver.settle()


def test_reasons_name_the_examples_and_what_would_be_without_them(driver) -> None:
    pick(driver)
    look_at(driver, "p018")
    told = lines(driver)
    assert len(told) == 5
    assert told[0].startswith("Most like this of your examples")
    assert sum(text.startswith("Without it") for text in told) == 3


def test_what_is_not_among_the_results_is_told_so(driver) -> None:
    pick(driver)
    driver.window.controller.edit(lambda query: edits.tick(query, "shape", "disc", True))
    driver.settle()
    inside = driver.ids()[0]
    look_at(driver, inside)
    assert not explaining(driver).reasons.outside.isVisible()
    driver.window.inspector.show_item(driver.number("p004"))  # a neighbour that was clicked, say
    driver.until(lambda: explaining(driver).reasons.outside.isVisible())
    driver.idle()
    assert lines(driver)
    driver.window.inspector.show_item(driver.number(inside))
    driver.until(lambda: bool(lines(driver)) and not explaining(driver).reasons.outside.isVisible())


def test_photos_of_reasons_that_have_gone_are_dropped(driver, qtbot) -> None:
    window = driver.window
    window.photos.set_workspace(window.controller.workspace)  # none is kept: they come from the worker
    reasons = Reasons(window.photos)
    qtbot.addWidget(reasons)
    near = NearExample(Example(item=driver.number("p000")), 0.5)
    reasons.show_explanation(Explanation(1.0, {}, 0.0, 1, near, None, ()))
    assert not window.background.is_idle
    reasons.wait()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    driver.idle()  # an error there would fail the test


def test_removing_an_example_from_the_reasons_changes_the_search(driver) -> None:
    pick(driver)
    look_at(driver, "p018")
    before = driver.window.controller.query.visual
    explaining(driver).reasons.removal_wanted.emit(before.negatives[0])
    driver.settle()
    assert driver.window.controller.query.visual.negatives == ()


def test_w_shows_where_and_takes_it_off_again(driver) -> None:
    driver.click_sign("p000", 1)
    look_at(driver, "p018")
    photo = driver.window.inspector.photo
    assert not photo.has_veil
    driver.window.area.gallery.setFocus()
    driver.key(Qt.Key.Key_W)
    driver.until(lambda: photo.has_veil)
    assert explaining(driver).reasons.where.isChecked()
    look_at(driver, "p027")  # it stays on for the next photo
    driver.until(lambda: photo.has_veil)
    explaining(driver).reasons.where.click()
    assert not photo.has_veil
    assert not driver.window.actions_["where"].isChecked()


def test_an_example_is_not_explained_by_itself(driver) -> None:
    driver.click_sign("p000", 1)
    driver.window.area.gallery.set_current_item(driver.number("p018"))
    driver.idle()
    driver.window.inspector.show_item(driver.number("p000"))
    driver.until(lambda: not driver.window.inspector.is_waiting)
    driver.idle()
    assert not explaining(driver).reasons.isVisible()


def opened(driver) -> RegionDialog:
    dialog = explaining(driver).choose_region()
    assert dialog is not None
    driver.until(lambda: dialog.canvas.has_image)
    return dialog


def test_a_box_drawn_with_the_mouse_becomes_the_examples_region(driver, qtbot) -> None:
    driver.click_sign("p000", 1)
    driver.window.tray.positive.thumbs()[0].setFocus()
    dialog = opened(driver)
    canvas = dialog.canvas
    photo = canvas.photo_rect()

    def spot(x: float, y: float) -> QPoint:
        return QPoint(round(photo.left() + x * photo.width()), round(photo.top() + y * photo.height()))

    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=spot(0.05, 0.1))
    qtbot.mouseMove(canvas, spot(0.5, 0.3))
    qtbot.mouseMove(canvas, spot(0.85, 0.5))
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=spot(0.85, 0.5))
    qtbot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
    driver.idle()
    (example,) = driver.window.controller.query.visual.positives
    assert example.item == driver.number("p000")
    assert example.region == pytest.approx((0.05, 0.1, 0.8, 0.4), abs=0.01)
    assert driver.window.controller.failure is None
    assert driver.window.controller.can_back


def test_a_box_moved_by_the_keyboard_and_the_whole_photo_again(driver, qtbot) -> None:
    driver.window.area.gallery.set_current_item(driver.number("p003"))
    driver.window.area.gallery.setFocus()
    driver.idle()
    dialog = opened(driver)
    for key, shift in ((Qt.Key.Key_Left, False), (Qt.Key.Key_Up, False), (Qt.Key.Key_Down, True)):
        modifier = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
        qtbot.keyClick(dialog.canvas, key, modifier)
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    driver.idle()
    (example,) = driver.window.controller.query.visual.positives
    assert example.region == pytest.approx((0.23, 0.23, 0.5, 0.52))
    driver.window.tray.positive.thumbs()[0].setFocus()
    again = opened(driver)
    assert again.canvas.box == example.region
    again.whole_button.click()
    driver.idle()
    assert driver.window.controller.query.visual.positives == (Example(item=example.item),)


def test_the_box_stays_in_the_photo_and_is_never_too_small(qtbot, qapp) -> None:
    from visualsearch.ui.explaining.region import LEAST, RegionCanvas

    canvas = RegionCanvas()
    qtbot.addWidget(canvas)
    canvas.set_image(QImage(40, 30, QImage.Format.Format_RGB32))
    canvas.set_box((0.9, -0.5, 0.4, 0.0))
    left, top, width, height = canvas.box
    assert (left, top, width, height) == pytest.approx((0.6, 0.0, 0.4, LEAST))


def test_without_a_photo_the_region_asks_for_one(driver) -> None:
    driver.window.area.gallery.clearFocus()
    driver.window.area.gallery.set_current_item(-1)
    driver.window.bar.text.setFocus()
    assert explaining(driver).choose_region() is None
    assert "Choose a photo first" in driver.window.banner.message.text()


def test_an_examples_menu_offers_its_region(driver) -> None:
    driver.click_sign("p000", 1)
    zone = driver.window.tray.positive
    menu = zone.menu(zone.thumbs()[0])
    (action,) = [action for action in menu.actions() if "region" in action.text()]
    action.trigger()
    dialog = driver.window.findChild(RegionDialog)
    assert dialog is not None
    driver.until(lambda: dialog.canvas.has_image)
    dialog.reject()
    driver.idle()
