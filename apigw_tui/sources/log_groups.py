"""Log groups by prefix or by any part of the name, without ever listing a whole account."""

from __future__ import annotations

import re
from dataclasses import dataclass
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Any, Final

from apigw_tui.sources.calls import Call, perform
from apigw_tui.sources.failures import AwsError, FailureKind

if TYPE_CHECKING:
    from apigw_tui.sources.session import Aws

DESCRIBE_PAGE: Final = 50
LIST_PAGE: Final = 1000
MAX_PAGES: Final = 40
"""Of one listing by prefix: 2 000 groups, 5 seconds at the quota."""

SEARCH_PAGES: Final = 4

_SHORTEST_PATTERN: Final = 3
_LONGEST_PATTERN: Final = 24
_NAME_CHARACTERS: Final = re.compile(r"[.\-_/#A-Za-z0-9]+")
_LOG_GROUP_ARN: Final = re.compile(r"arn:[\w-]+:logs:[\w-]*:\d*:log-group:(?P<name>[^:*]+)(?::.*)?")


@dataclass(frozen=True)
class LogGroup:
    """A log group; what the listing did not tell is None."""

    name: str
    retention_days: int | None = None
    created_at: int | None = None
    stored_bytes: int | None = None


@dataclass(frozen=True)
class GroupSearch:
    """Groups whose names hold the text; not `complete` when there are more than were asked for."""

    groups: tuple[LogGroup, ...]
    complete: bool


def group_of_arn(arn: str) -> str | None:
    """The log group's name in an ARN with or without `:*`; None for any other ARN or text."""
    found = _LOG_GROUP_ARN.fullmatch(arn)
    return found["name"] if found else None


def groups_with_prefix(
    aws: Aws, prefix: str, *, stop: StopFlag | None = None, max_pages: int = MAX_PAGES
) -> GroupSearch:
    """Groups in order of name. Raises AppError."""
    parameters = {"logGroupNamePrefix": prefix} if prefix else {}
    return _described(aws, parameters, stop=stop or StopFlag(), max_pages=max_pages)


def search_groups(aws: Aws, text: str, *, stop: StopFlag | None = None) -> GroupSearch:
    """Groups with `text` anywhere in the name (case-sensitive, as CloudWatch searches).

    ListLogGroups takes patterns of 3 to 24 characters and gives 1 000 groups a page; shorter text is searched
    as a prefix by DescribeLogGroups, which is also the way where ListLogGroups is missing or not allowed.
    Raises AppError.
    """
    stop = stop or StopFlag()
    runs = _NAME_CHARACTERS.findall(text)
    longest = max(runs, key=len, default="")
    if len(longest) < _SHORTEST_PATTERN:
        short = groups_with_prefix(aws, longest, stop=stop, max_pages=SEARCH_PAGES)
        return _holding(text, short.groups, complete=short.complete and not longest)
    try:
        listed = _listed(aws, longest[:_LONGEST_PATTERN], stop)
    except AwsError as error:
        if error.kind not in (FailureKind.UNSUPPORTED, FailureKind.SERVICE, FailureKind.DENIED):
            raise
        listed = _described(aws, {"logGroupNamePattern": longest}, stop=stop, max_pages=SEARCH_PAGES)
    return _holding(text, listed.groups, complete=listed.complete)


def last_event_at(aws: Aws, log_group: str, *, stop: StopFlag | None = None) -> int | None:
    """A time (ms) at or before the group's last event; None when it has none. Raises AppError.

    CloudWatch updates it late, typically within an hour: good for "nothing since …", not to skip a group.
    """
    call = Call(
        "logs",
        "describe_log_streams",
        f"look for the last event of {log_group}",
        {"logGroupName": log_group, "orderBy": "LastEventTime", "descending": True, "limit": 1},
        log_group=log_group,
    )
    answer = perform(aws, call, stop=stop or StopFlag()) or {}
    times = [stream.get("lastEventTimestamp") for stream in answer.get("logStreams", ())]
    return max((time for time in times if time is not None), default=None)


def _holding(text: str, groups: tuple[LogGroup, ...], *, complete: bool) -> GroupSearch:
    return GroupSearch(tuple(group for group in groups if text in group.name), complete)


def _listed(aws: Aws, pattern: str, stop: StopFlag) -> GroupSearch:
    call = Call(
        "logs",
        "list_log_groups",
        "search the log groups",
        {"logGroupNamePattern": pattern, "limit": LIST_PAGE},
    )
    answer = perform(aws, call, stop=stop) or {}
    groups = tuple(LogGroup(item["logGroupName"]) for item in answer.get("logGroups", ()))
    return GroupSearch(groups, complete=not answer.get("nextToken"))


def _described(aws: Aws, parameters: dict[str, Any], *, stop: StopFlag, max_pages: int) -> GroupSearch:
    groups: list[LogGroup] = []
    token: dict[str, str] = {}
    for _ in range(max_pages):
        call = Call(
            "logs",
            "describe_log_groups",
            "list the log groups",
            {"limit": DESCRIBE_PAGE, **parameters, **token},
        )
        answer = perform(aws, call, stop=stop)
        if answer is None:
            break
        groups += map(_described_group, answer.get("logGroups", ()))
        if not answer.get("nextToken"):
            return GroupSearch(tuple(groups), complete=True)
        token = {"nextToken": answer["nextToken"]}
    return GroupSearch(tuple(groups), complete=False)


def _described_group(item: dict[str, Any]) -> LogGroup:
    return LogGroup(
        name=item["logGroupName"],
        retention_days=item.get("retentionInDays"),
        created_at=item.get("creationTime"),
        stored_bytes=item.get("storedBytes"),
    )
