"""Embedding → vector: centre, principal components, unit length.

No whitening: on 3,781 clothing photos it lost 6 points of precision, while centring and 256 components won
half a point over the raw embedding (docs/decisions/search.md). The colour histogram is square-rooted first,
which makes the Euclidean distance the Hellinger distance.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from visualsearch.errors import CacheDamaged
from visualsearch.vectors.files import write_beside

DIMENSIONS = {"style": 256, "colour": 48}
SAMPLE = 50_000  # rows that a projection is fitted on
_STEP = 4096
_FLAT = 1e-5  # a row this near to the mean, relative to its length, has no direction: its vector is zero


@dataclass(frozen=True, eq=False)
class Projection:
    """One block's projection. ``mean`` float32 (D,), ``axes`` float32 (D, d) with orthonormal columns."""

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
        checkpoint: Callable[[], None] = lambda: None,
    ) -> Projection:
        """Fit to rows float32 (n, D), n ≥ 1. Where D < dimension the vectors have D components.

        The covariance is summed in float64, so that its precision does not depend on the number of rows. With
        fewer rows than dimensions the last axes are arbitrary and the vectors have nothing along them.
        """
        total = np.zeros(rows.shape[1])
        for start in range(0, len(rows), _STEP):
            total += _prepared(rows[start : start + _STEP], square_root).sum(axis=0, dtype=np.float64)
        mean = total / max(1, len(rows))
        covariance = np.zeros((rows.shape[1], rows.shape[1]))
        for start in range(0, len(rows), _STEP):
            checkpoint()
            centred = _prepared(rows[start : start + _STEP], square_root) - mean.astype(np.float32)
            covariance += centred.T @ centred  # float32 within a step, float64 between steps
        checkpoint()
        _, vectors = np.linalg.eigh(covariance)
        axes = vectors[:, ::-1][:, :dimension]
        largest = axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])]
        axes = axes * np.where(largest < 0, -1.0, 1.0)  # the sign is arbitrary: make it always the same
        return cls(mean.astype(np.float32), np.ascontiguousarray(axes, np.float32), square_root)

    def apply(self, rows: np.ndarray) -> np.ndarray:
        """float32 (n, D) → float32 (n, d) of unit length; zeros for a row not finite or without direction."""
        prepared = _prepared(np.asarray(rows), self.square_root)
        usable = np.asarray(np.isfinite(prepared).all(axis=1))
        centred = np.where(usable[:, np.newaxis], prepared - self.mean, 0.0).astype(np.float32)
        vectors = centred @ self.axes
        lengths = np.linalg.norm(vectors, axis=1)
        size = np.linalg.norm(centred, axis=1) + np.linalg.norm(self.mean)
        flat = lengths <= _FLAT * size
        vectors /= np.where(flat, 1.0, lengths)[:, None]
        vectors[flat] = 0.0
        return vectors


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
    """Write arrays to an npz file, beside and renamed; returns the CRC-32 of its bytes."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    data = buffer.getvalue()
    write_beside(path, data)
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
