"""The vocabulary: which attributes there are, what they may hold, and renaming and merging of values as operations."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from visualsearch.catalog import rules as vocabulary
from visualsearch.catalog import valuesets
from visualsearch.catalog.decisions import Applied, BulkValues, Decisions, Document
from visualsearch.catalog.infer import CATEGORY, NUMBER
from visualsearch.catalog.nearest import nearest, no_attribute
from visualsearch.catalog.numerals import parse_number
from visualsearch.catalog.rules import KIND, Rules
from visualsearch.catalog.store import Catalog
from visualsearch.errors import VocabularyError

Body = dict[str, Any]
SEPARATOR = "|"  # between several words in one cell of a vocabulary file
_LARGEST = 16 << 20  # bytes of a vocabulary file
_COLUMNS = ("attribute", "value", "synonyms", "key", "type", "multi", "scope", "exclusive")


class Vocabulary:
    """The vocabulary of a catalog. Every change is an operation of kind vocabulary, rename or merge."""

    def __init__(self, catalog: Catalog, decisions: Decisions) -> None:
        self._catalog = catalog
        self._decisions = decisions

    def rules(self) -> dict[str, Rules]:
        """The rules of every attribute that the catalog or the vocabulary has, the catalog's in its order first."""
        bodies = self._decisions.documents(KIND)
        with self._catalog.read() as connection:
            rows = {
                name: valuesets.attribute_row(connection, name)
                for name in [*(name for name, _ in self._catalog.attributes()), *bodies]
            }
        return {name: vocabulary.rules_of(name, bodies.get(name), row) for name, row in rows.items()}

    def broken_scopes(self) -> dict[str, str]:
        """The attributes whose scope cannot be applied, as when it speaks of another that is not there, and why: it
        holds back no value then. Reads the catalog's values: belongs in a worker."""
        return self._decisions.scopes(self._decisions.documents(KIND))[1]

    def names(self) -> list[str]:
        """The attributes that some item has a value of, or that the vocabulary says something of. One that was deleted
        is not among them, though the log goes on naming it."""
        with self._catalog.read() as connection:
            rows = connection.execute(
                "SELECT name FROM attribute a WHERE EXISTS "
                "(SELECT 1 FROM item_value v WHERE v.attribute = a.number) ORDER BY position, number"
            ).fetchall()
        return list(dict.fromkeys([*(name for (name,) in rows), *self._decisions.documents(KIND)]))

    def body(self, attribute: str) -> Body:
        """The document of an attribute, {} without one."""
        return self._decisions.document(KIND, attribute) or {}

    def values(self, attribute: str) -> dict[str, int]:
        """The values that active items have of a category, and how many have each, by text."""
        with self._catalog.read() as connection:
            rows = connection.execute(
                "SELECT c.text, COUNT(*) FROM attribute a JOIN category_value c ON c.attribute = a.number "
                "JOIN item_value v ON v.attribute = a.number AND v.value = c.number "
                "JOIN item i ON i.number = v.item AND i.gone = 0 WHERE a.name = ? GROUP BY c.text ORDER BY c.text",
                (attribute,),
            ).fetchall()
        return dict(rows)

    def change(self, attribute: str, parts: Mapping[str, Any], actor: str | None = None) -> Applied:
        """Give some parts of an attribute's document (see ``rules``) another content; None takes a part away.

        Makes the attribute when there is none. Raises VocabularyError.
        """
        body = self.body(attribute) | dict(parts)
        body = {part: content for part, content in body.items() if content is not None}
        document = Document(KIND, attribute, body)
        return self._decisions.apply(
            "vocabulary", f"Vocabulary of {attribute}", documents=[document], actor=actor
        )

    def add(
        self, attribute: str, values: Sequence[str], actor: str | None = None, **parts: object
    ) -> Applied:
        """Allow further values, and change other parts. Where every value was allowed, those that items have are
        allowed from now on too. Raises VocabularyError."""
        rules = self.rules().get(attribute, Rules(attribute, str(parts.get("type") or CATEGORY)))
        found = {part: content for part, content in parts.items() if content is not None}
        if values:
            new = [_number(attribute, value) for value in values] if rules.type == NUMBER else list(values)
            present = rules.values or (self.values(attribute) if rules.type == CATEGORY else ())
            found["values"] = list(dict.fromkeys([*present, *new]))
        return self.change(attribute, found, actor)

    def rename(self, attribute: str, old: str, new: str, actor: str | None = None) -> Applied:
        """Give a value another name. The old one becomes a synonym, so that imports and people may go on using it.

        Raises UnknownName, VocabularyError: no such value, the new one is another value (merge them), not a category.
        """
        self._check_known(attribute, [old])
        if new != old and new in self._known(attribute):
            raise VocabularyError(
                f"{attribute!r} has the value {new!r} already.",
                "Make one of both.",
                f"To do so: visualsearch vocabulary merge CATALOG {attribute!r} {old!r} --into {new!r}",
            )
        return self._replace("rename", f"Rename {attribute}: {old} → {new}", attribute, [old], new, actor)

    def merge(self, attribute: str, old: Sequence[str], into: str, actor: str | None = None) -> Applied:
        """Make one value of several; ``into`` may be one of them or a new one. The others become its synonyms."""
        gone = [value for value in dict.fromkeys(old) if value != into]
        self._check_known(attribute, gone)
        label = f"Merge {attribute}: {', '.join(gone)} → {into}"
        return self._replace("merge", label, attribute, gone, into, actor)

    def remove(self, attribute: str, values: Sequence[str], actor: str | None = None) -> Applied:
        """Delete values of a category: no item has them any more, and none of the attribute's rules names them.

        Raises UnknownName, VocabularyError: no such value, not a category.
        """
        self._check_known(attribute, values)
        items = self._having(attribute, values)
        bulk = BulkValues(items, attribute, "remove", tuple(values)) if len(items) else ()
        document = Document(KIND, attribute, without(self.body(attribute), values))
        label = f"Delete {attribute}: {', '.join(values)}"
        return self._decisions.apply("vocabulary", label, values=bulk, documents=[document], actor=actor)

    def delete(self, attribute: str, actor: str | None = None) -> Applied:
        """Delete an attribute: its rules, and its values of all items. Raises UnknownName where there is none."""
        if attribute not in self.rules():
            raise no_attribute(attribute, self.rules())
        items = self._having(attribute, None)
        bulk = BulkValues(items, attribute, "clear") if len(items) else ()
        documents = [Document(KIND, attribute, None)] if self.body(attribute) else []
        label = f"Delete the attribute {attribute}"
        return self._decisions.apply("vocabulary", label, values=bulk, documents=documents, actor=actor)

    def import_file(self, file: Path, actor: str | None = None) -> Applied:
        """Take over a vocabulary file: JSON {attribute: document}, or CSV with a row for each value. What it says of an
        attribute replaces what was there. Raises VocabularyError, naming the place."""
        bodies = read_file(file)
        documents = [Document(KIND, name, body) for name, body in bodies.items()]
        return self._decisions.apply(
            "vocabulary", f"Vocabulary from {file.name}", documents=documents, actor=actor
        )

    def _replace(
        self, kind: str, label: str, attribute: str, old: list[str], new: str, actor: str | None
    ) -> Applied:
        document = Document(KIND, attribute, replaced(self.body(attribute), old, new))
        items = self._decided(attribute, old)
        values = BulkValues(items, attribute, "replace", (new, *old)) if len(items) else ()
        return self._decisions.apply(kind, label, values=values, documents=[document], actor=actor)

    def _decided(self, attribute: str, values: Sequence[str]) -> np.ndarray:
        """The items of which a person decided that they have one of some values; the others follow the synonyms."""
        with self._catalog.read() as connection:
            rows = connection.execute(
                "SELECT DISTINCT i.item FROM attribute a JOIN category_value c ON c.attribute = a.number "
                "JOIN imported i ON i.attribute = a.number AND i.operation IS NOT NULL "
                "JOIN item_value v ON v.attribute = a.number AND v.item = i.item AND v.value = c.number "
                "WHERE a.name = ? AND c.text IN (SELECT value FROM json_each(?))",
                (attribute, json.dumps(list(values))),
            ).fetchall()
        return np.array(rows, np.int32).reshape(-1)

    def _having(self, attribute: str, values: Sequence[str] | None) -> np.ndarray:
        """The items that have one of some values of a category, or any value of an attribute (None)."""
        some = "" if values is None else " AND c.text IN (SELECT value FROM json_each(?))"
        join = (
            ""
            if values is None
            else "JOIN category_value c ON c.attribute = a.number AND c.number = v.value "
        )
        with self._catalog.read() as connection:
            rows = connection.execute(
                "SELECT DISTINCT v.item FROM attribute a JOIN item_value v ON v.attribute = a.number "
                f"{join}WHERE a.name = ?{some}",
                (attribute,) if values is None else (attribute, json.dumps(list(values))),
            ).fetchall()
        return np.array(rows, np.int32).reshape(-1)

    def _known(self, attribute: str) -> list[str]:
        rules = self.rules().get(attribute)
        if rules is None:
            raise no_attribute(attribute, self.rules())
        if rules.type != CATEGORY:
            raise VocabularyError(
                f"{attribute!r} holds {rules.type}s; only the values of categories can be renamed and merged.",
                "Change them item by item.",
                "To do so: visualsearch set CATALOG ATTRIBUTE=VALUE --where …",
            )
        return list(dict.fromkeys([*map(str, rules.values), *self.values(attribute)]))

    def _check_known(self, attribute: str, values: Iterable[str]) -> None:
        known = self._known(attribute)
        for value in values:
            if value not in known:
                raise VocabularyError(f"{attribute!r} has no value {value!r}.", _did_you_mean(value, known))


def replaced(body: Mapping[str, Any], old: Sequence[str], new: str) -> Body:
    """An attribute's document in which ``new`` stands for ``old``: in its values, groups and keys, and as synonyms."""
    change: Callable[[str], str] = lambda value: new if value in old else value  # noqa: E731
    result = dict(body)
    if body.get("values"):
        result["values"] = list(dict.fromkeys(map(change, body["values"])))
        if new not in result["values"]:
            result["values"].append(new)
    synonyms = {word: change(value) for word, value in body.get("synonyms", {}).items()} | dict.fromkeys(
        old, new
    )
    result["synonyms"] = {word: value for word, value in synonyms.items() if word != value}
    if "exclusive" in body:
        groups = (list(dict.fromkeys(map(change, group))) for group in body["exclusive"])
        result["exclusive"] = [group for group in groups if len(group) > 1]
    if "keys" in body:
        result["keys"] = {key: change(value) for key, value in body["keys"].items()}
    return result


def without(body: Mapping[str, Any], gone: Sequence[str]) -> Body:
    """An attribute's document that names none of some values any more."""
    result = dict(body)
    if "values" in body:
        result["values"] = [value for value in body["values"] if value not in gone]
    for part in ("synonyms", "keys"):
        if part in body:
            result[part] = {word: value for word, value in body[part].items() if value not in gone}
    if "exclusive" in body:
        groups = ([value for value in group if value not in gone] for group in body["exclusive"])
        result["exclusive"] = [group for group in groups if len(group) > 1]
    return result


def read_file(file: Path) -> dict[str, Body]:
    """The documents of a vocabulary file by attribute. Raises VocabularyError, naming the place."""
    if file.is_fifo():  # opening it would wait for somebody who writes
        raise VocabularyError(f"{file} is a pipe, not a file.", "Save what comes from it in a file.")
    try:
        with file.open("rb") as stream:
            content = stream.read(_LARGEST + 1)  # whatever size it claims: a device never ends
        if len(content) > _LARGEST:
            raise VocabularyError(
                f"{file} is too large for a vocabulary: more than {_LARGEST >> 20} MB.", "Check the name."
            )
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise VocabularyError(
            f"The vocabulary {file} cannot be read ({error.strerror}).", "Check the name."
        ) from error
    except UnicodeDecodeError as error:
        raise VocabularyError(f"The vocabulary {file} is not UTF-8 text.", "Save it as UTF-8.") from error
    bodies = _from_json(file, text) if text.lstrip().startswith("{") else _from_csv(file, text)
    for name, body in bodies.items():
        try:
            vocabulary.check_document(name, body)
        except VocabularyError as error:
            raise VocabularyError(f"{file.name}: {error}", error.hint, error.command) from error
    return bodies


def _from_json(file: Path, text: str) -> dict[str, Body]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise VocabularyError(f"The vocabulary {file} is not JSON: {error}.") from error
    except RecursionError:
        raise VocabularyError(f"The vocabulary {file} is nested too deeply.") from None
    if not all(isinstance(body, dict) for body in found.values()):
        raise VocabularyError(
            f"The vocabulary {file} is not an object of objects.", 'As {"colour": {"values": []}}.'
        )
    return found


def _from_csv(file: Path, text: str) -> dict[str, Body]:
    lines = csv.reader(text.splitlines(keepends=True), strict=True)
    bodies: dict[str, Body] = {}
    groups: dict[tuple[str, str], list[str]] = {}
    try:
        header = [cell.strip().lower() for cell in next(lines, [])]
        if not {"attribute", "value"} <= set(header) <= set(_COLUMNS):
            raise VocabularyError(
                f"The vocabulary {file} has the columns {', '.join(header) or 'none'}.",
                f"It needs attribute and value, and may have {', '.join(_COLUMNS[2:])}.",
            )
        for cells in lines:
            if any(cell.strip() for cell in cells):
                _add_row(
                    bodies,
                    groups,
                    f"{file.name}:{lines.line_num}",
                    dict(zip(header, map(str.strip, cells), strict=False)),
                )
    except csv.Error as error:
        raise VocabularyError(f"{file.name}:{lines.line_num} is not CSV: {error}.") from error
    for (name, _), values in groups.items():
        bodies[name].setdefault("exclusive", []).append(values)
    return bodies


def _add_row(
    bodies: dict[str, Body], groups: dict[tuple[str, str], list[str]], place: str, row: Mapping[str, str]
) -> None:
    """One row of a CSV vocabulary into the document of its attribute. Values that name the same group in the column
    exclusive exclude each other: ``groups``, by attribute and name."""
    name, value = row.get("attribute", ""), row.get("value", "")
    if not name:
        raise VocabularyError(f"{place}: the attribute is empty.")
    body = bodies.setdefault(name, {})
    for part in ("type", "scope"):
        if row.get(part) and body.setdefault(part, row[part]) != row[part]:
            raise VocabularyError(
                f"{place}: {name!r} has the {part} {body[part]!r} above, and {row[part]!r} here."
            )
    if row.get("multi"):
        if row["multi"].lower() not in _BOOLEANS:
            raise VocabularyError(f"{place}: multi is {row['multi']!r}.", "Write true or false.")
        body["multi"] = _BOOLEANS[row["multi"].lower()]
    if not value:
        return
    body.setdefault("values", []).append(_number(name, value) if body.get("type") == NUMBER else value)
    for word in filter(None, map(str.strip, row.get("synonyms", "").split(SEPARATOR))):
        if body.setdefault("synonyms", {}).setdefault(word, value) != value:
            raise VocabularyError(f"{place}: {word!r} stands for {body['synonyms'][word]!r} already.")
    if row.get("key"):
        body.setdefault("keys", {})[row["key"]] = value
    if row.get("exclusive"):
        groups.setdefault((name, row["exclusive"]), []).append(value)


_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def _number(attribute: str, value: str) -> float:
    number = parse_number(value)
    if number is None:
        raise VocabularyError(f"{attribute!r} holds numbers, and {value!r} is not a number.")
    return number


def _did_you_mean(text: str, known: Iterable[str]) -> str:
    near = nearest(text, known)
    return f"Did you mean {near!r}?" if near else ""
