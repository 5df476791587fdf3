"""The grids of a photo make up the embedding that the encoder gives, with the real encoder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.encoders.conftest import as_bytes, drawn
from visualsearch.encoders.client import EncoderClient
from visualsearch.encoders.encoder import CompiledEncoder, parts_of
from visualsearch.encoders.grids import FeatureGrid, GridLoader, Layer

WHOLE = (0.0, 0.0, 1.0, 1.0)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(as_bytes(drawn()))
    return path


@pytest.fixture
def grid(compiled: CompiledEncoder, photo: Path) -> FeatureGrid:
    loader = GridLoader(compiled)
    try:
        return loader.load(photo)
    finally:
        loader.close()


def test_the_grids_make_up_the_embedding(compiled: CompiledEncoder, photo: Path, grid: FeatureGrid) -> None:
    with EncoderClient(compiled, threads=1) as client:
        (encoded,) = client.encode_files([photo])
    assert encoded.style is not None
    np.testing.assert_allclose(grid.style, encoded.style, atol=1e-4)
    lengths = [layer.side**2 * layer.cells.shape[2] for layer in grid.layers]
    assert list(lengths) == list(parts_of(compiled.name, compiled.dimension).values())
    style, _ = grid.embedding((grid.frame[0], grid.frame[1], grid.frame[2], grid.frame[3]))
    np.testing.assert_allclose(style, encoded.style, atol=1e-3)


def test_cells_share_out_any_linear_score(grid: FeatureGrid) -> None:
    rng = np.random.default_rng(1)
    weights, offset = rng.normal(size=(2, len(grid.style)))
    parts = grid.style_parts(weights, offset)
    assert parts.shape == grid.layers[0].cells.shape[:2]
    assert parts.sum() == pytest.approx(weights @ (grid.style - offset), abs=1e-8)


@pytest.mark.parametrize("size", [3, 8, 9])
def test_a_layout_tells_where_and_not_how_much(size: int) -> None:
    cells = np.zeros((size, size, 2), np.float32)
    cells[:, -1, 0] = 6.0
    layer = Layer(cells, side=3)
    fields = layer.embedding().reshape(3, 3, 2)
    assert (fields[:, 2, 0] > 0).all()
    assert (fields[:, :2, 0] < 0).all()
    np.testing.assert_allclose(fields.sum(axis=(0, 1)), 0, atol=1e-9)
    np.testing.assert_allclose(Layer(cells + 5, side=3).embedding(), layer.embedding(), atol=1e-9)
    weights, offset = np.random.default_rng(size).normal(size=(2, 18))
    assert layer.split(weights, offset).sum() == pytest.approx(weights @ (layer.embedding() - offset))


def test_the_layout_of_a_box_is_that_within_it() -> None:
    cells = np.zeros((9, 9, 1), np.float32)
    cells[:3, :3] = 1.0
    layer = Layer(cells, side=3)
    corner = layer.embedding_of((0.0, 0.0, 1 / 3, 1 / 3), WHOLE)
    np.testing.assert_allclose(corner, 0, atol=1e-6)
    half = layer.embedding_of((0.0, 0.0, 1.0, 1 / 3), WHOLE).reshape(3, 3)
    assert (half[:, 0] > 0).all()
    assert (half[:, 1:] < 0).all()
