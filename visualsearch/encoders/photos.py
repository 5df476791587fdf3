"""Photos to look at, decoded in a child process of their own: a photo that crashes the decoder takes no window down.

``PhotoLoader`` is for callers; ``python -m visualsearch.encoders.photos`` is the process that it starts, which knows
no network and answers one request after the other.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from visualsearch.encoders import messages, processes
from visualsearch.encoders.responder import Responder
from visualsearch.errors import ImageRefused


class PhotoLoader:
    """Decodes photos in a child process, which starts on first use. Safe from any thread; one decodes at a time."""

    def __init__(self) -> None:
        self._responder = Responder(__spec__.name)

    def load(self, path: Path, max_side: int) -> tuple[int, int, bytes]:
        """Width, height and RGB bytes of the upright photo, longest side at most ``max_side``.

        Raises ImageRefused, also for a photo on which the decoder crashes, and EncoderError when no process starts.
        """
        header, pixels = self._responder.ask({"path": str(path), "max_side": max_side})
        return header["width"], header["height"], pixels

    def close(self) -> None:
        """End the process; the next ``load`` starts another."""
        self._responder.close()


# What follows runs in the child process.


def main() -> None:
    """Answer requests on standard input until it ends."""
    from visualsearch.encoders import decode  # Pillow and NumPy, which the parent does without

    processes.leave_signals_to_parent()
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
