"""Any course of acts, undos, redos and restarts leads where a simple model says.

``VISUALSEARCH_SEQUENCES=10000 pytest tests/catalog/test_decisions_stateful.py`` runs as many courses.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from visualsearch.catalog.decisions import (
    Applied,
    BulkValues,
    Decisions,
    Document,
    Judgement,
    Undone,
    ValueChange,
)
from visualsearch.catalog.store import Catalog
from visualsearch.errors import DecisionError
from visualsearch.jobs import JobControl

IMPORTED = {1: {"colour": ("Blue",), "year": (2012.0,)}, 2: {"colour": ("Red",)}, 3: {}}
TYPES = {"colour": "category", "year": "number"}
VALUES = {
    "colour": [("Blue",), ("Navy",), ()],
    "style": [("x",), ("y",), ()],
    "year": [(2012.0,), (7.5,), ()],
}
NOTHING = object()  # nobody decided: the item follows the import


@dataclass
class Entry:
    """An operation of the model: what it changed, and what undid it."""

    label: str
    changes: dict
    inverse_of: Entry | None = None
    undone_by: Entry | None = None


@dataclass
class Model:
    """The whole of what undo and redo mean, on a dictionary."""

    state: dict = field(default_factory=dict)
    log: list[Entry] = field(default_factory=list)

    def effective(self, key):
        value = self.state.get(key, NOTHING)
        if value is NOTHING and key[0] == "value":
            return IMPORTED[key[1]].get(key[2], ())
        return None if value is NOTHING else value

    def act(self, label: str, wanted: dict) -> int:
        changes = {
            key: (self.state.get(key, NOTHING), NOTHING if new is None else new)
            for key, new in wanted.items()
            if self.effective(key) != new
        }
        if changes:
            self._append(Entry(label, changes))
        return len(changes)

    def _append(self, entry: Entry) -> None:
        self.log.append(entry)
        self.state.update({key: new for key, (_, new) in entry.changes.items()})

    def undoable(self) -> Entry | None:
        return next((e for e in reversed(self.log) if e.inverse_of is None and e.undone_by is None), None)

    def redoable(self) -> Entry | None:
        for entry in reversed(self.log):
            if entry.inverse_of is None:
                return None
            if entry.inverse_of.inverse_of is None and entry.undone_by is None:
                return entry
        return None

    def target(self, entry: Entry) -> Entry | None:
        """What undoing an entry by its number means: a redo's act, unless it is undone already."""
        if entry.inverse_of is not None and entry.inverse_of.inverse_of is not None:
            entry = entry.inverse_of.inverse_of
        return entry if entry.undone_by is None else None

    def invert(self, entry: Entry, *, by_number: bool) -> tuple[int, int]:
        """(changed, skipped)"""
        changes = {
            key: (new, old)
            for key, (old, new) in entry.changes.items()
            if self.state.get(key, NOTHING) == new
        }
        skipped = len(entry.changes) - len(changes)
        if changes or not by_number:
            inverse = Entry(entry.label, changes, entry)
            self._append(inverse)
            entry.undone_by = inverse
            if entry.inverse_of is not None:
                entry.inverse_of.undone_by = None
        return len(changes), skipped


def _one(draw_from: dict) -> st.SearchStrategy:
    return st.sampled_from([(name, value) for name, values in draw_from.items() for value in values])


class Courses(RuleBasedStateMachine):
    """Drives a catalog and the model side by side."""

    def __init__(self, template: Path) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="vs-courses-", dir=template.parent))
        shutil.copytree(template, self.folder / "catalog")
        self.model = Model()
        self._open()

    def _open(self) -> None:
        self.catalog = Catalog.open(self.folder / "catalog")
        self.decisions = Decisions(self.catalog, actor=lambda: "ann")

    @rule(
        values=st.lists(st.tuples(st.integers(1, 3), _one(VALUES)), max_size=3),
        answers=st.lists(st.tuples(st.integers(1, 2), st.sampled_from(["yes", "no", None])), max_size=2),
        body=st.sampled_from([{"n": 1}, {"n": 2}, None, NOTHING]),
    )
    def act(self, values, answers, body) -> None:
        wanted: dict = {("value", item, name): value for item, (name, value) in values}
        wanted |= {("answer", item): answer for item, answer in answers}
        if body is not NOTHING:
            wanted["document",] = body
        label = f"act {len(self.model.log)}"
        applied = self.decisions.apply(
            "set",
            label,
            values=[ValueChange(item, name, value) for item, (name, value) in values],
            judgements=[Judgement("audit:x", item, answer) for item, answer in answers],
            documents=[] if body is NOTHING else [Document("filter", "f", body)],
        )
        self._same(applied, self.model.act(label, wanted), 0)

    @rule(items=st.sets(st.integers(1, 3), min_size=1), change=_one(VALUES))
    def act_on_many(self, items, change) -> None:
        name, value = change
        label = f"act {len(self.model.log)}"
        bulk = BulkValues(np.array(sorted(items)), name, "set" if value else "clear", value)
        applied = self.decisions.apply("set", label, values=bulk)
        self._same(applied, self.model.act(label, {("value", item, name): value for item in items}), 0)

    @rule()
    def undo(self) -> None:
        self._step(self.model.undoable(), self.decisions.undo)

    @rule()
    def redo(self) -> None:
        self._step(self.model.redoable(), self.decisions.redo)

    def _step(self, target: Entry | None, step) -> None:
        if target is None:
            self._refused(step)
        else:
            self._same(step(), *self.model.invert(target, by_number=False))

    @rule(place=st.integers(0, 30))
    def undo_any(self, place: int) -> None:
        if not self.model.log:
            return
        number = 1 + place % len(self.model.log)
        target = self.model.target(self.model.log[number - 1])
        if target is None:
            self._refused(lambda: self.decisions.undo(number))
        else:
            self._same(self.decisions.undo(number), *self.model.invert(target, by_number=True))

    @rule()
    def restart(self) -> None:
        self.catalog.close()
        self._open()

    def _refused(self, step) -> None:
        try:
            step()
        except DecisionError:
            return
        raise AssertionError("it should have been refused")

    def _same(self, done: Applied | Undone, changed: int, skipped: int) -> None:
        assert (done.changed, len(done.skipped)) == (changed, skipped)

    @invariant()
    def the_state_is_the_models(self) -> None:
        model = self.model
        for item in IMPORTED:
            found = {own.name: own.values for own in self.catalog.details(item).attributes}
            wanted = {name: model.effective(("value", item, name)) for name in VALUES}
            assert found == {name: value for name, value in wanted.items() if value}
        items, _, answers = self.decisions.judgements("audit:x")
        given = {item: model.effective(("answer", item)) for item in (1, 2)}
        found = dict(zip(items.tolist(), answers, strict=True))
        assert found == {item: answer for item, answer in given.items() if answer is not None}
        assert self.decisions.document("filter", "f") == model.effective(("document",))
        undoable, redoable = model.undoable(), model.redoable()
        assert self.decisions.can_undo == (undoable.label if undoable else None)
        assert self.decisions.can_redo == (redoable.label if redoable else None)
        assert len(self.decisions.history(limit=10_000)) == len(model.log)

    def teardown(self) -> None:
        try:
            assert self.decisions.verify(JobControl()) == []
        finally:
            self.catalog.close()
            shutil.rmtree(self.folder)


def test_any_course_of_events_leads_where_the_model_says(tmp_path_factory, fill):
    template = tmp_path_factory.mktemp("courses") / "catalog"
    with Catalog.open(template, create=True) as catalog:
        fill(catalog, TYPES, {f"i{item}": own for item, own in IMPORTED.items()})
    run_state_machine_as_test(
        lambda: Courses(template),
        settings=settings(
            max_examples=int(os.environ.get("VISUALSEARCH_SEQUENCES", "40")),
            stateful_step_count=15,
            suppress_health_check=list(HealthCheck),
        ),
    )
