"""CloudWatch Logs operations that return events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from apigw_tui.emulator.arguments import FILTER_PATTERN, STREAM_NAME, TOKEN, Arguments, invalid
from apigw_tui.emulator.feed import LoggedEvent
from apigw_tui.emulator.groups import Group
from apigw_tui.emulator.odd_pages import Asked, odd_page
from apigw_tui.emulator.paging import fill_page
from apigw_tui.emulator.patterns import PatternError, compile_pattern
from apigw_tui.emulator.state import LogsState, addressed_group
from apigw_tui.emulator.timeline import Position, Span, before, position_of

_END_OF_TIME: Final = 2**62
_MOST_EVENTS: Final = 10_000
_MOST_STREAM_NAMES: Final = 100
_NEWEST_FIRST_SINCE: Final = 1_704_067_200_000  # 2024-01-01: see startFromHead in the service model

Keep = Callable[[LoggedEvent], bool]


def filter_log_events(state: LogsState, arguments: Arguments) -> dict[str, Any]:
    """FilterLogEvents: times inclusive, oldest first unless startFromHead is false.

    A page can be partial or empty and still have a token. Groups of other classes than STANDARD are refused, which
    has not been verified with AWS: neither that they cannot be read this way nor the code of the error.
    """
    start = arguments.integer("startTime")
    end = arguments.integer("endTime")
    limit = _limit(state, arguments)
    token = arguments.text("nextToken", TOKEN)
    choice = _Choice.of(arguments)
    group = addressed_group(state, arguments)
    _refuse_class(group)
    oldest_first = arguments.flag("startFromHead") is not False
    request = ("FilterLogEvents", group.key, start, end, choice)
    place = None
    if token is not None:
        oldest_first, *where = state.tokens.read(request, token)
        place = Position(*where)
    elif not oldest_first and (start or 0) < _NEWEST_FIRST_SINCE:
        raise invalid("startFromHead can only be false when startTime is on or after January 1, 2024 00:00:00 UTC.")

    def issue(reached: Position) -> str:
        return state.tokens.issue(request, [oldest_first, *reached])

    span = Span(start or 0, _END_OF_TIME if end is None else end)
    timeline = state.groups.timeline(group)
    if oldest_first:
        events = timeline.forward(span._replace(after=place))
    else:
        events = timeline.backward(span._replace(until=place))
    page = fill_page(events, choice.test(), limit, state.paging)
    found, more = page.events, None if page.reached is None else issue(page.reached)
    fault = state.conditions.page_fault("FilterLogEvents", group.key, now=state.clock())
    if fault is not None:
        origin = place or before(span.start if oldest_first else span.end + 1)
        asked = Asked(request, token, origin)
        found, more = odd_page(fault, page, asked, conditions=state.conditions, issue=issue)
    answer: dict[str, Any] = {"events": [_filtered(event) for event in found], "searchedLogStreams": []}
    return answer if more is None else {**answer, "nextToken": more}


def _refuse_class(group: Group) -> None:
    if group.group_class != "STANDARD":
        raise invalid(f"This operation is not supported for log groups of class {group.group_class}.")


def _limit(state: LogsState, arguments: Arguments) -> int:
    limit = arguments.integer("limit", least=1, most=_MOST_EVENTS) or _MOST_EVENTS
    return min(limit, state.paging.page_events)


@dataclass(frozen=True)
class _Choice:
    """Which events of a group are wanted."""

    streams: tuple[str, ...] | None
    stream_prefix: str | None
    pattern: str

    @classmethod
    def of(cls, arguments: Arguments) -> _Choice:
        arguments.exclusive("logStreamNames", "logStreamNamePrefix")
        choice = cls(
            arguments.texts("logStreamNames", STREAM_NAME, most=_MOST_STREAM_NAMES),
            arguments.text("logStreamNamePrefix", STREAM_NAME),
            arguments.text("filterPattern", FILTER_PATTERN) or "",
        )
        choice.test()
        return choice

    def test(self) -> Keep:
        try:
            matches = compile_pattern(self.pattern)
        except PatternError as error:
            raise invalid(str(error)) from error
        wanted = frozenset(self.streams) if self.streams is not None else None
        prefix = self.stream_prefix or ""
        if wanted is None and not prefix:
            return lambda event: matches(event.message)
        return lambda event: (
            (wanted is None or event.log_stream in wanted)
            and event.log_stream.startswith(prefix)
            and matches(event.message)
        )


def _filtered(event: LoggedEvent) -> dict[str, Any]:
    return {
        "logStreamName": event.log_stream,
        "timestamp": event.timestamp,
        "message": event.message,
        "ingestionTime": event.ingestion_time,
        "eventId": event.event_id,
    }


def get_log_events(state: LogsState, arguments: Arguments) -> dict[str, Any]:
    """GetLogEvents: one stream, endTime exclusive, the newest page first unless startFromHead is true.

    Within a page the oldest comes first. A token leads forward (`f/`) or backward (`b/`) from a place; at the
    end of the stream the same one is returned.
    """
    start = arguments.integer("startTime") or 0
    end = arguments.integer("endTime")
    limit = _limit(state, arguments)
    token = arguments.text("nextToken", TOKEN)
    forward = arguments.flag("startFromHead") or False
    name = arguments.required_text("logStreamName", STREAM_NAME)
    group = addressed_group(state, arguments)
    _refuse_class(group)
    state.groups.stream(group, name)
    request = ("GetLogEvents", group.key, name)
    place = None
    if token is not None:
        forward, place = _read_stream_token(state, request, token)
    span = Span(start, _END_OF_TIME if end is None else end - 1)
    timeline = state.groups.timeline(group)
    walk = timeline.forward(span._replace(after=place)) if forward else timeline.backward(span._replace(until=place))
    page = fill_page(walk, lambda event: event.log_stream == name, limit, state.paging)
    events = page.events if forward else page.events[::-1]
    ends = _ends(events, page.reached, place or before(start), forward=forward)
    tokens = [f"{way}/{state.tokens.issue(request, end)}" for way, end in zip("bf", ends, strict=True)]
    if token is not None and ends[forward] == place:
        tokens[forward] = token
    return {
        "events": [_of_stream(event) for event in events],
        "nextForwardToken": tokens[1],
        "nextBackwardToken": tokens[0],
    }


def _read_stream_token(state: LogsState, request: tuple[str, ...], token: str) -> tuple[bool, Position]:
    """Whether the token leads forward, and from where."""
    way, _, rest = token.partition("/")
    if way not in {"f", "b"}:
        raise invalid("The specified nextToken is invalid.")
    return way == "f", Position(*state.tokens.read(request, rest))


def _ends(
    events: list[LoggedEvent], reached: Position | None, stayed: Position, *, forward: bool
) -> tuple[Position, Position]:
    """Where the page begins and ends; on the side of the walk as far as was looked at."""
    first = position_of(events[0]) if events else stayed
    last = position_of(events[-1]) if events else stayed
    if reached is None:
        return first, last
    return (first, reached) if forward else (reached, last)


def _of_stream(event: LoggedEvent) -> dict[str, Any]:
    return {"timestamp": event.timestamp, "message": event.message, "ingestionTime": event.ingestion_time}
