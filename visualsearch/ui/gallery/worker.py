"""The one thread behind a gallery's cache: newest wishes first, what is not wished for any more is dropped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

_LINGER = 1.0  # seconds: to start a thread is to wait for it, which must not happen frame by frame


class NewestFirst:
    """Works off a list of wishes in one thread; a new list replaces what is left of the old one.

    ``work(batch, superseded)`` runs in the thread with up to ``batch`` item numbers, most wanted first; it may stop
    early when ``superseded()`` says that a newer list has come. It must not raise.
    """

    def __init__(
        self, work: Callable[[list[int], Callable[[], bool]], None], *, batch: int, name: str
    ) -> None:
        self._work = work
        self._batch = batch
        self._lock = threading.Condition()
        self._wishes: list[int] = []
        self._version = 0
        self._running = False
        self._closed = False
        self._name = name
        self._thread: threading.Thread | None = None  # while there are wishes, and a moment longer

    def want(self, items: Sequence[int]) -> None:
        """Replace all wishes, most wanted first. Returns at once. Does nothing after close."""
        with self._lock:
            if self._closed:
                return
            self._wishes = list(items)
            self._version += 1
            if self._running:
                self._lock.notify()
            if not self._wishes or self._running:
                return
            self._running = True
            self._thread = threading.Thread(target=self._run, name=self._name)
            self._thread.start()

    def close(self) -> None:
        """Drop all wishes and wait for the thread to end."""
        with self._lock:
            self._closed = True
            self._wishes = []
            self._version += 1
            self._lock.notify()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._wishes and not self._closed:
                    self._lock.wait(_LINGER)
                batch, self._wishes = self._wishes[: self._batch], self._wishes[self._batch :]
                version = self._version
                if not batch:
                    self._running = False
                    return
            self._work(batch, lambda v=version: self._version != v)
