"""What a plan of auto tagging asks the certificate dialog to accept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication

from visualsearch.jobs import JobControl

if TYPE_CHECKING:
    from visualsearch.attributes.autotag import Plan
    from visualsearch.attributes.certificate import Certificate
    from visualsearch.catalog.decisions import Applied
    from visualsearch.workspace import Workspace


class Planned:
    """Some values of a plan, to be accepted together (a `certifying.source.Source`)."""

    def __init__(self, workspace: Workspace, plan: Plan, values: Sequence[str]) -> None:
        self._tagger = workspace.autotag
        self._plan, self._values = plan, tuple(values)
        self._certificate: Certificate | None = None

    @property
    def name(self) -> str:
        if len(self._values) == 1:
            return f"{self._plan.attribute} “{self._values[0]}”"
        return QCoreApplication.translate("autotag", "{0} values of {1}").format(
            len(self._values), self._plan.attribute
        )

    def question(self, item: int) -> str:
        """By the values that are meant for the item: nothing else tells them apart in a sample."""
        if self._certificate is None:
            return ""
        (values,) = self._certificate.values_of([item])
        meant = f"{self._plan.attribute} “{', '.join(values)}”"
        return QCoreApplication.translate("autotag", "Is {0} right for this one?").format(meant)

    def count(self, control: JobControl) -> int:
        return len(self._plan.chosen(self._values)[0])

    def proposal(self, wanted: float, control: JobControl) -> int:
        return self._tagger.proposal(self._plan, self._values, wanted)

    def unfinished(self, control: JobControl) -> Certificate | None:
        """One for exactly these values; another choice begins anew."""
        found = self._tagger.unfinished(self._plan.attribute)
        if found is None or {value for value, _ in found.assigned} != set(self._values):
            return None
        return self._kept(found)

    def start(self, wanted: float, count: int, control: JobControl) -> Certificate:
        return self._kept(self._tagger.start(self._plan, self._values, wanted, count=count))

    def get(self, name: str) -> Certificate:
        return self._kept(self._tagger.certificates.get(name))

    def answer(self, name: str, item: int, answer: str, control: JobControl) -> Certificate:
        given: dict[str, Any] = {answer: [item]}
        return self._kept(self._tagger.certificates.answer(name, control, **given))

    def accept(self, name: str, control: JobControl) -> Applied:
        return self._tagger.apply(name, control)

    def _kept(self, certificate: Certificate) -> Certificate:
        self._certificate = certificate
        return certificate
