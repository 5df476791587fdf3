"""Decisions: the one way in which a person's work gets into the catalog, and out of it again.

Every change is an operation: one transaction, durable when the call returns, in a log that is never shortened. Undo
and redo append to it too. Import and decisions are two layers: an item has what a person decided about an attribute,
and where nobody did (any more), what the imports say.

Every method may be called from any thread. Writing waits for another writer for up to ten seconds.
"""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from visualsearch.catalog import history as log
from visualsearch.catalog import predicates
from visualsearch.catalog.ledger import Head, Ledger
from visualsearch.catalog.operations import (
    Applied,
    BulkValues,
    Change,
    Document,
    Judgement,
    Operation,
    Skipped,
    Undone,
    ValueChange,
)
from visualsearch.catalog.planning import as_bulks, inverted, plan_bulk, plan_inverse
from visualsearch.catalog.rules import KIND
from visualsearch.catalog.snapshot import Snapshot, load_snapshot
from visualsearch.catalog.store import Catalog
from visualsearch.errors import PredicateError
from visualsearch.jobs import JobControl

__all__ = [
    "Applied",
    "BulkValues",
    "Change",
    "Decisions",
    "Document",
    "Judgement",
    "Operation",
    "Skipped",
    "Undone",
    "ValueChange",
]


def login_name() -> str:
    """Who is logged in, or "unknown" where the system does not say."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such user, as in some containers and on Windows
        return "unknown"


class _NothingChanged(Exception):
    """Ends a transaction without a trace."""


class Decisions:
    """What people decided about a catalog. ``changed`` is called after each operation, in the caller's thread;
    ``actor`` names the person where a call does not; ``snapshot`` gives the catalog as it is now, for scopes."""

    def __init__(
        self,
        catalog: Catalog,
        changed: Callable[[], object] = lambda: None,
        actor: Callable[[], str] = login_name,
        snapshot: Callable[[], Snapshot] | None = None,
    ) -> None:
        self._catalog = catalog
        self._changed = changed
        self._actor = actor
        self._snapshot = snapshot or (lambda: load_snapshot(catalog))

    # -- acting -------------------------------------------------------------------------------------------------

    def apply(
        self,
        kind: str,
        label: str,
        *,
        values: Sequence[ValueChange] | BulkValues = (),
        judgements: Sequence[Judgement] = (),
        documents: Sequence[Document] = (),
        why: Mapping[str, object] | None = None,
        actor: str | None = None,
    ) -> Applied:
        """Do all of it as one operation, durable on return. What cannot be done for an item is skipped and told.

        Synonyms become values; an attribute that nobody has yet is made. Raises VocabularyError (a value that the
        vocabulary does not allow; nothing is changed), ReadOnlyCatalog, CatalogLocked, CatalogError (full disk).
        """
        ledger: Ledger | None = None
        bulks = [values] if isinstance(values, BulkValues) else as_bulks(values)
        written = [one.name for one in documents if one.kind == KIND and (one.body or {}).get("scope")]
        scopes, broken = self.scopes(
            dict.fromkeys([*(bulk.attribute for bulk in bulks), *written]), documents
        )
        try:
            with self._catalog.write(checked=True) as connection:
                ledger = Ledger(connection)
                ledger.plan_documents(documents)
                for bulk in bulks:
                    plan_bulk(ledger, bulk, scopes.get(bulk.attribute))
                ledger.plan_judgements(judgements)
                ledger.plan_synonyms()
                if not any(ledger.counts):
                    raise _NothingChanged
                number = ledger.commit(Head(kind, label, actor or self._actor(), why))
        except _NothingChanged:
            return Applied(None, 0, ledger.skipped if ledger else [], list(broken.values()))
        self._changed()
        return Applied(number, sum(ledger.counts), ledger.skipped, [*ledger.notes, *broken.values()])

    def undo(self, operation: int | None = None, actor: str | None = None) -> Undone:
        """Take back the latest act that is not undone, or any operation; an undo is taken back by doing its act again.

        What was changed since is skipped and told. Raises DecisionError when there is nothing to undo.
        """
        return self._invert(operation, actor, redo=False)

    def redo(self, actor: str | None = None) -> Undone:
        """Do again what was undone last. A new act makes an end of it. Raises DecisionError when there is nothing."""
        return self._invert(None, actor, redo=True)

    def _invert(self, number: int | None, actor: str | None, *, redo: bool) -> Undone:
        label, ledger, entry = "", None, None
        try:
            with self._catalog.write(checked=True) as connection:
                ledger = Ledger(connection)
                target = inverted(connection, number, redo)
                label = target.label
                plan_inverse(ledger, target)
                if number is not None and not any(ledger.counts):
                    raise _NothingChanged
                kind = "redo" if target.kind == "undo" else "undo"
                entry = ledger.commit(Head(kind, label, actor or self._actor(), None, target.number))
                run = connection.execute
                run("UPDATE operation SET undone_by = ? WHERE number = ?", (entry, target.number))
                if kind == "redo":
                    run("UPDATE operation SET undone_by = NULL WHERE number = ?", (target.inverse_of,))
        except _NothingChanged:
            return Undone(None, label, 0, ledger.skipped if ledger else [])
        self._changed()
        return Undone(entry, label, sum(ledger.counts), ledger.skipped)

    def scopes(
        self, names: Iterable[str], documents: Iterable[Document] = ()
    ) -> tuple[dict[str, np.ndarray], dict[str, str]]:
        """For the attributes that have a scope, as they are with ``documents``: the items that are in it, bool (size,),
        or, where it cannot be applied, why, as a sentence."""
        bodies = self.documents(KIND)
        bodies |= {one.name: one.body or {} for one in documents if one.kind == KIND}
        texts = {name: str(text) for name in names if (text := bodies.get(name, {}).get("scope"))}
        inside: dict[str, np.ndarray] = {}
        broken: dict[str, str] = {}
        snapshot = self._snapshot() if texts else None
        for name, text in texts.items():
            try:
                inside[name] = predicates.evaluate(predicates.parse(text), snapshot)  # type: ignore[arg-type]
            except PredicateError as error:
                broken[name] = f"The scope of {name!r}, {text!r}, is not applied: {error}"
        return inside, broken

    @property
    def can_undo(self) -> str | None:
        """The label of what ``undo`` would take back, or None."""
        with self._catalog.read() as connection:
            found = log.last_undoable(connection)
        return found.label if found else None

    @property
    def can_redo(self) -> str | None:
        """The label of what ``redo`` would do again, or None."""
        with self._catalog.read() as connection:
            found = log.last_redoable(connection)
        return found.label if found else None

    # -- looking ------------------------------------------------------------------------------------------------

    def history(
        self,
        *,
        kind: str | None = None,
        actor: str | None = None,
        attribute: str | None = None,
        item: int | None = None,
        since: str | None = None,
        before: str | None = None,
        limit: int = 100,
    ) -> list[Operation]:
        """Operations that meet all that is given, the latest first. ``since`` ≤ at < ``before``: ISO 8601 in UTC."""
        with self._catalog.read() as connection:
            return log.listed(
                connection,
                kind=kind,
                actor=actor,
                attribute=attribute,
                item=item,
                since=since,
                before=before,
                limit=limit,
            )

    def operation(self, number: int) -> Operation | None:
        """One operation."""
        with self._catalog.read() as connection:
            return log.operation(connection, number)

    def changes(self, operation: int, limit: int = 1000) -> list[Change]:
        """The first things that an operation changed, old and new."""
        with self._catalog.read() as connection:
            return log.changes(connection, operation, limit)

    def judgements(self, subject: str) -> tuple[np.ndarray, np.ndarray, list[str]]:
        """The answers to a subject: items int32 (n,) ascending, others int32 (n,), answers."""
        with self._catalog.read() as connection:
            rows = connection.execute(
                "SELECT item, other, answer FROM judgement WHERE subject = ? ORDER BY item, other", (subject,)
            ).fetchall()
        items, others = (np.array([row[at] for row in rows], np.int32) for at in (0, 1))
        return items, others, [row[2] for row in rows]

    def subjects(self, prefix: str = "") -> list[str]:
        """The subjects that have answers and begin so, sorted."""
        with self._catalog.read() as connection:
            rows = connection.execute(
                "SELECT DISTINCT subject FROM judgement WHERE substr(subject, 1, ?) = ? ORDER BY subject",
                (len(prefix), prefix),
            ).fetchall()
        return [subject for (subject,) in rows]

    def documents(self, kind: str) -> dict[str, dict]:
        """Name → body, sorted by name."""
        with self._catalog.read() as connection:
            rows = connection.execute(
                "SELECT name, body FROM document WHERE kind = ? ORDER BY name", (kind,)
            ).fetchall()
        return {name: json.loads(body) for name, body in rows}

    def document(self, kind: str, name: str) -> dict | None:
        """The body of a document, or None."""
        with self._catalog.read() as connection:
            return Ledger(connection).body(kind, name)

    def verify(self, control: JobControl) -> list[str]:
        """Rebuild the state from imports and log, and compare: a sentence for each difference, [] when they agree.

        Raises Cancelled. Seconds for 100,000 items.
        """
        from visualsearch.catalog.verifying import verify  # seldom wanted

        return verify(self._catalog, control)

    def provenance(self, item: int) -> dict[str, Operation | None]:
        """For each attribute that an item has, or that a person decided: the latest operation that did; None: the
        value is the import's."""
        with self._catalog.read() as connection:
            rows = connection.execute(
                "SELECT a.name, i.operation FROM attribute a "
                "LEFT JOIN imported i ON i.attribute = a.number AND i.item = ? "
                "WHERE i.operation IS NOT NULL "
                "OR EXISTS (SELECT 1 FROM item_value v WHERE v.attribute = a.number AND v.item = ?) "
                "ORDER BY a.position, a.number",
                (item, item),
            ).fetchall()
            return {
                name: log.operation(connection, number) if number is not None else None
                for name, number in rows
            }
