"""The history of decisions: filtered, looked at closely, taken back in any order. A real window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from visualsearch.catalog.decisions import Judgement, ValueChange
from visualsearch.catalog.operations import Document
from visualsearch.ui.operations.feature import Operations

CONTROL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def feature(driver) -> Operations:
    """Three decisions by two people; the dock open by its key."""
    decisions = driver.window.controller.workspace.decisions
    for item_id, colour, actor in (("p000", "teal", "Ann"), ("p001", "pink", "Ben"), ("p002", "grey", "Ann")):
        decisions.apply(
            "set",
            f"Set colour to {colour} for {item_id}",
            values=[ValueChange(driver.number(item_id), "colour", (colour,))],
            why={"filter": "loud ones", "score": 0.75},
            actor=actor,
        )
    driver.window.controller.refresh()
    driver.window.area.gallery.setFocus()
    driver.key(Qt.Key.Key_H, CONTROL)
    found = driver.window.findChild(Operations)
    driver.until(lambda: len(rows(found)) == 3)
    driver.idle()
    return found


def rows(feature: Operations) -> list:
    """The operations on screen, without the headings."""
    tree = feature.panel.list
    return tree.findItems("Set", Qt.MatchFlag.MatchStartsWith | Qt.MatchFlag.MatchRecursive)


def labels(feature: Operations) -> list[str]:
    return [row.text(0) for row in rows(feature)]


def test_it_is_grouped_by_day_and_kind(driver, feature) -> None:
    day = feature.panel.list.topLevelItem(0)
    assert (day.text(0), day.child(0).text(0)) == ("Today", "Values set (3)")
    assert labels(feature) == [
        "Set colour to grey for p002",
        "Set colour to pink for p001",
        "Set colour to teal for p000",
    ]


def test_photos_have_room_below_what_has_none(driver, feature) -> None:
    workspace = driver.window.controller.workspace
    workspace.decisions.apply(
        "set",
        "Set more than a value",
        values=[ValueChange(driver.number("p003"), "colour", ("teal",))],
        documents=[Document("note", "loud ones", {"text": "of summer"})],
    )
    driver.window.undoing.changed.emit()
    driver.until(lambda: len(rows(feature)) == 4)
    feature.panel.list.setCurrentItem(rows(feature)[0])
    changes = feature.panel.detail.changes
    driver.until(lambda: changes.topLevelItemCount() == 2)
    driver.idle()
    for place in range(2):
        assert changes.visualItemRect(changes.topLevelItem(place)).height() >= changes.iconSize().height()


def test_documents_are_told_in_words(driver, feature) -> None:
    """A saved filter by what it asks for, another document by what has changed in it."""
    window, detail = driver.window, feature.panel.detail

    def told(label: str) -> list[str]:
        row = next(row for row in rows(feature) if row.text(0) == label)
        feature.panel.list.setCurrentItem(row)
        driver.until(lambda: detail.changes.topLevelItemCount() == 1)
        driver.idle()
        return [detail.changes.topLevelItem(0).text(column) for column in range(1, 4)]

    decisions = window.controller.workspace.decisions
    for words in ("of summer", "of winter"):
        document = Document("note", "loud ones", {"text": words, "by": "Ann"})
        decisions.apply("set", f"Set a note {words}", documents=[document])
    body = {
        "format": "visualsearch filter",
        "version": 1,
        "name": "discs",
        "encoder": "0" * 16,
        "positives": [{"id": "p000", "image": "0" * 32}, {"id": "p009", "image": "1" * 32}],
        "negatives": [{"id": "p001", "image": "2" * 32}],
        "blocks": "auto",
        "narrow": "auto",
        "threshold": 0.339,
        "where": ["price>=5"],
        "choices": {"colour": ["red", "blue"]},
        "text": "linen",
        "saved": "2024-01-01T00:00:00+00:00",
    }
    decisions.apply("set", "Set a filter", documents=[Document("filter", "discs", body)])
    decisions.apply(
        "set", "Set a newer filter", documents=[Document("filter", "discs", {**body, "version": 99})]
    )
    window.undoing.changed.emit()
    driver.until(lambda: len(rows(feature)) == 7)
    asked = "2 like these · 1 unlike these · red, blue · price: from 5 · “linen” · score from 0.34"
    assert told("Set a filter") == ["filter: discs", "—", asked]
    assert told("Set a newer filter") == ["filter: discs", "version: 1", "version: 99"]
    assert told("Set a note of summer")[1:] == ["—", "text: of summer; by: Ann"]
    assert told("Set a note of winter")[1:] == ["text: of summer", "text: of winter"]


def test_one_in_the_middle_is_taken_back_and_done_again_by_mouse(driver, feature) -> None:
    feature.panel.list.setCurrentItem(rows(feature)[1])
    driver.until(lambda: feature.panel.detail.changes.topLevelItemCount() == 1)
    driver.idle()
    line = feature.panel.detail.changes.topLevelItem(0)
    assert [line.text(column) for column in range(4)] == ["p001", "colour", "red", "pink"]
    assert not line.icon(0).isNull()
    about = feature.panel.detail.about.text()
    assert "Ben" in about
    assert "Filter: loud ones" in about
    assert "Score: 0.75" in about
    driver.qtbot.mouseClick(feature.panel.switch, LEFT)
    driver.until(lambda: rows(feature)[1].font(0).strikeOut())
    driver.idle()
    assert [driver.values(one, "colour") for one in ("p000", "p001", "p002")] == [
        ("teal",),
        ("red",),
        ("grey",),
    ]
    driver.qtbot.mouseClick(feature.panel.switch, LEFT)
    driver.until(lambda: not rows(feature)[1].font(0).strikeOut())
    driver.idle()
    assert driver.values("p001", "colour") == ("pink",)


def test_by_keyboard_the_oldest_is_taken_back_and_redone(driver, feature) -> None:
    tree = feature.panel.list
    tree.setFocus()
    tree.setCurrentItem(rows(feature)[2])
    driver.qtbot.keyClick(tree, Qt.Key.Key_Delete)
    driver.until(lambda: driver.values("p000", "colour") == ("red",))
    driver.until(lambda: driver.window.actions_["redo"].text().endswith("Set colour to teal for p000"))
    driver.idle()
    driver.key(Qt.Key.Key_Y, CONTROL)
    driver.until(lambda: driver.values("p000", "colour") == ("teal",))
    driver.idle()


def test_it_is_narrowed_by_words_person_attribute_and_photo(driver, feature) -> None:
    panel = feature.panel
    driver.qtbot.keyClicks(panel.text, "PINK")
    driver.until(lambda: labels(feature) == ["Set colour to pink for p001"])
    panel.text.clear()
    driver.until(lambda: len(rows(feature)) == 3)
    panel.actor.setCurrentIndex(panel.actor.findData("Ann"))
    driver.until(lambda: len(rows(feature)) == 2)
    panel.attribute.setCurrentIndex(panel.attribute.findData("shape"))
    driver.until(lambda: panel.hint.isVisible())
    assert "Nothing of this kind" in panel.hint.text()
    panel.attribute.setCurrentIndex(0)
    panel.actor.setCurrentIndex(0)
    driver.until(lambda: len(rows(feature)) == 3)
    driver.qtbot.mouseClick(driver.window.area.gallery.viewport(), LEFT, pos=driver.tile("p002"))
    driver.qtbot.mouseClick(panel.only_item, LEFT, pos=panel.only_item.rect().center() / 8)
    panel.only_item.setChecked(True)
    driver.until(lambda: labels(feature) == ["Set colour to grey for p002"])
    driver.idle()


@pytest.mark.parametrize(
    ("subject", "what"),
    [
        ("estimate:spring check:shape", "shape"),
        ("estimate:everything:", "everything"),
        ("tag:colour=teal", "colour=teal"),
        ("audit:shape", "shape"),
    ],
)
def test_a_judgement_says_what_was_judged(driver, feature, subject: str, what: str) -> None:
    decisions = driver.window.controller.workspace.decisions
    judgements = [Judgement(subject, driver.number("p004"), "right")]
    driver.window.undoing.note(decisions.apply("estimate", "Set aside", judgements=judgements).operation)
    driver.until(lambda: len(rows(feature)) == 4)
    feature.panel.list.setCurrentItem(rows(feature)[0])
    changes = feature.panel.detail.changes
    driver.until(lambda: changes.topLevelItemCount() == 1 and changes.topLevelItem(0).text(0) == "p004")
    assert changes.topLevelItem(0).text(1) == what


def test_it_is_live(driver, feature) -> None:
    applied = driver.window.controller.workspace.decisions.apply(
        "set",
        "Set shape to ring for p004",
        values=[ValueChange(driver.number("p004"), "shape", ("ring",))],
    )
    driver.window.undoing.note(applied.operation)
    driver.until(lambda: labels(feature)[0] == "Set shape to ring for p004")
    driver.idle()


def test_an_empty_history_says_what_comes_there(driver) -> None:
    driver.window.area.gallery.setFocus()
    driver.key(Qt.Key.Key_H, CONTROL)
    panel = driver.window.findChild(Operations).panel
    driver.until(lambda: panel.hint.isVisible())
    assert "Nothing was decided yet" in panel.hint.text()
    driver.idle()
