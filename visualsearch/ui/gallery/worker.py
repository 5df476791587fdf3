"""The one thread behind a gallery's cache: newest wishes first, what is not wished for any more is dropped."""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress


class NewestFirst:
    """Works off a list of wishes in one thread; a new list replaces what is left of the old one. GUI thread only.

    ``work(batch, superseded)`` runs in the thread with up to ``batch`` item numbers, most wanted first; it may stop
    early when ``superseded()`` says that a newer list has come. It must not raise.

    The thread starts with the first wish and waits for more until ``close``: to start one is to wait for it, which must
    not happen frame by frame. No lock is shared with it: its holder might wait for a core or for the interpreter.
    """

    def __init__(
        self, work: Callable[[list[int], Callable[[], bool]], None], *, batch: int, name: str
    ) -> None:
        self._work = work
        self._batch = batch
        self._lists: queue.SimpleQueue[tuple[int, list[int]]] = queue.SimpleQueue()
        self._version = 0
        self._closed = False
        self._name = name
        self._thread: threading.Thread | None = None

    def want(self, items: Sequence[int]) -> None:
        """Replace all wishes, most wanted first. Returns at once. Does nothing after close."""
        if self._closed or not (items or self._thread):
            return
        self._version += 1
        self._lists.put((self._version, list(items)))
        if self._thread is None:  # one that nobody closed does not keep the program from ending
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Drop all wishes and wait for the thread to end."""
        self._closed = True
        self._version += 1
        self._lists.put((self._version, []))
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        stay_behind_the_window()
        while not self._closed:
            version, wishes = self._lists.get()
            while wishes and version == self._version:
                batch, wishes = wishes[: self._batch], wishes[self._batch :]
                self._work(batch, lambda v=version: self._version != v)


def stay_behind_the_window() -> None:
    """Linux gives each thread a priority of its own: this one, and those that it starts, must not take the core from
    the thread that paints. Not as low as the encoder's: what holds the interpreter's lock has to get on."""
    if sys.platform == "linux" and os.sched_getscheduler(0) == os.SCHED_OTHER:
        thread = threading.get_native_id()
        with suppress(OSError):  # it is only slower then
            os.sched_setscheduler(thread, os.SCHED_BATCH, os.sched_param(0))
            os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + 5)
