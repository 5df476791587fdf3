"""Estimates as people run them: begun, answered, undone, repeated, and after a clean-up."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from visualsearch.attributes.estimate import Estimates
from visualsearch.attributes.sampling import FIRST
from visualsearch.catalog.decisions import BulkValues, Decisions, ValueChange
from visualsearch.catalog.snapshot import load_snapshot
from visualsearch.catalog.store import Catalog
from visualsearch.errors import UsageError
from visualsearch.filters.engine import Engine
from visualsearch.jobs import JobControl

ITEMS = 1200
WRONG = set(range(1, ITEMS + 1, 11))  # 110 items, 9.2 %


def no_pictures(file: str) -> tuple[np.ndarray, np.ndarray]:
    raise AssertionError(file)


class Shop:
    """A catalog of 1,200 items with a colour, some of them wrong, and suspicion that knows."""

    def __init__(self, folder: Path) -> None:
        self.catalog = Catalog.open(folder, create=True)
        with self.catalog.write() as connection:
            connection.executemany(
                "INSERT INTO item(number, id) VALUES (?, ?)", [(n, f"p{n:04}") for n in range(1, ITEMS + 1)]
            )
            connection.execute("INSERT INTO attribute VALUES (1, 'colour', 'category', '', 1)")
            connection.execute("INSERT INTO attribute VALUES (2, 'note', 'text', '', 2)")
            connection.executemany(
                "INSERT INTO category_value VALUES (?, 1, ?)", [(1, "red"), (2, "blue"), (3, "green")]
            )
            values = [(1, n, n % 3 + 1) for n in range(1, ITEMS + 1)]
            connection.executemany("INSERT INTO item_value VALUES (?, ?, ?)", values)
        self.decisions = Decisions(self.catalog)
        self.estimates = Estimates(self.catalog, self.use, self.decisions, self.suspicion)

    def use(self, work, control):
        return work(Engine(self.catalog, load_snapshot(self.catalog), None, no_pictures))

    @staticmethod
    def suspicion(attribute: str, control: JobControl) -> np.ndarray:
        random = np.random.default_rng(3)
        scores = random.normal(size=ITEMS + 1)
        scores[list(WRONG)] += 3
        return scores

    def judge(self, name: str, count: int) -> None:
        """Answer the next items truly."""
        for item in self.estimates.next_items(name, count):
            self.estimates.answer(name, [item], "wrong" if item in WRONG else "right")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path / "shop")
    yield made
    made.catalog.close()


@pytest.mark.parametrize("method", ["plain", "stratified", "difference"])
def test_an_estimate_ends_at_the_width_and_holds_the_truth(shop: Shop, method):
    plan = shop.estimates.start("audit", "colour", JobControl(), half_width=0.05, seed=4, method=method)
    assert plan.population == ITEMS
    before = shop.estimates.running("audit").needed
    for _ in range(60):
        if not shop.estimates.next_items("audit", 1):
            break
        shop.judge("audit", 10)
    running = shop.estimates.running("audit")
    assert running.reached
    assert running.needed == 0
    assert running.interval.half_width <= 0.05
    assert running.interval.low <= len(WRONG) / ITEMS <= running.interval.high
    assert running.errors[1] <= len(WRONG) <= running.errors[2]
    assert before / 3 <= running.interval.judged <= before * 3


def test_stratifying_asks_more_often_where_errors_are_likelier(shop: Shop):
    shop.estimates.start("audit", "colour", JobControl(), half_width=0.02, method="stratified")
    for _ in range(20):
        shop.judge("audit", 10)
    judged = set(shop.estimates.answers(shop.estimates.plan("audit")))
    assert len(judged & WRONG) > 2 * len(judged) * len(WRONG) / ITEMS


def test_the_same_seed_asks_the_same(shop: Shop):
    one = shop.estimates.start("one", "colour", JobControl(), seed=7, method="stratified")
    other = shop.estimates.start("other", "colour", JobControl(), seed=7, method="stratified")
    third = shop.estimates.start("third", "colour", JobControl(), seed=8, method="stratified")
    assert one.items == other.items != third.items
    assert shop.estimates.next_items("one", 20) == shop.estimates.next_items("other", 20)


def test_a_plan_lives_in_the_catalog(shop: Shop):
    plan = shop.estimates.start("audit", "colour", JobControl(), method="difference")
    again = Estimates(shop.catalog, shop.use, Decisions(shop.catalog), shop.suspicion)
    assert again.names() == ["audit"]
    assert again.plan("audit") == plan


def test_next_goes_on_after_the_answers_and_skips_what_is_unsure(shop: Shop):
    shop.estimates.start("audit", "colour", JobControl())
    first = shop.estimates.next_items("audit", 5)
    shop.estimates.answer("audit", first[:2], "unsure")
    assert shop.estimates.next_items("audit", 3) == first[2:]
    running = shop.estimates.running("audit")
    assert running.interval.judged == 0
    assert running.unsure == 2


def test_unsure_answers_widen_what_is_said_of_them(shop: Shop):
    shop.estimates.start("audit", "colour", JobControl())
    shop.judge("audit", 60)
    shop.estimates.answer("audit", shop.estimates.next_items("audit", 5), "unsure")
    running = shop.estimates.running("audit")
    low, high = running.with_unsure
    assert low < running.interval.low
    assert high > running.interval.high


def test_answers_are_undone_and_taken_back(shop: Shop):
    shop.estimates.start("audit", "colour", JobControl())
    item = shop.estimates.next_items("audit", 1)
    shop.estimates.answer("audit", item, "wrong")
    assert shop.estimates.running("audit").wrong == 1
    shop.decisions.undo()
    assert shop.estimates.running("audit").wrong == 0
    assert shop.estimates.next_items("audit", 1) == item
    shop.estimates.answer("audit", item, "wrong")
    shop.estimates.answer("audit", item, None)
    assert shop.estimates.running("audit").interval.judged == 0


def test_a_choice_of_ones_own_is_refused(shop: Shop):
    plan = shop.estimates.start("audit", "colour", JobControl(), half_width=0.04)
    late = plan.items[0][-1]
    with pytest.raises(UsageError, match="did not ask"):
        shop.estimates.answer("audit", [late], "wrong")


def test_what_is_left_after_a_clean_up(shop: Shop):
    shop.estimates.start("audit", "colour", JobControl(), half_width=0.04)
    shop.judge("audit", 400)
    before = shop.estimates.left("audit")
    assert before.corrected == 0
    assert (before.expected, before.low, before.high) == shop.estimates.running("audit").errors
    mended = np.array(sorted(WRONG)[:60], np.int32)
    shop.decisions.apply("set", "mend", values=BulkValues(mended, "colour", "set", ("black",)))
    after = shop.estimates.left("audit")
    assert after.corrected == 60
    assert after.expected == before.expected - 60
    assert after.low <= len(WRONG) - 60 <= after.high
    shop.decisions.undo()
    assert shop.estimates.left("audit") == before


def test_wrong_items_that_nobody_mended_are_never_forgotten(shop: Shop):
    shop.estimates.start("audit", "colour", JobControl(), half_width=0.04)
    shop.judge("audit", 400)
    answers = shop.estimates.answers(shop.estimates.plan("audit"))
    known = sum(answer == "wrong" for answer in answers.values())
    others = np.setdiff1d(
        np.arange(1, ITEMS + 1), [item for item, said in answers.items() if said == "wrong"]
    )
    shop.decisions.apply("set", "all others", values=BulkValues(others, "colour", "set", ("black",)))
    left = shop.estimates.left("audit")
    assert left.expected == left.low == left.high == known


def test_filling_in_and_renaming_correct_nothing(shop: Shop):
    shop.decisions.apply("clear", "", values=[ValueChange(5, "colour", ())])
    shop.estimates.start("audit", "colour", JobControl())
    assert shop.estimates.plan("audit").population == ITEMS - 1
    shop.decisions.apply("set", "", values=[ValueChange(5, "colour", ("red",))])
    shop.decisions.apply("rename", "", values=[ValueChange(6, "colour", ("scarlet",))])
    assert shop.estimates.left("audit").corrected == 0


def test_all_attributes_together(shop: Shop):
    shop.decisions.apply("set", "", values=[ValueChange(9, "note", ("fine",))])
    plan = shop.estimates.start("catalog", "", JobControl())
    assert plan.population == ITEMS
    shop.judge("catalog", 30)
    assert shop.decisions.subjects("estimate:") == ["estimate:catalog:"]
    shop.decisions.apply(
        "set", "", values=[ValueChange(9, "note", ("better",)), ValueChange(9, "colour", ("red",))]
    )
    assert shop.estimates.left("catalog").corrected == 1


def test_every_item_of_a_small_catalog_can_be_judged(shop: Shop):
    gone = list(range(21, ITEMS + 1))
    with shop.catalog.write() as connection:
        connection.executemany("UPDATE item SET gone = 1 WHERE number = ?", [(n,) for n in gone])
    shop.estimates.start("audit", "colour", JobControl(), half_width=0.01, method="stratified")
    shop.judge("audit", 100)
    running = shop.estimates.running("audit")
    assert running.exhausted
    assert running.reached
    assert running.interval.low == running.interval.high == len(WRONG & set(range(1, 21))) / 20


def test_deleting_takes_the_answers_too_and_undo_brings_them_back(shop: Shop):
    shop.estimates.start("audit", "colour", JobControl())
    shop.judge("audit", 5)
    shop.estimates.delete("audit")
    assert shop.estimates.names() == []
    assert shop.decisions.subjects("estimate:") == []
    shop.decisions.undo()
    assert shop.estimates.running("audit").interval.judged == 5


@pytest.mark.parametrize(
    ("name", "attribute", "options"),
    [
        ("", "colour", {}),
        ("a:b", "colour", {}),
        ("a", "weight", {}),
        ("a", "note", {}),
        ("a", "colour", {"half_width": 0.0}),
        ("a", "colour", {"confidence": 1.0}),
        ("a", "colour", {"confidence": 95}),
        ("a", "colour", {"method": "guess"}),
    ],
)
def test_what_has_no_meaning_is_refused(shop: Shop, name, attribute, options):
    with pytest.raises(UsageError):
        shop.estimates.start(name, attribute, JobControl(), **options)
    assert shop.estimates.names() == []


def test_a_name_is_used_once(shop: Shop):
    shop.estimates.start("audit", "colour", JobControl())
    with pytest.raises(UsageError, match="already"):
        shop.estimates.start("audit", "colour", JobControl())
    with pytest.raises(UsageError, match="no estimate"):
        shop.estimates.running("another")


def test_on_the_command_line(shop: Shop, run: Callable[..., tuple[int, str, str]]):
    path = shop.catalog.path
    code, out, _ = run(
        "estimate", path, "colour", "--half-width", "0.05", "--seed", "3", "--next", "4", "--json"
    )
    first = json.loads(out)
    assert code == 0
    assert len(first["next"]) == 4
    assert first["needed"] > 0
    one, two, three, four = first["next"]
    arguments = ["--right", one, "--right", two, "--wrong", three, "--unsure", four, "--json"]
    code, out, _ = run("estimate", path, "colour", *arguments)
    second = json.loads(out)
    assert (second["judged"], second["wrong"], second["unsure"]) == (3, 1, 1)
    assert not set(second["next"]) & set(first["next"])
    code, out, _ = run("estimate", path, "colour", "--take-back", three, "--json")
    assert json.loads(out)["wrong"] == 0
    code, out, _ = run("estimate", path, "--list")
    assert code == 0
    assert "colour" in out
    code, out, _ = run("estimate", path, "--show", "--name", "colour")
    assert "Judge next" in out
    assert run("estimate", path, "--show", "--name", "other")[0] == 1
    assert run("estimate", path, "colour", "--right", "nobody")[0] == 1
    assert run("estimate", path, "note", "--name", "colour")[0] == 2
    assert run("estimate", path, "colour", "--name", "x", "--stratified", "--difference")[0] == 2


def test_what_it_takes_is_said_before(shop: Shop):
    outlook = shop.estimates.outlook("colour", 0.03, 0.95, JobControl())
    assert outlook.population == ITEMS
    assert FIRST <= outlook.usual < outlook.most <= ITEMS
    assert shop.estimates.outlook("colour", 0.4, 0.95, JobControl()).usual == FIRST
    with pytest.raises(UsageError):
        shop.estimates.outlook("colour", 0.9, 0.95, JobControl())


def test_unsure_answers_leave_others_to_ask(shop: Shop):
    shop.estimates.start("rough", "colour", JobControl(), half_width=0.2)
    shop.estimates.answer("rough", shop.estimates.next_items("rough", 1), "unsure")
    shop.judge("rough", 30)
    assert shop.estimates.running("rough").reached


def test_a_wrong_value_is_mended_with_its_answer(shop: Shop):
    plan = shop.estimates.start("mend", "colour", JobControl())
    (item,) = shop.estimates.next_items("mend", 1)
    shop.estimates.answer("mend", [item], "wrong", values=("black",))
    change = shop.decisions.history(limit=1)[0]
    assert {one.item for one in shop.decisions.changes(change.number, 10)} == {item}
    assert shop.estimates.left("mend").corrected == 1
    shop.decisions.undo()
    assert shop.estimates.answers(plan) == {}
    assert shop.estimates.left("mend").corrected == 0
    shop.estimates.start("all", "", JobControl())
    with pytest.raises(UsageError):
        shop.estimates.answer("all", shop.estimates.next_items("all", 1), "wrong", values=("black",))
