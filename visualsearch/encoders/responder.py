"""A child process that answers one request after the other, and may crash at a photo without harm to the window."""

from __future__ import annotations

import subprocess
import threading
from typing import Any

from visualsearch.encoders import messages, processes
from visualsearch.errors import EncoderError, ImageRefused

LARGEST = 1 << 28  # bytes of one answer: a picture of 9,000 × 9,000 pixels


class Responder:
    """Runs ``python -m module arguments``, which starts on first use. Safe from any thread; one asks at a time."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._command = (module, *arguments)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        """Header and body of the answer.

        Raises ImageRefused for what the process refuses or crashes on, EncoderError when it does not start or says
        that it cannot do this at all.
        """
        with self._lock:
            answer = self._exchange(request)
            if answer is None:
                self._stop()
                raise ImageRefused("The decoder crashed on it (it may be damaged or made to do harm).")
        header, body = answer
        if "refused" in header:
            raise ImageRefused(header["refused"])
        if "error" in header:
            raise EncoderError(**header["error"])
        return header, body

    def close(self) -> None:
        """End the process; the next ``ask`` starts another."""
        with self._lock:
            self._stop()

    def _exchange(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes] | None:
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            messages.write(process.stdin, request)
        except OSError:
            return None
        return messages.read(process.stdout, LARGEST)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is not None:
            self._stop()  # it died between two photos, which is no photo's fault
        if self._process is None:
            try:
                self._process = processes.start(*self._command, stdin=subprocess.PIPE)
            except OSError as error:
                raise EncoderError(f"The photo process cannot be started: {error.strerror}.") from error
        return self._process

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    pass  # an unsent request was still in its buffer
