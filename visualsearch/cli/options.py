"""What several commands share: exit codes and options."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from visualsearch.errors import UsageError

if TYPE_CHECKING:
    from visualsearch.workspace import Workspace

OK, FAILED, USAGE, SOME_REFUSED = 0, 1, 2, 3

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
catalog_argument = click.argument("catalog", type=click.Path(path_type=Path))
precision_option = click.option(
    "--precision",
    type=click.Choice(("90", "95", "98")),
    default="95",
    show_default=True,
    help="Percent of what is accepted that shall be right.",
)


def numbers_of(workspace: Workspace, ids: Sequence[str]) -> list[int]:
    """The items of these ids. Raises UsageError for one that no item has."""
    found = []
    for item_id in ids:
        number = workspace.number_of(item_id)
        if number is None:
            raise UsageError(
                f"There is no item {item_id!r}.",
                "Nothing was changed. Look the id up with: visualsearch search --text",
            )
        found.append(number)
    return found
