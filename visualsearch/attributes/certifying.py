"""Certificates at work: freeze the candidates, draw the sample, take the answers, accept the rest.

A certificate is a document; its answers are judgements under ``certify:NAME``, and each is a decision of its own at
once: *right* gives the item the value, *wrong* is remembered as a rejection. So nothing is lost when a certificate
fails, and accepting writes only the rest. Accepting is one operation, and undoing it takes the rest back.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from visualsearch.attributes.certificate import RISK, Look, Standing, looks, risk_of, standing
from visualsearch.attributes.session import Session
from visualsearch.attributes.situation import Situation
from visualsearch.attributes.target import Target
from visualsearch.catalog.decisions import Applied, BulkValues, Decisions, Document, Judgement
from visualsearch.catalog.store import Catalog
from visualsearch.errors import UsageError, VisualSearchError
from visualsearch.jobs import JobControl

KIND = "certificate"
_ANSWERS = {"right": "yes", "wrong": "no", "unsure": "unsure"}
_ALL = 1_000_000  # operations
_MARGIN = 3.0  # what is proposed is expected to have this times fewer wrong items than allowed


@dataclass(frozen=True, eq=False)
class Certificate:
    """``candidates`` int32 ascending: exactly those that it speaks of; ``sample`` int32, in the order to be judged;
    ``answers`` for each of the sample, None where there is none yet; ``threshold``: the lowest score among the
    candidates, in deviations. ``accepted``: what was written along with it, or None."""

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


class Certificates:
    """The certificates of a catalog. Safe from any thread; calls belong in a worker."""

    def __init__(
        self, catalog: Catalog, decisions: Decisions, session_of: Callable[[Target, JobControl], Session]
    ) -> None:
        self._catalog = catalog
        self._decisions = decisions
        self._session_of = session_of

    # -- looking ------------------------------------------------------------------------------------------------

    def names(self) -> list[str]:
        """All certificates, sorted (*fast*)."""
        return list(self._decisions.documents(KIND))

    def get(self, name: str) -> Certificate:
        """Raises VisualSearchError (no such certificate, or its record was changed)."""
        body = self._decisions.document(KIND, name)
        if body is None:
            raise VisualSearchError(
                f"There is no certificate {name!r}.", "See: visualsearch certificates list"
            )
        candidates = _unpacked(body["candidates"])
        if _digest(candidates) != body["digest"]:
            raise VisualSearchError(
                f"The candidates of the certificate {name!r} are not those that were frozen."
            )
        sample = np.array(body["sample"], np.int32)
        items, _, given = self._decisions.judgements(f"certify:{name}")
        answer_of = dict(zip(np.asarray(items).tolist(), given, strict=True))
        answers = tuple(answer_of.get(item) for item in sample.tolist())
        plan = tuple(Look(*look) for look in body["looks"])
        found = standing(plan, answers, len(candidates))  # type: ignore[arg-type]
        target = Target(body["attribute"], body["value"])
        return Certificate(
            name, target, body["wanted"], body["attempt"], plan, candidates, sample, answers, body["threshold"], found,
            body.get("accepted"), body,
        )  # fmt: skip

    def proposal(self, target: Target, wanted: float, control: JobControl) -> int:
        """How many of the best candidates to certify: as many as have an expected precision well above the wanted one;
        0 where there are none."""
        return _proposal(self._session_of(target, control).situation(control), wanted)

    # -- acting -------------------------------------------------------------------------------------------------

    def start(
        self,
        target: Target,
        wanted: float,
        control: JobControl,
        *,
        count: int | None = None,
        session: Session | None = None,
        seed: int | None = None,
        actor: str | None = None,
    ) -> Certificate:
        """Freeze the ``count`` best candidates (as many as are proposed, when None) and draw a sample of exactly these.

        ``seed`` draws a sample again; leave it to chance otherwise. Raises UsageError (nothing to certify; a precision
        that cannot be), and what ``Session.page`` raises.
        """
        session = session or self._session_of(target, control)
        now = session.situation(control)
        count = _proposal(now, wanted) if count is None else count
        best = now.best(count) if count > 0 else np.empty(0, np.int32)
        if not len(best):
            raise UsageError(
                "No candidates are likely enough to be accepted together.",
                "Confirm some more pages first, or say how many of the best you mean.",
            )
        attempt = 1 + self._attempts(session.target)
        plan = looks(len(best), wanted, risk_of(attempt))
        seed = secrets.randbits(48) if seed is None else seed
        candidates = np.sort(best)
        sample = np.random.default_rng(seed).permutation(candidates)[: plan[-1].answers]
        name = f"{session.target} #{1 + self._started(session.target)}"
        body = {
            "attribute": session.target.attribute,
            "value": session.target.value,
            "wanted": wanted,
            "confidence": 1 - RISK,
            "attempt": attempt,
            "risk": risk_of(attempt),
            "looks": [[look.answers, look.allowed] for look in plan],
            "population": len(candidates),
            "candidates": _packed(candidates),
            "digest": _digest(candidates),
            "seed": seed,
            "sample": sample.tolist(),
            "threshold": round(float(now.scores[best].min()), 6),
            "ranking": now.ranker.kind,
            "version": now.version,
        }
        why = {"target": str(session.target), "certificate": name}
        label = f"Certificate for {session.target}: {len(candidates):,} candidates"
        self._decisions.apply("certify", label, documents=[Document(KIND, name, body)], why=why, actor=actor)
        return self.get(name)

    def answer(
        self,
        name: str,
        control: JobControl,
        *,
        right: Sequence[int] = (),
        wrong: Sequence[int] = (),
        unsure: Sequence[int] = (),
        actor: str | None = None,
    ) -> Certificate:
        """Judge items of the sample, as one operation; each answer can be given once (undo takes it back).

        Raises UsageError (not of the sample, or answered before), VisualSearchError (accepted already).
        """
        certificate = self.get(name)
        if certificate.accepted is not None:
            raise VisualSearchError(f"The certificate {name!r} was used already.", "Undo that first.")
        answers = [
            (int(item), answer)
            for answer, items in (("right", right), ("wrong", wrong), ("unsure", unsure))
            for item in items
        ]
        waiting = {
            i for i, a in zip(certificate.sample.tolist(), certificate.answers, strict=True) if a is None
        }
        if len({item for item, _ in answers}) < len(answers) or not {item for item, _ in answers} <= waiting:
            raise UsageError("An answer is about an item that is not in the sample, or was answered before.")
        target = certificate.target
        open_ = self._session_of(target, control).situation(control).open
        judgements = [Judgement(f"certify:{name}", item, answer) for item, answer in answers]
        judgements += [
            Judgement(target.subject, item, _ANSWERS[answer]) for item, answer in answers if open_[item]
        ]
        yes = np.array([item for item, answer in answers if answer == "right" and open_[item]], np.int32)
        self._decisions.apply(
            "sample",
            f"{target}: {len(right):,} right, {len(wrong):,} wrong in the sample",
            values=BulkValues(yes, target.attribute, "add", (target.value,)) if len(yes) else (),
            judgements=judgements,
            why={"target": str(target), "certificate": name},
            actor=actor,
        )
        return self.get(name)

    def accept(self, name: str, control: JobControl, actor: str | None = None) -> Applied:
        """Write the value to all candidates that nobody judged otherwise: one operation.

        Raises VisualSearchError: the sample is not complete, its bound fails, the candidates are not the same any
        more, or it was done before.
        """
        certificate = self.get(name)
        if certificate.accepted is not None:
            raise VisualSearchError(f"The certificate {name!r} was used already.")
        now = self._session_of(certificate.target, control).situation(control)
        rest = _checked_rest(certificate, now.open)
        passed = certificate.standing
        accepted = {
            "judged": passed.judged,
            "wrong": passed.wrong,
            "bound": passed.bound,
            "bound_infinite": passed.bound_infinite,
            "written": len(rest),
        }
        target = certificate.target
        return self._decisions.apply(
            "accept-rest",
            f"{target}: accept {len(rest):,} more, at least {passed.bound:.1%} right",
            values=BulkValues(rest, target.attribute, "add", (target.value,)),
            documents=[Document(KIND, name, {**certificate.body, "accepted": accepted})],
            why={
                "target": str(target),
                "certificate": name,
                "digest": certificate.body["digest"],
                **accepted,
            },
            actor=actor,
        )

    def latest(self, target: Target) -> Certificate | None:
        """The certificate of a target that was started last and neither failed nor was used, or None."""
        prefix = f"{target} #"
        own = [name for name in self.names() if name.startswith(prefix) and name[len(prefix) :].isdigit()]
        for name in sorted(own, key=lambda name: -int(name[len(prefix) :])):
            certificate = self.get(name)
            if certificate.accepted is None and certificate.standing.state != "failed":
                return certificate
        return None

    def _started(self, target: Target) -> int:
        """How many were ever started: names are never given again."""
        operations = self._decisions.history(kind="certify", limit=_ALL)
        return sum((operation.why or {}).get("target") == str(target) for operation in operations)

    def _attempts(self, target: Target) -> int:
        """Certificates of this target that were looked at since one was last accepted, undone or not: each look is
        another chance to be lucky."""
        seen: set[object] = set()
        operations = self._decisions.history(kind="sample", limit=_ALL)
        accepted = [
            operation.number
            for operation in self._decisions.history(kind="accept-rest", limit=_ALL)
            if (operation.why or {}).get("target") == str(target) and operation.undone_by is None
        ]
        for operation in operations:
            why = operation.why or {}
            if why.get("target") == str(target) and operation.number > max(accepted, default=0):
                seen.add(why.get("certificate"))
        return len(seen)


def _checked_rest(certificate: Certificate, open_: np.ndarray) -> np.ndarray:
    """The candidates to be written, int32: those that were not answered in the sample. Raises VisualSearchError."""
    passed, wanted = certificate.standing, certificate.wanted
    if passed.state == "open":
        raise VisualSearchError(
            f"The sample is not complete: {passed.until:,} more answers are needed.", "Judge them first."
        )
    if passed.state == "failed":
        raise VisualSearchError(
            f"{passed.wrong:,} of {passed.judged:,} were not right: that is too many for {wanted:.0%}.",
            "Confirm more pages, then certify fewer of the best candidates.",
        )
    candidates, size = certificate.candidates, len(open_)
    answered = [
        i for i, a in zip(certificate.sample.tolist(), certificate.answers, strict=True) if a is not None
    ]
    rest = candidates[~np.isin(candidates, answered)]
    changed = int(np.count_nonzero(rest >= size)) + int(np.count_nonzero(~open_[rest[rest < size]]))
    if changed:
        raise VisualSearchError(
            f"{changed:,} of the candidates were changed since the sample was drawn: the certificate does not speak of "
            "what is there now.",
            "Undo these changes, or certify anew.",
        )
    return rest


def _proposal(now: Situation, wanted: float) -> int:
    chances = np.sort(now.probabilities)[::-1].astype(np.float64)
    means = np.cumsum(chances) / np.arange(1, len(chances) + 1)
    return int(np.count_nonzero(means >= 1 - (1 - wanted) / _MARGIN))


def _digest(candidates: np.ndarray) -> str:
    """Names a set of items: numbers are never given again."""
    return hashlib.sha256(np.ascontiguousarray(candidates, "<i4").tobytes()).hexdigest()


def _packed(candidates: np.ndarray) -> str:
    steps = np.diff(candidates, prepend=0).astype("<i4")
    return base64.b64encode(zlib.compress(steps.tobytes(), 6)).decode("ascii")


def _unpacked(text: str) -> np.ndarray:
    return np.cumsum(np.frombuffer(zlib.decompress(base64.b64decode(text)), "<i4"), dtype=np.int32)
