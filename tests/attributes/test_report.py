"""The report: whole in one file, safe whatever the catalog holds, and right."""

from __future__ import annotations

import base64
import csv
import io
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from visualsearch.attributes.dashboard import Dashboard
from visualsearch.attributes.estimate import Estimates
from visualsearch.attributes.report import Confusable, Report, cell
from visualsearch.catalog.decisions import Decisions, ValueChange
from visualsearch.catalog.snapshot import load_snapshot
from visualsearch.catalog.store import Catalog
from visualsearch.catalog.thumbnails import Thumbnails
from visualsearch.errors import CatalogError
from visualsearch.filters.engine import Engine
from visualsearch.jobs import JobControl
from visualsearch.thumbnail import Thumbnail

NASTY = "<script>alert(1)</script>\"'& =1+1"
FORMULA = "=HYPERLINK(1)"
ITEMS = 60


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


def jpeg(shade: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (30, 40), (shade, 90, 90)).save(buffer, "JPEG")
    return buffer.getvalue()


class Shop:
    """A catalog with awkward names, an estimate and changes."""

    def __init__(self, folder: Path) -> None:
        self.catalog = Catalog.open(folder, create=True)
        self.thumbnails = Thumbnails.open(folder)
        with self.catalog.write() as connection:
            run = connection.execute
            run("INSERT INTO attribute VALUES (1, ?, 'category', '', 1)", (NASTY,))
            run("INSERT INTO category_value VALUES (1, 1, 'red'), (2, 1, ?)", (FORMULA,))
            for number in range(1, ITEMS + 1):
                name = NASTY if number == 1 else f"p{number:02}"
                run("INSERT INTO item(number, id) VALUES (?, ?)", (number, name))
                run("INSERT INTO item_value VALUES (1, ?, ?)", (number, number % 2 + 1))
                digest = bytes([number]) * 16
                run("INSERT INTO image(item, position, path, digest) VALUES (?, 0, 'x', ?)", (number, digest))
        pictures = [(bytes([n]) * 16, Thumbnail(jpeg(n), 30, 40, 0)) for n in range(1, ITEMS + 1)]
        self.thumbnails.put_many(pictures)
        self.decisions = Decisions(self.catalog, actor=lambda: "Ann <b>")
        self.estimates = Estimates(
            self.catalog, self.use, self.decisions, lambda attribute, control: np.zeros(ITEMS + 1)
        )
        dashboard = Dashboard(self.catalog, self.use, {})
        pairs = [Confusable(NASTY, "red", FORMULA, 7)]
        self.report = Report(
            self.catalog,
            self.thumbnails,
            self.decisions,
            self.estimates,
            dashboard.attributes,
            lambda control: pairs,
        )

    def use(self, work, control):
        return work(Engine(self.catalog, load_snapshot(self.catalog), None, lambda file: (np.empty(0),) * 2))

    def work(self) -> None:
        """Estimate, then mend: 3 wrong of 30, two of them changed, one taken back."""
        self.estimates.start("audit", NASTY, JobControl(), seed=42)
        asked = self.estimates.next_items("audit", 30)
        self.estimates.answer("audit", asked[:3], "wrong")
        self.estimates.answer("audit", asked[3:], "right")
        for item in (1, 3):
            self.decisions.apply("set", "mend", values=[ValueChange(item, NASTY, ("red",))])
        self.decisions.apply("set", "slip", values=[ValueChange(5, NASTY, ("red",))])
        self.decisions.undo()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path / "shop")
    yield made
    made.thumbnails.close()
    made.catalog.close()


def write(shop: Shop, folder: Path) -> tuple[str, list[list[str]]]:
    shop.report.write(folder / "r.html", folder / "r.csv", JobControl())
    table = (folder / "r.csv").read_text("utf-8-sig")
    return (folder / "r.html").read_text("utf-8"), list(csv.reader(io.StringIO(table)))


def test_an_untouched_catalog_has_a_report_too(shop: Shop, tmp_path: Path):
    page, rows = write(shop, tmp_path)
    assert "Nothing was estimated yet" in page
    assert "Nothing was changed by hand" in page
    assert rows[0][:3] == ["what", "name", "attribute"]


def test_an_estimate_without_answers_says_no_figure(shop: Shop, tmp_path: Path):
    """Nothing is known yet: half of all items are not "expected" to be wrong."""
    shop.estimates.start("audit", NASTY, JobControl(), seed=42)
    words = Page(write(shop, tmp_path)[0]).words
    assert "none has been judged yet" in words
    assert "Probably still wrong" not in words
    assert "50.0 %" not in words


def test_the_page_needs_nothing_else_and_runs_nothing(shop: Shop, tmp_path: Path):
    shop.work()
    text, _ = write(shop, tmp_path)
    page = Page(text)
    assert not {"script", "link", "iframe", "object", "b1"} & {tag for tag, _ in page.tags}
    pictures = [attributes["src"] or "" for tag, attributes in page.tags if tag == "img"]
    assert pictures
    for source in pictures:
        assert source.startswith("data:image/jpeg;base64,")
        Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))).verify()
    assert not re.search(r"(src|href)=\"?https?:", text)
    assert NASTY in page.words
    assert "@media print" in text


def test_the_page_says_what_there_is_to_say(shop: Shop, tmp_path: Path):
    shop.work()
    words = Page(write(shop, tmp_path)[0]).words
    running = shop.estimates.running("audit")
    assert "10.0 %" in words
    assert f"{running.interval.low * 100:.1f} % to {running.interval.high * 100:.1f} %" in words
    assert "seed 42" in words
    assert "Corrected since: 2 items" in words
    assert "by Ann <b>" in words
    assert f"{FORMULA} → red" in words
    assert "Mixed up with" in words


def test_the_table_lists_every_judged_and_changed_item(shop: Shop, tmp_path: Path):
    shop.work()
    _, rows = write(shop, tmp_path)
    judged = [row for row in rows if row[0] == "judged"]
    answers = shop.estimates.answers(shop.estimates.plan("audit"))
    assert len(judged) == len(answers) == 30
    assert sum(row[5] == "wrong" for row in judged) == 3
    changed = [row for row in rows if row[0] == "changed"]
    assert [row[3] for row in changed] == [NASTY, "p03"]
    assert [row[4:7] for row in changed] == [[f"'{FORMULA}", "red", "Ann <b>"]] * 2
    assert any(row[0] == "error rate" and row[8] == "42" for row in rows)


@given(st.text())
def test_no_cell_is_a_formula(text: str):
    made = cell(text)
    assert made in (text, f"'{text}")
    if made[:1] in ("=", "@"):
        raise AssertionError(made)
    if made[:1] in ("+", "-"):
        float(made)


def test_numbers_stay_numbers():
    assert [cell(text) for text in ("-3.5", "+2", "1e-3", "-", "=1", "@x", " =1", "a=1")] == [
        "-3.5",
        "+2",
        "1e-3",
        "'-",
        "'=1",
        "'@x",
        "' =1",
        "a=1",
    ]


def test_a_report_that_cannot_be_written_leaves_the_old_one(shop: Shop, tmp_path: Path):
    write(shop, tmp_path)
    before = (tmp_path / "r.html").read_bytes()
    with pytest.raises(CatalogError, match=r"cannot be written to .*r\.html \(No such file"):
        shop.report.write(tmp_path / "nowhere" / "r.html", None, JobControl())
    assert (tmp_path / "r.html").read_bytes() == before
    assert not list(tmp_path.glob("*.new"))


def test_on_the_command_line(shop: Shop, tmp_path: Path, run: Callable[..., tuple[int, str, str]]):
    shop.work()
    page, table = tmp_path / "out.html", tmp_path / "out.csv"
    code, _, _ = run("report", shop.catalog.path, "--out", page, "--csv", table)
    assert code == 0
    assert "Quality report" in page.read_text("utf-8")
    assert table.stat().st_size > 1000
    assert run("report", shop.catalog.path, "--out", tmp_path)[0] == 2
    assert run("report", shop.catalog.path, "--out", tmp_path / "no" / "r.html")[0] == 2
