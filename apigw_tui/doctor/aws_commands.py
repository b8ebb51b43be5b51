"""AWS CLI commands that change what a stage logs: to be read and run by a person, never run here."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apigw_tui.core.stage import ExecutionLevel, Stage

RETENTION_DAYS: Final = 90
_ALL_METHODS: Final = "/*/*"


def set_access_log(stage: Stage, destination: str, access_format: str) -> str:
    """Turn on the access log of a stage, or change its format."""
    if stage.api_type == "REST":
        return _patched(
            stage,
            {"/accessLogSettings/destinationArn": destination, "/accessLogSettings/format": access_format},
        )
    settings = {"DestinationArn": destination, "Format": access_format}
    return _v2(stage, "access-log-settings", settings)


def set_execution_level(stage: Stage, level: ExecutionLevel) -> str:
    """Log executions at this level, without data trace."""
    if stage.api_type == "REST":
        return _patched(stage, {f"{_ALL_METHODS}/logging/loglevel": level})
    return _v2(stage, "default-route-settings", _route_settings(stage) | {"LoggingLevel": level})


def set_data_trace(stage: Stage, *, on: bool) -> str:
    """Log headers and bodies, or no longer."""
    if stage.api_type == "REST":
        return _patched(stage, {f"{_ALL_METHODS}/logging/dataTrace": str(on).lower()})
    return _v2(stage, "default-route-settings", _route_settings(stage) | {"DataTraceEnabled": on})


def turn_on_metrics(stage: Stage) -> str:
    """Count requests, errors and latencies per route."""
    if stage.api_type == "REST":
        return _patched(stage, {f"{_ALL_METHODS}/metrics/enabled": "true"})
    return _v2(stage, "default-route-settings", _route_settings(stage) | {"DetailedMetricsEnabled": True})


def turn_on_tracing(stage: Stage) -> str:
    """Trace requests of a REST stage with X-Ray."""
    return _patched(stage, {"/tracingEnabled": "true"})


def set_role() -> str:
    """Let API Gateway write logs in this account and region; the role's ARN is to be filled in."""
    operation = "op=replace,path=/cloudwatchRoleArn,value=ROLE_ARN"
    return f"aws apigateway update-account --patch-operations {operation}"


def set_retention(log_group: str, days: int = RETENTION_DAYS) -> str:
    """Keep a group's events for so many days."""
    return f"aws logs put-retention-policy --log-group-name {shlex.quote(log_group)} --retention-in-days {days}"


def create_group(log_group: str) -> str:
    """Make a log group."""
    return f"aws logs create-log-group --log-group-name {shlex.quote(log_group)}"


def group_arn(log_group: str, *, region: str | None, account: str | None) -> str:
    """The ARN of a group in this account; what is not known is to be filled in."""
    partition = {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(
        (region or "").rpartition("-")[0].rpartition("-")[0], "aws"
    )
    return f"arn:{partition}:logs:{region or 'REGION'}:{account or 'ACCOUNT_ID'}:log-group:{log_group}"


def _patched(stage: Stage, values: Mapping[str, str]) -> str:
    operations = [{"op": "replace", "path": path, "value": value} for path, value in values.items()]
    words = ("aws", "apigateway", "update-stage", "--rest-api-id", stage.api_id, "--stage-name", stage.name)
    return shlex.join((*words, "--patch-operations", _json(operations)))


def _v2(stage: Stage, option: str, settings: Mapping[str, object]) -> str:
    words = ("aws", "apigatewayv2", "update-stage", "--api-id", stage.api_id, "--stage-name", stage.name)
    return shlex.join((*words, f"--{option}", _json(settings)))


def _route_settings(stage: Stage) -> dict[str, object]:
    """What is set already: a command that leaves one out could be taken to reset it."""
    settings: dict[str, object] = {"DetailedMetricsEnabled": stage.metrics}
    if stage.api_type == "WEBSOCKET":
        settings |= {"LoggingLevel": stage.execution.level, "DataTraceEnabled": stage.execution.data_trace}
    return settings


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
