"""Discovery: the stages of REST, HTTP and WebSocket APIs, and where their logs go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Any, Final

from apigw_tui.core.stage import EXECUTION_GROUP_PREFIX, ApiType, Stage, execution_group
from apigw_tui.errors import AppError
from apigw_tui.sources.base import Trouble
from apigw_tui.sources.calls import Call, perform
from apigw_tui.sources.log_groups import GroupSearch, LogGroup, groups_with_prefix
from apigw_tui.sources.stage_records import http_stage, rest_stage

if TYPE_CHECKING:
    from apigw_tui.sources.session import Aws

REST_PAGE: Final = 500
V2_PAGE: Final = "500"
"""apigatewayv2 takes its page size as text."""

WEBSOCKET_GROUP_PREFIX: Final = "/aws/apigateway/"
FEW_APIS: Final = 8
"""Up to so many APIs, their groups are looked up one by one instead of by listing."""


@dataclass(frozen=True)
class Api:
    """An API before its stages are known."""

    api_id: str
    name: str
    api_type: ApiType


@dataclass(frozen=True)
class StageDirectory:
    """What discovery found; `troubles` say what it was not allowed or able to see."""

    stages: tuple[Stage, ...]
    groups: tuple[LogGroup, ...]
    troubles: tuple[Trouble, ...] = ()


@dataclass(frozen=True)
class ApiList:
    """All APIs of the region, and what could not be listed."""

    apis: tuple[Api, ...]
    troubles: tuple[Trouble, ...] = ()


def list_apis(aws: Aws, *, stop: StopFlag | None = None) -> ApiList:
    """REST APIs, then HTTP and WebSocket ones. Raises AppError when neither can be listed."""
    stop = stop or StopFlag()
    apis: list[Api] = []
    errors: list[AppError] = []
    listings = (_rest_apis(aws, stop), _v2_apis(aws, stop))
    for listing in listings:
        try:
            apis += listing
        except AppError as error:
            errors.append(error)
    if len(errors) == len(listings):
        raise errors[0]
    return ApiList(tuple(apis), _troubles(errors))


def find_stages(aws: Aws, pattern: str | None = None, *, stop: StopFlag | None = None) -> StageDirectory:
    """The stages whose `api/stage` holds the pattern, by API name or id in any case, with their groups.

    Raises AppError when nothing at all can be listed; what one permission lacks is told in `troubles`.
    """
    stop = stop or StopFlag()
    listed = list_apis(aws, stop=stop)
    api_part, _, stage_part = (pattern or "").casefold().partition("/")
    apis = [api for api in listed.apis if api_part in api.name.casefold() or api_part in api.api_id.casefold()]
    found = stages_of(aws, apis, stop=stop)
    stages = tuple(stage for stage in found.stages if stage_part in stage.name.casefold())
    return replace(found, stages=stages, troubles=(*listed.troubles, *found.troubles))


def stages_of(aws: Aws, apis: Sequence[Api], *, stop: StopFlag) -> StageDirectory:
    """The stages of these APIs with their groups. Never raises for what AWS refuses."""
    stages: list[Stage] = []
    errors: list[AppError] = []
    for api in apis:
        try:
            stages += _rest_stages(aws, api, stop) if api.api_type == "REST" else _v2_stages(aws, api, stop)
        except AppError as error:
            errors.append(error)
    groups, group_errors = _groups_of(aws, apis, stages, stop)
    by_name = {group.name: group for group in groups}
    return StageDirectory(
        stages=tuple(_with_groups(stage, by_name) for stage in stages),
        groups=tuple(sorted(groups, key=lambda group: group.name)),
        troubles=_troubles([*errors, *group_errors]),
    )


def _troubles(errors: Iterable[AppError]) -> tuple[Trouble, ...]:
    """One trouble for each thing said."""
    return tuple(Trouble(error, retry_at=None) for error in {error.message: error for error in errors}.values())


def _rest_apis(aws: Aws, stop: StopFlag) -> Iterator[Api]:
    position: dict[str, str] = {}
    while True:
        call = Call("apigateway", "get_rest_apis", "list the REST APIs", {"limit": REST_PAGE, **position})
        answer = perform(aws, call, stop=stop) or {}
        for item in answer.get("items", ()):
            yield Api(item["id"], item.get("name") or item["id"], "REST")
        if not answer.get("position"):
            return
        position = {"position": answer["position"]}


def _v2_apis(aws: Aws, stop: StopFlag) -> Iterator[Api]:
    for item in _v2_items(aws, "get_apis", "list the HTTP and WebSocket APIs", {}, stop=stop):
        api_type: ApiType = "WEBSOCKET" if item.get("ProtocolType") == "WEBSOCKET" else "HTTP"
        yield Api(item["ApiId"], item.get("Name") or item["ApiId"], api_type)


def _rest_stages(aws: Aws, api: Api, stop: StopFlag) -> list[Stage]:
    call = Call("apigateway", "get_stages", f"list the stages of {api.name}", {"restApiId": api.api_id})
    answer = perform(aws, call, stop=stop) or {}
    # GetStages of REST APIs has no pages, and its key is singular.
    return [rest_stage(api.api_id, api.name, item) for item in answer.get("item", ())]


def _v2_stages(aws: Aws, api: Api, stop: StopFlag) -> list[Stage]:
    items = _v2_items(aws, "get_stages", f"list the stages of {api.name}", {"ApiId": api.api_id}, stop=stop)
    websocket = api.api_type == "WEBSOCKET"
    return [http_stage(api.api_id, api.name, item, websocket=websocket) for item in items]


def _v2_items(
    aws: Aws, operation: str, action: str, parameters: Mapping[str, str], *, stop: StopFlag
) -> Iterator[dict[str, Any]]:
    token: dict[str, str] = {}
    while True:
        call = Call("apigatewayv2", operation, action, {"MaxResults": V2_PAGE, **parameters, **token})
        answer = perform(aws, call, stop=stop) or {}
        yield from answer.get("Items", ())
        if not answer.get("NextToken"):
            return
        token = {"NextToken": answer["NextToken"]}


def _groups_of(
    aws: Aws, apis: Sequence[Api], stages: Sequence[Stage], stop: StopFlag
) -> tuple[list[LogGroup], list[AppError]]:
    found: dict[str, LogGroup] = {}
    try:
        for prefix in _prefixes(apis):
            _keep(found, groups_with_prefix(aws, prefix, stop=stop))
        for name in sorted({stage.access.log_group for stage in stages if stage.access and stage.access.log_group}):
            if name not in found:
                _keep(found, groups_with_prefix(aws, name, stop=stop, max_pages=1))
    except AppError as error:
        return list(found.values()), [error]
    return list(found.values()), []


def _keep(found: dict[str, LogGroup], search: GroupSearch) -> None:
    found.update((group.name, group) for group in search.groups)


def _prefixes(apis: Sequence[Api]) -> list[str]:
    if len(apis) > FEW_APIS:
        return [EXECUTION_GROUP_PREFIX, WEBSOCKET_GROUP_PREFIX]
    execution = [f"{EXECUTION_GROUP_PREFIX}{api.api_id}/" for api in apis if api.api_type != "HTTP"]
    websocket = [f"{WEBSOCKET_GROUP_PREFIX}{api.api_id}/" for api in apis if api.api_type == "WEBSOCKET"]
    return execution + websocket


def _with_groups(stage: Stage, groups: Mapping[str, LogGroup]) -> Stage:
    """The stage with the spelling of its execution group that exists, and its retention."""
    execution = stage.execution
    if stage.api_type == "WEBSOCKET":
        # Both spellings are documented for WebSocket APIs.
        spellings = (execution_group(stage.api_id, stage.name), f"{WEBSOCKET_GROUP_PREFIX}{stage.scope}")
        existing = next((name for name in spellings if name in groups), spellings[0])
        execution = replace(execution, log_group=existing)
    name = (stage.access.log_group if stage.access else None) or execution.log_group
    group = groups.get(name or "")
    return replace(stage, execution=execution, retention_days=group.retention_days if group else None)
