"""The API Gateway control plane: v1 and v2 APIs, their stages and what they call, read only."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from apigw_tui.emulator.feed import ACCOUNT_ID, ControlPlane, JsonObject
from apigw_tui.emulator.paging import Tokens, slice_after
from apigw_tui.emulator.wire import Request, Response, ServiceError, rest_error, rest_response

_DEFAULT_PAGE: Final = 25
_LARGEST_PAGE: Final = 500
_MAPS: Final = frozenset({"RouteSettings", "StageVariables", "Tags", "RequestTemplates"})

_ROUTES: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("GetRestApis", re.compile(r"/restapis/?")),
    ("GetStages", re.compile(r"/restapis/(?P<api_id>[^/]+)/stages/?")),
    ("GetResources", re.compile(r"/restapis/(?P<api_id>[^/]+)/resources/?")),
    ("GetAuthorizers", re.compile(r"/restapis/(?P<api_id>[^/]+)/authorizers/?")),
    ("GetAccount", re.compile(r"/account/?")),
    ("GetApis", re.compile(r"/v2/apis/?")),
    ("GetV2Stages", re.compile(r"/v2/apis/(?P<api_id>[^/]+)/stages/?")),
    ("GetRoutes", re.compile(r"/v2/apis/(?P<api_id>[^/]+)/routes/?")),
    ("GetIntegrations", re.compile(r"/v2/apis/(?P<api_id>[^/]+)/integrations/?")),
    ("GetV2Authorizers", re.compile(r"/v2/apis/(?P<api_id>[^/]+)/authorizers/?")),
    ("GetDomainNames", re.compile(r"/domainnames/?")),
    ("GetBasePathMappings", re.compile(r"/domainnames/(?P<domain>[^/]+)/basepathmappings/?")),
    ("GetV2DomainNames", re.compile(r"/v2/domainnames/?")),
    ("GetApiMappings", re.compile(r"/v2/domainnames/(?P<domain>[^/]+)/apimappings/?")),
)


Items = Callable[[str], Sequence[JsonObject]]
"""What an API has, by its ID."""


class ControlService:
    """REST-JSON over the dicts of a control plane.

    Operations have the names of AWS; those of v2 that v1 has too are called GetV2Stages, GetV2Authorizers and
    GetV2DomainNames.
    """

    def __init__(self, plane: ControlPlane, clock: Callable[[], int]) -> None:
        self._plane = plane
        self._tokens = Tokens(clock)
        self.unsigned = ServiceError("MissingAuthenticationTokenException", "Missing Authentication Token", status=403)
        self._operations: dict[str, Callable[[Request], JsonObject]] = {
            "GetRestApis": self._rest_apis,
            "GetStages": self._rest_stages,
            "GetResources": self._resources,
            "GetAuthorizers": lambda request: self._rest_part(request, plane.rest_authorizers),
            "GetAccount": lambda _request: _timed(plane.account(), _epoch),
            "GetApis": lambda request: self._v2_page(request, plane.v2_apis(), "ApiId"),
            "GetV2Stages": lambda request: self._v2_part(request, plane.v2_stages, "StageName"),
            "GetRoutes": lambda request: self._v2_part(request, plane.v2_routes, "RouteId"),
            "GetIntegrations": lambda request: self._v2_part(request, plane.v2_integrations, "IntegrationId"),
            "GetV2Authorizers": lambda request: self._v2_part(request, plane.v2_authorizers, "AuthorizerId"),
            "GetDomainNames": lambda request: self._rest_page(request, plane.domain_names(), "domainName"),
            "GetBasePathMappings": self._base_path_mappings,
            "GetV2DomainNames": lambda request: self._v2_page(request, plane.v2_domain_names(), "DomainName"),
            "GetApiMappings": self._api_mappings,
        }

    def operation(self, request: Request) -> str:
        """The operation of a method and path."""
        if request.method == "GET":
            for name, route in _ROUTES:
                if route.fullmatch(request.path):
                    return name
        raise ServiceError("UnknownOperationException", f"{request.method} {request.path} is not served", status=404)

    def call(self, operation: str, request: Request) -> Response:
        """Run one operation."""
        return rest_response(self._operations[operation](request))

    def error(self, error: ServiceError) -> Response:
        """The error as JSON, its code in a header."""
        return rest_error(error)

    def _rest_apis(self, request: Request) -> JsonObject:
        return self._rest_page(request, self._plane.rest_apis())

    def _rest_stages(self, request: Request) -> JsonObject:
        wanted = request.query.get("deploymentId")
        stages = self._plane.rest_stages(self._rest_api(request))
        return {"item": [_timed(stage, _epoch) for stage in stages if wanted in {None, stage.get("deploymentId")}]}

    def _resources(self, request: Request) -> JsonObject:
        answer = self._rest_part(request, self._plane.rest_resources)
        if request.query.get("embed") != "methods":
            answer["item"] = [_without_methods(resource) for resource in answer["item"]]
        return answer

    def _rest_part(self, request: Request, items_of: Items) -> JsonObject:
        return self._rest_page(request, items_of(self._rest_api(request)))

    def _rest_api(self, request: Request) -> str:
        api_id = _api_id(request)
        if not any(api["id"] == api_id for api in self._plane.rest_apis()):
            raise _no_such_api(api_id)
        return api_id

    def _base_path_mappings(self, request: Request) -> JsonObject:
        domain = _domain(request, {item["domainName"] for item in self._plane.domain_names()})
        return self._rest_page(request, self._plane.base_path_mappings(domain), "basePath")

    def _api_mappings(self, request: Request) -> JsonObject:
        domain = _domain(request, {item["DomainName"] for item in self._plane.v2_domain_names()})
        return self._v2_page(request, self._plane.v2_api_mappings(domain), "ApiMappingId")

    def _rest_page(self, request: Request, items: Sequence[JsonObject], name: str = "id") -> JsonObject:
        limit = _page_size(request.query.get("limit"), "limit")
        page, more = self._page(items, (request.path, name), request.query.get("position"), limit)
        answer: JsonObject = {"item": [_timed(item, _epoch) for item in page]}
        return answer if more is None else {**answer, "position": more}

    def _v2_part(self, request: Request, items_of: Items, name: str) -> JsonObject:
        api_id = _api_id(request)
        if not any(api["ApiId"] == api_id for api in self._plane.v2_apis()):
            raise _no_such_api(api_id)
        return self._v2_page(request, items_of(api_id), name)

    def _v2_page(self, request: Request, items: Sequence[JsonObject], name: str) -> JsonObject:
        limit = _page_size(request.query.get("maxResults"), "maxResults")
        page, more = self._page(items, (request.path, name), request.query.get("nextToken"), limit)
        answer: JsonObject = {"items": [_camel(_timed(item, _iso)) for item in page]}
        return answer if more is None else {**answer, "nextToken": more}

    def _page(
        self, items: Sequence[JsonObject], listing: tuple[str, str], token: str | None, limit: int
    ) -> tuple[list[JsonObject], str | None]:
        """A page of a listing, which is known by its path and the member that names an item."""
        try:
            last = None if token is None else self._tokens.read(listing, token)
        except ServiceError as error:
            raise ServiceError("BadRequestException", "Invalid position or token") from error
        page, more = slice_after(items, lambda item: str(item[listing[1]]), last, limit)
        return page, None if more is None else self._tokens.issue(listing, more)


def _api_id(request: Request) -> str:
    return request.path.strip("/").removeprefix("v2/").split("/")[1]


def _domain(request: Request, known: Collection[str]) -> str:
    domain = request.path.strip("/").removeprefix("v2/").split("/")[1]
    if domain not in known:
        raise ServiceError("NotFoundException", "Invalid domain name identifier specified", status=404)
    return domain


def _no_such_api(api_id: str) -> ServiceError:
    message = f"Invalid API identifier specified {ACCOUNT_ID}:{api_id}"
    return ServiceError("NotFoundException", message, status=404)


def _without_methods(resource: JsonObject) -> JsonObject:
    """Unless they are embedded, only the names of the methods are told."""
    methods = resource.get("resourceMethods")
    return {**resource, "resourceMethods": {name: {} for name in methods}} if methods else resource


def _page_size(text: str | None, name: str) -> int:
    if text is None:
        return _DEFAULT_PAGE
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= _LARGEST_PAGE:
        raise ServiceError("BadRequestException", f"{name} must be a number from 1 to {_LARGEST_PAGE}")
    return int(text)


def _timed(value: Any, write: Callable[[datetime], Any]) -> Any:
    """The same with every time written as the protocol wants it."""
    if isinstance(value, datetime):
        return write(value)
    if isinstance(value, Mapping):
        return {key: _timed(child, write) for key, child in value.items()}
    if isinstance(value, (list, tuple)):
        return [_timed(child, write) for child in value]
    return value


def _epoch(time: datetime) -> int:
    return int(time.timestamp())


def _iso(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _camel(value: Any, *, is_map: bool = False) -> Any:
    """The wire names of v2: the first letter of a member is small, the keys of a map stay."""
    if isinstance(value, list):
        return [_camel(child) for child in value]
    if not isinstance(value, dict):
        return value
    return {
        key if is_map else key[:1].lower() + key[1:]: _camel(child, is_map=key in _MAPS and not is_map)
        for key, child in value.items()
    }
