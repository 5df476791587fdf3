"""A file of arrays that can be made again: ``snapshot.cache`` beside the catalog. No pickle.

Layout: magic (16 bytes, with the format's version) · BLAKE2b-128 of all that follows · length of the header
(uint64, little-endian) · header (JSON, UTF-8) · the arrays' bytes, each beginning at a multiple of 64.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from visualsearch.replacing import replacing

FILE_NAME = "snapshot.cache"
_MAGIC = b"vs snapshot 1\n\0\0"
_DIGEST_BYTES = 16
_START = len(_MAGIC) + _DIGEST_BYTES
_ALIGNMENT = 64


def save(file: Path, state: str, document: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    """Replace the file. A disk that refuses is no error, since the file only saves time."""
    with contextlib.suppress(OSError), replacing(file, derived=True) as stream:
        stream.write(_MAGIC + bytes(_DIGEST_BYTES))
        checksum = hashlib.blake2b(digest_size=_DIGEST_BYTES)
        for part in _serialized(state, document, arrays):
            checksum.update(part)
            stream.write(part)
        stream.seek(len(_MAGIC))
        stream.write(checksum.digest())


def load(file: Path) -> tuple[str, dict[str, Any], dict[str, np.ndarray]] | None:
    """What was saved: the state that it is of, the document and read-only arrays. None when there is no such file,
    when it is of another version, or damaged."""
    try:
        content = memoryview(file.read_bytes())
    except OSError:
        return None
    digest = hashlib.blake2b(content[_START:], digest_size=_DIGEST_BYTES).digest()
    if content[:_START] != _MAGIC + digest:
        return None
    (length,) = struct.unpack_from("<Q", content, _START)
    header = json.loads(bytes(content[_START + 8 : _START + 8 + length]))
    arrays: dict[str, np.ndarray] = {}
    position = _aligned(_START + 8 + length)
    for name, kind, count in header["arrays"]:
        arrays[name] = np.frombuffer(content, np.dtype(kind), count, position)
        position = _aligned(position + arrays[name].nbytes)
    return header["state"], header["document"], arrays


def _serialized(
    state: str, document: dict[str, Any], arrays: dict[str, np.ndarray]
) -> Iterator[bytes | memoryview]:
    entries = [(name, array.dtype.newbyteorder("<").str, len(array)) for name, array in arrays.items()]
    header = json.dumps({"state": state, "document": document, "arrays": entries}).encode()
    yield struct.pack("<Q", len(header))
    yield header
    position = _START + 8 + len(header)
    for array in arrays.values():
        yield bytes(_aligned(position) - position)
        stored = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
        yield stored.view(np.uint8).data
        position = _aligned(position) + stored.nbytes


def _aligned(position: int) -> int:
    return -(-position // _ALIGNMENT) * _ALIGNMENT
