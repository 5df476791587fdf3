"""The scores of a solved filter over the whole catalog: by its scorer, and after diffusion. Remembered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from visualsearch.filters.cache import Cache
from visualsearch.filters.diffusion import CUT, Diffusion, Flow
from visualsearch.filters.scoring import REFERENCE_ROWS, Scorer
from visualsearch.filters.solving import Solved, Solver
from visualsearch.vectors import search
from visualsearch.vectors.space import Space, highest

Checkpoint = Callable[[], None]
_BEST = 100  # rows among which copies of a picture are looked for
_SAMPLED = 8  # of so many rows one must be in the solver's sample where a walk begins there alone
_SAME = 0.995  # of a cosine: the same picture, perhaps decoded or compressed otherwise


@dataclass(frozen=True, eq=False)
class Scores:
    """``values`` float32 (size,), read-only, right within ``search.NOISE``; −inf where no vector is. ``lift`` float32
    (size,): how much of each came by diffusion, or None for nothing."""

    values: np.ndarray
    lift: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class _Scan:
    """Scores by the scorer alone, float32: of the rows, and of the items."""

    rows: np.ndarray
    items: np.ndarray


class Scorers:
    """Scores all items of one space. Safe from any thread."""

    def __init__(self, space: Space, solver: Solver) -> None:
        self._space = space
        self._solver = solver
        self._diffusion = Diffusion(space)
        self._scans: Cache[_Scan] = Cache(2)
        self._finals: Cache[Scores] = Cache(2)

    def flow(self, solved: Solved, checkpoint: Checkpoint) -> Flow | None:
        """How the filter's scores flow along the graphs; None where they are final as they are."""
        positives = solved.rows[: solved.telling]
        held = self._solver.held_out(solved)
        return self._diffusion.flow(solved.colour_share, held, positives[positives >= 0], checkpoint)

    def is_known(self, solved: Solved, flow: Flow | None = None) -> bool:
        """Whether the scores (after a flow, if given) are remembered."""
        if flow is None:
            return self._scans.peek(_key(solved)) is not None
        return self._finals.peek(_final_key(solved, flow)) is not None

    def linear(self, solved: Solved, checkpoint: Checkpoint) -> Scores:
        """By the scorer alone. Raises CacheDamaged, Cancelled."""
        return Scores(self._scan(solved, checkpoint).items)

    def final(self, solved: Solved, flow: Flow | None, checkpoint: Checkpoint) -> Scores:
        """After the flow that ``flow`` gave. Raises CacheDamaged, Cancelled."""
        if flow is None:
            return self.linear(solved, checkpoint)

        cut = solved.mean + CUT * solved.deviation
        wrong = _wrong(solved)

        def diffuse() -> Scores:
            scan = self._scan(solved, checkpoint)
            rows = self._diffusion.lifted(scan.rows, cut, flow, checkpoint, wrong)
            copies = self._copies(solved, scan.rows)
            rows[copies] = np.maximum(rows[copies], scan.rows[copies])
            values = self._space.item_scores(rows)
            lift = np.zeros_like(values)
            np.subtract(values, scan.items, out=lift, where=values > -np.inf)
            values.setflags(write=False)
            return Scores(values, lift)

        return self._finals.get(_final_key(solved, flow), diffuse)

    def _copies(self, solved: Solved, scores: np.ndarray) -> np.ndarray:
        """Rows, among the best, of the very pictures that were brought from outside: int64. They keep their scores, so
        that who drops a photo of the catalog finds it first."""
        brought = solved.positives[solved.rows < 0]
        if not len(brought):
            return np.empty(0, np.int64)
        best = highest(scores, _BEST)
        alike = self._space.gather(best) @ brought.T / np.maximum((brought**2).sum(axis=1), 1e-9)
        return best[(alike > _SAME).any(axis=1)]

    def some(self, solved: Solved, chosen: np.ndarray, checkpoint: Checkpoint) -> Scores:
        """By the scorer alone and of the items of a set, bool (size,), only; −inf for the others."""
        found = [
            search.score_some(self._space, scorer.weights, chosen, checkpoint) for scorer in solved.scorers
        ]
        return Scores(np.maximum.reduce(found))

    def candidates(self, solved: Solved, count: int) -> np.ndarray:
        """Items int32 ascending that probably hold the ``count`` best, and the examples."""
        own = solved.rows[solved.rows >= 0]
        proposed = [candidates(self._space, scorer, count, own) for scorer in solved.scorers]
        return proposed[0] if len(proposed) == 1 else np.unique(np.concatenate(proposed))

    def exact(self, solved: Solved, scores: Scores) -> Callable[[np.ndarray], np.ndarray]:
        """Items int (n,) → their scores in double precision, float64 (n,), −inf where no vector is."""

        def refined(items: np.ndarray) -> np.ndarray:
            found = self.refined(solved, items, lambda: None)
            return found if scores.lift is None else found + scores.lift[items]

        return refined

    def refined(self, solved: Solved, items: np.ndarray, checkpoint: Checkpoint) -> np.ndarray:
        """Scores by the scorers alone in double precision: items int (n,) → float64 (n,)."""
        found = [search.refine(self._space, scorer.weights, items, checkpoint) for scorer in solved.scorers]
        return np.maximum.reduce(found)

    def _scan(self, solved: Solved, checkpoint: Checkpoint) -> _Scan:
        def scan() -> _Scan:
            rows = self._space.score_rows(solved.scorers[0].weights.astype(np.float32), checkpoint)
            for scorer in solved.scorers[1:]:
                more = self._space.score_rows(scorer.weights.astype(np.float32), checkpoint)
                np.maximum(rows, more, out=rows)
            items = self._space.item_scores(rows)
            items.setflags(write=False)
            return _Scan(rows, items)

        return self._scans.get(_key(solved), scan)


def candidates(space: Space, scorer: Scorer, count: int, own: np.ndarray) -> np.ndarray:
    """Items int32 ascending that probably hold the ``count`` best by one scorer, and its examples: rows int (n,).

    The walk along the graphs also begins at what solving the filter found in its sample; where this is a fair part of
    all rows, only there: then as many are found, and the indexes need not be asked. Check the index files before.
    """
    fair = space.rows <= _SAMPLED * REFERENCE_ROWS
    near = np.concatenate([own, scorer.promising])
    return search.candidates(space, scorer.weights, count + len(own), near, near_alone=fair)


def _key(solved: Solved) -> bytes:
    return b"".join(scorer.weights.tobytes() for scorer in solved.scorers)


def _final_key(solved: Solved, flow: Flow) -> tuple:
    return _key(solved), flow.key, _wrong(solved).tobytes()


def _wrong(solved: Solved) -> np.ndarray:
    """The rows of the negatives that the filter learnt from, int64."""
    rows = solved.wrong_rows[: solved.telling_wrong]
    return rows[rows >= 0]
