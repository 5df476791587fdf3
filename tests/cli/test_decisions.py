"""Deciding on the command line: set, clear, history, undo, redo, verify, vocabulary."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from visualsearch.catalog.store import Catalog
from visualsearch.jobs import JobControl


@pytest.fixture
def catalog(plain: Path) -> Path:
    return plain


@pytest.fixture
def ask(run, catalog: Path) -> Callable[..., Any]:
    """``ask(code, command, …)``: a command with --json on the catalog; its answer."""

    def call(expected: int, command: str, *arguments: object) -> Any:
        words = command.split()
        code, out, err = run(*words, catalog, *arguments, "--json")
        assert code == expected, (out, err)
        return json.loads(out) if out else None

    return call


def _count(run, catalog: Path, where: str) -> int:
    code, out, err = run("search", catalog, "--where", where, "--json", "--limit", 0)
    assert code == 0, err
    return json.loads(out)["total"]


def test_set_undo_redo_and_history(run, ask, catalog: Path):
    done = ask(0, "set", "style=Hawaiian", "--where", "shape=disc", "--actor", "ann")
    assert (done["operation"], done["changed"], done["skipped"]) == (1, 30, [])
    assert _count(run, catalog, "style=Hawaiian") == 30
    assert ask(0, "clear", "style", "--id", "p000", "--id", "p003")["changed"] == 2
    assert ask(0, "undo")["label"] == "Clear style (2 items)"
    assert ask(0, "redo")["changed"] == 2
    undone = ask(3, "undo", 1)
    assert undone["changed"] == 28
    assert {one["id"] for one in undone["skipped"]} == {"p000", "p003"}
    kinds = [entry["kind"] for entry in ask(0, "history")]
    assert kinds == ["undo", "redo", "undo", "clear", "set"]
    assert [entry["number"] for entry in ask(0, "history", "--actor", "ann")] == [1]
    assert [entry["number"] for entry in ask(0, "history", "--id", "p000", "--kind", "clear")] == [2]
    assert ask(0, "history", "--since", "2999-01-01") == []
    (entry,) = ask(0, "history", "--kind", "clear", "--changes", 1)
    assert entry["changes"] == [
        {"what": "value", "id": "p000", "name": "style", "old": ["Hawaiian"], "new": []}
    ]
    assert ask(0, "verify") == {"agrees": True, "problems": []}


def test_a_wrong_id_is_refused_and_the_others_are_done(ask):
    done = ask(3, "set", "colour=Navy", "--id", "p001", "--id", "nobody")
    assert done["changed"] == 1
    assert done["skipped"] == [{"id": "nobody", "attribute": "colour", "reason": "no item has this id"}]
    assert ask(1, "set", "colour=Navy", "--id", "nobody")["error"] == "There is no item 'nobody'."


@pytest.mark.parametrize(
    ("code", "arguments", "told"),
    [
        (2, ["set", "colour", "--id", "p001"], "is not ATTRIBUTE=VALUE"),
        (2, ["set", "colour=Navy"], "No items are chosen"),
        (2, ["set", "colour=Navy", "--id", "p001", "--add", "--remove"], "exclude each other"),
        (2, ["set", "price=cheap", "--id", "p001"], "'cheap' is not a number"),
        (1, ["clear", "style", "--id", "p001"], "There is no attribute 'style'"),
        (1, ["undo"], "There is nothing to undo."),
        (1, ["redo"], "There is nothing to redo."),
        (1, ["undo", "7"], "There is no operation 7."),
        (2, ["history", "--since", "yesterday"], "is no time"),
        (1, ["history", "--id", "nobody"], "There is no item 'nobody'."),
        (2, ["vocabulary rename", "colour", "rde", "Red"], "has no value 'rde'"),
        (1, ["vocabulary show", "style"], "There is no attribute 'style'"),
        (2, ["vocabulary import", "nowhere.csv"], "cannot be read"),
        (2, ["vocabulary add", "colour", "--synonym", "x"], "is not WORD=VALUE"),
    ],
)
def test_mistakes_are_sentences(run, catalog: Path, code, arguments, told):
    words = [*arguments[0].split(), catalog, *arguments[1:]]
    found, _, err = run(*words)
    assert found == code
    assert told in err


def test_the_vocabulary(run, ask, catalog: Path, tmp_path: Path):
    assert ask(0, "vocabulary rename", "colour", "red", "Scarlet")["changed"] == 31
    assert ask(0, "vocabulary merge", "colour", "blue", "green", "--into", "Cold")["changed"] == 61
    assert ask(0, "set", "colour=RED", "--id", "p003")["changed"] == 1
    shown = ask(0, "vocabulary show", "colour")
    assert shown["values"] == {"Cold": 59, "Scarlet": 31}
    assert ask(
        0, "vocabulary add", "sleeve", "short", "long", "--scope", "shape=disc", "--exclusive", "short|long"
    )
    rows = {row["attribute"]: row for row in ask(0, "vocabulary list")}
    assert rows["sleeve"] | {"attribute": "sleeve"} == {
        "attribute": "sleeve",
        "type": "category",
        "multi": False,
        "allowed": 2,
        "synonyms": 0,
        "scope": "shape=disc",
        "scope_problem": "",
    }
    skipped = ask(3, "set", "sleeve=short", "--id", "p000", "--id", "p001")["skipped"]
    assert skipped == [
        {"id": "p001", "attribute": "sleeve", "reason": "the attribute is only for shape=disc"}
    ]
    file = tmp_path / "words.csv"
    file.write_text("attribute,value\nfabric,linen\n", "utf-8")
    ask(0, "vocabulary import", file)
    assert "linen" in run("vocabulary", "show", catalog, "fabric")[1]
    assert ask(0, "verify")["agrees"]


def test_readable_texts(run, catalog: Path):
    _, out, _ = run("set", catalog, "colour=Navy", "--id", "p000", "--actor", "ann")
    assert out == "Set colour = Navy (1 item): 1 value changed · operation 1\n"
    _, out, _ = run("history", catalog, "--changes", 1)
    first, second = out.splitlines()
    assert first.endswith("Set colour = Navy (1 item) · 1 value changed")
    assert second.strip() == "p000  colour: red → Navy"
    assert run("undo", catalog)[1] == "Undone: Set colour = Navy (1 item): 1 value changed · operation 2\n"
    assert run("redo", catalog)[1].startswith("Done again: ")
    assert run("vocabulary", "add", catalog, "fit", "slim")[0] == 0
    first, second = run("history", catalog, "--changes", 1, "--limit", 1)[1].splitlines()
    assert first.endswith("fit")
    assert second.strip() == "attribute: fit: made"
    code, out, _ = run("search", catalog, "--where", "colour=Navy")
    assert (code, out.split()[0]) == (0, "p000")
    rules = "colour: category, one value, any value allowed"
    assert rules in run("vocabulary", "list", catalog)[1]
    assert rules in run("vocabulary", "show", catalog, "colour")[1]
    assert len(run("set", catalog, f"colour={'x' * 10_000}", "--id", "p000")[1]) < 200
    _, out, _ = run("verify", catalog)
    assert out == "The catalog is what its imports and its history make it.\n"


def test_verify_fails_where_somebody_tampered(run, catalog: Path):
    run("set", catalog, "colour=Navy", "--id", "p000")
    with Catalog.open(catalog) as opened, opened.write() as connection:
        connection.execute("DELETE FROM item_value WHERE item = (SELECT number FROM item WHERE id = 'p000')")
    code, out, _ = run("verify", catalog)
    assert code == 1
    assert "colour of 'p000' is empty, but operation 1 left 'Navy'." in out
    assert "The imported values of 'p000' are not those that the import left." in out


def test_the_window_and_a_command_see_the_same(catalog: Path):
    """Another process's decision is picked up by a refresh, without reading the columns anew."""
    from visualsearch.catalog.decisions import Decisions, ValueChange
    from visualsearch.filters.query import Query
    from visualsearch.workspace import Workspace

    def total(workspace: Workspace) -> int:
        answers = []
        workspace.search(Query(where=("colour=Navy",)), answers.append, JobControl())
        return answers[-1].total

    with Workspace.open(catalog) as workspace:
        assert total(workspace) == 0
        workspace.decisions.apply("set", "own", values=[ValueChange(1, "colour", ("Navy",))])
        assert total(workspace) == 1
        assert not workspace.refresh(), "what is decided here is seen at once"
        with Catalog.open(catalog) as other:
            Decisions(other).apply("set", "other", values=[ValueChange(2, "colour", ("Navy",))])
        assert workspace.refresh()
        assert total(workspace) == 2
        workspace.decisions.undo()
        assert total(workspace) == 1


@pytest.mark.parametrize("name", ["id", "ID", "visual:linen", "two\nlines", "a\u202eb", "x" * 201])
def test_names_that_a_new_attribute_cannot_have(ask, name: str):
    assert "name of an attribute" in ask(2, "set", f"{name}=7", "--id", "p000")["error"]
    assert "name of an attribute" in ask(2, "vocabulary add", name, "red")["error"]
    assert ask(0, "history") == []


def test_a_number_that_no_operation_can_have(ask):
    assert ask(1, "undo", 10**30)["error"] == f"There is no operation {10**30}."


def test_wrong_usage_is_json_too(run, catalog: Path):
    code, out, err = run("undo", catalog, "abc", "--json")
    answer = json.loads(out)
    assert (code, set(answer)) == (2, {"error", "hint"})
    assert "abc" in answer["error"]
    assert "abc" in err
    assert answer["hint"] == "See: visualsearch undo --help"


def test_no_value_becomes_empty(ask):
    for command in (
        ("vocabulary rename", "shape", "disc", ""),
        ("vocabulary merge", "shape", "disc", "--into", " "),
    ):
        name, *rest = command
        assert "empty" in ask(2, name, *rest)["error"]
    assert ask(0, "history") == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"a": ' * 100_000, "deeply"),
        ('{"shape": {"synonyms": {"\\ud800": "disc"}}}', "broken"),
        ('{"shape": {"synonyms": {"x": ""}}}', "empty"),
        ('{"weight": {"type": "number", "values": [1e999]}}', "too large"),
        ('{"weight": {"type": "number", "values": [1%s]}}' % ("0" * 400), "too large"),
    ],
    ids=["deep", "broken", "empty", "infinite", "large"],
)
def test_odd_vocabulary_files(ask, tmp_path: Path, text: str, told: str):
    file = tmp_path / "odd.json"
    file.write_text(text)
    assert told in ask(2, "vocabulary import", file)["error"]
    assert ask(0, "history") == []


def test_one_answer_for_one_item(ask):
    assert "two answers" in ask(2, "audit", "shape", "--keep", "p000", "--change", "p000=ring")["error"]
    assert "two answers" in ask(2, "estimate", "shape", "--right", "p000", "--wrong", "p000")["error"]
    assert "no estimate 'shape'" in ask(1, "estimate", "shape", "--right", "p000")["error"]
    pair = ("--duplicate", "p000", "p001")
    assert "two answers" in ask(2, "duplicates", *pair, "--variant", "p001", "p000")["error"]
    assert "itself" in ask(2, "duplicates", *pair, "--duplicate", "p002", "p002")["error"]
    assert ask(0, "history") == []


@pytest.mark.parametrize("options", [("--seed", "-1"), ("--confidence", "100"), ("--confidence", "nan")])
def test_an_estimate_that_cannot_be(ask, options: tuple[str, str]):
    assert (
        "not in the range" in (error := ask(2, "estimate", "shape", *options)["error"]) or "per cent" in error
    )
    assert ask(0, "history") == []


def test_a_sample_is_judged_after_it_is_drawn(ask):
    assert "new sample" in ask(2, "autotag", "shape", "--certify", "--right", "p000")["error"]
