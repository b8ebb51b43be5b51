"""What the routes and authorizers of one API call, as API Gateway's control plane tells it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Any, Final

from apigw_tui.errors import AppError
from apigw_tui.sources.calls import Call, perform
from apigw_tui.sources.failures import PASSING, kind_of

if TYPE_CHECKING:
    from apigw_tui.core.stage import Stage
    from apigw_tui.sources.session import Aws, Service

ANY: Final = "ANY"
"""The method of a route that takes each of them."""

REST_PAGE: Final = 500
V2_PAGE: Final = "500"
"""apigatewayv2 takes its page size as text."""

RouteKey = tuple[str, str]
"""Method and template; the method of `$default` and of WebSocket routes is ANY."""

_FUNCTION: Final = re.compile(r":function:([^:/\s]+)")
_FUNCTION_NAME: Final = re.compile(r"[\w-]{1,140}")
_STAGE_VARIABLE: Final = re.compile(r"\$\{stageVariables\.([^}]+)\}")
_ROUTE_KEY: Final = re.compile(r"([A-Z]+) (/.*)")


@dataclass(frozen=True)
class ApiCalls:
    """The URI behind each route, None for what is answered without one, and those of the authorizers asked.

    `variables` are those of each stage by its name, where some function's name depends on them. Not
    `is_settled`: a passing failure kept something from being read.
    """

    routes: Mapping[RouteKey, str | None] = field(default_factory=dict)
    authorizers: tuple[str, ...] = ()
    variables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    is_settled: bool = True


def calls_of_api(aws: Aws, stage: Stage, stop: StopFlag) -> ApiCalls:
    """What the API of this stage calls, as far as AWS lets us see. Never raises."""
    settings = _Settings(aws, stage, stop)
    calls = settings.rest_calls() if stage.api_type == "REST" else settings.v2_calls()
    return replace(calls, is_settled=settings.is_settled and not stop.is_set())


def function_name(uri: str, variables: Mapping[str, str]) -> str | None:
    """The function that an integration or authorizer URI invokes, whatever its alias; None for all else."""
    told = _STAGE_VARIABLE.sub(lambda found: variables.get(found[1], found[0]), uri)
    named = _FUNCTION.search(told)
    return named[1] if named and _FUNCTION_NAME.fullmatch(named[1]) else None


class _Settings:
    """One round of questions about one API. `is_settled` unless asking again could tell more."""

    def __init__(self, aws: Aws, stage: Stage, stop: StopFlag) -> None:
        self.is_settled = True
        self._aws = aws
        self._stage = stage
        self._stop = stop

    def rest_calls(self) -> ApiCalls:
        methods = [
            (method, resource["path"], settings)
            for resource in self._all(self._rest_items("get_resources", limit=REST_PAGE, embed=["methods"]))
            for method, settings in resource.get("resourceMethods", {}).items()
        ]
        asked = {settings.get("authorizerId") for _, _, settings in methods} - {None}
        authorizers = self._all(self._rest_items("get_authorizers", limit=REST_PAGE)) if asked else []
        calls = ApiCalls(
            {(method, path): settings.get("methodIntegration", {}).get("uri") for method, path, settings in methods},
            tuple(item["authorizerUri"] for item in authorizers if item["id"] in asked and item.get("authorizerUri")),
        )
        return self._with_variables(calls, ("get_stages", "item", "stageName", "variables"))

    def v2_calls(self) -> ApiCalls:
        routes = self._all(self._v2_items("get_routes"))
        uris = {
            f"integrations/{item['IntegrationId']}": item.get("IntegrationUri")
            for item in (self._all(self._v2_items("get_integrations")) if routes else ())
        }
        asked = {route.get("AuthorizerId") for route in routes} - {None}
        authorizers = self._all(self._v2_items("get_authorizers")) if asked else []
        calls = ApiCalls(
            {_route_key(route["RouteKey"]): uris.get(route.get("Target", "")) for route in routes},
            tuple(
                item["AuthorizerUri"]
                for item in authorizers
                if item["AuthorizerId"] in asked and item.get("AuthorizerUri")
            ),
        )
        return self._with_variables(calls, ("get_stages", "Items", "StageName", "StageVariables"))

    def _with_variables(self, calls: ApiCalls, names: tuple[str, str, str, str]) -> ApiCalls:
        """The stages are asked for their variables only when a function's name depends on one."""
        uris = [uri for uri in (*calls.routes.values(), *calls.authorizers) if uri]
        if not any(_STAGE_VARIABLE.search(uri) and function_name(uri, {}) is None for uri in uris):
            return calls
        operation, listed, name, variables = names
        stages = self._rest_items(operation, listed=listed) if listed == "item" else self._v2_items(operation)
        by_stage = {stage[name]: stage.get(variables) or {} for stage in self._all(stages)}
        return replace(calls, variables=by_stage)

    def _all(self, items: Iterator[dict[str, Any]]) -> list[dict[str, Any]]:
        """The items, or none where they may not be seen."""
        try:
            return list(items)
        except AppError as error:
            self.is_settled = self.is_settled and kind_of(error) not in PASSING
            return []

    def _rest_items(self, operation: str, *, listed: str = "items", **parameters: Any) -> Iterator[dict[str, Any]]:
        position: dict[str, str] = {}
        while True:
            answer = self._answer("apigateway", operation, {"restApiId": self._stage.api_id, **parameters, **position})
            yield from answer.get(listed, ())
            if not answer.get("position"):
                return
            position = {"position": answer["position"]}

    def _v2_items(self, operation: str) -> Iterator[dict[str, Any]]:
        token: dict[str, str] = {}
        while True:
            parameters = {"ApiId": self._stage.api_id, "MaxResults": V2_PAGE, **token}
            answer = self._answer("apigatewayv2", operation, parameters)
            yield from answer.get("Items", ())
            if not answer.get("NextToken"):
                return
            token = {"NextToken": answer["NextToken"]}

    def _answer(self, service: Service, operation: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        call = Call(service, operation, f"look up what {self._stage.api_name} calls", parameters)
        return perform(self._aws, call, stop=self._stop) or {}


def _route_key(text: str) -> RouteKey:
    """`GET /orders` as method and template; `$default` and the keys of WebSocket routes have no method."""
    found = _ROUTE_KEY.fullmatch(text)
    return (found[1], found[2]) if found else (ANY, text)
