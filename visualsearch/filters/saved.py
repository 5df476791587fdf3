"""Saved visual filters: kept with the catalog as documents, so that saving, renaming and deleting can be undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from visualsearch.errors import UsageError
from visualsearch.filters import saved_format
from visualsearch.filters.judged import KIND, JudgedFilters, Store
from visualsearch.filters.query import Query
from visualsearch.filters.saved_format import SavedFilter
from visualsearch.jobs import JobControl
from visualsearch.words import counted

if TYPE_CHECKING:
    import numpy as np

    from visualsearch.catalog.store import Catalog
    from visualsearch.filters.drift import Drift
    from visualsearch.filters.engine import Engine, Use
    from visualsearch.filters.resolving import Stored


@dataclass(frozen=True)
class Saved:
    """What saving or importing a filter gave: how many items are in it, and what of it is not as it was."""

    name: str
    count: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class State:
    """A saved filter today. ``count`` items are in it, ``new`` of which came since it was last looked at.

    ``moved``: the index was built anew since it was saved, so that its threshold was put where it keeps the same share
    of the items that were there then.
    """

    saved: SavedFilter
    count: int
    new: int
    threshold: float
    moved: bool
    drift: Drift
    notes: tuple[str, ...]


class SavedFilters(JudgedFilters):
    """The saved filters of one catalog. All methods belong in a worker but `names`. Safe from any thread."""

    def __init__(self, catalog: Catalog, use: Use, decisions: Store, stored: Stored) -> None:
        super().__init__(catalog, use, decisions)
        self._stored = stored

    # -- names and documents ----------------------------------------------------------------------------------

    def save(
        self,
        name: str,
        query: Query,
        control: JobControl,
        *,
        conditions: bool = False,
        overwrite: bool = False,
        answers: Mapping[int, str] | None = None,
    ) -> Saved:
        """Save a query's visual filter; with its conditions, ticks and text where ``conditions`` is true.

        ``answers``, item → "yes" or "no", are what the person judged before it had a name. Those to a filter that is
        replaced stay only where the new one has the same examples.

        Without ``narrow`` the threshold is the program's choice. Raises UsageError (no examples; the name is taken and
        ``overwrite`` is false), PredicateError (a condition that does not work, or leads back to this filter), and
        what `Engine.run` raises.
        """
        name = saved_format.checked_name(name)
        self._free(name, overwrite)
        if not query.visual:
            raise UsageError(
                "A filter needs examples.", "Pick an item or a picture that it should look like."
            )
        saved, count = self._use(lambda engine: self._made(engine, name, query, conditions, control), control)
        self._free(name, overwrite)  # again: another process may have taken it meanwhile
        self._write(f"Save the filter {name}", {name: saved}, judged=self._kept(name, query, answers or {}))
        return Saved(name, count)

    def _kept(self, name: str, query: Query, answers: Mapping[int, str]) -> dict[int, str | None]:
        """The answers that a filter has once it is saved; None for each that it loses."""
        lost = [] if name in self.names_of(query) else list(self.judgements(name))
        return {**dict.fromkeys(lost), **answers}

    def rename(self, old: str, new: str, *, overwrite: bool = False) -> None:
        """Give a filter another name, also in the conditions that other filters were saved with. With ``overwrite`` it
        takes the place of the filter that has the name, whose judgements go.

        Raises UnknownName, UsageError (the name is taken; a filter would lead back to itself).
        """
        from visualsearch.filters.anchoring import renamed

        new = saved_format.checked_name(new)
        saved = self.get(old)
        if new == old:
            return
        self._free(new, overwrite)
        documents = self._decisions.documents(KIND)
        if new in documents and _leads_to(documents, old, new):
            raise UsageError(
                f"{old!r} cannot take the place of {new!r}: its conditions speak of it.",
                f"Save {old!r} anew without visual:{new}, or choose another name.",
            )
        changed: dict[str, SavedFilter | None] = {old: None, new: replace(saved, name=new)}
        for name, body in documents.items():
            if name not in (old, new) and any("visual:" in text.lower() for text in body.get("where", ())):
                other = saved_format.from_body(body)
                where = tuple(renamed(text, old, new) for text in other.where)
                if where != other.where:
                    changed[name] = replace(other, where=where)
        self._write(f"Rename the filter {old} to {new}", changed, moved=(old, new))

    def delete(self, name: str) -> list[str]:
        """Delete a filter; returns the names of the filters whose conditions speak of it."""
        from visualsearch.filters.anchoring import spoken_of

        if self._decisions.document(KIND, name) is None:
            self.get(name)  # raises with the nearest name
        self._write(f"Delete the filter {name}", {name: None})
        return [
            other
            for other, body in self._decisions.documents(KIND).items()
            if any(name in spoken_of(text) for text in body.get("where", ()))
        ]

    # -- files ------------------------------------------------------------------------------------------------

    def export_text(self, name: str) -> str:
        """The filter as a JSON text, with the person's judgements, for `import_text` of this or another catalog."""
        from visualsearch.filters.resolving import with_looks

        saved = with_looks(self.get(name), self._catalog, self._stored)
        items, _, answers = self._decisions.judgements(f"filter:{name}")
        ids = self._catalog.ids_of(items.tolist())
        judged = sorted(zip(ids, answers, strict=True))
        return replace(saved, judgements=tuple(judged)).to_text()

    def import_text(
        self, text: str, control: JobControl, *, name: str | None = None, overwrite: bool = False
    ) -> Saved:
        """Save the filter of a JSON text. Raises VisualSearchError with what is wrong with the text.

        Its examples are looked for in this catalog, and its threshold is put where it keeps the share that it kept,
        unless the scores are the very same ones. Answers to a filter that is replaced stay as with `save`.
        """
        saved = saved_format.from_text(text)
        name = saved_format.checked_name(saved.name if name is None else name)
        self._free(name, overwrite)
        saved = replace(saved, name=name)
        saved, query, count, notes = self._use(lambda engine: self._settled(engine, saved, control), control)
        judged: dict[int, str] = {}
        for item_id, answer in saved.judgements:
            number = self._catalog.number_of(item_id)
            if number is not None:
                judged[number] = answer
        missing = len(saved.judgements) - len(judged)
        if missing:
            notes = (
                *notes,
                f"Left out, since their items are not in this catalog: {counted(missing, 'judgement')}.",
            )
        self._free(name, overwrite)
        self._write(f"Import the filter {name}", {name: saved}, judged=self._kept(name, query, judged))
        return Saved(name, count, notes)

    # -- sets -------------------------------------------------------------------------------------------------

    def members(self, name: str, control: JobControl) -> np.ndarray:
        """The filter's exact set, bool (size,), conditions saved along included. Raises UsageError, PredicateError."""
        self.get(name)
        return self._use(lambda engine: engine.algebra.now(control).members(name), control)

    def query(self, name: str, control: JobControl) -> Query:
        """The query that shows what is in a filter, its examples to be changed further."""
        saved = self.get(name)

        def made(engine: Engine) -> Query:
            from visualsearch.filters import threshold

            members = engine.algebra.members(saved, control)
            kept = int((members.mask & members.scored).sum())
            strictness = threshold.strictness_of(kept, int(members.scored.sum()))
            visual = replace(members.query.visual, narrow=strictness)
            return Query(visual, saved.where, saved.choices, saved.text)

        return self._use(made, control)

    def state(self, name: str, control: JobControl) -> State:
        """How a filter does today: its size, what is new in it, whether its scores have drifted."""
        from visualsearch.filters.anchoring import drift_of

        saved = self.get(name)

        def told(engine: Engine) -> State:
            inside = engine.algebra.now(control).members(name) & engine.snapshot.alive
            today = engine.algebra.members(saved, control)
            drift = drift_of(saved, today)
            new = int(inside[saved.seen + 1 :].sum())
            return State(saved, int(inside.sum()), new, today.threshold, today.moved, drift, today.notes)

        return self._use(told, control)

    def new_since(self, name: str, control: JobControl) -> np.ndarray:
        """The items in the filter that came since it was saved or last looked at: numbers, int32 (n,), best first."""
        return self._in_order(name, self.get(name).seen, control)

    def _in_order(self, name: str, after: int, control: JobControl) -> np.ndarray:
        """The items in a filter with a number greater than ``after``, best first."""
        import numpy as np

        saved = self.get(name)

        def found(engine: Engine) -> np.ndarray:
            inside = engine.algebra.now(control).members(name) & engine.snapshot.alive
            items = np.flatnonzero(inside)
            items = items[items > after]
            scores = engine.algebra.members(saved, control).scores[items]
            return items[np.lexsort((engine.snapshot.id_rank[items], -scores))].astype(np.int32)

        return self._use(found, control)

    def mark_seen(self, name: str, control: JobControl, newest: int | None = None) -> None:
        """From now on only items that came after item ``newest`` are new here (None: after all that are prepared)."""
        from visualsearch.filters import anchoring

        if newest is None:
            newest = self._use(anchoring.newest, control)
        saved = self.get(name)  # read last: what another process saved meanwhile must not be undone
        if newest > saved.seen:
            self._write(f"Look through what is new in {name}", {name: replace(saved, seen=newest)})

    def drift(self, name: str, control: JobControl) -> Drift:
        """Whether the filter's scores have drifted since it was saved, with the reason (see `filters.drift`)."""
        return self.state(name, control).drift

    def ranked(self, name: str, control: JobControl) -> np.ndarray:
        """The items in the filter, int32 (n,), best first."""
        return self._in_order(name, -1, control)

    # -- inside -----------------------------------------------------------------------------------------------

    def _free(self, name: str, overwrite: bool) -> None:
        if not overwrite and self._decisions.document(KIND, name) is not None:
            raise UsageError(
                f"There is a filter {name!r} already.",
                "Choose another name, or replace it.",
                "To replace it: --replace",
            )

    def _made(
        self, engine: Engine, name: str, query: Query, conditions: bool, control: JobControl
    ) -> tuple[SavedFilter, int]:
        from visualsearch.filters.anchoring import anchored
        from visualsearch.filters.query import Results
        from visualsearch.filters.resolving import describe, encoder_of

        narrow = "auto" if query.visual.narrow is None else query.visual.narrow
        visual = replace(query.visual, narrow=narrow)
        answers: list[Results] = []
        engine.run(Query(visual, facets=False), answers.append, control, mode="exact")
        visual = replace(visual, colours_differ=answers[-1].colours_differ)
        positives, negatives = describe(visual, self._catalog, engine)
        saved = SavedFilter(
            name=name,
            encoder=encoder_of(self._catalog),
            positives=positives,
            negatives=negatives,
            blocks=visual.blocks,
            narrow=visual.narrow,
            where=query.where if conditions else (),
            choices=query.choices if conditions else (),
            text=query.text.strip() if conditions else "",
            picks=visual.counting().picks,
            colours_differ=answers[-1].colours_differ,
        )
        saved = anchored(engine, saved, visual, answers[-1].total, control)
        return saved, self._count(engine, saved, control)

    def _settled(
        self, engine: Engine, saved: SavedFilter, control: JobControl
    ) -> tuple[SavedFilter, Query, int, tuple[str, ...]]:
        """A filter from elsewhere, at home in this catalog; its query, how many are in it, and what is to be told."""
        from visualsearch.filters.anchoring import anchored
        from visualsearch.filters.resolving import describe, encoder_of

        today = engine.algebra.members(saved, control)
        kept = int((today.mask & today.scored).sum())
        notes = today.notes
        if today.moved:
            notes = (
                *notes,
                f"The threshold was set anew: it keeps {counted(kept, 'item')}, the share that it kept before.",
            )
        same = saved.encoder == encoder_of(self._catalog)
        fresh = anchored(engine, saved, today.query.visual, kept, control)
        if not today.moved:
            fresh = replace(fresh, threshold=saved.threshold)
        if not same:
            positives, negatives = describe(today.query.visual, self._catalog, engine)
            fresh = replace(
                fresh, encoder=encoder_of(self._catalog), positives=positives, negatives=negatives
            )
        fresh = replace(fresh, at=saved.at or fresh.at)
        query = replace(today.query, where=saved.where, choices=saved.choices, text=saved.text)
        return fresh, query, self._count(engine, fresh, control), notes

    def _count(self, engine: Engine, saved: SavedFilter, control: JobControl) -> int:
        """How many items a filter has that is about to be written. Raises PredicateError where it cannot work."""
        from visualsearch.filters.algebra import Terms

        documents = {**self._decisions.documents(KIND), saved.name: saved.to_body()}
        mask = Terms(engine.algebra, lambda: documents, control).members(saved.name)
        return int((mask & engine.snapshot.alive).sum())

    def _write(
        self,
        label: str,
        filters: Mapping[str, SavedFilter | None],
        *,
        judged: Mapping[int, str | None] | None = None,
        moved: tuple[str, str] | None = None,
    ) -> None:
        from visualsearch.catalog.decisions import Document, Judgement

        documents = [
            Document(KIND, name, saved.to_body() if saved is not None else None)
            for name, saved in filters.items()
        ]
        judgements = []
        for name, saved in filters.items():
            if saved is not None and judged:
                judgements += [Judgement(f"filter:{name}", item, answer) for item, answer in judged.items()]
        if moved is not None:
            old, new = moved
            judgements += [Judgement(f"filter:{new}", item, None) for item in self.judgements(new)]
            items, _, answers = self._decisions.judgements(f"filter:{old}")
            for item, answer in zip(items.tolist(), answers, strict=True):
                judgements += [
                    Judgement(f"filter:{old}", item, None),
                    Judgement(f"filter:{new}", item, answer),
                ]
        self._decisions.apply("filter", label, judgements=judgements, documents=documents)


def _leads_to(documents: Mapping[str, Mapping[str, Any]], start: str, goal: str) -> bool:
    """Whether the conditions of a filter speak of another one, themselves or through others."""
    from visualsearch.filters.anchoring import spoken_of

    seen, waiting = {start}, [start]
    while waiting:
        for text in documents.get(waiting.pop(), {}).get("where", ()):
            found = set(spoken_of(text)) - seen
            seen |= found
            waiting += found
    return goal in seen
