"""How much an item's look contradicts its value: the posterior odds that the value is wrong.

What the item really is, judging by its look, is a pool of the head's out-of-fold probabilities and the neighbours'
votes (a logarithmic opinion pool whose weights are learnt on the catalog: Genest, Zidek, Statistical Science 1 (1986)
114). How a wrong value comes about is a mixture of three ways: any value by chance, any value as often as it is used,
or the value of something that looks alike (a noise model as in confident learning, Northcutt, Jiang, Chuang, JAIR 70
(2021), with the neighbours in it). How much each way counts is half taken from the catalog, by expectation
maximisation, and half fixed, since a few errors tell little. docs/decisions/quality.md has the figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from visualsearch.attributes.heads import OutOfFold
from visualsearch.attributes.votes import Neighbours
from visualsearch.jobs import JobControl
from visualsearch.vectors.graph import JOINT

_POOL_SAMPLE = 6_000  # items that the pool's weights are learnt on
_POOL_STEP = 1_000
_POOL_START = (0.8, 0.1)  # weight of the head, and of each vote
_SMOOTHING = 5.0 / 30  # of a vote, in neighbours: a value that nobody gave is rare, not impossible
_NEAREST = 10  # neighbours whose values are likely to be mixed up with the item's
_FAR_SMOOTHING = 0.2  # share of values that no near neighbour has, among confusable errors
_FIXED_SHARES = np.array([0.2, 0.4, 0.4])  # by chance, as often as used, of a lookalike
_FIXED_WEIGHT = 0.5
_PRIOR_ERRORS = 5.0  # of each way, in items
_FEW = 0.5  # other items with the value by which suspicion is half of what it seems
_ROUNDS = 60
_STEP = 16_384  # items at a time
_TINY = 1e-9


@dataclass(frozen=True, eq=False)
class Judged:
    """Given values, judged; all arrays (m,), in the order of (item, value) pairs.

    ``odds`` float64: log posterior odds that the value is wrong. ``belief`` float32: how likely the value is by the
    looks. ``other`` int32: the best value that the item does not have, -1 where there is none; ``other_belief``
    float32. ``support`` and ``voters`` int16: nearest neighbours that have the value, and that have any.
    ``error_rate``: the share of wrong values that the mixture estimates.
    """

    odds: np.ndarray
    belief: np.ndarray
    other: np.ndarray
    other_belief: np.ndarray
    support: np.ndarray
    voters: np.ndarray
    error_rate: float


def judge(
    learnt: OutOfFold,
    near: Mapping[str, Neighbours],
    labels: np.ndarray,
    pair_row: np.ndarray,
    pair_code: np.ndarray,
    control: JobControl,
    seed: int = 0,
) -> Judged:
    """Judge every (row, value) pair: int64 (m,), rows ascending. ``labels`` as of `heads.out_of_fold`, whose result
    ``learnt`` is; ``near`` for each block and "joint". Raises Cancelled."""
    classes = learnt.probabilities.shape[1]
    prior = (np.bincount(pair_code, minlength=classes) + 0.5) / (len(pair_code) + 0.5 * classes)
    pool = _Pool(learnt.probabilities, near, labels, prior)
    pool.fit(np.random.default_rng([seed, 2]))
    size = len(pair_row)
    given, ways = np.empty(size), np.empty((size, 3))
    other, other_belief = np.empty(size, np.int32), np.empty(size, np.float32)
    support, voters = np.zeros(size, np.int16), np.zeros(size, np.int16)
    for start in range(0, len(labels), _STEP):
        control.progress("Judging the values", start, len(labels))
        stop = min(len(labels), start + _STEP)
        first, last = np.searchsorted(pair_row, [start, stop])
        part = slice(first, last)
        at, code = pair_row[part] - start, pair_code[part]
        belief = pool.beliefs(start, stop)
        given[part] = np.maximum(belief[at, code], _TINY)
        other[part], other_belief[part] = _best_other(belief, labels[start:stop], at)
        ways[part] = _ways(belief, pool.close(start, stop), prior, at, code, labels.ndim == 1)
        support[part], voters[part] = _counted(near[JOINT], labels, start + at, code)
    shares, error_rate = _shares(given, ways)
    unknown = np.log(error_rate / (1 - error_rate))
    odds = np.log(ways) @ shares - np.log(given) + unknown
    others = np.bincount(pair_code, minlength=classes)[pair_code] - 1
    grown = others / (others + _FEW)  # the fewer items show how a value looks, the less their look can accuse
    odds = np.where(odds > unknown, unknown + (odds - unknown) * grown, odds)
    odds += _offset(odds, error_rate)
    return Judged(odds, given.astype(np.float32), other, other_belief, support, voters, error_rate)


class _Pool:
    """Head and votes together: log belief = Σ weight · log evidence, normalised over the values."""

    def __init__(
        self,
        probabilities: np.ndarray,
        near: Mapping[str, Neighbours],
        labels: np.ndarray,
        prior: np.ndarray,
    ) -> None:
        self._probabilities = probabilities
        self._near = near
        self._labels = labels
        self._prior = prior
        self.weights = np.array([_POOL_START[0], *[_POOL_START[1]] * len(near)])

    def fit(self, rng: np.random.Generator) -> None:
        """The weights of the largest likelihood of the given values, near those that it starts from.

        Where an item may have several values each is judged for itself and the weights stay as they are.
        """
        from scipy.optimize import minimize

        if self._labels.ndim == 2:
            return
        evidence, given = [], []
        begin = self.weights
        starts = rng.permutation(np.arange(0, len(self._labels), _POOL_STEP))
        for start in starts[: _POOL_SAMPLE // _POOL_STEP].tolist():
            labels = self._labels[start : start + _POOL_STEP]
            known = np.flatnonzero(labels >= 0)
            evidence.append(self._evidence(start, start + len(labels))[:, known])
            given.append(labels[known])
        stack, values = np.concatenate(evidence, axis=1), np.concatenate(given)
        if not len(values):
            return
        place = np.arange(len(values))
        own = stack[:, place, values].mean(axis=1, dtype=np.float64)

        def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
            logits = np.tensordot(weights.astype(np.float32), stack, 1)
            logits -= logits.max(axis=1, keepdims=True)
            belief = np.exp(logits)
            sums = belief.sum(axis=1, keepdims=True)
            belief /= sums
            value = -float((logits[place, values] - np.log(sums[:, 0])).mean(dtype=np.float64))
            slope = np.array([(part * belief).sum(axis=1).mean(dtype=np.float64) for part in stack]) - own
            pull = weights - begin
            return value + 1e-3 * float(pull @ pull), slope + 2e-3 * pull

        found = minimize(loss, begin, jac=True, method="L-BFGS-B", bounds=[(0.0, 3.0)] * len(begin))
        self.weights = np.asarray(found.x)

    def beliefs(self, start: int, stop: int) -> np.ndarray:
        """float32 (stop − start, classes): how likely each value is by the looks."""
        logits = np.tensordot(self.weights.astype(np.float32), self._evidence(start, stop), 1)
        if self._labels.ndim == 2:
            return np.exp(logits / np.float32(self.weights.sum()))
        logits -= logits.max(axis=1, keepdims=True)
        np.exp(logits, out=logits)
        logits /= logits.sum(axis=1, keepdims=True)
        return logits

    def close(self, start: int, stop: int) -> np.ndarray:
        """float32 (stop − start, classes): the values of the nearest few, each neighbour counted alike."""
        rows = self._near[JOINT].rows[start:stop, :_NEAREST]
        alike = Neighbours(rows, np.ones(rows.shape, np.float32))
        votes = alike.votes(self._labels, len(self._prior), 0, len(rows))
        return (votes + (_FAR_SMOOTHING * self._prior).astype(np.float32)) / np.float32(1 + _FAR_SMOOTHING)

    def _evidence(self, start: int, stop: int) -> np.ndarray:
        """float32 (1 + votes, stop − start, classes): the logarithms of what the head and the neighbours say."""
        parts = [np.log(np.maximum(self._probabilities[start:stop], np.float32(_TINY)))]
        rare = (_SMOOTHING * self._prior).astype(np.float32)
        for near in self._near.values():
            votes = near.votes(self._labels, len(self._prior), start, stop)
            parts.append(np.log((votes + rare) / np.float32(1 + _SMOOTHING)))
        return np.stack(parts)


def _best_other(belief: np.ndarray, labels: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each pair the most likely value that its item does not have, and how likely it is."""
    rest = belief.copy()
    if labels.ndim == 2:
        rest[labels] = -1.0
    else:
        known = np.flatnonzero(labels >= 0)
        rest[known, labels[known]] = -1.0
    best = rest.argmax(axis=1).astype(np.int32)
    value = rest[np.arange(len(rest)), best]
    best[value < 0] = -1
    return best[at], np.maximum(value, 0)[at].astype(np.float32)


def _ways(
    belief: np.ndarray,
    close: np.ndarray,
    prior: np.ndarray,
    at: np.ndarray,
    code: np.ndarray,
    exclusive: bool,
) -> np.ndarray:
    """float64 (pairs, 3): how likely each way of going wrong gives an item this value.

    Where values exclude each other the true one, which is not known, cannot be drawn: averaged over what it may be.
    """
    own = belief[at, code].astype(np.float64)
    if not exclusive:
        chance = np.full(len(at), 1 / len(prior))
        return np.column_stack([chance, prior[code], close[at, code]]) * (1 - own)[:, None] + _TINY
    used = belief / (1 - prior)
    alike = belief / (1 - close + 1e-6)
    by_chance = (1 - own) / max(len(prior) - 1, 1)
    by_use = prior[code] * (used.sum(axis=1)[at] - used[at, code])
    by_look = np.minimum(close[at, code] * (alike.sum(axis=1)[at] - alike[at, code]), 1.0)
    return np.maximum(np.column_stack([by_chance, by_use, by_look]), 0) + _TINY


def _counted(
    near: Neighbours, labels: np.ndarray, rows: np.ndarray, codes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """int16 each: neighbours of a row that have its value, and that have any."""
    found = near.rows[rows]
    there = found >= 0
    place = np.maximum(found, 0)
    if labels.ndim == 2:
        same, known = labels[place, codes[:, None]], np.asarray(labels.any(axis=1))[place]
    else:
        same, known = labels[place] == codes[:, None], labels[place] >= 0
    return (same & there).sum(axis=1).astype(np.int16), (known & there).sum(axis=1).astype(np.int16)


def _offset(odds: np.ndarray, rate: float) -> float:
    """What to add to log odds so that the probabilities add up to the wrong values that there probably are."""
    low, high = -60.0, 60.0
    for _ in range(50):
        middle = (low + high) / 2
        expected = float((1 / (1 + np.exp(-np.clip(odds + middle, -60, 60)))).mean())
        low, high = (middle, high) if expected < rate else (low, middle)
    return (low + high) / 2


def _shares(given: np.ndarray, ways: np.ndarray) -> tuple[np.ndarray, float]:
    """How much each way counts (three shares), and how many values are wrong: expectation maximisation of
    P(value) = (1 − Σa)·belief + Σ a·way."""
    table = np.column_stack([given, ways])
    mixture = np.array([0.97, 0.01, 0.01, 0.01])
    for _ in range(_ROUNDS):
        share = table * mixture
        share /= share.sum(axis=1, keepdims=True)
        counts = share.sum(axis=0)
        counts[1:] += _PRIOR_ERRORS
        mixture = counts / counts.sum()
    learnt = mixture[1:] ** 2  # squared: what is likely the main way counts for more
    shares = _FIXED_WEIGHT * _FIXED_SHARES + (1 - _FIXED_WEIGHT) * learnt / learnt.sum()
    return shares, float(np.clip(mixture[1:].sum(), 0.001, 0.5))
