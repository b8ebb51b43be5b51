"""The shop: its log groups and its APIs, as functions of a seed and of time."""

from __future__ import annotations

import hashlib
import re
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from operator import attrgetter, itemgetter
from threading import RLock
from typing import Final

from apigw_tui.emulator.access_entry import access_writer
from apigw_tui.emulator.batches import Line, delivered
from apigw_tui.emulator.calls import Call, Run
from apigw_tui.emulator.catalogue import FUNCTIONS, ORDERS_AUTHORIZER, Function, ShopStage
from apigw_tui.emulator.dice import dice, hex_digest
from apigw_tui.emulator.feed import GroupInfo, LoggedEvent
from apigw_tui.emulator.lambda_log import run_lines
from apigw_tui.emulator.other_logs import OTHER_GROUPS, retention
from apigw_tui.emulator.plane import ShopPlane
from apigw_tui.emulator.rest_calls import MINUTE_MS, RestMinute
from apigw_tui.emulator.rest_execution import rest_lines
from apigw_tui.emulator.scenarios import SCENARIOS, Effects, effects_at
from apigw_tui.emulator.shelf import Shelf
from apigw_tui.emulator.stages import ORDERS_PROD, STAGES
from apigw_tui.emulator.trace_segments import SegmentDocument, trace_segments
from apigw_tui.emulator.web_calls import web_calls
from apigw_tui.emulator.websocket import websocket_calls, websocket_lines

DEFAULT_SEED: Final = 2026
DEFAULT_HISTORY_MS: Final = 30 * MINUTE_MS
KEPT_EVENTS: Final = 150_000
KEPT_CALLS: Final = 60_000
EXECUTION_STREAMS: Final = tuple(
    hashlib.md5(str(shard).encode(), usedforsecurity=False).hexdigest() for shard in range(1, 153)
)
ACCESS_STREAMS: Final = 4
_TRACE_SECOND: Final = re.compile(r"1-([0-9a-f]{8})-[0-9a-f]{24}\Z")

MinuteOfEvents = Callable[[int], list[LoggedEvent]]


class Shop(ShopPlane):
    """The invented shop's traffic; a log feed and a control plane.

    Every request is a pure function of the seed, its minute and the scenario: any process sees the same ones,
    in whatever order it asks. Nothing is older than `history_ms` before `epoch` (ms; default: now).
    """

    def __init__(
        self,
        seed: int = DEFAULT_SEED,
        *,
        scenario: str | None = None,
        history_ms: int = DEFAULT_HISTORY_MS,
        epoch: int | None = None,
    ) -> None:
        """Open the shop; without a scenario all of them come in turn.

        Raises ValueError for an unknown scenario.
        """
        if scenario is not None and scenario not in SCENARIOS:
            raise ValueError(f"no scenario {scenario!r}; there are {', '.join(SCENARIOS)}")
        self._seed = seed
        self._scenario = scenario
        opened = time.time_ns() // 1_000_000 if epoch is None else epoch
        self._first_minute = (opened - history_ms) // MINUTE_MS
        self._events: Shelf[LoggedEvent] = Shelf(KEPT_EVENTS)
        self._calls: Shelf[Call] = Shelf(KEPT_CALLS)
        self._lock = RLock()
        self._writers = dict(self._minutes_by_group())

    @property
    def history_start(self) -> int:
        """The start of the first minute with requests (ms)."""
        return self._first_minute * MINUTE_MS

    # The log feed

    def groups(self) -> Sequence[GroupInfo]:
        """All log groups; one is a linked account's."""
        start = self.history_start
        others = {group.key: group for group in (other.info(start) for other in OTHER_GROUPS)}
        return [others.get(key) or GroupInfo(key, start, retention(key)) for key in self._writers]

    def events(self, log_group: str, start: int, end: int) -> Sequence[LoggedEvent]:
        """The events of a group stamped `start` … `end` (inclusive), ordered by (timestamp, event_id).

        Draws every minute from the one before `start` (whose slow requests end later) to `end`.
        """
        writer = self._writers.get(log_group)
        if writer is None:
            return []
        found: list[LoggedEvent] = []
        with self._lock:
            for minute in self._minutes(start - MINUTE_MS, end):
                events = self._events.get((log_group, minute), partial(writer, minute))
                low = bisect_left(events, start, key=itemgetter(0))
                found += events[low : bisect_right(events, end, key=itemgetter(0))]
        found.sort(key=itemgetter(2))
        return found

    def _minutes(self, start: int, end: int) -> range:
        return range(max(start // MINUTE_MS, self._first_minute), end // MINUTE_MS + 1)

    def _minutes_by_group(self) -> Iterator[tuple[str, MinuteOfEvents]]:
        for stage in STAGES:
            if stage.access_group is not None:
                yield stage.access_group, partial(self._access_events, stage)
            if stage.execution_group is not None:
                yield stage.execution_group, partial(self._execution_events, stage)
        for function in FUNCTIONS:
            yield function.log_group, partial(self._function_events, function)
        for other in OTHER_GROUPS:
            yield other.info(self.history_start).key, partial(other.events, self._seed)

    # The truth

    def requests(self, api_id: str, stage: str, start: int, end: int) -> tuple[Call, ...]:
        """What really happened: the requests that started from `start` to `end` (inclusive), by start."""
        found: list[Call] = []
        for shop_stage in STAGES:
            if (shop_stage.api_id, shop_stage.name) == (api_id, stage):
                for minute in self._minutes(start, end):
                    found += self._calls_of(shop_stage, minute)
        return tuple(call for call in found if start <= call.started_at <= end)

    def trace(self, trace_id: str) -> Sequence[SegmentDocument]:
        """The X-Ray segments of the request with this trace ID, which begins with its second; none if not sampled."""
        found = _TRACE_SECOND.match(trace_id)
        if found is None:
            return []
        second = int(found[1], 16) * 1000
        for stage in STAGES:
            for minute in self._minutes(second, second) if stage.tracing else ():
                for call in self._calls_of(stage, minute):
                    if call.trace_id == trace_id:
                        return trace_segments(call)
        return []

    def _calls_of(self, stage: ShopStage, minute: int) -> list[Call]:
        with self._lock:
            return self._calls.get((stage.scope, minute), partial(self._draw, stage, minute))

    def _draw(self, stage: ShopStage, minute: int) -> list[Call]:
        if stage.api_type == "HTTP":
            return web_calls(self._seed, stage, minute)
        if stage.api_type == "WEBSOCKET":
            return websocket_calls(self._seed, stage, minute)
        effects = effects_at(minute, self._scenario) if stage is ORDERS_PROD else Effects()
        return RestMinute(self._seed, stage, minute, effects).calls()

    # The writers: the events of the requests that start in a minute, by event ID

    def _access_events(self, stage: ShopStage, minute: int) -> list[LoggedEvent]:
        write = access_writer(stage.access_format or "")
        rng = dice(self._seed, stage.access_group, minute)
        streams = [hex_digest(stage.scope, "access", shard) for shard in range(ACCESS_STREAMS)]
        events: list[LoggedEvent] = []
        for call in self._calls_of(stage, minute):
            entry: Line = (call.started_at, write(call))
            stream = streams[int(rng.random() * ACCESS_STREAMS)]
            events += delivered([entry], stream, rng, known_at=call.ended_at)
        return _ordered(events)

    def _execution_events(self, stage: ShopStage, minute: int) -> list[LoggedEvent]:
        rng = dice(self._seed, stage.execution_group, minute)
        events: list[LoggedEvent] = []
        for call in self._calls_of(stage, minute):
            lines = websocket_lines(call) if stage.api_type == "WEBSOCKET" else rest_lines(call, rng)
            if lines:
                stream = EXECUTION_STREAMS[int(rng.random() * len(EXECUTION_STREAMS))]
                events += delivered(lines, stream, rng)
        return _ordered(events)

    def _function_events(self, function: Function, minute: int) -> list[LoggedEvent]:
        rng = dice(self._seed, function.log_group, minute)
        events: list[LoggedEvent] = []
        for stage in STAGES:
            if not _may_call(stage, function):
                continue
            for call in self._calls_of(stage, minute):
                for run in _runs(call, function):
                    events += delivered(run_lines(run, call, rng), run.log_stream, rng)
        return _ordered(events)


def _ordered(events: list[LoggedEvent]) -> list[LoggedEvent]:
    """By event ID: all have 56 digits and begin with the timestamp."""
    events.sort(key=attrgetter("event_id"))
    return events


def _may_call(stage: ShopStage, function: Function) -> bool:
    return any(
        route.function is function or (route.authorized and function is ORDERS_AUTHORIZER) for route in stage.routes
    )


def _runs(call: Call, function: Function) -> Iterator[Run]:
    for run in (call.authorizer_run, call.run):
        if run is not None and run.function is function:
            yield run
