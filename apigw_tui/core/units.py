"""Numbers as people read them: durations, ages, counts, shares, sizes and clock times.

Every unit stands apart from its number; what is unknown is a dash, never 0.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

UNKNOWN: Final = "\N{EN DASH}"
"""Stands for a value that was not logged."""

_SECOND: Final = 1_000
_MINUTE: Final = 60 * _SECOND
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_KILO: Final = 1_000
_SIZE_UNITS: Final = ("KB", "MB", "GB", "TB", "PB")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def duration(ms: float | None) -> tuple[str, str]:
    """Return value and unit: `4 ms`, `812 ms`, `1.20 s`, `29.01 s`, `1 m 02 s`, `1 h 02 m`."""
    if ms is None or not math.isfinite(ms):
        return UNKNOWN, ""
    if ms < 0:
        value, unit = duration(-ms)
        return f"-{value}", unit
    whole = _rounded(ms)
    if whole < _SECOND:
        return str(whole), "ms"
    hundredths = _rounded(whole / 10)
    if hundredths < _MINUTE // 10:
        return f"{hundredths // 100}.{hundredths % 100:02d}", "s"
    return _long_duration(_rounded(whole / _SECOND))


def short_duration(ms: float | None) -> tuple[str, str]:
    """Return value and unit with three digits, for the header: `812 ms`, `1.20 s`, `29.0 s`."""
    if ms is None or not math.isfinite(ms) or ms < 0:
        return duration(ms)
    whole = _rounded(ms)
    tenths = _rounded(whole / 100)
    if 10 * _SECOND <= tenths * 100 < _MINUTE:
        return f"{tenths // 10}.{tenths % 10}", "s"
    return duration(whole)


def offset(ms: float | None) -> str:
    """Return the distance from the start of a request: `+42 ms`, `+29.04 s`."""
    if ms is None or not math.isfinite(ms):
        return UNKNOWN
    value, unit = duration(ms)
    return f"{value} {unit}" if value.startswith("-") else f"+{value} {unit}"


def age(ms: float | None) -> str:
    """Return how long ago something was, in its largest whole unit: `4 s`, `3 m`, `2 h`, `3 d`.

    An age below zero is a clock that differs: it reads `0 s`.
    """
    if ms is None or not math.isfinite(ms):
        return UNKNOWN
    whole = max(0, int(ms))
    for size_ms, unit in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "m")):
        if whole >= size_ms:
            return f"{whole // size_ms} {unit}"
    return f"{whole // _SECOND} s"


def count(n: int | None) -> str:
    """Return a count in groups of three: `38 443`."""
    return UNKNOWN if n is None else f"{n:,}".replace(",", " ")


def share(part: float | None, whole: float | None) -> str:
    """Return how much of the whole a part is: `3.1 %`; unknown for a part of nothing."""
    if part is None or not whole:
        return UNKNOWN
    return f"{100 * part / whole:.1f} %"


def rate(per_second: float | None) -> str:
    """Return a rate with one decimal: `42.0`."""
    if per_second is None or not math.isfinite(per_second):
        return UNKNOWN
    return f"{per_second:,.1f}".replace(",", " ")


def size(size_bytes: float | None) -> tuple[str, str]:
    """Return value and decimal unit: `917 B`, `8.4 KB`, `1.2 MB`."""
    if size_bytes is None or not math.isfinite(size_bytes):
        return UNKNOWN, ""
    if size_bytes < 0:
        value, unit = size(-size_bytes)
        return f"-{value}", unit
    if _rounded(size_bytes) < _KILO:
        return str(_rounded(size_bytes)), "B"
    tenths, power = _rounded(size_bytes / 100), 0
    while tenths >= 10 * _KILO and power < len(_SIZE_UNITS) - 1:
        power += 1
        tenths = _rounded(size_bytes * 10 / _KILO ** (power + 1))
    return f"{tenths / 10:.1f}", _SIZE_UNITS[power]


def clock(ms: int | None, tz: tzinfo, *, millis: bool = True) -> str:
    """Return the time of day in a zone: `14:03:11.120`."""
    moment = _moment(ms, tz)
    if moment is None:
        return UNKNOWN
    return moment.strftime("%H:%M:%S") + (f".{moment.microsecond // 1000:03d}" if millis else "")


def day(ms: int | None, tz: tzinfo) -> str:
    """Return the date in a zone: `2026-03-09`."""
    moment = _moment(ms, tz)
    return UNKNOWN if moment is None else moment.date().isoformat()


def _moment(ms: int | None, tz: tzinfo) -> datetime | None:
    if ms is None:
        return None
    try:
        return (_EPOCH + timedelta(milliseconds=ms)).astimezone(tz)
    except OverflowError:
        return None


def _long_duration(seconds: int) -> tuple[str, str]:
    if seconds < _HOUR // _SECOND:
        return f"{seconds // 60} m {seconds % 60:02d}", "s"
    minutes = seconds // 60
    return f"{minutes // 60} h {minutes % 60:02d}", "m"


def _rounded(value: float) -> int:
    """Round half up: Python's rounding to even makes equal steps look unequal."""
    return math.floor(value + 0.5)


def short(number: int) -> str:
    """A count in few characters, cut rather than rounded up: `950`, `12.3 k`, `1.2 M`."""
    for size, sign in ((1_000_000, "M"), (1_000, "k")):
        if number >= size:
            return f"{number * 10 // size / 10:g} {sign}"
    return str(number)
