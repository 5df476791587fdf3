"""Centre, principal components, unit length."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visualsearch.errors import CacheDamaged
from visualsearch.vectors import projection
from visualsearch.vectors.projection import Projection


def test_axes_are_the_principal_components() -> None:
    rng = np.random.default_rng(0)
    rows = (rng.normal(size=(900, 30)) * np.linspace(5, 0.1, 30) + 3).astype(np.float32)
    fitted = Projection.fit(rows, 6)
    centred = rows - rows.mean(axis=0, dtype=np.float64)
    _, _, expected = np.linalg.svd(centred, full_matrices=False)
    overlap = np.abs(expected[:6] @ fitted.axes)
    np.testing.assert_allclose(overlap, np.eye(6), atol=1e-3)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 12), st.integers(0, 1000))
def test_fewer_rows_than_dimensions_work(count: int, seed: int) -> None:
    rows = np.random.default_rng(seed).normal(size=(count, 40)).astype(np.float32)
    vectors = Projection.fit(rows, 16).apply(rows)
    assert vectors.shape == (count, 16)
    lengths = np.linalg.norm(vectors, axis=1)
    assert (np.isclose(lengths, 1, atol=1e-5) | (lengths == 0)).all()
    assert count == 1 or (lengths > 0).all()


def test_cosines_survive_when_nothing_is_cut_off() -> None:
    rows = np.random.default_rng(1).normal(size=(10, 50)).astype(np.float32)
    vectors = Projection.fit(rows, 16).apply(rows)
    centred = rows - rows.mean(axis=0)
    centred /= np.linalg.norm(centred, axis=1, keepdims=True)
    np.testing.assert_allclose(vectors @ vectors.T, centred @ centred.T, atol=1e-4)


def test_rows_without_direction_become_zeros() -> None:
    rows = np.random.default_rng(2).normal(size=(50, 20)).astype(np.float32)
    fitted = Projection.fit(rows, 8)
    odd = np.stack([fitted.mean, np.full(20, np.nan, np.float32), np.full(20, np.inf, np.float32)])
    assert not fitted.apply(odd).any()
    same = np.repeat(rows[:1], 9, axis=0)
    assert not Projection.fit(same, 8).apply(same).any()


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_a_row_that_is_not_finite_spoils_no_other(odd: float) -> None:
    rows = np.random.default_rng(2).normal(size=(50, 20)).astype(np.float32)
    rows[7, 3] = odd
    others = np.delete(rows, 7, axis=0)
    fitted = Projection.fit(rows, 8)
    np.testing.assert_array_equal(fitted.apply(others), Projection.fit(others, 8).apply(others))
    assert not fitted.apply(rows[7:8]).any()
    assert np.isfinite(Projection.fit(np.full((2, 20), odd, np.float32), 8).apply(others)).all()


def test_a_narrow_input_keeps_its_width() -> None:
    rows = np.random.default_rng(2).normal(size=(50, 5)).astype(np.float32)
    assert Projection.fit(rows, 8).apply(rows).shape == (50, 5)


def test_many_dimensions_have_the_same_components() -> None:
    """The first components are found without all the others; what they span is the same."""
    rng = np.random.default_rng(5)
    rows = (rng.normal(size=(900, 40)) * np.geomspace(9, 1, 40)) @ rng.normal(size=(40, 1300))
    rows = (rows + 0.01 * rng.normal(size=rows.shape)).astype(np.float32)
    axes = Projection.fit(rows, 40).axes
    expected = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)[2][:40]
    np.testing.assert_allclose(axes.T @ axes, np.eye(40), atol=1e-5)
    assert np.linalg.norm(expected @ axes, ord="nuc") == pytest.approx(40, abs=1e-2)


@pytest.mark.parametrize("order", [("pooled", "layout", "texture"), ("texture", "pooled", "layout")])
def test_each_part_counts_as_it_should_wherever_it_is_and_whatever_its_numbers_are_like(
    order: tuple[str, ...],
) -> None:
    rng = np.random.default_rng(6)
    seen, layout, texture = (rng.normal(size=(4000, count)) for count in (6, 9, 5))
    layout *= 50
    texture *= np.array([0.001, 1, 10, 1000, 0])
    texture += 7
    parts = {"pooled": seen, "layout": layout, "texture": texture}
    rows = np.concatenate([parts[name] for name in order], axis=1).astype(np.float32)
    projection = Projection.fit(rows, 20, parts={name: parts[name].shape[1] for name in order})
    centred = (rows - projection.mean) @ projection.axes
    variance, start = {}, 0
    for name in order:
        part = slice(start, start + parts[name].shape[1])
        along = (rows - projection.mean)[:, part] @ projection.axes[part]
        variance[name], start = float((along**2).sum(axis=1).mean()), part.stop
    assert variance["layout"] == pytest.approx(variance["pooled"], rel=0.02)
    assert variance["texture"] == pytest.approx(0.49 * 4 / 5 * variance["pooled"], rel=0.02), (
        "a number that never changes tells nothing"
    )
    assert np.isfinite(centred).all()


def test_saved_projections_come_back(tmp_path: Path) -> None:
    rows = np.random.default_rng(3).random((60, 20)).astype(np.float32)
    made = {"style": Projection.fit(rows, 8), "colour": Projection.fit(rows, 4, square_root=True)}
    path = tmp_path / "projection.npz"
    crc = projection.save(made, path)
    again = projection.load(path, crc)
    assert list(again) == ["style", "colour"]
    for name in made:
        np.testing.assert_array_equal(made[name].apply(rows), again[name].apply(rows))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(CacheDamaged):
        projection.load(path, crc)
    path.unlink()
    with pytest.raises(CacheDamaged):
        projection.load(path, crc)
