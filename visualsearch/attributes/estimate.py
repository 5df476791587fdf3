"""How much of a catalog is wrong: estimates with an interval, from a seeded stream of items that a person judges.

An estimate is a document: its seed, its items in the order in which they are asked, and what it aims at, so that
another person can repeat it. The answers are judgements ("estimate:NAME:ATTRIBUTE": right, wrong or unsure) like any
other decision, with undo. The stream never is the list of suspects; suspicion only decides from which band of the
catalog the next random item comes. Any thread; everything may take seconds with a large catalog.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from visualsearch.attributes import intervals, sampling
from visualsearch.attributes.changed import last_operation, net_changes
from visualsearch.attributes.intervals import Interval
from visualsearch.attributes.sampling import FIRST, Outlook, Tally
from visualsearch.catalog.columns import CategoryColumn
from visualsearch.catalog.decisions import Applied, Decisions, Document, Judgement, ValueChange
from visualsearch.catalog.nearest import no_attribute
from visualsearch.catalog.snapshot import Snapshot
from visualsearch.catalog.store import Catalog, now
from visualsearch.errors import UnknownName, UsageError
from visualsearch.filters.engine import Use
from visualsearch.jobs import JobControl
from visualsearch.words import is_shown

Method = Literal["plain", "stratified", "difference"]
Answer = Literal["right", "wrong", "unsure"]
METHODS: tuple[Method, ...] = ("plain", "stratified", "difference")
ANSWERS: tuple[Answer, ...] = ("right", "wrong", "unsure")

_SPARE = 1.25  # of the items that the worst rate would take: some will be answered "unsure"
_LONGEST_NAME = 200
_ASKED_AHEAD = 100  # items of a stream that count as asked although earlier ones have no answer yet


Suspicion = Callable[[str, JobControl], np.ndarray]
"""Attribute ("" for all together) → scores float (size,) by item number, higher is more likely wrong, NaN unknown."""


@dataclass(frozen=True)
class Plan:
    """What an estimate aims at and whom it asks about.

    ``attribute``: "" asks whether all of an item's values are right. ``half_width``, ``confidence``: shares.
    ``sizes``: items of each band; ``items``: the beginning of each band's stream; one band where the method is not
    "stratified". ``predicted`` and ``mean``: for "difference", of the stream's items and of the whole population.
    ``after``: the latest operation when it was made; ``created``: ISO 8601 in UTC.
    """

    name: str
    attribute: str
    method: Method
    half_width: float
    confidence: float
    seed: int
    sizes: list[int]
    items: list[list[int]]
    predicted: list[float]
    mean: float
    after: int
    created: str

    @property
    def population(self) -> int:
        """How many items it speaks of."""
        return sum(self.sizes)

    @property
    def subject(self) -> str:
        """Under which its answers are kept."""
        return f"estimate:{self.name}:{self.attribute}"

    def body(self) -> dict[str, Any]:
        """As a document's body."""
        return {key: value for key, value in asdict(self).items() if key != "name"}


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


class Estimates:
    """The estimates of a catalog. ``suspicion`` gives the scores that "stratified" and "difference" use."""

    def __init__(self, catalog: Catalog, use: Use, decisions: Decisions, suspicion: Suspicion) -> None:
        self._catalog = catalog
        self._use = use
        self._decisions = decisions
        self._suspicion = suspicion

    def names(self) -> list[str]:
        """The estimates that there are, sorted."""
        return sorted(self._decisions.documents("estimate"))

    def plan(self, name: str) -> Plan:
        """Raises UnknownName when there is none of this name."""
        body = self._decisions.document("estimate", name)
        if body is None:
            raise UnknownName(
                f"There is no estimate {name!r}.",
                command="List them with: visualsearch estimate CATALOG --list",
            )
        return Plan(name=name, **body)

    def outlook(self, attribute: str, half_width: float, confidence: float, control: JobControl) -> Outlook:
        """What an estimate would take, before it is begun. Raises UsageError as ``start`` does, Cancelled."""
        _check("name", half_width, confidence, "plain")
        items, _ = self._use(lambda engine: population(engine.snapshot, attribute), control)
        return sampling.outlook(half_width, confidence, len(items))

    def start(
        self,
        name: str,
        attribute: str,
        control: JobControl,
        *,
        half_width: float = 0.02,
        confidence: float = 0.95,
        seed: int = 1,
        method: Method = "plain",
    ) -> Plan:
        """Draw the items and keep the plan. Raises UsageError (a name that is taken, an attribute that nobody has,
        a width or confidence that has no meaning), Cancelled."""
        _check(name, half_width, confidence, method)
        if self._decisions.document("estimate", name) is not None:
            raise UsageError(
                f"There is an estimate {name!r} already.", "Go on with it, or choose another name."
            )
        plan = self._use(
            lambda engine: self._drawn(
                engine.snapshot, name, attribute, half_width, confidence, seed, method, control
            ),
            control,
        )
        what = attribute or "all attributes"
        self._decisions.apply(
            "estimate", f"Estimate the errors of {what}", documents=[Document("estimate", name, plan.body())]
        )
        return plan

    def _drawn(
        self,
        snapshot: Snapshot,
        name: str,
        attribute: str,
        half_width: float,
        confidence: float,
        seed: int,
        method: Method,
        control: JobControl,
    ) -> Plan:
        items, values = population(snapshot, attribute)
        enough = intervals.sample_size(half_width, confidence, 0.5, len(items))
        length = min(len(items), math.ceil(_SPARE * max(FIRST, enough)))
        scores = None
        if method != "plain":
            scores = np.asarray(self._suspicion(attribute, control), np.float64)[items]
        control.checkpoint()
        sizes, predicted, mean = [len(items)], np.empty(0), 0.0
        if method == "stratified" and scores is not None:
            sizes, streams = sampling.band_streams(items, values, scores, seed, length)
        else:
            streams = [sampling.plain_stream(items, seed, length)]
        if method == "difference" and scores is not None:
            predicted = sampling.prediction(scores)
            mean = float(predicted.mean())
            predicted = predicted[np.searchsorted(items, streams[0])]
        return Plan(
            name,
            attribute,
            method,
            half_width,
            confidence,
            seed,
            sizes,
            [stream.tolist() for stream in streams],
            predicted.tolist(),
            mean,
            last_operation(self._catalog),
            now(),
        )

    def delete(self, name: str) -> None:
        """Forget an estimate and its answers; undo brings them back."""
        plan = self.plan(name)
        taken_back = [Judgement(plan.subject, item, None) for item in self.answers(plan)]
        self._decisions.apply(
            "estimate",
            f"Delete the estimate {name}",
            judgements=taken_back,
            documents=[Document("estimate", name, None)],
        )

    # -- answering ----------------------------------------------------------------------------------------------

    def answers(self, plan: Plan) -> dict[int, str]:
        """Item → right, wrong or unsure."""
        items, _, answers = self._decisions.judgements(plan.subject)
        return dict(zip(items.tolist(), answers, strict=True))

    def next_items(self, name: str, count: int = 1) -> list[int]:
        """The items to judge next, in order; empty when the width is reached or nobody is left to ask about."""
        plan = self.plan(name)
        answers = self.answers(plan)
        running = _running(plan, answers)
        return [] if running.reached else _asked(plan, answers, count)

    def answer(
        self,
        name: str,
        items: Sequence[int],
        answer: Answer | None,
        *,
        values: tuple[str | float, ...] | None = None,
    ) -> Applied:
        """Judge items as one operation; None takes answers back. ``values``: what is right instead, which the items get
        in the same operation; only where the estimate is of one attribute. Raises UsageError for an item that the
        estimate did not ask about: a choice of one's own would spoil it."""
        plan = self.plan(name)
        changes = []
        if values is not None:
            if not plan.attribute:
                raise UsageError(
                    "This estimate is of all attributes: say which one is to be mended in Browse."
                )
            changes = [ValueChange(item, plan.attribute, values) for item in items]
        return self._judged(plan, dict.fromkeys(items, answer), changes)

    def judge(self, name: str, answers: Mapping[int, Answer | None]) -> Applied:
        """Different answers, item → answer or None, as one operation. Raises as ``answer`` does."""
        return self._judged(self.plan(name), answers, ())

    def _judged(
        self, plan: Plan, given: Mapping[int, Answer | None], changes: Sequence[ValueChange]
    ) -> Applied:
        answers = self.answers(plan)
        asked = set(answers)
        for stream in plan.items:
            asked.update([item for item in stream if item not in answers][:_ASKED_AHEAD])
        strange = [item for item in given if item not in asked]
        if strange:
            ids = ", ".join(repr(text) for text in self._catalog.ids_of(strange[:3]))
            raise UsageError(
                f"The estimate {plan.name!r} did not ask about {ids}.",
                "Judge the items that it names, in any order: a choice of one's own would spoil it.",
            )
        words = ", ".join(dict.fromkeys(answer or "no answer" for answer in given.values()))
        label = f"{len(given):,} judged {words} for the estimate {plan.name}"
        judgements = [Judgement(plan.subject, item, answer) for item, answer in given.items()]
        return self._decisions.apply("estimate", label, values=changes, judgements=judgements)

    # -- what follows -------------------------------------------------------------------------------------------

    def running(self, name: str) -> Running:
        """The estimate so far."""
        plan = self.plan(name)
        return _running(plan, self.answers(plan))

    def left(self, name: str) -> Left:
        """How many errors are probably left, with the corrections that people made since the plan was drawn.

        For all attributes together an item counts as corrected once anything of it was changed."""
        running = self.running(name)
        plan = running.plan
        changes = net_changes(self._catalog, plan.after, plan.attribute or None)
        found = [change.corrected for change in changes.values()]
        corrected = len(np.unique(np.concatenate(found))) if found else 0
        touched = set(np.concatenate(found).tolist()) if found else set()
        answers = self.answers(plan)
        known = sum(1 for item, answer in answers.items() if answer == "wrong" and item not in touched)
        return Left.after(running.errors, corrected, known)


def population(snapshot: Snapshot, attribute: str) -> tuple[np.ndarray, np.ndarray]:
    """The items that an estimate speaks of, int64 (n,) ascending, and a code of each one's value, int (n,): those that
    have a value of the attribute ("": of any). Raises UsageError where nobody has."""
    if attribute and attribute not in snapshot.columns:
        raise no_attribute(attribute, snapshot.columns)
    columns = [snapshot.columns[attribute]] if attribute else list(snapshot.columns.values())
    present = np.zeros(snapshot.size, bool)
    for column in columns:
        present |= column.present(snapshot.size)
    items = np.flatnonzero(present & snapshot.alive)
    if not len(items):
        raise UsageError("No item has a value that could be wrong.", "Import a table with attributes first.")
    codes = np.zeros(snapshot.size, np.int64)
    if attribute and isinstance(columns[0], CategoryColumn):
        codes[columns[0].items[::-1]] = columns[0].codes[::-1]  # of several values the first
    return items, codes[items]


def tally(plan: Plan, answers: dict[int, str]) -> Tally:
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


def _running(plan: Plan, answers: dict[int, str]) -> Running:
    counts = tally(plan, answers)
    interval = _interval(plan, answers, counts)
    unsure = sum(answer == "unsure" for answer in answers.values())
    reach = (interval.low, interval.high)
    if unsure:
        widest = []
        for instead in ("right", "wrong"):
            settled = {item: instead if answer == "unsure" else answer for item, answer in answers.items()}
            widest.append(_interval(plan, settled, tally(plan, settled)))
        reach = min(widest[0].low, interval.low), max(widest[1].high, interval.high)
    exhausted = not any(counts.left)
    enough = interval.judged >= min(FIRST, plan.population) and interval.half_width <= plan.half_width
    needed = 0 if enough else sampling.more_needed(counts, plan.half_width)
    if plan.method == "difference" and needed and interval.judged >= FIRST:
        needed = max(1, math.ceil(interval.judged * ((interval.half_width / plan.half_width) ** 2 - 1)))
    needed = min(needed, sum(counts.left))
    return Running(plan, interval, int(sum(counts.wrong)), unsure, reach, needed, enough, exhausted)


def _asked(plan: Plan, answers: dict[int, str], count: int) -> list[int]:
    """The first ``count`` items without an answer, in the order that the answers so far lead to."""
    counts = tally(plan, answers)
    differ = counts.differ
    waiting = [iter([item for item in stream if item not in answers]) for stream in plan.items]
    found: list[int] = []
    while len(found) < count and (band := counts.next_band(differ)) is not None:
        found.append(next(waiting[band]))
        counts.left[band] -= 1
        rate = (counts.wrong[band] + sampling.USUAL) / (counts.judged[band] + 1)
        counts.add(band, rate)
    return found


def _check(name: str, half_width: float, confidence: float, method: str) -> None:
    if not name.strip() or ":" in name or len(name) > _LONGEST_NAME:
        raise UsageError(
            f"{name[:_LONGEST_NAME]!r} cannot be the name of an estimate.",
            f"Use letters and digits, {_LONGEST_NAME} at most, without colons.",
        )
    if not is_shown(name):
        raise UsageError(
            f"{name!r} cannot be the name of an estimate: it holds characters that cannot be seen, or line breaks.",
            "Give it another name.",
        )
    if not 0 < half_width < 0.5:
        raise UsageError(f"A half-width of {half_width} has no meaning.", "For ± 2 %, give 0.02.")
    if not 0.5 <= confidence < 1:
        raise UsageError(f"A confidence of {confidence:g} has no meaning.", "Give, for example, 0.95.")
    if method not in METHODS:
        raise UsageError(f"{method!r} is no way to estimate.", f"Choose one of: {', '.join(METHODS)}.")
