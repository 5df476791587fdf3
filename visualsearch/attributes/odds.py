"""How much an item's look contradicts its value: the posterior odds that the value is wrong.

What the item really is, judging by its look, is told by the head's out-of-fold probabilities alone, and by a pool of
these, the neighbours' votes and how common the values are (a logarithmic opinion pool whose weights are learnt on the
catalog: Genest, Zidek, Statistical Science 1 (1986) 114). How a wrong value comes about is a mixture of three ways:
any value by chance, any value as often as it is used, or the value of something that looks alike (a noise model as in
confident learning, Northcutt, Jiang, Chuang, JAIR 70 (2021), with the neighbours in it). How much each way counts is
mostly taken from the catalog, by expectation maximisation. Then all is learnt and pooled again without the doubtful
values, which would vouch for each other, and the three opinions are averaged: each alone errs more.
docs/decisions/suspects.md has the figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from visualsearch.attributes.heads import OutOfFold, Settings
from visualsearch.attributes.votes import Neighbours
from visualsearch.jobs import JobControl
from visualsearch.vectors.graph import JOINT

_POOL_SAMPLE = 6_000  # items that the pool's weights are learnt on
_POOL_STEP = 1_000
_POOL_START = (0.8, 0.1, 0.0)  # weight of the head, of each vote, and of how common the values are
_SMOOTHING = 5.0 / 30  # of a vote, in neighbours: a value that nobody gave is rare, not impossible
_NEAREST = 10  # neighbours whose values are likely to be mixed up with the item's
_FAR_SMOOTHING = 0.2  # share of values that no near neighbour has, among confusable errors
_FIXED_SHARES = np.array([0.2, 0.5, 0.3])  # by chance, as often as used, of a lookalike
_FIXED_WEIGHT = 0.4  # of these: a dozen errors hardly tell how they came about
_PRIOR_ERRORS = 0.5  # of each way, in items
_UNSEEN = 1.0  # wrong values that look right, for each that the mixture finds
_SPARE = 6.0  # more wrong values than that, or the clearest of a small catalog would seem doubtful only
_DOUBTFUL = 0.4  # how likely a value is wrong from which on nothing is learnt from it again
_LEFT_OPEN = 0.3  # how much of what a third value has by the look the given one may have too
_COMMON = 3.0  # a value may have less that is so many times as rare as the average, or rarer
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


class Learn(Protocol):
    """`heads.out_of_fold` of an attribute's vectors, with other labels and, where they are known, its settings."""

    def __call__(self, labels: np.ndarray, settings: Settings | None, /) -> OutOfFold: ...


@dataclass(frozen=True, eq=False)
class _Look:
    """What is known of each pair. ``evidence`` float64 (m, 3): how much likelier each way of going wrong makes the
    value than its look does, as a logarithm, the sum over who was asked. Of the pool alone ``given`` float64 (m,), how
    likely the value is by the looks, ``ways`` float64 (m, 3), by each way; ``other`` and ``other_belief`` as in
    `Judged`."""

    evidence: np.ndarray
    given: np.ndarray
    ways: np.ndarray
    other: np.ndarray
    other_belief: np.ndarray


def judge(
    learn: Learn,
    near: Mapping[str, Neighbours],
    labels: np.ndarray,
    pair_row: np.ndarray,
    pair_code: np.ndarray,
    control: JobControl,
    seed: int = 0,
) -> Judged:
    """Judge every (row, value) pair: int64 (m,), rows ascending. ``labels`` as of `heads.out_of_fold`; ``near`` for
    each block and "joint". ``learn`` is called once or twice. Raises what it raises, Cancelled."""
    learnt = learn(labels, None)
    settings = replace(learnt.settings, temperature=1.0)
    classes = learnt.probabilities.shape[1]
    look = _looked(learnt, near, labels, labels, pair_row, pair_code, control, seed, alone=True)
    del learnt  # of a large attribute there is no room for two
    shares, error_rate = _shares(look.given, look.ways)
    evidence = look.evidence  # of the head and of the pool
    odds = _odds(evidence / 2, shares, error_rate, pair_code, classes)
    doubtful = odds > max(np.log(_DOUBTFUL / (1 - _DOUBTFUL)), float(np.median(odds)))
    if doubtful.any():
        left = labels.copy()
        left[pair_row[doubtful]] = False if labels.ndim == 2 else -1
        look = _looked(learn(left, settings), near, left, labels, pair_row, pair_code, control, seed)
        odds = _odds((evidence + look.evidence) / 3, shares, error_rate, pair_code, classes)
    support, voters = _counted(near[JOINT], labels, pair_row, pair_code)
    belief = look.given.astype(np.float32)
    return Judged(odds, belief, look.other, look.other_belief, support, voters, error_rate)


def _looked(
    learnt: OutOfFold,
    near: Mapping[str, Neighbours],
    labels: np.ndarray,
    own: np.ndarray,
    pair_row: np.ndarray,
    pair_code: np.ndarray,
    control: JobControl,
    seed: int,
    alone: bool = False,
) -> _Look:
    """One look: ``labels`` are those that were learnt from and that vote, ``own`` all that the items have; ``alone``:
    the head is also asked by itself."""
    classes = learnt.probabilities.shape[1]
    prior = (np.bincount(pair_code, minlength=classes) + 0.5) / (len(pair_code) + 0.5 * classes)
    pool = _Pool(learnt.probabilities, near, labels, prior)
    pool.fit(np.random.default_rng([seed, 2]))
    size = len(pair_row)
    evidence, given, ways = np.zeros((size, 3)), np.empty(size), np.empty((size, 3))
    other, other_belief = np.empty(size, np.int32), np.empty(size, np.float32)
    for start in range(0, len(labels), _STEP):
        control.progress("Judging the values", start, len(labels))
        stop = min(len(labels), start + _STEP)
        first, last = np.searchsorted(pair_row, [start, stop])
        part = slice(first, last)
        at, code = pair_row[part] - start, pair_code[part]
        close = pool.close(start, stop)
        pooled = pool.beliefs(start, stop)
        asked = (learnt.probabilities[start:stop], pooled) if alone else (pooled,)
        for belief in asked:  # of the last, the pool, given and ways are kept
            given[part] = np.maximum(belief[at, code], _TINY)
            ways[part] = _ways(belief, close, prior, at, code, labels.ndim == 1)
            likely = given[part]
            if labels.ndim == 1:
                likely = likely + _left_open(belief, prior, at, code)
            evidence[part] += np.log(ways[part]) - np.log(likely)[:, None]
        other[part], other_belief[part] = _best_other(pooled, own[start:stop], at)
    return _Look(evidence, given, ways, other, other_belief)


def _odds(
    evidence: np.ndarray, shares: np.ndarray, error_rate: float, pair_code: np.ndarray, classes: int
) -> np.ndarray:
    """float64 (m,): log odds that each value is wrong, that add up to the wrong values that there probably are."""
    unknown = np.log(error_rate / (1 - error_rate))
    odds = evidence @ shares + unknown
    others = np.bincount(pair_code, minlength=classes)[pair_code] - 1
    grown = others / (others + _FEW)  # the fewer items show how a value looks, the less their look can accuse
    odds = np.where(odds > unknown, unknown + (odds - unknown) * grown, odds)
    return odds + _offset(odds, error_rate)


class _Pool:
    """Head and votes together: log belief = Σ weight · log evidence, normalised over the values.

    With them how common each value is: all that is left to say where photos do not show the attribute. Without it the
    head and the votes would say worse than nothing there, and half of the values would look wrong.
    """

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
        head, vote, common = _POOL_START
        self.weights = np.array([head, *[vote] * len(near), common])

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
        """float32 (2 + votes, stop − start, classes): the logarithms of what the head, the neighbours and the values'
        frequencies say."""
        parts = [np.log(np.maximum(self._probabilities[start:stop], np.float32(_TINY)))]
        rare = (_SMOOTHING * self._prior).astype(np.float32)
        for near in self._near.values():
            votes = near.votes(self._labels, len(self._prior), start, stop)
            parts.append(np.log((votes + rare) / np.float32(1 + _SMOOTHING)))
        parts.append(np.broadcast_to(np.log(self._prior).astype(np.float32), parts[0].shape))
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


def _left_open(belief: np.ndarray, prior: np.ndarray, at: np.ndarray, code: np.ndarray) -> np.ndarray:
    """float64 (pairs,): what to add to how likely each given value is where the look leaves the value open.

    A look that tells no value apart cannot tell either that one is out of the question: the more likely values are that
    are neither the given one nor the best other, the less a tiny belief in the given one means.
    """
    classes = len(prior)
    others = belief.copy()
    others[at, code] = 0
    third = 1 - belief[at, code].astype(np.float64) - others.max(axis=1)[at]
    usual = np.minimum(_COMMON * prior[code], 1 / classes)
    return np.maximum(third, 0) / max(classes - 2, 1) * usual * _LEFT_OPEN


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
    learnt = mixture[1:] / mixture[1:].sum()
    shares = _FIXED_WEIGHT * _FIXED_SHARES + (1 - _FIXED_WEIGHT) * learnt
    found = mixture[1:].sum() * len(given)
    return shares, float(np.clip(((1 + _UNSEEN) * found + _SPARE) / (len(given) + _SPARE), 0.001, 0.5))
