"""CloudWatch Logs operations that list groups and streams."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from apigw_tui.emulator.arguments import (
    ACCOUNT,
    GROUP_CLASSES,
    GROUP_IDENTIFIER,
    GROUP_NAME,
    GROUP_PATTERN,
    GROUP_REGEX,
    STREAM_NAME,
    TOKEN,
    Arguments,
    invalid,
)
from apigw_tui.emulator.groups import Group, Stream
from apigw_tui.emulator.paging import slice_after
from apigw_tui.emulator.state import LogsState, addressed_group, name_of

_DEFAULT_PAGE: Final = 50
_LARGEST_PAGE: Final = 50
_LARGEST_LIST_PAGE: Final = 1_000
_MOST_IDENTIFIERS: Final = 50
_MOST_ACCOUNTS: Final = 20


def describe_log_groups(state: LogsState, arguments: Arguments) -> dict[str, Any]:
    """DescribeLogGroups."""
    arguments.exclusive("logGroupNamePrefix", "logGroupNamePattern")
    prefix = arguments.text("logGroupNamePrefix", GROUP_NAME) or ""
    pattern = arguments.text("logGroupNamePattern", GROUP_PATTERN) or ""
    identifiers = arguments.texts("logGroupIdentifiers", GROUP_IDENTIFIER, most=_MOST_IDENTIFIERS)
    if identifiers is not None and (prefix or pattern):
        raise invalid("logGroupIdentifiers cannot be combined with a name prefix or pattern")
    keys = None if identifiers is None else {name_of(identifier) for identifier in identifiers}

    def chosen(group: Group) -> bool:
        is_named = keys is None or group.key in keys
        return is_named and group.name.startswith(prefix) and pattern in group.name

    groups, answer = _group_page(state, arguments, chosen, largest=_LARGEST_PAGE)
    return {"logGroups": [_described_group(group) for group in groups], **answer}


def list_log_groups(state: LogsState, arguments: Arguments) -> dict[str, Any]:
    """ListLogGroups: `^` for a prefix, `|` between alternatives, else a substring."""
    pattern = arguments.text("logGroupNamePattern", GROUP_REGEX)
    alternatives = pattern.split("|") if pattern else [""]

    def chosen(group: Group) -> bool:
        return any(
            group.name.startswith(part[1:]) if part.startswith("^") else part in group.name for part in alternatives
        )

    groups, answer = _group_page(state, arguments, chosen, largest=_LARGEST_LIST_PAGE)
    summaries = [
        {"logGroupName": group.name, "logGroupArn": group.arn, "logGroupClass": group.group_class} for group in groups
    ]
    return {"logGroups": summaries, **answer}


def describe_log_streams(state: LogsState, arguments: Arguments) -> dict[str, Any]:
    """DescribeLogStreams, by name or by the time of the last event."""
    prefix = arguments.text("logStreamNamePrefix", STREAM_NAME)
    order = arguments.choice("orderBy", ("LogStreamName", "LastEventTime")) or "LogStreamName"
    descending = arguments.flag("descending") or False
    limit = arguments.integer("limit", least=1, most=_LARGEST_PAGE) or _DEFAULT_PAGE
    token = arguments.text("nextToken", TOKEN)
    if prefix is not None and order == "LastEventTime":
        raise invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
    group = addressed_group(state, arguments)
    streams = [stream for stream in state.groups.streams(group).values() if stream.name.startswith(prefix or "")]
    streams.sort(key=lambda stream: stream.name, reverse=descending)
    if order == "LastEventTime":
        streams.sort(key=lambda stream: stream.last_event or 0, reverse=descending)
    request = ("DescribeLogStreams", group.key, prefix, order, descending)
    last = None if token is None else state.tokens.read(request, token)
    page, more = slice_after(streams, lambda stream: stream.name, last, limit)
    answer = {} if more is None else {"nextToken": state.tokens.issue(request, more)}
    return {"logStreams": [_described_stream(group, stream) for stream in page], **answer}


def _group_page(
    state: LogsState, arguments: Arguments, chosen: Callable[[Group], bool], *, largest: int
) -> tuple[list[Group], dict[str, str]]:
    """One page of the chosen groups, and the token in the answer if there are more.

    Groups of linked accounts are there only with includeLinkedAccounts, as a monitoring account sees them.
    """
    group_class = arguments.choice("logGroupClass", GROUP_CLASSES)
    limit = arguments.integer("limit", least=1, most=largest) or _DEFAULT_PAGE
    token = arguments.text("nextToken", TOKEN)
    with_linked = arguments.flag("includeLinkedAccounts") or False
    accounts = arguments.texts("accountIdentifiers", ACCOUNT, most=_MOST_ACCOUNTS) if with_linked else None
    # Any other arguments may change between pages: the token only says which name came last.
    request = ("groups", largest)
    groups = [
        group
        for group in state.groups.all()
        if chosen(group)
        and group_class in {None, group.group_class}
        and (with_linked or not group.info.is_linked)
        and (accounts is None or group.info.account_id in accounts)
    ]
    last = None if token is None else state.tokens.read(request, token)
    page, more = slice_after(groups, lambda group: group.key, last, limit)
    return page, {} if more is None else {"nextToken": state.tokens.issue(request, more)}


def _described_group(group: Group) -> dict[str, Any]:
    described = {
        "logGroupName": group.name,
        "creationTime": group.info.created_at,
        "metricFilterCount": 0,
        "arn": f"{group.arn}:*",
        "logGroupClass": group.group_class,
        "logGroupArn": group.arn,
    }
    optional = {"retentionInDays": group.info.retention_days, "storedBytes": group.stored_bytes}
    return described | {name: value for name, value in optional.items() if value is not None}


def _described_stream(group: Group, stream: Stream) -> dict[str, Any]:
    described = {
        "logStreamName": stream.name,
        "creationTime": stream.created_at,
        "arn": f"{group.arn}:log-stream:{stream.name}",
        # AWS answers 0 for every stream since 2019.
        "storedBytes": 0,
    }
    optional = {
        "firstEventTimestamp": stream.first_event,
        "lastEventTimestamp": stream.last_event,
        "lastIngestionTime": stream.last_ingestion,
    }
    return described | {name: value for name, value in optional.items() if value is not None}
