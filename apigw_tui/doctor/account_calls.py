"""What only the account can tell: the role that writes logs, and which calls are not allowed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from apigw_tui.doctor.evidence import Refusal, Role
from apigw_tui.errors import AppError
from apigw_tui.sources.calls import Call, perform
from apigw_tui.sources.failures import FailureKind, kind_of

if TYPE_CHECKING:
    from threading import Event as StopFlag

    from apigw_tui.core.stage import Stage
    from apigw_tui.sources.session import Aws, Service

HOPELESS: Final = frozenset({FailureKind.EXPIRED, FailureKind.CREDENTIALS, FailureKind.NETWORK, FailureKind.CONFIG})
"""No other call would get through either."""


@dataclass(frozen=True)
class _Trial:
    """A cheap call that tells whether an IAM action is allowed on `resource`; `told` names the call in errors."""

    service: Service
    operation: str
    told: str
    action: str
    resource: str
    purpose: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    is_needed: bool = True


_TRIALS: Final = (
    _Trial(
        *("apigateway", "get_account", "read the account's settings", "apigateway:GET", "/account"),
        "tells whether API Gateway has a role that may write logs",
        is_needed=False,
    ),
    _Trial(
        *("apigateway", "get_rest_apis", "list the REST APIs", "apigateway:GET", "/restapis"),
        "finds REST APIs, their stages and what they log",
        {"limit": 1},
    ),
    _Trial(
        *("apigatewayv2", "get_apis", "list the HTTP and WebSocket APIs", "apigateway:GET", "/apis"),
        "finds HTTP and WebSocket APIs, their stages and what they log",
        {"MaxResults": "1"},
    ),
    _Trial(
        *("apigatewayv2", "get_domain_names", "list the custom domain names", "apigateway:GET", "/domainnames"),
        "names stages by their custom domains",
        {"MaxResults": "1"},
        is_needed=False,
    ),
    _Trial(
        *("logs", "describe_log_groups", "list the log groups", "logs:DescribeLogGroups", "*"),
        "tells which log groups there are and how long they keep events",
        {"limit": 1},
    ),
    _Trial(
        *("logs", "list_log_groups", "search the log groups", "logs:ListLogGroups", "*"),
        "finds log groups by any part of their names",
        {"limit": 1},
        is_needed=False,
    ),
)


@dataclass(frozen=True)
class AccountState:
    """What the calls told; `role` is None when it could not be learnt."""

    role: Role | None
    refusals: tuple[Refusal, ...]


def ask_account(aws: Aws, stages: Sequence[Stage], *, stop: StopFlag) -> AccountState:
    """Try every call that `stages` do not prove to be allowed. Raises AppError when none would get through."""
    answers: dict[str, Mapping[str, Any]] = {}
    # The control plane allows few calls a second.
    proven = {"get_rest_apis" if stage.api_type == "REST" else "get_apis" for stage in stages}
    trials = (trial for trial in _TRIALS if trial.operation not in proven)
    refusals = tuple(refusal for trial in trials for refusal in _tried(aws, trial, stop, answers))
    account = answers.get("get_account")
    role = None if account is None else Role(account.get("cloudwatchRoleArn") or None)
    return AccountState(role, refusals)


def ask_streams(aws: Aws, log_group: str, *, stop: StopFlag) -> Iterator[Refusal]:
    """Whether the streams of a group may be listed, which tells when its last event was."""
    trial = _Trial(
        *("logs", "describe_log_streams", f"list the streams of {log_group}", "logs:DescribeLogStreams", log_group),
        "tells when a stage logged last",
        {"logGroupName": log_group, "limit": 1},
        is_needed=False,
    )
    yield from _tried(aws, trial, stop, {})


def _tried(aws: Aws, trial: _Trial, stop: StopFlag, answers: dict[str, Mapping[str, Any]]) -> Iterator[Refusal]:
    try:
        answer = perform(aws, Call(trial.service, trial.operation, trial.told, trial.parameters), stop=stop)
    except AppError as error:
        if kind_of(error) in HOPELESS:
            raise
        if kind_of(error) is FailureKind.DENIED:
            yield Refusal(trial.action, trial.resource, trial.purpose, trial.is_needed, error)
    else:
        if answer is not None:
            answers[trial.operation] = answer
