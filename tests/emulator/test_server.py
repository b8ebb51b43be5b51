"""The endpoint over real HTTP, with an unmodified boto3 and by hand."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from apigw_tui.emulator.paging import Paging
from apigw_tui.emulator.server import EmulatorServer
from apigw_tui.emulator.wire import Response, ServiceError
from tests.emulator.tiny_feed import ACCESS, T0, TinyFeed, TinyPlane, event

NOW = T0 + 3_600_000
FORM = "application/x-www-form-urlencoded; charset=utf-8"
LOGS_TARGET = "Logs_20140328.DescribeLogGroups"


def shop_events() -> TinyFeed:
    return TinyFeed(
        {
            ACCESS: [
                event(number * 1000, json.dumps({"status": 200 if number % 10 else 502, "n": number}))
                for number in range(100)
            ]
        }
    )


@pytest.fixture
def server() -> Iterator[EmulatorServer]:
    with EmulatorServer(shop_events(), TinyPlane(), clock=lambda: NOW, paging=Paging(page_events=30)) as running:
        yield running


def make_client(server: EmulatorServer, service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=server.url,
        region_name="eu-west-1",
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="secret",  # noqa: S106 - nobody checks it
        config=Config(retries={"mode": "standard", "total_max_attempts": 1}),
    )


@pytest.fixture
def logs(server: EmulatorServer) -> Iterator[Any]:
    with closing(make_client(server, "logs")) as client:
        yield client


def connect(server: EmulatorServer) -> http.client.HTTPConnection:
    address = urlsplit(server.url)
    return http.client.HTTPConnection(str(address.hostname), address.port, timeout=5)


def test_boto3_pages_through_filtered_events(server: EmulatorServer, logs: Any) -> None:
    found: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        answer = logs.filter_log_events(
            logGroupName=ACCESS, startTime=T0, filterPattern="{ $.status = 502 }", limit=3, **token
        )
        found += answer["events"]
        if "nextToken" not in answer:
            break
        token = {"nextToken": answer["nextToken"]}
    assert [json.loads(item["message"])["n"] for item in found] == list(range(0, 100, 10))
    assert answer["searchedLogStreams"] == []
    assert server.calls["FilterLogEvents"] == 4


def test_boto3_writes_and_reads_back(logs: Any) -> None:
    logs.create_log_group(logGroupName="own")
    logs.create_log_stream(logGroupName="own", logStreamName="s")
    answer = logs.put_log_events(
        logGroupName="own", logStreamName="s", logEvents=[{"timestamp": NOW, "message": "grüße 👋"}]
    )
    assert answer["nextSequenceToken"]
    (found,) = logs.get_log_events(logGroupName="own", logStreamName="s")["events"]
    assert found["message"] == "grüße 👋"


def test_boto3_lists_groups_with_its_paginator(logs: Any) -> None:
    for number in range(60):
        logs.create_log_group(logGroupName=f"g{number:02}")
    pages = list(logs.get_paginator("describe_log_groups").paginate())
    assert [len(page["logGroups"]) for page in pages] == [50, 11]


def test_many_threads_read_at_once(server: EmulatorServer, logs: Any) -> None:
    def read(number: int) -> list[str]:
        answer = logs.filter_log_events(logGroupName=ACCESS, startTime=T0 + number * 1000, limit=1)
        return [found["message"] for found in answer["events"]]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(read, range(40)))
    assert [json.loads(message)["n"] for (message,) in found] == list(range(40))
    assert server.calls["FilterLogEvents"] == 40


def test_boto3_raises_the_exceptions_of_the_service_model(logs: Any) -> None:
    with pytest.raises(logs.exceptions.ResourceNotFoundException, match="log group does not exist"):
        logs.filter_log_events(logGroupName="gone")
    with pytest.raises(logs.exceptions.InvalidParameterException, match="less than or equal to 50"):
        logs.describe_log_groups(limit=51)
    with pytest.raises(ClientError) as caught:
        logs.describe_metric_filters()
    assert caught.value.response["Error"]["Code"] == "UnknownOperationException"


def test_a_test_can_have_an_operation_fail(server: EmulatorServer, logs: Any) -> None:
    def expired(operation: str) -> Response | None:
        if operation == "FilterLogEvents":
            raise ServiceError("ExpiredTokenException", "The security token included in the request is expired")
        return None

    server.before = expired
    with pytest.raises(ClientError) as caught:
        logs.filter_log_events(logGroupName=ACCESS)
    assert caught.value.response["Error"]["Code"] == "ExpiredTokenException"
    assert logs.describe_log_groups()["logGroups"]
    assert server.calls == {"FilterLogEvents": 1, "DescribeLogGroups": 1}


def test_an_injected_error_speaks_the_protocol_of_its_service(server: EmulatorServer) -> None:
    def throttled(_operation: str) -> Response | None:
        raise ServiceError("TooManyRequestsException", "Slow down", status=429)

    server.before = throttled
    for service, operation in (
        ("apigateway", "get_rest_apis"),
        ("apigatewayv2", "get_apis"),
        ("sts", "get_caller_identity"),
    ):
        with closing(make_client(server, service)) as client, pytest.raises(ClientError) as caught:
            getattr(client, operation)()
        assert caught.value.response["Error"]["Code"] == "TooManyRequestsException"
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429


def test_an_injected_response_is_sent_as_it_is(server: EmulatorServer, logs: Any) -> None:
    server.before = lambda _operation: Response(200, b'{"logGroups": []}', "application/x-amz-json-1.1")
    assert logs.describe_log_groups()["logGroups"] == []


def test_a_defect_of_the_feed_is_an_internal_failure_and_the_endpoint_lives_on(
    server: EmulatorServer, logs: Any
) -> None:
    def broken(_operation: str) -> Response | None:
        raise ZeroDivisionError

    server.before = broken
    with pytest.raises(ClientError) as caught:
        logs.describe_log_groups()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    server.before = None
    assert logs.describe_log_groups()["logGroups"]


UNSIGNED = {
    "logs": ("POST", "/", "{}", {"X-Amz-Target": LOGS_TARGET}),
    "gateway": ("GET", "/restapis", "", {}),
    "sts": ("POST", "/", "Action=GetCallerIdentity&Version=2011-06-15", {"Content-Type": FORM}),
}


@pytest.mark.parametrize(
    ("service", "status", "code"),
    [
        ("logs", 400, "MissingAuthenticationTokenException"),
        ("gateway", 403, "MissingAuthenticationTokenException"),
        ("sts", 403, "MissingAuthenticationToken"),
    ],
)
def test_a_request_without_a_signature_is_refused(server: EmulatorServer, service: str, status: int, code: str) -> None:
    with closing(connect(server)) as connection:
        connection.request(*UNSIGNED[service])
        response = connection.getresponse()
        text = response.read().decode()
    assert response.status == status
    assert code in (response.headers.get("x-amzn-ErrorType") or text)


def test_errors_have_the_shape_of_json_1_1(server: EmulatorServer) -> None:
    with closing(connect(server)) as connection:
        connection.request(
            "POST", "/", "{nonsense", {"X-Amz-Target": LOGS_TARGET, "Authorization": "AWS4-HMAC-SHA256 x"}
        )
        response = connection.getresponse()
        answer = json.loads(response.read())
    assert response.status == 400
    assert response.headers["Content-Type"] == "application/x-amz-json-1.1"
    assert response.headers["x-amzn-ErrorType"] == answer["__type"] == "SerializationException"
    assert response.headers["x-amzn-RequestId"]


def test_a_connection_serves_many_requests(server: EmulatorServer) -> None:
    headers = {"X-Amz-Target": LOGS_TARGET, "Authorization": "x"}
    with closing(connect(server)) as connection:
        connection.connect()
        first = connection.sock
        for _ in range(3):
            connection.request("POST", "/", "{}", headers)
            assert connection.getresponse().read()
            assert connection.sock is first
        connection.request("POST", "/", "{}", {**headers, "Connection": "close"})
        assert connection.getresponse().headers["Connection"] == "close"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET / HTTP/2\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", b"413"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"501"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", b"431"),
    ],
)
def test_what_is_no_http_gets_one_answer_and_a_closed_connection(
    server: EmulatorServer, sent: bytes, status: bytes
) -> None:
    address = urlsplit(server.url)
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=5) as peer:
        peer.sendall(sent)
        received = b""
        while chunk := peer.recv(65_536):
            received += chunk
    assert received.startswith(b"HTTP/1.1 " + status)


def test_a_client_that_waits_to_send_its_body_is_told_to_continue(server: EmulatorServer) -> None:
    address = urlsplit(server.url)
    head = (
        f"POST / HTTP/1.1\r\nX-Amz-Target: {LOGS_TARGET}\r\nAuthorization: x\r\n"
        "Content-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=5) as peer:
        peer.sendall(head.encode())
        assert peer.recv(65_536).startswith(b"HTTP/1.1 100 ")
        peer.sendall(b"{}")
        assert peer.recv(65_536).startswith(b"HTTP/1.1 200 ")


def test_a_client_that_goes_away_does_no_harm(server: EmulatorServer, logs: Any) -> None:
    address = urlsplit(server.url)
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=5) as peer:
        peer.sendall(b"POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf")
    assert logs.describe_log_groups()["logGroups"]


def test_it_listens_on_loopback_and_stops() -> None:
    server = EmulatorServer(shop_events(), TinyPlane(), clock=lambda: NOW)
    server.start()
    url = server.url
    assert url.startswith("http://127.0.0.1:")
    with pytest.raises(RuntimeError, match="running already"):
        server.start()
    idle = connect(server)
    idle.connect()
    server.stop()
    server.stop()
    idle.close()
    with pytest.raises(RuntimeError, match="not running"):
        _ = server.url
    address = urlsplit(url)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=5)


def test_a_stopped_endpoint_can_start_again(server: EmulatorServer) -> None:
    server.stop()
    server.start()
    with closing(make_client(server, "logs")) as client:
        assert client.describe_log_groups()["logGroups"]


def test_a_given_port_is_used_and_a_taken_one_is_an_error(server: EmulatorServer) -> None:
    port = int(urlsplit(server.url).port or 0)
    second = EmulatorServer(shop_events(), TinyPlane(), clock=lambda: NOW, port=port)
    with pytest.raises(OSError, match="address already in use"):
        second.start()
    server.stop()
    with second:
        assert second.url == f"http://127.0.0.1:{port}"
