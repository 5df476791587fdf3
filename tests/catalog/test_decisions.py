"""Decisions: one operation each, undone and done again in any order, also after a restart."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import numpy as np
import pytest

from tests.catalog.conftest import agrees
from visualsearch.catalog import schema
from visualsearch.catalog.decisions import (
    BulkValues,
    Decisions,
    Document,
    Judgement,
    Skipped,
    ValueChange,
)
from visualsearch.catalog.store import Catalog
from visualsearch.errors import CatalogError, DecisionError, ReadOnlyCatalog, UnknownName, VocabularyError
from visualsearch.jobs import JobControl

TYPES = {"colour": "category", "year": "number", "name": "text"}
ITEMS = {
    "a": {"colour": ["Blue"], "year": [2012.0], "name": ["linen shirt"]},
    "b": {"colour": ["Red"]},
    "c": {},
    "d": {"colour": ["Blue"]},
}


@pytest.fixture
def catalog(make_catalog) -> Catalog:
    return make_catalog(TYPES, ITEMS, gone=["d"])


@pytest.fixture
def decisions(catalog: Catalog) -> Decisions:
    return Decisions(catalog, actor=lambda: "ann")


def values(catalog: Catalog, item: int) -> dict[str, tuple]:
    return {own.name: own.values for own in catalog.details(item).attributes}


def test_one_operation_changes_all_or_nothing(catalog, decisions):
    applied = decisions.apply(
        "tag",
        "Two things",
        values=[ValueChange(1, "colour", ("Navy",)), ValueChange(3, "style", ("Hawaiian",))],
        judgements=[Judgement("tag:style=Hawaiian", 2, "no"), Judgement("duplicate", 1, "variant", other=2)],
        documents=[Document("filter", "beach", {"positives": ["a"]})],
        why={"score": 0.9},
    )
    assert (applied.operation, applied.changed, applied.skipped) == (1, 5, [])
    assert values(catalog, 1)["colour"] == ("Navy",)
    assert values(catalog, 3) == {"style": ("Hawaiian",)}
    assert decisions.document("filter", "beach") == {"positives": ["a"]}
    assert decisions.subjects("tag:") == ["tag:style=Hawaiian"]
    items, others, answers = decisions.judgements("duplicate")
    assert (items.tolist(), others.tolist(), answers) == ([1], [2], ["variant"])

    (operation,) = decisions.history()
    assert (operation.kind, operation.label, operation.actor) == ("tag", "Two things", "ann")
    assert (operation.why, operation.values, operation.changed) == ({"score": 0.9}, 2, 5)
    assert decisions.provenance(1) == {"colour": operation, "year": None, "name": None}
    old_new = {(change.item, change.name): (change.old, change.new) for change in decisions.changes(1)}
    assert old_new[1, "colour"] == (("Blue",), ("Navy",))
    assert old_new[2, "tag:style=Hawaiian"] == (None, "no")
    assert agrees(catalog)

    undone = decisions.undo()
    assert (undone.operation, undone.label, undone.changed, undone.skipped) == (2, "Two things", 5, [])
    assert values(catalog, 1)["colour"] == ("Blue",)
    assert values(catalog, 3) == {}
    assert [name for name, _ in catalog.attributes()] == list(TYPES), "nobody has the new attribute any more"
    assert decisions.document("filter", "beach") is None
    assert decisions.subjects() == []
    assert agrees(catalog)


def test_what_is_so_already_is_no_operation(catalog, decisions):
    revision = catalog.revision
    applied = decisions.apply(
        "set",
        "x",
        values=[ValueChange(1, "colour", ("Blue",)), ValueChange(3, "size", ())],
        judgements=[Judgement("duplicate", 1, None, 2)],
        documents=[Document("filter", "none", None)],
    )
    assert applied.operation is None
    assert catalog.revision == revision
    assert [name for name, _ in catalog.attributes()] == list(TYPES)
    assert decisions.history() == []
    assert (decisions.can_undo, decisions.can_redo) == (None, None)


def test_undo_and_redo_go_back_and_forth_as_people_expect(catalog, decisions):
    for colour in ("One", "Two", "Three"):
        decisions.apply("set", colour, values=[ValueChange(1, "colour", (colour,))])
    assert decisions.undo().label == "Three"
    assert decisions.undo().label == "Two"
    assert (decisions.can_undo, decisions.can_redo) == ("One", "Two")
    with Catalog.open(catalog.path) as again:
        assert Decisions(again).redo().label == "Two", "also after a restart, by another process"
    assert decisions.redo().label == "Three"
    assert (decisions.can_undo, decisions.can_redo) == ("Three", None)
    assert values(catalog, 1)["colour"] == ("Three",)
    decisions.undo()
    decisions.apply("set", "Four", values=[ValueChange(1, "colour", ("Four",))])
    assert decisions.can_redo is None, "a new act makes an end of what could be redone"
    with pytest.raises(DecisionError, match="nothing to redo"):
        decisions.redo()
    assert [decisions.undo().label for _ in range(3)] == ["Four", "Two", "One"]
    with pytest.raises(DecisionError, match="nothing to undo"):
        decisions.undo()
    assert values(catalog, 1)["colour"] == ("Blue",)
    assert agrees(catalog)


def test_any_operation_can_be_undone_and_what_changed_since_is_told(catalog, decisions):
    first = decisions.apply(
        "set", "first", values=BulkValues(np.array([1, 2, 3]), "colour", "set", ("Navy",))
    )
    decisions.apply("set", "second", values=[ValueChange(2, "colour", ("Green",))])
    undone = decisions.undo(first.operation)
    assert undone.changed == 2
    assert undone.skipped == [Skipped(2, "colour", "it was changed since")]
    assert [values(catalog, item).get("colour") for item in (1, 2, 3)] == [("Blue",), ("Green",), None]
    with pytest.raises(DecisionError, match=r"Operation 1 \(first\) was undone by operation 3"):
        decisions.undo(first.operation)
    again = decisions.undo(undone.operation)
    assert (again.label, again.changed) == ("first", 2), "an undo is undone by doing its act again"
    assert decisions.history()[0].kind == "redo"
    assert decisions.undo(again.operation).changed == 2
    with pytest.raises(UnknownName, match="no operation 99"):
        decisions.undo(99)
    assert agrees(catalog)


def test_an_undo_by_number_that_can_change_nothing_leaves_no_trace(catalog, decisions):
    first = decisions.apply("set", "first", values=[ValueChange(1, "colour", ("Navy",))])
    decisions.apply("set", "second", values=[ValueChange(1, "colour", ("Green",))])
    undone = decisions.undo(first.operation)
    assert (undone.operation, undone.changed, len(undone.skipped)) == (None, 0, 1)
    assert decisions.can_undo == "second"
    assert [decisions.undo().label, decisions.undo().label] == ["second", "first"]
    assert values(catalog, 1)["colour"] == ("Blue",)


def test_a_document_is_taken_back_part_by_part(decisions):
    decisions.apply("vocabulary", "one", documents=[Document("certificate", "x", {"a": 1, "b": {"c": 1}})])
    second = decisions.apply("x", "two", documents=[Document("certificate", "x", {"a": 2, "b": {"c": 2}})])
    decisions.apply("x", "three", documents=[Document("certificate", "x", {"a": 2, "b": {"c": 3}, "d": 4})])
    undone = decisions.undo(second.operation)
    assert decisions.document("certificate", "x") == {"a": 1, "b": {"c": 3}, "d": 4}
    assert undone.skipped == [Skipped(0, "certificate: x", "it was changed since: b.c")]


def test_items_that_are_not_there_are_skipped(catalog, decisions):
    applied = decisions.apply("set", "x", values=BulkValues(np.array([4, 1, 99]), "colour", "set", ("Navy",)))
    assert applied.changed == 1
    assert [skipped.item for skipped in applied.skipped] == [4, 99], "gone, and never there"


def test_numbers_and_texts_are_decided_too(catalog, decisions):
    decisions.apply(
        "set",
        "x",
        values=[
            ValueChange(1, "year", ("1.234,5",)),
            ValueChange(2, "year", (2013,)),
            ValueChange(3, "name", (" wool ",)),
        ],
    )
    assert values(catalog, 1)["year"] == (1234.5,)
    assert values(catalog, 2)["year"] == (2013.0,)
    assert values(catalog, 3)["name"] == ("wool",)
    with pytest.raises(VocabularyError, match="'many' is not a number"):
        decisions.apply("set", "x", values=[ValueChange(1, "year", ("many",))])
    with pytest.raises(VocabularyError, match="empty text"):
        decisions.apply("set", "x", values=[ValueChange(1, "colour", ("  ",))])
    with pytest.raises(VocabularyError, match="broken characters"):
        decisions.apply("set", "x", values=[ValueChange(1, "colour", ("\ud800",))])
    for name in ("ID", "visual:polo", "suspected:colour", "Judged:colour"):
        with pytest.raises(VocabularyError, match="in conditions it means something else"):
            decisions.apply("set", "x", values=[ValueChange(1, name, ("yes",))])
    decisions.undo()
    assert values(catalog, 1)["year"] == (2012.0,)
    assert agrees(catalog)


def test_history_is_filtered(catalog, decisions):
    decisions.apply("set", "one", values=[ValueChange(1, "colour", ("Navy",))])
    decisions.apply("tag", "two", judgements=[Judgement("tag:style=X", 2, "no")], actor="bob")
    decisions.apply("set", "three", values=BulkValues(np.array([2, 3]), "style", "add", ("X",)))

    def labels(**conditions) -> list[str]:
        return [operation.label for operation in decisions.history(**conditions)]

    assert labels() == ["three", "two", "one"]
    assert labels(kind="set") == ["three", "one"]
    assert labels(actor="bob") == ["two"]
    assert labels(attribute="style") == ["three"]
    assert labels(item=2) == ["three", "two"]
    assert labels(item=2, kind="tag", attribute=None) == ["two"]
    assert labels(since="2999-01-01") == []
    assert labels(before="2999-01-01", limit=1) == ["three"]


def test_nothing_is_decided_about_a_catalog_that_can_only_be_read(catalog):
    with Catalog.open(catalog.path, read_only=True) as fixed, pytest.raises(ReadOnlyCatalog):
        Decisions(fixed).apply("set", "x", values=[ValueChange(1, "colour", ("Navy",))])


def test_two_writers_wait_for_each_other(catalog):
    """Each of two connections, as of two processes, confirms 20 pages; none is lost, and the log is in one order."""

    def confirm(name: str) -> None:
        with Catalog.open(catalog.path) as own:
            for number in range(20):
                Decisions(own).apply(
                    "tag", f"{name} {number}", judgements=[Judgement(name, number + 1, "yes")]
                )

    threads = [threading.Thread(target=confirm, args=(name,)) for name in ("left", "right")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(Decisions(catalog).history(limit=100)) == 40
    assert agrees(catalog)


def test_a_full_disk_is_a_sentence_and_nothing_is_half_written(catalog, decisions):
    decisions.apply("set", "first", values=[ValueChange(1, "colour", ("Navy",))])
    revision = catalog.revision
    with catalog.write() as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")
    body = {"long": "x" * 200_000}
    with pytest.raises(CatalogError, match="disk is full"):
        decisions.apply(
            "set", "x", values=[ValueChange(2, "colour", ("Lost",))], documents=[Document("f", "x", body)]
        )
    assert catalog.revision == revision
    assert values(catalog, 2)["colour"] == ("Red",)
    assert [entry.label for entry in decisions.history()] == ["first"]
    assert agrees(catalog)


@pytest.mark.parametrize(
    ("tampering", "told"),
    [
        (
            "UPDATE item_value SET value = 1 WHERE item = 2 AND attribute = 1",
            "colour of 'b' is 'Blue', but operation 1",
        ),
        (
            "DELETE FROM item_value WHERE item = 1 AND attribute = 1",
            "colour of 'a' is empty, but operation 1",
        ),
        ("DELETE FROM imported WHERE item = 1", "colour of 'a' is said to be of the import"),
        ("UPDATE judgement SET answer = 'yes'", "is yes, not no"),
        ("UPDATE document SET body = '{}'", "The filter 'f' is not as the history left it."),
        ("DELETE FROM value_change", "Operation 1 does not have the 2 changes"),
        ("UPDATE operation SET undone_by = 1", "is said to be undone by 1"),
        ("UPDATE item_value SET value = 30000 WHERE item = 2 AND attribute = 1", "makes no sense"),
    ],
)
def test_verify_finds_what_was_changed_behind_the_log(catalog, decisions, tampering, told):
    decisions.apply(
        "set",
        "x",
        values=[ValueChange(1, "colour", ("Navy",)), ValueChange(2, "colour", ("Green",))],
        judgements=[Judgement("duplicate", 1, "no", 2)],
        documents=[Document("filter", "f", {"a": 1})],
    )
    assert agrees(catalog)
    with catalog.write() as connection:
        connection.execute(tampering)
    assert any(told in problem for problem in decisions.verify(JobControl()))


def test_a_catalog_of_version_1_is_brought_up_to_date(tmp_path: Path, version_1):
    folder = tmp_path / "old"
    folder.mkdir()
    connection = sqlite3.connect(folder / "catalog.sqlite3", isolation_level=None)
    connection.executescript(version_1)
    connection.execute("INSERT INTO attribute VALUES (1, 'colour', 'category', '', 0)")
    connection.execute("INSERT INTO category_value VALUES (1, 1, 'Blue')")
    connection.execute("INSERT INTO item (number, id) VALUES (1, 'a')")
    connection.execute("INSERT INTO item_value VALUES (1, 1, 1)")
    connection.execute("INSERT INTO item_text (rowid, body) VALUES (1, 'a\nBlue')")
    connection.close()
    with Catalog.open(folder) as catalog:
        with catalog.read() as read:
            assert read.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)
        decisions = Decisions(catalog)
        assert values(catalog, 1) == {"colour": ("Blue",)}
        decisions.apply("set", "x", values=[ValueChange(1, "colour", ("Navy",))])
        decisions.undo()
        assert values(catalog, 1) == {"colour": ("Blue",)}
        assert agrees(catalog)
