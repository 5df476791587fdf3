"""How far two judges agree about the same items: in percent, and beyond chance (Cohen 1960, "A coefficient of agreement
for nominal scales")."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Agreement:
    """``items`` that both judged, of which they said the same of ``same``; ``kappa`` is Cohen's κ: 1 is perfect, 0 what
    chance brings; None where both always said one and the same, so that chance explains everything."""

    judges: tuple[str, str]
    items: int
    same: int
    kappa: float | None

    @property
    def percent(self) -> float:
        """The share of items on which they agree, in percent."""
        return 100 * self.same / self.items


def agreement(judges: tuple[str, str], first: Sequence[str], second: Sequence[str]) -> Agreement:
    """The agreement of two judges; ``first`` and ``second``: their answers to the same items, at least one."""
    count = len(first)
    same = sum(map(str.__eq__, first, second))
    often, other = Counter(first), Counter(second)
    chance = sum(often[answer] * other[answer] for answer in often) / count**2
    kappa = None if chance == 1 else (same / count - chance) / (1 - chance)
    return Agreement(judges, count, same, kappa)
