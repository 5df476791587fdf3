"""What people decide, as it is handed to ``decisions`` and told by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from visualsearch.catalog.valuesets import Values
from visualsearch.words import counted

if TYPE_CHECKING:
    import numpy as np

BulkMode = Literal["set", "add", "remove", "clear", "replace"]
ChangeKind = Literal["value", "judgement", "document"]


@dataclass(frozen=True)
class ValueChange:
    """An item's new values of one attribute; () clears."""

    item: int
    attribute: str
    values: tuple[str | float, ...]


@dataclass(frozen=True, eq=False)
class BulkValues:
    """The same change of one attribute for many items: ``items`` int (n,), in any order. "replace" puts the first of
    ``values`` in the place of any of the others."""

    items: np.ndarray
    attribute: str
    mode: BulkMode
    values: tuple[str | float, ...] = ()


@dataclass(frozen=True)
class Judgement:
    """An answer about an item, or about two (``other`` is not 0). None takes it back."""

    subject: str
    item: int
    answer: str | None
    other: int = 0


@dataclass(frozen=True)
class Document:
    """A JSON object that is kept under a name. None deletes it."""

    kind: str
    name: str
    body: Mapping[str, Any] | None


@dataclass(frozen=True)
class Skipped:
    """What an operation left as it is, and why. ``attribute`` is that, a subject, or ``kind: name`` of a document
    (then ``item`` is 0)."""

    item: int
    attribute: str
    reason: str


@dataclass(frozen=True)
class Applied:
    """``operation``: its number, or None when nothing had to be changed. ``changed`` counts (item, attribute) pairs,
    judgements and documents together. ``notes``: sentences on what a person may not expect."""

    operation: int | None
    changed: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Undone:
    """An undo or redo. ``operation``: the number under which it is in the log, or None when all was skipped;
    ``label``: of the act that was undone or done again."""

    operation: int | None
    label: str
    changed: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Operation:
    """One entry of the history. ``inverse_of``: the act that an undo undid, or the undo that a redo undid.
    ``undone_by``: the undo that holds (of an act), or the redo (of an undo)."""

    number: int
    kind: str
    label: str
    actor: str
    at: str
    inverse_of: int | None
    undone_by: int | None
    why: dict[str, Any] | None
    values: int
    judgements: int
    documents: int

    @property
    def changed(self) -> int:
        """All that it changed."""
        return self.values + self.judgements + self.documents

    @property
    def effect(self) -> str:
        """What it changed as people count it: "3 values changed", or answers where it changed no value; "" where it
        changed neither, but a filter or what else has a name."""
        count, what = (self.values, "value") if self.values else (self.judgements, "answer")
        return f"{counted(count, what)} changed" if count else ""


@dataclass(frozen=True)
class Change:
    """One thing that an operation changed. ``name``: the attribute, subject, or ``kind: name`` of a document.
    ``old`` and ``new``: values, an answer or None, a document or None. ``followed``: whether the item followed the
    import (before, after), for values."""

    kind: ChangeKind
    item: int
    name: str
    old: Values | str | dict[str, Any] | None
    new: Values | str | dict[str, Any] | None
    other: int = 0
    followed: tuple[bool, bool] = (False, False)
