"""Share the work: send it, judge it, merge what came back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from tests.ui.tasks.people import Keyboard, Mouse, on_top
from visualsearch.attributes.packet_format import read_packet
from visualsearch.attributes.packets import PacketRequest
from visualsearch.jobs import JobControl
from visualsearch.workspace import Workspace


@pytest.fixture
def packet(catalog: Path, tmp_path: Path) -> Path:
    """Is the colour of these four right?"""
    file = tmp_path / "colours.packet"
    with Workspace.open(catalog) as workspace:
        numbers = tuple(workspace.number_of(f"p{number:03d}") or 0 for number in range(4))
        workspace.packets.make(PacketRequest(attribute="colour", items=numbers), file, JobControl())
    return file


@pytest.fixture
def answers(catalog: Path, packet: Path) -> Path:
    """Anna's answers, given on a copy of the catalog: p000 is pink."""
    file = packet.with_name("anna.answers")
    with Workspace.open(Path(shutil.copytree(catalog, packet.with_name("copy")))) as workspace:
        read = read_packet(packet)
        workspace.packets.answer(read, {"p000": "pink"}, JobControl(), "Anna")
        workspace.packets.collect(read, "Anna", file, JobControl())
    return file


def choose(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    """What the file dialogs answer."""
    for name in ("getOpenFileName", "getSaveFileName"):
        monkeypatch.setattr(QFileDialog, name, lambda *_: (str(file), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(file)], ""))


def test_sending_by_keyboard(keyboard: Keyboard, tmp_path: Path) -> None:
    keyboard.press("Ctrl+Alt+S")
    keyboard.until(lambda: on_top() is not keyboard.window)
    keyboard.rest()
    keyboard.arrow_to("What is shown now")
    keyboard.tab_to("Attribute")
    keyboard.press("Ctrl+A")
    keyboard.type("colour")
    keyboard.tab_to("File to write")
    keyboard.press("Ctrl+A")
    keyboard.type(str(tmp_path / "all.packet"))
    keyboard.press("Enter")
    keyboard.until((tmp_path / "all.packet").is_file)
    keyboard.rest()
    assert len(read_packet(tmp_path / "all.packet").items) == 90


def test_sending_by_mouse(mouse: Mouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(monkeypatch, tmp_path / "all.packet")
    mouse.menu("Tag", "Send work to somebody")
    mouse.until(lambda: on_top() is not mouse.window)
    mouse.rest()
    mouse.choose("Which photos", "What is shown now")
    mouse.choose("Attribute", "colour")
    mouse.click("Choose: File to write")
    mouse.click("Make the packet")
    mouse.until((tmp_path / "all.packet").is_file)
    mouse.rest()
    assert len(read_packet(tmp_path / "all.packet").items) == 90


def test_judging_by_keyboard(packet: Path, keyboard: Keyboard, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(monkeypatch, packet)
    keyboard.press("Ctrl+Alt+J")
    keyboard.until(lambda: keyboard.sees("0 of 4 judged"))
    keyboard.rest()
    keyboard.press("K")
    keyboard.until(lambda: keyboard.sees("1 of 4 judged"))
    keyboard.rest()
    keyboard.press("Backspace")
    keyboard.until(lambda: keyboard.sees("0 of 4 judged"))
    keyboard.rest()
    keyboard.press("E")
    keyboard.type("violet")
    keyboard.press("Enter")
    keyboard.until(lambda: keyboard.sees("No item has the value “violet” yet"))
    keyboard.press("Enter")
    keyboard.until(lambda: keyboard.sees("1 of 4 judged"))
    keyboard.rest()
    assert sum(keyboard.values(f"p{number:03d}", "colour") == ["violet"] for number in range(4)) == 1
    choose(monkeypatch, packet.with_name("mine.answers"))
    keyboard.press("Ctrl+S")
    keyboard.until(packet.with_name("mine.answers").is_file)
    keyboard.rest()
    keyboard.press("Esc")
    keyboard.until(lambda: on_top() is keyboard.window)


def test_judging_by_mouse(packet: Path, mouse: Mouse, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(monkeypatch, packet)
    mouse.menu("Tag", "Judge a packet")
    mouse.until(lambda: mouse.sees("0 of 4 judged"))
    mouse.rest()
    mouse.click("It is ")
    mouse.until(lambda: mouse.sees("1 of 4 judged"))
    mouse.rest()
    mouse.click("Take back the last answer")
    mouse.until(lambda: mouse.sees("0 of 4 judged"))
    mouse.rest()
    mouse.click("Not sure")
    mouse.until(lambda: mouse.sees("1 of 4 judged"))
    mouse.rest()
    choose(monkeypatch, packet.with_name("mine.answers"))
    mouse.click("Write my answers to a file")
    mouse.until(packet.with_name("mine.answers").is_file)
    mouse.rest()
    mouse.click("Close")
    mouse.until(lambda: on_top() is mouse.window)


def test_merging_by_keyboard(answers: Path, keyboard: Keyboard, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(monkeypatch, answers)
    keyboard.press("Ctrl+Alt+M")
    keyboard.until(lambda: on_top() is not keyboard.window)
    keyboard.rest()
    keyboard.press("Enter")
    keyboard.until(lambda: on_top() is keyboard.window)
    keyboard.rest()
    assert keyboard.values("p000", "colour") == ["pink"]
    keyboard.press("Ctrl+Z")
    keyboard.rest()
    assert keyboard.values("p000", "colour") == ["red"]


def test_merging_by_mouse(answers: Path, mouse: Mouse, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(monkeypatch, answers)
    mouse.menu("Tag", "Merge answers")
    mouse.until(lambda: on_top() is not mouse.window)
    mouse.rest()
    mouse.click("Apply")
    mouse.until(lambda: on_top() is mouse.window)
    mouse.rest()
    assert mouse.values("p000", "colour") == ["pink"]
