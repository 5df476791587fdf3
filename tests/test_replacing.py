"""A file is replaced as a whole or not at all."""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from visualsearch.replacing import replace_file, replacing


@pytest.mark.parametrize("derived", [False, True])
def test_a_file_is_the_old_one_until_the_new_one_is_whole(tmp_path: Path, derived: bool):
    file = tmp_path / "one.json"
    for content in (b"first", b"second"):
        before = file.read_bytes() if file.exists() else None
        with replacing(file, derived=derived) as stream:
            stream.write(content)
            stream.flush()
            assert (file.read_bytes() if file.exists() else None) == before
        assert file.read_bytes() == content
    assert os.listdir(tmp_path) == ["one.json"]


@pytest.mark.parametrize("derived", [False, True])
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, OSError])
def test_an_error_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, derived: bool, error: type[BaseException]
):
    file = tmp_path / "one.json"
    file.write_bytes(b"old")

    def fail() -> None:
        with replacing(file, derived=derived) as stream:
            stream.write(b"half of the n")
            raise error

    with pytest.raises(error):
        fail()
    assert file.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["one.json"]


@pytest.mark.parametrize("derived", [False, True])
def test_what_a_link_leads_to_is_replaced_and_not_the_link(tmp_path: Path, derived: bool):
    (tmp_path / "share").mkdir()
    file, link = tmp_path / "share" / "one.json", tmp_path / "link.json"
    link.symlink_to(file)
    for content in (b"first", b"second"):  # at first the link leads nowhere
        replace_file(link, content, derived=derived)
        assert (link.is_symlink(), file.read_bytes()) == (True, content)
    assert os.listdir(tmp_path / "share") == ["one.json"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
@pytest.mark.parametrize("by_link", [False, True])
def test_a_device_or_a_pipe_is_not_replaced(tmp_path: Path, by_link: bool):
    """The superuser could rename a file over /dev/null."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    (tmp_path / "link").symlink_to(pipe)
    with pytest.raises(OSError, match="not a regular file") as caught:
        replace_file(tmp_path / "link" if by_link else pipe, b"new")
    assert caught.value.strerror
    assert pipe.is_fifo()
    assert sorted(os.listdir(tmp_path)) == ["link", "pipe"]


def test_a_disk_that_is_full_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "one.json"
    file.write_bytes(b"old")

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)) as caught:
        replace_file(file, b"new")
    assert caught.value.filename == str(file)
    assert file.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["one.json"]


def test_an_error_names_the_file_not_the_one_beside_it(tmp_path: Path):
    (tmp_path / "folder").mkdir()
    for file in (tmp_path / "folder", tmp_path / "nowhere" / "one.bin"):
        with pytest.raises(OSError, match=file.name) as caught:
            replace_file(file, b"new")
        assert (caught.value.filename, caught.value.filename2) == (str(file), None)
    assert os.listdir(tmp_path) == ["folder"]


def test_several_threads_replace_it_at_once(tmp_path: Path):
    file = tmp_path / "one.bin"
    contents = [bytes([number]) * 200_000 for number in range(8)]
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(replace_file, file, content) for content in contents]:
            done.result()
    assert file.read_bytes() in contents
    assert os.listdir(tmp_path) == ["one.bin"]


def test_what_a_kill_left_of_a_derived_file_is_overwritten(tmp_path: Path):
    file = tmp_path / "one.cache"
    with replacing(file, derived=True):
        (left,) = tmp_path.iterdir()
    left.write_bytes(b"half")
    replace_file(file, b"new", derived=True)
    assert os.listdir(tmp_path) == ["one.cache"]


_KILLED = """
import os, signal, sys
from pathlib import Path
from visualsearch.replacing import replacing

with replacing(Path(sys.argv[1])) as stream:
    stream.write(b"half")
    stream.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(os.name != "posix", reason="processes are killed by signals")
def test_what_a_kill_left_is_removed_when_it_is_old(tmp_path: Path):
    file, other = tmp_path / "one[1].csv", tmp_path / "one1.csv"
    for killed in (file, file, other):
        assert subprocess.run([sys.executable, "-c", _KILLED, killed]).returncode == -signal.SIGKILL
    mine, young, others = sorted(
        tmp_path.iterdir(), key=lambda left: (left.name.startswith(".one1"), left.name)
    )
    for left in (mine, others):
        os.utime(left, (0, 0))
    replace_file(file, b"new")
    assert {left.name for left in tmp_path.iterdir()} == {file.name, young.name, others.name}


@pytest.mark.skipif(os.name != "posix", reason="a folder is a file only there")
def test_a_disk_that_cannot_sync_folders_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    fsync = os.fsync

    def refusing(handle: int) -> None:
        if os.path.isdir(f"/proc/self/fd/{handle}"):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", refusing)
    replace_file(tmp_path / "one.json", b"new")
    assert os.listdir(tmp_path) == ["one.json"]


def test_a_database_is_never_replaced(tmp_path: Path):
    """Who takes catalog.sqlite3 in a file dialog, and confirms that it is to be replaced, would lose all decisions."""
    file, link = tmp_path / "catalog.sqlite3", tmp_path / "report.csv"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE decision (what)")
    link.symlink_to(file)
    before = file.read_bytes()
    for target in (file, link):
        with pytest.raises(FileExistsError, match="it is a database"):
            replace_file(target, b"id,colour")
    assert file.read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["catalog.sqlite3", "report.csv"]
