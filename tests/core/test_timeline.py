"""Rows stay in time order whatever order they come in."""

from itertools import pairwise

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.chunk import Chunk
from apigw_tui.core.timeline import Timeline, places_between

SCHEMA = pl.Schema({"at": pl.Int64, "key": pl.UInt64})


def timeline(*batches: list[tuple[int, int]], chunk_rows: int = 4) -> Timeline:
    rows = Timeline(SCHEMA, ("at", "key"), chunk_rows=chunk_rows)
    for batch in batches:
        rows.insert(frame(batch))
    return rows


def frame(rows: list[tuple[int, int]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def content(rows: Timeline) -> list[tuple[int, int]]:
    return [row for chunk in rows.chunks for row in chunk.frame.rows()]


def test_rows_come_out_in_time_order() -> None:
    assert content(timeline([(5, 1), (1, 2)], [(3, 3)], [(9, 4), (0, 5)])) == [
        (0, 5),
        (1, 2),
        (3, 3),
        (5, 1),
        (9, 4),
    ]


def test_appending_at_the_end_leaves_earlier_chunks_as_they_are() -> None:
    rows = timeline([(at, at) for at in range(20)])
    before = rows.chunks
    rows.insert(frame([(100, 100)]))
    assert rows.chunks[: len(before) - 1] == before[:-1]


def test_between_takes_both_ends() -> None:
    rows = timeline([(at, at) for at in range(20)])
    assert rows.between(3, 9)["at"].to_list() == list(range(3, 10))
    assert rows.between(30, 40).is_empty()


def test_a_row_is_replaced_by_its_key() -> None:
    rows = timeline([(1, 7), (2, 8)], [(3, 9)])
    rows.replace(pl.Series([8], dtype=pl.UInt64), frame([(10, 8)]))
    assert content(rows) == [(1, 7), (3, 9), (10, 8)]


def test_dropping_the_oldest_says_how_many_went() -> None:
    rows = timeline([(at, at) for at in range(10)])
    assert rows.drop_before(7) == 7
    assert rows.first == 7
    assert rows.last == 9


def test_a_slice_of_everything_is_the_frame_itself() -> None:
    chunk = timeline([(1, 1), (2, 2)]).chunks[0]
    assert places_between(chunk, "at", start=0, end=5) == (0, 2)
    assert places_between(chunk, "at", start=2, end=None) == (1, 2)


batches = st.lists(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 2**64 - 1)), max_size=30), max_size=8)


@given(batches)
def test_property_any_batches_give_the_sorted_rows(parts: list[list[tuple[int, int]]]) -> None:
    rows = timeline(*parts)
    everything = [row for part in parts for row in part]
    assert content(rows) == sorted(everything)
    assert len(rows) == len(everything)


@given(batches)
def test_property_one_time_never_lies_in_two_chunks(parts: list[list[tuple[int, int]]]) -> None:
    chunks: tuple[Chunk, ...] = timeline(*parts).chunks
    for earlier, later in pairwise(chunks):
        assert earlier.last < later.first


@given(batches, st.sets(st.integers(0, 2**64 - 1)))
def test_property_replacing_keys_removes_exactly_them(parts: list[list[tuple[int, int]]], extra: set[int]) -> None:
    rows = timeline(*parts)
    gone = {key for part in parts for _, key in part if key % 2} | extra
    rows.replace(pl.Series(sorted(gone), dtype=pl.UInt64), SCHEMA.to_frame())
    assert content(rows) == sorted(row for part in parts for row in part if row[1] not in gone)
