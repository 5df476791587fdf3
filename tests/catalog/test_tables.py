"""Tables as people keep them: encodings, delimiters, damage, types, and the guess of columns."""

from __future__ import annotations

import builtins
import csv
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualsearch.catalog.guessing import guess_columns
from visualsearch.catalog.image_pattern import ImagePattern
from visualsearch.catalog.infer import ColumnStatistics, split_values
from visualsearch.catalog.numerals import parse_number
from visualsearch.catalog.tables import CELL_LIMIT, Update, read_table
from visualsearch.errors import TableError, UsageError


def table(tmp_path: Path, content: str | bytes, name: str = "t.csv", **options):
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(file, **options)


def problems(opened) -> list[tuple[str, str]]:
    list(opened.rows())
    return [(problem.source, problem.reason) for problem in opened.problems]


UMLAUTS = "id,name\n" + "".join(f"{n},Grüße aus Österreich für {n} Mädchen\n" for n in range(20))
GREEK_BUT_FOR_ONE = "id,name\n" + "".join(f"{n},φόρεμα {n}\n" for n in range(30))


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf_16_le"),
        ("utf-16-be", "utf_16_be"),
        ("utf-32", "utf-32"),
        ("cp1252", "cp1252"),
    ],
)
def test_encodings_are_detected(tmp_path: Path, encoding: str, found: str):
    opened = table(tmp_path, UMLAUTS.encode(encoding))
    assert opened.encoding == found
    assert opened.columns == ["id", "name"]
    assert next(opened.rows()) == (2, {"id": "0", "name": "Grüße aus Österreich für 0 Mädchen"})


def test_a_byte_order_mark_of_big_endian_utf16(tmp_path: Path):
    assert len(list(table(tmp_path, b"\xfe\xff" + UMLAUTS.encode("utf-16-be")).rows())) == 20


@pytest.mark.parametrize(
    ("encoding", "found", "rows"),
    [
        ("latin-1", "cp1252", ["Hösé,Café", "Hösé,Größe"]),
        ("latin-1", "cp1252", ["Striped polo,£50", "Plain polo,50", "Socks,9"]),
        ("latin-1", "cp1252", ["Café,1", "Plain,2"]),
        ("cp1252", "cp1252", ["Levi’s – slim,50€", "Plain,“new” … it’s"]),
        ("cp1252", "cp1252", ["Rock Größe 38½,m³", "Süßes Mädchenkleid,GRÜN"]),
        ("cp1252", "cp1252", ["Robe d’été à fleurs,prêt-à-porter", "garçon,çà et là"]),
        ("cp1252", "cp1252", ["Élégant,élégamment", "élégante,dégradé léger"]),
        ("cp1250", "cp1250", ["Chełm żółty,damska", "śliczne różowe,męska"]),
        ("cp1250", "cp1250", ["Chełm żółty,sukienka"]),
        ("cp1251", "cp1251", ["красное платье,цветочек", "рубашка,белая"]),
        ("koi8-r", "koi8_r", ["Красное платье,цветочек", "Рубашка,белая", "Обувь,розовая"]),
        ("cp1253", "cp1253", ["Φόρεμα,μακρύ μανίκι", "Πουκάμισο,ανδρικό λευκό"]),
        ("shift-jis", "cp932", ["赤い花柄のドレス,Tシャツ", "男性用,白い"]),
        ("euc-jp", "euc_jp", ["赤い花柄のドレス,シャツ", "男性用,白い"]),
        ("gb18030", "gb18030", ["连衣裙,花卉", "衬衫,男士白色", "红色,女"]),
        ("big5", "big5", ["連衣裙,花卉", "襯衫,男士白色"]),
        ("euc-kr", "cp949", ["드레스,꽃무늬", "셔츠,남성 흰색"]),
    ],
)
def test_older_encodings_are_guessed_and_in_doubt_western(
    tmp_path: Path, encoding: str, found: str, rows: list[str]
):
    for times in (1, 30):
        lines = [f"{number},{row}" for number, row in enumerate(rows * times)]
        opened = table(tmp_path, "\n".join(["id,name,note", *lines]).encode(encoding))
        assert opened.encoding == found
        assert [f"{row['id']},{row['name']},{row['note']}" for _, row in opened.rows()] == lines


def test_a_bad_line_in_utf8_is_named_and_the_rest_kept(tmp_path: Path):
    content = GREEK_BUT_FOR_ONE.encode() + "x,Größe\n".encode("cp1252") + b"31,last\n"
    opened = table(tmp_path, content)
    rows = list(opened.rows())
    assert opened.encoding == "utf-8"
    assert len(rows) == 31
    assert rows[-1] == (33, {"id": "31", "name": "last"})
    assert problems(opened) == [("t.csv:32", "the cell of 'name' is not valid utf-8")]


def test_an_encoding_can_be_given(tmp_path: Path):
    assert next(table(tmp_path, "id,n\n1,Ä\n".encode("cp1252"), encoding="cp1252").rows())[1]["n"] == "Ä"
    for unknown in ("klingon", "hex", "undefined", "idna", "a\0b"):
        with pytest.raises(UsageError, match="There is no encoding"):
            table(tmp_path, "id\n1\n", encoding=unknown)


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiters_are_detected_in_spite_of_the_others_in_quotes(tmp_path: Path, delimiter: str):
    file = tmp_path / "t.csv"
    with open(file, "w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, delimiter=delimiter)
        writer.writerow(["id", "name", "price"])
        writer.writerows([[n, 'with, and; and | and\ttab\n"quoted"', "12,50"] for n in range(9)])
    opened = read_table(file)
    assert opened.delimiter == delimiter
    rows = list(opened.rows())
    assert rows[1] == (4, {"id": "1", "name": 'with, and; and | and\ttab\n"quoted"', "price": "12,50"})
    assert not opened.problems


def test_decimal_commas_do_not_make_the_delimiter(tmp_path: Path):
    opened = table(tmp_path, "id;price\n1;2,50\n2;3,75\n")
    assert (opened.delimiter, opened.columns) == (";", ["id", "price"])


def test_the_line_that_tells_spreadsheets_the_delimiter(tmp_path: Path):
    opened = table(tmp_path, "sep=|\nid|name\n1|a\n")
    assert opened.columns == ["id", "name"]
    assert list(opened.rows()) == [(3, {"id": "1", "name": "a"})]
    assert not opened.problems


def test_ragged_rows_are_named_with_their_line(tmp_path: Path):
    opened = table(tmp_path, "id,a,b\n1,x,y\n2,x\n\n3,x,y,z\n4,x,y,,\n5,x,y\n")
    assert [row["id"] for _, row in opened.rows()] == ["1", "4", "5"]
    assert problems(opened) == [
        ("t.csv:3", "2 cells where the header has 3"),
        ("t.csv:5", "4 cells where the header has 3"),
    ]


def test_a_stray_quotation_mark_costs_one_line(tmp_path: Path):
    lines = ["id,name\n", "1,a\n", '2,"5 inch\n', *(f"{n},b\n" for n in range(3, 10)), '10,"last\n', "11,c\n"]
    opened = table(tmp_path, "".join(lines))
    assert [row["id"] for _, row in opened.rows()] == ["1", "3", "4", "5", "6", "7", "8", "9", "11"]
    assert [source for source, _ in problems(opened)] == ["t.csv:3", "t.csv:11"]


def test_an_unclosed_quotation_mark_in_a_long_file(tmp_path: Path):
    lines = ["id,name\n", '1,"open\n', *(f"{n},{'text ' * 20}\n" for n in range(2, 3000))]
    opened = table(tmp_path, "".join(lines))
    assert sum(1 for _ in opened.rows()) == 2998
    assert [problem.source for problem in opened.problems] == ["t.csv:2"]
    assert "quotation mark" in opened.problems[0].reason


def test_over_long_cells_and_nul_are_refused(tmp_path: Path):
    opened = table(tmp_path, f"id,name\n1,{'x' * (CELL_LIMIT + 1)}\n2,a\0b\n3,fine\n")
    assert [row["id"] for _, row in opened.rows()] == ["3"]
    (first, second) = problems(opened)
    assert first[0] == "t.csv:2"
    assert "longer than 131,072" in first[1]
    assert second[0] == "t.csv:3"
    assert "NUL" in second[1]


def test_header_problems(tmp_path: Path):
    opened = table(tmp_path, " id ,colour,,colour, \n1,red,x,blue,\n2,red,y,blue,\n")
    assert opened.columns == ["id", "colour", "colour (2)"]
    assert next(opened.rows())[1] == {"id": "1", "colour": "red", "colour (2)": "blue"}
    assert problems(opened) == [
        ("t.csv:1", "there is more than one column 'colour'; column 4 is used as 'colour (2)'"),
        ("t.csv:1", "column 3 has no name and is not used"),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "above",
    [
        "Summer list 2024",
        "Summer list 2024{0}{0}{0}",
        "Summer\nof 1 May\n",
        "{0}{0}{0}",
        "Report{0}Products\nDate{0}2024-01-31\n",
        "Report{0}Products\nSeason{0}Spring\nBy{0}Ann",
    ],
)
def test_a_title_above_the_names_of_the_columns_is_passed_over(tmp_path: Path, above: str, delimiter: str):
    lines = ["id;colour;price;photo", *(f"A{n};red, blue;1{n},50;{n}.jpg" for n in range(20))]
    quoted = "\n".join(";".join(f'"{cell}"' for cell in line.split(";")) for line in lines)
    title = above.format(delimiter)
    opened = table(tmp_path, f"{title}\n{quoted}\n".replace(";", delimiter))
    assert opened.delimiter == delimiter
    assert opened.columns == ["id", "colour", "price", "photo"]
    assert [row["id"] for _, row in opened.rows()] == [f"A{n}" for n in range(20)]
    assert next(opened.rows())[0] == title.count("\n") + 3
    assert problems(opened) == []
    assert f"from line {title.count(chr(10)) + 2} on" in opened.notes[0]


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        ("id\n1\n2,x\n3,y\n", ["id"]),
        ("id,,\n1,a,b\n2,c,d\n", ["id"]),
        ("name;text\n" + "a;Hello, world\n" * 9, ["name", "text"]),
        ("id,name\n" + "A,shirt,red\n" * 9, ["id", "name"]),
        ("id,name\nA,shirt\nB,dress\n" + "C,coat,red\n" * 9, ["id", "name"]),
        ("id,name,,\nA,shirt,,\nB,dress,,\nC,coat,red,S\n" + "D,cap,,\n" * 5, ["id", "name"]),
        ("name\nred\nblue\n", ["name"]),
        ("name\nred, blue\n", ["name"]),
    ],
)
def test_what_is_no_title_names_the_columns(tmp_path: Path, content: str, columns: list[str]):
    opened = table(tmp_path, content)
    assert (opened.columns, opened.notes) == (columns, [])


@pytest.mark.parametrize("padding", ["", "\t" * 3])
def test_the_names_of_an_amazon_product_file_are_in_its_third_row(tmp_path: Path, padding: str):
    first = f"TemplateType=fptcustom\tVersion=2021.1\tThe top 3 rows are for Amazon.com use only.{padding}"
    labels = "Seller SKU\tProduct Name\tColor\tMain Image URL\tOther Image URL1\tPrice"
    names = "item_sku\titem_name\tcolor_name\tmain_image_url\tother_image_url1\tstandard_price"
    lines = [
        f"00{n}\tShirt {n}\tred\thttps://x.example/{n}.jpg\thttps://x.example/{n}b.jpg\t9" for n in range(4)
    ]
    opened = table(tmp_path, "\n".join([first, labels, names, *lines]), "amazon.txt")
    assert opened.columns == names.split("\t")
    assert [row["item_sku"] for _, row in opened.rows()] == ["000", "001", "002", "003"]
    assert problems(opened) == []
    for name in ("0.jpg", "1.jpg"):
        (tmp_path / name).touch()
    guess = guess_columns(opened, tmp_path)
    assert guess.id == "item_sku"
    assert guess.image == "{main_image_url:name}, {other_image_url1:name}"


def test_cells_that_are_formulas_are_text(tmp_path: Path):
    row = {"id": "1", "name": '=HYPERLINK("http://x")', "more": "@SUM(A1)"}
    opened = table(tmp_path, 'id,name,more\n1,"=HYPERLINK(""http://x"")",@SUM(A1)\n')
    assert next(opened.rows())[1] == row


@pytest.mark.parametrize("content", ["", "\n\n", ",,\n1,2,3\n"])
def test_an_empty_table_is_an_error(tmp_path: Path, content: str):
    with pytest.raises(TableError, match="empty"):
        table(tmp_path, content)


@pytest.mark.parametrize(
    ("name", "row"), [("t.csv", "{},red\n"), ("t.jsonl", '{{"id": "{}"}}\n'), ("t.json", '{{"id": "{}"}},\n')]
)
@pytest.mark.parametrize("change", ["written on", "replaced", "deleted"])
def test_a_table_that_is_changed_while_it_is_read_is_not_mixed_up(
    tmp_path: Path, name: str, row: str, change: str
):
    head = {"t.csv": "id,colour\n", "t.jsonl": "", "t.json": "["}[name]
    opened = table(tmp_path, head + "".join(row.format(number) for number in range(9)), name)
    rows = opened.rows()
    next(rows)
    if change == "written on":
        with opened.path.open("a") as stream:
            stream.write(row.format(9))
    elif change == "replaced":
        (tmp_path / "new").write_text("colour,id\nred,1\n")
        (tmp_path / "new").replace(opened.path)
    else:
        opened.path.unlink()
    for reading in (rows, opened.rows()):
        with pytest.raises(TableError, match="was changed while it was read"):
            list(reading)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"PK\x03\x04\x14\0\x06\0rest", "a spreadsheet or an archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(9), "a spreadsheet of an older format"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a picture"),
        (b"\n <!DOCTYPE html>\n<html><body>\nSign in, please\n</body></html>\n", "a web page"),
        (b"PAR1\x15\x04", "a Parquet file"),
    ],
)
@pytest.mark.parametrize("name", ["t.csv", "t.json"])
def test_what_is_no_text_table_is_named(tmp_path: Path, name: str, content: bytes, what: str):
    with pytest.raises(TableError, match=f"The table {name} is {what}, not a text table") as raised:
        table(tmp_path, content, name)
    assert "as CSV" in raised.value.hint


def test_tables_that_cannot_be_read(tmp_path: Path):
    with pytest.raises(TableError, match="no table"):
        read_table(tmp_path / "none.csv")
    with pytest.raises(TableError, match="is a folder, not a table"):
        read_table(tmp_path)
    with pytest.raises(TableError, match="unknown format"):
        table(tmp_path, "x", name="t.xlsx")
    with pytest.raises(TableError, match="cannot be a delimiter"):
        table(tmp_path, "id\n", delimiter="||")


def test_rows_can_be_read_again(tmp_path: Path):
    opened = table(tmp_path, "id,a\n1,x\n2\n")
    assert list(opened.rows()) == list(opened.rows())
    assert len(opened.problems) == 1


@given(st.lists(st.tuples(st.text(), st.text()), min_size=1, max_size=8))
def test_what_csv_writes_is_read(tmp_path_factory, rows: list[tuple[str, str]]):
    file = tmp_path_factory.mktemp("t") / "t.csv"
    keep = [row for row in rows if not any(c in "\0\r" or "\ud800" <= c <= "\udfff" for c in "".join(row))]
    with open(file, "w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "a", "b"])
        writer.writerows([[n, *row] for n, row in enumerate(keep)])
    found = [
        tuple(row[name] or "" for name in ("a", "b")) for _, row in read_table(file, encoding="utf-8").rows()
    ]
    assert found == [(a.strip(), b.strip()) for a, b in keep]


@given(st.binary(max_size=300))
def test_no_bytes_stop_the_reader(tmp_path_factory, content: bytes):
    folder = tmp_path_factory.mktemp("t")
    for name in ("t.csv", "t.jsonl"):
        (folder / name).write_bytes(content)
        try:
            opened = read_table(folder / name)
        except TableError:
            continue
        for _, row in opened.rows():
            assert set(row) <= set(opened.columns)
            json.dumps(row).encode()


def test_json_lines(tmp_path: Path):
    lines = [
        '{"id": 7, "year": 2012.0, "sizes": ["S", "M", null], "ok": true, "note": {"a": [1]}}',
        "",
        "{broken",
        "[1, 2]",
        '{"id": "8", "late": "column", "year": NaN, "bad": "x"}',
        '{"id": "9", "bad": "\\ud800"}',
        "[" * 100_000,
    ]
    opened = table(tmp_path, "\n".join(lines), "t.jsonl")
    rows = list(opened.rows())
    first = {"id": "7", "year": "2012", "sizes": ["S", "M"], "ok": "true", "note": '{"a": [1]}'}
    assert rows == [(1, first), (5, {"id": "8", "late": "column", "year": None, "bad": "x"})]
    assert opened.columns == ["id", "year", "sizes", "ok", "note", "late", "bad"]
    assert [problem.source for problem in opened.problems] == [f"t.jsonl:{line}" for line in (3, 4, 6, 7)]


def test_a_bad_line_of_json_is_named_and_not_mended(tmp_path: Path):
    lines = [f'{{"id": "{n}", "name": "Größe"}}\n'.encode() for n in range(12)]
    lines[3] = lines[3].decode().encode("cp1252")
    opened = table(tmp_path, b"".join(lines), "t.jsonl")
    assert len(list(opened.rows())) == 11
    assert problems(opened) == [("t.jsonl:4", "the cell of 'name' is not valid utf-8")]


def test_arrays_and_objects_that_hold_one(tmp_path: Path):
    both = [{"id": "1"}, {"id": "2", "tags": ["a", "b"]}]
    for text in (
        '[{"id": 1}, {"id": 2, "tags": ["a", "b"]}]',
        json.dumps([{"id": 1}, {"id": 2, "tags": ["a", "b"]}], indent=2),
        json.dumps({"products": [{"id": 1}, {"id": 2, "tags": ["a", "b"]}], "count": 2}, indent=1),
    ):
        opened = table(tmp_path, text, "t.json")
        assert [row for _, row in opened.rows()] == both
        assert not opened.problems
        assert not opened.is_part
    (single,) = table(tmp_path, '{\n "id": 7\n}', "t.json").rows()
    assert single == (1, {"id": "7"})
    with pytest.raises(TableError, match="no JSON objects"):
        table(tmp_path, "nothing\n", "t.jsonl")
    with pytest.raises(TableError, match="no JSON objects"):
        table(tmp_path, "[]", "t.json")


def test_a_damaged_element_of_an_array_costs_itself_alone(tmp_path: Path):
    text = '[\n{"id": 1},\n{"id": 2, oops},\n{"id": 3, "inner": {\n"a": 1}},\n7,\n{"id": 4}'
    opened = table(tmp_path, text, "t.json")
    assert [(line, row["id"]) for line, row in opened.rows()] == [(2, "1"), (4, "3"), (7, "4")]
    assert [source for source, _ in problems(opened)] == ["t.json:3", "t.json:6", "t.json:7"]
    assert "cut off" in problems(opened)[-1][1]


@given(
    st.lists(
        st.dictionaries(
            st.text("ab", min_size=1, max_size=2),
            st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=4),
            max_size=3,
        ),
        max_size=8,
    ),
    st.sampled_from((None, 1)),
)
def test_an_array_is_read_like_lines(tmp_path_factory, rows: list[dict], indent: int | None):
    """However the file is cut into blocks."""
    folder = tmp_path_factory.mktemp("array")
    documents = [{"id": "x" * 5_000, **row} for row in rows for _ in range(9)] or [{"id": "1"}]
    array = table(folder, json.dumps(documents, indent=indent), "t.json")
    lines = table(folder, "\n".join(map(json.dumps, documents)), "t.jsonl")
    assert [row for _, row in array.rows()] == [row for _, row in lines.rows()]


def test_what_solr_takes_and_writes(tmp_path: Path):
    command = (
        '{"add": {"doc": {"id": 1}}, "add": {"doc": {"id": 2}, "boost": 2}, "delete": ["3"], "commit": {}}'
    )
    for text in (
        command,
        command.replace(", ", ",\n"),
        '[{"add": [{"id": 1}, {"id": 2}]}, {"delete": ["3"]}]',
    ):
        opened = table(tmp_path, text, "t.json")
        assert [row["id"] for _, row in opened.rows()] == ["1", "2"]
        assert opened.is_part
        assert [reason for _, reason in problems(opened)] == [
            "a command that deletes: an import deletes nothing"
        ]
    answer = {"responseHeader": {"status": 0}, "response": {"numFound": 2, "start": 0, "docs": [{"id": "a"}]}}
    opened = table(tmp_path, json.dumps(answer, indent=2), "t.json")
    assert ([row for _, row in opened.rows()], opened.is_part) == ([{"id": "a"}], True)
    update = [
        {
            "id": "a",
            "_version_": 17,
            "colour": {"set": "red"},
            "tags": {"add": ["x", "y"]},
            "size": {"set": None},
        },
        {"id": "b", "price": {"inc": 3}},
    ]
    opened = table(tmp_path, json.dumps(update), "t.json")
    first, second = (row for _, row in opened.rows())
    assert isinstance(first, Update)
    assert first == {"id": "a", "colour": "red", "tags": ["x", "y"], "size": None}
    assert first.operations == {"colour": "set", "tags": "add", "size": "set"}
    assert isinstance(second, Update)
    assert second == {"id": "b"}
    assert "'inc' is not understood" in problems(opened)[0][1]


SHOPIFY = """Handle,Title,Vendor,Option1 Name,Option1 Value,Variant SKU,Variant Price,Image Src,Image Position,\
Image Alt Text,Variant Image,Fabric (product.metafields.custom.fabric),Care (product.metafields.custom.care)
shirt,Shirt,Acme,Size,S,SH-S,20.00,https://cdn/x/front.jpg?v=1,1,Front,,"[""linen"",""silk""]","'=wash
it"
shirt,,,,M,SH-M,21.00,https://cdn/x/back.jpg?v=1,2,Back,https://cdn/x/m.jpg,,
shirt,,,,,,,https://cdn/x/side.jpg,3,,,,
cap,Cap,Acme,Title,Default Title,CAP,9.00,,,,,,[unsaid
,Nameless,,,,,,,,,,,
"""


def test_a_product_file_of_a_shop(tmp_path: Path):
    opened = table(tmp_path, SHOPIFY)
    assert (opened.id, opened.image) == ("Handle", "Image Src")
    (at, shirt), (_, cap) = opened.rows()
    assert at == 2
    assert shirt == {
        **{"Handle": "shirt", "Title": "Shirt", "Vendor": "Acme", "Size": ["S", "M"]},
        **{"Variant SKU": ["SH-S", "SH-M"], "Variant Price": "20.00", "Image Alt Text": "Front"},
        **{"Fabric": ["linen", "silk"], "Care": "=wash\nit"},
        "Image Src": [
            f"https://cdn/x/{name}" for name in ("front.jpg?v=1", "back.jpg?v=1", "side.jpg", "m.jpg")
        ],
    }
    assert cap == {
        **{"Handle": "cap", "Title": "Cap", "Vendor": "Acme", "Variant SKU": "CAP"},
        **{"Variant Price": "9.00", "Care": "[unsaid"},
    }
    assert problems(opened) == [("t.csv:7", "the row has no handle (column 'Handle' is empty)")]


def test_parquet(tmp_path: Path):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    columns = {
        "id": [1, 2],
        "year": [2012.0, None],
        "colours": [["red", "blue"], []],
        "raw": [b"ab", b"\xff"],
    }
    pq.write_table(pa.table(columns), tmp_path / "t.parquet")
    opened = read_table(tmp_path / "t.parquet")
    assert list(opened.rows()) == [(1, {"id": "1", "year": "2012", "colours": ["red", "blue"], "raw": "ab"})]
    assert [problem.source for problem in opened.problems] == ["t.parquet:2"]
    picture = {"id": [1, 2], "picture": [b"\xff\xd8\xff", b"\x89PNG\0"], "name": ["a", "b"]}
    pq.write_table(pa.table(picture), tmp_path / "pictures.parquet")
    opened = read_table(tmp_path / "pictures.parquet")
    assert [row for _, row in opened.rows()] == [{"id": "1", "name": "a"}, {"id": "2", "name": "b"}]
    assert problems(opened) == [
        ("pictures.parquet:0", "the column 'picture' holds bytes that are no text; it is not used")
    ]
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 nonsense PAR1")
    with pytest.raises(TableError, match="cannot be read as Parquet"):
        read_table(tmp_path / "bad.parquet")


def test_parquet_without_pyarrow_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    real = builtins.__import__

    def without(name, *arguments, **options):
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(TableError, match="pyarrow") as caught:
        table(tmp_path, b"PAR1", "t.parquet")
    assert "pip install" in caught.value.command


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2012.0", 2012.0),
        ("-3", -3.0),
        (" 1e3 ", 1000.0),
        ("12,50", 12.5),
        ("0,125", 0.125),
        ("1,234.50", 1234.5),
        ("1.234,50", 1234.5),
        ("1,234", None),
        ("nan", None),
        ("inf", None),
        ("1e999", None),
        ("12 cm", None),
        ("1_000", None),
        ("٣", None),
        ("", None),
        (".", None),
    ],
)
def test_numbers(text: str, number: float | None):
    assert parse_number(text) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_is_read_back(number: float):
    assert parse_number(repr(number)) == number


def kind(values, separator=None) -> str:
    statistics = ColumnStatistics()
    for value in values:
        statistics.add(value)
    return str(statistics.decide(separator))


def test_types_are_inferred_from_all_values():
    assert kind(["2012.0", "", None, "2013"]) == "number"
    assert kind(["1"] * 98 + ["n/a"] * 2) == "number"
    assert kind(["1"] * 97 + ["n/a"] * 3) == "category"
    assert kind(["01234", "90210"] * 30) == "category"
    assert kind([f"{n:06}" for n in range(500)]) == "text"
    assert kind(["40063813339311234567"]) == "category"
    assert kind(["red", "blue"] * 50) == "category"
    assert kind([f"Shirt number {n}" for n in range(200)]) == "text"
    assert kind(["A very long description of the garment, with all its details and more"]) == "text"
    assert kind(["first line\nsecond line"] * 3) == "text"
    assert kind([None, ""]) == "None"


def test_several_values_are_found_where_splitting_helps():
    assert kind(["red|blue", "blue|red", "red"]) == "category, several separated by '|'"
    assert kind(["red|blue", "red", "red|blue"]) == "category, several separated by '|'"
    assert kind(["red|blue", "green", "green"]) == "category"
    pairs = [f"{a};{b}" for a in "abcdef" for b in "uvwxyz"]
    assert kind(pairs) == "category, several separated by ';'"
    assert kind([pair.replace(";", ", ") for pair in pairs]) == "category, several separated by ','"
    assert kind(["Shirt, blue", "Shirt, red"] * 9) == "category"
    assert kind([["S"], ["S", "M"]]) == "category, several separated by '|'"
    assert kind([["a|b"], ["c"]]) == "category, several separated by ';'"
    for money in ("{},{}80", "¥{},{}80", "{},{}80 kr", "${},{}80.00", "1{},{}80,000"):
        prices = [money.format(a, b) for a in range(1, 9) for b in range(9)]
        assert kind(prices * 9) == "category", "thousands are no values"
    sizes = [f"{a},{b}" for a in (86, 92, 98, 104, 110) for b in (116, 122, 128, 134)]
    assert kind(["86,92", *sizes]) == "category, several separated by ','"
    assert kind(pairs, separator="") == "category"
    assert kind(["a/b", "c"], separator="/") == "category, several separated by '/'"
    assert split_values(" a |b||a", "|") == ["a", "b"]


def test_a_column_of_many_different_values_needs_bounded_memory():
    statistics = ColumnStatistics()
    for number in range(60_000):
        statistics.add(f"value {number}")
    assert str(statistics.decide()) == "text"
    assert len(statistics._counts) == 50_000


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for name in ("1.jpg", "2.jpg", "3.jpg"):
        (tmp_path / "images" / "more").mkdir(parents=True, exist_ok=True)
        (tmp_path / "images" / name).write_bytes(b"photo")
    (tmp_path / "images" / "more" / "Side.PNG").write_bytes(b"photo")
    return tmp_path


@pytest.mark.parametrize(
    ("content", "id", "parent", "inside"),
    [
        ("id,name\n1,a\n2,b\n3,c\n", "id", "images/{id}.jpg", "{id}.jpg"),
        ("sku,photo\nA,1.jpg\nB,2.jpg\n", "sku", "images/{photo}", "photo"),
        ("photo,sku\n1.jpg,A\n2.jpg,B\n", "sku", "images/{photo}", "photo"),
        ("sku,file\nA,images/1.jpg\nB,images/2.jpg\n", "sku", "file", "{file:name}"),
        (
            "sku,url\nA,https://x.y/z/1.jpg?w=9\nB,https://x.y/z/2.jpg\n",
            "sku",
            "images/{url:name}",
            "{url:name}",
        ),
        ("code,gallery\nA,1.jpg|2.jpg\nB,3.jpg\n", "code", "images/{gallery}", "gallery"),
        ("name,what\nx,1.JPG\ny,2.JPG\n", "name", "images/{what}", "what"),
        ("sku,colour,image\nA,r,1.jpg\nA,r,2.jpg\nB,g,3.jpg\n", "sku", "images/{image}", "image"),
        ("sku,image\nA,9.jpg\nB,8.jpg\n", "sku", "image", "image"),
        ("sku,colour\nA,red\nB,green\n", "sku", "", ""),
        ("sku,colour,image\nA,3,1.jpg\nB,3,2.jpg\nC,3,8.jpg\nD,3,9.jpg\n", "sku", "images/{image}", "image"),
    ],
)
def test_columns_are_guessed(photos: Path, content: str, id: str, parent: str, inside: str):
    opened = table(photos, content)
    for images, pattern in ((photos, parent), (photos / "images", inside)):
        guess = guess_columns(opened, images)
        assert (guess.id, guess.image) == (id, pattern)
        assert guess.why


@pytest.mark.parametrize(
    ("content", "image"),
    [
        (
            "id;bilder\n1;1.jpg,2.jpg\n2;2.jpg,3.jpg\n3;3.jpg,1.jpg\n",
            "images/{bilder}",
        ),  # not the id's photos alone
        ("id;base_image\na;/images/1.jpg\nb;/images/2.jpg\nc;/images/more/side.png\n", ".{base_image}"),
        ("id;Bild\nx;C:\\Shop\\1.jpg\ny;C:\\Shop\\2.jpg\n", "Bild"),  # refused, but named
        ("id;Bild\nx;nothing/1.jpg\ny;other/2.jpg\n", "images/{Bild:name}"),
    ],
)
def test_columns_with_names_of_photos_come_before_the_id(photos: Path, content: str, image: str):
    assert guess_columns(table(photos, content), photos).image == image


@pytest.mark.parametrize("given", [None, "Bild"])
@pytest.mark.parametrize("folder", ["C:\\Shop\\", "/home/ann/shop/"])
def test_what_to_do_with_whole_paths_is_said(photos: Path, folder: str, given: str | None):
    cells = table(photos, f"id;Bild\nx;{folder}7.jpg\ny;{folder}8.jpg\n")
    guess = guess_columns(cells, photos, image=given)
    assert guess.image == "Bild"
    assert f"whole paths ({folder}7.jpg)" in guess.why
    assert guess.why.endswith("such as 7.jpg")


@pytest.mark.parametrize(
    ("header", "rows", "image"),
    [
        ("id,Photo 2,Photo 1,Photo 3", ["a,2.jpg,1.jpg,", "b,,3.jpg,"], "Photo 1, Photo 2, Photo 3"),
        ("id,photo,photo", ["a,1.jpg,2.jpg", "b,3.jpg,"], "photo, photo (2)"),
        (
            "id,additional_image_link,image_link",
            ["a,https://x.y/2.jpg,https://x.y/1.jpg", "b,,https://x.y/3.jpg"],
            "{image_link:name}, {additional_image_link:name}",
        ),
        (
            "sku,mainImageUrl,otherImageUrl2,otherImageUrl1",
            ["a,1.jpg,3.jpg,2.jpg", "b,2.jpg,,"],
            "mainImageUrl, otherImageUrl1, otherImageUrl2",
        ),
        ("id,Bild,Bild_02", ["a,1.jpg,more/Side.PNG", "b,2.jpg,"], "Bild, Bild_02"),
        ("id,image,images", ["a,1.jpg,1.jpg|2.jpg", "b,2.jpg,3.jpg"], "image, images"),
        ("id,image 1,image 2", ["a,1.jpg,Side.PNG", "b,2.jpg,Side.PNG"], "image 1, more/{image 2}"),
        ('id,"Photo, 1","Photo, 2"', ["a,1.jpg,2.jpg", "b,3.jpg,"], "{Photo, 1}, {Photo, 2}"),
        ("id,image 1,image 1 alt,image 1 width", ["a,1.jpg,Front,100", "b,2.jpg,Back,90"], "image 1"),
        ("id,image_90,image_800", ["a,1.jpg,2.jpg", "b,2.jpg,3.jpg"], "image_90"),
        ("id,photo 1,photo 2", ["a,1.jpg,Ann", "b,2.jpg,Bob"], "photo 1"),
        ("1,2,3", ["a,1.jpg,2.jpg", "b,2.jpg,3.jpg"], "2"),
        ("id,thumbnail,image", ["a,1.jpg,2.jpg", "b,2.jpg,3.jpg"], "image"),
    ],
)
def test_columns_of_an_item_s_photos_are_taken_together(
    photos: Path, header: str, rows: list[str], image: str
):
    opened = table(photos, "\n".join([header, *rows]))
    guess = guess_columns(opened, photos / "images")
    assert guess.image == image
    again = guess_columns(opened, photos / "images", image=image)
    assert again.image == image, "what was guessed can be given"


def test_columns_of_photos_that_are_nowhere_are_named_together(photos: Path):
    opened = table(photos, "id,photo 1,photo 2\na,x.jpg,y.jpg\nb,z.jpg,")
    assert guess_columns(opened, photos).image == "photo 1, photo 2"


def test_a_column_of_photos_that_few_items_have_is_found(photos: Path):
    rows = [f"{number},1.jpg,{'2.jpg' if number == 31 else ''}" for number in range(100)]
    opened = table(photos, "\n".join(["id,photo 1,photo 2", *rows]))
    assert guess_columns(opened, photos / "images").image == "photo 1, photo 2"


def test_several_columns_can_be_given(photos: Path):
    opened = table(photos, "id,front,back,side\na,1.jpg,2.jpg,\nb,3.jpg,2.jpg,")
    assert guess_columns(opened, photos / "images", image="back,front").image == "back,front"
    assert (
        guess_columns(opened, photos, image="back, side,front").image
        == "images/{back}, images/{side}, images/{front}"
    )
    assert (
        guess_columns(opened, photos, image="images/{id}.jpg, back").image == "images/{id}.jpg, images/{back}"
    )
    with pytest.raises(UsageError, match="no column 'bakc'") as caught:
        guess_columns(opened, photos, image="front, bakc")
    assert "back" in caught.value.hint


def test_a_table_in_which_nothing_is_an_id(photos: Path):
    with pytest.raises(TableError, match="looks like an id"):
        guess_columns(table(photos, "colour,size\nred,S\nred,S\n"), photos)
    with pytest.raises(TableError, match=r"no usable row \(t.csv:2"):
        guess_columns(table(photos, "id,size\nred\n"), photos)


def test_given_columns_must_exist(photos: Path):
    opened = table(photos, "product_id,colour\n1,red\n")
    with pytest.raises(UsageError) as caught:
        guess_columns(opened, photos, id="productid")
    assert "product_id" in caught.value.hint
    with pytest.raises(UsageError):
        guess_columns(opened, photos, image="{nothing}.jpg")
    with pytest.raises(UsageError):
        ImagePattern("{}", ["id"])
    assert guess_columns(opened, photos, image="product_id").image == "images/{product_id}.jpg"


def test_patterns_name_several_photos():
    columns = ["id", "views", "file"]
    pattern = ImagePattern("p/{id}_{views}.jpg", columns)
    assert pattern.references({"id": "7", "views": ["a", "b"]}) == ["p/7_a.jpg", "p/7_b.jpg"]
    assert pattern.references({"id": "7", "views": None}) == []
    assert ImagePattern("file", columns).references({"file": "a.jpg, b.jpg;a.jpg"}) == ["a.jpg", "b.jpg"]
    assert ImagePattern("file", columns).references({"file": "one, two.jpg"}) == ["one, two.jpg"]
    assert ImagePattern("", columns).references({"id": "7"}) == []
    both = ImagePattern("file, p/{views}", columns)
    assert both.columns == ["file", "views"]
    assert both.references({"file": "a.jpg", "views": ["b.jpg", "a.jpg"]}) == ["a.jpg", "p/b.jpg", "p/a.jpg"]
    assert both.references({"file": None, "views": "b.jpg"}) == ["p/b.jpg"]
    assert ImagePattern("{id},{file}", columns).references({"id": "7", "file": "a.jpg"}) == ["7,a.jpg"]
    assert ImagePattern("x, y/{file}", columns).references({"file": "a.jpg"}) == ["x, y/a.jpg"]
    assert ImagePattern("x, y", ["x, y", "x", "y"]).columns == ["x, y"]


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ('{"id": 7, "name": "Front", "src": "https://x.y/a.jpg"}', "https://x.y/a.jpg"),
        ('{"url": "https://x.y/z"}', "https://x.y/z"),
        ('{"alt": "Front", "original": "a.jpg"}', "a.jpg"),
        ('{"url": {"small": "a.jpg"}}', '{"url": {"small": "a.jpg"}}'),
        ('{"alt": "Front"}', '{"alt": "Front"}'),
        ("{cut off.jpg", "{cut off.jpg"),
    ],
)
def test_an_object_names_the_photo_that_it_tells_of(cell: str, name: str):
    assert ImagePattern("file", ["file"]).references({"file": [cell]}) == [name]


def test_a_given_column_means_its_cells_where_one_of_them_is_a_photo(photos: Path):
    rows = ["a,nothing/1.jpg", "b,other/2.jpg", "c,images/3.jpg"]
    opened = table(photos, "\n".join(["id,file", *rows]))
    assert guess_columns(opened, photos).image == "images/{file:name}"
    assert guess_columns(opened, photos, image="file").image == "file"


def test_names_that_lead_elsewhere_stand_for_themselves():
    elsewhere = ["/etc/1.jpg", "C:\\photos\\1.jpg", "\\\\server\\1.jpg", "\\\\.\\disk"]
    for pattern in ("file", "{file:name}", "images/{file}", "images/{file:name}"):
        for name in elsewhere:
            assert ImagePattern(pattern, ["file"]).references({"file": name}) == [name]
    by_name = ImagePattern("images/{file:name}", ["file"])
    assert by_name.references({"file": "../a/1.jpg|b/../../2.jpg|c/../3.jpg"}) == [
        "../a/1.jpg",
        "b/../../2.jpg",
        "images/3.jpg",
    ]
    assert by_name.references({"file": "https://x.y/../1.jpg"}) == ["images/1.jpg"]
    assert ImagePattern(".{file}", ["file"]).references({"file": "/w/1.jpg"}) == ["./w/1.jpg"]


def test_paths_out_of_the_folder_are_no_reason_to_look_at_names_alone(photos: Path):
    opened = table(photos, "id,file\na,../../x/1.jpg\nb,/y/2.jpg\nc,\\\\s\\3.jpg\n")
    for named in (None, "file"):
        assert guess_columns(opened, photos / "images", image=named).image == "file"
