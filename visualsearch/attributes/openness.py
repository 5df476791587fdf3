"""How sure it is that an item deserves a value, in a world that may hold values which nobody has named yet.

A head must choose among the values that it learnt, so its probability says nothing of an item that is none of these.
Such an item is farther from the items that have the value than they are from each other. So the confidence of an
(item, value) pair is a logistic function of both: the head's calibrated log odds, and how much the item looks like the
labelled items of the value, compared with how much those do. It is fitted to out-of-fold pairs of labelled items and to
pairs of *strangers*: items of values that were left out of the learning. The figures behind the constants are in
docs/decisions/tagging.md. Pure functions; any thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from visualsearch.attributes.target import stable_sample

FEATURES = 3
_POSSIBLE = 0.2  # probability from which on a pair is looked at, where an item may have several values
_NEAREST = 3  # labelled items of a value whose similarity counts
_REFERENCES = 2_000  # labelled items of a value that are compared with
_STRANGERS = 0.1  # of all items, so many are taken to be none of the values: their weight in the fit
_FURTHEST = 8.0  # log odds beyond which a probability says no more
_RIDGE = 1e-3
_STEP = 1_024  # pairs compared at a time


@dataclass(frozen=True, eq=False)
class Pairs:
    """Values that rows may deserve: ``row`` and ``code`` int64 (m,); ``features`` float64 (m, 3): log odds by the head,
    and similarity to the value's nearest items and to their mean, beyond what is usual among them."""

    row: np.ndarray
    code: np.ndarray
    features: np.ndarray

    def __len__(self) -> int:
        return len(self.row)

    def __getitem__(self, chosen: np.ndarray) -> Pairs:
        return Pairs(self.row[chosen], self.code[chosen], self.features[chosen])

    @classmethod
    def joined(cls, parts: Sequence[Pairs]) -> Pairs:
        """All of them, one after the other."""
        if not parts:
            return cls(np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, FEATURES)))
        arrays = zip(*((one.row, one.code, one.features) for one in parts), strict=True)
        return cls(*map(np.concatenate, arrays))


class References:
    """The labelled items that others are compared with, by the look that counts for the attribute."""

    def __init__(
        self,
        vectors: np.ndarray,
        labels: np.ndarray,
        groups: np.ndarray,
        blocks: Mapping[str, slice],
        colour_weight: float,
    ) -> None:
        """float32 (n, width); labels as of `heads.out_of_fold`; near-duplicate groups int32 (n,)."""
        self._blocks, self._colour_weight = blocks, colour_weight
        self._looks = self._look(vectors)
        self._groups = groups
        count = labels.shape[1] if labels.ndim == 2 else int(labels.max(initial=-1)) + 1
        own = [
            np.flatnonzero(labels[:, code] if labels.ndim == 2 else labels == code) for code in range(count)
        ]
        self._rows = [stable_sample(rows, _REFERENCES) for rows in own]
        self._usual = np.zeros((count, 2))
        for code, rows in enumerate(self._rows):
            if len(rows):
                among = self._similarity(self._looks[rows], code, groups[rows])
                self._usual[code] = np.median(among, axis=0)

    def pairs(
        self,
        chances: np.ndarray,
        vectors: np.ndarray,
        exclusive: bool,
        groups: np.ndarray | None = None,
    ) -> Pairs:
        """The pairs of some rows, from the head's probabilities float32 (r, classes) and float32 (r, width) vectors.
        One pair for each row where values are exclusive. ``groups``: of rows that are labelled items themselves; those
        of the same group say nothing of each other."""
        if exclusive:
            row = np.arange(len(chances))
            code = chances.argmax(axis=1) if len(chances) else np.empty(0, np.int64)
        else:
            row, code = np.nonzero(chances >= _POSSIBLE)
        chance = np.clip(chances[row, code].astype(np.float64), 1e-9, 1 - 1e-9)
        odds = np.clip(np.log(chance / (1 - chance)), -_FURTHEST, _FURTHEST)
        looks = self._look(vectors)
        near = np.zeros((len(row), 2))
        for one in np.unique(code).tolist():
            at = np.flatnonzero(code == one)
            if one < len(self._rows):
                found = self._similarity(looks[row[at]], one, None if groups is None else groups[row[at]])
                near[at] = found - self._usual[one]
        return Pairs(row, code, np.column_stack([odds, near]))

    def _look(self, vectors: np.ndarray) -> np.ndarray:
        """Unit vectors whose product is the mean of the blocks' cosines, the colour's weighted as in the head."""
        weight = {name: self._colour_weight if name == "colour" else 1.0 for name in self._blocks}
        length = np.sqrt(sum(one**2 for one in weight.values()))
        looks = np.empty(vectors.shape, np.float32)
        for name, columns in self._blocks.items():
            block = vectors[:, columns]
            norm = np.maximum(np.linalg.norm(block, axis=1, keepdims=True), 1e-12)
            looks[:, columns] = block * np.float32(weight[name] / length) / norm
        return looks

    def _similarity(self, looks: np.ndarray, code: int, groups: np.ndarray | None) -> np.ndarray:
        """The mean cosine to the nearest labelled items of a value, and to all of them, float64 (r, 2); 0 where it has
        none. Those of the same group do not count."""
        rows = self._rows[code]
        found = np.zeros((len(looks), 2))
        for start in range(0, len(looks) if len(rows) else 0, _STEP):
            cosines = looks[start : start + _STEP] @ self._looks[rows].T
            if groups is not None:
                cosines[groups[start : start + _STEP, None] == self._groups[rows][None]] = np.nan
            best = -np.sort(-cosines, axis=1)  # NaN comes last
            for place, chosen in enumerate((best[:, :_NEAREST], best)):
                known = ~np.isnan(chosen)
                total = np.where(known, chosen, 0).sum(axis=1)
                found[start : start + _STEP, place] = total / np.maximum(known.sum(axis=1), 1)
        return found


@dataclass(frozen=True, eq=False)
class Confidence:
    """1 / (1 + exp(−(features · ``weights`` + ``offset``))); the weights are never negative."""

    weights: np.ndarray
    offset: float

    def of(self, pairs: Pairs) -> np.ndarray:
        """float64 (m,), how likely each pair is right."""
        return 1 / (1 + np.exp(-(pairs.features @ self.weights + self.offset)))


def fit_confidence(pairs: Pairs, right: np.ndarray, strangers: Pairs) -> Confidence:
    """From pairs of labelled items, bool (m,) whether they are right, and from pairs of strangers, none of which is."""
    features = np.concatenate([pairs.features, strangers.features])
    hits = np.concatenate([right, np.zeros(len(strangers), bool)]).astype(np.float64)
    share = _STRANGERS / (1 - _STRANGERS) * len(pairs) / max(len(strangers), 1)
    weights = np.concatenate([np.ones(len(pairs)), np.full(len(strangers), share)])
    used = np.arange(features.shape[1])
    while True:
        chosen, offset = _logistic(features[:, used], hits, weights)
        if (chosen >= 0).all() or len(used) == 1:
            break
        used = np.delete(used, chosen.argmin())  # less likely the more it looks like them: chance, among few
    full = np.zeros(features.shape[1])
    full[used] = np.maximum(chosen, 0.0)
    return Confidence(full, offset)


def _logistic(features: np.ndarray, hits: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, float]:
    """Penalised logistic regression by Newton's method with halved steps: weights and offset."""
    scale = np.maximum(features.std(axis=0), 1e-6)
    design = np.column_stack([features / scale, np.ones(len(features))])
    ridge = _RIDGE * len(features) * np.append(np.ones(features.shape[1]), 0.0) + 1e-6

    def loss(at: np.ndarray) -> float:
        margins = design @ at
        return float(counts @ (np.logaddexp(0, margins) - hits * margins) + 0.5 * ridge @ at**2)

    at = np.zeros(design.shape[1])
    least = loss(at)
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(design @ at, -500, 500)))
        gradient = design.T @ (counts * (chance - hits)) + ridge * at
        hessian = (design * (counts * chance * (1 - chance))[:, None]).T @ design + np.diag(ridge)
        step = np.linalg.solve(hessian, gradient)
        while (found := loss(at - step)) > least and np.abs(step).max() > 1e-9:
            step /= 2
        at, gained, least = at - step, least - found, found
        if gained < 1e-9:
            break
    return at[:-1] / scale, float(at[-1])
