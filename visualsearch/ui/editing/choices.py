"""What may be entered for an attribute: its rules, its values, those used lately. All of it is for workers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from visualsearch.catalog.rules import KIND, Rules
from visualsearch.ui.panels.attribute_rows import shown_value

if TYPE_CHECKING:
    from visualsearch.workspace import Workspace

_OPERATIONS = 20  # of the attribute's latest, in which recent values are looked for
_RECENT = 6
_OFFERED = 5000  # values that completion has


@dataclass(frozen=True)
class Choices:
    """``recent``: values that people gave lately, the latest first. ``values``: all that are offered, recent ones
    first; ``is_new``: whether neither the catalog nor the vocabulary has the attribute."""

    rules: Rules
    recent: tuple[str, ...]
    values: tuple[str, ...]
    is_new: bool = False

    def unknown(self, values: Iterable[str]) -> list[str]:
        """Those of some values that nothing has yet, as a slip of the hand makes them; none of an attribute that is new
        or has numbers."""
        if self.is_new or self.rules.type != "category":
            return []
        known = {value.casefold() for value in self.values}
        return [value for value in values if value.casefold() not in known]


def read_choices(workspace: Workspace, attribute: str) -> Choices:
    """What may be entered for an attribute."""
    known = workspace.vocabulary.rules()
    rules = known.get(attribute, Rules(attribute))
    if rules.values:
        offered = list(map(shown_value, rules.values))
    else:
        counts = workspace.vocabulary.values(attribute)
        offered = sorted(counts, key=lambda value: (-counts[value], value))
    recent = recent_values(workspace, attribute)
    if rules.values:
        recent = [value for value in recent if value in offered]
    values = tuple(dict.fromkeys([*recent, *offered]))[:_OFFERED]
    return Choices(rules, tuple(recent[:_RECENT]), values, attribute not in known)


def recent_values(workspace: Workspace, attribute: str) -> list[str]:
    """The values that the latest operations gave, the latest first."""
    decisions = workspace.decisions
    found: list[str] = []
    for operation in decisions.history(attribute=attribute, limit=_OPERATIONS):
        if operation.inverse_of is None:
            for change in decisions.changes(operation.number, 1):
                if change.kind == "value" and isinstance(change.new, tuple):
                    found.extend(map(shown_value, change.new))
    return list(dict.fromkeys(found))


@dataclass(frozen=True)
class Key:
    """A number key bound to a value."""

    key: str
    attribute: str
    value: str
    multi: bool = False


def read_keys(workspace: Workspace) -> dict[str, Key]:
    """The values that number keys are bound to, by key."""
    bodies = workspace.decisions.documents(KIND)
    rules = workspace.vocabulary.rules() if any(body.get("keys") for body in bodies.values()) else {}
    return {
        key: Key(key, name, value, name in rules and rules[name].multi)
        for name, body in bodies.items()
        for key, value in sorted(body.get("keys", {}).items())
    }


def keyed_bodies(workspace: Workspace, wanted: Mapping[str, tuple[str, str]]) -> dict[str, dict]:
    """The documents of the attributes whose keys change when ``wanted``, {key: (attribute, value)}, is all there is."""
    bodies = workspace.decisions.documents(KIND)
    changed = {}
    for name in {*bodies, *(attribute for attribute, _ in wanted.values())}:
        body = bodies.get(name, {})
        keys = {key: value for key, (attribute, value) in sorted(wanted.items()) if attribute == name}
        if keys != body.get("keys", {}):
            rest = {part: content for part, content in body.items() if part != "keys"}
            changed[name] = rest | ({"keys": keys} if keys else {})
    return changed
