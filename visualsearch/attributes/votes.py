"""What the items that look alike say of each other: neighbours of every item, and their votes for values.

Neither the item's own images nor its near-duplicates are among its neighbours: a wrong value that was copied along
with the photo would vouch for itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from visualsearch.jobs import JobControl
from visualsearch.vectors.graph import JOINT
from visualsearch.vectors.space import Space

K = 30  # neighbours that vote
EXACT_ITEMS = 20_000  # above, the neighbour graphs answer instead of a scan of all pairs
COPY = 0.95  # cosine in every block from which on two photos are near-duplicates
_STEP = 1_024  # items at a time in a scan
_SPARE = 10  # candidates beyond K, for the near-duplicates that drop out
_TRANSLATED = 65_536  # rows at a time of a graph


@dataclass(frozen=True, eq=False)
class Neighbours:
    """``rows`` int32 (n, k), places among the n items, best first, -1 where there are no more; ``similarity``
    float32 (n, k), the cosine (of "joint" the mean of the blocks'), 0 where there are no more."""

    rows: np.ndarray
    similarity: np.ndarray

    def votes(self, labels: np.ndarray, classes: int, start: int, stop: int) -> np.ndarray:
        """Similarity-weighted shares of the labelled neighbours' values, float32 (stop − start, classes), of some
        items; labels int32 (n,), -1 for none, or bool (n, classes). Zeros where no neighbour has a value."""
        near = self.rows[start:stop]
        weights = np.maximum(self.similarity[start:stop], 0) * (near >= 0)
        place = np.maximum(near, 0)
        count = stop - start
        if labels.ndim == 2:
            weights = weights * np.asarray(labels.any(axis=1))[place]
            found = np.zeros((count, classes), np.float32)
            for column in range(near.shape[1]):
                found += labels[place[:, column]] * weights[:, column, None]
        else:
            given = labels[place]
            weights = weights * (given >= 0)
            cells = np.arange(count)[:, None] * classes + np.maximum(given, 0)
            found = np.bincount(cells.ravel(), weights.ravel(), count * classes).reshape(count, classes)
        total = weights.sum(axis=1, keepdims=True)
        return (found / np.maximum(total, 1e-9)).astype(np.float32)


def find_neighbours(
    vectors: np.ndarray, blocks: Mapping[str, slice], control: JobControl, k: int = K
) -> tuple[dict[str, Neighbours], np.ndarray]:
    """The k nearest items of each by a scan of all pairs, for every block and for both ("joint"); and the groups of
    near-duplicates, int32 (n,). float32 (n, width) vectors. Raises Cancelled."""
    count = len(vectors)
    wanted = min(k + _SPARE, max(count - 1, 0))
    names = [*blocks, JOINT]
    rows = {name: np.full((count, wanted), -1, np.int32) for name in names}
    near = {name: np.zeros((count, wanted), np.float32) for name in names}
    scaled = {name: _unit(vectors[:, columns]) for name, columns in blocks.items()}
    copies: list[np.ndarray] = []
    for start in range(0, count if wanted else 0, _STEP):
        control.progress("Comparing the items", start, count)
        stop = min(count, start + _STEP)
        total = np.zeros((stop - start, count), np.float32)
        least = np.full((stop - start, count), np.inf, np.float32)
        for name, block in scaled.items():
            scores = block[start:stop] @ block.T
            total += scores
            np.minimum(least, scores, out=least)
            rows[name][start:stop], near[name][start:stop] = _best(scores, start, wanted)
        total /= len(scaled)
        rows[JOINT][start:stop], near[JOINT][start:stop] = _best(total, start, wanted)
        copies.append(np.argwhere(least >= COPY).astype(np.int64) + np.array([start, 0]))
    groups = _grouped(count, np.concatenate(copies) if copies else np.empty((0, 2), np.int64))
    return {name: _without_copies(rows[name], near[name], groups, k) for name in names}, groups


def neighbours_from_graph(
    space: Space, items: np.ndarray, control: JobControl, k: int = K
) -> tuple[dict[str, Neighbours], np.ndarray] | None:
    """The same from the neighbour graphs of the index, for a large catalog: by each item's first photo. None while the
    graphs are not built. Photos that came after them have no neighbours yet. Raises Cancelled, CacheDamaged."""
    generation = space.generation
    if generation.graph_file is None:
        return None
    generation.graph_file.check(checkpoint=control.checkpoint)
    assert generation.graphs is not None
    built = len(generation.vectors)
    first = np.searchsorted(space.item, items)
    row = space.row[first].astype(np.int64)
    place_of_row = np.full(space.rows, -1, np.int32)
    place_of_item = np.full(space.size, -1, np.int32)
    place_of_item[items] = np.arange(len(items), dtype=np.int32)
    place_of_row[space.row] = place_of_item[space.item]
    graphs = generation.graphs
    found: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for name, rows in graphs.neighbours.items():
        places = np.full((len(items), rows.shape[1]), -1, np.int32)
        similar = np.zeros(places.shape, np.float32)
        for start in range(0, len(items), _TRANSLATED):
            control.progress(f"Reading who looks alike ({name})", start, len(items))
            own = row[start : start + _TRANSLATED]
            known = np.flatnonzero(own < built)
            near = np.asarray(rows[own[known]])
            places[start + known] = np.where(near >= 0, place_of_row[np.maximum(near, 0)], -1)
            similar[start + known] = graphs.similarities[name][own[known]]
        found[name] = places, similar
    groups = _grouped(len(items), _copies_of_graph(found, row))
    return {name: _without_copies(*pair, groups, k) for name, pair in found.items()}, groups


def _copies_of_graph(found: Mapping[str, tuple[np.ndarray, np.ndarray]], row: np.ndarray) -> np.ndarray:
    """Pairs (int64 (m, 2)) of items with the same photo, or with joint neighbours so near that no block can differ."""
    places, similar = found[JOINT]
    item, at = np.nonzero((similar >= (1 + COPY) / 2) & (places >= 0))
    order = np.argsort(row, kind="stable")
    same = np.flatnonzero(row[order][1:] == row[order][:-1])
    pairs = [
        np.column_stack([item, places[item, at]]).astype(np.int64),
        np.column_stack([order[same], order[same + 1]]),
    ]
    return np.concatenate(pairs)


def _unit(block: np.ndarray) -> np.ndarray:
    """Rows brought to unit length: the mean of several photos is shorter."""
    length = np.linalg.norm(block, axis=1, keepdims=True)
    return np.ascontiguousarray(block / np.maximum(length, 1e-12), np.float32)


def _best(scores: np.ndarray, start: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The best columns of each row, itself left out: int32 and float32 (r, count)."""
    own = np.arange(len(scores))
    kept = scores[own, start + own]
    scores[own, start + own] = -np.inf
    part = np.argpartition(-scores, count - 1, axis=1)[:, :count]
    values = np.take_along_axis(scores, part, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    scores[own, start + own] = kept
    return (
        np.take_along_axis(part, order, axis=1).astype(np.int32),
        np.take_along_axis(values, order, axis=1),
    )


def _grouped(count: int, pairs: np.ndarray) -> np.ndarray:
    """int32 (count,): the number of the connected component of each."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    links = coo_matrix((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    return connected_components(links, directed=False)[1].astype(np.int32)


def _without_copies(rows: np.ndarray, similarity: np.ndarray, groups: np.ndarray, k: int) -> Neighbours:
    """The first k that are of another group than the item, moved to the front."""
    usable = (rows >= 0) & (groups[np.maximum(rows, 0)] != groups[:, None])
    order = np.argsort(~usable, axis=1, kind="stable")[:, :k]
    kept = np.take_along_axis(usable, order, axis=1)
    return Neighbours(
        np.where(kept, np.take_along_axis(rows, order, axis=1), -1).astype(np.int32),
        np.where(kept, np.take_along_axis(similarity, order, axis=1), 0).astype(np.float32),
    )
