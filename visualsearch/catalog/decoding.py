"""Which encoding and which delimiter a text table is written in."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

from visualsearch.catalog.numerals import parse_number
from visualsearch.errors import TableError, UsageError

DELIMITERS = (",", "\t", ";", "|")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Encodings of other scripts, as far as they are told from each other by charset-normalizer; of the Western ones and
# their neighbours it names nearly any for the few accents of a product table.
_WIDE = ("cp932", "euc_jp", "gb18030", "big5", "cp949")  # several bytes a character
_OTHER_SCRIPTS = ("cp1251", "koi8_r", "cp1253", "cp1255", "cp1256", *_WIDE)
_WORD = re.compile(r"[^\W\d_²³¹¼½¾]+")
_FEWEST_LETTERS = 6
_SHARE_IN_WORDS = 0.6
_SHARE_IN_POLISH = 0.1
_SAMPLE_BYTES = 64 * 1024
_NO_TEXT = (
    (b"PK\x03\x04", "a spreadsheet or an archive"),
    (b"\xd0\xcf\x11\xe0", "a spreadsheet of an older format"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3\0", "a database"),
    (b"%PDF-", "a PDF"),
    (b"\x1f\x8b", "a compressed file"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x89PNG", "a picture"),
)
_PAGE = re.compile(rb"(\xef\xbb\xbf)?\s*<(!doctype html|html)[\s>]", re.IGNORECASE)
SAMPLE_ROWS = 100
_TITLE_ROWS = 8
_AMAZON_NAMES = 2
_AS_WIDE = 0.8  # of the rows below a title
_WITH_TITLE = 0.5  # what the agreement of rows below a title counts: without one it is the likelier delimiter


def require_text(file: Path) -> None:
    """Raise TableError for a file that is no text table, whatever its name: other programs' files are often only
    renamed, and what a shop answers instead of its table is often a page to sign in. Raises OSError."""
    with file.open("rb") as stream:
        start = stream.read(256)
    what = next((what for sign, what in _NO_TEXT if start.startswith(sign)), "")
    if what or _PAGE.match(start):
        raise TableError(
            f"The table {file.name} is {what or 'a web page'}, not a text table as its name says.",
            "Save the table as CSV in the program that wrote it.",
        )


def detect_encoding(file: Path) -> str:
    """The encoding of a text file: its byte order mark, else UTF-8, else the likeliest of the older ones,
    mostly cp1252.

    A file in which most of the lines beyond ASCII are valid UTF-8 counts as UTF-8; its other lines are bad lines.
    Raises TableError when the file cannot be read.
    """
    try:
        with open(file, "rb") as stream:
            head = stream.read(4)
            for mark, name in _BOMS:
                if head.startswith(mark):
                    return name
            stream.seek(0)
            valid = invalid = size = 0
            sample: list[bytes] = []
            for line in stream:
                if line.isascii() and b"\0" not in line:
                    continue
                try:
                    line.decode("utf-8")
                    valid += b"\0" not in line
                except UnicodeDecodeError:
                    invalid += 1
                if size < _SAMPLE_BYTES:
                    sample.append(line[:_SAMPLE_BYTES])
                    size += len(sample[-1])
    except OSError as error:
        raise TableError(f"The table {file} cannot be read ({error.strerror}).") from error
    text = b"".join(sample)
    wide = text.count(b"\0") > len(text) // 4
    if not wide and invalid * 10 <= valid:
        return "utf-8"
    if wide:
        return "utf_16_le" if text[1::2].count(b"\0") > text[::2].count(b"\0") else "utf_16_be"
    return _guess_older(text)


def is_certain(encoding: str) -> bool:
    """Whether ``detect_encoding`` knew this one by a mark or by its form, and did not guess it."""
    return encoding.lower().replace("_", "-").startswith("utf-")


def require_encoding(name: str) -> None:
    """Raise UsageError when text cannot be read with an encoding of this name."""
    try:
        with io.TextIOWrapper(io.BytesIO(b"id,name\n"), name, "replace") as stream:
            stream.read()
    except (LookupError, ValueError) as error:  # a UnicodeError is a ValueError
        hint = "Try utf-8, cp1252 (Western Europe), cp1250 (Central Europe), cp1251 (Cyrillic), cp932 (Japanese)."
        raise UsageError(f"There is no encoding {name!r}.", hint) from error


def _guess_older(text: bytes) -> str:
    """The encoding of lines that are not Unicode. In doubt cp1252, of which Latin-1 is a part: a stray accent, currency
    sign or typographic quotation mark reads as something in nearly every encoding."""
    import charset_normalizer  # few tables need it, and it takes a while to load

    best = charset_normalizer.from_bytes(text, cp_isolation=list(_OTHER_SCRIPTS)).best()
    if best is not None and _has_words(text.decode(best.encoding, "ignore"), wide=best.encoding in _WIDE):
        return best.encoding
    return "cp1250" if _is_central_european(text) else "cp1252"


def _has_words(text: str, *, wide: bool) -> bool:
    """Whether most letters beyond ASCII are in words of them: of three and more, or, in the scripts of East Asia, of
    two and more, perhaps with some of ASCII (Tシャツ). Western accents stand alone between ASCII letters."""
    total = in_words = 0
    for word in _WORD.findall(text):
        letters = sum(letter > "\x7f" for letter in word)
        total += letters
        if (letters >= 2 and letters * 2 >= len(word)) if wide else (letters >= 3 and letters == len(word)):
            in_words += letters
    return total >= _FEWEST_LETTERS and in_words >= _SHARE_IN_WORDS * total


def _is_central_european(text: bytes) -> bool:
    """Whether enough of what cp1252 shows as signs inside words (Che³m ¿ó³ty) are letters in cp1250 (Chełm żółty)."""
    western, central = (text.decode(encoding, "replace") for encoding in ("cp1252", "cp1250"))
    inside = sum(
        central[place - 1].isalpha() and central[place].isalpha() and central[place + 1].isalpha()
        for place in range(1, len(text) - 1)
        if text[place] >= 0x80 and not western[place].isalpha()
    )
    return inside > _SHARE_IN_POLISH * sum(byte >= 0x80 for byte in text)


def detect_delimiter(file: Path, encoding: str) -> str:
    """The delimiter with which the first rows have the same number of cells, and more than one; "," otherwise."""
    with open(file, encoding=encoding, errors="replace", newline="") as stream:
        text = stream.read(_SAMPLE_BYTES)
        if stream.read(1):
            text = text[: text.rfind("\n") + 1] or text  # not half a row
    first = text.split("\n", 1)[0].strip()
    if first.lower().startswith("sep=") and len(first) == 5:
        return first[4]
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        score = _consistency(text, delimiter)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _consistency(text: str, delimiter: str) -> tuple[float, int]:
    """(share of the rows that are as wide as the header, the header's width); (0, 0) for one column. Less where a title
    stands above the header."""
    reader = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=delimiter)
    rows: list[list[str]] = []
    try:
        for row in reader:
            if row:
                rows.append(row)
            if len(rows) > SAMPLE_ROWS:
                break
    except csv.Error:
        pass  # a quotation mark that is never closed: judge by the rows before it
    header = header_at(rows)
    widths = [len(row) for row in rows[header:]]
    if not widths or widths[0] < 2:
        return 0.0, 0
    same = sum(width == widths[0] for width in widths) / len(widths)
    return round(same * (_WITH_TITLE if header else 1.0), 1), widths[0]


def header_at(rows: Sequence[Sequence[str]]) -> int:
    """Which of the first rows names the columns. Mostly the first one; but spreadsheets often have a title above, rows
    with one cell at most, and then rows that are as wide as the one with the names. Reports may have several rows
    above, each with a word and what it stands for (``Date;2024-01-31``). Amazon's product files have a row about the
    template and one of labels, both as wide as the names below them."""
    if len(rows) > _AMAZON_NAMES and rows[0] and rows[0][0].startswith("TemplateType="):
        return _AMAZON_NAMES
    widest = 0
    for at, row in enumerate(rows[:_TITLE_ROWS]):
        names = [cell.strip() for cell in row if cell.strip()]
        below = rows[at + 1 :]
        if _may_be_header(row, names, below):
            after_report = at > 1 and len(names) > 2 and not _repeats(row, below)
            return at if widest < 2 or after_report else 0
        widest = max(widest, len(names))
        if widest > 2:
            return 0
    return 0


def _may_be_header(row: Sequence[str], names: list[str], below: Sequence[Sequence[str]]) -> bool:
    return (
        len(names) >= 2
        and len(set(names)) == len(names)
        and 2 * len(names) >= len(row)
        and not any(parse_number(name) is not None for name in names)
        and len(below) >= 2
        and sum(len(one) == len(row) for one in below) >= _AS_WIDE * len(below)
    )


def _repeats(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether a cell comes again in its column, as those of items do, and names of columns do not."""
    return any(a == b for one in below for a, b in zip(row, one, strict=False) if a.strip())
