"""What a tail has read, against a table with one row per millisecond."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.sources.coverage import Coverage, Span

LAST = 60
READS = st.lists(st.tuples(st.integers(1, LAST), st.integers(0, 30), st.integers(0, 90)), max_size=12)


def table(reads: list[tuple[int, int, int]]) -> dict[int, int]:
    """The latest time at which each millisecond was read."""
    read_at: dict[int, int] = {}
    for start, length, at in reads:
        for moment in range(start, start + length + 1):
            read_at[moment] = max(at, read_at.get(moment, at))
    return read_at


def covered(reads: list[tuple[int, int, int]]) -> Coverage:
    coverage = Coverage(0)
    for start, length, at in reads:
        coverage.note(start, start + length, at=at)
    return coverage


@given(READS, st.integers(0, 40))
def test_property_proven_is_what_was_old_enough_without_a_hole(reads: list[tuple[int, int, int]], margin: int) -> None:
    read_at = table(reads)
    expected = 0
    while read_at.get(expected + 1, -1) >= expected + 1 + margin:
        expected += 1
    assert covered(reads).proven(margin) == expected


@given(READS, st.integers(1, LAST))
def test_property_lacking_is_what_was_never_read(reads: list[tuple[int, int, int]], until: int) -> None:
    spans = covered(reads).lacking(until)
    assert spans == sorted(spans, key=lambda span: span.start)
    missing = [moment for span in spans for moment in range(span.start, span.end + 1)]
    assert missing == [moment for moment in range(1, until + 1) if moment not in table(reads)]


@given(READS, st.integers(1, LAST), st.integers(0, 40))
def test_property_with_a_margin_what_was_read_too_early_is_lacking_too(
    reads: list[tuple[int, int, int]], until: int, margin: int
) -> None:
    read_at = table(reads)
    missing = [m for span in covered(reads).lacking(until, margin=margin) for m in range(span.start, span.end + 1)]
    assert missing == [m for m in range(1, until + 1) if read_at.get(m, -1) < m + margin]


@given(READS, st.integers(0, 40))
def test_property_what_is_settled_stays_proven(reads: list[tuple[int, int, int]], margin: int) -> None:
    coverage = covered(reads)
    before = coverage.proven(margin)
    coverage.settle(before)
    assert coverage.proven(margin) == before
    assert coverage.base == before


def test_a_hole_stops_the_proof_until_it_is_read() -> None:
    coverage = Coverage(0)
    coverage.note(1, 100, at=1_000)
    coverage.note(201, 300, at=1_000)
    assert coverage.proven(60) == 100
    assert coverage.lacking(300) == [Span(101, 200)]
    coverage.note(101, 200, at=1_100)
    assert coverage.proven(60) == 300
