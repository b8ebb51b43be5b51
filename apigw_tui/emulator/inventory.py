"""The shop's APIs and stages as the control plane describes them: dicts in the shapes of boto3's answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from apigw_tui.core.stage import ApiType
from apigw_tui.emulator.catalogue import ShopStage
from apigw_tui.emulator.feed import ACCOUNT_ID, REGION, JsonObject
from apigw_tui.emulator.stages import CHAT_ID, DEPLOYMENT_IDS, STAGES, STOREFRONT_ID

_OPENED: Final = datetime(2024, 2, 5, 9, 30, tzinfo=UTC)
_DEPLOYED: Final = datetime(2026, 3, 17, 13, 5, tzinfo=UTC)
_SUMMARIES: Final = {
    "orders": "Orders, carts and the product catalogue",
    "partner-gateway": "Warehouse and carriers",
    "storefront": "The web shop",
    "chat": "Customers ask, shop assistants answer",
}


def _first_stages(*types: ApiType) -> Sequence[ShopStage]:
    """One stage of each API of these types."""
    first: dict[str, ShopStage] = {}
    for stage in STAGES:
        if stage.api_type in types:
            first.setdefault(stage.api_id, stage)
    return list(first.values())


def account() -> JsonObject:
    """The account may write logs."""
    return {
        "cloudwatchRoleArn": f"arn:aws:iam::{ACCOUNT_ID}:role/apigateway-writes-logs",
        "throttleSettings": {"burstLimit": 5000, "rateLimit": 10000.0},
        "features": ["UsagePlans"],
        "apiKeyVersion": "4",
    }


def rest_apis() -> list[JsonObject]:
    """`items` of GetRestApis."""
    return [
        {
            "id": stage.api_id,
            "name": stage.api_name,
            "description": _SUMMARIES[stage.api_name],
            "createdDate": _OPENED + timedelta(days=40 * index),
            "apiKeySource": "HEADER",
            "endpointConfiguration": {"types": ["REGIONAL"], "ipAddressType": "dualstack"},
            "disableExecuteApiEndpoint": False,
            "tags": {"team": stage.api_name},
        }
        for index, stage in enumerate(_first_stages("REST"))
    ]


def rest_stages(api_id: str) -> list[JsonObject]:
    """`item` of GetStages of a REST API."""
    return [_rest_stage(stage) for stage in STAGES if stage.api_type == "REST" and stage.api_id == api_id]


def _rest_stage(stage: ShopStage) -> JsonObject:
    described: JsonObject = {
        "deploymentId": DEPLOYMENT_IDS[stage.scope],
        "stageName": stage.name,
        "cacheClusterEnabled": False,
        "cacheClusterStatus": "NOT_AVAILABLE",
        "methodSettings": {
            "*/*": {
                "metricsEnabled": stage.tracing,
                "loggingLevel": stage.level,
                "dataTraceEnabled": stage.data_trace,
                "throttlingBurstLimit": 5000,
                "throttlingRateLimit": 10000.0,
                "cachingEnabled": False,
            }
        },
        "tracingEnabled": stage.tracing,
        "createdDate": _OPENED,
        "lastUpdatedDate": _DEPLOYED,
    }
    destination = _destination(stage)
    if destination is not None:
        described["accessLogSettings"] = {"destinationArn": destination, "format": stage.access_format}
    if stage.alias:
        described["variables"] = {"alias": stage.alias}
    return described


def _destination(stage: ShopStage) -> str | None:
    if stage.access_group is None:
        return stage.access_destination
    return f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:{stage.access_group}"


def v2_apis() -> list[JsonObject]:
    """`Items` of GetApis."""
    expressions = {
        STOREFRONT_ID: "$request.method $request.path",
        CHAT_ID: "$request.body.action",
    }
    return [
        {
            "ApiId": stage.api_id,
            "Name": stage.api_name,
            "Description": _SUMMARIES[stage.api_name],
            "ProtocolType": stage.api_type,
            "ApiEndpoint": f"{'wss' if stage.api_type == 'WEBSOCKET' else 'https'}://{stage.host}",
            "RouteSelectionExpression": expressions[stage.api_id],
            "ApiKeySelectionExpression": "$request.header.x-api-key",
            "DisableExecuteApiEndpoint": False,
            "CreatedDate": _OPENED + timedelta(days=70 * index),
            "Tags": {"team": stage.api_name},
        }
        for index, stage in enumerate(_first_stages("HTTP", "WEBSOCKET"))
    ]


def v2_stages(api_id: str) -> list[JsonObject]:
    """`Items` of GetStages of an HTTP or WebSocket API."""
    return [_v2_stage(stage) for stage in STAGES if stage.api_type != "REST" and stage.api_id == api_id]


def _v2_stage(stage: ShopStage) -> JsonObject:
    settings: JsonObject = {"DetailedMetricsEnabled": False}
    if stage.api_type == "WEBSOCKET":
        settings |= {"LoggingLevel": stage.level, "DataTraceEnabled": stage.data_trace}
    described: JsonObject = {
        "StageName": stage.name,
        "DeploymentId": DEPLOYMENT_IDS[stage.scope],
        "AutoDeploy": stage.api_type == "HTTP",
        "DefaultRouteSettings": settings,
        "RouteSettings": {},
        "StageVariables": {"alias": stage.alias} if stage.alias else {},
        "CreatedDate": _OPENED,
        "LastUpdatedDate": _DEPLOYED,
        "Tags": {},
    }
    destination = _destination(stage)
    if destination is not None:
        described["AccessLogSettings"] = {"DestinationArn": destination, "Format": stage.access_format}
    return described
