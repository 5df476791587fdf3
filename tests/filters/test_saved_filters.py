"""Saved filters: a catalog of drawn products, real decisions, real scores."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import draw_product
from visualsearch.catalog.decisions import BulkValues
from visualsearch.catalog.importing import ImportRequest, import_catalog
from visualsearch.catalog.store import Catalog
from visualsearch.errors import PredicateError, UsageError, VisualSearchError
from visualsearch.filters.query import Example, Query, Results, VisualFilter
from visualsearch.jobs import JobControl
from visualsearch.workspace import Workspace

CONTROL = JobControl()


@pytest.fixture
def shop(imported_products: Path, tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(shutil.copytree(imported_products, tmp_path / "catalog")) as workspace:
        yield workspace


def request(folder: Path) -> ImportRequest:
    return ImportRequest(folder, folder / "products.csv")


def like(shop: Workspace, *ids: str, unlike: tuple[str, ...] = (), **options) -> Query:
    sides = ([Example(item=shop.number_of(one)) for one in side] for side in (ids, unlike))
    narrow = options.pop("narrow", None)
    return Query(VisualFilter(*map(tuple, sides), narrow=narrow), **options)


def ask(shop: Workspace, query: Query) -> Results:
    answers: list[Results] = []
    shop.search(query, answers.append, JobControl())
    return answers[-1]


def ids(shop: Workspace, items) -> set[str]:
    return set(shop.ids_of(np.asarray(items).tolist()))


def test_a_filter_is_the_set_that_was_shown_and_its_examples(shop: Workspace):
    query = like(shop, "p000", "p009", unlike=("p001",), narrow=0.4)
    shown = ids(shop, ask(shop, query).items)
    saved = shop.filters.save("red discs", query, CONTROL)
    found = ids(shop, ask(shop, Query(where=('visual:"red discs"',))).items)
    assert found == shown | {"p000", "p009"}
    assert saved.count == len(found) == int(shop.filters.members("red discs", CONTROL).sum())
    assert ids(shop, ask(shop, shop.filters.query("red discs", CONTROL)).items) == shown
    assert shop.filters.names() == ["red discs"]


def test_a_filter_stays_the_same_when_its_examples_are_tagged_otherwise(shop: Workspace):
    """That their tags have no colour in common is part of what was saved."""
    query = like(shop, "p000", "p003", "p006", narrow=0.4)  # a red, a blue and a green disc
    shop.filters.save("discs", query, CONTROL)
    differ = shop.filters.get("discs").colours_differ
    assert differ > 0.3
    before = shop.filters.members("discs", CONTROL)
    tagged = np.array([shop.number_of(one) for one in ("p003", "p006")])
    shop.decisions.apply("set", "red", values=BulkValues(tagged, "colour", "set", ("red",)))
    shop.refresh()
    np.testing.assert_array_equal(shop.filters.members("discs", CONTROL), before)
    with Workspace.open(shop.path, read_only=True) as again:  # which finds other tags
        np.testing.assert_array_equal(again.filters.members("discs", CONTROL), before)
    assert shop.filters.query("discs", CONTROL).visual.colours_differ == differ


def test_saving_renaming_and_deleting_can_be_undone(shop: Workspace):
    shop.filters.save("a", like(shop, "p000"), CONTROL)
    shop.filters.save("b", like(shop, "p001", where=("visual:a and price<50",)), CONTROL, conditions=True)
    shop.filters.judge("a", {shop.number_of("p003"): "yes"})
    shop.filters.rename("a", "A b")
    assert shop.filters.names() == ["A b", "b"]
    assert shop.filters.get("b").where == ('visual:"A b" and price<50',)
    assert list(shop.filters.judgements("A b").values()) == ["yes"]
    assert shop.filters.members("b", CONTROL).sum() <= shop.filters.members("A b", CONTROL).sum()
    shop.decisions.undo()
    assert (shop.filters.names(), shop.filters.get("b").where) == (["a", "b"], ("visual:a and price<50",))
    assert list(shop.filters.judgements("a").values()) == ["yes"]
    assert shop.filters.delete("a") == ["b"]
    with pytest.raises(PredicateError, match="no saved filter 'a'"):
        ask(shop, Query(where=("visual:b",)))
    shop.decisions.undo()
    assert shop.filters.names() == ["a", "b"]


def test_names_are_checked(shop: Workspace):
    query = like(shop, "p000")
    shop.filters.save(" discs ", query, CONTROL)
    with pytest.raises(UsageError, match="already"):
        shop.filters.save("discs", query, CONTROL)
    shop.filters.save("discs", query, CONTROL, overwrite=True)
    for name in ("", "  ", "a\nb", "x" * 200):
        with pytest.raises(VisualSearchError, match="name"):
            shop.filters.save(name, query, CONTROL)
        with pytest.raises(VisualSearchError, match="name"):
            shop.filters.import_text(shop.filters.export_text("discs"), CONTROL, name=name)
    with pytest.raises(UsageError, match="needs examples"):
        shop.filters.save("empty", Query(where=("price<50",)), CONTROL)
    with pytest.raises(UsageError, match="no saved filter") as caught:
        shop.filters.get("disc")
    assert "discs" in caught.value.hint


@pytest.mark.parametrize("how", ["save", "import_text"])
def test_a_name_that_somebody_takes_meanwhile_is_taken(shop: Workspace, how: str):
    shop.filters.save("discs", like(shop, "p000"), CONTROL)

    class Meanwhile(JobControl):
        def checkpoint(self) -> None:
            if "new" not in shop.filters.names():
                with Workspace.open(shop.path) as other:
                    other.filters.save("new", like(other, "p001"), CONTROL)

    def take() -> None:
        if how == "save":
            shop.filters.save("new", like(shop, "p000"), Meanwhile())
        else:
            shop.filters.import_text(shop.filters.export_text("discs"), Meanwhile(), name="new")

    with pytest.raises(UsageError, match="already"):
        take()
    assert [example.id for example in shop.filters.get("new").positives] == ["p001"]


def test_the_text_of_a_filter_is_the_same_each_time_and_imports_to_the_same_set(shop: Workspace):
    shop.filters.save("discs", like(shop, "p000", "p009", where=("price<60",)), CONTROL, conditions=True)
    shop.filters.judge("discs", {shop.number_of("p018"): "yes", shop.number_of("p001"): "no"})
    text = shop.filters.export_text("discs")
    assert text == shop.filters.export_text("discs")
    body = json.loads(text)
    assert list(body) == sorted(body)
    assert body["version"] == 1
    assert body["judgements"] == {"p001": "no", "p018": "yes"}
    assert [example["id"] for example in body["positives"]] == ["p000", "p009"]
    again = shop.filters.import_text(text, CONTROL, name="again")
    assert not again.notes
    np.testing.assert_array_equal(*(shop.filters.members(name, CONTROL) for name in ("discs", "again")))
    assert shop.filters.judgements("again") == shop.filters.judgements("discs")
    assert json.loads(shop.filters.export_text("again")) == {**body, "name": "again"}


def test_a_picture_from_outside_works_without_its_file(shop: Workspace, tmp_path: Path):
    photo = tmp_path / "photo.jpg"
    draw_product("disc", "red", 3).save(photo)
    saved = shop.filters.save("mine", Query(VisualFilter((Example(file=str(photo)),))), CONTROL)
    before = shop.filters.members("mine", CONTROL)
    text = shop.filters.export_text("mine")
    photo.unlink()
    assert shop.filters.import_text(text, CONTROL, name="other").count == saved.count
    np.testing.assert_array_equal(before, shop.filters.members("other", CONTROL))
    with Workspace.open(shop.path) as fresh:
        np.testing.assert_array_equal(before, fresh.filters.members("mine", CONTROL))


def test_a_filter_of_pictures_by_another_encoder_says_so(shop: Workspace, tmp_path: Path):
    """As after an update of the program, when the catalog was encoded anew."""
    photo = tmp_path / "photo.jpg"
    draw_product("disc", "red", 3).save(photo)
    shop.filters.save("mine", Query(VisualFilter((Example(file=str(photo)),))), CONTROL)
    body = json.loads(shop.filters.export_text("mine"))
    body["encoder"] = "former"
    with pytest.raises(
        VisualSearchError, match="are pictures from outside, which another encoder read"
    ) as caught:
        shop.filters.import_text(json.dumps(body), CONTROL, name="former")
    assert "with these pictures again" in caught.value.hint
    body["positives"].append({"id": "p000"})
    found = shop.filters.import_text(json.dumps(body), CONTROL, name="former")
    assert "photo.jpg is left out" in " ".join(found.notes)


def test_examples_are_found_by_photo_where_the_id_is_another(shop: Workspace):
    shop.filters.save("discs", like(shop, "p000", "p009"), CONTROL)
    body = json.loads(shop.filters.export_text("discs"))
    body["positives"][0]["id"] = "unheard of"
    body["positives"].append({"id": "nobody", "image": "00" * 16})
    body["positives"][1]["image"] = "ff" * 16
    body["encoder"] = "another"
    found = shop.filters.import_text(json.dumps(body), CONTROL, name="x")
    notes = " ".join(found.notes)
    assert "another encoder" in notes
    assert "unheard of is p000 in this catalog" in notes
    assert "nobody is left out" in notes
    assert "photo of the example p009 is another one" in notes
    assert {e.id for e in shop.filters.get("x").positives} == {"p000", "p009"}
    body["positives"] = [{"id": "nobody", "image": "zz"}]
    with pytest.raises(VisualSearchError, match="None of the examples"):
        shop.filters.import_text(json.dumps(body), CONTROL, name="y")


def test_a_filter_finds_the_same_look_in_a_catalog_of_other_products(shop: Workspace, tmp_path: Path):
    """The file holds what its examples look like: this season's hawaiian shirts are none of the last one's."""
    photos = tmp_path / "next"
    (photos / "images").mkdir(parents=True)
    shapes = [("disc", "red"), ("disc", "blue"), ("box", "red"), ("cross", "green")]
    for n in range(40):
        draw_product(*shapes[n % 4], 500 + n).save(photos / "images" / f"q{n:02d}.jpg", quality=90)
    region = Example(item=shop.number_of("p009"), region=(0.1, 0.1, 0.8, 0.8))
    query = like(shop, "p000", narrow=0.4)
    query = replace(query, visual=replace(query.visual, positives=(*query.visual.positives, region)))
    shop.filters.save("red discs", query, CONTROL)
    text = shop.filters.export_text("red discs")
    assert "embedding" not in shop.decisions.document("filter", "red discs")["positives"][0]
    assert shop.filters.import_text(text, CONTROL, name="again").notes == ()
    whole, part = shop.filters.query("again", CONTROL).visual.positives
    assert (whole, replace(part, embedding=None)) == query.visual.positives
    document = json.loads(text)
    del document["positives"][1]["embedding"]  # as somebody wrote it by hand
    shop.filters.import_text(json.dumps(document), CONTROL, name="by hand")
    assert "embedding" not in json.loads(shop.filters.export_text("by hand"))["positives"][1]
    with Workspace.open(tmp_path / "other", create=True) as other:
        other.import_all(ImportRequest(photos), JobControl())
        found = other.filters.import_text(text, CONTROL)
        assert "p000 is not in this catalog: what it looks like is taken from the filter" in " ".join(
            found.notes
        )
        best = other.ids_of(other.filters.ranked("red discs", CONTROL)[:8].tolist())
        assert {int(Path(name).stem[1:]) % 4 for name in best} == {0}
        assert (
            json.loads(other.filters.export_text("red discs"))["positives"] == json.loads(text)["positives"]
        )


GOOD = {"format": "visualsearch filter", "version": 1, "name": "x", "positives": [{"id": "p000"}]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[1]", "no saved filter"),
        ("[" * 100_000, "nested too deeply|not JSON"),
        ({"format": "x"}, "no saved filter"),
        ({"version": 2}, "newer version"),
        ({"version": "1"}, '"version" is not a whole number'),
        ({"version": 0}, '"version" is not between'),
        ({"name": ""}, "needs a name"),
        ({"name": 3}, '"name" is not a text'),
        ({"positives": []}, "has no example"),
        ({"positives": "p000"}, '"positives" is not a list'),
        ({"positives": [3]}, '"positives.0." is not an object'),
        ({"positives": [{}]}, "neither an"),
        ({"positives": [{"embedding": {"style": "?", "colour": ""}}]}, "not base64"),
        ({"positives": [{"embedding": {"style": "AAA=", "colour": ""}}]}, "does not hold numbers"),
        ({"positives": [{"embedding": {"style": "AADAfw==", "colour": ""}}]}, "does not hold numbers"),
        (
            {"positives": [{"id": "p000", "region": {"x": 0.5, "y": 0, "w": 0.9, "h": 1}}]},
            '"positives.0..region" is no part of a photo',
        ),
        ({"positives": [{"id": "p000"}] * 1001}, "more than 1,000"),
        ({"blocks": 3}, '"blocks" is neither'),
        ({"narrow": True}, '"narrow" is not a number'),
        ({"threshold": 1e300}, "too large"),
        ({"where": [1]}, r'"where.0." is not a text'),
        ({"where": ["colour=("]}, "missing"),
        ({"where": ["visual:x"]}, "contains itself"),
        ({"choices": {"colour": "red"}}, "is not a list"),
        ({"scores": {"levels": [0, 1], "values": [2, 1]}}, "no distribution"),
        ({"scores": {"levels": [0, 1], "values": [1, 2], "items": 5, "kept": 6}}, "no distribution"),
        ({"picks": "+x"}, r'"picks" holds other signs than'),
        (
            {"positives": [{"embedding": {"style": "//9/fw==", "colour": "AACAPw=="}}]},
            "does not hold numbers",
        ),
        ({"judgements": {"p001": "maybe"}}, "neither"),
        ('{"format": "visualsearch filter", "threshold": NaN}', "NaN"),
    ],
)
def test_odd_texts_are_refused_with_a_sentence(shop: Workspace, change, message: str):
    text = change if isinstance(change, str) else json.dumps({**GOOD, **change})
    with pytest.raises(VisualSearchError, match=message):
        shop.filters.import_text(text, CONTROL)
    assert shop.filters.names() == []


def test_ids_that_no_table_can_hold_are_left_out(shop: Workspace):
    body = {**GOOD, "judgements": {"\ud800": "yes", "p001": "no"}}
    found = shop.filters.import_text(json.dumps(body), CONTROL)
    assert "1 judgement" in " ".join(found.notes)
    assert shop.filters.judgements("x") == {shop.number_of("p001"): "no"}


def test_a_picture_whose_colours_have_another_length_is_of_another_encoder(shop: Workspace, tmp_path: Path):
    """The file that is named beside it is not read instead: it came from elsewhere."""
    photo = tmp_path / "photo.jpg"
    draw_product("disc", "red", 3).save(photo)
    shop.filters.save("mine", Query(VisualFilter((Example(file=str(photo)),))), CONTROL)
    body = json.loads(shop.filters.export_text("mine"))
    body["positives"][0]["embedding"]["colour"] = "AACAPw=="
    with pytest.raises(VisualSearchError, match="which another encoder read"):
        shop.filters.import_text(json.dumps(body), CONTROL, name="other")


def test_an_imported_filter_has_no_answers_to_another_one_of_its_name(shop: Workspace):
    item = shop.number_of("p030")
    shop.filters.save("boxes", like(shop, "p001"), CONTROL)
    text = shop.filters.export_text("boxes")
    shop.filters.save("discs", like(shop, "p000"), CONTROL, answers={item: "yes"})
    same = shop.filters.export_text("discs").replace('"yes"', '"no"')
    shop.filters.judge("discs", {shop.number_of("p018"): "yes"})
    shop.filters.import_text(
        same, CONTROL, overwrite=True
    )  # the same filter: what the file does not tell stays
    assert shop.filters.judgements("discs") == {item: "no", shop.number_of("p018"): "yes"}
    shop.filters.import_text(text, CONTROL, name="discs", overwrite=True)
    assert shop.filters.judgements("discs") == {}
    shop.decisions.undo()
    assert len(shop.filters.judgements("discs")) == 2
    shop.filters.delete("discs")
    shop.filters.import_text(text, CONTROL, name="discs")
    assert shop.filters.judgements("discs") == {}


def test_a_filter_whose_conditions_hold_for_nothing_is_empty_and_says_so(shop: Workspace):
    query = like(shop, "p000", where=("colour=mauve",))
    assert shop.filters.save("mauve discs", query, CONTROL, conditions=True).count == 0
    found = shop.filters.estimate_of("mauve discs", CONTROL)
    assert (found.count, found.items, found.sentence()) == (0, 0, "Nothing is in the set.")
    assert (found.recall.low, found.recall.high) == (0.0, 1.0)
    assert len(shop.filters.next_to_judge("mauve discs", 5, 1, CONTROL)) == 0


def with_new_discs(drawn_products: Path, tmp_path: Path) -> Path:
    """The folder of the products with forty red discs more, p200 to p239."""
    more = Path(shutil.copytree(drawn_products, tmp_path / "more"))
    lines = (more / "products.csv").read_text("utf-8").splitlines()
    for number in range(200, 240):
        draw_product("disc", "red", number).save(more / "images" / f"p{number}.jpg", quality=90)
        lines.append(f"p{number},disc,red,{number},New disc")
    (more / "products.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return more


def test_what_came_since_is_new_until_it_was_seen(shop: Workspace, tmp_path: Path, drawn_products: Path):
    shop.filters.save("red discs", like(shop, "p000", "p009", "p018", narrow=0.35), CONTROL)
    before = shop.filters.members("red discs", CONTROL)
    assert len(shop.filters.new_since("red discs", CONTROL)) == 0
    assert shop.filters.drift("red discs", CONTROL).state == "ok"
    more = with_new_discs(drawn_products, tmp_path)
    shop.import_all(request(more), JobControl(), on_change=shop.refresh)
    new = ids(shop, shop.filters.new_since("red discs", CONTROL))
    assert len(new) >= 30
    assert all(int(one[1:]) >= 200 for one in new)
    state = shop.filters.state("red discs", CONTROL)
    assert (state.new, state.drift.state) == (len(new), "amber")
    assert "%" in state.drift.reason or "distance" in state.drift.reason
    after = shop.filters.members("red discs", CONTROL)[: len(before)]
    assert (before & after).sum() >= 0.8 * before.sum()
    shop.filters.mark_seen("red discs", CONTROL)
    assert shop.filters.state("red discs", CONTROL).new == 0


def test_what_an_import_had_not_prepared_yet_is_new_afterwards(
    shop: Workspace, tmp_path: Path, drawn_products: Path
):
    query = like(shop, "p000", "p009", "p018", narrow=0.35)
    shop.filters.save("seen", query, CONTROL)
    more = with_new_discs(drawn_products, tmp_path)
    with Catalog.open(shop.path) as catalog:
        import_catalog(catalog, request(more), JobControl())  # in the catalog, but not looked at yet
    shop.refresh()
    shop.filters.save("saved", query, CONTROL)
    shop.filters.mark_seen("seen", CONTROL)
    shop.import_all(request(more), JobControl(), on_change=shop.refresh)
    for name in ("seen", "saved"):
        assert len(shop.filters.new_since(name, CONTROL)) >= 30


def test_answers_make_an_estimate_of_a_guess(shop: Workspace):
    query = like(shop, "p000", "p009", "p018", narrow=0.4)
    guess = shop.filters.estimate(query, {}, CONTROL)
    assert guess.guess
    assert "guess" in guess.sentence()
    shop.filters.save("discs", query, CONTROL)
    asked = shop.filters.next_to_judge("discs", 30, 1, CONTROL)
    assert len(set(asked.tolist())) == 30
    red = {n: (n % 3 == 0 and n // 3 % 3 == 0) for n in range(90)}
    names = shop.ids_of(asked.tolist())
    answers = {int(i): "yes" if red[int(n[1:])] else "no" for i, n in zip(asked, names, strict=True)}
    shop.filters.judge("discs", answers)
    assert not set(shop.filters.next_to_judge("discs", 30, 1, CONTROL).tolist()) & set(asked.tolist())
    sure = shop.filters.estimate_of("discs", CONTROL)
    assert (sure.judged, sure.guess) == (30, False)
    assert sure.precision.high - sure.precision.low < guess.precision.high - guess.precision.low
    assert sure == shop.filters.estimate(query, answers, CONTROL)
    cut = shop.filters.cut_for("discs", 0.9, CONTROL)
    assert cut.estimate.precision.value >= 0.9 or cut.estimate.count == 1
    slider = shop.filters.slider("discs", CONTROL)
    assert slider.precision.shape == slider.recall.shape == (len(slider.counts), 3)
    assert (np.diff(slider.recall[:, 0]) >= -1e-9).all()


def test_a_histogram_counts_every_item_that_can_be_found(shop: Workspace):
    about = shop.filters.histogram(like(shop, "p000", unlike=("p001",), narrow=0.5), 20, CONTROL)
    assert about.counts.sum() == 88
    assert len(about.edges) == 21
    assert about.edges[0] <= about.negatives[0] < about.positives[0] <= about.edges[-1]
    assert about.threshold is not None
    assert shop.filters.histogram(like(shop, "p000"), 20, CONTROL).threshold is None
