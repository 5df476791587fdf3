"""Audit: the suspects of a catalog, what is known of each, and the verdicts of a person.

A verdict is a decision that can be undone: *keep* (the value is right), *change* to another, or *unsure*. A kept value
leaves the list for good, until the item gets another one; what is unsure goes to the end. Rankings stay while verdicts
are given: only when enough values changed otherwise, or the vectors did, is an attribute judged anew.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from visualsearch.attributes import clusters as grouping
from visualsearch.attributes import verdicts
from visualsearch.attributes.fixing import Fixes
from visualsearch.attributes.suspects import (
    Lookalikes,
    Ranking,
    find_lookalikes,
    nearly_same,
    rank,
    still_given,
    why_not,
)
from visualsearch.catalog.columns import CategoryColumn
from visualsearch.catalog.decisions import Applied, Decisions, Judgement, ValueChange
from visualsearch.catalog.nearest import no_attribute
from visualsearch.catalog.store import Catalog
from visualsearch.errors import UsageError, VisualSearchError
from visualsearch.filters.engine import Engine, Use
from visualsearch.filters.query import Query
from visualsearch.jobs import JobControl, holding
from visualsearch.vectors.space import Space

SUSPICIOUS = 0.5  # score from which on a value is more likely wrong than right
_SHOWN_NEIGHBOURS = 12
_NAMED = 3  # items in a sentence
_KEPT = 8  # attributes whose rankings are kept


@dataclass(frozen=True)
class Suspect:
    """A value that an item probably has wrongly. ``suggested`` "" where nothing fits better. ``score`` 0..1, higher is
    more suspicious. ``unsure``: a person could not tell. ``reasons``: sentences, the strongest first."""

    item: int
    attribute: str
    given: str
    suggested: str
    score: float
    unsure: bool = False
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Details:
    """What a person needs to judge a suspect. ``neighbours``: (item, similarity, its values), nearest first;
    ``typical_given`` and ``typical_suggested``: items that look most like the value."""

    suspect: Suspect
    neighbours: tuple[tuple[int, float, tuple[str, ...]], ...]
    typical_given: tuple[int, ...]
    typical_suggested: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class _Known:
    """A ranking and what it was made from."""

    ranking: Ranking
    space: Space | None


class Audit:
    """The suspects of a catalog. Safe from any thread; all calls belong in a worker."""

    def __init__(self, catalog: Catalog, use: Use, decisions: Decisions) -> None:
        self._catalog = catalog
        self._use = use
        self._decisions = decisions
        self.fixes = Fixes(use, decisions)
        self._lock = threading.Lock()  # one ranking at a time: it uses all cores
        self._known: dict[str, _Known] = {}
        self._alike: Lookalikes | None = None

    # -- looking ------------------------------------------------------------------------------------------------

    def attributes(self, control: JobControl) -> list[tuple[str, str]]:
        """Every attribute, and why it cannot be audited as a sentence ("": it can)."""

        def listed(engine: Engine) -> list[tuple[str, str]]:
            return [(name, why_not(name, column)) for name, column in engine.snapshot.columns.items()]

        return self._use(listed, control)

    def is_ranked(self, attribute: str) -> bool:
        """Whether the attribute was judged lately, so that its suspects are told at once."""
        return self._use(lambda engine: self._kept(engine, attribute) is not None, JobControl())

    def ranking(self, attribute: str, control: JobControl) -> Ranking:
        """The attribute, judged: from memory where little has changed since. Seconds to minutes otherwise.

        Raises UsageError (it cannot be audited), CacheDamaged, Cancelled.
        """
        return self._use(lambda engine: self._ranking(engine, attribute, control), control)

    def suspects(
        self,
        attribute: str,
        control: JobControl,
        *,
        where: Sequence[str] = (),
        items: np.ndarray | None = None,
        limit: int | None = None,
        least: float = 0.0,
        unsure: bool | None = None,
    ) -> list[Suspect]:
        """The worst first; what was kept is left out, what is unsure comes last.

        ``where``: conditions that the items meet; ``items``: item numbers to which it is restricted; ``least``: the
        lowest score; ``unsure``: only what a person could not tell, or only the others. Raises UsageError,
        PredicateError, CacheDamaged, Cancelled.
        """

        def listed(engine: Engine) -> list[Suspect]:
            ranking = self._ranking(engine, attribute, control)
            places, untold = self._open(engine, ranking, where, items, least, control)
            if unsure is not None:
                places = [place for place in places if (place in untold) is unsure]
            first = places if limit is None else places[:limit]
            return [self._suspect(ranking, place, place in untold) for place in first]

        return self._use(listed, control)

    def new(self, control: JobControl, attribute: str | None = None) -> list[Suspect]:
        """The second opinion at the door: of the items that came with the last import, the values that are more likely
        wrong than right, of one attribute or of all; the worst first."""
        from visualsearch.attributes.onboarding import Onboarding

        items = Onboarding(self._catalog, self._use, self._decisions).items(control)
        if attribute is not None:
            return self.suspects(attribute, control, items=items, least=SUSPICIOUS)
        found: list[Suspect] = []
        if len(items):
            for name, reason in self.attributes(control):
                if reason:
                    continue
                try:
                    found += self.suspects(name, control, items=items, least=SUSPICIOUS)
                except UsageError:
                    continue  # too few items of it have a photo: it has no suspects
        return sorted(found, key=lambda one: (one.unsure, -one.score, one.item, one.attribute))

    def remembers(self, attribute: str) -> bool:
        """Whether the attribute was judged since the catalog was opened: looking again takes a moment (*fast*)."""
        return attribute in self._known

    def count(
        self, attribute: str, control: JobControl, least: float = SUSPICIOUS, *, unsure: bool = True
    ) -> int:
        """How many values are open and at least so suspicious, with those that a person could not tell, or without.
        Raises what `suspects` raises."""

        def counted(engine: Engine) -> int:
            ranking = self._ranking(engine, attribute, control)
            places, untold = self._open(engine, ranking, (), None, least, control)
            return len(places) - (0 if unsure else len(untold))

        return self._use(counted, control)

    def values(self, attribute: str, control: JobControl) -> list[str]:
        """The attribute's values that items have, the most used first. Raises UsageError."""

        def listed(engine: Engine) -> list[str]:
            column = _category(engine, attribute)
            counts = np.bincount(column.codes, minlength=len(column.values))
            order = np.lexsort((np.arange(len(counts)), -counts))
            return [column.values[code] for code in order.tolist() if counts[code]]

        return self._use(listed, control)

    def details(self, attribute: str, item: int, control: JobControl, value: str | None = None) -> Details:
        """All about one item's value (its most suspicious one, when None). Raises UsageError (it has no such value, or
        was not judged)."""

        def told(engine: Engine) -> Details:
            ranking = self._ranking(engine, attribute, control)
            own = np.flatnonzero(ranking.item == item)
            own = [at for at in own.tolist() if value is None or ranking.values[ranking.given[at]] == value]
            if not own:
                raise UsageError(f"This item was not judged for {attribute}: it has no value or no look.")
            given = ranking.values[ranking.given[own[0]]]
            unsure = (item, given) in verdicts.read(self._decisions, attribute).unsure
            suspect = self._suspect(ranking, own[0], unsure)
            return Details(
                suspect,
                tuple(_neighbours(engine, ranking, item)),
                tuple(one for one in ranking.typical(suspect.given) if one != item),
                tuple(ranking.typical(suspect.suggested)) if suspect.suggested else (),
            )

        return self._use(told, control)

    def clusters(
        self, attribute: str, control: JobControl, by: str | None = None, least: float = SUSPICIOUS
    ) -> list[grouping.Cluster]:
        """Suspects that share given → suggested, and beyond that a value of another attribute (``by``: that one only;
        every other category, when None) or the import; the largest and purest first."""

        from visualsearch.attributes.onboarding import Onboarding

        fresh = Onboarding(self._catalog, self._use, self._decisions).items(control)

        def grouped(engine: Engine) -> list[grouping.Cluster]:
            ranking = self._ranking(engine, attribute, control)
            places, _ = self._open(engine, ranking, (), None, least, control)
            new = np.zeros(engine.snapshot.size, bool)
            new[fresh[fresh < len(new)]] = True
            return grouping.clusters(engine.snapshot, ranking, np.array(places, np.int64), by, new)

        return self._use(grouped, control)

    def pairs(self, attribute: str, control: JobControl) -> list[grouping.ConfusablePair]:
        """Values that look so alike that people mix them up, the most often confused first, with examples."""
        return self._use(
            lambda engine: grouping.confusable(self._ranking(engine, attribute, control)), control
        )

    # -- verdicts -----------------------------------------------------------------------------------------------

    def keep(self, attribute: str, item: int, value: str | None = None, actor: str | None = None) -> Applied:
        """The value is right (all of the item's, when None): it leaves the list until the item gets another."""
        return self.judge(attribute, [verdicts.Told(item, "keep", value)], actor)

    def unsure(
        self, attribute: str, item: int, value: str | None = None, actor: str | None = None
    ) -> Applied:
        """The photo does not tell: it goes to the end of the list."""
        return self.judge(attribute, [verdicts.Told(item, "unsure", value)], actor)

    def change(
        self,
        attribute: str,
        item: int,
        value: str,
        given: str | None = None,
        actor: str | None = None,
    ) -> Applied:
        """Put another value in the place of ``given`` (of all, when None or where the item has one)."""
        return self.judge(attribute, [verdicts.Told(item, "change", value, given)], actor)

    def judge(self, attribute: str, told: Sequence[verdicts.Told], actor: str | None = None) -> Applied:
        """Verdicts on several items, one for each, as one operation.

        Raises UnknownName (no such attribute), UsageError (it cannot be audited; an item has no such value),
        VocabularyError, VisualSearchError (an item is gone). Then nothing is written.
        """
        before = self._values(attribute, [one.item for one in told])
        meant = {one.item: one.after(before[one.item]) for one in told}
        if not all(meant.values()):
            lacking = [item for item, values in meant.items() if not values]
            names = ", ".join(map(repr, self._catalog.ids_of(lacking[:_NAMED])))
            raise UsageError(f"No value of {attribute} is there to judge of {names}.", "Leave them out.")
        said: dict[int, tuple[verdicts.Verdict, tuple[str, ...]]] = {
            one.item: ("unsure" if one.answer == "unsure" else "keep", meant[one.item]) for one in told
        }
        why = {
            "attribute": attribute,
            "given": ", ".join(dict.fromkeys(one.given or ", ".join(before[one.item]) for one in told)),
            "verdict": ", ".join(dict.fromkeys(one.answer for one in told)),
        }
        if len(told) == 1 and told[0].answer != "change":
            why["given"] = ", ".join(meant[told[0].item])
        return self._decisions.apply(
            "audit",
            verdicts.label(attribute, told, before),
            values=[
                ValueChange(one.item, attribute, meant[one.item]) for one in told if one.answer == "change"
            ],
            judgements=[
                *(
                    Judgement(f"audit:{attribute}", one.item, one.answer)
                    for one in told
                    if one.answer != "change"
                ),
                *verdicts.spoken(self._decisions, attribute, said),
            ],
            why=why,
            actor=actor,
        )

    def _values(self, attribute: str, items: Sequence[int]) -> dict[int, tuple[str, ...]]:
        def read(engine: Engine) -> dict[int, tuple[str, ...]]:
            column = _category(engine, attribute)
            alive = engine.snapshot.alive
            if not all(0 <= item < len(alive) and alive[item] for item in items):
                raise VisualSearchError("This item is not in the catalog any more.")
            return {item: column.texts_of(item) for item in items}

        return self._use(read, JobControl())

    # -- the list -----------------------------------------------------------------------------------------------

    def _kept(self, engine: Engine, attribute: str) -> Ranking | None:
        """A ranking that still holds."""
        known, column = self._known.get(attribute), engine.snapshot.columns.get(attribute)
        if known is None or known.space is not engine.space or not isinstance(column, CategoryColumn):
            return None
        return known.ranking if nearly_same(known.ranking.column, column) else None

    def _ranking(self, engine: Engine, attribute: str, control: JobControl) -> Ranking:
        kept = self._kept(engine, attribute)
        if kept is not None:  # not to wait for who looks another attribute through
            return kept
        with holding(self._lock, control):
            kept = self._kept(engine, attribute)
            if kept is not None:
                return kept
            made = rank(engine, attribute, control, self._lookalikes)
            self._known.pop(attribute, None)
            self._known[attribute] = _Known(made, engine.space)
            while len(self._known) > _KEPT:
                self._known.pop(next(iter(self._known)))
            return made

    def _lookalikes(self, engine: Engine, control: JobControl) -> Lookalikes:
        """Found once for all attributes, with the lock held; the rankings share their arrays."""
        if self._alike is None or not self._alike.hold(engine):
            self._alike = None  # of a large catalog there is no room for two
            self._alike = find_lookalikes(engine, control)
        return self._alike

    def _open(
        self,
        engine: Engine,
        ranking: Ranking,
        where: Sequence[str],
        items: np.ndarray | None,
        least: float,
        control: JobControl,
    ) -> tuple[list[int], set[int]]:
        """Places in the ranking that are still open, in order, and those of them that are unsure."""
        mask = ranking.score >= least
        mask &= still_given(engine, ranking)
        if where:
            mask &= engine.selection(Query(where=tuple(where)), control).mask[ranking.item]
        if items is not None:
            mask &= np.isin(ranking.item, items)
        told = verdicts.read(self._decisions, ranking.attribute)
        said = np.flatnonzero(mask & np.isin(ranking.item, [i for i, _ in told.kept | told.unsure]))
        unsure: list[int] = []
        for place in said.tolist():
            key = int(ranking.item[place]), ranking.values[ranking.given[place]]
            if key in told.kept:
                mask[place] = False
            elif key in told.unsure:
                mask[place] = False
                unsure.append(place)
        return [*np.flatnonzero(mask).tolist(), *unsure], set(unsure)

    def _suspect(self, ranking: Ranking, place: int, unsure: bool) -> Suspect:
        suggested = int(ranking.suggested[place])
        return Suspect(
            int(ranking.item[place]),
            ranking.attribute,
            ranking.values[ranking.given[place]],
            ranking.values[suggested] if suggested >= 0 else "",
            float(ranking.score[place]),
            unsure,
            grouping.reasons(ranking, place),
        )


def _category(engine: Engine, attribute: str) -> CategoryColumn:
    """Raises UnknownName (no such attribute), UsageError (it has no values that could be mixed up)."""
    column = engine.snapshot.columns.get(attribute)
    if column is None:
        raise no_attribute(attribute, engine.snapshot.columns)
    if not isinstance(column, CategoryColumn):
        raise UsageError(why_not(attribute, column) or f"{attribute} cannot be audited.")
    return column


def _neighbours(engine: Engine, ranking: Ranking, item: int) -> list[tuple[int, float, tuple[str, ...]]]:
    column = engine.snapshot.columns[ranking.attribute]
    assert isinstance(column, CategoryColumn)
    place = int(np.searchsorted(ranking.items, item))
    rows, similar = ranking.near.rows[place], ranking.near.similarity[place]
    shown = np.flatnonzero(rows >= 0)[:_SHOWN_NEIGHBOURS]
    others = ranking.items[rows[shown]].tolist()
    return [
        (other, float(value), column.texts_of(other))
        for other, value in zip(others, similar[shown].tolist(), strict=True)
    ]
