"""Which of the followed log groups a Live Tail session can show, by ARN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Final

from apigw_tui.sources.failures import AwsError, FailureKind
from apigw_tui.sources.limiter import Priority
from apigw_tui.sources.log_groups import groups_named

if TYPE_CHECKING:
    from apigw_tui.sources.log_windows import FollowedGroup
    from apigw_tui.sources.session import Aws

MOST_GROUPS: Final = 10
"""In one session. Source: AWS, "StartLiveTail"."""

_STREAMED_CLASSES: Final = ("STANDARD", None)
"""None: endpoints that are not AWS may leave it out."""


@dataclass(frozen=True)
class LiveGroups:
    """Groups by ARN; `left_out` says why others are only polled, as a clause."""

    by_arn: Mapping[str, FollowedGroup]
    left_out: str = ""

    def group_of(self, identifier: str) -> FollowedGroup | None:
        """The group that a result names: by ARN, as ACCOUNT:NAME or by name."""
        found = self.by_arn.get(identifier.removesuffix(":*"))
        if found is not None or identifier.startswith("arn:"):
            return found
        name = identifier.rpartition(":")[2]
        return next((group for group in self.by_arn.values() if group.name == name), None)


def live_groups(aws: Aws, groups: Sequence[FollowedGroup], *, stop: StopFlag) -> LiveGroups:
    """The first ten groups that can be streamed. Raises AppError and botocore's errors."""
    named = [group.name for group in groups if group.arn is None]
    try:
        found = {group.name: group for group in groups_named(aws, named, stop=stop, priority=Priority.TAIL)}
        arns = {name: group.arn for name, group in found.items()}
        other_class = {name for name, group in found.items() if group.log_group_class not in _STREAMED_CLASSES}
    except AwsError as error:
        if error.kind is not FailureKind.DENIED:
            raise
        arns = {name: _own_arn(aws, name) for name in named}
        other_class = set()
    known = {group.name: (group.arn or arns.get(group.name) or "").removesuffix(":*") for group in groups}
    missing = [name for name, arn in known.items() if not arn]
    usable = [group for group in groups if known[group.name] and group.name not in other_class]
    by_arn = {known[group.name]: group for group in usable[:MOST_GROUPS]}
    return LiveGroups(by_arn, _left_out(missing, sorted(other_class), len(usable) - len(by_arn)))


def _own_arn(aws: Aws, name: str) -> str:
    """Of a group in the caller's account; for those who may not describe log groups."""
    meta = aws.client("logs").meta
    return f"arn:{meta.partition}:logs:{meta.region_name}:{aws.identity()}:log-group:{name}"


def _left_out(missing: Sequence[str], other_class: Sequence[str], too_many: int) -> str:
    clauses: list[str] = []
    if missing:
        clauses.append(f"{', '.join(missing)} did not exist when the session was opened")
    if other_class:
        clauses.append(f"{', '.join(other_class)} is not of class Standard")
    if too_many > 0:
        clauses.append(f"a session takes {MOST_GROUPS} log groups, and {too_many} more are only polled")
    return "; ".join(clauses)
