"""The last column of the list: a cell speaks of every 5xx in its rows, and by its glyph alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.ruler import Ruler
from apigw_tui.tui.glyphs import ASCII, UNICODE
from apigw_tui.tui.ruler_cells import RulerCell, ruler_cells

SEGMENTS = st.lists(st.tuples(st.integers(1, 40), st.integers(0, 3), st.integers(0, 3), st.integers(0, 1)))


def ruler_of(*segments: tuple[int, int, int, int]) -> Ruler:
    """Segments as rows, and of these those that failed, were refused, are marked."""
    ends = tuple(sum(rows for rows, *_ in segments[: at + 1]) for at in range(len(segments)))
    failing, refused, marked = (tuple(segment[place] for segment in segments) for place in (1, 2, 3))
    return Ruler(ends, failing, refused, marked)


def drawn(ruler: Ruler, height: int, *, thumb: bool = False, shades: bool = False) -> list[tuple[str, str]]:
    cells = [RulerCell(cell.failing, cell.refused, cell.sign, thumb) for cell in ruler_cells(ruler, height)]
    return [cell.span(UNICODE, shades=shades) for cell in cells]


@given(segments=SEGMENTS, height=st.integers(1, 60))
def test_property_a_cell_is_red_where_a_segment_with_failures_begins(
    segments: list[tuple[int, int, int, int]], height: int
) -> None:
    ruler = ruler_of(*segments)
    cells = ruler_cells(ruler, height)
    starts = (0, *ruler.ends)
    red = {starts[at] * height // ruler.rows for at, (_, failing, *_) in enumerate(segments) if failing}
    marked = {starts[at] * height // ruler.rows for at, segment in enumerate(segments) if segment[3]}
    assert {at for at, cell in enumerate(cells) if cell.status_class == "5xx"} == red
    assert {at for at, cell in enumerate(cells) if cell.sign == "mark"} == marked


def test_more_failures_are_wider() -> None:
    ruler = ruler_of((1_000, 1, 0, 0), (1_000, 10, 0, 0), (1_000, 50, 0, 0), (1_000, 200, 0, 0), (1_000, 0, 0, 0))
    assert [glyph for glyph, _ in drawn(ruler, 5)] == ["▏", "▎", "▍", "▌", " "]
    assert {spec for _, spec in drawn(ruler, 5)} == {"fill-5xx", ""}


def test_refusals_are_told_from_one_in_twenty_and_failures_before_them() -> None:
    ruler = ruler_of((100, 0, 4, 0), (100, 0, 5, 0), (100, 1, 50, 0))
    assert drawn(ruler, 3) == [(" ", ""), ("▖", "fill-4xx"), ("▎", "fill-5xx")]


def test_the_thumb_is_seen_behind_what_is_loud() -> None:
    ruler = ruler_of((10, 0, 0, 0), (10, 3, 0, 0), (10, 0, 0, 1))
    assert drawn(ruler, 3, thumb=True) == [
        ("▐", "ink-faint"),
        ("▌", "fill-5xx on ink-faint"),
        ("◆", "accent on ink-faint"),
    ]


def test_a_mark_has_the_colour_of_the_failures_around_it() -> None:
    assert drawn(ruler_of((10, 3, 0, 1)), 1) == [("◆", "fill-5xx")]


def test_without_colours_glyphs_tell_the_classes_and_reverse_the_thumb() -> None:
    ruler = ruler_of((10, 3, 0, 0), (10, 0, 3, 0), (10, 0, 0, 1))
    assert [glyph for glyph, _ in drawn(ruler, 3, shades=True)] == ["✗", "!", "◆"]
    assert drawn(ruler, 3, shades=True, thumb=True)[0] == ("✗", "bold reverse status-5xx")


def test_a_gap_is_told_at_its_place() -> None:
    cells = ruler_cells(ruler_of((100, 0, 0, 0)), 10, gap_rows=(50,), count=101)
    assert [at for at, cell in enumerate(cells) if cell.sign == "gap"] == [4]
    assert cells[4].span(UNICODE, shades=False) == ("╌", "status-4xx")


@pytest.mark.parametrize("cell", [RulerCell(4), RulerCell(refused=True), RulerCell(sign="mark"), RulerCell(sign="gap")])
def test_ascii_is_ascii(cell: RulerCell) -> None:
    assert cell.span(ASCII, shades=True)[0].isascii()


def test_nothing_loud_is_blank() -> None:
    assert not any(ruler_cells(Ruler(), 5))
    assert drawn(ruler_of((10, 0, 0, 0)), 5) == [(" ", "")] * 5
