"""Printed and woven patterns as tiles that repeat without a visible seam.

A tile is drawn once as layers of coverage; a product's colours are laid into it by pasting.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from visualsearch.sample.dice import Dice
from visualsearch.sample.motifs import hibiscus, leaf, monstera, palm, plumeria
from visualsearch.sample.shapes import Outline, Point, ellipse, moved, noise

TILE = 256  # pixels; a power of two is not needed, but the tile is square
_FINE = 3
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Tile:
    """``layers``: (slot of the palette, L mask) from the lowest; what is below them all has slot 0."""

    layers: tuple[tuple[int, Image.Image], ...]

    def coloured(self, palette: tuple[Colour, ...]) -> np.ndarray:
        """The tile in a product's colours: uint32 (TILE × TILE,), bytes R, G, B, 255."""
        picture = Image.new("RGBA", (TILE, TILE), (*palette[0], 255))
        for slot, mask in self.layers:
            picture.paste((*palette[slot % len(palette)], 255), mask=mask)
        return np.frombuffer(picture.tobytes(), np.uint32)


class _Cloth:
    """A canvas of palette slots that wraps around at its edges."""

    def __init__(self, background: int = 0) -> None:
        self.image = Image.new("L", (TILE * _FINE, TILE * _FINE), background)
        self._draw = ImageDraw.Draw(self.image)

    def fill(self, outline: Outline, slot: int) -> None:
        """Fill a shape given in the tile's pixels; what leaves at one edge comes in at the opposite one."""
        xs, ys = [x for x, _ in outline], [y for _, y in outline]
        for dx in (-TILE, 0, TILE):
            for dy in (-TILE, 0, TILE):
                if max(xs) + dx > 0 and min(xs) + dx < TILE and max(ys) + dy > 0 and min(ys) + dy < TILE:
                    self._draw.polygon([((x + dx) * _FINE, (y + dy) * _FINE) for x, y in outline], fill=slot)

    def tile(self) -> Tile:
        """Split into one antialiased mask a slot, such that pasting them in turn mixes the edges rightly."""
        slots = np.asarray(self.image)
        layers: list[tuple[int, Image.Image]] = []
        above = np.zeros((TILE, TILE), np.float64)
        for slot in sorted((int(value) for value in np.unique(slots) if value), reverse=True):
            share = (
                np.asarray(Image.fromarray((slots == slot).astype(np.uint8) * 255).reduce(_FINE), np.float64)
                / 255
            )
            mask = np.where(above < 0.999, share / np.maximum(1 - above, 0.001), share)
            layers.insert(0, (slot, Image.fromarray(np.rint(np.clip(mask, 0, 1) * 255).astype(np.uint8))))
            above += share
        return Tile(tuple(layers))


def _box(left: float, top: float, right: float, bottom: float) -> Outline:
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def _bands(
    cloth: _Cloth, widths: list[tuple[float, int]], upright: bool, slots: dict[int, int] | None = None
) -> None:
    """Bands (width, slot) over the whole tile, repeated; widths must divide the tile."""
    period = sum(width for width, _ in widths)
    at = 0.0
    while at < TILE - 0.01:
        for width, slot in widths:
            if slot:
                cloth.fill(
                    _box(at, -1, at + width, TILE + 1) if upright else _box(-1, at, TILE + 1, at + width),
                    slot,
                )
            at += width
    assert abs(TILE / period - round(TILE / period)) < 1e-6


def _plain(variant: int) -> Tile:
    """Smooth, slub, twill or melange cloth: barely visible structure in slot 1."""
    if variant % 4 == 0:
        return Tile(())
    if variant % 4 == 2:
        cloth = _Cloth()
        for k in range(-64, 64):
            cloth.fill([(k * 8, 0), (k * 8 + 3, 0), (k * 8 + 3 + TILE, TILE), (k * 8 + TILE, TILE)], 1)
        mask = cloth.tile().layers[0][1].point([value // 5 for value in range(256)])
    else:
        across, along = ((64, 2), (3, 3))[variant % 4 // 2]
        values = noise(900 + variant, TILE, TILE, across, along)
        mask = Image.fromarray(
            np.rint(np.clip(values, 0, 1) * (46 if variant % 4 == 1 else 42)).astype(np.uint8)
        )
    return Tile(((1, mask),))


def _stripes(variant: int) -> Tile:
    dice = Dice("stripes", variant)
    cloth = _Cloth()
    upright = variant % 2 == 1
    choices = (
        [(8, 0), (8, 1)],
        [(16, 0), (16, 1)],
        [(24, 0), (8, 1)],
        [(13, 0), (3, 1)],
        [(32, 0), (32, 1)],
        [(20, 0), (4, 1), (4, 0), (4, 2)],
        [(40, 0), (12, 1), (12, 2)],
    )
    widths = choices[(variant // 2) % len(choices)]
    _bands(cloth, [(float(width), slot) for width, slot in dice.shuffled(widths)], upright)
    return cloth.tile()


def _checks(variant: int) -> Tile:
    """Gingham, tartan and window-pane: bands both ways, half transparent where one colour crosses another."""
    kinds = (
        ([(16, 0), (16, 1)], 120),
        ([(32, 0), (32, 1)], 135),
        ([(28, 0), (4, 1)], 220),
        ([(8, 0), (8, 1)], 130),
        ([(22, 0), (20, 1), (6, 0), (3, 2), (10, 0), (3, 2)], 140),
        ([(30, 0), (14, 1), (4, 3), (14, 1), (2, 2)], 140),
        ([(34, 1), (20, 0), (4, 2), (6, 0)], 150),
    )
    widths, strength = kinds[variant % len(kinds)]
    thinned = [value * strength // 255 for value in range(256)]
    layers = []
    for upright in (True, False):
        cloth = _Cloth()
        _bands(cloth, [(float(width), slot) for width, slot in widths], upright)
        layers += [(slot, mask.point(thinned)) for slot, mask in cloth.tile().layers]
    return Tile(tuple(layers))


def _dots(variant: int) -> Tile:
    step, radius = ((16, 3.2), (32, 6.0), (32, 10.0), (64, 17.0), (21.333333, 4.6))[variant % 5]
    cloth = _Cloth()
    count = round(TILE / step)
    for row in range(count):
        for column in range(count):
            shift = step / 2 if row % 2 and count % 2 == 0 else 0
            cloth.fill(
                ellipse(column * step + shift + 5, row * step + 5, radius, radius, steps=24),
                1 + (variant >= 5 and (row + column) % 2),
            )
    return cloth.tile()


def _scattered(dice: Dice, count: int, distance: float) -> list[Point]:
    """Places at least ``distance`` apart on the torus; fewer than ``count`` if no more fit."""
    places: list[Point] = []
    for _ in range(count * 100):
        x, y = dice.between(0, TILE), dice.between(0, TILE)
        if all(
            min(abs(x - a), TILE - abs(x - a)) ** 2 + min(abs(y - b), TILE - abs(y - b)) ** 2 > distance**2
            for a, b in places
        ):
            places.append((x, y))
            if len(places) == count:
                break
    return places


def _tropical(variant: int) -> Tile:
    """Hawaiian: big hibiscus or plumeria blossoms on palm, monstera and banana leaves.

    Slots: 1, 2 leaves, 3 veins, 4 petals, 5 shade of petals, 6 heart, 7 stamens, 8 petals of the second kind.
    """
    dice = Dice("tropical", variant)
    size = dice.pick((0.66, 0.8, 0.95))
    leaves_only = variant % 5 == 4
    cloth = _Cloth()
    plants = dice.pick(((palm, monstera), (palm, leaf), (monstera, leaf), (palm, monstera, leaf)))
    for k, (x, y) in enumerate(
        _scattered(dice, round((34 if leaves_only else 12) / size**2), (33 if leaves_only else 44) * size)
    ):
        plant = plants[k % len(plants)]
        length, turn = dice.between(44, 62) * size, dice.between(0, 360)
        stem = moved((-0.5, 0), x, y, length, turn)
        for slot, outline in plant(*stem, length, turn):
            cloth.fill(outline, (1 + k % 2, 3)[slot])
    if leaves_only:
        return cloth.tile()
    flower, second = dice.pick(
        ((hibiscus, plumeria), (hibiscus, hibiscus), (hibiscus, plumeria), (plumeria, plumeria))
    )
    for k, (x, y) in enumerate(_scattered(dice, round(10 / size**2), 62 * size)):
        kind, radius = (flower, dice.between(31, 40)) if k % 3 else (second, dice.between(22, 28))
        for slot, outline in kind(x, y, radius * size, dice.between(0, 360)):
            cloth.fill(outline, 8 if slot == 0 and k % 3 == 0 and variant % 2 else 4 + slot)
    return cloth.tile()


def _floral(variant: int) -> Tile:
    """Ditsy: small blossoms and leaflets, evenly strewn. Slots as in the tropical tile."""
    dice = Dice("floral", variant)
    size = dice.pick((0.75, 1.0, 1.3))
    cloth = _Cloth()
    for k, (x, y) in enumerate(_scattered(dice, round(52 / size**2), 23 * size)):
        turn = dice.between(0, 360)
        for away in (70, 200):
            for _, outline in list(leaf(x, y, 13 * size, turn + away))[:1]:
                cloth.fill(outline, 1)
        for petal in range(5):
            place = ellipse(x, y, 1, 1, turn + petal * 72, steps=36)[0]
            dx, dy = place[0] - x, place[1] - y
            cloth.fill(
                ellipse(
                    x + dx * 4.3 * size, y + dy * 4.3 * size, 3.9 * size, 3.2 * size, turn + petal * 72, 16
                ),
                (4, 4, 8)[k % 3],
            )
        cloth.fill(ellipse(x, y, 2.6 * size, 2.6 * size, steps=14), 6)
    return cloth.tile()


def _camouflage(variant: int) -> Tile:
    """Blots in three tones, from periodic noise."""
    cloth = _Cloth()
    base = np.zeros((TILE, TILE), np.uint8)
    for slot in (1, 2, 3):
        lumps = np.random.RandomState(70 + variant * 3 + slot).random_sample((8, 8))
        values = np.tile((lumps * 255).astype(np.uint8), (3, 3))
        smooth = Image.fromarray(values).resize((TILE * 3, TILE * 3), Image.Resampling.BICUBIC)
        base[np.asarray(smooth)[TILE : 2 * TILE, TILE : 2 * TILE] > 145] = slot
    cloth.image = Image.fromarray(base).resize((TILE * _FINE, TILE * _FINE), Image.Resampling.NEAREST)
    return cloth.tile()


def _zigzag(variant: int) -> Tile:
    """Chevrons, or diamonds of two colours."""
    cloth = _Cloth()
    step = (16, 32)[variant % 2]
    for row in range(-1, TILE // step + 1):
        for column in range(TILE // step):
            x, y = column * step, row * step
            if variant % 4 < 2:
                thick = step * 0.45
                cloth.fill(
                    [
                        (x, y),
                        (x + step / 2, y + step / 2),
                        (x + step, y),
                        (x + step, y + thick),
                        (x + step / 2, y + step / 2 + thick),
                        (x, y + thick),
                    ],
                    1 + row % 2,
                )
            else:
                r = step * 0.42
                cloth.fill([(x, y - r), (x + r, y), (x, y + r), (x - r, y)], 1)
                cloth.fill(
                    [
                        (x + step / 2, y + step / 2 - r / 2),
                        (x + step / 2 + r / 2, y + step / 2),
                        (x + step / 2, y + step / 2 + r / 2),
                        (x + step / 2 - r / 2, y + step / 2),
                    ],
                    2,
                )
    return cloth.tile()


def _denim(variant: int) -> Tile:
    """Twill with worn, lighter streaks."""
    streaks = noise(400 + variant, TILE, TILE, 3, 22) * np.float32(0.5) + noise(
        500 + variant, TILE, TILE, 64, 64
    )
    mask = np.clip(streaks * np.float32(0.5) + np.float32(0.32), 0, 1) * 120
    return Tile(((1, Image.fromarray(np.rint(mask).astype(np.uint8))),))


_KINDS: dict[str, tuple[Callable[[int], Tile], int]] = {
    "plain": (_plain, 4), "stripes": (_stripes, 14), "checks": (_checks, 7), "dots": (_dots, 10),
    "tropical": (_tropical, 15), "floral": (_floral, 9), "camouflage": (_camouflage, 4),
    "zigzag": (_zigzag, 4), "denim": (_denim, 3),
}  # fmt: skip


def kinds() -> list[str]:
    return list(_KINDS)


def variants(kind: str) -> int:
    """How many different tiles there are of a kind."""
    return _KINDS[kind][1]


@lru_cache(maxsize=128)
def tile(kind: str, variant: int) -> Tile:
    """A tile, drawn when first asked for."""
    return _KINDS[kind][0](variant)
