"""Access entries as typed columns."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.access import read_access
from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.schema import FIELDS

ID = "0c9f3f3e-1111-4222-8333-abcdefabcdef"


def read(*pairs: tuple[str, Any], **others: Any) -> dict[str, Any]:
    """The fields of one JSON entry, given as (variable, value) pairs; null ones left out."""
    values = {**dict(pairs), **others}
    source = json.dumps({f"f{n}": f"$context.{variable}" for n, variable in enumerate(values)})
    line = json.dumps({f"f{n}": value for n, value in enumerate(values.values())})
    row = read_access(pl.Series([line]), AccessFormat.compile(source)).row(0, named=True)
    assert row.pop("readable")
    return {name: value for name, value in row.items() if value is not None}


def test_every_column_has_its_type() -> None:
    found = read_access(pl.Series(["x"]), AccessFormat.compile("$context.status"))
    assert found.schema == pl.Schema([("request_id", pl.String()), *FIELDS.items(), ("readable", pl.Boolean())])


def test_numbers_are_numbers_in_quotes_or_not() -> None:
    assert read(status="200")["status"] == read(status=200)["status"] == 200
    assert read(responseLatency="124")["latency_ms"] == read(responseLatency=124)["latency_ms"] == 124
    assert read(responseLength="87")["response_bytes"] == 87


@pytest.mark.parametrize("absent", ["-", "", "(none)", None])
def test_what_was_not_there_is_null(absent: str | None) -> None:
    values = {"status": absent, "httpMethod": absent, "responseLatency": absent, "requestTime": absent}
    assert read(requestId=ID, **values) == {"request_id": ID}


@pytest.mark.parametrize("odd", ["abc", "1e999", "-5", "NaN", "inf", "99999", "2" * 40])
def test_a_status_that_is_none_is_null(odd: str) -> None:
    assert "status" not in read(requestId=ID, status=odd)


def test_the_start_is_read_from_every_form_of_time() -> None:
    assert read(requestTimeEpoch="1698414057744")["started_at"] == 1_698_414_057_744
    assert read(requestTime="27/Oct/2023:13:40:57 +0000")["started_at"] == 1_698_414_057_000
    assert read(requestTime="27/Oct/2023:15:40:57 +0200")["started_at"] == 1_698_414_057_000
    assert read(requestTime="1698414057744")["started_at"] == 1_698_414_057_744
    assert read(requestTimeEpoch="1698414057")["started_at"] == 1_698_414_057_000


def test_milliseconds_win_over_whole_seconds() -> None:
    found = read(requestTime="27/Oct/2023:13:40:57 +0000", requestTimeEpoch="1698414057744")
    assert found["started_at"] == 1_698_414_057_744


@pytest.mark.parametrize("odd", ["31/Feb/2023:13:40:57 +0000", "27/Okt/2023:13:40:57 +0000", "27/Oct/2023", "soon"])
def test_a_time_that_is_none_is_null(odd: str) -> None:
    assert "started_at" not in read(requestId=ID, requestTime=odd)


def test_a_route_key_tells_method_and_route() -> None:
    assert read(routeKey="GET /pets/{id}") == {"method": "GET", "route": "/pets/{id}"}
    assert read(routeKey="ANY /pets") == {"route": "/pets"}
    assert read(routeKey="$default", httpMethod="PUT") == {"method": "PUT", "route": "$default"}
    assert read(routeKey="$connect", eventType="CONNECT") == {"event_type": "CONNECT", "route": "$connect"}
    assert read(routeKey="GET /a", resourcePath="-", httpMethod="GET") == {"method": "GET", "route": "/a"}
    assert read(routeKey="-", resourcePath="/b/{x}") == {"route": "/b/{x}"}


def test_a_trace_id_comes_without_its_label() -> None:
    trace = "1-682beb8a-0123456789abcdef01234567"
    assert read(xrayTraceId=trace)["trace_id"] == trace
    assert read(xrayTraceId=f"Root={trace};Sampled=1")["trace_id"] == trace


def test_the_variable_counts_and_not_the_name() -> None:
    fmt = AccessFormat.compile('{"latency":"$context.integrationLatency","id":"$context.requestId"}')
    row = read_access(pl.Series(['{"latency":"40","id":"x"}']), fmt).row(0, named=True)
    assert row["integration_latency_ms"] == 40
    assert row["latency_ms"] is None


def test_the_better_of_two_variables_wins_where_it_is_there() -> None:
    both = ("integration.requestId", "a"), ("awsEndpointRequestId", "b")
    assert read(*both)["integration_request_id"] == "a"
    assert read(("integration.requestId", "-"), ("awsEndpointRequestId", "b"))["integration_request_id"] == "b"


def test_what_the_function_and_the_service_answered_are_two_things() -> None:
    found = read(("integration.status", "502"), ("integration.integrationStatus", "200"))
    assert (found["integration_status"], found["integration_service_status"]) == (502, 200)


@pytest.mark.parametrize(
    ("variable", "column", "value"),
    [
        ("authorizer.error", "authorizer_error", "Unauthorized"),
        ("authorizer.status", "authorizer_status", 401),
        ("authorizer.latency", "authorizer_latency_ms", 41),
        ("authorizer.requestId", "authorizer_request_id", "x"),
        ("authorizer.principalId", "principal", "user-7"),
        ("authenticate.status", "authenticate_status", 403),
        ("authenticate.error", "authenticate_error", "bad signature"),
        ("authorize.status", "authorize_status", 403),
        ("authorize.error", "authorize_error", "no"),
        ("waf.status", "waf_status", 403),
        ("waf.error", "waf_error", "down"),
        ("wafResponseCode", "waf_response", "WAF_BLOCK"),
        ("error.responseType", "response_type", "WAF_FILTERED"),
        ("error.validationErrorString", "validation_error", "[x]"),
        ("integrationErrorMessage", "integration_error", "timeout"),
        ("identity.caller", "caller", "AROA"),
        ("identity.userArn", "principal", "arn:aws:iam::1:user/x"),
        ("identity.apiKeyId", "api_key_id", "k1"),
        ("connectionId", "connection_id", "Lq8="),
        ("apiId", "api_id", "a1"),
        ("stage", "stage", "prod"),
    ],
)
def test_a_variable_has_its_column(variable: str, column: str, value: Any) -> None:
    assert read((variable, value)) == {column: value}


def test_a_message_in_its_own_quotes_loses_them() -> None:
    fmt = AccessFormat.compile('{"id":"$context.requestId","m":$context.error.messageString,"s":"$context.status"}')
    lines = ['{"id":"1","m":"Internal server error","s":"500"}', '{"id":"2","m":-,"s":"200"}']
    found = read_access(pl.Series(lines), fmt)
    assert found.get_column("error_message").to_list() == ["Internal server error", None]
    quoted = AccessFormat.compile(json.dumps({"id": '"$context.requestId"', "s": "$context.status"}))
    line = json.dumps({"id": '"abc"', "s": "200"})
    assert read_access(pl.Series([line]), quoted).row(0, named=True)["request_id"] == "abc"


def test_several_variables_in_one_value_are_taken_apart() -> None:
    fmt = AccessFormat.compile('{"line":"$context.httpMethod $context.path $context.protocol","s":"$context.status"}')
    row = read_access(pl.Series(['{"line":"GET /a/b HTTP/1.1","s":"200"}']), fmt).row(0, named=True)
    assert (row["method"], row["path"], row["status"]) == ("GET", "/a/b", 200)


def test_escaped_control_bytes_do_not_come_through() -> None:
    fmt = AccessFormat.compile('{"ua":"$context.identity.userAgent","id":"$context.requestId"}')
    row = read_access(pl.Series([r'{"ua":"a\u001b[31mb\u202ec\ud800d","id":"1"}']), fmt).row(0, named=True)
    assert not set(row["user_agent"]) & {"\x1b", "\u202e", "\x00"}
    assert row["request_id"] == "1"


def test_an_unreadable_entry_is_a_row_of_nulls() -> None:
    fmt = AccessFormat.compile('{"s":"$context.status"}')
    found = read_access(pl.Series(["nothing", '{"s":"200"}']), fmt)
    assert found.get_column("readable").to_list() == [False, True]
    assert found.get_column("status").to_list() == [None, 200]


@given(st.lists(st.text(max_size=40), min_size=1, max_size=5))
def test_property_any_value_of_any_field_keeps_its_row(values: list[str]) -> None:
    source = json.dumps({"a": "$context.requestTime", "b": "$context.status", "c": "$context.xrayTraceId"})
    lines = [json.dumps({"a": value, "b": value, "c": value}) for value in values]
    found = read_access(pl.Series(lines), AccessFormat.compile(source))
    assert found.height == len(values)
