"""Tag mode as a person uses it: by keyboard alone, by mouse alone, over restarts; real windows, real decisions."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSize, Qt

from tests.ui.conftest import Gate
from visualsearch.catalog.decisions import ValueChange
from visualsearch.catalog.importing import ImportRequest
from visualsearch.jobs import JobControl
from visualsearch.ui.certifying.dialog import CertifyDialog
from visualsearch.ui.certifying.register import CertificateList
from visualsearch.ui.tagging.feature import Tagging
from visualsearch.ui.tagging.grid import arrange, capacity
from visualsearch.ui.tagging.pace import Pace
from visualsearch.workspace import Workspace

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
KEY = Qt.Key
LEFT = Qt.MouseButton.LeftButton
EXAMPLES = ("p000", "p009")  # red discs


def is_disc(item_id: str) -> bool:
    return int(item_id[1:]) % 3 == 0


class Tagger:
    """A person in Tag mode."""

    def __init__(self, driver) -> None:
        self.driver, self.window, self.qtbot = driver, driver.window, driver.qtbot
        self.feature = self.window.findChild(Tagging)
        self.mode = self.feature.mode
        self.desk = self.mode.desk

    @property
    def grid(self):
        return self.mode.bench.grid

    def wait(self) -> None:
        """Until the page is there, and all that comes with it."""
        self.driver.until(lambda: not self.desk.is_busy and not self.window.undoing.is_busy)
        self.driver.idle()

    def ids(self) -> list[str]:
        return [tile.id for tile in self.grid.shown()]

    def marks(self) -> dict[str, str]:
        return {tile.id: tile.mark for tile in self.grid.shown() if tile.mark}

    def key(self, key: Qt.Key, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
        self.driver.key(key, modifiers)

    def click(self, widget, at: QPoint | None = None) -> None:
        spot = at if at is not None else widget.rect().center()
        self.qtbot.mouseClick(widget, LEFT, pos=spot)

    def tile(self, item_id: str):
        return next(tile for tile in self.grid.shown() if tile.id == item_id)

    def values(self, attribute: str) -> dict[str, str]:
        """id → value of the items that have one."""
        workspace = self.window.controller.workspace
        found = {}
        for number in range(90):
            item_id = f"p{number:03d}"
            details = workspace.details(self.driver.number(item_id))
            for one in details.attributes:
                if one.name == attribute:
                    found[item_id] = str(one.values[0])
        return found

    def operations(self, kind: str) -> int:
        workspace = self.window.controller.workspace
        done = workspace.decisions.history(kind=kind, limit=1000)
        return sum(one.undone_by is None and "page" in (one.why or {}) for one in done)

    def start(self, attribute: str = "form", value: str = "round") -> None:
        """Quickly, for tests about what comes later."""
        for item_id in EXAMPLES:
            self.driver.click_sign(item_id, 1)
        self.window.actions_["tag_like"].trigger()
        self.driver.idle()
        chooser = self.mode.chooser
        chooser.attribute.setEditText(attribute)
        chooser.value.setEditText(value)
        self.click(chooser.start)
        self.driver.until(lambda: self.desk.sheet is not None)
        self.wait()


@pytest.fixture
def tagger(driver) -> Tagger:
    return Tagger(driver)


def test_keys_that_are_pressed_before_the_first_page_is_there_wait_for_it(tagger, driver) -> None:
    for item_id in EXAMPLES:
        driver.click_sign(item_id, 1)
    driver.window.actions_["tag_like"].trigger()
    driver.idle()
    chooser = tagger.mode.chooser
    chooser.attribute.setEditText("form")
    chooser.value.setEditText("round")
    chooser.start.setFocus()
    tagger.key(KEY.Key_Space)
    assert tagger.desk.is_busy
    for key in (KEY.Key_Right, KEY.Key_X, KEY.Key_Return):  # the last would confirm what nobody has seen
        assert driver.window.focusWidget() is chooser
        tagger.key(key)
    driver.until(lambda: tagger.desk.sheet is not None)
    tagger.wait()
    second = tagger.grid.shown()[1]
    assert driver.window.focusWidget() is second
    assert tagger.marks() == {second.id: "no"}
    assert tagger.operations("tag") == 0


def test_by_keyboard_alone(tagger, driver) -> None:
    gallery = driver.window.area.gallery
    gallery.setFocus()
    for item_id in EXAMPLES:
        gallery.set_current_item(driver.number(item_id))
        driver.key(KEY.Key_Plus)
        driver.settle()
    driver.key(KEY.Key_T, CONTROL | SHIFT)
    driver.idle()
    assert driver.window.modes.current == "tag"
    chooser = tagger.mode.chooser
    assert driver.window.focusWidget() is chooser.attribute
    tagger.qtbot.keyClicks(driver.window.focusWidget(), "form")
    chooser.value.setFocus()
    tagger.qtbot.keyClicks(chooser.value, "round")
    assert chooser.kind.isVisible()
    assert chooser.from_examples.isChecked()
    driver.key(KEY.Key_Return)
    driver.until(lambda: tagger.desk.sheet is not None)
    tagger.wait()
    first = tagger.ids()
    assert len(first) > 8
    assert set(EXAMPLES) <= set(first)
    assert driver.window.focusWidget() is tagger.grid.tiles[0]
    driver.key(KEY.Key_Right)
    driver.key(KEY.Key_X)
    driver.key(KEY.Key_Down)
    driver.key(KEY.Key_U)
    driver.key(KEY.Key_Home)
    driver.key(KEY.Key_Space)
    driver.key(KEY.Key_Space)  # right after all
    marks = tagger.marks()
    assert list(marks) == [first[1], next(one for one in marks if marks[one] == "unsure")]
    assert "wrong" in tagger.grid.tiles[1].accessibleName()
    driver.key(KEY.Key_Return)
    tagger.wait()
    second = tagger.ids()
    assert not set(first) & set(second)
    assert set(tagger.values("form")) == set(first) - set(marks)
    driver.key(KEY.Key_Backspace)
    tagger.wait()
    assert (tagger.ids(), tagger.marks()) == (first, marks)
    assert tagger.values("form") == {}
    driver.key(KEY.Key_Return)
    tagger.wait()
    assert set(tagger.ids()) == set(second)
    driver.key(KEY.Key_Z, CONTROL)
    tagger.wait()
    assert (tagger.ids(), tagger.marks()) == (first, marks)
    driver.key(KEY.Key_Return)
    tagger.wait()
    assert tagger.operations("tag") == 1


def test_what_is_pressed_while_a_page_is_being_written_is_about_that_page(tagger, driver) -> None:
    tagger.start()
    tagger.wait()
    tagger.key(KEY.Key_Return)
    tagger.wait()
    before, page = set(tagger.values("form")), tagger.ids()
    gate = Gate(driver)
    tagger.key(KEY.Key_Return)
    tagger.key(KEY.Key_2)  # asks for another page, from what has not been learnt yet
    tagger.key(KEY.Key_Z, CONTROL)
    gate.open()
    tagger.wait()
    assert set(tagger.values("form")) == before
    assert set(tagger.ids()) == set(page)
    tagger.key(KEY.Key_1)
    tagger.wait()
    gate = Gate(driver)
    tagger.key(KEY.Key_Return)
    tagger.key(KEY.Key_2)
    gate.open()
    tagger.wait()
    assert set(tagger.values("form")) == before | set(page)
    assert not set(tagger.ids()) & set(page)
    assert "yes" in driver.window.actions_["undo"].text()
    gate = Gate(driver)
    page = tagger.ids()
    tagger.key(KEY.Key_Return)
    tagger.key(KEY.Key_Backspace)
    gate.open()
    tagger.wait()
    assert not set(tagger.values("form")) & set(page)


def test_a_page_that_is_written_after_the_mode_was_left_is_shown_there(tagger, driver) -> None:
    tagger.start()
    tagger.wait()
    gate, page = Gate(driver), tagger.ids()
    tagger.key(KEY.Key_Return)
    driver.window.modes.switch("browse")
    gate.open()
    tagger.wait()
    facets = driver.window.controller.results.facets
    assert facets["form"] == {"round": len({*page, *EXAMPLES} & set(driver.ids()))}


@pytest.mark.parametrize("closing", ["catalog", "window"])
def test_a_page_that_was_confirmed_is_saved_though_everything_closes_at_once(
    tagger, driver, catalog: Path, closing: str
) -> None:
    tagger.start()
    tagger.wait()
    gate, page = Gate(driver), tagger.ids()
    tagger.key(KEY.Key_Return)
    if closing == "window":
        driver.window.close()
        gate.open()
        driver.until(lambda: driver.window.is_closed)
    else:
        driver.window.actions_["close"].trigger()
        gate.open()
        driver.idle()
    with Workspace.open(catalog) as again:
        assert f": {len(page)} yes" in again.decisions.history(limit=1)[0].label


def test_by_mouse_alone(tagger, driver) -> None:
    for item_id in EXAMPLES:
        driver.click_sign(item_id, 1)
    tagger.click(driver.window.switch.button("tag"))
    driver.idle()
    chooser = tagger.mode.chooser
    chooser.attribute.setCurrentIndex(chooser.attribute.findText("shape"))
    assert chooser.value.findText("disc") >= 0
    chooser.attribute.setEditText("form")
    chooser.value.setEditText("round")
    tagger.click(chooser.start)
    driver.until(lambda: tagger.desk.sheet is not None)
    tagger.wait()
    first = tagger.ids()
    tagger.click(tagger.tile(first[2]))
    tagger.click(tagger.tile(first[4]), tagger.tile(first[4]).corner().center())
    tagger.click(tagger.tile(first[5]))
    tagger.click(tagger.tile(first[5]))
    assert tagger.marks() == {first[2]: "no", first[4]: "unsure"}
    assert tagger.mode.bench.confirm.text() == f"Confirm: {len(first) - 2} yes, 1 no, 1 not sure"
    tagger.click(tagger.mode.bench.confirm)
    tagger.wait()
    assert not set(first) & set(tagger.ids())
    assert set(tagger.values("form")) == set(first) - {first[2], first[4]}
    tagger.click(tagger.mode.bench.back)
    tagger.wait()
    assert tagger.ids() == first
    assert tagger.marks() == {first[2]: "no", first[4]: "unsure"}
    tagger.click(tagger.mode.bench.modes.buttons["random"])
    tagger.wait()
    assert tagger.desk.sheet.page.mode == "random"
    tagger.click(tagger.mode.bench.confirm)
    tagger.wait()
    assert not tagger.desk.state.remaining.guess
    assert "95 %" in tagger.mode.bench.stats.left.value.text()


def test_a_double_click_confirms_only_the_page_that_was_seen(tagger, driver) -> None:
    tagger.start()
    first = tagger.ids()
    tagger.click(tagger.mode.bench.confirm)
    tagger.wait()
    second = tagger.ids()
    assert not set(first) & set(second)
    driver.qtbot.mouseDClick(tagger.mode.bench.confirm, LEFT)  # the second click of the same double click
    tagger.wait()
    assert tagger.ids() == second
    assert set(tagger.values("form")) == set(first)


def test_one_by_one(tagger, driver) -> None:
    tagger.start()
    driver.key(KEY.Key_5)
    tagger.wait()
    judge = tagger.mode.bench.judge
    shown = []
    for key in (KEY.Key_Y, KEY.Key_N, KEY.Key_U):
        shown.append(judge.item)
        driver.key(key)
        tagger.wait()
    assert len({*shown, judge.item}) == 4
    state = tagger.desk.state
    assert (state.yes, state.no, state.unsure) == (1, 1, 1)
    driver.key(KEY.Key_Backspace)
    tagger.wait()
    assert judge.item == shown[2]
    tagger.click(judge.buttons["right"])
    tagger.wait()
    assert tagger.desk.state.yes == 2
    driver.key(KEY.Key_4)
    tagger.wait()
    assert len(tagger.ids()) > 4


def test_a_restart_goes_on_where_one_was(tagger, driver, make_window, catalog: Path) -> None:
    tagger.start()
    first = tagger.ids()
    tagger.click(tagger.tile(first[1]))
    driver.key(KEY.Key_Return)
    tagger.wait()
    second = tagger.ids()
    driver.window.close()
    again = Tagger(make_window())
    again.window.catalogs.open(catalog)
    again.driver.until(lambda: again.desk.sheet is not None)
    again.wait()
    assert again.window.modes.current == "tag"
    assert set(again.ids()) == set(second)
    again.key(KEY.Key_Backspace)
    again.wait()
    assert again.ids() == first
    assert again.marks() == {first[1]: "no"}


def test_nothing_left_and_asking_again(tagger, driver) -> None:
    tagger.start()
    tagger.desk.toggle(tagger.grid.tiles[0].item, "unsure")
    unsure = tagger.ids()[0]
    while tagger.desk.sheet.page.items.size:
        driver.key(KEY.Key_Return)
        tagger.wait()
    bench = tagger.mode.bench
    assert bench.middle.currentWidget() is bench.nothing
    assert "You can stop" in bench.stats.advice.text()
    tagger.click(bench.again)
    tagger.wait()
    assert tagger.ids() == [unsure]


def test_nothing_to_start_from_says_what_to_do(tagger, driver) -> None:
    driver.key(KEY.Key_2, CONTROL)
    driver.idle()
    chooser = tagger.mode.chooser
    chooser.attribute.setEditText("form")
    chooser.value.setEditText("round")
    assert not chooser.start.isEnabled()
    assert "pick one or two photos" in chooser.said.text()
    tagger.click(chooser.pick)
    assert driver.window.modes.current == "browse"


def test_from_a_saved_filter_and_from_what_has_the_value(tagger, driver) -> None:
    driver.click_sign("p000", 1)
    driver.click_sign("p009", 1)
    workspace = driver.window.controller.workspace
    workspace.filters.save("discs", driver.window.controller.query, JobControl())
    number = driver.number("p000")
    workspace.decisions.apply("set", "one", values=[ValueChange(number, "mood", ("calm",))])
    driver.window.commands.clear()
    driver.idle()
    driver.key(KEY.Key_2, CONTROL)
    driver.idle()
    chooser = tagger.mode.chooser
    tagger.click(chooser.from_filter)
    chooser.attribute.setEditText("form")
    chooser.value.setEditText("round")
    tagger.click(chooser.start)
    driver.until(lambda: tagger.desk.sheet is not None)
    tagger.wait()
    assert sum(map(is_disc, tagger.ids()[:8])) >= 6
    driver.key(KEY.Key_Escape)
    driver.idle()
    chooser.attribute.setEditText("mood")
    chooser.value.setEditText("calm")
    assert "1 items" in chooser.from_having.text()
    chooser.from_having.setChecked(True)
    tagger.click(chooser.start)
    driver.until(lambda: tagger.desk.target is not None and tagger.desk.target.attribute == "mood")
    tagger.wait()
    assert "p000" not in tagger.ids()
    assert len(tagger.ids()) > 8


def test_a_read_only_catalog_says_so(tagger, driver) -> None:
    from visualsearch.ui.tagging.facts import Facts

    driver.key(KEY.Key_2, CONTROL)
    driver.idle()
    tagger.mode.chooser.show_facts(Facts(read_only=True))
    assert "reading only" in tagger.mode.chooser.said.text()
    assert not tagger.mode.chooser.start.isEnabled()


def test_a_slip_of_the_hand_makes_no_attribute_unseen(tagger, driver) -> None:
    for item_id in EXAMPLES:
        driver.click_sign(item_id, 1)
    driver.window.actions_["tag_like"].trigger()
    driver.idle()
    chooser = tagger.mode.chooser
    chooser.value.setEditText("disc")
    for typed in ("Shape", "shpae"):
        chooser.attribute.setEditText(typed)
        assert chooser.kind.isVisible()
        assert chooser.meant.text() == "Take shape instead"
    tagger.click(chooser.meant)
    assert chooser.attribute.currentText() == "shape"
    assert not chooser.kind.isVisible()
    chooser.attribute.setEditText("mood")
    assert chooser.kind.isVisible()
    assert not chooser.meant.isVisible()


def test_numbers_and_free_text_are_not_tagged(tagger, driver, catalog: Path) -> None:
    workspace = driver.window.controller.workspace
    workspace.vocabulary.change("price", {"type": "number"})
    for item_id in EXAMPLES:
        driver.click_sign(item_id, 1)
    driver.window.actions_["tag_like"].trigger()
    driver.idle()
    chooser = tagger.mode.chooser
    chooser.attribute.setEditText("price")
    chooser.value.setEditText("12")
    assert not chooser.kind.isVisible(), "it is not new"
    assert not chooser.start.isEnabled()
    assert "price has numbers" in chooser.said.text()


def test_a_value_that_is_not_allowed_can_be_allowed(tagger, driver) -> None:
    driver.window.controller.workspace.vocabulary.change("form", {"values": ["square"]})
    driver.window.actions_["tag_like"].trigger()
    driver.idle()
    chooser = tagger.mode.chooser
    assert chooser.allow.isHidden()
    chooser.attribute.setEditText("shape")
    chooser.value.setEditText("disc")
    assert chooser.allow.isHidden()
    chooser.attribute.setEditText("form")
    chooser.value.setEditText("round")
    assert not chooser.allow.isHidden()
    tagger.click(chooser.pick)
    for item_id in EXAMPLES:
        driver.click_sign(item_id, 1)
    driver.window.actions_["tag_like"].trigger()
    driver.idle()
    assert not chooser.start.isEnabled()
    chooser.allow.setChecked(True)
    tagger.click(chooser.start)
    driver.until(lambda: tagger.desk.sheet is not None)
    tagger.wait()
    assert driver.window.controller.workspace.vocabulary.rules()["form"].values == ("square", "round")


def test_without_prepared_photos_the_page_offers_to_prepare_them(make_window, catalog: Path) -> None:
    shutil.rmtree(catalog / "embeddings")
    tagger = Tagger(make_window())
    tagger.window.catalogs.open(catalog)
    tagger.driver.until(lambda: tagger.window.controller.results is not None)
    tagger.driver.idle()
    tagger.key(KEY.Key_2, CONTROL)
    tagger.driver.idle()
    chooser, trouble = tagger.mode.chooser, tagger.mode.trouble
    chooser.attribute.setEditText("shape")
    chooser.value.setEditText("disc")
    tagger.click(chooser.start)
    tagger.driver.until(lambda: tagger.mode.stack.currentWidget() is trouble)
    tagger.driver.idle()
    assert "nothing to compare" in trouble.message.text()
    assert trouble.prepare.isVisible()
    assert "90" in trouble.prepare.text()
    tagger.click(trouble.change)
    assert tagger.mode.stack.currentWidget() is chooser


def certify(tagger, driver) -> CertifyDialog:
    tagger.start()
    driver.key(KEY.Key_Return)
    tagger.wait()
    driver.key(KEY.Key_A, CONTROL | SHIFT)
    dialog = driver.window.findChild(CertifyDialog)
    driver.idle()
    dialog.plan.choices[0.9].setChecked(True)
    driver.idle()
    dialog.plan.number.setValue(40)
    return dialog


def test_how_many_to_accept_stays_as_it_was_said(tagger, driver) -> None:
    """Another precision proposes another number, to who has not said one."""
    dialog = certify(tagger, driver)
    plan = dialog.plan
    effort = plan.effort.text()
    plan.choices[0.95].setChecked(True)
    driver.idle()
    assert plan.number.value() == 40
    assert plan.effort.text() != effort


def judge_all(driver, dialog: CertifyDialog, key: Qt.Key) -> None:
    while dialog.certificate.standing.state == "open":
        before = len([one for one in dialog.certificate.answers if one])
        driver.qtbot.keyClick(dialog.judge, key)
        driver.until(lambda n=before: len([one for one in dialog.certificate.answers if one]) > n)
        driver.idle()


def test_where_all_were_judged_nothing_is_offered_to_accept(tagger, driver) -> None:
    dialog = certify(tagger, driver)
    dialog.plan.choices[0.98].setChecked(True)
    dialog.plan.number.setValue(8)  # so few are certain only when all were seen
    driver.idle()
    driver.qtbot.keyClick(dialog.plan.start, KEY.Key_Space)
    driver.until(lambda: dialog.certificate is not None)
    driver.idle()
    judge_all(driver, dialog, KEY.Key_Y)
    assert "none is left" in dialog.next_step.text()
    assert "0" not in dialog.accept_button.text()
    driver.qtbot.mouseClick(dialog.accept_button, LEFT)
    driver.until(lambda: dialog.certificate.accepted is not None)
    driver.idle()
    assert "without being looked at" not in dialog.next_step.text()


def test_the_rest_is_accepted_with_a_certificate_and_revoked(tagger, driver) -> None:
    dialog = certify(tagger, driver)
    before = len(tagger.values("form"))
    driver.qtbot.keyClick(dialog.plan.start, KEY.Key_Space)
    driver.until(lambda: dialog.certificate is not None)
    driver.idle()
    first = dialog.judge.item
    driver.qtbot.keyClick(dialog.judge, KEY.Key_N)
    driver.until(lambda: dialog.judge.item != first)
    driver.idle()
    assert "1 of them not right" in dialog.progress.text()
    driver.qtbot.keyClick(dialog.judge, KEY.Key_Backspace)
    driver.until(lambda: dialog.judge.item == first)
    driver.idle()
    judge_all(driver, dialog, KEY.Key_Y)
    assert dialog.certificate.standing.state == "certified"
    judged = dialog.certificate.standing.judged
    assert "At least" in dialog.outcome.text()
    assert "90 %" in dialog.outcome.text()
    assert len(tagger.values("form")) == before + judged
    driver.qtbot.mouseClick(dialog.accept_button, LEFT)
    driver.until(lambda: dialog.certificate.accepted is not None)
    driver.idle()
    assert len(tagger.values("form")) == before + 40
    driver.qtbot.keyClick(dialog.closing, KEY.Key_Backspace)  # as the button says
    driver.until(lambda: dialog.certificate.accepted is None)
    driver.idle()
    assert len(tagger.values("form")) == before + judged
    driver.qtbot.mouseClick(dialog.accept_button, LEFT)
    driver.until(lambda: dialog.certificate.accepted is not None)
    driver.idle()
    dialog.close()
    tagger.wait()
    driver.window.actions_["certificates"].trigger()
    register = driver.window.findChild(CertificateList)
    driver.until(lambda: register.current is not None)
    assert "without being looked at" in register.detail.text()
    driver.qtbot.mouseClick(register.revoke, LEFT)
    driver.until(lambda: register.current.used is None)
    driver.idle()
    assert len(tagger.values("form")) == before + judged
    register.close()


def test_an_answer_is_a_step_of_its_own_though_the_dialog_is_closed_at_once(tagger, driver) -> None:
    dialog = certify(tagger, driver)
    tagger.click(dialog.plan.start)
    driver.until(lambda: dialog.certificate is not None and not dialog.is_busy)
    gate, history = Gate(driver), driver.window.controller.workspace.decisions.history
    before = len(history(limit=1000))
    driver.qtbot.keyClick(dialog.judge, KEY.Key_Y)
    dialog.close()
    gate.open()
    tagger.wait()
    answered = history(limit=1)[0]
    assert len(history(limit=1000)) == before + 1
    driver.window.actions_["undo"].trigger()
    tagger.wait()
    assert history(limit=1)[0].inverse_of == answered.number


def test_a_failed_sample_accepts_nothing(tagger, driver) -> None:
    dialog = certify(tagger, driver)
    before = len(tagger.values("form"))
    driver.qtbot.mouseClick(dialog.plan.start, LEFT)
    driver.until(lambda: dialog.certificate is not None)
    driver.idle()
    judge_all(driver, dialog, KEY.Key_N)
    assert "too many" in dialog.outcome.text()
    assert dialog.accept_button.isHidden()
    assert len(tagger.values("form")) == before
    dialog.close()
    tagger.wait()


def test_what_new_items_lack(tagger, driver) -> None:
    workspace = driver.window.controller.workspace
    lacking = {driver.number(f"p{number:03d}"): f"p{number:03d}" for number in range(4)}
    for attribute in ("shape", "colour"):
        changes = [ValueChange(item, attribute, ()) for item in lacking]
        workspace.decisions.apply("clear", "gaps", values=changes)
    driver.key(KEY.Key_N, CONTROL | Qt.KeyboardModifier.AltModifier)
    page = tagger.mode.new_items
    driver.until(lambda: len(page.gaps) == 8)
    driver.idle()
    first = next(iter(lacking))
    page.gaps[first, "shape"].setFocus()
    driver.key(KEY.Key_X)
    assert "rejected" in page.gaps[first, "shape"].accessibleName()
    driver.key(KEY.Key_Return)
    driver.until(lambda: len(page.gaps) == 6)
    driver.idle()
    assert lacking[first] not in tagger.values("shape")
    assert lacking[first] in tagger.values("colour")
    driver.qtbot.mouseClick(page.columns["colour"], LEFT)
    driver.until(lambda: list(page.columns) == ["shape"])
    driver.idle()
    driver.key(KEY.Key_Backspace)
    driver.until(lambda: list(page.columns) == ["shape", "colour"])
    driver.idle()
    other = next(item for item, _ in page.gaps if item != first)
    gap = page.gaps[other, "shape"]
    value = gap.missing.others[0][0]
    gap.choose(*gap.missing.others[0])
    driver.qtbot.mouseClick(page.rows[other], LEFT)
    driver.until(lambda: (other, "shape") not in page.gaps)
    driver.idle()
    assert tagger.values("shape")[lacking[other]] == value


@pytest.mark.parametrize("count", [1, 3, 24, 60])
def test_a_page_fits_into_the_room(count: int) -> None:
    for room in (QSize(1248, 540), QSize(300, 200), QSize(2400, 1300)):
        columns, side = arrange(count, room)
        rows = -(-count // columns)
        assert columns * side <= room.width()
        assert rows * side <= room.height()
    assert capacity(QSize(1248, 560)) == 24
    assert capacity(QSize(10, 10)) == 4


def test_pace_leaves_breaks_out() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0])
    assert pace.per_minute is None
    now[0] = 10.0
    pace.note(20)
    assert pace.per_minute == 120
    now[0] = 100.0
    pace.begin()
    now[0] = 110.0
    pace.note(20)
    assert pace.per_minute == 120


def test_the_first_page_tells_examples_from_the_selection_and_leads_to_auto_tagging(driver) -> None:
    from visualsearch.ui.autotag.dialog import AutoTagDialog

    for item_id in ("p000", "p009"):
        driver.click_sign(item_id, 1)
    gallery = driver.window.area.gallery
    gallery.set_current_item(driver.number("p018"))
    gallery.setFocus()
    driver.key(Qt.Key.Key_Space)
    assert gallery.selected_items().tolist() == [driver.number("p018")]
    driver.window.modes.switch("tag")
    driver.idle()
    chooser = driver.window.modes["tag"].chooser
    assert chooser.from_examples.text() == "The examples that you picked (2) and the selection (1)"
    driver.qtbot.mouseClick(chooser.also_here.buttons["autotag"], LEFT)
    dialog = driver.window.findChild(AutoTagDialog)
    assert dialog is not None
    driver.idle()
    dialog.close()


def test_the_first_page_leads_to_packets(driver) -> None:
    from visualsearch.ui.packets.sending import SendDialog

    driver.window.modes.switch("tag")
    driver.idle()
    buttons = driver.window.modes["tag"].chooser.also_here.buttons
    assert {"packet_judge", "packet_merge"} < set(buttons)
    driver.qtbot.mouseClick(buttons["packet_send"], LEFT)
    driver.until(lambda: driver.window.findChild(SendDialog) is not None)
    driver.window.findChild(SendDialog).close()


def imported_elsewhere(drawn_products: Path, catalog: Path, folder: Path) -> None:
    """Another process imports a table with another attribute and without the last ten items."""
    lines = (drawn_products / "products.csv").read_text("utf-8").splitlines()[:81]
    table = folder / "products.csv"
    table.write_text(
        "\n".join([f"{lines[0]},sleeve", *(f"{line},long" for line in lines[1:])]) + "\n", "utf-8"
    )
    with Workspace.open(catalog) as other:
        other.import_all(ImportRequest(drawn_products, table), JobControl())


def test_a_catalog_that_is_imported_elsewhere_meanwhile_is_tagged_on(
    tagger, driver, drawn_products: Path, catalog: Path, tmp_path: Path
) -> None:
    tagger.start()
    tagger.wait()
    imported_elsewhere(drawn_products, catalog, tmp_path)
    pages = [tagger.ids()]
    for _ in range(2):
        tagger.key(KEY.Key_Return)
        tagger.wait()
        pages.append(tagger.ids())
    answered = [one for page in pages for one in page]
    assert len(set(answered)) == len(answered), "what was answered is not asked again"
    assert not set(pages[1] + pages[2]) & {f"p{number:03d}" for number in range(80, 90)}
