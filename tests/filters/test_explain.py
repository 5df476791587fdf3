"""Why an item is found: real photos through the real encoder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from visualsearch.catalog.store import Catalog
from visualsearch.errors import VisualSearchError
from visualsearch.filters.explain import HeatMap, veil
from visualsearch.filters.query import Example, Query, Results, VisualFilter
from visualsearch.jobs import JobControl
from visualsearch.workspace import Workspace


@pytest.fixture
def workspace(imported_products: Path) -> Iterator[Workspace]:
    with Workspace.open(imported_products) as workspace:
        yield workspace


def number(workspace: Workspace, item_id: str) -> int:
    found = workspace.number_of(item_id)
    assert found is not None
    return found


def example(workspace: Workspace, item_id: str, region=None) -> Example:
    return Example(item=number(workspace, item_id), region=region)


def ask(workspace: Workspace, query: Query) -> Results:
    answers: list[Results] = []
    workspace.search(query, answers.append, JobControl())
    return answers[-1]


RED_DISCS_NOT_BLUE = (("p000", "p009"), ("p003",))


def filter_of(workspace: Workspace, **rest) -> VisualFilter:
    liked, unliked = ([example(workspace, name) for name in names] for names in RED_DISCS_NOT_BLUE)
    return VisualFilter(tuple(liked), tuple(unliked), **rest)


@pytest.mark.parametrize("blocks", ["auto", 0.0, 0.4, 1.0])
def test_the_parts_of_the_heat_map_are_the_score(workspace: Workspace, blocks) -> None:
    visual = filter_of(workspace, blocks=blocks)
    for item_id in ("p018", "p004", "p050"):
        item = number(workspace, item_id)
        heat, photo = workspace.heat_map(visual, item, JobControl())
        found = workspace.explain(Query(visual), item, JobControl())
        assert photo == 0
        assert heat.total == pytest.approx(found.score, abs=1e-5)
        assert heat.cells.sum() == pytest.approx(found.score, abs=1e-5)
        assert sum(found.blocks.values()) == pytest.approx(found.score, abs=1e-9)
        assert heat.colour.sum() == pytest.approx(found.blocks["colour"], abs=1e-5)


def test_what_speaks_for_an_item_is_where_the_product_is(workspace: Workspace) -> None:
    """The drawn disc is in the middle; the paper around it says little."""
    heat, _ = workspace.heat_map(filter_of(workspace, blocks=1.0), number(workspace, "p018"), JobControl())
    height, width = heat.colour.shape
    middle = heat.colour[height // 3 : -height // 3, width // 4 : -width // 4]
    assert middle.sum() > 0.7 * heat.colour.sum()


def test_each_example_tells_what_would_be_without_it(workspace: Workspace) -> None:
    query = Query(filter_of(workspace, narrow=0.4))
    item = int(ask(workspace, query).items[2])
    found = workspace.explain(query, item, JobControl())
    assert found.place == 3
    assert [one.sign for one in found.counterfactuals] == [1, 1, -1]
    own = [one.example.item for one in found.counterfactuals]
    now = set(ask(workspace, query).items.tolist()) - set(own)
    for one in found.counterfactuals:
        rest = VisualFilter(
            tuple(e for e in query.visual.positives if e != one.example),
            tuple(e for e in query.visual.negatives if e != one.example),
            narrow=0.4,
        )
        order = ask(workspace, Query(rest)).items.tolist()
        others = set(order) - set(own)
        assert one.gained == len(others - now)
        assert one.lost == len(now - others)
        assert one.place == (order.index(item) + 1 if item in order else None)


def test_without_an_example_of_a_saved_filter_the_tags_of_the_others_are_asked(workspace: Workspace) -> None:
    """As when it is removed in the window: that colours differ was true of all of them only."""
    names = ("p000", "p009", "p003")  # two red discs and a blue one
    liked = tuple(example(workspace, name) for name in names)
    query = Query(VisualFilter(liked, narrow=0.3, colours_differ=1.0))
    item = number(workspace, "p018")
    found = workspace.explain(query, item, JobControl())
    rest = ask(workspace, Query(VisualFilter(liked[:2], narrow=0.3))).items.tolist()
    before = set(ask(workspace, query).items.tolist())
    assert found.counterfactuals[2].gained == len(set(rest) - before - {one.item for one in liked})
    assert found.counterfactuals[2].place == rest.index(item) + 1


def test_the_score_and_what_neighbours_do_to_it_are_the_score_of_the_results(workspace: Workspace) -> None:
    query = Query(filter_of(workspace))
    answer = ask(workspace, query)
    assert answer.scores is not None
    moved = 0.0
    for place in (0, 1, 5, len(answer.items) - 1):
        found = workspace.explain(query, int(answer.items[place]), JobControl())
        assert found.score + found.neighbours == pytest.approx(float(answer.scores[place]), abs=1e-5)
        moved = max(moved, abs(found.neighbours))
    assert moved > 0.001


def test_the_nearest_example_is_named(workspace: Workspace) -> None:
    visual = VisualFilter(
        (example(workspace, "p000"), example(workspace, "p001")), (example(workspace, "p002"),)
    )
    disc = workspace.explain(Query(visual), number(workspace, "p009"), JobControl())
    box = workspace.explain(Query(visual), number(workspace, "p010"), JobControl())
    assert disc.nearest_positive is not None
    assert box.nearest_positive is not None
    assert (disc.nearest_positive.example, box.nearest_positive.example) == visual.positives
    assert disc.nearest_negative is not None
    assert disc.nearest_negative.example == visual.negatives[0]


def test_a_region_of_an_example_is_what_counts(workspace: Workspace, tmp_path: Path) -> None:
    """A photo of a red disc beside a blue cross: the box decides which of the two is looked for."""
    both = Image.new("RGB", (300, 150), (245, 245, 242))
    for name, left in (("p018", 0), ("p014", 150)):
        with Image.open(workspace.image_paths([number(workspace, name)])[number(workspace, name)]) as product:
            both.paste(product.resize((112, 150)), (left + 19, 0))
    file = tmp_path / "both.png"
    both.save(file)

    def colours(region) -> list[str]:
        query = Query(VisualFilter((Example(file=str(file), region=region),), blocks=1.0))
        found = workspace.ids_of(ask(workspace, query).items[:5].tolist())
        return [("red", "blue", "green")[int(name[1:]) // 3 % 3] for name in found]

    assert colours((0.0, 0.0, 0.5, 1.0)) == ["red"] * 5
    assert colours((0.5, 0.0, 0.5, 1.0)) == ["blue"] * 5


def test_a_box_over_all_of_a_photo_is_the_photo(workspace: Workspace) -> None:
    whole, boxed = (
        ask(workspace, Query(VisualFilter((example(workspace, "p030", region),))))
        for region in (None, (0.0, 0.0, 1.0, 1.0))
    )
    # The network also sees padding beside the photo, which no box covers: alike, not the same.
    assert len(set(whole.items[:10].tolist()) & set(boxed.items[:10].tolist())) >= 7


def test_what_cannot_be_explained_says_why(workspace: Workspace) -> None:
    with pytest.raises(VisualSearchError, match="no example"):
        workspace.explain(Query(), 1, JobControl())
    with pytest.raises(VisualSearchError, match="embedded"):
        workspace.explain(Query(filter_of(workspace)), 9_999, JobControl())


def test_a_photo_that_changed_since_is_not_explained_with_the_new_one(
    drawn_products: Path, imported_products: Path, tmp_path: Path
) -> None:
    photos = Path(shutil.copytree(drawn_products, tmp_path / "photos"))
    catalog = Path(shutil.copytree(imported_products, tmp_path / "catalog"))
    with Catalog.open(catalog) as opened:
        opened.image_root = photos
    shutil.copy(photos / "images" / "p005.jpg", photos / "images" / "p018.jpg")
    with Workspace.open(catalog) as workspace, pytest.raises(VisualSearchError, match="has changed"):
        workspace.heat_map(filter_of(workspace), number(workspace, "p018"), JobControl())


def test_the_veil_is_red_for_and_blue_against() -> None:
    heat = HeatMap(np.array([[1.0, -1.0]]), np.zeros((4, 4)), (0.0, 0.0, 1.0, 1.0))
    shown = veil(heat, 40, 20)
    assert shown.shape == (20, 40, 4)
    assert shown[10, 0, 0] > shown[10, 0, 2]
    assert shown[10, 39, 2] > shown[10, 39, 0]
    assert shown[10, 19, 3] < 20 < shown[10, 0, 3]


def test_the_command_explains_and_draws(run, imported_products: Path, tmp_path: Path) -> None:
    like = ("--like", "p000", "--like", "p009@0.1,0.1,0.8,0.8", "--unlike", "p003")
    file = tmp_path / "why.png"
    code, out, err = run("explain", imported_products, "p018", *like, "--map", file, "--json")
    assert code == 0, err
    values = json.loads(out)
    assert values["score"] == pytest.approx(sum(values["blocks"].values()), abs=1e-5)
    assert np.sum(values["map"]["cells"]) == pytest.approx(values["score"], abs=1e-5)
    code, out, err = run("search", imported_products, *like, "--limit", "100", "--json")
    (shown,) = [row["score"] for row in json.loads(out)["results"] if row["id"] == "p018"]
    assert values["score"] + values["neighbours"] == pytest.approx(shown, abs=1e-5)
    assert [one["example"] for one in values["without"]] == ["p000", "p009@0.1,0.1,0.8,0.8", "p003"]
    with Image.open(file) as picture:
        assert picture.size == (120, 160)
    code, out, _ = run("explain", imported_products, "p018", *like)
    assert code == 0
    assert "Without the negative p003" in out


def test_without_its_photo_all_but_where_is_told(
    run, drawn_products: Path, imported_products: Path, tmp_path: Path
) -> None:
    photos = Path(shutil.copytree(drawn_products, tmp_path / "photos"))
    catalog = Path(shutil.copytree(imported_products, tmp_path / "catalog"))
    with Catalog.open(catalog) as opened:
        opened.image_root = photos
    (photos / "images" / "p018.jpg").unlink()
    like = ("--like", "p000", "--like", "p009")
    code, out, err = run("explain", catalog, "p018", *like, "--json")
    values = json.loads(out)
    assert (code, values["map"]) == (0, None)
    assert values["nearest"]["positive"]["example"] in ("p000", "p009")
    assert "p018.jpg" in err
    code, out, _ = run("explain", catalog, "p018", *like)
    assert code == 0
    assert "In the photo" not in out
    code, _, err = run("explain", catalog, "p018", *like, "--map", tmp_path / "why.png")
    assert code != 0
    assert "p018.jpg" in err


@pytest.mark.parametrize("region", ["0.5,0,0.6,1", "0,0,0,1", "a,b,c,d", "0,0,1", "-0.1,0,1,1"])
def test_a_region_that_is_none_is_refused(run, imported_products: Path, region: str) -> None:
    code, _, err = run("search", imported_products, "--like", f"p000@{region}")
    assert code == 2
    assert "no region" in err
