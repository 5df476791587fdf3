"""Bags and hats. Coordinates: design grid of 300 × 400 units."""

from __future__ import annotations

from visualsearch.sample.dice import Dice
from visualsearch.sample.shapes import Outline, ellipse, joined, mirrored, ribbon, rounded, spline, symmetric
from visualsearch.sample.template import Fold, Part

M = 150.0  # the middle


def handbag(variant: int) -> list[Part]:
    """A tote, a satchel with a flap, or a bucket."""
    dice = Dice("handbag", variant)
    kind = ("tote", "satchel", "bucket")[variant % 3]
    top = dice.between(158, 172)
    rise = dice.between(76, 96) if kind != "satchel" else dice.between(50, 64)
    spread = dice.between(34, 44)
    half = [(M + spread, top + 26), (M + spread - 3, top - rise * 0.6)]
    handle = [*mirrored(half), (M, top - rise), *reversed(half)]
    upper, lower = {"tote": (92, 76), "satchel": (82, 96), "bucket": (84, 66)}[kind]
    bottom = dice.between(318, 332)
    outline = symmetric(
        [(M, top + 2), (M + upper, top)],
        [(M + upper, top), (M + (upper + lower) / 2 + 5, (top + bottom) / 2), (M + lower, bottom - 10)],
        [(M + lower, bottom - 10), (M + lower - 8, bottom)],
        [(M + lower - 8, bottom), (M, bottom + 2)],
    )
    folds = []
    for k, x in enumerate((-58, -26, 22, 56)):
        bend = M + x * 0.9 + dice.between(-8, 8)
        line = ((M + x, top + 8), (bend, (top + bottom) / 2), (M + x * 0.8, bottom))
        folds.append(Fold(line, 18.0, dice.between(0.3, 0.9) * (1 if k % 2 else -1)))
    seam = ((M - lower + 2, bottom - 16), (M + lower - 2, bottom - 16))
    rings = [ellipse(M + side * spread, top + 24, 5.5, 5.5, steps=20) for side in (-1, 1)]
    return [
        Part([ribbon([(x, y - 7) for x, y in handle], 8)], "accent", roundness=4, tone=0.78),
        Part([outline], roundness=22, folds=folds, gloss=0.3, seams=[seam]),
        *_front(kind, top, upper),
        Part([ribbon(handle, 9)], "accent", roundness=4, lift=0.35, gloss=0.4),
        *(Part([ring], "metal", roundness=4, gloss=1, lift=0.4) for ring in rings),
    ]


def _front(kind: str, top: float, upper: float) -> list[Part]:
    """What a handbag has in front: a flap with a clasp, a pocket, or a drawn-in rim."""
    if kind == "satchel":
        flap = symmetric(
            [(M, top - 4), (M + 84, top - 4)],
            [(M + 84, top - 4), (M + 82, top + 60)],
            [(M + 82, top + 60), (M + 40, top + 84), (M, top + 90)],
        )
        clasp = rounded(M - 11, top + 74, M + 11, top + 104, 4)
        return [
            Part([flap], "sleeve", roundness=12, lift=0.5, gloss=0.4),
            Part([clasp], "metal", roundness=5, gloss=1, lift=0.45),
            Part([rounded(M - 4, top + 86, M + 4, top + 98, 2)], "accent", roundness=2),
        ]
    if kind == "tote":
        pocket = rounded(M - 42, top + 56, M + 42, top + 116, 6)
        return [Part([pocket], roundness=6, lift=0.35, seams=[((M - 40, top + 64), (M + 40, top + 64))])]
    rim = symmetric([(M, top + 22), (M + upper, top + 18)], [(M + upper - 1, top + 28), (M, top + 32)])
    return [Part([rim], "accent", roundness=4, lift=0.35)]


def backpack(variant: int) -> list[Part]:
    """A backpack from the front: straps, main bag, front pocket, zips."""
    dice = Dice("backpack", variant)
    bottom, half = dice.between(322, 340), dice.between(76, 86)
    strap = [(M + 36, 92), (M + half + 14, 150), (M + half + 8, bottom - 24)]
    grip = [(M - 20, 84), (M - 14, 58), (M + 14, 58), (M + 20, 84)]
    body = symmetric(
        [(M, 72), (M + 44, 80), (M + half - 4, 124)],
        [(M + half - 4, 124), (M + half, 220), (M + half, bottom - 24)],
        [(M + half, bottom - 24), (M + half - 12, bottom - 2), (M + 40, bottom), (M, bottom)],
    )
    left = ((M - half + 6, 180), (M - 40, 196 + dice.between(-8, 8)), (M - 8, 190))
    right = ((M + half - 6, 160), (M + 40, 172), (M + 10, 168))
    folds = [Fold(left, 14.0, dice.between(0.4, 0.9)), Fold(right, 14.0, -dice.between(0.3, 0.8))]
    zipper = joined(
        [(M, 96), (M + 38, 104), (M + half - 18, 140)], [(M + half - 18, 140), (M + half - 14, 200)]
    )
    parts = [
        *(
            Part([side], "accent", roundness=6, tone=0.85)
            for side in (ribbon(strap, 15), ribbon(mirrored(strap), 15))
        ),
        Part([ribbon(grip, 9)], "accent", roundness=4),
        Part([body], roundness=26, folds=folds, seams=[zipper, mirrored(zipper)]),
        *_front_pocket(214 if variant % 2 else 196, bottom, half),
    ]
    if dice.chance(0.6):
        parts.append(Part([rounded(M - 18, 128, M + 18, 152, 4)], "mark", roundness=4, lift=0.35))
    return parts


def _front_pocket(top: float, bottom: float, half: float) -> list[Part]:
    """A backpack's pocket with its zip and the zip's tag."""
    pocket = symmetric(
        [(M, top), (M + 44, top + 2), (M + half - 14, top + 22)],
        [(M + half - 14, top + 22), (M + half - 12, bottom - 22)],
        [(M + half - 12, bottom - 22), (M + half - 24, bottom - 10), (M, bottom - 9)],
    )
    zipper = ribbon([(M - half + 22, top + 26), (M, top + 15), (M + half - 22, top + 26)], 4)
    tag = ribbon([(M + half - 34, top + 22), (M + half - 30, top + 46)], 5)
    return [
        Part([pocket], "sleeve", roundness=16, lift=0.5),
        Part([zipper], "metal", roundness=2, lift=0.2),
        Part([tag], "metal", roundness=2, lift=0.4, gloss=1),
    ]


def cap(variant: int) -> list[Part]:
    """A baseball cap, turned half to the left."""
    dice = Dice("cap", variant)
    height = dice.between(96, 112)
    dome = joined(
        [(84, 232), (86, 180), (118, 242 - height), (176, 238 - height), (232, 166), (244, 232)],
        [(244, 232), (170, 244), (84, 232)],
    )
    seams = [[(168, 238 - height), (132, 176), (124, 238)], [(172, 238 - height), (206, 180), (212, 236)]]
    brim = spline(
        [(88, 224), (160, 238), (206, 240), (170, 252), (100, 264), (44, 272), (26, 262), (48, 240)],
        closed=True,
    )
    folds = [
        Fold(((104, 180), (120, 200), (110, 226)), 14.0, -0.6),
        Fold(((224, 180), (218, 206), (228, 226)), 14.0, 0.6),
    ]
    parts = [Part([dome], roundness=34, relief=1.1, seams=seams, folds=folds)]
    parts.append(Part([ellipse(171, 238 - height, 7, 4)], "accent", roundness=3, lift=0.2))
    if variant % 2:
        parts.append(Part([ellipse(128, 192, 15, 18, -8)], "mark", roundness=5, lift=0.25))
    parts.append(Part([brim], "accent", roundness=14, lift=0.5, seams=[[(52, 252), (110, 250), (178, 244)]]))
    parts += [
        Part([ellipse(x, y, 2.6, 2.6, steps=12)], "button", roundness=2) for x, y in ((150, 168), (196, 168))
    ]
    return parts


def hat(variant: int) -> list[Part]:
    """A hat with a wide or a narrow brim and a band."""
    dice = Dice("hat", variant)
    reach, top = (126, 100)[variant % 2], dice.between(112, 132)
    brim: Outline = ellipse(M, 240, reach, 30, steps=48)
    crown = symmetric(
        [(M, top + 10), (M + 30, top), (M + 58, top + 22), (M + 68, 228)],
        [(M + 68, 228), (M + 40, 242), (M, 246)],
    )
    band = symmetric(
        [(M, 218), (M + 40, 215), (M + 66, 204)],
        [(M + 66, 204), (M + 68, 228)],
        [(M + 68, 228), (M + 40, 242), (M, 246)],
    )
    rings = [spline(ellipse(M, 241, reach - 12 * k, 30 - 3.2 * k, steps=40))[180:] for k in (1, 2)]
    dent = [Fold(((M - 26, top + 8), (M - 4, top + 26), (M + 30, top + 10)), 18.0, -1.2)]
    return [
        Part([brim], roundness=16, relief=1.2, seams=rings),
        Part([crown], roundness=30, lift=0.5, folds=dent),
        Part([band], "accent", roundness=8, lift=0.15),
    ]
