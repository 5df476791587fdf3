"""Embedding → vector: centre, principal components, unit length.

No whitening: on 3,781 clothing photos it lost 6 points of precision, while centring and components won half a point
over the raw embedding (docs/decisions/search.md). The parts of an embedding are scaled first, so that each counts
as it should whatever its numbers are like. The colour histogram is square-rooted, which makes the Euclidean distance
the Hellinger distance.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from visualsearch.errors import CacheDamaged
from visualsearch.replacing import replace_file

DIMENSIONS = {"style": 192, "colour": 48}
SAMPLE = 20_000  # rows that a projection is fitted on
_SAMPLE_SEED = 2017
_STEP, _FEW = 1024, 128  # rows at a time: in products of matrices, and where they are copied
_SMALL = 600  # up to which all eigenvectors are found faster than the first
# Of the orthogonal iteration: 99.9 % of the variance that all eigenvectors would have.
_ROUNDS, _MARGIN, _SEED = 3, 64, 1997
_DEPENDENT = 1e-10  # of the largest eigenvalue: less is rounding of single precision
_THREADS = 2  # on any machine: how rows are shared decides the last bits of what they sum up to
_FLAT = 1e-5  # a row this near to the mean, relative to its length, has no direction: its vector is zero


class _Part(NamedTuple):
    """How much a part of an embedding counts, and whether all of its numbers count the same: some filters of a
    network's inner layers answer to everything."""

    weight: float
    evened: bool = False


_PARTS = {"pooled": _Part(1.0), "layout": _Part(1.0), "texture": _Part(0.7, evened=True)}
"""Of an embedding, by the names that encoders give them (docs/decisions/search.md)."""
_WHOLE = "pooled"  # what is seen: the part by which the others are measured


@dataclass(frozen=True, eq=False)
class Projection:
    """One block's projection. ``mean`` float32 (D,), ``axes`` float32 (D, d): the components, with orthonormal columns
    where the embedding is of one part; the scales of several are multiplied in."""

    mean: np.ndarray
    axes: np.ndarray
    square_root: bool = False

    @property
    def dimension(self) -> int:
        return self.axes.shape[1]

    @classmethod
    def fit(
        cls,
        rows: np.ndarray,
        dimension: int,
        *,
        square_root: bool = False,
        parts: Mapping[str, int] | None = None,
        checkpoint: Callable[[], None] = lambda: None,
    ) -> Projection:
        """Fit to rows float32 (n, D), n ≥ 1; those that are not finite do not count. Where D < dimension the vectors
        have D components. ``parts``: name → length of the embedding's parts, in their order, see ``_PARTS``; without,
        it is one part.

        With fewer rows than dimensions the vectors have nothing along the last axes.
        """
        prepared = _prepared(rows, square_root)
        with np.errstate(invalid="ignore"):
            mean = prepared.mean(axis=0, dtype=np.float64)
        if not np.isfinite(mean).all():  # a single row that is not finite would spoil the vectors of all
            finite = np.isfinite(prepared).all(axis=1)
            prepared = prepared[finite] if finite.any() else np.zeros_like(prepared[:1])
            mean = prepared.mean(axis=0, dtype=np.float64)
        squares = np.zeros(rows.shape[1])
        for start in range(0, len(prepared), _FEW):
            checkpoint()
            centred = prepared[start : start + _FEW] - mean.astype(np.float32)
            squares += np.einsum("ij,ij->j", centred, centred)
        scale = _scale(squares, parts or {_WHOLE: rows.shape[1]})
        axes = _principal(prepared, mean, scale, dimension, checkpoint)
        largest = axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])]
        axes = axes * np.where(largest < 0, -1.0, 1.0)  # the sign is arbitrary: make it always the same
        axes *= scale[:, None]
        return cls(mean.astype(np.float32), np.ascontiguousarray(axes, np.float32), square_root)

    def apply(self, rows: np.ndarray) -> np.ndarray:
        """float32 (n, D) → float32 (n, d) of unit length; zeros for a row not finite or without direction."""
        prepared = _prepared(np.asarray(rows), self.square_root)
        centred = prepared - self.mean
        centred[~np.isfinite(prepared).all(axis=1)] = 0.0
        vectors = centred @ self.axes
        lengths = np.linalg.norm(vectors, axis=1)
        size = np.linalg.norm(centred, axis=1) + np.linalg.norm(self.mean)
        flat = lengths <= _FLAT * size
        vectors /= np.where(flat, 1.0, lengths)[:, None]
        vectors[flat] = 0.0
        return vectors


def _scale(variances: np.ndarray, parts: Mapping[str, int]) -> np.ndarray:
    """What each number of an embedding is multiplied by, float64 (D,): 1 for those of what is seen, whose variance the
    other parts get by their weights."""
    scale = np.ones(len(variances))
    ends = np.cumsum(list(parts.values()))
    places = {name: slice(end - parts[name], end) for name, end in zip(parts, ends.tolist(), strict=True)}
    whole = float(variances[places.pop(_WHOLE)].sum())
    for name, place in places.items():
        part, own = _PARTS[name], variances[place]
        given = own if part.evened else np.full(len(own), own.mean())
        wanted = part.weight**2 * whole / len(own)
        scale[place] = np.sqrt(np.divide(wanted, given, out=np.zeros(len(own)), where=given > 0))
    return scale


def _principal(
    rows: np.ndarray, mean: np.ndarray, scale: np.ndarray, count: int, checkpoint: Callable[[], None]
) -> np.ndarray:
    """The eigenvectors of the largest eigenvalues of the covariance of rows that are centred and scaled, float64
    (D, at most ``count``), best first. Where there are many, by orthogonal iteration (Golub and Van Loan, "Matrix
    Computations", section 8.2.4): the covariance itself, which has more numbers than the rows, is never computed."""
    step = min(_STEP, -(-len(rows) // _THREADS))
    chunks = [rows[start : start + step] for start in range(0, len(rows), step)]

    def summed(product: Callable[[np.ndarray, np.ndarray], np.ndarray], basis: np.ndarray) -> np.ndarray:
        """``product`` of rows and of what they are in a basis, float32 (n, D) and (n, k), summed over all of them."""
        scaled = (scale[:, None] * basis).astype(np.float32)
        middle = (mean @ scaled).astype(np.float32)

        def of(chunk: np.ndarray) -> np.ndarray:
            checkpoint()
            within = chunk @ scaled
            within -= middle
            return product(chunk, within)

        parts = pool.map(of, chunks)
        total = next(parts)
        for part in parts:
            total += part
        return total

    with ThreadPoolExecutor(_THREADS) as pool:
        if len(mean) > max(_SMALL, 2 * (count + _MARGIN)):
            basis = np.random.RandomState(_SEED).standard_normal((len(mean), count + _MARGIN))
            for _ in range(_ROUNDS):
                basis = _orthonormal(summed(lambda chunk, within: chunk.T @ within, basis) * scale[:, None])
        else:  # only here: a large one is filled with the interpreter's lock held, which the window waits for
            basis = np.eye(len(mean))
        inner = summed(lambda _, within: (within.T @ within).astype(np.float64), basis)
    return basis @ np.linalg.eigh(inner)[1][:, ::-1][:, :count]


def _orthonormal(columns: np.ndarray) -> np.ndarray:
    """An orthonormal basis of what columns span, float64 (D, k); zeros in place of those that depend on others. It is
    found from their products with each other: three times as fast as a QR decomposition."""
    values, vectors = np.linalg.eigh(columns.T @ columns)
    roots = np.sqrt(np.where(values > _DEPENDENT * values[-1], values, np.inf))
    return columns @ (vectors / roots)


def sampled(rows: np.ndarray) -> np.ndarray:
    """Of row numbers, int64 (n,), those that a projection is fitted on: all, or ``SAMPLE`` of them, seeded, so that the
    same rows give the same vectors."""
    if len(rows) <= SAMPLE:
        return rows
    return np.sort(np.random.default_rng(_SAMPLE_SEED).choice(rows, SAMPLE, replace=False))


def project(projections: Mapping[str, Projection], embeddings: Mapping[str, np.ndarray]) -> np.ndarray:
    """Raw embeddings of each block → joint vectors, float32 (n, sum of the blocks' components)."""
    return np.concatenate(
        [projection.apply(embeddings[block]) for block, projection in projections.items()], axis=1
    )


def save(projections: dict[str, Projection], path: Path) -> int:
    """Write all blocks' projections to one file (npz, no pickle); returns the CRC-32 of its bytes."""
    arrays: dict[str, np.ndarray] = {}
    for block, projection in projections.items():
        arrays[f"{block}.mean"] = projection.mean
        arrays[f"{block}.axes"] = projection.axes
        arrays[f"{block}.square_root"] = np.array(projection.square_root)
    return save_arrays(arrays, path)


def load(path: Path, crc: int) -> dict[str, Projection]:
    """Read what ``save`` wrote. Raises CacheDamaged when the bytes are not those."""
    arrays = load_arrays(path, crc)
    blocks = [name.removesuffix(".mean") for name in arrays if name.endswith(".mean")]
    return {
        block: Projection(
            arrays[f"{block}.mean"], arrays[f"{block}.axes"], bool(arrays[f"{block}.square_root"])
        )
        for block in blocks
    }


def save_arrays(arrays: dict[str, np.ndarray], path: Path) -> int:
    """Replace an npz file; returns the CRC-32 of its bytes."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    data = buffer.getvalue()
    replace_file(path, data)
    return zlib.crc32(data)


def load_arrays(path: Path, crc: int) -> dict[str, np.ndarray]:
    """Read an npz file whose bytes have this CRC-32. Raises CacheDamaged otherwise."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CacheDamaged(f"{path} cannot be read.") from error
    if zlib.crc32(data) != crc:
        raise CacheDamaged(f"{path} is damaged.")
    with np.load(io.BytesIO(data), allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def _prepared(rows: np.ndarray, square_root: bool) -> np.ndarray:
    rows = np.asarray(rows, np.float32)
    return np.sqrt(np.maximum(rows, 0.0)) if square_root else rows
