"""``attribute=value``: which items have it, which have been answered, and what a person said about the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from visualsearch.catalog.columns import CategoryColumn, NumberColumn, TextColumn
from visualsearch.catalog.snapshot import Snapshot
from visualsearch.errors import PredicateError, UsageError
from visualsearch.filters.engine import Engine
from visualsearch.filters.query import Query
from visualsearch.jobs import JobControl


def in_scope(engine: Engine, scope: str, control: JobControl) -> np.ndarray:
    """The items that an attribute is meant for, bool (size,): all, where its scope cannot be applied."""
    try:
        return engine.selection(Query(where=(scope,) if scope else ()), control).mask
    except PredicateError:  # it speaks of an attribute that is not there any more; the vocabulary tells so
        return np.ones(engine.snapshot.size, bool)


class Judged(Protocol):
    """What of `catalog.decisions.Decisions` this module reads."""

    def judgements(self, subject: str) -> tuple[np.ndarray, np.ndarray, list[str]]: ...


@dataclass(frozen=True)
class Target:
    """A value of an attribute that items may deserve."""

    attribute: str
    value: str

    @classmethod
    def parse(cls, text: str) -> Target:
        """From ``ATTRIBUTE=VALUE``. Raises UsageError."""
        attribute, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not attribute or not value:
            raise UsageError(f"{text!r} is not ATTRIBUTE=VALUE.", "For example: style=hawaiian")
        return cls(attribute, value)

    def __str__(self) -> str:
        return f"{self.attribute}={self.value}"

    @property
    def words(self) -> str:
        """As people say it: style “hawaiian”."""
        return f"{self.attribute} “{self.value}”"

    @property
    def subject(self) -> str:
        """What judgements about it are filed under."""
        return f"tag:{self}"

    def having(self, snapshot: Snapshot) -> np.ndarray:
        """The items that have the value, bool (size,)."""
        found = np.zeros(snapshot.size, bool)
        column = snapshot.columns.get(self.attribute)
        if isinstance(column, CategoryColumn):
            code = column.code_of.get(self.value)
            if code is not None:
                found[column.items[column.codes == code]] = True
        elif isinstance(column, NumberColumn):
            try:
                found = column.data == float(self.value)
            except ValueError:
                pass
        elif isinstance(column, TextColumn):
            found[snapshot.items_with_text(self.attribute, [self.value])] = True
        return found

    def filled(self, snapshot: Snapshot) -> np.ndarray:
        """The items that have any value of the attribute, bool (size,)."""
        column = snapshot.columns.get(self.attribute)
        return column.present(snapshot.size) if column is not None else np.zeros(snapshot.size, bool)


@dataclass(frozen=True, eq=False)
class Judgements:
    """What was said about a target: item numbers int32 ascending, each item in one of them at most."""

    yes: np.ndarray
    no: np.ndarray
    unsure: np.ndarray

    @classmethod
    def read(cls, decisions: Judged, subject: str) -> Judgements:
        items, _, answers = decisions.judgements(subject)
        given = np.array(answers, dtype=object)
        return cls(*(np.sort(np.asarray(items)[given == answer]) for answer in ("yes", "no", "unsure")))


def mask_of(items: Sequence[int] | np.ndarray, size: int) -> np.ndarray:
    """bool (size,), true at the items; those beyond ``size`` (newer than the snapshot) are left out."""
    numbers = np.asarray(items, np.int64)
    mask = np.zeros(size, bool)
    mask[numbers[(numbers >= 0) & (numbers < size)]] = True
    return mask


def numbers(mask: np.ndarray) -> np.ndarray:
    """The items of a mask, int32 ascending."""
    return np.flatnonzero(mask).astype(np.int32)


def stable_sample(items: np.ndarray, count: int, salt: int = 0) -> np.ndarray:
    """At most ``count`` of the items, ascending: always the same ones, and few change when an item joins or leaves.

    Each item has a fixed pseudo-random key (Fibonacci hashing); those with the lowest keys are taken.
    """
    if len(items) <= count:
        return items
    keys = ((items.astype(np.uint64) + np.uint64(salt)) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(20)
    return np.sort(items[np.argpartition(keys, count)[:count]])
