"""Every figure of the dashboard equals a count by hand, whatever people did, undid and imported."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from visualsearch.attributes.dashboard import FIGURES, Dashboard
from visualsearch.catalog.decisions import Decisions, Document, Judgement, ValueChange
from visualsearch.catalog.importing import ImportRequest, import_catalog
from visualsearch.catalog.snapshot import load_snapshot
from visualsearch.catalog.store import Catalog
from visualsearch.catalog.vocabulary import Vocabulary
from visualsearch.errors import DecisionError, UnknownName, UsageError
from visualsearch.filters.engine import Engine
from visualsearch.filters.query import Query
from visualsearch.jobs import JobControl

ITEMS = 12
COLOUR, TAGS, PRICE, NAME = ATTRIBUTES = ("colour", "my tags", "price", "name")

operations = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["set", "tag", "accept-rest", "auto-tag", "fix", "rename"]),
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
                [
                    "tag:colour=red",
                    "audit:colour",
                    "audit-values:colour",
                    "estimate:one:colour",
                    "estimate:one:",
                    "tag:my tags=a",
                    "certify:my tags=a #1",
                ]
            ),
            st.integers(1, ITEMS),
            st.sampled_from(["yes", "no", None]),
        ),
        st.just(("undo",)),
        st.just(("redo",)),
        st.tuples(st.just("undo"), st.integers(2, 9)),
        st.just(("midnight",)),
    ),
    max_size=14,
)
FIRST = "the certificate"
FIX = {2, 3, 5}  # the items that are looked at when a group is mended together


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


def act(catalog: Catalog, decisions: Decisions, steps: list[tuple]) -> None:
    """Do it, day by day: each "midnight" is the end of one."""
    document = Document("certificate", "my tags=a #1", {"attribute": TAGS, "value": "a"})
    decisions.apply("certify", FIRST, documents=[document])
    days: dict[int, int] = {}
    day = 1
    for step in steps:
        if step == ("midnight",):
            day += 1
        elif step[0] in ("undo", "redo"):
            with contextlib.suppress(DecisionError, UnknownName):
                if step == ("undo",) and decisions.can_undo == FIRST:
                    continue  # answers to a certificate that is not there judge nothing
                getattr(decisions, step[0])(*step[1:])
        elif isinstance(step[2], tuple):
            attribute, values = step[2]
            change = [ValueChange(step[1] + more, attribute, values) for more in (0, 1)]
            documents, kind, why = [], step[0], None
            if kind == "fix":
                name = f"{attribute} #{len(days)}"
                answers = {str(item): "right" for item in FIX}
                documents, kind, why = (
                    [Document("fix", name, {"answers": answers})],
                    "accept-rest",
                    {"certificate": name},
                )
            decisions.apply(kind, "", values=change, documents=documents, why=why)
        else:
            decisions.apply("tag", "", judgements=[Judgement(step[0], step[1], step[2])])
        for operation in decisions.history(limit=1000):
            days.setdefault(operation.number, day)
    with catalog.write() as connection:
        for number, day in days.items():
            at = f"2024-01-{day:02}T10:00:00+00:00"
            connection.execute("UPDATE operation SET at = ? WHERE number = ?", (at, number))


def by_hand(
    catalog: Catalog, decisions: Decisions, attribute: str
) -> tuple[dict[str, set[int]], dict[str, list[int]]]:
    """The figures now, and each day's [changed, answers, filled, certified, judged]."""
    alive = {item for item in range(1, ITEMS + 1) if not catalog.details(item).gone}
    has_now = {
        item: any(value.name == attribute for value in catalog.details(item).attributes) for item in alive
    }
    operations = {operation.number: operation for operation in decisions.history(limit=1000)}
    acts: dict[tuple[int, int], tuple[str | None, str | None]] = {}
    credit: dict[int, str | None] = {}
    answers: set[tuple[str, int]] = set()
    filled_first = dict(has_now)
    told: set[int] = set()
    days: dict[str, list[int]] = {}
    states: dict[str, dict[int, bool]] = {}
    state: dict[int, bool] = {}
    for number, operation in sorted(operations.items()):
        changed = given = 0
        for change in decisions.changes(number):
            item = change.item
            if change.kind == "value" and change.name == attribute:
                changed += 1
                if item not in told:
                    told.add(item)
                    filled_first[item] = bool(change.old)
                state[item] = bool(change.new)
                before = credit.get(item)
                if operation.kind == "undo":
                    credit[item] = acts[operation.inverse_of or 0, item][0]
                elif operation.kind == "redo":
                    undone = operations[operation.inverse_of or 0]
                    credit[item] = acts[undone.inverse_of or 0, item][1]
                elif operation.kind == "rename":
                    credit[item] = before
                elif operation.kind in ("accept-rest", "auto-tag"):
                    looked = FIX if (operation.why or {}).get("certificate") else set()
                    credit[item] = "seen" if item in looked else "unseen"
                else:
                    credit[item] = "seen"
                if operation.inverse_of is None:
                    acts[number, item] = before, credit[item]
            elif change.kind == "judgement" and about(change.name) == attribute:
                given += change.new is not None
                (answers.discard if change.new is None else answers.add)((change.name, item))
        if (
            changed
            or given
            or any(
                change.kind == "judgement" and about(change.name) == attribute
                for change in decisions.changes(number)
            )
        ):
            day = days.setdefault(operation.at[:10], [0, 0, 0, 0, 0])
            day[0] += changed
            day[1] += given
            certified = {item for item in alive if credit.get(item) == "unseen"}
            judged = {item for item in alive if credit.get(item) == "seen"} | {
                i for _, i in answers if i in alive
            }
            day[3:] = len(certified), len(judged)
            states[operation.at[:10]] = dict(state)
    for name, known in states.items():
        days[name][2] = sum({**filled_first, **known}[item] for item in alive)
    found = {
        "filled": {item for item in alive if has_now[item]},
        "missing": {item for item in alive if not has_now[item]},
        "certified": {item for item in alive if credit.get(item) == "unseen"},
        "judged": {item for item in alive if credit.get(item) == "seen"}
        | {i for _, i in answers if i in alive},
    }
    return found, days


@example([("fix", 1, (COLOUR, ("red",))), ("midnight",), ("undo",)])  # what was looked at remains so
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operations)
def test_every_figure_equals_a_count_by_hand(tmp_path_factory: pytest.TempPathFactory, steps: list[tuple]):
    with build(tmp_path_factory.mktemp("shop")) as catalog:
        decisions = Decisions(catalog)
        act(catalog, decisions, steps)
        snapshot = load_snapshot(catalog)
        looked = {"suggested": {2, 4, 6}, "suspected": {1, 3}}
        finders = {
            name: (lambda _, __, items=items: np.array(sorted(items))) for name, items in looked.items()
        }
        engine = Engine(
            catalog,
            snapshot,
            None,
            no_pictures,
            dict,
            lambda figure, name, control: dashboard.items(name, figure, control),
        )
        dashboard = Dashboard(catalog, lambda work, control: work(engine), finders)  # type: ignore[arg-type]
        states = dashboard.attributes(JobControl(), thorough=True)
        assert [state.attribute for state in states] == [name for name, _ in catalog.attributes()]
        for state in states:
            expected, days = by_hand(catalog, decisions, state.attribute)
            alive = set(np.flatnonzero(snapshot.alive).tolist())
            expected |= {name: items & alive for name, items in looked.items()}
            for figure in FIGURES:
                items = dashboard.items(state.attribute, figure, JobControl()).tolist()
                assert set(items) == expected[figure], (state.attribute, figure)
                assert state.counts[figure] == len(items) == len(set(items))
                mask = engine.selection(Query(where=(state.where[figure],)), JobControl()).mask
                assert set(np.flatnonzero(mask).tolist()) == expected[figure]
            told = {
                day.day: [day.changed, day.answers, day.filled, day.certified, day.judged]
                for day in state.days
            }
            assert told == days
            if state.days:
                last = state.days[-1]
                assert [last.filled, last.certified, last.judged] == [
                    state.counts[figure] for figure in ("filled", "certified", "judged")
                ]


def about(subject: str) -> str:
    kind, rest = subject.split(":", 1)
    if kind == "audit-values":
        return ""
    return {"audit": rest, "estimate": rest.split(":")[-1]}.get(kind, rest.split("=")[0])


def no_pictures(*_: object) -> tuple[np.ndarray, np.ndarray]:
    raise AssertionError("no example comes from outside")


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


def test_a_rename_is_taken_back_also_for_items_that_came_since(tmp_path: Path):
    """The undo changes more items than the act did: they are nobody's work."""
    photos, table = tmp_path / "photos", tmp_path / "items.csv"
    photos.mkdir()

    def bring(catalog: Catalog, *items: int) -> None:
        for item in items:
            Image.new("RGB", (8, 8), (item, 0, 0)).save(photos / f"{item}.png")
        rows = "".join(
            f"{item},{item}.png,red\n" for item in sorted(int(one.stem) for one in photos.iterdir())
        )
        table.write_text(f"id,image,colour\n{rows}")
        import_catalog(catalog, ImportRequest(photos, table=table), JobControl())

    with Catalog.open(tmp_path / "shop", create=True) as catalog:
        decisions = Decisions(catalog)
        bring(catalog, 2, 4)
        for word in ("blue", "red"):
            decisions.apply("set", "", values=[ValueChange(1, COLOUR, (word,))])
        renamed = Vocabulary(catalog, decisions).rename(COLOUR, "red", "scarlet")
        bring(catalog, 1, 3, 5)
        decisions.undo(renamed.operation)
        decisions.redo()
        decisions.undo()
        engine = Engine(catalog, load_snapshot(catalog), None, lambda file: (np.empty(0), np.empty(0)))
        dashboard = Dashboard(catalog, lambda work, control: work(engine), {})  # type: ignore[arg-type]
        (colour,) = dashboard.attributes(JobControl())
        assert (colour.counts["filled"], colour.counts["judged"]) == (5, 1)
        judged = dashboard.items(COLOUR, "judged", JobControl())
        assert catalog.ids_of(judged.tolist()) == ["2"]


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
    told = run("dashboard", tmp_path / "shop", "--days")[1]
    assert "1 value changed, 0 answers; then 7 filled, 0 certified, 1 judged" in told
    found = run("search", tmp_path / "shop", "--where", "judged:colour", "--json")[1]
    assert [row["id"] for row in json.loads(found)["results"]] == ["p2"]
