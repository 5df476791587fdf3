"""Decisions of several judges about the same packets, brought together.

Where judges disagree, or an item was changed here since the packet was made, nothing is done until somebody resolves
it: both sides are listed. The rest of each file is one operation, in the judge's name, that can be undone; or all files
are one, in the name of whoever merges them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from visualsearch.attributes.agreement import Agreement, agreement
from visualsearch.attributes.packet_format import About, Held, Judged, Verdicts, shown
from visualsearch.catalog.decisions import Applied, Decisions, Judgement, ValueChange
from visualsearch.catalog.ledger import Ledger
from visualsearch.catalog.store import Catalog
from visualsearch.errors import UnknownName, UsageError
from visualsearch.jobs import JobControl

HERE = "here"  # who keeps what this catalog has
MERGING = "Merging decisions"
_STEP = 200


@dataclass(frozen=True)
class Conflict:
    """An item that waits for a decision. ``given``: its values in the packet; ``here`` and ``answer_here``: now;
    ``judged``: judge → what they decided."""

    id: str
    about: str
    why: str
    given: Held
    here: Held
    answer_here: str | None
    judged: dict[str, Judged]


@dataclass(frozen=True)
class Taken:
    """What was done of a file: ``operation`` is None where nothing had to be changed."""

    judge: str
    about: str
    operation: int | None
    items: int
    skipped: list[str]


@dataclass(frozen=True)
class Merged:
    """The result of a merge. ``already``: items that are here as they were decided; ``missing``: ids that this catalog
    lacks, or that an estimate did not ask about; ``ready``: items whose decision is, or would be, applied."""

    taken: list[Taken]
    conflicts: list[Conflict]
    agreements: list[Agreement]
    already: int
    missing: list[str]
    ready: int = 0


@dataclass
class _Chosen:
    """The decisions of one file that are to be applied: (item, decision)."""

    verdicts: Verdicts
    items: list[tuple[int, Judged]] = field(default_factory=list)


def merge(
    catalog: Catalog,
    decisions: Decisions,
    verdicts: Sequence[Verdicts],
    control: JobControl,
    prefer: str,
    resolve: Mapping[str, str],
    dry_run: bool,
    together: bool = False,
) -> Merged:
    """Apply what is not in conflict, one operation a file, or one for all of them ``together``. ``prefer`` and
    ``resolve`` (id → name) say whose decision counts where there is a conflict: a judge's, or "here" for what the
    catalog has. Doing it again changes nothing.

    Raises UsageError (a judge twice, an unknown name), VocabularyError (a value that is not allowed; nothing is done
    then), Cancelled.
    """
    _check_names(verdicts, prefer, resolve)
    groups: dict[str, list[Verdicts]] = {}
    for one in verdicts:
        groups.setdefault(one.about.subject, []).append(one)
    chosen = [_Chosen(one) for one in verdicts]
    merged = Merged([], [], [], 0, [])
    already = 0
    for group in groups.values():
        merged.agreements.extend(_agreements(group))
        files = [one for one in chosen if one.verdicts in group]
        already += _Group(catalog, decisions, files, prefer, resolve, merged).decide(control)
    _check_values(catalog, chosen)
    filled = [] if dry_run else [one for one in chosen if one.items]
    for part in [filled] if together and filled else [[one] for one in filled]:
        control.checkpoint()
        merged.taken.append(_applied(catalog, decisions, part))
    return replace(merged, already=already, ready=sum(len(one.items) for one in chosen))


class Spoken:
    """The audit's notes of which values a verdict is about, with what was said before of an item's others."""

    def __init__(self, decisions: Decisions, attribute: str) -> None:
        self._subject = f"audit-values:{attribute}"
        items, _, answers = decisions.judgements(self._subject)
        self._said = dict(zip(items.tolist(), answers, strict=True))

    def judgement(self, item: int, answer: str, values: Sequence[str | float]) -> Judgement:
        """The note that an answer was given about an item's values."""
        said: dict[str, str] = json.loads(self._said.get(item, "{}"))
        said |= {shown((value,)): answer for value in values}
        return Judgement(self._subject, item, json.dumps(said, ensure_ascii=False, sort_keys=True))


class _Group:
    """The files about one subject."""

    def __init__(
        self,
        catalog: Catalog,
        decisions: Decisions,
        files: Sequence[_Chosen],
        prefer: str,
        resolve: Mapping[str, str],
        merged: Merged,
    ) -> None:
        self._catalog = catalog
        self._files = files
        self._prefer = prefer
        self._resolve = resolve
        self._merged = merged
        self._about = files[0].verdicts.about
        items, _, answers = decisions.judgements(self._about.subject)
        self._answers = dict(zip(items.tolist(), answers, strict=True))
        self._asked = _asked(decisions, self._about)

    def decide(self, control: JobControl) -> int:
        """Share the items out to the files whose decision counts. Returns how many are so already."""
        judged: dict[str, dict[str, tuple[_Chosen, Judged]]] = {}
        for file in self._files:
            for one in file.verdicts.items:
                judged.setdefault(one.id, {})[file.verdicts.judge] = (file, one)
        already = 0
        for at, (id, by) in enumerate(judged.items()):
            if at % _STEP == 0:
                control.progress(MERGING, at, len(judged))
            number = self._catalog.number_of(id)
            if number is None or (self._asked is not None and number not in self._asked):
                self._merged.missing.append(id)
            else:
                already += self._decide(number, id, by)
        return already

    def _decide(self, number: int, id: str, by: Mapping[str, tuple[_Chosen, Judged]]) -> int:
        here, answer = self._now(number, next(iter(by.values()))[1].given)
        labels = {one.label for _, one in by.values()}
        name = self._resolve.get(id) or (self._prefer if self._prefer in {*by, HERE} else "")
        file, one = by.get(name) or next(iter(by.values()))
        why = ""
        if len(labels) > 1:
            why = "the judges disagree"
        elif here not in (one.given, one.values):
            why = "its values were changed here since"
        elif answer not in (None, one.before, one.answer):
            why = "it was judged here since"
        if (here, answer) == (one.values, one.answer or answer) and (len(labels) == 1 or name):
            return 1
        if not why or name in by:
            file.items.append((number, one))
        elif name != HERE:
            sides = {judge: side for judge, (_, side) in by.items()}
            self._merged.conflicts.append(Conflict(id, str(self._about), why, one.given, here, answer, sides))
        return 0

    def _now(self, number: int, like: Held) -> tuple[Held, str | None]:
        details = self._catalog.details(number)
        values = {one.name: tuple(sorted(one.values)) for one in details.attributes}  # type: ignore[type-var]
        return {name: values.get(name, ()) for name in like}, self._answers.get(number)


def _applied(catalog: Catalog, decisions: Decisions, files: Sequence[_Chosen]) -> Taken:
    """One operation: in the judge's name where it is of one file."""
    values: list[ValueChange] = []
    judgements: list[Judgement] = []
    for file in files:
        own, answers = _changes(decisions, file)
        values += own
        judgements += answers
    judges = ", ".join(dict.fromkeys(file.verdicts.judge for file in files))
    about = ", ".join(dict.fromkeys(file.verdicts.about.words for file in files))
    count = sum(len(file.items) for file in files)
    applied: Applied = decisions.apply(
        "import-decisions",
        f"{judges} decided about {about} (items: {count:,})",
        values=values,
        judgements=judgements,
        why={
            "packet": files[0].verdicts.about.packet,
            "collected": files[0].verdicts.collected,
        }
        if len(files) == 1
        else {"judges": {file.verdicts.judge: len(file.items) for file in files}},
        actor=judges if len(files) == 1 else None,
    )
    ids = catalog.ids_of([one.item for one in applied.skipped])
    skipped = [f"{id}: {one.reason}" for id, one in zip(ids, applied.skipped, strict=True)]
    return Taken(judges, about, applied.operation, count, skipped)


def _changes(decisions: Decisions, chosen: _Chosen) -> tuple[list[ValueChange], list[Judgement]]:
    """What a file's decisions change."""
    about = chosen.verdicts.about
    values: list[ValueChange] = []
    judgements: list[Judgement] = []
    notes = Spoken(decisions, about.attribute)
    for number, one in chosen.items:
        values += [
            ValueChange(number, name, new) for name, new in one.values.items() if new != one.given.get(name)
        ]
        if one.answer is not None:
            judgements.append(Judgement(about.subject, number, one.answer))
        if about.queue in ("suspects", "items"):
            changed = one.values != one.given
            verdict = "keep" if changed else one.answer or "keep"
            judgements.append(notes.judgement(number, verdict, one.values[about.attribute]))
    return values, judgements


def _check_values(catalog: Catalog, chosen: Sequence[_Chosen]) -> None:
    """Raise VocabularyError for a value that the vocabulary does not allow, before any file is applied."""
    with catalog.read() as connection:
        ledger = Ledger(connection)
        rules = {
            name: ledger.rules(name)
            for name in {name for file in chosen for _, one in file.items for name in one.values}
        }
    for file in chosen:
        for _, one in file.items:
            for name, new in one.values.items():
                if new and new != one.given.get(name):
                    rules[name].set(new)


def _agreements(group: Sequence[Verdicts]) -> list[Agreement]:
    found = []
    for first, second in combinations(group, 2):
        one, other = ({item.id: item.label for item in file.items} for file in (first, second))
        both = [id for id in one if id in other]
        if both:
            answers = [one[id] for id in both], [other[id] for id in both]
            found.append(agreement((first.judge, second.judge), *answers))
    return found


def _asked(decisions: Decisions, about: About) -> set[int] | None:
    """The items that an estimate asks about; None where anything may be judged."""
    if about.queue != "estimate":
        return None
    plan = decisions.document("estimate", about.estimate)
    if plan is None or plan["attribute"] != about.attribute:
        raise UsageError(
            f"There is no estimate {about.estimate!r} of this kind in this catalog.",
            "Merge into the catalog that the packet was made from.",
        )
    return {item for stream in plan["items"] for item in stream}


def _check_names(verdicts: Sequence[Verdicts], prefer: str, resolve: Mapping[str, str]) -> None:
    judges: set[tuple[str, str]] = set()
    for one in verdicts:
        key = one.about.subject, one.judge
        if key in judges:
            raise UsageError(
                f"Two files hold decisions of {one.judge!r} about {one.about}.",
                "Give one file of each judge, or collect again in another name.",
            )
        if one.judge == HERE:
            raise UsageError(f"{HERE!r} cannot be the name of a judge.", "Collect again in another name.")
        judges.add(key)
    names = {judge for _, judge in judges} | {HERE}
    for name in filter(None, [prefer, *resolve.values()]):
        if name not in names:
            raise UsageError(
                f"No file holds decisions of {name!r}.", f"There are: {', '.join(sorted(names))}."
            )
    ids = {item.id for one in verdicts for item in one.items}
    for id in resolve:
        if id not in ids:
            raise UnknownName(f"Nobody decided about {id!r}.", "Check the id.")
