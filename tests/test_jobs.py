"""Jobs report, pause and cancel; of several requests the newest wins."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from visualsearch import jobs
from visualsearch.errors import Cancelled, VisualSearchError
from visualsearch.jobs import JobControl, NewestWins, Progress, holding

WAIT = 10.0  # seconds after which a test gives up; none of them takes a hundredth of it


def test_progress_reaches_the_listener():
    seen: list[Progress] = []
    control = JobControl(seen.append)
    control.progress("Encoding", 3, 10, "photos", "a.jpg")
    assert seen[0].stage == "Encoding"
    assert (seen[0].done, seen[0].total, seen[0].unit, seen[0].message) == (3, 10, "photos", "a.jpg")


def test_time_left_needs_a_total_and_a_rate():
    assert Progress("a", 5, 10, rate=2.5).seconds_left == 2
    assert Progress("a", 5, 0, rate=2.5).seconds_left is None
    assert Progress("a", 5, 10).seconds_left is None


def test_cancel_stops_a_job_at_its_next_report():
    control = JobControl()
    control.cancel()
    with pytest.raises(Cancelled):
        control.progress("Encoding", 1, 2)


def test_a_paused_job_waits_and_goes_on():
    control = JobControl()
    control.pause()
    reached = threading.Event()

    def work() -> None:
        control.checkpoint()
        reached.set()

    thread = threading.Thread(target=work)
    thread.start()
    assert control.is_paused
    assert not reached.is_set()
    control.resume()
    assert reached.wait(WAIT)
    thread.join()


def test_a_job_gives_way_for_a_moment_after_something_has_moved(monkeypatch: pytest.MonkeyPatch):
    now = [100.0]
    monkeypatch.setattr(jobs, "time", SimpleNamespace(monotonic=lambda: now[0]))
    control = JobControl()
    assert not control.gives_way()
    control.give_way()
    now[0] += 0.2
    assert control.gives_way()
    control.give_way()  # the next frame
    now[0] += 0.2
    assert control.gives_way()
    now[0] += 0.2
    assert not control.gives_way()


def test_a_cancelled_job_that_is_paused_does_not_wait():
    control = JobControl()
    control.cancel()
    control.pause()
    with pytest.raises(Cancelled):
        control.checkpoint()


def test_cancel_wakes_a_paused_job():
    control = JobControl()
    control.pause()
    ended: list[str] = []

    def work() -> None:
        try:
            control.checkpoint()
        except Cancelled:
            ended.append("cancelled")

    thread = threading.Thread(target=work)
    thread.start()
    control.cancel()
    thread.join(WAIT)
    assert ended == ["cancelled"]


def test_what_others_wait_for_is_done_although_the_job_is_paused():
    seen: list[Progress] = []
    control = JobControl(seen.append)
    control.pause()
    control.without_pause().progress("Reading", 1, 2)
    assert [one.stage for one in seen] == ["Reading"]
    control.cancel()
    with pytest.raises(Cancelled):
        control.without_pause().checkpoint()


def test_who_waits_for_what_another_job_holds_can_be_cancelled():
    lock, control = threading.Lock(), JobControl()
    ended: list[str] = []

    def work() -> None:
        try:
            with holding(lock, control):
                ended.append("had it")
        except Cancelled:
            ended.append("cancelled")

    with lock:
        thread = threading.Thread(target=work)
        thread.start()
        control.cancel()
        thread.join(WAIT)
    assert ended == ["cancelled"]
    control = JobControl()
    work()
    assert ended == ["cancelled", "had it"]
    assert not lock.locked()


class Answers:
    """Collects what a NewestWins delivers, and lets a test hold its worker inside an answer."""

    def __init__(self) -> None:
        self.delivered: list[tuple[str, str]] = []
        self.failures: list[tuple[str, BaseException]] = []
        self.started = threading.Event()
        self.go_on = threading.Event()
        self.last = threading.Event()

    def answer(self, request, emit, control) -> None:
        if request == "slow":
            self.started.set()
            assert self.go_on.wait(WAIT)
            emit("late")
        if request == "bad":
            raise VisualSearchError("No such thing.")
        emit("first")
        control.checkpoint()
        emit("second")

    def deliver(self, request, response) -> None:
        self.delivered.append((request, response))
        if response == "second":
            self.last.set()

    def fail(self, request, error) -> None:
        self.failures.append((request, error))
        self.last.set()


def test_all_phases_of_a_request_arrive_in_order():
    answers = Answers()
    worker = NewestWins(answers.answer, answers.deliver, answers.fail)
    worker.submit("a")
    assert answers.last.wait(WAIT)
    worker.close()
    assert answers.delivered == [("a", "first"), ("a", "second")]


def test_a_newer_request_drops_the_answers_of_the_older():
    answers = Answers()
    worker = NewestWins(answers.answer, answers.deliver, answers.fail)
    worker.submit("slow")
    assert answers.started.wait(WAIT)
    worker.submit("dropped unseen")
    worker.submit("b")
    answers.go_on.set()
    assert answers.last.wait(WAIT)
    worker.close()
    assert answers.delivered == [("b", "first"), ("b", "second")]


def test_an_error_goes_to_whoever_asked():
    answers = Answers()
    worker = NewestWins(answers.answer, answers.deliver, answers.fail)
    worker.submit("bad")
    assert answers.last.wait(WAIT)
    worker.close()
    assert [(request, str(error)) for request, error in answers.failures] == [("bad", "No such thing.")]


def test_closing_drops_what_is_under_way_and_ends_the_thread():
    answers = Answers()
    worker = NewestWins(answers.answer, answers.deliver, answers.fail, name="to be closed")
    worker.submit("slow")
    assert answers.started.wait(WAIT)
    answers.go_on.set()
    worker.close()
    worker.submit("after the end")
    assert ("slow", "second") not in answers.delivered
    assert "to be closed" not in [thread.name for thread in threading.enumerate()]
