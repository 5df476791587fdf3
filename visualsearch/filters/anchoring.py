"""A saved filter in its catalog: threshold and marks when it is written, drift and names later."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from visualsearch.catalog import predicates
from visualsearch.catalog.store import now
from visualsearch.errors import PredicateError, VisualSearchError
from visualsearch.filters import drift
from visualsearch.filters.algebra import Members, between
from visualsearch.filters.drift import Drift
from visualsearch.filters.engine import Engine
from visualsearch.filters.query import Query, VisualFilter
from visualsearch.filters.saved_format import SavedFilter
from visualsearch.jobs import JobControl


def anchored(
    engine: Engine, saved: SavedFilter, visual: VisualFilter, kept: int, control: JobControl
) -> SavedFilter:
    """A filter with threshold, sketch and marks of this catalog, where it keeps ``kept`` of the items it scores."""
    scores = engine.scores(Query(visual), control)
    scored = np.isfinite(scores) & engine.snapshot.alive
    scored[engine.solve(visual).items] = False
    values = scores[scored]
    if not len(values):
        raise VisualSearchError(
            "No item but the examples can be compared yet.", "Import more photos, then save the filter."
        )
    there = newest(engine)
    return replace(
        saved,
        threshold=round(between(values, kept), 9),
        sketch=drift.sketch(values, kept),
        at=now(),
        build=engine.build,
        known=there,
        seen=there,
    )


def newest(engine: Engine) -> int:
    """The number of the newest item whose photo is prepared, 0 without any: an import lists its items before it looks
    at their photos, in the same order, and nobody has seen those in a filter."""
    return int(engine.space.item.max(initial=0)) if engine.space is not None else 0


def drift_of(saved: SavedFilter, today: Members) -> Drift:
    """Whether the scores of new items, or of those that were there, differ from those when it was saved."""
    numbers = np.arange(len(today.mask))
    old = today.scored & (numbers <= saved.known)
    new = today.scored & (numbers > saved.known)
    before = saved.sketch
    if before is None:
        return drift.compare(drift.sketch(np.zeros(1), 0), np.zeros(0), 0, "")
    if today.moved and old.any():
        then = drift.compare(
            before, today.scores[old], int((today.mask & old).sum()), "items that were there"
        )
        if then.reason:
            return then
        before = drift.sketch(today.scores[old], int((today.mask & old).sum()))
    return drift.compare(before, today.scores[new], int((today.mask & new).sum()), "new items")


def spoken_of(condition: str) -> list[str]:
    """The saved filters that a condition speaks of; none where it cannot be read."""
    try:
        return predicates.visual_names(predicates.parse(condition))
    except PredicateError:
        return []


def renamed(condition: str, old: str, new: str) -> str:
    """A condition with another name of a saved filter; the same text where it does not speak of it."""
    if old not in spoken_of(condition):
        return condition
    return str(predicates.with_visual_renamed(predicates.parse(condition), old, new))
