"""CloudWatch Logs operations that create groups and streams and put events."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

from apigw_tui.emulator.arguments import (
    GROUP_CLASSES,
    GROUP_NAME,
    STREAM_NAME,
    Arguments,
    TextRule,
    invalid,
    violation,
)
from apigw_tui.emulator.groups import Group
from apigw_tui.emulator.paging import event_bytes
from apigw_tui.emulator.state import LogsState

_MOST_EVENTS: Final = 10_000
_MOST_BYTES: Final = 1_048_576
_DAY_MS: Final = 86_400_000
_OLDEST_DAYS: Final = 14
_NEWEST_MS: Final = 2 * 3_600_000


def create_log_group(state: LogsState, arguments: Arguments) -> dict[str, Any]:
    """CreateLogGroup."""
    name = arguments.required_text("logGroupName", GROUP_NAME)
    if name.startswith("aws/"):
        raise invalid("Log groups starting with 'aws/' are reserved")
    state.groups.create_group(name, arguments.choice("logGroupClass", GROUP_CLASSES) or "STANDARD")
    return {}


def create_log_stream(state: LogsState, arguments: Arguments) -> dict[str, Any]:
    """CreateLogStream."""
    group = state.groups.find(arguments.required_text("logGroupName", GROUP_NAME))
    state.groups.create_stream(group, arguments.required_text("logStreamName", STREAM_NAME))
    return {}


def put_log_events(state: LogsState, arguments: Arguments) -> dict[str, Any]:
    """PutLogEvents: refuses a whole batch that breaks a limit, drops and reports events out of time."""
    group_name = arguments.required_text("logGroupName", GROUP_NAME)
    stream_name = arguments.required_text("logStreamName", STREAM_NAME)
    events = [
        (_timestamp(event), event.required_text("message", TextRule(1)))
        for event in arguments.objects("logEvents", most=_MOST_EVENTS)
    ]
    group = state.groups.find(group_name)
    state.groups.stream(group, stream_name)
    _check_batch(events)
    now = state.clock()
    rejected = _rejected([timestamp for timestamp, _ in events], group, now)
    first = max(rejected.get("tooOldLogEventEndIndex", 0), rejected.get("expiredLogEventEndIndex", 0))
    accepted = events[first : rejected.get("tooNewLogEventStartIndex", len(events))]
    if accepted and accepted[-1][0] - accepted[0][0] > _DAY_MS:
        raise invalid("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
    if accepted:
        state.groups.put(group, stream_name, accepted)
    # The sequence token is ignored since 2023, and still answered.
    answer: dict[str, Any] = {"nextSequenceToken": f"{now:056d}"}
    return {**answer, "rejectedLogEventsInfo": rejected} if rejected else answer


def _timestamp(event: Arguments) -> int:
    timestamp = event.integer("timestamp")
    if timestamp is None:
        raise violation("timestamp", None, "not be null")
    return timestamp


def _check_batch(events: list[tuple[int, str]]) -> None:
    size = sum(event_bytes(message) for _, message in events)
    if size > _MOST_BYTES:
        raise invalid(f"Upload too large: {size} bytes exceeds limit of {_MOST_BYTES}")
    if any(earlier > later for (earlier, _), (later, _) in pairwise(events)):
        raise invalid("Log events in a single PutLogEvents request must be in chronological order.")


def _rejected(timestamps: list[int], group: Group, now: int) -> dict[str, int]:
    """The rejectedLogEventsInfo of ordered timestamps: end indices exclude, the start index includes."""
    info = {
        "tooOldLogEventEndIndex": sum(timestamp < now - _OLDEST_DAYS * _DAY_MS for timestamp in timestamps),
        "tooNewLogEventStartIndex": sum(timestamp <= now + _NEWEST_MS for timestamp in timestamps),
    }
    if group.info.retention_days is not None:
        kept_from = now - group.info.retention_days * _DAY_MS
        info["expiredLogEventEndIndex"] = sum(timestamp < kept_from for timestamp in timestamps)
    nothing = {"tooNewLogEventStartIndex": len(timestamps)}
    return {name: index for name, index in info.items() if index != nothing.get(name, 0)}
