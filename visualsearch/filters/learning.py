"""Which examples a filter learns from, and how far it goes: feedback must not make it worse.

A filter begins with the first positives, and takes the others in as they were picked, round by round. What only
confirms what it knows changes nothing. Of a round with right and wrong ones each is held out in turn: the new scorer
counts only if it tells those that it has not seen apart better than the scorer before, which has not seen them either.
They also say whether a share of colour nearer to one end is better: three examples leave that open.
Then the filter goes a part of the way to it: the mean of both is surer than either. What did not count is looked at
again with the next round. Until a round is full, few examples prove nothing, and who clicks − wants to see it: then the
filter goes a small part of the way whatever the check says. docs/decisions/filters.md has what was measured.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from visualsearch.filters.cache import Cache
from visualsearch.filters.examples import Examples

if TYPE_CHECKING:
    from visualsearch.filters.query import Blocks
    from visualsearch.filters.scoring import Scorer, Scoring

FIRST = 3  # positives that a filter begins with
ROUND = 10  # examples that are checked together; half as many as there are, where those are more
LEAST_STEP = 0.2  # of the way to a new scorer; else as far as style decides: colours are less sure
BETTER = 0.2  # deviations by which right and wrong ones must be further apart, and further by …
FEW_WRONG = 2.0  # … this divided by the wrong ones: the mean of one or two is hardly evidence
SHARPER = 3.0  # power of the odds of colour that is tried besides: the inferred share is cautious
_ASKED = 12  # examples of a side that are held out; more tell no more
_CONFIRMED = 10  # times as many of the best as there are further positives: among those they only confirm


@dataclass(frozen=True, eq=False)
class Learnt:
    """How many of the positives and of the negatives, the first of each, a scorer learnt from."""

    positives: int
    negatives: int
    scorer: Scorer


def learnt(
    scoring: Scoring, examples: Examples, blocks: Blocks, memory: Cache[Learnt] | None = None
) -> Learnt:
    """The scorer of a filter's examples; there is at least one. Raises CacheDamaged.

    ``memory`` keeps what the rounds taught, so that the next example makes one round anew, not all.
    """
    memory = memory or Cache(1)
    rounds = _rounds(len(examples.positives), len(examples.negatives), examples.picks)
    found: Learnt | None = None
    key: tuple = (blocks, examples.differ)
    for positives, negatives in rounds:
        known = examples.first(positives, negatives)
        key = (*key, positives, negatives, known.digest)

        def make(known: Examples = known, before: Learnt | None = found) -> Learnt:
            if before is None:
                return _after(scoring, known, blocks)
            return _Step(scoring, known, before, blocks).taken()

        found = memory.get(key, make)
    assert found is not None
    return found


def _rounds(positives: int, negatives: int, picks: str) -> list[tuple[int, int]]:
    """How many positives and negatives there are at the end of each round."""
    first = min(FIRST, positives)
    if not first:
        return [(0, negatives)]
    found = [(first, 0)]
    if picks.count("+") == positives and picks.count("-") == negatives:
        done, seen, size = [0, 0], 0, ROUND
        for sign in picks:
            done[sign == "-"] += 1
            seen += sign == "-" or done[0] > first
            if seen >= size and done[0] >= first:
                found.append((done[0], done[1]))
                size = seen + max(ROUND, seen // 2)
    return found if found[-1] == (positives, negatives) else [*found, (positives, negatives)]


def _after(scoring: Scoring, known: Examples, blocks: Blocks) -> Learnt:
    return Learnt(len(known.positives), len(known.negatives), scoring.scorer(known, blocks))


@dataclass(frozen=True, eq=False)
class _Step:
    """From what was learnt to the examples ``known`` at the end of another round."""

    scoring: Scoring
    known: Examples
    before: Learnt
    blocks: Blocks

    def taken(self) -> Learnt:
        right = self.known.positives[self.before.positives :]
        wrong = self.known.negatives[self.before.negatives :]
        counts = self.known.counts
        new = counts.positives[self.before.positives :], counts.negatives[self.before.negatives :]
        if (np.concatenate(new) != 1.0).any():
            return self._towards(self.blocks)  # who says how much an example counts wants it to count
        if not len(wrong):
            if self.scoring.confirm(self.before.scorer, right, _CONFIRMED):
                return self.before
            if not self.before.negatives:
                return _after(self.scoring, self.known, self.blocks)
            return self._towards(self.blocks)
        few = len(right) + len(wrong) < ROUND
        if not len(right):
            return self._towards(self.blocks) if few or self._keeps_right() else self.before
        apart = {share: self._apart(right, wrong, share) for share in self._shares()}
        best = max(apart, key=apart.__getitem__)
        if apart[best] > BETTER + FEW_WRONG / len(wrong):
            return self._towards(best)
        return self._towards(self.blocks, LEAST_STEP) if few else self.before

    def _shares(self) -> tuple[float, ...]:
        """What colour's share may be: as it was given, or as it is inferred and, nearer to an end, sharper."""
        share = self.scoring.intent.share(self.known, self.blocks)
        if self.blocks != "auto":
            return (share,)
        sharp, rest = share**SHARPER, (1.0 - share) ** SHARPER
        return share, sharp / (sharp + rest)

    def _towards(self, blocks: Blocks, step: float | None = None) -> Learnt:
        """A part of the way to the scorer of all that is known."""
        after, before = _after(self.scoring, self.known, blocks), self.before.scorer
        if step is None:
            step = max(LEAST_STEP, 1.0 - before.colour_share)
        return replace(after, scorer=self.scoring.mixed(after.scorer, before, step))

    def _keeps_right(self) -> bool:
        """Whether held-out positives do not sink. A single one cannot be held out: then nothing can be said against
        the new scorer."""
        if len(self.known.positives) < 2:
            return True
        before = self.known.first(self.before.positives, self.before.negatives)
        now, then = (_HeldOut(self.scoring, known, self.blocks) for known in (self.known, before))
        return now.right(_ASKED) >= then.right(_ASKED)

    def _apart(self, right: np.ndarray, wrong: np.ndarray, share: float) -> float:
        """By how many deviations the new scorer, with a share of colour, puts held-out examples of the round further
        apart than the scorer before."""
        held = _HeldOut(self.scoring, self.known, share)
        right, wrong, before = right[-_ASKED:], wrong[-_ASKED:], self.before.scorer
        apart = float(before.distances(right).mean() - before.distances(wrong).mean())
        return held.right(len(right)) - held.wrong(len(wrong)) - apart


class _HeldOut:
    """How far above the catalog's mean examples are, on average, by the scorers of the others, in deviations."""

    def __init__(self, scoring: Scoring, known: Examples, blocks: Blocks) -> None:
        self._known = known
        self._solve = scoring.around(known, blocks)

    def right(self, count: int) -> float:
        """Of the last positives."""
        places = range(len(self._known.positives))[-count:]
        return float(np.mean([self._distance(place, None) for place in places]))

    def wrong(self, count: int) -> float:
        """Of the last negatives."""
        places = range(len(self._known.negatives))[-count:]
        return float(np.mean([self._distance(None, place) for place in places]))

    def _distance(self, positive: int | None, negative: int | None) -> float:
        known = self._known
        held = known.positives[positive] if positive is not None else known.negatives[negative or 0]
        return float(self._solve(known.without(positive, negative)).distances(held[None])[0])
