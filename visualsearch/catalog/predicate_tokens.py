"""The text of predicates as tokens: words, texts in quotation marks, operators, parentheses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from visualsearch.errors import PredicateError

KEYWORDS = frozenset(("and", "or", "not", "in"))
_OPERATOR = re.compile(r"[<>!=]=?")
_WORD_SIGNS = "_-./+\u200c\u200d"  # the last two join letters in Persian and Hindi words
_QUOTES = {'"': '"', "'": "'"}


def is_word_character(character: str) -> bool:
    """Whether it may stand in a word without quotation marks."""
    return character.isalnum() or character in _WORD_SIGNS or unicodedata.category(character)[0] == "M"


@dataclass(frozen=True)
class Token:
    """``kind``: "word", "quoted", "operator", that of a prefix, one of "!(),", or "end"; ``text``: without quotes and
    escapes."""

    kind: str
    text: str
    position: int

    def is_keyword(self, word: str) -> bool:
        return self.kind == "word" and self.text.lower() == word


def tokens_of(text: str, prefixes: Mapping[str, str]) -> list[Token]:
    """The tokens of a predicate's text, the last one "end". ``prefixes``: words that mean something before a colon, and
    the kinds of their tokens. Raises PredicateError."""
    tokens = []
    position = 0
    while position < len(text):
        character = text[position]
        start = position
        if character.isspace():
            position += 1
            continue
        if character in _QUOTES:
            value, position = _read_quoted(text, position)
            tokens.append(Token("quoted", value, start))
        elif operator := _OPERATOR.match(text, position):
            position = operator.end()
            symbol = "=" if operator[0] == "==" else operator[0]
            tokens.append(Token("!" if symbol == "!" else "operator", symbol, start))
        elif character in "(),":
            position += 1
            tokens.append(Token(character, character, start))
        elif is_word_character(character):
            while position < len(text) and is_word_character(text[position]):
                position += 1
            word = text[start:position]
            kind = prefixes.get(word.lower(), "word") if text[position : position + 1] == ":" else "word"
            position += kind != "word"
            tokens.append(Token(kind, word, start))
        else:
            raise PredicateError(
                f"The character {character!r} has no meaning here.", text, position, _sign_hint(character)
            )
    tokens.append(Token("end", "", len(text)))
    return tokens


def _read_quoted(text: str, start: int) -> tuple[str, int]:
    """The content of the quotes that open at ``start``, and the position after them."""
    quote = _QUOTES[text[start]]
    content: list[str] = []
    position = start + 1
    while position < len(text) and text[position] != quote:
        if text[position] == "\\":
            position += 1
        content.append(text[position : position + 1])
        position += 1
    if position >= len(text):
        raise PredicateError("The quotation mark that opens here is not closed.", text, start)
    return "".join(content), position + 1


def _sign_hint(character: str) -> str:
    if character in "&|;":
        return 'Join conditions with "and" or "or".'
    if character in "“”„«»‘’":
        return 'Use straight quotation marks: "…".'
    if character == ":":
        return "Write = between an attribute and its value."
    return 'Put names and values with such characters in quotation marks: "…".'
