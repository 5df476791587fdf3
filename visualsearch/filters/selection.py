"""What predicates, facet ticks and text select, remembered so that a moved slider costs nothing here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from visualsearch.catalog import facets, predicates, text
from visualsearch.catalog.columns import TextColumn
from visualsearch.catalog.snapshot import Snapshot
from visualsearch.catalog.store import Catalog
from visualsearch.filters.algebra import Terms
from visualsearch.filters.cache import Cache
from visualsearch.filters.query import Query
from visualsearch.jobs import JobControl


@dataclass(frozen=True, eq=False)
class Selection:
    """``base``: bool (size,), active items that satisfy predicates and text; ``ticked``: attribute → items with one of
    its ticked values; ``mask``: all of these together. ``text_scores``: float32 (size,), or None without text."""

    base: np.ndarray
    ticked: dict[str, np.ndarray]
    mask: np.ndarray
    text_scores: np.ndarray | None
    key: tuple

    def without_ticks_of(self, attribute: str) -> np.ndarray:
        """bool (size,): the selection as it is without the ticks of one attribute."""
        mask = self.base
        for name, ticked in self.ticked.items():
            if name != attribute:
                mask = mask & ticked
        return mask


class Selections:
    """Evaluates selections over one snapshot. Safe from any thread."""

    def __init__(
        self, catalog: Catalog, snapshot: Snapshot, terms: Callable[[JobControl], Terms] | None = None
    ) -> None:
        """``terms`` answers for saved filters and words in conditions, as they are at the moment of the call."""
        self._catalog = catalog
        self._snapshot = snapshot
        self._terms = terms
        self._selections: Cache[Selection] = Cache(8)
        self._texts: Cache[tuple[np.ndarray, np.ndarray] | None] = Cache(4)
        self._counts: Cache[dict[str, dict[str, int]]] = Cache(16)

    def of(self, query: Query, control: JobControl) -> Selection:
        """Raises PredicateError, CatalogError, Cancelled."""
        terms = self._terms(control) if self._terms is not None and query.where else None
        versions = terms.key(query.where) if terms is not None else ()
        key = (query.where, query.choices, query.text.strip(), versions)
        return self._selections.get(key, lambda: self._select(query, key, terms, control))

    def _select(self, query: Query, key: tuple, terms: Terms | None, control: JobControl) -> Selection:
        snapshot = self._snapshot
        base = snapshot.alive
        condition = predicates.conjunction(query.where)
        if condition is not None:
            base = base & predicates.evaluate(condition, snapshot, terms)
        control.checkpoint()
        ticked: dict[str, np.ndarray] = {}
        for attribute, values in query.choices:
            choice = predicates.from_choices(attribute, values)
            if choice is not None:
                chosen = predicates.evaluate(choice, snapshot)
                ticked[attribute] = ticked[attribute] | chosen if attribute in ticked else chosen
        control.checkpoint()
        scores = self._text_scores(query.text.strip(), control)
        if scores is not None:
            base = base & (scores >= 0)
        mask = base
        for chosen in ticked.values():
            mask = mask & chosen
        return Selection(base, ticked, mask, scores, key)

    def _text_scores(self, words: str, control: JobControl) -> np.ndarray | None:
        """float32 (size,): 0 to 1, −1 where the text does not match; None without words."""
        if not words:
            return None
        found = self._texts.get(words, lambda: text.search(self._catalog, words, control))
        if found is None:
            return None
        items, shares = found
        known = items < self._snapshot.size  # the catalog may have got items since the snapshot
        scores = np.full(self._snapshot.size, -1.0, np.float32)
        scores[items[known]] = shares[known]
        return scores

    def counts(
        self,
        selection: Selection,
        restrict: np.ndarray | None,
        key: str | None,
        left_out: np.ndarray,
        checkpoint: Callable[[], None],
    ) -> dict[str, dict[str, int]]:
        """Facets of a selection, restricted to a bool (size,) mask if given, without the items ``left_out``, int (k,).

        An attribute that has ticks is counted as if it had none. ``key`` names a mask that comes again: its counts
        are remembered, and only the items left out are counted anew. None remembers nothing.
        """
        if key is None:
            return self._count(selection, restrict, checkpoint)
        whole = self._counts.get((selection.key, key), lambda: self._count(selection, restrict, checkpoint))
        if not len(left_out):
            return whole
        few = np.zeros(self._snapshot.size, bool)
        few[left_out] = True
        return self._less(
            whole, self._count(selection, few if restrict is None else few & restrict, checkpoint)
        )

    def _count(
        self, selection: Selection, restrict: np.ndarray | None, checkpoint: Callable[[], None]
    ) -> dict[str, dict[str, int]]:
        def within(mask: np.ndarray) -> np.ndarray:
            return mask if restrict is None else mask & restrict

        counted = facets.count(self._snapshot, within(selection.mask))
        for attribute in selection.ticked:
            checkpoint()
            if attribute in counted:
                free = within(selection.without_ticks_of(attribute))
                counted[attribute] = facets.count(self._snapshot, free, [attribute])[attribute]
        return counted

    def _less(
        self, whole: dict[str, dict[str, int]], part: dict[str, dict[str, int]]
    ) -> dict[str, dict[str, int]]:
        """Subtract counts; the order is again by count, then by the attribute's order of values."""
        result = dict(whole)
        for attribute, counts in part.items():
            if counts:
                column = self._snapshot.columns[attribute]
                assert not isinstance(column, TextColumn)
                place = {value: number for number, value in enumerate(column.values)}
                left = {value: count - counts.get(value, 0) for value, count in whole[attribute].items()}
                order = sorted(left, key=lambda value, n=left, p=place: (-n[value], p[value]))
                result[attribute] = {value: left[value] for value in order if left[value]}
        return result
