"""Predicates: conditions on attributes → item sets.

``a=v``: one of the item's values is v (numbers by value: 2012 and 2012.0 are equal; text whole and case-sensitive).
``a!=v``: none of its values is v, so that items without any value match. ``<`` and its kin: one of its values, numbers
only. ``a=""`` and ``!a``: it has no value. ``id`` is the item's id, unless the customer has an attribute of that name.
What the columns cannot tell, saved filters, figures of the dashboard and words, is asked of `Terms`.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

import numpy as np

from visualsearch.catalog.columns import CategoryColumn, Column, NumberColumn, TextColumn, format_number
from visualsearch.catalog.nearest import nearest
from visualsearch.catalog.numerals import parse_amount
from visualsearch.catalog.predicate_syntax import (
    ID,
    And,
    Comparison,
    Has,
    InFigure,
    Location,
    Not,
    OneOf,
    Or,
    Predicate,
    Visual,
    Words,
    parse,
    quoted,
)
from visualsearch.catalog.snapshot import Snapshot
from visualsearch.errors import PredicateError

__all__ = [
    "And",
    "Comparison",
    "Has",
    "InFigure",
    "Not",
    "OneOf",
    "Or",
    "Predicate",
    "Terms",
    "Visual",
    "Words",
    "all_of",
    "conjunction",
    "evaluate",
    "from_choices",
    "has_figures",
    "parse",
    "visual_names",
    "warnings",
    "with_visual_renamed",
]

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_ORDER: dict[str, Callable[[np.ndarray, float], np.ndarray]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Terms(Protocol):
    """Who knows what the columns do not: item sets, bool (size,), of saved filters, figures and words."""

    def filter_names(self) -> Sequence[str]:
        """The saved filters that there are."""
        ...

    def members(self, name: str) -> np.ndarray:
        """The items in a saved filter. Raises KeyError where there is none of this name, PredicateError where it
        cannot be told."""
        ...

    def counted(self, figure: str, attribute: str) -> np.ndarray | None:
        """The items that a figure of the dashboard counts; None where nobody counts."""
        ...

    def with_words(self, words: str) -> np.ndarray | None:
        """The items in whose texts the words stand next to each other; None where there is no word."""
        ...


def conjunction(texts: Sequence[str]) -> Predicate | None:
    """The predicate that all the texts hold; None without texts. Raises PredicateError."""
    return all_of([parse(text) for text in texts])


def all_of(predicates: Iterable[Predicate | None]) -> Predicate | None:
    """The predicate that all of them hold, leaving out None; None when nothing is left."""
    operands = tuple(predicate for predicate in predicates if predicate is not None)
    return And(operands) if len(operands) > 1 else next(iter(operands), None)


def from_choices(attribute: str, values: Sequence[str]) -> Predicate | None:
    """Any of the ticked values, "" being "has none"; None without values, since no tick restricts nothing."""
    return OneOf(attribute, tuple(values)) if values else None


def evaluate(predicate: Predicate, snapshot: Snapshot, terms: Terms | None = None) -> np.ndarray:
    """The active items that the predicate holds for, bool (size,).

    Raises PredicateError, pointing at the mistake, for an unknown attribute or saved filter, and for a comparison of
    what is no number. Unknown values match nothing; ``warnings`` tells of them.
    """
    return _evaluate(predicate, snapshot, terms) & snapshot.alive


def has_figures(predicate: Predicate) -> bool:
    """Whether a predicate speaks of a figure of the dashboard."""
    return any(isinstance(leaf, InFigure) for leaf in _leaves(predicate))


def visual_names(predicate: Predicate) -> list[str]:
    """The names of the saved filters that occur in a predicate, each once."""
    return list(dict.fromkeys(leaf.name for leaf in _leaves(predicate) if isinstance(leaf, Visual)))


def warnings(predicate: Predicate, snapshot: Snapshot) -> list[str]:
    """A sentence for each value that no item has, with the nearest one that exists. Raises as ``evaluate`` does."""
    found: dict[str, None] = {}
    for leaf in _leaves(predicate):
        if isinstance(leaf, Words) and leaf.text in snapshot.columns:
            found[
                f'"{leaf.text}" in quotation marks looks for these words; '
                f"the items that have the attribute are {Has(leaf.text)}."
            ] = None
        if isinstance(leaf, Visual | Words):
            continue
        column = _column(leaf, snapshot)
        if isinstance(leaf, InFigure):
            continue
        for value in _equal_values(leaf):
            sentence = _unknown_value(leaf, column, value, snapshot) if value else None
            if sentence:
                found[sentence] = None
    return list(found)


_Leaf = Comparison | OneOf | Has | InFigure


def _evaluate(predicate: Predicate, snapshot: Snapshot, terms: Terms | None) -> np.ndarray:
    if isinstance(predicate, And | Or):
        combine = np.logical_and if isinstance(predicate, And) else np.logical_or
        result = _evaluate(predicate.operands[0], snapshot, terms)
        for operand in predicate.operands[1:]:
            result = combine(result, _evaluate(operand, snapshot, terms))
        return result
    if isinstance(predicate, Not):
        return ~_evaluate(predicate.operand, snapshot, terms)
    if isinstance(predicate, Visual | Words):
        return _asked(predicate, terms)
    column = _column(predicate, snapshot)
    if isinstance(predicate, InFigure):
        return _counted(predicate, terms)
    if isinstance(predicate, Has):
        return snapshot.alive if column is None else column.present(snapshot.size)
    if isinstance(predicate, Comparison) and predicate.operator in _ORDER:
        return _compared(predicate, column, snapshot)
    equal = _any_of(predicate, column, _equal_values(predicate), snapshot)
    return ~equal if isinstance(predicate, Comparison) and predicate.operator == "!=" else equal


def _asked(leaf: Visual | Words, terms: Terms | None) -> np.ndarray:
    """The items of a saved filter or with some words, bool (size,)."""
    location = leaf.location or Location(str(leaf), 0)
    if terms is None:
        raise PredicateError("Saved filters and words cannot be used here.", location.text, location.name)
    if isinstance(leaf, Words):
        found = terms.with_words(leaf.text)
        if found is None:
            raise PredicateError(
                f"There is no word in {leaf.text!r}.",
                location.text,
                location.name,
                "A text in quotation marks alone looks for words.",
            )
        return found
    try:
        return terms.members(leaf.name)
    except KeyError:
        names = list(terms.filter_names())
        near = nearest(leaf.name, names)
        hint = f"Did you mean visual:{quoted(near)}?" if near else ""
        if not hint:
            hint = f"There are: {', '.join(names)}." if names else "No filter has been saved yet."
        raise PredicateError(
            f"There is no saved filter {leaf.name!r}.", location.text, location.name, hint
        ) from None
    except PredicateError as error:
        raise PredicateError(
            f"The saved filter {leaf.name!r} does not work: {error}",
            location.text,
            location.name,
            error.hint,
            error.command,
        ) from error


def _counted(leaf: InFigure, terms: Terms | None) -> np.ndarray:
    """The items of a figure, bool (size,)."""
    found = terms.counted(leaf.figure, leaf.attribute) if terms is not None else None
    if found is None:
        raise _error(leaf, f"{leaf.figure}: cannot be used here.", "")
    return found


def _column(leaf: _Leaf, snapshot: Snapshot) -> Column | None:
    """The leaf's column; None for the pseudo attribute ``id``."""
    column = snapshot.columns.get(leaf.attribute)
    if column is None and (leaf.attribute != ID or isinstance(leaf, InFigure)):
        near = nearest(leaf.attribute, [*snapshot.columns, ID])
        raise _error(
            leaf,
            f"There is no attribute {leaf.attribute!r}.",
            f"Did you mean {quoted(near)}?" if near else f"There are: {', '.join([*snapshot.columns, ID])}.",
        )
    return column


def _equal_values(leaf: _Leaf) -> tuple[str, ...]:
    """The values that the leaf looks for by equality."""
    if isinstance(leaf, OneOf):
        return leaf.values
    return (leaf.value,) if isinstance(leaf, Comparison) and leaf.operator not in _ORDER else ()


def _any_of(leaf: _Leaf, column: Column | None, values: tuple[str, ...], snapshot: Snapshot) -> np.ndarray:
    """Items with one of the values, bool (size,)."""
    wanted = [value for value in values if value]
    result = np.zeros(snapshot.size, bool)
    if column is None:
        result[snapshot.numbers_of(wanted)] = True
        return result
    if isinstance(column, CategoryColumn):
        chosen = np.zeros(len(column.values) + 1, bool)  # the last stands for "none", whose code is -1
        chosen[_codes(leaf, column, wanted)] = True
        result = _with_codes(column, chosen, snapshot.size)
    elif isinstance(column, NumberColumn):
        numbers = [_number(leaf, value) for value in wanted]
        result = (
            np.isin(column.data, numbers) if len(numbers) > 1 else column.data == (numbers or [np.nan])[0]
        )
    elif wanted:
        result[snapshot.items_with_text(column.name, wanted)] = True
    return result | ~column.present(snapshot.size) if "" in values else result


def _codes(leaf: _Leaf, column: CategoryColumn, values: list[str]) -> list[int]:
    if column.numbers is not None:
        numbers = [_number(leaf, value) for value in values]
        return np.flatnonzero(np.isin(column.numbers, numbers)).tolist()
    known = [column.code_of[value] for value in values if value in column.code_of]
    bare = [
        float(value) for value in values if value not in column.code_of and _NUMBER.fullmatch(value.strip())
    ]
    if bare and column.amounts is not None:  # 53.9 of 53.90 EUR
        known += np.flatnonzero(np.isin(column.amounts, bare)).tolist()
    return known


def _with_codes(column: CategoryColumn, chosen: np.ndarray, size: int) -> np.ndarray:
    """Items with a value of which ``chosen``, bool (values + 1,), is true."""
    if column.single is not None:
        return chosen[column.single]
    result = np.zeros(size, bool)
    result[column.items[chosen[column.codes]]] = True
    return result


def _compared(leaf: Comparison, column: Column | None, snapshot: Snapshot) -> np.ndarray:
    compare = _ORDER[leaf.operator]
    if isinstance(column, NumberColumn):
        return compare(column.data, _number(leaf, leaf.value))  # NaN compares as False
    if isinstance(column, CategoryColumn) and column.amounts is not None:
        number = _amount(leaf, column)
        return _with_codes(column, np.append(compare(column.amounts, number), False), snapshot.size)
    raise _error(
        leaf,
        f"{leaf.operator} compares numbers, and {leaf.attribute!r} does not hold numbers.",
        "Use = or != with it.",
    )


def _amount(leaf: Comparison, column: CategoryColumn) -> float:
    """What amounts are compared with: a number, or one with their unit."""
    amount = parse_amount(leaf.value) if column.unit else None
    if amount is None:
        return _number(leaf, leaf.value)
    number, unit = amount
    if unit != column.unit:
        message = f"{leaf.attribute!r} is in {column.unit}, and {leaf.value!r} is in {unit}."
        raise _error(leaf, message, f"Write the number alone, or with {column.unit}.", leaf.value)
    return number


def _number(leaf: _Leaf, text: str) -> float:
    if not _NUMBER.fullmatch(text.strip()):
        raise _error(
            leaf,
            f"{leaf.attribute!r} holds numbers, and {text!r} is not a number.",
            "Write it as 2012 or 9.99.",
            text,
        )
    return float(text)


def _error(leaf: _Leaf, message: str, hint: str, value: str | None = None) -> PredicateError:
    """An error that points at the leaf's name, or at one of its values."""
    location = leaf.location or Location(str(leaf), 0)
    position = location.name
    if value is not None and location.values:
        position = (
            location.values[_equal_values(leaf).index(value)]
            if isinstance(leaf, OneOf)
            else location.values[0]
        )
    return PredicateError(message, location.text, position, hint)


def _leaves(predicate: Predicate) -> Iterator[_Leaf | Visual | Words]:
    if isinstance(predicate, And | Or):
        for operand in predicate.operands:
            yield from _leaves(operand)
    elif isinstance(predicate, Not):
        yield from _leaves(predicate.operand)
    else:
        yield predicate


def _unknown_value(leaf: _Leaf, column: Column | None, value: str, snapshot: Snapshot) -> str | None:
    if isinstance(column, TextColumn):
        return None  # finding out would read all the texts
    if column is None:
        return None if len(snapshot.numbers_of([value])) else f"No item has the id {value!r}."
    if isinstance(column, CategoryColumn) and column.numbers is None:
        if _codes(leaf, column, [value]):
            return None
        near = nearest(value, column.values)
        return f"{column.name} has no value {value!r}" + (f"; nearest: {near!r}." if near else ".")
    return _unknown_number(column, _number(leaf, value))


def _unknown_number(column: CategoryColumn | NumberColumn, number: float) -> str | None:
    numbers = column.data if isinstance(column, NumberColumn) else column.numbers
    assert numbers is not None
    if np.any(numbers == number):
        return None
    known = numbers[~np.isnan(numbers)]
    if not len(known):
        return f"{column.name} has no values."
    near = format_number(float(known[np.argmin(np.abs(known - number))]))
    return f"{column.name} has no value {format_number(number)!r}; nearest: {near!r}."


def with_visual_renamed(predicate: Predicate, old: str, new: str) -> Predicate:
    """The predicate with another name of a saved filter."""
    if isinstance(predicate, And | Or):
        return type(predicate)(
            tuple(with_visual_renamed(operand, old, new) for operand in predicate.operands)
        )
    if isinstance(predicate, Not):
        return Not(with_visual_renamed(predicate.operand, old, new))
    return Visual(new) if isinstance(predicate, Visual) and predicate.name == old else predicate
