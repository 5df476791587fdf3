"""The vocabulary: allowed values, synonyms, scope, exclusive values, renaming, merging, files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.catalog.conftest import agrees
from visualsearch.catalog.decisions import BulkValues, Decisions, Document, ValueChange
from visualsearch.catalog.store import Catalog
from visualsearch.catalog.vocabulary import Vocabulary
from visualsearch.errors import UnknownName, VocabularyError

TYPES = {"colour": "category", "kind": "category", "year": "number"}
ITEMS = {
    "a": {"colour": ["Blue"], "kind": ["Tops"]},
    "b": {"colour": ["Navy"], "kind": ["Shoes"], "year": [2012.0]},
    "c": {"colour": ["Navy"]},
}


@pytest.fixture
def catalog(make_catalog) -> Catalog:
    return make_catalog(TYPES, ITEMS)


@pytest.fixture
def decisions(catalog: Catalog) -> Decisions:
    return Decisions(catalog)


@pytest.fixture
def vocabulary(catalog: Catalog, decisions: Decisions) -> Vocabulary:
    return Vocabulary(catalog, decisions)


def column(catalog: Catalog, attribute: str) -> list[tuple]:
    found = []
    for item in (1, 2, 3):
        own = {own.name: own.values for own in catalog.details(item).attributes}
        found.append(own.get(attribute, ()))
    return found


def _set(decisions: Decisions, item: int, attribute: str, *new) -> None:
    decisions.apply("set", "x", values=[ValueChange(item, attribute, new)])


def test_an_attribute_can_be_made_before_anybody_has_it(catalog, decisions, vocabulary):
    vocabulary.add("style", ["Plain", "Hawaiian"], multi=True)
    assert ("style", "category") in catalog.attributes()
    rules = vocabulary.rules()["style"]
    assert (rules.type, rules.multi, rules.values) == ("category", True, ("Plain", "Hawaiian"))
    _set(decisions, 1, "style", "hawaiian", "plain")
    assert column(catalog, "style")[0] == ("Hawaiian", "Plain"), "as the vocabulary writes them"
    decisions.undo()
    decisions.undo()
    assert "style" not in dict(catalog.attributes())
    assert agrees(catalog)


def test_only_allowed_values_are_taken(catalog, decisions, vocabulary):
    vocabulary.add("colour", ["Red"])
    assert vocabulary.rules()["colour"].values == ("Blue", "Navy", "Red"), (
        "those that items have are allowed too"
    )
    with pytest.raises(VocabularyError, match="'Rde' is not among the allowed values of 'colour'") as error:
        _set(decisions, 1, "colour", "Rde")
    assert "Did you mean 'Red'?" in error.value.hint
    assert column(catalog, "colour")[0] == ("Blue",)
    vocabulary.add("colour", ["Rde"])
    _set(decisions, 1, "colour", "Rde")
    assert column(catalog, "colour")[0] == ("Rde",)


def test_numbers_have_allowed_values_too(catalog, decisions, vocabulary):
    vocabulary.add("size", ["38", "40"], type="number")
    _set(decisions, 1, "size", "38.0")
    assert column(catalog, "size")[0] == (38.0,)
    with pytest.raises(VocabularyError, match="'39' is not among"):
        _set(decisions, 1, "size", 39)


def test_one_value_an_item_unless_the_vocabulary_says_otherwise(catalog, decisions, vocabulary):
    with pytest.raises(VocabularyError, match="'colour' has one value an item, and 2 were given"):
        _set(decisions, 1, "colour", "Red", "Blue")
    decisions.apply("add", "x", values=BulkValues(np.array([1]), "colour", "add", ("Red",)))
    assert column(catalog, "colour")[0] == ("Red",), "adding replaces the one value"
    vocabulary.change("colour", {"multi": True})
    decisions.apply("add", "x", values=BulkValues(np.array([1, 2]), "colour", "add", ("Green",)))
    assert column(catalog, "colour") == [("Green", "Red"), ("Green", "Navy"), ("Navy",)]
    decisions.apply("remove", "x", values=BulkValues(np.array([1, 2, 3]), "colour", "remove", ("Green",)))
    assert column(catalog, "colour") == [("Red",), ("Navy",), ("Navy",)]


def test_a_value_replaces_those_that_it_excludes(catalog, decisions, vocabulary):
    rules = {"multi": True, "exclusive": [["short", "long"], ["tight", "wide"]]}
    decisions.apply("vocabulary", "x", documents=[Document("attribute", "sleeve", rules)])
    _set(decisions, 1, "sleeve", "short", "tight")
    decisions.apply("add", "x", values=BulkValues(np.array([1]), "sleeve", "add", ("long",)))
    assert column(catalog, "sleeve")[0] == ("long", "tight")
    with pytest.raises(VocabularyError, match="'long', 'short' exclude each other"):
        _set(decisions, 1, "sleeve", "short", "long")


def test_an_attribute_is_only_for_the_items_in_its_scope(catalog, decisions, vocabulary):
    vocabulary.add("sleeve", ["short"], scope="kind=Tops")
    applied = decisions.apply("set", "x", values=BulkValues(np.array([1, 2, 3]), "sleeve", "set", ("short",)))
    assert applied.changed == 1
    assert [(one.item, one.reason) for one in applied.skipped] == [
        (2, "the attribute is only for kind=Tops"),
        (3, "the attribute is only for kind=Tops"),
    ]
    vocabulary.change("sleeve", {"scope": "cut=x"})
    assert vocabulary.broken_scopes().keys() == {"sleeve"}
    applied = decisions.apply("set", "x", values=BulkValues(np.array([2]), "sleeve", "set", ("short",)))
    assert applied.changed == 1, "a scope that cannot be applied holds nothing back"
    assert applied.notes == ["The scope of 'sleeve', 'cut=x', is not applied: There is no attribute 'cut'."]


def test_renaming_is_one_step_and_the_old_name_stays_a_word_for_it(catalog, decisions, vocabulary):
    _set(decisions, 1, "colour", "Navy")
    renamed = vocabulary.rename("colour", "Navy", "Dark blue")
    assert column(catalog, "colour") == [("Dark blue",)] * 3
    assert decisions.history()[0].kind == "rename"
    _set(decisions, 3, "colour", "navy")
    assert column(catalog, "colour")[2] == ("Dark blue",)
    assert agrees(catalog)
    decisions.undo(renamed.operation)
    assert column(catalog, "colour") == [("Navy",)] * 3
    assert vocabulary.body("colour") == {}
    assert agrees(catalog)


def test_renaming_back_and_forth(catalog, vocabulary):
    vocabulary.rename("colour", "Navy", "Marine")
    vocabulary.rename("colour", "Marine", "Navy")
    assert column(catalog, "colour") == [("Blue",), ("Navy",), ("Navy",)]
    assert vocabulary.body("colour")["synonyms"] == {"Marine": "Navy"}
    assert agrees(catalog)


def test_two_renamings_are_undone_in_any_order(catalog, decisions, vocabulary):
    first = vocabulary.rename("colour", "Navy", "Marine")
    vocabulary.rename("colour", "Blue", "Azure")
    assert decisions.undo(first.operation).skipped == []
    assert column(catalog, "colour") == [("Azure",), ("Navy",), ("Navy",)]
    decisions.undo()
    assert column(catalog, "colour") == [("Blue",), ("Navy",), ("Navy",)]
    assert agrees(catalog)


def test_merging_makes_one_value_of_several(catalog, decisions, vocabulary):
    decisions.apply(
        "vocabulary",
        "x",
        documents=[
            Document("attribute", "colour", {"values": ["Blue", "Navy", "Red"], "keys": {"1": "Navy"}})
        ],
    )
    _set(decisions, 3, "colour", "Red")
    vocabulary.merge("colour", ["Navy", "Red"], into="Blue")
    assert column(catalog, "colour") == [("Blue",)] * 3
    assert vocabulary.body("colour") == {
        "values": ["Blue"],
        "keys": {"1": "Blue"},
        "synonyms": {"Navy": "Blue", "Red": "Blue"},
    }
    decisions.undo()
    assert column(catalog, "colour") == [("Blue",), ("Navy",), ("Red",)]
    assert agrees(catalog)


def test_renaming_says_what_is_wrong(vocabulary):
    with pytest.raises(VocabularyError, match="'colour' has no value 'Nvay'") as error:
        vocabulary.rename("colour", "Nvay", "x")
    assert error.value.hint == "Did you mean 'Navy'?"
    with pytest.raises(VocabularyError, match="has the value 'Blue' already"):
        vocabulary.rename("colour", "Navy", "Blue")
    with pytest.raises(UnknownName, match="no attribute 'color'"):
        vocabulary.rename("color", "Navy", "x")
    with pytest.raises(VocabularyError, match="only the values of categories"):
        vocabulary.rename("year", "2012", "2013")


def test_a_vocabulary_file_in_csv(tmp_path: Path, catalog, vocabulary):
    file = tmp_path / "words.csv"
    file.write_text(
        "attribute,value,synonyms,key,multi,scope,exclusive\n"
        "sleeve,short,half|kurz,1,,kind=Tops,length\n"
        "sleeve,long,,2,,,length\n"
        "tags,,,,yes,,\n"
        "colour,Dark blue,Navy,,,,\n",
        "utf-8-sig",
    )
    vocabulary.import_file(file)
    assert vocabulary.body("sleeve") == {
        "scope": "kind=Tops",
        "values": ["short", "long"],
        "synonyms": {"half": "short", "kurz": "short"},
        "keys": {"1": "short", "2": "long"},
        "exclusive": [["short", "long"]],
    }
    assert vocabulary.rules()["tags"].multi
    assert column(catalog, "colour") == [("Blue",), ("Dark blue",), ("Dark blue",)], "the catalog follows"
    assert agrees(catalog)


def test_a_vocabulary_file_in_json(tmp_path: Path, vocabulary):
    file = tmp_path / "words.json"
    body = {"type": "number", "values": [38, 40.5]}
    file.write_text(json.dumps({"size": body}), "utf-8")
    vocabulary.import_file(file)
    assert vocabulary.body("size") == body


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("colour;value\n", "has the columns colour;value"),
        ("", "has the columns none"),
        ("attribute,value\n,Red\n", "words.csv:2: the attribute is empty"),
        ("attribute,value,multi\nx,y,perhaps\n", "words.csv:2: multi is 'perhaps'"),
        ("attribute,value,synonyms\nx,a,w\nx,b,w\n", "words.csv:3: 'w' stands for 'a' already"),
        (
            "attribute,value,scope\nx,a,p=1\nx,b,p=2\n",
            "words.csv:3: 'x' has the scope 'p=1' above, and 'p=2' here",
        ),
        ("attribute,value\nx,a\nx,A\n", "has a value twice"),
        ("attribute,value,scope\nx,a,p=\n", "the scope 'p=' is not a condition"),
        ('attribute,value\nx,"a\n', "is not CSV"),
        ("{", "is not JSON"),
        ('{"x": []}', "is not an object of objects"),
        ('{"x": {"valeus": []}}', "has the part 'valeus', which means nothing"),
        ('{"x": {"values": "a"}}', "values is not a list of texts"),
        (
            '{"x": {"values": ["a"], "synonyms": {"b": "c"}}}',
            "'b' stands for 'c', which is not among its values",
        ),
        ('{"x": {"synonyms": {"a": "b", "b": "c"}}}', "which itself stands for 'c'"),
        ('{"x": {"type": "date"}}', "the type is 'date'"),
        ('{"colour": {"type": "number"}}', "'colour' is of type category in the catalog, not number"),
    ],
)
def test_a_wrong_vocabulary_file_changes_nothing_and_says_where(
    tmp_path: Path, catalog, vocabulary, text, told
):
    file = tmp_path / "words.csv"
    file.write_text(text, "utf-8")
    revision = catalog.revision
    with pytest.raises(VocabularyError) as error:
        vocabulary.import_file(file)
    assert told in str(error.value)
    assert catalog.revision == revision


def test_a_value_is_deleted_from_items_and_rules_as_one_step(catalog, decisions, vocabulary):
    vocabulary.add(
        "colour", ["Teal"], synonyms={"marine": "Navy"}, exclusive=[["Navy", "Blue"]], keys={"1": "Navy"}
    )
    before = vocabulary.body("colour")
    applied = vocabulary.remove("colour", ["Navy"])
    assert applied.changed == 3  # two items and the document
    assert column(catalog, "colour") == [("Blue",), (), ()]
    assert vocabulary.body("colour") == {
        "values": ["Blue", "Teal"],
        "synonyms": {},
        "exclusive": [],
        "keys": {},
    }
    assert agrees(catalog)
    decisions.undo()
    assert column(catalog, "colour") == [("Blue",), ("Navy",), ("Navy",)]
    assert vocabulary.body("colour") == before
    assert agrees(catalog)
    with pytest.raises(VocabularyError, match="no value 'Pink'"):
        vocabulary.remove("colour", ["Pink"])


def test_an_attribute_is_deleted_with_its_values_and_comes_back(catalog, decisions, vocabulary):
    vocabulary.change("year", {"scope": "kind=Shoes"})
    assert vocabulary.names() == ["colour", "kind", "year"]
    vocabulary.delete("year")
    assert column(catalog, "year") == [(), (), ()]
    assert vocabulary.names() == ["colour", "kind"]
    assert agrees(catalog)
    decisions.undo()
    assert column(catalog, "year") == [(), (2012.0,), ()]
    assert vocabulary.body("year") == {"scope": "kind=Shoes"}
    assert agrees(catalog)
    with pytest.raises(UnknownName, match="no attribute 'size'"):
        vocabulary.delete("size")
