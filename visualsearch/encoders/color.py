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

_BINS = np.array([6, 9, 9], np.int32)
_LOW = np.array(
    [0.0, -80.0, -80.0], np.float32
)  # centres of the first and the last bins; beyond, colours are clipped
_HIGH = np.array([100.0, 80.0, 80.0], np.float32)
_FOREGROUND_DISTANCE = 20.0  # ΔE at which a pixel counts for two thirds: past shadows and paper white
_BACKGROUND_WEIGHT = 0.02  # so that an image of one colour has a histogram too
_CENTRE_SPREAD = 0.45  # of the half side; Gaussian

# sRGB (IEC 61966-2-1) to CIE XYZ under D65, with the white point divided out.
_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
) / np.array([[0.95047], [1.0], [1.08883]])
_STEPS = 4096  # of the table for CIE Lab's cube root


def lab(pixels: np.ndarray) -> np.ndarray:
    """uint8 sRGB (n, 3) to float32 CIE Lab (n, 3): L 0..100, a and b about −100..100. Source: CIE 15."""
    linear, to_xyz, root = _tables()
    xyz = linear[pixels] @ to_xyz
    f = root[(xyz * (_STEPS - 1) + 0.5).astype(np.int32)]
    out = np.empty_like(f)
    out[:, 0] = 116 * f[:, 1] - 16
    out[:, 1] = 500 * (f[:, 0] - f[:, 1])
    out[:, 2] = 200 * (f[:, 1] - f[:, 2])
    return out


def colour_histogram(pixels: np.ndarray) -> np.ndarray:
    """uint8 sRGB (height, width, 3), best at most 48 pixels a side, to float32 (486,) ≥ 0 that sums to 1."""
    height, width, _ = pixels.shape
    colours = lab(pixels.reshape(-1, 3))
    weights = _foreground(colours, height, width)
    position = (np.clip(colours, _LOW, _HIGH) - _LOW) * ((_BINS - 1) / (_HIGH - _LOW)).astype(np.float32)
    cell = np.minimum(position.astype(np.int32), _BINS - 2)
    upper = position - cell
    first = (cell[:, 0] * _BINS[1] + cell[:, 1]) * _BINS[2] + cell[:, 2]
    light = np.stack([1 - upper[:, 0], upper[:, 0]]) * weights
    a = np.stack([1 - upper[:, 1], upper[:, 1]])
    b = np.stack([1 - upper[:, 2], upper[:, 2]])
    shares = light[:, None, None] * a[None, :, None] * b[None, None]
    corner = np.array([0, 1])
    steps = corner[:, None, None] * (_BINS[1] * _BINS[2]) + corner[:, None] * _BINS[2] + corner
    bins = first + steps[..., None]
    histogram = np.bincount(bins.ravel(), shares.ravel(), COLOUR_DIMENSION)
    return (histogram / histogram.sum()).astype(np.float32)


def _foreground(colours: np.ndarray, height: int, width: int) -> np.ndarray:
    """Weight of each pixel (n,): 1 − exp(−(ΔE / 20)²) against the border's median colour, times a Gaussian."""
    border, centre = _layout(height, width)
    background = np.median(colours[border], axis=0)
    distance = np.square(colours - background).sum(axis=1)
    return (1 + _BACKGROUND_WEIGHT - np.exp(distance * (-1 / _FOREGROUND_DISTANCE**2))) * centre


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
    matrix = np.minimum(_TO_XYZ / _TO_XYZ.sum(axis=1, keepdims=True), 1).T  # white is exactly 1
    return linear.astype(np.float32), matrix.astype(np.float32), root.astype(np.float32)
