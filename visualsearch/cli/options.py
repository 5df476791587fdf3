"""What several commands share: exit codes, options, and the ids that people give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from visualsearch import console
from visualsearch.errors import UnknownName, UsageError

if TYPE_CHECKING:
    from visualsearch.workspace import Workspace

OK, FAILED, USAGE, SOME_REFUSED = 0, 1, 2, 3
_NAMED = 5  # unknown ids in one sentence
WHERE_TO_WRITE = "Choose a folder that is there and can be written to, with room on its disk."
LOOK_UP = "Look it up with: visualsearch search CATALOG --text WORDS"


class _PathType(click.Path):
    """A path that has a name: "" would be taken for the current folder, as where a variable of a script is not set."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("the path is empty.", param, ctx)
        return super().convert(value, param, ctx)


PATH = _PathType(path_type=Path)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
catalog_argument = click.argument("catalog", type=PATH)
precision_option = click.option(
    "--precision",
    type=click.Choice(("90", "95", "98")),
    default="95",
    show_default=True,
    help="Percent of what is accepted that shall be right.",
)


def is_given(option: str) -> bool:
    """Whether the person gave an option of the running command, even with its default."""
    source = click.get_current_context().get_parameter_source(option)
    return source not in (None, ParameterSource.DEFAULT)


def check_attribute(workspace: Workspace, attribute: str, new: bool) -> None:
    """Raise UnknownName for an attribute that is not there while one with a similar name is, unless a new one is
    meant: a slip of the hand makes no attribute."""
    from visualsearch.catalog.nearest import SLIP, nearest

    known = workspace.vocabulary.rules()
    near = None if new or attribute in known else nearest(attribute, known, SLIP)
    if near is not None:
        raise UnknownName(
            f"There is no attribute {attribute!r}.",
            f"Did you mean {near!r}? With --new, {attribute!r} becomes an attribute of its own.",
        )


def number_of(workspace: Workspace, item_id: str) -> int:
    """The item of an id. Raises UnknownName."""
    number = workspace.number_of(item_id)
    if number is None:
        raise UnknownName(f"There is no item {item_id!r}.", LOOK_UP)
    return number


def answers_of(
    workspace: Workspace, given: Mapping[str, Sequence[str]]
) -> tuple[dict[str, list[int]], list[str]]:
    """The items that are named under each answer, and the ids that no item has: they are told of, the others are done.

    Raises UsageError (two answers for one item), UnknownName (no item has any of the ids).
    """
    found: dict[str, list[int]] = {answer: [] for answer in given}
    unknown: list[str] = []
    for answer, ids in given.items():
        for item_id in dict.fromkeys(ids):
            number = workspace.number_of(item_id)
            if number is None:
                unknown.append(item_id)
            else:
                found[answer].append(number)
    items = [item for own in found.values() for item in own]
    if len(set(items)) < len(items):
        raise UsageError("There are two answers for one item.", "Take one of them away.")
    unknown = list(dict.fromkeys(unknown))
    refuse(unknown, anything=bool(items))
    return found, unknown


def refuse(unknown: Sequence[str], *, anything: bool) -> None:
    """Say which ids no item has. Raises UnknownName where that leaves nothing to do (not ``anything``)."""
    if not unknown:
        return
    named = ", ".join(map(repr, unknown[:_NAMED])) + (" …" if len(unknown) > _NAMED else "")
    one = len(unknown) == 1
    if not anything:
        what = f"There is no item {named}." if one else f"There are no items {named}."
        raise UnknownName(
            what, f"Nothing was changed. {LOOK_UP if one else LOOK_UP.replace('it', 'them', 1)}"
        )
    console.warn(f"Left out, since no item has {'this id' if one else 'these ids'}: {named}")
