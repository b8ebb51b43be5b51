"""Short ways to look at the shop's last minutes before noon."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from apigw_tui.emulator.calls import Call
from apigw_tui.emulator.feed import LoggedEvent
from apigw_tui.emulator.rest_calls import MINUTE_MS
from apigw_tui.emulator.traffic import Shop

NOON = 29_640_240
"""A minute since the epoch."""
GROUPS = [group.name for group in Shop(epoch=NOON * MINUTE_MS).groups()]


def shop(scenario: str | None = None, seed: int = 7, *, history_minutes: int = 30) -> Shop:
    return Shop(seed, scenario=scenario, history_ms=history_minutes * MINUTE_MS, epoch=NOON * MINUTE_MS)


def recent(feed: Shop, group: str, minutes: int = 2) -> Sequence[LoggedEvent]:
    return feed.events(group, (NOON - minutes) * MINUTE_MS, NOON * MINUTE_MS - 1)


def recent_calls(feed: Shop, api_id: str, stage: str, minutes: int = 2) -> tuple[Call, ...]:
    return feed.requests(api_id, stage, (NOON - minutes) * MINUTE_MS, NOON * MINUTE_MS - 1)


def by_request(events: Iterable[LoggedEvent]) -> dict[str, list[LoggedEvent]]:
    found: dict[str, list[LoggedEvent]] = defaultdict(list)
    for event in events:
        found[event.message[1 : event.message.index(")")]].append(event)
    return found


def bodies(events: Iterable[LoggedEvent]) -> list[str]:
    return [event.message.split(") ", 1)[1] for event in events]
