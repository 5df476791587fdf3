"""A product: how it looks, its true attributes, and what the shop's table says about it.

Product i depends on (seed, i) alone, so that a larger catalog begins with the smaller one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from visualsearch.sample import garments, patterns
from visualsearch.sample.assortment import (
    BRANDS,
    DECK,
    GENDERS,
    KINDS,
    PATTERN_NAMES,
    SEASONS,
    USAGES,
    YEARS,
    Kind,
)
from visualsearch.sample.dice import Dice
from visualsearch.sample.palette import (
    COLOURS,
    LEATHERS,
    SHARES,
    contrasting,
    darker,
    mixed,
    pattern_palette,
    varied,
)
from visualsearch.sample.patterns import Colour
from visualsearch.sample.photo import Look

FIRST_ID = 1_000_000  # so that all ids have the same length and sort as they are numbered
STYLE = "Hawaiian"  # the value that the truth knows and the table does not
ATTRIBUTES = (
    "name", "brand", "gender", "category", "type", "colour", "pattern",
    "material", "season", "year", "price", "usage", "tags",
)  # fmt: skip
_BLANKED = {"pattern": 0.08} | dict.fromkeys(
    ("brand", "gender", "category", "type", "colour", "material", "season", "year", "price", "usage", "tags"),
    0.05,
)
_WRONG_RATE = 0.03
_CHOICES: dict[str, tuple[str, ...]] = {
    "gender": GENDERS,
    "category": tuple(dict.fromkeys(kind.category for kind in KINDS)),
    "type": tuple(kind.name for kind in KINDS),
    "colour": tuple(COLOURS),
    "pattern": tuple(dict.fromkeys(PATTERN_NAMES.values())),
    "season": SEASONS,
    "usage": USAGES,
}
_SECOND_IMAGE = 0.12
_LEATHERY = ("Formal Shoes", "Boots", "Heels", "Handbag")
_DENIMS: dict[str, Colour] = {
    "Blue": (58, 88, 134), "Navy Blue": (36, 46, 78), "Light Blue": (138, 168, 200),
    "Black": (44, 44, 50), "Grey": (122, 124, 130),
}  # fmt: skip


@dataclass(frozen=True)
class Product:
    """``truth`` and ``table`` hold ATTRIBUTES as text; ``table`` lacks what ``blanked`` names and lies in ``wrong``.

    ``print`` is the pattern as drawn, ``style`` the value nobody has tagged yet (or empty). ``images``: 1 or 2.
    """

    number: int
    truth: dict[str, str]
    table: dict[str, str]
    print: str
    style: str
    blanked: tuple[str, ...]
    wrong: tuple[str, ...]
    look: Look
    images: int
    detail: bool

    @property
    def id(self) -> str:
        return f"VS-{FIRST_ID + self.number}"

    @property
    def paths(self) -> list[str]:
        """Where the photos are, relative to the catalog's folder, with '/'. A thousand products share a folder."""
        folder = f"images/{self.number // 1000:03d}"
        return [f"{folder}/{self.id}{suffix}.jpg" for suffix in ("", "-2")[: self.images]]


def product(seed: int, number: int) -> Product:
    """Product ``number`` (from 0) of the catalogs of a seed."""
    dice = Dice(seed, number, "product")
    kind, pattern = _deal(seed, number // len(DECK))[number % len(DECK)]
    colour, rgb = _colour(kind, pattern, dice)
    look = _look(kind, pattern, varied(rgb, dice), dice)
    truth = _attributes(kind, pattern, colour, dice)
    table, blanked, wrong = _spoilt(truth, Dice(seed, number, "mistakes"))
    images = 2 if dice.chance(_SECOND_IMAGE) else 1
    style = STYLE if pattern == "tropical" else ""
    return Product(
        number, truth, table, pattern, style, blanked, wrong, look, images, detail=dice.chance(0.5)
    )


@lru_cache(maxsize=4)
def _deal(seed: int, block: int) -> list[tuple[Kind, str]]:
    return Dice(seed, "deck", block).shuffled(DECK)


def _colour(kind: Kind, pattern: str, dice: Dice) -> tuple[str, Colour]:
    if pattern == "denim":
        name = dice.weighted({"Blue": 6, "Navy Blue": 3, "Light Blue": 3, "Black": 2, "Grey": 1})
        return name, _DENIMS[name]
    if pattern == "camouflage":
        name = dice.weighted({"Olive": 5, "Khaki": 3, "Grey": 2})
    elif pattern == "plain" and kind.name in _LEATHERY and dice.chance(0.65):
        name = dice.weighted({"Black": 6, "Brown": 5, "Tan": 4, "Maroon": 1.5, "Navy Blue": 1, "Beige": 1.5})
        return name, LEATHERS[name]
    elif pattern == "tropical":
        # Bright cloth is what such shirts are known for.
        bright = ("Teal", "Turquoise", "Coral", "Yellow", "Light Blue", "Red", "Navy Blue", "Black")
        name = dice.weighted(
            {other: share + (0.25 if other in bright else 0) for other, share in SHARES.items()}
        )
    else:
        name = dice.weighted(SHARES)
    return name, COLOURS[name]


def _look(kind: Kind, pattern: str, main: Colour, dice: Dice) -> Look:
    second = contrasting(main, dice)
    fashion = dice.weighted({"same": 5, "tonal": 2, "contrast": 2, "two colours": 1})
    paint: dict[str, Colour] = {"inner": darker(main, 0.25)}
    if kind.category in ("Bags", "Footwear", "Hats"):
        leather = varied(dice.pick(list(LEATHERS.values())), dice)
        paint["accent"] = dice.pick(
            (darker(main, 0.2), second, leather if kind.category == "Bags" else darker(main, 0.3))
        )
        if pattern == "plain" and dice.chance(0.6):
            paint["sleeve"] = darker(main, 0.08)
    elif kind.name == "Trousers" and fashion != "same":
        paint["accent"] = dice.pick(((34, 32, 34), (96, 62, 42), darker(main, 0.3)))  # a belt
    elif fashion != "same" and pattern not in ("tropical", "denim"):
        paint["accent"] = darker(main, 0.25) if fashion == "tonal" else second
        if fashion == "two colours":
            paint["sleeve"] = second
    paint["button"] = dice.pick(
        ((246, 240, 226), (60, 50, 44), darker(main, 0.4), mixed(main, (255, 255, 255), 0.6))
    )
    paint["metal"] = dice.pick(((206, 180, 112), (196, 198, 202), (120, 116, 112)))
    paint["lace"] = dice.pick(((246, 244, 240), (40, 40, 44), darker(main, 0.3), (246, 244, 240)))
    paint["mark"] = second
    rubber = ((240, 238, 232), (240, 238, 232), (196, 150, 100), (44, 42, 44))
    paint["sole"] = (
        dice.pick(rubber)
        if kind.name == "Sneakers"
        else dice.pick(((52, 38, 30), (34, 32, 34), (120, 84, 56)))
    )
    paint["cuff"] = mixed(main, (226, 232, 240), 0.45)
    return Look(
        silhouette=kind.silhouette,
        cut=dice.whole(0, garments.variants(kind.silhouette) - 1),
        pattern=pattern,
        tile=dice.whole(0, patterns.variants(pattern) - 1),
        palette=pattern_palette(pattern, main, dice),
        paint=tuple(paint.items()),
    )


def _attributes(kind: Kind, pattern: str, colour: str, dice: Dice) -> dict[str, str]:
    gender, material, brand = dice.weighted(kind.genders), dice.pick(kind.materials), dice.weighted(BRANDS)
    low, high = kind.price
    price = low + (high - low) * dice.between(0, 1) * dice.between(0.3, 1) * (
        0.7 + 0.05 * list(BRANDS).index(brand)
    )
    summery = pattern in ("tropical", "floral")
    seasons = {
        season: weight + (6 if summery and season == "Summer" else 0)
        for season, weight in zip(SEASONS, kind.seasons, strict=True)
    }
    usages = dict(kind.usages)
    if pattern in ("tropical", "camouflage"):
        usages = {"Casual": 7.0, "Travel": 2.0, "Party": 1.0 if pattern == "tropical" else 0.0}
    return {
        "name": _name(kind, pattern, colour, gender, material, brand, dice),
        "brand": brand,
        "gender": gender,
        "category": kind.category,
        "type": kind.name,
        "colour": colour,
        "pattern": PATTERN_NAMES[pattern],
        "material": material,
        "season": dice.weighted(seasons),
        "year": str(dice.weighted(YEARS)),
        "price": f"{int(price)}.{dice.pick(('90', '95', '99', '00'))}",
        "usage": dice.weighted(usages),
        "tags": "|".join(_tags(kind, pattern, material, dice)),
    }


def _name(kind: Kind, pattern: str, colour: str, gender: str, material: str, brand: str, dice: Dice) -> str:
    """What a merchant would write: some names tell the pattern or the material, many do not."""
    noun = dice.pick(kind.nouns)
    if pattern == "tropical" and dice.chance(0.3):
        noun = f"Aloha {kind.name}"
    elif pattern == "tropical" and dice.chance(0.3):
        noun = f"Resort {noun}"
    elif pattern not in ("plain", "tropical", "denim") and dice.chance(0.6):
        noun = f"{PATTERN_NAMES[pattern]} {noun}"
    elif dice.chance(0.4):
        noun = f"{material.title()} {noun}"
    owner = "" if gender == "Unisex" else f"{gender}'s "
    maker = f"{brand} " if dice.chance(0.35) else ""
    return f"{maker}{owner}{noun} in {colour}"


def _tags(kind: Kind, pattern: str, material: str, dice: Dice) -> list[str]:
    tags = dice.shuffled(kind.tags)[: dice.whole(1, 2)]
    if dice.chance(0.6):
        tags.append(material)
    if dice.chance(0.45 if pattern in ("tropical", "floral") else 0.06):
        tags.append(dice.pick(("vacation", "beach", "garden party")))
    if dice.chance(0.15):
        tags.append(dice.pick(("new in", "bestseller", "sale", "sustainable")))
    return list(dict.fromkeys(tags))


def _spoilt(truth: dict[str, str], dice: Dice) -> tuple[dict[str, str], tuple[str, ...], tuple[str, ...]]:
    """The table's row: some cells empty, some wrong, as in a shop. Also which."""
    table, blanked, wrong = dict(truth), [], []
    for attribute, rate in _BLANKED.items():
        if dice.chance(rate):
            table[attribute] = ""
            blanked.append(attribute)
        elif attribute in _CHOICES and dice.chance(_WRONG_RATE):
            table[attribute] = dice.pick(
                [value for value in _CHOICES[attribute] if value != truth[attribute]]
            )
            wrong.append(attribute)
    return table, tuple(blanked), tuple(wrong)
