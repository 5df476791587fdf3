"""Auto tagging: what a head, learnt from the items that have a value of an attribute, would give to those without.

A plan shows all that would happen and writes nothing. Writing takes a certificate: a person judges a random sample of
exactly what would be written (see `certifying`). It is one operation of the kind "auto-tag".
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from visualsearch.attributes.certificate import Certificate, Proposal, likely_enough
from visualsearch.attributes.certifying import Certificates
from visualsearch.attributes.cutoffs import Measured
from visualsearch.attributes.intervals import NOTHING, Interval
from visualsearch.attributes.learning import FEWEST_OF_VALUE, Learnt, learn
from visualsearch.attributes.suspects import judgeable, why_not
from visualsearch.attributes.target import Judgements, Target, in_scope, mask_of
from visualsearch.catalog.columns import CategoryColumn
from visualsearch.catalog.decisions import Applied, Decisions
from visualsearch.catalog.ledger import Ledger
from visualsearch.catalog.nearest import nearest
from visualsearch.catalog.rules import Rules
from visualsearch.catalog.store import Catalog
from visualsearch.errors import UsageError
from visualsearch.filters.engine import Engine, Use
from visualsearch.jobs import JobControl

WRITES = "auto-tag"  # the kind of the operation
_ENOUGH = 10  # out-of-fold proposals from which on a precision is taken seriously
_STEP = 4_096  # items that are judged between two looks at the cancel flag


@dataclass(frozen=True)
class Fillable:
    """An attribute: how many items lack it, and as a sentence why it cannot be filled in ("": it can)."""

    name: str
    missing: int
    reason: str


@dataclass(frozen=True, eq=False)
class ValuePlan:
    """What would happen with one value. ``labelled``: items that have it; ``precision`` of what is proposed and
    ``recall``, out of fold, with 95 % intervals (`NOTHING` where the value was left out); ``items`` int32, those that
    would get it, the least sure first, and their ``chances`` float32. ``reason``: why it was left out, else ""."""

    value: str
    labelled: int
    precision: Interval = NOTHING
    recall: Interval = NOTHING
    items: np.ndarray = field(default_factory=lambda: np.empty(0, np.int32))
    chances: np.ndarray = field(default_factory=lambda: np.empty(0, np.float32))
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Plan:
    """What auto tagging of an attribute would change. ``wanted``: the precision that the cutoffs are chosen for;
    ``without``: items without a value, of which ``unseen`` have no photo that is encoded and ``outside`` are beyond the
    vocabulary's scope. ``strangers``: the share of items left untouched when their values were left out
    (``judged`` 0: it could not be tried). ``values``: those with the most items first."""

    attribute: str
    wanted: float
    values: tuple[ValuePlan, ...]
    without: int
    unseen: int
    outside: int
    strangers: Interval

    @property
    def proposed(self) -> int:
        """Items that would get a value."""
        every = [one.items for one in self.values if len(one.items)]
        return len(np.unique(np.concatenate(every))) if every else 0

    @property
    def untouched(self) -> int:
        """Items that were judged and would get none: none of these, or not sure enough."""
        return self.without - self.unseen - self.outside - self.proposed

    def value(self, name: str) -> ValuePlan:
        """Raises UsageError (no such value)."""
        for one in self.values:
            if one.value == name:
                return one
        near = nearest(name, (one.value for one in self.values))
        hint = f"Did you mean {near!r}?" if near else ""
        raise UsageError(
            f"{self.attribute} has no value {name!r}.",
            hint,
            f"To list them: visualsearch vocabulary show CATALOG {self.attribute!r}",
        )

    @property
    def trusted(self) -> tuple[str, ...]:
        """The values that are proposed for something, and reach the wanted precision on enough items out of fold."""
        return tuple(
            one.value
            for one in self.values
            if len(one.items) and one.precision.rate >= self.wanted and one.precision.judged >= _ENOUGH
        )

    def chosen(self, values: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """What would get one of some values: items int32, the surest first, and the chance that all is right."""
        own = [self.value(name) for name in dict.fromkeys(values)]
        items = np.concatenate([np.empty(0, np.int32), *(one.items for one in own)])
        chances = np.concatenate([np.empty(0, np.float32), *(one.chances for one in own)])
        unique, place = np.unique(items, return_inverse=True)
        lowest = np.ones(len(unique), np.float32)
        np.minimum.at(lowest, place, chances)
        order = np.lexsort((unique, -lowest))
        return unique[order], lowest[order]


class AutoTag:
    """Auto tagging of a catalog. Safe from any thread; calls belong in a worker."""

    def __init__(self, catalog: Catalog, use: Use, decisions: Decisions, certificates: Certificates) -> None:
        self._catalog = catalog
        self._use = use
        self._decisions = decisions
        self.certificates = certificates

    # -- looking ------------------------------------------------------------------------------------------------

    def attributes(self, control: JobControl) -> list[Fillable]:
        """Every attribute, those that most items lack first, those that cannot be filled in last."""

        def listed(engine: Engine) -> list[Fillable]:
            alive, size = engine.snapshot.alive, engine.snapshot.size
            found = []
            for name, column in engine.snapshot.columns.items():
                missing, reason = int((alive & ~column.present(size)).sum()), why_not(name, column)
                if not missing and not reason:
                    reason = f"No item lacks {name}: there is nothing to fill in."
                found.append(Fillable(name, missing, reason))
            return sorted(found, key=lambda one: (bool(one.reason), -one.missing))

        return self._use(listed, control)

    def plan(self, attribute: str, control: JobControl, precision: float = 0.95) -> Plan:
        """What would change; nothing is written. Seconds for a few thousand items, minutes for a million.

        Raises UsageError (not such an attribute, too few labelled items, nothing encoded yet, a precision that cannot
        be), CacheDamaged, Cancelled.
        """
        if not 0.5 <= precision < 1:
            raise UsageError(
                f"A precision of {precision:g} cannot be aimed at.", "It is at least 0.5 and below 1."
            )
        return self._use(lambda engine: self._plan(engine, attribute, precision, control), control)

    def proposal(self, plan: Plan, values: Sequence[str], wanted: float) -> int:
        """How many of the surest to certify together: their expected precision is well above the wanted one."""
        return likely_enough(plan.chosen(values)[1], wanted)

    # -- acting -------------------------------------------------------------------------------------------------

    def start(
        self,
        plan: Plan,
        values: Sequence[str],
        wanted: float,
        *,
        count: int | None = None,
        seed: int | None = None,
        actor: str | None = None,
    ) -> Certificate:
        """Freeze the ``count`` surest of what some values would be given to (as many as `proposal` says, when None) and
        draw a sample of exactly these. Answer it with ``certificates.answer``.

        Raises UsageError (nothing is sure enough, no such value, a precision that cannot be).
        """
        items, chances = plan.chosen(values)
        many = likely_enough(chances, wanted) if count is None else min(count, len(items))
        if many < 1:
            raise UsageError(
                "Nothing of this is sure enough to be accepted together.",
                "Choose values with a higher precision, or say how many of the surest you mean.",
            )
        kept = np.sort(items[:many])
        assigned = []
        for name in dict.fromkeys(values):
            own = np.intersect1d(plan.value(name).items, kept).astype(np.int32)
            if len(own):
                assigned.append((name, own))
        version = zlib.crc32(np.concatenate([own for _, own in assigned]).tobytes())
        proposal = Proposal(
            about(plan.attribute),
            plan.attribute,
            tuple(assigned),
            WRITES,
            float(chances[many - 1]),
            "auto tagging",
            f"{version:08x}",
            tuple(dict.fromkeys(values)),
            count,
        )
        return self.certificates.freeze(proposal, wanted, seed=seed, actor=actor)

    def unfinished(self, attribute: str) -> Certificate | None:
        """The certificate that was begun last for an attribute and neither failed nor was used, or None."""
        return self.certificates.latest(about(attribute))

    def apply(self, name: str, control: JobControl, actor: str | None = None) -> Applied:
        """Write what a certificate speaks of, as one operation. Raises VisualSearchError: its sample is not complete,
        too many were wrong, something changed since, or it was used before."""
        return self.certificates.accept(name, control, actor)

    # -- working out --------------------------------------------------------------------------------------------

    def _plan(self, engine: Engine, attribute: str, wanted: float, control: JobControl) -> Plan:
        column = judgeable(attribute, engine.snapshot.columns)
        learnt = learn(engine, column, wanted, control)
        assert engine.space is not None
        rules = self._rules(attribute)
        empty = engine.snapshot.alive & ~column.present(engine.snapshot.size)
        inside = empty.copy()
        if rules.scope:
            inside &= in_scope(engine, rules.scope, control)
        seen = inside & engine.space.has_vector()
        item, code, chance = self._proposed(engine, learnt, np.flatnonzero(seen).astype(np.int32), control)
        kept = self._allowed(column, rules, item, code, engine.snapshot.size)
        kept &= _surest_of_rivals(column, rules, item, code, chance)
        item, code, chance = item[kept], code[kept], chance[kept]
        values = [
            _value_plan(column, rules, learnt, number, item[code == number], chance[code == number])
            for number in range(len(column.values))
        ]
        values.sort(key=lambda one: (-len(one.items), bool(one.reason), -one.labelled, one.value))
        without, within = int(empty.sum()), int(inside.sum())
        unseen = within - int(seen.sum())
        return Plan(attribute, wanted, tuple(values), without, unseen, without - within, learnt.strangers)

    def _proposed(
        self, engine: Engine, learnt: Learnt, items: np.ndarray, control: JobControl
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Items int32, codes int64 and chances float32 of what is sure enough, (m,) each."""
        assert engine.space is not None
        found: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = [
            (np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0, np.float32))
        ]
        for start in range(0, len(items), _STEP):
            control.progress("Looking at the items without a value", start, len(items))
            part = items[start : start + _STEP]
            pairs, sure = learnt.propose(engine.space, part)
            found.append((part[pairs.row], pairs.code, sure.astype(np.float32)))
        item, code, chance = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return item, code, chance

    def _allowed(
        self, column: CategoryColumn, rules: Rules, item: np.ndarray, code: np.ndarray, size: int
    ) -> np.ndarray:
        """bool (m,): values that the vocabulary knows, and that nobody refused for the item."""
        kept = np.ones(len(item), bool)
        for number in np.unique(code).tolist():
            own = code == number
            value = column.values[number]
            judged = Judgements.read(self._decisions, Target(column.name, value).subject)
            refused = mask_of(np.concatenate([judged.no, judged.unsure]), size)
            kept[own] = not _is_unknown(rules, value)
            kept[own] &= ~refused[item[own]]
        return kept

    def _rules(self, attribute: str) -> Rules:
        with self._catalog.read() as connection:
            return Ledger(connection).rules(attribute)


def about(attribute: str) -> str:
    """What the certificates of an attribute are called."""
    return f"auto tagging of {attribute}"


def _is_unknown(rules: Rules, value: str) -> bool:
    return bool(rules.values) and value not in {str(known) for known in rules.values}


def _surest_of_rivals(
    column: CategoryColumn, rules: Rules, item: np.ndarray, code: np.ndarray, chance: np.ndarray
) -> np.ndarray:
    """bool (m,): of values that exclude each other (all, where an item has one only), the surest of each item."""
    kept = np.ones(len(item), bool)
    groups = rules.exclusive if rules.multi or column.single is None else (tuple(column.values),)
    for group in groups:
        rivals = np.flatnonzero(
            np.isin(code, [column.code_of[v] for v in group if v in column.code_of]) & kept
        )
        order = rivals[np.lexsort((-chance[rivals], item[rivals]))]
        again = np.zeros(len(order), bool)
        again[1:] = item[order][1:] == item[order][:-1]
        kept[order[again]] = False
    return kept


def _value_plan(
    column: CategoryColumn,
    rules: Rules,
    learnt: Learnt,
    code: int,
    items: np.ndarray,
    chances: np.ndarray,
) -> ValuePlan:
    value, labelled = column.values[code], int(column.counts[code])
    measured = learnt.measured.get(code)
    reason = _why_left_out(rules, value, int(learnt.counts[code]), measured)
    if measured is None or _is_unknown(rules, value):
        return ValuePlan(value, labelled, reason=reason)
    order = np.lexsort((items, chances))
    return ValuePlan(
        value, labelled, measured.precision, measured.recall, items[order], chances[order], reason
    )


def _why_left_out(rules: Rules, value: str, learnt_from: int, measured: Measured | None) -> str:
    if _is_unknown(rules, value):
        return "The vocabulary does not allow it."
    if measured is None:
        return f"Too few: {learnt_from:,} labelled items with a photo, at least {FEWEST_OF_VALUE} are needed."
    if measured.cutoff == float("inf"):
        return "It looks too much like others to be sure."
    return ""
