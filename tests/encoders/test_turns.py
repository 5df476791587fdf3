"""The encoder's process stays behind whoever else wants the processor."""

from __future__ import annotations

import ctypes
import os
import platform
import re
import struct
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from visualsearch.encoders.client import EncoderClient

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux's scheduler")
_SCHED_ATTR = "=IIQiIQQQ"


def _turn(pid: int) -> int:
    """How long a turn the process asked for, in nanoseconds."""
    number = {"x86_64": 315, "aarch64": 275}[platform.machine()]
    found = ctypes.create_string_buffer(struct.calcsize(_SCHED_ATTR))
    assert ctypes.CDLL(None).syscall(number, pid, found, len(found), 0) == 0
    return struct.unpack(_SCHED_ATTR, found.raw)[5]


def test_it_yields_at_once_to_whoever_wakes(client: EncoderClient, photo: Callable[..., Path]) -> None:
    client.encode_files([photo("one.jpg")])
    assert client.pid is not None
    assert os.sched_getscheduler(client.pid) == os.SCHED_BATCH
    assert os.getpriority(os.PRIO_PROCESS, client.pid) == min(19, os.getpriority(os.PRIO_PROCESS, 0) + 10)
    version = re.match(r"(\d+)\.(\d+)", platform.release())
    if (
        version
        and (int(version[1]), int(version[2])) >= (6, 12)
        and platform.machine() in ("x86_64", "aarch64")
    ):
        assert _turn(client.pid) == 100_000_000
