"""Causes for the list: who is asked for, when, how often, and what is told when a log refuses."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Event as StopFlag

import pytest

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.store import EventStore
from apigw_tui.core.timerange import TimeRange
from apigw_tui.sources.base import Batch, Completeness, RequestRef, Source, Trouble, Update
from apigw_tui.sources.failures import AwsError, FailureKind
from apigw_tui.tui.board_feed import BoardFeed
from apigw_tui.tui.causes import AT_ONCE, MOST_LOOKED_AT, Causes
from apigw_tui.tui.opened_source import OpenedSource
from apigw_tui.tui.orders import Opened
from apigw_tui.tui.session import Session
from apigw_tui.tui.status import reading_notes
from apigw_tui.tui.stories import Stories
from tests.core.test_store import START, Event, access, batch, request_id, timeout
from tests.tui.test_engine import Shelf

PATIENCE_S = 30.0
SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000
DENIED = AwsError(FailureKind.DENIED, "Could not read the execution log: not allowed.", "Allow it.")
THROTTLED = AwsError(FailureKind.THROTTLED, "Could not read the execution log: throttled.", "Wait.")
CALL = "7d0c9a55-aaaa-4bbb-8ccc-ddddeeeeffff"


class Logs(Shelf):
    """A live source whose execution logs hold what a test puts into them."""

    formats: Mapping[str, AccessFormat] = {}

    def __init__(self) -> None:
        super().__init__([], [])
        self.asked: list[list[RequestRef]] = []
        self.holds: Callable[[RequestRef], Sequence[Event]] = lambda _: ()
        self.opened: list[RequestRef] = []
        self.error: AwsError | None = None
        self.gate = threading.Event()
        self.gate.set()

    def failing_events(self, requests: Sequence[RequestRef], stop: StopFlag) -> Iterator[Update]:
        self.asked.append(list(requests))
        assert self.gate.wait(PATIENCE_S)
        if self.error is not None:
            yield Trouble(self.error, None)
            return
        lines = [line for request in requests for line in self.holds(request)]
        if lines:
            yield Batch(batch(lines))

    def request_events(self, request: RequestRef, stop: StopFlag) -> Iterator[Update]:
        self.opened.append(request)
        return iter(())


class Desk:
    """What the engine does for causes, one step at a time."""

    def __init__(self, *events: Event, now: int = START + HOUR) -> None:
        self.now = now
        self.logs = Logs()
        opened = Opened(1, self.logs, TimeRange(START - HOUR), Session(), now)
        self.state = OpenedSource(opened, EventStore())
        self.state.reading = False
        self.read(*events)
        self._arrived: list[Update] = []
        self.causes = Causes(fetch=self.fetch, wake=lambda: None, clock=lambda: self.now)

    def fetch(self, _: int, updates: Callable[[Source, StopFlag], Iterator[Update]]) -> None:
        self._arrived.extend(updates(self.logs, StopFlag()))

    def read(self, *events: Event) -> None:
        if events:
            self.state.take(Batch(batch(events)), self.now)

    def look(self, *, after: int = 0) -> None:
        self.now += after
        self.causes.look(self.state)
        if self.logs.gate.is_set():
            self.settle()

    def settle(self) -> None:
        for thread in threading.enumerate():
            if thread.name in ("causes", "story"):
                thread.join(PATIENCE_S)
        for update in self._arrived:
            self.state.take(update, self.now)
        self._arrived.clear()

    def asked(self) -> list[list[str]]:
        return [[request.request_id for request in requests] for requests in self.logs.asked]

    def causes_shown(self) -> dict[str, str]:
        rows = (row for chunk in self.state.store.requests.chunks for row in chunk.frame.iter_rows(named=True))
        return {row["request_id"]: row["cause"] for row in rows}


def ids(*numbers: int) -> list[str]:
    return [request_id(number) for number in numbers]


def test_the_cause_of_a_failing_request_is_found_without_opening_it() -> None:
    desk = Desk(access(1, 0, status=504), access(2, 5))
    desk.logs.holds = lambda request: timeout(1, 0) if request.request_id == request_id(1) else ()
    assert desk.causes_shown()[request_id(1)] == "unknown"
    desk.look()
    assert desk.asked() == [ids(1)]
    assert desk.causes_shown()[request_id(1)] == "integration_timeout"


def test_server_errors_come_first_and_the_newest_of_each() -> None:
    desk = Desk(access(1, 0, 404), access(2, 10, 502), access(3, 20, 404), access(4, 30, 504))
    desk.look()
    assert set(desk.asked()[0]) == set(ids(1, 2, 3, 4))
    many = [access(number, number, 404) for number in range(AT_ONCE)]
    desk = Desk(access(900, -50, 502), access(901, -40, 504), *many)
    desk.look()
    desk.look()
    first, second = desk.asked()
    assert set(first) == set(ids(900, 901, *range(2, AT_ONCE)))
    assert set(second) == set(ids(0, 1))


def test_one_round_is_in_flight_at_a_time() -> None:
    desk = Desk(*(access(number, number, 502) for number in range(AT_ONCE + 5)))
    desk.logs.gate.clear()
    desk.look()
    desk.look(after=HOUR)
    desk.logs.gate.set()
    desk.settle()
    assert [len(requests) for requests in desk.asked()] == [AT_ONCE]
    desk.look()
    assert [len(requests) for requests in desk.asked()] == [AT_ONCE, 5]


def test_a_few_requests_that_have_just_ended_wait_for_more() -> None:
    desk = Desk(access(1, 0, 502), now=START + SECOND)
    desk.look()
    assert desk.asked() == []
    desk.look(after=2 * SECOND)
    assert desk.asked() == [ids(1)]
    desk.read(access(2, 2_500, 502))
    desk.look()
    assert desk.asked() == [ids(1)]
    desk.look(after=2 * SECOND)
    assert desk.asked() == [ids(1), ids(2)]


@pytest.mark.parametrize(("on_demand", "asked"), [((), []), (("the execution log",), [ids(1)])])
def test_a_tail_that_follows_the_execution_log_gets_time_to_bring_the_lines(
    on_demand: tuple[str, ...], asked: list[list[str]]
) -> None:
    desk = Desk(access(1, 0, 502), now=START + 9 * SECOND)
    desk.state.take(Completeness(START, 900, 0, 0, on_demand=on_demand), desk.now)
    desk.look()
    assert desk.asked() == asked
    desk.look(after=2 * SECOND)
    assert desk.asked() == [ids(1)]


def test_what_was_asked_for_early_in_vain_is_asked_for_once_more_a_minute_later() -> None:
    desk = Desk(access(1, 0, 502), now=START + 5 * SECOND)
    desk.look()
    desk.look(after=59 * SECOND)
    assert desk.asked() == [ids(1)]
    desk.look(after=SECOND)
    assert desk.asked() == [ids(1), ids(1)]
    desk.look(after=HOUR)
    assert desk.asked() == [ids(1), ids(1)]


def test_what_was_asked_for_long_after_its_end_in_vain_is_left() -> None:
    desk = Desk(access(1, 0, 502))
    desk.look()
    desk.look(after=HOUR)
    assert desk.asked() == [ids(1)]


def test_lines_that_came_with_the_tail_are_not_asked_for() -> None:
    desk = Desk(access(1, 0, 504), *timeout(1, 0))
    desk.look()
    assert desk.asked() == []


def test_after_execution_lines_in_vain_the_function_is_asked() -> None:
    desk = Desk(access(1, 0, 502))
    told = f"({request_id(1)}) AWS Integration Endpoint RequestId : {CALL}"
    desk.logs.holds = lambda request: [Event(20, told)] if request.lines is None else ()
    desk.look()
    desk.look(after=5 * SECOND)
    first, second = desk.logs.asked
    assert (first[0].lines, first[0].integration_request_id) == (None, None)
    assert second[0].integration_request_id == CALL
    assert second[0].lines is not None
    assert second[0].lines["message"].to_list() == [told]
    desk.look(after=HOUR)
    assert len(desk.logs.asked) == 2


def test_only_the_newest_are_looked_up_until_an_older_span_is_selected() -> None:
    desk = Desk(*(access(number, number, 502) for number in range(MOST_LOOKED_AT + 3)))
    for _ in range(MOST_LOOKED_AT // AT_ONCE + 2):
        desk.look()
    assert sum(map(len, desk.asked())) == MOST_LOOKED_AT
    desk.state.narrowed_to = TimeRange(START, START + 10)
    desk.look()
    assert set(desk.asked()[-1]) == set(ids(0, 1, 2))


def test_a_flood_is_not_looked_up_beyond_the_newest_though_all_of_it_is_explained() -> None:
    desk = Desk(*(access(number, number, 504) for number in range(MOST_LOOKED_AT + 3)))
    desk.logs.holds = lambda request: timeout(int(request.request_id[-6:]), 0)
    for _ in range(MOST_LOOKED_AT // AT_ONCE + 2):
        desk.look()
    assert sum(map(len, desk.asked())) == MOST_LOOKED_AT
    assert sum(cause == "unknown" for cause in desk.causes_shown().values()) == 3


def test_nothing_is_asked_while_the_tail_has_trouble() -> None:
    desk = Desk(access(1, 0, 502))
    desk.state.trouble = Trouble(THROTTLED, START)
    desk.look()
    assert desk.asked() == []
    desk.state.trouble = None
    desk.look()
    assert desk.asked() == [ids(1)]


def test_a_refusal_is_told_in_one_sentence_and_tried_again_much_later() -> None:
    desk = Desk(access(1, 0, 502))
    desk.logs.error = DENIED
    desk.look()
    desk.look(after=MINUTE)
    assert desk.causes.note == "Some causes are not told: the execution log cannot be read."
    assert desk.asked() == [ids(1)]
    desk.logs.error = None
    desk.look(after=10 * MINUTE)
    assert desk.asked() == [ids(1), ids(1)]
    desk.look()
    assert desk.causes.note == ""


def test_a_refusal_stands_in_the_stage_pane() -> None:
    desk = Desk(access(1, 0, 502))
    desk.state.causes_note = "Some causes are not told: the execution log cannot be read."
    picture = desk.state.picture(desk.now, 120, BoardFeed())
    assert desk.state.causes_note in reading_notes(picture)


def test_a_function_that_has_never_logged_is_left_without_a_word() -> None:
    desk = Desk(access(1, 0, 502))
    desk.logs.error = AwsError(FailureKind.NOT_FOUND, "Could not read /aws/lambda/orders: there is none.", "")
    desk.look()
    desk.look(after=HOUR)
    assert desk.asked() == [ids(1)]
    assert desk.causes.note == ""


def test_a_throttled_round_is_repeated_without_a_word() -> None:
    desk = Desk(access(1, 0, 502))
    desk.logs.error = THROTTLED
    desk.look()
    desk.look()
    desk.logs.error = None
    desk.look(after=29 * SECOND)
    assert desk.asked() == [ids(1)]
    desk.look(after=SECOND)
    assert desk.asked() == [ids(1), ids(1)]
    assert desk.causes.note == ""


@pytest.mark.parametrize(("seconds", "whole"), [(59, False), (60, True)])
def test_lines_read_a_minute_after_the_end_are_whole(seconds: int, *, whole: bool) -> None:
    desk = Desk(access(1, 0, 502), now=START + seconds * SECOND)
    desk.look()
    (row,) = desk.state.store.requests.chunks[0].frame.to_dicts()
    assert desk.causes.was_read(row["key"], START) is whole


@pytest.mark.parametrize(("seconds", "brought"), [(HOUR // SECOND, 3), (40, 0)])
def test_an_opened_request_brings_the_lines_of_its_batch_unless_more_may_come(seconds: int, brought: int) -> None:
    desk = Desk(access(1, 0, 504), now=START + seconds * SECOND)
    desk.logs.holds = lambda _: timeout(1, 0)
    desk.look()
    stories = Stories(
        publish=lambda _: None,
        fetch=desk.fetch,
        wake=lambda: None,
        clock=lambda: desk.now,
        was_read=desk.causes.was_read,
    )
    stories.select(desk.state.store.requests.chunks[0].frame.item(0, "key"), desk.state.store, 1)
    desk.settle()
    (opened,) = desk.logs.opened
    assert brought == (0 if opened.lines is None else opened.lines.height)


def test_another_source_starts_from_nothing() -> None:
    desk = Desk(access(1, 0, 502))
    desk.logs.error = DENIED
    desk.look()
    desk.look()
    desk.causes.reset()
    assert desk.causes.note == ""
    desk.look()
    assert desk.asked() == [ids(1), ids(1)]
