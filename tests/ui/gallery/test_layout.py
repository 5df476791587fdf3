"""The arithmetic of tiles has laws; they hold for every size."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

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
