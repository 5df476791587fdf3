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
    """``attributes``: those that can be tagged, with their rules; ``values`` of each, with how many items have it;
    ``others``: numbers and texts."""

    attributes: dict[str, Rules] = field(default_factory=dict)
    values: dict[str, dict[str, int]] = field(default_factory=dict)
    others: frozenset[str] = frozenset()
    filters: list[str] = field(default_factory=list)
    recent: list[Target] = field(default_factory=list)
    read_only: bool = False

    def is_new(self, name: str) -> bool:
        """Whether the catalog has no attribute of a name yet."""
        return bool(name) and name not in self.attributes and name not in self.others

    def meant(self, name: str) -> str:
        """The attribute that was probably meant by one that is new, else ""."""
        from visualsearch.catalog.nearest import SLIP, nearest

        return (nearest(name, self.attributes, SLIP) if self.is_new(name) else None) or ""


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
    known = workspace.vocabulary.rules()
    rules = {name: found for name, found in known.items() if found.type == "category"}
    counts = workspace.browsing.counts()
    values: dict[str, dict[str, int]] = {}
    for name, found in rules.items():
        allowed = {str(value): 0 for value in found.values}
        values[name] = allowed | counts.get(name, {})
    others = frozenset(known) - frozenset(rules)
    return Facts(rules, values, others, workspace.filters.names(), workspace.tagging.recent())
