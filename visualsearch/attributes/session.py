"""Tagging one ``attribute=value``: what is open, in which order, and what a confirmed page changes.

Everything is worked out from the catalog and its decisions, and from nothing else: after undo, redo or a restart the
same page comes again. A ranking is one linear scorer, so that a page costs one scan of the vectors.
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Sequence

import numpy as np

from visualsearch.attributes import ranking
from visualsearch.attributes.calibration import Calibration, calibrate
from visualsearch.attributes.held_out import HeldOut, held_out
from visualsearch.attributes.progress import MODES, Mode, PageRecord, advice, remaining
from visualsearch.attributes.situation import (
    Confirmed,
    Page,
    Situation,
    Start,
    State,
    at_random,
    useful,
)
from visualsearch.attributes.target import Judgements, Target, in_scope, mask_of, numbers
from visualsearch.catalog.columns import format_number
from visualsearch.catalog.decisions import Applied, BulkValues, Decisions, Document, Judgement
from visualsearch.catalog.ledger import Ledger
from visualsearch.catalog.rules import Rules
from visualsearch.catalog.snapshot import Snapshot
from visualsearch.catalog.store import Catalog
from visualsearch.errors import NothingPrepared, UsageError
from visualsearch.filters.engine import Engine, Use
from visualsearch.filters.query import Query, VisualFilter
from visualsearch.jobs import JobControl, holding


class Session:
    """Tagging one target. Every method may be called from any thread, one at a time; all belong in a worker."""

    def __init__(
        self,
        catalog: Catalog,
        use: Use,
        decisions: Decisions,
        target: Target,
        start: Start,
        visual: VisualFilter,
    ) -> None:
        """``visual``: the examples that ``start`` names, a saved filter's among them."""
        self._catalog = catalog
        self._use = use
        self._decisions = decisions
        self._lock = threading.RLock()
        self.start = start
        self._visual = visual
        value = self._rules(target.attribute).value(target.value)
        self.target = Target(target.attribute, value if isinstance(value, str) else format_number(value))
        self._now: tuple[tuple[object, ...], Situation] | None = None
        self._held_out: tuple[object, HeldOut] | None = None

    # -- looking ------------------------------------------------------------------------------------------------

    def state(self, control: JobControl) -> State:
        """Raises what ``page`` raises."""
        now = self.situation(control)
        pages = list(now.records.values())
        left = remaining(pages, now.probabilities)
        return State(
            self.target,
            int(np.count_nonzero(now.having)),
            len(now.judged.yes),
            len(now.judged.no),
            len(now.judged.unsure),
            len(now.candidates),
            len(pages),
            left,
            advice(pages, left, len(now.candidates)),
            now.calibration.learnt,
        )

    def page(self, size: int, mode: Mode, control: JobControl) -> Page:
        """The next page, of at most ``size`` items; empty when nothing is open.

        Raises NothingPrepared, VisualSearchError (no examples), PredicateError, ImageRefused, Cancelled.
        """
        now = self.situation(control)
        ways = {
            "likely": now.best,
            "useful": lambda n: useful(now, n),
            "random": lambda n: at_random(now, n),
        }
        if mode not in ways:
            raise UsageError(f"There is no mode {mode!r}.", "It is likely, useful or random.")
        return self._page_of(now, ways[mode](max(1, size)), mode)

    def chosen(self, items: Sequence[int], control: JobControl) -> Page:
        """A page of items that the person picked, those of them that are open. Raises what ``page`` raises."""
        now = self.situation(control)
        picked = now.candidates[np.isin(now.candidates, np.asarray(items, np.int64))]
        return self._page_of(now, now.first(picked, now.scores[picked], len(picked)), "chosen")

    def _page_of(self, now: Situation, items: np.ndarray, mode: Mode) -> Page:
        scores = now.scores[items]
        return Page(
            self.target,
            mode,
            items,
            scores,
            now.calibration.probabilities(scores),
            now.calibration.learnt,
            len(now.candidates),
            len(now.records),
            now.ranker.kind,
            now.version,
        )

    def unsure_items(self) -> np.ndarray:
        """What was answered *unsure*, int32 ascending (*fast*)."""
        return Judgements.read(self._decisions, self.target.subject).unsure

    def situation(self, control: JobControl) -> Situation:
        """What everything else is read from; remembered until something changes. Raises what ``page`` raises."""
        with holding(self._lock, control):
            return self._use(lambda engine: self._situation(engine, control), control)

    # -- acting -------------------------------------------------------------------------------------------------

    def confirm(
        self,
        page: Page,
        control: JobControl,
        *,
        no: Sequence[int] = (),
        unsure: Sequence[int] = (),
        size: int | None = None,
        mode: Mode | None = None,
        actor: str | None = None,
    ) -> Confirmed:
        """Answer a whole page, as one operation: all that is neither ``no`` nor ``unsure`` gets the value.

        The next page is of the same ``size`` and ``mode`` unless told. Raises UsageError (items that are not on the
        page), what ``Decisions.apply`` raises (then nothing is changed), and what ``page`` raises.
        """
        answers = _answers(page, no, unsure)
        with self._lock:
            now = self.situation(control)
            fresh = now.open[page.items]
            applied = Applied(None)
            if fresh.any():
                applied = self._write(now, page, answers, fresh, actor)
            mode = mode or (page.mode if page.mode in MODES else "likely")
            after = self.page(size or max(1, len(page.items)), mode, control)
            return Confirmed(applied, tuple(page.items[~fresh].tolist()), after)

    def reopen(self, items: Sequence[int], actor: str | None = None) -> Applied:
        """Take answers back, so that the items are suggested again (values that were given stay)."""
        judgements = [Judgement(self.target.subject, int(item), None) for item in items]
        return self._decisions.apply(
            "reject", f"Ask again: {self.target.words}", judgements=judgements, actor=actor
        )

    def _write(
        self, now: Situation, page: Page, answers: np.ndarray, fresh: np.ndarray, actor: str | None
    ) -> Applied:
        items, given = page.items[fresh], answers[fresh]
        yes = items[given == "yes"]
        scores = np.round(page.scores[fresh].astype(np.float64), 3).tolist()
        letters = "".join(answer[0] for answer in given.tolist())
        record = PageRecord(page.mode, page.open, tuple(items.tolist()), tuple(scores), letters)
        name = f"{1 + max((int(name) for name in now.records), default=0):06d}"
        why = {
            "target": str(self.target),
            "page": name,
            "mode": page.mode,
            "ranking": page.ranking,
            "version": page.version,
            "scores": dict(zip(map(str, items.tolist()), scores, strict=True)),
            "filter": self.start.filter,
        }
        return self._decisions.apply(
            "tag" if len(yes) else "reject",
            f"{self.target.words}: {len(yes):,} yes, {letters.count('n'):,} no"
            + f", {letters.count('u'):,} unsure" * ("u" in letters),
            values=BulkValues(yes, self.target.attribute, "add", (self.target.value,)) if len(yes) else (),
            judgements=[
                Judgement(self.target.subject, item, answer)
                for item, answer in zip(items.tolist(), given.tolist(), strict=True)
            ],
            documents=[Document(self._records_kind, name, record.to_body())],
            why=why,
            actor=actor,
        )

    # -- working out --------------------------------------------------------------------------------------------

    @property
    def _records_kind(self) -> str:
        return f"page:{self.target}"

    def _situation(self, engine: Engine, control: JobControl) -> Situation:
        key = (engine.snapshot, engine.space, self._catalog.revision)
        if self._now is not None and all(a is b or a == b for a, b in zip(self._now[0], key, strict=True)):
            return self._now[1]
        situation = self._worked_out(engine, control)
        self._now = (key, situation)
        return situation

    def _worked_out(self, engine: Engine, control: JobControl) -> Situation:
        snapshot, space = engine.snapshot, engine.space
        if space is None:
            raise NothingPrepared
        rules = self._rules(self.target.attribute)
        having = self.target.having(snapshot)
        answered = having | self._excluding(rules, snapshot)
        judged = Judgements.read(self._decisions, self.target.subject)
        kind = self._records_kind
        records = {name: PageRecord.from_body(body) for name, body in self._decisions.documents(kind).items()}
        within = snapshot.alive & space.has_vector()
        open_ = within & ~(having if self.start.again else answered)
        for items in (judged.no, judged.unsure):
            open_[items[items < snapshot.size]] = False
        if self.start.where:
            open_ &= engine.selection(Query(where=self.start.where), control).mask
        if rules.scope:
            open_ &= in_scope(engine, rules.scope, control)
        evidence = self._evidence(within, having, answered, judged)
        control.checkpoint()
        labelled = (having & ~mask_of(judged.yes, snapshot.size), answered & ~having)
        known = self._known(engine, evidence, labelled)
        ranker = ranking.fit(engine, evidence, few_shot=known.few_shot)
        scores = ranker.scores(space, control.checkpoint)
        calibration = _calibration(known, records.values())
        return Situation(engine, having, open_, judged, records, evidence, ranker, scores, calibration)

    def _evidence(
        self, within: np.ndarray, having: np.ndarray, answered: np.ndarray, judged: Judgements
    ) -> ranking.Evidence:
        """Where examples were given, they and what was judged *yes*; else all that has the value."""
        size = len(within)
        positives = having & within
        if self._visual:
            positives &= mask_of(judged.yes, size)
            positives |= within & mask_of(
                [e.item for e in self._visual.positives if e.item is not None and e.region is None], size
            )
        rejected = mask_of(judged.no, size) & within & ~having
        others = answered & ~having & within & ~rejected
        return ranking.Evidence(*map(numbers, (positives, rejected, others)), visual=self._visual)

    def _rules(self, attribute: str) -> Rules:
        with self._catalog.read() as connection:
            return Ledger(connection).rules(attribute)

    def _excluding(self, rules: Rules, snapshot: Snapshot) -> np.ndarray:
        """The items that have a value which the target's would replace, bool (size,)."""
        if not rules.multi:
            return self.target.filled(snapshot)
        rivals = {value for group in rules.exclusive if self.target.value in group for value in group}
        found = np.zeros(snapshot.size, bool)
        for value in rivals:
            found |= Target(self.target.attribute, value).having(snapshot)
        return found

    def _known(
        self, engine: Engine, evidence: ranking.Evidence, labelled: tuple[np.ndarray, np.ndarray]
    ) -> HeldOut:
        """Labelled items that nobody judged here, with scores of a ranking that had not seen them: the same during a
        session, so that its pages cost nothing. ``labelled``: have the value, have another, bool (size,)."""
        key = (id(engine.space), *(zlib.crc32(np.packbits(mask).tobytes()) for mask in labelled))
        if self._held_out is None or self._held_out[0] != key:
            self._held_out = (key, held_out(engine, evidence, *map(numbers, labelled)))
        return self._held_out[1]


def _answers(page: Page, no: Sequence[int], unsure: Sequence[int]) -> np.ndarray:
    """ "yes", "no" or "unsure" for each item of the page. Raises UsageError."""
    on_page = set(page.items.tolist())
    strange = (set(no) | set(unsure)) - on_page
    if strange or set(no) & set(unsure):
        raise UsageError("An answer is about an item that is not on the page, or there are two for one item.")
    answers = np.full(len(page.items), "yes", object)
    answers[np.isin(page.items, list(no))] = "no"
    answers[np.isin(page.items, list(unsure))] = "unsure"
    return answers


def _calibration(known: HeldOut, records) -> Calibration:
    """From the labelled items and from the answers to earlier pages, whose scores were given before the answers."""
    pairs = [
        (score, letter == "y")
        for record in records
        for score, letter in zip(record.scores, record.answers, strict=True)
        if letter != "u"
    ]
    scores = np.array([score for score, _ in pairs], np.float32)
    hits = np.array([hit for _, hit in pairs], bool)
    return calibrate(
        np.concatenate([known.scores, scores]),
        np.concatenate([known.hits, hits]),
        np.concatenate([known.weights, np.ones(len(pairs))]),
    )
