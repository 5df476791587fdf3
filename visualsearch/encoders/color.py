"""The colour block: a soft histogram of the product's colours in CIE Lab.

CNN features barely see colour, so each image gets this second embedding: 6 × 9 × 9 bins over L, a and b. A pixel is
shared among the eight nearest bins (trilinear), and counts by how much it looks like foreground: how far it is from
the median colour of the border, and how near to the centre.
"""

from __future__ import annotations

import functools

import numpy as np

from visualsearch.encoders.encoder import COLOUR_DIMENSION

MAX_SIDE = 48  # pixels: more change nothing but the time

_L_BINS, _A_BINS, _B_BINS = 6, 9, 9
# Centres of the first and the last bins, as columns; beyond, colours are clipped.
_LOW = np.array([[0.0], [-80.0], [-80.0]], np.float32)
_HIGH = np.array([[100.0], [80.0], [80.0]], np.float32)
_LAST = np.array([[_L_BINS - 1], [_A_BINS - 1], [_B_BINS - 1]], np.int32)
_SCALE = (_LAST / (_HIGH - _LOW)).astype(np.float32)
# From a cell's first bin to its eight corners, b the fastest.
_CORNERS = np.array([[(i * _A_BINS + j) * _B_BINS + k] for i in (0, 1) for j in (0, 1) for k in (0, 1)])

_FOREGROUND_DISTANCE = 20.0  # ΔE at which a pixel counts for two thirds: past shadows and paper white
_BACKGROUND_WEIGHT = 0.02  # so that an image of one colour has a histogram too
_CENTRE_SPREAD = 0.45  # of the half side; Gaussian

# sRGB (IEC 61966-2-1) to CIE XYZ under D65, with the white point divided out.
_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
) / np.array([[0.95047], [1.0], [1.08883]])
_STEPS = 4096  # of the table for CIE Lab's cube root


def lab(pixels: np.ndarray) -> np.ndarray:
    """uint8 sRGB (n, 3) to float32 CIE Lab (3, n): L 0..100, a and b about −100..100. Source: CIE 15."""
    linear, to_xyz, root = _tables()
    xyz = to_xyz @ linear[pixels.T]
    f = root[(xyz * (_STEPS - 1) + 0.5).astype(np.intp)]
    out = np.empty_like(f)
    out[0] = 116 * f[1] - 16
    out[1] = 500 * (f[0] - f[1])
    out[2] = 200 * (f[1] - f[2])
    return out


def colour_histogram(pixels: np.ndarray) -> np.ndarray:
    """uint8 sRGB (height, width, 3), best at most 48 pixels a side, to float32 (486,) ≥ 0 that sums to 1."""
    bins, shares = shared_bins(pixels)
    histogram = np.bincount(bins.ravel(), shares.ravel(), COLOUR_DIMENSION)
    return (histogram / histogram.sum()).astype(np.float32)


def shared_bins(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The eight bins among which each pixel is shared, and its shares: int (8, height · width), float64 alike."""
    height, width, _ = pixels.shape
    colours = lab(pixels.reshape(-1, 3))
    position = (np.minimum(np.maximum(colours, _LOW), _HIGH) - _LOW) * _SCALE
    cell = np.minimum(position.astype(np.int32), _LAST - 1)
    upper = position - cell
    lower = 1 - upper
    weights = _foreground(colours, height, width)
    shares = np.empty((8, height * width))
    row = 0
    for light in (lower[0] * weights, upper[0] * weights):
        for a in (lower[1], upper[1]):
            for b in (lower[2], upper[2]):
                np.multiply(light, a * b, out=shares[row])
                row += 1
    first = (cell[0] * _A_BINS + cell[1]) * _B_BINS + cell[2]
    return first + _CORNERS, shares


def _foreground(colours: np.ndarray, height: int, width: int) -> np.ndarray:
    """Weight of each pixel (n,): 1 − exp(−(ΔE / 20)²) against the border's median colour, times a Gaussian."""
    border, centre = _layout(height, width)
    background = _median(colours.take(border, axis=1))
    distance = np.square(colours - background).sum(axis=0)
    return (1 + _BACKGROUND_WEIGHT - np.exp(distance * (-1 / _FOREGROUND_DISTANCE**2))) * centre


def _median(values: np.ndarray) -> np.ndarray:
    """``np.median`` of each row, as a column: finite values need none of its care, which takes five times as long."""
    low, high = (values.shape[1] - 1) // 2, values.shape[1] // 2
    middle = np.partition(values, (low, high), axis=1)
    return (middle[:, low, None] + middle[:, high, None]) / 2


@functools.lru_cache(maxsize=64)
def _layout(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Flat positions of the border (a sixteenth of the side), and the centre prior (height · width,)."""
    rows, columns = np.indices((height, width))
    margin = max(1, min(height, width) // 16)
    inside = (np.minimum(rows, height - 1 - rows) >= margin) & (
        np.minimum(columns, width - 1 - columns) >= margin
    )
    down = (rows + 0.5) / height * 2 - 1
    across = (columns + 0.5) / width * 2 - 1
    centre = np.exp(-(down**2 + across**2) / (2 * _CENTRE_SPREAD**2))
    return np.flatnonzero(~inside), centre.ravel().astype(np.float32)


@functools.lru_cache(maxsize=1)
def _tables() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Linear light by 8-bit value (256,), the matrix to XYZ (3, 3), and Lab's f by steps of 0..1 (float32)."""
    value = np.arange(256) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    t = np.linspace(0, 1, _STEPS)
    delta = 6 / 29
    root = np.where(t > delta**3, np.cbrt(t), t / (3 * delta**2) + 4 / 29)
    matrix = _TO_XYZ / _TO_XYZ.sum(axis=1, keepdims=True)  # white is exactly 1
    return linear.astype(np.float32), matrix.astype(np.float32), root.astype(np.float32)
