"""Pairs of pictures that may be copies of each other, and how different each pair is. A job: everything is computed
from the stored thumbnails, when first asked for, and kept in a cache beside the catalog, so that only new pictures are
looked at again. Any thread; one at a time.
"""

from __future__ import annotations

import contextlib
import tempfile
import zipfile
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from visualsearch.attributes import shapes
from visualsearch.catalog.thumbnails import Thumbnails
from visualsearch.jobs import JobControl
from visualsearch.replacing import replacing
from visualsearch.vectors.annoy_index import Index, build_index
from visualsearch.vectors.files import disk_errors
from visualsearch.vectors.graph import EXACT_ROWS, build_graphs

FILE_NAME = "lookalikes.npz"
CANDIDATES = 12  # of the pictures of the most similar shape that a picture is compared with
SIMILAR = 0.75  # cosine of two hashes, projected, from which on they are
_DIMENSIONS = 64
_SAMPLE = 20_000  # pictures that the projection is fitted to
_HASHED_AT_ONCE = 256
_COMPARED_AT_ONCE = 1_500
_TILES = 30_000  # small pictures kept in memory while pairs are compared: 144 MB


@dataclass(frozen=True, eq=False)
class Pairs:
    """``first`` < ``second`` int64 (k,): places in the digests that were asked about; ``differences`` float32 (k, 3):
    see `shapes.Comparison.differences`."""

    first: np.ndarray
    second: np.ndarray
    differences: np.ndarray


@dataclass(eq=False)
class _Known:
    """What the cache holds. ``digests`` uint8 (n, 16); ``hashes`` uint8 (n, HASH); the pairs' places among them."""

    digests: np.ndarray
    hashes: np.ndarray
    first: np.ndarray
    second: np.ndarray
    differences: np.ndarray

    @classmethod
    def nothing(cls) -> _Known:
        places = np.empty(0, np.int64)
        return cls(
            np.empty((0, 16), np.uint8),
            np.empty((0, shapes.HASH), np.uint8),
            places,
            places,
            np.empty((0, 3), np.float32),
        )


def find_pairs(folder: Path, thumbnails: Thumbnails, digests: np.ndarray, control: JobControl) -> Pairs:
    """Pairs among different pictures, uint8 (n, 16), that are alike apart from their colours; those without a thumbnail
    have none. ``folder`` holds the cache; where it cannot be written all is done anew. Raises Cancelled."""
    known = _load(folder / FILE_NAME)
    hashes, there = _hashed(known, thumbnails, digests, control)
    first, second = _candidates(hashes, there, control)
    differences = _reused(known, digests, first, second)
    _compare(thumbnails, digests, first, second, differences, control)
    _save(
        folder / FILE_NAME,
        _Known(digests[there], hashes[there], *_renumbered(there, first, second), differences),
    )
    return Pairs(first, second, differences)


def _hashed(
    known: _Known, thumbnails: Thumbnails, digests: np.ndarray, control: JobControl
) -> tuple[np.ndarray, np.ndarray]:
    """Hashes uint8 (n, HASH), and which are there, bool (n,)."""
    hashes = np.zeros((len(digests), shapes.HASH), np.uint8)
    place = _places(known.digests, digests)
    there = place >= 0
    hashes[there] = known.hashes[place[there]]
    missing = np.flatnonzero(~there)
    for start in range(0, len(missing), _HASHED_AT_ONCE):
        control.progress("Looking at photos", start, len(missing), "photos")
        wanted = missing[start : start + _HASHED_AT_ONCE]
        found = thumbnails.get_many([digests[at].tobytes() for at in wanted.tolist()])
        shown = [at for at in wanted.tolist() if digests[at].tobytes() in found]
        if shown:
            hashes[shown] = shapes.hashes(shapes.tiles([found[digests[at].tobytes()] for at in shown]))
            there[shown] = True
    return hashes, there


def _candidates(hashes: np.ndarray, there: np.ndarray, control: JobControl) -> tuple[np.ndarray, np.ndarray]:
    """Places of pairs of a similar shape, int64 (k,) each, ascending, each pair once."""
    rows = np.flatnonzero(there)
    if len(rows) < 2:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    vectors = _projected(hashes[rows])
    block = {"shape": slice(0, vectors.shape[1])}

    def progress(done: int) -> None:
        control.progress("Comparing shapes", done, len(rows), "photos")

    if len(rows) <= EXACT_ROWS:
        graphs = build_graphs(vectors, block, {}, progress)
    else:
        place = tempfile.gettempdir()
        with (
            disk_errors(Path(place)),
            tempfile.TemporaryDirectory(dir=place, ignore_cleanup_errors=True) as temporary,
        ):
            file = Path(temporary) / "shapes.annoy"
            build_index(vectors, file, lambda done: control.checkpoint())
            graphs = build_graphs(
                vectors, block, {"shape": Index(file, vectors.shape[1], len(rows))}, progress
            )
    near = graphs.neighbours["shape"][:, :CANDIDATES]
    alike = (near >= 0) & (graphs.similarities["shape"][:, :CANDIDATES] >= SIMILAR)
    at, column = np.nonzero(alike)
    one, other = rows[at], rows[near[at, column]]
    keys = np.unique(np.minimum(one, other) * len(there) + np.maximum(one, other))
    return keys // len(there), keys % len(there)


def _projected(hashes: np.ndarray) -> np.ndarray:
    """The principal components of hashes, float32 (n, ≤ 64), of unit length."""
    step = max(1, len(hashes) // _SAMPLE)
    sample = hashes[::step].astype(np.float32)
    mean = sample.mean(0)
    _, axes = np.linalg.eigh((sample - mean).T @ (sample - mean))
    axes = np.ascontiguousarray(axes[:, -min(_DIMENSIONS, len(sample)) :])
    vectors = np.empty((len(hashes), axes.shape[1]), np.float32)
    for start in range(0, len(hashes), _SAMPLE):
        stop = start + _SAMPLE
        vectors[start:stop] = (hashes[start:stop].astype(np.float32) - mean) @ axes
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def _reused(known: _Known, digests: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Differences float32 (k, 3) of the pairs that the cache knows, NaN for the others."""
    differences = np.full((len(first), 3), np.nan, np.float32)
    place = _places(known.digests, digests)
    one, other = place[first], place[second]
    size = len(known.digests) + 1
    keys = np.minimum(known.first, known.second) * size + np.maximum(known.first, known.second)
    wanted = np.where((one < 0) | (other < 0), -1, np.minimum(one, other) * size + np.maximum(one, other))
    if len(keys):
        order = np.argsort(keys)
        at = order[np.minimum(np.searchsorted(keys, wanted, sorter=order), len(keys) - 1)]
        found = keys[at] == wanted
        differences[found] = known.differences[at[found]]
    return differences


def _compare(
    thumbnails: Thumbnails,
    digests: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    differences: np.ndarray,
    control: JobControl,
) -> None:
    """Fill in the differences that are NaN."""
    missing = np.flatnonzero(np.isnan(differences[:, 0]))
    tiles = _Tiles(thumbnails, digests)
    for start in range(0, len(missing), _COMPARED_AT_ONCE):
        control.progress("Comparing photos", start, len(missing), "pairs")
        pairs = missing[start : start + _COMPARED_AT_ONCE]
        pictures, at = np.unique(np.r_[first[pairs], second[pairs]], return_inverse=True)
        comparison = shapes.Comparison(tiles.of(pictures))
        differences[pairs] = comparison.differences(at[: len(pairs)], at[len(pairs) :])


class _Tiles:
    """Small pictures, the latest used kept."""

    def __init__(self, thumbnails: Thumbnails, digests: np.ndarray) -> None:
        self._thumbnails = thumbnails
        self._digests = digests
        self._kept: OrderedDict[int, np.ndarray] = OrderedDict()

    def of(self, places: np.ndarray) -> np.ndarray:
        """uint8 (n, SIDE, SIDE, 3)."""
        missing = [at for at in places.tolist() if at not in self._kept]
        if missing:
            wanted = [self._digests[at].tobytes() for at in missing]
            found = self._thumbnails.get_many(wanted)
            there = [
                (at, found[digest]) for at, digest in zip(missing, wanted, strict=True) if digest in found
            ]
            made = shapes.tiles([thumbnail for _, thumbnail in there])
            self._kept.update({at: tile for (at, _), tile in zip(there, made, strict=True)})
        blank = np.zeros((shapes.SIDE, shapes.SIDE, 3), np.uint8)  # of a thumbnail that vanished meanwhile
        pictures = np.stack([self._kept.get(at, blank) for at in places.tolist()])
        for at in places.tolist():
            if at in self._kept:
                self._kept.move_to_end(at)
        while len(self._kept) > _TILES:
            self._kept.popitem(last=False)
        return pictures


def _places(digests: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Place of each wanted digest, −1 where it is not among ``digests``: int64 (n,)."""
    if not len(digests):
        return np.full(len(wanted), -1, np.int64)
    keys, sought = (np.ascontiguousarray(one).view("S16").ravel() for one in (digests, wanted))
    order = np.argsort(keys, kind="stable")
    at = order[np.minimum(np.searchsorted(keys, sought, sorter=order), len(keys) - 1)]
    same = (digests[at] == wanted).all(1)  # and not by S16 alone, which drops zeros at the end
    return np.where(same, at, -1)


def _renumbered(there: np.ndarray, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    number = np.cumsum(there) - 1
    return number[first], number[second]


def _load(file: Path) -> _Known:
    """The cache; nothing where it is missing, damaged (every member has a checksum) or of another version."""
    try:
        with np.load(file, allow_pickle=False) as arrays:
            known = _Known(*(arrays[name] for name in _MEMBERS))
        count = len(known.digests)
        if known.hashes.shape != (count, shapes.HASH) or known.digests.shape != (count, 16):
            return _Known.nothing()
        if not len(known.first) == len(known.second) == len(known.differences):
            return _Known.nothing()
        return known
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return _Known.nothing()


_MEMBERS = ("digests", "hashes", "first", "second", "differences")


def _save(file: Path, known: _Known) -> None:
    """Replace the file; a disk that refuses costs only time."""
    with contextlib.suppress(OSError), replacing(file, derived=True) as stream:
        np.savez(stream, **{name: getattr(known, name) for name in _MEMBERS})
