"""Work packets: made here, judged on copies, merged here."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualsearch.attributes.agreement import agreement
from visualsearch.attributes.packet_format import DECISIONS, PACKET, read_packet, read_verdicts
from visualsearch.attributes.packets import PacketRequest
from visualsearch.catalog.decisions import ValueChange
from visualsearch.errors import UsageError, VocabularyError
from visualsearch.jobs import JobControl
from visualsearch.workspace import Workspace

COLOUR = PacketRequest(attribute="colour", where=("shape=disc",), limit=6)


@pytest.fixture
def home(imported_products: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(imported_products, tmp_path / "home"))


def make(home: Path, request: PacketRequest, file: Path) -> list[str]:
    """The ids that a packet asks about."""
    with Workspace.open(home) as workspace:
        packet = workspace.packets.make(request, file, JobControl(), "boss")
    return [one.id for one in packet.items]


def judge(home: Path, packet: Path, name: str, answers: dict[str, str]) -> Path:
    """Judge on a copy, as another person on another machine would; the file of decisions."""
    copy = Path(shutil.copytree(home, home.with_name(f"copy of {name}"), dirs_exist_ok=True))
    file = packet.with_name(f"{name}.json")
    with Workspace.open(copy) as workspace:
        read = read_packet(packet)
        workspace.packets.answer(read, answers, JobControl(), name)
        collected = workspace.packets.collect(read, name, file, JobControl())
    assert collected.judged == len(answers)
    assert not collected.missing + collected.other_photos
    return file


def colours(home: Path, ids: list[str]) -> list[tuple]:
    with Workspace.open(home) as workspace:
        found = [workspace.details(workspace.number_of(id) or 0).attributes for id in ids]
    return [next((one.values for one in item if one.name == "colour"), ()) for item in found]


def test_the_decisions_of_two_judges_come_together(home: Path, tmp_path: Path) -> None:
    packet = tmp_path / "packet.json"
    a, b, c, d, e, f = make(home, COLOUR, packet)
    first = judge(home, packet, "Anna", {a: "keep", b: "white", c: "black", d: "red"})
    second = judge(home, packet, "Bert", {a: "keep", b: "green", c: "black", e: "unsure"})
    with Workspace.open(home) as workspace:
        trial = workspace.packets.merge([first, second], JobControl(), dry_run=True)
        assert not workspace.decisions.history()
        merged = workspace.packets.merge([first, second], JobControl())
        assert [conflict.id for conflict in merged.conflicts] == [b] == [one.id for one in trial.conflicts]
        (conflict,) = merged.conflicts
        labels = {name: side.label for name, side in conflict.judged.items()}
        assert labels == {"Anna": "colour → white", "Bert": "colour → green"}
        assert [(one.judge, one.items) for one in merged.taken] == [("Anna", 3), ("Bert", 1)]
        (agreed,) = merged.agreements
        assert (agreed.items, agreed.same) == (3, 2)
        assert agreed.percent == pytest.approx(200 / 3)
        assert agreed.kappa == pytest.approx(0.571, abs=0.001)  # chance: 2 of 9
        again = workspace.packets.merge([first, second], JobControl())
        assert (again.taken, again.already) == ([], 4)
        resolved = workspace.packets.merge([first, second], JobControl(), resolve={b: "Bert"})
        assert not resolved.conflicts
        history = workspace.decisions.history()
        assert [(one.kind, one.actor) for one in history] == [
            ("import-decisions", name) for name in ("Bert", "Bert", "Anna")
        ]
        assert workspace.decisions.verify(JobControl()) == []
    assert colours(home, [a, b, c, f])[1:3] == [("green",), ("black",)]
    with Workspace.open(home) as workspace:
        workspace.decisions.undo()
    assert colours(home, [b]) == [("blue",)]


def test_what_was_changed_here_since_is_not_overwritten(home: Path, tmp_path: Path) -> None:
    packet = tmp_path / "packet.json"
    a, b, *_ = make(home, COLOUR, packet)
    file = judge(home, packet, "Anna", {a: "blue", b: "white"})
    with Workspace.open(home) as workspace:
        numbers = [workspace.number_of(a) or 0, workspace.number_of(b) or 0]
        changes = [
            ValueChange(numbers[0], "colour", ("pink",)),
            ValueChange(numbers[1], "colour", ("white",)),
        ]
        workspace.decisions.apply("set", "here", values=changes)
        merged = workspace.packets.merge([file], JobControl())
        assert [(one.id, one.why) for one in merged.conflicts] == [(a, "its values were changed here since")]
        assert merged.conflicts[0].here == {"colour": ("pink",)}
        assert merged.already == 1
        kept = workspace.packets.merge([file], JobControl(), prefer="here")
        assert (kept.conflicts, kept.taken) == ([], [])
        workspace.packets.merge([file], JobControl(), prefer="Anna")
    assert colours(home, [a]) == [("blue",)]


def test_suggestions_are_confirmed_and_rejected(home: Path, tmp_path: Path) -> None:
    packet = tmp_path / "packet.json"
    with Workspace.open(home) as workspace:
        numbers = [workspace.number_of(f"p{at:03d}") or 0 for at in (0, 9, 18)]
        workspace.decisions.apply(
            "set", "m", values=[ValueChange(one, "motif", ("dots",)) for one in numbers]
        )
    a, b, c, _ = make(home, PacketRequest(suggest="motif=dots", limit=4), packet)
    file = judge(home, packet, "Anna", {a: "yes", b: "no", c: "unsure"})
    with Workspace.open(home) as workspace:
        merged = workspace.packets.merge([file], JobControl())
        assert not merged.conflicts
        said = dict(zip(*workspace.decisions.judgements("tag:motif=dots")[::2], strict=True))
        ids = {workspace.ids_of([int(item)])[0]: answer for item, answer in said.items()}
        assert ids == {a: "yes", b: "no", c: "unsure"}
        values = workspace.details(workspace.number_of(a) or 0).attributes
        assert [one.values for one in values if one.name == "motif"] == [("dots",)]


def test_an_estimates_stream_is_judged_elsewhere(home: Path, tmp_path: Path) -> None:
    packet = tmp_path / "packet.json"
    with Workspace.open(home) as workspace:
        workspace.quality.estimates.start("may", "colour", JobControl(), half_width=0.1)
        asked = workspace.ids_of(workspace.quality.estimates.next_items("may", 5))
    assert make(home, PacketRequest(estimate="may", limit=5), packet) == asked
    file = judge(home, packet, "Anna", {asked[0]: "right", asked[1]: "wrong"})
    body = json.loads(file.read_text("utf-8"))
    with Workspace.open(home) as workspace:
        plan = workspace.quality.estimates.plan("may")
        stranger = (
            next(item for item in range(1, 91) if item not in plan.items[0][:90])
            if len(plan.items[0]) < 90
            else 0
        )
        if stranger:
            body["items"].append(body["items"][0] | {"id": workspace.ids_of([stranger])[0]})
        body["items"].append(body["items"][0] | {"id": "nobody"})
        file.write_text(json.dumps(body), "utf-8")
        merged = workspace.packets.merge([file], JobControl())
        assert merged.missing[-1] == "nobody"
        assert sorted(workspace.quality.estimates.answers(plan).values()) == ["right", "wrong"]


def test_suspects_go_out_with_what_fits_better(home: Path, tmp_path: Path) -> None:
    packet = tmp_path / "packet.json"
    ids = make(home, PacketRequest(suspects="shape", limit=3), packet)
    read = read_packet(packet)
    assert len(ids) == 3
    assert all(one.score is not None and one.images[0][1] for one in read.items)
    file = judge(home, packet, "Anna", {ids[0]: "keep"})
    with Workspace.open(home) as workspace:
        workspace.packets.merge([file], JobControl())
        left = workspace.audit.suspects("shape", JobControl())
        assert workspace.number_of(ids[0]) not in [one.item for one in left]


def test_another_value_ends_an_earlier_keep(home: Path, tmp_path: Path) -> None:
    packet = tmp_path / "packet.json"
    a, *_ = make(home, COLOUR, packet)
    with Workspace.open(home) as workspace:
        read = read_packet(packet)
        for answer in ("keep", "pink"):
            workspace.packets.answer(read, {a: answer}, JobControl())
        judged = next(one.judged for one in workspace.packets.states(read, JobControl()) if one.asked.id == a)
    assert judged is not None
    assert (judged.answer, judged.values) == (None, {"colour": ("pink",)})


def test_an_answer_of_another_queue_is_no_value(home: Path, tmp_path: Path) -> None:
    """Unless it is one: "yes" may be a value of an attribute, but of these colours it is none."""
    packet = tmp_path / "packet.json"
    a, b, *_ = make(home, COLOUR, packet)
    read = read_packet(packet)
    with Workspace.open(home) as workspace:
        for answer in ("yes", "no", "right", "wrong"):
            with pytest.raises(UsageError, match=f"{answer!r} is no answer") as told:
                workspace.packets.answer(read, {a: "blue", b: answer}, JobControl())
            assert "keep, unsure, or a value" in (told.value.hint or "")
        assert not workspace.decisions.history()
        workspace.vocabulary.add("colour", ["yes"])
        assert workspace.packets.answer(read, {a: "yes"}, JobControl()).changed


def test_what_cannot_be_asked_or_answered_is_told(home: Path, tmp_path: Path) -> None:
    packet = tmp_path / "packet.json"
    a, b, *_ = make(home, COLOUR, packet)
    read = read_packet(packet)
    with Workspace.open(home) as workspace:
        packets = workspace.packets
        for request in (
            PacketRequest(),
            PacketRequest(suspects="colour", attribute="colour"),
            PacketRequest(attribute="nothing"),
            PacketRequest(attribute="colour", where=("shape=cube",)),
            PacketRequest(estimate="none"),
        ):
            with pytest.raises(UsageError):
                packets.make(request, tmp_path / "no.json", JobControl())
        with pytest.raises(UsageError, match="does not ask about"):
            packets.answer(read, {"p089": "keep"}, JobControl())
        file = judge(home, packet, "Anna", {a: "blue"})
        with pytest.raises(UsageError, match="No file holds decisions of 'Bert'"):
            packets.merge([file], JobControl(), prefer="Bert")
        with pytest.raises(UsageError, match="Two files hold decisions of 'Anna'"):
            packets.merge([file, file], JobControl())
        other = judge(home, packet, "Bert", {b: "green"})
        workspace.vocabulary.change("colour", {"values": ["red", "green", "black"]})
        with pytest.raises(VocabularyError, match="'blue' is not among the allowed values"):
            packets.merge([other, file], JobControl())
        assert [one.kind for one in workspace.decisions.history()] == ["vocabulary"], "neither was applied"


def mutated(body: dict, path: tuple, value: object) -> str:
    place = body
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    return json.dumps(body)


@pytest.mark.parametrize(
    ("path", "value", "part"),
    [
        (("kind",), PACKET, "is no file of decisions"),
        (("version",), 2, "newer version"),
        (("version",), "1", "does not say its version"),
        (("about",), None, "what it is about"),
        (("about", "queue"), "everything", "none of suggestions"),
        (("about", "attribute"), "", "which attribute"),
        (("judge",), " ", "is empty"),
        (("items",), {}, "no list of items"),
        (("items", 0, "id"), 7, "no text"),
        (("items", 0, "id"), "\ud800", "no text"),
        (("items", 0, "answer"), "yes", "none of keep"),
        (("items", 0, "given"), None, "does not name values"),
        (("items", 0, "values"), {"colour": ["red", 1]}, "no list of texts or of numbers"),
        (("items", 0, "values"), {"colour": [float("nan")]}, "has the value"),
        (("items", 0, "values"), {"colour": [[]]}, "has the value"),
        (("items", 0, "values"), {"price": []}, "other attributes"),
    ],
)
def test_odd_files_are_told_in_a_sentence(tmp_path: Path, path: tuple, value: object, part: str) -> None:
    item = {"id": "a", "given": {"colour": ["red"]}, "before": None, "values": {"colour": []}, "answer": None}
    about = {"packet": "1", "queue": "items", "attribute": "colour", "value": "", "estimate": ""}
    body = {
        "kind": DECISIONS,
        "version": 1,
        "about": about,
        "judge": "Anna",
        "collected": "",
        "items": [item],
    }
    file = tmp_path / "decisions.json"
    file.write_text(json.dumps(body), "utf-8")
    assert read_verdicts(file).items[0].label == "colour → nothing"
    file.write_text(mutated(body, path, value), "utf-8")
    with pytest.raises(UsageError, match=part):
        read_verdicts(file)


@pytest.mark.parametrize("text", ["", "[]", "{}", "[" * 100_000, '"x"', "\x00"])
def test_files_that_are_something_else_are_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "packet.json"
    file.write_text(text, "utf-8")
    with pytest.raises(UsageError, match="no work packet"):
        read_packet(file)
    with pytest.raises(UsageError, match="There is no work packet"):
        read_packet(tmp_path / "none.json")


@given(st.lists(st.tuples(*[st.sampled_from("abc")] * 2), min_size=1, max_size=30))
def test_the_laws_of_agreement(answers: list[tuple[str, str]]) -> None:
    first, second = [list(side) for side in zip(*answers, strict=True)]
    found = agreement(("x", "y"), first, second)
    assert found.kappa == agreement(("y", "x"), second, first).kappa
    assert found.kappa is None or -1 <= found.kappa <= 1 + 1e-12
    assert (found.kappa == 1 or found.kappa is None) if first == second else (found.same < found.items)


def test_kappa_as_in_a_textbook() -> None:
    first = ["yes"] * 25 + ["no"] * 25
    second = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    assert agreement(("x", "y"), first, second).kappa == pytest.approx(0.4)
