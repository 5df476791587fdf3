"""Certificates and estimates are gone on with, and what contradicts how they were begun is refused."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def catalog(encoded: Path, run) -> Path:
    hidden = (part for number in range(45, 90) for part in ("--id", f"p{number:03d}"))
    assert run("clear", encoded, "shape", *hidden)[0] == 0
    return encoded


def test_certify_goes_on_with_the_certificate_that_is_open(run, asked, catalog: Path) -> None:
    first = asked(0, "autotag", catalog, "shape", "--certify", "--count", 20)
    assert first["continued"] is False
    for again in (
        [],
        ["--count", 20],
        ["--precision", 95],
        ["--values", "disc", "--values", "box", "--values", "cross"],
    ):
        found = asked(0, "autotag", catalog, "shape", "--certify", *again)
        assert (found["name"], found["continued"]) == (first["name"], True)
    assert "Going on with the certificate" in run("autotag", catalog, "shape", "--certify")[1]
    for option, value in (("--count", 21), ("--precision", 98), ("--values", "disc")):
        told = asked(2, "autotag", catalog, "shape", "--certify", option, value)
        assert "is open" in told["error"]
        assert option in told["hint"]
    answered = asked(0, "autotag", catalog, "shape", "--certify", "--right", first["to_judge"][0])
    assert (answered["name"], answered["judged"]) == (first["name"], 1)
    other = asked(0, "autotag", catalog, "shape", "--certify", "--again", "--count", 21)
    assert (other["name"], other["continued"]) == ("auto tagging of shape #2", False)
    assert len(asked(0, "certificates list", catalog)) == 2


def test_certifying_a_value_refuses_what_contradicts_it(asked, catalog: Path) -> None:
    first = asked(0, "certify", catalog, "shape=disc", "--count", 10)
    assert asked(0, "certify", catalog, "shape=disc")["name"] == first["name"]
    assert "--precision" in asked(2, "certify", catalog, "shape=disc", "--precision", 98)["hint"]
    assert "--count" in asked(2, "certify", catalog, "shape=disc", "--count", 9)["hint"]
    assert (
        asked(0, "certify", catalog, "shape=disc", "--precision", 90, "--again", "--count", 9)["candidates"]
        == 9
    )


def test_answers_stay_when_accepting_is_too_early(run, asked, catalog: Path) -> None:
    first = asked(0, "certify", catalog, "shape=disc", "--count", 12)
    code, _, err = run("certify", catalog, "shape=disc", "--right", first["to_judge"][0], "--accept")
    assert code == 3
    assert "The answers are kept, but nothing was accepted: The sample is not complete" in err
    assert asked(0, "certify", catalog, "shape=disc")["judged"] == 1


def test_an_estimate_is_not_drawn_anew(asked, catalog: Path) -> None:
    begun = asked(0, "estimate", catalog, "colour", "--half-width", 0.1, "--seed", 3)
    assert asked(0, "estimate", catalog, "colour")["seed"] == 3
    assert asked(0, "estimate", catalog, "colour", "--half-width", 0.1, "--seed", 3) == begun
    for option, value in (("--half-width", 0.05), ("--seed", 1), ("--confidence", 90)):
        told = asked(2, "estimate", catalog, "colour", option, value)
        assert f"was begun with {option}" in told["error"]
        assert "--name" in told["hint"]
        assert asked(2, "estimate", catalog, "colour", option, value, "--show") == told
    assert "begun as plain" in asked(2, "estimate", catalog, "colour", "--stratified")["error"]
    assert "write nothing" in asked(2, "estimate", catalog, "colour", "--show", "--right", "p001")["error"]


def test_verdicts_of_one_command_are_one_operation(run, asked, encoded: Path) -> None:
    rows = asked(0, "audit", encoded, "colour", "--keep", "p000", "--unsure", "p001", "--change", "p002=blue")
    assert [row["verdict"] for row in rows] == ["keep", "unsure", "change"]
    assert len({row["operation"] for row in rows}) == 1
    (entry,) = asked(0, "history", encoded)
    assert entry["label"] == "colour: 3 verdicts (1 kept, 1 unsure, 1 changed)"
    asked(0, "undo", encoded)
    assert asked(0, "search", encoded, "--where", "id=p002 and colour=red")["total"] == 1
    assert asked(0, "verify", encoded)["agrees"]
    assert run("audit", encoded, "colour", "--keep", "p000")[1].endswith("1 verdict · operation 3\n")
    told = asked(2, "audit", encoded, "colour", "--change", "p000=blue", "--change", "p000=red")
    assert "two answers" in told["error"]


def test_suspects_without_a_common_mistake_are_not_said_to_be_right(run, asked, encoded: Path) -> None:
    run("set", encoded, "colour=green", "--id", "p003")
    assert any(row["score"] >= 0.5 for row in asked(0, "audit", encoded, "colour"))
    assert asked(0, "audit", encoded, "colour", "--clusters") == []
    out = run("audit", encoded, "colour", "--clusters")[1]
    assert "in common" in out
    assert "Nothing looks wrong" not in out


def test_suggestions_go_on_from_what_tagging_began_with(asked, encoded: Path) -> None:
    begun = asked(0, "tag", encoded, "style=round", "--like", "p003", "--size", 5)
    found = asked(0, "suggest", encoded, "style=round", "--limit", 5)
    assert [row["id"] for row in found] == [row["id"] for row in begun["page"]]
