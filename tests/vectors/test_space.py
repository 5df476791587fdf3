"""Generations: built as a job, swapped whole, checked before use, extended by a delta."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from visualsearch.errors import CacheDamaged, Cancelled, CatalogError, CatalogLocked
from visualsearch.jobs import JobControl, Progress
from visualsearch.vectors import search, space
from visualsearch.vectors.annoy_index import Index, build_index, most_bytes
from visualsearch.vectors.files import CHUNK
from visualsearch.vectors.generation import MANIFEST, CheckedFile, FileEntry, Manifest
from visualsearch.vectors.locking import FileLock
from visualsearch.vectors.space import needs_rebuild

ROLES = ("projection", "statistics", "vectors", "index_style", "index_colour", "graph")


def flip(path: Path, offset: int) -> None:
    data = bytearray(path.read_bytes())
    data[offset] ^= 4
    path.write_bytes(data)


def test_nothing_is_built_of_nothing(shelf: Any) -> None:
    assert not shelf.build()
    assert shelf.open() is None


@pytest.mark.parametrize("count", [1, 2, 5, 40])
def test_the_smallest_catalogs_work(shelf: Any, count: int) -> None:
    shelf.append(count, seed=1)
    assert shelf.build()
    opened = shelf.open()
    assert opened.rows == count
    assert np.isfinite(opened.score_rows(np.ones(opened.width, np.float32))).all()


def test_a_space_gives_every_picture_its_vector(shelf: Any) -> None:
    shelf.append(200, seed=1)
    shelf.build()
    shelf.append(30, seed=2)
    opened = shelf.open()
    assert (opened.rows, len(opened.delta)) == (230, 30)
    assert opened.item.tolist() == list(range(1, 231))
    raw = {name: shelf.store.rows(name) for name in ("style", "colour")}
    vectors = opened.project(raw)
    np.testing.assert_allclose(opened.gather(np.arange(230)), vectors, atol=2e-6)
    for name in opened.dims:
        np.testing.assert_allclose(np.linalg.norm(vectors[:, opened.block(name)], axis=1), 1, atol=1e-5)
    scorer = np.random.default_rng(0).normal(size=opened.width).astype(np.float32)
    np.testing.assert_allclose(opened.score_rows(scorer), vectors @ scorer, atol=1e-4)


def test_an_item_has_the_score_of_its_best_image(shelf: Any) -> None:
    shelf.append(60, seed=1)
    shelf.build()
    items = np.array([1, 1, 2, 4, 4, 4, 5], np.int32)
    digests = shelf.digests[[0, 1, 2, 3, 4, 0, 7]]
    opened = space.open_space(shelf.store, shelf.folder, (items, digests), 7)
    scorer = np.random.default_rng(0).normal(size=opened.width)
    rows = opened.score_rows(scorer.astype(np.float32))
    expected = [-np.inf, max(rows[:2]), rows[2], -np.inf, max(rows[[3, 4, 0]]), rows[7], -np.inf]
    np.testing.assert_array_equal(opened.item_scores(rows), np.array(expected, np.float32))
    np.testing.assert_allclose(search.refine(opened, scorer, np.arange(7)), expected, atol=1e-4)
    chosen = np.array([False, True, False, True, True, False, False])
    some = search.score_some(opened, scorer, chosen, lambda: None)
    np.testing.assert_allclose(some, np.where(chosen, expected, -np.inf), atol=1e-4)
    assert opened.items_of_rows(np.array([0, 7])).tolist() == [1, 4, 5]
    assert opened.rows_of(4).tolist() == [3, 4, 0]
    assert opened.has_vector().tolist() == [False, True, True, False, True, True, False]


@pytest.mark.parametrize("at_once", [1, 7, 59])
def test_a_scan_shared_among_threads_scores_each_row(
    shelf: Any, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    shelf.append(60, seed=1)
    shelf.build()
    opened = shelf.open()
    scorer = np.random.default_rng(0).normal(size=opened.width).astype(np.float32)
    alone = opened.score_rows(scorer)
    monkeypatch.setattr(space, "_SCANNED_ALONE", 0)
    monkeypatch.setattr(space, "SCAN_ROWS", at_once)
    np.testing.assert_allclose(opened.score_rows(scorer), alone, atol=1e-6)


def test_items_of_one_image_each_have_its_score_whatever_the_order_of_the_rows(shelf: Any) -> None:
    shelf.append(60, seed=1)
    shelf.build()
    order = np.random.default_rng(3).permutation(60)
    for items in (np.arange(2, 62), np.delete(np.arange(1, 63), [0, 20])):  # without and with a gap
        active = (items.astype(np.int32), shelf.digests[order])
        opened = space.open_space(shelf.store, shelf.folder, active, 70)
        rows = opened.score_rows(np.ones(opened.width, np.float32))
        expected = np.full(70, -np.inf, np.float32)
        expected[items] = rows[order]
        np.testing.assert_array_equal(opened.item_scores(rows), expected)


def test_a_deleted_picture_has_no_link(shelf: Any) -> None:
    shelf.append(60, seed=1)
    shelf.build()
    items = np.array([2, 3], np.int32)
    opened = space.open_space(shelf.store, shelf.folder, (items, shelf.digests[1:3]), 61)
    assert np.flatnonzero(
        opened.item_scores(opened.score_rows(np.ones(opened.width, np.float32))) > -9
    ).tolist() == [2, 3]
    assert set(search.candidates(opened, np.ones(opened.width), 60).tolist()) == {2, 3}


def test_opening_anew_uses_what_is_there(shelf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.append(200, seed=1)
    shelf.build()
    shelf.append(20, seed=2)
    first = shelf.open()
    shelf.append(10, seed=3)
    monkeypatch.setattr(space.Generation, "open", lambda *_: pytest.fail("opened again"))
    second = shelf.open(first)
    assert second.generation is first.generation
    np.testing.assert_array_equal(second.delta[:20], first.delta)
    assert (second.rows, len(second.item)) == (230, 230)
    assert first.rows == 220


def test_a_build_replaces_the_old_one_and_deletes_its_files(shelf: Any) -> None:
    shelf.append(100, seed=1)
    shelf.build()
    old = shelf.open()
    shelf.append(100, seed=2)
    shelf.build()
    new = shelf.open(old)
    assert (len(old.generation.vectors), len(new.generation.vectors), len(new.delta)) == (100, 200, 0)
    names = {entry.name for entry in Manifest.read(shelf.folder).files.values()}
    rebuilt = {path.name for path in shelf.folder.iterdir() if "-" in path.name}
    assert names == rebuilt
    assert np.isfinite(old.gather(np.arange(100))).all()


def test_the_same_rows_give_the_same_build(shelf: Any) -> None:
    shelf.append(150, seed=1)
    shelf.build()
    first = {
        role: e.crcs for role, e in Manifest.read(shelf.folder).files.items() if role in ("vectors", "graph")
    }
    shelf.build()
    second = Manifest.read(shelf.folder)
    assert second.generation == 2
    assert first == {role: second.files[role].crcs for role in first}


@pytest.mark.parametrize("stage", ["checking", "learning", "projecting", "building", "finding"])
def test_a_cancelled_build_leaves_the_old_one(shelf: Any, stage: str) -> None:
    shelf.append(100, seed=1)
    shelf.build()
    shelf.append(50, seed=2)
    control = JobControl(lambda progress: control.cancel() if progress.stage.startswith(stage) else None)
    with pytest.raises(Cancelled):
        shelf.build(control)
    opened = shelf.open()
    assert opened.rows == 150
    # The search files are swapped in before the neighbour graphs are made.
    assert len(opened.delta) == (0 if stage == "finding" else 50)
    assert not list(shelf.folder.glob("*.new"))
    names = {entry.name for entry in Manifest.read(shelf.folder).files.values()}
    assert names == {path.name for path in shelf.folder.iterdir() if "-" in path.name}


def test_on_a_full_disk_nothing_is_built_and_the_old_build_stays(
    shelf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The indexes are written into mapped memory: the disk must not become full meanwhile, which ends the process."""
    shelf.append(100, seed=1)
    shelf.build()
    before = sorted(path.name for path in shelf.folder.iterdir())
    shelf.append(300, seed=2)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=50_000))
    with pytest.raises(CatalogError, match="is full"):
        shelf.build()
    assert sorted(path.name for path in shelf.folder.iterdir()) == before


@pytest.mark.parametrize(("rows", "dimension"), [(1, 40), (50, 40), (3_000, 12), (3_000, 160)])
def test_an_index_takes_no_more_room_than_was_looked_for(tmp_path: Path, rows: int, dimension: int) -> None:
    rng = np.random.default_rng(rows)
    drawn = rng.normal(size=(rows, dimension)).astype(np.float32)
    for vectors in (
        drawn,
        np.repeat(drawn[:1], rows, axis=0),
        drawn * 0.001 + drawn[rng.integers(0, 3, rows) % rows],
    ):
        build_index(vectors, tmp_path / "index.annoy", lambda _done: None)
        assert (tmp_path / "index.annoy").stat().st_size <= most_bytes(rows, dimension)


def test_a_build_reports_progress(shelf: Any) -> None:
    shelf.append(100, seed=1)
    seen: list[Progress] = []
    shelf.build(JobControl(seen.append))
    stages = list(dict.fromkeys(progress.stage for progress in seen))
    assert len(stages) >= 5
    assert all(progress.done <= progress.total for progress in seen)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("damage", ["flip", "truncate", "delete"])
def test_a_damaged_file_is_found_and_built_again(shelf: Any, role: str, damage: str) -> None:
    shelf.append(100, seed=1)
    shelf.build()
    path = shelf.folder / Manifest.read(shelf.folder).files[role].name
    if damage == "flip":
        flip(path, path.stat().st_size // 2)
    elif damage == "truncate":
        os.truncate(path, path.stat().st_size - 3)
    else:
        path.unlink()
    again = shelf.again()
    assert again.open() is None
    assert again.build()
    assert again.open().rows == 100
    again.store.close()


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"version": 1, "crc": 5, "body": {}}'])
def test_a_half_written_manifest_counts_as_none(shelf: Any, text: bytes) -> None:
    shelf.append(100, seed=1)
    shelf.build()
    (shelf.folder / MANIFEST).write_bytes(text)
    assert shelf.open() is None
    assert shelf.build()
    assert shelf.open() is not None


def test_a_changed_manifest_is_not_believed(shelf: Any) -> None:
    shelf.append(100, seed=1)
    shelf.build()
    document = json.loads((shelf.folder / MANIFEST).read_bytes())
    document["body"]["rows"] = 99
    (shelf.folder / MANIFEST).write_text(json.dumps(document))
    assert shelf.open() is None


def test_large_files_are_checked_before_their_bytes_are_used(
    shelf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(space, "_CHECK_AT_ONCE", 0)
    shelf.append(100, seed=1)
    shelf.build()
    path = shelf.folder / Manifest.read(shelf.folder).files["vectors"].name
    flip(path, 3000)
    opened = shelf.open()
    with pytest.raises(CacheDamaged, match="vectors"):
        opened.score_rows(np.ones(opened.width, np.float32))
    with pytest.raises(CacheDamaged, match="vectors"):
        opened.gather(np.array([3]))
    with pytest.raises(CacheDamaged, match="vectors"):
        opened.check()


def test_files_that_are_gone_by_their_first_use_are_told(shelf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process has replaced the index meanwhile."""
    monkeypatch.setattr(space, "_CHECK_AT_ONCE", 0)
    shelf.append(100, seed=1)
    shelf.build()
    opened = shelf.open().generation
    for entry in Manifest.read(shelf.folder).files.values():
        (shelf.folder / entry.name).unlink()
    for file in (opened.vectors_file, *opened.index_files.values(), opened.graph_file):
        with pytest.raises(CacheDamaged, match="missing"):
            file.check()
    for late in ("indexes", "graphs"):
        with pytest.raises(CacheDamaged, match="cannot be"):
            getattr(opened, late)


def test_an_index_that_is_replaced_while_it_is_opened_is_the_new_one(
    shelf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.append(100, seed=1)
    shelf.build()
    opening = space.Generation.open

    def late(folder: Path, manifest: Manifest) -> Any:
        monkeypatch.setattr(space.Generation, "open", opening)
        shelf.append(20, seed=2)
        shelf.build()
        return opening(folder, manifest)

    monkeypatch.setattr(space.Generation, "open", late)
    assert shelf.open().generation.manifest.rows == 120


def test_only_the_chunks_in_use_are_checked(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(3 * CHUNK + 100)
    entry = FileEntry.of(path)
    with path.open("r+b") as file:
        file.seek(CHUNK + 5)
        file.write(b"x")
    checked = CheckedFile(path, entry)
    checked.check(0, CHUNK)
    checked.check(2 * CHUNK, None)
    assert not checked.is_checked
    with pytest.raises(CacheDamaged):
        checked.check(0, CHUNK + 1)


def test_an_index_over_other_rows_is_void(shelf: Any) -> None:
    shelf.append(100, seed=1)
    shelf.build()
    shelf.store.close()
    os.truncate(shelf.folder / "style.f32", 40 * 4 * 40)
    again = shelf.again()
    assert again.open() is None  # fewer rows than the index has
    again.append(100, seed=4)
    assert again.open() is None  # enough rows, but other ones
    again.store.close()


def test_damaged_rows_have_no_links_and_are_encoded_again(shelf: Any) -> None:
    shelf.append(100, seed=1)
    shelf.store.close()
    flip(shelf.folder / "style.f32", 40 * 4 * 7)
    again = shelf.again()
    assert again.build()
    assert not again.store.contains(again.digests[[7]]).any()
    opened = again.open()
    assert np.setdiff1d(np.arange(1, 101), opened.item).tolist() == [8]
    assert not opened.gather(np.array([7])).any()
    again.append(5, seed=2)
    again.store.close()
    flip(again.folder / "colour.f32", 12 * 4 * 102)
    later = again.again()
    opened = later.open()
    assert np.setdiff1d(np.arange(1, 106), opened.item).tolist() == [8, 103]
    later.store.close()


def test_damage_is_left_out_even_while_another_process_writes(shelf: Any) -> None:
    shelf.append(100, seed=1)
    shelf.store.close()
    flip(shelf.folder / "style.f32", 40 * 4 * 7)
    again = shelf.again()
    other = FileLock(shelf.folder / "lock")
    other.acquire()
    assert again.build()
    opened = again.open()
    assert again.store.contains(again.digests).all()
    assert np.setdiff1d(np.arange(1, 101), opened.item).tolist() == [8]
    other.release()


def test_one_build_at_a_time(shelf: Any) -> None:
    shelf.append(50, seed=1)
    lock = FileLock(shelf.folder / "index.lock")
    lock.acquire()
    with pytest.raises(CatalogLocked):
        shelf.build()
    lock.release()
    assert shelf.build()


def test_items_that_came_after_the_snapshot_are_left_out(shelf: Any) -> None:
    shelf.append(50, seed=1)
    shelf.build()
    items = np.arange(1, 51, dtype=np.int32)
    opened = space.open_space(shelf.store, shelf.folder, (items, shelf.digests), 31)
    assert opened.item.max() == 30
    assert len(opened.item_scores(opened.score_rows(np.ones(opened.width, np.float32)))) == 31


@pytest.mark.parametrize(
    ("now", "built", "finished", "expected"),
    [
        (0, 0, True, False),
        (3, 0, True, True),
        (499, 0, False, False),
        (500, 0, False, True),
        (1999, 500, False, False),
        (2000, 500, False, True),
        (31_999, 16_000, False, False),
        (32_000, 16_000, False, True),
        (1000, 1000, True, False),
        (1001, 1000, True, True),
        (105_000, 100_000, True, False),
        (105_001, 100_000, True, True),
        (900, 1000, True, True),
    ],
)
def test_when_to_build_again(now: int, built: int, finished: bool, expected: bool) -> None:
    assert needs_rebuild(now, built, finished=finished) is expected


@pytest.mark.parametrize("graphs", [False, True])
@pytest.mark.parametrize("colour", [0.0, 0.3, 1.0])
def test_candidates_hold_the_best_for_any_weights_of_the_blocks(
    shelf: Any, colour: float, graphs: bool
) -> None:
    shelf.append(3000, seed=1)
    space.build(shelf.store, shelf.folder, JobControl(), graphs=graphs)
    shelf.append(20, seed=2)
    opened = shelf.open()
    opened.check()
    rng = np.random.default_rng(1)
    found = []
    for _ in range(20):
        scorer = rng.normal(size=opened.width)
        for name, share in (("style", 1 - colour), ("colour", colour)):
            columns = opened.block(name)
            scorer[columns] *= share / np.linalg.norm(scorer[columns])
        best = np.argsort(-search.scan(opened, scorer, lambda: None))[:100]
        found.append(np.isin(best, search.candidates(opened, scorer, 100)).mean())
    assert np.mean(found) >= 0.95


def test_a_walk_from_good_rows_finds_the_best_without_the_indexes(
    shelf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.append(3000, seed=1)
    space.build(shelf.store, shelf.folder, JobControl(), graphs=True)
    opened = shelf.open()
    opened.check()
    monkeypatch.setattr(Index, "candidates", lambda *_: pytest.fail("an index was asked"))
    rng = np.random.default_rng(1)
    sample = np.sort(rng.choice(3000, 600, replace=False))
    found = []
    for _ in range(20):
        scorer = rng.normal(size=opened.width)
        scores = search.scan(opened, scorer, lambda: None)
        near = sample[np.argsort(-scores[sample + 1])[:120]]
        best = np.argsort(-scores)[:100]
        items = search.candidates(opened, scorer, 100, near, near_alone=True)
        assert len(items) == 100
        found.append(np.isin(best, items).mean())
    assert np.mean(found) >= 0.95
