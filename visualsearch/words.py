"""Counts and names in sentences for people: "1 item", "2,000 items"; what of a text can be seen."""

from __future__ import annotations

import unicodedata

_JOINERS = "\u200c\u200d"  # of Persian words and of emoji


def counted(count: int, noun: str, nouns: str = "") -> str:
    """A number with its noun: "1 photo", "2,000 photos"; ``nouns`` where the plural is not the noun and an s."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"


def cut(text: str, length: int) -> str:
    """At most so many characters of a text; the last is … where more would follow."""
    return text if len(text) <= length else text[: length - 1] + "…"


def is_shown(text: str) -> bool:
    """Whether all of a text can be seen and nothing in it breaks the line, moves the cursor or turns the direction."""
    return text.isprintable() or all(map(_sign_is_shown, text))


def printable(text: str) -> str:
    """The text with everything that would move the cursor, break the line, turn the direction or cannot be shown
    written as an escape, as in Python: \\n, \\x1b, \\u202e."""
    if text.isprintable():
        return text
    return "".join(sign if _sign_is_shown(sign) else sign.encode("unicode_escape").decode() for sign in text)


def _sign_is_shown(sign: str) -> bool:
    return sign.isprintable() or sign in _JOINERS or unicodedata.category(sign) == "Zs"
