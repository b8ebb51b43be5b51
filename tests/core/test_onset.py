"""Since when a share is high: spans beyond chance, and silence where chance explains all."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.onset import evidence, is_beyond_chance, onset

MINUTE = 60_000


def found(hits: list[int], totals: list[int]) -> tuple[int, int | None] | None:
    """The minutes between which the share is high."""
    at = onset(hits, totals, start=0, step_ms=MINUTE)
    return None if at is None else (at.start // MINUTE, None if at.end is None else at.end // MINUTE)


def test_a_share_that_rises_and_stays_has_a_beginning_and_no_end() -> None:
    assert found([0, 1, 0, 0, 1, 40, 38, 41, 39], [100] * 9) == (5, None)


def test_a_burst_has_an_end() -> None:
    assert found([0, 1, 0, 30, 35, 0, 0, 1, 0, 0], [100] * 10) == (3, 5)


def test_a_last_minute_that_is_hardly_there_does_not_end_it() -> None:
    assert found([0, 0, 0, 0, 40, 38, 41, 0], [100] * 7 + [3]) == (4, None)


def test_what_was_so_from_the_first_minute_on_has_no_beginning_here() -> None:
    assert found([40, 38, 41, 39], [100] * 4) is None
    assert found([40, 38, 0, 0], [100] * 4) is None
    assert found([0, 44, 58, 59, 55, 44], [12, 560, 546, 550, 545, 532]) is None


def test_a_few_hits_are_no_rise() -> None:
    assert found([0, 0, 1, 0, 2, 1], [100] * 6) is None
    assert found([0, 0, 0, 0], [0, 0, 0, 0]) is None
    assert found([], []) is None


def test_the_shares_are_those_within_and_before() -> None:
    at = onset([2, 0, 50, 50], [100] * 4, start=1_000, step_ms=MINUTE)
    assert at is not None
    assert (at.share, at.share_before) == (0.5, 0.01)
    assert at.start == 1_000 + 2 * MINUTE


def test_evidence_knows_small_numbers() -> None:
    assert not is_beyond_chance(evidence(1, 1, 20, 1_000), 500)
    assert not is_beyond_chance(evidence(2, 2, 20, 1_000), 500)
    assert is_beyond_chance(evidence(5, 5, 20, 1_000), 500)
    assert evidence(50, 100, 500, 1_000) == 0.0
    assert evidence(1, 100, 500, 1_000) == 0.0


@given(st.integers(1, 300), st.integers(1, 3_000), st.data())
def test_property_more_requests_of_the_same_shares_are_more_evidence(of: int, others: int, data: st.DataObject) -> None:
    hits, other_hits = data.draw(st.integers(0, of)), data.draw(st.integers(0, others))
    one, ten = evidence(hits, of, other_hits, others), evidence(10 * hits, 10 * of, 10 * other_hits, 10 * others)
    assert one >= 0
    assert abs(ten - 10 * one) < 1e-6 * max(1.0, ten)
