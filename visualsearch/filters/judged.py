"""How precise a filter is, from what people answered about a few of its items: for saved filters and for others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from visualsearch.catalog.nearest import nearest
from visualsearch.catalog.store import Catalog
from visualsearch.errors import UnknownName, VisualSearchError
from visualsearch.filters import saved_format
from visualsearch.filters.query import Query, VisualFilter
from visualsearch.filters.saved_format import SavedFilter
from visualsearch.jobs import JobControl

if TYPE_CHECKING:
    import numpy as np

    from visualsearch.catalog.decisions import Applied, Document, Judgement
    from visualsearch.filters.engine import Engine, Use
    from visualsearch.filters.gauge import Gauge
    from visualsearch.filters.judging import Cut, Histogram, Ranked, Slider
    from visualsearch.filters.precision import Estimate

KIND = "filter"


def meant_by(visual: VisualFilter) -> tuple[object, ...]:
    """What answers about a filter are about: its examples in any order, how much each counts, and its blocks. Names a
    ranking."""
    visual = visual.counting()
    sides = (visual.positives, visual.negatives)
    weights = dict(visual.weights)
    named = (frozenset((e.item, e.file, e.region, weights.get(e, 1.0)) for e in side) for side in sides)
    return (*named, visual.blocks)


def conditions_of(query: Query) -> frozenset[tuple[object, ...]]:
    """A query's conditions, ticks and words. Answers hold where all of these hold under which they were given, for
    then they are a choice by rank alone among what is left; they do not where one of them is gone."""
    found: set[tuple[object, ...]] = {("where", text) for text in query.where}
    found |= {("choice", attribute, frozenset(values)) for attribute, values in query.choices}
    return frozenset(found | ({("text", query.text.strip())} if query.text.strip() else set()))


class Store(Protocol):
    """What of `catalog.decisions.Decisions` is needed here."""

    def apply(
        self,
        kind: str,
        label: str,
        *,
        judgements: Sequence[Judgement] = (),
        documents: Sequence[Document] = (),
    ) -> Applied: ...

    def documents(self, kind: str) -> Mapping[str, dict[str, Any]]: ...

    def document(self, kind: str, name: str) -> dict[str, Any] | None: ...

    def judgements(self, subject: str) -> tuple[np.ndarray, np.ndarray, list[str]]: ...


class JudgedFilters:
    """Reads saved filters and what people answered about them. All of it belongs in a worker but `names`."""

    def __init__(self, catalog: Catalog, use: Use, decisions: Store) -> None:
        self._catalog = catalog
        self._use = use
        self._decisions = decisions

    def names(self) -> list[str]:
        """The names of the saved filters, sorted (*fast*)."""
        return sorted(self._decisions.documents(KIND), key=lambda name: (name.casefold(), name))

    def get(self, name: str) -> SavedFilter:
        """A saved filter. Raises UnknownName where there is none of this name, VisualSearchError (newer format)."""
        body = self._decisions.document(KIND, name)
        if body is None:
            names = self.names()
            near = nearest(name, names)
            hint = f"Did you mean {near!r}?" if near else f"There are: {', '.join(names)}." if names else ""
            raise UnknownName(f"There is no saved filter {name!r}.", hint or "No filter has been saved yet.")
        return saved_format.from_body(body)

    def histogram(self, query: Query, bins: int, control: JobControl) -> Histogram:
        """The scores of a query's filter with its examples marked. ``bins`` ≥ 1. Raises UsageError (no examples)."""
        from visualsearch.filters import judging

        return self._use(lambda engine: judging.histogram(engine, query, bins, control), control)

    def gauge(self, query: Query, answers: Mapping[int, str], bins: int, control: JobControl) -> Gauge:
        """Histogram, and precision and recall at every place of the threshold, from answers item → "yes" or "no"."""
        from visualsearch.filters.gauge import gauge

        return self._use(lambda engine: gauge(engine, query, answers, bins, control), control)

    def names_of(self, query: Query) -> list[str]:
        """The saved filters whose examples and blocks are a query's, and whose conditions all hold in it: what was
        answered for them holds for the query. Those that were saved with just its conditions come first."""
        from visualsearch.filters.resolving import resolve

        found = []
        asked = query.visual.counting()
        for name, body in self._decisions.documents(KIND).items():
            sides = len(body.get("positives", ())), len(body.get("negatives", ()))
            if sides != (len(asked.positives), len(asked.negatives)):
                continue
            try:
                saved = saved_format.from_body(body)
                visual = resolve(saved, self._catalog).visual
            except VisualSearchError:
                continue  # its own line in the list says what is wrong with it
            own = replace(query, where=saved.where, choices=saved.choices, text=saved.text)
            if meant_by(visual) == meant_by(query.visual) and conditions_of(own) <= conditions_of(query):
                found.append((conditions_of(own) != conditions_of(query), name))
        return [name for _, name in sorted(found)]

    def answers_about(self, query: Query) -> tuple[str | None, dict[int, str]]:
        """The name of the saved filter that a query is, with its examples, blocks and conditions, or None; and what
        people answered that holds for the query: item → "yes" or "no"."""
        names = self.names_of(query)
        answers: dict[int, str] = {}
        for name in reversed(names):
            answers |= self.judgements(name)
        if not names:
            return None, answers
        first = self.get(names[0])
        own = replace(query, where=first.where, choices=first.choices, text=first.text)
        return (names[0] if conditions_of(own) == conditions_of(query) else None), answers

    def judgements(self, name: str) -> dict[int, str]:
        """What the person answered about a saved filter: item → "yes" or "no"."""
        items, _, answers = self._decisions.judgements(f"filter:{name}")
        return dict(zip(items.tolist(), answers, strict=True))

    def judge(self, name: str, answers: Mapping[int, str | None]) -> int | None:
        """Keep answers about a saved filter, item → "yes", "no", or None to take one back. Returns the operation, or
        None where nothing changed. Raises UsageError."""
        from visualsearch.catalog.decisions import Judgement

        self.get(name)
        judged = [Judgement(f"filter:{name}", item, answer) for item, answer in answers.items()]
        if not judged:
            return None
        return self._decisions.apply(
            "filter", f"Judge items for the filter {name}", judgements=judged
        ).operation

    def next_to_judge(
        self,
        about: str | Query,
        count: int,
        seed: int,
        control: JobControl,
        answers: Mapping[int, str] | None = None,
    ) -> np.ndarray:
        """The items whose answers would tell most, int32 (≤ count,). ``answers``: those so far, of a filter that is
        not saved."""
        known = self._answers(about, answers)
        return self._use(lambda e: self._ranked(e, about, control).next_to_judge(known, count, seed), control)

    def estimate(self, query: Query, answers: Mapping[int, str], control: JobControl) -> Estimate:
        """Precision and recall of a query's set, from answers item → "yes" or "no"; without any it is a guess."""
        return self._estimate(query, answers, control)

    def estimate_of(self, name: str, control: JobControl) -> Estimate:
        """The same of a saved filter, from the answers that are kept with it."""
        return self._estimate(name, None, control)

    def slider(
        self, about: str | Query, control: JobControl, answers: Mapping[int, str] | None = None
    ) -> Slider:
        """Precision and recall at every place of the threshold."""
        from visualsearch.filters import judging

        known = self._answers(about, answers)
        return self._use(lambda e: judging.slider(self._ranked(e, about, control).curve(known)), control)

    def cut_for(
        self,
        about: str | Query,
        precision: float,
        control: JobControl,
        answers: Mapping[int, str] | None = None,
    ) -> Cut:
        """Where a wanted precision, 0 to 1, cuts: what the slider sets."""
        from visualsearch.filters import judging

        known = self._answers(about, answers)

        def cut(engine: Engine) -> Cut:
            about_ = self._ranked(engine, about, control)
            return judging.cut_for(about_, about_.curve(known), precision)

        return self._use(cut, control)

    def _estimate(
        self, about: str | Query, answers: Mapping[int, str] | None, control: JobControl
    ) -> Estimate:
        known = self._answers(about, answers)

        def made(engine: Engine) -> Estimate:
            from visualsearch.filters.precision import NOTHING

            ranked = self._ranked(engine, about, control)
            return ranked.curve(known).at(ranked.kept) if len(ranked.items) else NOTHING

        return self._use(made, control)

    def _answers(self, about: str | Query, answers: Mapping[int, str] | None) -> Mapping[int, str]:
        return answers or {} if isinstance(about, Query) else {**self.judgements(about), **(answers or {})}

    def _ranked(self, engine: Engine, about: str | Query, control: JobControl) -> Ranked:
        from visualsearch.filters import judging

        if isinstance(about, Query):
            return judging.ranked(engine, about, control)
        saved = self.get(about)
        today = engine.algebra.members(saved, control)
        selected = engine.algebra.selected(saved, control)
        return judging.ranked(engine, today.query, control, today.threshold, selected)
