"""The small picture of a photo that the encoders make, the catalog keeps and the window shows."""

from __future__ import annotations

from dataclasses import dataclass

LONGEST_SIDE = 256  # pixels


@dataclass(frozen=True)
class Thumbnail:
    """A small JPEG. ``width`` and ``height`` are its pixels, the longer at most 256; ``color`` is the photo's mean
    colour, 0xRRGGBB, shown until the JPEG is decoded."""

    jpeg: bytes
    width: int
    height: int
    color: int
