"""One rule for ids that no item has, in every command that takes ids: 1 when nothing is left to do, 3 otherwise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from visualsearch.attributes.packets import PacketRequest
from visualsearch.jobs import JobControl
from visualsearch.workspace import Workspace

ANSWERING = [
    ("set", ["colour=blue"], "--id"),
    ("clear", ["colour"], "--id"),
    ("tag", ["style=plain", "--like", "p000"], "--unsure"),
    ("audit", ["colour"], "--keep"),
    ("audit", ["colour"], "--unsure"),
    ("filter judge", ["round"], "--yes"),
    ("filter judge", ["round"], "--no"),
]
ASKING = [
    ("history", ["--id", "nobody"]),
    ("explain", ["nobody", "--like", "p001"]),
    ("explain", ["p001", "--like", "nobody"]),
    ("search", ["--like", "nobody"]),
    ("search", ["--like", "p001", "--unlike", "nobody"]),
    ("suggest", ["shape=disc", "--like", "nobody"]),
    ("filter save", ["odd", "--like", "nobody"]),
    ("tag", ["shape=disc", "--like", "nobody"]),
]


@pytest.fixture
def catalog(encoded: Path, run) -> Path:
    assert run("filter", "save", encoded, "round", "--like", "p000")[0] == 0
    return encoded


def last_operation(asked: Callable, catalog: Path) -> int:
    return max((entry["number"] for entry in asked(0, "history", catalog)), default=0)


@pytest.mark.parametrize(("command", "arguments", "option"), ANSWERING)
def test_unknown_ids_alone_do_nothing_and_among_others_are_left_out(
    run, asked, catalog: Path, command: str, arguments: list[str], option: str
) -> None:
    before = last_operation(asked, catalog)
    assert "There is no item 'nobody'." in asked(1, command, catalog, *arguments, option, "nobody")["error"]
    assert last_operation(asked, catalog) == before
    words = [*command.split(), catalog, *arguments, option, "nobody", option, "p001"]
    code, _, err = run(*words)
    assert code == 3, err
    assert "'nobody'" in err
    assert last_operation(asked, catalog) > before


@pytest.mark.parametrize(("command", "arguments"), ASKING)
def test_a_question_about_an_unknown_id_is_not_asked(
    run, catalog: Path, command: str, arguments: list[str]
) -> None:
    code, _, err = run(*command.split(), catalog, *arguments)
    assert code == 1
    assert "'nobody'" in err


def test_changes_pairs_and_packets_follow_it_too(run, asked, catalog: Path, tmp_path: Path) -> None:
    asked(1, "audit", catalog, "colour", "--change", "nobody=red")
    (row,) = asked(3, "audit", catalog, "colour", "--change", "nobody=red", "--change", "p001=blue")
    assert (row["id"], row["value"]) == ("p001", "blue")
    asked(1, "duplicates", catalog, "--duplicate", "p001", "nobody")
    asked(3, "duplicates", catalog, "--duplicate", "p001", "nobody", "--duplicate", "p001", "p002")
    packet = tmp_path / "queue.json"
    with Workspace.open(catalog) as workspace:
        request = PacketRequest(attribute="colour", where=("shape=disc",))
        workspace.packets.make(request, packet, JobControl(), "ann")
    asked(1, "packet answer", catalog, packet, "nobody=keep")
    assert asked(3, "packet answer", catalog, packet, "nobody=keep", "p000=keep")["unknown"] == ["nobody"]


def test_estimates_and_certificates_follow_it_too(run, asked, catalog: Path) -> None:
    asked(1, "estimate", catalog, "colour", "--right", "nobody")
    assert asked(0, "estimate", catalog, "--list") == [], "nothing was begun"
    first = asked(0, "estimate", catalog, "colour")["next"][0]
    found = asked(3, "estimate", catalog, "colour", "--right", "nobody", "--right", first)
    assert found["judged"] == 1
    run("clear", catalog, "shape", *(part for n in range(45, 90) for part in ("--id", f"p{n:03d}")))
    for command in (["certify", catalog, "shape=disc"], ["autotag", catalog, "shape"]):
        begun = asked(0, *command, "--count", 10, *(["--certify"] if command[0] == "autotag" else []))
        asked(1, *command, "--wrong", "nobody")
        found = asked(3, *command, "--wrong", "nobody", "--right", begun["to_judge"][0])
        assert found["judged"] == 1


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("clear", ["hue", "--id", "p001"]),
        ("vocabulary show", ["hue"]),
        ("vocabulary rename", ["hue", "a", "b"]),
        ("vocabulary merge", ["hue", "a", "--into", "b"]),
        ("audit", ["hue"]),
        ("audit", ["hue", "--keep", "p001"]),
        ("autotag", ["hue"]),
        ("autotag", ["hue", "--accept"]),
        ("estimate", ["hue"]),
        ("dashboard", ["--items", "hue", "filled"]),
        ("evaluate", ["--attribute", "hue"]),
        ("search", ["--sort", "hue"]),
        ("packet make", ["--suspects", "hue", "--out", "x.json"]),
        ("filter show", ["hue"]),
        ("filter export", ["hue"]),
        ("filter rename", ["hue", "other"]),
        ("filter delete", ["hue"]),
        ("filter judge", ["hue"]),
        ("suggest", ["shape=disc", "--filter", "hue"]),
        ("estimate", ["--name", "hue", "--show"]),
        ("certificates show", ["hue"]),
        ("undo", ["99"]),
    ],
)
def test_other_names_that_are_not_there_are_errors_with_a_next_step(
    asked, catalog: Path, command: str, arguments: list[str]
) -> None:
    told = asked(1, command, catalog, *arguments)
    assert told["error"].startswith("There is no "), told
    assert told["hint"], told
