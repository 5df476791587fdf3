"""Numbers with a unit: read as shops write them, and compared, ordered and grouped like plain ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualsearch.catalog.arranging import Arrangement, arrange
from visualsearch.catalog.columns import measured
from visualsearch.catalog.infer import CATEGORY, ColumnStatistics
from visualsearch.catalog.numerals import amounts, parse_amount
from visualsearch.catalog.predicates import evaluate, parse, warnings
from visualsearch.errors import PredicateError
from visualsearch.filters.ordering import permutation
from visualsearch.filters.query import Sort


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("53.90 EUR", (53.9, "EUR")),
        (" EUR 5 ", (5.0, "EUR")),
        ("$1,980", (1980.0, "$")),
        ("US$ 12.50", (12.5, "US$")),
        ("1.980 €", (1980.0, "€")),
        ("1.980,50 €", (1980.5, "€")),
        ("€ 0,99", (0.99, "€")),
        ("-5 €", (-5.0, "€")),
        ("CHF 1'250.00", (1250.0, "CHF")),
        ("1\u00a0250,00 kr", (1250.0, "kr")),
        ("Rs. 1,23,456.00", (123456.0, "Rs.")),
        ("1,980,000 JPY", (1980000.0, "JPY")),
        ("12,5 cm", (12.5, "cm")),
        ('15.6"', (15.6, '"')),
        ("500ml", (500.0, "ml")),
        ("5%", (5.0, "%")),
        ("1,980 kg", None),  # or 1.98?
        ("53.90", None),
        ("$", None),
        ("A4", None),
        ("2XL", None),
        ("38 EU", None),
        ("SKU 123", None),
        ("5 EUR/kg", None),
        ("10-20 EUR", None),
        ("1.2.3 EUR", None),
        ("from 5 EUR", None),
        ("5 eur of 7 EUR", None),
        ("inf EUR", None),
        ("", None),
    ],
)
def test_an_amount_is_a_number_and_a_unit(text: str, amount: tuple[float, str] | None):
    assert parse_amount(text) == amount


def test_amounts_are_of_one_unit():
    found = amounts([*(f"{number} ml" for number in range(98)), "large", "5 cl"])
    assert found is not None
    assert found.unit == "ml"
    assert found.numbers[:98].tolist() == list(range(98))
    assert np.isnan(found.numbers[98:]).all()
    assert amounts(["5 ml", "5 cl", "7 ml"]) is None
    assert amounts(["red", "blue", "5 ml"]) is None
    assert amounts([]) is None


def test_a_column_of_amounts_is_no_text_and_not_taken_apart():
    for pattern in ("{:.2f} EUR", "EUR {:,.2f}", "{:.0f},50 €", "{:,.0f} INR"):
        statistics = ColumnStatistics()
        for number in range(900, 1400):
            statistics.add(pattern.format(number))
        decided = statistics.decide()
        assert decided is not None
        assert (decided.type, decided.separator) == (CATEGORY, "")


PRICES = ["9.90 EUR", "10.00 EUR", "53.90 EUR", "1,980.00 EUR"]


@pytest.fixture
def shop(make_snapshot):
    items = {f"p{place}": {"price": [price]} for place, price in enumerate(PRICES)}
    return make_snapshot({"price": "category", "colour": "category"}, {**items, "p9": {"colour": ["red"]}})


@pytest.mark.parametrize(
    ("condition", "places"),
    [
        ("price<10", [0]),
        ("price<=10", [0, 1]),
        ('price>"10 EUR"', [2, 3]),
        ("price>=1980", [3]),
        ("price=53.9", [2]),
        ('price="53.90 EUR"', [2]),
        ("price!=53.9", [0, 1, 3, 4]),
        ("price in (10, 53.9)", [1, 2]),
        ("price>5 and price<60", [0, 1, 2]),
        ("!price", [4]),
    ],
)
def test_amounts_are_compared_like_numbers(shop, condition: str, places: list[int]):
    asked = parse(condition)
    assert (np.flatnonzero(evaluate(asked, shop)) - 1).tolist() == places
    assert not warnings(asked, shop)


def test_what_is_no_number_is_pointed_at(shop):
    with pytest.raises(PredicateError, match="'cheap' is not a number"):
        evaluate(parse("price<cheap"), shop)
    with pytest.raises(PredicateError, match="'price' is in EUR, and '5 USD' is in USD"):
        evaluate(parse('price<"5 USD"'), shop)
    with pytest.raises(PredicateError, match="does not hold numbers"):
        evaluate(parse("colour<5"), shop)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=30), st.integers(0, 10**6), st.booleans())
def test_amounts_and_plain_numbers_give_the_same(make_snapshot, cents: list[int], limit: int, down: bool):
    def shop_of(kind: str, shown) -> object:
        items = {f"p{place:02d}": {"price": [shown(value / 100)]} for place, value in enumerate(cents)}
        return make_snapshot({"price": kind}, items)

    plain = shop_of("number", float)
    priced = shop_of("category", lambda value: f"{value:,.2f} USD")
    for sign in ("<", "<=", "=", ">=", ">"):
        asked = parse(f"price{sign}{limit / 100}")
        assert np.array_equal(evaluate(asked, plain), evaluate(asked, priced))
    sort = Sort("price", down)
    assert np.array_equal(permutation(plain, sort), permutation(priced, sort))
    assert np.array_equal(measured(plain.columns["price"]), measured(priced.columns["price"]), equal_nan=True)


def test_many_amounts_are_grouped_by_ranges_and_few_by_value(make_snapshot):
    def groups(count: int) -> list[str]:
        items = {f"p{place:03d}": {"price": [f"{place} EUR"]} for place in range(count)}
        snapshot = make_snapshot({"price": "category"}, items)
        numbers = np.flatnonzero(snapshot.alive).astype(np.int32)
        sections = arrange(snapshot, numbers, None, Arrangement("price")).sections
        assert sections is not None
        return sections.names

    assert groups(12) == [f"{place} EUR" for place in range(12)]
    assert groups(200)[0].startswith("< ")
    assert len(groups(200)) < 20
