"""One undo for narrowings and decisions: a real window, by its keys, its menu and its messages."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from tests.ui.conftest import Gate
from visualsearch.catalog.decisions import ValueChange
from visualsearch.errors import CatalogLocked
from visualsearch.ui import edits, undoing
from visualsearch.workspace import Workspace

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def decide(driver, item_id: str, colour: str) -> int:
    """A decision, as a feature makes it."""
    window = driver.window
    change = ValueChange(driver.number(item_id), "colour", (colour,))
    applied = window.controller.workspace.decisions.apply(
        "set", f"set colour to {colour} for {item_id}", values=[change]
    )
    window.undoing.note(applied.operation, f"{item_id} is {colour} now.", applied.skipped)
    window.controller.refresh()
    driver.idle()
    return applied.operation


def decide_silently(driver, item_id: str) -> int:
    change = ValueChange(driver.number(item_id), "colour", ("teal",))
    decisions = driver.window.controller.workspace.decisions
    return decisions.apply("set", f"{item_id} in teal", values=[change]).operation


def tick(driver, attribute: str, value: str) -> None:
    driver.window.controller.edit(lambda query: edits.tick(query, attribute, value, True))
    driver.idle()


def press(driver, key: Qt.Key, modifiers: Qt.KeyboardModifier = CONTROL) -> None:
    driver.key(key, modifiers)
    driver.until(lambda: not driver.window.undoing.is_busy)
    driver.idle()


def text(driver, name: str) -> str:
    return driver.window.actions_[name].text().replace("&", "")


def test_what_is_decided_while_an_undo_waits_is_written_when_the_window_closes(driver) -> None:
    window, may_go_on = driver.window, threading.Event()
    decisions, path = window.controller.workspace.decisions, window.controller.workspace.path
    item = driver.number("p009")

    def decides(label: str) -> Callable[[], int]:
        def work() -> int:
            may_go_on.wait()
            return decisions.apply("set", label, values=[ValueChange(item, "colour", (label,))]).operation

        return work

    window.area.gallery.setFocus()
    window.undoing.write(decides("sooner"), window.undoing.note, window.faults.show)
    driver.key(Qt.Key.Key_Z, CONTROL)
    window.undoing.write(decides("later"), window.undoing.note, window.faults.show)
    window.background.closing.connect(may_go_on.set)
    window.shut_down()
    with Workspace.open(path) as workspace:
        assert [done.label for done in workspace.decisions.history(limit=2)] == ["later", "sooner"]


def test_an_undo_waits_for_the_decision_that_is_being_written(driver) -> None:
    """It was asked for after that decision, and must not take back the one before."""
    driver.window.area.gallery.setFocus()
    before = decide(driver, "p009", "teal")
    may_go_on, answers = threading.Event(), []

    def work() -> int:
        may_go_on.wait()
        return decide_silently(driver, "p000")

    def done(operation: int) -> None:
        answers.append(operation)
        driver.window.undoing.note(operation)

    driver.window.undoing.write(work, done, driver.window.faults.show)
    driver.key(Qt.Key.Key_Z, CONTROL)
    taken = []
    driver.window.undoing.taken_back.connect(taken.append)
    may_go_on.set()
    driver.until(lambda: bool(taken) and not driver.window.undoing.is_busy)
    driver.idle()
    assert taken == answers != [before]
    assert [driver.values(one, "colour") for one in ("p000", "p009")] == [("red",), ("teal",)]
    press(driver, Qt.Key.Key_Z)
    assert taken == [*answers, before]


def test_narrowings_and_decisions_are_taken_back_in_the_order_in_which_they_were_made(driver) -> None:
    driver.window.area.gallery.setFocus()
    tick(driver, "shape", "disc")
    decide(driver, "p000", "teal")
    tick(driver, "colour", "teal")
    assert driver.total == 1
    assert "teal" in text(driver, "undo")
    press(driver, Qt.Key.Key_Z)
    assert driver.total == 30
    assert text(driver, "undo") == "Undo: set colour to teal for p000"
    assert "Undo: set colour to teal for p000" in driver.window.actions_["undo"].toolTip()
    press(driver, Qt.Key.Key_Z)
    assert (driver.values("p000", "colour"), driver.total) == (("red",), 30)
    assert "Taken back: set colour to teal" in driver.window.banner.message.text()
    press(driver, Qt.Key.Key_Z)
    assert driver.total == 90
    assert not driver.window.actions_["undo"].isEnabled()
    press(driver, Qt.Key.Key_Y)
    assert (driver.values("p000", "colour"), driver.total) == (("red",), 30)
    assert text(driver, "redo") == "Redo: set colour to teal for p000"
    press(driver, Qt.Key.Key_Z, CONTROL | SHIFT)
    assert (driver.values("p000", "colour"), driver.total) == (("teal",), 30)
    press(driver, Qt.Key.Key_Z, CONTROL | SHIFT)
    assert driver.total == 1
    assert not driver.window.actions_["redo"].isEnabled()


def test_undo_and_redo_again_and_again_lead_to_the_same(driver) -> None:
    driver.window.area.gallery.setFocus()
    decide(driver, "p000", "teal")
    for _ in range(3):
        press(driver, Qt.Key.Key_Z)
        assert driver.values("p000", "colour") == ("red",)
        press(driver, Qt.Key.Key_Y)
        assert driver.values("p000", "colour") == ("teal",)


def test_keys_pressed_faster_than_the_catalog_answers_are_all_taken(driver) -> None:
    driver.window.area.gallery.setFocus()
    for colour in ("teal", "pink", "grey"):
        decide(driver, "p000", colour)
    for _ in range(3):
        driver.key(Qt.Key.Key_Z, CONTROL)
    driver.until(lambda: not driver.window.undoing.is_busy and not driver.window.actions_["undo"].isEnabled())
    assert driver.values("p000", "colour") == ("red",)
    driver.idle()


def test_a_new_act_ends_what_could_be_redone(driver) -> None:
    driver.window.area.gallery.setFocus()
    decide(driver, "p000", "teal")
    press(driver, Qt.Key.Key_Z)
    decide(driver, "p001", "pink")
    assert not driver.window.actions_["redo"].isEnabled()
    press(driver, Qt.Key.Key_Z)
    assert text(driver, "redo") == "Redo: set colour to pink for p001"


def test_back_and_forward_move_the_narrowings_only(driver) -> None:
    driver.window.area.gallery.setFocus()
    tick(driver, "shape", "disc")
    decide(driver, "p000", "teal")
    driver.window.controller.back()
    driver.idle()
    assert text(driver, "undo") == "Undo: set colour to teal for p000"
    driver.window.controller.forward()
    driver.idle()
    assert "disc" in text(driver, "undo")
    press(driver, Qt.Key.Key_Z)
    press(driver, Qt.Key.Key_Z)
    assert (driver.values("p000", "colour"), driver.total) == (("red",), 90)


def test_the_message_of_a_decision_undoes_just_that(driver) -> None:
    decide(driver, "p000", "teal")
    tick(driver, "shape", "disc")
    banner = driver.window.banner
    assert "p000 is teal now." in banner.message.text()
    driver.qtbot.mouseClick(banner.button, Qt.MouseButton.LeftButton)
    driver.until(lambda: "Taken back" in banner.message.text())
    driver.idle()
    assert (driver.values("p000", "colour"), driver.total) == (("red",), 30)
    driver.qtbot.mouseClick(banner.button, Qt.MouseButton.LeftButton)
    driver.until(lambda: "Done again" in banner.message.text())
    driver.idle()
    assert driver.values("p000", "colour") == ("teal",)


def test_to_take_back_twice_what_was_done_once_is_to_take_it_back(driver) -> None:
    """An impatient second click comes before the history on screen has been read anew."""
    undoing, banner = driver.window.undoing, driver.window.banner
    before = driver.values("p000", "colour")
    first = decide(driver, "p000", "teal")
    decide(driver, "p001", "teal")
    for _ in range(2):
        undoing.take_back(first)
    driver.until(lambda: not undoing.is_busy)
    driver.idle()
    assert "Taken back: set colour to teal for p000" in banner.message.text()
    assert (driver.values("p000", "colour"), driver.values("p001", "colour")) == (before, ("teal",))
    undo = driver.window.controller.workspace.decisions.operation(first).undone_by
    for _ in range(2):
        undoing.do_again(first, undo)
    driver.until(lambda: not undoing.is_busy)
    driver.idle()
    assert "Done again: set colour to teal for p000" in banner.message.text()
    assert driver.values("p000", "colour") == ("teal",)


def test_a_step_that_says_nothing_ends_what_was_offered_before(driver) -> None:
    decide(driver, "p000", "teal")
    banner = driver.window.banner
    assert banner.isVisible()
    driver.window.undoing.note(decide_silently(driver, "p001"))
    assert not banner.isVisible()
    banner.show_message("Some files were refused.", warning=True)
    driver.window.undoing.note(decide_silently(driver, "p002"))
    assert banner.isVisible()  # it is about something else
    driver.idle()


def test_what_was_changed_since_is_left_and_told(driver) -> None:
    first = decide(driver, "p000", "teal")
    decide(driver, "p000", "pink")
    driver.window.undoing.take_back(first)
    driver.until(lambda: "Nothing could be changed" in driver.window.banner.message.text())
    assert "Left as it was: 1 (it was changed since)." in driver.window.banner.message.text()
    driver.idle()
    assert driver.values("p000", "colour") == ("pink",)


def test_what_another_undid_meanwhile_is_told_and_then_the_one_before_is_next(driver) -> None:
    driver.window.area.gallery.setFocus()
    decide(driver, "p000", "teal")
    second = decide(driver, "p001", "pink")
    driver.window.controller.workspace.decisions.undo(second)
    press(driver, Qt.Key.Key_Z)
    assert "was undone by" in driver.window.banner.message.text()
    press(driver, Qt.Key.Key_Z)
    assert driver.values("p000", "colour") == ("red",)


def test_what_the_log_offered_before_an_undo_is_not_offered_after_it(driver, monkeypatch) -> None:
    """An import that goes on has the log asked again and again: its answer may come late."""
    window, asked, may_go_on = driver.window, threading.Event(), threading.Event()
    decide_silently(driver, "p000")
    window.catalogs.grown.emit(90, window.attributes)
    driver.until(lambda: "p000 in teal" in text(driver, "undo"))
    driver.idle()
    offer = undoing._offer

    def late(workspace: Workspace) -> tuple[str | None, str | None]:
        found = offer(workspace)
        if not asked.is_set():
            asked.set()
            assert may_go_on.wait(60)
        return found

    monkeypatch.setattr(undoing, "_offer", late)
    window.catalogs.grown.emit(90, window.attributes)
    assert asked.wait(60)
    driver.key(Qt.Key.Key_Z, CONTROL)
    driver.until(lambda: "Taken back" in window.banner.message.text())
    may_go_on.set()
    driver.idle()
    assert not window.actions_["undo"].isEnabled()
    assert "p000 in teal" in text(driver, "redo")


def test_after_a_restart_decisions_can_still_be_undone(make_window: Callable, catalog: Path) -> None:
    with Workspace.open(catalog) as workspace:
        number = workspace.number_of("p000")
        assert number is not None
        workspace.decisions.apply(
            "set", "set colour to teal for p000", values=[ValueChange(number, "colour", ("teal",))]
        )
    driver = make_window()
    driver.window.catalogs.open(catalog)
    driver.until(lambda: driver.window.controller.results is not None)
    driver.until(lambda: text(driver, "undo") == "Undo: set colour to teal for p000")
    driver.window.area.gallery.setFocus()
    driver.key(Qt.Key.Key_Z, CONTROL)
    driver.until(lambda: driver.values("p000", "colour") == ("red",))
    driver.idle()
    driver.until(lambda: text(driver, "redo") == "Redo: set colour to teal for p000")
    driver.key(Qt.Key.Key_Y, CONTROL)
    driver.until(lambda: driver.values("p000", "colour") == ("teal",))
    driver.idle()


@pytest.mark.parametrize("name", ["undo", "redo"])
def test_without_anything_done_there_is_nothing_to_undo(driver, name: str) -> None:
    assert not driver.window.actions_[name].isEnabled()
    assert text(driver, name) == name.capitalize()


def test_in_another_mode_decisions_are_undone_and_searches_left_alone(driver) -> None:
    decide(driver, "p000", "teal")
    tick(driver, "shape", "disc")
    driver.window.modes.switch("audit")
    assert text(driver, "undo") == "Undo: set colour to teal for p000"
    driver.window.actions_["undo"].trigger()
    driver.until(lambda: not driver.window.undoing.is_busy)
    driver.idle()
    assert driver.values("p000", "colour") == ("red",)
    assert not driver.window.actions_["undo"].isEnabled()
    driver.window.modes.switch("browse")
    assert "disc" in text(driver, "undo")
    driver.idle()


def test_decisions_are_written_in_the_order_in_which_they_were_made(driver) -> None:
    order, undoing = [], driver.window.undoing
    gate = Gate(driver)
    for number in range(6):
        undoing.write(
            lambda number=number: number,
            lambda number: order.append(number),
            driver.window.faults.show,
        )
    assert gate.begun.wait(60)
    assert order == []
    gate.open()
    driver.idle()
    assert order == list(range(6))


def test_what_is_decided_after_an_undo_that_waits_is_not_what_it_takes_back(driver) -> None:
    gate = Gate(driver)
    driver.window.area.gallery.setFocus()
    undoing, noted = driver.window.undoing, []

    def write(item_id: str) -> None:
        def done(operation: int) -> None:
            noted.append(operation)
            undoing.note(operation)

        undoing.write(lambda: decide_silently(driver, item_id), done, driver.window.faults.show)

    taken = []
    undoing.taken_back.connect(taken.append)
    write("p000")
    driver.key(Qt.Key.Key_Z, CONTROL)
    write("p009")
    gate.open()
    driver.until(lambda: len(noted) == 2 and bool(taken) and not undoing.is_busy)
    driver.idle()
    assert taken == noted[:1]
    assert [driver.values(one, "colour") for one in ("p000", "p009")] == [("red",), ("teal",)]


def decide_late(driver) -> Gate:
    """A decision whose writing has begun and waits at the gate."""
    gate = Gate(driver)
    workspace, number = driver.window.controller.workspace, driver.number("p000")
    change = ValueChange(number, "colour", ("teal",))
    driver.window.undoing.write(
        lambda: workspace.decisions.apply("set", "late", values=[change]),
        lambda _: None,
        driver.window.faults.show,
    )
    assert gate.begun.wait(60)
    return gate


def fail_late(driver) -> Gate:
    """A decision that waits at the gate and then cannot be written."""
    gate = Gate(driver)

    def fail() -> None:
        raise CatalogLocked("Another program holds the catalog.", "Try again.")

    driver.window.undoing.write(fail, lambda _: None, driver.window.faults.show)
    assert gate.begun.wait(60)
    return gate


@pytest.mark.parametrize("times", [1, 2])
def test_what_was_decided_is_written_though_the_window_is_closed_at_once(
    driver, catalog: Path, times: int
) -> None:
    gate, window = decide_late(driver), driver.window
    window.close()
    assert window.isVisible()
    assert "is being saved" in window.banner.message.text()
    if times == 2:  # who does not want to wait to be told
        closer = threading.Timer(0, gate.open)  # it is written all the same, while this thread waits
        closer.start()
        window.close()
        closer.join()
    gate.open()
    driver.until(lambda: window.is_closed)
    assert not window.isVisible()
    with Workspace.open(catalog) as again:
        assert [one.label for one in again.decisions.history(limit=1)] == ["late"]


def test_the_window_stays_open_where_the_last_decision_cannot_be_saved(driver) -> None:
    gate, window = fail_late(driver), driver.window
    window.close()
    gate.open()
    driver.until(lambda: "Another program holds" in window.banner.message.text())
    driver.idle()
    assert not window.is_closed
    assert window.isVisible()
    window.close()
    assert window.is_closed


def test_a_window_that_stays_open_takes_what_was_decided_while_it_waited(driver) -> None:
    """It has its undo step, whoever decided is told, and nothing goes on offering to close."""
    gate, window, told = fail_late(driver), driver.window, []
    workspace, number = window.controller.workspace, driver.number("p009")
    change = ValueChange(number, "colour", ("teal",))

    def done(applied) -> None:
        told.append(applied.operation)
        window.undoing.note(applied.operation)

    window.undoing.undo()
    window.undoing.write(
        lambda: workspace.decisions.apply("set", "later", values=[change]), done, window.faults.show
    )
    window.close()
    gate.open()
    driver.until(lambda: bool(told) and not window.undoing.is_busy)
    driver.idle()
    assert not window.is_closed
    assert "closes then" not in window.banner.message.text()
    assert text(driver, "undo") == "Undo: later"
    window.undoing.undo()
    driver.until(lambda: driver.values("p009", "colour") != ("teal",))


def test_an_undo_of_a_decision_that_cannot_be_saved_takes_nothing_else_back(driver) -> None:
    before = decide(driver, "p009", "teal")
    taken: list[int] = []
    driver.window.undoing.taken_back.connect(taken.append)
    gate = fail_late(driver)
    driver.window.undoing.undo()
    gate.open()
    driver.until(lambda: "Another program holds" in driver.window.banner.message.text())
    driver.idle()
    assert taken == []
    press(driver, Qt.Key.Key_Z)
    assert taken == [before]


def test_what_is_decided_while_the_window_closes_keeps_it_open_until_that_is_saved(driver) -> None:
    gate, window = decide_late(driver), driver.window
    window.close()
    later: list[Gate] = []
    window.background.writing_changed.connect(
        lambda writing: later.append(fail_late(driver)) if not writing and not later else None
    )
    gate.open()
    driver.until(lambda: bool(later))
    later[0].open()
    driver.until(lambda: "Another program holds" in window.banner.message.text())
    driver.idle()
    assert not window.is_closed


@pytest.mark.parametrize("closes_window", [False, True])
def test_a_decision_of_a_catalog_that_is_closed_does_not_fail_unheard(driver, closes_window: bool) -> None:
    gate, window = fail_late(driver), driver.window
    window.actions_["close"].trigger()
    if closes_window:
        window.close()
    assert window.isVisible()
    gate.open()
    driver.until(lambda: "Another program holds" in window.banner.message.text())
    driver.idle()
    assert not window.is_closed


def test_what_takes_long_to_save_is_said(driver) -> None:
    gate, note = decide_late(driver), driver.window.saving.note
    driver.until(lambda: note.isVisible())
    assert note.text() == "Saving 2 decisions…", "the gate's is one"
    gate.open()
    driver.until(lambda: note.isHidden())


def test_what_was_decided_is_written_though_the_catalog_is_closed_at_once(driver, catalog: Path) -> None:
    gate = decide_late(driver)
    driver.window.actions_["close"].trigger()
    gate.open()
    driver.idle()
    with Workspace.open(catalog) as again:
        assert [one.label for one in again.decisions.history(limit=1)] == ["late"]
