"""Where each attribute stands: filled, missing, suggested, suspected, certified, judged, and how that came about day by
day. Each number is the number of items that ``items`` gives for it. Any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np

from visualsearch.attributes.course import Course, Day, courses
from visualsearch.catalog.nearest import no_attribute
from visualsearch.catalog.predicates import Has, InFigure, Not
from visualsearch.catalog.snapshot import Snapshot
from visualsearch.catalog.store import Catalog
from visualsearch.errors import UsageError
from visualsearch.filters.engine import Use
from visualsearch.jobs import JobControl

Figure = Literal["filled", "missing", "suggested", "suspected", "certified", "judged"]
FIGURES: tuple[Figure, ...] = ("filled", "missing", "suggested", "suspected", "certified", "judged")
SOUGHT: tuple[Figure, ...] = ("suggested", "suspected")
"""Those that models have to be fitted for."""
Finder = Callable[[str, JobControl], np.ndarray]
"""Attribute → item numbers, int (n,): who has a suggestion, or is a suspect. May take seconds."""


@dataclass(frozen=True)
class AttributeState:
    """``counts``: figure → number of items; "suggested" and "suspected" are None where they were not asked for.
    ``where``: figure → a condition that finds the same items."""

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
        control.progress("Reading the history", 0, 0, "")
        snapshot = self._use(lambda engine: engine.snapshot, control)
        kinds = [(name, kind) for name, kind in self._catalog.attributes() if name in snapshot.columns]
        told = self._courses(snapshot, [name for name, _ in kinds])
        states = []
        for done, (name, kind) in enumerate(kinds):
            control.progress("Counting", done, len(kinds), "attributes", name)
            counts: dict[Figure, int | None] = dict.fromkeys(FIGURES)
            for figure in FIGURES:
                if figure not in SOUGHT or thorough or self._at_hand(name, figure):
                    mask = self._counted(snapshot, name, figure, control, told[name])
                    counts[figure] = int(np.count_nonzero(mask))
            where: dict[Figure, str] = {figure: _condition(figure, name) for figure in FIGURES}
            states.append(AttributeState(name, kind, counts, where, told[name].days))
        return states

    def items(self, attribute: str, figure: Figure, control: JobControl) -> np.ndarray:
        """The items that a figure counts, int32 ascending, none gone. Raises UsageError, Cancelled."""
        if figure not in FIGURES:
            raise UsageError(
                f"{figure!r} is no figure of the dashboard.", f"Choose one of: {', '.join(FIGURES)}."
            )
        snapshot = self._use(lambda engine: engine.snapshot, control)
        if attribute not in snapshot.columns:
            raise no_attribute(attribute, snapshot.columns)
        return np.flatnonzero(self._counted(snapshot, attribute, figure, control)).astype(np.int32)

    def _counted(
        self,
        snapshot: Snapshot,
        attribute: str,
        figure: Figure,
        control: JobControl,
        course: Course | None = None,
    ) -> np.ndarray:
        """bool (size,)"""
        present = snapshot.columns[attribute].present(snapshot.size)
        if figure in ("filled", "missing"):
            return (present if figure == "filled" else ~present) & snapshot.alive
        if figure in SOUGHT:
            finder = self._finders.get(figure)
            return _mask(snapshot, finder(attribute, control) if finder else np.empty(0, np.int64))
        if course is None:
            course = self._courses(snapshot, [attribute])[attribute]
        return course.certified if figure == "certified" else course.judged

    def _courses(self, snapshot: Snapshot, attributes: Iterable[str]) -> dict[str, Course]:
        filled = {
            name: int(np.count_nonzero(snapshot.columns[name].present(snapshot.size) & snapshot.alive))
            for name in attributes
        }
        with self._catalog.read() as connection:
            return courses(connection, filled, snapshot.alive)


def _condition(figure: Figure, attribute: str) -> str:
    if figure == "filled":
        return str(Has(attribute))
    return str(Not(Has(attribute)) if figure == "missing" else InFigure(figure, attribute))


def _mask(snapshot: Snapshot, items: np.ndarray) -> np.ndarray:
    mask = np.zeros(snapshot.size, bool)
    mask[items[items < snapshot.size]] = True
    return mask & snapshot.alive
