"""Rows on disk: what is appended comes back, whatever a crash or a bad disk did."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visualsearch.errors import CatalogError, CatalogLocked
from visualsearch.vectors.embeddings import RECORDS, EmbeddingStore, extent

DIMS = {"style": 12, "colour": 5}
HEADER, RECORD = 24, 24


def drawn(count: int, seed: int = 0) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    rng = np.random.default_rng(seed)
    digests = rng.integers(1, 256, (count, 16), dtype=np.uint8)
    return digests, {name: rng.normal(size=(count, dim)).astype(np.float32) for name, dim in DIMS.items()}


def append(store: EmbeddingStore, count: int, seed: int = 0) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    digests, blocks = drawn(count, seed)
    store.append(digests, blocks)
    return digests, blocks


def flip(path: Path, offset: int) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 0x10]))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 40), max_size=6))
def test_what_is_appended_comes_back(tmp_path_factory: pytest.TempPathFactory, sizes: list[int]) -> None:
    folder = tmp_path_factory.mktemp("store")
    store = EmbeddingStore.open(folder, DIMS)
    parts = [append(store, size, seed) for seed, size in enumerate(sizes)]
    store.close()
    for seen in (store, EmbeddingStore.open(folder, DIMS)):
        assert len(seen) == sum(sizes)
        start = 0
        for digests, blocks in parts:
            stop = start + len(digests)
            np.testing.assert_array_equal(seen.find(digests), np.arange(start, stop))
            for name, rows in blocks.items():
                np.testing.assert_array_equal(seen.rows(name, start, stop), rows)
            start = stop
        assert not len(seen.verify())
        assert extent(folder) == (seen.id, len(seen))


def test_many_digests_are_found_among_other_ones(tmp_path: Path) -> None:
    store = EmbeddingStore.open(tmp_path, {"style": 1})
    digests = np.random.default_rng(3).integers(0, 256, (12_000, 16), dtype=np.uint8)
    digests[::2, :8] = 7  # many share their first half
    for start in range(0, 12_000, 3_000):
        part = digests[start : start + 3_000]
        store.append(part, {"style": np.zeros((3_000, 1), np.float32)})
        np.testing.assert_array_equal(store.find(digests[: start + 3_000]), np.arange(start + 3_000))
        assert not store.contains(digests[start + 3_000 :]).any()
        known = np.arange(12_000) < start + 3_000
        np.testing.assert_array_equal(store.find(digests), np.where(known, np.arange(12_000), -1))
    store.close()
    again = EmbeddingStore.open(tmp_path, {"style": 1})
    np.testing.assert_array_equal(again.find(digests), np.arange(12_000))
    assert again.row_of(digests[5].tobytes()) == 5
    assert again.row_of(bytes(16)) is None


def test_a_digest_that_is_there_is_passed_over(tmp_path: Path) -> None:
    store = EmbeddingStore.open(tmp_path, DIMS)
    digests, blocks = append(store, 3)
    store.append(digests[[0, 0, 2]], {name: rows[[1, 1, 1]] for name, rows in blocks.items()})
    assert len(store) == 3
    np.testing.assert_array_equal(store.rows("style"), blocks["style"])
    store.close()


def test_views_stay_valid_while_rows_are_appended(tmp_path: Path) -> None:
    store = EmbeddingStore.open(tmp_path, DIMS)
    _, first = append(store, 4)
    view = store.rows("style")
    _, second = append(store, 300, seed=1)
    np.testing.assert_array_equal(view, first["style"])
    np.testing.assert_array_equal(store.rows("style", 4), second["style"])
    store.close()


@pytest.mark.parametrize("name", ["style.f32", "colour.f32", RECORDS])
@pytest.mark.parametrize("lost", [1, 7, 31])
def test_a_kill_in_the_middle_of_an_append_loses_that_append(tmp_path: Path, name: str, lost: int) -> None:
    store = EmbeddingStore.open(tmp_path, DIMS)
    digests, blocks = append(store, 6)
    store.close()
    whole = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    later, others = append(store, 4, seed=1)
    store.close()
    # Rows are written before their records: whatever came before the cut may be there, all after it is not.
    order = ["style.f32", "colour.f32", RECORDS]
    for after in order[order.index(name) + 1 :]:
        (tmp_path / after).write_bytes(whole[after])
    os.truncate(tmp_path / name, (tmp_path / name).stat().st_size - lost)
    again = EmbeddingStore.open(tmp_path, DIMS)
    assert 6 <= len(again) < 10
    np.testing.assert_array_equal(again.find(digests), np.arange(6))
    again.append(later, others)
    assert len(again) == 10
    again.close()
    last = EmbeddingStore.open(tmp_path, DIMS)
    assert not len(last.verify())
    for name_, rows in blocks.items():
        np.testing.assert_array_equal(last.rows(name_), np.concatenate([rows, others[name_]]))


def test_a_flipped_bit_in_a_row_is_found_and_the_row_forgotten(tmp_path: Path) -> None:
    store = EmbeddingStore.open(tmp_path, DIMS)
    digests, blocks = append(store, 20)
    store.close()
    flip(tmp_path / "colour.f32", 7 * DIMS["colour"] * 4 + 3)
    again = EmbeddingStore.open(tmp_path, DIMS)
    damaged = again.verify()
    assert damaged.tolist() == [7]
    again.forget(damaged)
    assert np.flatnonzero(~again.contains(digests)).tolist() == [7]
    again.append(digests[[7]], {name: rows[[7]] for name, rows in blocks.items()})
    assert again.find(digests[[7]]).tolist() == [20]
    again.close()
    last = EmbeddingStore.open(tmp_path, DIMS)
    assert last.contains(digests).all()
    assert not len(last.verify())


@pytest.mark.parametrize("offset", [0, 15, 16, 19, 20, 23])
def test_a_flipped_bit_in_a_record_forgets_its_row(tmp_path: Path, offset: int) -> None:
    store = EmbeddingStore.open(tmp_path, DIMS)
    digests, _ = append(store, 20)
    store.close()
    flip(tmp_path / RECORDS, HEADER + 4 * RECORD + offset)
    again = EmbeddingStore.open(tmp_path, DIMS)
    assert np.flatnonzero(~again.contains(digests)).tolist() == [4]


def test_a_truncated_rows_file_loses_its_tail_and_changes_the_id(tmp_path: Path) -> None:
    store = EmbeddingStore.open(tmp_path, DIMS)
    digests, blocks = append(store, 20)
    before = store.id
    store.close()
    os.truncate(tmp_path / "style.f32", 11 * DIMS["style"] * 4 + 5)
    again = EmbeddingStore.open(tmp_path, DIMS)
    assert len(again) == 11
    assert np.flatnonzero(~again.contains(digests)).tolist() == list(range(11, 20))
    again.append(digests, blocks)
    assert again.id != before  # row numbers were given anew: indexes over them are void
    assert not len(again.verify())
    again.close()


@pytest.mark.parametrize("damage", ["header", "dims", "empty"])
def test_a_store_that_is_not_ours_counts_as_empty(tmp_path: Path, damage: str) -> None:
    store = EmbeddingStore.open(tmp_path, DIMS)
    append(store, 5)
    store.close()
    dims = DIMS
    if damage == "header":
        flip(tmp_path / RECORDS, 9)
    elif damage == "empty":
        (tmp_path / RECORDS).write_bytes(b"")
    else:
        dims = {"style": 9, "colour": 5}
    again = EmbeddingStore.open(tmp_path, dims)
    assert len(again) == 0
    digests = drawn(2, seed=8)[0]
    again.append(digests, {name: np.ones((2, dim), np.float32) for name, dim in dims.items()})
    again.close()
    assert EmbeddingStore.open(tmp_path, dims).contains(digests).all()


def test_records_that_cannot_be_read_are_a_sentence(tmp_path: Path) -> None:
    """A failing disk, or somebody else's rights: a folder in their place stands for these."""
    (tmp_path / RECORDS).mkdir()
    with pytest.raises(CatalogError, match="cannot be read") as caught:
        EmbeddingStore.open(tmp_path, DIMS)
    assert str(tmp_path / RECORDS) in str(caught.value)
    assert caught.value.hint


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    one, other = EmbeddingStore.open(tmp_path, DIMS), EmbeddingStore.open(tmp_path, DIMS)
    append(one, 3)
    with pytest.raises(CatalogLocked, match="preparing"):
        append(other, 3, seed=1)
    with pytest.raises(CatalogLocked, match="preparing"):
        other.claim()
    one.release()
    append(other, 3, seed=1)
    assert len(other) == 6
    other.close()
    one.refresh()
    assert len(one) == 6


_KILLED = """
import itertools, os, signal, sys, numpy as np
from pathlib import Path
from visualsearch.vectors.embeddings import EmbeddingStore
store = EmbeddingStore.open(Path(sys.argv[1]), {"style": 12, "colour": 5})
for number in itertools.count(1):
    digests = np.full((8, 16), number % 251 + 1, np.uint8)
    digests[:, 0] = range(8)
    store.append(digests, {"style": np.full((8, 12), number, np.float32), "colour": np.ones((8, 5), np.float32)})
    if number == 3:
        print("going", flush=True)
"""


def test_a_killed_process_leaves_whole_rows_and_no_lock(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", _KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "going\n"
    child.kill()
    child.communicate()
    store = EmbeddingStore.open(tmp_path, DIMS)
    rows = len(store)
    assert rows >= 24
    assert not len(store.verify())
    assert store.contains(store.digests).all()
    append(store, 2, seed=1)
    assert len(store) == rows + 2
    store.close()


def test_wrong_shapes_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    store = EmbeddingStore.open(tmp_path, DIMS)
    digests, blocks = drawn(3)
    with pytest.raises(ValueError, match="style"):
        store.append(digests, {**blocks, "style": blocks["style"][:, :4]})
    assert len(store) == 0
    store.close()
