"""Items that came with the last import: a value for each attribute that they lack, as one list.

The values come from the attribute's head (`heads`), learnt from the items that have one; its probabilities are
calibrated out of fold. With few labelled items they are called a guess.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from visualsearch.attributes import heads
from visualsearch.attributes.ranking import item_vectors
from visualsearch.attributes.target import Target, in_scope, stable_sample
from visualsearch.catalog.columns import CategoryColumn
from visualsearch.catalog.decisions import Applied, Decisions, Judgement, ValueChange
from visualsearch.catalog.importing import NEW_ITEMS
from visualsearch.catalog.ledger import Ledger
from visualsearch.catalog.store import Catalog
from visualsearch.filters.engine import Engine, Use
from visualsearch.jobs import JobControl
from visualsearch.vectors.space import Space
from visualsearch.words import counted

_LABELLED = 12_000  # labelled items that a head learns from: more change little
_FEWEST_LABELLED = 10  # to suggest anything
_FEWEST_TRUSTED = 50  # to call the probabilities learnt
_SHOWN = 3  # values for an item


@dataclass(frozen=True)
class Missing:
    """A value suggested for an attribute that an item lacks. ``others``: further values with theirs.
    ``learnt``: the probability rests on enough labelled items; otherwise it is a guess."""

    item: int
    attribute: str
    value: str
    probability: float
    learnt: bool
    others: tuple[tuple[str, float], ...]


class Onboarding:
    """What is missing of new items. Safe from any thread; calls belong in a worker."""

    def __init__(self, catalog: Catalog, use: Use, decisions: Decisions) -> None:
        self._catalog = catalog
        self._use = use
        self._decisions = decisions
        self._heads: dict[str, _Learnt] = {}

    def items(self, control: JobControl) -> np.ndarray:
        """The items that came with the last import that brought any, int32 ascending, without those that are gone."""
        return self._use(lambda engine: self._new(engine), control)

    def suggestions(
        self,
        control: JobControl,
        items: Sequence[int] | None = None,
        attributes: Sequence[str] | None = None,
        learnt: Callable[[str, list[Missing]], None] = lambda attribute, found: None,
    ) -> list[Missing]:
        """For the new items, or for those that are given: by item, the customer's order of attributes, of all or of
        some ``attributes``. ``learnt`` is called in this thread with what is suggested of each attribute, as soon as
        that is known.

        Attributes are categories of which an item lacks every value, within their scope, and was not rejected for
        the value. Raises Cancelled, CacheDamaged.
        """
        return self._use(lambda engine: self._suggest(engine, items, attributes, control, learnt), control)

    def confirm(
        self,
        yes: Sequence[Missing],
        no: Sequence[Missing] = (),
        actor: str | None = None,
    ) -> Applied:
        """Write the right ones and remember the wrong ones, as one operation. Raises what Decisions.apply raises."""
        values = [ValueChange(one.item, one.attribute, (one.value,)) for one in yes]
        judgements = [
            Judgement(Target(one.attribute, one.value).subject, one.item, answer)
            for answer, ones in (("yes", yes), ("no", no))
            for one in ones
        ]
        label = f"New items: {counted(len(yes), 'value')}, {len(no):,} rejected"
        return self._decisions.apply(
            "tag" if yes else "reject", label, values=values, judgements=judgements, actor=actor
        )

    def _new(self, engine: Engine) -> np.ndarray:
        new = json.loads(self._catalog.meta(NEW_ITEMS) or '{"above": 0, "back": []}')
        mask = engine.snapshot.alive.copy()
        mask[: int(new["above"]) + 1] = False
        back = np.array(new["back"], np.int64)
        mask[back[back < len(mask)]] = True
        return np.flatnonzero(mask & engine.snapshot.alive).astype(np.int32)

    def _suggest(
        self,
        engine: Engine,
        items: Sequence[int] | None,
        attributes: Sequence[str] | None,
        control: JobControl,
        learnt: Callable[[str, list[Missing]], None],
    ) -> list[Missing]:
        chosen = self._new(engine) if items is None else np.unique(np.asarray(items, np.int32))
        if engine.space is None:
            return []
        chosen = chosen[engine.space.has_vector()[chosen]]
        names = [
            name
            for name, column in engine.snapshot.columns.items()
            if isinstance(column, CategoryColumn)
            and column.amounts is None  # a photo does not show a price
            and (attributes is None or name in attributes)
        ]
        found: list[tuple[int, int, Missing]] = []
        for place, name in enumerate(names):
            control.progress("Looking at what is missing", place, len(names), "attributes")
            own = self._attribute(engine, name, chosen, control)
            found += [(one.item, place, one) for one in own]
            learnt(name, own)
        return [one for _, _, one in sorted(found, key=lambda entry: entry[:2])]

    def _attribute(self, engine: Engine, name: str, items: np.ndarray, control: JobControl) -> list[Missing]:
        column = engine.snapshot.columns[name]
        assert isinstance(column, CategoryColumn)
        assert engine.space is not None
        present = column.present(engine.snapshot.size)
        asked = items[~present[items]]
        scope = self._scope(name)
        if scope:
            asked = asked[in_scope(engine, scope, control)[asked]]
        known = self._learnt(engine, column, control) if len(asked) else None
        if known is None:
            return []
        chances = known.head.probabilities(item_vectors(engine.space, asked))
        order = np.argsort(-chances, axis=1, kind="stable")[:, :_SHOWN]
        made = []
        for item, codes, chance in zip(asked.tolist(), order.tolist(), chances, strict=True):
            options = [(column.values[code], float(chance[code])) for code in codes]
            made.append(Missing(item, name, *options[0], known.rows >= _FEWEST_TRUSTED, tuple(options[1:])))
        rejected = {value: self._rejected(Target(name, value)) for value in {one.value for one in made}}
        return [one for one in made if one.item not in rejected[one.value]]

    def _learnt(self, engine: Engine, column: CategoryColumn, control: JobControl) -> _Learnt | None:
        """The attribute's head, kept until a value comes or goes or a tenth more items are labelled; None where too
        few are."""
        space = engine.space
        assert space is not None
        labelled = np.unique(column.items)
        labelled = labelled[space.has_vector()[labelled]]
        if len(labelled) < _FEWEST_LABELLED or len(column.values) < 2:
            return None
        kept = self._heads.get(column.name)
        if kept is not None and kept.fits(space, column.values, len(labelled)):
            return kept
        chosen = stable_sample(labelled, _LABELLED)
        vectors, labels = item_vectors(space, chosen), _labels(column, chosen)
        groups = space.row[np.searchsorted(space.item, chosen)]  # items with the same photo are one group
        blocks, count = {block: space.block(block) for block in space.dims}, len(column.values)
        folds = heads.out_of_fold(vectors, labels, groups, control, blocks=blocks, classes=count)
        head = heads.fit(vectors, labels, folds.settings, control, blocks=blocks, classes=count)
        made = _Learnt(head, space, list(column.values), len(labelled), len(chosen))
        self._heads[column.name] = made
        return made

    def _scope(self, name: str) -> str:
        with self._catalog.read() as connection:
            return Ledger(connection).rules(name).scope

    def _rejected(self, target: Target) -> set[int]:
        items, _, answers = self._decisions.judgements(target.subject)
        return {item for item, answer in zip(items.tolist(), answers, strict=True) if answer != "yes"}


@dataclass(frozen=True, eq=False)
class _Learnt:
    """A head, the values that it tells apart, and on how many of how many labelled items it rests."""

    head: heads.Head
    space: Space
    values: list[str]
    labelled: int
    rows: int

    def fits(self, space: Space, values: list[str], labelled: int) -> bool:
        """Whether it may still be used."""
        few = abs(labelled - self.labelled) <= self.labelled // 10
        return few and self.space is space and self.values == values


def _labels(column: CategoryColumn, items: np.ndarray) -> np.ndarray:
    """int32 (n,) codes, or bool (n, values) where an item may have several."""
    if column.single is not None:
        return column.single[items]
    labels = np.zeros((len(items), len(column.values)), bool)
    kept = np.isin(column.items, items)
    labels[np.searchsorted(items, column.items[kept]), column.codes[kept]] = True
    return labels
