"""What others do with the same examples, to compare with.

All but the forest work on the CNN's pooled features alone, centred, in 256 components: what a vector database would be
given. The forest gets the colours too, since it can choose.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from visualsearch.filters.scoring import mean_of_images, stack
from visualsearch.vectors.embeddings import EmbeddingStore
from visualsearch.vectors.projection import Projection, sampled
from visualsearch.vectors.space import Space

Baseline = Callable[["Rows", np.ndarray, np.ndarray, int], np.ndarray]
"""(rows, positives float32 (p, width), negatives (n, width), seed) → a score for each row, float (rows,)."""

_ROCCHIO_NEGATIVE = 0.15 / 0.75  # γ/β of Manning, Raghavan, Schütze (2008), section 9.1.1
_BACKGROUND = 200  # random rows of the catalog that the forest takes for wrong
_TREES = 60
_COMPONENTS = 256
_STEP = 8192
_ONE_THREAD = 1  # more would cost more to start than such small forests take


class Embeddings(NamedTuple):
    """Where the rows' embeddings are, and how many numbers of each are the network's pooled features."""

    store: EmbeddingStore
    pooled: int


class Rows:
    """A catalog's vectors in memory: ``both`` float32 (rows, width), of which the columns ``block`` are ``seen``."""

    def __init__(self, space: Space, embeddings: Embeddings | None = None) -> None:
        """Without ``embeddings`` the style block is taken for what the network sees."""
        self.space = space
        joint = space.gather(np.arange(space.rows))
        self.seen = np.ascontiguousarray(joint[:, space.block("style")])
        if embeddings is not None:
            self.seen = _seen(*embeddings, space.rows)
        self.both = np.concatenate([self.seen, joint[:, space.block("colour")]], axis=1)
        self.block = slice(0, self.seen.shape[1])

    def of(self, items: list[int]) -> np.ndarray:
        """Examples' vectors, float32 (n, width): of each item the mean of its pictures."""
        vectors = [mean_of_images(self.both[self.space.rows_of(item)]) for item in items]
        return stack(vectors, self.both.shape[1])


def _seen(store: EmbeddingStore, pooled: int, rows: int) -> np.ndarray:
    """Vectors of unit length, float32 (rows, 256)."""
    chosen = sampled(np.arange(rows))
    projection = Projection.fit(store.rows("style")[chosen, :pooled], _COMPONENTS)
    starts = range(0, rows, _STEP)
    parts = [
        projection.apply(store.rows("style", start, min(start + _STEP, rows))[:, :pooled]) for start in starts
    ]
    return np.concatenate(parts)


def mean(rows: Rows, positives: np.ndarray, negatives: np.ndarray, seed: int) -> np.ndarray:
    """Cosine with the mean of the positives (its length does not change the order)."""
    return rows.seen @ positives[:, rows.block].mean(axis=0)


def rocchio(rows: Rows, positives: np.ndarray, negatives: np.ndarray, seed: int) -> np.ndarray:
    """Cosine with the positives' mean less a part of the negatives' mean; there is no query in words to start from."""
    query = positives[:, rows.block].mean(axis=0)
    if len(negatives):
        query = query - _ROCCHIO_NEGATIVE * negatives[:, rows.block].mean(axis=0)
    return rows.seen @ query


def best_score(rows: Rows, positives: np.ndarray, negatives: np.ndarray, seed: int) -> np.ndarray:
    """Qdrant's strategy of that name (lib/segment/src/vector_storage/query/reco_query.rs).

    With s(x) = ½·(x/(1+|x|) + 1): s(best cosine with a positive) if that is larger than the best with a negative, else
    −s(best cosine with a negative).
    """
    liked = (rows.seen @ positives[:, rows.block].T).max(axis=1)
    if not len(negatives):
        return _sigmoid(liked)
    disliked = (rows.seen @ negatives[:, rows.block].T).max(axis=1)
    return np.where(liked > disliked, _sigmoid(liked), -_sigmoid(disliked))


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return 0.5 * (values / (1.0 + np.abs(values)) + 1.0)


def forest(rows: Rows, positives: np.ndarray, negatives: np.ndarray, seed: int) -> np.ndarray:
    """Probability by a random forest (Breiman 2001), with random rows as further negatives: few of them are wrong."""
    from sklearn.ensemble import RandomForestClassifier

    chosen = np.random.default_rng(seed).permutation(len(rows.both))[:_BACKGROUND]
    features = np.concatenate([positives, negatives, rows.both[chosen]])
    labels = np.arange(len(features)) < len(positives)
    model = RandomForestClassifier(
        _TREES, class_weight="balanced", random_state=seed % 2**32, n_jobs=_ONE_THREAD
    )
    return model.fit(features, labels).predict_proba(rows.both)[:, 1]


BASELINES: dict[str, Baseline] = {
    "mean": mean,
    "rocchio": rocchio,
    "best_score": best_score,
    "forest": forest,
}
