"""The examples' tray in the real window: order, sides, muting; by mouse and by keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel

from visualsearch.filters.query import Example, Query, VisualFilter
from visualsearch.ui import edits, style
from visualsearch.ui.gallery.model import mime_data

CONTROL = Qt.KeyboardModifier.ControlModifier
A, B, C = (Example(item=number) for number in (1, 2, 3))


class Drop(QDropEvent):
    """A drop that knows where it comes from, as Qt's own do within a window."""

    def __init__(self, thumb, point) -> None:
        self._mime = mime_data([thumb.example.item])
        action, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
        super().__init__(QPointF(point), action, self._mime, left, Qt.KeyboardModifier.NoModifier)
        self._source = thumb

    def source(self):
        return self._source


@pytest.fixture
def tray(driver):
    """The window with three positive examples."""
    driver.window.intake.items([driver.number(name) for name in ("p000", "p009", "p018")], 1)
    driver.idle()
    QApplication.processEvents()
    return driver


def positives(driver) -> list[str]:
    """Those that count."""
    visual = driver.window.controller.query.visual.counting()
    found = [example.item for example in visual.positives]
    return driver.window.controller.workspace.ids_of(found)


def test_auto_says_why_colour_counts_less(driver):
    """A red, a blue and a green disc; until only one is left, whose colour may well be meant."""
    driver.window.intake.items([driver.number(name) for name in ("p000", "p003", "p006")], 1)
    driver.idle()
    auto = driver.window.tray.blocks.auto
    assert "different colours" in auto.toolTip()
    assert driver.window.controller.results.colour_share < 0.2
    thumbs = driver.window.tray.positive.thumbs()
    for thumb in thumbs[1:]:
        thumb.setFocus()
        driver.key(Qt.Key.Key_M)
        driver.idle()
    assert "different colours" not in auto.toolTip()


def test_an_example_is_dragged_to_another_place_and_side(tray):
    zone, other = tray.window.tray.zones()
    first, last = zone.thumbs()[0], zone.thumbs()[-1]
    spot = last.mapTo(zone, last.rect().center())
    zone.dropEvent(Drop(first, spot + type(spot)(5, 0)))
    assert positives(tray) == ["p009", "p018", "p000"]
    other.dropEvent(Drop(zone.thumbs()[0], other.rect().center()))
    tray.idle()
    assert positives(tray) == ["p018", "p000"]
    assert [example.item for example in tray.window.controller.query.visual.negatives] == [
        tray.number("p009")
    ]


def test_the_keyboard_moves_and_mutes(tray):
    zone = tray.window.tray.positive
    thumb = zone.thumbs()[0]
    thumb.setFocus()
    tray.key(Qt.Key.Key_Right, CONTROL)
    assert positives(tray) == ["p009", "p000", "p018"]
    assert thumb.hasFocus()
    tray.key(Qt.Key.Key_M)
    tray.idle()
    assert positives(tray) == ["p009", "p018"]
    assert thumb.is_muted
    assert thumb.hasFocus()
    assert zone.thumbs()[1] is thumb
    assert "muted" in thumb.accessibleName()
    tray.key(Qt.Key.Key_Right, CONTROL)
    assert zone.thumbs()[2] is thumb
    assert thumb.is_muted
    tray.key(Qt.Key.Key_M)
    tray.idle()
    assert positives(tray) == ["p009", "p018", "p000"]
    assert not thumb.is_muted


def test_the_menu_of_an_example(tray):
    zone = tray.window.tray.positive
    actions = [action for action in zone.menu(zone.thumbs()[1]).actions() if action.text()]
    assert [action.text() for action in actions][:2] == ["Mute for a moment (M)", "Less like this"]
    actions[1].trigger()
    tray.idle()
    assert positives(tray) == ["p000", "p018"]
    assert len(tray.window.tray.negative.thumbs()) == 1


def test_all_may_be_muted(tray):
    zone = tray.window.tray.positive
    for thumb in zone.thumbs():
        thumb.mute_pressed.emit()
    assert tray.total == 90
    assert len(zone.thumbs()) == 3
    tray.idle()
    tray.window.controller.edit(edits.clear)
    tray.idle()
    assert zone.thumbs() == []


def test_muting_is_undone_exactly():
    query = Query(VisualFilter((A, B), (C,)))
    muted = edits.weigh(query, C, 0)
    assert muted.visual.muted == {C}
    assert muted.visual.counting() == VisualFilter((A, B))
    assert edits.weigh(muted, C, 1) == query
    assert edits.add_examples(muted, [C], -1) == query
    assert edits.place_example(muted, C, -1, 0) == muted
    assert edits.remove_example(muted, C).visual == VisualFilter((A, B))
    assert edits.add_examples(muted, [C], 1).visual == VisualFilter((A, B, C))
    assert edits.place_example(query, C, 1, 1).visual == VisualFilter((A, C, B))
    assert edits.place_example(query, A, 1, 5).visual == VisualFilter((B, A), (C,))


def test_the_tray_is_as_high_as_before_when_all_is_cleared(driver) -> None:
    before = driver.window.docks["tray"].height()
    driver.click_sign("p000", 1)
    driver.until(lambda: driver.window.docks["tray"].height() > before)
    driver.window.commands.clear()
    driver.until(lambda: driver.window.docks["tray"].height() == before)
    driver.idle()


def test_an_example_counts_more_by_key_wheel_and_menu(tray):
    zone = tray.window.tray.positive
    thumb = zone.thumbs()[0]
    weights = lambda: dict(tray.window.controller.query.visual.weights)  # noqa: E731
    thumb.setFocus()
    tray.key(Qt.Key.Key_Up, CONTROL)
    tray.idle()
    assert weights() == {thumb.example: 2.0}
    assert "2" in thumb.accessibleName()
    turn = QWheelEvent(
        QPointF(5, 5),
        thumb.mapToGlobal(QPointF(5, 5)),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        CONTROL,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(thumb, turn)
    assert weights() == {thumb.example: 4.0}
    tray.key(Qt.Key.Key_Up, CONTROL)
    assert weights() == {thumb.example: 4.0}
    actions = {action.text(): action for action in zone.menu(thumb).actions()}
    assert not actions["Count more (Ctrl+Up)"].isEnabled()
    for _ in range(4):
        tray.key(Qt.Key.Key_Down, CONTROL)
    assert weights() == {thumb.example: 0.25}
    tray.key(Qt.Key.Key_M)
    assert weights() == {thumb.example: 0}
    tray.key(Qt.Key.Key_Up, CONTROL)
    assert weights() == {thumb.example: 0}
    tray.key(Qt.Key.Key_M)
    assert weights() == {thumb.example: 0.25}  # as heavy as before when it counts again
    tray.window.controller.back()
    assert weights() == {thumb.example: 0}  # each is a step of its own
    tray.window.controller.back()
    assert weights() == {thumb.example: 0.25}
    tray.idle()
    tray.window.commands.clear()
    tray.idle()
    assert weights() == {}


def test_the_tray_says_what_is_not_learnt_from(tray):
    """Photos of one kind, picked by lot as right and wrong, teach nothing."""
    window = tray.window
    number = lambda place: tray.number(f"p{9 * place:03}")  # noqa: E731
    for place in range(3, 10):
        window.intake.items([number(place)], 1 if place % 2 else -1)
    for place in range(3):
        window.intake.items([tray.number(f"p{9 * place + 45 + 3:03}")], -1 if place % 2 else 1)
    tray.idle()
    refused = window.controller.results.refused
    assert refused
    assert window.tray.refused.text() == f"{len(refused)} examples not learnt from (dashed)"
    thumbs = {thumb.example: thumb for zone in window.tray.zones() for thumb in zone.thumbs()}
    assert {example for example, thumb in thumbs.items() if thumb.is_refused} == set(refused)
    assert all(("not learnt from" in thumb.accessibleName()) == thumb.is_refused for thumb in thumbs.values())
    height = window.tray.height()
    window.commands.unpick(refused[-1])  # too few to be refused as a round
    tray.idle()
    assert window.tray.refused.text() == ""
    assert not any(thumb.is_refused for zone in window.tray.zones() for thumb in zone.thumbs())
    assert window.tray.height() == height


def test_the_order_of_picks_and_the_weights_follow_the_examples():
    query = edits.add_examples(edits.START, [A], 1)
    query = edits.add_examples(query, [B], -1)
    query = edits.add_examples(query, [C], 1)
    assert query.visual.picks == "+-+"
    assert query.visual.picked() == [(A, "+"), (B, "-"), (C, "+")]
    heavy = edits.weigh(query, C, 2)
    assert heavy.visual.weight_of(C) == 2
    assert edits.weigh(heavy, C, 1) == query
    assert edits.weigh(query, C, 99).visual.weight_of(C) == 4
    assert edits.remove_example(heavy, C).visual == VisualFilter((A,), (B,), narrow="auto", picks="+-")
    turned = edits.place_example(query, A, -1, 0)
    assert turned.visual.picks == "-+-"
    region = Example(item=3, region=(0, 0, 0.5, 0.5))
    assert edits.replace_example(heavy, C, region).visual.weight_of(region) == 2


@pytest.mark.parametrize("percent", [100, 200])
def test_what_an_empty_zone_says_is_not_cut(driver, qapp, percent):
    style.scale_fonts(qapp, percent)
    try:
        QApplication.processEvents()
        for zone in driver.window.tray.zones():
            (hint,) = zone.findChildren(QLabel)
            needed = hint.fontMetrics().boundingRect(
                0, 0, hint.width(), 0, Qt.TextFlag.TextWordWrap, hint.text()
            )
            assert hint.text().startswith(zone.accessibleName())
            assert needed.height() <= hint.height()
            assert needed.width() <= hint.width()
    finally:
        style.scale_fonts(qapp, 100)
