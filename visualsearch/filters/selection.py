"""What predicates, facet ticks and text select, remembered so that a moved slider costs nothing here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from visualsearch.catalog import facets, predicates, text
from visualsearch.catalog.columns import CategoryColumn
from visualsearch.catalog.snapshot import Snapshot
from visualsearch.catalog.store import Catalog
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

    def __init__(self, catalog: Catalog, snapshot: Snapshot) -> None:
        self._catalog = catalog
        self._snapshot = snapshot
        self._selections: Cache[Selection] = Cache(8)
        self._texts: Cache[tuple[np.ndarray, np.ndarray] | None] = Cache(4)
        self._counts: Cache[dict[str, dict[str, int]]] = Cache(16)

    def of(self, query: Query, control: JobControl) -> Selection:
        """Raises PredicateError, CatalogError, Cancelled."""
        key = (query.where, query.choices, query.text.strip())
        return self._selections.get(key, lambda: self._select(query, key, control))

    def _select(self, query: Query, key: tuple, control: JobControl) -> Selection:
        snapshot = self._snapshot
        base = snapshot.alive
        condition = predicates.conjunction(query.where)
        if condition is not None:
            base = base & predicates.evaluate(condition, snapshot)
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
        self, selection: Selection, restrict: np.ndarray | None, key: object, checkpoint: Callable[[], None]
    ) -> dict[str, dict[str, int]]:
        """Facets of a selection, further restricted to a bool (size,) mask if given.

        An attribute that has ticks is counted as if it had none. ``key`` stands for the mask among those that are
        remembered; None does not remember it.
        """
        if key is None:
            return self._count(selection, restrict, checkpoint)
        return self._counts.get((selection.key, key), lambda: self._count(selection, restrict, checkpoint))

    def _count(
        self, selection: Selection, restrict: np.ndarray | None, checkpoint: Callable[[], None]
    ) -> dict[str, dict[str, int]]:
        def within(mask: np.ndarray) -> np.ndarray:
            return mask if restrict is None else mask & restrict

        counted = self._with_missing(within(selection.mask))
        for attribute in selection.ticked:
            checkpoint()
            if attribute in counted:
                free = within(selection.without_ticks_of(attribute))
                counted[attribute] = self._with_missing(free, [attribute])[attribute]
        return counted

    def _with_missing(
        self, mask: np.ndarray, attributes: list[str] | None = None
    ) -> dict[str, dict[str, int]]:
        """Facets of a bool (size,) mask, with "" for the items that have no value, as in ``Query.choices``."""
        counted = facets.count(self._snapshot, mask, attributes)
        chosen = mask & self._snapshot.alive
        total = int(np.count_nonzero(chosen))
        for attribute, counts in counted.items():
            column = self._snapshot.columns[attribute]
            if isinstance(column, CategoryColumn) and column.single is None:
                missing = total - int(np.count_nonzero(column.present(self._snapshot.size) & chosen))
            else:  # one value at most, so that the counts add up
                missing = total - sum(counts.values())
            if missing:
                counts[""] = missing
        return counted
