"""What an operation changes, and what its undo does: planned into a ledger, which then does all of it at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable

import numpy as np

from visualsearch.catalog import history as log
from visualsearch.catalog import valuesets
from visualsearch.catalog.infer import CATEGORY
from visualsearch.catalog.ledger import CHANGED_SINCE, SEVERAL, Ledger, LoggedValues
from visualsearch.catalog.operations import BulkValues, Judgement, Operation, Skipped, ValueChange
from visualsearch.catalog.rules import Rules, as_set
from visualsearch.catalog.valuesets import Values
from visualsearch.errors import DecisionError, UnknownName

_NUMBERS = range(1, 1 << 63)  # that SQLite can hold


def as_bulks(values: Iterable[ValueChange]) -> list[BulkValues]:
    """Single changes as one bulk for each attribute and set of values; the last word on an item counts."""
    last = {(change.attribute, int(change.item)): tuple(change.values) for change in values}
    groups: dict[tuple[str, tuple], list[int]] = {}
    for (attribute, item), new in last.items():
        groups.setdefault((attribute, new), []).append(item)
    return [
        BulkValues(np.array(items, np.int64), attribute, "set" if new else "clear", new)
        for (attribute, new), items in groups.items()
    ]


def plan_bulk(ledger: Ledger, bulk: BulkValues, scope: np.ndarray | None) -> None:
    """Plan what a bulk changes; ``scope``: the items that may have the attribute, bool by item number, None for all.
    Raises VocabularyError."""
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


def inverted(connection: sqlite3.Connection, number: int | None, redo: bool) -> Operation:
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


def plan_inverse(ledger: Ledger, target: Operation) -> None:
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
