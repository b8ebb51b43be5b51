"""Log groups by name, by prefix or by any part of the name, without ever listing a whole account."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Any, Final

from apigw_tui.core.stage import obstacle_of_class
from apigw_tui.sources.calls import Call, perform
from apigw_tui.sources.failures import AwsError, FailureKind
from apigw_tui.sources.limiter import Priority

if TYPE_CHECKING:
    from apigw_tui.core.stage import Obstacle
    from apigw_tui.sources.session import Aws

DESCRIBE_PAGE: Final = 50
LIST_PAGE: Final = 1000
SEARCH_PAGES: Final = 4
NAMED_AT_ONCE: Final = 50
"""DescribeLogGroups takes so many names in one call."""

_SHORTEST_PATTERN: Final = 3
_LONGEST_PATTERN: Final = 24
_NAME_CHARACTERS: Final = re.compile(r"[.\-_/#A-Za-z0-9]+")
_LOG_GROUP_ARN: Final = re.compile(
    r"arn:[\w-]+:logs:(?P<region>[\w-]*):(?P<account>\d*):log-group:(?P<name>[^:*]+)(?::.*)?"
)
# Another way of asking may do when AWS refuses one for such a reason.
_REFUSED: Final = frozenset(
    {FailureKind.UNSUPPORTED, FailureKind.SERVICE, FailureKind.DENIED, FailureKind.INVALID, FailureKind.NOT_FOUND}
)
_LINKED: Final = {"includeLinkedAccounts": True}


@dataclass(frozen=True)
class LogGroup:
    """A log group; what the listing did not tell is None. `arn` ends with the name."""

    name: str
    retention_days: int | None = None
    created_at: int | None = None
    stored_bytes: int | None = None
    log_group_class: str | None = None
    arn: str | None = None

    @property
    def account(self) -> str | None:
        """The number of the account that owns it."""
        found = _LOG_GROUP_ARN.fullmatch(self.arn or "")
        return found["account"] or None if found else None

    @property
    def obstacle(self) -> Obstacle | None:
        """Why it cannot be read here; None when it can, as far as is known."""
        return obstacle_of_class(self.log_group_class)


@dataclass(frozen=True)
class GroupSearch:
    """Groups whose names hold the text; not `complete` when there are more than were asked for."""

    groups: tuple[LogGroup, ...]
    complete: bool


def group_of_arn(arn: str) -> str | None:
    """The log group's name in an ARN with or without `:*`; None for any other ARN or text."""
    found = _LOG_GROUP_ARN.fullmatch(arn)
    return found["name"] if found else None


def region_of_arn(arn: str) -> str | None:
    """The region in a log group's ARN."""
    found = _LOG_GROUP_ARN.fullmatch(arn)
    return found["region"] or None if found else None


def groups_with_prefix(
    aws: Aws,
    prefix: str,
    *,
    stop: StopFlag | None = None,
    max_pages: int,
    priority: Priority = Priority.VISIBLE,
) -> GroupSearch:
    """Groups of this account in order of name, 50 a page. Raises AppError."""
    parameters = {"logGroupNamePrefix": prefix} if prefix else {}
    return _described(aws, parameters, stop=stop or StopFlag(), max_pages=max_pages, priority=priority)


def groups_named(
    aws: Aws, names: Sequence[str], *, stop: StopFlag | None = None, priority: Priority = Priority.VISIBLE
) -> tuple[LogGroup, ...]:
    """Those of the named groups that exist, in no order. Raises AppError."""
    stop = stop or StopFlag()
    found: list[LogGroup] = []
    for start in range(0, len(names), NAMED_AT_ONCE):
        some = list(names[start : start + NAMED_AT_ONCE])
        parameters = {"logGroupIdentifiers": some}
        try:
            search = _described(aws, parameters, stop=stop, max_pages=SEARCH_PAGES, priority=priority)
        except AwsError as error:
            if error.kind not in _REFUSED or error.kind is FailureKind.DENIED:
                raise
            search = _one_by_one(aws, some, stop, priority)
        wanted = frozenset(some)
        found += (group for group in search.groups if group.name in wanted)
    return tuple(found)


def find_group(aws: Aws, name_or_arn: str, *, stop: StopFlag | None = None) -> LogGroup | None:
    """The group of exactly this name or ARN; None when there is none. Raises AppError when it cannot be told."""
    stop = stop or StopFlag()
    name = group_of_arn(name_or_arn) or name_or_arn
    is_named = name == name_or_arn
    parameters: dict[str, Any] = (
        {"logGroupNamePrefix": name}
        if is_named
        else {"logGroupIdentifiers": [name_or_arn.removesuffix(":*")], **_LINKED}
    )
    try:
        search = _described(aws, parameters, stop=stop, max_pages=1)
    except AwsError as error:
        if error.kind not in _REFUSED or len(name) < _SHORTEST_PATTERN:
            raise
        # The one may be allowed where the other is not.
        search = _listed(aws, f"^{name[:_LONGEST_PATTERN]}", stop)
    return next(
        (group for group in search.groups if group.name == name and (is_named or group.arn == name_or_arn)), None
    )


def search_groups(aws: Aws, text: str, *, stop: StopFlag | None = None) -> GroupSearch:
    """Groups with `text` anywhere in the name, those of linked accounts too where this account monitors others.

    CloudWatch tells capital letters from small ones, so the usual spellings are asked for together. ListLogGroups
    takes patterns of 3 to 24 characters and gives 1 000 groups a page, of which one is read; shorter text is
    searched as a prefix by DescribeLogGroups, which is also the way where ListLogGroups is missing or not
    allowed. Raises AppError.
    """
    stop = stop or StopFlag()
    runs = _NAME_CHARACTERS.findall(text)
    longest = max(runs, key=len, default="")
    if len(longest) < _SHORTEST_PATTERN:
        short = groups_with_prefix(aws, longest, stop=stop, max_pages=SEARCH_PAGES)
        return _holding(text, short.groups, complete=short.complete and not longest)
    try:
        # Its end tells more: execution groups all begin with the same 27 characters.
        listed = _listed(aws, "|".join(_spellings(longest[-_LONGEST_PATTERN:])), stop)
    except AwsError as error:
        if error.kind not in _REFUSED:
            raise
        parameters = {"logGroupNamePattern": longest}
        listed = _described(aws, parameters, stop=stop, max_pages=SEARCH_PAGES)
    return _holding(text, listed.groups, complete=listed.complete)


def last_event_at(
    aws: Aws, log_group: str, *, stop: StopFlag | None = None, priority: Priority = Priority.VISIBLE
) -> int | None:
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
    answer = perform(aws, call, stop=stop or StopFlag(), priority=priority) or {}
    times = [stream.get("lastEventTimestamp") for stream in answer.get("logStreams", ())]
    return max((time for time in times if time is not None), default=None)


def _spellings(text: str) -> Iterable[str]:
    return dict.fromkeys((text, text.lower(), text.upper(), text.capitalize()))


def _holding(text: str, groups: tuple[LogGroup, ...], *, complete: bool) -> GroupSearch:
    wanted = text.casefold()
    return GroupSearch(tuple(group for group in groups if wanted in group.name.casefold()), complete)


def _listed(aws: Aws, pattern: str, stop: StopFlag) -> GroupSearch:
    parameters = {"logGroupNamePattern": pattern, "limit": LIST_PAGE}
    try:
        answer = _list_call(aws, {**parameters, **_LINKED}, stop)
    except AwsError as error:
        if error.kind not in _REFUSED or error.kind is FailureKind.UNSUPPORTED:
            raise
        # Linked accounts may be the only thing that is refused.
        answer = _list_call(aws, parameters, stop)
    groups = tuple(
        LogGroup(item["logGroupName"], log_group_class=item.get("logGroupClass"), arn=item.get("logGroupArn"))
        for item in answer.get("logGroups", ())
    )
    return GroupSearch(groups, complete=not answer.get("nextToken"))


def _list_call(aws: Aws, parameters: dict[str, Any], stop: StopFlag) -> dict[str, Any]:
    call = Call("logs", "list_log_groups", "search the log groups", parameters)
    return perform(aws, call, stop=stop) or {}


def _one_by_one(aws: Aws, names: Sequence[str], stop: StopFlag, priority: Priority) -> GroupSearch:
    """For endpoints that do not take several names in one call."""
    groups: list[LogGroup] = []
    for name in names:
        groups += groups_with_prefix(aws, name, stop=stop, max_pages=1, priority=priority).groups
    return GroupSearch(tuple(groups), complete=True)


def _described(
    aws: Aws,
    parameters: dict[str, Any],
    *,
    stop: StopFlag,
    max_pages: int,
    priority: Priority = Priority.VISIBLE,
) -> GroupSearch:
    groups: list[LogGroup] = []
    token: dict[str, str] = {}
    # The service allows no page size beside names.
    limit = {} if "logGroupIdentifiers" in parameters else {"limit": DESCRIBE_PAGE}
    for _ in range(max_pages):
        call = Call("logs", "describe_log_groups", "list the log groups", {**limit, **parameters, **token})
        answer = perform(aws, call, stop=stop, priority=priority)
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
        log_group_class=item.get("logGroupClass"),
        arn=item.get("logGroupArn") or (item.get("arn") or "").removesuffix(":*") or None,
    )
