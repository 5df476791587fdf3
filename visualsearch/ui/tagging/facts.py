"""What the page that asks what to tag needs to know of a catalog. Read in a worker."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from visualsearch.attributes.target import Target
    from visualsearch.catalog.rules import Rules
    from visualsearch.filters.query import Example
    from visualsearch.workspace import Workspace


@dataclass(frozen=True)
class Facts:
    """``attributes``: those that can be tagged, with their rules; ``values`` of each, with how many items have it."""

    attributes: dict[str, Rules] = field(default_factory=dict)
    values: dict[str, dict[str, int]] = field(default_factory=dict)
    filters: list[str] = field(default_factory=list)
    recent: list[Target] = field(default_factory=list)
    read_only: bool = False


@dataclass(frozen=True)
class Offer:
    """The examples that Browse has at the moment: from its tray, and the selected photos, the last ``selected`` of
    ``like``."""

    like: tuple[Example, ...] = ()
    unlike: tuple[Example, ...] = ()
    selected: int = 0


def read(workspace: Workspace) -> Facts:
    """For a worker."""
    if workspace.read_only:
        return Facts(read_only=True)
    vocabulary = workspace.vocabulary
    rules = {name: found for name, found in vocabulary.rules().items() if found.type == "category"}
    counts = workspace.browsing.counts()
    values: dict[str, dict[str, int]] = {}
    for name, found in rules.items():
        allowed = {str(value): 0 for value in found.values}
        values[name] = allowed | counts.get(name, {})
    return Facts(rules, values, workspace.filters.names(), workspace.tagging.recent())
