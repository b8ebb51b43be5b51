"""Examinations of stages, log groups, files and the account: everything that is to be said, the worst first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from apigw_tui.doctor.findings import SEVERITIES, Examined, Finding, Severity, worst_first
from apigw_tui.doctor.group_checks import denied, retention, unreadable_class
from apigw_tui.doctor.line_checks import line_findings
from apigw_tui.doctor.stage_checks import examine_stage

if TYPE_CHECKING:
    from apigw_tui.core.stage import Stage
    from apigw_tui.doctor.evidence import Evidence, Refusal
    from apigw_tui.doctor.line_checks import Lines
    from apigw_tui.sources.log_groups import LogGroup

__all__ = ["examine_account", "examine_files", "examine_group", "examine_stage", "examine_stages", "most_serious_first"]


def examine_stages(stages: Iterable[Stage], evidence: Evidence) -> tuple[Examined, ...]:
    """Every stage."""
    return tuple(examine_stage(stage, evidence) for stage in stages)


def most_serious_first(examined: Iterable[Examined]) -> tuple[Examined, ...]:
    """What has the most errors, then the most warnings, then the most hints."""
    return tuple(sorted(examined, key=_weight))


def examine_group(group: LogGroup, evidence: Evidence, lines: Lines | None) -> Examined:
    """A log group that was named by itself; `lines` are some of its last, None when they were not read."""
    known = evidence.group(group.name) or group
    if evidence.is_missing(group.name):
        detail = f"There is no log group {group.name} in {evidence.region or 'this region'}."
        missing = Finding(
            "group_missing", "error", "No such log group", detail, "`apigw-tui stages` lists what there is."
        )
        return Examined("group", group.name, (missing,))
    found = (
        *unreadable_class(known),
        *denied("group_denied", "Log group not readable", group.name, evidence),
        *(retention(known) if known.created_at is not None else ()),
        *(line_findings(lines) if lines is not None else ()),
    )
    return Examined("group", group.name, worst_first(found))


def examine_files(path: str, lines: Lines) -> Examined:
    """A file, a directory or stdin."""
    return Examined("files", path, worst_first(line_findings(lines)))


def examine_account(evidence: Evidence) -> Examined | None:
    """What the account does not allow; None when nothing is in the way."""
    found = (*map(_refused, evidence.refusals), *_unseen(evidence))
    if not found:
        return None
    where = " ".join(part for part in (evidence.account, evidence.region) if part)
    return Examined("account", where or "account", worst_first(found))


def _refused(refusal: Refusal) -> Finding:
    severity: Severity = "error" if refusal.is_needed else "hint"
    on = "" if refusal.resource == "*" else f" on {refusal.resource}"
    detail = f"It {refusal.purpose}. {refusal.error.message}"
    fix = f"Allow {refusal.action}{on} in your IAM policy."
    return Finding("permission_missing", severity, f"{refusal.action}{on}", detail, fix)


def _unseen(evidence: Evidence) -> Iterator[Finding]:
    for error in evidence.troubles:
        yield Finding("not_seen", "warning", "Could not be seen", error.message, error.hint or None)


def _weight(examined: Examined) -> tuple[Sequence[int], str]:
    counts = [sum(finding.severity == severity for finding in examined.to_do) for severity in SEVERITIES]
    return [-number for number in counts], examined.target
