"""What the answers to an estimate say so far: its interval, whom to ask next, what corrections have left. Pure; any
thread."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from visualsearch.attributes import intervals, sampling
from visualsearch.attributes.estimate_plan import Plan
from visualsearch.attributes.intervals import Interval
from visualsearch.attributes.sampling import FIRST, Tally


@dataclass(frozen=True)
class Running:
    """An estimate so far. ``interval`` is of the rate of errors; ``errors`` (expected, low, high) in items.

    ``unsure`` answers are left out of it; ``with_unsure`` is the interval's widest reach when each of them is
    counted as right and as wrong. ``needed``: about how many more answers reach the wanted width; ``reached``: stop.
    ``exhausted``: there is nobody left to ask about.
    """

    plan: Plan
    interval: Interval
    wrong: int
    unsure: int
    with_unsure: tuple[float, float]
    needed: int
    reached: bool
    exhausted: bool

    @property
    def errors(self) -> tuple[int, int, int]:
        population, known = self.plan.population, self.wrong
        low, high = (
            math.ceil(self.interval.low * population - 1e-9),
            math.floor(self.interval.high * population),
        )
        expected = max(known, round(self.interval.rate * population))
        return expected, min(expected, max(known, low)), max(expected, high)


@dataclass(frozen=True)
class Left:
    """Errors that are probably left after corrections: ``corrected`` items of the estimate's population were changed
    since; each is taken to have been an error and to be right now. Limits as the estimate's."""

    corrected: int
    expected: int
    low: int
    high: int

    @classmethod
    def after(cls, errors: tuple[int, int, int], corrected: int, known: int) -> Left:
        """Of the estimate's errors (expected, low, high); ``known``: wrong answers that nobody mended yet."""
        return cls(corrected, *(max(known, number - corrected) for number in errors))


def running_of(plan: Plan, answers: dict[int, str]) -> Running:
    """The estimate with these answers, item → right, wrong or unsure."""
    counts = _tally(plan, answers)
    interval = _interval(plan, answers, counts)
    unsure = sum(answer == "unsure" for answer in answers.values())
    reach = (interval.low, interval.high)
    if unsure:
        widest = []
        for instead in ("right", "wrong"):
            settled = {item: instead if answer == "unsure" else answer for item, answer in answers.items()}
            widest.append(_interval(plan, settled, _tally(plan, settled)))
        reach = min(widest[0].low, interval.low), max(widest[1].high, interval.high)
    exhausted = not any(counts.left)
    enough = interval.judged >= min(FIRST, plan.population) and interval.half_width <= plan.half_width
    needed = 0 if enough else sampling.more_needed(counts, plan.half_width)
    if plan.method == "difference" and needed and interval.judged >= FIRST:
        needed = max(1, math.ceil(interval.judged * ((interval.half_width / plan.half_width) ** 2 - 1)))
    needed = min(needed, sum(counts.left))
    return Running(plan, interval, int(sum(counts.wrong)), unsure, reach, needed, enough, exhausted)


def items_to_ask(plan: Plan, answers: dict[int, str], count: int) -> list[int]:
    """The first ``count`` items without an answer, in the order that the answers so far lead to."""
    counts = _tally(plan, answers)
    differ = counts.differ
    waiting = [iter([item for item in stream if item not in answers]) for stream in plan.items]
    found: list[int] = []
    while len(found) < count and (band := counts.next_band(differ)) is not None:
        found.append(next(waiting[band]))
        counts.left[band] -= 1
        rate = (counts.wrong[band] + sampling.USUAL) / (counts.judged[band] + 1)
        counts.add(band, rate)
    return found


def _tally(plan: Plan, answers: dict[int, str]) -> Tally:
    """The answers by band; "unsure" only leaves the stream."""
    judged, wrong, left = [], [], []
    for stream in plan.items:
        found = [answers.get(item) for item in stream]
        judged.append(float(sum(answer in ("right", "wrong") for answer in found)))
        wrong.append(float(found.count("wrong")))
        left.append(found.count(None))
    return Tally(plan.sizes, judged, wrong, left, plan.confidence)


def _interval(plan: Plan, answers: dict[int, str], counts: Tally) -> Interval:
    if plan.method != "difference":
        return counts.interval
    answered = [
        (answers[item] == "wrong", predicted)
        for item, predicted in zip(plan.items[0], plan.predicted, strict=True)
        if answers.get(item) in ("right", "wrong")
    ]
    wrong = np.array([one for one, _ in answered], bool)
    predicted = np.array([one for _, one in answered], np.float64)
    return intervals.difference(wrong, predicted, plan.mean, plan.confidence, plan.population)
