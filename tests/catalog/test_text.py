"""Full text: what is found, how it is scored, and that no input is a mistake."""

from __future__ import annotations

import re
import sqlite3
import threading

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from visualsearch.catalog.decisions import Decisions, ValueChange
from visualsearch.catalog.store import Catalog
from visualsearch.catalog.text import index_items, search
from visualsearch.errors import Cancelled
from visualsearch.jobs import JobControl

TYPES = {"colour": "category", "tags": "category", "year": "number", "name": "text"}
ITEMS = {
    "SKU-1": {"colour": ["Navy Blue"], "tags": ["summer", "casual"], "name": ["Men's linen shirt, striped"]},
    "SKU-2": {"colour": ["Red"], "year": [2012.0], "name": ["Linen dress with linen belt"]},
    "SKU-3": {"colour": ["Blue"], "name": ["Café-Crème T-shirt"]},
    "4": {"colour": ["蓝色"], "tags": ["連衣裙夏季"], "name": ["Платье летнее"]},
    "नीला": {"colour": ["हिन्दी"], "name": ["Ἀθῆναι ὉΔΌΣ ÅNGSTRÖM Straße"]},
}


@pytest.fixture
def catalog(make_catalog):
    return make_catalog(TYPES, ITEMS)


def _found(catalog, words: str) -> list[int]:
    hits = search(catalog, words)
    assert hits is not None
    return hits[0].tolist()


@pytest.mark.parametrize(
    ("words", "items"),
    [
        ("linen", [1, 2]),
        ("LINEN", [1, 2]),
        ("lin", [1, 2]),
        ("lin shirt", []),
        ("linen shi", [1]),
        ("shirt linen", [1]),
        ('"linen shirt"', [1]),
        ('"shirt linen"', []),
        ('"linen shi"', []),
        ('"linen shi', [1]),
        ("“linen shirt”", [1]),
        ('linen"shirt"', [1]),
        ("linen -shirt", [2]),
        ("linen -shir", [1, 2]),
        ('linen -"linen belt"', [1]),
        ("-linen", [3, 4, 5]),
        ("-linen -blue", [4, 5]),
        ("blue -navy", [3]),
        ("navy blue", [1]),
        ("summer casual", [1]),
        ("SKU-2", [2]),
        ("sku", [1, 2, 3]),
        ("2012", []),
        ("t-shirt", [3]),
        ("cafe creme", [3]),
        ("CAFÉ", [3]),
        ("men's", [1]),
        ("платье", [4]),
        ("ПЛА", [4]),
        ("蓝", [4]),
        ("色", [4]),
        ("衣裙", [4]),
        ("裙衣", []),
        ("हिन्दी", [5]),
        ("नीला", [5]),
        ("αθηναι", [5]),
        ("ΑΘΗΝΑΣ", []),
        ("οδος", [5]),
        ("ｌｉｎｅｎ", [1, 2]),
        ("STRASSE", [5]),
        ("angstrom", [5]),
        ("linen AND shirt", []),
        ("linen OR dress", []),
        ("colour:blue", []),
        ("linen*", [1, 2]),
        ("linen ! ...", [1, 2]),
        ("linen -", [1, 2]),
        ("linen\0shirt", [1]),
        ("body:linen NEAR(", []),
        ("xyzzy", []),
    ],
)
def test_words_find_items(catalog, words, items):
    assert _found(catalog, words) == items


@pytest.mark.parametrize("words", ["", "   ", "!", '""', '"', "-", "- -", "*", "-!", "(^)", "\0", "😀"])
def test_a_text_without_words_restricts_nothing(catalog, words):
    assert search(catalog, words) is None


def test_scores_are_shares_of_the_best_bm25(catalog):
    hits = search(catalog, "linen")
    assert hits is not None
    items, scores = hits
    assert (items.dtype, scores.dtype) == (np.int32, np.float32)
    with catalog.read() as connection:
        raw = dict(
            connection.execute("SELECT rowid, -bm25(item_text) FROM item_text WHERE item_text MATCH 'linen*'")
        )
    expected = [raw[number] / max(raw.values()) for number in items.tolist()]
    assert np.allclose(scores, expected)
    assert scores[1] == 1.0, "the dress says linen twice"
    assert 0 < scores[0] < 1


def test_scores_of_exclusions_alone_are_equal(catalog):
    hits = search(catalog, "-linen")
    assert hits is not None
    assert hits[1].tolist() == [1, 1, 1]


_BODIES = ["shirt shirts", "Shirt dress", "red_dress 2x", "a-b dress", "b", "x2 RED dress"]


@pytest.fixture(scope="module")
def bodies(tmp_path_factory):
    from visualsearch.catalog.store import Catalog

    with Catalog.open(tmp_path_factory.mktemp("bodies") / "catalog", create=True) as catalog:
        with catalog.write() as connection:
            connection.execute("INSERT INTO attribute VALUES (1, 'name', 'text', '', 0)")
            for number, body in enumerate(_BODIES, 1):
                connection.execute("INSERT INTO item (number, id) VALUES (?, ?)", (number, f"id{number}"))
                connection.execute("INSERT INTO item_value VALUES (1, ?, ?)", (number, body))
            index_items(connection, range(1, len(_BODIES) + 1))
        yield catalog


def _tokens(text: str) -> list[str]:
    return re.findall("[a-z0-9]+", text.lower())


def _contains(body: list[str], phrase: list[str], unfinished: bool) -> bool:
    def matches(start: int) -> bool:
        part = body[start : start + len(phrase)]
        if len(part) < len(phrase) or part[:-1] != phrase[:-1]:
            return False
        return part[-1].startswith(phrase[-1]) if unfinished else part[-1] == phrase[-1]

    return any(matches(start) for start in range(len(body)))


_ascii = st.characters(min_codepoint=32, max_codepoint=126, blacklist_characters='"')
_ascii_words = st.lists(
    st.sampled_from(
        ["shirt", "shi", "dress", "red", "RED", "a", "b", "a-b", "2x", "-b", "-dress", "-x2", "red_d"]
    )
    | st.text(_ascii, max_size=4),
    max_size=4,
).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(words=_ascii_words)
def test_matches_equal_matching_token_by_token(bodies, words):
    terms = [word for word in words.split() if _tokens(word)]
    hits = search(bodies, words)
    if not terms:
        assert hits is None
        return
    expected = []
    for number, body in enumerate(_BODIES, 1):
        tokens = _tokens(f"id{number}\n{body}")
        wanted = all(
            _contains(tokens, _tokens(term), at == len(terms) - 1)
            for at, term in enumerate(terms)
            if not term.startswith("-")
        )
        unwanted = any(_contains(tokens, _tokens(term), False) for term in terms if term.startswith("-"))
        if wanted and not unwanted:
            expected.append(number)
    assert hits is not None
    assert hits[0].tolist() == expected
    assert ((hits[1] > 0) & (hits[1] <= 1)).all()


@settings(max_examples=150, deadline=None)
@given(words=st.text(max_size=50) | st.text('"-*():^ANDORTlinen \0', max_size=30))
@example(words="\ud800 linen")
@example(words="linen " * 20_000)
@example(words="-linen " * 20_000)
@example(words="a" * 100_000)
@example(words="a-" * 50_000)
@example(words='"' * 5_001)
@example(words="NEAR(a b, 3) AND NOT {body}: ^c + d*")
def test_no_text_is_a_mistake(bodies, words):
    hits = search(bodies, words, JobControl())
    if hits is not None:
        assert len(hits[0]) == len(hits[1]) <= len(_BODIES)


def test_a_changed_item_is_found_by_its_new_words_only(catalog):
    with catalog.write() as connection:
        connection.execute("UPDATE item_value SET value = 'Silk robe' WHERE item = 1 AND attribute = 4")
        connection.execute("UPDATE item SET gone = 1 WHERE number = 2")
        index_items(connection, [1, 2])
    assert _found(catalog, "linen") == []
    assert _found(catalog, "silk") == [1]
    assert _found(catalog, "-silk") == [3, 4, 5]


def test_indexing_again_writes_nothing(catalog):
    with catalog.write() as connection:
        before = connection.total_changes
        index_items(connection, np.arange(1, 6))
        assert connection.total_changes == before
        index_items(connection, [])
        index_items(connection, [77])
        assert connection.total_changes == before


def test_indexing_is_part_of_the_callers_transaction(catalog):
    def change_and_fail() -> None:
        with catalog.write() as connection:
            connection.execute("UPDATE item_value SET value = 'Silk robe' WHERE item = 1 AND attribute = 4")
            index_items(connection, [1])
            connection.execute("INSERT INTO item (id) VALUES ('SKU-1')")

    with pytest.raises(sqlite3.IntegrityError):
        change_and_fail()
    assert _found(catalog, "linen") == [1, 2]


def test_a_cancelled_search_does_not_start(catalog):
    control = JobControl()
    control.cancel()
    with pytest.raises(Cancelled):
        search(catalog, "linen", control)
    assert _found(catalog, "linen") == [1, 2]


def test_a_running_search_is_interrupted(make_catalog):
    class CancelsWhileRunning(JobControl):
        """Cancelled only once SQLite asks, in the midst of the statement."""

        asked = threading.Event()

        @property
        def is_cancelled(self) -> bool:
            self.asked.set()
            self.cancel()
            return super().is_cancelled

    catalog = make_catalog(TYPES, {f"i{n}": {"name": [f"linen shirt {n}"]} for n in range(6000)})
    control = CancelsWhileRunning()
    with pytest.raises(Cancelled):
        search(catalog, "linen", control)
    assert control.asked.is_set()
    assert len(_found(catalog, "linen")) == 6000, "the connection is usable again"


def _ids(catalog: Catalog, words: str) -> list[str]:
    found = search(catalog, words)
    assert found is not None
    return catalog.ids_of(found[0].tolist())


def test_what_people_decide_is_found_at_once(make_catalog):
    catalog = make_catalog(
        {"colour": "category"}, {"a": {"colour": ["Red"]}, "b": {"colour": ["Blue"]}, "c": {}}
    )
    decisions = Decisions(catalog)
    revision = catalog.revision
    decisions.apply(
        "set", "x", values=[ValueChange(1, "colour", ("Navy",)), ValueChange(3, "style", ("Hawaiian",))]
    )
    assert _ids(catalog, "navy") == ["a"]
    assert _ids(catalog, "red") == []
    assert _ids(catalog, "hawaiian") == ["c"]
    assert _ids(catalog, "-navy") == ["b", "c"]
    assert catalog.revision == revision + 1, "the index of words is no change of the catalog"
    decisions.undo()
    assert _ids(catalog, "navy") == []
    assert _ids(catalog, "red") == ["a"]


def test_decisions_are_found_in_a_catalog_that_can_only_be_read(make_catalog):
    writable = make_catalog(
        {"colour": "category"}, {"a": {"colour": ["Red"]}, "b": {"colour": ["Red"]}, "c": {}}
    )
    Decisions(writable).apply(
        "set", "x", values=[ValueChange(1, "colour", ("Navy",)), ValueChange(3, "colour", ("Red",))]
    )
    with Catalog.open(writable.path, read_only=True) as catalog:
        for _ in range(2):
            assert _ids(catalog, "red") == ["b", "c"]
            assert _ids(catalog, "navy") == ["a"]
            assert _ids(catalog, "-red") == ["a"]
            assert _ids(catalog, "red -c") == ["b"]
