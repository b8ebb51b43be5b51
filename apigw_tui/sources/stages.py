"""The APIs of an account and the stages of each, as the control plane lists them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Any, Final

from apigw_tui.core.stage import ApiType, Stage
from apigw_tui.errors import AppError
from apigw_tui.sources.base import Trouble
from apigw_tui.sources.calls import Call, perform
from apigw_tui.sources.failures import AwsError
from apigw_tui.sources.limiter import Priority
from apigw_tui.sources.stage_records import http_stage, rest_stage

if TYPE_CHECKING:
    from apigw_tui.sources.log_groups import LogGroup
    from apigw_tui.sources.session import Aws

REST_PAGE: Final = 500
V2_PAGE: Final = "500"
"""apigatewayv2 takes its page size as text."""


@dataclass(frozen=True)
class Api:
    """An API before its stages are known."""

    api_id: str
    name: str
    api_type: ApiType


@dataclass(frozen=True)
class StageDirectory:
    """What is known of an account; `troubles` say what could not be seen.

    `read_at` has the time (ms) at which the stages of each API were read: an API that it lacks was listed only.
    `progress` is how many APIs of how many have been read again, None when all that was wanted is there.
    """

    stages: tuple[Stage, ...]
    groups: tuple[LogGroup, ...]
    troubles: tuple[Trouble, ...] = ()
    apis: tuple[Api, ...] = ()
    read_at: Mapping[str, int] = field(default_factory=dict)
    progress: tuple[int, int] | None = None
    groups_are_complete: bool = True
    account: str | None = None
    domains_error: AppError | None = None
    """Why not all custom domain names are known."""

    @property
    def as_of(self) -> int | None:
        """When the oldest of it was read (ms)."""
        return min(self.read_at.values(), default=None)


@dataclass(frozen=True)
class ApiList:
    """All APIs of the region, and what could not be listed."""

    apis: tuple[Api, ...]
    errors: tuple[AppError, ...] = ()


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
    return ApiList(tuple(apis), tuple(errors))


def stages_of_api(
    aws: Aws, api: Api, *, stop: StopFlag, priority: Priority = Priority.VISIBLE
) -> tuple[Stage, ...] | None:
    """The stages of one API; None when stopped. Raises AppError."""
    if api.api_type == "REST":
        call = Call("apigateway", "get_stages", f"list the stages of {api.name}", {"restApiId": api.api_id})
        answer = perform(aws, call, stop=stop, priority=priority)
        # GetStages of REST APIs has no pages, and its key is singular.
        return (
            None if answer is None else tuple(rest_stage(api.api_id, api.name, item) for item in answer.get("item", ()))
        )
    call = Call("apigatewayv2", "get_stages", f"list the stages of {api.name}", {"ApiId": api.api_id})
    items = list(v2_items(aws, call, stop=stop, priority=priority))
    if stop.is_set():
        return None
    websocket = api.api_type == "WEBSOCKET"
    return tuple(http_stage(api.api_id, api.name, item, websocket=websocket) for item in items)


def v2_items(
    aws: Aws, call: Call, *, stop: StopFlag, priority: Priority = Priority.VISIBLE
) -> Iterator[dict[str, Any]]:
    """What a listing of apigatewayv2 yields, page by page. Raises AppError."""
    token: dict[str, str] = {}
    while True:
        paged = Call(call.service, call.operation, call.action, {"MaxResults": V2_PAGE, **call.parameters, **token})
        answer = perform(aws, paged, stop=stop, priority=priority) or {}
        yield from answer.get("Items", ())
        if not answer.get("NextToken"):
            return
        token = {"NextToken": answer["NextToken"]}


def rest_items(
    aws: Aws, call: Call, *, stop: StopFlag, priority: Priority = Priority.VISIBLE
) -> Iterator[dict[str, Any]]:
    """What a listing of apigateway yields, page by page. Raises AppError."""
    position: dict[str, str] = {}
    while True:
        paged = Call(call.service, call.operation, call.action, {"limit": REST_PAGE, **call.parameters, **position})
        answer = perform(aws, paged, stop=stop, priority=priority) or {}
        yield from answer.get("items", ())
        if not answer.get("position"):
            return
        position = {"position": answer["position"]}


def troubles_of(errors: Iterable[AppError], *, most: int = 3) -> tuple[Trouble, ...]:
    """One trouble for each thing said; of many only the first, and how many there are."""
    told = list({error.message: error for error in errors}.values())
    shown = told if len(told) <= most else [*told[: most - 1], _summed(told[most - 1 :])]
    return tuple(Trouble(error, retry_at=None) for error in shown)


def _summed(errors: list[AppError]) -> AppError:
    first = errors[0]
    message = f"{first.message.removesuffix('.')}; {len(errors) - 1} more of its kind."
    return AwsError(first.kind, message, first.hint) if isinstance(first, AwsError) else AppError(message, first.hint)


def _rest_apis(aws: Aws, stop: StopFlag) -> Iterator[Api]:
    for item in rest_items(aws, Call("apigateway", "get_rest_apis", "list the REST APIs"), stop=stop):
        yield Api(item["id"], item.get("name") or item["id"], "REST")


def _v2_apis(aws: Aws, stop: StopFlag) -> Iterator[Api]:
    for item in v2_items(aws, Call("apigatewayv2", "get_apis", "list the HTTP and WebSocket APIs"), stop=stop):
        api_type: ApiType = "WEBSOCKET" if item.get("ProtocolType") == "WEBSOCKET" else "HTTP"
        yield Api(item["ApiId"], item.get("Name") or item["ApiId"], api_type)
