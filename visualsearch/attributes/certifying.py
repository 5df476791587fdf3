"""Certificates at work: freeze the candidates, draw the sample, take the answers, accept the rest.

A certificate is a document; its answers are judgements under ``certify:NAME``, and each is a decision of its own at
once: *right* gives the item the value, *wrong* is remembered as a rejection. So nothing is lost when a certificate
fails, and accepting writes only the rest. Accepting is one operation, and undoing it takes the rest back.

Candidates are either the best suggestions for one ``attribute=value``, or what auto tagging proposes: several values of
one attribute, each for its items (`certificate.Proposal`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from visualsearch.attributes.certificate import (
    RISK,
    Certificate,
    Look,
    Proposal,
    likely_enough,
    looks,
    risk_of,
    standing,
)
from visualsearch.attributes.packing import digest_of, packed, unpacked
from visualsearch.attributes.session import Session
from visualsearch.attributes.target import Judgements, Target
from visualsearch.catalog.decisions import Applied, BulkValues, Decisions, Document, Judgement, ValueChange
from visualsearch.errors import UnknownName, UsageError, VisualSearchError
from visualsearch.filters.engine import Engine, Use
from visualsearch.jobs import JobControl
from visualsearch.words import counted

KIND = "certificate"
_ANSWERS = {"right": "yes", "wrong": "no", "unsure": "unsure"}
_ALL = 1_000_000  # operations
_WRITES = "accept-rest"  # the kind of the operation that accepts; auto tagging has its own


class Certificates:
    """The certificates of a catalog. Safe from any thread; calls belong in a worker."""

    def __init__(
        self, use: Use, decisions: Decisions, session_of: Callable[[Target, JobControl], Session]
    ) -> None:
        self._use = use
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
            raise UnknownName(
                f"There is no certificate {name!r}.", command="See: visualsearch certificates list CATALOG"
            )
        candidates = unpacked(body["candidates"])
        assigned = {value: unpacked(text) for value, text in body.get("assigned", {}).items()}
        if digest_of(candidates, assigned) != body["digest"]:
            raise VisualSearchError(
                f"The candidates of the certificate {name!r} are not those that were frozen."
            )
        sample = np.array(body["sample"], np.int32)
        items, _, given = self._decisions.judgements(f"certify:{name}")
        answer_of = dict(zip(np.asarray(items).tolist(), given, strict=True))
        answers = tuple(answer_of.get(item) for item in sample.tolist())
        plan = tuple(Look(*look) for look in body["looks"])
        found = standing(plan, answers, len(candidates), body["attempt"])  # type: ignore[arg-type]
        target = Target(body["attribute"], body["value"])
        return Certificate(
            name, target, body["wanted"], body["attempt"], plan, candidates, sample, answers, body["threshold"], found,
            body.get("accepted"), body, tuple(assigned.items()) or ((target.value, candidates),),
        )  # fmt: skip

    def proposal(self, target: Target, wanted: float, control: JobControl) -> int:
        """How many of the best candidates to certify: as many as have an expected precision well above the wanted one;
        0 where there are none."""
        return likely_enough(self._session_of(target, control).situation(control).probabilities, wanted)

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
        many = likely_enough(now.probabilities, wanted) if count is None else count
        best = now.best(many) if many > 0 else np.empty(0, np.int32)
        if not len(best):
            raise UsageError(
                "No candidates are likely enough to be accepted together.",
                "Confirm some more pages first, or say how many of the best you mean.",
            )
        target = session.target
        proposal = Proposal(
            str(target),
            target.attribute,
            ((target.value, np.sort(best)),),
            _WRITES,
            float(now.scores[best].min()),
            now.ranker.kind,
            now.version,
            (target.value,),
            count,
        )
        return self.freeze(proposal, wanted, seed=seed, actor=actor)

    def freeze(
        self, proposal: Proposal, wanted: float, *, seed: int | None = None, actor: str | None = None
    ) -> Certificate:
        """Freeze a proposal and draw a sample of exactly this. Raises UsageError (nothing is proposed, a precision
        that cannot be)."""
        about, several = proposal.about, proposal.writes != _WRITES
        candidates = np.unique(np.concatenate([items for _, items in proposal.assigned]))
        attempt = 1 + self._attempts(about, proposal.writes)
        plan = looks(len(candidates), wanted, risk_of(attempt))
        seed = secrets.randbits(48) if seed is None else seed
        sample = np.random.default_rng(seed).permutation(candidates)[: plan[-1].answers]
        name = f"{about} #{1 + self._started(about)}"
        assigned = dict(proposal.assigned) if several else {}
        body: dict[str, Any] = {
            "attribute": proposal.attribute,
            "value": proposal.assigned[0][0],
            "wanted": wanted,
            "confidence": 1 - RISK,
            "attempt": attempt,
            "risk": risk_of(attempt),
            "looks": [[look.answers, look.allowed] for look in plan],
            "population": len(candidates),
            "candidates": packed(candidates),
            "digest": digest_of(candidates, assigned),
            "seed": seed,
            "sample": sample.tolist(),
            "threshold": round(proposal.threshold, 6),
            "ranking": proposal.ranking,
            "version": proposal.version,
            "asked": {"values": list(proposal.values), "count": proposal.count},
        }
        if several:
            body["about"], body["writes"] = about, proposal.writes
            body["assigned"] = {value: packed(items) for value, items in assigned.items()}
        why = {"target": about, "certificate": name}
        words = about if several else Target(proposal.attribute, proposal.assigned[0][0]).words
        label = f"Certificate for {words}: {counted(len(candidates), 'candidate')}"
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
            raise UsageError(
                "An answer is about an item that is not in the sample, or was answered before.",
                "Answer for the items that are named, or take earlier answers back.",
                "To take them back: visualsearch undo CATALOG",
            )
        attribute, about = certificate.target.attribute, certificate.about
        open_ = self._open(certificate, control)
        judgements = [Judgement(f"certify:{name}", item, answer) for item, answer in answers]
        meant = certificate.values_of([item for item, _ in answers])
        for (item, answer), values in zip(answers, meant, strict=True):
            if open_[item] and (
                answer == "right" or len(values) == 1
            ):  # else it is not known which one is wrong
                judgements += [
                    Judgement(Target(attribute, value).subject, item, _ANSWERS[answer]) for value in values
                ]
        yes = np.array([item for item, answer in answers if answer == "right" and open_[item]], np.int32)
        self._decisions.apply(
            "sample",
            f"{certificate.words}: {len(right):,} right, {len(wrong):,} wrong in the sample",
            values=_values(certificate, yes),
            judgements=judgements,
            why={"target": about, "certificate": name},
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
            raise VisualSearchError(f"The certificate {name!r} was used already.", "Undo that first.")
        rest = _checked_rest(certificate, self._open(certificate, control))
        passed = certificate.standing
        accepted = {
            "judged": passed.judged,
            "wrong": passed.wrong,
            "bound": passed.bound,
            "bound_infinite": passed.bound_infinite,
            "written": len(rest),
        }
        return self._decisions.apply(
            certificate.body.get("writes", _WRITES),
            f"{certificate.words}: accept {len(rest):,} more, at least {passed.bound:.1%} right",
            values=_values(certificate, rest),
            documents=[Document(KIND, name, {**certificate.body, "accepted": accepted})],
            why={
                "target": certificate.about,
                "certificate": name,
                "digest": certificate.body["digest"],
                **accepted,
            },
            actor=actor,
        )

    def latest(self, about: Target | str) -> Certificate | None:
        """The certificate of a target, or of what else is certified, that was started last and neither failed nor was
        used, or None."""
        prefix = f"{about} #"
        own = [name for name in self.names() if name.startswith(prefix) and name[len(prefix) :].isdigit()]
        for name in sorted(own, key=lambda name: -int(name[len(prefix) :])):
            certificate = self.get(name)
            if certificate.accepted is None and certificate.standing.state != "failed":
                return certificate
        return None

    def _open(self, certificate: Certificate, control: JobControl) -> np.ndarray:
        """The items that may still be given what the certificate says, bool (size,)."""
        if certificate.body.get("writes", _WRITES) == _WRITES:
            return self._session_of(certificate.target, control).situation(control).open

        def without_value(engine: Engine) -> np.ndarray:
            snapshot, attribute = engine.snapshot, certificate.target.attribute
            open_ = snapshot.alive & ~Target(attribute, "").filled(snapshot)
            for value, items in certificate.assigned:
                judged = Judgements.read(self._decisions, Target(attribute, value).subject)
                refused = np.intersect1d(items, np.concatenate([judged.no, judged.unsure]))
                open_[refused[refused < snapshot.size]] = False
            return open_

        return self._use(without_value, control)

    def _started(self, about: str) -> int:
        """How many were ever started: names are never given again."""
        operations = self._decisions.history(kind="certify", limit=_ALL)
        return sum((operation.why or {}).get("target") == about for operation in operations)

    def _attempts(self, about: str, writes: str) -> int:
        """Certificates of the same that were looked at since one was last accepted, undone or not: each look is another
        chance to be lucky."""
        seen: set[object] = set()
        operations = self._decisions.history(kind="sample", limit=_ALL)
        accepted = [
            operation.number
            for operation in self._decisions.history(kind=writes, limit=_ALL)
            if (operation.why or {}).get("target") == about and operation.undone_by is None
        ]
        for operation in operations:
            why = operation.why or {}
            if why.get("target") == about and operation.number > max(accepted, default=0):
                seen.add(why.get("certificate"))
        return len(seen)


def _values(certificate: Certificate, items: np.ndarray) -> BulkValues | list[ValueChange]:
    """What the certificate says, for some of its candidates."""
    attribute = certificate.target.attribute
    if len(certificate.assigned) == 1:
        return BulkValues(items, attribute, "add", (certificate.assigned[0][0],)) if len(items) else []
    meant = certificate.values_of(items)  # several values: of items that have none
    return [ValueChange(item, attribute, values) for item, values in zip(items.tolist(), meant, strict=True)]


def _checked_rest(certificate: Certificate, open_: np.ndarray) -> np.ndarray:
    """The candidates to be written, int32: those that were not answered in the sample. Raises VisualSearchError."""
    passed, wanted = certificate.standing, certificate.wanted
    if passed.state == "open":
        raise VisualSearchError(
            f"The sample is not complete: {counted(passed.until, 'more answer')} to go.", "Judge them first."
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
