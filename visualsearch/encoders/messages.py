"""What the client and its child process say to each other: frames of JSON and raw arrays over a pipe.

No pickle: the child decodes untrusted photos, and what it sends must not be able to run anything in the parent.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO, Any

import numpy as np

from visualsearch.encoders.encoder import COLOUR_DIMENSION
from visualsearch.thumbnail import Thumbnail

_LENGTHS = struct.Struct("<II")
_MAX_LENGTH = 1 << 24  # no message comes near; a larger one means that the stream is broken


@dataclass(frozen=True)
class Encoded:
    """An image's embeddings and thumbnail; or, when ``refused`` holds a reason, neither.

    ``digest`` is BLAKE2b-128 of the file's bytes (16 bytes; None when it could not be read), ``style`` float32
    (dimension,), ``colour`` float32 (486,), ``width`` and ``height`` the upright photo's own in pixels.
    """

    key: int
    digest: bytes | None
    style: np.ndarray | None = None
    colour: np.ndarray | None = None
    thumbnail: Thumbnail | None = None
    width: int = 0
    height: int = 0
    refused: str | None = None


def write(stream: IO[bytes], header: dict[str, Any], body: bytes = b"") -> None:
    """One frame: two lengths, the header as JSON, the body. Raises OSError when nobody reads any more."""
    write_all(stream, [(header, body)])


def write_all(stream: IO[bytes], frames: Iterable[tuple[dict[str, Any], bytes]]) -> None:
    """Frames at once, which wakes their reader once. Raises as ``write``."""
    parts: list[bytes] = []
    for header, body in frames:
        text = json.dumps(header).encode("ascii")
        parts += (_LENGTHS.pack(len(text), len(body)), text, body)
    stream.write(b"".join(parts))
    stream.flush()


def read(stream: IO[bytes], largest: int = _MAX_LENGTH) -> tuple[dict[str, Any], bytes] | None:
    """The next frame; None at the end of the stream, also when it ends or breaks within a frame."""
    lengths = stream.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    header, body = _LENGTHS.unpack(lengths)
    if max(header, body) > largest:
        return None
    text, blob = stream.read(header), stream.read(body)
    if len(text) < header or len(blob) < body:
        return None
    return json.loads(text), blob


def pack(encoded: Encoded) -> tuple[dict[str, Any], bytes]:
    """``Encoded`` as header and body; its key travels as the request's number."""
    header: dict[str, Any] = {
        "number": encoded.key,
        "digest": encoded.digest.hex() if encoded.digest else None,
    }
    if encoded.refused is not None:
        return {**header, "refused": encoded.refused}, b""
    assert encoded.style is not None
    assert encoded.colour is not None
    assert encoded.thumbnail is not None
    small = encoded.thumbnail
    header.update(size=[encoded.width, encoded.height], thumbnail=[small.width, small.height, small.color])
    return header, encoded.style.tobytes() + encoded.colour.tobytes() + small.jpeg


def unpack(header: dict[str, Any], body: bytes, key: int, dimension: int) -> Encoded:
    """The inverse of ``pack``; the arrays are read-only."""
    digest = bytes.fromhex(header["digest"]) if header["digest"] else None
    if "refused" in header:
        return Encoded(key, digest, refused=str(header["refused"]))
    style = np.frombuffer(body, np.float32, dimension)
    colour = np.frombuffer(body, np.float32, COLOUR_DIMENSION, style.nbytes)
    thumbnail = Thumbnail(body[style.nbytes + colour.nbytes :], *header["thumbnail"])
    return Encoded(key, digest, style, colour, thumbnail, *header["size"])
