"""The k nearest neighbours of every row, for each block and for both together.

Below EXACT_ROWS they are found exactly, by multiplying blocks of rows with all rows; above, Annoy proposes and the
exact scores choose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from visualsearch.errors import CacheDamaged
from visualsearch.vectors.annoy_index import Index

NEIGHBOURS = 20
JOINT = "joint"
EXACT_ROWS = 100_000
_GROUPS = 512  # of columns, when the best are looked for
_STEP = 512  # rows at a time: 512 × 100,000 scores are 200 MB
_PROPOSED = 200  # by each block, of which the nearest are taken
_SEARCH_K = 4000  # neighbours of an indexed row are found with less effort than a filter's best


class Graphs:
    """Neighbour graphs of a generation: for each name rows int32 (n, k), −1 where there is none, and their
    similarities float16 (n, k) (cosine; for "joint" the mean over the blocks), best first."""

    def __init__(self, neighbours: Mapping[str, np.ndarray], similarities: Mapping[str, np.ndarray]) -> None:
        self.neighbours = dict(neighbours)
        self.similarities = dict(similarities)

    def save(self, path: Path) -> None:
        """Write one file: for each graph in turn the rows, then the similarities."""
        with path.open("wb") as file:
            for name in self.neighbours:
                # not by tofile, which would not say that the disk is full
                file.write(np.ascontiguousarray(self.neighbours[name], "<i4").data)
                file.write(np.ascontiguousarray(self.similarities[name], "<f2").data)

    @classmethod
    def open(cls, path: Path, rows: int, names: tuple[str, ...] = ("style", "colour", JOINT)) -> Graphs:
        """Map a file that ``save`` wrote. Raises CacheDamaged when it is missing or has another size."""
        try:
            # As a plain array, which is quicker where few rows are taken often.
            whole = np.asarray(np.memmap(path, np.uint8, "r"))
        except (OSError, ValueError) as error:  # another process may have replaced the index since
            raise CacheDamaged(f"{path} cannot be loaded.") from error
        count = rows * NEIGHBOURS
        if len(whole) != 6 * count * len(names):
            raise CacheDamaged(f"{path} does not hold the neighbours of {rows:,} rows.")
        shape = (rows, NEIGHBOURS)
        neighbours, similarities = {}, {}
        for name, part in zip(names, whole.reshape(len(names), -1), strict=True):
            neighbours[name] = part[: 4 * count].view("<i4").reshape(shape)
            similarities[name] = part[4 * count :].view("<f2").reshape(shape)
        return cls(neighbours, similarities)


def build_graphs(
    vectors: np.ndarray,
    blocks: Mapping[str, slice],
    indexes: Mapping[str, Index],
    progress: Callable[[int], None],
    exact_rows: int = EXACT_ROWS,
) -> Graphs:
    """Neighbours among float32 (n, width) rows. ``progress(rows done)`` may raise to cancel."""
    names = [*blocks, JOINT]
    rows = len(vectors)
    neighbours = {name: np.full((rows, NEIGHBOURS), -1, np.int32) for name in names}
    similarities = {name: np.zeros((rows, NEIGHBOURS), np.float16) for name in names}
    find = _exactly if rows <= exact_rows else _with_index
    with ThreadPoolExecutor(2) as pool:
        for start in range(0, rows, _STEP):
            progress(start)
            stop = min(rows, start + _STEP)
            for name, found, scores in find(vectors, blocks, indexes, start, stop, pool):
                neighbours[name][start:stop, : found.shape[1]] = found
                similarities[name][start:stop, : found.shape[1]] = scores
    progress(rows)
    return Graphs(neighbours, similarities)


def _exactly(vectors, blocks, indexes, start, stop, pool):
    """Multiply with all rows, half of these rows in each of two threads."""
    half = (start + stop) // 2
    bounds = [(first, last) for first, last in ((start, half), (half, stop)) if first < last]
    found = list(pool.map(lambda part: _nearest(vectors, blocks, *part), bounds))
    for name in found[0]:
        yield name, *(np.concatenate([part[name][place] for part in found]) for place in (0, 1))


def _nearest(
    vectors: np.ndarray, blocks: Mapping[str, slice], start: int, stop: int
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The k best of each row, block by block; the joint similarity is the mean of the blocks'."""
    result = {}
    total = np.zeros((stop - start, len(vectors)), np.float32)
    for name, columns in blocks.items():
        scores = vectors[start:stop, columns] @ vectors[:, columns].T
        total += scores
        result[name] = _best(scores, start)
    total /= len(blocks)
    result[JOINT] = _best(total, start)
    return result


def _best(scores: np.ndarray, start: int) -> tuple[np.ndarray, np.ndarray]:
    """The k best columns of each row, itself left out: int32 (r, k), float32 (r, k).

    The k-th largest of the maxima of groups of columns is a lower bound of the k-th largest score: comparing with
    it leaves a few dozen candidates a row, which is some times faster than a partition of whole rows.
    """
    own = np.arange(len(scores))
    scores[own, start + own] = -np.inf
    k = min(NEIGHBOURS, scores.shape[1] - 1)
    if k <= 0:
        return np.empty((len(scores), 0), np.int32), np.empty((len(scores), 0), np.float32)
    maxima = scores[:, :_GROUPS].copy()  # of groups of columns that lie apart: some times as fast to find
    for first in range(_GROUPS, scores.shape[1], _GROUPS):
        more = scores[:, first : first + _GROUPS]
        np.maximum(maxima[:, : more.shape[1]], more, out=maxima[:, : more.shape[1]])
    bound = -np.partition(-maxima, k - 1, axis=1)[:, k - 1]
    flat = np.flatnonzero(scores >= bound[:, None])  # three times as fast as nonzero in two dimensions
    at, column = np.divmod(flat, scores.shape[1])
    value = scores[at, column]
    order = np.lexsort((column, -value, at))
    at, column, value = at[order], column[order], value[order]
    first = np.searchsorted(at, own)
    chosen = first[:, None] + np.arange(k)
    return column[chosen].astype(np.int32), value[chosen]


def _with_index(vectors, blocks, indexes, start, stop, pool):
    """Annoy proposes, exact scores choose; two threads, since Annoy frees the GIL."""
    half = (start + stop) // 2

    def find(bounds):
        return [_neighbours(vectors, blocks, indexes, row) for row in range(*bounds)]

    found = [near for part in pool.map(find, [(start, half), (half, stop)]) for near in part]
    for name in found[0]:
        yield name, np.stack([near[name][0] for near in found]), np.stack([near[name][1] for near in found])


def _neighbours(
    vectors: np.ndarray, blocks: Mapping[str, slice], indexes: Mapping[str, Index], row: int
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """One row's neighbours by each block, and by all: those are among the near ones of each."""
    proposed = [
        indexes[name].candidates(vectors[row, columns], _PROPOSED, _SEARCH_K)
        for name, columns in blocks.items()
    ]
    rows = np.unique(np.concatenate(proposed))
    rows = rows[rows != row]
    near = vectors[rows]
    scores = {name: near[:, columns] @ vectors[row, columns] for name, columns in blocks.items()}
    scores[JOINT] = np.mean(list(scores.values()), axis=0)
    result = {}
    for name, values in scores.items():
        order = np.argsort(-values, kind="stable")[:NEIGHBOURS]
        numbers, best = np.full(NEIGHBOURS, -1, np.int32), np.zeros(NEIGHBOURS, np.float32)
        numbers[: len(order)], best[: len(order)] = rows[order], values[order]
        result[name] = numbers, best
    return result
