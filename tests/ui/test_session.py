"""Where one was comes back, and the history has names."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt

from tests.ui.conftest import Driver
from visualsearch.filters.query import Embedding, Example, Query, Sort, VisualFilter
from visualsearch.ui import edits, texts
from visualsearch.ui.session import HistoryMenu, SessionKeeper, last_catalog, session_file
from visualsearch.ui.session_format import Place, Session

_shares = st.floats(0, 1)
_examples = st.one_of(
    st.builds(Example, item=st.integers(1, 10**6), region=st.none() | st.tuples(*[_shares] * 4)),
    st.builds(
        Example,
        file=st.text(min_size=1),
        embedding=st.none() | st.builds(Embedding, style=st.binary(max_size=9), colour=st.binary(max_size=9)),
    ),
)
_texts = st.lists(st.text(), max_size=3).map(tuple)
_queries = st.builds(
    Query,
    visual=st.builds(
        VisualFilter,
        st.lists(_examples, max_size=3).map(tuple),
        st.lists(_examples, max_size=3).map(tuple),
        _shares | st.just("auto"),
        _shares | st.sampled_from(["auto", None]),
        st.dictionaries(_examples, st.floats(0.25, 4) | st.just(0.0), max_size=2).map(
            lambda weights: tuple(weights.items())
        ),
        st.text("+-", max_size=5),
    ),
    where=_texts,
    choices=st.lists(st.tuples(st.text(), _texts), max_size=3).map(tuple),
    text=st.text(),
    text_weight=_shares,
    sort=st.builds(Sort, st.text(), st.booleans()),
)


@given(st.lists(_queries, min_size=1, max_size=3), st.text())
def test_a_session_is_read_as_it_was_written(queries: list[Query], path: str) -> None:
    answers = [(query, {7: "yes", 8: "unsure"}) for query in queries]
    place = Place(queries, len(queries) - 1, 12, 34, "tag", "colour", ("", "red"), True, True, answers)
    session = Session(path, {path: place})
    again = Session.from_text(session.to_text())
    assert again == session
    assert [query.visual.positives for query in again.places[path].queries] == [
        query.visual.positives for query in queries
    ]


def test_examples_that_an_older_version_kept_apart_as_muted_are_of_weight_0() -> None:
    liked, muted, disliked = (Example(item=number) for number in (1, 2, 3))
    visual = VisualFilter((liked,), (disliked,), weights=((muted, 2.0),), picks="+-")
    body = json.loads(Session("a", {"a": Place([Query(visual)], 0)}).to_text())
    old = body["places"]["a"]["queries"][0]["visual"]
    old["muted"] = [[{"item": 2, "file": None, "region": None}, -1]]
    (query,) = Session.from_text(json.dumps(body)).places["a"].queries
    assert query.visual == VisualFilter((liked,), (disliked, muted), weights=((muted, 0.0),), picks="+--")
    assert query.visual.counting() == VisualFilter((liked,), (disliked,), picks="+-")


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", '{"version": 2}', "[" * 100_000, '{"version": 1, "open": 3, "places": {}}'],
)
def test_a_damaged_session_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # whatever the reason
        Session.from_text(text)


@given(st.data())
def test_any_damage_is_noticed_or_harmless(data: st.DataObject) -> None:
    answered = [(edits.START, {3: "no"})]
    body = json.loads(Session("a", {"a": Place([edits.START], 0, answers=answered)}).to_text())
    place = body["places"]["a"]
    parts = [place, place["queries"][0], place["queries"][0]["visual"], place["answers"][0]]
    target = data.draw(st.sampled_from([*parts, place["answers"][0]["items"]]))
    target[data.draw(st.sampled_from(sorted(target)))] = data.draw(
        st.none() | st.integers() | st.text() | st.lists(st.integers(), max_size=2)
    )
    try:
        Session.from_text(json.dumps(body)).to_text()
    except ValueError:
        pass


def test_names_of_queries() -> None:
    query = edits.add_examples(edits.START, [Example(item=1), Example(item=2)], 1)
    query = edits.tick(query, "colour", "blue", True)
    assert texts.query_name(query) == "2 like these · blue"
    assert texts.query_name(edits.START) == "All photos"


def narrowed(driver: Driver) -> None:
    controller = driver.window.controller
    controller.edit(lambda query: edits.tick(query, "colour", "blue", True))
    driver.settle()
    controller.edit(lambda query: edits.set_text(query, "disc"))
    driver.idle()


def test_the_history_leads_anywhere(driver: Driver) -> None:
    narrowed(driver)
    driver.key(Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    history = driver.window.findChild(HistoryMenu)
    assert history is not None
    menu = history.menu
    assert [action.text() for action in menu.actions()] == ["blue · “disc”", "blue", "All photos"]
    assert menu.actions()[0].isChecked()
    menu.actions()[2].trigger()
    menu.close()
    assert driver.total == 90
    assert driver.window.controller.can_forward
    assert "blue" in driver.window.actions_["forward"].toolTip()


def test_where_one_was_comes_back_after_a_crash(
    make_window: Callable[..., Driver], driver: Driver, catalog: Path
) -> None:
    narrowed(driver)
    driver.window.area.gallery.set_current_row(3)
    current = driver.window.area.gallery.current_item()
    driver.until(lambda: session_file().exists() and "disc" in session_file().read_text())
    driver.until(lambda: f'"item": {current}' in session_file().read_text())
    kept = session_file().read_text()
    driver.window.close()  # writes, too: what a crash leaves behind is put back
    session_file().write_text(kept)
    assert last_catalog() == catalog.resolve()

    again = make_window()
    again.window.catalogs.open(catalog)
    again.until(lambda: again.window.controller.query.text == "disc")
    again.until(lambda: again.window.area.gallery.current_item() == current)
    assert again.window.bar.text.text() == "disc"
    assert again.window.controller.can_back
    again.window.controller.back()
    assert again.total == 30


def test_groups_come_back_with_what_was_folded(
    make_window: Callable[..., Driver], driver: Driver, catalog: Path
) -> None:
    grouping = driver.window.grouping
    grouping.group_by("colour")
    driver.until(lambda: driver.window.area.model.sections is not None)
    folded = driver.window.area.model.sections.names[0]
    driver.window.area.gallery.fold_wanted.emit(folded, True)
    driver.until(lambda: bool(driver.window.area.model.sections.folded[0]))
    driver.window.close()

    again = make_window()
    again.window.catalogs.open(catalog)
    again.until(lambda: again.window.area.model.sections is not None)
    assert again.window.grouping.choice.currentData() == "colour"
    assert again.window.area.model.sections.folded.tolist()[:2] == [True, False]


def test_leaving_a_catalog_is_remembered_too(driver: Driver, catalog: Path) -> None:
    driver.window.leave_catalog()
    driver.window.close()
    assert last_catalog() is None


def test_a_damaged_file_is_told_of_and_forgotten(make_window: Callable[..., Driver], catalog: Path) -> None:
    session_file().parent.mkdir(parents=True)
    session_file().write_text('{"version": 1, "open": ')
    driver = make_window()
    assert "could not be read" in driver.window.banner.message.text()
    driver.window.catalogs.open(catalog)
    driver.until(lambda: driver.window.controller.results is not None)
    assert driver.total == 90


def test_who_drives_the_window_starts_afresh(driver: Driver) -> None:
    from visualsearch.settings import Settings
    from visualsearch.ui.main_window import MainWindow

    driven = MainWindow(Settings())
    driven.keeps_place = False
    driven.features.install_all()
    assert driven.findChild(SessionKeeper) is None
    driven.close()


def test_that_where_one_is_cannot_be_kept_is_said_once_with_where_and_what_to_do(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = os.environ["VISUALSEARCH_HOME"]
    (tmp_path / "file").touch()
    monkeypatch.setenv("VISUALSEARCH_HOME", str(tmp_path / "file"))
    keeper, banner = driver.window.findChild(SessionKeeper), driver.window.banner
    assert keeper is not None
    keeper.save()
    driver.idle()
    assert f"cannot be kept in {tmp_path / 'file' / 'config'}: Not a directory." in banner.message.text()
    assert "Free some space there" in banner.message.text()
    banner.hide()
    keeper.save()
    driver.idle()
    assert banner.isHidden()  # the same again
    monkeypatch.setenv("VISUALSEARCH_HOME", home)
    keeper.save()
    driver.idle()
    monkeypatch.setenv("VISUALSEARCH_HOME", str(tmp_path / "file"))
    keeper.save()
    driver.idle()
    assert not banner.isHidden()
    monkeypatch.setenv("VISUALSEARCH_HOME", home)
