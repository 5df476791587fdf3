"""Intervals: against published figures, by their laws, and by simulated audits."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from visualsearch.attributes import intervals, sampling
from visualsearch.attributes.intervals import Interval
from visualsearch.attributes.sampling import Tally

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))
import simulated_audits as audits

counts = st.integers(1, 400).flatmap(lambda judged: st.tuples(st.integers(0, judged), st.just(judged)))
confidences = st.sampled_from([0.8, 0.9, 0.95, 0.99])


def close(interval: Interval, low: float, high: float) -> bool:
    return interval.low == pytest.approx(low, abs=5e-5) and interval.high == pytest.approx(high, abs=5e-5)


def test_published_examples():
    """Newcombe, Statistics in Medicine 17 (1998) 857, table I: 81/263 and 15/148 (methods 3 and 5)."""
    assert close(intervals.wilson(81, 263, 0.95), 0.2553, 0.3662)
    assert close(intervals.wilson(15, 148, 0.95), 0.0624, 0.1605)
    assert close(intervals.clopper_pearson(81, 263, 0.95), 0.2527, 0.3676)
    assert close(intervals.clopper_pearson(15, 148, 0.95), 0.0578, 0.1617)


def test_the_certificate_of_the_design():
    """59 right of 59 certify 95 % at 95 % confidence, 93 with one wrong."""
    assert intervals.clopper_pearson(0, 59, 0.95, sides=1).high < 0.05
    assert intervals.clopper_pearson(0, 58, 0.95, sides=1).high > 0.05
    assert intervals.clopper_pearson(1, 93, 0.95, sides=1).high < 0.05
    assert intervals.clopper_pearson(1, 92, 0.95, sides=1).high > 0.05


@given(counts, confidences)
def test_limits_enclose_the_rate_and_mirror(count: tuple[int, int], confidence: float):
    wrong, judged = count
    for of in (intervals.wilson, intervals.clopper_pearson):
        found, other = of(wrong, judged, confidence), of(judged - wrong, judged, confidence)
        assert 0 <= found.low <= found.rate <= found.high <= 1
        assert found.low == pytest.approx(1 - other.high, abs=1e-9)


@given(counts, confidences, st.integers(0, 300))
def test_a_population_narrows_and_ends_in_certainty(count: tuple[int, int], confidence: float, more: int):
    wrong, judged = count
    population = judged + more
    for of in (intervals.wilson, intervals.clopper_pearson):
        finite = of(wrong, judged, confidence, population=population)
        assert finite.half_width <= of(wrong, judged, confidence).half_width + 1 / population
        if not more:
            assert finite.low == finite.high == finite.rate


@settings(max_examples=30)
@given(st.integers(2, 60).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n), st.integers(0, n))))
def test_the_exact_interval_of_a_population_covers_whatever_the_truth(case: tuple[int, int, int]):
    population, judged, errors = case
    covered = 0.0
    for wrong in range(max(0, judged - (population - errors)), min(judged, errors) + 1):
        found = intervals.clopper_pearson(wrong, judged, 0.95, population=population)
        if found.low - 1e-12 <= errors / population <= found.high + 1e-12:
            covered += hypergeom.pmf(wrong, population, errors, judged)
    assert covered >= 0.95 - 1e-9


@settings(max_examples=50)
@given(st.floats(0.005, 0.2), confidences, st.floats(0.0, 0.5), st.none() | st.integers(1, 10_000))
def test_the_sample_size_is_the_smallest_that_does(half_width, confidence, rate, population):
    size = intervals.sample_size(half_width, confidence, rate, population)
    assert population is None or 1 <= size <= population

    def width(judged: int) -> float:
        return intervals.wilson(rate * judged, judged, confidence, population).half_width

    assert width(size) <= half_width
    assert size == 1 or width(size - 1) > half_width


def test_one_stratum_is_a_plain_sample():
    assert intervals.stratified([500], [100], [7], 0.95) == intervals.wilson(7, 100, 0.95, 500)


@pytest.mark.parametrize("few", [3, 4])
def test_few_errors_give_most_of_the_risk_to_the_lower_limit(few: int):
    found = intervals.stratified([800, 200], [100, 60], [few, 20], 0.95)
    parts = [intervals.wilson(few, 100, 0.95, 800), intervals.wilson(20, 60, 0.95, 200)]
    below = sum((w * (part.rate - part.low)) ** 2 for w, part in zip((0.8, 0.2), parts, strict=True))
    above = sum((w * (part.high - part.rate)) ** 2 for w, part in zip((0.8, 0.2), parts, strict=True))
    assert found.high == pytest.approx(found.rate + above**0.5)
    if few == 4:
        assert found.low == pytest.approx(found.rate - below**0.5)
    else:
        assert found.rate - below**0.5 + 0.002 < found.low < found.rate


@given(st.lists(counts, min_size=1, max_size=4), confidences)
def test_strata_enclose_the_rate(strata: list[tuple[int, int]], confidence: float):
    found = intervals.stratified(
        [judged + 50 for _, judged in strata],
        [judged for _, judged in strata],
        [wrong for wrong, _ in strata],
        confidence,
    )
    assert 0 <= found.low <= found.rate + 1e-12
    assert found.rate - 1e-12 <= found.high <= 1


def test_a_stratum_nobody_was_asked_about_leaves_it_open():
    found = intervals.stratified([500, 500], [100, 0], [0, 0], 0.95)
    assert found.low <= 0.01
    assert found.high >= 0.5


@settings(max_examples=50)
@given(st.integers(20, 200), st.integers(0, 10_000))
def test_a_prediction_never_widens(judged: int, seed: int):
    random = np.random.default_rng(seed)
    wrong, predicted = random.random(judged) < 0.3, random.normal(size=judged)
    helped = intervals.difference(wrong, predicted, 0.0, 0.95, 1000)
    plain = intervals.wilson(int(wrong.sum()), judged, 0.95, 1000)
    assert helped.half_width <= plain.half_width


def test_a_prediction_that_knows_narrows():
    random = np.random.default_rng(1)
    wrong, suspicion = audits.catalog(random, 2000, 0.2, 3.0)
    predicted = sampling.prediction(suspicion)
    chosen = sampling.plain_stream(np.arange(2000), 3, 300)
    helped = intervals.difference(wrong[chosen], predicted[chosen], float(predicted.mean()), 0.95, 2000)
    plain = intervals.wilson(int(wrong[chosen].sum()), 300, 0.95, 2000)
    assert helped.half_width < 0.8 * plain.half_width
    assert helped.low <= wrong.mean() <= helped.high


@pytest.mark.parametrize("informative", [0.0, 2.5])
def test_simulated_audits_cover_and_stratifying_saves(informative: float):
    """60 audits are enough to see a procedure that is wrong; the benchmark runs 1,000."""
    random = np.random.default_rng(5)
    ended: dict[str, list[audits.Audited]] = {"plain": [], "stratified": [], "difference": []}
    left = []
    for seed in range(60):
        wrong, suspicion = audits.catalog(random, 3000, random.uniform(0.06, 0.16), informative)
        ended["plain"].append(audits.plain(wrong, 0.04, seed))
        ended["stratified"].append(audits.stratified(wrong, suspicion, 0.04, seed))
        ended["difference"].append(audits.difference(wrong, suspicion, 0.04, seed))
        mended = audits.mended(wrong, suspicion, 0.1, ended["stratified"][-1].asked)
        left += [audits.left_covered(audited[-1], wrong, mended) for audited in ended.values()]
    for audited in ended.values():
        assert np.mean([audit.covered for audit in audited]) >= 0.88
    assert np.mean(left) >= 0.88
    cost = {name: np.mean([audit.judged for audit in audited]) for name, audited in ended.items()}
    assert cost["stratified"] <= (0.65 if informative else 1.05) * cost["plain"]
    assert cost["difference"] <= (0.80 if informative else 1.05) * cost["plain"]


# -- streams ------------------------------------------------------------------------------------------------------


@given(st.integers(1, 400), st.integers(0, 1000))
def test_bands_hold_every_item_once_and_values_in_proportion(count: int, seed: int):
    random = np.random.default_rng(seed)
    items = np.sort(random.choice(10_000, count, replace=False))
    values, suspicion = random.integers(0, 3, count), random.normal(size=count)
    suspicion[random.random(count) < 0.1] = np.nan
    sizes, streams = sampling.band_streams(items, values, suspicion, seed, count)
    assert sizes == [len(stream) for stream in streams]
    assert sorted(np.concatenate(streams).tolist()) == items.tolist()
    again = sampling.band_streams(items, values, suspicion, seed, count)
    assert all((one == other).all() for one, other in zip(streams, again[1], strict=True))
    value_of = dict(zip(items.tolist(), values.tolist(), strict=True))
    for stream in streams:
        codes = np.array([value_of[item] for item in stream.tolist()])
        half = len(codes) // 2
        for value in range(3):
            assert abs((codes[:half] == value).sum() - half * (codes == value).mean()) <= 3


def test_the_most_suspicious_are_in_the_last_band():
    band = sampling.bands_of(np.arange(1000.0))
    assert (np.diff(band) >= 0).all()
    assert np.bincount(band).tolist() == pytest.approx([800, 150, 50], abs=1)


def test_what_suspicion_says_nothing_about_is_apart():
    suspicion = np.r_[np.arange(900.0), np.full(100, np.nan)]
    assert set(sampling.bands_of(suspicion)[900:]) == {3}


def test_bands_without_any_suspicion_are_one():
    assert set(sampling.bands_of(np.zeros(100))) == {0}
    assert set(sampling.bands_of(np.full(100, np.nan))) == {0}


def test_answers_come_in_proportion_until_bands_differ():
    tally = Tally([800, 150, 50], [0.0] * 3, [0.0] * 3, [800, 150, 50], 0.95)
    for _ in range(100):
        band = tally.next_band(tally.differ)
        assert band is not None
        tally.add(band, 0.0)
    assert tally.judged == pytest.approx([80, 15, 5], abs=1)
    assert not tally.differ
    tally.wrong[2] = tally.judged[2]
    assert tally.differ
    assert tally.next_band(True) == 2 or tally.next_band(True) == 1


def test_what_is_still_needed_shrinks_to_nothing():
    tally = Tally([8000], [0.0], [0.0], [8000], 0.95)
    before = sampling.more_needed(tally, 0.03)
    assert before == intervals.sample_size(0.03, 0.95, sampling.USUAL, 8000)
    tally.add(0, 5.0, 100)
    assert 0 < sampling.more_needed(tally, 0.03) < before
    tally.add(0, 0.0, 5000)
    assert sampling.more_needed(tally, 0.03) == 0
