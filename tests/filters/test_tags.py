"""What the examples' attributes say about whether their colour is meant."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from visualsearch.catalog.columns import CategoryColumn
from visualsearch.filters.query import Example, VisualFilter
from visualsearch.filters.tags import Tags

KINDS, COLOURS, EACH = 4, 4, 30
SHADES = ("Azure", "Blue", "Crimson", "Dun")  # the first two are one colour, by chance tagged so or so


def shop() -> tuple[Any, dict[str, CategoryColumn], np.ndarray]:
    """A space of items that look as their kind and their colour say, its columns, and (kind, colour) of each item."""
    rng = np.random.default_rng(4)
    meant = np.array([(kind, colour) for kind in range(KINDS) for colour in range(COLOURS)] * EACH)
    looks = meant.copy()
    looks[looks[:, 1] == 1, 1] = 0  # Blue looks like Azure
    centres = rng.normal(size=(2, KINDS, 8))
    blocks = [centres[side][looks[:, side]] + 0.3 * rng.normal(size=(len(meant), 8)) for side in (0, 1)]
    vectors = np.concatenate(
        [block / np.linalg.norm(block, axis=1, keepdims=True) for block in blocks], axis=1
    )
    space = SimpleNamespace(
        dims={"style": 8, "colour": 8},
        block=lambda name: slice(0, 8) if name == "style" else slice(8, 16),
        item=np.arange(len(meant), dtype=np.int32),
        row=np.arange(len(meant), dtype=np.int32),
        gather=lambda rows: vectors[rows].astype(np.float32),
    )
    columns = {
        "kind": CategoryColumn("kind", [f"kind {n}" for n in range(KINDS)], meant[:, 0].astype(np.int32)),
        "colour": CategoryColumn("colour", list(SHADES), meant[:, 1].astype(np.int32)),
        "season": CategoryColumn(
            "season", ["summer", "winter"], rng.integers(0, 2, len(meant)).astype(np.int32)
        ),
    }
    return space, columns, meant


SPACE, COLUMNS, MEANT = shop()
TAGS = Tags(COLUMNS, SPACE)


def of(kind: int, colour: int, place: int = 0) -> int:
    return int(np.flatnonzero(((kind, colour) == MEANT).all(axis=1))[place])


def test_one_kind_in_several_colours_says_that_no_colour_is_meant() -> None:
    assert TAGS.colours_differ([of(0, 1), of(0, 2), of(0, 3)]) > 0.8
    assert TAGS.colours_differ([of(0, 2), of(0, 2, 1), of(0, 2, 2)]) == 0.0
    assert TAGS.colours_differ([of(0, 2), of(1, 2), of(2, 2)]) == 0.0


def test_it_says_less_where_the_kinds_differ_too() -> None:
    one_kind = TAGS.colours_differ([of(0, 1), of(0, 2), of(0, 3)])
    several = TAGS.colours_differ([of(0, 1), of(1, 2), of(2, 3)])
    assert 0.0 < several < one_kind - 0.3


def test_two_names_for_one_colour_hardly_differ() -> None:
    same = TAGS.colours_differ([of(0, 0), of(0, 1)])
    other = TAGS.colours_differ([of(0, 0), of(0, 2)])
    assert same < 0.3
    assert other > 0.8


def test_nobody_knows_without_tags_that_tell() -> None:
    differing = [of(0, 1), of(0, 2)]
    assert TAGS.colours_differ(differing, without=["colour"]) == 0.0
    assert TAGS.colours_differ(differing[:1]) == 0.0
    assert Tags({"season": COLUMNS["season"]}, SPACE).colours_differ(differing) == 0.0
    many = [of(0, 2, place) for place in range(9)]
    assert TAGS.colours_differ([*many, of(0, 1), of(0, 3)]) == 0.0  # the first tell it
    untagged = CategoryColumn("colour", list(SHADES), np.where(np.arange(len(MEANT)) < 200, -1, MEANT[:, 1]))
    known = Tags({"colour": untagged}, SPACE)
    assert known.colours_differ([0, 1]) == 0.0
    assert known.colours_differ([0, *np.flatnonzero(MEANT[:, 0] == 0)[-3:]]) > 0.0


def test_of_several_values_the_nearest_count() -> None:
    items = np.repeat(np.arange(len(MEANT)), 2).astype(np.int32)
    codes = np.stack([MEANT[:, 1], np.where(MEANT[:, 0] == 0, 2, MEANT[:, 1])], axis=1).ravel()
    tags = Tags(
        {"colour": CategoryColumn("colour", list(SHADES), None, (items, codes.astype(np.int32)))}, SPACE
    )
    assert tags.colours_differ([of(0, 1), of(0, 3)]) == 0.0  # both are Crimson, among others
    assert tags.colours_differ([of(1, 1), of(1, 3)]) > 0.5


@pytest.fixture
def of_one_kind(world) -> VisualFilter:
    """Items of one kind, of which no two share a tagged colour."""
    column = world.snapshot.columns["colour"]
    chosen: list[int] = []
    taken: set[int] = set()
    for item in np.flatnonzero(world.space.has_vector() & world.snapshot.alive).tolist():
        codes = set(column.codes[column.items == item].tolist())
        if world.kind[item - 1] == 0 and len(codes) == 1 and not codes & taken:
            taken |= codes
            chosen.append(item)
    return VisualFilter(tuple(Example(item) for item in chosen[:3]))


def test_an_inferred_share_heeds_it_and_a_given_one_does_not(world, of_one_kind: VisualFilter) -> None:
    heeded = world.engine.solve(of_one_kind)
    assert heeded.visual.colours_differ == world.engine.colours_differ(of_one_kind) > 0.3
    deaf = world.engine.solve(replace(of_one_kind, colours_differ=0.0))
    assert heeded.colour_share < deaf.colour_share
    given = world.engine.solve(replace(of_one_kind, blocks=0.5))
    assert (given.colour_share, given.visual.colours_differ) == (0.5, 0.0)


def test_scores_stay_the_same_while_attributes_are_edited(world, of_one_kind: VisualFilter) -> None:
    column = world.snapshot.columns["colour"]
    all_red = CategoryColumn("colour", column.values, np.zeros(world.snapshot.size, np.int32))
    edited = replace(world.snapshot, columns={**world.snapshot.columns, "colour": all_red})
    after = world.engine.over(edited).solve(of_one_kind)
    np.testing.assert_array_equal(after.scorer.weights, world.engine.solve(of_one_kind).scorer.weights)
