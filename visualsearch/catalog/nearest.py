"""The name that was probably meant."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable
from itertools import islice

from visualsearch.errors import UnknownName

_NAMED = 20  # attributes in a hint
_LOOKED_AT = 5_000  # comparing letter by letter takes some 20 µs each


SLIP = 0.7  # likeness of what a slip of the hand makes of a name: yaer of year, but not style of type


def nearest(text: str, names: Iterable[str], least: float = 0.6) -> str | None:
    """The most similar of ``names``: but for case and accents the same, else similar letters (``least``: their share,
    as in difflib); None if none is."""
    folded: dict[str, str] = {}
    for name in names:
        folded.setdefault(_folded(name), name)
    wanted = _folded(text)
    if wanted in folded:
        return folded[wanted]
    close = difflib.get_close_matches(wanted, islice(folded, _LOOKED_AT), 1, least)
    return folded[close[0]] if close else None


def no_attribute(name: str, known: Iterable[str]) -> UnknownName:
    """The error for an attribute that is not there, with the one that was probably meant, or some that are."""
    names = list(known)
    near = nearest(name, names)
    more = " …" if len(names) > _NAMED else ""
    listed = f"There are: {', '.join(names[:_NAMED])}{more}." if names else "There is none yet."
    return UnknownName(f"There is no attribute {name!r}.", f"Did you mean {near!r}?" if near else listed)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in plain if character.isalnum())
