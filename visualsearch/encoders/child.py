"""A running worker process and the replies it owes."""

from __future__ import annotations

import queue
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from visualsearch.encoders import messages, processes
from visualsearch.encoders.encoder import CompiledEncoder
from visualsearch.encoders.messages import Encoded
from visualsearch.errors import EncoderError

_SPARE = 0.3  # seconds for which the process leaves a core to others; told again while that is wanted

# A caller's replies; None says that the process died and owes the rest.
Inbox = queue.SimpleQueue[Encoded | None]


class ChildDied(Exception):
    """The worker process is gone; what it owed has to be asked of another one."""


class Child:
    """Starts the worker and waits until it is ready (under a second). Safe from several threads.

    While ``gives_way()``, which is asked with each reply, one of several encoding threads rests. Raises EncoderError
    when the worker cannot start.
    """

    def __init__(
        self, compiled: CompiledEncoder, threads: int, gives_way: Callable[[], bool] = lambda: False
    ) -> None:
        self._dimension = compiled.dimension
        self._lock = threading.Lock()
        self._owed: dict[int, tuple[int, Inbox]] = {}
        self._next_number = 0
        self._dead = False
        self._gives_way = gives_way
        self._spared_at = 0.0
        self._process = _start(compiled, threads)
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        assert self._stdin is not None
        assert self._stdout is not None
        greeting = messages.read(self._stdout)
        if greeting is None or "ready" not in greeting[0]:
            self.stop()
            raise _cannot_start(greeting, self._process.returncode)
        self._reader = threading.Thread(target=self._receive, name="encoder-replies", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_dead(self) -> bool:
        return self._dead

    def ask(self, key: int, path: Path, inbox: Inbox, *, urgent: bool) -> int:
        """Request an image; its ``Encoded`` will come to ``inbox``. Returns the request's number."""
        with self._lock:
            if self._dead:
                raise ChildDied
            number = self._next_number
            self._next_number += 1
            self._owed[number] = (key, inbox)
            try:
                messages.write(self._stdin, {"number": number, "path": str(path), "urgent": urgent})  # type: ignore[arg-type]
            except OSError:
                del self._owed[number]
                raise ChildDied from None
        return number

    def hand_over(self, before: Inbox, key: int, inbox: Inbox) -> None:
        """Have the one reply that ``before`` waits for, or has got, come to ``inbox``, under another key."""
        with self._lock:
            for number, (_, waiting) in self._owed.items():
                if waiting is before:
                    self._owed[number] = (key, inbox)
                    return
            encoded = before.get_nowait()
        inbox.put(None if encoded is None else replace(encoded, key=key))

    def forget(self, inbox: Inbox) -> None:
        """Drop what ``inbox`` still waits for: nobody wants it any more."""
        with self._lock:
            numbers = [number for number, (_, waiting) in self._owed.items() if waiting is inbox]
            for number in numbers:
                del self._owed[number]
            if numbers and not self._dead:
                try:
                    messages.write(self._stdin, {"drop": numbers})  # type: ignore[arg-type]
                except OSError:
                    pass  # it is dying, and takes the requests with it

    def kill(self) -> None:
        """End the process at once; inboxes learn it as they do of a crash."""
        self._process.kill()

    def stop(self) -> None:
        """End the process and its reader thread, and wait for both."""
        self._process.kill()
        self._process.wait()
        if hasattr(self, "_reader"):
            self._reader.join()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    pass  # an unsent request was still in its buffer

    def _receive(self) -> None:
        assert self._stdout is not None
        while (frame := messages.read(self._stdout)) is not None:
            header, body = frame
            with self._lock:
                key, inbox = self._owed.pop(header["number"], (0, None))
                if inbox is not None:
                    inbox.put(messages.unpack(header, body, key, self._dimension))
            if self._gives_way():
                self._spare_a_core()
        with self._lock:
            self._dead = True
            for inbox in {id(inbox): inbox for _, inbox in self._owed.values()}.values():
                inbox.put(None)
            self._owed.clear()

    def _spare_a_core(self) -> None:
        now = time.monotonic()
        if now - self._spared_at < _SPARE / 2:
            return
        self._spared_at = now
        with self._lock, suppress(OSError):  # of a process that is dying
            messages.write(self._stdin, {"spare": _SPARE})  # type: ignore[arg-type]


def _start(compiled: CompiledEncoder, threads: int) -> subprocess.Popen[bytes]:
    numbers = (compiled.input_size, compiled.dimension, compiled.scale, compiled.offset, threads)
    try:
        return processes.start(
            "visualsearch.encoders.worker", str(compiled.file), *map(str, numbers), stdin=subprocess.PIPE
        )
    except OSError as error:
        raise EncoderError(f"The encoder's process cannot be started: {error.strerror}.") from error


def _cannot_start(greeting: tuple[dict[str, Any], bytes] | None, code: int) -> EncoderError:
    if greeting is not None and "error" in greeting[0]:
        return EncoderError(**greeting[0]["error"])
    return EncoderError(
        f"The encoder's process ended while it was starting (exit code {code}).",
        hint="See that there is enough memory, or install the program anew.",
        command="python -m pip install --force-reinstall ai-edge-litert",
    )
