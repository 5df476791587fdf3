"""The vectors that are searched: one immutable view of the last index build plus what was encoded since.

A row is a picture's joint vector, style and colour side by side, each of unit length (or zero). Rows have the
numbers of the embedding store. ``build`` (in indexing.py) writes a generation; ``open_space`` maps it, projects
the newer rows (the delta) in memory, and links rows to the items whose pictures they are: a deleted picture simply
has no link.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from visualsearch.errors import CacheDamaged
from visualsearch.vectors.annoy_index import Index
from visualsearch.vectors.embeddings import EmbeddingStore
from visualsearch.vectors.files import CHUNK
from visualsearch.vectors.generation import CheckedFile, Manifest, index_role
from visualsearch.vectors.graph import Graphs
from visualsearch.vectors.indexing import build, discard, forget
from visualsearch.vectors.projection import Projection, load, load_arrays, project

__all__ = ["Generation", "Space", "Statistics", "build", "discard", "needs_rebuild", "open_space"]

SCAN_ROWS = 65_536  # rows scored between two looks at the cancel flag, and by one thread in one go, at most
_SCANNERS = min(4, os.cpu_count() or 1)  # threads: more only wait for the memory
_SCANNED_ALONE = 16_384  # rows up to which threads would take longer to start
_SMALL = 10_000  # rows that are indexed within a few seconds
_CHECK_AT_ONCE = 256 * 2**20  # bytes that are checked when a space is opened; larger files chunk by chunk


@dataclass(frozen=True, eq=False)
class Statistics:
    """How the joint vectors lie over the whole catalog, float64: ``mean`` (width,), ``covariance`` (width, width)."""

    mean: np.ndarray
    covariance: np.ndarray


@dataclass(frozen=True, eq=False)
class Generation:
    """One opened build. Kept from one space to the next while the manifest stays the same."""

    manifest: Manifest
    projections: dict[str, Projection]
    statistics: Statistics
    vectors: np.ndarray
    vectors_file: CheckedFile
    index_files: dict[str, CheckedFile]
    graph_file: CheckedFile | None

    @classmethod
    def open(cls, folder: Path, manifest: Manifest) -> Generation:
        """Raises CacheDamaged when a file is missing or not what was written."""
        files = manifest.files
        roles = {block: index_role(block) for block in manifest.dims}
        missing = {"projection", "statistics", "vectors", *roles.values()} - files.keys()
        if missing:
            raise CacheDamaged(f"{folder} has no {', '.join(sorted(missing))}.")
        projections = load(folder / files["projection"].name, files["projection"].crcs[0])
        arrays = load_arrays(folder / files["statistics"].name, files["statistics"].crcs[0])
        statistics = Statistics(arrays["mean"], arrays["covariance"])
        width = sum(manifest.dims.values())
        vectors_file = CheckedFile(folder / files["vectors"].name, files["vectors"])
        if files["vectors"].size != manifest.rows * width * 4:
            raise CacheDamaged(f"{vectors_file.path} does not hold {manifest.rows:,} rows.")
        index_files = {
            block: CheckedFile(folder / files[role].name, files[role]) for block, role in roles.items()
        }
        graph = CheckedFile(folder / files["graph"].name, files["graph"]) if "graph" in files else None
        if sum(entry.size for entry in files.values()) <= _CHECK_AT_ONCE:
            for file in (vectors_file, *index_files.values(), graph):
                if file is not None:
                    file.check()
        vectors = np.memmap(vectors_file.path, np.dtype("<f4"), "r", shape=(manifest.rows, width))
        return cls(manifest, projections, statistics, vectors, vectors_file, index_files, graph)

    @cached_property
    def indexes(self) -> dict[str, Index]:
        """Annoy's index of each block, loaded at their first use. Check ``index_files`` before."""
        return {
            block: Index(self.index_files[block].path, dim, self.manifest.rows)
            for block, dim in self.manifest.dims.items()
        }

    @cached_property
    def graphs(self) -> Graphs | None:
        """The neighbour graphs, or None while they are not built. Check ``graph_file`` before."""
        return Graphs.open(self.graph_file.path, self.manifest.rows) if self.graph_file else None

    @property
    def checked_graphs(self) -> Graphs | None:
        """The neighbour graphs where their file has been checked already, for what can do without them."""
        return self.graphs if self.graph_file is not None and self.graph_file.is_checked else None


class Space:
    """Immutable; any thread. ``item`` int32 (m,) ascending and ``row`` int32 (m,) are the links; ``size`` is the
    length of arrays by item number. ``damaged`` rows (int64) have no links."""

    def __init__(
        self,
        generation: Generation,
        delta: np.ndarray,
        damaged: np.ndarray,
        item: np.ndarray,
        row: np.ndarray,
        size: int,
    ) -> None:
        self.generation = generation
        self.delta = delta
        self.damaged = damaged
        self.item = item
        self.row = row
        self.size = size
        self._one_image_each = bool(len(item) < 2 or (np.diff(item) > 0).all())
        self._is_one_run = self._one_image_each and len(item) > 0 and int(item[-1] - item[0]) == len(item) - 1

    # What it holds

    @property
    def dims(self) -> Mapping[str, int]:
        """Block → its number of components, in their order within a joint vector."""
        return self.generation.manifest.dims

    @property
    def width(self) -> int:
        return self.generation.vectors.shape[1]

    @property
    def rows(self) -> int:
        """Number of rows, delta included."""
        return len(self.generation.vectors) + len(self.delta)

    def block(self, name: str) -> slice:
        """A block's components within a joint vector."""
        start = 0
        for block, dim in self.dims.items():
            if block == name:
                return slice(start, start + dim)
            start += dim
        raise KeyError(name)

    def has_vector(self) -> np.ndarray:
        """bool (size,): items with at least one embedded image."""
        return self._has_vector

    @cached_property
    def _has_vector(self) -> np.ndarray:
        mask = np.zeros(self.size, bool)
        mask[self.item] = True
        mask.setflags(write=False)
        return mask

    def rows_of(self, item: int) -> np.ndarray:
        """Rows (int32) of an item's images, in their order; empty where none is embedded."""
        if not 0 <= item < self.size:
            return self.row[:0]
        return self.row[self._first_links[item] : self._first_links[item + 1]]

    def links_of(self, items: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where the links of items, int (n,), begin in ``item`` and ``row``, and how many each has: int64 (n,)."""
        first = self._first_links[items]
        return first, self._first_links[items + 1] - first

    @cached_property
    def _first_links(self) -> np.ndarray:
        """Where the links of each item number begin, and at last their number: int64 (size + 1,)."""
        return _begins(self.item, self.size)

    def project(self, embeddings: Mapping[str, np.ndarray]) -> np.ndarray:
        """Raw embeddings, float32 (n, dimension) for each block → joint vectors float32 (n, width)."""
        return project(self.generation.projections, embeddings)

    def fits(self, embeddings: Mapping[str, np.ndarray]) -> bool:
        """Whether embeddings, float32 (…, dimension) for each block, are as long as those that the space is made of."""
        projections = self.generation.projections
        return all(embeddings[name].shape[-1] == len(projections[name].mean) for name in projections)

    # Reading vectors

    def gather(self, rows: np.ndarray, checkpoint: Callable[[], None] = lambda: None) -> np.ndarray:
        """Joint vectors of some rows: float32 (k, width). Raises CacheDamaged."""
        rows = np.asarray(rows, np.int64)
        built = len(self.generation.vectors)
        if len(rows) and not self.generation.vectors_file.is_checked:
            self._check_rows(rows[rows < built], checkpoint)
        if not len(self.delta):
            return np.take(np.asarray(self.generation.vectors), rows, axis=0)
        found = np.empty((len(rows), self.width), np.float32)
        old = rows < built
        found[old] = self.generation.vectors[rows[old]]
        found[~old] = self.delta[rows[~old] - built]
        return found

    def score_rows(self, scorer: np.ndarray, checkpoint: Callable[[], None] = lambda: None) -> np.ndarray:
        """w·x for every row: float32 (width,) → float32 (rows,). Raises CacheDamaged."""
        vectors, file = self.generation.vectors, self.generation.vectors_file
        built = len(vectors)
        scores = np.empty(self.rows, np.float32)
        # As many for each thread: what one does alone at the end nobody shares.
        parts = _SCANNERS * max(1, -(-built // (SCAN_ROWS * _SCANNERS))) if built > _SCANNED_ALONE else 1
        step = max(1, -(-built // parts))
        starts = range(0, built, step)

        def scan(start: int) -> None:
            checkpoint()
            stop = min(built, start + step)
            file.check(start * self.width * 4, stop * self.width * 4, checkpoint)
            np.dot(vectors[start:stop], scorer, out=scores[start:stop])

        if len(starts) > 1:
            with ThreadPoolExecutor(_SCANNERS, "scan") as pool:
                list(pool.map(scan, starts))
        else:
            list(map(scan, starts))
        if len(self.delta):
            np.dot(self.delta, scorer, out=scores[built:])
        return scores

    def item_scores(self, row_scores: np.ndarray) -> np.ndarray:
        """Best score over each item's images: float32 (rows,) → float32 (size,), −inf where no vector is."""
        scores = np.full(self.size, -np.inf, row_scores.dtype)
        if self._is_one_run:
            run = scores[self.item[0] : self.item[-1] + 1]
            row_scores.take(self.row, out=run, mode="clip")  # no row is outside: "raise" would make a copy
        else:
            self.put_scores(scores, self.item, row_scores[self.row], self._one_image_each)
        return scores

    @staticmethod
    def put_scores(
        scores: np.ndarray, items: np.ndarray, link_scores: np.ndarray, one_each: bool = False
    ) -> None:
        """Write the best of each item's link scores to ``scores[item]``; ``items`` ascend."""
        if not len(items):
            return
        if one_each:
            scores[items] = link_scores
            return
        first = np.flatnonzero(np.r_[True, items[1:] != items[:-1]])
        scores[items[first]] = np.maximum.reduceat(link_scores, first)

    def items_of_rows(self, rows: np.ndarray) -> np.ndarray:
        """Item numbers (int32, ascending, each once) that one of the rows belongs to."""
        items, first = self._items_by_row
        start = first[rows]
        counts = first[rows + 1] - start
        offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        return each_once(items[np.repeat(start, counts) + offsets])

    @cached_property
    def _items_by_row(self) -> tuple[np.ndarray, np.ndarray]:
        """The links' items in the order of their rows, and where those of each row begin, int64 (rows + 1,)."""
        return self.item[np.argsort(self.row, kind="stable")], _begins(self.row, self.rows)

    # Checking

    def check(self, checkpoint: Callable[[], None] = lambda: None) -> None:
        """Check whatever was not checked yet (a job for the background). Raises CacheDamaged."""
        generation = self.generation
        for file in (generation.vectors_file, *generation.index_files.values(), generation.graph_file):
            if file is not None:
                file.check(checkpoint=checkpoint)

    def _check_rows(self, rows: np.ndarray, checkpoint: Callable[[], None]) -> None:
        size = self.width * 4
        for chunk in np.unique([rows * size // CHUNK, (rows * size + size - 1) // CHUNK]).tolist():
            self.generation.vectors_file.check(chunk * CHUNK, (chunk + 1) * CHUNK, checkpoint)


def each_once(numbers: np.ndarray) -> np.ndarray:
    """Whole numbers in ascending order, each once, as np.unique gives them: its hash table takes twice as
    long for some thousands."""
    numbers = np.sort(numbers)
    fresh = np.ones(len(numbers), bool)
    np.not_equal(numbers[1:], numbers[:-1], out=fresh[1:])
    return numbers[fresh]


def highest(scores: np.ndarray, count: int) -> np.ndarray:
    """Where the ``count`` highest scores are, int64 (≤ count,), in no order."""
    if len(scores) <= count:
        return np.arange(len(scores))
    return np.argpartition(scores, len(scores) - count)[len(scores) - count :]


def _begins(numbers: np.ndarray, count: int) -> np.ndarray:
    """Where each number from 0 below ``count`` begins among these once they are sorted: int64 (count + 1,)."""
    begins = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(numbers, minlength=count), out=begins[1:])
    return begins


def open_space(
    store: EmbeddingStore,
    folder: Path,
    active_images: tuple[np.ndarray, np.ndarray],
    size: int,
    previous: Space | None = None,
) -> Space | None:
    """Open the newest build of ``store`` in ``folder``, or None where there is none that is intact: then build.

    ``active_images`` is (item int32 (m,) ascending, digest uint8 (m, 16)); ``size`` the length of arrays by item
    number. Give the space that this one replaces as ``previous``: what it has mapped, checked and projected is
    used again, so that opening anew after each batch of an import is cheap.
    """
    manifest = Manifest.read(folder)
    if manifest is None or manifest.store_id != store.id or manifest.rows > len(store):
        return None
    if previous is not None and previous.generation.manifest == manifest:
        generation, delta, damaged = previous.generation, previous.delta, previous.damaged
    else:
        try:
            generation = Generation.open(folder, manifest)
        except (CacheDamaged, FileNotFoundError):
            if Manifest.read(folder) == manifest:
                return None
            return open_space(store, folder, active_images, size, previous)  # replaced since it was read
        delta = np.empty((0, generation.vectors.shape[1]), np.float32)
        damaged = np.array(manifest.damaged, np.int64)
    known = manifest.rows + len(delta)
    fresh = {block: store.rows(block, known) for block in manifest.dims}
    count = min(len(rows) for rows in fresh.values())
    if count:
        bad = store.damaged_rows(known, known + count)
        intact = {block: rows[:count] for block, rows in fresh.items()}
        if len(bad):  # their bytes may be any numbers: keep them out of the arithmetic
            intact = {block: rows.copy() for block, rows in intact.items()}
            for rows in intact.values():
                rows[bad - known] = 0.0
        delta = np.concatenate([delta, project(generation.projections, intact)])
        forget(store, bad)
        damaged = np.append(damaged, bad)
    items, digests = active_images
    rows = store.find(digests)
    # The catalog may have got items since its snapshot was taken, and the store rows since they were counted.
    embedded = (rows >= 0) & (rows < manifest.rows + len(delta)) & (items < size)
    embedded &= ~np.isin(rows, damaged)
    links = items[embedded].astype(np.int32), rows[embedded].astype(np.int32)
    return Space(generation, delta, damaged, *links, size)


def needs_rebuild(rows_now: int, rows_built: int, *, finished: bool = True) -> bool:
    """Whether the index should be built (again). ``finished``: no more rows are about to come.

    While an import runs: first at 500 rows, so that search works early, then whenever there are four times as many, in
    a large catalog twice as many, for what is not indexed is held in memory. When it has ended: whenever anything is
    not indexed in a small catalog, where that takes seconds and makes the ranking depend on the photos alone and not
    on when they came; when more than 5 % are not in a large one. Until then they are scanned exactly.
    """
    if rows_now == 0:
        return False
    if rows_built == 0:
        return finished or rows_now >= 500
    if finished:
        slack = 0.0 if rows_now <= _SMALL else 0.05 * rows_built
        return rows_now < rows_built or rows_now - rows_built > slack
    return rows_now >= (4 if rows_built < _SMALL else 2) * rows_built
