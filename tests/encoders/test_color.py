from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from visualsearch.encoders.color import colour_histogram, lab

from .conftest import drawn, noise


def similarity(a: np.ndarray, b: np.ndarray) -> float:
    """Bhattacharyya coefficient: what the dot product of square roots measures."""
    return float(np.sqrt(a) @ np.sqrt(b))


def histogram(image: Image.Image) -> np.ndarray:
    return colour_histogram(np.asarray(image.convert("RGB").resize((36, 48))))


# Reference values of CIE Lab under D65, from Bruce Lindbloom's calculator.
@pytest.mark.parametrize(
    ("rgb", "expected"),
    [
        ((255, 255, 255), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 255, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
        ((119, 119, 119), (50.03, 0, 0)),
    ],
)
def test_lab_agrees_with_reference_values(rgb: tuple[int, ...], expected: tuple[float, ...]) -> None:
    np.testing.assert_allclose(lab(np.array([rgb], np.uint8))[:, 0], expected, atol=0.3)


@given(width=st.integers(1, 64), height=st.integers(1, 64), seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_a_histogram_is_a_distribution(width: int, height: int, seed: int) -> None:
    found = colour_histogram(np.asarray(noise(width, height, seed)))
    assert found.shape == (486,)
    assert found.dtype == np.float32
    assert found.min() >= 0
    assert found.sum() == pytest.approx(1, abs=1e-4)


def test_the_garment_counts_and_the_background_does_not() -> None:
    red_on_white, red_on_blue = histogram(drawn()), histogram(drawn(background="lightblue"))
    navy_on_white = histogram(drawn(color="navy"))
    assert similarity(red_on_white, red_on_blue) > 0.8
    assert similarity(red_on_white, navy_on_white) < 0.3


def test_a_slight_change_of_colour_changes_the_histogram_slightly() -> None:
    before, after = histogram(drawn(color="#c03030")), histogram(drawn(color="#c43434"))
    assert similarity(before, after) > 0.98


def test_an_image_of_one_colour_has_that_colour() -> None:
    assert similarity(histogram(Image.new("RGB", (30, 30), "teal")), histogram(drawn(color="teal"))) > 0.9
