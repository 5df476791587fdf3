"""A filter's threshold as a precision, in a real window: by mouse and by keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt

from visualsearch.filters.judged import JudgedFilters
from visualsearch.filters.query import Look, Query
from visualsearch.ui import edits
from visualsearch.ui.demo import Person
from visualsearch.ui.precision.feature import Precision
from visualsearch.ui.saved_filters.feature import SavedFilters
from visualsearch.ui.session import session_file
from visualsearch.ui.session_format import Place, Session
from visualsearch.workspace import Workspace

NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def feature(driver) -> Precision:
    return driver.window.findChild(Precision)


def measured(driver, feature: Precision) -> None:
    """Wait until the strip shows what belongs to the query on screen."""
    window = driver.window  # an undo that has ended asks the query again, and only its answer has it measured
    driver.until(lambda: window.controller.is_settled and feature.is_settled and window.background.is_idle)


@pytest.fixture
def discs(driver, feature):
    """Three discs in the tray, the first estimate on screen."""
    driver.window.intake.items([driver.number(name) for name in ("p000", "p009", "p018")], 1)
    measured(driver, feature)
    return driver


def test_a_picture_of_the_demo_waits_for_the_estimate(driver, feature, tmp_path):
    person = Person(driver.window, tmp_path, lambda _line: None)
    for number in range(3):
        person.plus(number)
        person.until(person.is_painted)
        assert feature.strip.gauge is not None


def answer(driver, feature, count: int, wanted=None) -> dict[str, str]:
    """Answer as somebody who means discs, by keyboard; what was answered, by id."""
    dialog = feature.dialog
    assert dialog is not None
    driver.until(lambda: dialog.item >= 0)
    given = {}
    for _ in range(count):
        (item_id,) = driver.window.controller.workspace.ids_of([dialog.item])
        is_disc = int(item_id[1:]) % 3 == 0
        given[item_id] = "yes" if is_disc else "no"
        driver.qtbot.keyClick(dialog.judge, Qt.Key.Key_Y if is_disc else Qt.Key.Key_N)
    return given


def by_id(driver, answers: dict[int, str]) -> dict[str, str]:
    workspace: Workspace = driver.window.controller.workspace
    return dict(zip(workspace.ids_of(list(answers)), answers.values(), strict=True))


def test_nothing_is_measured_while_the_tray_is_empty(driver, feature, monkeypatch):
    asked = []
    monkeypatch.setattr(JudgedFilters, "gauge", lambda *arguments: asked.append(arguments))
    driver.window.bar.text.setText("linen")
    driver.window.bar.text.textEdited.emit("linen")
    driver.idle()
    assert not feature.strip.isVisible()
    assert not feature.look.isVisible()
    assert not driver.window.actions_["judge"].isEnabled()
    assert feature.judge() is None
    assert asked == []


def test_before_any_answer_it_says_that_it_is_a_guess(discs, feature):
    assert feature.strip.isVisible()
    assert feature.strip.label.text().startswith("A guess: ")
    gauge = feature.strip.gauge
    assert gauge is not None
    assert len(gauge.histogram.positives) == 3
    assert gauge.counts[feature.strip.histogram.row] == discs.total
    assert "examples" in feature.strip.label.toolTip()
    discs.window.commands.clear()
    discs.idle()
    assert not feature.strip.isVisible()
    assert feature.strip.gauge is None


def test_the_cut_moves_by_keys_and_by_mouse_with_slider_and_results(discs, feature):
    histogram, tray = feature.strip.histogram, discs.window.tray
    histogram.setFocus()
    before = discs.total
    for _ in range(12):
        discs.key(Qt.Key.Key_Right)
    measured(discs, feature)
    gauge = feature.strip.gauge
    assert discs.total < before
    assert gauge.counts[histogram.row] == discs.total
    assert not tray.narrow.auto.isChecked()
    assert tray.narrow.slider.value() == round(100 * gauge.narrow[histogram.row])
    discs.key(Qt.Key.Key_Home)
    assert discs.total == 87
    x = round(histogram.x_of(float(gauge.scores[60])))
    end = round(histogram.x_of(float(gauge.scores[75])))
    discs.qtbot.mousePress(histogram, Qt.MouseButton.LeftButton, pos=QPoint(x, 10))
    discs.qtbot.mouseMove(histogram, QPoint(end, 10))
    assert histogram.is_dragging
    discs.qtbot.mouseRelease(histogram, Qt.MouseButton.LeftButton, pos=QPoint(end, 10))
    measured(discs, feature)
    assert discs.total == gauge.counts[histogram.row] < 20
    discs.window.controller.back()
    assert discs.total == 87  # the drag was one step


def test_the_slider_moves_the_cut(discs, feature):
    discs.window.tray.narrow.slider.setValue(90)
    measured(discs, feature)
    gauge = feature.strip.gauge
    assert gauge.narrow[feature.strip.histogram.row] == pytest.approx(0.9)
    assert gauge.counts[feature.strip.histogram.row] == discs.total


@pytest.mark.parametrize("back", [(Qt.Key.Key_Backspace, NONE), (Qt.Key.Key_Z, CONTROL)])
def test_judging_by_keyboard_makes_the_estimate_and_can_be_taken_back(discs, feature, back):
    discs.window.area.gallery.setFocus()
    discs.key(Qt.Key.Key_J)
    dialog = feature.dialog
    assert dialog is not None
    given = answer(discs, feature, 3)
    measured(discs, feature)
    assert feature.strip.gauge.judged == 3
    assert dialog.label.text().startswith("About ")
    last = dialog.items[2]
    dialog.activateWindow()
    discs.qtbot.keyClick(dialog.judge, *back)
    assert dialog.item == last
    measured(discs, feature)
    assert feature.strip.gauge.judged == 2
    discs.qtbot.keyClick(dialog.judge, Qt.Key.Key_U)
    measured(discs, feature)
    assert feature.strip.gauge.judged == 2
    given |= answer(discs, feature, 7)
    assert dialog.item == -1
    assert dialog.more.hasFocus()
    first = dialog.items
    discs.qtbot.keyClick(dialog.more, Qt.Key.Key_Return)
    discs.until(lambda: dialog.item >= 0)
    assert not set(first) & set(dialog.items)  # neither those nor the unsure one
    discs.qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    measured(discs, feature)
    assert feature.dialog is None
    assert feature.strip.label.text().startswith("About ")
    kept = by_id(discs, feature.answers_of(discs.window.controller.query))
    assert len(kept) == 9
    assert kept.items() <= given.items()


def test_judging_by_mouse_in_any_order(discs, feature):
    discs.qtbot.mouseClick(feature.strip.judge, Qt.MouseButton.LeftButton)
    dialog = feature.dialog
    discs.until(lambda: dialog.item >= 0)
    third = dialog.items[2]
    spot = dialog.picks.rect_of(third).center().toPoint()
    discs.qtbot.mouseClick(dialog.picks, Qt.MouseButton.LeftButton, pos=spot)
    assert dialog.item == third
    assert not dialog.back.isEnabled()
    discs.qtbot.mouseClick(dialog.judge.buttons["right"], Qt.MouseButton.LeftButton)
    assert dialog.item == dialog.items[3]
    discs.qtbot.mouseClick(dialog.back, Qt.MouseButton.LeftButton)
    assert dialog.item == third
    discs.qtbot.mouseClick(dialog.done_button, Qt.MouseButton.LeftButton)
    measured(discs, feature)
    assert feature.dialog is None
    assert feature.answers_of(discs.window.controller.query) == {}


def test_steps_of_wanted_precision(discs, feature):
    feature.judge()
    for _ in range(3):
        answer(discs, feature, 10)
        discs.qtbot.keyClick(feature.dialog.more, Qt.Key.Key_Return)
    answer(discs, feature, 10)
    feature.dialog.accept()
    measured(discs, feature)
    strip = feature.strip
    discs.qtbot.mouseClick(strip.steps[0.8], Qt.MouseButton.LeftButton)
    measured(discs, feature)
    row = strip.gauge.row_for(0.8)
    assert strip.histogram.row == row
    assert strip.steps[0.8].isChecked()
    assert discs.total == strip.gauge.counts[row]
    shown = discs.ids()
    right = sum(int(item_id[1:]) % 3 == 0 for item_id in shown) / len(shown)
    assert right >= 0.6
    strip.histogram.setFocus()
    discs.key(Qt.Key.Key_Home)
    discs.key(Qt.Key.Key_Right, SHIFT)
    measured(discs, feature)
    assert strip.histogram.row == row
    discs.key(Qt.Key.Key_Left, SHIFT)
    assert strip.histogram.row == row


def test_other_examples_have_other_answers_and_these_come_back(discs, feature):
    feature.judge()
    answer(discs, feature, 4)
    feature.dialog.accept()
    measured(discs, feature)
    discs.window.intake.items([discs.number("p027")], 1)
    measured(discs, feature)
    assert feature.strip.gauge.guess
    discs.window.controller.back()
    measured(discs, feature)
    assert feature.strip.gauge.judged == 4


def test_answers_hold_under_more_conditions_and_not_under_fewer(discs, feature):
    edit = discs.window.controller.edit
    edit(lambda query: edits.add_condition(query, "price>20"))
    measured(discs, feature)
    feature.judge()
    answer(discs, feature, 5)
    feature.dialog.accept()
    measured(discs, feature)
    edit(lambda query: edits.add_condition(query, "price<80"))
    measured(discs, feature)
    assert 0 < feature.strip.gauge.judged <= 5
    edit(lambda query: edits.remove_condition(query, "price>20"))
    measured(discs, feature)
    assert feature.strip.gauge.guess


def test_judging_can_be_called_off_before_there_are_photos(discs, feature):
    first = feature.judge()
    first.reject()
    feature.judge()
    discs.until(lambda: feature.dialog.item >= 0)
    measured(discs, feature)
    assert first.items == []


def test_answers_without_a_name_survive_a_crash(discs, feature, make_window, catalog):
    feature.judge()
    given = answer(discs, feature, 4)
    unsure = feature.dialog.item
    discs.qtbot.keyClick(feature.dialog.judge, Qt.Key.Key_U)
    discs.until(lambda: session_file().exists() and f'"{unsure}": "unsure"' in session_file().read_text())
    kept = session_file().read_text()
    feature.dialog.accept()
    measured(discs, feature)
    query = discs.window.controller.query
    discs.window.close()  # writes, too: what a crash leaves behind is put back
    session_file().write_text(kept)

    again = make_window()
    again.window.catalogs.open(catalog)
    again.until(lambda: len(again.window.tray.positive.thumbs()) == 3)
    feature = again.window.findChild(Precision)
    again.until(lambda: feature.strip.gauge is not None and feature.strip.gauge.judged == 4)
    assert by_id(again, feature.answers_of(query)) == given
    feature.judge()
    again.until(lambda: feature.dialog.item >= 0)
    assert unsure not in feature.dialog.items


def test_answers_are_saved_with_the_filter_and_further_ones_are_decisions(discs, feature):
    window, workspace = discs.window, discs.window.controller.workspace
    feature.judge()
    first = answer(discs, feature, 4)
    feature.dialog.accept()
    saved = window.findChild(SavedFilters)
    dialog = saved.save()
    dialog.name.setText("discs")
    discs.qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    discs.until(lambda: saved.panel.names() == ["discs"])
    measured(discs, feature)
    assert by_id(discs, workspace.filters.judgements("discs")) == first
    assert feature.strip.gauge.judged == 4
    feature.judge()
    more = answer(discs, feature, 2)
    discs.until(lambda: len(workspace.filters.judgements("discs")) == 6)
    measured(discs, feature)
    assert by_id(discs, workspace.filters.judgements("discs")) == first | more
    discs.qtbot.keyClick(feature.dialog.judge, Qt.Key.Key_Backspace)
    discs.until(lambda: len(workspace.filters.judgements("discs")) == 5)
    feature.dialog.accept()
    measured(discs, feature)
    assert feature.strip.gauge.judged == 5
    window.actions_["undo"].trigger()
    discs.until(lambda: by_id(discs, workspace.filters.judgements("discs")) == first)
    measured(discs, feature)
    assert feature.strip.gauge.judged == 4
    window.commands.clear()
    measured(discs, feature)
    saved.open("discs")
    discs.until(lambda: len(window.tray.positive.thumbs()) == 3)
    measured(discs, feature)
    assert feature.strip.gauge.judged == 4


def test_three_ways_of_looking(discs, feature):
    likely = discs.ids()
    assert feature.look.isVisible()
    assert feature.look.buttons["likely"].isChecked()
    discs.qtbot.mouseClick(feature.look.buttons["useful"], Qt.MouseButton.LeftButton)
    useful = discs.ids()
    assert sorted(useful) == sorted(likely)
    assert useful != likely
    assert feature.look.buttons["useful"].isChecked()
    assert not feature.look.buttons["likely"].isChecked()
    discs.window.actions_["look_random"].trigger()
    random = discs.ids()
    assert sorted(random) == sorted(likely)
    assert random not in (likely, useful)
    discs.window.actions_["look_random"].trigger()
    assert discs.ids() != random
    assert discs.window.controller.query.look == Look("random", 1)
    feature.look.buttons["likely"].setFocus()
    discs.key(Qt.Key.Key_Space)
    assert discs.ids() == likely


def test_an_attribute_that_orders_releases_the_switch(discs, feature):
    bar = discs.window.bar
    bar.sort.setCurrentIndex(bar.sort.findData("price"))
    bar.sort.activated.emit(bar.sort.currentIndex())
    discs.settle()
    assert not any(button.isChecked() for button in feature.look.buttons.values())
    feature.look.want("useful")
    discs.settle()
    assert bar.sort.currentData() == "relevance"
    assert feature.look.buttons["useful"].isChecked()
    discs.window.commands.clear()
    measured(discs, feature)
    assert not feature.look.isVisible()
    assert discs.window.controller.query.look == Look()


@pytest.mark.parametrize("look", [Look(), Look("useful"), Look("random", 7)])
def test_the_way_of_looking_comes_back_with_the_session(look):
    places = {"/a": Place([Query(look=look)])}
    assert Session.from_text(Session("/a", places).to_text()).places == places
    odd = Session("/a", places).to_text().replace(f'"{look.by}"', '"odd"')
    with pytest.raises(ValueError, match="way of looking"):
        Session.from_text(odd)


def test_conditions_that_leave_nothing_say_so(discs, feature):
    discs.window.controller.edit(lambda query: edits.add_condition(query, "price>100000"))
    measured(discs, feature)
    assert "Nothing to estimate" in feature.strip.label.text()
    assert not any(button.isEnabled() for button in feature.strip.steps.values())
    dialog = feature.judge()
    discs.until(lambda: "nothing more to judge" in dialog.judge.question.text())
    assert dialog.done_button.hasFocus()
    dialog.accept()
    discs.idle()


def test_a_narrow_window_is_not_held_wide(discs, feature):
    wide = discs.window.minimumSizeHint().width()
    feature.strip.hide()
    assert discs.window.minimumSizeHint().width() == wide
    feature.strip.show()
    feature.strip.resize(500, 44)
    assert not feature.strip.steps[0.8].isVisible()
    assert feature.strip.histogram.isVisible()
    feature.strip.resize(400, 44)
    assert not feature.strip.histogram.isVisible()


def test_the_switch_says_less_beside_a_narrow_grid(discs, feature):
    button, area = feature.look.buttons["useful"], discs.window.area
    assert button.text() == "most useful to judge"
    area.resize(500, 400)
    assert button.text() == "useful"
    area.resize(800, 400)
    assert button.text() == "most useful to judge"


def test_tab_reaches_every_part(discs, feature):
    reached, start = set(), discs.window.tray.narrow.slider
    start.setFocus()
    for _ in range(40):
        reached.add(discs.window.focusWidget())
        discs.window.focusNextChild()
    assert {feature.strip.histogram, feature.strip.judge, feature.look.buttons["random"]} <= reached
