"""Simulated audits: catalogs with known errors, judged through the program's own streams until the interval is as
narrow as wanted. What ``bench_quality.py`` and the tests measure coverage and cost with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from visualsearch.attributes import intervals, sampling
from visualsearch.attributes.estimate_plan import Plan
from visualsearch.attributes.estimate_progress import Left, Running
from visualsearch.attributes.intervals import Interval
from visualsearch.attributes.sampling import FIRST, Tally

CONFIDENCE = 0.95


@dataclass(frozen=True, eq=False)
class Audited:
    """How an audit ended. ``asked``: the items that were judged."""

    interval: Interval
    asked: np.ndarray
    covered: bool

    @property
    def judged(self) -> int:
        return self.interval.judged


def catalog(
    random: np.random.Generator, items: int, rate: float, informative: float
) -> tuple[np.ndarray, np.ndarray]:
    """(wrong bool (items,), suspicion float (items,)): normal scores, those of errors higher by ``informative``."""
    wrong = random.random(items) < rate
    return wrong, random.normal(size=items) + informative * wrong


def plain(wrong: np.ndarray, half_width: float, seed: int) -> Audited:
    """Wilson's interval, looked at after every answer."""
    order = sampling.plain_stream(np.arange(len(wrong)), seed, len(wrong))
    errors = np.cumsum(wrong[order])
    for judged in range(FIRST, len(wrong) + 1):
        interval = intervals.wilson(int(errors[judged - 1]), judged, CONFIDENCE, len(wrong))
        if interval.half_width <= half_width:
            break
    return _ended(interval, order[:judged], wrong)


def difference(wrong: np.ndarray, suspicion: np.ndarray, half_width: float, seed: int) -> Audited:
    """The difference estimator, looked at after every fifth answer."""
    order = sampling.plain_stream(np.arange(len(wrong)), seed, len(wrong))
    predicted = sampling.prediction(suspicion)
    mean = float(predicted.mean())
    for judged in range(FIRST, len(wrong) + 5, 5):
        first = order[:judged]
        interval = intervals.difference(wrong[first], predicted[first], mean, CONFIDENCE, len(wrong))
        if interval.half_width <= half_width:
            break
    return _ended(interval, first, wrong)


def stratified(wrong: np.ndarray, suspicion: np.ndarray, half_width: float, seed: int) -> Audited:
    """The stratified stream, looked at after every answer."""
    items = np.arange(len(wrong))
    sizes, streams = sampling.band_streams(items, items % 7, suspicion, seed, len(items))
    tally = Tally(sizes, [0.0] * len(sizes), [0.0] * len(sizes), list(sizes), CONFIDENCE)
    asked = [0] * len(sizes)
    while (band := tally.next_band(tally.differ)) is not None:
        tally.add(band, float(wrong[streams[band][asked[band]]]))
        asked[band] += 1
        tally.left[band] -= 1
        if sum(asked) >= FIRST and tally.interval.half_width <= half_width:
            break
    beginnings = [stream[:number] for stream, number in zip(streams, asked, strict=True)]
    return _ended(tally.interval, np.concatenate(beginnings), wrong)


def fixed(wrong: np.ndarray, judged: int, seed: int, exact: bool) -> Audited:
    """As many answers as were decided on before: Wilson's or the exact interval."""
    order = sampling.plain_stream(np.arange(len(wrong)), seed, judged)
    errors = int(wrong[order].sum())
    if exact:
        interval = intervals.clopper_pearson(errors, judged, CONFIDENCE, population=len(wrong))
    else:
        interval = intervals.wilson(errors, judged, CONFIDENCE, len(wrong))
    return _ended(interval, order, wrong)


def mended(wrong: np.ndarray, suspicion: np.ndarray, looked_at: float, asked: np.ndarray) -> np.ndarray:
    """The errors that a clean-up finds, bool (items,): those among a share of all items, the most suspicious, and
    those among the items that were ``asked`` about."""
    found = suspicion >= np.quantile(suspicion, 1 - looked_at)
    found[asked] = True
    return found & wrong


def left_covered(audited: Audited, wrong: np.ndarray, mended: np.ndarray) -> bool:
    """Whether the errors that are left are within the limits that the program tells; ``mended`` bool (items,): those
    that a clean-up changed, all of them errors."""
    plan = Plan("", "", "plain", 0.0, CONFIDENCE, 0, [len(wrong)], [], [], 0.0, 0, "")
    answered = wrong[audited.asked]
    running = Running(plan, audited.interval, int(answered.sum()), 0, (0.0, 1.0), 0, True, False)
    known = int((answered & ~mended[audited.asked]).sum())
    left = Left.after(running.errors, int(mended.sum()), known)
    return left.low <= int((wrong & ~mended).sum()) <= left.high


def _ended(interval: Interval, asked: np.ndarray, wrong: np.ndarray) -> Audited:
    rate = float(wrong.mean())
    return Audited(interval, asked, interval.low - 1e-12 <= rate <= interval.high + 1e-12)
