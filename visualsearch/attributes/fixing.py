"""*All like this*: mend the suspects that share a mistake together, as one operation, with a certificate.

The suspects of a cluster are frozen and put into a random order. A person looks at the first of them and says which
are no mistake; after as many as the plan of a certificate asks (`certificate.looks`), and few enough wrong ones, the
rest may be changed unseen. The order follows from the set itself: asking again is not another chance to be lucky.
Nothing is written before the end: what was looked at and the rest are one operation, and one undo takes all of it back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from visualsearch.attributes import verdicts
from visualsearch.attributes.certificate import RISK, Answer, Look, Standing, looks, risk_of, standing
from visualsearch.attributes.clusters import Cluster
from visualsearch.attributes.packing import digest_of, packed, unpacked
from visualsearch.attributes.target import Target, mask_of
from visualsearch.catalog.decisions import Applied, BulkValues, Decisions, Document, Judgement
from visualsearch.errors import UsageError, VisualSearchError
from visualsearch.filters.engine import Engine, Use
from visualsearch.jobs import JobControl

KIND = "fix"
"""Of the documents that say how a fix was certified."""
WANTED = 0.95  # share of the changes that are right
_ALL = 1_000_000  # operations


@dataclass(frozen=True, eq=False)
class Review:
    """A cluster, frozen. ``order`` int32 (n,): all of its items as they are to be looked at, at random; ``plan``: when
    the rest may be changed; ``attempt``: how often the same was tried since it last succeeded, and this time."""

    attribute: str
    given: str
    suggested: str
    wanted: float
    attempt: int
    order: np.ndarray
    plan: tuple[Look, ...]
    digest: str

    @property
    def about(self) -> str:
        return _about(self.attribute, self.given, self.suggested)

    def standing(self, answers: Mapping[int, Answer]) -> Standing:
        """Where the certificate stands after some answers, by item."""
        given: list[Answer | None] = [
            answers.get(item) for item in self.order[: self.plan[-1].answers].tolist()
        ]
        return standing(self.plan, given, len(self.order), self.attempt)


@dataclass(frozen=True, eq=False)
class Fix:
    """A group that was mended together, as its document tells it. ``candidates`` int32 ascending: the group;
    ``sample`` int32: those that were looked at, in their order, with their ``answers``; ``standing``: what these prove;
    ``accepted``: what was changed unseen ("written"), or None where everything was looked at."""

    name: str
    about: str
    wanted: float
    attempt: int
    plan: tuple[Look, ...]
    candidates: np.ndarray
    sample: np.ndarray
    answers: tuple[Answer, ...]
    standing: Standing
    accepted: Mapping[str, Any] | None
    body: Mapping[str, Any]


class Fixes:
    """Reviews of a catalog's clusters. Safe from any thread; calls belong in a worker."""

    def __init__(self, use: Use, decisions: Decisions) -> None:
        self._use = use
        self._decisions = decisions

    def names(self) -> list[str]:
        """The groups that were mended, sorted (*fast*)."""
        return list(self._decisions.documents(KIND))

    def get(self, name: str) -> Fix:
        """Raises VisualSearchError (no such one, or its record was changed)."""
        body = self._decisions.document(KIND, name)
        if body is None:
            raise VisualSearchError(
                f"No group was mended as {name!r}.", command="See: visualsearch certificates list CATALOG"
            )
        candidates = unpacked(body["candidates"])
        if digest_of(candidates) != body["digest"]:
            raise VisualSearchError(f"The items of the group {name!r} are not those that were looked at.")
        answers: dict[int, Answer] = {int(item): answer for item, answer in body["answers"].items()}
        sample = np.array([item for item in body["order"] if item in answers], np.int32)
        plan = tuple(Look(*look) for look in body["looks"])
        answered: list[Answer | None] = [answers.get(item) for item in body["order"]]
        found = standing(plan, answered, len(candidates), body["attempt"])
        accepted = {"written": body["unseen"], "bound": body["bound"]} if body["unseen"] else None
        about = _about(body["attribute"], body["given"], body["suggested"])
        given: tuple[Answer, ...] = tuple(answers[item] for item in sample.tolist())
        return Fix(
            name,
            about,
            body["wanted"],
            body["attempt"],
            plan,
            candidates,
            sample,
            given,
            found,
            accepted,
            body,
        )

    def review(self, cluster: Cluster, control: JobControl, wanted: float = WANTED) -> Review:
        """Freeze those items of a cluster that still have its value. Raises UsageError (none are left)."""
        items = np.unique(np.array(cluster.items, np.int32))
        items = items[self._open(cluster.attribute, cluster.given, items, control)]
        if not len(items):
            raise UsageError("None of these items has the value any more.", "Look for suspects again.")
        about = _about(cluster.attribute, cluster.given, cluster.suggested)
        attempt = 1 + self._attempts(about)
        digest = digest_of(items)
        order = np.random.default_rng(_seed(digest, attempt)).permutation(items)
        plan = looks(len(items), wanted, risk_of(attempt))
        return Review(
            cluster.attribute, cluster.given, cluster.suggested, wanted, attempt, order, plan, digest
        )

    def apply(
        self,
        review: Review,
        answers: Mapping[int, Answer],
        control: JobControl,
        *,
        rest: bool = False,
        actor: str | None = None,
    ) -> Applied:
        """Change what is *right* to change, keep what is *wrong*, as one operation; with ``rest`` also change all that
        was not looked at.

        Raises UsageError (no answers; about items that are not in it), VisualSearchError (the rest is not certified,
        or items were changed meanwhile), and what `Decisions.apply` raises.
        """
        if not answers or not set(answers) <= set(review.order.tolist()):
            raise UsageError("Say of some items of this group whether the change is right.")
        unseen = review.order[~np.isin(review.order, list(answers))] if rest else np.empty(0, np.int32)
        found = review.standing(answers)
        if len(unseen):
            _check(found)
        judged = {
            answer: np.array([item for item, own in answers.items() if own == answer], np.int32)
            for answer in ("right", "wrong", "unsure")
        }
        changed = np.concatenate([judged["right"], unseen]).astype(np.int32)
        if not self._open(review.attribute, review.given, changed, control).all():
            raise VisualSearchError(
                "Some of these items were changed meanwhile: what was looked at is not what is there now.",
                "Open the group again.",
            )
        state = "certified" if len(unseen) else "judged"
        numbers = {
            "judged": len(answers),
            "wrong": len(answers) - len(judged["right"]),
            "unseen": len(unseen),
            "bound": found.bound if len(unseen) else 0.0,
        }
        name = f"{review.about} #{1 + len(self._history(review.about))}"
        body = _body(review, answers, {**numbers, "state": state})
        return self._decisions.apply(
            "accept-rest" if len(unseen) else "audit",
            _label(review, len(changed), numbers),
            values=BulkValues(changed, review.attribute, "replace", (review.suggested, review.given))
            if len(changed)
            else (),
            judgements=self._judgements(review, changed, judged["wrong"], judged["unsure"]),
            documents=[Document(KIND, name, body)],
            why={
                "attribute": review.attribute,
                "given": review.given,
                "verdict": "fix",
                "about": review.about,
            }
            | {"certificate": name, "digest": review.digest, **numbers},
            actor=actor,
        )

    def _judgements(
        self, review: Review, changed: np.ndarray, kept: np.ndarray, unsure: np.ndarray
    ) -> list[Judgement]:
        told: dict[int, tuple[verdicts.Verdict, tuple[str, ...]]] = {}
        for item in changed.tolist():
            told[item] = "keep", (review.suggested,)
        for item in kept.tolist():
            told[item] = "keep", (review.given,)
        for item in unsure.tolist():
            told[item] = "unsure", (review.given,)
        said = [
            Judgement(f"audit:{review.attribute}", item, answer)
            for items, answer in ((kept, "keep"), (unsure, "unsure"))
            for item in items.tolist()
        ]
        return [*said, *verdicts.spoken(self._decisions, review.attribute, told)]

    def _open(self, attribute: str, given: str, items: np.ndarray, control: JobControl) -> np.ndarray:
        """bool (n,): which of the items are there and have the value."""

        def having(engine: Engine) -> np.ndarray:
            snapshot = engine.snapshot
            has = Target(attribute, given).having(snapshot) & snapshot.alive
            return mask_of(np.flatnonzero(has), max(snapshot.size, int(items.max(initial=0)) + 1))[items]

        return self._use(having, control)

    def _history(self, about: str) -> list[Mapping[str, Any]]:
        """The reasons of all fixes of the same, undone or not, the last first."""
        both = [
            operation
            for kind in ("audit", "accept-rest")
            for operation in self._decisions.history(kind=kind, limit=_ALL)
            if operation.why and operation.why.get("about") == about
        ]
        return [operation.why or {} for operation in sorted(both, key=lambda one: -one.number)]

    def _attempts(self, about: str) -> int:
        """How many since the rest was last changed: each was a chance to be lucky."""
        unseen = [bool(why["unseen"]) for why in self._history(about)]
        return unseen.index(True) if True in unseen else len(unseen)


def _check(found: Standing) -> None:
    if found.state == "open":
        raise VisualSearchError(
            f"{found.until:,} more must be looked at before the rest can be changed.", "Look at them first."
        )
    if found.state == "failed":
        raise VisualSearchError(
            f"{found.wrong:,} of {found.judged:,} were no mistake: too many to change the rest unseen.",
            "Change what was looked at, and go on one by one.",
        )


def _about(attribute: str, given: str, suggested: str) -> str:
    return f"{attribute}: {given} → {suggested}"


def _label(review: Review, changed: int, numbers: Mapping[str, Any]) -> str:
    if numbers["unseen"]:
        return f"{review.about} for {changed:,} items, at least {numbers['bound']:.1%} of the unseen right"
    return f"{review.about} for {changed:,} items, all looked at"


def _body(review: Review, answers: Mapping[int, Answer], found: Mapping[str, Any]) -> dict[str, Any]:
    """What another person needs to check it: the set, the order, the plan and every answer."""
    return {
        "attribute": review.attribute,
        "given": review.given,
        "suggested": review.suggested,
        "wanted": review.wanted,
        "confidence": 1 - RISK,
        "attempt": review.attempt,
        "looks": [[look.answers, look.allowed] for look in review.plan],
        "population": len(review.order),
        "candidates": packed(np.sort(review.order)),
        "digest": review.digest,
        "order": review.order[: max(review.plan[-1].answers, len(answers))].tolist(),
        "answers": {str(item): answer for item, answer in answers.items()},
        **found,
    }


def _seed(digest: str, attempt: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{digest} {attempt}".encode()).digest()[:6], "big")
