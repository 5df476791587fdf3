"""Cells that a spreadsheet would run, made harmless with an apostrophe, and back without loss.

A spreadsheet takes a cell that begins with ``= + - @``, a tab or a line break for a formula (OWASP, "CSV Injection");
the full-width forms of the signs count too. Numbers such as -5 stay. Since a value may begin with apostrophes itself,
one more is put before each cell that would otherwise look like a harmless one, so that ``restored`` can take exactly
one away: ``restored(neutralised(text)) == text`` for every text.
"""

from __future__ import annotations

import re

from visualsearch.catalog.numerals import parse_number

_RUN = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")


def is_run(text: str) -> bool:
    """Whether a spreadsheet would run a cell, or, where it begins with apostrophes, what comes after them."""
    number = parse_number(text) is not None and not text[0].isspace()  # it reads past leading white space
    return _RUN.match(text) is not None and not number


def neutralised(text: str) -> str:
    """The cell to write for a text."""
    return f"'{text}" if is_run(text) else text


def restored(cell: str) -> str:
    """The text for which a cell was written."""
    return cell[1:] if cell[:1] == "'" and is_run(cell[1:]) else cell
