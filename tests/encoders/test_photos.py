"""Photos to look at come from a process that may crash."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
import pytest
from PIL import Image

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


def worker() -> int:
    (child,) = psutil.Process().children()
    return child.pid


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
    assert not psutil.Process().children()
