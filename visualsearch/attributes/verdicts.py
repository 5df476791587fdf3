"""What people said of the values that an audit suspects: kept, or unsure, by item and value.

A verdict holds only for the value that it was said of, so it is kept as a judgement ``audit-values:ATTRIBUTE`` whose
answer is JSON: the item's values with what was said of each.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from visualsearch.catalog.decisions import Decisions, Judgement

Verdict = Literal["keep", "unsure"]
_PAST = {"keep": "kept", "change": "changed", "unsure": "unsure"}


@dataclass(frozen=True)
class Told:
    """One verdict of a person. Of "keep" and "unsure" ``value`` is the value that is meant (all of the item's, when
    None); of "change" the new one, which takes the place of ``given`` (of all, when None or where the item has one)."""

    item: int
    answer: Literal["keep", "unsure", "change"]
    value: str | None = None
    given: str | None = None

    def after(self, before: tuple[str, ...]) -> tuple[str, ...]:
        """The values that it is about, of an item that has ``before``: the meant ones, or all that it has then."""
        if self.answer != "change":
            return before if self.value is None else tuple(one for one in before if one == self.value)
        assert self.value is not None
        new = [self.value if one == self.given else one for one in before] if self.given in before else []
        return tuple(dict.fromkeys(new or [self.value]))


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


def label(attribute: str, told: Sequence[Told], before: Mapping[int, tuple[str, ...]]) -> str:
    """What the history says of verdicts that were given together."""
    if len(told) > 1:
        counts = Counter(_PAST[one.answer] for one in told)
        return f"{attribute}: {len(told):,} verdicts ({', '.join(f'{n:,} {what}' for what, n in counts.items())})"
    (one,) = told
    old, new = before[one.item], ", ".join(one.after(before[one.item]))
    return f"{attribute}: " + (
        f"{', '.join(old) or 'nothing'} → {new}" if one.answer == "change" else f"{one.answer} {new}"
    )


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
