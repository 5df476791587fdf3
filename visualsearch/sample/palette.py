"""The shop's colours, and which of them go together on a product."""

from __future__ import annotations

from visualsearch.sample.dice import Dice
from visualsearch.sample.patterns import Colour

COLOURS: dict[str, Colour] = {
    "Black": (34, 34, 38), "White": (244, 243, 240), "Navy Blue": (30, 42, 82), "Grey": (138, 140, 144),
    "Blue": (44, 96, 178), "Red": (190, 34, 44), "Green": (46, 122, 72), "Brown": (104, 68, 46),
    "Pink": (232, 138, 166), "Beige": (214, 196, 166), "Teal": (20, 122, 128), "Light Blue": (150, 190, 226),
    "Yellow": (244, 204, 66), "Maroon": (112, 26, 44), "Olive": (108, 110, 58), "Purple": (104, 62, 140),
    "Orange": (232, 122, 42), "Khaki": (178, 158, 112), "Turquoise": (64, 188, 186), "Mustard": (206, 156, 44),
    "Lavender": (184, 168, 214), "Coral": (240, 118, 98), "Mint": (168, 216, 190), "Tan": (188, 136, 88),
}  # fmt: skip

# Shares fall off as they do in shops: a few colours sell, most are rare.
SHARES: dict[str, float] = {name: 1 / (1.6 + rank) for rank, name in enumerate(COLOURS)}

_LEAVES: tuple[tuple[Colour, Colour], ...] = (
    ((36, 108, 66), (96, 158, 84)), ((18, 92, 84), (70, 150, 128)), ((122, 168, 92), (188, 208, 130)),
    ((28, 60, 92), (72, 122, 158)), ((236, 226, 196), (206, 214, 176)),
)  # fmt: skip
_BLOSSOMS: tuple[Colour, ...] = (
    (216, 40, 52), (242, 112, 92), (238, 96, 146), (252, 206, 74), (250, 246, 236),
    (246, 144, 52), (250, 178, 190), (150, 84, 170),
)  # fmt: skip
_SMART: tuple[Colour, ...] = (
    (244, 243, 240), (30, 42, 82), (34, 34, 38), (190, 34, 44), (214, 196, 166),
    (44, 96, 178), (244, 204, 66), (46, 122, 72), (232, 138, 166), (138, 140, 144),
)  # fmt: skip
_CAMOUFLAGE: tuple[tuple[Colour, ...], ...] = (
    ((94, 98, 62), (52, 58, 40), (140, 128, 90), (34, 32, 28)),
    ((178, 158, 112), (134, 108, 74), (206, 190, 150), (92, 74, 54)),
    ((138, 140, 144), (88, 92, 98), (190, 192, 194), (46, 48, 52)),
)  # fmt: skip
LEATHERS: dict[str, Colour] = {
    name: COLOURS[name] for name in ("Black", "Brown", "Tan", "Maroon", "Navy Blue", "Beige")
}


def varied(colour: Colour, dice: Dice) -> Colour:
    """The colour as another dye lot: a little lighter or darker, a little warmer or cooler."""
    light, warm = dice.between(-16, 16), dice.between(-9, 9)
    lift = 1.0 if sum(colour) < 660 else 0.35  # white stays white
    r, g, b = colour
    return _clipped(
        r + (light + warm) * lift, g + (light + dice.between(-4, 4)) * lift, b + (light - warm) * lift
    )


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """``share`` of the other colour in the first."""
    return _clipped(*(a + (b - a) * share for a, b in zip(one, other, strict=True)))


def darker(colour: Colour, share: float = 0.35) -> Colour:
    return mixed(colour, (12, 12, 18), share)


def distance(one: Colour, other: Colour) -> float:
    """How different two colours look, roughly: 0 to 765."""
    return sum(abs(a - b) for a, b in zip(one, other, strict=True))


def contrasting(colour: Colour, dice: Dice, least: float = 170) -> Colour:
    """A colour of the shop's that stands out from the given one."""
    return dice.pick([other for other in _SMART if distance(other, colour) >= least])


def pattern_palette(kind: str, main: Colour, dice: Dice) -> tuple[Colour, ...]:
    """The colours of a pattern's slots; slot 0 is the cloth. See the patterns for what each slot is."""
    if kind == "plain":
        return main, mixed(main, (255, 255, 255) if sum(main) < 300 else (0, 0, 0), 0.3)
    if kind == "denim":
        return main, mixed(main, (226, 232, 240), 0.75)
    if kind == "camouflage":
        tones = min(_CAMOUFLAGE, key=lambda tones: distance(tones[0], main))
        return (mixed(tones[0], main, 0.5), *tones[1:])
    if kind in ("tropical", "floral"):
        return _blooming(main, dice)
    first = varied(contrasting(main, dice, 200), dice)
    return main, first, contrasting(main, dice, 120), contrasting(first, dice)


def _blooming(main: Colour, dice: Dice) -> tuple[Colour, ...]:
    """Cloth, two leaves, veins, petals, their shade, heart, stamens, petals of a second kind."""
    leaves = list(dice.pick([pair for pair in _LEAVES if min(distance(leaf, main) for leaf in pair) > 90]))
    petals = varied(dice.pick([colour for colour in _BLOSSOMS if distance(colour, main) > 150]), dice)
    second = varied(dice.pick([colour for colour in _BLOSSOMS if distance(colour, main) > 150]), dice)
    heart = (250, 206, 70) if distance(petals, (252, 206, 74)) > 120 else (196, 40, 50)
    light = sum(petals) > 560
    shade = mixed(petals, (200, 60, 90) if light else (90, 10, 30), 0.28)
    return (
        main,
        *(varied(leaf, dice) for leaf in leaves),
        darker(leaves[0], 0.3),
        petals,
        shade,
        heart,
        (252, 222, 120),
        second,
    )


def _clipped(*channels: float) -> Colour:
    r, g, b = (min(255, max(0, int(channel + 0.5))) for channel in channels)
    return r, g, b
