"""What a tail asks for at which volume, and how a budget is shared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.sources.tail_pace import CallBudget, fair_share, head_plan
from apigw_tui.sources.volume import USUAL_PAGE_EVENTS, Volume

SECOND = 1_000


def writes(events_per_s: float) -> Volume:
    volume = Volume()
    events = int(events_per_s * 100)
    full, rest = divmod(events, USUAL_PAGE_EVENTS)
    volume.note_window(span_ms=100 * SECOND, pages=full + 1, events=events, last_page_events=rest)
    return volume


def test_a_quiet_log_is_polled_every_two_seconds_with_fifteen_seconds_of_it() -> None:
    plan = head_plan(writes(20), lag_ms=4 * SECOND, calls_per_s=2.8)
    assert (plan.every_ms, plan.span_ms) == (2 * SECOND, 15 * SECOND)


@pytest.mark.parametrize("lag_s", [1, 5, 20, 45])
def test_2000_events_per_second_are_polled_within_the_budget_and_without_holes(lag_s: int) -> None:
    volume = writes(2_000)
    plan = head_plan(volume, lag_ms=lag_s * SECOND, calls_per_s=2.8)
    assert volume.calls(plan.span_ms) * SECOND / plan.every_ms <= 2.8 * 1.05
    assert plan.span_ms >= plan.every_ms + lag_s * SECOND
    assert plan.every_ms <= 25 * SECOND


def test_what_no_budget_can_follow_is_still_polled_at_its_newest_end() -> None:
    volume = writes(20_000)
    plan = head_plan(volume, lag_ms=3 * SECOND, calls_per_s=2.8)
    assert volume.calls(plan.span_ms) * SECOND / plan.every_ms <= 2.8 * 1.05
    assert plan.span_ms >= 5 * SECOND


def test_fifty_quiet_groups_are_polled_less_often() -> None:
    budget = CallBudget(lambda: 8.0, 0.35)
    granted = [budget.granted(number, 0.5) for number in range(50)][-1]
    plan = head_plan(writes(0), lag_ms=0, calls_per_s=granted)
    assert 50 * SECOND / plan.every_ms <= 2.8 * 1.05
    assert budget.is_short


def test_one_busy_group_leaves_the_quiet_ones_their_pace() -> None:
    demands = [6.5, 0.5, 0.5]
    assert fair_share(demands, 2.8) == pytest.approx(1.8)


@given(st.lists(st.floats(0, 20), min_size=1, max_size=20), st.floats(0.1, 30))
def test_property_shares_add_up_to_no_more_than_there_is(demands: list[float], total: float) -> None:
    share = fair_share(demands, total)
    taken = sum(min(demand, share) for demand in demands)
    assert taken <= total * 1.000_001
    assert taken == pytest.approx(min(sum(demands), total))
