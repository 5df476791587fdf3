"""Curves and coverage masks: the drawing tools below garments and patterns.

Outlines are given on a design grid of 300 × 400 units, x to the right, y down. Arrays on pixels use the
four basic operations only, since NumPy rounds those alike on every processor.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from PIL import Image, ImageDraw

Point = tuple[float, float]
Outline = list[Point]

GRID_WIDTH = 300
SUPERSAMPLING = 3


def spline(points: Sequence[Point], closed: bool = False, steps: int = 9) -> Outline:
    """A smooth curve through all points (Catmull–Rom), as a polyline of ``steps`` points a segment."""
    count = len(points)
    if count < 3:
        return list(points)
    curve: Outline = []
    for start in range(count if closed else count - 1):
        if closed:
            a, b, c, d = (points[(start + shift) % count] for shift in (-1, 0, 1, 2))
        else:
            a, b = points[max(start - 1, 0)], points[start]
            c, d = points[start + 1], points[min(start + 2, count - 1)]
        curve += [_between(a, b, c, d, step / steps) for step in range(steps)]
    return curve if closed else [*curve, points[-1]]


def _between(a: Point, b: Point, c: Point, d: Point, t: float) -> Point:
    """Catmull–Rom interpolation from b (t = 0) to c (t = 1)."""
    return tuple(
        0.5
        * (2 * q + (r - p) * t + (2 * p - 5 * q + 4 * r - s) * t * t + (3 * q - p - 3 * r + s) * t * t * t)
        for p, q, r, s in zip(a, b, c, d, strict=True)
    )  # type: ignore[return-value]


def joined(*runs: Sequence[Point]) -> Outline:
    """Runs of points, each smooth in itself, with a corner where one run meets the next."""
    outline: Outline = []
    for run in runs:
        curve = spline(run)
        outline += curve[1:] if outline and outline[-1] == curve[0] else curve
    return outline


def mirrored(outline: Iterable[Point]) -> Outline:
    """The outline's mirror image about the grid's middle line."""
    return [(GRID_WIDTH - x, y) for x, y in outline]


def symmetric(*runs: Sequence[Point]) -> Outline:
    """An outline whose right half, from the middle's top to the middle's bottom, is given in runs."""
    half = joined(*runs)
    return half + mirrored(reversed(half))


def ellipse(x: float, y: float, rx: float, ry: float, turn: float = 0.0, steps: int = 36) -> Outline:
    """An ellipse around (x, y), turned clockwise by ``turn`` degrees."""
    return [
        moved((rx * cosine(360 * k / steps), ry * sine(360 * k / steps)), x, y, turn=turn)
        for k in range(steps)
    ]


def rounded(left: float, top: float, right: float, bottom: float, radius: float) -> Outline:
    """A rectangle with round corners."""
    r = min(radius, (right - left) / 2, (bottom - top) / 2)
    corners = (
        (right - r, bottom - r, 0),
        (left + r, bottom - r, 90),
        (left + r, top + r, 180),
        (right - r, top + r, 270),
    )
    return [
        (x + r * cosine(start + 15 * k), y + r * sine(start + 15 * k))
        for x, y, start in corners
        for k in range(7)
    ]


def ribbon(points: Sequence[Point], width: float, taper: bool = False) -> Outline:
    """A band of ``width`` along a smooth line; a tapered one runs out to points at both ends."""
    line = spline(points)
    left: Outline = []
    right: Outline = []
    for k, (x, y) in enumerate(line):
        (x0, y0), (x1, y1) = line[max(k - 1, 0)], line[min(k + 1, len(line) - 1)]
        length = math.sqrt((x1 - x0) ** 2 + (y1 - y0) ** 2) or 1.0
        t = k / (len(line) - 1)
        half = width / 2 * (4 * t * (1 - t) if taper else 1.0)
        nx, ny = -(y1 - y0) / length * half, (x1 - x0) / length * half
        left.append((x + nx, y + ny))
        right.append((x - nx, y - ny))
    return left + right[::-1]


def moved(point: Point, dx: float, dy: float, scale: float = 1.0, turn: float = 0.0) -> Point:
    """A point turned clockwise about the origin by ``turn`` degrees, scaled, then shifted."""
    c, s = cosine(turn) * scale, sine(turn) * scale
    return point[0] * c - point[1] * s + dx, point[0] * s + point[1] * c + dy


def cosine(degrees: float) -> float:
    """Rounded, since the last digit differs between C libraries."""
    return round(math.cos(math.radians(degrees)), 9)


def sine(degrees: float) -> float:
    return round(math.sin(math.radians(degrees)), 9)


def coverage(
    outlines: Iterable[Sequence[Point]], width: int, height: int, scale: float, left: int = 0, top: int = 0
) -> np.ndarray:
    """How much of each pixel the outlines cover: float32 (height, width), 0 to 1, antialiased.

    ``scale`` is pixels a unit; the window's corner is the pixel (left, top).
    """
    fine = Image.new("L", (width * SUPERSAMPLING, height * SUPERSAMPLING))
    draw = ImageDraw.Draw(fine)
    for outline in outlines:
        draw.polygon(
            [((x * scale - left) * SUPERSAMPLING, (y * scale - top) * SUPERSAMPLING) for x, y in outline],
            fill=255,
        )
    return np.asarray(fine.reduce(SUPERSAMPLING), np.float32) / np.float32(255)


def softened(values: np.ndarray, radius: int, passes: int = 2) -> np.ndarray:
    """Blurred much as by a Gaussian, float32 as given: box blurs of 2 ``radius`` + 1 pixels; zero outside."""
    if radius < 1:
        return values
    side = 2 * radius + 1
    rows, columns = values.shape
    result = values
    for _ in range(passes):
        total = np.zeros((rows + side, columns))  # running sums, with room at both ends for the window
        np.cumsum(result, axis=0, out=total[radius + 1 : radius + 1 + rows])
        total[radius + 1 + rows :] = total[radius + rows]
        result = (total[side:] - total[:-side]) / side
        total = np.zeros((rows, columns + side))
        np.cumsum(result, axis=1, out=total[:, radius + 1 : radius + 1 + columns])
        total[:, radius + 1 + columns :] = total[:, radius + columns, None]
        result = (total[:, side:] - total[:, :-side]) / side
    return result.astype(np.float32)


def noise(seed: int, width: int, height: int, cell_x: int, cell_y: int) -> np.ndarray:
    """Smooth random values, float32 (height, width), -1 to 1, with lumps of about cell_x × cell_y pixels."""
    # RandomState's stream is frozen by NumPy's promise, Generator's is not.
    columns, rows = width // cell_x + 3, height // cell_y + 3
    lumps = (np.random.RandomState(seed).random_sample((rows, columns)) * 255).astype(np.uint8)
    smooth = (
        Image.fromarray(lumps)
        .convert("F")
        .resize((columns * cell_x, rows * cell_y), Image.Resampling.BICUBIC)
    )
    return (
        np.asarray(smooth, np.float32)[cell_y : cell_y + height, cell_x : cell_x + width] / np.float32(127.5)
        - 1
    )
