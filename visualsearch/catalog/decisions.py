"""Decisions: the one way in which a person's work gets into the catalog, and out of it again.

Every change is an operation: one transaction, durable when the call returns, in a log that is never shortened. Undo
and redo append to it too. Import and decisions are two layers: an item has what a person decided about an attribute,
and where nobody did (any more), what the imports say.

Every method may be called from any thread. Writing waits for another writer for up to ten seconds.
"""

from __future__ import annotations

import getpass
import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from visualsearch.catalog import history as log
from visualsearch.catalog import predicates, valuesets
from visualsearch.catalog.infer import CATEGORY
from visualsearch.catalog.ledger import CHANGED_SINCE, SEVERAL, Head, Ledger, LoggedValues
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
from visualsearch.catalog.rules import KIND, Rules, as_set
from visualsearch.catalog.snapshot import Snapshot, load_snapshot
from visualsearch.catalog.store import Catalog
from visualsearch.catalog.valuesets import Values
from visualsearch.errors import DecisionError, PredicateError, UnknownName
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
        bulks = [values] if isinstance(values, BulkValues) else _as_bulks(values)
        written = [one.name for one in documents if one.kind == KIND and (one.body or {}).get("scope")]
        scopes, broken = self.scopes(
            dict.fromkeys([*(bulk.attribute for bulk in bulks), *written]), documents
        )
        try:
            with self._catalog.write(checked=True) as connection:
                ledger = Ledger(connection)
                ledger.plan_documents(documents)
                for bulk in bulks:
                    _plan_bulk(ledger, bulk, scopes.get(bulk.attribute))
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
                target = _target(connection, number, redo)
                label = target.label
                _plan_inverse(ledger, target)
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


_NUMBERS = range(1, 1 << 63)  # that SQLite can hold


def _target(connection: sqlite3.Connection, number: int | None, redo: bool) -> Operation:
    """The operation whose changes are to be inverted: an act, or the undo of one."""
    if number is None:
        found = log.last_redoable(connection) if redo else log.last_undoable(connection)
        if found is None:
            raise DecisionError(
                f"There is nothing to {'redo' if redo else 'undo'}.",
                command="See: visualsearch history CATALOG",
            )
        return found
    found = log.operation(connection, number) if number in _NUMBERS else None
    if found is None:
        raise UnknownName(f"There is no operation {number}.", command="See: visualsearch history CATALOG")
    if found.kind == "redo" and found.inverse_of is not None:
        undone = log.operation(connection, found.inverse_of)
        assert undone is not None
        assert undone.inverse_of is not None
        found = log.operation(connection, undone.inverse_of)
        assert found is not None
    if found.undone_by is not None:
        what = "taken back" if found.inverse_of is not None else "undone"
        raise DecisionError(
            f"Operation {number} ({found.label}) was {what} by operation {found.undone_by}.",
            command=f"To take that back: visualsearch undo CATALOG {found.undone_by}",
        )
    return found


def _as_bulks(values: Iterable[ValueChange]) -> list[BulkValues]:
    """Single changes as one bulk for each attribute and set of values; the last word on an item counts."""
    last = {(change.attribute, int(change.item)): tuple(change.values) for change in values}
    groups: dict[tuple[str, tuple], list[int]] = {}
    for (attribute, item), new in last.items():
        groups.setdefault((attribute, new), []).append(item)
    return [
        BulkValues(np.array(items, np.int64), attribute, "set" if new else "clear", new)
        for (attribute, new), items in groups.items()
    ]


def _plan_bulk(ledger: Ledger, bulk: BulkValues, scope: np.ndarray | None) -> None:
    items = np.unique(np.asarray(bulk.items, np.int64))
    rules = ledger.rules(bulk.attribute)
    change = _changer(rules, bulk)
    if rules.type == CATEGORY and bulk.mode != "remove":
        ledger.check_values(rules.name, rules.set(bulk.values[:1] if bulk.mode == "replace" else bulk.values))
    known = ledger.present(items)
    ledger.skipped.extend(
        Skipped(item, bulk.attribute, "it is not in the catalog") for item in items[~known].tolist()
    )
    if scope is not None and bulk.mode in ("set", "add"):
        inside = np.zeros(len(items), bool)
        inside[items < len(scope)] = scope[items[items < len(scope)]]
        reason = f"the attribute is only for {rules.scope}"
        ledger.skipped.extend(
            Skipped(item, bulk.attribute, reason) for item in items[known & ~inside].tolist()
        )
        known &= inside
    row = ledger.row(bulk.attribute, rules)
    states, sets = ledger.states(row, items[known].astype(np.int32))
    codes = sets.mapped(states.codes, change)
    ledger.plan_values(row, states, sets, codes, states.decided | (codes != states.codes))


def _changer(rules: Rules, bulk: BulkValues) -> Callable[[Values], Values]:
    """Old values → new ones. Raises VocabularyError."""
    if bulk.mode == "clear":
        return lambda _: ()
    if bulk.mode == "set":
        new = rules.set(bulk.values)
        return lambda _: new
    if bulk.mode == "add":
        new = rules.set(bulk.values)
        return lambda old: rules.added(old, new)
    if bulk.mode == "replace":
        (into,), others = rules.set(bulk.values[:1]), set(bulk.values[1:])
        return lambda old: as_set(into if value in others else value for value in old)
    gone = {rules.word(value) for value in bulk.values} | set(bulk.values)
    return lambda old: as_set(value for value in old if value not in gone)


def _plan_inverse(ledger: Ledger, target: Operation) -> None:
    """Plan what an operation changed the other way round, as far as it is still so."""
    connection = ledger.connection
    for kind, name, old, new in connection.execute(
        "SELECT kind, name, old, new FROM document_change WHERE operation = ?", (target.number,)
    ).fetchall():
        ledger.plan_document_back(kind, name, old, new)
    for part in reversed(log.value_changes(connection, target.number)):
        _plan_values_back(ledger, part)
    for subject, item, other, old, new in connection.execute(
        "SELECT subject, item, other, old, new FROM judgement_change WHERE operation = ?", (target.number,)
    ).fetchall():
        if ledger.answer((subject, item, other)) == new:
            ledger.plan_judgements([Judgement(subject, item, old, other)])
        else:
            ledger.skipped.append(Skipped(item, subject, CHANGED_SINCE))
    ledger.plan_synonyms()


def _plan_values_back(ledger: Ledger, part: LoggedValues) -> None:
    acted = part.old_decided | part.new_decided  # the others follow the synonyms, as they come back
    if not acted.any():
        return
    row = valuesets.attribute_row(ledger.connection, part.attribute)
    if row is None:  # an import dropped it, since no item had it any more
        several = SEVERAL if any(len(values) > 1 for values in part.sets) else ""
        row = valuesets.create_attribute(ledger.connection, part.attribute, part.type, several)
    if row.type != part.type:
        ledger.skipped.extend(
            Skipped(item, part.attribute, "the attribute is of another type now")
            for item in part.items.tolist()
        )
        return
    rules = ledger.rules(part.attribute)
    states, sets = ledger.states(row, part.items[acted])
    logged = sets.codes(part.sets)
    old, new = logged[part.old[acted]], logged[part.new[acted]]
    was, is_decided = part.old_decided[acted], part.new_decided[acted]
    same = (states.decided == is_decided) & (~is_decided | (states.codes == new))
    ledger.skipped.extend(
        Skipped(item, part.attribute, CHANGED_SINCE) for item in states.items[~same].tolist()
    )
    back = np.where(was, old, sets.mapped(states.raws, rules.followed))
    ledger.plan_values(
        row, states, sets, np.where(same, back, states.codes), np.where(same, was, states.decided)
    )
