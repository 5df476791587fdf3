"""`visualsearch vocabulary list|show|import|rename|merge|add`: which values attributes may have, and their names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from visualsearch import console
from visualsearch.cli.decisions import actor_option
from visualsearch.cli.options import OK, PATH, catalog_argument, json_option
from visualsearch.errors import UsageError
from visualsearch.words import counted

if TYPE_CHECKING:
    from visualsearch.catalog.rules import Rules
    from visualsearch.workspace import Workspace


@click.group()
def vocabulary() -> None:
    """The attributes of a catalog: allowed values, synonyms, scope; renaming and merging values."""


@vocabulary.command("list")
@catalog_argument
@json_option
def list_command(catalog: Path, as_json: bool) -> int:
    """List the attributes of CATALOG and their rules."""
    from visualsearch.workspace import Workspace

    with Workspace.open(catalog) as workspace:
        broken, rules = workspace.vocabulary.broken_scopes(), workspace.vocabulary.rules()
        rows = [
            {
                "attribute": name,
                "type": own.type,
                "multi": own.multi,
                "allowed": len(own.values) or None,
                "synonyms": len(own.synonyms),
                "scope": own.scope,
                "scope_problem": broken.get(name, ""),
            }
            for name, own in rules.items()
        ]
    if as_json:
        console.print_json(rows)
        return OK
    for row in rows:
        console.say(_in_short(row["attribute"], rules[row["attribute"]]))
        if row["scope_problem"]:
            console.say(f"  ! {row['scope_problem']}")
    return OK


def _in_short(name: str, rules: Rules) -> str:
    """An attribute's rules on one line."""
    parts = [rules.type, "several values" if rules.multi else "one value"]
    parts.append(f"{len(rules.values)} allowed" if rules.values else "any value allowed")
    if rules.synonyms:
        parts.append(counted(len(rules.synonyms), "synonym"))
    if rules.scope:
        parts.append(f"only for {rules.scope}")
    return f"{name}: {', '.join(parts)}"


@vocabulary.command()
@catalog_argument
@click.argument("attribute")
@json_option
def show(catalog: Path, attribute: str, as_json: bool) -> int:
    """Show the rules of ATTRIBUTE and how many items have each value."""
    from visualsearch.catalog.nearest import no_attribute
    from visualsearch.workspace import Workspace

    with Workspace.open(catalog) as workspace:
        rules = workspace.vocabulary.rules()
        if attribute not in rules:
            raise no_attribute(attribute, rules)
        problem = workspace.vocabulary.broken_scopes().get(attribute, "")
        body, counts = workspace.vocabulary.body(attribute), workspace.vocabulary.values(attribute)
    if as_json:
        answer = {"attribute": attribute, "rules": body, "scope_problem": problem, "values": counts}
        console.print_json(answer)
        return OK
    console.say(_in_short(attribute, rules[attribute]))
    for part, content in body.items():
        console.say(f"{part}: {_shown(content)}")
    if problem:
        console.say(f"  ! {problem}")
    for value, count in counts.items():
        console.say(f"  {count:>9,}  {value}")
    return OK


def _shown(content: Any) -> str:
    if isinstance(content, dict):
        return ", ".join(f"{key} → {value}" for key, value in content.items())
    if isinstance(content, list):
        return ", ".join(" / ".join(part) if isinstance(part, list) else str(part) for part in content)
    return str(content)


@vocabulary.command("import")
@catalog_argument
@click.argument("file", type=PATH)
@actor_option
@json_option
def import_command(catalog: Path, file: Path, actor: str | None, as_json: bool) -> int:
    """Take over a vocabulary FILE: JSON, or CSV with the columns attribute and value."""
    from visualsearch.workspace import Workspace

    with Workspace.open(catalog) as workspace:
        applied = workspace.vocabulary.import_file(file, actor)
        return _told(workspace, f"Vocabulary from {file.name}", applied, as_json)


@vocabulary.command()
@catalog_argument
@click.argument("attribute")
@click.argument("old")
@click.argument("new")
@actor_option
@json_option
def rename(catalog: Path, attribute: str, old: str, new: str, actor: str | None, as_json: bool) -> int:
    """Give the value OLD of ATTRIBUTE the name NEW; imports that say OLD will mean NEW."""
    from visualsearch.workspace import Workspace

    with Workspace.open(catalog) as workspace:
        applied = workspace.vocabulary.rename(attribute, old, new, actor)
        return _told(workspace, f"{attribute}: {old} → {new}", applied, as_json)


@vocabulary.command()
@catalog_argument
@click.argument("attribute")
@click.argument("values", nargs=-1, required=True)
@click.option("--into", required=True, metavar="VALUE", help="The value that they become.")
@actor_option
@json_option
def merge(
    catalog: Path, attribute: str, values: tuple[str, ...], into: str, actor: str | None, as_json: bool
) -> int:
    """Make one value of several VALUES of ATTRIBUTE."""
    from visualsearch.workspace import Workspace

    with Workspace.open(catalog) as workspace:
        applied = workspace.vocabulary.merge(attribute, values, into, actor)
        return _told(workspace, f"{attribute}: {', '.join(values)} → {into}", applied, as_json)


@vocabulary.command()
@catalog_argument
@click.argument("attribute")
@click.argument("values", nargs=-1)
@click.option("--type", "kind", type=click.Choice(["category", "number", "text"]), help="Of a new attribute.")
@click.option("--multi/--single", default=None, help="Whether an item may have several values.")
@click.option(
    "--synonym", "synonyms", multiple=True, metavar="WORD=VALUE", help="A word that stands for a value."
)
@click.option("--scope", metavar="EXPR", help="For which items the attribute is meant; empty for all.")
@click.option("--exclusive", multiple=True, metavar="A|B|…", help="Values of which an item has one at most.")
@actor_option
@json_option
def add(
    catalog: Path,
    attribute: str,
    values: tuple[str, ...],
    kind: str | None,
    multi: bool | None,
    synonyms: tuple[str, ...],
    scope: str | None,
    exclusive: tuple[str, ...],
    actor: str | None,
    as_json: bool,
) -> int:
    """Make ATTRIBUTE, allow VALUES of it, or change its rules."""
    from visualsearch.workspace import Workspace

    with Workspace.open(catalog) as workspace:
        body = workspace.vocabulary.body(attribute)
        words = dict(body.get("synonyms", {})) | dict(map(_pair, synonyms))
        groups = [*body.get("exclusive", []), *(text.split("|") for text in exclusive)]
        applied = workspace.vocabulary.add(
            attribute,
            values,
            actor,
            type=kind,
            multi=multi,
            synonyms=words or None,
            scope=scope,
            exclusive=groups or None,
        )
        return _told(workspace, f"Vocabulary of {attribute}", applied, as_json)


def _pair(text: str) -> tuple[str, str]:
    word, equals, value = text.partition("=")
    if not equals or not word.strip() or not value.strip():
        raise UsageError(f"--synonym {text!r} is not WORD=VALUE.", "For example: --synonym navy='Navy Blue'")
    return word.strip(), value.strip()


def _told(workspace: Workspace, label: str, applied: Any, as_json: bool) -> int:
    if as_json:
        answer = {"operation": applied.operation, "label": label, "changed": applied.changed}
        console.print_json(answer | {"notes": applied.notes})
        return OK
    if applied.operation is None:
        console.say(f"{label}: nothing had to be changed")
    else:
        done = workspace.decisions.operation(applied.operation)
        console.say(
            f"{label}: {counted(done.values if done else 0, 'value')} of items changed · operation {applied.operation}"
        )
    for note in applied.notes:
        console.say(f"  note: {note}")
    return OK
