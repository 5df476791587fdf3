"""Saved filters, figures of the dashboard and words as terms of conditions: `visual:hawaiian and "linen"`.

A saved filter's set: the items that score at least its threshold, its positive examples, never its negative ones;
of these, the items that satisfy the conditions saved along. docs/decisions/filters.md says why.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from visualsearch.catalog import predicates, text
from visualsearch.catalog.store import Catalog
from visualsearch.errors import PredicateError
from visualsearch.filters.cache import Cache
from visualsearch.filters.query import Query
from visualsearch.filters.saved_format import SavedFilter, from_body
from visualsearch.jobs import JobControl

if TYPE_CHECKING:
    from visualsearch.filters.engine import Engine

_LONGEST = 40  # filters that lead on to one another: each is evaluated within the one before
Documents = Callable[[], Mapping[str, Mapping[str, Any]]]
"""Gives the saved filters' documents by name, as they are now."""
Counted = Callable[[str, str, JobControl], np.ndarray]
"""(figure, attribute) → the items that the dashboard counts, int (n,). May take seconds."""


@dataclass(frozen=True, eq=False)
class Members:
    """A saved filter's set today, before its conditions: ``mask`` bool (size,). ``scores`` float32 (size,), −inf
    where nothing is scored; ``scored`` bool (size,): what could be found, without the examples; ``threshold`` on
    today's scores; ``moved``: another than the saved one. ``notes``: what of the examples is not as it was."""

    mask: np.ndarray
    scores: np.ndarray
    scored: np.ndarray
    threshold: float
    moved: bool
    query: Query
    notes: tuple[str, ...]


class Algebra:
    """The terms of one engine. Sets are computed once for each version of a filter. Safe from any thread."""

    def __init__(
        self, engine: Engine, catalog: Catalog, documents: Documents, counted: Counted | None = None
    ) -> None:
        self._engine = engine
        self._catalog = catalog
        self._documents = documents
        self._counted = counted
        self._sets: Cache[Members] = Cache(12)
        self._words: Cache[np.ndarray | None] = Cache(8)

    def over(self, engine: Engine) -> Algebra:
        """These terms over an engine of the same items and photos, whose values are others: sets stay, words go."""
        other = Algebra(engine, self._catalog, self._documents, self._counted)
        other._sets = self._sets
        return other

    def now(self, control: JobControl) -> Terms:
        """The terms as the filters are at this moment: they do not change under a query."""
        return Terms(self, self._documents, control)

    def members(self, saved: SavedFilter, control: JobControl) -> Members:
        """A filter's set without its conditions. Raises VisualSearchError, CacheDamaged, Cancelled."""
        key = _version(saved.to_body())
        return self._sets.get(key, lambda: self._members(saved, control))

    def _members(self, saved: SavedFilter, control: JobControl) -> Members:
        from visualsearch.filters.resolving import resolve

        engine = self._engine
        resolved = resolve(saved, self._catalog)
        query = Query(resolved.visual)
        solved = engine.solve(resolved.visual)
        scores = engine.scores(query, control)
        control.checkpoint()
        scored = np.isfinite(scores) & engine.snapshot.alive
        scored[solved.items] = False
        cut, moved = threshold_today(saved, scores, scored, engine.build)
        mask = (scores >= cut) & scored
        for example in resolved.visual.positives:
            if example.item is not None and example.item < len(mask):
                mask[example.item] = engine.snapshot.alive[example.item]
        mask.setflags(write=False)
        return Members(mask, scores, scored, cut, moved, query, resolved.notes)

    def selected(self, saved: SavedFilter, control: JobControl) -> np.ndarray:
        """bool (size,): what a filter's saved conditions select."""
        query = Query(where=saved.where, choices=saved.choices, text=saved.text)
        return self._engine.selection(query, control).mask

    @property
    def revision(self) -> int:
        """Another one after every decision."""
        return self._catalog.revision

    def counted(self, figure: str, attribute: str, control: JobControl) -> np.ndarray | None:
        """bool (size,): the items that a figure of the dashboard counts; None where nobody counts."""
        if self._counted is None:
            return None
        items = self._counted(figure, attribute, control)
        mask = np.zeros(self._engine.snapshot.size, bool)
        mask[items[items < len(mask)]] = True
        return mask

    def with_words(self, words: str, control: JobControl) -> np.ndarray | None:
        """bool (size,): the items in which the words stand next to each other; None without words."""
        return self._words.get(words, lambda: self._with_words(words, control))

    def _with_words(self, words: str, control: JobControl) -> np.ndarray | None:
        phrase = '"' + words.replace('"', " ") + '"'
        found = text.search(self._catalog, phrase, control)
        if found is None:
            return None
        mask = np.zeros(self._engine.snapshot.size, bool)
        mask[found[0][found[0] < len(mask)]] = True
        return mask


class Terms:
    """What `catalog.predicates` asks, answered for the filters' documents of one moment."""

    def __init__(self, algebra: Algebra, documents: Documents, control: JobControl) -> None:
        self._algebra = algebra
        self._read = documents
        self._control = control
        self._ways: dict[str, _Way] = {}

    @cached_property
    def _documents(self) -> Mapping[str, Mapping[str, Any]]:
        return self._read()  # only where a condition speaks of a filter

    def key(self, where: Sequence[str]) -> tuple[tuple[str, str], ...]:
        """Names the versions of the filters that conditions speak of, directly or by way of others, and the moment
        of the figures, which any decision may change."""
        if not any(":" in condition for condition in where):
            return ()
        names = dict.fromkeys(reached for name in _spoken_of(where) for reached in self._way(name).reached)
        known = [name for name in names if name in self._documents]
        key = tuple((name, _version(self._documents[name])) for name in known)
        texts = [*where, *(text for name in known for text in self._documents[name].get("where", ()))]
        if any(predicates.has_figures(predicates.parse(text)) for text in texts):
            key += (("", str(self._algebra.revision)),)
        return key

    def filter_names(self) -> list[str]:
        return sorted(self._documents)

    def members(self, name: str) -> np.ndarray:
        saved = from_body(self._documents[name])
        self._way(name)  # raises where the filter contains itself
        mask = self._algebra.members(saved, self._control).mask
        if saved.where or saved.choices or saved.text:
            return mask & self._algebra.selected(saved, self._control)
        return mask

    def counted(self, figure: str, attribute: str) -> np.ndarray | None:
        return self._algebra.counted(figure, attribute, self._control)

    def with_words(self, words: str) -> np.ndarray | None:
        return self._algebra.with_words(words, self._control)

    def _way(self, name: str, path: tuple[str, ...] = ()) -> _Way:
        """Where a filter leads, which the filters of a ``path`` lead to. Raises PredicateError where it leads to
        itself, or too far."""
        if name in path:
            round_trip = " → ".join((*path[path.index(name) :], name))
            raise PredicateError(
                f"The filter {name!r} contains itself: {round_trip}.",
                str(predicates.Visual(name)),
                0,
                "Take it out of the conditions that were saved with it.",
            )
        if name not in self._ways and len(path) <= _LONGEST:
            where = self._documents.get(name, {}).get("where", ())
            further = [self._way(other, (*path, name)) for other in _spoken_of(where)]
            reached = dict.fromkeys((name, *(other for way in further for other in way.reached)))
            self._ways[name] = _Way(tuple(reached), 1 + max((way.length for way in further), default=0))
        if name not in self._ways or len(path) + self._ways[name].length > _LONGEST:
            first = (*path, name)[0]
            raise PredicateError(
                f"The filter {first!r} leads on through more than {_LONGEST} others.",
                str(predicates.Visual(first)),
                0,
                "Save one of them anew with examples instead of a condition that speaks of another.",
            )
        return self._ways[name]


@dataclass(frozen=True)
class _Way:
    """The filters that a filter leads to, itself first, and how many of them at most one after the other."""

    reached: tuple[str, ...]
    length: int


def _spoken_of(where: Sequence[str]) -> list[str]:
    """The filters that conditions speak of, each once."""
    return list(
        dict.fromkeys(name for text in where for name in predicates.visual_names(predicates.parse(text)))
    )


def threshold_today(
    saved: SavedFilter, scores: np.ndarray, scored: np.ndarray, build: str
) -> tuple[float, bool]:
    """(threshold on today's scores, whether it is another than the saved one).

    The scores of one index build are always the same. After another build (new photos change the projection and the
    catalog's statistics) the threshold is put where it keeps the same share of the items that were there when the
    filter was saved; of all items, where none of them is (a filter from another catalog).
    """
    from visualsearch.filters.drift import resembles, sketch

    before = saved.sketch
    if saved.build == build or before is None or not scored.any():
        return saved.threshold, False
    old = scored.copy()
    old[saved.known + 1 :] = False
    values = scores[old if saved.known and old.any() else scored]
    if resembles(before, sketch(values, before.kept)):
        return saved.threshold, False
    return between(values, round(before.kept / max(1, before.items) * len(values))), True


def between(scores: np.ndarray, count: int) -> float:
    """A threshold that keeps ``count`` of the scores, float32 (n,), n ≥ 1: halfway to the next lower one, so that
    rounding changes nothing. Ties with the last one are kept."""
    count = min(max(1, count), len(scores))
    last = np.partition(scores, len(scores) - count)[len(scores) - count]
    lower = scores[scores < last]
    if not len(lower):
        return float(last) - 1e-6
    return (float(last) + float(lower.max())) / 2


def saved_documents(catalog: Catalog) -> Documents:
    """The catalog's saved filters, read again only when something was written to it."""
    from visualsearch.catalog.decisions import Decisions

    decisions = Decisions(catalog)
    remembered: tuple[int, Mapping[str, Mapping[str, Any]]] = (-1, {})

    def documents() -> Mapping[str, Mapping[str, Any]]:
        nonlocal remembered
        revision = catalog.revision
        if remembered[0] != revision:
            remembered = (revision, decisions.documents("filter"))
        return remembered[1]

    return documents


def _version(body: Mapping[str, Any]) -> str:
    """Names what a filter's set depends on."""
    relevant = {key: value for key, value in body.items() if key not in ("name", "saved")}
    if isinstance(here := relevant.get("here"), dict):
        relevant["here"] = {key: value for key, value in here.items() if key != "seen"}
    return hashlib.blake2b(json.dumps(relevant, sort_keys=True).encode(), digest_size=16).hexdigest()
