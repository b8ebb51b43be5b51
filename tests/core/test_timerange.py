"""Times as users type them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.timerange import TimeRange, parse_range, parse_span, parse_time
from apigw_tui.errors import UsageError

_OSLO = ZoneInfo("Europe/Oslo")


def _ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


_NOW = _ms("2026-03-09T14:30:00+01:00")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", "2026-03-09T14:30:00+01:00"),
        ("15m", "2026-03-09T14:15:00+01:00"),
        ("2h30m", "2026-03-09T12:00:00+01:00"),
        ("-3h", "2026-03-09T11:30:00+01:00"),
        (" 1d ", "2026-03-08T14:30:00+01:00"),
        ("1500ms", "2026-03-09T14:29:58.500+01:00"),
        ("13:10", "2026-03-09T13:10:00+01:00"),
        ("13:10:05", "2026-03-09T13:10:05+01:00"),
        ("13:10:05.25", "2026-03-09T13:10:05.250+01:00"),
        ("14:31", "2026-03-08T14:31:00+01:00"),
        ("yesterday 14:00", "2026-03-08T14:00:00+01:00"),
        ("Today 9:00", "2026-03-09T09:00:00+01:00"),
        ("yesterday", "2026-03-08T00:00:00+01:00"),
        ("2026-03-09", "2026-03-09T00:00:00+01:00"),
        ("2026-03-09 13:10", "2026-03-09T13:10:00+01:00"),
        ("2026-03-09T13:10:05Z", "2026-03-09T13:10:05+00:00"),
        ("2026-03-09t13:10:05.123z", "2026-03-09T13:10:05.123+00:00"),
        ("2026-03-09T13:10:05+0530", "2026-03-09T13:10:05+05:30"),
        ("2026-07-01 00:00", "2026-07-01T00:00:00+02:00"),
        ("1773061805", "2026-03-09T13:10:05+00:00"),
        ("1773061805.25", "2026-03-09T13:10:05.250+00:00"),
        ("1773061805123", "2026-03-09T13:10:05.123+00:00"),
    ],
)
def test_every_form_of_a_time_is_understood(text: str, moment: str) -> None:
    assert parse_time(text, now=_NOW, tz=_OSLO) == _ms(moment)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "soon",
        "15",
        "15 minutes",
        "1.5h",
        "30m2h",
        "25:00",
        "13:61",
        "2026-02-30",
        "20260309",
        "yesterday soon",
        "tomorrow",
        "2026-03-09T",
        "99999999999999999",
        "999999w",
        "\u0661\u0665m",
    ],
)
def test_anything_else_is_an_error_that_lists_the_forms(text: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_time(text, now=_NOW, tz=_OSLO)
    assert repr(text) in error.value.message
    for form in ("2h30m", "-3h", "13:10", "yesterday 14:00", "ISO 8601", "epoch"):
        assert form in error.value.hint


def test_a_span_is_more_than_nothing() -> None:
    assert parse_span("15m") == 900_000
    assert parse_span("1w2d3h4m5s6ms") == 788_645_006
    for text in ("0s", "", "-3h", "15", "now"):
        with pytest.raises(UsageError, match="length of time"):
            parse_span(text)


def test_a_range_without_an_end_goes_on() -> None:
    assert parse_range("15m", None, now=_NOW, tz=_OSLO) == TimeRange(_NOW - 900_000)


def test_a_range_that_ends_before_it_starts_is_an_error() -> None:
    with pytest.raises(UsageError, match="ends before it starts"):
        parse_range("10:00", "9:00", now=_NOW, tz=_OSLO)


def test_a_range_that_starts_ahead_is_an_error() -> None:
    with pytest.raises(UsageError, match="lies ahead"):
        parse_range("2062-03-09", None, now=_NOW, tz=_OSLO)


def test_the_end_of_a_range_may_lie_ahead_of_now() -> None:
    assert parse_range("14:00", "15:00", now=_NOW, tz=_OSLO) == TimeRange(
        _ms("2026-03-09T14:00:00+01:00"), _ms("2026-03-09T15:00:00+01:00")
    )


def test_a_range_may_cross_midnight() -> None:
    after_midnight = _ms("2026-03-09T00:30:00+01:00")
    assert parse_range("23:00", "1:00", now=after_midnight, tz=_OSLO) == TimeRange(
        _ms("2026-03-08T23:00:00+01:00"), _ms("2026-03-09T01:00:00+01:00")
    )


@given(st.text())
def test_property_any_text_is_a_time_or_a_usage_error(text: str) -> None:
    try:
        assert parse_time(text, now=_NOW, tz=UTC) >= 0
    except UsageError:
        return


@given(st.integers(0, 4_000_000_000_000))
def test_property_an_iso_time_is_read_to_the_millisecond(ms: int) -> None:
    typed = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)).isoformat()
    assert parse_time(typed, now=_NOW, tz=_OSLO) == ms
