"""The transcripts beside the repository, where they are there: real lines read as what they are."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from apigw_tui.core.access import read_access
from apigw_tui.core.access_format import AccessFormat, sniff
from apigw_tui.core.access_template import variables_of
from apigw_tui.core.parse import parse_events
from apigw_tui.core.schema import RAW_EVENTS

SAMPLES = Path(__file__).parents[2].parent / "shared" / "samples"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not there")

PLACEHOLDER_DATE = "DDD MMM dd hh:mm:ss UTC yyyy : "
A_DATE = "Mon Sep 29 10:00:00 UTC 2025 : "
EPOCH_AND_ID = re.compile(r"^\d{13}\t\d+\t")
ISO = re.compile(r"^ {0,2}\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)? ?(?:[0-9a-f]{32} )?")
CONSOLE_TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(?:Z|\+\d\d:\d\d)$")

KNOWN_UNKNOWN = (
    r"^$",  # the end of a body that ended in a newline
    r"^[ {}\"]",  # the rest of a body of several lines
    r"^\d{13}$",  # half a line
)
"""Execution texts that may stay unknown."""


def text_of(name: str) -> str:
    return (SAMPLES / name).read_text(encoding="utf-8")


def lines_of(name: str) -> list[str]:
    """The messages of a transcript; lines that go on a body are left out."""
    lines = [line for line in text_of(name).split("\n") if not line.startswith("#")]
    starts = [EPOCH_AND_ID.sub("", ISO.sub("", line)) if not CONSOLE_TIME.match(line) else "" for line in lines]
    return [line.replace(PLACEHOLDER_DATE, A_DATE) for line in starts if line.strip()]


def parsed(messages: list[str], group: str) -> pl.DataFrame:
    raw = pl.DataFrame(
        {
            "timestamp": range(len(messages)),
            "ingestion_time": None,
            "event_id": None,
            "log_group": group,
            "log_stream": "stream",
            "scope": "",
            "message": messages,
        },
        schema=RAW_EVENTS,
    )
    return parse_events(raw, {})


EXECUTION_SAMPLES = sorted(
    path.name
    for pattern in (
        "rest-*.txt",
        "testinvoke-*.txt",
        "authorizer-*.txt",
        "kb-*.txt",
        "s3export-2016-rest*.txt",
    )
    for path in SAMPLES.glob(pattern)
)


@pytest.mark.parametrize("name", EXECUTION_SAMPLES)
def test_every_execution_line_of_the_samples_has_a_kind(name: str) -> None:
    found = parsed(lines_of(name), "API-Gateway-Execution-Logs_abc123/test")
    unknown = found.filter(pl.col("line_kind") == "unknown").get_column("message").to_list()
    surprising = [line for line in unknown if not any(re.search(known, line) for known in KNOWN_UNKNOWN)]
    assert surprising == []


def test_the_websocket_lines_of_the_emulator_have_a_kind() -> None:
    values = iter(["x"] * 99)
    lines = [
        re.sub(r"%d", "200", re.sub(r"%s", lambda _: next(values), line))
        for line in lines_of("websocket-exec-lines-emulator.txt")
    ]
    found = parsed([f"(Lq9gwFDNoAMFo1A=) {line}" for line in lines], "/aws/apigateway/abc/prod")
    assert found.filter(pl.col("line_kind") == "unknown").get_column("message").to_list() == []


@pytest.mark.parametrize("name", EXECUTION_SAMPLES)
def test_execution_lines_are_found_in_a_file_too(name: str) -> None:
    lines = [line for line in lines_of(name) if not any(re.search(known, line) for known in KNOWN_UNKNOWN)]
    found = parsed(lines, "some.log")
    others = found.filter(pl.col("kind") != "execution").get_column("message").to_list()
    assert others == []


def envelope(name: str) -> dict[str, Any]:
    lines = [line for line in text_of(name).split("\n") if not line.startswith("#")]
    found: dict[str, Any] = json.loads("\n".join(lines))
    return found


def test_a_successful_proxy_request_tells_its_story() -> None:
    found = envelope("env-subscription-rest-lambda-proxy-200.json")
    events = parsed([event["message"] for event in found["logEvents"]], found["logGroup"])
    assert events.get_column("request_id").n_unique() == 1
    assert "unknown" not in events.get_column("line_kind").to_list()
    assert events.get_column("truncated").sum() > 0
    told = {name: events.get_column(name).drop_nulls().unique().to_list() for name in events.columns}
    assert told["status"] == [200]
    assert told["method"] == ["POST"]
    assert told["path"] == ["/verifyReceipt"] == told["route"]
    assert told["integration_latency_ms"] == [40]
    assert told["api_id"] == ["h733q2j6gb"]
    assert told["stage"] == ["Prod"]
    assert told["integration_request_id"] == ["57593f79-6e46-4a6f-91b1-f5d848cc2059"]
    assert told["trace_id"] == ["1-5c755b5d-07b29b94e632d3da19d88789"]
    assert len(told["integration_function"]) == 1


def test_a_function_that_timed_out_is_told_by_its_lines() -> None:
    found = envelope("env-subscription-rest-lambda-fn-timeout-502.json")
    events = parsed([event["message"] for event in found["logEvents"]], found["logGroup"])
    kinds = events.get_column("line_kind").to_list()
    assert "function_error" in kinds
    assert kinds.index("function_error") < kinds.index("done")
    error = events.filter(pl.col("line_kind") == "function_error").row(0, named=True)
    assert error["integration_error"].endswith("Task timed out after 10.00 seconds")
    assert error["integration_service_status"] == 200


def jsonl(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text_of(name).split("\n") if line and not line.startswith("#")]


def formats() -> list[tuple[str, list[str]]]:
    rendered: dict[tuple[str, str, str], list[str]] = {}
    listed = jsonl("formats.jsonl")
    lines = jsonl("formats-rendered.jsonl")
    assert len(lines) == 3 * len(listed)
    for number, found in enumerate(listed):
        rendered[(found["repo"], found["path"], found["kind"])] = [
            line["line"] for line in lines[3 * number : 3 * number + 3]
        ]
    return [(found["format"], rendered[(found["repo"], found["path"], found["kind"])]) for found in listed]


FORMATS = formats() if SAMPLES.is_dir() else []
REQUEST_ID = "a4188e34-1104-424e-9907-eebbf55dd662"
EXTENDED = "K2G9wEbUoAMEvag="
EXPECTED: dict[str, tuple[str, list[Any]]] = {
    "requestId": ("request_id", [REQUEST_ID] * 3),
    "extendedRequestId": ("extended_request_id", [EXTENDED] * 3),
    "status": ("status", [200, 403, 504]),
    "httpMethod": ("method", ["POST"] * 3),
    "path": ("path", ["/prod/orders/42"] * 3),
    "resourcePath": ("route", ["/orders/{orderId}"] * 3),
    "routeKey": ("route", ["/orders/{orderId}"] * 3),
    "identity.sourceIp": ("source_ip", ["203.0.113.24"] * 3),
    "identity.userAgent": ("user_agent", ["curl/8.1.2"] * 3),
    "responseLength": ("response_bytes", [87, 42, 41]),
    "responseLatency": ("latency_ms", [124, 3, 29007]),
    "integrationLatency": ("integration_latency_ms", [116, None, 29003]),
    "integration.latency": ("integration_latency_ms", [116, None, 29003]),
    "integration.status": ("integration_status", [200, None, None]),
    "integration.integrationStatus": ("integration_service_status", [200, None, None]),
    "integration.requestId": ("integration_request_id", ["cbe0b9a3-82ee-4dca-9635-caf9e8266df9", None, None]),
    "awsEndpointRequestId": ("integration_request_id", ["cbe0b9a3-82ee-4dca-9635-caf9e8266df9", None, None]),
    "error.message": ("error_message", [None, "Missing Authentication Token", "Endpoint request timed out"]),
    "error.responseType": ("response_type", [None, "MISSING_AUTHENTICATION_TOKEN", "INTEGRATION_TIMEOUT"]),
    "integration.error": ("integration_error", [None, None, "Execution failed due to a timeout error"]),
    "xrayTraceId": ("trace_id", ["1-682beb8a-1c0746795c388c4d0b9cfcf9"] * 3),
    "requestTimeEpoch": ("started_at", [1698414057744] * 3),
    "apiId": ("api_id", ["a1b2c3d4e5"] * 3),
    "stage": ("stage", ["prod"] * 3),
}


@pytest.mark.parametrize("number", range(len(FORMATS)))
def test_every_real_format_reads_its_lines(number: int) -> None:
    source, lines = FORMATS[number]
    fmt = AccessFormat.compile(source)
    found = read_access(pl.Series(lines), fmt)
    assert found.get_column("readable").all()
    for variable, (column, values) in EXPECTED.items():
        if variable in variables_of(source):
            assert found.get_column(column).to_list() == values, variable


@pytest.mark.parametrize("number", range(len(FORMATS)))
def test_every_real_format_is_recognised_without_being_told(number: int) -> None:
    source, lines = FORMATS[number]
    events = parsed(lines, "some-group")
    assert events.get_column("kind").to_list() == ["access"] * 3
    for variable in ("requestId", "extendedRequestId", "status", "httpMethod", "identity.sourceIp"):
        column, values = EXPECTED[variable]
        if variable in variables_of(source):
            assert events.get_column(column).to_list() == values, variable


@pytest.mark.parametrize("name", ["rest", "http", "websocket"])
def test_access_logs_of_three_format_generations_are_read_line_by_line(name: str) -> None:
    lines = lines_of(f"access-{name}-json-elastic.log")
    events = parsed(lines, "some-group")
    assert events.get_column("kind").unique().to_list() == ["access"]
    assert events.get_column("request_id").null_count() == 0
    assert events.get_column("status").null_count() == 0
    assert events.get_column("route").null_count() == (1 if name == "websocket" else 0)
    assert sniff(lines) is not None


def test_pretty_printed_entries_are_read() -> None:
    for name in ("access-rest-moj-console-2023.txt", "access-seed-example.json"):
        text = text_of(name)
        event = parsed([text[text.index("{") :]], "some-group").row(0, named=True)
        assert event["kind"] == "access"
        assert event["status"] in (200, 400)
        assert event["started_at"] is not None


LAMBDA_SAMPLES = ("lambda-text-go.txt", "lambda-text-node-xray.txt", "lambda-text-csharp-init.txt")


@pytest.mark.parametrize("name", LAMBDA_SAMPLES)
def test_lambda_lines_name_their_invocation(name: str) -> None:
    events = parsed(lines_of(name), "/aws/lambda/a-function")
    marks = events.filter(pl.col("line_kind").is_in(["lambda_start", "lambda_end", "lambda_report"]))
    assert marks.height == 3
    assert marks.get_column("request_id").n_unique() == 1


def test_platform_lines_are_lambda_lines_wherever_they_lie() -> None:
    for name in ("lambda-json-platform-2026.txt", "lambda-json-telemetry-2022.txt"):
        events = parsed(lines_of(name), "a-file.log")
        assert events.get_column("kind").unique().to_list() == ["lambda"]
        assert events.get_column("request_id").null_count() == 0
