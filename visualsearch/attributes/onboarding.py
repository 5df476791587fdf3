"""Items that came with the last import: a value for each attribute that they lack, as one list.

The value is that of the labelled items that look most alike (kNN vote, weighted by similarity); its probability is how
often such a vote was right for labelled items that were left out of their own vote (isotonic: Zadrozny & Elkan, KDD
2002). With too few labelled items to tell, the vote's share stands for it and is called a guess.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from visualsearch.attributes.ranking import item_vectors
from visualsearch.attributes.session import Use
from visualsearch.attributes.target import Target, stable_sample
from visualsearch.catalog.columns import CategoryColumn
from visualsearch.catalog.decisions import Applied, Decisions, Judgement, ValueChange
from visualsearch.catalog.importing import NEW_ITEMS
from visualsearch.catalog.ledger import Ledger
from visualsearch.catalog.store import Catalog
from visualsearch.filters.engine import Engine
from visualsearch.filters.query import Query
from visualsearch.jobs import JobControl

_NEIGHBOURS = 15
_SHARPNESS = 10  # power of the similarity that a vote counts
_LABELLED = 12_000  # labelled items that vote: more change little
_CHECKED = 1_000  # of them are left out to learn how often a vote is right
_FEWEST_LABELLED = 10  # to suggest anything
_FEWEST_CHECKED = 50  # to say how probable it is
_STEP = 512


@dataclass(frozen=True)
class Missing:
    """A value suggested for an attribute that an item lacks. ``others``: further values with their share of the vote.
    ``learnt``: the probability was checked against labelled items."""

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

    def items(self, control: JobControl) -> np.ndarray:
        """The items that came with the last import that brought any, int32 ascending, without those that are gone."""
        return self._use(lambda engine: self._new(engine), control)

    def suggestions(self, control: JobControl, items: Sequence[int] | None = None) -> list[Missing]:
        """For the new items, or for those that are given: by item, the customer's order of attributes.

        Attributes are categories of which an item lacks every value, within their scope, and was not rejected for
        the value. Raises Cancelled, CacheDamaged.
        """
        return self._use(lambda engine: self._suggest(engine, items, control), control)

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
        label = f"New items: {len(yes):,} values, {len(no):,} rejected"
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

    def _suggest(self, engine: Engine, items: Sequence[int] | None, control: JobControl) -> list[Missing]:
        chosen = self._new(engine) if items is None else np.unique(np.asarray(items, np.int32))
        if engine.space is None:
            return []
        chosen = chosen[engine.space.has_vector()[chosen]]
        names = [
            name for name, column in engine.snapshot.columns.items() if isinstance(column, CategoryColumn)
        ]
        found: list[tuple[int, int, Missing]] = []
        for place, name in enumerate(names):
            control.progress("Looking at what is missing", place, len(names), "attributes")
            found += [(one.item, place, one) for one in self._attribute(engine, name, chosen, control)]
        return [one for _, _, one in sorted(found, key=lambda entry: entry[:2])]

    def _attribute(self, engine: Engine, name: str, items: np.ndarray, control: JobControl) -> list[Missing]:
        column = engine.snapshot.columns[name]
        assert isinstance(column, CategoryColumn)
        assert engine.space is not None
        present = column.present(engine.snapshot.size)
        asked = items[~present[items]]
        scope = self._scope(name)
        if scope:
            asked = asked[engine.selection(Query(where=(scope,)), control).mask[asked]]
        if not len(asked):
            return []
        voters = _Voters.of(engine, column)
        if voters is None:
            return []
        probability, learnt = voters.checked(control.checkpoint)
        shares, best = voters.vote(item_vectors(engine.space, asked), None, control.checkpoint)
        chances = probability(shares[:, 0])
        made = []
        for row, item in enumerate(asked.tolist()):
            options = [
                (column.values[code], float(share))
                for code, share in zip(best[row].tolist(), shares[row].tolist(), strict=True)
                if share > 0
            ]
            made.append(Missing(item, name, options[0][0], float(chances[row]), learnt, tuple(options[1:])))
        rejected = {value: self._rejected(Target(name, value)) for value in {one.value for one in made}}
        return [one for one in made if one.item not in rejected[one.value]]

    def _scope(self, name: str) -> str:
        with self._catalog.read() as connection:
            return Ledger(connection).rules(name).scope

    def _rejected(self, target: Target) -> set[int]:
        items, _, answers = self._decisions.judgements(target.subject)
        return {item for item, answer in zip(items.tolist(), answers, strict=True) if answer != "yes"}


@dataclass(frozen=True, eq=False)
class _Voters:
    """Labelled items: joint vectors float32 (n, width), their first photo's row, the code of one value each."""

    vectors: np.ndarray
    rows: np.ndarray
    codes: np.ndarray

    @classmethod
    def of(cls, engine: Engine, column: CategoryColumn) -> _Voters | None:
        space = engine.space
        assert space is not None
        items, first = np.unique(column.items, return_index=True)
        codes = column.codes[first]
        seen = space.has_vector()[items]
        items, codes = items[seen], codes[seen]
        chosen = stable_sample(items, _LABELLED)
        if len(chosen) < _FEWEST_LABELLED:
            return None
        rows = space.row[np.searchsorted(space.item, chosen)]
        return cls(item_vectors(space, chosen), rows, codes[np.searchsorted(items, chosen)])

    def vote(
        self, vectors: np.ndarray, rows: np.ndarray | None, checkpoint: Callable[[], None]
    ) -> tuple[np.ndarray, np.ndarray]:
        """(shares float32 (m, 3), codes int32 (m, 3)) of the three values with most votes, best first.

        ``rows`` of the asked items' photos leave out their copies (and so themselves).
        """
        count = min(_NEIGHBOURS, len(self.codes) - 1)
        shares = np.zeros((len(vectors), 3), np.float32)
        codes = np.zeros((len(vectors), 3), np.int32)
        for start in range(0, len(vectors), _STEP):
            checkpoint()
            part = slice(start, start + _STEP)
            near = np.maximum(vectors[part] @ self.vectors.T, 0.0)
            if rows is not None:
                near[rows[part][:, None] == self.rows[None, :]] = 0.0
            top = np.argpartition(-near, count - 1, axis=1)[:, :count]
            weights = (np.take_along_axis(near, top, 1) / 2.0) ** _SHARPNESS
            votes = np.zeros((len(near), int(self.codes.max()) + 3), np.float32)
            np.add.at(votes, (np.arange(len(near))[:, None], self.codes[top]), weights)
            votes /= np.maximum(votes.sum(axis=1, keepdims=True), 1e-30)
            best = np.argsort(-votes, axis=1, kind="stable")[:, :3]
            codes[part], shares[part] = best, np.take_along_axis(votes, best, 1)
        return shares, codes

    def checked(self, checkpoint: Callable[[], None]) -> tuple[Callable[[np.ndarray], np.ndarray], bool]:
        """(share of the vote → how often it was right, whether that was learnt)."""
        asked = stable_sample(np.arange(len(self.codes)), _CHECKED)
        if len(asked) < _FEWEST_CHECKED:
            return (lambda shares: shares), False
        from sklearn.isotonic import IsotonicRegression

        shares, codes = self.vote(self.vectors[asked], self.rows[asked], checkpoint)
        right = codes[:, 0] == self.codes[asked]
        curve = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(shares[:, 0], right)
        shrunk = len(asked) / (len(asked) + 2)
        return (lambda asked_shares: curve.predict(asked_shares) * shrunk), True
