"""The approximation: one Annoy index for each block.

A block's vectors are of unit length, so the angle to w orders rows exactly as the block's linear score w·x does. The
best by a weighted sum of blocks are among the good ones of each: their union is the candidates. On 100,000 vectors
that found more, in less time, than one index over the joint vectors (docs/decisions/search.md). Annoy is immutable:
newer rows are the space's delta.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
from annoy import AnnoyIndex

from visualsearch.errors import CacheDamaged
from visualsearch.replacing import rename_over
from visualsearch.vectors.files import sync

TREES = 30
_SEED = 20170
_STEP = 2000


def build_index(vectors: np.ndarray, path: Path, progress: Callable[[int], None], jobs: int = 2) -> None:
    """Index float32 (n, d) into a file, written beside and renamed. ``progress(rows added)`` may raise to cancel.

    Annoy builds its trees in one call without the GIL; that call cannot be cancelled. Raises OSError, of a disk without
    room for it before it begins: Annoy writes into mapped memory, where a full disk ends the process.
    """
    if shutil.disk_usage(path.parent).free < most_bytes(*vectors.shape):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    beside = path.with_name(path.name + ".new")
    index = AnnoyIndex(vectors.shape[1], "angular")
    index.set_seed(_SEED)
    try:
        index.on_disk_build(str(beside))
        for start in range(0, len(vectors), _STEP):
            progress(start)
            for row, vector in enumerate(vectors[start : start + _STEP].tolist(), start):
                index.add_item(row, vector)
        progress(len(vectors))
        index.build(TREES, n_jobs=jobs)
    except BaseException:
        index.unload()
        beside.unlink(missing_ok=True)
        raise
    index.unload()
    sync(beside)
    rename_over(beside, path)


def most_bytes(rows: int, dimension: int) -> int:
    """More than the file of an index takes: measured were 0.58 to 0.83 of it, all of it below a leaf's rows."""
    leaf = dimension + 2  # rows: as many numbers as a node has room for
    return (rows + TREES * (6 * rows // leaf + 2)) * 4 * (dimension + 3)


class Index:
    """A loaded index. Queries release the GIL and may run in several threads."""

    def __init__(self, path: Path, dimension: int, rows: int) -> None:
        """Map the file. Raises CacheDamaged when it does not hold ``rows`` rows (checksums are the caller's)."""
        self._index = AnnoyIndex(dimension, "angular")
        try:
            self._index.load(str(path))
        except OSError as error:
            raise CacheDamaged(f"{path} cannot be loaded.") from error
        if self._index.get_n_items() != rows:
            raise CacheDamaged(f"{path} holds {self._index.get_n_items():,} rows instead of {rows:,}.")

    def candidates(self, scorer: np.ndarray, count: int, search_k: int) -> np.ndarray:
        """About the ``count`` rows of the highest w·x: int64 (≤ count,), no order promised."""
        rows = self._index.get_nns_by_vector(scorer.tolist(), count, search_k)
        return np.asarray(rows, np.int64)


def effort(rows: int, count: int) -> tuple[int, int]:
    """(candidates of each block, leaf entries to inspect) for the ``count`` best of ``rows``, by measurement."""
    candidates = max(2 * count, int(6 * rows**0.5))
    return min(rows, candidates), 20 * candidates
