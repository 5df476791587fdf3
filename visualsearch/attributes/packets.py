"""Work packets: a queue goes out as a file, is judged on a copy of the catalog, and the decisions come home.

Made here, answered and collected there, merged here: `packet_merge` holds the last step. Any thread.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from visualsearch.attributes import packet_format, packet_merge, suggest
from visualsearch.attributes.audit import Audit
from visualsearch.attributes.estimate import Estimates
from visualsearch.attributes.packet_format import ANSWERS, About, Asked, Held, Judged, Packet, Queue, Verdicts
from visualsearch.attributes.packet_merge import Merged
from visualsearch.attributes.tagging import Tagging
from visualsearch.attributes.target import Target
from visualsearch.catalog import rules
from visualsearch.catalog.decisions import Applied, BulkValues, Decisions, Judgement, ValueChange
from visualsearch.catalog.nearest import no_attribute
from visualsearch.catalog.store import Catalog, ItemDetails, now
from visualsearch.catalog.vocabulary import Vocabulary
from visualsearch.errors import UnknownName, UsageError
from visualsearch.filters.engine import Use
from visualsearch.filters.query import Query
from visualsearch.jobs import JobControl
from visualsearch.words import counted

MAKING = "Making the packet"
COLLECTING = "Collecting decisions"
_STEP = 200


@dataclass(frozen=True)
class PacketRequest:
    """What a packet asks: one of ``suggest`` (``attribute=value``), ``suspects`` (an attribute), ``estimate`` (its
    name), or ``attribute`` to be judged. Of suggestions and of an attribute, ``where`` and ``items`` (numbers, asked in
    this order) say which items are asked about; without them, the best suggestions, and all items."""

    suggest: str = ""
    suspects: str = ""
    estimate: str = ""
    attribute: str = ""
    where: tuple[str, ...] = ()
    items: tuple[int, ...] | None = None
    limit: int = 200


@dataclass(frozen=True)
class State:
    """An item of a packet as it is in this catalog. ``judged`` is None while nobody decided; ``number``: the
    item's here, or None; ``same_photos``: with the photos that the packet was made with."""

    asked: Asked
    number: int | None
    same_photos: bool
    judged: Judged | None

    @property
    def there(self) -> bool:
        """Whether this catalog has the item."""
        return self.number is not None


@dataclass(frozen=True)
class Collected:
    """What was collected: ``judged`` items of ``asked``; ``missing`` ids that this catalog lacks; ``other_photos``: ids
    with other photos than in the packet."""

    judge: str
    asked: int
    judged: int
    missing: list[str]
    other_photos: list[str]


@dataclass(frozen=True, eq=False)
class _Queued:
    """Items to ask about, each with what is suggested and how sure that is."""

    items: list[int]
    suggested: list[tuple[str, ...]]
    scores: list[float | None]


class Packets:
    """Makes, answers, collects and merges."""

    def __init__(
        self,
        catalog: Catalog,
        use: Use,
        decisions: Decisions,
        tagging: Tagging,
        audit: Audit,
        estimates: Estimates,
    ) -> None:
        self._catalog = catalog
        self._use = use
        self._decisions = decisions
        self._tagging = tagging
        self._audit = audit
        self._estimates = estimates

    def make(self, request: PacketRequest, file: Path, control: JobControl, by: str = "") -> Packet:
        """Write a packet. Raises UsageError (nothing to ask, a queue that means nothing), CatalogError, Cancelled."""
        about = self._about(request)
        queued = self._queue(request, about, control)
        if not queued.items:
            raise UsageError(f"There is nothing to ask about {about}.", "Choose another queue or condition.")
        answers = self._answers(about)
        asked = []
        for at, number in enumerate(queued.items):
            if at % _STEP == 0:
                control.progress(MAKING, at, len(queued.items))
            details = self._catalog.details(number)
            given = _held(about, details)
            images = tuple((image.path, (image.digest or b"").hex()) for image in details.images)
            answer = answers.get(number)
            asked.append(Asked(details.id, images, given, queued.suggested[at], answer, queued.scores[at]))
        packet = Packet(about, self._catalog.path.resolve().name, now(), by, tuple(asked))
        packet_format.write(file, packet)
        return packet

    def states(self, packet: Packet, control: JobControl) -> list[State]:
        """The items of a packet as they are in this catalog. Raises Cancelled."""
        answers = self._answers(packet.about)
        found = []
        for at, asked in enumerate(packet.items):
            if at % _STEP == 0:
                control.progress(COLLECTING, at, len(packet.items))
            number = self._catalog.number_of(asked.id)
            if number is None:
                found.append(State(asked, None, True, None))
                continue
            details = self._catalog.details(number)
            values = _held(packet.about, details, asked.given)
            answer = answers.get(number)
            changed = values != asked.given or (answer is not None and answer != asked.answer)
            judged = Judged(asked.id, asked.given, asked.answer, values, answer) if changed else None
            digests = {(image.digest or b"").hex() for image in details.images}
            same = {digest for _, digest in asked.images} == digests
            found.append(State(asked, number, same, judged))
        return found

    def answer(
        self, packet: Packet, answers: Mapping[str, str], control: JobControl, actor: str | None = None
    ) -> Applied:
        """Decide about items of a packet, as one operation: id → an answer of its queue, or, for suspects and items, a
        value in the place of those that the item has. Raises UnknownName (an item that is not in question), UsageError
        (an answer that means nothing), VocabularyError."""
        about, said = packet.about, ANSWERS[packet.about.queue]
        asked = {one.id for one in packet.items}
        if strange := [id for id in answers if id not in asked]:
            raise UnknownName(
                f"The packet does not ask about {strange[0]!r}.",
                command="See: visualsearch packet show CATALOG PACKET",
            )
        self._check_meant(about, answers)
        values: list[ValueChange] = []
        judgements: list[Judgement] = []
        wanted: list[int] = []
        audited = about.queue in ("suspects", "items")
        notes = packet_merge.Spoken(self._decisions, about.attribute)
        for id, answer in answers.items():
            control.checkpoint()
            number = self._number(id)
            own = _held(about, self._catalog.details(number)).get(about.attribute, ())
            if audited and own == (answer,):
                answer = "keep"  # the value that it has
            if answer in said:
                judgements.append(Judgement(about.subject, number, answer))
                wanted += [number] if about.queue == "suggestions" and answer == "yes" else []
            elif audited:
                values.append(ValueChange(number, about.attribute, (answer,)))
                judgements.append(Judgement(about.subject, number, None))  # an earlier keep or unsure is over
            else:
                raise UsageError(f"{answer!r} is no answer.", f"It is one of: {', '.join(said)}.")
            if audited:
                verdict, about_values = (answer, own) if answer in said else ("keep", (answer,))
                judgements.append(notes.judgement(number, verdict, about_values))
        label = f"{counted(len(answers), 'answer')} about {about.words}"
        changes: Sequence[ValueChange] | BulkValues = values
        if wanted:
            changes = BulkValues(np.array(wanted, np.int64), about.attribute, "add", (about.value,))
        kind = {"suggestions": "tag", "estimate": "estimate"}.get(about.queue, "audit")
        why = {"packet": about.packet}
        return self._decisions.apply(kind, label, values=changes, judgements=judgements, why=why, actor=actor)

    def _check_meant(self, about: About, answers: Mapping[str, str]) -> None:
        """Raise UsageError for an answer of another queue that no item has as a value: "yes" is no colour."""
        said = ANSWERS[about.queue]
        strange = set(answers.values()) & {word for words in ANSWERS.values() for word in words} - {*said}
        if not strange:
            return
        vocabulary = Vocabulary(self._catalog, self._decisions)
        known = {*vocabulary.values(about.attribute), *rules.words_of(vocabulary.body(about.attribute))}
        for answer in sorted(strange - known):
            values = ", or a value" if about.queue in ("suspects", "items") else ""
            raise UsageError(f"{answer!r} is no answer.", f"It is one of: {', '.join(said)}{values}.")

    def collect(self, packet: Packet, judge: str, file: Path, control: JobControl) -> Collected:
        """Write what was decided in this catalog about a packet's items. Raises CatalogError (disk), Cancelled."""
        states = self.states(packet, control)
        judged = tuple(one.judged for one in states if one.judged is not None)
        packet_format.write(file, Verdicts(packet.about, judge, now(), judged))
        return Collected(
            judge,
            len(states),
            len(judged),
            [one.asked.id for one in states if not one.there],
            [one.asked.id for one in states if one.there and not one.same_photos],
        )

    def merge(
        self,
        files: Sequence[Path],
        control: JobControl,
        *,
        prefer: str = "",
        resolve: Mapping[str, str] | None = None,
        dry_run: bool = False,
        together: bool = False,
    ) -> Merged:
        """Bring decisions home: one operation for each file, or one for all; conflicts stay open (see
        `packet_merge.merge`)."""
        verdicts = [packet_format.read_verdicts(file) for file in files]
        return packet_merge.merge(
            self._catalog, self._decisions, verdicts, control, prefer, resolve or {}, dry_run, together
        )

    # -- the queues ---------------------------------------------------------------------------------------------

    def _about(self, request: PacketRequest) -> About:
        given = [request.suggest, request.suspects, request.estimate, request.attribute]
        if sum(map(bool, given)) != 1:
            raise UsageError(
                "Say what the packet asks, in one way.",
                command="One of: --suggest ATTRIBUTE=VALUE, --suspects ATTRIBUTE, --estimate NAME, --attribute NAME.",
            )
        name = secrets.token_hex(8)
        if request.suggest:
            target = Target.parse(request.suggest)
            return About(name, "suggestions", target.attribute, target.value)
        if request.estimate:
            plan = self._estimates.plan(request.estimate)
            return About(name, "estimate", plan.attribute, "", plan.name)
        queue: Queue = "suspects" if request.suspects else "items"
        attribute = request.suspects or request.attribute
        if attribute not in dict(self._catalog.attributes()):
            raise no_attribute(attribute, (name for name, _ in self._catalog.attributes()))
        return About(name, queue, attribute)

    def _queue(self, request: PacketRequest, about: About, control: JobControl) -> _Queued:
        given = self._given(request, about, control)
        hints = (about.value,) if about.queue == "suggestions" else ()
        if given is not None:
            return _Queued(given, [hints] * len(given), [None] * len(given))
        if about.queue == "suggestions":
            session = self._tagging.session(Target(about.attribute, about.value), control)
            found = suggest.suggest(session, request.limit, "likely", control)
            return _Queued(found.items.tolist(), [hints] * len(found.items), found.probabilities.tolist())
        if about.queue == "suspects":
            suspects = self._audit.suspects(
                about.attribute, control, where=request.where, limit=request.limit
            )
            first = {one.item: one for one in reversed(suspects)}  # an item's worst value
            ordered = [first.pop(one.item) for one in suspects if one.item in first]
            values = [(one.suggested,) if one.suggested else () for one in ordered]
            return _Queued([one.item for one in ordered], values, [one.score for one in ordered])
        items = self._estimates.next_items(about.estimate, request.limit)
        return _Queued(items, [()] * len(items), [None] * len(items))

    def _given(self, request: PacketRequest, about: About, control: JobControl) -> list[int] | None:
        """The items that a request names; None where the queue chooses them itself."""
        if about.queue == "suspects" and request.items is None:
            return None  # suspects look at the condition themselves
        if about.queue in ("suspects", "estimate") and (request.where or request.items is not None):
            raise UsageError(
                f"A condition cannot be set for {about.queue}.",
                "Leave it out, or ask about an attribute or a value of the items that you want.",
            )
        if about.queue == "estimate" or (
            about.queue == "suggestions" and not request.where and request.items is None
        ):
            return None
        query = Query(where=request.where)
        inside = self._use(lambda engine: engine.selection(query, control).mask, control)
        wanted = np.flatnonzero(inside) if request.items is None else np.array(request.items, np.int64)
        wanted = wanted[wanted < len(inside)]
        return wanted[inside[wanted]][: request.limit].tolist()

    def _answers(self, about: About) -> dict[int, str]:
        items, others, answers = self._decisions.judgements(about.subject)
        known = ANSWERS[about.queue]
        rows = zip(items.tolist(), others.tolist(), answers, strict=True)
        return {item: answer for item, other, answer in rows if not other and answer in known}

    def _number(self, id: str) -> int:
        number = self._catalog.number_of(id)
        if number is None:
            raise UnknownName(f"There is no item {id!r} in this catalog.", "Is it the catalog of the packet?")
        return number


def _held(about: About, details: ItemDetails, like: Held | None = None) -> Held:
    """An item's values that a packet is about: of its attribute, or of all, or of those of ``like``."""
    values = {one.name: tuple(sorted(one.values)) for one in details.attributes}  # type: ignore[type-var]
    if about.attribute:
        return {about.attribute: values.get(about.attribute, ())}
    return values if like is None else {name: values.get(name, ()) for name in like}
