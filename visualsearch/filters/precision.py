"""How precise a visual filter is, and how much it finds, learnt from a few answers of the person.

The items are ordered by score. What is unknown is f(r), the log-odds that an item of rank r is meant. It falls with the
rank, but nothing is known about how: the prior is a wide one over falling curves, whose logarithmic slope is a Gaussian
process over ln r (so that plateaus, cliffs and long tails are all likely). Waves on the curve let answers contradict
the order, and a floor below it lets a little of what is meant be anywhere: without them "no" at the top was not
believed where "yes" came further down, and a tail of which little was judged was taken for empty.

The items to answer for are picked by rank alone, so that the answers' likelihood needs no weights: what was not asked
is missing at random (Little and Rubin, "Statistical Analysis with Missing Data", 2002, chapter 1). The posterior is
drawn by elliptical slice sampling (Murray, Adams, MacKay, AISTATS 2010); for each drawn curve the answers that are not
known are drawn as well, so that the intervals are for the items of this catalog and get narrow when most of a set was
judged. How often the intervals hold was measured: docs/decisions/filters.md, tests/bench/bench_precision.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from visualsearch.words import counted

CELLS = 32  # of ranks, each of which counts as one point of the curve
_KNOTS = 12
_HINT = 0.25  # how much an example counts: people do not pick by lot
_POOL = 4_000  # curves of the prior, among which the chains begin
_CHAINS = 320
_STEPS = 14
_TOP, _TOP_SPREAD = 5.0, 4.0  # log-odds of the best-ranked item
_SLOPE, _SLOPE_SPREAD = -1.0, 1.5  # logarithm of how steeply the log-odds fall with ln r, over all ranks …
_BEND, _REACH = 2.5, 1.2  # … and how much that changes, over which distance in ln r
_WAVE, _WAVE_SPREAD = 1.0, 0.5  # how high waves are, and the logarithm's spread
_FLOOR, _FLOOR_SPREAD = -7.0, 1.5  # log-odds of what is meant though nothing tells so: one in a thousand
_DRAWS = 2 * _KNOTS + 4  # numbers that make a curve
_PRECISION_LEVEL = 0.955  # of the drawn curves: with these the intervals hold for 95 % of filters (measured)
_RECALL_LEVEL = 0.95


@dataclass(frozen=True)
class Rate:
    """An estimate from 0 to 1 and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Estimate:
    """Of the ``count`` best of ``items``: which share is meant (``precision``), and which share of all that is meant
    is among them (``recall``). ``judged`` answers were given; with none it is a ``guess``."""

    precision: Rate
    recall: Rate
    count: int
    items: int
    judged: int
    guess: bool

    def sentence(self) -> str:
        """The estimate in words."""
        if not self.count:
            return "Nothing is in the set."
        rates = (
            f"about {_percent(self.precision)} of the {self.count:,} are right, and {_percent(self.recall)} "
        )
        rates += "of all that is meant is found"
        if self.guess:
            return f"A guess, before any answer: {rates}. Judge a few items to know."
        return f"From {counted(self.judged, 'answer')}: {rates} (95 % intervals)."


NOTHING = Estimate(Rate(0.0, 0.0, 1.0), Rate(0.0, 0.0, 1.0), 0, 0, 0, guess=True)
"""Where conditions leave no item to say anything about."""


def _percent(rate: Rate) -> str:
    return f"{100 * rate.value:.0f} % ({100 * rate.low:.0f}–{100 * rate.high:.0f} %)"


class Curve:
    """Precision and recall for every threshold, from the answers to some ranks."""

    def __init__(
        self,
        items: int,
        ranks: Sequence[int] | np.ndarray,
        answers: Sequence[bool] | np.ndarray,
        hints: Sequence[int] | np.ndarray = (),
        seed: int = 0,
    ) -> None:
        """``items`` ≥ 1 were ranked. ``ranks`` int (n,) from 0, the best, each once, were answered with ``answers``,
        bool (n,). ``hints``: where examples were ranked by the other examples; they count only without answers."""
        self.items = items
        self.judged = len(ranks)
        self._cells = _Cells(items)
        where = self._cells.of(np.asarray(ranks, np.int64))
        said = np.asarray(answers, bool)
        cells = len(self._cells.sizes)
        self._yes = np.bincount(where[said], minlength=cells)
        self._no = np.bincount(where[~said], minlength=cells)
        self._known = np.asarray(ranks, np.int64)[said], np.asarray(ranks, np.int64)[~said]
        rng = np.random.default_rng(seed)
        hinted = self._cells.of(np.asarray(hints if not self.judged else (), np.int64))
        curves = _posterior(self._cells, self._yes, self._no, hinted, rng)
        rest = np.maximum(self._cells.sizes - self._yes - self._no, 0)
        self._rest = rest
        self._drawn = rng.binomial(np.broadcast_to(rest, curves.shape), expit(curves))

    def at(self, count: int) -> Estimate:
        """For the ``count`` best of the items."""
        count = min(max(0, count), self.items)
        inside, everything = self._positives(count), self._drawn.sum(axis=1) + int(self._yes.sum())
        precision = _rate(inside / max(1, count), _PRECISION_LEVEL)
        recall = _rate(inside / np.maximum(everything, 1e-9), _RECALL_LEVEL)
        return Estimate(precision, recall, count, self.items, self.judged, not self.judged)

    def count_for(self, precision: float) -> int:
        """How many of the best to keep, so that the estimated precision is at least ``precision``: the most at which
        it is, at least 1."""
        counts = np.unique(np.concatenate([self._cells.starts[1:], [self.items]]))
        means = np.array([self._positives(int(count)).mean() / count for count in counts])
        fine = np.flatnonzero(means >= precision)
        return int(counts[fine[-1]]) if len(fine) else 1

    def table(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """For a slider: counts int64 (m,), precision and recall float64 (m, 3) as value, low, high."""
        counts = np.unique(np.concatenate([self._cells.starts[1:], [self.items]]))
        estimates = [self.at(int(count)) for count in counts]
        rows = [
            np.array([(rate.value, rate.low, rate.high) for rate in rates])
            for rates in ([e.precision for e in estimates], [e.recall for e in estimates])
        ]
        return counts, rows[0], rows[1]

    def _positives(self, count: int) -> np.ndarray:
        """What is meant among the ``count`` best, float64 (draws,): known answers and drawn ones.

        Of the cell that the threshold cuts as large a share of the drawn ones is inside as of the unanswered items.
        """
        starts, sizes = self._cells.starts, self._cells.sizes
        whole = starts + sizes <= count
        known = float(np.count_nonzero(self._known[0] < count))
        found = known + self._drawn[:, whole].sum(axis=1)
        cut = np.flatnonzero(~whole & (starts < count))
        if len(cut):
            cell = int(cut[0])
            start, stop = int(starts[cell]), int(starts[cell] + sizes[cell])
            judged = sum(np.count_nonzero((ranks >= start) & (ranks < count)) for ranks in self._known)
            rest = self._rest[cell]
            if rest and stop > start:
                found = found + self._drawn[:, cell] * (count - start - judged) / rest
        return found


def next_ranks(
    items: int, kept: int, judged: Sequence[int] | np.ndarray, count: int, seed: int = 0
) -> np.ndarray:
    """The ranks to ask for next: int64 (≤ count,), from 0, none of those already ``judged``.

    Half of all answers go to the ``kept`` best, spread evenly; the other half to the rest, spread evenly over ln r, so
    that what is missed near the threshold, where most of it is, is looked at most. In each cell of ranks the choice is
    random.
    """
    cells = _Cells(items)
    kept = min(max(1, kept), items)
    rng = np.random.default_rng(seed)
    inside = np.clip(kept - cells.starts, 0, cells.sizes).astype(float)
    reach = np.log1p(cells.starts + cells.sizes) - np.log1p(np.maximum(cells.starts, kept))
    outside = np.maximum(reach, 0.0)
    share = 0.5 * inside / inside.sum()
    if outside.sum() > 0:
        share += 0.5 * outside / outside.sum()
    taken = np.zeros(items, bool)
    taken[np.asarray(judged, np.int64)] = True
    asked = np.bincount(cells.of(np.flatnonzero(taken)), minlength=len(cells.sizes)).astype(float)
    free = cells.sizes - asked
    total = min(count, int(free.sum()))
    found = []
    for _ in range(total):
        need = np.where(free > 0, share * (asked.sum() + 1 + total) - asked, -np.inf)
        cell = int(np.argmax(need + 1e-6 * rng.random(len(need))))
        start = int(cells.starts[cell])
        open_ranks = start + np.flatnonzero(~taken[start : start + int(cells.sizes[cell])])
        rank = int(rng.choice(open_ranks))
        taken[rank] = True
        asked[cell] += 1
        free[cell] -= 1
        found.append(rank)
    return np.array(found, np.int64)


class _Cells:
    """Ranks in cells whose limits are spread evenly over ln r. ``starts``, ``sizes``: int64 (cells,)."""

    def __init__(self, items: int) -> None:
        limits = np.exp(np.linspace(0.0, np.log(items + 1), CELLS + 1))
        limits = np.unique(np.round(limits).astype(np.int64)) - 1
        self.starts, self.sizes = limits[:-1], np.diff(limits)
        self.middles = (np.log(self.starts + 1.0) + np.log(self.starts + self.sizes)) / 2
        self.knots = np.linspace(0.0, max(np.log(items), 1.0), _KNOTS)

    def of(self, ranks: np.ndarray) -> np.ndarray:
        """The cell of each rank."""
        return np.searchsorted(self.starts, ranks, side="right") - 1


class _Prior:
    """Curves from standard normal draws, (draws, _DRAWS)."""

    def __init__(self, cells: _Cells) -> None:
        knots = cells.knots
        distance = knots[:, None] - knots[None, :]
        covariance = _BEND**2 * np.exp(-0.5 * (distance / _REACH) ** 2) + 1e-6 * np.eye(len(knots))
        self._root = np.linalg.cholesky(covariance)
        self._step = knots[1] - knots[0]
        self._left = np.clip(np.searchsorted(knots, cells.middles) - 1, 0, len(knots) - 2)
        self._part = (cells.middles - knots[self._left]) / self._step

    def curves(self, drawn: np.ndarray) -> np.ndarray:
        """Log-odds by cell, float64 (draws, cells): falling but for waves, down to a floor."""
        one, bends, waves = drawn[:, :4], drawn[:, 4 : 4 + _KNOTS], drawn[:, 4 + _KNOTS :]
        top = _TOP + _TOP_SPREAD * one[:, :1]
        slopes = np.exp(np.clip(_SLOPE + _SLOPE_SPREAD * one[:, 1:2] + bends @ self._root.T, -12.0, 4.0))
        falls = np.cumsum((slopes[:, 1:] + slopes[:, :-1]) * (self._step / 2), axis=1)
        heights = top - np.concatenate([np.zeros((len(drawn), 1)), falls], axis=1)
        heights += _WAVE * np.exp(_WAVE_SPREAD * one[:, 2:3]) * waves
        left = self._left
        curves = heights[:, left] * (1.0 - self._part) + heights[:, left + 1] * self._part
        return np.logaddexp(curves, _FLOOR + _FLOOR_SPREAD * one[:, 3:])


def _posterior(
    cells: _Cells, yes: np.ndarray, no: np.ndarray, hinted: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Curves drawn from the posterior: log-odds float64 (chains, cells)."""
    prior = _Prior(cells)
    hints = np.bincount(hinted, minlength=len(cells.sizes))

    def fit(drawn: np.ndarray) -> np.ndarray:
        curves = prior.curves(drawn)
        found = -(np.logaddexp(0.0, -curves) @ yes + np.logaddexp(0.0, curves) @ no)
        if len(hinted):  # the examples as if drawn from all that is meant
            odds = -np.logaddexp(0.0, -curves)
            found += _HINT * (odds @ hints - len(hinted) * np.log(np.exp(odds) @ cells.sizes))
        return found

    pool = rng.standard_normal((_POOL, _DRAWS))
    fits = fit(pool)
    weights = np.exp(fits - fits.max())
    chosen = rng.choice(_POOL, _CHAINS, p=weights / weights.sum())
    drawn, fits = pool[chosen], fits[chosen]
    for _ in range(_STEPS):
        drawn, fits = _moved(drawn, fits, fit, rng)
    return prior.curves(drawn)


def _moved(
    drawn: np.ndarray, fits: np.ndarray, fit, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """One step of elliptical slice sampling, all chains at once."""
    chains = len(drawn)
    other = rng.standard_normal(drawn.shape)
    height = fits + np.log(rng.random(chains))
    angle = rng.random(chains) * 2 * np.pi
    low, high = angle - 2 * np.pi, angle.copy()
    moved, fitted = drawn.copy(), fits.copy()
    open_ = np.arange(chains)
    while len(open_):
        turn = angle[open_, None]
        tried = drawn[open_] * np.cos(turn) + other[open_] * np.sin(turn)
        values = fit(tried)
        # An interval that has shrunk to nothing is where the chain stands.
        taken = (values > height[open_]) | (high[open_] - low[open_] < 1e-9)
        moved[open_[taken]], fitted[open_[taken]] = tried[taken], values[taken]
        open_ = open_[~taken]
        below = angle[open_] < 0
        low[open_[below]] = angle[open_[below]]
        high[open_[~below]] = angle[open_[~below]]
        angle[open_] = low[open_] + rng.random(len(open_)) * (high[open_] - low[open_])
    return moved, fitted


def _rate(drawn: np.ndarray, level: float) -> Rate:
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    mean = float(drawn.mean())
    return Rate(min(1.0, mean), max(0.0, float(low)), min(1.0, float(high)))
