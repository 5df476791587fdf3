"""Simulated people on a drawn catalog: shape, seeds, who means what, and that the figures say what they should."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from visualsearch.errors import Cancelled, UsageError, VisualSearchError
from visualsearch.evaluation.baselines import BASELINES, Embeddings, Rows
from visualsearch.evaluation.people import Meaning, Person, meanings
from visualsearch.evaluation.run import PAGE, SCORERS, Plan, evaluate
from visualsearch.filters.engine import Engine
from visualsearch.filters.query import Example, VisualFilter
from visualsearch.jobs import JobControl, Progress
from visualsearch.vectors.embeddings import EmbeddingStore


def searchable(engine: Engine) -> np.ndarray:
    assert engine.space is not None
    return engine.snapshot.alive & engine.space.has_vector()


def named(engine: Engine, attribute: str, most: int = 99, seed: int = 1) -> list[str]:
    return [meaning.name for meaning in meanings(engine.snapshot, searchable(engine), attribute, most, seed)]


def test_values_too_rare_or_too_common_are_left_out(engine: Engine) -> None:
    assert named(engine, "rarity") == ["some"]
    assert named(engine, "kind") == ["bag", "dress", "shirt", "shoe", "skirt"]


def test_conjunctions_are_items_with_both_values(engine: Engine) -> None:
    found = meanings(engine.snapshot, searchable(engine), "kind+colour", 99, 1)
    assert [meaning.name for meaning in found] == ["bag+black", "bag+blue"]
    both = [item for item in range(1, 401) if item % 5 == 0 and item // 5 % 2 == 0]
    np.testing.assert_array_equal(found[0].relevant, both)


def test_at_most_so_many_values_and_others_with_another_seed(engine: Engine) -> None:
    chosen = {tuple(named(engine, "kind", 2, seed)) for seed in range(8)}
    assert all(len(names) == 2 and list(names) == sorted(names) for names in chosen)
    assert len(chosen) > 1
    assert named(engine, "kind", 2, 1) == named(engine, "kind", 2, 1)


def test_numbers_with_few_values_can_be_meant(engine: Engine) -> None:
    assert named(engine, "year") == [str(year) for year in range(2010, 2018)]


@pytest.mark.parametrize("attribute", ["knid", "name", "kind+", "kind+nothing"])
def test_attributes_without_values_are_usage_errors(engine: Engine, attribute: str) -> None:
    with pytest.raises(UsageError):
        evaluate(engine, Plan((attribute,)), JobControl())


@pytest.mark.parametrize("shots", [(), (0,), (24,)])
def test_impossible_shots_are_usage_errors(engine: Engine, shots: tuple[int, ...]) -> None:
    with pytest.raises(UsageError):
        evaluate(engine, Plan(("kind",), shots), JobControl())


def test_nothing_to_evaluate_is_said(engine: Engine) -> None:
    with pytest.raises(VisualSearchError, match=r"kind\+year"):
        evaluate(engine, Plan(("kind+year",)), JobControl())


@pytest.fixture(scope="module")
def report(engine: Engine) -> Any:
    plan = Plan(("kind", "colour", "kind+colour", "kind+year"), (3,), filters=3, seed=5)
    return evaluate(engine, plan, JobControl())


def test_shape(report: Any) -> None:
    assert list(report) == ["kind", "colour", "kind+colour", "kind+year"]
    assert report["kind+year"] == {}
    for attribute, filters in (("kind", 3), ("colour", 3), ("kind+colour", 2)):
        assert list(report[attribute]) == ["3"]
        scorers = report[attribute]["3"]
        assert tuple(scorers) == SCORERS
        assert set(SCORERS) == {
            "auto", "style", "colour", "joint", "mean", "rocchio", "best_score", "forest",
        }  # fmt: skip
        for figures in scorers.values():
            assert figures["filters"] == filters
            assert 0 <= figures["low"] <= figures["map"] <= figures["high"] <= 1
            assert 0 <= figures["p50"] <= 1
            assert 0 < figures["clicks"] <= 400
            assert "rounds" not in figures


def test_each_block_finds_what_it_sees(report: Any) -> None:
    """By construction kinds show in the style block alone, and colours in the colour block."""
    kind, colour, both = (report[name]["3"] for name in ("kind", "colour", "kind+colour"))
    assert kind["style"]["map"] > 2 * kind["colour"]["map"]
    assert colour["colour"]["map"] > 2 * colour["mean"]["map"]
    assert both["joint"]["map"] > both["style"]["map"]
    for scorers in (kind, colour, both):
        best = max(scorers[name]["map"] for name in ("style", "colour", "joint"))
        assert scorers["auto"]["map"] > 0.9 * best
    assert kind["rocchio"]["map"] == kind["mean"]["map"]  # there are no negatives yet


def test_same_seed_same_figures_whatever_else_is_evaluated(engine: Engine, report: Any) -> None:
    again = evaluate(engine, Plan(("colour",), (1, 3), filters=3, seed=5), JobControl())
    assert again["colour"]["3"] == report["colour"]["3"]
    other = evaluate(engine, Plan(("colour",), (3,), filters=3, seed=6), JobControl())
    assert other["colour"]["3"] != report["colour"]["3"]


def test_rounds_of_feedback(engine: Engine) -> None:
    plan = Plan(("kind",), (1,), rounds=2, filters=1)
    figures: Any = evaluate(engine, plan, JobControl())["kind"]["1"]
    assert evaluate(engine, plan, JobControl())["kind"]["1"] == figures
    for scorer in figures.values():
        assert len(scorer["rounds"]) == 3
        assert scorer["rounds"][-1] == scorer["map"]
        assert 0 <= scorer["not_worse"] <= 1
    assert figures["forest"]["map"] > figures["forest"]["rounds"][0]


def test_people_judge_where_nothing_is_measured() -> None:
    everything = np.ones(301, bool)
    everything[0] = False
    meaning = Meaning("thirty", np.arange(1, 31, dtype=np.int32))
    person = Person(meaning, everything, 4, True, np.random.default_rng(2))
    measured = person.ranked.copy()
    assert len(person.positives) == 4
    assert not person.negatives
    assert np.count_nonzero(person.relevant & person.pool) == 13
    assert not (person.pool & person.ranked).any()
    page = np.flatnonzero(person.pool)[:PAGE]
    person.judge(page)
    assert set(person.positives[4:]) == set(page[page <= 30].tolist())
    assert set(person.negatives) == set(page[page > 30].tolist())
    assert not person.pool[page].any()
    np.testing.assert_array_equal(person.ranked, measured)


def test_without_rounds_all_but_the_examples_is_ranked() -> None:
    meaning = Meaning("thirty", np.arange(1, 31, dtype=np.int32))
    few, more = (
        Person(meaning, np.ones(301, bool), shots, False, np.random.default_rng(2)) for shots in (2, 5)
    )
    assert more.positives[:2] == few.positives
    assert not more.pool.any()
    np.testing.assert_array_equal(np.flatnonzero(~more.ranked), sorted(more.positives))


def test_baselines_are_their_formulas(engine: Engine) -> None:
    assert engine.space is not None
    rows = Rows(engine.space)
    positives, negatives = rows.both[[3, 8]], rows.both[[4]]
    style = engine.space.block("style")
    near, far = rows.both[:, style] @ positives[:, style].T, rows.both[:, style] @ negatives[:, style].T
    rocchio = near.mean(axis=1) - 0.2 * far[:, 0]
    np.testing.assert_allclose(BASELINES["rocchio"](rows, positives, negatives, 1), rocchio, atol=1e-5)
    best = BASELINES["best_score"](rows, positives, negatives, 1)
    for row in (3, 4, 50, 200):
        liked, disliked = float(near[row].max()), float(far[row, 0])
        nearer = liked if liked > disliked else disliked
        expected = 0.5 * (nearer / (1 + abs(nearer)) + 1) * (1 if liked > disliked else -1)
        assert best[row] == pytest.approx(expected, abs=1e-5)
    forest = BASELINES["forest"](rows, positives, negatives, 1)
    assert forest[3] > 0.5 > forest[4]
    np.testing.assert_array_equal(forest, BASELINES["forest"](rows, positives, negatives, 1))


def test_baselines_get_what_the_network_sees_alone(engine: Engine, tmp_path: Path) -> None:
    """Of an embedding of several parts the first is the CNN's; what the program adds to it is not the baselines'."""
    assert engine.space is not None
    rows = engine.space.rows
    pooled = np.random.default_rng(3).normal(size=(rows, 40)).astype(np.float32)
    added = np.random.default_rng(4).normal(size=(rows, 9)).astype(np.float32)
    vectors = []
    for name, parts in (("alone", [pooled]), ("more", [pooled, added])):
        style = np.concatenate(parts, axis=1)
        store = EmbeddingStore.open(tmp_path / name, {"style": style.shape[1], "colour": 4})
        digests = np.arange(rows * 16, dtype=np.uint32).view(np.uint8).reshape(rows, -1)[:, :16]
        store.append(digests, {"style": style, "colour": np.ones((rows, 4), np.float32)})
        vectors.append(Rows(engine.space, Embeddings(store, 40)).seen)
        store.close()
    np.testing.assert_allclose(vectors[0], vectors[1], atol=1e-6)
    centred = pooled - pooled.mean(axis=0)
    centred /= np.linalg.norm(centred, axis=1, keepdims=True)
    np.testing.assert_allclose(vectors[0] @ vectors[0].T, centred @ centred.T, atol=1e-4)


def test_progress_and_cancel(engine: Engine) -> None:
    seen: list[Progress] = []

    def report(progress: Progress) -> None:
        seen.append(progress)
        if progress.done == 1:
            control.cancel()

    control = JobControl(report)
    with pytest.raises(Cancelled):
        evaluate(engine, Plan(("kind",), (1,)), control)
    assert [(progress.done, progress.total) for progress in seen] == [(0, 5), (1, 5)]


def test_filters_do_not_know_the_attributes_that_tell_what_is_meant(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    bags = VisualFilter((Example(5), Example(10)))  # a black one and a blue one
    assert engine.colours_differ(bags) > engine.colours_differ(bags, ("colour",)) == 0.0
    asked: list[tuple[str, ...]] = []
    answer = Engine.colours_differ

    def noted(self: Engine, visual: VisualFilter, without: tuple[str, ...] = ()) -> float:
        asked.append(without)
        return answer(self, visual, without)

    monkeypatch.setattr(Engine, "colours_differ", noted)
    evaluate(engine, Plan(("kind+colour",), (2,)), JobControl())
    evaluate(engine, Plan(("kind",), (2,), filters=1), JobControl())
    assert set(asked) == {("kind", "colour"), ("kind",)}
