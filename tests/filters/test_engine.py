"""Orders, examples of all kinds, errors and cancelling."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.filters.conftest import World, make_world
from visualsearch.errors import Cancelled, PredicateError, UsageError, VisualSearchError
from visualsearch.filters.engine import Engine
from visualsearch.filters.query import Example, Look, Phase, Query, Results, Sort, VisualFilter
from visualsearch.jobs import JobControl


def ask(engine: Engine, query: Query) -> Results:
    found: list[Results] = []
    engine.run(query, found.append, JobControl())
    return found[-1]


def examples(world: Any, count: int) -> tuple[Example, ...]:
    return tuple(Example(int(item)) for item in np.unique(world.space.item)[:count])


def test_without_anything_all_items_come_by_id(world: Any) -> None:
    results = ask(world.engine, Query())
    ids = world.catalog.ids_of(results.items.tolist())
    assert ids == sorted(ids)
    assert results.total == world.snapshot.alive_count == len(ids)
    backwards = ask(world.engine, Query(sort=Sort("id", descending=True)))
    assert backwards.items.tolist() == results.items.tolist()[::-1]


@pytest.mark.parametrize("attribute", ["kind", "colour", "price", "name"])
@pytest.mark.parametrize("descending", [False, True])
def test_sorting_by_an_attribute_puts_missing_ones_last(world: Any, attribute: str, descending: bool) -> None:
    results = ask(world.engine, Query(sort=Sort(attribute, descending)))
    details = [world.catalog.details(item) for item in results.items.tolist()]
    choose = max if descending else min
    keys = []
    for detail in details:
        values = [value for entry in detail.attributes if entry.name == attribute for value in entry.values]
        keys.append(choose(values) if values else None)
    present = [key for key in keys if key is not None]
    assert present == sorted(present, reverse=descending)
    assert keys[: len(present)] == present
    ids = [detail.id for detail in details]
    for first, second, one, other in zip(keys, keys[1:], ids, ids[1:], strict=False):
        assert first != second or one < other


def test_scores_are_reported_when_an_attribute_orders(world: Any) -> None:
    by_looks = ask(world.engine, Query(VisualFilter(examples(world, 2))))
    by_price = ask(world.engine, Query(VisualFilter(examples(world, 2)), sort=Sort("price")))
    assert by_price.scores is not None
    assert by_looks.scores is not None
    scores = dict(zip(by_looks.items.tolist(), by_looks.scores.tolist(), strict=True))
    for item, score in zip(by_price.items.tolist(), by_price.scores.tolist(), strict=True):
        assert score == pytest.approx(scores[item], abs=2e-6)


def test_sorting_by_nothing_known_is_a_usage_error(world: Any) -> None:
    with pytest.raises(UsageError, match="no attribute 'prize'"):
        ask(world.engine, Query(sort=Sort("prize")))


def test_a_mistake_in_a_predicate_is_pointed_at(world: Any) -> None:
    with pytest.raises(PredicateError):
        ask(world.engine, Query(where=("kind=shirt and",)))


def test_examples_are_left_out_and_come_back_when_removed(world: Any) -> None:
    three, two = examples(world, 3), examples(world, 2)
    narrowed = ask(world.engine, Query(VisualFilter(two, three[2:])))
    assert not {e.item for e in three} & {*narrowed.items.tolist()}
    widened = ask(world.engine, Query(VisualFilter(two)))
    assert widened.total == narrowed.total + 1
    assert three[2].item in widened.items


def test_a_picture_from_outside_is_an_example(world: Any) -> None:
    item = int(world.space.item[0])
    digest = world.catalog.first_digests([item])[item]
    engine = Engine(world.catalog, world.snapshot, world.space, lambda file: world.embeddings[digest])
    results = ask(engine, Query(VisualFilter((Example(file="/a/picture.jpg"),))))
    assert results.items[0] == item or item in results.items[:5]  # copies of the picture tie
    assert results.total == ask(engine, Query(VisualFilter((Example(item),)))).total + 1


def test_examples_without_vectors_say_so(world: Any) -> None:
    bare = np.setdiff1d(np.flatnonzero(world.snapshot.alive), world.space.item)
    with pytest.raises(VisualSearchError, match="None of the examples"):
        ask(world.engine, Query(VisualFilter((Example(int(bare[0])),))))
    known = examples(world, 1)
    mixed = ask(world.engine, Query(VisualFilter((*known, Example(int(bare[0]))))))
    alone = ask(world.engine, Query(VisualFilter(known)))
    assert mixed.items.tolist() == alone.items.tolist()


def test_before_any_index_only_looks_are_refused(world: Any) -> None:
    engine = Engine(world.catalog, world.snapshot, None, lambda file: pytest.fail(file))
    assert ask(engine, Query(text="cotton")).total > 0
    with pytest.raises(VisualSearchError, match="nothing to compare"):
        ask(engine, Query(VisualFilter((Example(1),))))
    assert not len(engine.neighbours(1, 5)[0])


def test_a_cancelled_query_emits_nothing_more(world: Any) -> None:
    control = JobControl()
    found: list[Results] = []

    def emit(results: Results) -> None:
        found.append(results)
        control.cancel()

    control.cancel()
    with pytest.raises(Cancelled):
        world.engine.run(Query(VisualFilter(examples(world, 1))), emit, control)
    assert not found


def test_a_moved_slider_is_answered_from_memory(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(world.catalog, world.snapshot, world.space, lambda file: pytest.fail(file))
    visual = VisualFilter(examples(world, 3), narrow=0.2)
    first = ask(engine, Query(visual, where=("price>5",), text="cotton"))
    monkeypatch.setattr(world.space, "score_rows", lambda *_: pytest.fail("scanned again"))
    monkeypatch.setattr("visualsearch.catalog.text.search", lambda *_: pytest.fail("searched again"))
    second = ask(engine, Query(replace(visual, narrow=0.4), where=("price>5",), text="cotton"))
    assert {*second.items.tolist()} <= {*first.items.tolist()}


def test_neighbours_agree_with_a_scan(world: Any) -> None:
    for item in np.unique(world.space.item)[::60].tolist():
        items, scores = world.engine.neighbours(item, 10)
        assert item not in items
        assert (np.diff(scores) <= 0).all()
        rows = world.space.gather(world.space.rows_of(item)[:1])[0].astype(np.float64) / 2
        expected = world.space.item_scores(world.space.score_rows(rows.astype(np.float32)))
        expected[[item, *np.flatnonzero(~world.snapshot.alive)]] = -np.inf
        np.testing.assert_allclose(scores, np.sort(expected)[::-1][: len(scores)], atol=2e-6)
        assert len(items) == 10


def test_an_items_other_photos_and_gone_items_take_no_neighbours_place(world: Any) -> None:
    engine = world.engine
    scored = lambda item, k: engine.neighbours(item, k)[1]  # noqa: E731
    for item in np.flatnonzero(np.bincount(world.space.item) > 1).tolist():
        by_scan = scored(item, 50)  # more than the graph has
        for k in range(14, 21):
            np.testing.assert_array_equal(scored(item, k), by_scan[:k])


def test_block_scores_add_up_to_the_score(world: Any) -> None:
    query = Query(VisualFilter(examples(world, 2)))
    results = ask(world.engine, query)
    assert results.scores is not None
    parts = world.engine.block_scores(query, int(results.items[0]))
    assert sum(parts.values()) == pytest.approx(float(results.scores[0]), abs=2e-6)
    assert world.engine.block_scores(Query(), int(results.items[0])) == {}


def test_three_shirts_find_shirts(world: Any) -> None:
    shirts = [int(i) for i in np.unique(world.space.item) if world.kind[i] == 0 and world.snapshot.alive[i]]
    visual = VisualFilter(tuple(Example(item) for item in shirts[:3]), blocks=0.0, narrow="auto")
    results = ask(world.engine, Query(visual))
    assert results.phase is Phase.EXACT
    assert (world.kind[results.items] == 0).mean() > 0.5
    assert results.total >= 12


def test_a_space_of_another_size_is_a_bug(world: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="numbers"):
        Engine(world.catalog, replace(world.snapshot, size=3), world.space, lambda file: pytest.fail(file))


def test_scores_are_those_of_the_answer_over_the_whole_catalog(world: Any) -> None:
    visual = VisualFilter(examples(world, 2), narrow="auto")
    scores = world.engine.scores(Query(visual, where=("kind=shirt",)), JobControl())
    assert (scores > -np.inf).tolist() == world.space.has_vector().tolist()
    results = ask(world.engine, Query(replace(visual, narrow=None)))
    assert results.scores is not None
    np.testing.assert_allclose(scores[results.items], results.scores, atol=2e-5)


def test_a_solved_filter_tells_its_vectors_and_weights(world: Any) -> None:
    positive, negative = examples(world, 2)
    solved = world.engine.solve(VisualFilter((positive,), (negative,)))
    assert solved.positives.shape == solved.negatives.shape == (1, world.space.width)
    assert solved.items.tolist() == sorted([positive.item, negative.item])
    assert solved.scorer.weights.shape == (world.space.width,)


def test_disjoint_tastes_find_both(noisy_world: Any) -> None:
    """Two shirts and two bags find shirts and bags: the largest score of two scorers counts."""
    world = noisy_world
    kinds = [
        [int(i) for i in np.unique(world.space.item) if world.kind[i] == kind and world.snapshot.alive[i]]
        for kind in (0, 3)
    ]
    picked = [item for many in kinds for item in many[:4]]
    visual = VisualFilter(tuple(Example(item) for item in picked), blocks=0.0)
    solved = world.engine.solve(visual)
    assert len(solved.scorers) == 2
    results = ask(world.engine, Query(visual))
    found = world.kind[results.items[:60]]
    assert min(np.count_nonzero(found == kind) for kind in (0, 3)) >= 15
    assert np.isin(found, [0, 3]).mean() > 0.9
    assert results.scores is not None
    assert np.abs(results.scores).max() <= 1
    exact: list[Results] = []
    world.engine.run(Query(visual), exact.append, JobControl(), mode="exact")
    assert exact[-1].items.tolist() == results.items.tolist()
    approximate: list[Results] = []
    world.engine.run(Query(visual), approximate.append, JobControl(), mode="approximate")
    assert np.isin(world.kind[approximate[-1].items[:40]], [0, 3]).mean() > 0.9
    parts = world.engine.block_scores(Query(visual), int(results.items[0]))
    assert parts["colour"] == 0


@pytest.fixture
def few(tmp_path: Path) -> Iterator[World]:
    """So few items that "auto" keeps them all, whatever they look like."""
    made = make_world(tmp_path, items=9, seed=3, copies=0.0)
    yield made
    made.catalog.close()
    made.store.close()


@pytest.mark.parametrize("look", ["likely", "useful", "random"])
@pytest.mark.parametrize("narrow", [None, "auto", 0.0, 1.0])
@pytest.mark.parametrize("liked", [0, 1])
def test_a_handful_of_items_is_searched(few: World, look: Any, narrow: Any, liked: int) -> None:
    items = np.unique(few.space.item[few.snapshot.alive[few.space.item]])
    for count in range(1, len(items) + 1):
        picked = [Example(int(item)) for item in items[:count]]
        visual = VisualFilter(tuple(picked[:liked]), tuple(picked[liked:]), narrow=narrow)
        found = ask(few.engine, Query(visual, look=Look(look)))
        assert found.total == len(found.items)
        if narrow in (None, 0.0):
            assert found.total == len(items) - count
