"""How the drawings are made: silhouettes, patterns, palettes, scenes."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from visualsearch.sample import garments, patterns
from visualsearch.sample.assortment import DECK, KINDS, PATTERN_NAMES
from visualsearch.sample.dice import Dice
from visualsearch.sample.palette import COLOURS, pattern_palette
from visualsearch.sample.patterns import TILE
from visualsearch.sample.photo import Look, photograph
from visualsearch.sample.scene import PHOTO_HEIGHT, PHOTO_WIDTH, Pose, affine, choose_scene
from visualsearch.sample.shapes import softened
from visualsearch.sample.template import HEIGHT, WIDTH


@pytest.mark.parametrize("name", garments.names())
def test_silhouette_lies_inside_its_frame_and_fills_it(name: str):
    template = garments.template(name, garments.variants(name) - 1)
    covered = np.asarray(template.alpha) > 127
    assert 0.3 < covered.mean() < 0.9
    edge = np.concatenate([covered[0], covered[-1], covered[:, 0], covered[:, -1]])
    assert not edge.any(), "the garment is cut off"
    assert template.fabric.shape == (covered.size,)
    assert covered.shape[0] <= HEIGHT
    assert covered.shape[1] <= WIDTH
    assert template.fabric.min() >= 0
    assert template.fabric.max() < TILE * TILE


def test_cuts_of_a_silhouette_differ():
    outlines = {garments.template("shirt", cut).alpha.tobytes() for cut in range(garments.variants("shirt"))}
    assert len(outlines) == garments.variants("shirt")


@pytest.mark.parametrize("kind", [kind for kind in patterns.kinds() if kind not in ("plain", "denim")])
def test_tile_repeats_without_a_seam(kind: str):
    palette = pattern_palette(kind, COLOURS["Teal"], Dice("seam", kind))
    tile = patterns.tile(kind, 0).coloured(palette).view(np.uint8).reshape(TILE, TILE, 4).astype(int)
    assert len(np.unique(tile.reshape(-1, 4), axis=0)) > 1
    for axis in (0, 1):
        steps = np.abs(np.diff(tile, axis=axis)).mean(axis=(1 - axis, 2))
        first, last = np.take(tile, 0, axis), np.take(tile, -1, axis)
        assert np.abs(first - last).mean() <= steps.max() + 1


@pytest.mark.parametrize("colour", COLOURS)
def test_every_colour_takes_every_pattern(colour: str):
    for kind in PATTERN_NAMES:
        palette = pattern_palette(kind, COLOURS[colour], Dice(colour, kind))
        assert all(0 <= channel <= 255 for entry in palette for channel in entry)
        if kind in ("stripes", "checks", "dots", "zigzag", "tropical", "floral"):
            nearest = min(
                sum(abs(a - b) for a, b in zip(palette[0], other, strict=True)) for other in palette[1:2]
            )
            assert nearest > 40, "the pattern would not be seen"


def test_tropical_print_is_more_colourful_than_plain_cloth():
    def colours_of(kind: str) -> int:
        palette = pattern_palette(kind, COLOURS["Navy Blue"], Dice("colours", kind))
        look = Look("shirt", 0, kind, 0, palette, (("button", (240, 240, 240)),))
        photo = Image.open(io.BytesIO(photograph(look, Dice("photo"))))
        assert photo.size == (PHOTO_WIDTH, PHOTO_HEIGHT)
        coarse = np.asarray(photo)[80:240, 60:180] // 48
        return len(np.unique(coarse.reshape(-1, 3), axis=0))

    assert colours_of("tropical") > 2 * colours_of("plain")


@given(st.integers(), st.booleans())
def test_pose_keeps_most_of_the_garment_in_the_frame(key: int, standing: bool):
    pose = choose_scene(Dice(key), standing).pose
    a, b, c, d, e, f = affine(pose, (20, 30, 260, 350))
    centre = (PHOTO_WIDTH / 2 + pose.shift_x, PHOTO_HEIGHT / 2 + pose.shift_y)
    assert a * centre[0] + b * centre[1] + c == pytest.approx(140)
    assert d * centre[0] + e * centre[1] + f == pytest.approx(190)
    assert abs(a * e - b * d) >= 0.9, "enlarged drawings look soft"


def test_straight_pose_centres_the_box():
    assert affine(Pose(), (0, 0, 200, 280)) == pytest.approx((1, 0, -20, 0, 1, -20))


@given(st.integers(1, 12), st.integers(0, 2**31))
def test_softening_keeps_the_sum_of_what_stays_inside(radius: int, seed: int):
    values = np.zeros((64, 80), np.float32)
    values[30:34, 38:42] = np.random.RandomState(seed).random_sample((4, 4))
    soft = softened(values, radius)
    assert soft.dtype == np.float32
    assert soft.sum() == pytest.approx(values.sum(), rel=1e-4)
    assert soft.max() <= values.max()


@given(st.dictionaries(st.integers(), st.floats(0.01, 10), min_size=1), st.integers())
def test_dice_choose_what_they_were_given(weights: dict[int, float], key: int):
    assert Dice(key).weighted(weights) in weights
    assert Dice(key).weighted(weights) == Dice(key).weighted(weights)
    assert sorted(Dice(key).shuffled(list(weights))) == sorted(weights)


def test_deck_is_300_products_of_known_silhouettes_and_patterns():
    assert len(DECK) == 300
    assert {kind.silhouette for kind in KINDS} == set(garments.names())
    assert {pattern for _, pattern in DECK} == set(patterns.kinds()) == set(PATTERN_NAMES)
