"""What kind of attribute a column is: number, category or text, and whether its cells hold several values.

The rules, in order, for the non-empty cells of a column:

1. **number**: at least 98 % of the cells are numbers (``parse_number``), and none is a code: no leading zero as in
   ``00123``, not more than 15 digits (a double would round them). ``2012.0`` is the number 2012.
2. **category**, undivided: amounts in one unit, as ``53.90 EUR``. They are compared like numbers.
3. **several values**: cells are split at ``|``, ``;`` or a comma, where at least 5 % of the different cells (and two
   of them; for ``|`` one, if a part of it is a cell elsewhere) contain it, no part is empty or longer than 40
   characters, and splitting clearly leaves fewer different values: not more than before for ``|``, at most three
   quarters for ``;``, at most half for a comma, unless it parts thousands in all of them (``$1,980``). The parts are
   then categories. Lists in JSON and Parquet always are several values.
4. **text**: long (more than 60 characters on average, or line breaks) or mostly different: more than 50 different
   values that are also more than a fifth of the cells; in a small column (fewer than 50 cells) more than 80 %
   different and more than 20 characters on average.
5. **category** otherwise.

A column of which nothing was ever filled in is no attribute yet. The type is decided by the first import that
sees a value and kept from then on, so that filters do not change their meaning.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

from visualsearch.catalog.numerals import amounts, parse_number

CATEGORY, NUMBER, TEXT = TYPES = "category", "number", "text"

_NUMBER_SHARE = 0.98
_SEPARATORS = (("|", 1.0), (";", 0.75), (",", 0.5))  # and the share of different values that may be left
_SEPARATED_SHARE = 0.05
_PART_LENGTH = 40
_DISTINCT_LIMIT = 50_000  # different values of a column that are looked at one by one
_DISTINCT_CHARACTERS = 20_000_000
_MARKERS = ("|", ";", "\n", "\x1f")

_THOUSANDS = re.compile(r"[^0-9,]*[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?[^0-9,]*")
_CODE = re.compile(r"0[0-9]+|[+-]?[0-9]{16,}")


@dataclass(frozen=True)
class AttributeType:
    """``type`` is "category", "number" or "text"; a ``separator`` means that a cell may hold several values."""

    type: str
    separator: str = ""

    def __str__(self) -> str:
        return f"{self.type}, several separated by {self.separator!r}" if self.separator else self.type


def split_values(text: str, separator: str) -> list[str]:
    """The values of a cell: trimmed, without empty ones and repetitions, in the cell's order."""
    parts = text.split(separator) if separator else [text]
    return list(dict.fromkeys(part for part in (part.strip() for part in parts) if part))


@dataclass
class _Totals:
    """How many cells there are, are numbers, are codes, have line breaks; and their characters."""

    cells: int = 0
    numbers: int = 0
    codes: int = 0
    breaks: int = 0
    length: int = 0

    def add(self, value: str, times: int) -> None:
        self.cells += times
        self.length += times * len(value)
        if parse_number(value) is not None:
            self.numbers += times
            self.codes += times if _CODE.fullmatch(value) else 0
        elif "\n" in value:
            self.breaks += times


class ColumnStatistics:
    """Looks at every cell of a column; memory stays bounded however many different values there are."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._characters = 0
        self._overflowed = False
        self._beyond = _Totals()  # of the cells that came after the different values became too many to keep
        self._lists = False

    def add(self, value: str | list[str] | None) -> None:
        """Count one cell; None and blank cells do not count."""
        if isinstance(value, list):
            self._lists = True
            for part in value:
                self._add(part)
        elif value:
            self._add(value)

    def decide(self, separator: str | None = None, type: str | None = None) -> AttributeType | None:
        """The column's type, or None when it was empty. A given ``separator`` (may be "") or ``type`` overrides the
        guess; the cells of a number and of a text are whole unless a separator is given or they are lists."""
        guess = self._guess(separator)
        if guess is None or type is None:
            return guess
        whole = separator is None and type != CATEGORY and not self._lists
        return AttributeType(type, "" if whole else guess.separator)

    def _guess(self, separator: str | None) -> AttributeType | None:
        totals = self._totals()
        if not totals.cells:
            return None
        if self._lists:
            return AttributeType(CATEGORY, separator or self._unused_marker())
        if separator:
            return AttributeType(CATEGORY, separator)
        if totals.numbers >= _NUMBER_SHARE * totals.cells and not totals.codes:
            return AttributeType(NUMBER)
        if amounts(list(self._counts)) is not None:
            return AttributeType(CATEGORY)
        if separator is None and not self._overflowed:
            for candidate, share in _SEPARATORS:
                if self._splits_well(candidate, share):
                    return AttributeType(CATEGORY, candidate)
        return AttributeType(TEXT if self._is_text(totals) else CATEGORY)

    def _add(self, value: str) -> None:
        if value in self._counts:
            self._counts[value] += 1
        elif self._overflowed:
            self._beyond.add(value, 1)
        else:
            self._counts[value] = 1
            self._characters += len(value)
            self._overflowed = (
                len(self._counts) >= _DISTINCT_LIMIT or self._characters >= _DISTINCT_CHARACTERS
            )

    def _totals(self) -> _Totals:
        totals = replace(self._beyond)
        for value, times in self._counts.items():
            totals.add(value, times)
        return totals

    def _splits_well(self, separator: str, share: float) -> bool:
        with_separator = [value for value in self._counts if separator in value]
        alone = separator == "|" and len(with_separator) == 1 and self._has_part_alone(with_separator[0])
        if len(with_separator) < max(1 if alone else 2, _SEPARATED_SHARE * len(self._counts)):
            return False
        if separator == "," and all(map(_THOUSANDS.fullmatch, with_separator)):
            return False  # amounts, as 1,980
        parts: set[str] = {value for value in self._counts if separator not in value}
        for value in with_separator:
            for part in value.split(separator):
                part = part.strip()
                if not part or len(part) > _PART_LENGTH:
                    return False
                parts.add(part)
        return len(parts) <= share * len(self._counts)

    def _has_part_alone(self, value: str) -> bool:
        """Whether a part of ``red|blue`` is a cell by itself somewhere else."""
        return any(part.strip() in self._counts for part in value.split("|"))

    def _is_text(self, totals: _Totals) -> bool:
        different, mean_length = len(self._counts), totals.length / totals.cells
        if self._overflowed or totals.breaks or mean_length > 60:
            return True
        if totals.cells < 50:
            return different > 0.8 * totals.cells and mean_length > 20
        return different > max(50, 0.2 * totals.cells)

    def _unused_marker(self) -> str:
        """A separator for lists that none of their values contains, so that they could be written into a cell."""
        for marker in _MARKERS:
            if not any(marker in value for value in self._counts):
                return marker
        return _MARKERS[-1]
