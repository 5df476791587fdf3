"""Numbers as people and shops write them, alone (``1.234,50``) or with a unit (``53.90 EUR``, ``$1,980``, ``12,5 cm``).

Values with a unit stay the texts that they are, so that nothing is lost on the way out, and are compared like numbers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

_PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_DECIMAL_COMMA = re.compile(r"[+-]?(?:[0-9]+,[0-9]{1,2}|[0-9]+,[0-9]{4,}|0,[0-9]+)")
_GROUPED_POINT = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+\.[0-9]+")
_GROUPED_COMMA = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+,[0-9]+")

_SHARE = 0.98  # of the different values of a column must be amounts in one unit
_LOOKED_AT = 50  # values: a column that begins without a single amount has none
_CODES = (  # ISO 4217
    "AED ARS AUD BDT BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR ISK JPY KES KRW MAD MXN MYR "
    "NGN NOK NZD PHP PKR PLN RON RSD RUB SAR SEK SGD THB TRY TWD UAH USD VND ZAR"
)
_SIGNS = (r"[$€£¥₹₽₩₺₫₪฿₴₦]", r"(?:US|CA|AU|HK|NZ|R)\$", r"Rs\.?", "kr", "zł", "Kč", "Ft", "lei")
_CURRENCY = "|".join((*_SIGNS, *_CODES.split()))
_MEASURE = 'mm|cm|m|km|in|inch|ft|"|″|mg|g|kg|oz|lb|lbs|ml|cl|l|L|%|W|V|GB|TB|mAh|den'
_BEFORE = re.compile(rf"(?P<unit>{_CURRENCY})\s*(?P<number>[-+0-9.].*)")
_AFTER = re.compile(rf"(?P<number>[-+0-9.].*?)\s*(?P<unit>{_CURRENCY}|{_MEASURE})")
_IS_CURRENCY = re.compile(_CURRENCY)
_PARTED = re.compile(  # thousands, or the Indian way
    r"(?P<whole>[-+]?[0-9]{1,3}(?:(?P<mark>[,.'’ \u00a0\u202f])[0-9]{3})(?:(?P=mark)[0-9]{3})*)"
    r"(?:[.,](?P<decimals>[0-9]{1,2}))?"
)
_INDIAN = re.compile(r"(?P<whole>[-+]?[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3})(?:\.(?P<decimals>[0-9]{1,2}))?")


def parse_number(text: str) -> float | None:
    """The finite number that a cell shows, or None.

    ``12.5``, ``1e3``, ``12,50``, ``0,125``, ``1,234.50`` and ``1.234,50`` are numbers; ``1,234`` is not, since
    nobody can tell whether it is 1234 or 1.234, nor are amounts with a unit, ``nan`` and ``inf``.
    """
    text = text.strip()
    if _PLAIN.fullmatch(text):
        number = float(text)
    elif _DECIMAL_COMMA.fullmatch(text):
        number = float(text.replace(",", "."))
    elif _GROUPED_POINT.fullmatch(text):
        number = float(text.replace(",", ""))
    elif _GROUPED_COMMA.fullmatch(text):
        number = float(text.replace(".", "").replace(",", "."))
    else:
        return None
    return number + 0.0 if abs(number) != float("inf") else None  # + 0.0: no negative zero


def parse_amount(text: str) -> tuple[float, str] | None:
    """The number and the unit that a value shows, or None. A price may have its thousands parted: ``$1,980`` is 1980,
    ``1.980 €`` too; of a measure nobody can tell what ``1,980 kg`` is."""
    text = text.strip()
    match = _BEFORE.fullmatch(text) or _AFTER.fullmatch(text)
    if match is None:
        return None
    number = None
    if _IS_CURRENCY.fullmatch(match["unit"]):
        number = _parted(match["number"])
    if number is None:
        number = parse_number(match["number"])
    return None if number is None else (number, match["unit"])


class Amounts(NamedTuple):
    """``numbers``: float64 (len(values),), NaN where a value is no amount in this unit."""

    numbers: np.ndarray
    unit: str


def amounts(values: Sequence[str]) -> Amounts | None:
    """The numbers of values that are amounts in one unit; None where they are something else."""
    if not any(map(parse_amount, values[:_LOOKED_AT])):
        return None
    found = [parse_amount(value) for value in values]
    units = Counter(one[1] for one in found if one is not None)
    unit, times = units.most_common(1)[0]
    if times < _SHARE * len(values):
        return None
    numbers = [one[0] if one is not None and one[1] == unit else np.nan for one in found]
    return Amounts(np.array(numbers, np.float64), unit)


def _parted(text: str) -> float | None:
    match = _PARTED.fullmatch(text) or _INDIAN.fullmatch(text)
    if match is None:
        return None
    return float(re.sub(r"[^-+0-9]", "", match["whole"]) + "." + (match["decimals"] or "0"))
