"""The arithmetic of tiles has laws; they hold for every size."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from visualsearch.catalog.arranging import Sections
from visualsearch.ui.gallery.groups import GroupedGrid
from visualsearch.ui.gallery.layout import Grid

grids = st.builds(
    Grid,
    total=st.integers(1, 400),
    width=st.integers(40, 2000),
    height=st.integers(40, 1500),
    nominal=st.integers(48, 512),
    caption=st.integers(0, 40),
    gap=st.just(12),
    mirrored=st.booleans(),
)


@given(grids, st.data())
def test_every_point_of_a_tile_leads_back_to_its_row(grid: Grid, data) -> None:
    row = data.draw(st.integers(0, grid.total - 1))
    left, top, width, height = grid.rect(row)
    for x in (left, left + width - 1):
        for y in (top, top + height - 1):
            assert grid.row_at(x, y) == row
    assert grid.row_at(left, top - 1) == -1
    assert grid.row_at(left, top + height) == -1


@given(grids)
def test_tiles_stay_apart_and_inside(grid: Grid) -> None:
    lefts = sorted(grid.rect(row)[0] for row in range(min(grid.columns, grid.total)))
    assert all(right - left >= grid.tile + grid.gap for left, right in pairwise(lefts))
    if grid.width >= grid.nominal + 2 * grid.gap:
        assert lefts[0] >= grid.gap
        assert lefts[-1] + grid.tile <= grid.width - grid.gap
        assert grid.nominal <= grid.tile <= 1.3 * grid.nominal


@given(grids, st.integers(0, 10**6))
def test_visible_rows_are_just_those_that_show(grid: Grid, y: int) -> None:
    y = min(y, grid.max_y)
    shown = [
        row
        for row in range(grid.total)
        if grid.rect(row)[1] < y + grid.height and grid.rect(row)[1] + grid.rect(row)[3] > y
    ]
    visible = grid.visible(y)
    assert set(shown) <= set(visible)
    assert len(visible) <= len(shown) + 2 * grid.columns  # the gaps' lines at most


@given(grids)
def test_the_last_row_can_be_scrolled_into_sight(grid: Grid) -> None:
    _, top, _, height = grid.rect(grid.total - 1)
    assert top + height <= grid.max_y + grid.height
    assert grid.total - 1 in grid.visible(grid.max_y)


@given(grids, st.integers(-50, 2100), st.integers(-50, 3000), st.integers(0, 1500), st.integers(0, 2000))
def test_rows_between_are_the_tiles_that_a_rectangle_touches(
    grid: Grid, x: int, y: int, w: int, h: int
) -> None:
    touched = []
    for row in range(grid.total):
        left, top, width, height = grid.rect(row)
        if left <= x + w and left + width > x and top <= y + h and top + height > y:
            touched.append(row)
    assert grid.rows_between(x, y, x + w, y + h).tolist() == touched


def test_right_to_left_is_the_mirror_image() -> None:
    usual = Grid(total=10, width=700, height=500, nominal=160)
    mirrored = Grid(total=10, width=700, height=500, nominal=160, mirrored=True)
    for row in range(10):
        left, top, width, height = usual.rect(row)
        assert mirrored.rect(row) == (700 - left - width, top, width, height)


def test_sixteen_million_rows_are_exact() -> None:
    grid = Grid(total=1 << 24, width=600, height=500, nominal=512)
    assert grid.columns == 1
    assert grid.content_height > 1 << 32
    assert grid.row_at(grid.rect(grid.total - 1)[0], grid.max_y + 400) == grid.total - 1


# --- groups --------------------------------------------------------------------------------------------------


@st.composite
def grouped_grids(draw) -> GroupedGrid:
    counts = np.array(draw(st.lists(st.integers(1, 60), max_size=12)), np.int64)
    folded = np.array([draw(st.booleans()) for _ in counts], bool)
    starts = np.concatenate([[0], np.cumsum(np.where(folded, 0, counts))]).astype(np.int64)
    sections = Sections([f"g{place}" for place in range(len(counts))], counts, starts, folded)
    plain = draw(grids)
    return GroupedGrid(
        total=int(starts[-1]),
        width=plain.width,
        height=plain.height,
        nominal=plain.nominal,
        caption=plain.caption,
        gap=plain.gap,
        mirrored=plain.mirrored,
        sections=sections,
        header=draw(st.integers(20, 60)),
    )


@given(grouped_grids())
def test_grouped_tiles_lead_back_to_their_rows_and_do_not_overlap_headers(grid: GroupedGrid) -> None:
    for row in range(grid.total):
        left, top, width, height = grid.rect(row)
        assert grid.row_at(left, top) == row
        assert grid.row_at(left + width - 1, top + height - 1) == row
        group = grid.group_of(row)
        assert not grid.sections.folded[group]
        assert grid.tops[group] + grid.header <= top
        assert top + height <= grid.tops[group + 1]


@given(grouped_grids(), st.integers(0, 10**5))
def test_visible_rows_of_groups_are_just_those_that_show(grid: GroupedGrid, y: int) -> None:
    y = min(y, grid.max_y)
    rects = [grid.rect(row) for row in range(grid.total)]
    shown = {row for row, (_, top, _, high) in enumerate(rects) if top < y + grid.height and top + high > y}
    visible = grid.visible(y)
    assert shown <= set(visible)
    assert len(visible) <= len(shown) + 2 * grid.columns


@given(grouped_grids(), st.integers(0, 10**5))
def test_a_header_sticks_to_the_top(grid: GroupedGrid, y: int) -> None:
    y = min(y, grid.max_y)
    shown = grid.headers(y)
    assert bool(shown) == bool(grid.groups)
    assert all(grid.header_at(grid.header_top(group, y), y) == group for group in shown)
    if not shown:
        assert grid.header_at(0, y) == grid.header_at(grid.height - 1, y) == -1
        return
    first = grid.header_top(shown.start, y)
    assert first <= 0
    for group in list(shown)[1:]:
        assert grid.header_top(group, y) == grid.tops[group] - y
    if grid.tops[shown.start + 1] - y >= grid.header:
        assert first == 0


@given(grouped_grids(), st.integers(-5, 5), st.data())
def test_moving_by_lines_keeps_the_column_where_it_can(grid: GroupedGrid, lines: int, data) -> None:
    if not grid.total:
        return
    row = data.draw(st.integers(0, grid.total - 1))
    other = grid.moved(row, lines)
    assert 0 <= other < grid.total
    left, top, *_ = grid.rect(row)
    other_left, other_top, *_ = grid.rect(other)
    tops = sorted({grid.rect(each)[1] for each in range(grid.total)})
    wanted = max(0, min(tops.index(top) + lines, len(tops) - 1))
    assert other_top == tops[wanted]
    if other_left != left:
        assert other + 1 == grid.total or grid.rect(other + 1)[1] > other_top


@given(grouped_grids(), st.integers(0, 2000), st.integers(0, 5000), st.integers(0, 900), st.integers(0, 900))
def test_a_frame_over_groups_takes_what_it_touches(grid, x, y, wide, high) -> None:
    found = grid.rows_between(x, y, x + wide, y + high).tolist()
    touched = []
    for row in range(grid.total):
        left, top, width, height = grid.rect(row)
        if left <= x + wide and left + width > x and top <= y + high and top + height > y:
            touched.append(row)
    assert found == touched
