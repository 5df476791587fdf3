"""From a few good rows along the neighbour graphs to better ones.

Greedy best-first search as in Malkov, Yashunin, "Efficient and robust approximate nearest neighbor search using
Hierarchical Navigable Small World graphs" (TPAMI 2018), a whole beam at a time, since NumPy is quick with many rows and
slow with one. It starts from the best of a sample, or from the indexes' proposals, which so need a quarter of the
effort that they would need to find the best by themselves (docs/decisions/search.md).
"""

from __future__ import annotations

import numpy as np

from visualsearch.vectors.graph import JOINT, Graphs
from visualsearch.vectors.space import Space, each_once, highest

ROUNDS = 3


def walk(
    space: Space, graphs: Graphs, scorer: np.ndarray, rows: np.ndarray, width: int, count: int
) -> np.ndarray:
    """Rows int64 (n,), each once, that are in the graphs → the ``count`` best of these and of what was found on the
    way, int64 (≤ count,), in no order.

    In each round the neighbours of the ``width`` best rows so far that have not been asked are added. Neighbours are
    those by the block that tells most in ``scorer``, float64 (width of the space,), and by all blocks together. Check
    the graphs before. Raises CacheDamaged.
    """
    block = max(space.dims, key=lambda name: float(scorer[space.block(name)] @ scorer[space.block(name)]))
    single = scorer.astype(np.float32)
    seen = np.zeros(len(space.generation.vectors) + 1, bool)
    seen[rows] = True
    seen[-1] = True  # where −1 points, which stands for no neighbour
    scores = space.gather(rows) @ single
    unasked = scores.copy()  # −inf where a row's neighbours have been added
    for _ in range(ROUNDS):
        best = highest(unasked, width)
        unasked[best] = -np.inf
        asked = rows[best]
        near = np.concatenate([graphs.neighbours[name][asked].ravel() for name in (block, JOINT)])
        near = each_once(near[~seen[near]])
        if not len(near):
            break
        seen[near] = True
        found = space.gather(near) @ single
        rows, scores = np.concatenate([rows, near]), np.concatenate([scores, found])
        unasked = np.concatenate([unasked, found])
    return rows[highest(scores, count)]
