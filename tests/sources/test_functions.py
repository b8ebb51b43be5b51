"""Which functions a stage calls, asked of the endpoint over HTTP."""

from __future__ import annotations

from dataclasses import replace
from threading import Event as StopFlag
from threading import Thread
from typing import Any

import pytest

from apigw_tui.core.stage import ExecutionLog, Stage
from apigw_tui.emulator.server import EmulatorServer
from apigw_tui.emulator.traffic import Shop
from apigw_tui.sources.api_calls import function_name
from apigw_tui.sources.functions import StageFunctions, functions_of
from apigw_tui.sources.session import Aws, AwsSettings
from tests.sources.recorded_account import RecordedAccount, Refusals, served
from tests.sources.virtual_time import START, VirtualTime

FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:{}"
INVOCATIONS = f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{FUNCTION}/invocations"
PROD = Stage("a1b2c3", "orders", "REST", "prod", None, ExecutionLog(None))
FRONT = Stage("h1", "front", "HTTP", "live", None, ExecutionLog(None))


def method(name: str, uri: str | None, **settings: object) -> dict[str, Any]:
    integration = {"type": "AWS_PROXY", "uri": uri} if uri else {"type": "MOCK"}
    return {name: {"httpMethod": name, "methodIntegration": integration, **settings}}


def resource(path: str, methods: dict[str, Any]) -> dict[str, Any]:
    return {"id": path.strip("/") or "root", "path": path, "resourceMethods": methods}


def rest_account(*resources: dict[str, Any]) -> RecordedAccount:
    account = RecordedAccount()
    account.rest["a1b2c3"] = ("orders", [])
    account.resources = list(resources)
    return account


def known(account: RecordedAccount, stage: Stage = PROD, refusals: Refusals | None = None) -> StageFunctions:
    with served(account, VirtualTime(), refusals=refusals) as aws:
        return functions_of(aws, stage)


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        (INVOCATIONS.format("orders-write"), "orders-write"),
        (INVOCATIONS.format("orders-write:live"), "orders-write"),
        (INVOCATIONS.format("orders-write:${stageVariables.alias}"), "orders-write"),
        (INVOCATIONS.format("orders-${stageVariables.env}"), "orders-blue"),
        (INVOCATIONS.format("${stageVariables.function}"), "basket"),
        (INVOCATIONS.format("${stageVariables.unknown}"), None),
        (FUNCTION.format("front-web:${stageVariables.alias}"), "front-web"),
        ("https://catalog.internal.example/items", None),
        ("arn:aws:apigateway:eu-west-1:sqs:path/123456789012/jobs", None),
    ],
)
def test_a_uri_names_its_function_whatever_the_alias(uri: str, name: str | None) -> None:
    assert function_name(uri, {"env": "blue", "function": "basket:live"}) == name


def test_a_rest_api_says_what_its_methods_and_their_authorizer_call() -> None:
    account = rest_account(
        resource("/orders", method("POST", INVOCATIONS.format("orders-write"), authorizerId="a1")),
        resource("/orders/{id}", method("ANY", INVOCATIONS.format("orders-read"))),
        resource("/health", method("GET", None)),
    )
    account.authorizers = [
        {"id": "a1", "name": "one", "authorizerUri": INVOCATIONS.format("orders-authorizer")},
        {"id": "a2", "name": "never asked", "authorizerUri": INVOCATIONS.format("idle")},
        {"id": "a3", "name": "a user pool", "type": "COGNITO_USER_POOLS"},
    ]
    found = known(account)
    assert found.of("POST", "/orders") == "orders-write"
    assert found.of("DELETE", "/orders/{id}") == "orders-read"
    assert found.of("GET", "/orders") is None
    assert found.of("GET", None) is None
    assert (found.of("GET", "/health"), found.knows("GET", "/health")) == (None, True)
    assert not found.knows("GET", "/orders")
    assert found.authorizers == ("orders-authorizer",)


def test_the_function_with_the_most_routes_comes_first_and_authorizers_last() -> None:
    account = rest_account(
        resource("/a", method("GET", INVOCATIONS.format("lister"), authorizerId="a1")),
        resource("/b", method("GET", INVOCATIONS.format("writer")) | method("PUT", INVOCATIONS.format("writer"))),
    )
    account.authorizers = [{"id": "a1", "authorizerUri": INVOCATIONS.format("badges")}]
    assert known(account).names == ("writer", "lister", "badges")


def test_more_resources_than_fit_on_a_page_are_all_read() -> None:
    account = rest_account(
        *(resource(f"/r{number}", method("GET", INVOCATIONS.format(f"f{number}"))) for number in range(700))
    )
    assert len(known(account).names) == 700


def test_an_http_api_says_what_its_routes_call() -> None:
    account = RecordedAccount()
    account.v2["h1"] = ({"ApiId": "h1", "Name": "front", "ProtocolType": "HTTP"}, [])
    account.routes = [
        {"RouteId": "1", "RouteKey": "GET /p/{slug}", "Target": "integrations/i1"},
        {"RouteId": "2", "RouteKey": "ANY /basket", "Target": "integrations/i2", "AuthorizerId": "z"},
        {"RouteId": "3", "RouteKey": "$default", "Target": "integrations/i3"},
        {"RouteId": "4", "RouteKey": "GET /nowhere"},
    ]
    account.integrations = [
        {"IntegrationId": "i1", "IntegrationUri": FUNCTION.format("pages:live")},
        {"IntegrationId": "i2", "IntegrationUri": INVOCATIONS.format("baskets")},
        {"IntegrationId": "i3", "IntegrationUri": "https://old.shop.example/{proxy}"},
    ]
    account.authorizers = [{"AuthorizerId": "z", "AuthorizerUri": INVOCATIONS.format("badges")}]
    found = known(account, FRONT)
    assert found.of("GET", "/p/{slug}") == "pages"
    assert found.of("PATCH", "/basket") == "baskets"
    assert found.of(None, "/basket") == "baskets"
    assert (found.of("GET", "$default"), found.knows("GET", "$default")) == (None, True)
    assert found.names == ("baskets", "pages", "badges")


def test_names_that_depend_on_the_stage_are_read_of_the_stage() -> None:
    account = rest_account(resource("/orders", method("GET", INVOCATIONS.format("${stageVariables.reader}"))))
    prod_stage = {"stageName": "prod", "variables": {"reader": "orders-read-v2:live"}}
    stages: list[dict[str, Any]] = [prod_stage, {"stageName": "staging"}]
    account.rest["a1b2c3"] = ("orders", stages)
    with served(account, VirtualTime()) as aws:
        prod, staging = functions_of(aws, PROD), functions_of(aws, replace(PROD, name="staging"))
    assert prod.of("GET", "/orders") == "orders-read-v2"
    assert (staging.of("GET", "/orders"), staging.knows("GET", "/orders")) == (None, False)


@pytest.mark.parametrize("denied", ["GetResources", "GetAuthorizers", "GetStages"])
def test_what_may_not_be_seen_is_not_known_and_the_rest_is(denied: str) -> None:
    account = rest_account(
        resource("/orders", method("POST", INVOCATIONS.format("orders-write"), authorizerId="a1")),
        resource("/carts", method("GET", INVOCATIONS.format("${stageVariables.reader}"))),
    )
    account.authorizers = [{"id": "a1", "authorizerUri": INVOCATIONS.format("badges")}]
    account.rest["a1b2c3"] = ("orders", [{"stageName": "prod", "variables": {"reader": "carts"}}])
    refusals = Refusals()
    refusals.codes[denied] = "AccessDeniedException"
    names = set(known(account, refusals=refusals).names)
    missing = {
        "GetResources": {"orders-write", "carts", "badges"},
        "GetAuthorizers": {"badges"},
        "GetStages": {"carts"},
    }
    assert names == {"orders-write", "carts", "badges"} - missing[denied]


def test_an_unknown_api_has_no_functions() -> None:
    assert known(RecordedAccount()) == StageFunctions()
    assert known(RecordedAccount(), FRONT) == StageFunctions()


def shop_server() -> EmulatorServer:
    shop = Shop(epoch=START)
    return EmulatorServer(shop, shop, clock=lambda: START)


def test_each_api_is_asked_once_however_many_stages_and_threads_want_it() -> None:
    stages = [Stage("a1b2c3d4e5", "orders", "REST", name, None, ExecutionLog(None)) for name in ("prod", "staging")]
    with shop_server() as server:
        aws = Aws(AwsSettings.for_emulator(server.url))
        found: list[StageFunctions] = []
        threads = [Thread(target=lambda stage=stage: found.append(functions_of(aws, stage))) for stage in stages * 3]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        calls = dict(server.calls)
    assert calls == {"GetResources": 1, "GetAuthorizers": 1}
    assert {one.names for one in found} == {("orders-write", "orders-read", "orders-authorizer")}


def test_after_passing_trouble_or_a_stop_it_is_asked_again() -> None:
    account = rest_account(resource("/orders", method("GET", INVOCATIONS.format("orders-read"))))
    refusals, time = Refusals(), VirtualTime()
    refusals.codes["GetResources"] = "ServiceUnavailableException"
    stopped = StopFlag()
    stopped.set()
    with served(account, time, refusals=refusals) as aws:
        assert functions_of(aws, PROD, stop=time.stop) == StageFunctions()
        assert functions_of(aws, PROD, stop=stopped) == StageFunctions()
        refusals.codes.clear()
        assert functions_of(aws, PROD).names == ("orders-read",)


def test_another_session_is_asked_for_itself() -> None:
    account = rest_account(resource("/orders", method("GET", INVOCATIONS.format("orders-read"))))
    assert known(account).names == ("orders-read",)
    assert known(rest_account()).names == ()
