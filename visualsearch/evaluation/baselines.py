"""What others do with the same examples, to compare with.

All but the forest work on the style block alone, which is the CNN's vector: what a vector database would be given. The
forest gets both blocks, since it can choose.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from visualsearch.vectors.space import Space

Baseline = Callable[["Rows", np.ndarray, np.ndarray, int], np.ndarray]
"""(rows, positives float32 (p, width), negatives (n, width), seed) → a score for each row, float (rows,)."""

_ROCCHIO_NEGATIVE = 0.15 / 0.75  # γ/β of Manning, Raghavan, Schütze (2008), section 9.1.1
_BACKGROUND = 200  # random rows of the catalog that the forest takes for wrong
_TREES = 60
_ONE_THREAD = 1  # more would cost more to start than such small forests take


class Rows:
    """The vectors of a catalog in memory, for scores that are not linear. ``joint`` float32 (rows, width)."""

    def __init__(self, space: Space) -> None:
        self.joint = space.gather(np.arange(space.rows))
        self.block = space.block("style")
        self.style = np.ascontiguousarray(self.joint[:, self.block])


def mean(rows: Rows, positives: np.ndarray, negatives: np.ndarray, seed: int) -> np.ndarray:
    """Cosine with the mean of the positives (its length does not change the order)."""
    return rows.style @ positives[:, rows.block].mean(axis=0)


def rocchio(rows: Rows, positives: np.ndarray, negatives: np.ndarray, seed: int) -> np.ndarray:
    """Cosine with the positives' mean less a part of the negatives' mean; there is no query in words to start from."""
    query = positives[:, rows.block].mean(axis=0)
    if len(negatives):
        query = query - _ROCCHIO_NEGATIVE * negatives[:, rows.block].mean(axis=0)
    return rows.style @ query


def best_score(rows: Rows, positives: np.ndarray, negatives: np.ndarray, seed: int) -> np.ndarray:
    """Qdrant's strategy of that name (lib/segment/src/vector_storage/query/reco_query.rs).

    With s(x) = ½·(x/(1+|x|) + 1): s(best cosine with a positive) if that is larger than the best with a negative, else
    −s(best cosine with a negative).
    """
    liked = (rows.style @ positives[:, rows.block].T).max(axis=1)
    if not len(negatives):
        return _sigmoid(liked)
    disliked = (rows.style @ negatives[:, rows.block].T).max(axis=1)
    return np.where(liked > disliked, _sigmoid(liked), -_sigmoid(disliked))


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return 0.5 * (values / (1.0 + np.abs(values)) + 1.0)


def forest(rows: Rows, positives: np.ndarray, negatives: np.ndarray, seed: int) -> np.ndarray:
    """Probability by a random forest (Breiman 2001), with random rows as further negatives: few of them are wrong."""
    from sklearn.ensemble import RandomForestClassifier

    chosen = np.random.default_rng(seed).permutation(len(rows.joint))[:_BACKGROUND]
    features = np.concatenate([positives, negatives, rows.joint[chosen]])
    labels = np.arange(len(features)) < len(positives)
    model = RandomForestClassifier(
        _TREES, class_weight="balanced", random_state=seed % 2**32, n_jobs=_ONE_THREAD
    )
    return model.fit(features, labels).predict_proba(rows.joint)[:, 1]


BASELINES: dict[str, Baseline] = {
    "mean": mean,
    "rocchio": rocchio,
    "best_score": best_score,
    "forest": forest,
}
