"""What was asked of AWS beside the settings of stages: log groups, the account's role, what may not be called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apigw_tui.errors import AppError
    from apigw_tui.sources.log_groups import LogGroup


@dataclass(frozen=True)
class Refusal:
    """An IAM action that is not allowed: on what, and what it is good for."""

    action: str
    resource: str
    purpose: str
    is_needed: bool
    error: AppError


@dataclass(frozen=True)
class Role:
    """The role with which API Gateway writes logs; `arn` is None for none."""

    arn: str | None


@dataclass(frozen=True)
class Evidence:
    """What is known of an account; the empty one knows nothing, and nothing is concluded from it.

    `groups` has the log groups that were looked for, None for those that are not there. `denied` are those whose
    events may not be read. `functions` are the functions behind stages, by scope.
    """

    region: str | None = None
    account: str | None = None
    role: Role | None = None
    groups: Mapping[str, LogGroup | None] = field(default_factory=dict)
    denied: Mapping[str, AppError] = field(default_factory=dict)
    functions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    refusals: tuple[Refusal, ...] = ()
    troubles: tuple[AppError, ...] = ()
    """What else could not be seen."""

    def is_missing(self, log_group: str | None) -> bool:
        """Whether it is known that there is no such group."""
        return log_group is not None and log_group in self.groups and self.groups[log_group] is None

    def group(self, log_group: str | None) -> LogGroup | None:
        """What the listing says of a group; None for one that is not there or was not looked for."""
        return self.groups.get(log_group) if log_group else None
