"""The quality of a catalog: estimates, duplicates, the dashboard and the report. Any thread."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from visualsearch.attributes import suspicion
from visualsearch.attributes.dashboard import AttributeState, Dashboard, Figure, Finder
from visualsearch.attributes.duplicates import Duplicates
from visualsearch.attributes.estimate import Estimates, Use
from visualsearch.attributes.report import Confusable, Report
from visualsearch.catalog.decisions import Decisions
from visualsearch.catalog.store import Catalog
from visualsearch.catalog.thumbnails import Thumbnails
from visualsearch.jobs import JobControl

if TYPE_CHECKING:
    from visualsearch.attributes.onboarding import Onboarding

_CONFUSABLE = 3  # suspects with the same two values that make a pair worth telling


class Quality:
    """What is wrong with a catalog, and how much: ``estimates`` and ``duplicates`` are facades of their own."""

    def __init__(
        self, catalog: Catalog, thumbnails: Thumbnails, use: Use, decisions: Decisions, onboarding: Onboarding
    ) -> None:
        self._catalog = catalog
        self._use = use
        self._onboarding = onboarding
        self.estimates = Estimates(catalog, use, decisions, self._suspicion)
        self.duplicates = Duplicates(catalog, thumbnails, use, decisions)
        finders: dict[Figure, Finder] = {"suggested": self._suggested, "suspected": self._suspected}
        self._dashboard = Dashboard(catalog, use, finders)
        self._report = Report(
            catalog, thumbnails, decisions, self.estimates, self._dashboard.attributes, self.confusable
        )

    def dashboard(self, control: JobControl, *, thorough: bool = False) -> list[AttributeState]:
        """Where each attribute stands; ``thorough`` looks for suggestions and suspects too, which may take a minute.
        Raises Cancelled."""
        return self._dashboard.attributes(control, thorough=thorough)

    def items(self, attribute: str, figure: Figure, control: JobControl) -> np.ndarray:
        """The items that a figure of the dashboard counts, int32 ascending. Raises UsageError, Cancelled."""
        return self._dashboard.items(attribute, figure, control)

    def confusable(self, control: JobControl) -> list[Confusable]:
        """Values that are mixed up: given ones, and what the neighbours of their suspects mostly have."""
        pairs: Counter[tuple[str, str, str]] = Counter()
        for name, _ in self._catalog.attributes():
            found = self._use(lambda engine, name=name: suspicion.votes(engine, name, control), control)
            for item in found.suspects.tolist():
                pairs[name, found.values[found.given[item]], found.values[found.other[item]]] += 1
        return [Confusable(*pair, count) for pair, count in pairs.most_common() if count >= _CONFUSABLE]

    def report(self, html_file: Path | None, csv_file: Path | None, control: JobControl) -> None:
        """Write the report as a page, as a table, or as both. Raises CatalogError (disk), Cancelled."""
        self._report.write(html_file, csv_file, control)

    def _suspicion(self, attribute: str, control: JobControl) -> np.ndarray:
        return self._use(lambda engine: suspicion.suspicion(engine, attribute, control), control)

    def _suspected(self, attribute: str, control: JobControl) -> np.ndarray:
        return self._use(lambda engine: suspicion.votes(engine, attribute, control).suspects, control)

    def _suggested(self, attribute: str, control: JobControl) -> np.ndarray:
        lacking = self.items(attribute, "missing", control)
        found = self._onboarding.suggestions(control, lacking.tolist())
        return np.array([one.item for one in found if one.attribute == attribute], np.int64)
