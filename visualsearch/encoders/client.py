"""Encodes image files in a child process, and lives on when a photo crashes it."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from visualsearch.encoders.child import Child, ChildDied, Inbox
from visualsearch.encoders.encoder import CompiledEncoder
from visualsearch.encoders.messages import Encoded
from visualsearch.errors import EncoderError, ImageRefused
from visualsearch.jobs import JobControl

__all__ = ["Encoded", "EncoderClient"]

BATCH = 32  # images handed over at once: about half a second's work, lost at most when the program is killed
_WINDOW = 2 * BATCH  # images under way: bounds the memory, and how many are looked through after a crash
_LINGER = 0.5  # seconds that a batch waits to become full
_POLL = 0.1  # seconds between two looks at the cancel button
_STALL = 120.0  # seconds without any reply after which the process counts as hanging
_ATTEMPTS = 2  # times that a photo may crash a process of its own before it is refused
_MAX_THREADS = 8  # each costs an interpreter's memory

_CRASHED = "The decoder crashed or hung on it (it may be damaged or made to do harm)."


class EncoderClient:
    """Owns the child process, which starts on first use. Safe from several threads; they share the process.

    While ``gives_way()`` the process leaves a core to others. Use it as a context manager or call ``close``.
    """

    def __init__(
        self,
        compiled: CompiledEncoder,
        *,
        threads: int | None = None,
        gives_way: Callable[[], bool] = lambda: False,
    ) -> None:
        self.compiled = compiled
        self._gives_way = gives_way
        self._threads = threads or min(available_cores(), _MAX_THREADS)
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._starting: threading.Thread | None = None
        self._expected: queue.SimpleQueue[Path | None] = queue.SimpleQueue()
        self._begun: dict[Path, tuple[Child, Inbox]] = {}

    def __enter__(self) -> EncoderClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The child process's id; None while there is none."""
        child = self._child
        return None if child is None or child.is_dead else child.pid

    def start(self) -> None:
        """Start the child process in a thread, so that it is ready when there is something to encode: it takes up
        to a second. What goes wrong shows at the first use."""
        self._end_start()
        self._expected = expected = queue.SimpleQueue()

        def start() -> None:
            with suppress(EncoderError, ChildDied):
                child = self._running()
                while len(self._begun) < _WINDOW and (path := expected.get()) is not None:
                    inbox = Inbox()
                    child.ask(0, path, inbox, urgent=False)
                    self._begun[path] = (child, inbox)

        self._starting = threading.Thread(target=start, name="encoder-start")
        self._starting.start()

    def expect(self, path: Path) -> None:
        """Say that ``encode`` will be asked for a photo: the first ones after ``start`` are encoded at once, and kept
        until then. Returns at once."""
        if self._starting is not None and self._starting.is_alive():
            self._expected.put(path)

    def _end_start(self) -> None:
        starting, self._starting = self._starting, None
        if starting is not None:
            self._expected.put(None)
            starting.join()

    def encode(
        self, requests: Iterable[tuple[int, Path]], control: JobControl, *, urgent: bool = False
    ) -> Generator[list[Encoded], None, None]:
        """Encode (key, path) pairs; yields batches as they are ready, in any order, every key exactly once.

        ``requests`` is drawn on in the caller's thread as there is room, so it may be endless. Images that cannot be
        used come with ``refused``; a photo that crashes the process is found and refused. ``urgent`` requests pass
        those that wait. Raises EncoderError when the process cannot start, and Cancelled.
        """
        self._end_start()
        waiting = iter(requests)
        under_way: dict[int, Path] = {}
        while True:
            child, inbox = self._running(), Inbox()
            try:
                yield from self._stream(child, inbox, waiting, under_way, control, urgent)
                return
            except ChildDied:
                control.progress("the encoder crashed; started again to find the photo that did it")
                yield from self._one_by_one(under_way, control)
            finally:
                child.forget(inbox)

    def encode_files(self, paths: Sequence[Path]) -> list[Encoded]:
        """A few images at once and ahead of others; results in the order of ``paths``, keys 0, 1, …"""
        done = [one for batch in self.encode(enumerate(paths), JobControl(), urgent=True) for one in batch]
        return sorted(done, key=lambda encoded: encoded.key)

    def close(self) -> None:
        """End the child process. Calls under way in other threads must have ended or been cancelled."""
        self._end_start()
        self._begun.clear()
        with self._lock:
            child, self._child = self._child, None
        if child is not None:
            child.stop()

    def _running(self) -> Child:
        with self._lock:
            if self._child is not None and self._child.is_dead:
                self._child.stop()
                self._child = None
            if self._child is None:
                self._child = Child(self.compiled, self._threads, self._gives_way)
            return self._child

    def _stream(
        self,
        child: Child,
        inbox: Inbox,
        waiting: Iterator[tuple[int, Path]],
        under_way: dict[int, Path],
        control: JobControl,
        urgent: bool,
    ) -> Iterator[list[Encoded]]:
        """Keep the window full and yield batches; ``under_way`` always holds what was drawn and not yet yielded."""
        batch: list[Encoded] = []
        drained = False
        try:
            while True:
                while not drained and len(under_way) < _WINDOW:
                    drawn = next(waiting, None)
                    if drawn is None:
                        drained = True
                    else:
                        key, path = drawn
                        under_way[key] = path
                        begun_in, begun = self._begun.pop(path, (None, inbox))
                        if begun_in is child:
                            child.hand_over(begun, key, inbox)
                        else:
                            child.ask(key, path, inbox, urgent=urgent)
                if not under_way:
                    return
                self._collect(child, inbox, batch, min(BATCH, len(under_way)), control)
                ready, batch = batch, []
                for encoded in ready:
                    del under_way[encoded.key]
                yield ready
        except ChildDied:
            for encoded in batch:
                del under_way[encoded.key]
            if batch:
                yield batch
            raise

    @staticmethod
    def _collect(child: Child, inbox: Inbox, batch: list[Encoded], wanted: int, control: JobControl) -> None:
        """Fill ``batch`` with ``wanted`` replies, or with what came within half a second after the first."""
        silent, first = 0.0, 0.0
        while len(batch) < wanted:
            control.checkpoint()
            if batch and time.monotonic() - first > _LINGER:
                return
            try:
                encoded = inbox.get(timeout=_POLL)
            except queue.Empty:
                silent += _POLL
                if silent > _STALL:
                    child.kill()
                continue
            if encoded is None:
                raise ChildDied
            silent = 0.0
            first = first or time.monotonic()
            batch.append(encoded)

    def _one_by_one(self, under_way: dict[int, Path], control: JobControl) -> Iterator[list[Encoded]]:
        """Repeat what a dead process owed, each image alone in a process apart, so that the culprit shows."""
        apart: Child | None = None
        try:
            for key, path in list(under_way.items()):
                encoded: Encoded | None = None
                for _ in range(_ATTEMPTS):
                    if apart is None:
                        apart = Child(self.compiled, threads=1)
                    encoded = self._alone(apart, key, path, control)
                    if encoded is not None:
                        break
                    apart.stop()
                    apart = None
                del under_way[key]
                yield [encoded or Encoded(key, _digest(path), refused=_CRASHED)]
        finally:
            if apart is not None:
                apart.stop()

    def _alone(self, apart: Child, key: int, path: Path, control: JobControl) -> Encoded | None:
        """The one image's result; None when the process died of it."""
        inbox, batch = Inbox(), []
        try:
            apart.ask(key, path, inbox, urgent=True)
            self._collect(apart, inbox, batch, 1, control)
        except ChildDied:
            return None
        return batch[0]


def available_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _digest(path: Path) -> bytes | None:
    from visualsearch.encoders import decode  # here alone does this process need Pillow

    try:
        return decode.digest_of(decode.read_file(path))
    except ImageRefused:
        return None
