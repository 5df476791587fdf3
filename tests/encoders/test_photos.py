"""Photos to look at come from a process that may crash."""

from __future__ import annotations

import io
import os
import signal
import subprocess
from pathlib import Path

import psutil
import pytest
from PIL import Image

from visualsearch.encoders import messages, processes
from visualsearch.encoders.photos import PhotoLoader
from visualsearch.errors import ImageRefused


@pytest.fixture
def loader():
    loader = PhotoLoader()
    yield loader
    loader.close()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    file = tmp_path / "photo.png"
    Image.new("RGB", (40, 20), (10, 200, 30)).save(file)
    return file


def workers() -> list[int]:
    """Other tests may leave a process of Python's own, which watches over shared memory."""
    children = psutil.Process().children()
    return [child.pid for child in children if "visualsearch.encoders.photos" in child.cmdline()]


def worker() -> int:
    (child,) = workers()
    return child


def test_a_photo_comes_as_pixels_at_the_wanted_size(loader: PhotoLoader, photo: Path):
    width, height, pixels = loader.load(photo, 20)
    assert (width, height) == (20, 10)
    assert pixels == bytes((10, 200, 30)) * 200


def test_a_large_photo_comes_whole(loader: PhotoLoader, tmp_path: Path):
    file = tmp_path / "large.png"
    Image.new("RGB", (4000, 3000), (1, 2, 3)).save(file)
    width, height, pixels = loader.load(file, 4000)
    assert (width, height, len(pixels)) == (4000, 3000, 36_000_000)


def test_what_cannot_be_read_is_refused_and_the_next_is_shown(
    loader: PhotoLoader, photo: Path, tmp_path: Path
):
    (tmp_path / "text.jpg").write_text("no picture")
    with pytest.raises(ImageRefused):
        loader.load(tmp_path / "text.jpg", 20)
    assert loader.load(photo, 40)[:2] == (40, 20)


def test_a_process_that_was_killed_is_replaced(loader: PhotoLoader, photo: Path):
    loader.load(photo, 20)
    first = worker()
    os.kill(first, signal.SIGKILL)
    psutil.Process(first).wait()
    assert loader.load(photo, 20)[:2] == (20, 10)
    assert worker() != first


def test_closing_ends_the_process(photo: Path):
    loader = PhotoLoader()
    loader.load(photo, 20)
    loader.close()
    loader.close()
    assert not workers()


@pytest.mark.skipif(not hasattr(os, "WUNTRACED"), reason="processes cannot be suspended on this system")
def test_an_answer_is_whole_although_its_process_was_suspended_meanwhile(tmp_path: Path):
    file = tmp_path / "large.png"
    Image.new("RGB", (900, 900), (1, 2, 3)).save(file)  # far more than a pipe holds
    with processes.start("visualsearch.encoders.photos", stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        messages.write(process.stdin, {"path": str(file), "max_side": 900})
        begun = process.stdout.read(1)  # so it is writing
        process.send_signal(signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)
        process.send_signal(signal.SIGCONT)
        process.stdin.close()
        answer = messages.read(io.BytesIO(begun + process.stdout.read()))
    assert answer is not None
    assert answer[1] == bytes((1, 2, 3)) * 810_000
