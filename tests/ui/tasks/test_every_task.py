"""Each page of the guide is done by keyboard alone and by mouse alone, and nothing here cheats."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from visualsearch.ui.guide.viewer import PAGES

_HERE = Path(__file__).parent
_ENDS = ("_by_keyboard", "_by_mouse")
_CHEATS = {"setFocus", "trigger", "emit", "animateClick", "activated", "keyClick", "keyClicks", "mouseClick"}
"""What a person cannot do, and what the two people do for the tests."""


def tree_of(page: str) -> ast.Module:
    """The tests of a page of the guide."""
    file = _HERE / f"test_{page.replace('-', '_')}.py"
    assert file.is_file(), f"{page}.md: no test does it; write {file.name}"
    return ast.parse(file.read_text("utf-8"))


def found_in(page: str) -> dict[str, ast.FunctionDef]:
    return {
        node.name: node
        for node in tree_of(page).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


PAGE_NAMES = sorted(path.stem for path in PAGES.glob("*.md"))


@pytest.mark.parametrize("page", PAGE_NAMES)
def test_each_task_is_done_by_keyboard_and_by_mouse(page: str) -> None:
    tests = found_in(page)
    tasks = {name.removesuffix(end) for name in tests for end in _ENDS if name.endswith(end)}
    assert tasks, f"{page}.md: no test by keyboard or by mouse"
    assert set(tests) == {task + end for task in tasks for end in _ENDS}


@pytest.mark.parametrize("page", PAGE_NAMES)
def test_who_has_a_keyboard_has_no_mouse(page: str) -> None:
    for name, test in found_in(page).items():
        hands = {argument.arg for argument in test.args.args} & {"keyboard", "mouse"}
        assert hands == {"keyboard" if name.endswith("_by_keyboard") else "mouse"}, name


@pytest.mark.parametrize("page", PAGE_NAMES)
def test_nothing_is_done_that_a_person_cannot_do(page: str) -> None:
    called = {
        node.func.attr
        for node in ast.walk(tree_of(page))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert not called & _CHEATS
    setting = {
        name
        for name in called
        if name.startswith("set") and name not in ("set", "setattr", "setenv")  # of monkeypatch
    }
    assert not setting
