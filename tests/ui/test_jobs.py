"""Long work: lanes, the list of jobs, and the word at the end."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Driver
from visualsearch import jobs as jobs_module
from visualsearch.errors import CatalogError
from visualsearch.jobs import JobControl
from visualsearch.ui import jobs_feature
from visualsearch.ui.job_runner import Job, JobRunner
from visualsearch.ui.panels.job_list import JobList, JobRow

LEFT = Qt.MouseButton.LeftButton


class Work:
    """A job that goes on until it is let go, or cancelled."""

    def __init__(self, error: Exception | None = None) -> None:
        self.gate = threading.Event()
        self.error = error
        self.ends: list[BaseException | None] = []

    def __call__(self, control: JobControl) -> str:
        while not self.gate.wait(0.01):
            control.progress("counting", 3, 10, "things")
        if self.error is not None:
            raise self.error
        return "answer"

    def done(self, _answer: object, error: BaseException | None) -> None:
        self.ends.append(error)


@pytest.fixture
def jobs(qtbot: QtBot) -> Iterator[JobRunner]:
    runner = JobRunner()
    yield runner
    runner.close()


def test_a_lane_runs_one_job_after_the_other(jobs: JobRunner, qtbot: QtBot) -> None:
    first, second, audit = Work(), Work(), Work()
    started = [
        jobs.start("Import", first, first.done),
        jobs.start("Import again", second, second.done),
        jobs.start("Audit", audit, audit.done, lane="reading"),
    ]
    assert [job.state for job in started] == ["running", "waiting", "running"]
    assert jobs.first is started[0]
    first.gate.set()
    qtbot.waitUntil(lambda: started[1].state == "running")
    assert started[0].state == "done"
    assert first.ends == [None]
    second.gate.set()
    audit.gate.set()
    qtbot.waitUntil(lambda: not jobs.is_running)
    assert [job.state for job in started] == ["done"] * 3


def test_one_that_waits_can_be_cancelled(jobs: JobRunner, qtbot: QtBot) -> None:
    first, second = Work(), Work()
    jobs.start("Import", first, first.done)
    waiting = jobs.start("Import again", second, second.done)
    jobs.cancel(waiting)
    assert waiting.state == "cancelled"
    assert len(second.ends) == 1
    first.gate.set()
    qtbot.waitUntil(lambda: not jobs.is_running)
    assert waiting.thread is None


def test_the_list_pauses_cancels_and_offers_the_next_step(jobs: JobRunner, qtbot: QtBot) -> None:
    panel = JobList(jobs)
    qtbot.addWidget(panel)
    panel.resize(500, 300)
    panel.show()
    work, repeated = Work(CatalogError("The disk is full.", "Make room, then go on.")), []
    job = jobs.start("Import", work, work.done, again=lambda: repeated.append(1))
    row = panel.row(job)
    qtbot.waitUntil(lambda: "3 of 10" in row.text.text())
    qtbot.mouseClick(row.pause, LEFT)
    assert job.is_paused
    assert "paused" in row.text.text()
    qtbot.mouseClick(row.pause, LEFT)
    assert not row.again.isVisible()
    work.gate.set()
    qtbot.waitUntil(lambda: job.is_over)
    assert row.text.text() == "The disk is full. Make room, then go on."
    qtbot.mouseClick(row.again, LEFT)
    assert repeated == [1]
    assert job not in jobs.jobs


def test_what_is_over_can_be_taken_off_the_list(jobs: JobRunner, qtbot: QtBot) -> None:
    panel = JobList(jobs)
    qtbot.addWidget(panel)
    panel.show()
    work = Work()
    job = jobs.start("Import", work, work.done)
    qtbot.mouseClick(panel.row(job).cancel, LEFT)
    qtbot.waitUntil(lambda: job.state == "cancelled")
    assert "Cancelled" in panel.row(job).text.text()
    qtbot.mouseClick(panel.row(job).cancel, LEFT)
    assert jobs.jobs == []


def test_the_strip_leads_to_the_list(driver: Driver) -> None:
    window, work = driver.window, Work()
    job = window.jobs.start("Audit", work, work.done, lane="reading")
    other = window.jobs.start("Import", work, work.done)
    driver.until(lambda: "3 of 10" in window.strip.text.text())
    assert "1 more" in window.strip.text.text()
    driver.qtbot.mouseClick(window.strip, LEFT)
    assert window.docks["jobs"].isVisible()
    driver.key(Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    assert not window.docks["jobs"].isVisible()
    work.gate.set()
    driver.until(lambda: job.is_over and other.is_over)
    assert not window.strip.isVisible()


def test_the_end_of_a_long_job_is_told_to_who_looks_elsewhere(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, work = driver.window, Work(CatalogError("The disk is full.", "Make room."))
    monkeypatch.setattr(jobs_feature, "LONG", 0.0)
    monkeypatch.setattr(window, "isActiveWindow", lambda: False)
    job: Job = window.jobs.start("Audit", work, work.done)
    work.gate.set()
    driver.until(lambda: job.is_over)
    assert window.banner.message.text().startswith("Audit: The disk is full. Make room.")


@pytest.mark.parametrize("cancelled", [True, False])
def test_what_is_said_of_a_job_goes_when_it_is_started_again(driver: Driver, cancelled: bool) -> None:
    window, work = driver.window, Work(CatalogError("The disk is full.", "Make room."))

    def start() -> Job:
        return window.jobs.start("Import", work, lambda _answer, error: told(error), again=start)

    def told(error: BaseException | None) -> None:
        if cancelled:
            window.banner.show_message("Cancelled.", button="Go on", slot=start)
        else:
            assert error is not None
            window.faults.show(error)

    job = start()
    if cancelled:
        window.jobs.cancel(job)
    else:
        work.gate.set()
    driver.until(lambda: job.is_over)
    work.gate.clear()
    said = window.banner.message.text()
    assert said == ("Cancelled." if cancelled else "The disk is full. Make room.")
    other = window.jobs.start("Audit", work, lambda _answer, _error: None, lane="reading")
    assert window.banner.isVisible()
    window.actions_["jobs"].setChecked(True)
    (row,) = [row for row in window.findChildren(JobRow) if row.job is job]
    driver.qtbot.mouseClick(row.again, LEFT)
    assert not window.banner.isVisible()
    window.banner.show_message("Something else.", warning=True)
    start()
    assert window.banner.isVisible()
    for running in (*window.jobs.jobs, other):
        window.jobs.cancel(running)
    driver.until(lambda: not window.jobs.is_running)


def test_jobs_give_way_while_the_person_scrolls_or_zooms_and_not_when_results_come(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs_module, "_WAY", 3600.0)
    window, work = driver.window, Work()
    gallery = window.area.gallery

    def gives_way(act: Callable[[], object]) -> bool:
        job = window.jobs.start("Import", work, work.done)
        driver.until(lambda: job.state == "running")
        act()
        assert job.control is not None
        given = job.control.gives_way()
        window.jobs.cancel(job)
        driver.until(lambda: job.is_over)
        return given

    assert not gives_way(lambda: window.area.model.set_results([1, 2, 3]))
    assert gives_way(lambda: gallery.scroll_by(100))
    assert gives_way(lambda: gallery.zoom(1))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives threads a priority of their own")
def test_a_job_and_its_threads_stay_behind_the_window(jobs: JobRunner, qtbot: QtBot) -> None:
    def nice() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    def work(_control: JobControl) -> tuple[int, int]:
        with ThreadPoolExecutor(1) as pool:
            return nice(), pool.submit(nice).result()

    found: list[tuple[int, int]] = []
    mine = nice()
    jobs.start("Audit", work, lambda answer, _error: found.append(answer))
    qtbot.waitUntil(lambda: bool(found))
    lower = 5 if os.sched_getscheduler(0) == os.SCHED_OTHER else 0  # all threads are behind everybody already
    assert found == [(min(19, mine + lower),) * 2]
    assert nice() == mine
