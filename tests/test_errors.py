"""What errors say: the window shows sentence and hint, and only the command line how to type the next step."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import visualsearch
from visualsearch import console, errors
from visualsearch.cli.app import cli
from visualsearch.errors import Cancelled, PredicateError, UsageError, VisualSearchError

PACKAGE = Path(visualsearch.__file__).parent
TYPED = re.compile(
    rf"(?<![\w-])--[a-z]|\bvisualsearch ({'|'.join(cli.commands)}) [-A-Z…]|`visualsearch |\bpip install\b"
)
COMMAND_LINE = ("cli", "console.py", "__main__.py")
TO_THE_COMMAND_LINE = ("command", "import_with")  # arguments that it alone shows


def _shown(node: ast.AST) -> Iterator[tuple[int, str]]:
    """The texts of a module, with their lines, that the window may show: all but docstrings and what is said to the
    command line."""
    children = [
        one
        for one in ast.iter_child_nodes(node)
        if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
        and not (isinstance(one, ast.keyword) and one.arg in TO_THE_COMMAND_LINE)
    ]
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).endswith("_COMMAND"):
        return
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        kind = getattr(errors, node.func.id, None)
        if isinstance(kind, type):
            place = list(inspect.signature(kind).parameters).index("command")
            children = [one for one in children if one not in node.args[place:]]
    for child in children:
        if isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child.lineno, child.value
        yield from _shown(child)


def test_the_window_never_shows_a_command() -> None:
    found = [
        f"{file.relative_to(PACKAGE)}:{line}: {text}"
        for file in sorted(PACKAGE.rglob("*.py"))
        if file.relative_to(PACKAGE).parts[0] not in COMMAND_LINE
        for line, text in _shown(ast.parse(file.read_text("utf-8")))
        if TYPED.search(text)
    ]
    assert found == []


def test_the_command_line_shows_the_command_too(capsys: pytest.CaptureFixture[str]) -> None:
    console.print_error(UsageError("There is no x.", "Choose another.", "To list them: visualsearch info C"))
    assert (
        capsys.readouterr().err
        == "Error: There is no x.\nChoose another.\nTo list them: visualsearch info C\n"
    )


@pytest.mark.parametrize("kind", [VisualSearchError, UsageError, Cancelled])
def test_an_error_is_the_same_in_another_process(kind: type[VisualSearchError]) -> None:
    error = kind("It is closed.", "Open it.", "To open it: visualsearch gui C")
    again = kind(**error.told())
    assert (str(again), again.hint, again.command) == (str(error), error.hint, error.command)


def test_a_mistake_in_a_condition_has_a_command_too() -> None:
    error = PredicateError("There is no x.", "x=1", 0, "Choose another.", "To list them: visualsearch info C")
    assert (error.hint, error.command) == ("Choose another.", "To list them: visualsearch info C")
