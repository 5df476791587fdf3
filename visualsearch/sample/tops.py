"""Silhouettes worn above the waist. Coordinates: design grid of 300 × 400 units."""

from __future__ import annotations

from collections.abc import Sequence

from visualsearch.sample.dice import Dice
from visualsearch.sample.shapes import Point, ellipse, joined, mirrored, spline, symmetric
from visualsearch.sample.template import Fold, Part, stretched

M = 150.0  # the middle


def shirt(variant: int) -> list[Part]:
    """A shirt with buttons: a camp collar lies open, a classic one is closed; short or long sleeves."""
    dice = Dice("shirt", variant)
    camp, long_sleeved = variant % 3 != 2, variant % 6 in (2, 4)
    wide = dice.between(-4, 6)
    hem = dice.between(326, 352)
    neck = 120 if camp else 84
    parts = [
        inside_of_neck(30, 64),
        *(long_sleeves(dice, wide) if long_sleeved else short_sleeves(dice, wide)),
    ]
    curve = dice.pick((0, 16))
    outline = symmetric(
        [(M, neck), (M + 12, neck - 22), (M + 27, 52)],
        [(M + 27, 52), (M + 66 + wide, 71)],
        [(M + 66 + wide, 71), (M + 58 + wide, 104), (M + 61 + wide, 146)],
        [(M + 61 + wide, 146), (M + 60 + wide, 240), (M + 64 + wide, hem - curve)],
        [(M + 64 + wide, hem - curve), (M + 40, hem), (M, hem + 2)],
    )
    seams = [
        *_both(((M + 30, 58), (M + 64 + wide, 79))),
        [(M + 62 + wide, hem - curve - 7), (M + 38, hem - 7), (M, hem - 5)],
    ]
    seams.append([(300 - x, y) for x, y in seams[-1]])
    parts.append(Part([outline], folds=_body_folds(dice, hem, 56 + wide), seams=seams, lift=0.4))
    if dice.chance(0.75):
        parts += _pocket(dice, M + 20, 140)
    if not long_sleeved and dice.chance(0.2):
        parts += _pocket(dice, M - 56, 140)
    parts.append(
        Part(
            [
                joined(
                    [(M - 6, neck - 1), (M + 7, neck - 1)],
                    [(M + 7, neck - 1), (M + 7, hem + 1)],
                    [(M + 7, hem + 1), (M - 6, hem + 1)],
                )
            ],
            "accent",
            roundness=3,
            lift=0.22,
            seams=[((M + 4, neck), (M + 4, hem))],
        )
    )
    count = 5 if camp else 6
    step = (hem - neck - 26) / count
    parts += [_button(M, neck + 12 + k * step) for k in range(count + 1)]
    return stretched(parts + (_camp_collar(dice, neck) if camp else _classic_collar(dice)), 1.1, 0.88)


def t_shirt(variant: int) -> list[Part]:
    """A T-shirt with a round or V neck."""
    dice = Dice("t-shirt", variant)
    wide, hem = dice.between(-6, 6), dice.between(318, 346)
    drop = dice.pick((88, 92, 112))
    return stretched(
        [inside_of_neck(33, 62), *short_sleeves(dice, wide), *_jersey(dice, wide, hem, drop)], 1.1, 0.86
    )


def sweatshirt(variant: int) -> list[Part]:
    """A sweatshirt with ribbed cuffs and hem; some have a hood and a pouch."""
    dice = Dice("sweatshirt", variant)
    wide, hem = dice.between(0, 8), dice.between(300, 322)
    hooded = variant % 2 == 1
    parts = _hood() if hooded else [inside_of_neck(33, 62)]
    parts += long_sleeves(dice, wide, puffy=True) + _jersey(dice, wide, hem, 108 if hooded else 92)
    band = symmetric(
        [(M, hem - 4), (M + 60 + wide, hem - 4)],
        [(M + 60 + wide, hem - 4), (M + 57 + wide, hem + 18)],
        [(M + 57 + wide, hem + 18), (M, hem + 20)],
    )
    ribs = [((M - 58 + k * 6, hem - 2), (M - 58 + k * 6, hem + 17)) for k in range(20)]
    parts.append(Part([band], "accent", roundness=8, lift=0.1, seams=ribs))
    return stretched(parts + _pouch_and_cords() if hooded else parts, 1.12, 0.92)


def _hood() -> list[Part]:
    """A hood that lies behind the neck, and its inside."""
    outer = symmetric(
        [(M, 24), (M + 30, 30), (M + 48, 58), (M + 40, 84)], [(M + 40, 84), (M + 20, 100), (M, 106)]
    )
    inner = symmetric([(M, 42), (M + 26, 52), (M + 28, 76)], [(M + 28, 76), (M, 104)])
    return [Part([outer], "accent", roundness=22), Part([inner], "inner", tone=0.62)]


def _pouch_and_cords() -> list[Part]:
    """A hoodie's pocket, and the cords of its hood, one a little longer."""
    pouch = symmetric(
        [(M, 214), (M + 30, 214)], [(M + 30, 214), (M + 46, 268)], [(M + 46, 268), (M + 46, 292), (M, 292)]
    )
    slits = [((M + 26, 214), (M + 42, 266)), ((M - 26, 214), (M - 42, 266))]
    parts = [Part([pouch], roundness=6, lift=0.35, seams=slits)]
    for side in (-1, 1):
        end = 168 + 10 * side
        cord = [(M + 13 * side, 98.0), (M + 15 * side, end), (M + 18 * side, end), (M + 16 * side, 98.0)]
        parts.append(Part([cord], "lace", roundness=2))
    return parts


def _jersey(dice: Dice, wide: float, hem: float, drop: float) -> list[Part]:
    """The body of a T-shirt or sweatshirt and its neckband."""
    sharp = drop > 100
    neck: list[list[Point]] = (
        [[(M, drop), (M + 30, 54)]]
        if sharp
        else [[(M, drop), (M + 16, drop - 6), (M + 26, drop - 20), (M + 30, 54)]]
    )
    outline = symmetric(
        *neck,
        [(M + 30, 54), (M + 66 + wide, 72)],
        [(M + 66 + wide, 72), (M + 58 + wide, 104), (M + 60 + wide, 148)],
        [(M + 60 + wide, 148), (M + 57 + wide, 240), (M + 60 + wide, hem)],
        [(M + 60 + wide, hem), (M + 30, hem + 4), (M, hem + 5)],
    )
    hemline = [
        (M - 59 - wide, hem - 8),
        (M - 30, hem - 4),
        (M, hem - 3),
        (M + 30, hem - 4),
        (M + 59 + wide, hem - 8),
    ]
    body = Part([outline], folds=_body_folds(dice, hem, 54 + wide), seams=[hemline], lift=0.4)
    inner = spline(neck[0], steps=12)
    outer = [(M + (x - M) * 1.22 + 1.5, y + 8 - 6 * (x - M) / 30) for x, y in inner]
    half = inner + outer[::-1]
    return [body, Part([half, mirrored(half)], "accent", roundness=5, lift=0.18)]


def short_sleeves(dice: Dice, wide: float, up: float = 0) -> list[Part]:
    """Both sleeves, below the body; they stand away from it. ``up``: units by which the shoulder is higher."""
    reach = 113 + wide + dice.between(-6, 8)
    outline = joined(
        [(58 + wide, 69 - up), (82 + wide, 88 - up), (reach, 142 - up)],
        [(reach, 142 - up), (96 + wide, 156 - up), (80 + wide, 164 - up)],
        [(80 + wide, 164 - up), (56 + wide, 140 - up)],
        [(56 + wide, 140 - up), (48 + wide, 100 - up), (58 + wide, 69 - up)],
    )
    folds = (
        ((66 + wide, 90 - up), (84 + wide, 122 - up), (92 + wide, 150 - up)),
        ((60 + wide, 130 - up), (76 + wide, 130 - up), (98 + wide, 122 - up)),
        ((62 + wide, 100 - up), (70 + wide, 130 - up), (78 + wide, 156 - up)),
    )
    hem = ((reach - 4, 136 - up), (94 + wide, 149 - up), (77 + wide, 158 - up))
    return [_sleeve(dice, side, outline, folds, turn=34.0, seams=[hem]) for side in (1, -1)]


def long_sleeves(dice: Dice, wide: float, puffy: bool = False) -> list[Part]:
    """Both sleeves, below the body, with cuffs; puffy ones are of thick cloth and have no cuff button."""
    fat = 5.0 if puffy else 0.0
    outline = joined(
        [(60 + wide, 69), (78 + wide, 92), (96 + fat, 180), (106 + fat, 292)],
        [(106 + fat, 292), (82, 298)],
        [(82, 298), (70, 220), (58 + wide, 146)],
        [(58 + wide, 146), (54 + wide, 100), (60 + wide, 69)],
    )
    folds = (
        ((70, 120), (84, 150), (90, 190)),
        ((92, 160), (82, 200), (94, 250)),
        ((76, 190), (90, 205), (100, 214)),
        ((96, 230), (88, 250), (84, 262)),
        ((84, 262), (94, 272), (104, 276)),
    )
    cuff = [(107 + fat, 288.0), (108 + fat, 312.0), (82.0, 317.0), (80.0, 294.0)]
    parts = []
    for side in (1, -1):
        parts.append(_sleeve(dice, side, outline, folds, turn=8.0))
        parts.append(Part([_beside(cuff, side)], "accent", -8.0 * side, roundness=6, lift=0.3))
        if not puffy:
            parts.append(_button(M + side * 90, 305, 2.2))
    return parts


def _sleeve(
    dice: Dice,
    side: int,
    outline: Sequence[Point],
    folds: Sequence[Sequence[Point]],
    turn: float,
    seams: Sequence[Sequence[Point]] = (),
) -> Part:
    """One sleeve; lines are given relative to the middle, for the right side (``side`` 1)."""
    creases = []
    for k, fold in enumerate(folds):
        line = [(x + dice.between(-3, 3), y + dice.between(-4, 4)) for x, y in fold]
        creases.append(Fold(tuple(_beside(line, side)), 10.0, dice.between(0.7, 1.5) * (1 if k % 2 else -1)))
    seams = [_beside(seam, side) for seam in seams]
    return Part([_beside(outline, side)], "sleeve", -turn * side, folds=creases, seams=seams, roundness=16)


def _beside(line: Sequence[Point], side: int) -> list[Point]:
    """A line given relative to the middle, put on its right (1) or left (-1)."""
    return [(M + side * x, y) for x, y in line]


def _body_folds(dice: Dice, hem: float, half: float) -> list[Fold]:
    """Folds from the armpits, down the sides and a few wrinkles across."""
    folds: list[Fold] = []
    for side in (-1, 1):
        folds.append(
            Fold(
                ((M + side * half, 132), (M + side * 38, 158), (M + side * 18, 172)),
                10.0,
                dice.between(0.7, 1.4),
            )
        )
        folds.append(
            Fold(
                ((M + side * half, 148), (M + side * 44, 184), (M + side * 34, 214)),
                10.0,
                -dice.between(0.6, 1.2),
            )
        )
        x = dice.between(24, 48)
        folds.append(
            Fold(
                (
                    (M + side * x, dice.between(170, 210)),
                    (M + side * (x + dice.between(-6, 8)), 270),
                    (M + side * (x + 4), hem + 20),
                ),
                16.0,
                dice.between(0.6, 1.3),
            )
        )
        folds.append(
            Fold(
                ((M + side * (x - 16), 230), (M + side * (x - 12), 290), (M + side * (x - 14), hem + 20)),
                16.0,
                -dice.between(0.4, 1.0),
            )
        )
    return folds + wrinkles(dice, 5, (M - half, 170), (M + half, hem - 20))


def wrinkles(dice: Dice, count: int, low: Point, high: Point) -> list[Fold]:
    """Small soft creases anywhere in a box."""
    folds = []
    for k in range(count):
        x, y = dice.between(low[0], high[0]), dice.between(low[1], high[1])
        dx, dy = dice.between(-26, 26), dice.between(8, 30)
        folds.append(
            Fold(
                ((x - dx, y - dy), (x + dice.between(-4, 4), y), (x + dx, y + dy)),
                8.0,
                dice.between(0.4, 1.0) * (1 if k % 2 else -1),
            )
        )
    return folds


def inside_of_neck(half: float, bottom: float, top: float = 46) -> Part:
    """The back of the neck seen from the front: dark, behind everything."""
    return Part(
        [
            symmetric(
                [(M, top), (M + half - 4, top + 4)],
                [(M + half - 4, top + 4), (M + half, bottom + 40)],
                [(M + half, bottom + 40), (M, bottom + 70)],
            )
        ],
        "inner",
        tone=0.6,
        roundness=6,
    )


def _camp_collar(dice: Dice, neck: float) -> list[Part]:
    """Open revers with a notch, one piece a side."""
    spread = dice.between(-3, 4)
    half = joined(
        [(M + 20, 44), (M + 30, 52)],
        [(M + 30, 52), (M + 46 + spread, 84)],
        [(M + 46 + spread, 84), (M + 31, 90)],
        [(M + 31, 90), (M + 36, 102)],
        [(M + 36, 102), (M + 2, neck + 2)],
        [(M + 2, neck + 2), (M + 8, 92), (M + 20, 44)],
    )
    back = symmetric(
        [(M, 46), (M + 14, 44), (M + 24, 42)],
        [(M + 24, 42), (M + 30, 54), (M + 22, 60)],
        [(M + 22, 60), (M, 58)],
    )
    return [
        Part([back], "accent", roundness=5, lift=0.35),
        *(
            Part([side], "accent", turn, roundness=5, lift=0.45)
            for side, turn in ((half, -24.0), (mirrored(half), 24.0))
        ),
    ]


def _classic_collar(dice: Dice) -> list[Part]:
    """A stand and two points, closed by a button."""
    reach = dice.between(96, 108)
    stand = symmetric([(M, 52), (M + 26, 44)], [(M + 26, 44), (M + 29, 58)], [(M + 29, 58), (M, 84)])
    half = joined(
        [(M + 25, 40), (M + 33, 56)],
        [(M + 33, 56), (M + 33, reach)],
        [(M + 33, reach), (M + 1, 82)],
        [(M + 1, 82), (M + 16, 62), (M + 25, 40)],
    )
    band = symmetric([(M, 48), (M + 24, 40)], [(M + 24, 40), (M + 28, 52)], [(M + 28, 52), (M, 62)])
    return [
        Part([stand], "inner", tone=0.7, roundness=5),
        Part([band], "accent", roundness=4, lift=0.2),
        *(
            Part([side], "accent", turn, roundness=5, lift=0.45)
            for side, turn in ((half, -30.0), (mirrored(half), 30.0))
        ),
        _button(M, 86),
    ]


def _pocket(dice: Dice, x: float, y: float) -> list[Part]:
    """A chest pocket with its top edge sewn over."""
    shape = joined(
        [(x, y), (x + 36, y)],
        [(x + 36, y), (x + 36, y + 34)],
        [(x + 36, y + 34), (x + 18, y + 42)],
        [(x + 18, y + 42), (x, y + 34)],
        [(x, y + 34), (x, y)],
    )
    return [
        Part(
            [shape],
            roundness=4,
            lift=0.42,
            relief=1.4,
            seams=[((x + 1, y + 8), (x + 35, y + 8))],
            angle=0.0 if dice.chance(0.5) else 0.5,
        )
    ]


def _button(x: float, y: float, radius: float = 2.9) -> Part:
    return Part([ellipse(x, y, radius, radius, steps=16)], "button", roundness=3, relief=1.6, lift=0.4)


def _both(seam: tuple[Point, ...]) -> list[list[Point]]:
    """A seam on the right and its mirror image."""
    return [list(seam), mirrored(seam)]
