"""Orders of a filter's results for people who judge: the most useful ones first, or any.

Most useful is what is near the threshold, where an answer moves it (uncertainty sampling: Lewis and Gale, SIGIR 1994),
and unlike what was looked at before, examples included (maximal marginal relevance: Carbonell and Goldstein, SIGIR
1998).
"""

from __future__ import annotations

import numpy as np

from visualsearch.vectors.space import Space

_POOL = 400  # nearest to the threshold, among which likeness counts: several screens of photos
_NEAR = 0.5  # the share of being near; the rest is that of being new


def shuffled(items: np.ndarray, size: int, seed: int) -> np.ndarray:
    """``items`` int32 (n,), each below ``size``, in a random order. Two items keep their order whatever else is among
    the items, so that narrowing a random sample gives one."""
    keys = np.random.default_rng(seed).random(size)
    return items[np.argsort(keys[items], kind="stable")]


def most_useful(
    items: np.ndarray, margins: np.ndarray, id_rank: np.ndarray, space: Space, examples: np.ndarray
) -> np.ndarray:
    """``items`` int32 (n,), the most useful to judge first.

    ``margins`` float (n,) ≥ 0: how far each is from the threshold. ``id_rank`` (n,) breaks ties. ``examples`` float32
    (k, width): joint vectors that were looked at already.
    """
    order = np.lexsort((id_rank, margins))
    pool, rest = order[:_POOL], order[_POOL:]
    if len(pool) < 2:
        return items[order]
    rows = np.array([space.rows_of(int(item))[0] for item in items[pool]], np.int64)
    vectors = space.gather(rows)
    scale = 1.0 / len(space.dims)  # the mean of the blocks' cosines
    alike = (vectors @ vectors.T) * scale
    seen = (vectors @ examples.T).max(axis=1) * scale if len(examples) else np.full(len(pool), -1.0)
    near = 1.0 - margins[pool] / max(float(margins[pool].max()), 1e-9)
    chosen = np.empty(len(pool), np.int64)
    left = np.ones(len(pool), bool)
    for place in range(len(pool)):
        worth = np.where(left, _NEAR * near - (1.0 - _NEAR) * seen, -np.inf)
        chosen[place] = best = int(worth.argmax())
        left[best] = False
        np.maximum(seen, alike[best], out=seen)
    return items[np.concatenate([pool[chosen], rest])]
