"""Stages for the tests: an invented shop's APIs with every kind of logging, on and off."""

from __future__ import annotations

import json
from typing import Any

from apigw_tui.core.stage import AccessLog, ApiType, ExecutionLevel, ExecutionLog, Stage, execution_group
from apigw_tui.sources.log_groups import LogGroup
from apigw_tui.tui.stage_tree import Offer

NOW = 1_773_022_331_000
CLF = '$context.identity.sourceIp [$context.requestTime] "$context.httpMethod $context.path" $context.status'


def json_format(fields: int) -> str:
    """A JSON format with so many fields."""
    names = [
        "requestId",
        "status",
        "httpMethod",
        "path",
        *(f"authorizer.field{place}" for place in range(fields)),
    ]
    return json.dumps({name: f"$context.{name}" for name in names[:fields]})


def stage(api: str, name: str, log: AccessLog | None = None, **known: Any) -> Stage:
    """A REST stage without logs, but for what is known."""
    api_type: ApiType = known.pop("api_type", "REST")
    level: ExecutionLevel = known.pop("level", "OFF")
    group = None if api_type == "HTTP" else execution_group(f"{api[:4]}0c2d3e", name)
    execution = ExecutionLog(group, level, data_trace=known.pop("data_trace", False))
    return Stage(f"{api[:4]}0c2d3e", api, api_type, name, log, execution, **known)


def access(group: str, log_format: str) -> AccessLog:
    """An access log in CloudWatch."""
    return AccessLog(group, f"arn:aws:logs:eu-west-1:111122223333:log-group:{group}", log_format)


FIREHOSE = "arn:aws:firehose:eu-west-1:111122223333:deliverystream/amazon-apigateway-partners"
ORDERS_PROD = stage(
    "orders",
    "prod",
    access("orders-prod-access", json_format(21)),
    level="INFO",
    data_trace=True,
    tracing=True,
    retention_days=30,
    last_event_at=NOW - 4_000,
)
STAGES = (
    ORDERS_PROD,
    stage(
        "orders",
        "staging",
        access("orders-staging-access", json_format(9)),
        retention_days=7,
        last_event_at=NOW - 7_200_000,
    ),
    stage(
        "storefront",
        "prod",
        access("storefront-prod-access", CLF),
        api_type="HTTP",
        retention_days=90,
        last_event_at=NOW - 1_000,
    ),
    stage(
        "storefront",
        "staging",
        access("storefront-staging-access", CLF),
        api_type="HTTP",
        retention_days=7,
        last_event_at=NOW - 259_200_000,
    ),
    stage(
        "chat",
        "prod",
        access("chat-prod-access", json_format(11)),
        api_type="WEBSOCKET",
        level="ERROR",
        retention_days=14,
        last_event_at=NOW - 9_000,
    ),
    stage(
        "partner-gateway",
        "v1",
        AccessLog(None, FIREHOSE, "$context.requestId"),
        level="ERROR",
        retention_days=30,
        last_event_at=NOW - 41_000,
    ),
    stage("partner-gateway", "v2"),
)
FUNCTIONS = {
    ORDERS_PROD.scope: ("orders-write", "orders-read", "orders-authorizer"),
    STAGES[1].scope: ("orders-write",),
    STAGES[2].scope: ("storefront-pages",),
    STAGES[3].scope: ("storefront-pages",),
    STAGES[4].scope: ("chat-fanout",),
}
GROUPS = tuple(LogGroup(f"/aws/lambda/shop-{name}") for name in ("cart", "mailer", "orders", "search", "stock", "tax"))
OFFER = Offer(STAGES, GROUPS, FUNCTIONS)
