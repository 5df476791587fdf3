"""The quality of a catalog: estimates, duplicates, the dashboard and the report. Any thread."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from visualsearch.attributes.audit import SUSPICIOUS, Audit
from visualsearch.attributes.dashboard import AttributeState, Dashboard, Figure, Finder
from visualsearch.attributes.duplicates import Duplicates
from visualsearch.attributes.estimate import Estimates
from visualsearch.attributes.report import Confusable, Report
from visualsearch.catalog.decisions import Decisions
from visualsearch.catalog.store import Catalog
from visualsearch.catalog.thumbnails import Thumbnails
from visualsearch.filters.engine import Use
from visualsearch.jobs import JobControl

if TYPE_CHECKING:
    from visualsearch.attributes.onboarding import Onboarding


class Quality:
    """What is wrong with a catalog, and how much: ``estimates`` and ``duplicates`` are facades of their own."""

    def __init__(
        self,
        catalog: Catalog,
        thumbnails: Thumbnails,
        use: Use,
        decisions: Decisions,
        audit: Audit,
        onboarding: Onboarding,
    ) -> None:
        self._catalog = catalog
        self._thumbnails = thumbnails
        self._decisions = decisions
        self._use = use
        self._audit = audit
        self._onboarding = onboarding
        self.estimates = Estimates(catalog, use, decisions, self._suspicion)
        self.duplicates = Duplicates(catalog, thumbnails, use, decisions)
        finders: dict[Figure, Finder] = {"suggested": self._suggested, "suspected": self._suspected}
        known = lambda name, figure: figure == "suspected" and audit.is_ranked(name)  # noqa: E731
        self._dashboard = Dashboard(catalog, use, finders, known)

    def dashboard(self, control: JobControl, *, thorough: bool = False) -> list[AttributeState]:
        """Where each attribute stands; ``thorough`` looks for suggestions and suspects too, which may take a minute.
        Raises Cancelled."""
        return self._dashboard.attributes(control, thorough=thorough)

    def items(self, attribute: str, figure: Figure, control: JobControl) -> np.ndarray:
        """The items that a figure of the dashboard counts, int32 ascending. Raises UsageError, Cancelled."""
        return self._dashboard.items(attribute, figure, control)

    def counted(self, figure: str, attribute: str, control: JobControl) -> np.ndarray:
        """The same for conditions, as `suspected:colour`."""
        return self.items(attribute, cast(Figure, figure), control)

    def can_suspect(self, control: JobControl) -> bool:
        """Whether suspicion can help an estimate: photos are prepared, and some attribute can be audited."""
        return bool(self._auditable(control))

    def confusable(self, control: JobControl) -> list[Confusable]:
        """Values that are mixed up, as the audit tells them, the most often confused first. May take minutes."""
        pairs = [pair for name in self._auditable(control) for pair in self._confusable(name, control)]
        return sorted(pairs, key=lambda pair: -pair.items)

    def report(self, html_file: Path | None, csv_file: Path | None, control: JobControl) -> None:
        """Write the report as a page, as a table, or as both. Raises CatalogError (disk), Cancelled."""
        suspected: dict[str, int] = {}
        pairs: list[Confusable] = []
        names = self._auditable(control)
        for done, name in enumerate(
            names
        ):  # both at once: the audit keeps the rankings of a few attributes only
            control.progress("Looking for suspects", done, len(names), "attributes", name)
            suspected[name] = len(self.items(name, "suspected", control))
            pairs += self._confusable(name, control)
        pairs.sort(key=lambda pair: -pair.items)
        states = []
        for done, state in enumerate(found := self._dashboard.attributes(control)):
            control.progress("Looking for suggestions", done, len(found), "attributes", state.attribute)
            suggested = len(self.items(state.attribute, "suggested", control))
            sought = {"suggested": suggested, "suspected": suspected.get(state.attribute)}
            states.append(replace(state, counts={**state.counts, **sought}))
        Report(
            self._catalog,
            self._thumbnails,
            self._decisions,
            self.estimates,
            lambda _control: states,
            lambda _control: pairs,
        ).write(html_file, csv_file, control)

    def _confusable(self, attribute: str, control: JobControl) -> list[Confusable]:
        return [
            Confusable(attribute, pair.value, pair.other, pair.count, pair.examples, pair.other_examples)
            for pair in self._audit.pairs(attribute, control)
        ]

    def _auditable(self, control: JobControl) -> list[str]:
        """Attributes that an audit has something to say of; none before photos are encoded."""
        if self._use(lambda engine: engine.space is None, control):
            return []
        return [name for name, why_not in self._audit.attributes(control) if not why_not]

    def _suspicion(self, attribute: str, control: JobControl) -> np.ndarray:
        """The audit's score of each item's worst value, float32 (size,), NaN where it says nothing."""
        size = self._use(lambda engine: engine.snapshot.size, control)
        scores = np.full(size, np.nan, np.float32)
        for name in self._auditable(control):
            if attribute in ("", name):
                ranking = self._audit.ranking(name, control)
                known = ranking.item < size
                np.fmax.at(scores, ranking.item[known], ranking.score[known])
        return scores

    def _suspected(self, attribute: str, control: JobControl) -> np.ndarray:
        if attribute not in self._auditable(control):
            return np.empty(0, np.int64)
        found = self._audit.suspects(attribute, control, least=SUSPICIOUS)
        return np.array([suspect.item for suspect in found], np.int64)

    def _suggested(self, attribute: str, control: JobControl) -> np.ndarray:
        lacking = self.items(attribute, "missing", control)
        found = self._onboarding.suggestions(control, lacking.tolist(), (attribute,))
        return np.array([one.item for one in found], np.int64)
