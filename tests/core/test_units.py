"""Numbers read as the house writes them."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core import units

_DASH = "\N{EN DASH}"


@pytest.mark.parametrize(
    ("ms", "shown"),
    [
        (0, "0 ms"),
        (4, "4 ms"),
        (812, "812 ms"),
        (999, "999 ms"),
        (999.6, "1.00 s"),
        (1_000, "1.00 s"),
        (1_204, "1.20 s"),
        (1_205, "1.21 s"),
        (29_013, "29.01 s"),
        (59_994, "59.99 s"),
        (59_995, "1 m 00 s"),
        (62_000, "1 m 02 s"),
        (3_599_400, "59 m 59 s"),
        (3_720_000, "1 h 02 m"),
        (-41, "-41 ms"),
    ],
)
def test_a_duration_below_a_second_is_whole_milliseconds_and_then_seconds(ms: float, shown: str) -> None:
    assert " ".join(units.duration(ms)) == shown


@pytest.mark.parametrize(
    ("ms", "shown"),
    [(812, "812 ms"), (1_200, "1.20 s"), (9_940, "9.94 s"), (29_013, "29.0 s"), (62_000, "1 m 02 s")],
)
def test_the_header_shows_three_digits(ms: int, shown: str) -> None:
    assert " ".join(units.short_duration(ms)) == shown


def test_what_is_unknown_is_a_dash_and_a_true_zero_is_zero() -> None:
    assert units.duration(None) == (_DASH, "")
    assert units.duration(float("nan")) == (_DASH, "")
    assert units.short_duration(None) == (_DASH, "")
    assert units.size(None) == (_DASH, "")
    assert [units.offset(None), units.age(None), units.count(None), units.rate(None)] == [_DASH] * 4
    assert units.share(None, 3) == units.share(0, 0) == units.clock(None, UTC) == units.day(None, UTC) == _DASH
    assert (units.duration(0), units.size(0), units.count(0)) == (("0", "ms"), ("0", "B"), "0")


@pytest.mark.parametrize(("ms", "shown"), [(0, "+0 ms"), (42, "+42 ms"), (29_042, "+29.04 s"), (-3, "-3 ms")])
def test_an_offset_carries_its_sign(ms: int, shown: str) -> None:
    assert units.offset(ms) == shown


@pytest.mark.parametrize(
    ("ms", "shown"),
    [(-5, "0 s"), (999, "0 s"), (4_000, "4 s"), (180_000, "3 m"), (7_200_000, "2 h"), (259_200_000, "3 d")],
)
def test_an_age_has_one_unit(ms: int, shown: str) -> None:
    assert units.age(ms) == shown


def test_counts_come_in_groups_of_three() -> None:
    assert [units.count(n) for n in (7, 999, 38_443, 1_000_000, -1_200)] == [
        "7",
        "999",
        "38 443",
        "1 000 000",
        "-1 200",
    ]


def test_shares_and_rates_have_one_decimal() -> None:
    assert units.share(31, 1000) == "3.1 %"
    assert units.share(0, 10) == "0.0 %"
    assert units.rate(42) == "42.0"
    assert units.rate(1234.56) == "1 234.6"


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (917, "917 B"),
        (8_430, "8.4 KB"),
        (999_960, "1.0 MB"),
        (1_200_000, "1.2 MB"),
        (3e18, "3000.0 PB"),
        (-2, "-2 B"),
    ],
)
def test_sizes_are_decimal(size: float, shown: str) -> None:
    assert " ".join(units.size(size)) == shown


def test_a_clock_time_is_of_fixed_width_in_the_zone_asked_for() -> None:
    noon = 1_773_057_605_007
    assert units.clock(noon, UTC) == "12:00:05.007"
    assert units.clock(noon, timezone(timedelta(hours=2)), millis=False) == "14:00:05"
    assert units.day(noon, timezone(timedelta(hours=13))) == "2026-03-10"
    assert units.clock(-1, UTC) == "23:59:59.999"
    assert units.clock(2**62, UTC) == _DASH


@given(st.integers(0, 10**12))
def test_property_a_duration_never_shows_sixty_seconds_or_a_thousand_milliseconds(ms: int) -> None:
    value, unit = units.duration(ms)
    number = float(value.rsplit(maxsplit=1)[-1])
    assert number < {"ms": 1000, "s": 60, "m": 60}[unit]


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (999, "999"), (1_000, "1 k"), (12_399, "12.3 k"), (999_999, "999.9 k"), (9_218_840, "9.2 M")],
)
def test_a_short_count_is_cut_never_rounded_up(number: int, text: str) -> None:
    assert units.short(number) == text
