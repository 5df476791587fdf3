"""Leaves and blossoms of the printed patterns. Each yields (slot, outline), the lowest first; units are pixels."""

from __future__ import annotations

from collections.abc import Iterator

from visualsearch.sample.shapes import Outline, Point, ellipse, moved, ribbon, spline

Shape = tuple[int, Outline]


def _placed(points: list[Point], x: float, y: float, size: float, turn: float) -> Outline:
    return [moved(point, x, y, size, turn) for point in points]


def leaf(x: float, y: float, size: float, turn: float) -> Iterator[Shape]:
    """A banana leaf with its rib; from its stem at (x, y)."""
    blade = spline([(0, 0), (0.3, -0.17), (0.65, -0.17), (1.0, 0), (0.65, 0.17), (0.3, 0.17)], closed=True)
    yield 0, _placed(blade, x, y, size, turn)
    yield 1, _placed(ribbon([(0.02, 0), (0.5, 0.015), (0.95, 0)], 0.035), x, y, size, turn)
    for k in range(1, 6):
        for side in (-1, 1):
            yield 1, _placed(ribbon([(0.14 * k, 0), (0.14 * k + 0.1, side * 0.12)], 0.018), x, y, size, turn)


def palm(x: float, y: float, size: float, turn: float) -> Iterator[Shape]:
    """A palm frond: a bent rib with narrow leaflets on both sides."""
    for k in range(9):
        along = 0.1 + 0.1 * k
        reach = 0.46 - 0.32 * abs(along - 0.42)
        for side in (-1, 1):
            root = (along, 0.1 * along * along)
            tip = (along + reach * 0.62, root[1] + side * reach)
            middle = ((root[0] + tip[0]) / 2 + 0.03, (root[1] + tip[1]) / 2 + side * 0.05)
            yield 0, _placed(ribbon([root, middle, tip], 0.105, taper=True), x, y, size, turn)
    yield 1, _placed(ribbon([(0, 0), (0.5, 0.025), (1.08, 0.12)], 0.03), x, y, size, turn)


def monstera(x: float, y: float, size: float, turn: float) -> Iterator[Shape]:
    """A heart-shaped leaf, cut in from its edge between the ribs."""
    half: list[Point] = [
        (0.0, 0.0), (-0.1, 0.2), (0.02, 0.38), (0.16, 0.44), (0.2, 0.16), (0.28, 0.43), (0.42, 0.42), (0.4, 0.13),
        (0.52, 0.37), (0.65, 0.32), (0.58, 0.1), (0.74, 0.24), (0.85, 0.16), (0.8, 0.06), (1.0, 0.0),
    ]  # fmt: skip
    outline = half + [(px, -py) for px, py in reversed(half[1:-1])]
    yield 0, _placed(outline, x, y, size, turn)
    yield 1, _placed(ribbon([(0, 0), (0.5, 0.01), (0.95, 0)], 0.03), x, y, size, turn)
    for px, py in ((0.06, 0.3), (0.33, 0.34), (0.56, 0.29), (0.76, 0.17)):
        for side in (-1, 1):
            yield 1, _placed(ribbon([(px * 0.75, 0), (px, side * py)], 0.018), x, y, size, turn)


def hibiscus(x: float, y: float, size: float, turn: float) -> Iterator[Shape]:
    """Five broad ruffled petals, a dark heart and a long stamen. Slots: 0 petal, 1 shade, 2 heart, 3 stamen."""
    petal = spline(
        [(0.05, 0.0), (0.3, -0.27), (0.62, -0.47), (0.86, -0.4), (0.9, -0.22), (1.02, -0.08),
         (0.95, 0.08), (1.0, 0.24), (0.84, 0.4), (0.6, 0.42), (0.3, 0.24)],
        closed=True, steps=5,
    )  # fmt: skip
    edge = ribbon([(0.12, 0.1), (0.36, 0.3), (0.64, 0.43), (0.86, 0.38)], 0.075, taper=True)
    for k in range(5):
        angle = turn + 72 * k
        yield 0, _placed(petal, x, y, size, angle)
        yield 1, _placed(edge, x, y, size, angle)
        for bend in (-0.22, 0.0, 0.2):
            yield (
                1,
                _placed(
                    ribbon([(0.15, bend * 0.25), (0.45, bend * 0.8), (0.74, bend)], 0.05, taper=True),
                    x,
                    y,
                    size,
                    angle,
                ),
            )
    for k in range(5):
        yield (
            2,
            _placed(
                spline([(0, -0.07), (0.22, -0.09), (0.36, 0), (0.22, 0.09), (0, 0.07)], closed=True, steps=4),
                x,
                y,
                size,
                turn + 72 * k,
            ),
        )
    tip = moved((0.98, 0.2), x, y, size, turn + 36)
    yield 3, _placed(ribbon([(0, 0), (0.5, 0.03), (0.98, 0.2)], 0.085), x, y, size, turn + 36)
    for dx, dy in ((0, 0), (-0.13, -0.1), (-0.16, 0.06), (0.02, -0.13), (0.04, 0.1)):
        dot = moved((dx, dy), tip[0], tip[1], size, turn + 36)
        yield 3, ellipse(dot[0], dot[1], size * 0.065, size * 0.065, steps=10)


def plumeria(x: float, y: float, size: float, turn: float) -> Iterator[Shape]:
    """Five smooth petals, each over the next, with a warm heart that runs out into them. Slots as the hibiscus."""
    petal = spline(
        [(0.0, 0.0), (0.3, -0.26), (0.72, -0.36), (1.0, -0.1), (0.9, 0.14), (0.5, 0.18)], closed=True, steps=5
    )
    fold = ribbon([(0.1, 0.05), (0.5, 0.17), (0.9, 0.13)], 0.08, taper=True)
    for k in range(5):
        yield 0, _placed(petal, x, y, size, turn + 72 * k)
        yield 1, _placed(fold, x, y, size, turn + 72 * k)
    for k in range(5):
        yield (
            2,
            _placed(
                ribbon([(0, 0), (0.25, -0.05), (0.52, -0.09)], 0.2, taper=True), x, y, size, turn + 72 * k
            ),
        )
    yield 2, ellipse(x, y, size * 0.13, size * 0.13, steps=14)
