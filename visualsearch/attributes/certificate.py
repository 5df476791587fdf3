"""*Accept the rest*: how a random sample, judged by a person, certifies the precision of exactly those candidates.

The person answers a seeded random order of the candidates. After fixed numbers of answers (the *looks*) it is checked
whether few enough were wrong; in between, nothing is concluded, so that watching does no harm. The looks are found by
following, answer by answer, the exact probability that a candidate set of the largest precision below the wanted one
would pass at any look so far (drawing without replacement, hence hypergeometric); it never exceeds what that look may
spend of the allowed risk (alpha spending: Lan & DeMets, Biometrika 70 (1983) 659). So the whole plan, not each look,
keeps the confidence. So does the lower bound that a passed set gets: it is of all sets that would pass so early with
more than the risk (stage-wise ordering: Tsiatis, Rosner, Mehta, Biometrics 40 (1984) 797), and at least the wanted
precision. Pure; any thread.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from visualsearch.attributes.intervals import clopper_pearson
from visualsearch.attributes.target import Target
from visualsearch.errors import UsageError

RISK = 0.05  # of a certificate that should not have been given: 95 % confidence
WANTED = (0.90, 0.95, 0.98)  # precisions to choose from
_SPENT = 0.8  # of the risk, by all attempts together: a thousand trials at the worst precision shall show it
_FIRST_ATTEMPT = 0.75  # of that; further attempts on the same value share the rest, each half of what is left
_FIRST_LOOK = 0.8  # of an attempt's risk, where nothing may be wrong; each further look has half of the rest
_MOST_WRONG = 6  # wrong answers after which one more look would not help
_MARGIN = 3.0  # what is proposed is expected to have this times fewer wrong items than allowed

Answer = Literal["right", "wrong", "unsure"]
State = Literal["open", "certified", "failed"]


@dataclass(frozen=True)
class Look:
    """After ``answers`` answers the set is certified when at most ``allowed`` of them are not *right*."""

    answers: int
    allowed: int


@dataclass(frozen=True)
class Standing:
    """How far a certificate is.

    ``judged``: answers of the sample's unbroken beginning; ``wrong``: those of them that are not *right* (*unsure*
    counts as wrong). ``until``: answers still needed before the next look, 0 unless open. ``bound``: the lower bound of
    the precision at 95 % confidence after a passed look (else 0.0), over all looks and attempts; ``bound_infinite`` the
    exact binomial one of the answers alone, as if they had been one look at endless candidates.
    """

    state: State
    judged: int
    wrong: int
    until: int
    bound: float = 0.0
    bound_infinite: float = 0.0


@dataclass(frozen=True, eq=False)
class Proposal:
    """Values that are to be certified together. ``about``: what is certified, in words that name its certificates;
    ``assigned``: each value with its items, int32 ascending; an item is right when all of its values are. ``writes``:
    the kind of the operation that accepts; ``threshold``, ``ranking`` and ``version`` are kept with the certificate,
    and what was asked for: ``values``, also those that nothing gets, and ``count``, None where the program chose."""

    about: str
    attribute: str
    assigned: tuple[tuple[str, np.ndarray], ...]
    writes: str
    threshold: float
    ranking: str
    version: str
    values: tuple[str, ...]
    count: int | None


@dataclass(frozen=True, eq=False)
class Certificate:
    """``candidates`` int32 ascending: exactly those that it speaks of; ``sample`` int32, in the order to be judged;
    ``answers`` for each of the sample, None where there is none yet; ``threshold``: the lowest score among the
    candidates, in deviations (of auto tagging: the lowest probability). ``assigned``: each value with the candidates
    that it is meant for; ``target`` names the first one. ``accepted``: what was written along with it, or None."""

    name: str
    target: Target
    wanted: float
    attempt: int
    plan: tuple[Look, ...]
    candidates: np.ndarray
    sample: np.ndarray
    answers: tuple[str | None, ...]
    threshold: float
    standing: Standing
    accepted: Mapping[str, Any] | None
    body: Mapping[str, Any]
    assigned: tuple[tuple[str, np.ndarray], ...]

    @property
    def about(self) -> str:
        """What is certified: ``attribute=value``, or which auto tagging."""
        return self.body.get("about", str(self.target))

    @property
    def words(self) -> str:
        """What is certified, as people say it."""
        return self.body.get("about", self.target.words)

    @property
    def asked_values(self) -> tuple[str, ...]:
        """The values that it was asked for, also those that no candidate gets."""
        return tuple(self.body.get("asked", {}).get("values") or (value for value, _ in self.assigned))

    @property
    def asked_counts(self) -> tuple[int, ...]:
        """How many candidates it has, and how many it was asked for."""
        asked = self.body.get("asked", {}).get("count")
        return (len(self.candidates),) if asked is None else (len(self.candidates), asked)

    def values_of(self, items: Sequence[int] | np.ndarray) -> list[tuple[str, ...]]:
        """The values that each of some candidates would get."""
        numbers = np.asarray(items, np.int32)
        found: list[list[str]] = [[] for _ in numbers]
        for value, own in self.assigned:
            for at in np.flatnonzero(np.isin(numbers, own)).tolist():
                found[at].append(value)
        return [tuple(values) for values in found]

    @property
    def next_items(self) -> np.ndarray:
        """What is to be judged before the next look, int32: empty once it is decided."""
        if self.standing.state != "open" or self.accepted is not None:
            return np.empty(0, np.int32)
        until = self.standing.judged + self.standing.until
        return np.array(
            [
                item
                for item, answer in zip(self.sample[:until].tolist(), self.answers[:until], strict=True)
                if answer is None
            ],
            np.int32,
        )


def risk_of(attempt: int) -> float:
    """What the ``attempt``-th try (from 1) to certify the same value may spend; together it is less than ``RISK``."""
    if attempt <= 1:
        return RISK * _SPENT * _FIRST_ATTEMPT
    return RISK * _SPENT * (1 - _FIRST_ATTEMPT) / 2 ** (attempt - 1)


@lru_cache(maxsize=64)
def looks(population: int, wanted: float, risk: float) -> tuple[Look, ...]:
    """The plan for a set of ``population`` candidates; the last look may be at all of them. Raises UsageError.

    The least favourable set is the one with the fewest wrong items that is still below the wanted precision: with
    more wrong ones every draw is at least as likely to be wrong.
    """
    if not 0.5 <= wanted < 1:
        raise UsageError(f"A precision of {wanted:g} cannot be certified.", "Choose 0.90, 0.95 or 0.98.")
    if population < 1:
        raise UsageError("There is nothing to certify.")
    bad = math.floor(population * (1 - wanted) + 1e-9) + 1  # wrong items in the least favourable set
    most = min(_MOST_WRONG, bad - 1)
    going = np.zeros(
        most + 2
    )  # probability of w wrong answers so far without having passed; the last: too many
    going[0] = 1.0
    found: list[Look] = []
    spent, drawn = 0.0, 0
    for allowed in range(most + 1):
        share = 1.0 if allowed == most else 1 - (1 - _FIRST_LOOK) * 0.5**allowed
        while drawn < population and (drawn == 0 or spent + going[allowed] > risk * share):
            going = _one_more(going, bad, population - drawn)
            drawn += 1
        found.append(Look(drawn, allowed))
        spent += float(going[allowed])
        going[allowed] = 0.0
        if drawn == population:
            break
    return tuple(found)


def _one_more(going: np.ndarray, bad: int, left: int) -> np.ndarray:
    """The probabilities after one more draw from ``left`` items; float64 (k,), the last entry absorbs."""
    wrong = np.clip((bad - np.arange(len(going))) / left, 0.0, 1.0)
    wrong[-1] = 0.0
    after = going * (1 - wrong)
    after[1:] += (going * wrong)[:-1]
    return after


def standing(
    plan: Sequence[Look], answers: Sequence[Answer | None], population: int, attempt: int = 1
) -> Standing:
    """Where a certificate stands: ``answers`` in the sample's order, None where there is none yet."""
    judged = next((at for at, answer in enumerate(answers) if answer is None), len(answers))
    wrongs = np.cumsum([answer != "right" for answer in answers[:judged]], dtype=np.int64)
    wrong = int(wrongs[-1]) if judged else 0
    for place, look in enumerate(plan):
        if judged < look.answers:
            if wrong > plan[-1].allowed:
                break
            return Standing("open", judged, wrong, look.answers - judged)
        if int(wrongs[look.answers - 1]) <= look.allowed:
            passed = int(wrongs[look.answers - 1])
            proven = _proven(tuple(plan[: place + 1]), population, risk_of(attempt) / _SPENT)
            alone = bounds(passed, look.answers, population)[1]
            return Standing("certified", look.answers, passed, 0, proven, alone)
    return Standing("failed", judged, wrong, 0)


@lru_cache(maxsize=1024)
def _proven(plan: tuple[Look, ...], population: int, risk: float) -> float:
    """The lower bound of the precision of a set that has passed at the last of these looks: of all sets that pass by
    then with a probability above ``risk``. The chance falls with each wrong item, so they are found by bisection."""
    fewest, most = 0, population  # wrong items: with which it passes often enough, and seldom enough
    while most - fewest > max(1, population // 100_000):
        middle = (fewest + most) // 2
        if _chance_to_pass(plan, population, middle) > risk:
            fewest = middle
        else:
            most = middle
    return 1 - (most - 1) / population


def _chance_to_pass(plan: Sequence[Look], population: int, wrong: int) -> float:
    """How likely a set with so many wrong items passes at one of the looks."""
    going = np.zeros(plan[-1].allowed + 2)
    going[0] = 1.0
    passed, drawn = 0.0, 0
    for look in plan:
        for before in range(drawn, look.answers):
            going = _one_more(going, wrong, population - before)
        drawn = look.answers
        passed += float(going[: look.allowed + 1].sum())
        going[: look.allowed + 1] = 0.0
    return passed


def bounds(wrong: int, judged: int, population: int) -> tuple[float, float]:
    """One-sided lower bounds of the precision at 95 % confidence from one look: (hypergeometric, Clopper–Pearson)."""
    finite = clopper_pearson(wrong, judged, 1 - RISK, 1, population)
    infinite = clopper_pearson(wrong, judged, 1 - RISK, 1)
    return 1 - finite.high, 1 - infinite.high


def likely_enough(chances: np.ndarray, wanted: float) -> int:
    """How many of the likeliest have an expected precision well above the wanted one; ``chances`` in any order."""
    ordered = np.sort(chances)[::-1].astype(np.float64)
    means = np.cumsum(ordered) / np.arange(1, len(ordered) + 1)
    return int(np.count_nonzero(means >= 1 - (1 - wanted) / _MARGIN))
