"""The encoder's process stays behind whoever else wants the processor, and leaves a core to who moves things."""

from __future__ import annotations

import ctypes
import os
import platform
import re
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from visualsearch.encoders import child, processes
from visualsearch.encoders.client import EncoderClient
from visualsearch.encoders.encoder import CompiledEncoder
from visualsearch.jobs import JobControl

_SCHED_ATTR = "=IIQiIQQQ"


def _turn(pid: int) -> int:
    """How long a turn the process asked for, in nanoseconds."""
    number = {"x86_64": 315, "aarch64": 275}[platform.machine()]
    found = ctypes.create_string_buffer(struct.calcsize(_SCHED_ATTR))
    assert ctypes.CDLL(None).syscall(number, pid, found, len(found), 0) == 0
    return struct.unpack(_SCHED_ATTR, found.raw)[5]


@pytest.fixture
def telling(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers say which network made an embedding."""
    start = processes.start
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    monkeypatch.setattr(
        child.processes, "start", lambda _module, *rest, **options: start("telling_worker", *rest, **options)
    )


def _made_by(client: EncoderClient, paths: list[Path]) -> list[float]:
    """Which of the networks made each photo's embedding, in the order of the photos."""
    found = [one for batch in client.encode(enumerate(paths), JobControl()) for one in batch]
    return [float(one.style[0]) for one in sorted(found, key=lambda one: one.key) if one.style is not None]


def test_one_network_rests_while_things_move_and_no_photo_waits_with_it(
    compiled: CompiledEncoder, photo: Callable[..., Path], telling: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "_SPARE", 3600.0)
    one, many = photo("one.jpg"), [photo(f"{number}.jpg") for number in range(40)]
    with EncoderClient(compiled, threads=2, gives_way=lambda: True) as client:
        client.encode_files([one])
        client.encode_files([one])  # answered after the process was told
        makers = _made_by(client, many)
        assert makers == [0.0] * 40, "what it had been waiting for already it gave back"


def test_it_goes_on_when_nothing_has_moved_for_a_while(
    compiled: CompiledEncoder, photo: Callable[..., Path], telling: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "_SPARE", 0.01)
    moving = [True]
    many = [photo(f"{number}.jpg") for number in range(20)]
    with EncoderClient(compiled, threads=2, gives_way=lambda: moving[0]) as client:
        assert len(_made_by(client, many)) == 20
        moving[0] = False
        while 1.0 not in _made_by(client, many):
            pass


def test_a_single_network_does_not_rest(
    compiled: CompiledEncoder, photo: Callable[..., Path], telling: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "_SPARE", 3600.0)
    with EncoderClient(compiled, threads=1, gives_way=lambda: True) as client:
        assert _made_by(client, [photo(f"{number}.jpg") for number in range(6)]) == [0.0] * 6


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's scheduler")
def test_it_yields_at_once_to_whoever_wakes(client: EncoderClient, photo: Callable[..., Path]) -> None:
    if os.sched_getscheduler(0) == os.SCHED_IDLE:
        pytest.skip("the tests themselves stay behind everybody")
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
        assert _turn(client.pid) == 8_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's scheduler")
def test_who_wants_to_stay_behind_everybody_does() -> None:
    code = (
        "import os; os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))\n"
        "from visualsearch.encoders import worker; worker.stay_behind(); print(os.sched_getscheduler(0))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) == os.SCHED_IDLE


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's scheduler")
def test_it_stays_as_far_behind_the_window_when_a_job_of_lower_priority_starts_it() -> None:
    code = (
        "import os, subprocess, sys, threading\n"
        "child = 'from visualsearch.encoders import worker; worker.stay_behind(); import os; print(os.nice(0))'\n"
        "def job():\n"
        "    thread = threading.get_native_id()\n"
        "    os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + 5)\n"
        "    subprocess.run([sys.executable, '-c', child], check=True)\n"
        "thread = threading.Thread(target=job); thread.start(); thread.join()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    mine = os.nice(0)
    lower = 5 if os.sched_getscheduler(0) == os.SCHED_IDLE else 10
    assert int(done.stdout) == min(19, mine + lower)
