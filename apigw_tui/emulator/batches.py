"""Lines as CloudWatch keeps them: stamped by their writer, delivered in batches, numbered within."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

from apigw_tui.emulator.dice import delivery_lag
from apigw_tui.emulator.feed import LoggedEvent

Line = tuple[int, str]
"""When it was written (ms) and its text."""

SILENCE_MS: Final = 1_000
"""A writer that is silent for longer sends what it has."""

TIMESTAMP_SHIFT: Final = 144


def delivered(
    lines: Sequence[Line], stream: str, rng: random.Random, *, known_at: int | None = None
) -> list[LoggedEvent]:
    """The lines of one request or invocation, in order, as events of one stream.

    Same-millisecond lines share a batch and differ in the low bits of their IDs, which count up. What is
    stamped with the past (an access entry) is delivered after `known_at`.
    """
    base = rng.getrandbits(128) << 16
    events: list[LoggedEvent] = []
    first, count = 0, len(lines)
    for following in range(1, count + 1):
        last_at = lines[following - 1][0]
        if following < count and lines[following][0] - last_at <= SILENCE_MS:
            continue
        seen = max(last_at, known_at or 0) + delivery_lag(rng)
        for index in range(first, following):
            at, message = lines[index]
            event_id = str((at << TIMESTAMP_SHIFT) + base + index)
            events.append(LoggedEvent(at, seen, event_id, stream, message))
        first = following
    return events
