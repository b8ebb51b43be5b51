"""What answers each route of the shop, as the control plane describes it: resources, integrations, authorizers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from apigw_tui.emulator.catalogue import AUTHORIZER_ID, ORDERS_AUTHORIZER, Function, Route
from apigw_tui.emulator.dice import hex_digest
from apigw_tui.emulator.feed import ACCOUNT_ID, REGION, JsonObject
from apigw_tui.emulator.stages import CHAT_ID, ORDERS_ID, STAGES

_ID_LENGTH: Final = 6
_V2_ID_LENGTH: Final = 7
_TIMEOUT_MS: Final = 29_000
_HTTP_TIMEOUT_MS: Final = 30_000
_MOCK_TEMPLATE: Final = '{"statusCode": 200}'


def rest_resources(api_id: str) -> list[JsonObject]:
    """`items` of GetResources with methods embedded: every step of every path is a resource of its own."""
    routes = _routes(api_id, rest=True)
    paths = sorted({path for route in routes for path in _steps(route.template)})
    return [_resource(api_id, path, [route for route in routes if route.template == path]) for path in paths]


def rest_authorizers(api_id: str) -> list[JsonObject]:
    """`items` of GetAuthorizers of a REST API."""
    if api_id != ORDERS_ID:
        return []
    return [
        {
            "id": AUTHORIZER_ID,
            "name": ORDERS_AUTHORIZER.name,
            "type": "REQUEST",
            "authType": "custom",
            "authorizerUri": _invocations(ORDERS_AUTHORIZER),
            "identitySource": "method.request.header.Authorization",
            "authorizerResultTtlInSeconds": 300,
        }
    ]


def v2_routes(api_id: str) -> list[JsonObject]:
    """`Items` of GetRoutes."""
    return [
        {
            "RouteId": _v2_id(api_id, "route", route.key),
            "RouteKey": route.key,
            "Target": f"integrations/{_v2_id(api_id, route.function.name)}",
            "AuthorizationType": "NONE",
            "ApiKeyRequired": False,
        }
        for route in _routes(api_id, rest=False)
        if route.function
    ]


def v2_integrations(api_id: str) -> list[JsonObject]:
    """`Items` of GetIntegrations: HTTP APIs name a function by its ARN, WebSocket APIs by the path to invoke it."""
    functions = {route.function.name: route.function for route in _routes(api_id, rest=False) if route.function}
    return [_v2_integration(api_id, function) for function in functions.values()]


def v2_authorizers(api_id: str) -> list[JsonObject]:  # noqa: ARG001 - no HTTP or WebSocket API of the shop has one
    """`Items` of GetAuthorizers of an HTTP or WebSocket API."""
    return []


def _routes(api_id: str, *, rest: bool) -> tuple[Route, ...]:
    """All stages of an API have the same routes."""
    found = (stage.routes for stage in STAGES if stage.api_id == api_id and (stage.api_type == "REST") is rest)
    return next(found, ())


def _steps(template: str) -> Iterator[str]:
    """`/`, `/orders`, `/orders/{id}`: the path and all above it."""
    yield "/"
    parts = [part for part in template.split("/") if part]
    for count in range(1, len(parts) + 1):
        yield "/" + "/".join(parts[:count])


def _resource(api_id: str, path: str, routes: list[Route]) -> JsonObject:
    described: JsonObject = {"id": _resource_id(api_id, path), "path": path}
    if path != "/":
        above, _, part = path.rpartition("/")
        described |= {"parentId": _resource_id(api_id, above or "/"), "pathPart": part}
    if routes:
        described["resourceMethods"] = {route.method: _method(api_id, route) for route in routes}
    return described


def _resource_id(api_id: str, path: str) -> str:
    own = (route.resource_id for route in _routes(api_id, rest=True) if route.template == path)
    return next(own, hex_digest(api_id, path)[:_ID_LENGTH])


def _method(api_id: str, route: Route) -> JsonObject:
    authorizer = {"authorizerId": AUTHORIZER_ID} if route.authorized else {}
    return {
        "httpMethod": route.method,
        "authorizationType": "CUSTOM" if route.authorized else "NONE",
        **authorizer,
        "apiKeyRequired": route.keyed,
        "methodResponses": {},
        "methodIntegration": {
            **_backend(route),
            "passthroughBehavior": "WHEN_NO_MATCH",
            "timeoutInMillis": _TIMEOUT_MS,
            "cacheNamespace": _resource_id(api_id, route.template),
            "cacheKeyParameters": [],
        },
    }


def _backend(route: Route) -> JsonObject:
    if route.function is not None:
        return {"type": "AWS_PROXY", "httpMethod": "POST", "uri": _invocations(route.function)}
    if route.uri is None:
        return {"type": "MOCK", "requestTemplates": {"application/json": _MOCK_TEMPLATE}}
    if "//sqs." in route.uri:
        return {
            "type": "AWS",
            "httpMethod": "POST",
            "uri": f"arn:aws:apigateway:{REGION}:sqs:path/{ACCOUNT_ID}/stock-events",
            "credentials": f"arn:aws:iam::{ACCOUNT_ID}:role/partner-gateway-sends",
        }
    return {"type": "HTTP_PROXY", "httpMethod": route.method, "uri": route.uri, "connectionType": "INTERNET"}


def _v2_integration(api_id: str, function: Function) -> JsonObject:
    described: JsonObject = {
        "IntegrationId": _v2_id(api_id, function.name),
        "IntegrationType": "AWS_PROXY",
        "IntegrationMethod": "POST",
        "ConnectionType": "INTERNET",
    }
    if api_id == CHAT_ID:
        uri = {"IntegrationUri": _invocations(function), "TimeoutInMillis": _TIMEOUT_MS}
        return described | uri | {"PassthroughBehavior": "WHEN_NO_MATCH", "PayloadFormatVersion": "1.0"}
    uri = {"IntegrationUri": _function_arn(function), "TimeoutInMillis": _HTTP_TIMEOUT_MS}
    return described | uri | {"PayloadFormatVersion": "2.0"}


def _function_arn(function: Function) -> str:
    """Which alias is called, the stage says."""
    return f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{function.name}:${{stageVariables.alias}}"


def _invocations(function: Function) -> str:
    return f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{_function_arn(function)}/invocations"


def _v2_id(*names: str) -> str:
    return hex_digest(*names)[:_V2_ID_LENGTH]
