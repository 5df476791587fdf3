"""Where each attribute stands: filled, missing, suggested, suspected, certified, judged, and how that came about day by
day. Each number is the number of items that ``items`` gives for it. Any thread.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np

from visualsearch.attributes.estimate import Use
from visualsearch.catalog.history import value_changes
from visualsearch.catalog.predicates import Has, Not
from visualsearch.catalog.snapshot import Snapshot
from visualsearch.catalog.store import Catalog
from visualsearch.errors import UsageError
from visualsearch.jobs import JobControl

Figure = Literal["filled", "missing", "suggested", "suspected", "certified", "judged"]
FIGURES: tuple[Figure, ...] = ("filled", "missing", "suggested", "suspected", "certified", "judged")
Finder = Callable[[str, JobControl], np.ndarray]
"""Attribute → item numbers, int (n,): who has a suggestion, or is a suspect. May take seconds."""

_DECIDED = """
    SELECT i.item FROM imported i JOIN attribute a ON a.number = i.attribute
    LEFT JOIN operation o ON o.number = i.operation WHERE a.name = ? AND i.operation IS NOT NULL
"""
_CERTIFIED = f"{_DECIDED} AND o.kind = 'accept-rest'"
_ANSWERED = """
    SELECT DISTINCT item FROM judgement WHERE other = 0 AND (subject = 'audit:' || ?
    OR substr(subject, 1, length(?) + 5) = 'tag:' || ? || '='
    OR (substr(subject, 1, 9) = 'estimate:'
        AND substr(subject, 10 + instr(substr(subject, 10), ':')) = ?))
"""
_DAYS = """
    SELECT substr(o.at, 1, 10), COUNT(*), j.subject FROM judgement_change j JOIN operation o ON o.number = j.operation
    WHERE j.new IS NOT NULL AND j.other = 0 GROUP BY 1, 3
"""


@dataclass(frozen=True)
class Day:
    """One day's work on an attribute. ``day``: ISO 8601, UTC; ``changed``: values that people changed, undone ones and
    the undoing too; ``judged``: answers given; ``filled``: how many items had a value at its end."""

    day: str
    changed: int
    judged: int
    filled: int


@dataclass(frozen=True)
class AttributeState:
    """``counts``: figure → number of items; "suggested" and "suspected" are None where they were not asked for.
    ``where``: figure → a condition that finds the same items, for those that a condition can tell."""

    attribute: str
    type: str
    counts: dict[Figure, int | None]
    where: dict[Figure, str]
    days: list[Day] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


class Dashboard:
    """Figures of an open catalog. ``finders`` compute what takes its time: "suggested" and "suspected"; ``at_hand``
    says of which attributes a finder knows the items without it."""

    def __init__(
        self,
        catalog: Catalog,
        use: Use,
        finders: dict[Figure, Finder],
        at_hand: Callable[[str, Figure], bool] = lambda _attribute, _figure: False,
    ) -> None:
        self._at_hand = at_hand
        self._catalog = catalog
        self._use = use
        self._finders = finders

    def attributes(self, control: JobControl, *, thorough: bool = False) -> list[AttributeState]:
        """Where each attribute stands, in the customer's order; ``thorough`` asks the finders too. Raises Cancelled."""
        kinds = self._catalog.attributes()
        days = self._days([name for name, _ in kinds])
        states = []
        for done, (name, kind) in enumerate(kinds):
            control.progress("Counting", done, len(kinds), "attributes")
            counts: dict[Figure, int | None] = dict.fromkeys(FIGURES)
            for figure in FIGURES:
                if thorough or figure not in ("suggested", "suspected") or self._at_hand(name, figure):
                    counts[figure] = len(self.items(name, figure, control))
            where: dict[Figure, str] = {"filled": str(Has(name)), "missing": str(Not(Has(name)))}
            states.append(
                AttributeState(name, kind, counts, where, _filled_by_day(days[name], counts["filled"] or 0))
            )
        return states

    def items(self, attribute: str, figure: Figure, control: JobControl) -> np.ndarray:
        """The items that a figure counts, int32 ascending, none gone. Raises UsageError, Cancelled."""
        if figure not in FIGURES:
            raise UsageError(
                f"{figure!r} is no figure of the dashboard.", f"Choose one of: {', '.join(FIGURES)}."
            )
        snapshot = self._use(lambda engine: engine.snapshot, control)
        if attribute not in snapshot.columns:
            raise UsageError(f"There is no attribute {attribute!r}.")
        present = snapshot.columns[attribute].present(snapshot.size)
        if figure == "filled":
            chosen = present & snapshot.alive
        elif figure == "missing":
            chosen = ~present & snapshot.alive
        else:
            found = (
                self._finders[figure](attribute, control)
                if figure in self._finders
                else self._told(attribute, figure)
            )
            chosen = _mask(snapshot, found)
        return np.flatnonzero(chosen).astype(np.int32)

    def _told(self, attribute: str, figure: Figure) -> np.ndarray:
        """Items of which a person decided the value or judged it, or that a certificate gave their value."""
        with self._catalog.read() as connection:
            if figure == "certified":
                rows = connection.execute(_CERTIFIED, (attribute,)).fetchall()
            elif figure == "judged":
                rows = connection.execute(_DECIDED, (attribute,)).fetchall()
                rows += connection.execute(_ANSWERED, (attribute,) * 4).fetchall()
            else:
                rows = []
        return np.array([item for (item,) in rows], np.int64)

    def _days(self, attributes: list[str]) -> dict[str, dict[str, list[int]]]:
        """Attribute → day → [values changed, answers, values filled less emptied]."""
        days: dict[str, dict[str, list[int]]] = {name: defaultdict(lambda: [0, 0, 0]) for name in attributes}
        with self._catalog.read() as connection:
            operations = connection.execute(
                "SELECT number, substr(at, 1, 10) FROM operation WHERE value_count > 0 ORDER BY number"
            ).fetchall()
            for number, day in operations:
                for part in value_changes(connection, number):
                    if part.attribute in days:
                        has = np.array([bool(values) for values in part.sets], np.int64)
                        entry = days[part.attribute][day]
                        entry[0] += len(part.items)
                        entry[2] += int((has[part.new] - has[part.old]).sum())
            for day, count, subject in connection.execute(_DAYS):
                for name in attributes:
                    if _is_about(subject, name):
                        days[name][day][1] += count
        return days


def _is_about(subject: str, attribute: str) -> bool:
    """Whether a subject's answers judge an attribute."""
    kind, _, rest = subject.partition(":")
    if kind == "estimate":
        return rest.partition(":")[2] == attribute
    return (kind == "audit" and rest == attribute) or (kind == "tag" and rest.startswith(f"{attribute}="))


def _filled_by_day(days: dict[str, list[int]], filled: int) -> list[Day]:
    """From what is filled now back in time. Imports are not in the log: they count as if they had been there before."""
    found = []
    for day in sorted(days, reverse=True):
        changed, judged, more = days[day]
        found.append(Day(day, changed, judged, filled))
        filled -= more
    return found[::-1]


def _mask(snapshot: Snapshot, items: np.ndarray) -> np.ndarray:
    mask = np.zeros(snapshot.size, bool)
    mask[items[items < snapshot.size]] = True
    return mask & snapshot.alive
