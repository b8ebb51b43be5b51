"""How the margin of a tail follows the lags seen."""

from __future__ import annotations

from apigw_tui.sources.delivery_lag import ENOUGH_EVENTS, HALF_LIFE_MS, MOST_REACH_MS, DeliveryLag

SECOND, MINUTE = 1_000, 60_000


def test_before_anything_came_the_margin_is_a_minute_and_a_half() -> None:
    lag = DeliveryLag(now=0)
    assert lag.margin(0) == 90 * SECOND
    assert lag.reach(0) == 180 * SECOND
    assert lag.typical is None


def test_a_longer_lag_than_ever_widens_the_margin_at_once() -> None:
    lag = DeliveryLag(now=0)
    lag.observe([2 * SECOND, 120 * SECOND], now=MINUTE)
    assert lag.margin(MINUTE) == 195 * SECOND
    assert lag.reach(MINUTE) == 390 * SECOND


def test_the_margin_comes_down_slowly_and_never_below_a_minute() -> None:
    lag = DeliveryLag(now=0)
    lag.observe([120 * SECOND] * ENOUGH_EVENTS, now=0)
    assert lag.margin(HALF_LIFE_MS) == 105 * SECOND
    assert lag.margin(10 * HALF_LIFE_MS) == MINUTE


def test_what_comes_an_hour_late_does_not_stop_the_claim_for_ever() -> None:
    lag = DeliveryLag(now=0)
    lag.observe([60 * MINUTE], now=0)
    assert lag.margin(0) < lag.reach(0) == MOST_REACH_MS


def test_after_ten_minutes_of_events_what_was_seen_counts_alone() -> None:
    lag = DeliveryLag(now=0)
    lag.observe([4 * SECOND] * ENOUGH_EVENTS, now=0)
    assert lag.margin(9 * MINUTE) == 90 * SECOND
    assert lag.margin(10 * MINUTE) == MINUTE


def test_a_few_events_prove_no_short_lag() -> None:
    lag = DeliveryLag(now=0)
    lag.observe([4 * SECOND] * 10, now=0)
    assert lag.margin(HALF_LIFE_MS) == 90 * SECOND
