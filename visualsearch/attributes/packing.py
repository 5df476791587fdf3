"""Sets of items as short texts within documents, and the digest that names them."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Mapping

import numpy as np


def packed(items: np.ndarray) -> str:
    """Item numbers, int32 ascending, as text."""
    steps = np.diff(items, prepend=0).astype("<i4")
    return base64.b64encode(zlib.compress(steps.tobytes(), 6)).decode("ascii")


def unpacked(text: str) -> np.ndarray:
    """The item numbers of such a text, int32 ascending."""
    return np.cumsum(np.frombuffer(zlib.decompress(base64.b64decode(text)), "<i4"), dtype=np.int32)


def digest_of(items: np.ndarray, assigned: Mapping[str, np.ndarray] | None = None) -> str:
    """Names a set of items (numbers are never given again) and which of them get which value."""
    found = hashlib.sha256(np.ascontiguousarray(items, "<i4").tobytes())
    for value, own in (assigned or {}).items():
        found.update(f"\0{value}\0{len(own)}\0".encode())
        found.update(np.ascontiguousarray(own, "<i4").tobytes())
    return found.hexdigest()
