"""The child process that decodes and encodes: ``python -m visualsearch.encoders.worker``. Never imports TensorFlow.

Reader threads fetch bytes ahead of need. Each encoding thread then does everything for a few images, with an
interpreter of its own: while one decodes another one multiplies, no core waits, and nothing is handed over but bytes.
The process ends when its standard input does, so it outlives neither its client nor a crash of it.
"""

from __future__ import annotations

import os
import queue
import struct
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np

from visualsearch.encoders import decode, messages, processes
from visualsearch.encoders.messages import Encoded
from visualsearch.encoders.runtime import Network
from visualsearch.errors import EncoderError, ImageRefused

_READERS = 2  # threads that read files, so that a slow disk does not idle the cores
_GROUP = 8  # photos prepared in a row: the network leaves none of that code in a core's caches
_GROUP_BYTES = 1 << 20  # with large photos that gains nothing, and what is read ahead costs memory
_SCHED_SETATTR = {
    "x86_64": 314,
    "aarch64": 274,
}  # the call's number: C libraries before glibc 2.41 do not wrap it
_TURN = 8_000_000  # nanoseconds, half a frame: who wakes and may not interrupt waits for the end of it
_SCHED_ATTR = "=IIQiIQQQ"  # size, policy, flags, nice, priority, runtime, deadline, period: man sched_setattr
_CRASHED = 70  # exit code for what should not happen; the client then looks for the image that did it


class Worker:
    """Queues and threads; ``run`` serves requests until the input ends."""

    def __init__(self, networks: list[Network], scale: float, offset: float, out: IO[bytes]) -> None:
        self._networks = networks
        self._scale = np.float32(scale)
        self._offset = np.float32(offset)
        self._out = out
        self._sending = threading.Lock()
        self._asked: queue.SimpleQueue[tuple[int, Path]] = queue.SimpleQueue()
        self._urgent: queue.SimpleQueue[tuple[int, Path]] = queue.SimpleQueue()
        # Of each group: whether it can wait, its first number, numbers and bytes, whether it takes room.
        self._read: queue.PriorityQueue[tuple[bool, int, list[tuple[int, bytes]], bool]]
        self._read = queue.PriorityQueue()
        # Groups that may be read ahead. With more of them they would be smaller: a caller has so many photos under way.
        self._room = threading.Semaphore(max(_READERS, len(networks)))
        self._prepares = threading.Lock()
        self._dropped: set[int] = set()
        self._spares_until = 0.0

    def run(self, requests: IO[bytes]) -> None:
        """Start the threads and pass requests on; returns at the end of ``requests``."""
        for _ in range(_READERS):
            threading.Thread(target=self._forever, args=(self._read_next,), daemon=True).start()
        threading.Thread(target=self._forever, args=(self._read_urgent,), daemon=True).start()
        for network in self._networks:
            threading.Thread(target=self._forever, args=(self._encode_next, network), daemon=True).start()
        self._send(({"ready": True}, b""))
        while (frame := messages.read(requests)) is not None:
            header, _ = frame
            if "drop" in header:
                self._dropped.update(header["drop"])
            elif "spare" in header:
                self._spares_until = time.monotonic() + header["spare"]
            else:
                asked = self._urgent if header["urgent"] else self._asked
                asked.put((header["number"], Path(header["path"])))

    def _forever(self, step: Any, *arguments: Any) -> None:
        try:
            while True:
                step(*arguments)
        except BaseException:
            os._exit(_CRASHED)

    def _read_next(self) -> None:
        """Read a group of photos ahead."""
        self._room.acquire()
        group: list[tuple[int, bytes]] = []
        size, asked = 0, self._asked.get()
        share = self._asked.qsize() // len(
            self._networks
        )  # so that at the end no network waits for the other
        while True:
            data = self._file(*asked)
            if data is not None:
                group.append((asked[0], data))
                size += len(data)
            if len(group) >= min(_GROUP, share) or size > _GROUP_BYTES:
                break
            try:
                asked = self._asked.get_nowait()
            except queue.Empty:
                break
        if group:
            self._read.put((True, group[0][0], group, True))
        else:
            self._room.release()

    def _read_urgent(self) -> None:
        """Read a photo that somebody waits for: it goes alone and first, and needs no room."""
        number, path = self._urgent.get()
        data = self._file(number, path)
        if data is not None:
            self._read.put((False, number, [(number, data)], False))

    def _file(self, number: int, path: Path) -> bytes | None:
        """What a file holds; None when it was refused, or nobody wants it any more."""
        if self._is_dropped(number):
            return None
        try:
            return decode.read_file(path)
        except ImageRefused as refusal:
            self._send(messages.pack(Encoded(number, None, refused=str(refusal))))
            return None

    def _encode_next(self, network: Network) -> None:
        while (seconds := self._spared_for(network)) > 0:
            time.sleep(seconds)
        later, group, prepared = self._prepare_next(network)
        replies = []
        for place, (number, digest, photo) in enumerate(prepared):
            if self._spared_for(network) > 0:  # while it rests, no photo waits for it
                numbers = {number for number, *_ in prepared[place:]}
                left = [(number, data) for number, data in group if number in numbers]
                self._read.put((later, number, left, False))
                break
            if isinstance(photo, ImageRefused):
                encoded = Encoded(number, digest, refused=str(photo))
            else:
                style = network.embed(photo.pixels, self._scale, self._offset)
                encoded = Encoded(
                    number, digest, style, photo.colour, photo.thumbnail, photo.width, photo.height
                )
            replies.append(messages.pack(encoded))
        self._send(*replies)

    def _prepare_next(
        self, network: Network
    ) -> tuple[bool, list[tuple[int, bytes]], list[tuple[int, bytes, decode.Photo | ImageRefused]]]:
        """The next photos: whether they can wait, their numbers and bytes; and of each that is still wanted the number,
        the file's digest, and the photo or why it cannot be used.

        Two threads that prepare wait for each other, since Python runs in one at a time. Who comes second takes a
        single photo: with what its network needs for that one, the first is ready and they do not meet again.
        """
        later, _, group, ahead = self._read.get()
        with self._preparing() as alone:
            taken = group if alone else group[:1]
            wanted = [(number, data) for number, data in taken if not self._is_dropped(number)]
            photos = decode.prepare_all([data for _, data in wanted], network.input_size)
        if left := group[len(taken) :]:
            self._read.put((later, left[0][0], left, ahead))
        elif ahead:
            self._room.release()  # not before: a reader in Python and this thread would wait for each other
        named = zip(wanted, photos, strict=True)
        return later, taken, [(number, decode.digest_of(data), photo) for (number, data), photo in named]

    @contextmanager
    def _preparing(self) -> Iterator[bool]:
        """Whether no other thread is preparing photos."""
        alone = self._prepares.acquire(blocking=False)
        try:
            yield alone
        finally:
            if alone:
                self._prepares.release()

    def _spared_for(self, network: Network) -> float:
        """Seconds for which a thread rests: one of several does, while the process leaves a core to others."""
        spared = network is not self._networks[0] and network is self._networks[-1]
        return self._spares_until - time.monotonic() if spared else 0.0

    def _is_dropped(self, number: int) -> bool:
        if number in self._dropped:
            self._dropped.discard(number)
            return True
        return False

    def _send(self, *frames: tuple[dict[str, Any], bytes]) -> None:
        with self._sending:
            messages.write_all(self._out, frames)


def stay_behind() -> None:
    """The window comes first. Threads to come inherit it. Not only when nobody else wants the processor (SCHED_IDLE):
    an import would stand still beside a long video call. Whoever started the program so has it so."""
    if hasattr(os, "sched_setscheduler"):  # Linux: no turn is cut short for this process
        if os.sched_getscheduler(0) == os.SCHED_IDLE:
            return
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    if hasattr(os, "nice"):
        # The window's thread is meant: the job's, which started this process, may have a lower priority itself.
        window = os.getpriority(os.PRIO_PROCESS, os.getppid())
        nice = os.nice(max(0, window + 10 - os.nice(0)))
        if sys.platform == "linux":
            _take_long_turns(nice)


def _take_long_turns(nice: int) -> None:
    """Whoever wakes interrupts a thread that asked for longer turns than its own (3 ms at most, unless it asked for
    others); with equal ones it waits until the clock ticks, up to 4 ms, each time. Linux heeds it from 6.12 on.
    Without effect where the call is not known."""
    call = _SCHED_SETATTR.get(os.uname().machine)
    if call is not None:
        import ctypes

        size = struct.calcsize(_SCHED_ATTR)
        attributes = struct.pack(_SCHED_ATTR, size, os.SCHED_BATCH, 0, nice, 0, _TURN, 0, 0)
        ctypes.CDLL(None).syscall(call, 0, attributes, 0)


def main(arguments: list[str]) -> None:
    """``FILE INPUT_SIZE DIMENSION SCALE OFFSET THREADS``; frames on standard input and output."""
    processes.leave_signals_to_parent()
    out = processes.private_stdout()
    stay_behind()
    file, size, dimension, scale, offset, threads = arguments
    try:
        networks = [Network(Path(file), int(size)) for _ in range(int(threads))]
        if (networks[0].input_size, networks[0].dimension) != (int(size), int(dimension)):
            raise EncoderError(f"The model {file} has changed since it was opened.", hint="Open it again.")
        Worker(networks, float(scale), float(offset), out).run(sys.stdin.buffer)
    except EncoderError as error:
        messages.write(out, {"error": error.told()})
    os._exit(0)  # threads may be inside native code; there is nothing to save


if __name__ == "__main__":
    main(sys.argv[1:])
