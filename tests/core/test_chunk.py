"""A chunk says the same wherever its rows lie."""

from collections.abc import Callable

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.chunk import Chunk
from apigw_tui.core.part import Part
from tests.core.drawer import Drawer

FRAME = pl.DataFrame(
    {
        "at": [1, 2, 2, 3, 5],
        "key": pl.Series([7, 8, 9, 7, 6], dtype=pl.UInt64),
        "route": ["/a", "/b", "/a", None, "/a"],
        "group": ["g"] * 5,
        "nothing": pl.Series([None] * 5, dtype=pl.String),
        "kind": pl.Series(["x", "y", "x", "x", "x"], dtype=pl.Enum(["x", "y"])),
        "text": [f"line {number} of what was said" for number in range(5)],
    }
)


def whole() -> Chunk:
    return Chunk(FRAME, time="at")


def packed() -> Chunk:
    chunk = whole()
    chunk.pack()
    return chunk


def cold() -> Chunk:
    chunk = whole()
    assert chunk.shelve(Drawer(), ("at", "key"))
    return chunk


PLACES = pytest.mark.parametrize("place", [whole, packed, cold])


@PLACES
def test_its_rows_are_what_was_put_in(place: Callable[[], Chunk]) -> None:
    chunk = place()
    assert chunk.frame.equals(FRAME)
    assert chunk.frame.schema == FRAME.schema
    assert (chunk.height, chunk.first, chunk.last) == (5, 1, 5)


@PLACES
def test_some_rows_and_columns_are_those_of_the_frame(place: Callable[[], Chunk]) -> None:
    chunk = place()
    assert chunk.slice(1, 3).equals(FRAME.slice(1, 3))
    assert chunk.slice(4, 9).equals(FRAME.slice(4, 9))
    assert chunk["group"].equals(FRAME["group"])
    places = pl.Series([1, 3, 4], dtype=pl.UInt32)
    assert chunk.gather(places, ["text", "nothing", "kind"]).equals(FRAME[places].select("text", "nothing", "kind"))
    assert chunk.gather(places.head(0), ["text"]).is_empty()


@PLACES
@pytest.mark.parametrize(
    "predicate",
    [
        pl.col("route") == "/a",
        pl.col("nothing").is_null() & (pl.col("kind") == "y"),
        pl.lit(value=True),
        pl.lit(value=False),
        pl.col("text").str.contains("3"),
    ],
)
def test_it_is_filtered_as_the_frame_is(place: Callable[[], Chunk], predicate: pl.Expr) -> None:
    assert place().filter(predicate).equals(FRAME.filter(predicate))
    assert place().column(predicate).equals(FRAME.with_columns(value=predicate)["value"])


def test_of_a_cold_chunk_only_the_columns_that_are_asked_for_are_read() -> None:
    drawer, chunk = Drawer(), whole()
    chunk.shelve(drawer, ("at", "key"))
    assert chunk.select((pl.col("key") == 7).sum(), pl.col("group").first()).row(0) == (2, "g")
    assert drawer.read == []
    assert chunk.filter(pl.col("route") == "/b").height == 1
    assert drawer.read.count("text") == 1
    assert drawer.read[0] == "route"


def test_a_chunk_stays_in_memory_when_the_shelf_is_full() -> None:
    chunk = whole()
    assert not chunk.shelve(Drawer(room=0), ("at", "key"))
    assert not chunk.is_cold
    assert chunk.frame.equals(FRAME)


def test_a_packed_chunk_takes_less_room() -> None:
    frame = pl.concat([FRAME] * 100).sort("at")
    chunk = Chunk(frame, time="at")
    before = chunk.memory
    chunk.pack()
    assert chunk.memory < before / 1.5
    assert chunk.frame.equals(frame)


@given(
    span=st.tuples(st.integers(0, 5), st.integers(0, 5)).map(lambda ends: (min(ends), max(ends))),
    chosen=st.none() | st.lists(st.booleans(), min_size=5, max_size=5),
    start=st.integers(0, 6),
    count=st.integers(0, 6),
)
def test_property_a_part_is_a_part_of_the_frame(
    *, span: tuple[int, int], chosen: list[bool] | None, start: int, count: int
) -> None:
    low, high = span
    expected = FRAME.slice(low, high - low)
    places = None
    if chosen is not None:
        mask = pl.Series(chosen[: high - low], dtype=pl.Boolean)
        places, expected = mask.arg_true(), expected.filter(mask)
    for place in (whole, packed, cold):
        part = Part(place(), span, None, places=places)
        assert part.frame.equals(expected)
        assert part.slice(start, count).equals(expected.slice(start, count))
        assert part.filter(pl.col("route") == "/a").equals(expected.filter(pl.col("route") == "/a"))
        hit = expected["key"].index_of(7) if expected.height else None
        assert part.place_of(pl.col("key") == 7) == hit
