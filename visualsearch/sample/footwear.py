"""Shoes from the side, the toe on the left. Coordinates: design grid of 300 × 400 units."""

from __future__ import annotations

from visualsearch.sample.dice import Dice
from visualsearch.sample.shapes import Point, ellipse, joined, ribbon
from visualsearch.sample.template import Fold, Part


def sneakers(variant: int) -> list[Part]:
    """Running shoes, skate shoes and high tops."""
    dice = Dice("sneakers", variant)
    high = variant % 3 == 2
    runner = variant % 3 == 0
    collar = 118.0 if high else 160.0
    parts = [_opening(186, collar, 262)]
    tongue = joined(
        [(150, 206), (160, collar), (172, collar - 12)],
        [(172, collar - 12), (188, collar - 7)],
        [(188, collar - 7), (190, 206)],
    )
    parts.append(Part([tongue], "sleeve", roundness=7, lift=0.2))
    upper = joined(
        [(28, 246), (26, 226), (44, 206), (92, 196), (136, 182), (168, collar + 10), (184, collar + 2)],
        [(184, collar + 2), (206, collar + 14), (236, collar + 12), (262, collar - 4)],
        [(262, collar - 4), (272, 200), (276, 250)],
        [(276, 250), (28, 250)],
    )
    creases = [
        Fold(
            ((92 + 16 * k, 198 - 4 * k), (86 + 18 * k, 216), (90 + 20 * k, 236)), 8.0, -dice.between(0.3, 0.8)
        )
        for k in range(3)
    ]
    parts.append(Part([upper], roundness=24, folds=creases, gloss=0.15))
    toe = joined([(28, 250), (26, 226), (44, 206), (78, 198)], [(78, 198), (90, 222), (86, 250)])
    parts.append(Part([toe], "accent", roundness=14, lift=0.15))
    heel = joined(
        [(262, collar - 2), (272, 200), (276, 250)],
        [(276, 250), (236, 250)],
        [(236, 250), (240, 220), (254, collar + 22), (262, collar - 2)],
    )
    parts.append(Part([heel], "accent", roundness=10, lift=0.2))
    stay = joined(
        [(128, 186), (166, collar + 12), (182, collar + 4)],
        [(182, collar + 4), (198, collar + 22)],
        [(198, collar + 22), (164, 216), (142, 222)],
        [(142, 222), (128, 186)],
    )
    seam = ((140, 218), (162, 212), (194, collar + 24))
    parts.append(Part([stay], dice.pick(("accent", "body")), roundness=7, lift=0.3, seams=[seam]))
    parts += _stripes_on_side(dice) + _laces(5, (138, 190), (184, collar + 12), 20)
    return parts + _sneaker_sole(runner, 246, 278 if runner else 270)


def formal_shoes(variant: int) -> list[Part]:
    """Leather lace-ups and slip-ons."""
    dice = Dice("formal", variant)
    laced = variant % 2 == 0
    parts = [_opening(192, 172, 262)]
    upper = joined(
        [(20, 252), (22, 236), (48, 218), (100, 206), (140, 188), (176, 168)],
        [(176, 168), (206, 180), (240, 180), (264, 166)],
        [(264, 166), (272, 206), (272, 254)],
        [(272, 254), (20, 254)],
    )
    creases = [
        Fold(
            ((98 + 12 * k, 210 - 4 * k), (96 + 14 * k, 230), (102 + 12 * k, 248)),
            6.0,
            -dice.between(0.4, 0.9),
        )
        for k in range(3)
    ]
    cap = [(70, 213), (82, 230), (80, 254)]
    parts.append(
        Part(
            [upper],
            roundness=26,
            relief=1.3,
            folds=creases,
            gloss=1.0,
            seams=[cap, [(x + 4, y) for x, y in cap], [(232, 182), (240, 214), (236, 252)]],
        )
    )
    if laced:
        stay = joined(
            [(126, 198), (176, 166)],
            [(176, 166), (204, 184)],
            [(204, 184), (180, 226), (144, 226)],
            [(144, 226), (126, 198)],
        )
        parts.append(Part([stay], roundness=8, lift=0.35, gloss=0.8))
        parts += _laces(4, (140, 196), (180, 174), 15)
    else:
        saddle = joined(
            [(128, 196), (150, 182)],
            [(150, 182), (172, 250)],
            [(172, 250), (138, 252)],
            [(138, 252), (128, 196)],
        )
        parts.append(Part([saddle], "accent", roundness=6, lift=0.35, gloss=0.8))
        parts.append(
            Part([ribbon([(136, 206), (148, 214), (160, 204)], 8)], "metal", roundness=3, gloss=1, lift=0.4)
        )
    sole = joined(
        [(16, 252), (276, 252)],
        [(276, 252), (276, 280)],
        [(276, 280), (222, 280)],
        [(222, 280), (218, 264)],
        [(218, 264), (120, 266), (40, 264), (16, 252)],
    )
    parts.append(Part([sole], "sole", roundness=5, lift=0.3, seams=[((216, 264), (276, 264))]))
    return parts


def heels(variant: int) -> list[Part]:
    """Pumps: stiletto or block heel, some with an ankle strap."""
    dice = Dice("heels", variant)
    block = variant % 2 == 1
    parts = []
    inner = joined(
        [(112, 232), (170, 200), (232, 148), (262, 134)],
        [(262, 134), (262, 160), (236, 204), (190, 244), (146, 262), (112, 242)],
    )
    parts.append(Part([inner], "inner", tone=0.75, roundness=8))
    half = 15 if block else 5
    heel = joined(
        [(232, 186), (268, 160)],
        [(268, 160), (270, 200), (258 + half, 298)],
        [(258 + half, 298), (258 - half, 298)],
        [(258 - half, 298), (246 - half / 2, 232), (232, 186)],
    )
    parts.append(Part([heel], "body", roundness=10, gloss=0.9))
    upper = joined(
        [(26, 290), (30, 274), (60, 252), (100, 234), (116, 236)],
        [(116, 236), (140, 254), (190, 232), (228, 184), (258, 136)],
        [(258, 136), (272, 144), (274, 176), (258, 204)],
        [(258, 204), (226, 216), (180, 262), (132, 288), (80, 297), (26, 297)],
    )
    parts.append(Part([upper], roundness=16, relief=1.4, gloss=1.1))
    sole = joined(
        [(26, 294), (80, 297), (134, 288), (182, 260), (228, 214)],
        [(232, 218), (186, 268), (138, 296), (80, 303), (26, 301)],
    )
    parts.append(Part([sole], "sole", roundness=3, lift=0.1))
    if dice.chance(0.5):
        for side in (-1, 1):
            parts.append(
                Part(
                    [joined([(94, 244), (94 + side * 18, 232), (94 + side * 22, 252), (94, 246)])],
                    "accent",
                    roundness=5,
                    lift=0.35,
                )
            )
    return parts


def boots(variant: int) -> list[Part]:
    """Ankle boots: Chelsea with an elastic panel, or laced."""
    dice = Dice("boots", variant)
    laced = variant % 2 == 1
    top = dice.between(84, 104)
    parts = [Part([ellipse(214, top + 3, 47, 9)], "inner", tone=0.55, roundness=5)]
    upper = joined(
        [(28, 268), (28, 248), (52, 228), (100, 218), (140, 200), (158, 168), (164, top)],
        [(164, top), (212, top + 9), (264, top)],
        [(264, top), (262, 160), (272, 210), (274, 270)],
        [(274, 270), (28, 270)],
    )
    creases = [
        Fold(
            ((150, 184 + 12 * k), (180, 196 + 10 * k), (214, 190 + 12 * k)),
            8.0,
            dice.between(0.5, 1.1) * (1 if k % 2 else -1),
        )
        for k in range(4)
    ]
    seams = [((106, 217), (124, 240), (126, 270)), ((232, 270), (236, 214), (230, top + 10))]
    parts.append(Part([upper], roundness=26, relief=1.2, folds=creases, gloss=0.7, seams=seams))
    if laced:
        stay = joined(
            [(140, 202), (158, 170), (164, top + 2)],
            [(164, top + 2), (188, top + 8)],
            [(188, top + 8), (184, 180), (156, 226)],
            [(156, 226), (140, 202)],
        )
        parts.append(Part([stay], roundness=7, lift=0.3, gloss=0.5))
        parts += _laces(7, (150, 206), (172, top + 14), 18)
    else:
        panel = joined(
            [(196, top + 7), (232, top + 7)],
            [(232, top + 7), (226, 160), (214, 196)],
            [(214, 196), (202, 160), (196, top + 7)],
        )
        ribs = [((200 + 5 * k, top + 10), (206 + 3.4 * k, 176)) for k in range(6)]
        parts.append(Part([panel], "accent", roundness=4, lift=0.1, seams=ribs))
    sole = joined(
        [(22, 266), (280, 266)],
        [(280, 266), (280, 298)],
        [(280, 298), (224, 298)],
        [(224, 298), (220, 284)],
        [(220, 284), (120, 286), (30, 284), (22, 266)],
    )
    return [*parts, Part([sole], "sole", roundness=6, lift=0.3, seams=[((220, 283), (280, 283))])]


def _opening(x: float, collar: float, right: float) -> Part:
    """The lining one sees through the ankle's opening."""
    return Part(
        [
            joined(
                [
                    (x - 14, collar + 34),
                    (x - 4, collar),
                    (x + 16, collar - 8),
                    (right - 12, collar - 14),
                    (right, collar - 4),
                ],
                [(right, collar - 4), (right - 8, collar + 40)],
            )
        ],
        "inner",
        tone=0.6,
        roundness=8,
    )


def _sneaker_sole(runner: bool, top: float, ground: float) -> list[Part]:
    """A thick curved sole for runners, a flat one with a coloured line otherwise."""
    if runner:
        outline = joined(
            [(22, top), (100, top + 4), (190, top - 2), (284, top - 10)],
            [(284, top - 10), (288, top + 14), (276, ground)],
            [(276, ground), (190, ground - 3), (80, ground), (36, ground - 8), (22, top)],
        )
        grooves = [
            ((40, top + 13), (150, top + 15), (282, top + 4)),
            ((180, ground - 14), (280, ground - 12)),
        ]
        return [Part([outline], "sole", roundness=9, relief=1.2, lift=0.25, seams=grooves)]
    outline = joined(
        [(24, top), (278, top)],
        [(278, top), (281, top + 14), (276, ground)],
        [(276, ground), (34, ground)],
        [(34, ground), (24, ground - 8), (24, top)],
    )
    line = [(26.0, top + 8), (276.0, top + 8), (276.0, top + 11), (26.0, top + 11)]
    return [Part([outline], "sole", roundness=6, lift=0.25), Part([line], "accent", roundness=1, lift=0)]


def _stripes_on_side(dice: Dice) -> list[Part]:
    """A mark on the side that no maker owns: slanted bars, a chevron or none."""
    kind = dice.pick(("bars", "bend", "none", "bend"))
    if kind == "bars":
        return [
            Part(
                [[(186 + k, 196), (196 + k, 196), (182 + k, 244), (172 + k, 244)]],
                "mark",
                roundness=3,
                lift=0.15,
            )
            for k in (0, 22)
        ]
    if kind == "bend":
        return [
            Part(
                [joined([(150, 240), (196, 232), (238, 196)], [(246, 204), (206, 246), (150, 250)])],
                "mark",
                roundness=4,
                lift=0.15,
            )
        ]
    return []


def _laces(count: int, low: Point, high: Point, reach: float) -> list[Part]:
    """Laces across the eyestay, from its lower end to its upper."""
    parts = []
    for k in range(count):
        t = k / (count - 1)
        x, y = low[0] + (high[0] - low[0]) * t, low[1] + (high[1] - low[1]) * t
        parts.append(
            Part(
                [ribbon([(x - 7, y - 3), (x + reach * 0.4, y + 1), (x + reach, y + 11)], 5.4)],
                "lace",
                roundness=3,
                lift=0.4,
            )
        )
    return parts
