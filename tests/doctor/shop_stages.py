"""Invented stages for examinations, each with one thing about it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from apigw_tui.core.access_lint import good_format
from apigw_tui.core.stage import AccessLog, ApiType, ExecutionLevel, ExecutionLog, Stage, execution_group

ARN = "arn:aws:logs:eu-west-1:111122223333:log-group:"
FIREHOSE = "arn:aws:firehose:eu-west-1:111122223333:deliverystream/amazon-apigateway-shop"
GROUP = "/shop/access"
EXECUTION = execution_group("k9x2m4", "prod")


def stage(access_format: str | None = None, *, api_type: ApiType = "REST", **changes: Any) -> Stage:
    """A stage that logs everything, but for the changes; `access_format` is a good one."""
    whole = Stage(
        api_id="k9x2m4",
        api_name="shop",
        api_type=api_type,
        name="prod",
        access=AccessLog(GROUP, f"{ARN}{GROUP}", access_format or good_format(api_type)),
        execution=ExecutionLog(None if api_type == "HTTP" else EXECUTION, "OFF" if api_type == "HTTP" else "INFO"),
        tracing=api_type == "REST",
        metrics=True,
    )
    return replace(whole, **changes)


def at_level(level: ExecutionLevel, *, data_trace: bool = False, **changes: Any) -> Stage:
    """A REST stage that logs executions at this level."""
    return stage(execution=ExecutionLog(EXECUTION, level, data_trace=data_trace), **changes)
