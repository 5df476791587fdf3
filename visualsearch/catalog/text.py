"""Full text: words → items with scores, by SQLite's FTS5 and BM25.

An item's body is its id, its category values and its texts. Words are compared without case and accents, of all
scripts (FTS5's own folding knows little beyond Latin). Chinese and Japanese are written without spaces, so there
each character counts as a word, in the body as in the query.
"""

from __future__ import annotations

import json
import re
import sqlite3
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby, islice
from operator import itemgetter

import numpy as np

from visualsearch.catalog.interrupt import interruptible
from visualsearch.catalog.store import Catalog
from visualsearch.jobs import JobControl

_QUOTES = str.maketrans("“”„«»", '"""""')
_TERM = re.compile(r'(-?)"([^"]*)("?)|(\S+?)(?=\s|"|$)')
_ACCENTS = re.compile("[\u0300-\u036f]")
_UNSPACED = re.compile("([\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")
_WORD_CATEGORIES = frozenset(("Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Nl", "No", "Co"))
INDEXING = "bringing the words of decisions up to date"
_META = "text_operation"  # the last operation of which item_text holds the words
_OPTIONS = "tokenize = \"unicode61 remove_diacritics 2\", prefix = '2 3'"  # as in the schema
_BATCH = 5_000
_TERM_LIMIT = 200  # words of one search: more is a page pasted by mistake


@dataclass
class _Terms:
    """A search as FTS5 strings: all of ``wanted`` must be there, none of ``unwanted``."""

    wanted: list[str] = field(default_factory=list)
    unwanted: list[str] = field(default_factory=list)


def search(
    catalog: Catalog, words: str, control: JobControl | None = None
) -> tuple[np.ndarray, np.ndarray] | None:
    """The items whose body has all the words: numbers, int32 (n,) ascending, and scores, float32 (n,).

    "several words" in quotation marks stand next to each other; -word must not be there; the last word may be
    unfinished. Any other sign only separates words, so that no text is a mistake. None when there is no word at
    all: the text restricts nothing. Beyond 200 words the rest is ignored.

    Scores are BM25 as a share of the best hit's, bm25 / max(bm25), in (0, 1], higher is better (Robertson and
    Zaragoza, "The Probabilistic Relevance Framework", 2009; FTS5's k1 = 1.2, b = 0.75). With excluded words
    only, all scores are 1. Raises Cancelled and CatalogError.
    """
    terms = _parse(words)
    if not terms.wanted and not terms.unwanted:
        return None
    while True:
        with catalog.read() as connection, interruptible(connection, control):
            behind = _behind(connection)
            if not len(behind) or catalog.read_only:
                return _found(connection, terms, behind)
        index_decided(catalog, control)


def index_decided(catalog: Catalog, control: JobControl | None = None) -> None:
    """Bring the bodies of items up to date of which people changed values since this was done last. Deciding leaves it
    to the next search, since it takes far longer for many items than the decision may. Raises Cancelled."""
    with catalog.read() as connection:
        (last,) = connection.execute("SELECT COALESCE(MAX(number), 0) FROM operation").fetchone()
        behind = _behind(connection)
    for start in range(0, len(behind), _BATCH):
        if control is not None:
            control.progress(INDEXING, start, len(behind))
        with catalog.write(derived=True) as connection:
            index_items(connection, behind[start : start + _BATCH].tolist())
    with catalog.write(derived=True) as connection:
        connection.execute(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (_META, str(last)),
        )


def _behind(connection: sqlite3.Connection) -> np.ndarray:
    """The items whose values people changed since their bodies were brought up to date, ascending."""
    parts = [
        np.frombuffer(items, "<i4")
        for (items,) in connection.execute(
            "SELECT items FROM value_change WHERE operation > COALESCE("
            "(SELECT CAST(value AS INTEGER) FROM meta WHERE key = ?), 0) AND type != 'number'",
            (_META,),
        )
    ]
    return np.unique(np.concatenate(parts)) if parts else np.zeros(0, np.int32)


def _found(
    connection: sqlite3.Connection, terms: _Terms, behind: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What ``search`` returns. The items ``behind`` are looked up in an index of their own, for this once: where the
    catalog can only be read, it is the only way to have them right."""
    chosen = json.dumps(behind.tolist())
    tables = ["item_text"]
    if len(behind):
        connection.execute(f"CREATE VIRTUAL TABLE temp.decided_text USING fts5(body, {_OPTIONS})")
        connection.executemany(
            "INSERT INTO decided_text (rowid, body) VALUES (?, ?)", _bodies(connection, chosen).items()
        )
        tables.append("decided_text")
    excluded = f"({' OR '.join(terms.unwanted)})"
    if terms.wanted:
        match = f"({' '.join(terms.wanted)})" + (f" NOT {excluded}" if terms.unwanted else "")
        query, arguments = _hits(tables, match, chosen, "bm25({})")
    else:
        inner, arguments = _hits(tables, excluded, chosen, "0")
        query = (
            f"SELECT number, -1.0 FROM item WHERE gone = 0 AND number NOT IN (SELECT rowid FROM ({inner}))"
        )
    rows = connection.execute(query, arguments)
    table = np.fromiter(rows, np.dtype([("item", np.int32), ("bm25", np.float64)]))
    table = table[np.argsort(table["item"], kind="stable")]
    return np.ascontiguousarray(table["item"]), _shares(-table["bm25"])


def _hits(tables: list[str], match: str, behind: str, score: str) -> tuple[str, list[str]]:
    """A query for (rowid, score), and its arguments."""
    first, *others = (
        f"SELECT rowid, {score.format(table)} FROM {table} WHERE {table} MATCH ?" for table in tables
    )
    if not others:
        return first, [match]
    old = f"{first} AND rowid NOT IN (SELECT value FROM json_each(?))"
    return " UNION ALL ".join([old, *others]), [match, behind, match]


def has_words(words: str) -> bool:
    """Whether a search for this text restricts anything."""
    terms = _parse(words)
    return bool(terms.wanted or terms.unwanted)


def index_items(connection: sqlite3.Connection, numbers: Iterable[int]) -> None:
    """Bring the bodies of these items up to date, inside the caller's transaction.

    Pass every item whose id, values or ``gone`` changed: a gone item loses its body. Unchanged bodies are not
    written. Batches of some 10,000 items are best: about 150 bytes of memory a value.
    """
    chosen = json.dumps([int(number) for number in numbers])
    old = dict(
        connection.execute(
            "SELECT rowid, body FROM item_text WHERE rowid IN (SELECT value FROM json_each(?))", (chosen,)
        )
    )
    new = _bodies(connection, chosen)
    stale = [number for number, body in old.items() if new.get(number) != body]
    fresh = [(number, body) for number, body in new.items() if old.get(number) != body]
    connection.executemany("DELETE FROM item_text WHERE rowid = ?", ((number,) for number in stale))
    connection.executemany("INSERT INTO item_text (rowid, body) VALUES (?, ?)", fresh)


def _bodies(connection: sqlite3.Connection, chosen: str) -> dict[int, str]:
    """Item number → body, of those items in a JSON array that are not gone."""
    rows = connection.execute(
        """
        WITH chosen AS (
            SELECT number, id FROM item WHERE gone = 0 AND number IN (SELECT value FROM json_each(?))
        )
        SELECT number, -1 AS position, id AS text FROM chosen
        UNION ALL
        SELECT v.item, a.position, CASE a.type WHEN 'category' THEN c.text ELSE v.value END
        FROM attribute a CROSS JOIN chosen CROSS JOIN item_value v ON v.attribute = a.number AND v.item = chosen.number
        LEFT JOIN category_value c ON a.type = 'category' AND c.number = v.value
        WHERE a.type != 'number'
        ORDER BY 1, 2, 3
        """,
        (chosen,),
    )
    return {
        number: _segmented(_folded("\n".join(str(text) for _, _, text in parts)))
        for number, parts in groupby(rows, itemgetter(0))
    }


def _folded(text: str) -> str:
    """The text without case, accents, and compatibility forms such as full-width letters."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold())))


def _segmented(text: str) -> str:
    """The text with spaces around each character of a script without spaces."""
    return text if text.isascii() else _UNSPACED.sub(r" \1 ", text)


def _parse(words: str) -> _Terms:
    """The words as quoted FTS5 strings, in which nothing is an operator."""
    storable = words.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")
    plain = _folded(storable.translate(_QUOTES))
    matches = [match for match in islice(_TERM.finditer(plain), _TERM_LIMIT) if _has_word(match[0])]
    terms = _Terms()
    for at, match in enumerate(matches):
        minus, phrase, closing, word = match.groups()
        content = phrase if word is None else word
        string = '"' + _segmented(content) + '"'
        if minus or (word and word.startswith("-")):
            terms.unwanted.append(string)
        else:
            unfinished = at == len(matches) - 1 and not closing
            terms.wanted.append(string + "*" if unfinished else string)
    return terms


def _has_word(text: str) -> bool:
    """Whether FTS5's tokenizer unicode61 finds a word: letters, numbers, private use."""
    return any(unicodedata.category(character) in _WORD_CATEGORIES for character in text)


def _shares(bm25: np.ndarray) -> np.ndarray:
    """Scores as shares of the best one's, float32."""
    best = bm25.max(initial=0.0)
    return (bm25 / best if best > 0 else np.ones_like(bm25)).astype(np.float32)
