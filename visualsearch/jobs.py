"""Long work with progress, pause and cancel, and the worker in which the newest request wins.

Only the standard library. Results travel through an injected ``deliver`` callable, so that the same
code serves the command line (call directly), tests (append to a list) and the window (emit a signal).
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from visualsearch.errors import Cancelled, CatalogError

_RATE_WINDOW = 15.0  # seconds over which the rate is measured: long enough to be calm, short enough to follow
_LOOK = 0.05  # seconds between two looks at the cancel of who waits for a lock
_WAY = 0.3  # seconds for which a job gives way; who moves things says so again with each frame


@dataclass(frozen=True)
class Progress:
    """A moment of a job. ``total`` is 0 while unknown; ``rate`` is units per second (0 while unknown)."""

    stage: str
    done: int = 0
    total: int = 0
    unit: str = "items"
    rate: float = 0.0
    message: str = ""

    @property
    def seconds_left(self) -> float | None:
        """Seconds to the end at the present rate, or None while nobody can tell."""
        if not self.total or self.rate <= 0:
            return None
        return max(0, self.total - self.done) / self.rate


class JobControl:
    """Handed to a job: it reports progress here and obeys pause and cancel. Safe from any thread."""

    def __init__(self, report: Callable[[Progress], None] | None = None) -> None:
        self._report = report
        self._cancelled = threading.Event()
        self._running = threading.Event()
        self._running.set()
        self._samples: deque[tuple[float, int]] = deque()
        self._stage = ""
        self._way_until = 0.0

    def progress(
        self, stage: str, done: int = 0, total: int = 0, unit: str = "items", message: str = ""
    ) -> None:
        """Tell how far the job is, and stop here while paused. Raises Cancelled when cancelled."""
        now = time.monotonic()
        if stage != self._stage:
            self._stage = stage
            self._samples.clear()
        self._samples.append((now, done))
        while len(self._samples) > 2 and now - self._samples[0][0] > _RATE_WINDOW:
            self._samples.popleft()
        first_at, first_done = self._samples[0]
        rate = (done - first_done) / (now - first_at) if now - first_at > 0.2 else 0.0
        if self._report is not None:
            self._report(Progress(stage, done, total, unit, rate, message))
        self.checkpoint()

    def checkpoint(self) -> None:
        """Wait while paused; raise Cancelled when cancelled. Call it often."""
        if not self._running.is_set() and not self._cancelled.is_set():
            self._running.wait()
            self._samples.clear()  # a pause is not slowness
        if self._cancelled.is_set():
            raise Cancelled

    def pause(self) -> None:
        self._running.clear()

    def resume(self) -> None:
        self._running.set()

    def cancel(self) -> None:
        """Ask the job to stop at its next checkpoint; also wakes a paused job."""
        self._cancelled.set()
        self._running.set()

    def give_way(self) -> None:
        """Somebody moves what is on screen: for a moment the job should leave a core free. Returns at once."""
        self._way_until = time.monotonic() + _WAY

    def gives_way(self) -> bool:
        """Whether somebody moves what is on screen. Only what computes on all cores needs to look."""
        return time.monotonic() < self._way_until

    def without_pause(self) -> JobControl:
        """For a part of the job that others wait for: it reports and obeys the cancel, but not the pause."""
        other = JobControl(self._report)
        other._cancelled = self._cancelled
        return other

    @property
    def is_paused(self) -> bool:
        return not self._running.is_set()

    @property
    def is_cancelled(self) -> bool:
        return self._cancelled.is_set()


Request = TypeVar("Request")
Response = TypeVar("Response")


class NewestWins(Generic[Request, Response]):
    """One worker thread that answers only the newest request.

    ``answer(request, emit, control)`` runs in the worker; it calls ``emit(response)`` once for each phase and
    ``control.checkpoint()`` in between. A new request cancels the one that is running; a late response
    is dropped by the identity of its request. ``deliver(request, response)`` and ``failed(request, error)``
    are called in the worker thread: the window passes a queued signal's ``emit``.
    """

    def __init__(
        self,
        answer: Callable[[Request, Callable[[Response], None], JobControl], None],
        deliver: Callable[[Request, Response], None],
        failed: Callable[[Request, BaseException], None],
        name: str = "newest-wins",
    ) -> None:
        self._answer = answer
        self._deliver = deliver
        self._failed = failed
        self._wake = threading.Condition()
        self._waiting: Request | None = None
        self._newest: Request | None = None
        self._control: JobControl | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, request: Request) -> None:
        """Ask; whatever was asked before is dropped. Returns at once."""
        with self._wake:
            if self._closed:
                return
            self._waiting = self._newest = request
            if self._control is not None:
                self._control.cancel()
            self._wake.notify()

    def close(self) -> None:
        """Drop everything and end the thread; returns when it has ended."""
        with self._wake:
            self._closed = True
            self._waiting = self._newest = None
            if self._control is not None:
                self._control.cancel()
            self._wake.notify()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self) -> None:
        while True:
            with self._wake:
                while self._waiting is None and not self._closed:
                    self._wake.wait()
                if self._closed:
                    return
                request, self._waiting = self._waiting, None
                assert request is not None  # the loop above waits for one
                control = self._control = JobControl()
            try:
                self._answer(request, lambda response, r=request: self._emit(r, response), control)
            except Cancelled:
                pass
            except Exception as error:  # known errors and bugs alike belong to whoever asked
                if self._is_newest(request):
                    self._failed(request, error)

    def _emit(self, request: Request, response: Response) -> None:
        if not self._is_newest(request):
            raise Cancelled
        self._deliver(request, response)

    def _is_newest(self, request: Request | None) -> bool:
        with self._wake:
            return request is self._newest and not self._closed


class _Lock(Protocol):
    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool: ...
    def release(self) -> None: ...


@contextmanager
def holding(lock: _Lock, control: JobControl) -> Iterator[None]:
    """Hold a lock that a job may hold for minutes, or until a person lets it go on. Raises Cancelled when ``control``
    is cancelled meanwhile."""
    while not lock.acquire(timeout=_LOOK):
        control.checkpoint()
    try:
        yield
    finally:
        lock.release()


class OneAtATime:
    """Holds the lock of long jobs for a while, or says that one is running. Raises CatalogError, never waits."""

    def __init__(self, lock: threading.Lock, sentence: str) -> None:
        self._lock = lock
        self._sentence = sentence

    def __enter__(self) -> None:
        if not self._lock.acquire(blocking=False):
            raise CatalogError(self._sentence, "Wait for it or cancel it first.")

    def __exit__(self, *_: object) -> None:
        self._lock.release()
