"""Embeddings on disk: append-only rows, one for each picture that was ever encoded.

A folder holds one raw float32 file per block (``style.f32``, ``colour.f32``: row after row, no header) and
``records.bin``: a header, then one record per row with the picture's digest, the CRC-32 of the row's bytes
over all blocks, and a checksum of the record itself. The records are the commit point: rows are written and
fsynced before their records are, so a kill loses at most the call that was running. What a crash left behind
is overwritten; a damaged row is forgotten, so that its picture is encoded again.
"""

from __future__ import annotations

import os
import threading
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from visualsearch.errors import CatalogError
from visualsearch.vectors.files import disk_errors
from visualsearch.vectors.locking import FileLock

_HEADER = np.dtype([("magic", "S8"), ("id", "V8"), ("dims", "<u4"), ("crc", "<u4")])
_RECORD = np.dtype([("digest", "u1", 16), ("rows_crc", "<u4"), ("sum", "<u4")])
_MAGIC = b"VSEMBED1"
RECORDS = "records.bin"
_RECENT = 5_000  # rows looked up through the dict before they are merged into the sorted arrays


def extent(folder: Path) -> tuple[str, int]:
    """The id of the store in a folder and its number of rows (*fast*: their records are not read, so that after a crash
    it may have fewer). ("", 0) where there is none."""
    try:
        with open(folder / RECORDS, "rb") as file:
            header = np.frombuffer(file.read(_HEADER.itemsize), _HEADER, 1)[0]
            rows = (os.fstat(file.fileno()).st_size - _HEADER.itemsize) // _RECORD.itemsize
    except (OSError, ValueError):
        return "", 0
    return header["id"].tobytes().hex(), rows


class EmbeddingStore:
    """The embeddings of one encoder fingerprint. Any thread may read while one appends.

    Several processes may read; one may write: the lock is taken at the first write and given back by
    ``release`` or ``close``.
    """

    def __init__(self, folder: Path, dims: Mapping[str, int]) -> None:
        self.folder = folder
        self.dims = dict(dims)
        self._mutex = threading.RLock()
        self._writer = FileLock(folder / "lock")
        self._id = b""
        self._records = np.empty(0, _RECORD)
        self._length = 0
        self._maps: dict[str, np.ndarray] = {}
        self._lookup = _Lookup()

    @classmethod
    def open(cls, folder: Path, dims: Mapping[str, int]) -> EmbeddingStore:
        """Open a folder, which need not exist yet; ``dims``: how long embeddings are, by block. Reads
        the records only (24 bytes a row)."""
        store = cls(folder, dims)
        store.refresh()
        return store

    # reading

    def __len__(self) -> int:
        """Number of rows, forgotten ones included."""
        return self._length

    @property
    def id(self) -> str:
        """Changes whenever row numbers may mean something else than before (16 hex digits, "" when empty)."""
        return self._id.hex()

    @property
    def digests(self) -> np.ndarray:
        """uint8 (n, 16); zeros for forgotten rows."""
        return self._records["digest"][: self._length]

    def rows(self, block: str, start: int = 0, stop: int | None = None) -> np.ndarray:
        """float32 (stop − start, dimension), a read-only view of the file.

        Rows appended later are seen by a later call.
        """
        with self._mutex:
            stop = self._length if stop is None else min(stop, self._length)
            if stop <= start:
                return np.empty((0, self.dims[block]), np.float32)
            mapped = self._maps.get(block)
            if mapped is None or len(mapped) < stop:
                shape = (self._length, self.dims[block])
                mapped = np.memmap(self._path(block), np.dtype("<f4"), "r", shape=shape)
                self._maps[block] = mapped
            return mapped[start:stop]

    def find(self, digests: np.ndarray) -> np.ndarray:
        """Row of each digest: uint8 (k, 16) → int64 (k,), −1 where there is none."""
        with self._mutex:
            return self._lookup.find(np.ascontiguousarray(digests, np.uint8).reshape(-1, 16))

    def contains(self, digests: np.ndarray) -> np.ndarray:
        """Which pictures have a row: uint8 (k, 16) → bool (k,)."""
        return self.find(digests) >= 0

    def row_of(self, digest: bytes) -> int | None:
        """Row of one digest, or None."""
        row = int(self.find(np.frombuffer(digest, np.uint8))[0])
        return None if row < 0 else row

    def refresh(self) -> None:
        """See what another process appended since. Never shrinks what this object already handed out."""
        with self._mutex:
            identity, records = self._read_records()
            if identity != self._id or len(records) < self._length:
                self._maps.clear()
                self._lookup = _Lookup()
                self._length = 0
            self._id = identity
            fresh = np.arange(self._length, len(records))
            self._records, self._length = records, len(records)
            alive = _alive(records[fresh])
            self._lookup.add(records["digest"][fresh[alive]], fresh[alive])

    def damaged_rows(self, start: int = 0, stop: int | None = None) -> np.ndarray:
        """Numbers (int64) of the rows in the range whose bytes do not fit their checksum.

        Forgotten rows are left out.
        """
        stop = self._length if stop is None else min(stop, self._length)
        blocks = [self.rows(block, start, stop) for block in self.dims]
        records = self._records[start:stop]
        alive = _alive(records)
        expected = records["rows_crc"]
        return np.array(
            [start + i for i in np.flatnonzero(alive).tolist() if _row_crc(blocks, i) != expected[i]],
            dtype=np.int64,
        )

    def verify(self, checkpoint: Callable[[], None] = lambda: None, step: int = 8192) -> np.ndarray:
        """Read every row; the numbers (int64) of the damaged ones. ``forget`` them, to have them encoded again."""
        bad = [np.empty(0, np.int64)]
        for start in range(0, self._length, step):
            checkpoint()
            bad.append(self.damaged_rows(start, start + step))
        return np.concatenate(bad)

    # writing

    def append(self, digests: np.ndarray, blocks: Mapping[str, np.ndarray]) -> None:
        """Add rows: digests uint8 (k, 16), each block float32 (k, dimension). On disk when it returns.

        Digests that are there already, or that come twice, are passed over. Raises CatalogLocked when another
        process writes, ReadOnlyCatalog and CatalogError when the disk does not take it.
        """
        digests = np.ascontiguousarray(digests, np.uint8).reshape(-1, 16)
        with self._mutex, disk_errors(self.folder):
            self._begin_writing()
            fresh = self._fresh(digests)
            if not len(fresh):
                return
            arrays = {
                block: _rows_of(blocks, block, dim, len(digests))[fresh] for block, dim in self.dims.items()
            }
            records = np.zeros(len(fresh), _RECORD)
            records["digest"] = digests[fresh]
            columns = list(arrays.values())
            records["rows_crc"] = [_row_crc(columns, i) for i in range(len(fresh))]
            records["sum"] = _record_sums(records)
            for block, rows in arrays.items():
                _write_at(self._path(block), self._length * rows.shape[1] * 4, rows)
            _write_at(self._path_of_records(), _HEADER.itemsize + self._length * _RECORD.itemsize, records)
            numbers = np.arange(self._length, self._length + len(fresh))
            self._grow(records)
            self._lookup.add(records["digest"], numbers)

    def claim(self) -> None:
        """Become the one writer now, before any work is done that could not be kept. Raises as ``append`` does."""
        with self._mutex, disk_errors(self.folder):
            self._begin_writing()

    def forget(self, rows: np.ndarray) -> None:
        """Mark rows as dead: their digests are unknown from now on. Row numbers of the others stay."""
        with self._mutex, disk_errors(self.folder):
            self._begin_writing()
            dead = np.zeros(1, _RECORD)  # a digest of zeros: no picture has it
            dead["sum"] = _record_sums(dead)
            records = self._records[: self._length].copy()
            for row in rows:
                records[row] = dead[0]
                _write_at(self._path_of_records(), _HEADER.itemsize + int(row) * _RECORD.itemsize, dead)
            self._records = records
            self._lookup = _Lookup()
            alive = np.flatnonzero(_alive(records))
            self._lookup.add(records["digest"][alive], alive)

    def release(self) -> None:
        """Let other processes write again."""
        self._writer.release()

    def close(self) -> None:
        """Give back the lock and the mapped files; views handed out stay valid."""
        with self._mutex:
            self.release()
            self._maps.clear()

    # inside

    def _path(self, block: str) -> Path:
        return self.folder / f"{block}.f32"

    def _path_of_records(self) -> Path:
        return self.folder / RECORDS

    def _dims_tag(self) -> int:
        return zlib.crc32(",".join(f"{block}:{dim}" for block, dim in self.dims.items()).encode())

    def _read_records(self) -> tuple[bytes, np.ndarray]:
        """The store's id and as many records as there are whole rows for; none with another header."""
        empty = np.empty(0, _RECORD)
        try:
            data = self._path_of_records().read_bytes()
        except FileNotFoundError:
            return b"", empty
        except OSError as error:
            raise CatalogError(
                f"{self._path_of_records()} cannot be read ({error.strerror}).",
                "Check its disk, and who may read it. If it is lost, delete its folder: the photos are prepared anew.",
            ) from error
        if len(data) < _HEADER.itemsize:
            return b"", empty
        header = np.frombuffer(data, _HEADER, 1)[0]
        intact = header["crc"] == zlib.crc32(data[: _HEADER.itemsize - 4])
        if not intact or header["magic"] != _MAGIC or header["dims"] != self._dims_tag():
            return b"", empty
        count = (len(data) - _HEADER.itemsize) // _RECORD.itemsize
        for block, dim in self.dims.items():
            path = self._path(block)
            count = min(count, path.stat().st_size // (4 * dim) if path.exists() else 0)
        return header["id"].tobytes(), np.frombuffer(data, _RECORD, count, _HEADER.itemsize).copy()

    def _begin_writing(self) -> None:
        """Take the lock and cut off what a crash or damage left behind the last consistent row."""
        if self._writer.held:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        self._writer.acquire()
        self.refresh()
        path = self._path_of_records()
        size = path.stat().st_size if path.exists() else 0
        wanted = _HEADER.itemsize + self._length * _RECORD.itemsize
        if self._id and size - wanted < _RECORD.itemsize:
            if size != wanted:
                os.truncate(path, wanted)
            return
        # Whole records without rows, or no header of ours: rows are numbered anew, so the id changes first.
        self._id = os.urandom(8)
        header = np.zeros(1, _HEADER)
        header["magic"], header["dims"] = _MAGIC, self._dims_tag()
        header["id"] = np.void(self._id)
        header["crc"] = zlib.crc32(header.tobytes()[:-4])
        _write_at(path, 0, header)
        os.truncate(path, wanted)

    def _fresh(self, digests: np.ndarray) -> np.ndarray:
        """Indices of the digests without a row, each digest once."""
        _, first = np.unique(digests, axis=0, return_index=True)
        first.sort()
        return first[self._lookup.find(digests[first]) < 0]

    def _grow(self, records: np.ndarray) -> None:
        wanted = self._length + len(records)
        if wanted > len(self._records):
            grown = np.zeros(max(wanted, 1024, len(self._records) * 3 // 2), _RECORD)
            grown[: self._length] = self._records[: self._length]
            self._records = grown
        self._records[self._length : wanted] = records
        self._length = wanted


class _Lookup:
    """Digest → row: sorted arrays for the bulk, a dict for what came lately (a million rows cost 16 MB)."""

    def __init__(self) -> None:
        self._keys = np.empty(0, np.uint64)  # the digest's first 8 bytes; the other 8 are compared afterwards
        self._rest = np.empty(0, np.uint64)
        self._rows = np.empty(0, np.int64)
        self._recent: dict[bytes, int] = {}

    def add(self, digests: np.ndarray, rows: np.ndarray) -> None:
        if len(rows) + len(self._recent) <= _RECENT:
            self._recent.update(zip((d.tobytes() for d in digests), rows.tolist(), strict=True))
            return
        recent = np.frombuffer(b"".join(self._recent), np.uint8).reshape(-1, 16)
        halves = _halves(np.concatenate([recent, digests]))
        numbers = np.concatenate([np.fromiter(self._recent.values(), np.int64, len(self._recent)), rows])
        keys = np.concatenate([self._keys, halves[:, 0]])
        order = np.argsort(keys, kind="stable")
        self._keys = keys[order]
        self._rest = np.concatenate([self._rest, halves[:, 1]])[order]
        self._rows = np.concatenate([self._rows, numbers])[order]
        self._recent = {}

    def find(self, digests: np.ndarray) -> np.ndarray:
        halves = _halves(digests)
        found = np.full(len(digests), -1, np.int64)
        position = np.searchsorted(self._keys, halves[:, 0])
        open_ = np.flatnonzero(position < len(self._keys))
        while len(open_):  # more than one round only where two digests share their first 8 bytes
            at = position[open_]
            open_ = open_[self._keys[at] == halves[open_, 0]]
            at = position[open_]
            hit = self._rest[at] == halves[open_, 1]
            found[open_[hit]] = self._rows[at[hit]]
            open_ = open_[~hit]
            position[open_] += 1
            open_ = open_[position[open_] < len(self._keys)]
        if self._recent:
            missing = np.flatnonzero(found < 0)
            if len(missing) > len(self._recent):  # many pictures that wait for the encoder, for one
                recent = np.frombuffer(b"".join(self._recent), np.uint8).reshape(-1, 16)
                keys = np.sort(_halves(recent)[:, 0])
                wanted = halves[missing, 0]
                at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
                missing = missing[keys[at] == wanted]
            for index in missing:
                found[index] = self._recent.get(digests[index].tobytes(), -1)
        return found


def _halves(digests: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(digests).view("<u8").reshape(-1, 2)


def _alive(records: np.ndarray) -> np.ndarray:
    """bool (n,): records that are intact and not forgotten."""
    if not len(records):
        return np.empty(0, bool)
    return (records["sum"] == _record_sums(records)) & records["digest"].any(axis=1)


def _record_sums(records: np.ndarray) -> np.ndarray:
    """uint32 (n,): words times odd constants, so that a change of any one word shows; fast for a million."""
    words = np.ascontiguousarray(records).view("<u4").reshape(len(records), -1)[:, :-1]
    weights = np.array([0x9E3779B1, 0x85EBCA6B, 0xC2B2AE35, 0x27D4EB2F, 0x165667B1], np.uint32)
    return (words * weights).sum(axis=1, dtype=np.uint32) ^ np.uint32(0x5BD1E995)


def _row_crc(blocks: list[np.ndarray], index: int) -> int:
    crc = 0
    for rows in blocks:
        crc = zlib.crc32(rows[index], crc)
    return crc


def _rows_of(blocks: Mapping[str, np.ndarray], block: str, dim: int, count: int) -> np.ndarray:
    rows = np.ascontiguousarray(blocks[block], "<f4")
    if rows.shape != (count, dim):
        raise ValueError(f"{block}: rows of shape {rows.shape}, not {(count, dim)}")
    return rows


def _write_at(path: Path, offset: int, data: np.ndarray) -> None:
    """Write at an offset and fsync; the file is made where it is missing."""
    with open(os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644), "r+b") as file:
        file.seek(offset)
        file.write(np.ascontiguousarray(data).data.cast("B"))
        file.flush()
        os.fsync(file.fileno())
