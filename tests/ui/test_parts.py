"""Parts of the window on their own: background work, facets' values, texts, errors, start."""

from __future__ import annotations

import errno
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtTest import QAbstractItemModelTester

from visualsearch.errors import Cancelled, VisualSearchError
from visualsearch.jobs import Progress
from visualsearch.ui import texts
from visualsearch.ui.background import Background
from visualsearch.ui.demo import drive
from visualsearch.ui.faults import Faults
from visualsearch.ui.job_runner import JobRunner
from visualsearch.ui.panels.facet_values import COUNT, FEW, FacetModel
from visualsearch.ui.panels.path_line import PathLine
from visualsearch.ui.session import last_catalog


@pytest.fixture
def background(qtbot):
    background = Background()
    yield background
    background.close()


def test_only_the_newest_task_of_a_key_answers(background, qtbot):
    gate, answers = threading.Event(), []
    background.run(lambda: gate.wait(10) and "old", answers.append, key="photo")
    background.run(lambda: "new", answers.append, key="photo")
    background.run(lambda: "other", answers.append)
    gate.set()
    qtbot.waitUntil(lambda: background.is_idle)
    assert sorted(answers) == ["new", "other"]


def test_errors_arrive_where_they_belong(background, qtbot):
    mine, others = [], []
    background.failed.connect(others.append)

    def fail():
        raise VisualSearchError("no")

    background.run(fail, failed=mine.append)
    background.run(fail)
    qtbot.waitUntil(lambda: background.is_idle)
    assert [str(error) for error in (*mine, *others)] == ["no", "no"]
    assert len(mine) == 1


def test_renewing_drops_answers_and_waits_for_what_runs(background, qtbot):
    started, gate, order = threading.Event(), threading.Event(), []

    def slow():
        started.set()
        gate.wait(10)
        order.append("work")

    background.run(slow, lambda _: order.append("answer"))
    assert started.wait(10)
    background.renew(lambda: order.append("closed"))
    gate.set()
    qtbot.waitUntil(lambda: background.is_idle)
    assert order == ["work", "closed"]


def test_a_job_reports_pauses_and_is_cancelled(qtbot):
    jobs, seen, ends = JobRunner(), [], []
    started = threading.Event()

    def work(control):
        done = 0
        while True:
            done += 1
            control.progress("counting", done, 0)
            started.set()

    jobs.progressed.connect(seen.append)
    assert jobs.start("Count", work, lambda answer, error: ends.append(error))
    assert started.wait(10)
    jobs.pause()
    assert jobs.is_paused
    jobs.resume()
    qtbot.waitUntil(lambda: bool(seen))
    jobs.cancel()
    qtbot.waitUntil(lambda: not jobs.is_running)
    assert isinstance(ends[0], Cancelled)
    jobs.close()


# --- facets' values ------------------------------------------------------------------------------------------


def rows(model: FacetModel) -> list[str]:
    return [model.index(row).data() for row in range(model.rowCount())]


@pytest.fixture
def model(qtbot) -> FacetModel:
    model = FacetModel("colour", False)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_counts({f"c{n:02d}": 100 - n for n in range(20)} | {"": 7}, whole=True, still=False)
    return model


def test_few_values_first_then_all(model):
    assert rows(model) == [f"c{n:02d}" for n in range(FEW)] + ["has none"]
    assert model.hidden_count == 12
    model.set_expanded(True)
    assert len(rows(model)) == 21


def test_ticked_values_are_always_shown(model):
    model.set_picked(("c15", "gone"), ())
    assert rows(model)[FEW:] == ["c15", "has none", "gone"]
    model.set_counts({"c00": 3}, whole=False, still=False)
    assert rows(model) == ["c00", "c15", "gone"]
    assert model.index(1).data(COUNT) == 0


def test_filtering_while_typing(model):
    model.set_filter("C1")
    assert rows(model) == [f"c{n}" for n in range(10, 20)]
    model.set_filter("")
    assert len(rows(model)) == FEW + 1


def test_nothing_moves_while_it_has_to_stay(model):
    before = rows(model)
    model.set_counts({"c19": 50, "c03": 1}, whole=False, still=True)
    assert rows(model) == before
    assert model.index(0).data(COUNT) == 0
    model.settle()
    assert rows(model) == ["c03", "c19"]


def test_numbers_are_in_their_order(qtbot):
    model = FacetModel("year", True)
    model.set_counts({"2012": 5, "999": 4, "2001": 9, "": 1}, whole=True, still=False)
    assert rows(model) == ["999", "2001", "2012", "has none"]


# --- texts ---------------------------------------------------------------------------------------------------


def test_numbers_and_times():
    assert texts.number(1234567) == "1,234,567"
    assert texts.duration(0.2) == "1 s"
    assert texts.duration(420) == "7 min"
    assert texts.duration(4800) == "1 h 20 min"
    assert texts.milliseconds(1234.4) == "1,234 ms"
    assert texts.milliseconds(3.14) == "3.1 ms"
    assert [texts.counted(n, "1 photo", "{0} photos") for n in (0, 1, 2000)] == [
        "0 photos",
        "1 photo",
        "2,000 photos",
    ]


def test_a_job_in_one_line():
    line = texts.progress_line(Progress("embedding", 12_000, 44_441, "img", 78.2))
    assert line == "embedding 12,000 of 44,441 · 78 img/s · 7 min left"
    assert texts.progress_line(Progress("reading")) == "reading"


# --- errors --------------------------------------------------------------------------------------------------


def test_known_errors_are_sentences_and_bugs_are_reports(empty):
    faults, said = empty.window.faults, []
    faults.known.connect(lambda text, hint: said.append((text, hint)))
    faults.show(VisualSearchError("The disk is full.", "Make room."))
    faults.show(FileNotFoundError(2, "No such file", "/a/b"))
    faults.show(OSError(errno.ENOSPC, "No space left on device", "/a/b"))
    faults.show(Cancelled())
    assert said == [
        ("The disk is full.", "Make room."),
        ("/a/b: No such file.", ""),
        ("/a/b: No space left on device.", "Free some space and try again."),
    ]
    assert faults.dialog is None
    try:
        raise ZeroDivisionError("oops")
    except ZeroDivisionError as error:
        faults.show(error)
        faults.show(error)
    assert faults.dialog is not None
    assert faults.dialog.report.toPlainText().count("ZeroDivisionError: oops") == 2
    faults.dialog.close()
    empty.until(lambda: faults.dialog is None)


def test_what_nobody_caught_in_a_thread_is_shown(qtbot, capsys):
    faults = Faults()
    faults.install()
    try:
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
        thread.join()
        qtbot.waitUntil(lambda: faults.dialog is not None)
        assert "ZeroDivisionError" in faults.dialog.report.toPlainText()
        faults.dialog.close()
    finally:
        faults.uninstall()
    assert sys.excepthook is sys.__excepthook__


# --- start and demo ------------------------------------------------------------------------------------------


def test_the_window_never_imports_tensorflow():
    code = (
        "import sys, visualsearch.ui.app, visualsearch.ui.demo; "
        "heavy = {'tensorflow', 'keras', 'scipy', 'ai_edge_litert', 'annoy'} & set(sys.modules); "
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_demo_does_what_a_person_would(qapp, qtlog, catalog, tmp_path):
    lines: list[str] = []
    report = drive(catalog, tmp_path / "out", lines.append)
    totals = {step["step"]: step["total"] for step in report["steps"]}
    assert totals["the catalog"] == totals["everything again"] == 90
    assert 0 < totals["all that looks like them"] < 90
    pictures = sorted(path.name for path in (tmp_path / "out").glob("*.png"))
    assert pictures == [step["picture"] for step in report["steps"]]
    assert len(lines) == len(pictures)
    assert (tmp_path / "out" / "report.json").is_file()
    assert not qtlog.records, "Qt's own words between the steps"


def test_the_demo_begins_afresh_each_time_and_leaves_no_place(qapp, catalog, tmp_path):
    """Its second run took up the search in which the first had ended, and the window opened there from then on."""
    for number in ("first", "second"):
        report = drive(catalog, tmp_path / number, lambda _line: None)
        assert report["steps"][0]["total"] == 90
    assert last_catalog() is None


def test_a_path_may_begin_with_a_home_that_nobody_has(qtbot) -> None:
    line = PathLine("Photos", "", "folder")
    qtbot.addWidget(line)
    line.text.setText("~nobody-of-that-name/photos")
    assert line.path == Path("~nobody-of-that-name/photos")
    line.text.setText("~/photos")
    assert line.path == Path.home() / "photos"
