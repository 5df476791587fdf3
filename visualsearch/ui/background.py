"""Short work outside the GUI thread (details, photos, opening a catalog), its answers delivered inside it.

Calls back in the thread that made it, through queued signals. Long work is `job_runner`'s.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, QThreadPool, Signal


@dataclass(eq=False)
class _Task:
    work: Callable[[], Any]
    done: Callable[[Any], None] | None
    failed: Callable[[BaseException], None] | None
    key: str
    epoch: int
    must_be: bool = False


class Background(QObject):
    """A few threads. Tasks of the same ``key`` replace each other: only the newest one's answer arrives. What a person
    decides has a thread of its own: it is written in the order in which it was decided, and never dropped."""

    failed = Signal(object)
    """An error (BaseException) of a task that has no ``failed`` of its own."""
    closing = Signal()
    """What tasks use is about to be closed: the last moment to ``write``."""
    writing_changed = Signal(int)
    """So many writes are under way, those included that wait for others, or that are of a catalog that was closed."""
    write_failed = Signal()
    """Whoever asked for it was told why."""
    _finished = Signal(object, object, object)

    def __init__(self, parent: QObject | None = None, threads: int = 3) -> None:
        super().__init__(parent)
        self._threads = threads
        self._pool = self._new_pool(threads)
        self._writer = self._new_pool(1)
        self._newest: dict[str, _Task] = {}
        self._epoch = 0
        self._running = 0
        self._writing = 0
        self._closed = False
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def _new_pool(self, threads: int) -> QThreadPool:
        pool = QThreadPool()  # Qt's starts sooner than Python's, which loads the logging package
        pool.setMaxThreadCount(threads)
        return pool

    @property
    def is_idle(self) -> bool:
        """Whether all that was asked has been delivered."""
        return self._running == 0

    @property
    def writing(self) -> int:
        """How many writes are under way, those included that wait for others, or that are of a catalog that was
        closed."""
        return self._writing

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

    def write(
        self, work: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[BaseException], None]
    ) -> None:
        """Like ``run``, after all that was to be written before; also when everything closes meanwhile, which waits
        for it (then only an error is told, where there still is a window)."""
        if self._closed:
            return
        task = _Task(work, done, failed, "", self._epoch, must_be=True)
        self._running += 1
        self._count(self._writing + 1)
        self._writer.start(lambda: self._work(task))

    def forget(self, key: str) -> None:
        """Drop the answer of the task of this key, if one is under way."""
        self._newest.pop(key, None)

    def renew(self, then: Callable[[], Any]) -> None:
        """Drop all tasks; call ``then()`` in a thread when those that run have ended: what they used can be closed."""
        self.closing.emit()
        old, self._pool = self._pool, self._new_pool(self._threads)
        writer, self._writer = self._writer, self._new_pool(1)
        self._epoch += 1
        self._newest.clear()
        self._running = 0

        def retire() -> None:
            old.clear()
            old.waitForDone()
            writer.waitForDone()
            then()

        self.run(retire)

    def close(self) -> None:
        """Wait for what runs, and for all that was to be written; nothing is delivered any more."""
        if not self._closed:
            self.closing.emit()
        self._closed = True
        self._pool.clear()
        self._pool.waitForDone()
        self._writer.waitForDone()

    def _count(self, writing: int) -> None:
        self._writing = writing
        self.writing_changed.emit(writing)

    def _is_stale(self, task: _Task) -> bool:
        if self._closed or task.epoch != self._epoch:
            return True
        return bool(task.key) and self._newest.get(task.key) is not task

    def _work(self, task: _Task) -> None:
        answer, error = None, None
        try:
            if task.must_be or not self._is_stale(task):
                answer = task.work()
        except Exception as raised:  # known errors and bugs alike belong to whoever asked
            error = raised
        self._finished.emit(task, answer, error)

    def _deliver(self, task: _Task, answer: Any, error: BaseException | None) -> None:
        is_current = task.epoch == self._epoch
        if is_current:
            self._running -= 1
        try:
            if not self._is_stale(task):
                self._tell(task, answer, error)
            elif task.must_be and error is not None and not self._closed:
                self.failed.emit(
                    error
                )  # of a catalog that is closed: whoever asked for it is not there any more
        finally:
            if task.must_be and not self._closed:
                if error is not None:
                    self.write_failed.emit()
                self._count(self._writing - 1)  # after what was told, which may write on

    def _tell(self, task: _Task, answer: Any, error: BaseException | None) -> None:
        if error is None:
            if task.done is not None:
                task.done(answer)
        elif task.failed is not None:
            task.failed(error)
        else:
            self.failed.emit(error)
