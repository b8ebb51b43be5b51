"""The two clocks of the sources, both in milliseconds."""

from __future__ import annotations

import time


def wall_clock() -> int:
    """Epoch milliseconds: what events are stamped with."""
    return time.time_ns() // 1_000_000


def monotonic_clock() -> int:
    """Milliseconds that never jump: what rates are measured with."""
    return time.monotonic_ns() // 1_000_000
