"""Auto tagging in the window, by keyboard and by mouse: learn, look, tick, judge a sample, accept, undo."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt

from tests.ui.conftest import Driver
from visualsearch.catalog.decisions import BulkValues
from visualsearch.ui.autotag.dialog import AutoTagDialog
from visualsearch.ui.autotag.table import VALUE, interval_text
from visualsearch.ui.certifying.dialog import CertifyDialog
from visualsearch.workspace import Workspace

SHAPES = ("disc", "box", "cross")


@pytest.fixture
def gaps(imported_products: Path, tmp_path: Path, make_window: Callable[..., Driver]) -> Driver:
    """A window on the drawn products, of which the last 45 have no shape."""
    folder = Path(shutil.copytree(imported_products, tmp_path / "gaps"))
    with Workspace.open(folder) as workspace:
        numbers = [workspace.number_of(f"p{number:03d}") for number in range(45, 90)]
        hidden = [number for number in numbers if number is not None]
        workspace.decisions.apply("clear", "hide", values=BulkValues(hidden, "shape", "clear", ()))  # type: ignore[arg-type]
    driver = make_window()
    driver.window.catalogs.open(folder)
    driver.until(lambda: driver.window.controller.results is not None)
    driver.idle()
    return driver


def opened(driver: Driver, attribute: str = "shape") -> AutoTagDialog:
    driver.window.actions_["autotag"].trigger()
    dialog = driver.window.findChild(AutoTagDialog)
    assert isinstance(dialog, AutoTagDialog)
    driver.until(lambda: dialog.attribute.count() > 0)
    dialog.attribute.setCurrentText(attribute)
    return dialog


def learnt(driver: Driver, dialog: AutoTagDialog) -> None:
    with driver.qtbot.waitSignal(dialog.planned, timeout=60_000):
        driver.qtbot.mouseClick(dialog.learning, Qt.MouseButton.LeftButton)
    driver.idle()


def judge(driver: Driver, certifying: CertifyDialog) -> None:
    """Answer by keyboard, as who sees the photo would."""
    workspace = driver.window.controller.workspace
    assert workspace is not None
    while certifying.certificate is not None and certifying.certificate.standing.state == "open":
        waiting = certifying.certificate.next_items.tolist()
        driver.until(
            lambda waiting=waiting: (
                certifying.judge.item == waiting[0] and certifying.judge.buttons["right"].isEnabled()
            )
        )
        shape = SHAPES[int(workspace.ids_of([waiting[0]])[0][1:]) % 3]
        right = f"shape “{shape}” " in certifying.judge.question.text()
        driver.qtbot.keyClick(certifying.judge, Qt.Key.Key_Y if right else Qt.Key.Key_N)
        driver.until(
            lambda waiting=waiting: (
                certifying.certificate is not None
                and waiting[0] not in certifying.certificate.next_items.tolist()
            )
        )


def test_learn_look_tick_judge_accept_and_undo(gaps: Driver):
    dialog = opened(gaps)
    assert not dialog.accepting.isEnabled()
    learnt(gaps, dialog)
    model = dialog.table.values
    assert model.plan is not None
    assert {model.at(row).value for row in range(model.rowCount())} == set(SHAPES)  # type: ignore[union-attr]
    assert "Items without shape: 45" in dialog.summary.text()
    first = model.at(0)
    assert first is not None
    assert dialog.examples.heading.text() == first.value
    assert len(dialog.examples.thumbs) == len(first.items) > 0
    gaps.until(lambda: all(thumb.has_image for thumb in dialog.examples.thumbs))
    assert model.index(0, 3).data() == interval_text(first.precision)

    model.tick(list(SHAPES), False)
    assert not dialog.accepting.isEnabled()
    dialog.table.setFocus()
    for row in range(model.rowCount()):
        dialog.table.setCurrentIndex(model.index(row, VALUE))
        gaps.qtbot.keyClick(dialog.table, Qt.Key.Key_Space)
    assert model.chosen() == [model.at(row).value for row in range(model.rowCount())]  # type: ignore[union-attr]
    assert str(model.plan.proposed) in dialog.accepting.text()

    certifying = dialog.certify()
    assert certifying is not None
    gaps.until(certifying.plan.start.isEnabled)
    certifying.plan.choices[0.9].setChecked(True)
    gaps.idle()
    certifying.plan.number.setValue(model.plan.proposed)
    gaps.qtbot.mouseClick(certifying.plan.start, Qt.MouseButton.LeftButton)
    gaps.until(lambda: certifying.certificate is not None)
    judge(gaps, certifying)
    assert certifying.certificate is not None
    assert certifying.certificate.standing.state == "certified"
    rest = sum(answer is None for answer in certifying.certificate.answers)
    rest += len(certifying.certificate.candidates) - len(certifying.certificate.sample)
    gaps.until(certifying.accept_button.isVisible)
    gaps.qtbot.mouseClick(certifying.accept_button, Qt.MouseButton.LeftButton)
    gaps.until(lambda: certifying.certificate is not None and certifying.certificate.accepted is not None)
    with gaps.qtbot.waitSignal(dialog.planned, timeout=60_000):  # it learns again from what it has now
        certifying.close()
    assert dialog.table.values.plan is not None
    left = dialog.table.values.plan.without
    dialog.close()
    workspace = gaps.window.controller.workspace
    assert workspace is not None
    assert [operation.kind for operation in workspace.decisions.history(limit=1)] == ["auto-tag"]
    gaps.window.undoing.undo()
    gaps.until(lambda: workspace.decisions.history(limit=1)[0].kind == "undo")
    gaps.idle()
    from visualsearch.jobs import JobControl

    assert workspace.autotag.plan("shape", JobControl()).without == left + rest


def test_stopping_writes_nothing_and_says_so(gaps: Driver):
    dialog = opened(gaps)
    with gaps.qtbot.waitSignal(dialog.planned, timeout=60_000):
        gaps.qtbot.keyClick(dialog.learning, Qt.Key.Key_Space)
        gaps.qtbot.mouseClick(dialog.stopping, Qt.MouseButton.LeftButton)
    assert "Nothing was written" in dialog.said.text()
    assert dialog.learning.isEnabled()
    dialog.close()


def test_what_cannot_be_learnt_is_listed_and_says_why(gaps: Driver):
    dialog = opened(gaps)
    model = dialog.attribute.model()
    row = dialog.attribute.findText("price")
    assert not model.flags(model.index(row, 0)) & Qt.ItemFlag.ItemIsEnabled
    assert "number" in str(model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole))
    dialog.close()


def test_what_most_items_lack_is_offered_first_and_what_is_full_last(gaps: Driver):
    gaps.window.actions_["autotag"].trigger()
    dialog = gaps.window.findChild(AutoTagDialog)
    assert isinstance(dialog, AutoTagDialog)
    gaps.until(lambda: dialog.attribute.count() > 0)
    assert dialog.attribute.currentText() == "shape"
    assert dialog.lacking.text() == "Items without it: 45"
    model, row = dialog.attribute.model(), dialog.attribute.findText("colour")
    assert not model.flags(model.index(row, 0)) & Qt.ItemFlag.ItemIsEnabled
    assert "nothing to fill in" in str(model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole))
    dialog.close()


def test_a_photo_is_shown_large(gaps: Driver):
    from visualsearch.ui.autotag.enlarged import Enlarged

    dialog = opened(gaps)
    learnt(gaps, dialog)
    gaps.qtbot.mouseClick(dialog.examples.thumbs[0], Qt.MouseButton.LeftButton)
    large = dialog.findChild(Enlarged)
    assert isinstance(large, Enlarged)
    gaps.until(lambda: large.windowTitle() != "")
    gaps.until(lambda: large.pane.has_photo)
    gaps.qtbot.keyClick(large, Qt.Key.Key_Escape)
    dialog.close()


def test_a_second_enter_does_not_stop_what_the_first_began(gaps: Driver):
    dialog = opened(gaps)
    gaps.until(dialog.learning.isEnabled)
    dialog.learning.setFocus()
    with gaps.qtbot.waitSignal(dialog.planned, timeout=60_000):
        for _ in range(2):
            gaps.qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)
    assert dialog.table.values.plan is not None
    dialog.close()


def test_the_main_button_is_what_comes_next(gaps: Driver):
    dialog = opened(gaps)
    gaps.until(dialog.learning.isEnabled)
    assert dialog.learning.isDefault()
    learnt(gaps, dialog)
    assert dialog.accepting.isEnabled()
    assert (dialog.learning.isDefault(), dialog.accepting.isDefault()) == (False, True)
    dialog.wanted.setCurrentIndex(0)  # what is on screen is no longer what was asked for
    assert (dialog.learning.isDefault(), dialog.accepting.isDefault()) == (True, False)
    dialog.close()


def test_photos_that_come_after_the_dialog_has_gone_are_dropped(gaps: Driver):
    dialog = opened(gaps)
    learnt(gaps, dialog)
    window = gaps.window
    window.photos.set_workspace(window.controller.workspace)  # none is kept: they come from the worker
    dialog.examples.show_value(dialog.table.values.at(0))
    assert not window.background.is_idle
    dialog.close()
    QCoreApplication.sendPostedEvents(dialog, QEvent.Type.DeferredDelete)
    gaps.idle()  # an error there would fail the test
