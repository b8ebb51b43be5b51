"""One stage as API Gateway's control plane describes it, in our words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.access_lint import lacking
from apigw_tui.core.stage import AccessLog, ApiType, ExecutionLevel, ExecutionLog, Stage, execution_group
from apigw_tui.sources.log_groups import group_of_arn

_LEVELS: Final[tuple[ExecutionLevel, ...]] = ("OFF", "ERROR", "INFO")


def rest_stage(api_id: str, api_name: str, item: Mapping[str, Any]) -> Stage:
    """A stage of GetStages of `apigateway`; an override of any method counts for the whole stage."""
    name = item["stageName"]
    settings = [settings for settings in item.get("methodSettings", {}).values() if settings]
    execution = ExecutionLog(
        log_group=execution_group(api_id, name),
        level=_highest(setting.get("loggingLevel") for setting in settings),
        data_trace=any(setting.get("dataTraceEnabled") for setting in settings),
    )
    access = item.get("accessLogSettings") or {}
    return Stage(
        api_id=api_id,
        api_name=api_name,
        api_type="REST",
        name=name,
        access=_access_log("REST", access.get("destinationArn"), access.get("format"), level=execution.level),
        execution=execution,
        tracing=bool(item.get("tracingEnabled")),
        metrics=any(setting.get("metricsEnabled") for setting in settings),
    )


def http_stage(api_id: str, api_name: str, item: Mapping[str, Any], *, websocket: bool) -> Stage:
    """A stage of GetStages of `apigatewayv2`; only WebSocket APIs have an execution log."""
    name = item["StageName"]
    api_type: ApiType = "WEBSOCKET" if websocket else "HTTP"
    routes = [item.get("DefaultRouteSettings") or {}, *(item.get("RouteSettings") or {}).values()]
    execution = ExecutionLog(log_group=None)
    if websocket:
        execution = ExecutionLog(
            log_group=execution_group(api_id, name),
            level=_highest(route.get("LoggingLevel") for route in routes),
            data_trace=any(route.get("DataTraceEnabled") for route in routes),
        )
    access = item.get("AccessLogSettings") or {}
    return Stage(
        api_id=api_id,
        api_name=api_name,
        api_type=api_type,
        name=name,
        access=_access_log(api_type, access.get("DestinationArn"), access.get("Format"), level=execution.level),
        execution=execution,
        metrics=any(route.get("DetailedMetricsEnabled") for route in routes),
    )


def _highest(levels: Iterable[str | None]) -> ExecutionLevel:
    named = {level for level in levels if level}
    return next((level for level in reversed(_LEVELS) if level in named), "OFF")


def _access_log(
    api_type: ApiType, destination: str | None, log_format: str | None, *, level: ExecutionLevel
) -> AccessLog | None:
    if not destination:
        return None
    access_format = AccessFormat.compile(log_format or "")
    return AccessLog(
        log_group=group_of_arn(destination),
        destination=destination.removesuffix(":*"),
        format=access_format.source,
        joinable=access_format.joinable or _is_joined_by_extended_id(api_type, access_format, level),
        missing=lacking(access_format, api_type),
    )


def _is_joined_by_extended_id(api_type: ApiType, access_format: AccessFormat, level: ExecutionLevel) -> bool:
    """Outside REST both request IDs are the same; there a line of level INFO tells the extended one."""
    return "extendedRequestId" in access_format.variables and (api_type != "REST" or level == "INFO")
