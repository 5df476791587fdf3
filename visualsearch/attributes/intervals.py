"""Intervals for a rate of errors, and how many answers a wanted one takes. Pure functions; any thread.

Sources: Wilson, JASA 22 (1927) 209; Clopper & Pearson, Biometrika 26 (1934) 404; with a finite population, the same
test inverted for the hypergeometric distribution (Cochran, Sampling Techniques, 3rd ed., 1977, §3.6); Zou, Huang &
Zhang, Computational Statistics and Data Analysis 53 (2009) 1080 for sums over strata; Cochran §7.3 for regression.
``confidence`` is a share (0.95) everywhere; rates are shares; ``population`` is the number of items sampled from.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_CORRELATED = 2.5  # t statistic from which suspicion is taken to go with the answers
_LEVERAGE = 0.01  # of an answer that alone decides the slope: nothing is left of it without itself
_RARE = 3  # errors in a stratum up to which Wilson's upper limit is far above
_MOST_OF_RISK = 1 / 0.9  # sides: nine tenths of the risk at one limit
_FEW = 10  # wrong answers under which no correlation can be told


@dataclass(frozen=True)
class Interval:
    """A rate with its limits, all within 0..1. ``judged``: how many answers it rests on."""

    rate: float
    low: float
    high: float
    judged: int

    @property
    def half_width(self) -> float:
        return (self.high - self.low) / 2


NOTHING = Interval(0.5, 0.0, 1.0, 0)
"""What is known before the first answer."""


@functools.lru_cache(maxsize=64)
def quantile(confidence: float, sides: float = 2) -> float:
    """The normal quantile of a confidence: 1.96 for 0.95 and two sides, 1.64 for one side."""
    from scipy.special import ndtri

    return float(ndtri(1 - (1 - confidence) / sides))


def wilson(
    wrong: float, judged: float, confidence: float, population: int | None = None, sides: float = 2
) -> Interval:
    """Wilson's score interval of ``wrong`` errors among ``judged`` items of a simple random sample.

    With a ``population`` the variance has its finite correction, (N − n) / (N − 1): all judged is certainty. ``sides``
    1: each limit alone has the confidence.
    """
    if judged <= 0:
        return NOTHING
    rate = wrong / judged
    if population is not None:
        if judged >= population:
            return Interval(rate, rate, rate, int(judged))
        return _score(rate, judged * (population - 1) / (population - judged), confidence, int(judged), sides)
    return _score(rate, judged, confidence, int(judged), sides)


def _score(rate: float, size: float, confidence: float, judged: int, sides: float = 2) -> Interval:
    """Wilson's interval of a rate that is as sure as ``size`` independent answers make it."""
    z2 = quantile(confidence, sides) ** 2
    middle = (rate + z2 / (2 * size)) / (1 + z2 / size)
    reach = math.sqrt(z2 * (rate * (1 - rate) / size + z2 / (4 * size * size))) / (1 + z2 / size)
    return Interval(rate, max(0.0, min(rate, middle - reach)), min(1.0, max(rate, middle + reach)), judged)


def clopper_pearson(
    wrong: int, judged: int, confidence: float, sides: int = 2, population: int | None = None
) -> Interval:
    """The exact interval: at least the confidence whatever the rate. ``sides`` 1: each limit alone has it.

    With a ``population`` from the hypergeometric distribution, and the limits are whole numbers of items.
    """
    if judged <= 0:
        return NOTHING
    tail = (1 - confidence) / sides
    if population is not None:
        low, high = _hypergeometric(wrong, judged, population, tail)
        return Interval(wrong / judged, low / population, high / population, judged)
    from scipy.special import betaincinv

    low = float(betaincinv(wrong, judged - wrong + 1, tail)) if wrong else 0.0
    high = float(betaincinv(wrong + 1, judged - wrong, 1 - tail)) if wrong < judged else 1.0
    return Interval(wrong / judged, low, high, judged)


def _hypergeometric(wrong: int, judged: int, population: int, tail: float) -> tuple[int, int]:
    """The fewest and the most errors in the population under which the answers are not too unlikely."""
    from scipy.stats import hypergeom

    def first(from_: int, to: int, holds) -> int:
        while from_ < to:
            middle = (from_ + to) // 2
            from_, to = (from_, middle) if holds(middle) else (middle + 1, to)
        return from_

    fewest, most = wrong, population - (judged - wrong)
    low = first(fewest, most, lambda errors: hypergeom.sf(wrong - 1, population, errors, judged) > tail)
    over = first(fewest, most + 1, lambda errors: hypergeom.cdf(wrong, population, errors, judged) <= tail)
    return low, max(low, min(most, over - 1))


def stratified(
    sizes: Sequence[int], judged: Sequence[float], wrong: Sequence[float], confidence: float
) -> Interval:
    """The rate over strata of ``sizes`` items, each with its own simple random sample.

    Σ W·p; the limits recover the variance from each stratum's Wilson limits: low = rate − √Σ W²(p − l)² and so on
    (Zou et al.). A stratum without errors keeps its say in the upper limit, which a variance of p(1 − p) forgets.
    Where the stratum that decides the upper limit has few errors, Wilson's is so far above that it hardly ever
    misses; then most of the risk is the lower limit's (docs/decisions/estimates.md has the simulations).
    """
    total = sum(sizes)
    parts = [
        (size / total, errors, wilson(errors, number, confidence, size), number)
        for size, number, errors in zip(sizes, judged, wrong, strict=True)
    ]
    rate = sum(weight * part.rate for weight, _, part, _ in parts)
    above = math.sqrt(sum((weight * (part.high - part.rate)) ** 2 for weight, _, part, _ in parts))
    deciding = max(parts, key=lambda one: one[0] * (one[2].high - one[2].rate))
    sides = _MOST_OF_RISK if deciding[1] <= _RARE and len(parts) > 1 else 2
    below = math.sqrt(
        sum(
            (weight * (part.rate - wilson(errors, number, confidence, size, sides).low)) ** 2
            for (weight, errors, part, number), size in zip(parts, sizes, strict=True)
        )
    )
    return Interval(rate, max(0.0, rate - below), min(1.0, rate + above), int(sum(judged)))


def difference(
    wrong: np.ndarray, predicted: np.ndarray, mean: float, confidence: float, population: int
) -> Interval:
    """A simple random sample, helped by a prediction that is known for every item.

    ``wrong`` bool (n,) answers; ``predicted`` float (n,) any scores of the same items, whose ``mean`` over the whole
    population is known.
    p̄ + b(mean − m̄) with the least-squares b. The variance is that of residuals that leave their own answer out (the
    jackknife's), turned into an effective sample size for Wilson's interval. Where the correlation is not beyond
    chance the plain interval is returned, and never a wider one: with b from the sample the large-sample variance is
    (1 − ρ²) times the plain one (Cochran §7.3).
    """
    number = len(wrong)
    plain = wilson(int(np.count_nonzero(wrong)), number, confidence, population)
    answers = wrong.astype(np.float64)
    spread = predicted - predicted.mean() if number else predicted
    errors = answers.sum()
    if min(errors, number - errors) < _FEW or number >= population or not np.any(spread):
        return plain
    slope = float(spread @ answers) / float(spread @ spread)
    scatter = float(spread @ spread)
    residuals = answers - answers.mean() - slope * spread
    if abs(slope) * math.sqrt(scatter) < _CORRELATED * math.sqrt(float(residuals @ residuals) / (number - 2)):
        return plain
    residuals /= np.maximum(_LEVERAGE, 1 - 1 / number - spread**2 / scatter)
    variance = float(residuals @ residuals) / (number - 1)
    rate = float(answers.mean()) + slope * (mean - float(predicted.mean()))
    rate = min(1 - 1 / number, max(1 / number, rate))
    size = number * (population - 1) / (population - number)
    helped = _score(rate, size * max(1.0, rate * (1 - rate) / variance), confidence, number)
    return helped if helped.half_width < plain.half_width else plain


def sample_size(
    half_width: float, confidence: float, rate: float = 0.5, population: int | None = None
) -> int:
    """How many of a simple random sample to judge until Wilson's interval is ± ``half_width``, if the rate is
    ``rate``; never more than the population."""
    most = population if population is not None else 2**40
    low, high = 1, most
    while low < high:
        middle = (low + high) // 2
        if wilson(rate * middle, middle, confidence, population).half_width <= half_width:
            high = middle
        else:
            low = middle + 1
    return low
