"""All long work of the window: what runs, what waits for it, and how what has ended went.

Jobs of one lane run one after the other (an import, then another), those of different lanes at the same time (an import
and an audit).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Literal

from PySide6.QtCore import QObject, Qt, Signal

from visualsearch.errors import Cancelled
from visualsearch.jobs import JobControl, Progress
from visualsearch.ui.gallery.worker import stay_behind_the_window

State = Literal["waiting", "running", "done", "failed", "cancelled"]
WRITING = "writing"
"""The lane of the jobs that write embeddings and index: a catalog lets one of them in at a time."""
_REPORT_EVERY = 0.1  # seconds: a person cannot read faster
_KEPT = 20  # ended jobs that can still be looked at


class Job:
    """One piece of long work. Read it in the GUI thread; ``runner`` changes it.

    ``again``: what starts it once more, offered when it has failed or was cancelled; None where that makes no sense.
    """

    def __init__(
        self,
        title: str,
        work: Callable[[JobControl], Any],
        done: Callable[[Any, BaseException | None], None],
        lane: str,
        again: Callable[[], object] | None,
    ) -> None:
        self.title = title
        self.work = work
        self.done = done
        self.lane = lane
        self.again = again
        self.state: State = "waiting"
        self.progress: Progress | None = None
        self.error: BaseException | None = None
        self.started = self.ended = 0.0
        self.control: JobControl | None = None
        self.thread: threading.Thread | None = None

    @property
    def is_over(self) -> bool:
        return self.state not in ("waiting", "running")

    @property
    def is_paused(self) -> bool:
        return self.control is not None and self.control.is_paused and not self.is_over

    @property
    def is_stopping(self) -> bool:
        """Whether it was cancelled and has not come to its next checkpoint yet."""
        return self.state == "running" and self.control is not None and self.control.is_cancelled

    @property
    def seconds(self) -> float:
        """How long it ran, or has been running."""
        return (self.ended or time.monotonic()) - self.started if self.started else 0.0


class JobRunner(QObject):
    """Runs jobs, each in a thread of its own. ``first`` is the one that the status line shows."""

    changed = Signal()
    """A job came, started, was paused, resumed, cancelled, or ended."""
    begun = Signal(object)
    """A Job that somebody wants: it runs, or waits for its lane."""
    progressed = Signal(object)
    """A Job that has got further, at most ten times a second each."""
    ended = Signal(object)
    """A Job that is over, after its ``done`` was called."""
    _reported = Signal(object, object)
    _finished = Signal(object, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.jobs: list[Job] = []
        self._closed = False
        self._finished.connect(self._end, Qt.ConnectionType.QueuedConnection)
        self._reported.connect(self._take, Qt.ConnectionType.QueuedConnection)

    @property
    def first(self) -> Job | None:
        """The oldest job that runs."""
        return next((job for job in self.jobs if job.state == "running"), None)

    @property
    def is_running(self) -> bool:
        """Whether any job runs or waits."""
        return any(not job.is_over for job in self.jobs)

    @property
    def is_paused(self) -> bool:
        return self.first is not None and self.first.is_paused

    def start(
        self,
        title: str,
        work: Callable[[JobControl], Any],
        done: Callable[[Any, BaseException | None], None],
        *,
        lane: str = WRITING,
        again: Callable[[], object] | None = None,
    ) -> Job:
        """Run ``work(control)`` when the lane is free; ``done(answer, error)`` is called at its end."""
        over = [job for job in self.jobs if job.is_over]
        for old in over[: max(0, len(over) - _KEPT + 1)]:
            self.jobs.remove(old)
        job = Job(title, work, done, lane, again)
        self.jobs.append(job)
        self._advance()
        self.changed.emit()
        self.begun.emit(job)
        return job

    def pause(self, job: Job | None = None) -> None:
        self._control(job, JobControl.pause)

    def resume(self, job: Job | None = None) -> None:
        self._control(job, JobControl.resume)

    def cancel(self, job: Job | None = None) -> None:
        """Ask a job (by default the first) to stop; it ends at its next checkpoint. One that waits ends at once."""
        job = job or self.first
        if job is not None and job.state == "waiting":
            job.state, job.error = "cancelled", Cancelled()
            self.changed.emit()
            job.done(None, job.error)
            self.ended.emit(job)
        else:
            self._control(job, JobControl.cancel)

    def give_way(self) -> None:
        """Somebody moves what is on screen: all jobs leave a core free for a moment. Say it with each frame."""
        for job in self.jobs:
            if job.control is not None:
                job.control.give_way()

    def forget(self, job: Job) -> None:
        """Do not list a job that is over any more."""
        if job.is_over and job in self.jobs:
            self.jobs.remove(job)
            self.changed.emit()

    def close(self) -> None:
        """Cancel everything and wait: what the jobs have done so far is kept by the catalog."""
        self._closed = True
        for job in self.jobs:
            if job.control is not None:
                job.control.cancel()
        for job in self.jobs:
            if job.thread is not None:
                job.thread.join()

    def _control(self, job: Job | None, call: Callable[[JobControl], None]) -> None:
        job = job or self.first
        if job is not None and job.control is not None and not job.is_over:
            call(job.control)
            self.changed.emit()

    def _advance(self) -> None:
        """Start what waits in free lanes."""
        busy = {job.lane for job in self.jobs if job.state == "running"}
        for job in self.jobs:
            if job.state == "waiting" and job.lane not in busy and not self._closed:
                busy.add(job.lane)
                job.state, job.started = "running", time.monotonic()
                last = [0.0, ""]
                job.control = JobControl(
                    lambda progress, job=job, last=last: self._report(job, progress, last)
                )
                job.thread = threading.Thread(target=self._work, args=(job, job.control), name="job")
                job.thread.start()

    def _report(self, job: Job, progress: Progress, last: list[Any]) -> None:
        now = time.monotonic()
        if now - last[0] >= _REPORT_EVERY or progress.stage != last[1]:
            last[:] = now, progress.stage
            self._reported.emit(job, progress)

    def _take(self, job: Job, progress: Progress) -> None:
        job.progress = progress
        if not job.is_over:
            self.progressed.emit(job)

    def _work(self, job: Job, control: JobControl) -> None:
        stay_behind_the_window()
        answer, error = None, None
        try:
            answer = job.work(control)
        except Cancelled as raised:
            error = raised
        except Exception as raised:  # shown by whoever started the job
            error = raised
        self._finished.emit(job, answer, error)

    def _end(self, job: Job, answer: Any, error: BaseException | None) -> None:
        if job.thread is not None:
            job.thread.join()
        job.ended = time.monotonic()
        job.error = error
        job.state = "done" if error is None else "cancelled" if isinstance(error, Cancelled) else "failed"
        self._advance()
        self.changed.emit()
        job.done(answer, error)
        self.ended.emit(job)
