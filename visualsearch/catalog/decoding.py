"""Which encoding and which delimiter a text table is written in."""

from __future__ import annotations

import codecs
import csv
from pathlib import Path

import charset_normalizer

from visualsearch.errors import TableError

DELIMITERS = (",", "\t", ";", "|")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Tried first when the file is not UTF-8; charset-normalizer alone confuses the single-byte encodings of short texts.
_LIKELY = [
    "cp1252",
    "cp1250",
    "cp1251",
    "iso8859_15",
    "cp932",
    "gb18030",
    "euc_kr",
    "big5",
    "utf_16_le",
    "utf_16_be",
]
_SAMPLE_BYTES = 64 * 1024
_SAMPLE_ROWS = 100


def detect_encoding(file: Path) -> str:
    """The encoding of a text file: its byte order mark, else UTF-8, else the likeliest of the older ones.

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
    best = charset_normalizer.from_bytes(text, cp_isolation=_LIKELY).best()
    best = best or charset_normalizer.from_bytes(text).best()
    if (
        best is None or "cp1252" in best.could_be_from_charset
    ):  # of those that read the sample alike, the usual one
        return "cp1252"
    return best.encoding


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
    """(share of the rows that are as wide as the header, the header's width); (0, 0) for one column."""
    reader = csv.reader(text.replace("\0", "").splitlines(keepends=True), delimiter=delimiter)
    widths: list[int] = []
    try:
        for row in reader:
            if row:
                widths.append(len(row))
            if len(widths) > _SAMPLE_ROWS:
                break
    except csv.Error:
        pass  # a quotation mark that is never closed: judge by the rows before it
    if not widths or widths[0] < 2:
        return 0.0, 0
    same = sum(width == widths[0] for width in widths) / len(widths)
    return round(same, 1), widths[0]
