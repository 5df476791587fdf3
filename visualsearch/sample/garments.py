"""Every silhouette by its name, rendered when first needed."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from visualsearch.sample import bags, bottoms, dresses, footwear, tops
from visualsearch.sample.template import Part, Template, render

_SILHOUETTES: dict[str, tuple[Callable[[int], list[Part]], int, bool]] = {
    "shirt": (tops.shirt, 12, False),
    "t-shirt": (tops.t_shirt, 6, False),
    "sweatshirt": (tops.sweatshirt, 4, False),
    "dress": (dresses.dress, 9, False),
    "trousers": (bottoms.trousers, 6, False),
    "jeans": (bottoms.jeans, 6, False),
    "shorts": (bottoms.shorts, 4, False),
    "skirt": (bottoms.skirt, 6, False),
    "sneakers": (footwear.sneakers, 6, True),
    "formal shoes": (footwear.formal_shoes, 4, True),
    "heels": (footwear.heels, 4, True),
    "boots": (footwear.boots, 4, True),
    "handbag": (bags.handbag, 6, True),
    "backpack": (bags.backpack, 4, True),
    "cap": (bags.cap, 4, True),
    "hat": (bags.hat, 4, True),
}


def names() -> list[str]:
    return list(_SILHOUETTES)


def variants(name: str) -> int:
    """How many cuts there are of a silhouette."""
    return _SILHOUETTES[name][1]


@lru_cache(maxsize=128)
def template(name: str, variant: int) -> Template:
    """A silhouette's template, some 1.5 MB."""
    draw, _, standing = _SILHOUETTES[name]
    return render(draw(variant), seed=1000 * names().index(name) + 10 * variant, standing=standing)
