"""From a few good rows along the neighbour graphs to better ones.

Greedy best-first search as in Malkov, Yashunin, "Efficient and robust approximate nearest neighbor search using
Hierarchical Navigable Small World graphs" (TPAMI 2018), a whole beam at a time, since NumPy is quick with many rows and
slow with one. The indexes' proposals are where it starts, so they need a quarter of the effort that they would need to
find the best by themselves (docs/decisions/search.md).
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
    built = len(space.generation.vectors)
    seen, asked = np.zeros(built, bool), np.zeros(built, bool)
    found, scores = [rows], [space.gather(rows) @ single]
    seen[rows] = True
    for _ in range(ROUNDS):
        known, values = np.concatenate(found), np.concatenate(scores)
        fresh = ~asked[known]
        known = known[fresh][highest(values[fresh], width)]
        asked[known] = True
        near = np.concatenate([graphs.neighbours[name][known].ravel() for name in (block, JOINT)])
        near = each_once(near[(near >= 0) & ~seen[near]]).astype(np.int64)
        if not len(near):
            break
        seen[near] = True
        found.append(near)
        scores.append(space.gather(near) @ single)
    known, values = np.concatenate(found), np.concatenate(scores)
    return known[highest(values, count)]
