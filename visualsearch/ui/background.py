"""Work outside the GUI thread, its answers delivered inside it.

``Background`` runs short work (details, photos, opening a catalog), ``JobRunner`` the one long job.
Both call back in the thread that made them, through queued signals.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, QThreadPool, Signal

from visualsearch.errors import Cancelled
from visualsearch.jobs import JobControl, Progress

_REPORT_EVERY = 0.1  # seconds: a person cannot read faster


@dataclass(eq=False)
class _Task:
    work: Callable[[], Any]
    done: Callable[[Any], None] | None
    failed: Callable[[BaseException], None] | None
    key: str
    epoch: int


class Background(QObject):
    """A few threads. Tasks of the same ``key`` replace each other: only the newest one's answer arrives."""

    failed = Signal(object)
    """An error (BaseException) of a task that has no ``failed`` of its own."""
    _finished = Signal(object, object, object)

    def __init__(self, parent: QObject | None = None, threads: int = 3) -> None:
        super().__init__(parent)
        self._threads = threads
        self._pool = self._new_pool()
        self._newest: dict[str, _Task] = {}
        self._epoch = 0
        self._running = 0
        self._closed = False
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def _new_pool(self) -> QThreadPool:
        pool = QThreadPool()  # Qt's starts sooner than Python's, which loads the logging package
        pool.setMaxThreadCount(self._threads)
        return pool

    @property
    def is_idle(self) -> bool:
        """Whether all that was asked has been delivered."""
        return self._running == 0

    def run(
        self,
        work: Callable[[], Any],
        done: Callable[[Any], None] | None = None,
        failed: Callable[[BaseException], None] | None = None,
        *,
        key: str = "",
    ) -> None:
        """Call ``work()`` in a thread, then ``done(answer)`` or ``failed(error)`` in the GUI thread."""
        if self._closed:
            return
        task = _Task(work, done, failed, key, self._epoch)
        if key:
            self._newest[key] = task
        self._running += 1
        self._pool.start(lambda: self._work(task))

    def forget(self, key: str) -> None:
        """Drop the answer of the task of this key, if one is under way."""
        self._newest.pop(key, None)

    def renew(self, then: Callable[[], Any]) -> None:
        """Drop all tasks; call ``then()`` in a thread when those that run have ended: what they used can be closed."""
        old, self._pool = self._pool, self._new_pool()
        self._epoch += 1
        self._newest.clear()
        self._running = 0

        def retire() -> None:
            old.clear()
            old.waitForDone()
            then()

        self.run(retire)

    def close(self) -> None:
        """Wait for what runs; nothing is delivered any more."""
        self._closed = True
        self._pool.clear()
        self._pool.waitForDone()

    def _is_stale(self, task: _Task) -> bool:
        if self._closed or task.epoch != self._epoch:
            return True
        return bool(task.key) and self._newest.get(task.key) is not task

    def _work(self, task: _Task) -> None:
        answer, error = None, None
        try:
            if not self._is_stale(task):
                answer = task.work()
        except Exception as raised:  # known errors and bugs alike belong to whoever asked
            error = raised
        self._finished.emit(task, answer, error)

    def _deliver(self, task: _Task, answer: Any, error: BaseException | None) -> None:
        if task.epoch == self._epoch:
            self._running -= 1
        if self._is_stale(task):
            return
        if error is None:
            if task.done is not None:
                task.done(answer)
        elif task.failed is not None:
            task.failed(error)
        else:
            self.failed.emit(error)


class JobRunner(QObject):
    """Runs one long job at a time in a thread of its own."""

    changed = Signal()
    """Started, paused, resumed, cancelled or ended."""
    progressed = Signal(object)
    """A Progress, at most ten a second."""
    _ended = Signal(object, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.title = ""
        self._control: JobControl | None = None
        self._thread: threading.Thread | None = None
        self._last_report = (0.0, "")
        self._ended.connect(self._end, Qt.ConnectionType.QueuedConnection)

    @property
    def is_running(self) -> bool:
        return self._control is not None

    @property
    def is_paused(self) -> bool:
        return self._control is not None and self._control.is_paused

    @property
    def is_cancelled(self) -> bool:
        return self._control is not None and self._control.is_cancelled

    def start(
        self,
        title: str,
        work: Callable[[JobControl], Any],
        done: Callable[[Any, BaseException | None], None],
    ) -> bool:
        """Run ``work(control)``; ``done(answer, error)`` is called at its end. False while another job runs."""
        if self._control is not None:
            return False
        self.title = title
        control = self._control = JobControl(self._report)
        self._thread = threading.Thread(target=self._work, args=(work, done, control), name="job")
        self._thread.start()
        self.changed.emit()
        return True

    def pause(self) -> None:
        if self._control is not None:
            self._control.pause()
            self.changed.emit()

    def resume(self) -> None:
        if self._control is not None:
            self._control.resume()
            self.changed.emit()

    def cancel(self) -> None:
        """Ask the job to stop; it ends at its next checkpoint."""
        if self._control is not None:
            self._control.cancel()
            self.changed.emit()

    def close(self) -> None:
        """Cancel and wait: what the job has done so far is kept by the catalog."""
        self.cancel()
        if self._thread is not None:
            self._thread.join()

    def _report(self, progress: Progress) -> None:
        at, stage = self._last_report
        now = time.monotonic()
        if now - at >= _REPORT_EVERY or progress.stage != stage:
            self._last_report = (now, progress.stage)
            self.progressed.emit(progress)

    def _work(self, work: Callable[[JobControl], Any], done: Callable, control: JobControl) -> None:
        answer, error = None, None
        try:
            answer = work(control)
        except Cancelled as raised:
            error = raised
        except Exception as raised:  # shown by whoever started the job
            error = raised
        self._ended.emit(done, answer, error)

    def _end(self, done: Callable, answer: Any, error: BaseException | None) -> None:
        if self._thread is not None:
            self._thread.join()
        self._thread = self._control = None
        self._last_report = (0.0, "")
        self.changed.emit()
        done(answer, error)
