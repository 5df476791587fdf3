"""How much of a catalog is wrong: estimates with an interval, from a seeded stream of items that a person judges.

An estimate is a document (`estimate_plan`): its seed, its items in the order in which they are asked, and what it aims
at. The answers are judgements ("estimate:NAME:ATTRIBUTE": right, wrong or unsure) like any other decision, with undo;
`estimate_progress` says what follows from them. The stream never is the list of suspects; suspicion only decides from
which band of the catalog the next random item comes. Any thread; everything may take seconds with a large catalog.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from visualsearch.attributes import sampling
from visualsearch.attributes.changed import last_operation, net_changes
from visualsearch.attributes.estimate_plan import Method, Plan, Suspicion, check, draw, population
from visualsearch.attributes.estimate_progress import Left, Running, items_to_ask, running_of
from visualsearch.attributes.sampling import Outlook
from visualsearch.catalog.decisions import Applied, Decisions, Document, Judgement, ValueChange
from visualsearch.catalog.store import Catalog
from visualsearch.errors import UnknownName, UsageError
from visualsearch.filters.engine import Use
from visualsearch.jobs import JobControl

Answer = Literal["right", "wrong", "unsure"]

_ASKED_AHEAD = 100  # items of a stream that count as asked although earlier ones have no answer yet


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
        check("name", half_width, confidence, "plain")
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
        check(name, half_width, confidence, method)
        if self._decisions.document("estimate", name) is not None:
            raise UsageError(
                f"There is an estimate {name!r} already.", "Go on with it, or choose another name."
            )
        plan = self._use(
            lambda engine: draw(
                engine.snapshot,
                self._suspicion,
                control,
                name=name,
                attribute=attribute,
                method=method,
                half_width=half_width,
                confidence=confidence,
                seed=seed,
                after=last_operation(self._catalog),
            ),
            control,
        )
        what = attribute or "all attributes"
        self._decisions.apply(
            "estimate", f"Estimate the errors of {what}", documents=[Document("estimate", name, plan.body())]
        )
        return plan

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
        running = running_of(plan, answers)
        return [] if running.reached else items_to_ask(plan, answers, count)

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
        return running_of(plan, self.answers(plan))

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
