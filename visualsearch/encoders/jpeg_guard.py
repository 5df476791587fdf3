"""A strict walk along a JPEG's markers, before any pixel of it is decoded.

CVE-2026-112403: in Pillow before 13, libjpeg's idea of an image's width and components could differ from the header
that Pillow had parsed, and scanlines were written past the buffer. Pillow 13 mends it but does not run on Python
3.10. There, a JPEG is decoded only when its marker chain is clean, declares exactly one frame before the first scan,
and that frame is what Pillow saw; so the two parsers cannot have read different headers.
"""

from __future__ import annotations

import struct

from visualsearch.errors import ImageRefused

_SOI, _SOS = 0xD8, 0xDA
# Baseline, extended and progressive, Huffman or arithmetic; not lossless or hierarchical, which are no photos.
_FRAMES = {0xC0, 0xC1, 0xC2, 0xC9, 0xCA}
_SEGMENTS = {0xC4, 0xCC, 0xDB, 0xDD, 0xFE, *range(0xE0, 0xF0)}  # tables, restart interval, comment, APPn


def check_jpeg(data: bytes, width: int, height: int, components: int) -> None:
    """Raise ImageRefused unless the file's one frame has this size (pixels) and number of colour components."""
    frame = _frame_before_scan(data)
    if frame != (width, height, components):
        raise ImageRefused("The JPEG's headers contradict each other (it may have been made to do harm).")


def _frame_before_scan(data: bytes) -> tuple[int, int, int]:
    """Width, height and components of the one frame header that precedes the first scan."""
    if data[:2] != bytes((0xFF, _SOI)):
        raise ImageRefused("The JPEG does not begin as one.")
    at = 2
    frame: tuple[int, int, int] | None = None
    while True:
        at, marker = _marker(data, at)
        segment = _segment(data, at)
        if marker in _FRAMES:
            if frame is not None:
                raise ImageRefused("The JPEG declares its size twice (it may have been made to do harm).")
            frame = _frame(segment)
        elif marker == _SOS:
            if frame is None:
                raise ImageRefused("The JPEG's picture data come before its size.")
            _check_scan(segment, frame[2])
            return frame
        elif marker not in _SEGMENTS:
            raise ImageRefused(f"The JPEG has an unexpected marker (FF{marker:02X}) before its picture data.")
        at += 2 + len(segment)


def _marker(data: bytes, at: int) -> tuple[int, int]:
    """Position after the marker at ``at`` (fill bytes FF before it are legal), and its code."""
    if data[at : at + 1] != b"\xff":
        raise ImageRefused("The JPEG has stray bytes between its markers (it may be damaged).")
    while data[at : at + 1] == b"\xff":
        at += 1
    if at >= len(data):
        raise ImageRefused("The JPEG is cut short.")
    return at + 1, data[at]


def _segment(data: bytes, at: int) -> bytes:
    """The body of the segment whose length field is at ``at``."""
    length = int.from_bytes(data[at : at + 2], "big")
    body = data[at + 2 : at + length]
    if length < 2 or len(body) != length - 2:
        raise ImageRefused("The JPEG is cut short.")
    return body


def _frame(body: bytes) -> tuple[int, int, int]:
    if len(body) < 6:
        raise ImageRefused("The JPEG's frame header is too short.")
    precision, height, width, components = struct.unpack(">BHHB", body[:6])
    sampling = [body[7 + 3 * i] for i in range(components)] if len(body) == 6 + 3 * components else []
    if precision != 8 or not width or not height or components not in (1, 3, 4) or not sampling:
        raise ImageRefused("The JPEG's frame header makes no sense.")
    if any(not 1 <= factor >> 4 <= 4 or not 1 <= factor & 15 <= 4 for factor in sampling):
        raise ImageRefused("The JPEG's frame header makes no sense.")
    return width, height, components


def _check_scan(body: bytes, components: int) -> None:
    count = body[0] if body else 0
    if not 1 <= count <= components or len(body) != 4 + 2 * count:
        raise ImageRefused("The JPEG's scan header makes no sense.")
