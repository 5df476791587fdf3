"""What of a filter's results to look at first: the same set, in other orders."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.filters.conftest import answers
from visualsearch.filters.query import Example, Look, Query, Sort, VisualFilter


def examples(world, count: int) -> tuple[Example, ...]:
    items = np.flatnonzero(world.engine.space.has_vector() & world.snapshot.alive)
    return tuple(Example(item=int(item)) for item in items[world.kind[items] == 0][:count])


@pytest.mark.parametrize("by", ["useful", "random"])
@pytest.mark.parametrize("narrow", ["auto", None, 0.0, 0.3])
def test_the_set_is_the_same_whatever_comes_first(world, by, narrow):
    query = Query(VisualFilter(examples(world, 3), narrow=narrow), where=("price>5",))
    likely = answers(world, query)[-1]
    looked = answers(world, replace(query, look=Look(by, 3)))[-1]
    assert sorted(looked.items) == sorted(likely.items)
    assert looked.total == likely.total
    assert looked.facets == likely.facets
    assert (looked.threshold, looked.strictness) == (likely.threshold, likely.strictness)
    assert likely.scores is not None
    assert looked.scores is not None
    assert dict(zip(looked.items, looked.scores, strict=True)) == pytest.approx(
        dict(zip(likely.items, likely.scores, strict=True)), abs=2e-6
    )


def test_random_is_the_same_for_a_seed_and_narrowing_keeps_its_order(world):
    query = Query(VisualFilter(examples(world, 2)), look=Look("random", 5))
    whole = answers(world, query)[-1].items.tolist()
    assert answers(world, query)[-1].items.tolist() == whole
    assert answers(world, replace(query, look=Look("random", 6)))[-1].items.tolist() != whole
    few = answers(world, replace(query, where=("price<20",)))[-1].items.tolist()
    assert few
    assert few == [item for item in whole if item in set(few)]


def test_useful_is_near_the_threshold_and_not_the_same_picture_twice(world):
    visual = VisualFilter(examples(world, 3), narrow="auto")
    query = Query(visual, look=Look("useful"))
    found = answers(world, query)[-1]
    likely = answers(world, replace(query, look=Look()))[-1]
    assert found.scores is not None
    assert found.threshold is not None
    margins = found.scores - found.threshold
    half = len(margins) // 2
    assert margins[:half].mean() < margins[half:].mean()
    first, best = world.engine.space, likely.items[:1]
    assert best[0] not in found.items[:5]
    rows = [tuple(first.rows_of(int(item))[:1]) for item in found.items[: max(3, half // 2)]]
    assert len(set(rows)) == len(rows)  # items that show one picture do not follow each other


def test_without_a_threshold_useful_is_near_where_one_would_be(world):
    visual = VisualFilter(examples(world, 3))
    cut = answers(world, Query(replace(visual, narrow="auto")))[-1].threshold
    found = answers(world, Query(visual, look=Look("useful")))[-1]
    assert found.scores is not None
    assert cut is not None
    margins = np.abs(found.scores - cut)
    assert margins[:20].mean() < margins.mean() / 2


def test_an_attribute_orders_before_any_look_and_nothing_is_looked_at_without_examples(world):
    sort = Query(VisualFilter(examples(world, 2)), sort=Sort("price"))
    assert np.array_equal(
        answers(world, sort)[-1].items, answers(world, replace(sort, look=Look("random")))[-1].items
    )
    plain = answers(world, Query(look=Look("useful")))[-1].items
    assert np.array_equal(plain, answers(world, Query())[-1].items)


def test_approximate_is_only_asked_for_the_likely(world):
    query = Query(VisualFilter(examples(world, 2)), look=Look("random"))
    phases = [results.phase.value for results in answers(world, query, "approximate")]
    assert "approximate" not in phases


def test_the_command_takes_a_way_of_looking(imported_products, run):
    command = ("search", imported_products, "--like", "p000", "--limit", 90, "--json")
    found = {}
    for look in (("likely",), ("useful",), ("random",), ("random", "--seed", 3)):
        code, out, _ = run(*command, "--look", *look)
        assert code == 0
        found[look] = [row["id"] for row in json.loads(out)["results"]]
    assert len({tuple(ids) for ids in found.values()}) == 4
    assert len({frozenset(ids) for ids in found.values()}) == 1
