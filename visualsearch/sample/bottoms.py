"""Silhouettes worn below the waist. Coordinates: design grid of 300 × 400 units."""

from __future__ import annotations

from visualsearch.sample.dice import Dice
from visualsearch.sample.shapes import Outline, Point, ellipse, joined, rounded, symmetric
from visualsearch.sample.template import Fold, Part, stretched

M = 150.0  # the middle


def trousers(variant: int) -> list[Part]:
    """Chinos and suit trousers: slim, straight or wide, with a crease or without."""
    dice = Dice("trousers", variant)
    ankle = (20, 29, 44)[variant % 3]
    return stretched(
        _legs(dice, dice.between(360, 380), ankle, crease=dice.chance(0.5)) + _waist(dice), 1.15, 0.97
    )


def jeans(variant: int) -> list[Part]:
    """Jeans with yoke stitching, a coin pocket and a rivet button; some are turned up."""
    dice = Dice("jeans", variant)
    hem = dice.between(360, 378)
    ankle = (19, 26, 36)[variant % 3]
    parts = _legs(dice, hem, ankle, crease=False)
    if variant % 2:
        for side in (-1, 1):
            middle = M + side * (26 + ankle * 0.55)
            cuff = [
                (middle - ankle - 2, hem - 15),
                (middle + ankle + 2, hem - 15),
                (middle + ankle + 1, hem + 3),
                (middle - ankle - 1, hem + 3),
            ]
            parts.append(
                Part(
                    [cuff],
                    "cuff",
                    roundness=4,
                    lift=0.35,
                    seams=[((middle - ankle, hem - 11), (middle + ankle, hem - 11))],
                )
            )
    return stretched(parts + _waist(dice), 1.15, 0.97)


def shorts(variant: int) -> list[Part]:
    """Shorts, with a drawstring or a button."""
    dice = Dice("shorts", variant)
    hem = dice.between(236, 290)
    legs = _legs(dice, hem, dice.between(32, 39), crease=False, seat=150, top=92)
    return stretched(legs + _waist(dice, top=92, drawstring=variant % 2 == 0), 1.3, 1.1)


def skirt(variant: int) -> list[Part]:
    """A skirt: pencil, A-line or wide and pleated."""
    dice = Dice("skirt", variant)
    kind = variant % 3
    hem, flare = dice.between(250, 340), (8, 44, 78)[kind]
    outline = symmetric(
        [(M, 70), (M + 42, 68)],
        [(M + 42, 68), (M + 58, 120), (M + 56 + flare * 0.55, (hem + 120) / 2), (M + 58 + flare, hem - 8)],
        [(M + 58 + flare, hem - 8), (M + 30 + flare / 2, hem), (M, hem + 3)],
    )
    folds, seams = [], []
    for k in range((4, 7, 12)[kind]):
        across = -0.92 + 1.84 * (k + 0.5) / (4, 7, 12)[kind] + dice.between(-0.03, 0.03)
        line = (
            (M + across * 40, 80 + dice.between(0, 20)),
            (M + across * (54 + flare * 0.4), (80 + hem) / 2),
            (M + across * (60 + flare), hem + 24),
        )
        folds.append(Fold(line, (10.0, 16.0, 13.0)[kind], dice.between(0.6, 1.5) * (1 if k % 2 else -1)))
        if kind == 2:
            seams.append((line[0], (M + across * (58 + flare * 0.6), hem - 30)))
    band = symmetric([(M, 56), (M + 41, 54)], [(M + 41, 54), (M + 43, 71)], [(M + 43, 71), (M, 74)])
    return [
        Part([outline], folds=folds, seams=seams, roundness=18),
        Part([band], "accent", roundness=5, lift=0.3),
    ]


def _legs(
    dice: Dice, hem: float, ankle: float, crease: bool, seat: float = 136, top: float = 40
) -> list[Part]:
    """Two legs that meet below the fly; ``ankle`` is half a hem's width."""
    parts = []
    middle = 26 + ankle * 0.55
    knee = (seat + hem) / 2
    for side in (-1, 1):
        runs = [
            [(0, top + 8), (44, top + 6)],
            [(44, top + 6), (58, top + 56), (59, seat)],
            [(59, seat), (25.5 + (middle + ankle) / 2, knee), (middle + ankle, hem)],
            [(middle + ankle, hem), (middle, hem + 4), (middle - ankle, hem)],
            [(middle - ankle, hem), (2 + (middle - ankle) / 2, knee), (1, seat)],
            [(1, seat), (0, top + 8)],
        ]
        outline = [(M + side * x, y) for x, y in joined(*runs)]
        folds = _leg_folds(dice, side, seat, hem, middle)
        if crease:
            folds.append(Fold(((M + side * 34, top + 60), (M + side * middle, hem + 20)), 4.0, 1.6))
        seams: list[list[Point]] = [
            [(M + side * (middle + ankle - 1), hem - 6), (M + side * (middle - ankle + 1), hem - 6)],
            [(M + side * 24, top + 14), (M + side * 32, top + 34), (M + side * 54, top + 46)],
        ]
        if side == 1:
            seams += [[(M + 9, top + 12), (M + 9, seat - 38), (M + 1, seat - 24)], [(M, top + 12), (M, seat)]]
        parts.append(Part([outline], folds=folds, seams=seams, roundness=20, angle=1.5 * side, lift=0.25))
    return parts


def _leg_folds(dice: Dice, side: int, seat: float, hem: float, middle: float) -> list[Fold]:
    """Creases that fan out from the seat, sit at the knee and gather at the hem."""
    folds = []
    for k in range(4):
        y = seat - 16 + 14 * k
        folds.append(
            Fold(
                (
                    (M + side * 4, y - 6),
                    (M + side * 26, y + dice.between(2, 12)),
                    (M + side * 54, y + dice.between(4, 30)),
                ),
                9.0,
                dice.between(0.5, 1.2) * (1 if k % 2 else -1),
            )
        )
    for k in range(5):
        y = seat + (hem - seat) * (0.3 + 0.15 * k) + dice.between(-8, 8)
        tilt = dice.between(-14, 14)
        folds.append(
            Fold(
                (
                    (M + side * (middle - 22), y - tilt),
                    (M + side * middle, y),
                    (M + side * (middle + 24), y + tilt),
                ),
                8.0,
                dice.between(0.4, 1.0) * (1 if k % 2 else -1),
            )
        )
    folds.append(
        Fold(
            (
                (M + side * 40, seat - 20),
                (M + side * (middle + 8), (seat + hem) / 2),
                (M + side * (middle + 4), hem + 20),
            ),
            14.0,
            dice.between(0.5, 1.1),
        )
    )
    return folds


def _waist(dice: Dice, top: float = 40, drawstring: bool = False) -> list[Part]:
    """The waistband with loops and a button, or gathered with a drawstring."""
    band = symmetric(
        [(M, top - 4), (M + 44, top - 8)],
        [(M + 44, top - 8), (M + 46, top + 9)],
        [(M + 46, top + 9), (M, top + 13)],
    )
    gathers = [((M + x, top - 4), (M + x, top + 10)) for x in range(-42, 44, 6)] if drawstring else []
    parts = [Part([band], "accent", roundness=5, lift=0.3, seams=gathers)]
    if drawstring:
        for side in (-1, 1):
            end = top + dice.between(36, 58)
            cord: Outline = joined(
                [(M + side * 4, top + 4), (M + side * 13, top + 26), (M + side * 9, end)],
                [(M + side * 12, end), (M + side * 16, top + 26), (M + side * 7, top + 4)],
            )
            parts.append(Part([cord], "lace", roundness=2, lift=0.4))
        return parts
    for x in (-36, -16, 14, 34):
        parts.append(Part([rounded(M + x, top - 9, M + x + 5, top + 14, 1)], "accent", roundness=2, lift=0.4))
    parts.append(
        Part([ellipse(M + 4, top + 4, 3.4, 3.4, steps=16)], "button", roundness=3, relief=1.6, lift=0.4)
    )
    return parts
