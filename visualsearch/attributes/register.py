"""All certificates of a catalog in one list, whatever they certify: the best suggestions for a value, what auto tagging
proposed, or a group of suspects that was mended together. Each with the operations that began it and used it, so that
one undo revokes it. Safe from any thread; calls belong in a worker.
"""

from __future__ import annotations

from dataclasses import dataclass

from visualsearch.attributes import fixing
from visualsearch.attributes.certificate import Certificate
from visualsearch.attributes.certifying import Certificates
from visualsearch.attributes.fixing import Fix, Fixes
from visualsearch.catalog.decisions import Decisions
from visualsearch.catalog.operations import Operation, Undone
from visualsearch.errors import UsageError, VisualSearchError

_OPERATIONS = 100_000  # of the log in which acceptances are looked for


@dataclass(frozen=True)
class Entry:
    """A certificate with the operations that began it and, where that holds, used it; or why it cannot be read."""

    name: str
    certificate: Certificate | Fix | None
    begun: Operation | None
    used: Operation | None
    problem: VisualSearchError | None = None


class Register:
    """Lists and revokes."""

    def __init__(self, certificates: Certificates, fixes: Fixes, decisions: Decisions) -> None:
        self._certificates = certificates
        self._fixes = fixes
        self._decisions = decisions

    def entries(self) -> list[Entry]:
        """All, the latest first."""
        begun: dict[str, Operation] = {}
        used: dict[str, Operation] = {}
        for operation in self._decisions.history(limit=_OPERATIONS):
            name = str((operation.why or {}).get("certificate", ""))
            if name and operation.inverse_of is None and operation.undone_by is None:
                if operation.kind == "certify":
                    begun.setdefault(name, operation)
                elif operation.kind != "sample":
                    used.setdefault(name, operation)
        found = []
        for name in [*self._certificates.names(), *self._fixes.names()]:
            first = begun.get(name, used.get(name))
            try:
                found.append(Entry(name, self.get(name), first, used.get(name)))
            except VisualSearchError as error:  # one that was damaged does not hide the others
                found.append(Entry(name, None, first, used.get(name), error))
        return sorted(found, key=lambda entry: -(entry.begun.number if entry.begun else 0))

    def get(self, name: str) -> Certificate | Fix:
        """One of them. Raises VisualSearchError (no such certificate, or its record was changed)."""
        if self._decisions.document(fixing.KIND, name) is not None:
            return self._fixes.get(name)
        return self._certificates.get(name)

    def revoke(self, name: str, actor: str | None = None) -> Undone:
        """Take back what a certificate let pass, as one undo. Raises VisualSearchError (no such certificate),
        UsageError (nothing was accepted by it)."""
        self.get(name)
        used = next((entry.used for entry in self.entries() if entry.name == name), None)
        if used is None:
            raise UsageError(f"Nothing was accepted by the certificate {name!r}: there is nothing to revoke.")
        return self._decisions.undo(used.number, actor)
