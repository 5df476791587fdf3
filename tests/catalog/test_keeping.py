"""Where an import meets decisions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.catalog.conftest import agrees
from visualsearch.catalog.decisions import BulkValues, Decisions, ValueChange
from visualsearch.catalog.importing import ImportReport, ImportRequest, import_catalog
from visualsearch.catalog.store import Catalog
from visualsearch.catalog.text import search
from visualsearch.catalog.vocabulary import Vocabulary
from visualsearch.errors import UsageError
from visualsearch.jobs import JobControl

Import = Callable[..., ImportReport]


@pytest.fixture
def catalog(tmp_path: Path):
    with Catalog.open(tmp_path / "catalog", create=True) as catalog:
        yield catalog


@pytest.fixture
def bring(catalog: Catalog, tmp_path: Path) -> Import:
    """``bring("id,colour", "a,Blue")``: import a table; photos are files of a byte each."""

    def call(*lines: str, **options) -> ImportReport:
        photos = tmp_path / "photos"
        photos.mkdir(exist_ok=True)
        for line in lines[1:]:
            photo = photos / f"{line.split(',')[0]}.jpg"
            if not photo.exists():
                photo.write_bytes(line[:1].encode())
        table = tmp_path / "table.csv"
        table.write_text("\n".join(lines) + "\n", "utf-8")
        request = ImportRequest(photos, table, id="id", image="{id}.jpg", **options)
        return import_catalog(catalog, request, JobControl())

    return call


def values(catalog: Catalog) -> dict[str, dict[str, tuple]]:
    """Id → attribute → values, of the active items."""
    found = {}
    for item in catalog.items_in_id_order():
        details = catalog.details(item)
        found[details.id] = {own.name: own.values for own in details.attributes}
    return found


def _number(catalog: Catalog, id: str) -> int:
    number = catalog.number_of(id)
    assert number is not None
    return number


def _decide(catalog: Catalog, id: str, attribute: str, *new) -> None:
    Decisions(catalog).apply("set", "x", values=[ValueChange(_number(catalog, id), attribute, new)])


def test_an_import_keeps_decisions_and_says_so(catalog, bring):
    bring("id,colour,year", "a,Blue,2012", "b,Red,2013", "c,,2014")
    _decide(catalog, "a", "colour", "Navy")
    _decide(catalog, "c", "colour", "Green")
    report = bring("id,colour,year", "a,Black,2015", "b,Pink,2013", "c,,2014")
    assert values(catalog) == {
        "a": {"colour": ("Navy",), "year": (2015.0,)},
        "b": {"colour": ("Pink",), "year": (2013.0,)},
        "c": {"colour": ("Green",), "year": (2014.0,)},
    }
    assert (report.items_changed, report.items_unchanged, report.decisions_kept) == (2, 1, 1)
    (note,) = [note for note in report.notes if "decision" in note]
    assert note == "Kept 1 decision where the import says otherwise: colour of 'a' stays 'Navy', not 'Black'."
    assert agrees(catalog)
    Decisions(catalog).undo(1)
    assert values(catalog)["a"]["colour"] == ("Black",), "what the table says now, not what it said then"
    assert agrees(catalog)


def test_importing_twice_is_importing_once(catalog, bring):
    rows = ("id,colour", "a,Blue", "b,Red")
    bring(*rows)
    _decide(catalog, "a", "colour", "Navy")
    first = bring(*rows)
    before = (values(catalog), catalog.revision)
    second = bring(*rows)
    assert (values(catalog), catalog.revision) == before
    assert (first.decisions_kept, second.decisions_kept, second.items_unchanged) == (1, 1, 2)


def test_a_table_that_comes_to_agree_is_nothing_odd(catalog, bring):
    bring("id,colour", "a,Blue")
    _decide(catalog, "a", "colour", "Navy")
    report = bring("id,colour", "a,Navy")
    assert report.decisions_kept == 0
    report = bring("id,colour", "a,Black")
    assert report.decisions_kept == 1, "it is still a decision"
    assert values(catalog)["a"]["colour"] == ("Navy",)
    assert agrees(catalog)


def test_items_that_were_gone_come_back_with_their_decisions(catalog, bring):
    bring("id,colour", "a,Blue", "b,Red")
    _decide(catalog, "b", "colour", "Pink")
    _decide(catalog, "b", "style", "Plain")
    bring("id,colour", "a,Blue")
    assert agrees(catalog)
    bring("id,colour", "a,Blue", "b,Black")
    assert values(catalog)["b"] == {"colour": ("Pink",), "style": ("Plain",)}
    assert agrees(catalog)


def test_a_cleared_value_stays_away(catalog, bring):
    bring("id,colour,size", "a,Blue,S", "b,Red,M")
    decisions = Decisions(catalog)
    decisions.apply("clear", "x", values=BulkValues(catalog.items_in_id_order(), "size", "clear"))
    bring("id,colour,size", "a,Black,S", "b,Red,M")
    assert values(catalog) == {"a": {"colour": ("Black",)}, "b": {"colour": ("Red",)}}
    assert decisions.undo().changed == 2
    assert values(catalog)["a"] == {"colour": ("Black",), "size": ("S",)}
    assert agrees(catalog)


def test_a_renamed_value_is_renamed_in_later_imports(catalog, bring):
    bring("id,colour", "a,Navy", "b,Red", "c,Blue")
    _decide(catalog, "b", "colour", "Navy")
    vocabulary = Vocabulary(catalog, Decisions(catalog))
    renamed = vocabulary.rename("colour", "Navy", "Dark blue")
    report = bring("id,colour", "a,navy", "b,Red", "c,Navy", "d,NAVY")
    assert {id: own["colour"] for id, own in values(catalog).items()} == dict.fromkeys("abcd", ("Dark blue",))
    assert report.decisions_kept == 1
    found = search(catalog, "dark")
    assert found is not None
    assert len(found[0]) == 4
    assert agrees(catalog)
    Decisions(catalog).undo(renamed.operation)
    wanted = {"a": ("navy",), "b": ("Navy",), "c": ("Navy",), "d": ("NAVY",)}
    assert {id: own["colour"] for id, own in values(catalog).items()} == wanted
    assert agrees(catalog)


def test_decisions_outlive_a_column_that_becomes_a_list(catalog, bring):
    bring("id,size", "a,38", "b,40", "c,42")
    _decide(catalog, "a", "size", 39.5)
    bring("id,size", "a,38|40", "b,40", "c,42", separators={"size": "|"})
    assert values(catalog) == {"a": {"size": ("39.5",)}, "b": {"size": ("40",)}, "c": {"size": ("42",)}}
    assert agrees(catalog)
    undone = Decisions(catalog).undo()
    assert "of another type" in undone.skipped[0].reason


def test_an_attribute_that_only_decisions_have_is_not_dropped(catalog, bring):
    bring("id,colour", "a,Blue")
    _decide(catalog, "a", "style", "Plain")
    bring("id,colour", "a,Blue")
    assert values(catalog)["a"] == {"colour": ("Blue",), "style": ("Plain",)}
    bring("id,colour,style", "a,Blue,Fancy")
    assert values(catalog)["a"]["style"] == ("Plain",)
    assert agrees(catalog)


def test_decisions_are_kept_whatever_type_an_attribute_becomes(catalog, bring):
    rows = ("id,size", "a,38", "b,40", "c,41")
    bring(*rows)
    _decide(catalog, "a", "size", "39")
    for kind in ("category", "text", "number", "text", "category", "number"):
        report = bring(*rows, types={"size": kind})
        expected = (39.0, 40.0) if kind == "number" else ("39", "40")
        assert (values(catalog)["a"]["size"], values(catalog)["b"]["size"]) == tuple(
            (one,) for one in expected
        )
        assert (report.columns["attributes"], report.decisions_kept) == ({"size": kind}, 1)
        assert agrees(catalog)
        before = catalog.revision
        assert bring(*rows, types={"size": kind}).items_unchanged == 3
        assert catalog.revision == before
    Decisions(catalog).undo(1)
    assert values(catalog)["a"]["size"] == (38.0,)
    assert agrees(catalog)


def test_a_decision_that_is_no_number_keeps_its_attribute_from_becoming_one(catalog, bring):
    rows = ("id,size", "a,S", "b,40")
    bring(*rows)
    _decide(catalog, "b", "size", "large")
    before = catalog.revision, values(catalog)
    with pytest.raises(UsageError, match="'large' was decided for the item 'b'"):
        bring(*rows, types={"size": "number"})
    assert (catalog.revision, values(catalog)) == before
    Decisions(catalog).undo(1)
    report = bring(*rows, types={"size": "number"})
    assert [one.reason for one in report.refused] == ["'S' is not a number: 'size' was left empty"]
    assert values(catalog) == {"a": {}, "b": {"size": (40.0,)}}
    assert agrees(catalog)


@pytest.mark.parametrize(
    ("parts", "kind", "words"),
    [
        ({"values": ["S", "M"]}, "number", "has the value 'S'"),
        ({"type": "category"}, "text", "is of type category"),
    ],
)
def test_a_vocabulary_keeps_its_attribute_from_another_type(catalog, bring, parts, kind, words):
    rows = ("id,size", "a,S", "b,M")
    bring(*rows)
    Vocabulary(catalog, Decisions(catalog)).change("size", parts)
    with pytest.raises(UsageError, match=words):
        bring(*rows, types={"size": kind})
    assert values(catalog)["a"] == {"size": ("S",)}


def test_decisions_about_a_skipped_column_are_kept(catalog, bring):
    rows = ("id,colour", "a,Blue", "b,Red")
    bring(*rows)
    _decide(catalog, "a", "colour", "Navy")
    bring(*rows, skip=("colour",))
    assert values(catalog) == {"a": {"colour": ("Navy",)}, "b": {}}
    assert agrees(catalog)
    bring(*rows, skip=())
    assert values(catalog) == {"a": {"colour": ("Navy",)}, "b": {"colour": ("Red",)}}
