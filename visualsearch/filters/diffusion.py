"""The third phase: scores flow along the neighbour graphs.

What is above a cut gives way to its mean with the neighbours' (personalised random walk; Zhou, Bousquet, Lal, Weston,
Schölkopf, "Learning with Local and Global Consistency", NIPS 2003; for images Iscen, Tolias, Avrithis, Furon, Chum,
"Efficient Diffusion on Region Manifolds", CVPR 2017): f ← α·S·f + (1 − α)·f₀, where row i of S holds the weights
max(cos, 0)³ of i's neighbours, with sum 1. How much of it is taken depends on whether the graph keeps together what
the examples share. docs/decisions/search.md has what was measured.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from visualsearch.filters.scoring import Scorer
from visualsearch.vectors.graph import JOINT, Graphs
from visualsearch.vectors.space import Space

ALPHA = 0.8
ROUNDS = 10  # 0.8¹⁰: what comes later is a tenth
CUT = 1.0  # deviations above the catalog's mean from which on scores flow
WHOLE_ROWS = 200_000  # with more rows only the best take part
BEST_ROWS = 50_000
USUAL_AGREEMENT = 0.9  # of neighbours with a positive; what is assumed before the positives tell …
_TRUST = 2.0  # … counts as much as held-out positives this many deviations above the mean
_NO_AGREEMENT, _AGREEMENT = 0.5, 0.9  # at which none and all of the flow is taken
_ASKED = 12  # positives that are asked; more tell no more

Held = tuple[int, Scorer]
"""A positive's row, and the scorer that the other positives give."""


@dataclass(frozen=True, eq=False)
class Flow:
    """Graphs and how much of each, summing to 1, and how much of what flows is taken, above 0 to 1."""

    parts: tuple[tuple[str, float], ...]
    strength: float

    @property
    def key(self) -> tuple:
        """Names it in a memory of answers."""
        return self.parts, self.strength


class Diffusion:
    """Over one space whose generation has neighbour graphs. Safe from any thread.

    Rows that came after the graphs keep their scores.
    """

    def __init__(self, space: Space) -> None:
        self._space = space
        self._matrices: dict[str, object] = {}
        self._mutex = threading.Lock()

    def flow(
        self, colour_share: float, held: list[Held], positives: np.ndarray, checkpoint: Callable[[], None]
    ) -> Flow | None:
        """How scores are to flow for a filter, or None for not at all.

        ``positives`` are rows of positives, int64; ``held`` some of them with the scorers of the others. The graphs
        agree with a filter as far as the neighbours of a positive score as high as itself, by the others' scorer.
        Raises CacheDamaged.
        """
        graphs = self._graphs(checkpoint)
        if graphs is None:
            return None
        parts = _parts(colour_share)
        near = own = 0.0
        built = len(self._space.generation.vectors)
        for row, other in [(row, other) for row, other in held if row < built][-_ASKED:]:
            for name, share in parts:
                rows = graphs.neighbours[name][row]
                rows = rows[(rows >= 0) & ~np.isin(rows, positives)]
                if len(rows):
                    near += share * max(0.0, float(other.distances(self._space.gather(rows)).mean()))
            own += max(0.0, float(other.distances(self._space.gather(np.array([row])))[0]))
        agreement = (near + _TRUST * USUAL_AGREEMENT) / (own + _TRUST)
        strength = (agreement - _NO_AGREEMENT) / (_AGREEMENT - _NO_AGREEMENT)
        return Flow(parts, min(1.0, strength)) if strength > 0 else None

    def lifted(
        self,
        scores: np.ndarray,
        cut: float,
        flow: Flow,
        checkpoint: Callable[[], None],
        wrong: np.ndarray | None = None,
    ) -> np.ndarray:
        """Scores of all rows, float32 (rows,), after the flow: again from −1 to 1. What is above ``cut`` flows,
        and nothing from the rows ``wrong``, int64. Raises CacheDamaged, Cancelled."""
        graphs = self._graphs(checkpoint)
        assert graphs is not None
        built = len(self._space.generation.vectors)
        rows = None
        if built > WHOLE_ROWS:
            rows = np.argpartition(scores[:built], built - BEST_ROWS)[built - BEST_ROWS :]
            rows.sort()
            cut = max(cut, float(scores[rows].min()))
        own = scores[:built] if rows is None else scores[rows]
        source = np.maximum(own - np.float32(cut), 0.0)
        start = source
        if wrong is not None and len(wrong):
            start = source.copy()
            start[np.isin(np.arange(built) if rows is None else rows, wrong)] = 0.0
        found = self._walk(graphs, rows, start, flow, checkpoint)
        lifted = scores.copy()
        lifted[slice(built) if rows is None else rows] += np.float32(flow.strength) * (found - source)
        return lifted

    def _walk(
        self,
        graphs: Graphs,
        rows: np.ndarray | None,
        source: np.ndarray,
        flow: Flow,
        checkpoint: Callable[[], None],
    ) -> np.ndarray:
        """f after the last round, float32 as ``source``; ``rows`` int64 ascending, or None for all."""
        steps = []
        place = None
        if rows is not None:
            place = np.full(len(self._space.generation.vectors), -1, np.int32)
            place[rows] = np.arange(len(rows), dtype=np.int32)
        for name, share in flow.parts:
            checkpoint()
            steps.append((np.float32(ALPHA * share), self._matrix(graphs, name, rows, place)))
        found = source
        for _ in range(ROUNDS):
            checkpoint()
            after = np.float32(1.0 - ALPHA) * source
            for weight, matrix in steps:
                after += weight * (matrix @ found)
            found = after
        return found

    def _matrix(self, graphs: Graphs, name: str, rows: np.ndarray | None, place: np.ndarray | None):
        """S of a graph as a sparse matrix, of all rows (remembered) or of some; neighbours outside count as 0.
        ``place``: where each row of the graph is among these, int32, −1 for outside."""
        if rows is not None:
            return _transitions(graphs.neighbours[name][rows], graphs.similarities[name][rows], place)
        with self._mutex:
            if name not in self._matrices:
                near, similar = np.asarray(graphs.neighbours[name]), np.asarray(graphs.similarities[name])
                self._matrices[name] = _transitions(near, similar, None)
            return self._matrices[name]

    def _graphs(self, checkpoint: Callable[[], None]) -> Graphs | None:
        """The graphs, checked. Raises CacheDamaged."""
        generation = self._space.generation
        if generation.graph_file is None:
            return None
        generation.graph_file.check(checkpoint=checkpoint)
        return generation.graphs


def _parts(colour_share: float) -> tuple[tuple[str, float], ...]:
    """Of two graphs next to each other on the way style – joint – colour, as much as the share is near to each."""
    joint = 1.0 - abs(2.0 * colour_share - 1.0)
    block = "style" if colour_share < 0.5 else "colour"
    return tuple((name, share) for name, share in ((block, 1.0 - joint), (JOINT, joint)) if share > 0)


def _transitions(near: np.ndarray, similar: np.ndarray, place: np.ndarray | None):
    """CSR float32 (n, n) with the sum of each row 1 (0 where nothing is near), from neighbours int32 (n, k), −1 for
    none, and similarities float16 (n, k). ``place``: see ``_matrix``; a search in sorted rows took a third
    of the whole phase."""
    from scipy.sparse import csr_matrix

    weights = np.maximum(similar.astype(np.float32), 0.0)
    weights = weights * weights * weights  # the cosine's cube; a product is many times faster than a power
    weights[near < 0] = 0.0
    weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1e-12)
    count, k = near.shape
    if place is not None:
        near = place[np.maximum(near, 0)]
        weights[near < 0] = 0.0
    columns = np.maximum(near, 0).astype(np.int32, copy=False).ravel()
    starts = np.arange(0, count * k + 1, k, dtype=np.int32)
    return csr_matrix((weights.ravel(), columns, starts), shape=(count, count))
