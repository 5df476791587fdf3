"""The model: O(1) resets, placeholders, ids from a worker."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtTest import QAbstractItemModelTester

from visualsearch.ui.gallery import ITEMS_MIME, GalleryModel, items_of

ID, ITEM, SCORE, SIGN = (
    GalleryModel.IdRole,
    GalleryModel.ItemRole,
    GalleryModel.ScoreRole,
    GalleryModel.SignRole,
)
TEXT = Qt.ItemDataRole.AccessibleTextRole


@pytest.fixture
def model():
    model = GalleryModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    yield model
    model.close()


def numbers(*items: int) -> np.ndarray:
    return np.array(items, np.int32)


def test_rows_items_scores_and_placeholders(model: GalleryModel) -> None:
    model.set_results(numbers(7, 3), 4, np.array([0.9, 0.25], np.float32))
    assert model.rowCount() == 4
    assert [model.item_at(row) for row in (-1, 0, 1, 2, 9)] == [None, 7, 3, None, None]
    assert (model.row_of(3), model.row_of(7), model.row_of(4), model.row_of(10**9)) == (1, 0, None, None)
    assert model.index(0).data(SCORE) == pytest.approx(0.9)
    assert model.index(3).isValid()
    assert [model.index(3).data(role) for role in (ITEM, SCORE, SIGN, ID)] == [None] * 4
    assert not model.index(4).isValid()


def test_a_longer_answer_fills_the_placeholders(model: GalleryModel, qtbot) -> None:
    model.set_results(numbers(7), 3, token="q")
    with qtbot.waitSignal(model.modelReset):
        model.set_results(numbers(7, 5, 2), 3, token="q")
    assert model.same_query
    assert model.row_of(2) == 2
    model.set_results(numbers(), 0, token="other")
    assert not model.same_query
    assert model.rowCount() == 0
    assert model.row_of(7) is None


def test_a_result_without_a_token_continues_nothing(model: GalleryModel) -> None:
    model.set_results(numbers(1))
    model.set_results(numbers(1))
    assert not model.same_query


def test_scores_have_to_match(model: GalleryModel) -> None:
    with pytest.raises(ValueError, match="1 scores for 2 items"):
        model.set_results(numbers(1, 2), 2, np.zeros(1, np.float32))


def test_signs_are_told_with_one_signal(model: GalleryModel, qtbot) -> None:
    model.set_results(np.arange(1, 1001, dtype=np.int32))
    told: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last, roles: told.append((first.row(), last.row())))
    model.set_signs({2: 1, 3: -1, 4: 0})
    assert told == [(0, 999)]
    assert [model.index(row).data(SIGN) for row in range(4)] == [0, 1, -1, 0]


def test_ids_come_in_batches_from_a_worker_never_from_data(model: GalleryModel, qtbot) -> None:
    calls: list[tuple[list[int], str]] = []

    def fetch(items: list[int]) -> list[str]:
        calls.append((items, threading.current_thread().name))
        return [f"SKU-{item}" for item in items]

    model.set_id_source(fetch)
    model.set_results(numbers(5, 6, 7), scores=np.array([0.5, 0.25, np.nan], np.float32))
    assert [model.index(row).data(ID) for row in range(3)] == ["", "", ""]
    assert model.index(0).data(TEXT) == "Item 5, score 0.50"
    qtbot.waitUntil(lambda: model.index(0).data(ID) == "SKU-5")
    assert [model.index(row).data() for row in range(3)] == ["SKU-5", "SKU-6", "SKU-7"]
    assert len(calls) == 1
    assert sorted(calls[0][0]) == [5, 6, 7]
    assert calls[0][1] != threading.main_thread().name
    model.set_signs({5: 1, 7: -1})
    assert model.index(0).data(TEXT) == "SKU-5, positive example, score 0.50"
    assert model.index(2).data(TEXT) == "SKU-7, negative example"


def test_a_failing_source_is_told_and_asked_again_later(model: GalleryModel, qtbot) -> None:
    answers = iter([OSError("disk gone"), ["A"]])

    def fetch(_items: list[int]) -> list[str]:
        answer = next(answers)
        if isinstance(answer, OSError):
            raise answer
        return answer

    model.set_id_source(fetch)
    model.set_results(numbers(1))
    with qtbot.waitSignal(model.failed) as told:
        model.index(0).data(ID)
    assert str(told.args[0]) == "disk gone"
    model.index(0).data(ID)
    qtbot.waitUntil(lambda: model.index(0).data(ID) == "A")


def test_another_source_forgets_the_ids_of_the_old_one(model: GalleryModel, qtbot) -> None:
    model.set_id_source(lambda items: ["old"] * len(items))
    model.set_results(numbers(1))
    model.index(0).data(ID)
    qtbot.waitUntil(lambda: model.index(0).data(ID) == "old")
    model.set_id_source(lambda items: ["new"] * len(items))
    assert model.index(0).data(ID) == ""
    qtbot.waitUntil(lambda: model.index(0).data(ID) == "new")


def test_dragged_items_come_back_and_nonsense_does_not(model: GalleryModel) -> None:
    model.set_results(numbers(4, 9), 3)
    assert items_of(model.mimeData([model.index(1), model.index(0), model.index(2)])) == [9, 4]
    for text in (b"", b"{", b'{"a": 1}', b'[1.5, "2", true, -3, 8]', b"\xff"):
        data = QMimeData()
        data.setData(ITEMS_MIME, text)
        assert items_of(data) == ([8] if b"8" in text else [])
