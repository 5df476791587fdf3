"""Every figure of the dashboard equals a count by hand, whatever people did, undid and imported."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from visualsearch.attributes.dashboard import FIGURES, Dashboard
from visualsearch.catalog.decisions import Decisions, Judgement, ValueChange
from visualsearch.catalog.predicates import evaluate, parse
from visualsearch.catalog.snapshot import load_snapshot
from visualsearch.catalog.store import Catalog
from visualsearch.errors import UsageError
from visualsearch.filters.engine import Engine
from visualsearch.jobs import JobControl

ITEMS = 12
COLOUR, TAGS, PRICE, NAME = ATTRIBUTES = ("colour", "my tags", "price", "name")

operations = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["set", "tag", "accept-rest"]),
            st.integers(1, ITEMS),
            st.sampled_from(
                [
                    (COLOUR, ("red",)),
                    (COLOUR, ()),
                    (TAGS, ("a", "b")),
                    (TAGS, ()),
                    (PRICE, (3.0,)),
                    (NAME, ("x",)),
                ]
            ),
        ),
        st.tuples(
            st.sampled_from(
                ["tag:colour=red", "audit:colour", "estimate:one:colour", "estimate:one:", "tag:my tags=a"]
            ),
            st.integers(1, ITEMS),
            st.sampled_from(["yes", "no", None]),
        ),
        st.just(("undo",)),
        st.just(("redo",)),
    ),
    max_size=12,
)


def build(folder: Path) -> Catalog:
    catalog = Catalog.open(folder, create=True)
    with catalog.write() as connection:
        run = connection.execute
        for number in range(1, ITEMS + 1):
            run(
                "INSERT INTO item(number, id, gone) VALUES (?, ?, ?)", (number, f"p{number}", number % 6 == 0)
            )
        run("INSERT INTO attribute VALUES (1, 'colour', 'category', '', 1)")
        run("INSERT INTO attribute VALUES (2, 'my tags', 'category', '|', 2)")
        run("INSERT INTO attribute VALUES (3, 'price', 'number', '', 3)")
        run("INSERT INTO attribute VALUES (4, 'name', 'text', '', 4)")
        run("INSERT INTO category_value VALUES (1, 1, 'red'), (2, 1, 'blue'), (3, 2, 'a'), (4, 2, 'b')")
        for number in range(1, ITEMS, 2):
            run("INSERT INTO item_value VALUES (1, ?, ?), (2, ?, 3)", (number, number % 3 // 2 + 1, number))
    return catalog


def act(decisions: Decisions, steps: list[tuple]) -> None:
    for step in steps:
        if step[0] == "undo":
            if decisions.can_undo:
                decisions.undo()
        elif step[0] == "redo":
            if decisions.can_redo:
                decisions.redo()
        elif isinstance(step[2], tuple):
            attribute, values = step[2]
            decisions.apply(step[0], "", values=[ValueChange(step[1], attribute, values)])
        else:
            decisions.apply("tag", "", judgements=[Judgement(step[0], step[1], step[2])])


def by_hand(catalog: Catalog, decisions: Decisions, attribute: str) -> dict[str, set[int]]:
    """The same figures, item by item, through what people see of one item."""
    found: dict[str, set[int]] = {figure: set() for figure in FIGURES}
    answered = set()
    for subject in decisions.subjects():
        kind, rest = subject.split(":", 1)
        about = {"audit": rest, "tag": rest.split("=")[0], "estimate": rest.split(":")[-1]}[kind]
        if about == attribute:
            answered |= set(decisions.judgements(subject)[0].tolist())
    for item in range(1, ITEMS + 1):
        details = catalog.details(item)
        if details.gone:
            continue
        has = any(value.name == attribute for value in details.attributes)
        found["filled" if has else "missing"].add(item)
        operation = decisions.provenance(item).get(attribute)
        if operation is not None or item in answered:
            found["judged"].add(item)
        if operation is not None and operation.kind == "accept-rest":
            found["certified"].add(item)
    return found


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operations)
def test_every_figure_equals_a_count_by_hand(tmp_path_factory: pytest.TempPathFactory, steps: list[tuple]):
    with build(tmp_path_factory.mktemp("shop")) as catalog:
        decisions = Decisions(catalog)
        act(decisions, steps)
        snapshot = load_snapshot(catalog)
        engine = Engine(catalog, snapshot, None, lambda file: (np.empty(0), np.empty(0)))
        looked = {"suggested": {2, 4, 6}, "suspected": {1, 3}}
        finders = {
            name: (lambda _, __, items=items: np.array(sorted(items))) for name, items in looked.items()
        }
        dashboard = Dashboard(catalog, lambda work, control: work(engine), finders)  # type: ignore[arg-type]
        states = dashboard.attributes(JobControl(), thorough=True)
        assert [state.attribute for state in states] == list(ATTRIBUTES)
        for state in states:
            expected = by_hand(catalog, decisions, state.attribute)
            alive = set(np.flatnonzero(snapshot.alive).tolist())
            expected |= {name: items & alive for name, items in looked.items()}
            for figure in FIGURES:
                items = dashboard.items(state.attribute, figure, JobControl()).tolist()
                assert set(items) == expected[figure], (state.attribute, figure)
                assert state.counts[figure] == len(items) == len(set(items))
            for figure, where in state.where.items():
                mask = evaluate(parse(where), snapshot)
                assert set(np.flatnonzero(mask).tolist()) == expected[figure]
            if state.days:
                assert state.days[-1].filled == state.counts["filled"]
            answers = sum(
                change.kind == "judgement"
                and change.new is not None
                and about(change.name) == state.attribute
                for operation in decisions.history(limit=1000)
                for change in decisions.changes(operation.number)
            )
            assert sum(day.judged for day in state.days) == answers


def about(subject: str) -> str:
    kind, rest = subject.split(":", 1)
    return {"audit": rest, "tag": rest.split("=")[0], "estimate": rest.split(":")[-1]}[kind]


def test_days_tell_how_it_came_about(tmp_path: Path):
    with build(tmp_path / "shop") as catalog:
        decisions = Decisions(catalog)
        for item in (2, 4, 8):
            decisions.apply("set", "", values=[ValueChange(item, COLOUR, ("red",))])
        with catalog.write() as connection:
            connection.execute("UPDATE operation SET at = '2024-01-0' || number || 'T10:00:00+00:00'")
        engine = Engine(catalog, load_snapshot(catalog), None, lambda file: (np.empty(0), np.empty(0)))
        dashboard = Dashboard(catalog, lambda work, control: work(engine), {})  # type: ignore[arg-type]
        days = dashboard.attributes(JobControl())[0].days
        assert [(day.day, day.changed, day.filled) for day in days] == [
            ("2024-01-01", 1, 7),
            ("2024-01-02", 1, 8),
            ("2024-01-03", 1, 9),
        ]


def test_what_is_not_asked_for_is_not_looked_for(tmp_path: Path):
    def never(attribute: str, control: JobControl) -> np.ndarray:
        raise AssertionError(attribute)

    with build(tmp_path / "shop") as catalog:
        engine = Engine(catalog, load_snapshot(catalog), None, lambda file: (np.empty(0), np.empty(0)))
        use = lambda work, control: work(engine)  # noqa: E731
        dashboard = Dashboard(catalog, use, {"suggested": never, "suspected": never})  # type: ignore[arg-type]
        assert all(state.counts["suspected"] is None for state in dashboard.attributes(JobControl()))
        with pytest.raises(UsageError):
            dashboard.items("weight", "filled", JobControl())
        with pytest.raises(UsageError):
            dashboard.items(COLOUR, "good", JobControl())  # type: ignore[arg-type]


def test_on_the_command_line(tmp_path: Path, run: Callable[..., tuple[int, str, str]]):
    with build(tmp_path / "shop") as catalog:
        Decisions(catalog).apply("set", "", values=[ValueChange(2, COLOUR, ("red",))])
    code, out, _ = run("dashboard", tmp_path / "shop", "--thorough", "--json")
    states = json.loads(out)
    assert code == 0
    assert states[0]["counts"] == {
        "filled": 7,
        "missing": 3,
        "suggested": 0,
        "suspected": 0,
        "certified": 0,
        "judged": 1,
    }
    assert states[1]["where"]["missing"]
    assert json.loads(run("dashboard", tmp_path / "shop", "--items", "colour", "judged", "--json")[1]) == [
        "p2"
    ]
    assert run("dashboard", tmp_path / "shop", "--items", "colour", "missing")[1].split() == [
        "p4",
        "p8",
        "p10",
    ]
    assert "colour: filled 7" in run("dashboard", tmp_path / "shop")[1]
