"""A feed and a control plane with a handful of things in them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from apigw_tui.emulator.feed import GroupInfo, JsonObject, LoggedEvent

T0 = 1_767_225_600_000
ACCESS = "/shop/access"
DOMAINS = ("shop.example.com", "talk.example.com")
FUNCTION_ARN = "arn:aws:lambda:eu-west-1:123456789012:function:{}:${{stageVariables.alias}}"
INVOCATIONS = f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{FUNCTION_ARN}/invocations"


def event(offset_ms: int, message: str, *, number: int = 0, delay_ms: int = 0, stream: str = "one") -> LoggedEvent:
    """An event `offset_ms` after T0 that is delivered `delay_ms` later."""
    timestamp = T0 + offset_ms
    return LoggedEvent(timestamp, timestamp + delay_ms, f"{timestamp << 144 | number:056d}", stream, message)


class TinyFeed:
    """Given events by group; remembers the spans it was asked for."""

    def __init__(
        self,
        events: dict[str, Iterable[LoggedEvent]] | None = None,
        *,
        created_at: int = T0,
        retention_days: int | None = None,
    ) -> None:
        given = events or {}
        self.events_by_group = {
            name: sorted(items, key=lambda item: (item.timestamp, item.event_id)) for name, items in given.items()
        }
        self._created_at = created_at
        self._retention_days = retention_days
        self.asked: list[tuple[str, int, int]] = []
        self.handed_out = 0

    def groups(self) -> Sequence[GroupInfo]:
        return [GroupInfo(name, self._created_at, self._retention_days) for name in self.events_by_group]

    def events(self, log_group: str, start: int, end: int) -> Sequence[LoggedEvent]:
        self.asked.append((log_group, start, end))
        events = self.events_by_group[log_group]
        low = bisect_left(events, start, key=lambda item: item.timestamp)
        high = bisect_right(events, end, key=lambda item: item.timestamp)
        self.handed_out += high - low
        return events[low:high]


class TinyPlane:
    """One REST API with two stages, more REST APIs without, an HTTP API."""

    def __init__(self, apis: int = 1) -> None:
        self._apis = apis

    def rest_apis(self) -> list[JsonObject]:
        born = datetime(2025, 4, 1, 8, 30, tzinfo=UTC)
        return [
            {"id": f"rest{number:02}", "name": f"shop {number}", "createdDate": born} for number in range(self._apis)
        ]

    def rest_stages(self, api_id: str) -> list[JsonObject]:
        if api_id != "rest00":
            return []
        return [
            {
                "deploymentId": "dep1",
                "stageName": "live",
                "tracingEnabled": True,
                "accessLogSettings": {
                    "destinationArn": f"arn:aws:logs:eu-west-1:123456789012:log-group:{ACCESS}",
                    "format": "$context.requestId $context.status",
                },
                "methodSettings": {"*/*": {"loggingLevel": "INFO", "dataTraceEnabled": False}},
            },
            {"deploymentId": "dep2", "stageName": "trial", "methodSettings": {}},
        ]

    def rest_resources(self, api_id: str) -> list[JsonObject]:
        if api_id != "rest00":
            return []
        root: JsonObject = {"id": "r0", "path": "/"}
        return [root, *(_resource(number) for number in range(1, 30))]

    def rest_authorizers(self, api_id: str) -> list[JsonObject]:
        if api_id != "rest00":
            return []
        return [
            {
                "id": "auth1",
                "name": "badges",
                "type": "TOKEN",
                "authorizerUri": INVOCATIONS.format("badge-check"),
                "identitySource": "method.request.header.Authorization",
                "authorizerResultTtlInSeconds": 300,
            }
        ]

    def account(self) -> JsonObject:
        return {
            "cloudwatchRoleArn": "arn:aws:iam::123456789012:role/gateway-logs",
            "throttleSettings": {"burstLimit": 5000, "rateLimit": 10000.0},
            "features": ["UsagePlans"],
        }

    def v2_apis(self) -> list[JsonObject]:
        return [
            {
                "ApiId": "http01",
                "Name": "front",
                "ProtocolType": "HTTP",
                "RouteSelectionExpression": "$request.method $request.path",
                "CreatedDate": datetime(2025, 4, 2, tzinfo=UTC),
                "Tags": {"Team": "Front"},
            },
            {
                "ApiId": "ws01",
                "Name": "talk",
                "ProtocolType": "WEBSOCKET",
                "RouteSelectionExpression": "$request.body.action",
            },
        ]

    def v2_stages(self, api_id: str) -> list[JsonObject]:
        if api_id != "ws01":
            return []
        return [
            {
                "StageName": "live",
                "AutoDeploy": True,
                "AccessLogSettings": {"DestinationArn": "arn:aws:logs:x", "Format": "$context.requestId"},
                "DefaultRouteSettings": {"LoggingLevel": "ERROR", "DataTraceEnabled": True},
                "RouteSettings": {"Send Message": {"LoggingLevel": "INFO"}},
                "StageVariables": {"Backend": "Blue"},
            }
        ]

    def v2_routes(self, api_id: str) -> list[JsonObject]:
        if api_id != "http01":
            return []
        return [
            {
                "RouteId": "route1",
                "RouteKey": "GET /basket",
                "Target": "integrations/int1",
                "AuthorizationType": "NONE",
                "ApiKeyRequired": False,
            }
        ]

    def v2_integrations(self, api_id: str) -> list[JsonObject]:
        if api_id != "http01":
            return []
        return [
            {
                "IntegrationId": "int1",
                "IntegrationType": "AWS_PROXY",
                "IntegrationMethod": "POST",
                "IntegrationUri": FUNCTION_ARN.format("basket-web"),
                "PayloadFormatVersion": "2.0",
                "TimeoutInMillis": 30_000,
                "RequestTemplates": {"Text/Plain": "{}"},
            }
        ]

    def v2_authorizers(self, api_id: str) -> list[JsonObject]:
        if api_id != "http01":
            return []
        return [{"AuthorizerId": "auth2", "Name": "tokens", "AuthorizerType": "JWT", "IdentitySource": ["$request"]}]

    def domain_names(self) -> list[JsonObject]:
        return [{"domainName": "shop.example.com", "endpointConfiguration": {"types": ["REGIONAL"]}}]

    def base_path_mappings(self, domain: str) -> list[JsonObject]:
        mapping = {"basePath": "(none)", "restApiId": "rest00", "stage": "live"}
        return [mapping] if domain == "shop.example.com" else []

    def v2_domain_names(self) -> list[JsonObject]:
        return [{"DomainName": name, "ApiMappingSelectionExpression": "$request.basepath"} for name in DOMAINS]

    def v2_api_mappings(self, domain: str) -> list[JsonObject]:
        keys = ("", "talk/v1") if domain == DOMAINS[0] else ()
        return [{"ApiId": "ws01", "ApiMappingId": f"m{key}", "ApiMappingKey": key, "Stage": "live"} for key in keys]


def _resource(number: int) -> JsonObject:
    method = {
        "httpMethod": "POST",
        "authorizationType": "CUSTOM",
        "authorizerId": "auth1",
        "apiKeyRequired": True,
        "methodResponses": {},
        "methodIntegration": {
            "type": "AWS_PROXY",
            "httpMethod": "POST",
            "uri": INVOCATIONS.format("basket-write"),
            "cacheKeyParameters": [],
        },
    }
    path = f"part{number}"
    return {
        "id": f"r{number}",
        "parentId": "r0",
        "pathPart": path,
        "path": f"/{path}",
        "resourceMethods": {"POST": method},
    }
