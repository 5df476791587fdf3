"""The examples' tray in the real window: order, sides, muting; by mouse and by keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication

from visualsearch.filters.query import Example, Query, VisualFilter
from visualsearch.ui import edits
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
    found = [example.item for example in driver.window.controller.query.visual.positives]
    return driver.window.controller.workspace.ids_of(found)


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
    assert zone.thumbs()[-1] is thumb
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
        zone.muted.emit(thumb.example, True)
    assert tray.total == 90
    assert len(zone.thumbs()) == 3
    tray.idle()
    tray.window.controller.edit(edits.clear)
    tray.idle()
    assert zone.thumbs() == []


def test_muting_is_undone_exactly():
    query = Query(VisualFilter((A, B), (C,)))
    muted = edits.mute(query, C, True)
    assert muted.visual == VisualFilter((A, B), (), muted=((C, -1),))
    assert edits.mute(muted, C, False) == query
    assert edits.mute(query, Example(item=9), True) == query
    assert edits.remove_example(muted, C).visual == VisualFilter((A, B))
    assert edits.add_examples(muted, [C], 1).visual == VisualFilter((A, B, C))
    assert edits.place_example(query, C, 1, 1).visual == VisualFilter((A, C, B))
    assert edits.place_example(query, A, 1, 5).visual == VisualFilter((B, A), (C,))
