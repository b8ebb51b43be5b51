"""What an examination finds: weaknesses of one stage, log group, account or of files, each with its remedy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from apigw_tui.core.stage import Stage

Severity = Literal["error", "warning", "hint", "note"]
"""`error`: logs are missing, or cannot be read or joined; `warning`: an incident stays unexplained; `hint`: more
could be told; `note`: what no setting changes."""

SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "hint", "note")
SubjectKind = Literal["stage", "group", "files", "account"]


@dataclass(frozen=True)
class Finding:
    """One weakness: `title` in a few words, `detail` what it means, `fix` a sentence or an AWS CLI command.

    `variable` is the `$context` variable to add to the access format, or to write otherwise.
    """

    code: str
    severity: Severity
    title: str
    detail: str
    fix: str | None = None
    variable: str | None = None

    @property
    def is_command(self) -> bool:
        """Whether the remedy can be pasted into a shell."""
        return (self.fix or "").startswith("aws ")


@dataclass(frozen=True)
class Examined:
    """One thing that was examined, and what was found, the worst first.

    `access_format` has everything that can be logged, `command` sets it; both None where nothing is to be added.
    """

    kind: SubjectKind
    target: str
    findings: tuple[Finding, ...]
    stage: Stage | None = None
    access_format: str | None = None
    command: str | None = None

    @property
    def worst(self) -> Severity:
        """The severity of the most serious finding; `note` when there is nothing to do."""
        return self.findings[0].severity if self.findings else "note"

    @property
    def to_do(self) -> tuple[Finding, ...]:
        """Everything but the notes."""
        return tuple(finding for finding in self.findings if finding.severity != "note")


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings by severity, in their order within one."""
    return tuple(sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity)))


def examined_json(examined: Examined) -> dict[str, Any]:
    """What was examined and found, as a JSON object."""
    stage = examined.stage
    return {
        "target": examined.target,
        "kind": examined.kind,
        "api_id": stage.api_id if stage else None,
        "api_name": stage.api_name if stage else None,
        "type": stage.api_type if stage else None,
        "stage": stage.name if stage else None,
        "findings": [
            {
                "code": finding.code,
                "severity": finding.severity,
                "title": finding.title,
                "detail": finding.detail,
                "fix": finding.fix,
                "variable": finding.variable,
            }
            for finding in examined.findings
        ],
        "access_format": examined.access_format,
        "command": examined.command,
    }
