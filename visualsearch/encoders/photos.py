"""Photos to look at, decoded in a child process of their own: a photo that crashes the decoder takes no window down.

``PhotoLoader`` is for callers; ``python -m visualsearch.encoders.photos`` is the process that it starts, which knows
no network and answers one request after the other.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from visualsearch.encoders import messages, processes
from visualsearch.errors import EncoderError, ImageRefused

_LARGEST = 1 << 28  # bytes of one answer: a picture of 9,000 × 9,000 pixels


class PhotoLoader:
    """Decodes photos in a child process, which starts on first use. Safe from any thread; one decodes at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def load(self, path: Path, max_side: int) -> tuple[int, int, bytes]:
        """Width, height and RGB bytes of the upright photo, longest side at most ``max_side``.

        Raises ImageRefused, also for a photo on which the decoder crashes, and EncoderError when no process starts.
        """
        with self._lock:
            answer = self._ask(path, max_side)
            if answer is None:
                self._stop()
                raise ImageRefused("The decoder crashed on it (it may be damaged or made to do harm).")
        header, pixels = answer
        if "refused" in header:
            raise ImageRefused(header["refused"])
        return header["width"], header["height"], pixels

    def close(self) -> None:
        """End the process; the next ``load`` starts another."""
        with self._lock:
            self._stop()

    def _ask(self, path: Path, max_side: int) -> tuple[dict, bytes] | None:
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            messages.write(process.stdin, {"path": str(path), "max_side": max_side})
        except OSError:
            return None
        return messages.read(process.stdout, _LARGEST)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is not None:
            self._stop()  # it died between two photos, which is no photo's fault
        if self._process is None:
            try:
                self._process = processes.start(__spec__.name, stdin=subprocess.PIPE)
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


# What follows runs in the child process.


def main() -> None:
    """Answer requests on standard input until it ends."""
    from visualsearch.encoders import decode  # Pillow and NumPy, which the parent does without

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle; it closes the pipe
    out = processes.private_stdout()
    while (frame := messages.read(sys.stdin.buffer)) is not None:
        request, _ = frame
        try:
            width, height, pixels = decode.load_photo(Path(request["path"]), request["max_side"])
        except ImageRefused as refusal:
            messages.write(out, {"refused": str(refusal)})
        else:
            messages.write(out, {"width": width, "height": height}, pixels)
    os._exit(0)


if __name__ == "__main__":
    main()
