"""What the vocabulary says about one attribute, and how it makes values of what a person or a table says.

It is kept as the document ("attribute", name), a JSON object; every part may be left out:
``type`` category, number or text; ``multi`` true when an item may have several values; ``values`` the allowed ones in
their order, ``synonyms`` {other word: value}; ``scope`` a predicate, for which items the attribute is meant;
``exclusive`` lists of values of which an item has one at most; ``keys`` {key: value}, for the keyboard.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from visualsearch.catalog.infer import CATEGORY, NUMBER, TEXT
from visualsearch.catalog.nearest import nearest
from visualsearch.catalog.numerals import parse_number
from visualsearch.catalog.predicate_syntax import FIGURES, ID, parse
from visualsearch.catalog.valuesets import AttributeRow, Values
from visualsearch.errors import PredicateError, VocabularyError
from visualsearch.words import is_shown

KIND = "attribute"
LONGEST_NAME = 200
_MEANT = {
    (word, ":") for word in ("visual", *FIGURES)
}  # what names in conditions begin with, and are no attributes
_PARTS = ("type", "multi", "values", "synonyms", "scope", "exclusive", "keys", "title")


@dataclass(frozen=True)
class Rules:
    """The rules for the values of one attribute. ``values`` is empty where every value is allowed."""

    name: str
    type: str = CATEGORY
    multi: bool = False
    values: tuple[str | float, ...] = ()
    synonyms: Mapping[str, str] = field(default_factory=dict)
    scope: str = ""
    exclusive: tuple[tuple[str, ...], ...] = ()

    @cached_property
    def _words(self) -> dict[str, str]:
        """Folded word → value, of synonyms and of allowed values."""
        words = {folded(str(value)): value for value in self.values if isinstance(value, str)}
        return words | self._synonyms

    @cached_property
    def _synonyms(self) -> dict[str, str]:
        return {folded(word): value for word, value in self.synonyms.items()}

    def followed(self, raw: Values) -> Values:
        """What an item has that follows the import, which says ``raw``: synonyms are replaced."""
        if not self.synonyms or self.type != CATEGORY:
            return raw
        return as_set(self._synonyms.get(folded(str(value)), value) for value in raw)

    def value(self, value: str | float) -> str | float:
        """A value as it shall be kept. Raises VocabularyError for what is no value of this attribute."""
        if self.type == NUMBER:
            found = self._number(value)
        elif not isinstance(value, str):
            return self.value(f"{value:.15g}")
        else:
            found = value.strip()
            if self.type == CATEGORY:
                found = self._words.get(folded(found), found)
            _check_text(found, f"a value of {self.name!r}")
        if self.values and found not in self.values:
            near = nearest(str(found), [str(known) for known in self.values])
            shown = found if isinstance(found, str) else f"{found:.15g}"
            raise VocabularyError(
                f"{shown!r} is not among the allowed values of {self.name!r}.",
                f"Did you mean {near!r}? Otherwise add it." if near else "Choose one of them, or add it.",
                f"To add it: visualsearch vocabulary add CATALOG {self.name!r} {shown!r}",
            )
        return found

    def word(self, value: str | float) -> str | float:
        """The value that a word stands for; a word that is none stays as it is."""
        return value if not isinstance(value, str) else self._words.get(folded(value), value)

    def set(self, values: Iterable[str | float]) -> Values:
        """A whole set of values. Raises VocabularyError, also when there are more than an item may have."""
        found = as_set(self.value(value) for value in values)
        if len(found) > 1 and not self.multi:
            raise VocabularyError(
                f"{self.name!r} has one value an item, and {len(found)} were given: {_list(found)}.",
                "Choose one, or let it have several.",
                f"To let it: visualsearch vocabulary add CATALOG {self.name!r} --multi",
            )
        for group in self.exclusive:
            if len(both := [value for value in found if value in group]) > 1:
                raise VocabularyError(f"{_list(both)} exclude each other in {self.name!r}.", "Choose one.")
        return found

    def added(self, old: Values, new: Values) -> Values:
        """``old`` with ``new``, which replaces what it excludes."""
        if not self.multi:
            return new or old
        rivals = {value for group in self.exclusive if any(one in group for one in new) for value in group}
        return as_set([value for value in old if value not in rivals] + list(new))

    def _number(self, value: str | float) -> float:
        number = parse_number(value) if isinstance(value, str) else float(value)
        if number is None or not math.isfinite(number):
            raise VocabularyError(
                f"{self.name!r} holds numbers, and {value!r} is not a number.", "Write it as 2012 or 9.99."
            )
        return number


def rules_of(name: str, body: Mapping[str, Any] | None, row: AttributeRow | None) -> Rules:
    """The rules of an attribute from its document and its row, as far as there are any.

    Raises VocabularyError where the document contradicts itself or the catalog.
    """
    body = body or {}
    kind = body.get("type") or (row.type if row else CATEGORY)
    if row is not None and kind != row.type:
        raise VocabularyError(
            f"{name!r} is of type {row.type} in the catalog, not {kind}.",
            "Leave the type out, or use another name.",
        )
    multi = body.get("multi")
    return Rules(
        name,
        kind,
        bool(row.separator) if multi is None and row else bool(multi),
        tuple(float(value) if kind == NUMBER else str(value) for value in body.get("values", ())),
        dict(body.get("synonyms", {})),
        str(body.get("scope", "")),
        tuple(tuple(str(value) for value in group) for group in body.get("exclusive", ())),
    )


def check_document(name: str, body: Mapping[str, Any]) -> None:
    """Raise VocabularyError with a sentence for the first mistake in the document of an attribute."""
    _check_text(name, "the name of an attribute")
    where = f"The vocabulary of {name!r}"
    for part in body:
        if part not in _PARTS:
            near = nearest(part, _PARTS)
            raise VocabularyError(
                f"{where} has the part {part!r}, which means nothing.",
                f"Did you mean {near!r}?" if near else f"It may have: {', '.join(_PARTS)}.",
            )
    kind = body.get("type", CATEGORY)
    if kind not in (CATEGORY, NUMBER, TEXT):
        raise VocabularyError(f"{where}: the type is {kind!r}.", "It is category, number or text.")
    if not isinstance(body.get("multi", False), bool):
        raise VocabularyError(f"{where}: multi is {body['multi']!r}.", "It is true or false.")
    _check_values(where, kind, body)
    scope = body.get("scope", "")
    if not isinstance(scope, str):
        raise VocabularyError(f"{where}: the scope is not a text.", "Write it as a condition: category=Tops")
    if scope:
        try:
            parse(scope)
        except PredicateError as error:
            raise VocabularyError(
                f"{where}: the scope {scope!r} is not a condition: {error}", error.hint, error.command
            ) from error


def _check_values(where: str, kind: str, body: Mapping[str, Any]) -> None:
    values = body.get("values", [])
    plain = (int, float) if kind == NUMBER else (str,)
    if not isinstance(values, list) or not all(
        isinstance(value, plain) and not isinstance(value, bool) for value in values
    ):
        raise VocabularyError(f"{where}: values is not a list of {'numbers' if kind == NUMBER else 'texts'}.")
    for value in values:
        if kind == NUMBER:
            if not abs(value) <= sys.float_info.max:
                raise VocabularyError(f"{where}: one of its values is too large, or no number.")
        else:
            _check_text(value, f"a value of {where[0].lower()}{where[1:]}")
    if len({folded(str(value)) for value in values}) < len(values):
        raise VocabularyError(f"{where} has a value twice (capitals and spaces do not count).")
    for part in ("synonyms", "keys"):
        pairs = body.get(part, {})
        if not isinstance(pairs, dict) or not all(isinstance(value, str) for value in pairs.values()):
            raise VocabularyError(f'{where}: {part} is not an object of texts, as {{"word": "value"}}.')
    synonyms = {folded(word): value for word, value in body.get("synonyms", {}).items()}
    for word, value in body.get("synonyms", {}).items():
        _check_text(value, f"a value of {where[0].lower()}{where[1:]}")
        if values and value not in values:
            raise VocabularyError(f"{where}: {word!r} stands for {value!r}, which is not among its values.")
        if folded(value) in synonyms and synonyms[folded(value)] != value:
            raise VocabularyError(
                f"{where}: {word!r} stands for {value!r}, which itself stands for {synonyms[folded(value)]!r}.",
                "Let both stand for the same value.",
            )
    _check_text(json.dumps(body, ensure_ascii=False), f"{where[0].lower()}{where[1:]}")
    groups = body.get("exclusive", [])
    if not isinstance(groups, list) or not all(
        isinstance(group, list) and all(isinstance(value, str) for value in group) for group in groups
    ):
        raise VocabularyError(f'{where}: exclusive is not a list of lists, as [["short", "long"]].')


def words_of(body: Mapping[str, Any]) -> set[str]:
    """The values and other words of a document, as far as they are texts."""
    synonyms = body.get("synonyms", {})
    groups = (value for group in body.get("exclusive", ()) for value in group)
    every = (*body.get("values", ()), *synonyms, *synonyms.values(), *groups)
    return {word for word in every if isinstance(word, str)}


def check_new_name(name: str) -> None:
    """Raise VocabularyError for what a person cannot call a new attribute. Tables may: their columns have any name."""
    _check_text(name, "the name of an attribute")
    if len(name) > LONGEST_NAME:
        raise VocabularyError(f"The name of an attribute has at most {LONGEST_NAME} characters.")
    check_shown(name, "the name of an attribute")
    if name.casefold() == ID or name.casefold().partition(":")[:2] in _MEANT:
        raise VocabularyError(
            f"{name!r} cannot be the name of an attribute: in conditions it means something else.",
            "Choose another name. The ids of items cannot be changed.",
        )


def check_shown(text: str, what: str) -> None:
    """Raise VocabularyError for a name or value that would break a line, or of which something cannot be seen."""
    if not is_shown(text):
        raise VocabularyError(
            f"{text!r} cannot be {what}: it holds characters that cannot be seen, or line breaks.",
            "Type it anew.",
        )


def as_set(values: Iterable[str | float]) -> Values:
    """Values sorted, each once."""
    return tuple(sorted(set(values)))  # type: ignore[type-var]  # of one attribute: all text, or all numbers


def folded(word: str) -> str:
    """A word without the difference of capitals and spaces."""
    return " ".join(word.casefold().split())


def _check_text(text: str, what: str) -> None:
    if not isinstance(text, str) or not text.strip():
        raise VocabularyError(f"An empty text cannot be {what}.", "To take a value away, clear it.")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise VocabularyError(f"{text!r} cannot be {what}: it holds broken characters.") from None
    if "\0" in text:
        raise VocabularyError(f"{text!r} cannot be {what}: it holds a NUL character.")


def _list(values: Iterable[str | float]) -> str:
    return ", ".join(repr(value) if isinstance(value, str) else f"{value:.15g}" for value in values)
