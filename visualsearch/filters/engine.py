"""Runs a query: predicate, text and visual filter together, phase by phase.

The approximate phase shows the indexes' candidates, the scan scores every item, and diffusion lets scores flow along
the neighbour graphs; then set, total and facet counts are exact. `filters.query.Phase` says what each promises,
docs/decisions/search.md when the first are skipped, and why.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any, Literal, Protocol, TypeVar

import numpy as np

from visualsearch.catalog.snapshot import Snapshot
from visualsearch.catalog.store import Catalog
from visualsearch.errors import NothingPrepared
from visualsearch.filters import threshold
from visualsearch.filters.algebra import Algebra, Counted, Documents
from visualsearch.filters.cache import Cache
from visualsearch.filters.diffusion import Flow
from visualsearch.filters.ordering import permutation
from visualsearch.filters.query import Blocks, Phase, Query, Results, Sort, VisualFilter
from visualsearch.filters.ranking import Exact, Ranking, above, blended, nth_best
from visualsearch.filters.scores import Scorers
from visualsearch.filters.scoring import Scorer
from visualsearch.filters.selection import Selection, Selections
from visualsearch.filters.solving import External, Solved, Solver
from visualsearch.filters.tags import Tags
from visualsearch.jobs import JobControl
from visualsearch.vectors import search
from visualsearch.vectors.graph import JOINT
from visualsearch.vectors.space import Space

Mode = Literal["two-phase", "exact", "approximate"]
T = TypeVar("T")

APPROXIMATE_COUNT = 500  # candidates of the approximate phase: a few screenfuls
APPROXIMATE_ROWS = 200_000  # with fewer rows the exact answer is there within a frame or two anyway
APPROXIMATE_SHARE = 0.25  # where a predicate leaves less, too many candidates would be in vain
SCANNED_ROWS = 20_000  # with fewer rows diffusion takes no more than a frame or two


class Use(Protocol):
    """`loading.Engines.use`: work with the engine of the catalog as it is now."""

    def __call__(self, work: Callable[[Engine], T], control: JobControl, /) -> T: ...


class Engine:
    """Answers queries over one snapshot and one space. Immutable for its callers; safe from any thread."""

    def __init__(
        self,
        catalog: Catalog,
        snapshot: Snapshot,
        space: Space | None,
        external: External,
        documents: Documents = dict,
        counted: Counted | None = None,
    ) -> None:
        """``documents`` gives the saved filters that conditions may speak of, ``counted`` the figures."""
        if space is not None and space.size != snapshot.size:
            raise ValueError(f"the space is of {space.size} numbers, the snapshot of {snapshot.size}")
        self.snapshot = snapshot
        self.space = space
        self.embedding = external
        """The embedding of an example from outside or of a region. Raises ImageRefused, EncoderError."""
        self._catalog = catalog
        self.algebra = Algebra(self, catalog, documents, counted)
        self._selections = Selections(catalog, snapshot, self.algebra.now)
        self._solver = None
        if space is not None:
            self._solver = Solver(space, snapshot.size, external, Tags(snapshot.columns, space))
        self._scorers = Scorers(space, self._solver) if space is not None and self._solver else None
        self._orders: Cache[np.ndarray] = Cache(4)
        self._asked = False
        self._searchable = snapshot.alive & space.has_vector() if space is not None else snapshot.alive

    def over(self, snapshot: Snapshot) -> Engine:
        """An engine over a snapshot of the same items with other values. It keeps what only the looks decide, and
        orders by attributes that are the same."""
        other = copy.copy(self)
        other.snapshot = snapshot
        other.algebra = self.algebra.over(other)
        other._selections = Selections(self._catalog, snapshot, other.algebra.now)
        columns = self.snapshot.columns
        same = lambda sort: columns.get(sort.by) is snapshot.columns.get(sort.by)  # noqa: E731
        other._orders = self._orders.kept(same)
        return other

    def run(
        self,
        query: Query,
        emit: Callable[[Results], None],
        control: JobControl,
        *,
        mode: Mode = "two-phase",
    ) -> None:
        """Answer phase by phase through ``emit``, in the calling thread.

        Raises PredicateError, UsageError (sort), ImageRefused and EncoderError (examples from outside), CacheDamaged
        (a checksum failed: build the index anew and ask again), Cancelled.
        """
        started = time.perf_counter()

        def answer(ranking: Ranking, items: np.ndarray, scores: np.ndarray | None, **rest) -> None:
            elapsed = (time.perf_counter() - started) * 1000
            emit(Results(items, scores, elapsed_ms=elapsed, **ranking.about, **rest))

        selection = self._selections.of(query, control)
        control.checkpoint()
        if not query.visual:
            ranking = self._rank_by_text(selection)
        else:
            looks = self.solve(query.visual)
            control.checkpoint()
            if mode != "exact":
                first = self._approximate(query, selection, looks, mode, control)
                if first is not None:
                    answer(*first, total=len(first[1]), phase=Phase.APPROXIMATE)
                    if mode == "approximate":
                        return
                control.checkpoint()
            flow = self._flow(looks, control)
            if mode == "two-phase" and query.is_by_score and flow is not None and self._is_slow(looks, flow):
                ranking = self._rank_by_looks(query, selection, looks, None, control)
                items, scores = self._in_order(query.sort, ranking, search.HEAD)
                answer(ranking, items, scores, total=int(ranking.mask.sum()), phase=Phase.SCANNED)
                control.checkpoint()
            ranking = self._rank_by_looks(query, selection, looks, flow, control)
            if query.sort.by == "relevance" and not query.is_by_score:
                ranking = replace(ranking, order=self._looked_at(query, ranking, looks, flow, control))
        self._settle(query, selection, ranking, answer, control)
        if query.visual and mode == "two-phase":
            self._prepare_index(control)

    @property
    def build(self) -> str:
        """Names the index build: scores of one build stay the same."""
        if self.space is None:
            return ""
        manifest = self.space.generation.manifest
        return f"{manifest.store_id}-{manifest.generation}"

    def selection(self, query: Query, control: JobControl) -> Selection:
        """What a query's conditions, ticks and text select, remembered. Raises PredicateError, Cancelled."""
        return self._selections.of(query, control)

    def linear(self, positives: np.ndarray, negatives: np.ndarray, blocks: Blocks) -> Scorer:
        """See `Solver.linear`. Raises NothingPrepared, CacheDamaged."""
        return self._able().linear(positives, negatives, blocks)

    def solve(self, visual: VisualFilter) -> Solved:
        """A filter's examples and scorer. Raises NothingPrepared, VisualSearchError, ImageRefused,
        EncoderError, CacheDamaged."""
        return self._able().solve(visual)

    def colours_differ(self, visual: VisualFilter, without: Collection[str] = ()) -> float:
        """What `VisualFilter.colours_differ` is in this catalog, ``without`` some of the attributes. Raises
        NothingPrepared, CacheDamaged."""
        return self._able().colours_differ(visual, without)

    def _able(self) -> Solver:
        if self._solver is None:
            raise NothingPrepared
        return self._solver

    def left_out(self, visual: VisualFilter) -> np.ndarray:
        """How far above the catalog's mean each positive is ranked by the others alone, in deviations: float64 (p,);
        empty for fewer than two. Raises what ``solve`` raises."""
        return self._able().left_out(self.solve(visual))

    def scores(self, query: Query, control: JobControl) -> np.ndarray:
        """The scores that a query's visual filter ends with, over the whole catalog: float32 (size,), read-only.

        −inf where an item has no vector; examples are scored too. Predicates, text and ``narrow`` do not matter. Right
        within ``search.NOISE``. Raises what ``solve`` raises, Cancelled.
        """
        looks = self.solve(query.visual)
        assert self._scorers is not None
        return self._scorers.final(looks, self._flow(looks, control), control.checkpoint).values

    def neighbours(self, item: int, k: int) -> tuple[np.ndarray, np.ndarray]:
        """The k items that look most like one: item numbers int32 (≤ k,), similarities float32, best first.

        The similarity is the mean of the blocks' cosines. Items with the very same picture are neighbours too. From
        the neighbour graph where that answers, otherwise by a scan. Empty where the item has no vector.
        """
        space = self.space
        rows = space.rows_of(item) if space is not None else np.empty(0, np.int32)
        if space is None or not len(rows):
            return np.empty(0, np.int32), np.empty(0, np.float32)
        scorer = space.gather(rows[:1])[0].astype(np.float64) / len(space.dims)
        chosen = self._graph_items(space, item, int(rows[0]), k)
        if chosen is None:
            scores = search.scan(space, scorer, lambda: None)
            chosen = search.head(scores, (scores > -np.inf) & self.snapshot.alive, k + 1)
        chosen = chosen[(chosen != item) & self.snapshot.alive[chosen]]
        order, values = search.ordered(search.refine(space, scorer, chosen), self.snapshot.id_rank[chosen])
        return chosen[order][:k].astype(np.int32), values[:k].astype(np.float32)

    def block_scores(self, query: Query, item: int) -> dict[str, float]:
        """Each block's part of an item's score: {"style": …, "colour": …}, of its best image; empty without one."""
        space = self.space
        if space is None or not query.visual or not len(space.rows_of(item)):
            return {}
        solved = self.solve(query.visual)
        vectors = space.gather(space.rows_of(item)).astype(np.float64)
        scores = np.max([vectors @ scorer.weights for scorer in solved.scorers], axis=0)
        best = vectors[int(scores.argmax())]
        scorer = solved.best(best)
        return {
            name: float(best[space.block(name)] @ scorer.weights[space.block(name)]) for name in space.dims
        }

    # Phases

    def _prepare_index(self, control: JobControl) -> None:
        """Check a large index for the approximate phases to come, after an answer, when nobody waits.

        Only from the second query on: a command that asks once should not stay for it.
        """
        asked_before, self._asked = self._asked, True
        if asked_before and self.space is not None and self.space.rows >= APPROXIMATE_ROWS:
            self.space.check(control.checkpoint)

    def _rank_by_text(self, selection: Selection) -> Ranking:
        scores = selection.text_scores
        if scores is None:
            return Ranking(selection.mask, key="all")
        exact = lambda items: scores[items].astype(np.float64)  # noqa: E731
        return Ranking(selection.mask, key="all", scores=scores, exact=exact)

    def _approximate(
        self,
        query: Query,
        selection: Selection,
        looks: Solved,
        mode: Mode,
        control: JobControl,
    ) -> tuple[Ranking, np.ndarray, np.ndarray] | None:
        """The index's candidates, in order; None where the exact answer is as cheap or the index cannot help."""
        space, scorers = self.space, self._scorers
        assert space is not None
        assert scorers is not None
        by_looks = query.is_by_score and (selection.text_scores is None or query.text_weight <= 0)
        share = np.count_nonzero(selection.mask) / max(1, self.snapshot.alive_count)
        if not by_looks or share < APPROXIMATE_SHARE:
            return None
        if mode == "two-phase":
            known = scorers.is_known(looks)
            files = space.generation.index_files.values()
            if known or space.rows < APPROXIMATE_ROWS or not all(file.is_checked for file in files):
                return None
        for file in space.generation.index_files.values():
            file.check(checkpoint=control.checkpoint)
        wanted = selection.mask.copy()
        wanted[looks.items] = False
        items = scorers.candidates(looks, int(APPROXIMATE_COUNT / share))
        items = items[wanted[items]]
        control.checkpoint()
        scores = scorers.refined(looks, items, control.checkpoint)
        order, values = search.ordered(scores, self.snapshot.id_rank[items])
        ranking = Ranking(selection.mask, about=_about(looks))
        return ranking, items[order], values.astype(np.float32)

    def _flow(self, looks: Solved, control: JobControl) -> Flow | None:
        assert self._scorers is not None
        return self._scorers.flow(looks, control.checkpoint)

    def _is_slow(self, looks: Solved, flow: Flow) -> bool:
        """Whether the scan's answer is to be shown before diffusion's."""
        assert self.space is not None
        assert self._scorers is not None
        return self.space.rows >= SCANNED_ROWS and not self._scorers.is_known(looks, flow)

    def _rank_by_looks(
        self, query: Query, selection: Selection, looks: Solved, flow: Flow | None, control: JobControl
    ) -> Ranking:
        """Scores, after a flow if there is one, of the selected items that have a vector, the examples left out;
        narrowed if asked for."""
        space, scorers = self.space, self._scorers
        assert space is not None
        assert scorers is not None
        searchable = self._searchable
        found = searchable.copy()
        found[looks.items] = False
        mask = selection.mask & found
        about = _about(looks)
        narrow = query.visual.narrow
        few = np.count_nonzero(mask) < search.GATHER_SHARE * space.rows
        if flow is None and narrow is None and few and not scorers.is_known(looks):
            scores = scorers.some(looks, mask, control.checkpoint)
        else:
            scores = scorers.final(looks, flow, control.checkpoint)
        exact = scorers.exact(looks, scores)
        if narrow is None:
            ranking = Ranking(mask, searchable, "searchable", looks.items, scores.values, exact, about=about)
        else:
            cut, strictness = self._cut(looks, scores.values, found, exact)
            found = above(scores.values, found, cut, exact)
            about |= {"threshold": cut, "strictness": strictness}
            ranking = Ranking(selection.mask & found, found, scores=scores.values, exact=exact, about=about)
        if selection.text_scores is not None and query.text_weight > 0:
            return blended(ranking, selection.text_scores, min(1.0, query.text_weight))
        return ranking

    def _looked_at(
        self, query: Query, ranking: Ranking, looks: Solved, flow: Flow | None, control: JobControl
    ) -> np.ndarray:
        """The whole of a ranking, int32 (n,), in the order in which a person who judges looks at it."""
        from visualsearch.filters import looking

        items, size = np.flatnonzero(ranking.mask).astype(np.int32), self.snapshot.size
        if query.look.by == "random":
            return looking.shuffled(items, size, query.look.seed)
        assert self.space is not None
        assert self._scorers is not None
        scores = self._scorers.final(looks, flow, control.checkpoint)
        values, exact = scores.values, self._scorers.exact(looks, scores)
        cut = ranking.about.get("threshold")
        if cut is None or not np.isfinite(cut):  # what would be the threshold, if there were one
            found = self._searchable.copy()
            found[looks.items] = False
            auto = replace(looks, visual=replace(looks.visual, narrow="auto"))
            cut, _ = self._cut(auto, values, found, exact)
            if not np.isfinite(cut):  # so few items that it would keep them all
                cut = float(values[found].min(initial=1.0))
        control.checkpoint()
        examples = np.concatenate([looks.positives, looks.negatives])
        margins = np.abs(values[items] - cut)
        return looking.most_useful(items, margins, self.snapshot.id_rank[items], self.space, examples)

    def _cut(self, looks: Solved, scores: np.ndarray, found: np.ndarray, exact: Exact) -> tuple[float, float]:
        """(score, strictness) that narrowing cuts at, from the scores float32 (size,) of all items that could be found,
        bool (size,)."""
        assert self._solver is not None
        items = int(np.count_nonzero(found))
        if looks.visual.narrow != "auto":
            strictness = min(1.0, max(0.0, float(looks.visual.narrow or 0.0)))
            return nth_best(scores, found, threshold.kept(strictness, items), exact), strictness
        if len(looks.positives):
            bound = threshold.auto_bound(looks.mean, looks.deviation, self._solver.left_out(looks))
            count = threshold.auto_count(int(np.count_nonzero(found & (scores >= bound))), items)
        else:
            count = max(1, items // 2)  # "nothing like these" is no reason to lose more than the nearer half
        return nth_best(scores, found, count, exact), threshold.strictness_of(count, items)

    def _settle(
        self,
        query: Query,
        selection: Selection,
        ranking: Ranking,
        answer: Callable[..., None],
        control: JobControl,
    ) -> None:
        """Emit the exact answer: the head of the order first where the set is large, then all of it."""
        total = int(np.count_nonzero(ranking.mask))
        items, scores = self._in_order(query.sort, ranking, search.HEAD)
        control.checkpoint()
        facets: dict[str, dict[str, int]] = {}
        if query.facets:
            facets = self._selections.counts(
                selection, ranking.restrict, ranking.key, ranking.left_out, control.checkpoint
            )
            control.checkpoint()
        answer(ranking, items, scores, total=total, facets=facets, phase=Phase.EXACT)
        if total > len(items):
            control.checkpoint()
            items, scores = self._in_order(query.sort, ranking, total)
            answer(ranking, items, scores, total=total, facets=facets, phase=Phase.COMPLETE)

    def _in_order(self, sort: Sort, ranking: Ranking, count: int) -> tuple[np.ndarray, np.ndarray | None]:
        """The first ``count`` results and their scores (None where nothing is scored)."""
        if ranking.order is not None:
            assert ranking.scores is not None
            items = ranking.order[:count]
            return items, np.round(ranking.scores[items], search.DECIMALS)
        if sort.by != "relevance" or ranking.scores is None:
            order = self._orders.get(sort, lambda: permutation(self.snapshot, sort))
            items = order[ranking.mask[order]][:count]
            if ranking.scores is None:
                return items, None
            return items, np.round(ranking.scores[items], search.DECIMALS)
        assert ranking.exact is not None
        ranks = self.snapshot.id_rank
        first = search.head(ranking.scores, ranking.mask, min(count, search.HEAD), ranking.noise)
        order, values = search.ordered(ranking.exact(first), ranks[first])
        order, values = order[: search.HEAD], values[: search.HEAD].astype(np.float32)
        best = first[order].astype(np.int32)
        if count <= search.HEAD or len(best) < search.HEAD:
            return best[:count], values[:count]
        rest = ranking.mask.copy()
        rest[best] = False
        tail = np.flatnonzero(rest).astype(np.int32)
        order, more = search.ordered(ranking.scores[tail], ranks[tail])
        return np.concatenate([best, tail[order]]), np.concatenate([values, more.astype(np.float32)])

    def _graph_items(self, space: Space, item: int, row: int, k: int) -> np.ndarray | None:
        """Items that include the k others most similar to a row of one; None where the neighbour graph cannot tell."""
        graphs, built = space.generation.checked_graphs, len(space.generation.vectors)
        if graphs is None or row >= built:
            return None
        near = graphs.neighbours[JOINT][row]
        found = space.items_of_rows(near[near >= 0])
        others = self.snapshot.alive[found] & (found != item)  # its other photos may be near, too
        if np.count_nonzero(others) < k:
            return None
        newer = np.arange(built, space.rows)
        return np.union1d(found, space.items_of_rows(np.append(newer, row)))


def _about(looks: Solved) -> dict[str, Any]:
    """What all answers tell of how a filter was solved."""
    differ = looks.visual.colours_differ or 0.0
    return {"colour_share": looks.colour_share, "colours_differ": differ, "refused": looks.refused}
