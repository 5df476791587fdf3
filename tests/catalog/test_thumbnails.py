"""The cache of thumbnails: keeps, replaces, survives damage."""

from __future__ import annotations

import io
import os
import sqlite3
import threading
from pathlib import Path

import pytest
from PIL import Image

from visualsearch.catalog.thumbnails import FILE_NAME, Thumbnails
from visualsearch.errors import CatalogError
from visualsearch.thumbnail import LONGEST_SIDE, Thumbnail


def thumbnail(shade: int) -> Thumbnail:
    stream = io.BytesIO()
    Image.new("RGB", (LONGEST_SIDE, 192), (shade % 256, 80, 90)).save(stream, "JPEG")
    return Thumbnail(stream.getvalue(), LONGEST_SIDE, 192, shade % 256 << 16 | 80 << 8 | 90)


def digest(number: int) -> bytes:
    return number.to_bytes(16, "big")


MANY = [(digest(number), thumbnail(number)) for number in range(700)]


def test_what_is_put_is_found(tmp_path: Path):
    with Thumbnails.open(tmp_path) as kept:
        assert kept.get_many([digest(1)]) == {}
        kept.put_many(MANY)
        kept.put_many([])
        assert kept.get_many(one for one, _ in MANY) == dict(MANY)
        assert kept.get_many([digest(5), digest(5), digest(9999)]) == {digest(5): thumbnail(5)}
        assert kept.has([digest(5), digest(9999)]) == {digest(5)}
    with Thumbnails.open(tmp_path / FILE_NAME) as kept:
        assert kept.has([digest(5)]) == {digest(5)}


def test_a_second_one_replaces_the_first(tmp_path: Path):
    with Thumbnails.open(tmp_path) as kept:
        kept.put_many([(digest(1), thumbnail(1))])
        kept.put_many([(digest(1), thumbnail(2))])
        assert kept.get_many([digest(1)])[digest(1)].color == 2 << 16 | 80 << 8 | 90


def test_a_full_disk_is_told_and_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    connect = sqlite3.connect

    def small(*arguments, **options) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        connection.execute("PRAGMA max_page_count = 40")
        return connection

    monkeypatch.setattr(sqlite3, "connect", small)
    with Thumbnails.open(tmp_path) as kept:
        kept.put_many(MANY[:3])
        with pytest.raises(CatalogError, match="disk is full") as caught:
            kept.put_many(MANY)
        assert "Free some space" in caught.value.hint
        assert kept.has(one for one, _ in MANY) == {digest(0), digest(1), digest(2)}


@pytest.mark.parametrize("content", [b"nonsense " * 1000, b"SQLite format 3\0" + b"\xff" * 9000])
def test_a_damaged_file_is_set_aside(tmp_path: Path, content: bytes):
    (tmp_path / FILE_NAME).write_bytes(content)
    with Thumbnails.open(tmp_path) as kept:
        assert kept.has([digest(1)]) == set()
        kept.put_many(MANY[:3])
        assert len(kept.get_many([digest(0), digest(1), digest(2)])) == 3
    assert (tmp_path / f"{FILE_NAME}.damaged").read_bytes() == content


def test_damage_in_the_middle_is_noticed(tmp_path: Path):
    with Thumbnails.open(tmp_path) as kept:
        kept.put_many(MANY)
    file = tmp_path / FILE_NAME
    content = bytearray(file.read_bytes())
    content[8192:] = b"\xa5" * (len(content) - 8192)
    file.write_bytes(content)
    with Thumbnails.open(tmp_path) as kept:
        assert kept.get_many([digest(5)]) == {}
        kept.put_many(MANY[:9])
        assert kept.get_many([digest(5)]) == {digest(5): thumbnail(5)}


def test_a_file_of_another_version_is_set_aside(tmp_path: Path):
    other = sqlite3.connect(tmp_path / FILE_NAME)
    other.execute("CREATE TABLE thumbnail (old)")
    other.commit()
    other.close()
    with Thumbnails.open(tmp_path) as kept:
        kept.put_many(MANY[:1])
        assert kept.has([digest(0)]) == {digest(0)}


def test_threads_share_it(tmp_path: Path):
    with Thumbnails.open(tmp_path) as kept:
        parts = [threading.Thread(target=kept.put_many, args=(MANY[start::4],)) for start in range(4)]
        for part in parts:
            part.start()
        for part in parts:
            part.join()
        assert len(kept.has(one for one, _ in MANY)) == len(MANY)


def test_two_processes_share_it(tmp_path: Path):
    with Thumbnails.open(tmp_path) as one, Thumbnails.open(tmp_path) as other:
        one.put_many(MANY[:2])
        assert other.has([digest(1)]) == {digest(1)}
        other.put_many(MANY[2:3])
        assert one.has([digest(2)]) == {digest(2)}


def test_a_read_only_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with Thumbnails.open(tmp_path) as kept:
        kept.put_many(MANY[:2])
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    with Thumbnails.open(tmp_path) as kept:
        assert kept.has([digest(0), digest(1)]) == {digest(0), digest(1)}
        kept.put_many(MANY[2:])
        assert kept.has([digest(2)]) == set()
    (tmp_path / "empty").mkdir()
    with Thumbnails.open(tmp_path / "empty") as kept:
        assert kept.get_many([digest(0)]) == {}
    assert list((tmp_path / "empty").iterdir()) == []


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path: Path):
    with pytest.raises(CatalogError, match="thumbnails"):
        Thumbnails.open(tmp_path / "none" / FILE_NAME)


def test_it_opens_again_after_close(tmp_path: Path):
    kept = Thumbnails.open(tmp_path)
    kept.put_many(MANY[:1])
    kept.close()
    kept.close()
    assert kept.has([digest(0)]) == {digest(0)}
    kept.close()
