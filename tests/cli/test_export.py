"""`visualsearch export` and `visualsearch packet`, as a shell runs them."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from visualsearch.catalog import database

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def catalog(imported_products: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(imported_products, tmp_path / "catalog"))


@pytest.fixture
def ask(run: Run) -> Callable[..., Any]:
    """The JSON answer of a command that succeeds."""

    def call(*arguments: object, code: int = 0) -> Any:
        found, out, err = run(*arguments, "--json")
        assert found == code, err
        return json.loads(out)

    return call


def ids(file: Path) -> list[str]:
    return [json.loads(line)["id"] for line in file.read_text("utf-8").splitlines()]


def test_an_export_comes_back_into_a_fresh_catalog(
    ask: Callable[..., Any], catalog: Path, drawn_products: Path, tmp_path: Path
) -> None:
    out = tmp_path / "all.csv"
    report = ask("export", catalog, "--out", out)
    assert (report["items"], report["format"], report["number"]) == (90, "csv", 1)
    images = "--images", drawn_products
    again = ask("import", catalog, *images, "--table", out)
    assert (again["items_unchanged"], again["items_gone"], again["refused"]) == (90, 0, [])
    assert again["columns"]["why"].startswith("the table was exported")
    ask("export", catalog, "--out", tmp_path / "twice.csv")
    assert (tmp_path / "twice.csv").read_bytes() == out.read_bytes()


def test_a_condition_and_a_saved_list_of_exports(
    run: Run, ask: Callable[..., Any], catalog: Path, tmp_path: Path
) -> None:
    out = tmp_path / "discs.jsonl"
    report = ask("export", catalog, "--out", out, "--where", "shape=disc", "--where", "colour=red")
    assert report["items"] == 10
    assert json.loads((tmp_path / "discs.jsonl.import.json").read_text("utf-8"))["whole"] is False
    assert [entry["complete"] for entry in ask("export", catalog, "--list")] == [False]
    code, text, _ = run("export", catalog, "--list")
    assert (code, "a part" in text) == (0, True)


def test_changes_since_the_last_export_and_by_a_person(
    ask: Callable[..., Any], run: Run, catalog: Path, tmp_path: Path
) -> None:
    out = tmp_path / "changes.jsonl"
    export = "export", catalog, "--out", out
    code, _, err = run(*export, "--since", "last")
    assert (code, "no last time" in err) == (2, True)
    ask(*export)
    for actor, id in (("Anna", "p001"), ("Anna", "p002"), ("Bert", "p003")):
        ask("set", catalog, "colour=violet", "--id", id, "--actor", actor)
    ask("undo", catalog, "--actor", "Bert")
    ask("set", catalog, "colour=pink", "--id", "p002", "--actor", "Bert")
    ask("undo", catalog, "--actor", "Anna")  # takes Bert's back: violet is Anna's again
    ask("set", catalog, "colour=pink", "--id", "p004", "--actor", "Bert")
    code, _, err = run(*export, "--changes", "--actor", "anna")
    assert (code, "Did you mean 'Anna'" in err) == (1, True)
    ask(*export, "--changes", "--actor", "Anna")
    assert ids(out) == ["p001", "p002"]
    assert ask(*export, "--changes", "--actor", "Bert")["items"] == 1
    ask(*export, "--since", "last")
    assert ids(out) == ["p001", "p002", "p004"]
    assert ask(*export, "--since", "last")["items"] == 0
    assert ask(*export, "--since", "2001-01-01", "--where", "id=p004")["items"] == 1
    assert ask(*export, "--since", "2101-01-01")["items"] == 0
    assert ask("vocabulary", "rename", catalog, "colour", "violet", "purple")
    assert ask(*export, "--since", "last")["items"] == 2, "shops need the new word, too"


def test_atomic_updates_hold_what_was_changed(ask: Callable[..., Any], catalog: Path, tmp_path: Path) -> None:
    out = tmp_path / "update.json"
    ask("clear", catalog, "colour", "--id", "p001")
    ask("set", catalog, "shape=ball", "--id", "p000")
    ask("export", catalog, "--out", out, "--format", "solr", "--changes")
    assert json.loads(out.read_text("utf-8")) == [
        {"id": "p000", "shape": {"set": "ball"}},
        {"id": "p001", "colour": {"set": None}},
    ]


def test_mistakes_are_told(run: Run, catalog: Path, tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to(catalog / "catalog.sqlite3")
    for arguments, part in (
        ((), "--out FILE"),
        (("--out", tmp_path / "a.xlsx"), "does not tell the format"),
        (("--out", tmp_path / "a.csv", "--since", "yesterday"), "is no time"),
        (("--out", catalog / "a.csv"), "own folder"),
        (("--out", tmp_path / "link.csv"), "own folder"),
        (("--out", tmp_path / "a.csv", "--where", "colour="), ""),
    ):
        code, _, err = run("export", catalog, *arguments)
        assert (code, part in err) == (2, True), err
    assert not list(tmp_path.glob("a.*"))


def test_a_read_only_catalog_is_exported_but_not_remembered(
    ask: Callable[..., Any], catalog: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from visualsearch.catalog.store import Catalog

    monkeypatch.setattr(Catalog, "read_only", property(lambda self: True))
    report = ask("export", catalog, "--out", tmp_path / "a.csv")
    assert report["number"] is None
    assert any("not remembered" in note for note in report["notes"])


def test_what_the_catalog_does_not_take_is_exported_but_not_remembered(
    ask: Callable[..., Any], catalog: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is there: that is no failure, whatever has become of the catalog's disk meanwhile."""
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.01)
    with closing(sqlite3.connect(catalog / "catalog.sqlite3")) as other:
        other.execute("BEGIN IMMEDIATE")
        report = ask("export", catalog, "--out", tmp_path / "a.csv")
        other.execute("ROLLBACK")
    assert report["number"] is None
    assert any(
        "another process. This export is written, but not remembered." in one for one in report["notes"]
    )
    assert ask("export", catalog, "--out", tmp_path / "a.csv")["number"] == 1


def test_a_packet_from_one_machine_to_another_and_back(
    run: Run, ask: Callable[..., Any], catalog: Path, tmp_path: Path
) -> None:
    packet = tmp_path / "packet.json"
    made = ask(
        "packet",
        "make",
        catalog,
        "--attribute",
        "colour",
        "--where",
        "shape=box",
        "--limit",
        3,
        "--out",
        packet,
    )
    assert made["items"] == 3
    files = []
    for name, colour in (("Anna", "pink"), ("Bert", "grey")):
        copy = Path(shutil.copytree(catalog, tmp_path / name))
        code, text, _ = run("packet", "answer", copy, packet, f"p001={colour}", "p004=keep", "--actor", name)
        assert (code, text) == (0, "Decided about 2 items.\n")
        code, text, _ = run("packet", "answer", copy, packet, "p004=keep", "--actor", name)
        assert (code, text) == (0, "Nothing had to be changed: all of it was decided so before.\n")
        files.append(tmp_path / f"{name}.json")
        collected = ask("packet", "collect", copy, packet, "--out", files[-1], "--actor", name)
        assert (collected["judged"], collected["asked"]) == (2, 3)
    code, text, _ = run("packet", "merge", catalog, *files)
    assert code == 3
    assert "Anna and Bert agree on 50 % of 2 items (Cohen's κ 0.33)." in text
    assert "packet: colour red | here: colour red | Anna: colour → pink | Bert: colour → grey" in text
    merged = ask("packet", "merge", catalog, *files, "--resolve", "p001=Bert")
    assert (merged["conflicts"], merged["already"], merged["agreements"][0]["percent"]) == ([], 1, 50.0)
    assert [state["decided"] for state in ask("packet", "show", catalog, packet)] == [
        "colour → grey",
        "keep",
        None,
    ]
    code, text, _ = run("packet", "show", catalog, packet)
    assert (code, "not decided" in text) == (0, True)
    empty, shapes = tmp_path / "empty.json", tmp_path / "shapes.json"
    ask("packet", "make", catalog, "--attribute", "shape", "--limit", 2, "--out", shapes)
    ask("packet", "collect", catalog, shapes, "--out", empty)
    assert run("packet", "merge", catalog, empty)[1] == "Nothing was decided in what was given.\n"
    code, _, err = run("packet", "merge", catalog, packet)
    assert (code, "no file of decisions" in err) == (2, True)
    code, _, err = run("packet", "answer", catalog, packet, "p001")
    assert (code, "is not ID=ANSWER" in err) == (2, True)
