"""Photos drawn by the tests, and the compiled default encoder, which is made once for all test runs."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from visualsearch.encoders.client import EncoderClient
from visualsearch.encoders.compile import ensure_compiled
from visualsearch.encoders.encoder import CompiledEncoder
from visualsearch.jobs import JobControl


def drawn(width: int = 120, height: int = 160, color: str = "red", background: str = "white") -> Image.Image:
    """A garment of sorts: a coloured body with sleeves on a plain background."""
    image = Image.new("RGB", (width, height), background)
    draw = ImageDraw.Draw(image)
    draw.rectangle((width * 0.3, height * 0.2, width * 0.7, height * 0.9), fill=color)
    draw.polygon(
        [(width * 0.3, height * 0.2), (width * 0.1, height * 0.5), (width * 0.3, height * 0.5)], fill=color
    )
    return image


def as_bytes(image: Image.Image, format: str = "JPEG", **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def noise(width: int, height: int, seed: int = 0) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8))


@pytest.fixture
def photo(tmp_path: Path) -> Callable[..., Path]:
    """Writes a drawn photo, or the given bytes, and gives its path."""

    def write(name: str, data: bytes | None = None, color: str = "red") -> Path:
        path = tmp_path / name
        path.write_bytes(as_bytes(drawn(color=color)) if data is None else data)
        return path

    return write


@pytest.fixture
def compiled(own_home: Path) -> CompiledEncoder:
    """The default encoder, ready to run."""
    return ensure_compiled("efficientnet-lite2", JobControl())


@pytest.fixture
def client(compiled: CompiledEncoder) -> Iterator[EncoderClient]:
    with EncoderClient(compiled, threads=2) as running:
        yield running
