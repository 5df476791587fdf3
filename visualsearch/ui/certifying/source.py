"""What the certificate dialog asks: suggestions of a value, auto tagging and bulk fixes each have one of these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from visualsearch.jobs import JobControl

if TYPE_CHECKING:
    from visualsearch.attributes.certificate import Certificate
    from visualsearch.attributes.target import Target
    from visualsearch.catalog.decisions import Applied
    from visualsearch.workspace import Workspace


class Source(Protocol):
    """Candidates that may be accepted together. All methods but ``name`` and ``question`` are called in workers."""

    @property
    def name(self) -> str:
        """What would be accepted, such as style “hawaiian”."""
        ...

    def question(self, item: int) -> str:
        """What is asked of an item of the sample, such as "Is style “hawaiian” right for this one?" (GUI thread)."""
        ...

    def count(self, control: JobControl) -> int:
        """How many candidates there are; 0 where nothing can be accepted."""
        ...

    def proposal(self, wanted: float, control: JobControl) -> int:
        """How many of the best are likely enough to meet a precision from 0 to 1; 0 where none are."""
        ...

    def unfinished(self, control: JobControl) -> Certificate | None:
        """One that was begun and neither failed nor was used."""
        ...

    def start(self, wanted: float, count: int, control: JobControl) -> Certificate:
        """Freeze the best candidates and draw a sample of exactly these."""
        ...

    def get(self, name: str) -> Certificate: ...

    def answer(self, name: str, item: int, answer: str, control: JobControl) -> Certificate:
        """One answer, "right", "wrong" or "unsure", saved at once as one operation."""
        ...

    def accept(self, name: str, control: JobControl) -> Applied:
        """Write the rest, as one operation. Raises VisualSearchError where the certificate does not allow it."""
        ...


class Suggested:
    """The open suggestions of ``attribute=value``."""

    def __init__(self, workspace: Workspace, target: Target) -> None:
        self._tagging = workspace.tagging
        self._target = target

    @property
    def name(self) -> str:
        return self._target.words

    def question(self, item: int) -> str:
        from PySide6.QtCore import QCoreApplication

        return QCoreApplication.translate("certifying", "Is {0} right for this one?").format(
            self._target.words
        )

    def count(self, control: JobControl) -> int:
        session = self._tagging.session(self._target, control)
        return len(session.situation(control).candidates)

    def proposal(self, wanted: float, control: JobControl) -> int:
        return self._tagging.certificates.proposal(self._target, wanted, control)

    def unfinished(self, control: JobControl) -> Certificate | None:
        return self._tagging.certificates.latest(self._target)

    def start(self, wanted: float, count: int, control: JobControl) -> Certificate:
        return self._tagging.certificates.start(self._target, wanted, control, count=count)

    def get(self, name: str) -> Certificate:
        return self._tagging.certificates.get(name)

    def answer(self, name: str, item: int, answer: str, control: JobControl) -> Certificate:
        given = {answer: [item]}
        right, wrong, unsure = (given.get(kind, []) for kind in ("right", "wrong", "unsure"))
        return self._tagging.certificates.answer(name, control, right=right, wrong=wrong, unsure=unsure)

    def accept(self, name: str, control: JobControl) -> Applied:
        return self._tagging.certificates.accept(name, control)
