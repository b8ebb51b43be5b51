"""Times and ranges as users type them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TimeRange:
    """From `start` to `end`, both inclusive, epoch milliseconds; `end` None is now and goes on."""

    start: int
    end: int | None = None
