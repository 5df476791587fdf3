"""Names that people give: slips of the hand, signs that cannot be seen, attributes without values, filters renamed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

ODD = ["two\nlines", "\u202egnp.exe", "tab\there", "zero\u200bwidth", "esc\x1b[31m", "\u2066turned"]


def test_a_slip_in_an_attributes_name_makes_none(run, asked, plain: Path) -> None:
    told = asked(1, "set", plain, "color=Navy", "--id", "p001")
    assert told["error"] == "There is no attribute 'color'."
    assert told["hint"].startswith("Did you mean 'colour'?")
    assert "--new" in told["hint"]
    assert asked(0, "history", plain) == []
    made = asked(0, "set", plain, "color=Navy", "--id", "p001", "--new")
    assert made["notes"] == ["'color' is a new attribute."]
    assert asked(0, "set", plain, "color=Red", "--id", "p002")["notes"] == []
    out = run("set", plain, "weave=plain", "--id", "p001")[1]
    assert "'weave' is a new attribute." in out
    assert "Did you mean 'colour'?" in asked(1, "tag", plain, "colur=Navy")["hint"]
    asked(0, "set", plain, "type=shirt", "--id", "p001")
    assert asked(0, "set", plain, "style=hawaiian", "--id", "p001")["notes"] == [
        "'style' is a new attribute."
    ]
    assert "Did you mean 'type'?" in asked(1, "set", plain, "tpye=shirt", "--id", "p001")["hint"]


@pytest.mark.parametrize("odd", ODD)
def test_names_with_signs_that_cannot_be_seen_are_refused(asked, encoded: Path, odd: str) -> None:
    for words in (
        ["set", encoded, f"{odd}=x", "--id", "p001", "--new"],
        ["set", encoded, f"colour=red{odd}", "--id", "p001"],
        ["set", encoded, f"fabric={odd}x", "--id", "p001"],
        ["vocabulary add", encoded, odd],
        ["vocabulary add", encoded, "colour", odd],
        ["vocabulary add", encoded, "colour", "--synonym", f"{odd}x=red"],
        ["vocabulary rename", encoded, "colour", "red", f"x{odd}"],
        ["vocabulary merge", encoded, "colour", "red", "--into", f"x{odd}"],
        ["estimate", encoded, "colour", "--name", f"x{odd}"],
    ):
        told = asked(2, *words)
        assert "cannot be seen" in told["error"], (words, told)
    told = asked(2, "filter save", encoded, f"x{odd}", "--like", "p001")
    assert "printable" in told["error"] or "cannot be seen" in told["error"]
    assert asked(0, "history", encoded) == []
    told = asked(2, "tag", encoded, f"colour=x{odd}", "--like", "p001", "--again", "--yes", "p001")
    assert "cannot be seen" in told["error"]


def test_joiners_of_words_are_no_such_signs(asked, plain: Path) -> None:
    asked(
        0,
        "set",
        plain,
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647=\u0646\u06cc\u0645\u200c\u062a\u0646\u0647",
        "--id",
        "p001",
    )


def test_a_value_with_a_line_break_that_was_imported_may_be_given_on(run, asked, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    table = tmp_path / "t.jsonl"
    rows = [{"id": name, "kind": kind} for name, kind in (("a", "one\ntwo"), ("b", "three"), ("c", "three"))]
    table.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    catalog = tmp_path / "catalog"
    run("import", catalog, "--images", tmp_path / "photos", "--table", table, "--type", "kind=category")
    asked(0, "set", catalog, "kind=one\ntwo", "--id", "b")
    out = run("vocabulary", "show", catalog, "kind")[1]
    assert "one\\ntwo" in out, "a table keeps its lines"


def test_an_attribute_without_values_comes_back_from_an_export(
    run, asked, plain: Path, tmp_path: Path
) -> None:
    asked(0, "vocabulary add", plain, "fabric")
    for kind in ("csv", "jsonl", "parquet"):
        file = tmp_path / f"out.{kind}"
        asked(0, "export", plain, "--out", file)
        again = tmp_path / f"again-{kind}"
        (tmp_path / "none").mkdir(exist_ok=True)
        run("import", again, "--images", tmp_path / "none", "--table", file)
        assert "fabric" in asked(0, "info", again)["attributes"], kind


def test_a_filter_is_renamed_over_another(run, asked, encoded: Path) -> None:
    for name, item in (("one", "p000"), ("two", "p001"), ("three", "p002")):
        asked(0, "filter save", encoded, name, "--like", item)
    told = asked(2, "filter rename", encoded, "one", "two")
    assert "--replace" in told["hint"]
    assert "--replace" in asked(2, "filter save", encoded, "two", "--like", "p000")["hint"]
    asked(0, "filter judge", encoded, "two", "--yes", "p005")
    kept = asked(0, "filter show", encoded, "one")["items"]
    asked(0, "filter rename", encoded, "one", "two", "--replace")
    assert {row["name"] for row in asked(0, "filter list", encoded)} == {"two", "three"}
    assert asked(0, "filter show", encoded, "two")["items"] == kept
    assert json.loads(run("filter", "export", encoded, "two")[1])["judgements"] == {}
    asked(0, "undo", encoded)
    assert {row["name"] for row in asked(0, "filter list", encoded)} == {"one", "two", "three"}
    assert json.loads(run("filter", "export", encoded, "two")[1])["judgements"] == {"p005": "yes"}
    asked(0, "filter save", encoded, "both", "--like", "p003", "--where", "visual:three")
    told = asked(2, "filter rename", encoded, "both", "three", "--replace")
    assert "its conditions speak of it" in told["error"]
