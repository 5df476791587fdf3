"""Work packets in the window: sent, judged and merged, by keyboard alone and by mouse alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog

from tests.ui.conftest import Gate
from visualsearch.attributes.packet_format import read_packet
from visualsearch.attributes.packets import PacketRequest
from visualsearch.jobs import JobControl
from visualsearch.ui import edits
from visualsearch.ui.packets.feature import WorkPackets
from visualsearch.ui.packets.judging import JudgeDialog
from visualsearch.ui.packets.merging import MergeDialog
from visualsearch.ui.packets.sending import SendDialog
from visualsearch.workspace import Workspace

KEY, LEFT = Qt.Key, Qt.MouseButton.LeftButton
CHORD = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


class Person:
    """Somebody at the window."""

    def __init__(self, driver, monkeypatch: pytest.MonkeyPatch) -> None:
        self.driver, self.window, self.qtbot = driver, driver.window, driver.qtbot
        self.feature = self.window.findChild(WorkPackets)
        self._monkeypatch = monkeypatch

    @property
    def workspace(self) -> Workspace:
        return self.window.controller.workspace

    def choose(self, *files: Path) -> None:
        """What the file dialogs answer."""
        one, many = (str(files[0]), ""), ([str(file) for file in files], "")
        for name, answer in (("getOpenFileName", one), ("getSaveFileName", one), ("getOpenFileNames", many)):
            self._monkeypatch.setattr(QFileDialog, name, lambda *_, found=answer: found)

    def open(self, key: Qt.Key, kind: type):
        """A dialog by its shortcut."""
        self.window.activateWindow()
        self.driver.until(self.window.isActiveWindow)
        self.driver.key(key, CHORD)
        self.driver.until(lambda: isinstance(self.feature.dialog, kind) and self.feature.dialog.isVisible())
        return self.feature.dialog

    def open_by_menu(self, name: str, kind: type):
        """A dialog by the menu, as a click does it."""
        self.window.actions_[name].trigger()
        self.driver.until(lambda: isinstance(self.feature.dialog, kind) and self.feature.dialog.isVisible())
        return self.feature.dialog

    def press(self, dialog, *keys: Qt.Key) -> None:
        """Keys where the focus is, each after the answer to the one before."""
        for key in keys:
            self.ready(dialog)
            self.qtbot.keyClick(dialog.focusWidget() or dialog, key)
        self.ready(dialog)

    def ready(self, dialog) -> None:
        self.driver.until(lambda: not getattr(dialog, "is_busy", False) and not self.window.undoing.is_busy)
        self.driver.idle()

    def click(self, widget) -> None:
        self.qtbot.mouseClick(widget, LEFT)

    def closed(self, dialog) -> None:
        dialog.close()
        self.driver.until(lambda: self.feature.dialog is None)

    def values(self, attribute: str, ids: list[str]) -> list[tuple]:
        return [self.driver.values(id, attribute) for id in ids]


@pytest.fixture
def person(driver, monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(driver, monkeypatch)


def packet_of(person: Person, request: PacketRequest, file: Path) -> list[str]:
    packet = person.workspace.packets.make(request, file, JobControl())
    return [one.id for one in packet.items]


def answers_of(catalog: Path, packet: Path, name: str, answers: dict[str, str]) -> Path:
    """Somebody else's answers, given on a copy of the catalog."""
    copy = Path(shutil.copytree(catalog, packet.with_name(f"of {name}")))
    file = packet.with_name(f"{name}.answers")
    with Workspace.open(copy) as workspace:
        read = read_packet(packet)
        workspace.packets.answer(read, answers, JobControl(), name)
        workspace.packets.collect(read, name, file, JobControl())
    return file


def test_a_packet_is_sent_by_keyboard_alone(person: Person, tmp_path: Path) -> None:
    file = tmp_path / "discs.packet"
    person.window.controller.edit(lambda query: edits.add_condition(query, "shape=disc"))
    person.driver.idle()
    shown = person.driver.ids()
    dialog = person.open(KEY.Key_S, SendDialog)
    assert not dialog.ok.isEnabled(), "a suggestion needs a value"
    dialog.queue.setFocus()
    person.press(dialog, KEY.Key_Down)
    assert dialog.queue.currentData() == "shown"
    dialog.attribute.setFocus()
    dialog.attribute.lineEdit().selectAll()
    person.qtbot.keyClicks(dialog.attribute, "colour")
    dialog.file.setFocus()
    dialog.file.selectAll()
    person.qtbot.keyClicks(dialog.file, str(file.with_suffix("")))
    assert "which colour is right" in dialog.said.text()
    person.press(dialog, KEY.Key_Return)
    person.driver.until(lambda: file.exists() and person.window.banner.isVisible())
    assert "Photos in discs.packet: 30." in person.window.banner.message.text()
    packet = read_packet(file)
    assert [one.id for one in packet.items] == shown
    assert (packet.about.queue, packet.about.attribute) == ("items", "colour")


def test_a_packet_is_sent_by_mouse_alone(person: Person, tmp_path: Path) -> None:
    file = tmp_path / "two.packet"
    person.driver.select("p003", "p001")
    dialog = person.open_by_menu("packet_send", SendDialog)
    dialog.queue.setCurrentIndex(dialog.queue.findData("selected"))
    dialog.attribute.setCurrentText("colour")
    dialog.value.setText("pink")
    person.choose(file)
    person.click(dialog.choose)
    assert dialog.file.text() == str(file)
    person.click(dialog.ok)
    person.driver.until(lambda: file.exists() and person.window.banner.isVisible())
    packet = read_packet(file)
    assert sorted(one.id for one in packet.items) == ["p001", "p003"]
    assert (packet.about.queue, packet.about.value) == ("suggestions", "pink")
    dialog = person.open_by_menu("packet_send", SendDialog)
    dialog.file.setText(str(file))
    dialog.value.setText("red")
    person.click(dialog.ok)
    person.driver.until(lambda: "is there already" in dialog.said.text())
    assert read_packet(file).about.value == "pink"


def test_pages_of_a_packet_are_judged_by_keyboard_and_gone_on_with_later(
    person: Person, tmp_path: Path
) -> None:
    file, answers = tmp_path / "pink.packet", tmp_path / "pink.answers"
    items = tuple(person.driver.number(f"p{number:03d}") for number in range(40))
    ids = packet_of(person, PacketRequest(suggest="mood=warm", items=items), file)
    person.choose(file)
    dialog = person.open(KEY.Key_J, JudgeDialog)
    person.ready(dialog)
    assert dialog.title.text() == "Is it mood = warm?"
    first = [one.asked.id for one in dialog.page]
    assert first == ids[: len(first)]
    assert 4 <= len(first) < 40
    person.press(dialog, KEY.Key_X, KEY.Key_Right, KEY.Key_U, KEY.Key_Return)
    assert f"{len(first)} of 40 judged" in dialog.progress.text()
    assert person.values("mood", first[:4]) == [(), (), ("warm",), ("warm",)]
    assert dialog.page[0].asked.id == ids[len(first)]
    person.closed(dialog)
    dialog = person.open(KEY.Key_J, JudgeDialog)
    person.ready(dialog)
    assert f"{len(first)} of 40 judged" in dialog.progress.text(), "what was answered is kept"
    person.press(dialog, KEY.Key_Backspace)
    person.driver.until(lambda: "0 of 40 judged" in dialog.progress.text())
    assert person.values("mood", first[:4]) == [()] * 4
    person.press(dialog, KEY.Key_X, KEY.Key_Right, KEY.Key_U, KEY.Key_Return, KEY.Key_Backspace)
    person.driver.until(lambda: "0 of 40 judged" in dialog.progress.text())
    marks = {tile.id: tile.mark for tile in dialog.grid.shown() if tile.mark}
    assert marks == {first[0]: "no", first[1]: "unsure"}, "the page comes back as it was marked"
    while dialog.page:
        person.press(dialog, KEY.Key_Return)
    assert "All is judged" in dialog.over.text()
    person.choose(answers)
    dialog.name.setText("Anna")
    person.qtbot.keyClick(dialog, KEY.Key_S, Qt.KeyboardModifier.ControlModifier)
    person.driver.until(answers.exists)
    person.ready(dialog)
    assert "40 of 40 answers" in dialog.said.text()
    assert json.loads(answers.read_text("utf-8"))["judge"] == "Anna"
    person.closed(dialog)


def test_a_page_of_a_packet_is_a_step_of_its_own_though_the_dialog_is_closed_at_once(
    person: Person, tmp_path: Path
) -> None:
    file, items = tmp_path / "pink.packet", (person.driver.number("p000"), person.driver.number("p001"))
    packet_of(person, PacketRequest(suggest="mood=warm", items=items), file)
    person.choose(file)
    dialog = person.open(KEY.Key_J, JudgeDialog)
    person.ready(dialog)
    gate = Gate(person.driver)
    person.qtbot.keyClick(dialog.focusWidget(), KEY.Key_Return)
    dialog.close()
    gate.open()
    person.driver.idle()
    assert person.values("mood", ["p000", "p001"]) == [("warm",)] * 2
    assert person.driver.window.controller.results.facets["mood"] == {"warm": 2}
    person.window.actions_["undo"].trigger()
    person.driver.until(lambda: person.values("mood", ["p000", "p001"]) == [()] * 2)
    person.driver.idle()


def test_a_packet_about_an_attribute_is_judged_by_mouse_and_by_key(person: Person, tmp_path: Path) -> None:
    file = tmp_path / "colours.packet"
    items = tuple(person.driver.number(f"p{number:03d}") for number in range(4))
    a, b, c, d = packet_of(person, PacketRequest(attribute="colour", items=items), file)
    person.choose(file)
    dialog = person.open_by_menu("packet_judge", JudgeDialog)
    person.ready(dialog)
    before = person.values("colour", [a, b, c, d])
    assert dialog.one.take.isHidden(), "nothing is suggested"
    person.click(dialog.one.keep)
    person.ready(dialog)
    person.click(dialog.one.unsure)
    person.ready(dialog)
    person.press(dialog, KEY.Key_E)
    person.qtbot.keyClicks(dialog.focusWidget(), "violet")
    person.press(dialog, KEY.Key_Return, KEY.Key_Return)  # nothing is violet yet
    assert person.values("colour", [a, b, c, d]) == [*before[:2], ("violet",), before[3]]
    assert "3 of 4 judged" in dialog.progress.text()
    person.click(dialog.back)
    person.driver.until(lambda: "2 of 4 judged" in dialog.progress.text())
    person.ready(dialog)
    assert person.values("colour", [c]) == [before[2]]
    person.press(dialog, KEY.Key_K, KEY.Key_K)
    assert "All is judged" in dialog.over.text()
    person.closed(dialog)


@pytest.mark.parametrize("by", ["keyboard", "mouse"])
def test_answers_are_merged_as_one_step(person: Person, catalog: Path, tmp_path: Path, by: str) -> None:
    packet = tmp_path / "colours.packet"
    items = tuple(person.driver.number(f"p{number:03d}") for number in range(5))
    a, b, c, d, _ = packet_of(person, PacketRequest(attribute="colour", items=items), packet)
    before = person.values("colour", [a, b, c, d])
    files = [
        answers_of(catalog, packet, "Anna", {a: "pink", b: "white", c: "grey", d: "teal"}),
        answers_of(catalog, packet, "Bert", {a: "pink", b: "black", c: "lime", d: "keep"}),
    ]
    person.choose(*files)
    dialog = (
        person.open(KEY.Key_M, MergeDialog)
        if by == "keyboard"
        else person.open_by_menu("packet_merge", MergeDialog)
    )
    person.driver.until(lambda: bool(dialog.choices))
    assert "Anna and Bert agree on 25 % of 4 photos (Cohen's κ" in dialog.summary.text()
    texts = [button.text() for button in dialog.choices]
    assert texts[0] == "Anna: colour → white (1)"
    assert texts[1] == "Bert: colour → black (2)"
    assert texts[2].startswith("As it is here now: colour: ")
    assert "In the packet it was colour" in dialog.why.text()
    if by == "keyboard":
        person.press(dialog, KEY.Key_1, KEY.Key_Left, KEY.Key_2, KEY.Key_Right, KEY.Key_H)
    else:
        person.click(dialog.choices[0])
        person.click(dialog.back)
        person.click(dialog.choices[1])
        person.click(dialog.next)
        person.click(dialog.choices[2])
    assert dialog.chosen == {b: "Bert", d: "here"}
    assert dialog.apply.text() == "&Apply answers: 2; conflicts left open: 1"
    assert person.values("colour", [a, b, c, d]) == before, "nothing is written before Apply"
    if by == "keyboard":
        person.press(dialog, KEY.Key_Return)
    else:
        person.click(dialog.apply)
    person.driver.until(lambda: person.feature.dialog is None)
    person.driver.idle()
    assert person.values("colour", [a, b, c, d]) == [("pink",), ("black",), *before[2:]]
    (done,) = person.workspace.decisions.history(kind="import-decisions")
    assert done.label == "Anna, Bert decided about colour (items: 2)"
    assert "Conflicts still open: 1." in person.window.banner.message.text()
    person.window.activateWindow()
    person.driver.until(person.window.isActiveWindow)
    person.driver.key(KEY.Key_Z, Qt.KeyboardModifier.ControlModifier)
    person.driver.until(lambda: person.values("colour", [a, b, c, d]) == before)
    person.driver.idle()


def test_files_of_no_use_are_told(person: Person, tmp_path: Path) -> None:
    file = tmp_path / "odd.packet"
    file.write_text("{}", "utf-8")
    person.choose(file)
    person.window.actions_["packet_judge"].trigger()
    person.driver.until(lambda: "is no work packet" in person.window.banner.message.text())
    dialog = person.open_by_menu("packet_merge", MergeDialog)
    person.driver.until(lambda: "is no file of decisions" in dialog.said.text())
    assert not dialog.apply.isEnabled()
    person.closed(dialog)


def test_what_could_not_be_applied_can_be_tried_again(person: Person, catalog: Path, tmp_path: Path) -> None:
    packet = tmp_path / "colours.packet"
    (first,) = packet_of(
        person, PacketRequest(attribute="colour", items=(person.driver.number("p000"),)), packet
    )
    file = answers_of(catalog, packet, "Anna", {first: "pink"})
    person.choose(file)
    dialog = person.open_by_menu("packet_merge", MergeDialog)
    person.driver.until(dialog.apply.isEnabled)
    kept = file.read_bytes()
    file.write_text("{}", "utf-8")
    person.click(dialog.apply)
    person.driver.until(lambda: "is no file of decisions" in dialog.said.text())
    assert dialog.apply.isEnabled()
    file.write_bytes(kept)
    person.click(dialog.apply)
    person.driver.until(lambda: person.feature.dialog is None)
    person.driver.until(lambda: person.values("colour", [first]) == [("pink",)])


def test_a_double_click_settles_only_the_conflict_that_was_seen(
    person: Person, catalog: Path, tmp_path: Path
) -> None:
    packet = tmp_path / "colours.packet"
    items = tuple(person.driver.number(f"p{number:03d}") for number in range(2))
    a, b = packet_of(person, PacketRequest(attribute="colour", items=items), packet)
    person.choose(
        answers_of(catalog, packet, "Anna", {a: "pink", b: "white"}),
        answers_of(catalog, packet, "Bert", {a: "lime", b: "black"}),
    )
    dialog = person.open_by_menu("packet_merge", MergeDialog)
    person.driver.until(lambda: bool(dialog.choices))
    person.click(dialog.choices[0])
    person.driver.until(lambda: dialog.place == 1)
    person.qtbot.mouseDClick(dialog.choices[0], LEFT)  # the second click of the same double click
    assert dialog.chosen == {a: "Anna"}
    person.closed(dialog)


def test_the_folder_that_is_offered_is_there(
    person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = str(tmp_path / "no" / "Documents")
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda _kind: gone)
    dialog = person.open(KEY.Key_S, SendDialog)
    assert Path(dialog.file.text()).parent.is_dir()
    person.closed(dialog)


def test_the_key_of_a_label_leads_to_its_line(person: Person) -> None:
    dialog = person.open(KEY.Key_S, SendDialog)
    person.driver.until(dialog.isActiveWindow)
    person.qtbot.keyClick(dialog, KEY.Key_I, Qt.KeyboardModifier.AltModifier)
    person.driver.until(dialog.file.hasFocus)
    person.closed(dialog)


def test_what_was_judged_in_a_packet_leaves_the_page_in_tag(person: Person, tmp_path: Path) -> None:
    packet = tmp_path / "discs.packet"
    for item_id in ("p000", "p009"):
        person.driver.click_sign(item_id, 1)
    person.window.actions_["tag_like"].trigger()
    person.driver.idle()
    mode = person.window.modes["tag"]
    mode.chooser.attribute.setEditText("form")
    mode.chooser.value.setEditText("round")
    person.click(mode.chooser.start)
    person.driver.until(lambda: mode.desk.sheet is not None and not mode.desk.is_busy)
    asked = packet_of(person, PacketRequest(suggest="form=round", limit=4), packet)
    assert set(asked) & {tile.id for tile in mode.bench.grid.shown()}
    person.choose(packet)
    dialog = person.open_by_menu("packet_judge", JudgeDialog)
    person.driver.until(lambda: len(dialog.page) == len(asked))
    person.press(dialog, KEY.Key_Return)
    assert "All is judged" in dialog.over.text()
    person.closed(dialog)
    person.driver.until(lambda: not set(asked) & {tile.id for tile in mode.bench.grid.shown()})
    person.ready(mode.desk)


def test_a_value_that_nothing_has_takes_a_second_enter(person: Person, tmp_path: Path) -> None:
    file, items = tmp_path / "colours.packet", (person.driver.number("p000"),)
    packet_of(person, PacketRequest(attribute="colour", items=items), file)
    person.choose(file)
    dialog = person.open(KEY.Key_J, JudgeDialog)
    person.ready(dialog)
    person.press(dialog, KEY.Key_E)
    person.qtbot.keyClicks(dialog.one.value.line, "bluee")
    person.qtbot.keyClick(dialog.one.value.line, KEY.Key_Return)
    person.ready(dialog)
    assert "No item has the value “bluee” yet" in dialog.one.value.error.text()
    assert "0 of 1 judged" in dialog.progress.text()
    person.qtbot.keyClick(dialog.one.value.line, KEY.Key_Return)
    person.driver.until(lambda: "1 of 1 judged" in dialog.progress.text())
    person.ready(dialog)
    assert person.values("colour", ["p000"]) == [("bluee",)]
