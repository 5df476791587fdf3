"""Scoring items with a linear scorer, and ordering them: the two phases of a query.

The order of results is by score, rounded to 6 decimals, then by the rank of the id. Scans run in single precision;
the head of the order is scored again in double precision, so that identical pictures tie exactly wherever their
rows lie, and two ways of computing the same answer agree.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from visualsearch.vectors.annoy_index import effort
from visualsearch.vectors.space import Space, each_once
from visualsearch.vectors.walk import walk

HEAD = 5_000  # results that are put in order before the first exact answer is shown
DECIMALS = 6
NOISE = 1e-5  # more than single precision can be wrong by for |score| ≤ 1
GATHER_SHARE = 0.08  # below this share of the rows, reading them one by one beats scanning them all
_REFINE = 4096
_PACKED = 2.0**30
_LARGE = 16  # of a set of so many times what is wanted a sample tells where the best begin, …
_SAMPLED = 61  # … of each so many,
_SPARE, _FEW = 1.5, 16  # … with half as many to spare, and a few
_ENTRIES = 100  # rows of each block where a walk begins, at least …
_ENTRY_SHARE = 6  # … and one in six of those that are wanted
_ENTRY_EFFORT = 6  # leaf entries to inspect for each


def scan(space: Space, scorer: np.ndarray, checkpoint: Callable[[], None]) -> np.ndarray:
    """Score every item: float64 (width,) → float32 (size,), −inf where no vector is."""
    return space.item_scores(space.score_rows(scorer.astype(np.float32), checkpoint))


def score_some(
    space: Space, scorer: np.ndarray, chosen: np.ndarray, checkpoint: Callable[[], None]
) -> np.ndarray:
    """Score the items of a set, bool (size,), only: float32 (size,), −inf for the others."""
    scores = np.full(space.size, -np.inf, np.float32)
    links = np.flatnonzero(chosen[space.item])
    single = scorer.astype(np.float32)
    found = np.empty(len(links), np.float32)
    for start in range(0, len(links), _REFINE):
        checkpoint()
        part = links[start : start + _REFINE]
        found[start : start + _REFINE] = space.gather(space.row[part], checkpoint) @ single
    space.put_scores(scores, space.item[links], found)
    return scores


def refine(
    space: Space, scorer: np.ndarray, items: np.ndarray, checkpoint: Callable[[], None] = lambda: None
) -> np.ndarray:
    """Scores in double precision: items int (n,) in any order → float64 (n,), −inf where no vector is."""
    scores = np.full(len(items), -np.inf)
    for start in range(0, len(items), _REFINE):
        checkpoint()
        part = items[start : start + _REFINE]
        first, counts = space.links_of(part)
        total = int(counts.sum())
        if not total:
            continue
        begins = np.cumsum(counts) - counts
        links = np.repeat(first - begins, counts) + np.arange(total)
        # einsum, not @: it sums in double precision without a copy, and without waking BLAS's threads.
        found = np.einsum("ij,j->i", space.gather(space.row[links], checkpoint), scorer)
        some = counts > 0
        scores[start : start + _REFINE][some] = np.maximum.reduceat(found, begins[some])
    return scores


def candidates(
    space: Space, scorer: np.ndarray, count: int, near: np.ndarray | None = None, near_alone: bool = False
) -> np.ndarray:
    """The indexes' proposal: items int32 (k,) ascending that probably hold the ``count`` best, delta included.

    Check the index files before; where the neighbour graphs are checked, too, the proposal is bettered along them, from
    the rows ``near``, int (n,), as well; where these are enough and ``near_alone``, from them only. Every row that came
    since the index was built is a candidate.
    """
    generation, built = space.generation, len(space.generation.vectors)
    graphs = generation.checked_graphs
    entries = max(_ENTRIES, count // _ENTRY_SHARE)
    efforts = effort(built, count) if graphs is None else (entries, _ENTRY_EFFORT * entries)
    near = np.empty(0, np.int64) if near is None else near[(near >= 0) & (near < built)]
    proposed = []
    if graphs is None or not near_alone or len(near) < entries:
        for block, index in generation.indexes.items():
            part = scorer[space.block(block)]
            if part.any():
                proposed.append(index.candidates(part, *efforts))
    if graphs is not None:
        start = each_once(np.concatenate([*proposed, near]))
        proposed = [walk(space, graphs, scorer, start, entries, count)]
    return space.items_of_rows(np.concatenate([np.arange(built, space.rows, dtype=np.int64), *proposed]))


def nth_best(scores: np.ndarray, chosen: np.ndarray, count: int) -> float:
    """The ``count``-th best score of a set: float32 (size,) and bool (size,); −inf where it has no more than that."""
    total = int(np.count_nonzero(chosen))
    if count >= total:
        return float("-inf")
    best = chosen
    if total > _LARGE * count:
        sample = scores[::_SAMPLED][chosen[::_SAMPLED]]
        spared = max(0, len(sample) - int(_SPARE * count / total * len(sample)) - _FEW)
        if spared:
            likely = chosen & (scores >= np.partition(sample, spared)[spared])
            if np.count_nonzero(likely) >= count:
                best = likely
    values = scores[best]
    return float(np.partition(values, len(values) - count)[len(values) - count])


def head(scores: np.ndarray, chosen: np.ndarray, count: int, noise: float = NOISE) -> np.ndarray:
    """Items int64 ascending that certainly include the ``count`` best of a set, bool (size,), given scores, float32
    (size,), that are right within ``noise``."""
    return np.flatnonzero(chosen & (scores >= nth_best(scores, chosen, count) - 2 * noise))


def ordered(scores: np.ndarray, id_rank: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Best first, ties by the ranks of ids, which are unique: (order int64 (n,), scores in it, to 6 decimals)."""
    rounded = np.round(scores.astype(np.float64), DECIMALS)
    scaled = rounded * -(10.0**DECIMALS)
    if np.abs(scaled).max(initial=0.0) < _PACKED:  # score and rank in one integer: four times as fast
        order = np.argsort((np.rint(scaled).astype(np.int64) << 32) + id_rank)
    else:  # too large for that, or infinite
        order = np.lexsort((id_rank, -rounded))
    return order, rounded[order]
