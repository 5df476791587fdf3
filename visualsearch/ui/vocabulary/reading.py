"""What the vocabulary dialog shows of an attribute. For workers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from visualsearch.catalog.rules import Rules
from visualsearch.ui.panels.attribute_rows import shown_value

if TYPE_CHECKING:
    from visualsearch.workspace import Workspace


@dataclass(frozen=True)
class Value:
    """A value: how many items have it, the words that stand for it, the values that it excludes."""

    text: str
    count: int
    synonyms: Sequence[str]
    excludes: Sequence[str]
    allowed: bool


@dataclass(frozen=True)
class Entry:
    """An attribute with its document and its values, the allowed ones first in their order, the others as they are
    frequent."""

    rules: Rules
    body: dict[str, Any]
    values: Sequence[Value]


def read_entry(workspace: Workspace, attribute: str) -> Entry | None:
    """An attribute, or None where there is none any more."""
    rules = workspace.vocabulary.rules().get(attribute)
    if rules is None:
        return None
    counts = workspace.vocabulary.values(attribute)
    allowed = list(map(shown_value, rules.values))
    others = sorted((value for value in counts if value not in allowed), key=lambda one: (-counts[one], one))
    values = []
    for value in (*allowed, *others):
        words = sorted(word for word, meant in rules.synonyms.items() if meant == value)
        rivals = {rival for group in rules.exclusive if value in group for rival in group} - {value}
        values.append(
            Value(value, counts.get(value, 0), words, sorted(rivals), not allowed or value in allowed)
        )
    return Entry(rules, workspace.vocabulary.body(attribute), values)
