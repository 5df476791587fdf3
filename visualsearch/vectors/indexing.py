"""The index job: embeddings → projection, vectors, Annoy index, neighbour graphs; swapped in by one rename."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np

from visualsearch.errors import CatalogError
from visualsearch.jobs import JobControl
from visualsearch.vectors.annoy_index import Index, build_index
from visualsearch.vectors.embeddings import EmbeddingStore
from visualsearch.vectors.files import disk_errors, sync
from visualsearch.vectors.generation import MANIFEST, FileEntry, Manifest, index_role
from visualsearch.vectors.graph import build_graphs
from visualsearch.vectors.locking import FileLock
from visualsearch.vectors.projection import DIMENSIONS, Projection, project, sampled, save, save_arrays

_STEP = 256  # rows at a time: raw embeddings take 13 KB each, and a few copies of more leave the caches
_OWN_FILES = ("projection-*", "statistics-*", "vectors-*", "index-*", "graph-*")
_UNFINISHED = ".*.new"  # what a kill leaves of `replacing`


def build(
    store: EmbeddingStore,
    folder: Path,
    control: JobControl,
    *,
    parts: Mapping[str, int] | None = None,
    graphs: bool = True,
) -> bool:
    """Index every row that the store has now. False when there is none; then nothing is written. ``parts``: of a
    style embedding, see `Projection.fit`.

    Search can use the new build before its neighbour graphs are done: those are added to the manifest at the end.
    Damaged embeddings are forgotten on the way. Raises Cancelled (the old build stays), CatalogLocked when another
    process builds, ReadOnlyCatalog and CatalogError as the disk does.
    """
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / "index.lock")
        lock.acquire()
        try:
            return _Build(store, folder, control, parts).run(graphs)
        finally:
            lock.release()


def discard(folder: Path, manifest: Manifest) -> None:
    """Give up a build that was found damaged, as if there had been none, unless another has replaced it.

    Raises CatalogLocked when another process builds, ReadOnlyCatalog and CatalogError as the disk does.
    """
    with disk_errors(folder):
        lock = FileLock(folder / "index.lock")
        lock.acquire()
        try:
            if Manifest.read(folder) == manifest:
                (folder / MANIFEST).unlink()
        finally:
            lock.release()


class _Build:
    def __init__(
        self, store: EmbeddingStore, folder: Path, control: JobControl, parts: Mapping[str, int] | None
    ) -> None:
        self._store = store
        self._parts = {"style": parts}
        self._folder = folder
        self._control = control
        self._generation = _next_generation(folder)

    def run(self, graphs: bool) -> bool:
        self._store.refresh()
        rows = len(self._store)
        self._control.progress("checking embeddings", 0, rows)
        damaged = self._store.verify(self._control.checkpoint)
        forget(self._store, damaged)
        usable = np.asarray(self._store.digests[:rows].any(axis=1))
        usable[damaged] = False
        alive = np.flatnonzero(usable)
        if not len(alive):
            return False
        try:
            manifest, vectors = self._search_files(usable, alive, damaged)
            manifest.write(self._folder)
            if graphs:
                self._add_graphs(manifest, vectors)
        finally:
            _delete_stale(self._folder)
        return True

    def _search_files(
        self, usable: np.ndarray, alive: np.ndarray, damaged: np.ndarray
    ) -> tuple[Manifest, np.ndarray]:
        rows = len(usable)
        projections = self._fit(alive)
        entries = {"projection": _whole(self._path("projection", "npz"), lambda p: save(projections, p))}
        path = self._path("vectors", "f32")
        self._write_vectors(path, projections, usable)
        dims = {block: projection.dimension for block, projection in projections.items()}
        vectors = np.memmap(path, np.dtype("<f4"), "r", shape=(rows, sum(dims.values())))
        entries["vectors"] = FileEntry.of(path, self._control.checkpoint)
        statistics = statistics_of(vectors, alive, self._control.checkpoint)
        entries["statistics"] = _whole(self._path("statistics", "npz"), lambda p: save_arrays(statistics, p))
        for block, columns in _slices(dims).items():
            path = self._path("index", f"{block}.annoy")
            stage = f"building {block} index"
            build_index(vectors[:, columns], path, lambda n, s=stage: self._control.progress(s, n, rows))
            entries[index_role(block)] = FileEntry.of(path, self._control.checkpoint)
        return Manifest(
            self._generation, self._store.id, rows, dims, entries, tuple(damaged.tolist())
        ), vectors

    def _fit(self, alive: np.ndarray) -> dict[str, Projection]:
        sample = sampled(alive)
        self._control.progress("learning style and colour", 0, len(sample))

        def fit(block: str) -> Projection:
            rows = self._store.rows(block)
            if len(sample) < len(rows):
                rows = rows[sample]
            return Projection.fit(
                rows,
                DIMENSIONS[block],
                square_root=block == "colour",
                parts=self._parts.get(block),
                checkpoint=self._control.checkpoint,
            )

        with ThreadPoolExecutor(len(DIMENSIONS)) as pool:  # eigenvectors keep one core busy
            return dict(zip(DIMENSIONS, pool.map(fit, DIMENSIONS), strict=True))

    def _write_vectors(self, path: Path, projections: dict[str, Projection], usable: np.ndarray) -> None:
        rows = len(usable)
        with path.open("wb") as file:
            for start in range(0, rows, _STEP):
                self._control.progress("projecting", start, rows)
                stop = min(rows, start + _STEP)
                embeddings = {block: self._store.rows(block, start, stop) for block in projections}
                vectors = project(projections, embeddings)
                vectors[~usable[start:stop]] = 0.0
                file.write(
                    np.ascontiguousarray(vectors, "<f4").data
                )  # tofile would not say that the disk is full
        sync(path)

    def _add_graphs(self, manifest: Manifest, vectors: np.ndarray) -> None:
        graphs = build_graphs(
            np.asarray(vectors),
            _slices(manifest.dims),
            {
                block: Index(self._path("index", f"{block}.annoy"), dim, manifest.rows)
                for block, dim in manifest.dims.items()
            },
            lambda done: self._control.progress("finding neighbours", done, manifest.rows),
        )
        path = self._path("graph", "bin")
        graphs.save(path)
        sync(path)
        entry = FileEntry.of(path, self._control.checkpoint)
        replace(manifest, files={**manifest.files, "graph": entry}).write(self._folder)

    def _path(self, role: str, suffix: str) -> Path:
        return self._folder / f"{role}-{self._generation}.{suffix}"


def forget(store: EmbeddingStore, damaged: np.ndarray) -> None:
    """Have damaged rows encoded again; where the store cannot be written now, the next build tries again."""
    if len(damaged):
        with contextlib.suppress(CatalogError):
            store.forget(damaged)


def _slices(dims: dict[str, int]) -> dict[str, slice]:
    slices, start = {}, 0
    for block, dim in dims.items():
        slices[block] = slice(start, start + dim)
        start += dim
    return slices


def _whole(path: Path, write: Callable[[Path], int]) -> FileEntry:
    """A small file with one checksum over all of it, which is read at once."""
    crc = write(path)
    return FileEntry(path.name, path.stat().st_size, (crc,))


def statistics_of(
    vectors: np.ndarray, alive: np.ndarray, checkpoint: Callable[[], None]
) -> dict[str, np.ndarray]:
    """Mean and covariance of the joint vectors."""
    width = vectors.shape[1]
    total, products = np.zeros(width), np.zeros((width, width))
    for start in range(0, len(alive), _STEP):
        checkpoint()
        rows = vectors[alive[start : start + _STEP]].astype(np.float64)
        total += rows.sum(axis=0)
        products += rows.T @ rows
    mean = total / len(alive)
    return {"mean": mean, "covariance": products / len(alive) - np.outer(mean, mean)}


def _next_generation(folder: Path) -> int:
    """A number that no file of any generation has, finished or not."""
    numbers = [0]
    for pattern in _OWN_FILES:
        for path in folder.glob(pattern):
            digits = path.name.split("-", 1)[1].split(".", 1)[0]
            numbers.append(int(digits) if digits.isdigit() else 0)
    return max(numbers) + 1


def _delete_stale(folder: Path) -> None:
    """Delete whatever the manifest does not name. A file that Windows still has mapped is left for the next time."""
    manifest = Manifest.read(folder)
    keep = {entry.name for entry in manifest.files.values()} if manifest else set()
    for pattern in (*_OWN_FILES, _UNFINISHED):
        for path in folder.glob(pattern):
            if path.name not in keep:
                try:
                    path.unlink()
                except OSError:
                    continue
