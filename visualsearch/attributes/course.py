"""How the values came to be what they are, from the log: which of them a certificate let pass unseen, which items a
person looked at, and how many had a value at the end of each day. One pass over the log; any thread.

An undo gives an item back to the act that had given it its value before; renaming and merging values in the vocabulary
changes words, and leaves to each value its act.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from visualsearch.attributes.changed import WORDING
from visualsearch.catalog.ledger import VALUE_COLUMNS, LoggedValues, logged

UNSEEN = ("accept-rest", "auto-tag")  # acts that give values to items which nobody looked at

_OPERATIONS = """
    SELECT number, kind, substr(at, 1, 10), inverse_of FROM operation
    WHERE value_count > 0 OR judgement_count > 0 ORDER BY number
"""
_ANSWERS = """
    SELECT operation, subject, item, (new IS NOT NULL) - (old IS NOT NULL), new IS NOT NULL FROM judgement_change
    WHERE other = 0 ORDER BY operation
"""


@dataclass(frozen=True)
class Day:
    """One day's work on an attribute. ``day``: ISO 8601, UTC; ``changed``: values that people changed, undone ones and
    the undoing too; ``answers``: given that day. At its end: how many items had a value (``filled``), had it from a
    certificate unseen (``certified``), had been looked at (``judged``)."""

    day: str
    changed: int
    answers: int
    filled: int
    certified: int
    judged: int


@dataclass(frozen=True, eq=False)
class Course:
    """Of one attribute. ``certified``, ``judged``: bool (size,) by item number, items that are gone left out.

    Certified: a certificate gave the present value, and nobody had looked at the item. Judged: a person gave the
    present value, or answered about it."""

    certified: np.ndarray
    judged: np.ndarray
    days: list[Day]


def courses(connection: sqlite3.Connection, filled: dict[str, int], alive: np.ndarray) -> dict[str, Course]:
    """Attribute → its course. ``filled``: for each attribute wanted, how many items have a value now; ``alive``: bool
    (size,), the items that are there."""
    attributes = {name: _Walk(alive) for name in filled}
    about = _About(connection, list(filled))
    operations = connection.execute(_OPERATIONS).fetchall()
    values, answers = _by_operation(_values(connection)), _by_operation(connection.execute(_ANSWERS))
    inverses = {number: inverse for number, _, _, inverse in operations if inverse is not None}
    undone = set(inverses.values())
    for day, acts in itertools.groupby(operations, key=lambda row: row[2]):
        for number, kind, _, inverse in acts:
            for (part,) in values(number):
                walk = attributes.get(part.attribute)
                if walk is None:
                    continue
                if inverse is not None:
                    walk.invert(part, inverse, inverses.get(inverse))
                else:
                    looked_at = _seen(connection, number) if kind in UNSEEN else None
                    walk.act(part, number, kind in WORDING, looked_at, number in undone)
            for subject, item, step, given in answers(number):
                for name in about(subject):
                    attributes[name].answer(item, step, given)
        for walk in attributes.values():
            walk.end(day)
    return {name: walk.course(filled[name]) for name, walk in attributes.items()}


@dataclass
class _Today:
    changed: int = 0
    answers: int = 0
    filled: int = 0  # more than before
    any: bool = False


class _Walk:
    """One attribute on the way through the log. Credit: the act that gave an item its value, 0 where the import did,
    negative where it gave it unseen."""

    def __init__(self, alive: np.ndarray) -> None:
        self._alive = alive
        self._credit = np.zeros(len(alive), np.int64)
        self._answers = np.zeros(len(alive), np.int32)
        self._before: dict[int, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
        self._today = _Today()
        self._filled = 0
        self._days: dict[str, tuple[int, int, int, int, int]] = {}

    def act(
        self, part: LoggedValues, number: int, wording: bool, looked_at: np.ndarray | None, undone: bool
    ) -> None:
        """What an act changed. ``looked_at``: of an act that goes unseen, the items that were seen after all."""
        items, known = self._count(part)
        old = self._credit[items]
        given = np.full(len(items), number, np.int64)
        if looked_at is not None:
            given[~np.isin(items, looked_at)] *= -1
        new = np.where(part.new_decided[known], old if wording else given, 0)
        self._credit[items] = new
        if undone:
            self._before[number] = items, old, new

    def invert(self, part: LoggedValues, of: int, act: int | None) -> None:
        """What an undo (of the act ``of``) changed, or a redo (of the undo ``of``, which undid ``act``). It may be more
        items than the act did: a word of the vocabulary goes back also for those that were imported since."""
        items, _ = self._count(part)
        kept = self._before.get(of if act is None else act)
        if kept is None:
            return
        own, before, after = kept
        _, here, there = np.intersect1d(items, own, assume_unique=True, return_indices=True)
        self._credit[items[here]] = (before if act is None else after)[there]

    def _count(self, part: LoggedValues) -> tuple[np.ndarray, np.ndarray]:
        """The items that are known, with their places in ``part``."""
        known = np.flatnonzero(part.items < len(self._alive))
        items = part.items[known]
        has = np.array([bool(values) for values in part.sets], np.int64)
        more = has[part.new[known]] - has[part.old[known]]
        self._today.any = True
        self._today.changed += len(items)
        self._today.filled += int(more[self._alive[items]].sum())
        return items, known

    def answer(self, item: int, step: int, given: int) -> None:
        """An answer given (``step`` 1), changed (0) or taken back (-1)."""
        self._today.any = True
        self._today.answers += given
        if item < len(self._answers):
            self._answers[item] += step

    def end(self, day: str) -> None:
        """The day is over."""
        today, self._today = self._today, _Today()
        if not today.any:
            return
        self._filled += today.filled
        changed, answers, *_ = self._days.get(day, (0, 0))
        certified, judged = (int(np.count_nonzero(mask)) for mask in self._standing())
        self._days[day] = changed + today.changed, answers + today.answers, self._filled, certified, judged

    def _standing(self) -> tuple[np.ndarray, np.ndarray]:
        return (self._credit < 0) & self._alive, ((self._credit > 0) | (self._answers > 0)) & self._alive

    def course(self, filled: int) -> Course:
        """``filled``: how many have a value now. Imports are not in the log: they count as if they had been first."""
        first = filled - self._filled
        days = [
            Day(day, changed, answers, first + more, certified, judged)
            for day, (changed, answers, more, certified, judged) in sorted(self._days.items())
        ]
        return Course(*self._standing(), days)


class _About:
    """Which attributes the answers to a subject judge. An estimate of all attributes together judges none by name."""

    def __init__(self, connection: sqlite3.Connection, names: Sequence[str]) -> None:
        self._names = names
        rows = connection.execute(
            "SELECT name, json_extract(body, '$.attribute') FROM document WHERE kind = 'certificate'"
        ).fetchall()
        self._certified = dict(rows)
        self._known: dict[str, list[str]] = {}

    def __call__(self, subject: str) -> list[str]:
        if subject not in self._known:
            self._known[subject] = [name for name in self._names if self._judges(subject, name)]
        return self._known[subject]

    def _judges(self, subject: str, attribute: str) -> bool:
        kind, _, rest = subject.partition(":")
        if kind == "estimate":
            return rest.partition(":")[2] == attribute
        if kind == "certify":
            return self._certified.get(rest) == attribute
        return (kind == "audit" and rest == attribute) or (kind == "tag" and rest.startswith(f"{attribute}="))


def _seen(connection: sqlite3.Connection, act: int) -> np.ndarray:
    """The items that were looked at when an act mended a group together, int64 (n,); none for other acts. From the log:
    the document that says it goes with an undo, and what was seen was seen."""
    row = connection.execute(
        "SELECT json_extract(new, '$.answers') FROM document_change WHERE operation = ? AND kind = 'fix'",
        (act,),
    ).fetchone()
    return np.array([int(item) for item in json.loads(row[0])] if row and row[0] else [], np.int64)


def _values(connection: sqlite3.Connection) -> Iterator[tuple[int, LoggedValues]]:
    for row in connection.execute(f"SELECT {VALUE_COLUMNS} FROM value_change ORDER BY operation"):
        yield row[0], logged(row)


def _by_operation(rows: Iterable[Sequence[Any]]) -> Callable[[int], list[Any]]:
    """Hands out rows that are in the order of operations, without the operation: call it with ascending numbers."""
    groups = itertools.groupby(rows, key=lambda row: row[0])
    ahead = next(groups, None)

    def of(number: int) -> list[Any]:
        nonlocal ahead
        while ahead is not None and ahead[0] < number:
            ahead = next(groups, None)
        if ahead is None or ahead[0] != number:
            return []
        found = [row[1:] for row in ahead[1]]
        ahead = next(groups, None)
        return found

    return of
