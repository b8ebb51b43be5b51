"""moto as a second implementation: the same calls on both give answers of the same shape.

Only what moto gets right: it ignores most filter patterns and stream prefixes, has no 1 MB page, no
ListLogGroups, orders by stream and treats the endTime of GetLogEvents as inclusive.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from apigw_tui.core.trace import segments_of
from apigw_tui.emulator.server import EmulatorServer
from apigw_tui.emulator.stages import ORDERS_PROD
from apigw_tui.emulator.traffic import Shop
from tests.emulator.tiny_feed import FUNCTION_ARN, INVOCATIONS, TinyFeed, TinyPlane

server_module = pytest.importorskip("moto.server")

Clients = Callable[[str], Any]
Both = tuple[Clients, Clients]

CREDENTIALS = {
    "region_name": "eu-west-1",
    "aws_access_key_id": "AKIDEXAMPLE",
    "aws_secret_access_key": "secret",
}

FORMAT = '{"requestId":"$context.requestId","status":"$context.status"}'


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture(scope="module")
def moto_url() -> Iterator[str]:
    server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def both(moto_url: str) -> Iterator[Both]:
    """Makers of clients for the emulator and for moto."""
    with ExitStack() as stack:
        ours = stack.enter_context(EmulatorServer(TinyFeed(), TinyPlane(), clock=now_ms))

        def maker(url: str) -> Clients:
            def make(service: str) -> Any:
                client = boto3.client(service, endpoint_url=url, **CREDENTIALS)
                stack.enter_context(closing(client))
                return client

            return make

        with closing(boto3.client("logs", endpoint_url=moto_url, **CREDENTIALS)) as moto_logs:
            for group in moto_logs.describe_log_groups()["logGroups"]:
                moto_logs.delete_log_group(logGroupName=group["logGroupName"])
        yield maker(ours.url), maker(moto_url)


def shape(value: object) -> object:
    """Keys and types, without values; the metadata of HTTP is left out."""
    if isinstance(value, dict):
        return {key: shape(child) for key, child in value.items() if key != "ResponseMetadata"}
    if isinstance(value, list):
        return [shape(child) for child in value]
    return type(value).__name__


def written(client: Any, start: int) -> list[dict[str, Any]]:
    """Create, put and describe; the answers in order."""
    client.create_log_group(logGroupName="/shop/own")
    client.create_log_stream(logGroupName="/shop/own", logStreamName="s1")
    events = [{"timestamp": start + number, "message": f"line {number}"} for number in range(25)]
    return [
        client.put_log_events(logGroupName="/shop/own", logStreamName="s1", logEvents=events),
        client.describe_log_groups(logGroupNamePrefix="/shop"),
        client.describe_log_streams(logGroupName="/shop/own"),
        client.filter_log_events(logGroupName="/shop/own", limit=5),
        client.get_log_events(logGroupName="/shop/own", logStreamName="s1", limit=5, startFromHead=True),
    ]


def test_writing_and_reading_have_the_same_shapes(both: Both) -> None:
    start = now_ms() - 60_000
    ours, motos = (written(make("logs"), start) for make in both)
    for our_answer, moto_answer in zip(ours, motos, strict=True):
        our_shape, moto_shape = shape(our_answer), shape(moto_answer)
        assert without(our_shape, "logGroupClass", "logGroupArn", "searchedLogStreams") == without(
            moto_shape,
            "logGroupClass",
            "logGroupArn",
            "searchedLogStreams",
            "rejectedLogEventsInfo",
            "uploadSequenceToken",
        )


def without(value: object, *names: str) -> object:
    """The shape without members that only one of the two has."""
    if isinstance(value, dict):
        return {key: without(child, *names) for key, child in value.items() if key not in names}
    if isinstance(value, list):
        return [without(child, *names) for child in value]
    return value


def stream_pages(client: Any) -> list[list[str]]:
    pages: list[list[str]] = []
    token: dict[str, str] = {}
    while True:
        answer = client.get_log_events(
            logGroupName="/shop/own", logStreamName="s1", limit=10, startFromHead=True, **token
        )
        pages.append([event["message"] for event in answer["events"]])
        if token.get("nextToken") == answer["nextForwardToken"]:
            return pages
        token = {"nextToken": answer["nextForwardToken"]}


def filter_messages(client: Any, **arguments: object) -> list[str]:
    found: list[str] = []
    token: dict[str, str] = {}
    while True:
        answer = client.filter_log_events(logGroupName="/shop/own", **arguments, **token)
        found += [event["message"] for event in answer["events"]]
        if "nextToken" not in answer:
            return found
        token = {"nextToken": answer["nextToken"]}


def test_paging_leads_through_the_same_events(both: Both) -> None:
    start = now_ms() - 60_000
    for make in both:
        written(make("logs"), start)
    one, other = (make("logs") for make in both)
    assert stream_pages(one) == stream_pages(other)
    assert filter_messages(one, limit=7) == filter_messages(other, limit=7)
    for arguments in (
        {"startTime": start + 3, "endTime": start + 8},
        {"filterPattern": "line"},
        {"filterPattern": '"line 7"'},
        {"filterPattern": "line 12"},
    ):
        assert filter_messages(one, **arguments) == filter_messages(other, **arguments)


def test_groups_are_paged_alike(both: Both) -> None:
    names = []
    for make in both:
        client = make("logs")
        for number in range(120):
            client.create_log_group(logGroupName=f"g/{number:03}")
        pages = list(client.get_paginator("describe_log_groups").paginate())
        names.append([[group["logGroupName"] for group in page["logGroups"]] for page in pages])
    assert names[0] == names[1]


def test_the_same_mistakes_get_the_same_errors(both: Both) -> None:
    start = now_ms() - 60_000
    for make in both:
        written(make("logs"), start)

    def unordered(client: Any) -> None:
        events = [{"timestamp": start + 1, "message": "b"}, {"timestamp": start, "message": "a"}]
        client.put_log_events(logGroupName="/shop/own", logStreamName="s1", logEvents=events)

    calls: list[Callable[[Any], object]] = [
        lambda client: client.create_log_group(logGroupName="/shop/own"),
        lambda client: client.create_log_stream(logGroupName="/shop/own", logStreamName="s1"),
        lambda client: client.create_log_stream(logGroupName="gone", logStreamName="s1"),
        lambda client: client.filter_log_events(logGroupName="gone"),
        lambda client: client.get_log_events(logGroupName="/shop/own", logStreamName="gone"),
        lambda client: client.describe_log_groups(limit=51),
        unordered,
    ]
    for call in calls:
        assert error_code(call, both[0]("logs")) == error_code(call, both[1]("logs"))


def error_code(call: Callable[[Any], object], client: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(client)
    return str(caught.value.response["Error"]["Code"])


def test_events_that_are_too_new_are_reported_alike(both: Both) -> None:
    """Not compared for old ones: moto's end index includes, while the service model says that it excludes."""
    start = now_ms()
    infos = []
    for make in both:
        client = make("logs")
        written(client, start - 60_000)
        events = [{"timestamp": start, "message": "ok"}, {"timestamp": start + 10_800_000, "message": "new"}]
        answer = client.put_log_events(logGroupName="/shop/own", logStreamName="s1", logEvents=events)
        infos.append(answer["rejectedLogEventsInfo"])
    assert infos == [{"tooNewLogEventStartIndex": 1}] * 2


def test_sts_has_the_same_shape(both: Both) -> None:
    ours, motos = (make("sts").get_caller_identity() for make in both)
    assert shape(ours) == shape(motos)


def moto_rest_api(client: Any) -> str:
    """A REST API with a stage that logs like the one of TinyPlane."""
    api_id = str(client.create_rest_api(name="shop 0")["id"])
    root = client.get_resources(restApiId=api_id)["items"][0]["id"]
    client.put_method(restApiId=api_id, resourceId=root, httpMethod="GET", authorizationType="NONE")
    client.put_integration(restApiId=api_id, resourceId=root, httpMethod="GET", type="MOCK")
    client.create_deployment(restApiId=api_id, stageName="live")
    settings = {
        "/accessLogSettings/destinationArn": "arn:aws:logs:eu-west-1:123456789012:log-group:x",
        "/accessLogSettings/format": FORMAT,
        "/*/*/logging/loglevel": "INFO",
        "/*/*/logging/dataTrace": "false",
    }
    client.update_stage(
        restApiId=api_id,
        stageName="live",
        patchOperations=[{"op": "replace", "path": path, "value": value} for path, value in settings.items()],
    )
    return api_id


def test_rest_apis_and_stages_have_the_same_shape(both: Both) -> None:
    ours, motos = (make("apigateway") for make in both)
    api_id = moto_rest_api(motos)
    our_api, moto_api = ours.get_rest_apis()["items"][0], motos.get_rest_apis()["items"][0]
    assert shape(our_api).items() <= shape(moto_api).items()  # type: ignore[attr-defined]
    our_stage = ours.get_stages(restApiId="rest00")["item"][0]
    moto_stage = motos.get_stages(restApiId=api_id)["item"][0]
    for name in ("stageName", "deploymentId", "accessLogSettings", "tracingEnabled"):
        assert shape(our_stage[name]) == shape(moto_stage.get(name, False))
    our_settings, moto_settings = our_stage["methodSettings"]["*/*"], moto_stage["methodSettings"]["*/*"]
    assert shape(our_settings).items() <= shape(moto_settings).items()  # type: ignore[attr-defined]
    assert shape(ours.get_account()["throttleSettings"]) == shape(motos.get_account()["throttleSettings"])


def test_v2_apis_and_stages_have_the_same_shape(both: Both) -> None:
    ours, motos = (make("apigatewayv2") for make in both)
    api_id = motos.create_api(Name="talk", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action")[
        "ApiId"
    ]
    motos.create_stage(
        ApiId=api_id,
        StageName="live",
        AutoDeploy=True,
        AccessLogSettings={"DestinationArn": "arn:aws:logs:x", "Format": "$context.requestId"},
        DefaultRouteSettings={"LoggingLevel": "ERROR", "DataTraceEnabled": True},
        RouteSettings={"Send Message": {"LoggingLevel": "INFO"}},
        StageVariables={"Backend": "Blue"},
    )
    our_api, moto_api = ours.get_apis()["Items"][1], motos.get_apis()["Items"][0]
    assert shape(our_api).items() <= shape(moto_api).items()  # type: ignore[attr-defined]
    (our_stage,) = ours.get_stages(ApiId="ws01")["Items"]
    (moto_stage,) = motos.get_stages(ApiId=api_id)["Items"]
    assert {name: moto_stage[name] for name in our_stage} == our_stage


def test_resources_and_authorizers_have_the_same_shape(both: Both) -> None:
    """With methods embedded: moto does so always."""
    ours, motos = (make("apigateway") for make in both)
    api_id = str(motos.create_rest_api(name="shop 0")["id"])
    root = motos.get_resources(restApiId=api_id)["items"][0]["id"]
    resource = motos.create_resource(restApiId=api_id, parentId=root, pathPart="part1")["id"]
    authorizer = motos.create_authorizer(
        restApiId=api_id,
        name="badges",
        type="TOKEN",
        authorizerUri=INVOCATIONS.format("badge-check"),
        identitySource="method.request.header.Authorization",
        authorizerResultTtlInSeconds=300,
    )
    where = {"restApiId": api_id, "resourceId": resource, "httpMethod": "POST"}
    motos.put_method(**where, authorizationType="CUSTOM", authorizerId=authorizer["id"], apiKeyRequired=True)
    uri = INVOCATIONS.format("basket-write")
    motos.put_integration(**where, type="AWS_PROXY", uri=uri, integrationHttpMethod="POST")
    of_ours = ours.get_resources(restApiId="rest00", embed=["methods"])["items"]
    of_motos = motos.get_resources(restApiId=api_id, embed=["methods"])["items"]
    assert shape(of_ours[:2]) == shape(of_motos)
    assert of_ours[1]["resourceMethods"]["POST"]["methodIntegration"]["uri"] == uri
    assert shape(ours.get_authorizers(restApiId="rest00")["items"]) == shape(
        motos.get_authorizers(restApiId=api_id)["items"]
    )


def test_routes_and_integrations_have_the_same_shape(both: Both) -> None:
    """Not the authorizers of v2: moto fails to list them."""
    ours, motos = (make("apigatewayv2") for make in both)
    api_id = motos.create_api(Name="front", ProtocolType="HTTP")["ApiId"]
    integration = motos.create_integration(
        ApiId=api_id,
        IntegrationType="AWS_PROXY",
        IntegrationUri=FUNCTION_ARN.format("basket-web"),
        PayloadFormatVersion="2.0",
        RequestTemplates={"Text/Plain": "{}"},
    )
    motos.create_route(ApiId=api_id, RouteKey="GET /basket", Target=f"integrations/{integration['IntegrationId']}")
    our_route, moto_route = (
        client.get_routes(ApiId=of)["Items"][0] for client, of in ((ours, "http01"), (motos, api_id))
    )
    assert shape(our_route).items() <= shape(moto_route).items()  # type: ignore[attr-defined]
    assert shape(ours.get_integrations(ApiId="http01")["Items"]) == shape(motos.get_integrations(ApiId=api_id)["Items"])


def streamed(client: Any) -> list[dict[str, Any]]:
    """The start of a Live Tail session and its first update with results, of which one is kept."""
    client.create_log_group(logGroupName="/shop/live")
    client.create_log_stream(logGroupName="/shop/live", logStreamName="s1")
    arn = client.describe_log_groups(logGroupNamePrefix="/shop/live")["logGroups"][0]["arn"].removesuffix(":*")
    told: list[dict[str, Any]] = []

    def put() -> None:
        events = [{"timestamp": now_ms(), "message": "line"}]
        client.put_log_events(logGroupName="/shop/live", logStreamName="s1", logEvents=events)

    put()  # moto shows what is there already, and nothing later
    with closing(client.start_live_tail(logGroupIdentifiers=[arn])["responseStream"]) as stream:
        put()
        for event in stream:
            told.append(event)
            results = event.get("sessionUpdate", {}).get("sessionResults", [])
            if results:
                del results[1:]
                break
    return [told[0], told[-1]]


def test_a_live_tail_session_has_the_same_shape(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DISABLE_HOST_PREFIX_INJECTION", "true")
    ours, motos = (shape(streamed(make("logs"))) for make in both)
    assert ours == motos


def test_a_trace_has_the_same_shape_and_the_same_segments(both: Both) -> None:
    """Moto is given the shop's own documents; of the duration it knows whole seconds only."""
    epoch = now_ms() - 60_000
    shop = Shop(epoch=epoch)
    call = next(
        call
        for call in shop.requests(ORDERS_PROD.api_id, ORDERS_PROD.name, epoch - 600_000, epoch - 120_000)
        if call.is_sampled and call.run is not None
    )
    documents = [each.document for each in shop.trace(call.trace_id or "")]
    motos = both[1]("xray")
    put = motos.put_trace_segments(TraceSegmentDocuments=[json.dumps(each) for each in documents])
    assert put["UnprocessedTraceSegments"] == []
    with EmulatorServer(shop, shop, clock=now_ms, traces=shop) as server:
        ours = boto3.client("xray", endpoint_url=server.url, **CREDENTIALS)
        with closing(ours):
            answers = [client.batch_get_traces(TraceIds=[call.trace_id]) for client in (ours, motos)]
    shapes = [without(shape(answer), "LimitExceeded", "NextToken") for answer in answers]
    assert shapes[0] == shapes[1]
    trees = [
        segments_of([each["Document"] for each in answer["Traces"][0]["Segments"]], started_at=call.started_at)
        for answer in answers
    ]
    assert trees[0] == trees[1] != ()
