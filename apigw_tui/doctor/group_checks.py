"""What is to be said of log groups: how long they keep events, their class, and whether they may be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from apigw_tui.doctor import aws_commands
from apigw_tui.doctor.findings import Finding, Severity
from apigw_tui.errors import reason_of

if TYPE_CHECKING:
    from apigw_tui.doctor.evidence import Evidence
    from apigw_tui.sources.log_groups import LogGroup

_SHORT_DAYS: Final = 7


def retention(group: LogGroup | None) -> Iterator[Finding]:
    """Whether events are kept for ever, which costs, or so shortly that an incident is gone before it is read."""
    if group is None:
        return
    days, fix = group.retention_days, aws_commands.set_retention(group.name)
    if days is None:
        detail = f"{group.name} keeps its events for ever, and you pay for all of them."
        yield Finding("retention_unlimited", "hint", "Kept for ever", detail, fix)
    elif days < _SHORT_DAYS:
        kept = "1 day" if days == 1 else f"{days} days"
        detail = f"{group.name} keeps its events for {kept}: last week's incident cannot be looked at."
        yield Finding("retention_short", "hint", f"Kept for {kept}", detail, fix)


def unreadable_class(group: LogGroup) -> Iterator[Finding]:
    """Whether the group is of a class that cannot be read."""
    obstacle = group.obstacle
    if obstacle is not None:
        detail = f"{group.name} {obstacle.sentence}."
        yield Finding("group_unreadable", "error", f"Class {obstacle.told}", detail, obstacle.remedy)


def denied(
    code: str, title: str, log_group: str | None, evidence: Evidence, *, severity: Severity = "error"
) -> Iterator[Finding]:
    """Whether the events of a group may not be read."""
    error = evidence.denied.get(log_group or "")
    if error is None or log_group is None:
        return
    arn = aws_commands.group_arn(log_group, region=evidence.region, account=evidence.account)
    detail = f"{log_group} could not be read: {reason_of(error.message)}."
    yield Finding(code, severity, title, detail, f"Allow logs:FilterLogEvents on {arn}:* in your IAM policy.")
