"""How a range is cut: disjoint slices that cover it, whatever pages say and whoever takes them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.sources.slices import PageRead, Slice, SlicePlan

MINUTE = 60_000


class Reader:
    """One reader's page tokens: where it is among the events, and where its request ends."""

    def __init__(self, events: Sequence[int], piece: Slice, page: int) -> None:
        self._events = events
        self._piece = piece
        self._page = page
        self.begin()

    def begin(self) -> None:
        self._at = bisect_left(self._events, self._piece.read_to + 1)
        self._end = bisect_right(self._events, self._piece.end)

    def next_page(self) -> tuple[list[int], bool]:
        stop = min(self._at + self._page, self._end)
        page, self._at = list(self._events[self._at : stop]), stop
        return page, stop < self._end


def take_all(plan: SlicePlan, events: Sequence[int], *, page: int, choices: Sequence[int]) -> list[int]:
    """Read with as many readers as there are slices, in an order that `choices` tells; returns what was read."""
    busy: list[tuple[Slice, Reader]] = []
    found: list[int] = []
    turn = 0
    while not plan.done:
        choice = choices[turn % len(choices)]
        turn += 1
        taken = plan.take() if choice % 3 == 0 or not busy else None
        if taken is not None:
            busy.append((taken, Reader(events, taken, page)))
            continue
        piece, reader = busy[choice % len(busy)]
        times, more = reader.next_page()
        last = times[-1] if times else None
        is_done = plan.finished(piece, PageRead(last, len(times) / page, more))
        found += [at for at in times if at <= piece.end]
        if is_done:
            busy.remove((piece, reader))
        read = sorted(at for at in events if at >= plan.read_from)
        assert read == sorted(at for at in found if at >= plan.read_from)
    return found


@given(
    events=st.lists(st.integers(0, 3_000), max_size=200).map(sorted),
    page=st.integers(1, 40),
    choices=st.lists(st.integers(0, 30), min_size=1, max_size=40),
)
def test_property_any_number_of_readers_in_any_order_read_each_event_once(
    events: Sequence[int], page: int, choices: Sequence[int]
) -> None:
    plan = SlicePlan(1, 0, 3_000)
    assert sorted(take_all(plan, events, page=page, choices=[*choices, 0, 1])) == list(events)
    assert plan.read_from == 0


@given(
    spans=st.lists(st.tuples(st.integers(0, 900), st.integers(0, 60)), max_size=8),
    hold=st.integers(0, 1_000),
)
def test_property_what_is_at_hand_and_what_is_not_make_up_the_range(spans: list[tuple[int, int]], hold: int) -> None:
    disjoint: list[tuple[int, int]] = []
    for start, length in sorted(spans):
        first = max(start, disjoint[-1][1] + 1) if disjoint else start
        if first <= start + length:
            disjoint.append((first, start + length))
    plan = SlicePlan(1, 100, 800)
    plan.hold_before(hold)
    at_hand = plan.release(0, disjoint)
    covered = [at for piece in at_hand for at in range(piece.start, piece.end + 1)]
    for piece in at_hand:
        plan.take_stored(piece, found=True)
    asked: list[int] = []
    while (taken := plan.take()) is not None:
        asked += range(taken.start, taken.end + 1)
        assert plan.finished(taken, PageRead(None, 0, more=False))
    assert sorted(covered + asked) == list(range(100, 801))
    assert plan.done


def test_the_first_slices_are_the_newest_and_grow() -> None:
    plan = SlicePlan(1, 0, 60 * MINUTE)
    pieces = [plan.take() for _ in range(4)]
    ends = [piece.end for piece in pieces if piece]
    lengths = [piece.end - piece.start + 1 for piece in pieces if piece]
    assert ends == sorted(ends, reverse=True)
    assert ends[0] == 60 * MINUTE
    assert lengths[:3] == [5_000, 40_000, 320_000]


def test_a_slice_that_is_at_hand_no_more_is_asked_for() -> None:
    plan = SlicePlan(1, 0, 999)
    plan.hold_before(1_000)
    assert plan.take() is None
    (piece,) = plan.release(0, [(0, 999)])
    assert plan.take() is None
    assert plan.read_from == 1_000
    plan.take_stored(piece, found=False)
    taken = plan.take()
    assert taken is not None
    assert (taken.start, taken.end) == (0, 999)


def test_nothing_of_a_dropped_group_is_asked_for() -> None:
    plan = SlicePlan(2, 0, 60 * MINUTE)
    plan.drop(1)
    groups = set()
    while (taken := plan.take()) is not None:
        groups.add(taken.group)
        plan.finished(taken, PageRead(None, 0, more=False))
    assert groups == {0}
    assert plan.done


def test_what_is_left_is_estimated_by_the_density_seen() -> None:
    assert SlicePlan(1, 0, 999).pages_left is None
    plan = SlicePlan(1, 0, 60 * MINUTE - 1)
    first = plan.take()
    assert first is not None
    plan.finished(first, PageRead(first.start + 1_000, 1.0, more=True))
    left = plan.pages_left
    assert left is not None
    assert 3_000 < left < 4_000
