"""Dresses. Coordinates: design grid of 300 × 400 units."""

from __future__ import annotations

from visualsearch.sample.dice import Dice
from visualsearch.sample.shapes import rounded, symmetric
from visualsearch.sample.template import Fold, Part
from visualsearch.sample.tops import inside_of_neck, short_sleeves, wrinkles

M = 150.0  # the middle


def dress(variant: int) -> list[Part]:
    """A dress: with straps, sleeveless or with sleeves; short, knee-length or long; some with a belt."""
    dice = Dice("dress", variant)
    top = ("straps", "sleeveless", "sleeves")[variant % 3]
    hem = (330, 366, 384)[(variant // 3) % 3]
    waist, flare = dice.between(150, 168), dice.between(62, 104)
    parts = [] if top == "straps" else [inside_of_neck(26, 50, top=34)]
    if top == "sleeves":
        parts += short_sleeves(dice, -14, up=23)
    neckline = dice.between(70, 88)
    if top == "straps":
        for side in (-1, 1):
            strap = [(M + side * x, y) for x, y in ((25, 28), (30, 28), (36, 82), (29, 82))]
            parts.append(Part([strap], roundness=3))
        bodice = [[(M, neckline + 8), (M + 18, neckline - 4), (M + 33, 66)], [(M + 33, 66), (M + 47, 96)]]
    else:
        bodice = [
            [(M, neckline), (M + 16, neckline - 10), (M + 25, 36)],
            [(M + 25, 36), (M + 46, 46)],
            [(M + 46, 46), (M + 40, 74), (M + 46, 100)],
        ]
    skirt = [
        [(M + 46, 100), (M + 40, 128), (M + 36, waist)],
        [(M + 36, waist), (M + 36 + flare * 0.52, waist + (hem - waist) * 0.42), (M + 36 + flare, hem - 8)],
        [(M + 36 + flare, hem - 8), (M + flare * 0.5, hem + 2), (M, hem + 4)],
    ]
    folds = [_ray(dice, waist, hem, flare, k) for k in range(11)] + wrinkles(
        dice, 4, (M - 34, 96), (M + 34, waist)
    )
    seams = [((M - 36, waist), (M, waist + 2), (M + 36, waist))]
    parts.append(Part([symmetric(*bodice, *skirt)], folds=folds, seams=seams, lift=0.4))
    return [*parts, *_belt(waist)] if dice.chance(0.5) else parts


def _belt(waist: float) -> list[Part]:
    """A belt with a buckle."""
    band = symmetric(
        [(M, waist - 5), (M + 37, waist - 7)],
        [(M + 37, waist - 7), (M + 38, waist + 7)],
        [(M + 38, waist + 7), (M, waist + 9)],
    )
    buckle = rounded(M - 8, waist - 8, M + 8, waist + 11, 3)
    hole = rounded(M - 4, waist - 4, M + 4, waist + 7, 2)
    return [
        Part([band], "accent", roundness=5, lift=0.35),
        Part([buckle], "metal", roundness=3, holes=[hole], gloss=1),
    ]


def _ray(dice: Dice, waist: float, hem: float, flare: float, k: int) -> Fold:
    """A fold of a skirt: from the waist outwards to the hem."""
    across = (k - 5) / 5 + dice.between(-0.06, 0.06)
    start = waist + dice.between(2, 60)
    x0, x1 = M + across * (34 + flare * 0.5 * (start - waist) / (hem - waist)), M + across * (34 + flare)
    sway = dice.between(-6, 6)
    return Fold(
        ((x0, start), ((x0 + x1) / 2 + sway, (start + hem) / 2), (x1, hem + 24)),
        (11.0, 16.0)[k % 2],
        dice.between(0.9, 1.7) * (1 if k % 3 else -1),
    )
