"""What new items lack: each attribute is shown as soon as it is learnt, and the rest can be stopped."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import Qt

from visualsearch.attributes.onboarding import Onboarding
from visualsearch.catalog.decisions import ValueChange
from visualsearch.ui.tagging.mode import TagMode

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch):
    """Holds the learning of "colour" until it is set, or the job is cancelled."""
    opened, original = threading.Event(), Onboarding._attribute

    def slow(self, engine, name, items, control):
        while name == "colour" and not opened.wait(0.02):
            control.checkpoint()
        return original(self, engine, name, items, control)

    monkeypatch.setattr(Onboarding, "_attribute", slow)
    yield opened
    opened.set()


@pytest.fixture
def page(driver, gate: threading.Event):
    """The page of new items, with the first attribute on it and the second one still to come."""
    workspace = driver.window.controller.workspace
    lacking = [driver.number(f"p{number:03d}") for number in range(4)]
    for attribute in ("shape", "colour"):
        changes = [ValueChange(item, attribute, ()) for item in lacking]
        workspace.decisions.apply("clear", "gaps", values=changes)
    driver.window.actions_["tag_new"].trigger()
    mode = driver.window.modes["tag"]
    assert isinstance(mode, TagMode)
    driver.until(lambda: len(mode.new_items.gaps) == 4)
    return mode


def test_an_attribute_is_shown_and_confirmed_while_others_are_learnt(driver, page, gate) -> None:
    shown, onboarding = page.new_items, page.onboarding
    assert list(shown.columns) == ["shape"]
    assert "More attributes are being looked at" in shown.note.text()
    assert onboarding.progress.isVisible()
    first, second, *_ = {item for item, _ in shown.gaps}
    driver.qtbot.mouseClick(shown.gaps[first, "shape"], LEFT)
    driver.qtbot.mouseClick(shown.rows[second], LEFT)
    driver.until(lambda: len(shown.gaps) == 3)
    assert shown.gaps[first, "shape"].is_wrong, "what was marked stays"
    shown.gaps[first, "shape"].setFocus()
    gate.set()
    driver.until(lambda: len(shown.gaps) == 7 and not onboarding.is_learning)
    assert list(shown.columns) == ["shape", "colour"]
    assert shown.gaps[first, "shape"].is_wrong
    assert shown.gaps[first, "shape"].hasFocus(), "the keyboard stays where it was"
    driver.until(lambda: not onboarding.progress.isVisible())
    assert "More attributes" not in shown.note.text()
    driver.idle()


def test_learning_can_be_stopped_and_what_was_found_stays(driver, page) -> None:
    driver.qtbot.mouseClick(page.onboarding.progress.cancel, LEFT)
    driver.until(lambda: not page.onboarding.is_learning)
    driver.until(lambda: "Stopped" in page.new_items.note.text())
    assert len(page.new_items.gaps) == 4
    driver.idle()


def test_what_ctrl_z_took_back_is_not_taken_back_again(driver, page, gate: threading.Event) -> None:
    gate.set()
    driver.until(lambda: not page.onboarding.is_learning)
    driver.idle()
    shown, undoing = page.new_items, driver.window.undoing
    assert not shown.back.isVisible(), "nothing was confirmed yet"
    first, second = list(shown.rows)[:2]
    taken: list[int] = []
    undoing.taken_back.connect(taken.append)
    for item in (first, second):
        driver.qtbot.mouseClick(shown.rows[item], LEFT)
        driver.until(lambda item=item: item not in shown.rows)
        driver.idle()
    driver.window.actions_["undo"].trigger()
    driver.until(lambda: second in shown.rows)
    driver.idle()
    driver.qtbot.mouseClick(shown.back, LEFT)
    driver.until(lambda: first in shown.rows)
    driver.idle()
    assert len(set(taken)) == 2
    assert not shown.back.isVisible()
    driver.window.actions_["redo"].trigger()
    driver.until(lambda: first not in shown.rows)
    driver.idle()
    assert shown.back.isVisible()
