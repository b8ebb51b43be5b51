"""Times and ranges as users type them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final

from apigw_tui.errors import UsageError

TIME_FORMS: Final = (
    "15m, 2h30m or -3h (that long ago), now, 13:10, 13:10:05, today 9:00, yesterday 14:00, "
    "2026-03-09, 2026-03-09T13:10:05Z (ISO 8601), 1773061805 or 1773061805000 (epoch seconds or milliseconds)"
)
SPAN_FORMS: Final = "30s, 15m, 2h30m, 1d or 1w"

_UNIT_MS: Final = {
    "w": 7 * 86_400_000,
    "d": 86_400_000,
    "h": 3_600_000,
    "m": 60_000,
    "s": 1_000,
    "ms": 1,
}
_SPAN: Final = re.compile(
    r"(?:(?P<w>\d{1,6})w)?(?:(?P<d>\d{1,6})d)?(?:(?P<h>\d{1,9})h)?(?:(?P<m>\d{1,9})m)?"
    r"(?:(?P<s>\d{1,12})s)?(?:(?P<ms>\d{1,15})ms)?",
    re.ASCII | re.IGNORECASE,
)
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,6}))?)?", re.ASCII)
_DAY: Final = re.compile(r"(today|yesterday)(?:[ T]+(\S+))?", re.IGNORECASE)
_ISO: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?)?",
    re.ASCII | re.IGNORECASE,
)
_EPOCH_SECONDS: Final = re.compile(r"(\d{9,11})(?:\.(\d{1,9}))?", re.ASCII)
_EPOCH_MS: Final = re.compile(r"\d{12,14}", re.ASCII)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class TimeRange:
    """From `start` to `end`, both inclusive, epoch milliseconds; `end` None is now and goes on."""

    start: int
    end: int | None = None


def parse_span(text: str) -> int:
    """Return a length of time (`15m`, `2h30m`) in milliseconds, more than 0."""
    span = _span_ms(text.strip())
    if not span:
        raise UsageError(f"{text!r} is not a length of time.", f"Use {SPAN_FORMS}.")
    return span


def parse_time(text: str, *, now: int, tz: tzinfo) -> int:
    """Return epoch milliseconds; `now` is epoch milliseconds and `tz` the zone of times without one.

    A time of day is today's, or yesterday's where today's still lies ahead.
    """
    typed = text.strip()
    try:
        moment = _relative(typed, now) or _epoch(typed) or _calendar(typed, now=now, tz=tz)
    except (ValueError, OverflowError):
        moment = None
    if moment is None or moment < 0:
        raise UsageError(f"{text!r} is not a time.", f"Use one of: {TIME_FORMS}.")
    return moment


def parse_range(since: str, until: str | None, *, now: int, tz: tzinfo) -> TimeRange:
    """Return the range between two typed times; without `until` it goes on."""
    start = parse_time(since, now=now, tz=tz)
    if until is None:
        if start > now:
            raise UsageError(f"--since {since} lies ahead.", "Give a start that has passed.")
        return TimeRange(start)
    end = parse_time(until, now=now, tz=tz)
    if end < start:
        end = _later_today(until.strip(), now=now, tz=tz, otherwise=end)
    if end < start:
        raise UsageError(
            f"The range ends before it starts: --until {until} is before --since {since}.",
            "Swap them, or give both with their dates.",
        )
    return TimeRange(start, end)


def _span_ms(text: str) -> int | None:
    match = _SPAN.fullmatch(text)
    if not text or match is None:
        return None
    return sum(int(number) * _UNIT_MS[unit] for unit, number in match.groupdict().items() if number)


def _relative(text: str, now: int) -> int | None:
    if text.lower() == "now":
        return now
    span = _span_ms(text.removeprefix("-"))
    return None if span is None else now - span


def _epoch(text: str) -> int | None:
    if _EPOCH_MS.fullmatch(text):
        return int(text)
    match = _EPOCH_SECONDS.fullmatch(text)
    if match is None:
        return None
    seconds, fraction = match.groups(default="")
    return int(seconds) * 1000 + int(f"{fraction:0<3.3}")


def _calendar(text: str, *, now: int, tz: tzinfo) -> int | None:
    today = _moment(now).astimezone(tz)
    if of_day := _time_of_day(text):
        moment = _milliseconds(datetime.combine(today, of_day, tz))
        if moment <= now:
            return moment
        return _milliseconds(datetime.combine(today - timedelta(days=1), of_day, tz))
    if match := _DAY.fullmatch(text):
        named, clock_text = match.groups()
        at = _time_of_day(clock_text) if clock_text else time(0)
        date = today if named.lower() == "today" else today - timedelta(days=1)
        return None if at is None else _milliseconds(datetime.combine(date, at, tz))
    if not _ISO.fullmatch(text):
        return None
    moment_typed = datetime.fromisoformat(text.upper())
    return _milliseconds(moment_typed if moment_typed.tzinfo else moment_typed.replace(tzinfo=tz))


def _later_today(text: str, *, now: int, tz: tzinfo, otherwise: int) -> int:
    """Return today's moment of a bare time of day: an end may lie ahead where a start may not."""
    of_day = _time_of_day(text)
    if of_day is None:
        return otherwise
    return _milliseconds(datetime.combine(_moment(now).astimezone(tz), of_day, tz))


def _time_of_day(text: str) -> time | None:
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    hour, minute, second, fraction = match.groups(default="")
    return time(int(hour), int(minute), int(second or 0), int(f"{fraction:0<6}"))


def _moment(ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=ms)


def _milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)
