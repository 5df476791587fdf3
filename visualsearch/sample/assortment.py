"""What the shop sells: types, how often each comes in which pattern, and the words that go with it."""

from __future__ import annotations

from dataclasses import dataclass

PATTERN_NAMES: dict[str, str] = {
    "plain": "Solid", "denim": "Solid", "stripes": "Striped", "checks": "Checked", "dots": "Polka Dot",
    "tropical": "Printed", "floral": "Floral", "camouflage": "Camouflage", "zigzag": "Geometric",
}  # fmt: skip
"""The value of the attribute for each drawn pattern. Nobody has tagged the tropical prints as such: that is the
tagger's task in the demo."""

BRANDS = {
    "Alderline": 9, "Costa Verano": 8, "Northmoor": 8, "Juniper Row": 7, "Marlow & Finch": 6, "Papaya Club": 5,
    "Hollis": 5, "Blue Lantern": 4, "Ostra": 4, "Fieldway": 3, "Tidewell": 3, "Maison Orly": 2,
    "Kestrel Works": 2, "Sable & Pine": 1,
}  # fmt: skip
YEARS = {2019: 2, 2020: 3, 2021: 5, 2022: 9, 2023: 16, 2024: 24, 2025: 28, 2026: 13}
SEASONS = ("Spring", "Summer", "Fall", "Winter")
GENDERS = ("Men", "Women", "Unisex")
USAGES = ("Casual", "Formal", "Sports", "Party", "Travel")


@dataclass(frozen=True)
class Kind:
    """A type of product. ``patterns``: how many of 300 products of the shop are of this type and pattern."""

    name: str
    silhouette: str
    category: str
    patterns: dict[str, int]
    genders: dict[str, float]
    price: tuple[float, float]
    materials: tuple[str, ...]
    nouns: tuple[str, ...]
    usages: dict[str, float]
    seasons: tuple[float, float, float, float] = (1, 1, 1, 1)
    tags: tuple[str, ...] = ()


_BOTH = {"Men": 5.0, "Women": 4.0, "Unisex": 1.0}
_HERS = {"Women": 1.0}
_CASUAL = {"Casual": 8.0, "Travel": 1.0, "Party": 1.0}

KINDS: tuple[Kind, ...] = (
    Kind(
        "Shirt",
        "shirt",
        "Tops",
        {
            "plain": 15,
            "stripes": 11,
            "checks": 15,
            "tropical": 17,
            "dots": 3,
            "floral": 4,
            "zigzag": 2,
            "camouflage": 2,
        },
        {"Men": 7, "Women": 3},
        (24, 95),
        ("cotton", "linen", "viscose", "poplin", "cotton"),
        ("Shirt", "Button-Up Shirt", "Camp Shirt"),
        {"Casual": 6, "Formal": 3, "Party": 1},
        (3, 5, 2, 1),
        ("regular fit", "relaxed fit", "slim fit"),
    ),
    Kind(
        "T-Shirt",
        "t-shirt",
        "Tops",
        {"plain": 20, "stripes": 9, "tropical": 3, "dots": 2, "camouflage": 2, "zigzag": 2, "floral": 2},
        _BOTH,
        (9, 38),
        ("cotton", "organic cotton", "jersey"),
        ("T-Shirt", "Tee", "Crew T-Shirt"),
        {"Casual": 7, "Sports": 3},
        (3, 6, 2, 1),
        ("regular fit", "boxy fit", "short sleeve"),
    ),
    Kind(
        "Sweatshirt",
        "sweatshirt",
        "Tops",
        {"plain": 11, "stripes": 2, "camouflage": 1, "zigzag": 2},
        _BOTH,
        (28, 85),
        ("fleece", "brushed cotton", "wool blend"),
        ("Sweatshirt", "Pullover", "Sweater"),
        {"Casual": 7, "Sports": 3},
        (1, 0.4, 4, 5),
        ("warm", "ribbed cuffs", "oversized"),
    ),
    Kind(
        "Dress",
        "dress",
        "Dresses",
        {"plain": 10, "floral": 9, "tropical": 5, "dots": 7, "stripes": 4, "checks": 3, "zigzag": 2},
        _HERS,
        (32, 160),
        ("viscose", "cotton", "silk blend", "linen"),
        ("Dress", "Sundress", "Midi Dress"),
        {"Casual": 5, "Party": 4, "Formal": 1},
        (4, 6, 2, 1),
        ("flared", "fitted waist", "belted"),
    ),
    Kind(
        "Trousers",
        "trousers",
        "Bottoms",
        {"plain": 15, "stripes": 2, "checks": 3, "camouflage": 1},
        _BOTH,
        (30, 110),
        ("cotton twill", "wool blend", "linen"),
        ("Trousers", "Chinos", "Pants"),
        {"Casual": 5, "Formal": 5},
        (2, 1, 3, 3),
        ("straight leg", "tapered", "stretch"),
    ),
    Kind(
        "Jeans",
        "jeans",
        "Bottoms",
        {"denim": 15},
        _BOTH,
        (35, 120),
        ("denim", "stretch denim"),
        ("Jeans", "Denim Jeans"),
        _CASUAL,
        (2, 1, 3, 3),
        ("five pockets", "stonewashed", "mid rise"),
    ),
    Kind(
        "Shorts",
        "shorts",
        "Bottoms",
        {"plain": 7, "tropical": 4, "stripes": 2, "camouflage": 2, "checks": 2, "denim": 1},
        _BOTH,
        (16, 60),
        ("cotton", "linen", "quick-dry nylon"),
        ("Shorts", "Bermuda Shorts"),
        {"Casual": 6, "Sports": 3, "Travel": 1},
        (3, 8, 1, 0.2),
        ("above the knee", "drawstring", "light"),
    ),
    Kind(
        "Skirt",
        "skirt",
        "Bottoms",
        {"plain": 5, "floral": 2, "checks": 3, "dots": 1, "stripes": 1},
        _HERS,
        (22, 90),
        ("viscose", "cotton", "wool blend"),
        ("Skirt", "Midi Skirt"),
        {"Casual": 6, "Formal": 2, "Party": 2},
        (4, 4, 3, 1),
        ("high waist", "swing", "lined"),
    ),
    Kind(
        "Sneakers",
        "sneakers",
        "Footwear",
        {"plain": 15, "checks": 2, "camouflage": 1, "tropical": 1},
        {"Men": 4, "Women": 4, "Unisex": 3},
        (35, 140),
        ("canvas", "mesh", "suede"),
        ("Sneakers", "Trainers"),
        {"Casual": 5, "Sports": 6},
        (3, 4, 3, 2),
        ("rubber sole", "cushioned", "laced"),
    ),
    Kind(
        "Formal Shoes",
        "formal shoes",
        "Footwear",
        {"plain": 7},
        {"Men": 5, "Women": 1},
        (60, 240),
        ("leather", "suede"),
        ("Derby Shoes", "Formal Shoes", "Loafers"),
        {"Formal": 9, "Party": 1},
        (2, 1, 3, 3),
        ("leather sole", "stitched"),
    ),
    Kind(
        "Heels",
        "heels",
        "Footwear",
        {"plain": 7, "dots": 1},
        _HERS,
        (40, 190),
        ("leather", "satin", "suede"),
        ("Pumps", "Heels"),
        {"Party": 5, "Formal": 4},
        (3, 3, 2, 2),
        ("pointed toe", "high heel"),
    ),
    Kind(
        "Boots",
        "boots",
        "Footwear",
        {"plain": 6},
        _BOTH,
        (55, 230),
        ("leather", "suede", "nubuck"),
        ("Boots", "Ankle Boots"),
        {"Casual": 7, "Formal": 2, "Travel": 1},
        (1, 0.3, 5, 6),
        ("warm lining", "grip sole"),
    ),
    Kind(
        "Handbag",
        "handbag",
        "Bags",
        {"plain": 9, "stripes": 1, "checks": 1, "floral": 1, "tropical": 1},
        _HERS,
        (30, 260),
        ("leather", "canvas", "vegan leather"),
        ("Handbag", "Tote", "Shoulder Bag"),
        {"Casual": 5, "Party": 3, "Formal": 2},
        (1, 1, 1, 1),
        ("zip pocket", "lined", "magnetic clasp"),
    ),
    Kind(
        "Backpack",
        "backpack",
        "Bags",
        {"plain": 5, "camouflage": 1, "tropical": 1, "zigzag": 1},
        {"Unisex": 6, "Men": 1, "Women": 1},
        (25, 130),
        ("nylon", "canvas", "recycled polyester"),
        ("Backpack", "Rucksack", "Daypack"),
        {"Travel": 5, "Casual": 4, "Sports": 2},
        (1, 1, 1, 1),
        ("laptop sleeve", "water repellent", "padded straps"),
    ),
    Kind(
        "Cap",
        "cap",
        "Hats",
        {"plain": 3, "camouflage": 1},
        {"Unisex": 3, "Men": 1},
        (10, 35),
        ("cotton", "polyester"),
        ("Cap", "Baseball Cap"),
        {"Casual": 5, "Sports": 5},
        (3, 5, 2, 1),
        ("adjustable", "curved brim"),
    ),
    Kind(
        "Hat",
        "hat",
        "Hats",
        {"plain": 3, "stripes": 1},
        {"Unisex": 2, "Women": 2, "Men": 1},
        (15, 70),
        ("straw", "wool felt", "cotton"),
        ("Hat", "Fedora", "Sun Hat"),
        {"Casual": 6, "Travel": 3},
        (2, 5, 2, 1),
        ("wide brim", "packable"),
    ),
)

DECK: tuple[tuple[Kind, str], ...] = tuple(
    (kind, pattern) for kind in KINDS for pattern, count in kind.patterns.items() for _ in range(count)
)
"""Each type and pattern as often as in the shop; products are dealt from shuffled decks, so that all occur."""
