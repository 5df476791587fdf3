"""One operation in the making: what changes of values, judgements and documents, then all of it at once.

A ledger lives within one write transaction. Plan first, then ``commit``; it writes the log and the state together.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from visualsearch.catalog import rules as vocabulary
from visualsearch.catalog import valuesets
from visualsearch.catalog.infer import CATEGORY
from visualsearch.catalog.operations import Document, Judgement, Skipped
from visualsearch.catalog.rules import Rules
from visualsearch.catalog.store import now
from visualsearch.catalog.valuesets import AttributeRow, Sets, States
from visualsearch.words import is_shown

CHANGED_SINCE = "it was changed since"
SEVERAL = "|"  # the separator of attributes that people make for several values


@dataclass(frozen=True, eq=False)
class ValuePlan:
    """Items whose values of an attribute change: ``states`` before; ``codes`` int32 (n,) and ``decided`` bool (n,)
    after."""

    row: AttributeRow
    sets: Sets
    states: States
    codes: np.ndarray
    decided: np.ndarray


@dataclass(frozen=True)
class Head:
    """What the log says of an operation besides its changes."""

    kind: str
    label: str
    actor: str
    why: Mapping[str, Any] | None = None
    inverse_of: int | None = None


class Ledger:
    """Plans and writes one operation."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.skipped: list[Skipped] = []
        self.notes: list[str] = []
        self._values: list[ValuePlan] = []
        self._judgements: dict[tuple[str, int, int], tuple[str | None, str | None]] = {}
        self._documents: dict[tuple[str, str], tuple[str | None, str | None]] = {}
        self._sets: dict[str, Sets] = {}

    # -- looking ------------------------------------------------------------------------------------------------

    def row(self, name: str, rules: Rules | None = None) -> AttributeRow:
        """The attribute's row, made when there is none. Raises VocabularyError for a name that none can have."""
        row = valuesets.attribute_row(self.connection, name)
        if row is not None:
            return row
        vocabulary.check_new_name(name)
        self.notes.append(f"{name!r} is a new attribute.")
        kind, multi = (rules.type, rules.multi) if rules else (CATEGORY, False)
        return valuesets.create_attribute(self.connection, name, kind, SEVERAL if multi else "")

    def rules(self, name: str) -> Rules:
        """The rules of an attribute as they are with what was planned."""
        body = self.body(vocabulary.KIND, name)
        return vocabulary.rules_of(name, body, valuesets.attribute_row(self.connection, name))

    def body(self, kind: str, name: str) -> dict[str, Any] | None:
        """A document as it is with what was planned."""
        planned = self._documents.get((kind, name))
        text = planned[1] if planned else self._document(kind, name)
        return json.loads(text) if text is not None else None

    def states(self, row: AttributeRow, items: np.ndarray) -> tuple[States, Sets]:
        """What items, int32 (n,) ascending, have now."""
        sets = self._sets.setdefault(row.name, Sets())
        return valuesets.read(self.connection, row, items, sets), sets

    def present(self, items: np.ndarray) -> np.ndarray:
        """Which of some item numbers are active items, bool (n,)."""
        text = self.connection.execute(
            "SELECT group_concat(number) FROM item WHERE gone = 0 AND number IN (SELECT value FROM json_each(?))",
            (valuesets.as_json(items),),
        ).fetchone()[0]
        return np.isin(items, np.fromstring(text, np.int64, sep=",")) if text else np.zeros(len(items), bool)

    def check_values(self, attribute: str, values: Iterable[str | float]) -> None:
        """Raise VocabularyError for a value of a category that nobody can read. What came with an import may stay."""
        for value in values:
            if isinstance(value, str) and not is_shown(value) and not self._has_value(attribute, value):
                vocabulary.check_shown(value, f"a value of {attribute!r}")

    def _has_value(self, attribute: str, value: str) -> bool:
        return bool(
            self.connection.execute(
                "SELECT 1 FROM category_value c JOIN attribute a ON a.number = c.attribute "
                "WHERE a.name = ? AND c.text = ?",
                (attribute, value),
            ).fetchone()
        )

    # -- planning -----------------------------------------------------------------------------------------------

    def plan_values(
        self, row: AttributeRow, states: States, sets: Sets, codes: np.ndarray, decided: np.ndarray
    ) -> None:
        """Give items other values; those that would stay the same are left out."""
        chosen = (codes != states.codes) | (decided != states.decided)
        if chosen.any():
            states = States(
                states.items[chosen], states.codes[chosen], states.raws[chosen], states.decided[chosen]
            )
            self._values.append(ValuePlan(row, sets, states, codes[chosen], decided[chosen]))

    def plan_judgements(self, judgements: Iterable[Judgement]) -> None:
        """Give answers."""
        for one in judgements:
            key = (one.subject, int(one.item), int(one.other))
            old = self._judgements[key][0] if key in self._judgements else self.answer(key)
            self._judgements[key] = (old, one.answer)

    def answer(self, key: tuple[str, int, int]) -> str | None:
        """The answer to a question now."""
        row = self.connection.execute(
            "SELECT answer FROM judgement WHERE subject = ? AND item = ? AND other = ?", key
        ).fetchone()
        return row[0] if row else None

    def plan_documents(self, documents: Iterable[Document]) -> None:
        """Write and delete documents. Raises VocabularyError for a wrong one of an attribute."""
        for one in documents:
            old = self._document(one.kind, one.name)
            if one.kind == vocabulary.KIND and one.body is not None:
                vocabulary.check_document(one.name, one.body)
                known = vocabulary.words_of(json.loads(old)) if old else set()
                self.check_values(one.name, vocabulary.words_of(one.body) - known)
            new = None if one.body is None else json.dumps(one.body, ensure_ascii=False)
            same = old is not None and new is not None and json.loads(old) == json.loads(new)
            self._documents[one.kind, one.name] = (old, old if same else new)
            if one.kind == vocabulary.KIND and one.body is not None:
                self.row(one.name, self.rules(one.name))

    def plan_document_back(self, kind: str, name: str, old: str | None, new: str | None) -> None:
        """Give a document the content ``old`` again that it had before it got ``new``, as far as it still has that."""
        before, after = (json.loads(text) if text is not None else None for text in (old, new))
        back, kept = restored(before, after, self.body(kind, name))
        reason = f"{CHANGED_SINCE}: {', '.join(kept)}" if kept != [""] else CHANGED_SINCE
        if kept:
            self.skipped.append(Skipped(0, f"{kind}: {name}", reason))
        if kept != [""]:
            self.plan_documents([Document(kind, name, back)])

    def plan_synonyms(self) -> None:
        """Let the items that follow the import follow the synonyms of the planned documents too. Call it last."""
        for (kind, name), (old, new) in self._documents.items():
            if kind != vocabulary.KIND or old == new:
                continue
            row = valuesets.attribute_row(self.connection, name)
            if row is None or row.type != CATEGORY:
                continue
            before, after = (
                vocabulary.rules_of(name, json.loads(text) if text else None, row) for text in (old, new)
            )
            if before.synonyms != after.synonyms:
                self._plan_followers(row, after)

    def _plan_followers(self, row: AttributeRow, rules: Rules) -> None:
        """Items that follow the import, where the new synonyms say something else than they have."""
        words = {vocabulary.folded(word) for word in rules.synonyms}
        values = [
            number
            for number, text in self.connection.execute(
                "SELECT number, text FROM category_value WHERE attribute = ?", (row.number,)
            )
            if vocabulary.folded(text) in words
        ]
        (found,) = self.connection.execute(
            "SELECT group_concat(item) FROM ("
            "SELECT item FROM imported WHERE attribute = ? AND operation IS NULL UNION "
            "SELECT item FROM item_value WHERE attribute = ? AND value IN (SELECT value FROM json_each(?)))",
            (row.number, row.number, json.dumps(values)),
        ).fetchone()
        items = np.unique(np.fromstring(found, np.int64, sep=",")) if found else np.zeros(0, np.int64)
        planned = [plan.states.items for plan in self._values if plan.row.name == row.name]
        items = np.setdiff1d(items, np.concatenate(planned)) if planned else items
        states, sets = self.states(row, items.astype(np.int32))
        codes = np.where(states.decided, states.codes, sets.mapped(states.raws, rules.followed))
        self.plan_values(row, states, sets, codes, states.decided)

    # -- writing ------------------------------------------------------------------------------------------------

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many (item, attribute) pairs, judgements and documents will change."""
        pairs = sum(len(plan.codes) for plan in self._values)
        return pairs, len(_different(self._judgements)), len(_different(self._documents))

    def commit(self, head: Head) -> int:
        """Write the operation and the state that follows from it; returns its number."""
        run = self.connection.execute
        number = int(
            run(
                "INSERT INTO operation (kind, label, actor, at, inverse_of, why, value_count, judgement_count, "
                "document_count, revision, upon) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, "
                "1 + COALESCE((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'revision'), 0), "
                "COALESCE((SELECT value FROM meta WHERE key = 'stamp'), ''))",
                (
                    head.kind,
                    head.label,
                    head.actor,
                    now(),
                    head.inverse_of,
                    None if head.why is None else json.dumps(head.why, ensure_ascii=False),
                    *self.counts,
                ),
            ).lastrowid
            or 0
        )
        for plan in self._values:
            self._write_values(plan, number)
        self._write_judgements(number)
        self._write_documents(number)
        if head.inverse_of is not None or self._documents:
            names = {plan.row.name for plan in self._values}
            names |= {name for kind, name in self._documents if kind == vocabulary.KIND}
            valuesets.drop_unused(self.connection, names)
        return number

    def _write_values(self, plan: ValuePlan, operation: int) -> None:
        states, codes, sets = plan.states, plan.codes, plan.sets
        other = codes != states.codes
        valuesets.write(
            self.connection, plan.row, states.items[other], states.codes[other], codes[other], sets
        )
        mine = plan.decided
        valuesets.decide(self.connection, plan.row, states.items[mine], states.raws[mine], operation, sets)
        free = ~plan.decided
        valuesets.follow(self.connection, plan.row, states.items[free], states.raws[free], codes[free], sets)
        used, places = np.unique(np.concatenate([states.codes, codes]), return_inverse=True)
        old, new = np.split(places.astype("<i4"), 2)
        old = np.where(states.decided, old, -1 - old)
        new = np.where(plan.decided, new, -1 - new)
        self.connection.execute(
            "INSERT INTO value_change (operation, attribute, type, first, last, sets, items, old, new) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                operation,
                plan.row.name,
                plan.row.type,
                int(states.items[0]),
                int(states.items[-1]),
                json.dumps([sets.values[code] for code in used.tolist()], ensure_ascii=False),
                states.items.astype("<i4").tobytes(),
                old.astype("<i4").tobytes(),
                new.astype("<i4").tobytes(),
            ),
        )

    def _write_judgements(self, operation: int) -> None:
        changed = _different(self._judgements)
        many = self.connection.executemany
        many(
            "INSERT INTO judgement_change VALUES (?, ?, ?, ?, ?, ?)",
            ((operation, *key, old, new) for key, (old, new) in changed.items()),
        )
        many(
            "INSERT INTO judgement VALUES (?, ?, ?, ?) "
            "ON CONFLICT (subject, item, other) DO UPDATE SET answer = excluded.answer",
            ((*key, new) for key, (_, new) in changed.items() if new is not None),
        )
        many(
            "DELETE FROM judgement WHERE subject = ? AND item = ? AND other = ?",
            (key for key, (_, new) in changed.items() if new is None),
        )

    def _write_documents(self, operation: int) -> None:
        for (kind, name), (old, new) in _different(self._documents).items():
            self.connection.execute(
                "INSERT INTO document_change VALUES (?, ?, ?, ?, ?)", (operation, kind, name, old, new)
            )
            if new is None:
                self.connection.execute("DELETE FROM document WHERE kind = ? AND name = ?", (kind, name))
            else:
                self.connection.execute(
                    "INSERT INTO document VALUES (?, ?, ?) "
                    "ON CONFLICT (kind, name) DO UPDATE SET body = excluded.body",
                    (kind, name, new),
                )

    def _document(self, kind: str, name: str) -> str | None:
        row = self.connection.execute(
            "SELECT body FROM document WHERE kind = ? AND name = ?", (kind, name)
        ).fetchone()
        return row[0] if row else None


_MISSING = object()


def restored(old: Any, new: Any, present: Any, path: str = "") -> tuple[Any, list[str]]:
    """``present`` with the step from ``old`` to ``new`` taken back, and the places where it is neither, since it was
    changed by something else: parts of JSON objects, with dots; "" for the whole."""
    if present == new:
        return old, []
    if old == new or (path and present == old):
        return present, []
    before = {} if old is _MISSING or old is None else old
    if present == old or not all(isinstance(side, dict) for side in (before, new, present)):
        return present, [path]
    result, kept = {}, []
    for key in dict.fromkeys([*present, *before, *new]):
        was, became, now_is = (side.get(key, _MISSING) for side in (before, new, present))
        value, conflicts = restored(was, became, now_is, f"{path}.{key}" if path else str(key))
        kept += conflicts
        if value is not _MISSING:
            result[key] = value
    return result if result or before is old else old, kept


def _different(changes: Mapping[Any, tuple[Any, Any]]) -> dict[Any, tuple[Any, Any]]:
    return {key: (old, new) for key, (old, new) in changes.items() if old != new}


@dataclass(frozen=True, eq=False)
class LoggedValues:
    """A row of ``value_change``: ``old`` and ``new`` int32 (n,) places in ``sets``; ``old_decided`` and
    ``new_decided`` bool (n,)."""

    operation: int
    attribute: str
    type: str
    items: np.ndarray
    sets: list[valuesets.Values]
    old: np.ndarray
    new: np.ndarray
    old_decided: np.ndarray
    new_decided: np.ndarray


VALUE_COLUMNS = "operation, attribute, type, sets, items, old, new"


def logged(row: Sequence[Any]) -> LoggedValues:
    """A row of ``VALUE_COLUMNS`` read."""
    operation, attribute, kind, sets, *blobs = row
    items, old, new = (np.frombuffer(blob, "<i4") for blob in blobs)
    return LoggedValues(
        operation,
        attribute,
        kind,
        items,
        [tuple(values) for values in json.loads(sets)],
        np.where(old < 0, -1 - old, old),
        np.where(new < 0, -1 - new, new),
        old >= 0,
        new >= 0,
    )
