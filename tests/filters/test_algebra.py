"""Saved filters as terms of conditions, against sets put together by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from visualsearch.catalog import predicates
from visualsearch.errors import PredicateError
from visualsearch.filters.algebra import between
from visualsearch.filters.engine import Engine
from visualsearch.filters.previewing import preview_count
from visualsearch.filters.query import Query, Results
from visualsearch.filters.saved_format import SavedExample, SavedFilter, Sketch
from visualsearch.jobs import JobControl

CONTROL = JobControl()


@pytest.fixture
def documents():
    return {}


@pytest.fixture
def engine(world, documents) -> Engine:
    calls = []
    made = Engine(
        world.catalog, world.snapshot, world.space, lambda e: pytest.fail(str(e)), lambda: documents
    )
    scores = made.scores
    made.scores = lambda *given: (calls.append(1), scores(*given))[1]  # type: ignore[method-assign]
    made.calls = calls  # type: ignore[attr-defined]
    return made


def kept_by_hand(world, engine: Engine, item: int, threshold: float) -> np.ndarray:
    found = engine.scores(Query(engine.algebra.members(saved(world, item), CONTROL).query.visual), CONTROL)
    mask = (found >= threshold) & world.snapshot.alive
    mask[item] = world.snapshot.alive[item]
    return mask


def saved(world, item: int, threshold: float = 0.0, **rest) -> SavedFilter:
    example = SavedExample(id=world.catalog.ids_of([item])[0])
    return SavedFilter("x", "", (example,), threshold=threshold, build=world.engine.build, **rest)


def pick(world, which: int) -> int:
    usable = np.flatnonzero(world.snapshot.alive & world.space.has_vector())
    return int(usable[which])


def ask(engine: Engine, *where: str, **rest) -> Results:
    answers: list[Results] = []
    engine.run(Query(where=where, **rest), answers.append, CONTROL)
    return answers[-1]


def test_terms_combine_like_sets_and_counts_are_exact(world, engine, documents):
    one, two = pick(world, 3), pick(world, 40)
    documents |= {"a": saved(world, one, 0.1).to_body(), "b c": saved(world, two, 0.05).to_body()}
    a, b = kept_by_hand(world, engine, one, 0.1), kept_by_hand(world, engine, two, 0.05)
    assert 0 < a.sum() < world.snapshot.alive_count
    shirts = set(ask(engine, "kind=shirt").items.tolist())
    for text, expected in (
        ("visual:a", a),
        ('visual:a and not visual:"b c"', a & ~b),
        ('visual:a or visual:"b c"', a | b),
        ("not visual:a", ~a & world.snapshot.alive),
    ):
        found = ask(engine, text)
        assert set(found.items.tolist()) == set(np.flatnonzero(expected & world.snapshot.alive).tolist())
        assert found.total == len(found.items)
        assert found.facets["kind"].get("shirt", 0) == len(shirts & set(found.items.tolist()))


def test_words_stand_next_to_each_other(world, engine):
    together = ask(engine, text='"summer cotton"').items
    assert len(together)
    assert set(ask(engine, '"summer cotton"').items.tolist()) == set(together.tolist())
    assert ask(engine, '"summ"').total == 0
    rest = ask(engine, 'not "summer cotton" and kind=shirt')
    assert not set(rest.items.tolist()) & set(together.tolist())


def test_a_set_is_computed_once_and_again_when_its_filter_changes(world, engine, documents):
    item = pick(world, 3)
    documents["a"] = saved(world, item, 0.1).to_body()
    first = ask(engine, "visual:a").total
    ask(engine, "visual:a and kind=shirt")
    ask(engine, "visual:a or kind=shirt", choices=(("colour", ("red",)),))
    assert len(engine.calls) == 1
    documents["a"] = saved(world, item, 9.0).to_body()
    assert ask(engine, "visual:a").total < first
    documents["a"] = saved(world, item, 0.1).to_body()
    assert ask(engine, "visual:a").total == first
    assert len(engine.calls) == 2


def test_conditions_saved_with_a_filter_hold_and_may_speak_of_others(world, engine, documents):
    item = pick(world, 3)
    documents["a"] = saved(world, item, 0.1).to_body()
    documents["b"] = saved(
        world, item, -9.0, where=("visual:a",), choices=(("kind", ("shirt",)),), text="cotton"
    ).to_body()
    expected = ask(engine, 'visual:a and kind=shirt and "cotton"').items
    assert set(ask(engine, "visual:b").items.tolist()) == set(expected.tolist())
    documents["a"] = saved(world, item, 9.0).to_body()
    assert ask(engine, "visual:b").total < max(1, len(expected)) or not len(expected)


def test_a_filter_may_not_contain_itself(world, engine, documents):
    item = pick(world, 3)
    documents["a"] = saved(world, item, where=("visual:b",)).to_body()
    documents["b"] = saved(world, item, where=("kind=shirt or not visual:a",)).to_body()
    with pytest.raises(PredicateError, match=r"contains itself: (a → b → a|b → a → b)") as caught:
        ask(engine, "kind=shirt and visual:a")
    assert "visual:" in caught.value.text


def test_filters_that_share_filters_are_each_looked_at_once(world, engine, documents, monkeypatch):
    """Each speaks of the two before it: followed along every way it would be thousands of times."""
    for number in range(20):
        where = tuple(f"visual:f{other} or kind" for other in (number - 1, number - 2) if other >= 0)
        documents[f"f{number}"] = saved(world, pick(world, number), -9.0, where=where).to_body()
    parsed = []
    parse = predicates.parse
    monkeypatch.setattr(predicates, "parse", lambda text: (parsed.append(text), parse(text))[1])
    assert ask(engine, "visual:f19").total > 0
    assert len(parsed) < 20 * 20 * 4


def test_a_chain_of_filters_that_is_too_long_is_told(world, engine, documents):
    for number in range(200):
        where = (f"visual:f{number - 1}",) if number else ()
        documents[f"f{number}"] = saved(world, pick(world, 3), -9.0, where=where).to_body()
    assert ask(engine, "visual:f30").total == ask(engine, "visual:f0").total
    with pytest.raises(PredicateError, match="'f199' leads on through more than 40 others") as caught:
        ask(engine, "visual:f199")
    assert caught.value.hint


def test_a_condition_that_no_longer_works_is_told_with_the_filters_name(world, engine, documents):
    documents["a"] = saved(world, pick(world, 3), where=("shape=round",)).to_body()
    with pytest.raises(PredicateError, match="'a' does not work: There is no attribute 'shape'") as caught:
        ask(engine, "kind=shirt or visual:a")
    assert (caught.value.text, caught.value.position) == ("kind=shirt or visual:a", 21)


def test_after_another_build_the_share_of_the_old_items_is_kept(world, engine, documents):
    item = pick(world, 3)
    sketch = Sketch((0.0, 1.0), (0.0, 1.0), 1000, 100)
    moved = replace(saved(world, item, 0.1), build="another", sketch=sketch, known=10**6)
    members = engine.algebra.members(moved, CONTROL)
    assert members.moved
    kept = int((members.mask & members.scored).sum())
    ordered = np.sort(members.scores[members.scored])[::-1]
    wanted = round(0.1 * len(ordered))
    assert kept == np.count_nonzero(ordered >= ordered[wanted - 1])  # pictures of several items tie
    assert kept < 1.2 * wanted


def test_a_threshold_keeps_a_count_and_its_ties():
    scores = np.array([0.5, 0.1, 0.5, 0.9], np.float32)
    assert (scores >= between(scores, 1)).sum() == 1
    assert (scores >= between(scores, 2)).sum() == 3
    assert (scores >= between(scores, 9)).sum() == 4


def test_a_preview_is_what_the_click_gives(world, engine):
    plain = Query(where=("price<30",), choices=(("colour", ("red",)),))
    for attribute, value in (("kind", "shirt"), ("colour", "blue"), ("colour", "red"), ("kind", "")):
        chosen = dict(plain.choices)
        own = chosen.get(attribute, ())
        chosen[attribute] = tuple(v for v in own if v != value) if value in own else (*own, value)
        choices = tuple((name, values) for name, values in chosen.items() if values)
        expected = ask(engine, "price<30", choices=choices).total
        assert preview_count(engine, plain, attribute, value, CONTROL) == expected
