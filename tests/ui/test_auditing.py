"""The audit mode as a person works in it: by keys alone, by mouse alone, on a catalog with some wrong values."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget

from tests.ui.conftest import Driver, Gate
from visualsearch.attributes.clusters import Cluster
from visualsearch.catalog.decisions import Document, ValueChange
from visualsearch.catalog.importing import ImportRequest
from visualsearch.jobs import JobControl
from visualsearch.ui.auditing.mode import ALIKE, LANE, MIXED, ONE, AuditMode
from visualsearch.ui.auditing.review_grid import ReviewGrid
from visualsearch.ui.certifying.register import CertificateList
from visualsearch.ui.panels.sheets import ReportDialog
from visualsearch.workspace import Workspace

Key = Qt.Key
CONTROL = Qt.KeyboardModifier.ControlModifier
DISCS = ("p003", "p036", "p051", "p078")  # of all colours, called boxes
BOX = "p010"  # called a cross


@pytest.fixture
def catalog(catalog: Path) -> Path:
    """Five of the shapes are wrong."""
    with Workspace.open(catalog) as workspace:
        wrong = [(item_id, "box") for item_id in DISCS] + [(BOX, "cross")]
        changes = [ValueChange(number(workspace, item_id), "shape", (value,)) for item_id, value in wrong]
        workspace.decisions.apply("set", "plant", values=changes)
    return catalog


def number(workspace: Workspace, item_id: str) -> int:
    found = workspace.number_of(item_id)
    assert found is not None
    return found


class Auditor:
    """A person in the audit mode."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.window = driver.window
        self.mode: AuditMode = driver.window.auditing.mode  # type: ignore[attr-defined]
        workspace = driver.window.controller.workspace
        assert workspace is not None
        self.workspace = workspace

    @property
    def page(self):
        return self.mode.page

    @property
    def current(self) -> str:
        """The id of the suspect on screen."""
        assert self.page.stack.currentWidget() is self.page.one
        suspect = self.mode.desk.current
        assert suspect is not None
        return self.workspace.ids_of([suspect.item])[0]

    def value(self, item_id: str) -> list[str]:
        return [str(value) for value in self.driver.values(item_id, "shape")]

    def idle(self) -> None:
        self.driver.until(lambda: not self.window.undoing.is_busy)
        self.driver.idle()

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.driver.key(key, modifiers)
        self.idle()

    def click(self, widget: QWidget, spot: QPoint | None = None) -> None:
        assert widget.isVisible()
        assert widget.isEnabled()
        self.driver.qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=spot or widget.rect().center())
        self.idle()

    def is_listed(self) -> bool:
        return self.page.stack.currentWidget() is self.page.one and self.mode.desk.current is not None

    def begin(self) -> None:
        """Into the mode and to the shapes, by keys."""
        self.key(Key.Key_3, CONTROL)
        self.driver.until(lambda: bool(self.page.message.names))
        names = [button.text() for button in self.page.message.names]
        assert self.window.focusWidget() is self.page.message.names[0]
        for _ in range(names.index("shape")):
            self.key(Key.Key_Tab)
        self.key(Key.Key_Return)
        self.driver.until(self.is_listed)
        self.idle()

    def choose(self, attribute: str) -> None:
        """As from the list at the top."""
        at = self.page.attributes.findData(attribute)
        self.page.attributes.setCurrentIndex(at)
        self.page.attributes.activated.emit(at)
        self.idle()


@pytest.fixture
def auditor(driver: Driver) -> Auditor:
    return Auditor(driver)


def test_the_whole_task_by_keys(auditor: Auditor) -> None:
    auditor.begin()
    page, wrong = auditor.page, {*DISCS, BOX}
    assert page.counts.text() == "5 more likely wrong than right"
    first = auditor.current
    assert first in wrong
    right = "box" if first == BOX else "disc"
    assert page.view.suggested.value.text() == right
    assert page.view.reasons.text()
    assert len(page.view.neighbours.thumbs) == 12
    assert len(page.view.given.typical.thumbs) == len(page.view.suggested.typical.thumbs) == 3
    auditor.driver.until(lambda: page.view.photo.has_image)

    auditor.key(Key.Key_Return)  # to the suggestion
    assert auditor.value(first) == [right]
    second = auditor.current
    assert second != first
    assert page.counts.text() == "1 judged · 4 more likely wrong than right"

    auditor.key(Key.Key_Backspace)  # and back on screen
    assert auditor.current == first
    assert auditor.value(first) != [right]
    auditor.key(Key.Key_C)
    assert auditor.value(first) == [right]
    auditor.key(Key.Key_Z, CONTROL)
    assert auditor.current == first
    auditor.key(Key.Key_Z, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    assert auditor.current == second
    assert auditor.value(first) == [right]

    before = auditor.value(second)
    auditor.key(Key.Key_K)
    third = auditor.current
    other = page.view.options[0]
    auditor.key(Key.Key_1)
    assert auditor.value(third) == [other]
    assert auditor.value(second) == before
    fourth = auditor.current
    auditor.key(Key.Key_U)
    assert page.queue.model().index(len(auditor.mode.desk.suspects) - 1, 0).data(
        Qt.ItemDataRole.UserRole
    ) == ("you were unsure")
    fifth = auditor.current
    assert len({first, second, third, fourth, fifth}) == 5
    auditor.key(Key.Key_O)
    assert auditor.window.focusWidget() is page.view.field
    for letter in (Key.Key_D, Key.Key_I, Key.Key_S, Key.Key_C):
        auditor.driver.qtbot.keyClick(page.view.field, letter)
    auditor.driver.qtbot.keyClick(page.view.field, Key.Key_Return)
    auditor.idle()
    assert auditor.value(fifth) == ["disc"]
    assert page.counts.text() == "5 judged · 0 more likely wrong than right"
    assert "not sure" in page.message.heading.text()
    auditor.key(Key.Key_Return)  # "Look again" has the focus
    assert auditor.current == fourth
    auditor.click(page.view.given.button)
    assert "Done" in page.message.heading.text()
    auditor.key(Key.Key_Return)  # "Go on" has the focus
    assert auditor.is_listed()
    listed = {auditor.workspace.ids_of([one.item])[0] for one in auditor.mode.desk.suspects}
    assert second not in listed


def test_the_whole_task_by_mouse(auditor: Auditor) -> None:
    auditor.click(auditor.window.switch.button("audit"))
    auditor.driver.until(lambda: bool(auditor.page.message.names))
    auditor.click(next(button for button in auditor.page.message.names if button.text() == "shape"))
    auditor.driver.until(auditor.is_listed)
    auditor.idle()
    view, queue = auditor.page.view, auditor.page.queue
    first = auditor.current
    auditor.click(view.suggested.button)
    second = auditor.current
    assert second != first
    auditor.click(view.undo)
    assert auditor.current == first
    auditor.click(view.given.button)
    auditor.click(view.unsure)
    third = auditor.current
    auditor.click(view.option_buttons[0])
    assert auditor.current != third
    auditor.click(queue.viewport(), queue.visualRect(queue.model().index(1, 0)).center())
    assert auditor.mode.desk.row == 1
    assert auditor.page.counts.text() == "3 judged · 2 more likely wrong than right"


def test_what_one_was_unsure_about_is_asked_again_also_after_coming_back(
    auditor: Auditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visualsearch.ui.auditing.desk._LIMIT", 3)
    auditor.begin()
    unsure = auditor.current
    auditor.key(Key.Key_U)
    while auditor.is_listed():
        auditor.key(Key.Key_C)
    assert "not sure" in auditor.page.message.heading.text()
    auditor.key(Key.Key_1, CONTROL)
    auditor.key(Key.Key_3, CONTROL)
    assert auditor.page.counts.text().endswith("0 more likely wrong than right")
    assert "not sure" in auditor.page.message.heading.text()
    auditor.click(auditor.page.message.button)
    assert auditor.current == unsure
    queue = auditor.page.queue
    auditor.click(queue.viewport(), queue.visualRect(queue.model().index(0, 0)).center())
    assert auditor.mode.desk.row == 0
    assert auditor.is_listed()


def test_nothing_is_called_done_before_it_was_looked_at_once_more(auditor: Auditor) -> None:
    """What is said, here or by a colleague, may show other values to be wrong."""
    auditor.begin()
    sound = next(one.item for one in reversed(auditor.mode.desk.suspects) if one.given == "disc")
    auditor.workspace.decisions.apply("set", "colleague", values=[ValueChange(sound, "shape", ("cross",))])
    for _ in (*DISCS, BOX):
        auditor.key(Key.Key_C)
    assert auditor.current == auditor.workspace.ids_of([sound])[0]
    auditor.key(Key.Key_C)
    assert "Done" in auditor.page.message.heading.text()


def test_found_suspects_lead_to_their_own_attribute(auditor: Auditor) -> None:
    """Also where one went on with another in the meantime."""
    auditor.begin()
    held = threading.Event()
    auditor.window.jobs.start("before it", lambda _: held.wait(), lambda *_: None, lane=LANE)
    auditor.page.attribute_wanted.emit("colour")
    auditor.driver.key(Key.Key_1, CONTROL)
    held.set()
    banner = auditor.window.banner
    auditor.driver.until(lambda: "colour" in banner.message.text())
    auditor.key(Key.Key_3, CONTROL)
    auditor.choose("shape")
    auditor.click(banner.button)
    assert auditor.mode.attribute == "colour"
    assert auditor.page.attributes.currentText() == "colour"


def test_nothing_is_cut_off_in_the_smallest_window(auditor: Auditor) -> None:
    auditor.begin()
    auditor.window.resize(1, 1)
    auditor.idle()
    view, tabs = auditor.page.view, auditor.page.tabs
    column = view.field.parentWidget()
    assert column.width() <= column.parentWidget().width()
    assert tabs.tabRect(tabs.count() - 1).right() <= tabs.width()
    assert view.photo.geometry().bottom() < view.neighbours_title.y()


def test_many_attributes_are_scrolled_to(auditor: Auditor) -> None:
    auditor.key(Key.Key_3, CONTROL)
    auditor.driver.until(lambda: bool(auditor.page.message.names))
    auditor.page.message.ask_attribute([(f"attribute {number} of the catalog", "") for number in range(60)])
    auditor.window.resize(800, 400)
    auditor.idle()
    last = auditor.page.message.names[-1]
    assert last.y() + last.height() <= last.parentWidget().height()


def test_kept_ones_never_come_back(auditor: Auditor) -> None:
    auditor.begin()
    kept = auditor.current
    auditor.key(Key.Key_K)
    auditor.key(Key.Key_1, CONTROL)
    auditor.key(Key.Key_3, CONTROL)
    auditor.driver.until(auditor.is_listed)
    auditor.idle()
    listed = {auditor.workspace.ids_of([one.item])[0] for one in auditor.mode.desk.suspects}
    assert kept not in listed
    assert len(listed) == 89


def test_a_jump_by_keys(auditor: Auditor) -> None:
    auditor.begin()
    auditor.key(Key.Key_Down)
    auditor.key(Key.Key_Down)
    assert auditor.mode.desk.row == 2
    chosen = auditor.page.queue.selectionModel().currentIndex()
    assert chosen.row() == 2
    auditor.key(Key.Key_End)  # what is probably right can be looked at, too
    assert auditor.is_listed()
    assert auditor.mode.desk.row == 89
    auditor.mode.show_tab(ALIKE)
    auditor.idle()
    auditor.mode.alike.counted.emit("shape", 0)  # the groups that were changed are all that looked wrong
    auditor.mode.show_tab(ONE)
    auditor.idle()
    assert auditor.is_listed(), "it was chosen"


def test_a_value_that_nobody_has_takes_a_second_enter(auditor: Auditor) -> None:
    auditor.begin()
    item_id, field = auditor.current, auditor.page.view.field
    auditor.key(Key.Key_O)
    field.setText("star")
    auditor.driver.qtbot.keyClick(field, Key.Key_Return)
    assert "No item has the value “star” yet" in auditor.page.view.note.text()
    auditor.driver.qtbot.keyClick(field, Key.Key_Return)
    auditor.idle()
    assert auditor.value(item_id) == ["star"]


def test_verdicts_are_saved_though_the_catalog_is_closed_at_once(auditor: Auditor, catalog: Path) -> None:
    auditor.begin()
    before = len(auditor.workspace.decisions.history(limit=1000))
    gate = Gate(auditor.driver)
    for _ in range(3):
        auditor.driver.key(Key.Key_K)
    auditor.window.actions_["close"].trigger()
    gate.open()
    auditor.driver.idle()
    with Workspace.open(catalog) as again:
        assert len(again.decisions.history(limit=1000)) == before + 3


def test_a_verdict_that_is_refused_leaves_the_suspect(auditor: Auditor) -> None:
    allowed = {"values": ["disc", "box", "cross"]}
    auditor.workspace.decisions.apply("vocabulary", "", documents=[Document("attribute", "shape", allowed)])
    auditor.begin()
    item_id, field = auditor.current, auditor.page.view.field
    auditor.key(Key.Key_O)
    field.setText("star")
    auditor.driver.qtbot.keyClick(field, Key.Key_Return)
    auditor.driver.qtbot.keyClick(field, Key.Key_Return)
    auditor.idle()
    assert auditor.value(item_id) != ["star"]
    assert auditor.current == item_id
    assert "star" in auditor.window.banner.message.text()


def mistakes(auditor: Auditor) -> set[tuple[str, str]]:
    """What the groups share."""
    return {(cluster.given, cluster.suggested) for cluster in auditor.mode.alike.clusters}


def test_all_like_this_by_keys(auditor: Auditor) -> None:
    auditor.begin()
    while auditor.current == BOX:
        auditor.key(Key.Key_Down)
    auditor.key(Key.Key_L)
    alike = auditor.mode.alike
    auditor.driver.until(lambda: bool(alike.grid.thumbs))
    auditor.idle()
    cluster = alike.clusters[alike.list.currentRow()]
    assert (cluster.given, cluster.suggested) == ("box", "disc")
    assert set(auditor.workspace.ids_of(cluster.items)) == set(DISCS)
    auditor.key(Key.Key_Return)  # from the list to the photos
    assert auditor.window.focusWidget() is alike.grid.thumbs[0]
    auditor.key(Key.Key_Right)
    auditor.key(Key.Key_X)
    left_out = auditor.workspace.ids_of([alike.grid.thumbs[1].item])[0]
    assert alike.grid.fix.text() == "Change 3 items  ⏎"
    auditor.key(Key.Key_Return)
    auditor.driver.until(lambda: ("box", "disc") not in mistakes(auditor))
    auditor.idle()
    assert {item_id for item_id in DISCS if auditor.value(item_id) == ["disc"]} == set(DISCS) - {left_out}
    assert "box → disc for 3 items" in auditor.window.banner.message.text()
    left = auditor.workspace.audit.count("shape", JobControl())
    assert auditor.page.counts.text().startswith(f"{left} more likely wrong")
    auditor.key(Key.Key_Escape)
    auditor.driver.until(auditor.is_listed)
    auditor.idle()
    assert auditor.current == BOX
    auditor.key(Key.Key_Z, CONTROL)  # one step takes all of it back
    assert all(auditor.value(item_id) == ["box"] for item_id in DISCS)


def test_all_like_this_by_mouse(auditor: Auditor) -> None:
    auditor.begin()
    auditor.click(auditor.page.view.alike)
    alike = auditor.mode.alike
    auditor.driver.until(lambda: bool(alike.grid.thumbs))
    auditor.idle()
    row = next(
        row
        for row, cluster in enumerate(alike.clusters)
        if (cluster.given, cluster.suggested, cluster.shared) == ("box", "disc", "")
    )
    auditor.click(alike.list.viewport(), alike.list.visualItemRect(alike.list.item(row)).center())
    auditor.driver.until(lambda: len(alike.grid.thumbs) == len(DISCS))
    auditor.click(alike.grid.thumbs[0])
    assert alike.grid.thumbs[0].answer == "wrong"
    auditor.click(alike.grid.thumbs[0])
    assert alike.grid.thumbs[0].answer == "right"
    auditor.click(alike.grid.fix)
    auditor.driver.until(lambda: ("box", "disc") not in mistakes(auditor))
    auditor.idle()
    assert all(auditor.value(item_id) == ["disc"] for item_id in DISCS)
    auditor.click(auditor.window.banner.button)  # Undo
    auditor.driver.until(lambda: ("box", "disc") in mistakes(auditor))
    auditor.idle()
    assert all(auditor.value(item_id) == ["box"] for item_id in DISCS)
    auditor.click(auditor.page.tabs, auditor.page.tabs.tabRect(ONE).center())
    auditor.driver.until(auditor.is_listed)


def test_a_large_group_is_changed_unseen_when_few_are_marked(empty: Driver) -> None:
    import numpy as np

    from visualsearch.attributes.certificate import looks, risk_of
    from visualsearch.attributes.fixing import Review

    order = np.random.default_rng(1).permutation(np.arange(1, 301, dtype=np.int32))
    plan = looks(300, 0.95, risk_of(1))
    review = Review("shape", "box", "disc", 0.95, 1, order, plan, "")
    grid, wanted = ReviewGrid(empty.window.photos, empty.window), []
    grid.fix_wanted.connect(wanted.append)
    grid.resize(900, 600)
    grid.show()
    grid.show_review(review)
    assert [thumb.item for thumb in grid.thumbs] == order[:60].tolist()
    grid.thumbs[0].mark("unsure")
    assert not grid.fix_all.isVisible()
    assert grid.fix.text() == "Change 59 items  ⏎"
    grid.focus_first()
    empty.qtbot.keyClick(grid, Key.Key_N)
    assert [thumb.item for thumb in grid.thumbs] == order[60:120].tolist()
    assert grid.said[int(order[0])] == "unsure"
    assert grid.fix_all.isVisible()
    assert "the other 180 can be changed unseen: at least 95% are right" in grid.help.text()
    empty.qtbot.mouseClick(grid.fix_all, Qt.MouseButton.LeftButton)
    assert wanted == [True]
    for thumb in grid.thumbs[:20]:
        thumb.mark("wrong")
    assert not grid.fix_all.isVisible()
    assert "Too many were marked" in grid.help.text()


def test_groups_can_be_mended_after_the_catalog_was_closed_in_the_middle_of_it(
    driver: Driver, catalog: Path
) -> None:
    auditor = Auditor(driver)

    def begin() -> None:
        auditor.begin()
        while auditor.current == BOX:
            auditor.key(Key.Key_Down)
        auditor.key(Key.Key_L)
        driver.until(lambda: bool(auditor.mode.alike.grid.thumbs))
        auditor.idle()

    begin()
    driver.qtbot.mouseClick(auditor.mode.alike.grid.fix, Qt.MouseButton.LeftButton)
    driver.window.leave_catalog()
    driver.window.catalogs.open(catalog)
    driver.until(lambda: driver.window.controller.results is not None)
    auditor = Auditor(driver)
    auditor.idle()
    newest = auditor.workspace.decisions.history(limit=1)[0]
    if newest.kind == "audit":  # it had come that far
        auditor.workspace.decisions.undo(newest.number)
        driver.window.controller.refresh()
        auditor.idle()
    begin()
    auditor.click(auditor.mode.alike.grid.fix)
    driver.until(lambda: ("box", "disc") not in mistakes(auditor))
    auditor.idle()
    assert all(auditor.value(item_id) == ["disc"] for item_id in DISCS)


def test_mixed_up_values(auditor: Auditor) -> None:
    auditor.begin()
    auditor.click(auditor.page.tabs, auditor.page.tabs.tabRect(MIXED).center())
    auditor.driver.until(
        lambda: "mixed up" in auditor.mode.pairs.head.text() or bool(auditor.mode.pairs.rows)
    )
    auditor.idle()
    found = auditor.workspace.audit.pairs("shape", _control())
    assert len(auditor.mode.pairs.rows) == len(found)


def test_a_neighbour_is_shown_in_the_grid(auditor: Auditor) -> None:
    auditor.begin()
    thumb = auditor.page.view.neighbours.thumbs[0]
    auditor.click(thumb)
    assert auditor.window.modes.current == "browse"
    assert auditor.window.area.gallery.current_item() == thumb.example.item


def test_what_cannot_be_looked_through_says_why(auditor: Auditor) -> None:
    auditor.key(Key.Key_3, CONTROL)
    auditor.driver.until(lambda: bool(auditor.page.message.names))
    assert "price is a number" in auditor.page.message.others.text()
    auditor.choose("price")
    assert "price is a number" in auditor.page.message.text.text()
    auditor.page.tabs.tabBarClicked.emit(ALIKE)
    assert auditor.page.tabs.currentIndex() == ONE
    assert "Choose an attribute first" in auditor.window.banner.message.text()


def test_a_job_that_is_cancelled_can_be_tried_again(auditor: Auditor) -> None:
    auditor.key(Key.Key_3, CONTROL)
    auditor.driver.until(lambda: bool(auditor.page.message.names))
    auditor.mode.choose("shape")
    (job,) = auditor.window.jobs.jobs
    auditor.window.jobs.cancel(job)
    auditor.driver.until(lambda: auditor.page.message.button.text() == "Try again")
    auditor.click(auditor.page.message.button)
    auditor.driver.until(auditor.is_listed)


def test_a_read_only_catalog_says_so(auditor: Auditor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Workspace, "read_only", property(lambda _self: True))
    auditor.begin()
    assert "can only be read" in auditor.page.view.note.text()
    assert not auditor.page.view.given.button.isEnabled()
    item_id = auditor.current
    auditor.key(Key.Key_K)
    auditor.key(Key.Key_Return)
    auditor.key(Key.Key_1)
    assert auditor.current == item_id


@pytest.fixture
def more(drawn_products: Path, tmp_path: Path) -> ImportRequest:
    """The products and a disc that is called a cross."""
    folder = Path(shutil.copytree(drawn_products, tmp_path / "more"))
    shutil.copy(folder / "images" / "p000.jpg", folder / "images" / "n1.jpg")
    with (folder / "products.csv").open("a", encoding="utf-8") as table:
        table.write("n1,cross,red,5,Red disc\n")
    return ImportRequest(folder, folder / "products.csv")


def test_new_items_that_look_wrong_are_offered(auditor: Auditor, more: ImportRequest) -> None:
    auditor.window.catalogs.import_photos(more)
    button = auditor.window.banner.button
    auditor.driver.until(lambda: button.isVisible() and button.text() == "Look at them")
    assert "wrongly attributed" in auditor.window.banner.message.text()
    auditor.click(button)
    auditor.driver.until(auditor.is_listed)
    assert auditor.current == "n1"


def test_how_the_import_went_is_said_beside_what_looks_wrong(auditor: Auditor, more: ImportRequest) -> None:
    (more.images / "images" / "n2.jpg").write_bytes(b"no photo at all")
    assert more.table is not None
    with more.table.open("a", encoding="utf-8") as table:
        table.write("n2,disc,red,5,No disc\n")
    auditor.window.catalogs.import_photos(more)
    banner = auditor.window.banner
    auditor.driver.until(lambda: "wrongly attributed" in banner.message.text())
    assert "Refused: 1." in banner.message.text()
    assert banner.other.text() == "Report…"
    auditor.click(banner.other)
    report = auditor.window.findChild(ReportDialog)
    assert report is not None
    report.reject()
    assert banner.isHidden()
    banner.show_message("Something else.")
    assert not banner.other.isVisible()
    auditor.idle()


def test_new_items_are_looked_through_before_anything_was_asked_anew(
    auditor: Auditor, more: ImportRequest
) -> None:
    report = auditor.workspace.import_all(more, JobControl())
    auditor.window.catalogs.imported.emit(report, None)
    auditor.driver.until(lambda: "wrongly attributed" in auditor.window.banner.message.text())
    auditor.idle()


def test_too_few_items_say_so(
    make_window: Callable[..., Driver], drawn_products: Path, tmp_path: Path
) -> None:
    table = tmp_path / "few.csv"
    table.write_text("id,shape,image\na,disc,images/p000.jpg\nb,box,images/p001.jpg\n", "utf-8")
    with Workspace.open(tmp_path / "few", create=True) as workspace:
        workspace.import_all(ImportRequest(drawn_products, table), _control())
    driver = make_window()
    driver.window.catalogs.open(tmp_path / "few")
    driver.until(lambda: driver.window.controller.results is not None)
    driver.idle()
    auditor = Auditor(driver)
    auditor.key(Key.Key_3, CONTROL)
    driver.until(lambda: "nothing to look through" in auditor.page.message.heading.text())
    assert "Fewer than 20 items have a value of shape" in auditor.page.message.others.text()


def _control():
    from visualsearch.jobs import JobControl

    return JobControl()


def test_groups_mended_together_are_among_the_certificates(auditor: Auditor) -> None:
    items = tuple(number(auditor.workspace, item_id) for item_id in DISCS)
    fixes = auditor.workspace.audit.fixes
    review = fixes.review(Cluster("shape", "box", "disc", "", "", items, 1.0), JobControl())
    fixes.apply(review, dict.fromkeys(items, "right"), JobControl())
    auditor.window.actions_["certificates"].trigger()
    register = auditor.window.findChild(CertificateList)
    auditor.driver.until(lambda: register.current is not None)
    assert register.current.name == "shape: box → disc #1"
    assert "4 were looked at one by one" in register.detail.text()
    auditor.click(register.revoke)
    auditor.driver.until(lambda: register.current is None)
    auditor.idle()
    assert all(auditor.value(item_id) == ["box"] for item_id in DISCS)
    register.close()


def test_an_attribute_that_is_taken_back_is_not_looked_through_any_more(auditor: Auditor) -> None:
    shapes = auditor.workspace.quality.items("shape", "filled", JobControl()).tolist()
    values = [
        ValueChange(item, "sort", auditor.driver.values(auditor.workspace.ids_of([item])[0], "shape"))
        for item in shapes
    ]
    applied = auditor.workspace.decisions.apply("set", "sorts", values=values)
    auditor.window.undoing.note(applied.operation)
    auditor.begin()
    auditor.choose("sort")
    auditor.driver.until(lambda: auditor.is_listed() and auditor.mode.desk.current.attribute == "sort")
    auditor.key(Key.Key_Z, CONTROL)
    auditor.driver.until(lambda: bool(auditor.page.message.names) and not auditor.is_listed())
    auditor.idle()
    assert "sort" not in [button.text() for button in auditor.page.message.names]
    assert auditor.page.stack.currentWidget() is auditor.page.message
    auditor.choose("shape")
    auditor.driver.until(auditor.is_listed)
    auditor.idle()
    assert auditor.mode.desk.current.attribute == "shape"
