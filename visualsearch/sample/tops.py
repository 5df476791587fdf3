"""Silhouettes worn above the waist, and dresses. Coordinates: design grid of 300 × 400 units."""

from __future__ import annotations

from visualsearch.sample.dice import Dice
from visualsearch.sample.shapes import Point, ellipse, joined, mirrored, rounded, spline, symmetric
from visualsearch.sample.template import Fold, Part, stretched

M = 150.0  # the middle


def shirt(variant: int) -> list[Part]:
    """A shirt with buttons: a camp collar lies open, a classic one is closed; short or long sleeves."""
    dice = Dice("shirt", variant)
    camp, long_sleeved = variant % 3 != 2, variant % 6 in (2, 4)
    wide = dice.between(-4, 6)
    hem = dice.between(326, 352)
    neck = 120 if camp else 84
    parts = [_inside_of_neck(30, 64), *_sleeves(dice, wide, long_sleeved, cuff=long_sleeved)]
    curve = dice.pick((0, 16))
    outline = symmetric(
        [(M, neck), (M + 12, neck - 22), (M + 27, 52)],
        [(M + 27, 52), (M + 66 + wide, 71)],
        [(M + 66 + wide, 71), (M + 58 + wide, 104), (M + 61 + wide, 146)],
        [(M + 61 + wide, 146), (M + 60 + wide, 240), (M + 64 + wide, hem - curve)],
        [(M + 64 + wide, hem - curve), (M + 40, hem), (M, hem + 2)],
    )
    seams = [*_both(((M + 30, 58), (M + 64 + wide, 79))), [(M + 62 + wide, hem - curve - 7), (M + 38, hem - 7), (M, hem - 5)]]
    seams.append([(300 - x, y) for x, y in seams[-1]])
    parts.append(Part([outline], folds=_body_folds(dice, hem, 56 + wide), seams=seams, lift=0.4))
    if dice.chance(0.75):
        parts += _pocket(dice, M + 20, 140)
    if not long_sleeved and dice.chance(0.2):
        parts += _pocket(dice, M - 56, 140)
    parts.append(
        Part([joined([(M - 6, neck - 1), (M + 7, neck - 1)], [(M + 7, neck - 1), (M + 7, hem + 1)], [(M + 7, hem + 1), (M - 6, hem + 1)])],
             "accent", roundness=3, lift=0.22, seams=[((M + 4, neck), (M + 4, hem))]))
    count = 5 if camp else 6
    step = (hem - neck - 26) / count
    parts += [_button(M, neck + 12 + k * step) for k in range(count + 1)]
    return stretched(parts + (_camp_collar(dice, neck) if camp else _classic_collar(dice)), 1.1, 0.88)


def t_shirt(variant: int) -> list[Part]:
    """A T-shirt with a round or V neck."""
    dice = Dice("t-shirt", variant)
    wide, hem = dice.between(-6, 6), dice.between(318, 346)
    drop = dice.pick((88, 92, 112))
    return stretched([_inside_of_neck(33, 62), *_sleeves(dice, wide, False), *_jersey(dice, wide, hem, drop)], 1.1, 0.86)


def sweatshirt(variant: int) -> list[Part]:
    """A sweatshirt with ribbed cuffs and hem; some have a hood and a pouch."""
    dice = Dice("sweatshirt", variant)
    wide, hem = dice.between(0, 8), dice.between(300, 322)
    hooded = variant % 2 == 1
    parts = [_inside_of_neck(33, 62)]
    if hooded:
        hood = symmetric([(M, 24), (M + 30, 30), (M + 48, 58), (M + 40, 84)], [(M + 40, 84), (M + 20, 100), (M, 106)])
        parts = [Part([hood], "accent", roundness=22), Part([symmetric([(M, 42), (M + 26, 52), (M + 28, 76)], [(M + 28, 76), (M, 104)])], "inner", tone=0.62)]
    parts += [*_sleeves(dice, wide, True, cuff=True, puffy=True), *_jersey(dice, wide, hem, 92 if not hooded else 108)]
    band = symmetric([(M, hem - 4), (M + 60 + wide, hem - 4)], [(M + 60 + wide, hem - 4), (M + 57 + wide, hem + 18)], [(M + 57 + wide, hem + 18), (M, hem + 20)])
    parts.append(Part([band], "accent", roundness=8, lift=0.1, seams=[((M - 58 + k * 6, hem - 2), (M - 58 + k * 6, hem + 17)) for k in range(20)]))
    if hooded:
        pouch = symmetric([(M, 214), (M + 30, 214)], [(M + 30, 214), (M + 46, 268)], [(M + 46, 268), (M + 46, 292), (M, 292)])
        parts.append(Part([pouch], roundness=6, lift=0.35, seams=[((M + 26, 214), (M + 42, 266)), ((M - 26, 214), (M - 42, 266))]))
        for side in (-1, 1):
            end = 168 + 10 * side
            parts.append(Part([joined([(M + 13 * side, 98), (M + 15 * side, end)], [(M + 18 * side, end), (M + 16 * side, 98)])], "lace", roundness=2))
    return stretched(parts, 1.12, 0.92)


def dress(variant: int) -> list[Part]:
    """A dress: with straps, sleeveless or with sleeves; short, knee-length or long; some with a belt."""
    dice = Dice("dress", variant)
    top = ("straps", "sleeveless", "sleeves")[variant % 3]
    hem = (330, 366, 384)[(variant // 3) % 3]
    waist, flare = dice.between(150, 168), dice.between(62, 104)
    shoulder = 22 if top == "straps" else 46
    parts = [] if top == "straps" else [_inside_of_neck(26, 50, top=34)]
    if top == "sleeves":
        parts += _sleeves(dice, -20, False, up=16)
    neckline = dice.between(70, 88)
    if top == "straps":
        for side in (-1, 1):
            strap = [(M + side * x, y) for x, y in ((25, 28), (30, 28), (36, 82), (29, 82))]
            parts.append(Part([strap], roundness=3))
        bodice = [[(M, neckline + 8), (M + 18, neckline - 4), (M + 33, 66)], [(M + 33, 66), (M + 47, 96)]]
    else:
        bodice = [[(M, neckline), (M + 16, neckline - 10), (M + 25, 36)], [(M + 25, 36), (M + shoulder, 46)], [(M + shoulder, 46), (M + 40, 74), (M + 46, 100)]]
    skirt = [[(M + 46, 100), (M + 40, 128), (M + 36, waist)], [(M + 36, waist), (M + 36 + flare * 0.52, waist + (hem - waist) * 0.42), (M + 36 + flare, hem - 8)],
             [(M + 36 + flare, hem - 8), (M + flare * 0.5, hem + 2), (M, hem + 4)]]
    folds = [_ray(dice, waist, hem, flare, k) for k in range(11)] + _wrinkles(dice, 4, (M - 34, 96), (M + 34, waist))
    seams = [((M - 36, waist), (M, waist + 2), (M + 36, waist))]
    parts.append(Part([symmetric(*bodice, *skirt)], folds=folds, seams=seams, lift=0.4))
    if dice.chance(0.5):
        belt = symmetric([(M, waist - 5), (M + 37, waist - 7)], [(M + 37, waist - 7), (M + 38, waist + 7)], [(M + 38, waist + 7), (M, waist + 9)])
        parts.append(Part([belt], "accent", roundness=5, lift=0.35))
        parts.append(Part([rounded(M - 8, waist - 8, M + 8, waist + 11, 3)], "metal", roundness=3, holes=[rounded(M - 4, waist - 4, M + 4, waist + 7, 2)], gloss=1))
    return parts


def _ray(dice: Dice, waist: float, hem: float, flare: float, k: int) -> Fold:
    """A fold of a skirt: from the waist outwards to the hem."""
    across = (k - 5) / 5 + dice.between(-0.06, 0.06)
    start = waist + dice.between(2, 60)
    x0, x1 = M + across * (34 + flare * 0.5 * (start - waist) / (hem - waist)), M + across * (34 + flare)
    sway = dice.between(-6, 6)
    return Fold(((x0, start), ((x0 + x1) / 2 + sway, (start + hem) / 2), (x1, hem + 24)), (11.0, 16.0)[k % 2], dice.between(0.9, 1.7) * (1 if k % 3 else -1))


def _jersey(dice: Dice, wide: float, hem: float, drop: float) -> list[Part]:
    """The body of a T-shirt or sweatshirt and its neckband."""
    sharp = drop > 100
    neck: list[list[Point]] = [[(M, drop), (M + 30, 54)]] if sharp else [[(M, drop), (M + 16, drop - 6), (M + 26, drop - 20), (M + 30, 54)]]
    outline = symmetric(
        *neck,
        [(M + 30, 54), (M + 66 + wide, 72)],
        [(M + 66 + wide, 72), (M + 58 + wide, 104), (M + 60 + wide, 148)],
        [(M + 60 + wide, 148), (M + 57 + wide, 240), (M + 60 + wide, hem)],
        [(M + 60 + wide, hem), (M + 30, hem + 4), (M, hem + 5)],
    )
    hemline = [(M - 59 - wide, hem - 8), (M - 30, hem - 4), (M, hem - 3), (M + 30, hem - 4), (M + 59 + wide, hem - 8)]
    body = Part([outline], folds=_body_folds(dice, hem, 54 + wide), seams=[hemline], lift=0.4)
    inner = spline(neck[0], steps=12)
    outer = [(M + (x - M) * 1.22 + 1.5, y + 8 - 6 * (x - M) / 30) for x, y in inner]
    half = inner + outer[::-1]
    return [body, Part([half, mirrored(half)], "accent", roundness=5, lift=0.18)]


def _sleeves(dice: Dice, wide: float, long: bool, cuff: bool = False, up: float = 0, puffy: bool = False) -> list[Part]:
    """Both sleeves, below the body; long ones with cuffs hang down, short ones stand away."""
    parts: list[Part] = []
    fat = 5.0 if puffy else 0.0
    reach = dice.between(-6, 8)
    for side in (1, -1):
        if long:
            runs = [[(60 + wide, 69), (78 + wide, 92), (96 + fat, 180), (106 + fat, 292)], [(106 + fat, 292), (82, 298)], [(82, 298), (70, 220), (58 + wide, 146)], [(58 + wide, 146), (54 + wide, 100), (60 + wide, 69)]]
            angle, folds = 8.0 * -side, [((70, 120), (84, 150), (90, 190)), ((92, 160), (82, 200), (94, 250)), ((76, 190), (90, 205), (100, 214)), ((96, 230), (88, 250), (84, 262)), ((84, 262), (94, 272), (104, 276))]
        else:
            runs = [[(58 + wide, 69 - up), (82 + wide, 88 - up), (113 + wide + reach, 142 - up)], [(113 + wide + reach, 142 - up), (96 + wide, 156 - up), (80 + wide, 164 - up)], [(80 + wide, 164 - up), (56 + wide, 140 - up)], [(56 + wide, 140 - up), (48 + wide, 100 - up), (58 + wide, 69 - up)]]
            angle, folds = 34.0 * -side, [((66 + wide, 90), (84 + wide, 122), (92 + wide, 150)), ((60 + wide, 130), (76 + wide, 130), (98 + wide, 122)), ((62 + wide, 100), (70 + wide, 130), (78 + wide, 156))]
            folds = [tuple((x, y - up) for x, y in fold) for fold in folds]
        outline = [(M + side * x, y) for x, y in joined(*runs)]
        creases = [Fold(tuple((M + side * (x + dice.between(-3, 3)), y + dice.between(-4, 4)) for x, y in fold), 10.0, dice.between(0.7, 1.5) * (1 if k % 2 else -1)) for k, fold in enumerate(folds)]
        ends = [] if long else [[(M + side * (109 + wide + reach), 136 - up), (M + side * (94 + wide), 149 - up), (M + side * (77 + wide), 158 - up)]]
        parts.append(Part([outline], "sleeve", angle, folds=creases, seams=ends, roundness=16))
        if long and cuff:
            band = [(M + side * x, y) for x, y in ((107 + fat, 288), (108 + fat, 312), (82, 317), (80, 294))]
            parts.append(Part([band], "accent", angle, roundness=6, lift=0.3))
            if not puffy:
                parts.append(_button(M + side * 90, 305, 2.2))
    return parts


def _body_folds(dice: Dice, hem: float, half: float) -> list[Fold]:
    """Folds from the armpits, down the sides and a few wrinkles across."""
    folds: list[Fold] = []
    for side in (-1, 1):
        folds.append(Fold(((M + side * half, 132), (M + side * 38, 158), (M + side * 18, 172)), 10.0, dice.between(0.7, 1.4)))
        folds.append(Fold(((M + side * half, 148), (M + side * 44, 184), (M + side * 34, 214)), 10.0, -dice.between(0.6, 1.2)))
        x = dice.between(24, 48)
        folds.append(Fold(((M + side * x, dice.between(170, 210)), (M + side * (x + dice.between(-6, 8)), 270), (M + side * (x + 4), hem + 20)), 16.0, dice.between(0.6, 1.3)))
        folds.append(Fold(((M + side * (x - 16), 230), (M + side * (x - 12), 290), (M + side * (x - 14), hem + 20)), 16.0, -dice.between(0.4, 1.0)))
    return folds + _wrinkles(dice, 5, (M - half, 170), (M + half, hem - 20))


def _wrinkles(dice: Dice, count: int, low: Point, high: Point) -> list[Fold]:
    """Small soft creases anywhere in a box."""
    folds = []
    for k in range(count):
        x, y = dice.between(low[0], high[0]), dice.between(low[1], high[1])
        dx, dy = dice.between(-26, 26), dice.between(8, 30)
        folds.append(Fold(((x - dx, y - dy), (x + dice.between(-4, 4), y), (x + dx, y + dy)), 8.0, dice.between(0.4, 1.0) * (1 if k % 2 else -1)))
    return folds


def _inside_of_neck(half: float, bottom: float, top: float = 46) -> Part:
    """The back of the neck seen from the front: dark, behind everything."""
    return Part([symmetric([(M, top), (M + half - 4, top + 4)], [(M + half - 4, top + 4), (M + half, bottom + 40)], [(M + half, bottom + 40), (M, bottom + 70)])], "inner", tone=0.6, roundness=6)


def _camp_collar(dice: Dice, neck: float) -> list[Part]:
    """Open revers with a notch, one piece a side."""
    spread = dice.between(-3, 4)
    half = joined([(M + 20, 44), (M + 30, 52)], [(M + 30, 52), (M + 46 + spread, 84)], [(M + 46 + spread, 84), (M + 31, 90)], [(M + 31, 90), (M + 36, 102)], [(M + 36, 102), (M + 2, neck + 2)], [(M + 2, neck + 2), (M + 8, 92), (M + 20, 44)])
    back = symmetric([(M, 46), (M + 14, 44), (M + 24, 42)], [(M + 24, 42), (M + 30, 54), (M + 22, 60)], [(M + 22, 60), (M, 58)])
    return [Part([back], "accent", roundness=5, lift=0.35), *(Part([side], "accent", turn, roundness=5, lift=0.45) for side, turn in ((half, -24.0), (mirrored(half), 24.0)))]


def _classic_collar(dice: Dice) -> list[Part]:
    """A stand and two points, closed by a button."""
    reach = dice.between(96, 108)
    stand = symmetric([(M, 52), (M + 26, 44)], [(M + 26, 44), (M + 29, 58)], [(M + 29, 58), (M, 84)])
    half = joined([(M + 25, 40), (M + 33, 56)], [(M + 33, 56), (M + 33, reach)], [(M + 33, reach), (M + 1, 82)], [(M + 1, 82), (M + 16, 62), (M + 25, 40)])
    band = symmetric([(M, 48), (M + 24, 40)], [(M + 24, 40), (M + 28, 52)], [(M + 28, 52), (M, 62)])
    return [Part([stand], "inner", tone=0.7, roundness=5), Part([band], "accent", roundness=4, lift=0.2), *(Part([side], "accent", turn, roundness=5, lift=0.45) for side, turn in ((half, -30.0), (mirrored(half), 30.0))), _button(M, 86)]


def _pocket(dice: Dice, x: float, y: float) -> list[Part]:
    """A chest pocket with its top edge sewn over."""
    shape = joined([(x, y), (x + 36, y)], [(x + 36, y), (x + 36, y + 34)], [(x + 36, y + 34), (x + 18, y + 42)], [(x + 18, y + 42), (x, y + 34)], [(x, y + 34), (x, y)])
    return [Part([shape], roundness=4, lift=0.42, relief=1.4, seams=[((x + 1, y + 8), (x + 35, y + 8))], angle=0.0 if dice.chance(0.5) else 0.5)]


def _button(x: float, y: float, radius: float = 2.9) -> Part:
    return Part([ellipse(x, y, radius, radius, steps=16)], "button", roundness=3, relief=1.6, lift=0.4)


def _both(seam: tuple[Point, ...]) -> list[list[Point]]:
    """A seam on the right and its mirror image."""
    return [list(seam), mirrored(seam)]
