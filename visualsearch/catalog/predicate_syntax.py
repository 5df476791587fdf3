"""The language of predicates: its tree, its text, and the parser of its tokens. ``docs/where.md`` teaches it.

predicate  := conjunction ("or" conjunction)*
conjunction := negation ("and" negation)*
negation   := "not" negation | "(" predicate ")" | condition
condition  := "visual:" name | figure ":" name | words | "!" ["!"] name
            | name [("=" | "!=" | "<" | "<=" | ">" | ">=") value | ["not"] "in" "(" values ")"]
figure     := "suggested" | "suspected" | "certified" | "judged"
words      := a text in quotation marks that no operator follows
values     := value ("," value)*
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from visualsearch.catalog.predicate_tokens import KEYWORDS, Token, is_word_character, tokens_of
from visualsearch.errors import PredicateError

ID = "id"  # what conditions call the items' ids
FIGURES = ("suggested", "suspected", "certified", "judged")  # of the dashboard, that the columns do not tell
MAX_DEPTH = 50  # nested parentheses and "not"; people need three
Operator: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">="]
_PREFIXES = {"visual": "visual", **dict.fromkeys(FIGURES, "figure")}  # words before a colon


@dataclass(frozen=True)
class Location:
    """Where a condition stands in the text it came from: character positions of its name and values."""

    text: str
    name: int
    values: tuple[int, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """An attribute compared with one value."""

    attribute: str
    operator: Operator
    value: str
    location: Location | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        return f"{quoted(self.attribute)}{self.operator}{quoted(self.value)}"


@dataclass(frozen=True)
class OneOf:
    """An attribute that has any of the values; "" stands for having none."""

    attribute: str
    values: tuple[str, ...]
    location: Location | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.values:
            raise ValueError("at least one value is needed")

    def __str__(self) -> str:
        return f"{quoted(self.attribute)} in ({', '.join(map(quoted, self.values))})"


@dataclass(frozen=True)
class Has:
    """An attribute that has a value."""

    attribute: str
    location: Location | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        name = quoted(self.attribute)
        return name if name == self.attribute else f"!!{name}"  # in quotation marks alone, it would be words


@dataclass(frozen=True)
class Visual:
    """A saved visual filter, by its name: the items in it."""

    name: str
    location: Location | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        return f"visual:{quoted(self.name)}"


@dataclass(frozen=True)
class InFigure:
    """The items that a figure of the dashboard counts for an attribute, as `suspected:colour`."""

    figure: str
    attribute: str
    location: Location | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.figure}:{quoted(self.attribute)}"


@dataclass(frozen=True)
class Words:
    """Words that stand next to each other in an item's id, categories or texts."""

    text: str
    location: Location | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        return _in_quotes(self.text)


@dataclass(frozen=True)
class Not:
    operand: Predicate

    def __str__(self) -> str:
        if isinstance(self.operand, Has):
            return f"!{quoted(self.operand.attribute)}"
        return f"not {_inner(self.operand, And, Or)}"


@dataclass(frozen=True)
class And:
    operands: tuple[Predicate, ...]

    def __post_init__(self) -> None:
        _require_two(self.operands)

    def __str__(self) -> str:
        return " and ".join(_inner(operand, And, Or) for operand in self.operands)


@dataclass(frozen=True)
class Or:
    operands: tuple[Predicate, ...]

    def __post_init__(self) -> None:
        _require_two(self.operands)

    def __str__(self) -> str:
        return " or ".join(_inner(operand, Or) for operand in self.operands)


Predicate: TypeAlias = Comparison | OneOf | Has | Visual | InFigure | Words | Not | And | Or


def parse(text: str) -> Predicate:
    """The tree of a predicate's text; ``parse(str(p)) == p``. Raises PredicateError, which points at the mistake."""
    return _Parser(text).parse()


def quoted(text: str) -> str:
    """A name or value as it is written in a predicate: in double quotes where it needs them."""
    if text and all(map(is_word_character, text)) and text.lower() not in KEYWORDS:
        return text
    return _in_quotes(text)


def _in_quotes(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _inner(operand: Predicate, *bracketed: type) -> str:
    return f"({operand})" if isinstance(operand, bracketed) else str(operand)


def _require_two(operands: tuple[Predicate, ...]) -> None:
    if len(operands) < 2:
        raise ValueError("at least two operands are needed")


class _Parser:
    """Recursive descent; the depth is limited, so that no text can exhaust the stack."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens_of(text, _PREFIXES)
        self._at = 0
        self._depth = 0

    def parse(self) -> Predicate:
        if self._next.kind == "end":
            raise self._error("The condition is empty.", self._next, "Write, for example, season=Summer.")
        predicate = self._disjunction()
        if self._next.kind == ")":
            raise self._error("This parenthesis closes nothing.", self._next)
        if self._next.kind != "end":
            raise self._missing_operator()
        return predicate

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _error(self, message: str, token: Token, hint: str = "") -> PredicateError:
        return PredicateError(message, self._text, token.position, hint)

    def _disjunction(self) -> Predicate:
        operands = self._joined("or", self._conjunction)
        return operands[0] if len(operands) == 1 else Or(operands)

    def _conjunction(self) -> Predicate:
        operands = self._joined("and", self._negation)
        return operands[0] if len(operands) == 1 else And(operands)

    def _joined(self, keyword: str, operand: Callable[[], Predicate]) -> tuple[Predicate, ...]:
        operands = [operand()]
        while self._next.is_keyword(keyword):
            self._take()
            operands.append(operand())
        return tuple(operands)

    def _negation(self) -> Predicate:
        token = self._next
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._error(f"More than {MAX_DEPTH} parentheses or nots inside each other.", token)
        if token.is_keyword("not"):
            self._take()
            predicate: Predicate = Not(self._negation())
        elif token.kind == "(":
            self._take()
            predicate = self._disjunction()
            if self._next.kind == "end":
                raise self._error("The parenthesis that opens here is not closed.", token)
            if self._next.kind != ")":
                raise self._missing_operator()
            self._take()
        else:
            predicate = self._condition()
        self._depth -= 1
        return predicate

    def _condition(self) -> Predicate:
        if self._next.kind == "!":
            return self._absence()
        if self._next.kind in ("visual", "figure"):
            return self._prefixed()
        name = self._name()
        token = self._next
        if token.kind == "operator":
            self._take()
            value = self._value(f'The value after "{token.text}" is missing.')
            location = Location(self._text, name.position, (value.position,))
            return Comparison(name.text, token.text, value.text, location)  # type: ignore[arg-type]
        if token.is_keyword("in"):
            return self._list(name)
        if token.is_keyword("not") and self._tokens[self._at + 1].is_keyword("in"):
            self._take()
            return Not(self._list(name))
        location = Location(self._text, name.position)
        return Words(name.text, location) if name.kind == "quoted" else Has(name.text, location)

    def _prefixed(self) -> Predicate:
        kind, prefix = self._next.kind, self._take().text.lower()
        name = self._next
        if name.kind not in ("word", "quoted") or not name.text:
            what, example = ("a saved filter", "hawaiian") if kind == "visual" else ("an attribute", "colour")
            raise self._error(
                f"The name of {what} is missing after {prefix}:.",
                name,
                f'Write {prefix}:{example}, or {prefix}:"floral dress" for a name with spaces.',
            )
        self._take()
        location = Location(self._text, name.position)
        return Visual(name.text, location) if kind == "visual" else InFigure(prefix, name.text, location)

    def _absence(self) -> Predicate:
        self._take()
        twice = self._next.kind == "!"
        if self._next.kind in ("visual", "figure"):
            what = "A saved filter" if self._next.kind == "visual" else "A figure"
            raise self._error(
                f"{what} is not turned round by !.",
                self._next,
                f"Write not {self._next.text.lower()}:{quoted(self._tokens[self._at + 1].text)}.",
            )
        if twice:
            self._take()
        name = self._name()
        if self._next.kind == "operator":
            raise self._error(
                "A condition that begins with ! takes no value.",
                self._next,
                f"Write {quoted(name.text)}!=… or not {quoted(name.text)}{self._next.text}….",
            )
        has = Has(name.text, Location(self._text, name.position))
        return has if twice else Not(has)

    def _list(self, name: Token) -> Predicate:
        self._take()
        opening = self._next
        if opening.kind != "(":
            raise self._error("A list in parentheses is missing here.", opening, "Write a in (x, y).")
        values = []
        while not values or self._next.kind == ",":
            self._take()
            values.append(self._value("A value is missing here."))
        if self._next.kind != ")":
            closed = self._next.kind == "end"
            message = (
                "The parenthesis that opens here is not closed." if closed else "A comma is missing here."
            )
            raise self._error(message, opening if closed else self._next, _SPACES_HINT)
        self._take()
        location = Location(self._text, name.position, tuple(value.position for value in values))
        return OneOf(name.text, tuple(value.text for value in values), location)

    def _name(self) -> Token:
        token = self._next
        if token.kind == "word" and token.text.lower() in KEYWORDS:
            raise self._error(
                f'A condition is missing before "{token.text}".',
                token,
                f'An attribute of this name is written in quotation marks: "{token.text}".',
            )
        if token.kind not in ("word", "quoted"):
            what = f'before "{token.text}"' if token.text else "at the end"
            raise self._error(f"The name of an attribute is missing {what}.", token)
        if not token.text:
            raise self._error("The name of an attribute cannot be empty.", token)
        return self._take()

    def _value(self, message: str) -> Token:
        if self._next.kind not in ("word", "quoted"):
            raise self._error(message, self._next, 'The empty value is written "".')
        return self._take()

    def _missing_operator(self) -> PredicateError:
        return self._error(f'"and" or "or" is missing before "{self._next.text}".', self._next, _SPACES_HINT)


_SPACES_HINT = 'Values with spaces are written in quotation marks: baseColour="Navy Blue".'
