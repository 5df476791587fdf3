"""What people said of the values that an audit suspects: kept, or unsure, by item and value.

A verdict holds only for the value that it was said of, so it is kept as a judgement ``audit-values:ATTRIBUTE`` whose
answer is JSON: the item's values with what was said of each.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from visualsearch.catalog.decisions import Decisions, Judgement

Verdict = Literal["keep", "unsure"]


@dataclass(frozen=True, eq=False)
class Verdicts:
    """What was said, as (item, value): ``kept``, ``unsure``."""

    kept: frozenset[tuple[int, str]] = field(default_factory=frozenset)
    unsure: frozenset[tuple[int, str]] = field(default_factory=frozenset)


def read(decisions: Decisions, attribute: str) -> Verdicts:
    """All that was said of an attribute."""
    said = [
        (item, value, answer)
        for item, own in _said(decisions, attribute).items()
        for value, answer in own.items()
    ]
    kept, unsure = (
        frozenset((item, value) for item, value, answer in said if answer == wanted)
        for wanted in ("keep", "unsure")
    )
    return Verdicts(kept, unsure)


def spoken(
    decisions: Decisions, attribute: str, verdicts: Mapping[int, tuple[Verdict, Sequence[str]]]
) -> list[Judgement]:
    """The judgements that remember, for each item, a verdict on some of its values, besides what was said of others."""
    before = _said(decisions, attribute)
    return [
        Judgement(
            _subject(attribute),
            item,
            json.dumps(
                before.get(item, {}) | dict.fromkeys(values, answer), ensure_ascii=False, sort_keys=True
            ),
        )
        for item, (answer, values) in verdicts.items()
    ]


def _said(decisions: Decisions, attribute: str) -> dict[int, dict[str, str]]:
    items, _, answers = decisions.judgements(_subject(attribute))
    return {item: json.loads(text) for item, text in zip(items.tolist(), answers, strict=True)}


def _subject(attribute: str) -> str:
    return f"audit-values:{attribute}"
