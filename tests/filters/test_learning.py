"""Which examples a filter learns from: not from what only confirms, nor from what makes it worse."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.filters.test_scoring import COLOUR, WIDTH, clusters, space_of
from visualsearch.filters.engine import Engine
from visualsearch.filters.examples import Counts, Examples
from visualsearch.filters.learning import LEAST_STEP, Learnt, learnt
from visualsearch.filters.query import Example, Query, VisualFilter
from visualsearch.filters.scoring import Scoring
from visualsearch.jobs import JobControl

NONE = np.empty((0, WIDTH), np.float32)


def told(scoring: Scoring, positives: np.ndarray, negatives: np.ndarray, picks: str = "") -> Learnt:
    return learnt(scoring, replace(Examples.once(positives, negatives), picks=picks), 0.5)


def test_what_only_confirms_is_not_learnt_from() -> None:
    vectors = clusters(5)
    scoring = Scoring(space_of(vectors, len(vectors)))
    first = vectors[:3]
    scorer = scoring.scorer(Examples.once(first, NONE), 0.5)
    best = np.argsort(-scorer.distances(vectors))
    everything = np.concatenate([first, vectors[[row for row in best if row > 2][:5]]])
    assert told(scoring, everything, NONE).positives == 3
    np.testing.assert_array_equal(told(scoring, everything, NONE).scorer.weights, scorer.weights)
    # One that the first did not find tells something; then all do.
    surprise = np.concatenate([everything, vectors[200:201]])
    assert told(scoring, surprise, NONE).positives == 9
    # To say how much one counts tells something, too.
    heavy = Counts(np.r_[np.ones(7), 2.0], np.ones(0))
    assert learnt(scoring, Examples(everything, NONE, heavy), 0.5).positives == 8


def test_a_round_that_tells_right_from_wrong_is_learnt_from_and_noise_is_not() -> None:
    """Three positives lie between two clusters; the answers say which of them is meant, or nothing but chance."""
    rng = np.random.default_rng(3)
    vectors = clusters(4)
    scoring = Scoring(space_of(vectors, len(vectors)))
    first = (vectors[:3] + vectors[30:33]) / 2
    right, wrong = vectors[3:8], vectors[33:38]
    good = told(scoring, np.concatenate([first, right]), wrong, "+++" + "+-" * 5)
    assert (good.positives, good.negatives) == (8, 5)
    before = told(scoring, first, NONE).scorer

    def apart(scorer: Any) -> float:
        return float(scorer.distances(vectors[8:30]).mean() - scorer.distances(vectors[38:60]).mean())

    assert apart(good.scorer) > apart(before) + 0.5
    mixed = vectors[rng.permutation(np.r_[3:8, 33:38])]
    noise = told(scoring, np.concatenate([first, mixed[:5]]), mixed[5:], "+++" + "+-" * 5)
    assert (noise.positives, noise.negatives) == (3, 0)
    np.testing.assert_array_equal(noise.scorer.weights, before.weights)
    # What did not count is looked at again with what comes next.
    more = np.concatenate([first, mixed[:5], vectors[8:16]]), np.concatenate([mixed[5:], vectors[38:46]])
    assert told(scoring, *more, "+++" + "+-" * 13).positives > 8


def test_one_wrong_photo_is_not_enough_evidence_against_a_scorer() -> None:
    """The same right ones, and wrong ones of one kind: with one of them nothing is learnt, with five it is."""
    vectors = clusters(4)
    scoring = Scoring(space_of(vectors, len(vectors)))
    first = (vectors[:3] + vectors[30:33]) / 2
    right = vectors[3:12]
    one = told(scoring, np.concatenate([first, right]), vectors[33:34], "+++" + "+" * 9 + "-")
    assert (one.positives, one.negatives) == (3, 0)
    five = told(scoring, np.concatenate([first, right]), vectors[33:38], "+++" + "+" * 9 + "-" * 5)
    assert (five.positives, five.negatives) == (12, 5)


def test_answers_tell_that_colour_counts_less_than_the_first_examples_say() -> None:
    """Three of a kind that happen to be alike in colour; then right and wrong ones of the same colours."""
    vectors = clusters(4)
    kind, other = vectors[:30].copy(), vectors[30:60].copy()
    colours = vectors[np.r_[100:130]][:, COLOUR]
    kind[3:, COLOUR] = colours[3:]
    other[:, COLOUR] = kind[:, COLOUR]
    known = np.concatenate([kind, other, vectors[60:]])
    scoring = Scoring(space_of(known, len(known)))
    right, wrong = kind[:8], other[3:8]

    def share(blocks: Any, picks: str, wrong: np.ndarray) -> float:
        positives = right[: picks.count("+")]
        examples = replace(Examples.once(positives, wrong), picks=picks)
        return learnt(scoring, examples, blocks).scorer.colour_share

    inferred = scoring.intent.share(Examples.once(right, wrong), "auto")
    first = share("auto", "+++", NONE)
    assert share("auto", "+++" + "+-" * 5, wrong) < first
    step = max(LEAST_STEP, 1.0 - first)
    assert share("auto", "+++" + "+-" * 5, wrong) < step * inferred + (1.0 - step) * first - 0.01
    assert share(0.3, "+++" + "+-" * 5, wrong) == pytest.approx(0.3), "what a person said stays"


def test_an_answer_says_what_was_not_learnt_from(world: Any) -> None:
    """Right and wrong ones by lot teach nothing; those with which the filter begins, and what confirms it, are not
    among what is refused, nor is one that somebody lets count more."""
    chosen = np.random.default_rng(8).permutation(np.flatnonzero(world.space.has_vector())).tolist()
    alike = [item for item in chosen if world.kind[item] == world.kind[chosen[0]]]
    examples = [Example(item) for item in alike[:13]]
    nowhere = Example(
        int(np.flatnonzero(~world.space.has_vector())[1])
    )  # has no vector: nothing is told of it
    positives, negatives = (nowhere, *examples[:3], *examples[3::2]), tuple(examples[4::2])
    visual = VisualFilter(positives, negatives, picks="+" + "+++" + "+-" * 5)

    def refused(visual: VisualFilter, mode: Any = "two-phase") -> set[tuple[Example, ...]]:
        answers: list = []
        world.engine.run(Query(visual), answers.append, JobControl(), mode=mode)
        return {answer.refused for answer in answers}

    assert refused(visual) == refused(visual, "approximate") == {(*positives[4:], *negatives)}
    assert refused(replace(visual, weights=((negatives[0], 2.0),))) == {()}
    assert refused(VisualFilter(positives)) == {()}
    assert refused(VisualFilter()) == {()}


def test_one_more_example_makes_one_round_anew(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """All before it are remembered, and the answer is that of an engine that remembers nothing."""
    items = np.random.default_rng(3).permutation(np.flatnonzero(world.space.has_vector())).tolist()
    examples = [Example(item) for item in items[:34]]
    positives, negatives = (*examples[:3], *examples[3::2]), tuple(examples[4::2])
    visual = VisualFilter(positives, negatives, picks="+++" + "+-" * 15 + "+")
    checked: list[int] = []
    around = Scoring.around

    def noted(self: Scoring, known: Examples, blocks: Any) -> Any:
        checked.append(len(known.positives))
        return around(self, known, blocks)

    monkeypatch.setattr(Scoring, "around", noted)
    engine, fresh = (
        Engine(world.catalog, world.snapshot, world.space, world.engine.embedding) for _ in range(2)
    )
    engine.solve(replace(visual, positives=positives[:-1], picks=visual.picks[:-1]))
    assert len(checked) > 2
    checked.clear()
    more = engine.solve(visual)
    assert set(checked) <= {len(positives)}, "only with all of them"
    np.testing.assert_array_equal(more.scorer.weights, fresh.solve(visual).scorer.weights)


@pytest.mark.parametrize("wrong", range(1, 6))
def test_a_few_wrong_ones_sink_whatever_the_check_says(wrong: int) -> None:
    """Who clicks − on a photo, or on a few, sees that kind of photo sink at once: a round that is not full is no proof
    that it does harm."""
    vectors = clusters(4)
    scoring = Scoring(space_of(vectors, len(vectors)))
    first = (vectors[:3] + vectors[30:33]) / 2
    before = told(scoring, first, NONE).scorer
    after = told(scoring, first, vectors[33 : 33 + wrong], "+++" + "-" * wrong).scorer
    assert after.distances(vectors[45:60]).mean() < before.distances(vectors[45:60]).mean()


def test_rounds_go_by_the_order_of_the_picks() -> None:
    """What was picked later changes nothing in what the rounds before taught."""
    vectors = clusters(9)
    scoring = Scoring(space_of(vectors, len(vectors)))
    positives, negatives = vectors[:8], vectors[30:35]
    whole = told(scoring, positives, negatives, "+++" + "+-" * 5)
    once = told(scoring, positives, negatives)
    np.testing.assert_array_equal(whole.scorer.weights, once.scorer.weights)  # one round, whatever its order
    later = told(scoring, vectors[:13], vectors[30:40], "+++" + "+-" * 10)
    if later.positives == 8:  # the second round taught nothing
        np.testing.assert_array_equal(later.scorer.weights, whole.scorer.weights)
    assert (later.positives, later.negatives) in [(3, 0), (8, 5), (13, 10)]


def test_a_single_positive_learns_from_negatives() -> None:
    vectors = clusters(2)
    scoring = Scoring(space_of(vectors, len(vectors)))
    after = told(scoring, vectors[:1], vectors[30:32])
    assert (after.positives, after.negatives) == (1, 2)
    before = told(scoring, vectors[:1], NONE)
    assert (after.scorer.distances(vectors[30:32]) < before.scorer.distances(vectors[30:32])).all()


@pytest.mark.parametrize("blocks", ["auto", 0.3])
@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_weight_zero_is_leaving_out(world: Any, blocks: Any, data: st.DataObject) -> None:
    items = np.unique(world.space.item)[:40].tolist()
    chosen = data.draw(st.lists(st.sampled_from(items), min_size=2, max_size=9, unique=True))
    examples = [Example(int(item)) for item in chosen]
    signs = data.draw(st.text("+-", min_size=len(examples), max_size=len(examples)))
    weights = data.draw(
        st.lists(st.sampled_from([0.0, 0.25, 1.0, 4.0]), min_size=len(examples), max_size=len(examples))
    )

    def filter_of(places: list[int]) -> VisualFilter:
        positives, negatives = (
            tuple(examples[place] for place in places if signs[place] == sign) for sign in ("+", "-")
        )
        given = tuple((examples[place], weights[place]) for place in places if weights[place] != 1.0)
        picks = "".join(signs[place] for place in places)
        return VisualFilter(positives, negatives, blocks, weights=given, picks=picks)

    whole = filter_of(list(range(len(examples))))
    rest = filter_of([place for place in range(len(examples)) if weights[place]])
    assert bool(whole) == bool(rest)
    answers = []
    for visual in (whole, rest):
        found: list = []
        world.engine.run(Query(visual), found.append, JobControl())
        answers.append(found[-1])
    one, other = answers
    np.testing.assert_array_equal(one.items, other.items)
    assert (one.scores is None) == (other.scores is None)
    if one.scores is not None:
        np.testing.assert_array_equal(one.scores, other.scores)
