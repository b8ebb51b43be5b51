"""Real transcripts whose outcome is known come out right; skipped where the samples are not at hand."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from apigw_tui.core.parse import parse_events
from apigw_tui.core.requests import summarise
from apigw_tui.core.schema import EVENTS, RAW_EVENTS
from apigw_tui.core.story import build_story
from tests.core.log_lines import REQUEST, START

SAMPLES = Path(__file__).parents[2].parent / "shared" / "samples"
STAMPED = re.compile(r"^(\d{13})\t(\d+)\t(.*)$")
TEST_DATE = r"[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d [\d:]+ UTC \d{4}|DDD MMM dd hh:mm:ss UTC yyyy"
DATED = re.compile(rf"^(?:\d{{4}}-\d\d-\d\dT[\d:.]+Z ?|(?:{TEST_DATE}) : )")

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the transcripts are not part of the repository")


def rows(name: str) -> list[tuple[Any, ...]]:
    """RAW_EVENTS rows of a transcript: stamped lines, a subscription record, or bare text."""
    text = (SAMPLES / name).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if name.endswith(".json"):
        record = json.loads("\n".join(lines))
        return [
            (int(event["timestamp"]), None, str(event["id"]), record["logGroup"], "s", "", event["message"])
            for event in record["logEvents"]
        ]
    found: list[tuple[Any, ...]] = []
    for line in lines:
        if stamped := STAMPED.match(line):
            found.append((int(stamped[1]), None, stamped[2], name, "s", "", stamped[3]))
            continue
        body = DATED.sub("", line)
        if body:
            message = body if body.startswith("(") else f"({REQUEST}) {body}"
            found.append((START, None, None, name, "s", "", message))
    return found


def table(name: str, *, only: str = "") -> pl.DataFrame:
    chosen = [row for row in rows(name) if only in row[-1]]
    parsed = parse_events(pl.DataFrame(chosen, schema=RAW_EVENTS, orient="row"), {})
    requests = summarise(parsed)
    for row in requests.iter_rows(named=True):
        story = build_story(parsed.filter(pl.col("key") == row["key"]).select(EVENTS.names()), {})
        assert dict(story.row) == row
    return requests


@pytest.mark.parametrize(
    ("name", "status", "cause"),
    [
        ("rest-lambda-proxy-200-a.txt", 200, None),
        ("rest-lambda-proxy-200-c.txt", 200, None),
        ("env-subscription-rest-lambda-proxy-200.json", 200, None),
        ("env-subscription-rest-info-no-data-trace-200.json", 200, None),
        ("s3export-2016-rest-apikey-lambda-200.txt", 200, None),
        ("testinvoke-2022-lambda-proxy-text-200.txt", 200, None),
        ("testinvoke-2017-lambda-nonproxy-200-docs.txt", 200, None),
        ("rest-2018-504-timeout.txt", 504, "integration_timeout"),
        ("rest-error-level-504-timeout.txt", 504, "integration_timeout"),
        ("rest-error-level-502-malformed.txt", 502, "lambda_malformed_response"),
        ("rest-lambda-proxy-malformed-502-a.txt", 502, "lambda_malformed_response"),
        ("testinvoke-2022-malformed-string-502.txt", 502, "lambda_malformed_response"),
        ("rest-error-level-500-lambda-permission.txt", 500, "lambda_permission"),
        ("rest-error-level-500-lambda-throttled.txt", 500, "lambda_throttled"),
        ("rest-lambda-fn-timeout-502-a.txt", 502, "lambda_timeout"),
        ("env-subscription-rest-lambda-fn-timeout-502.json", 502, "lambda_timeout"),
        ("rest-key-throttle-429-a.txt", 429, "throttled"),
        ("env-subscription-rest-key-throttle-429.json", 429, "throttled"),
        ("rest-request-authorizer-401-2026.txt", 401, "authorizer_unauthorized"),
        ("authorizer-test-request-unauthorized.txt", 401, "authorizer_unauthorized"),
    ],
)
def test_a_transcript_yields_its_status_and_cause(name: str, status: int, cause: str | None) -> None:
    found = table(name).select("status", "cause").unique().rows()
    assert found == [(status, cause)]


@pytest.mark.parametrize(
    ("name", "line", "cause"),
    [
        ("rest-apikey-not-in-usage-plan.txt", "", "invalid_api_key"),
        ("rest-model-validation-400.txt", "missing required", "bad_request_body"),
        ("rest-sqs-no-output-mapping-500.txt", "", "integration_output_mapping"),
        ("rest-tls-pkix-selfsigned-500.txt", "path building", "integration_tls"),
        ("rest-tls-pkix-selfsigned-500.txt", "path validation", "integration_tls"),
        ("rest-vpclink-500.txt", "internal error", "integration_internal_error"),
        ("rest-vpclink-500.txt", "Host name", "integration_tls"),
        ("rest-lambda-handler-missing-502.txt", "Handler 'handler'", "lambda_function_error"),
        ("rest-lambda-handler-missing-502.txt", "Process exited", "lambda_function_error"),
        ("authorizer-config-error-assume-role.txt", "", "authorizer_configuration_error"),
        ("authorizer-null-policy.txt", "", "authorizer_configuration_error"),
        ("testinvoke-2025-invalid-endpoint-500.txt", "Invalid endpoint", "integration_endpoint_invalid"),
    ],
)
def test_a_failing_line_of_a_transcript_yields_its_cause(name: str, line: str, cause: str) -> None:
    found = table(name, only=line)
    assert found["cause"].to_list() == [cause]
    assert found["evidence"].null_count() == 0


def test_a_transcript_of_a_proxy_request_gives_its_times() -> None:
    found = table("rest-lambda-fn-timeout-502-a.txt").row(0, named=True)
    assert (found["latency_ms"], found["latency_source"], found["integration_latency_ms"]) == (
        11_033,
        "computed",
        11_029,
    )
    assert (found["method"], found["path"], found["route"]) == ("GET", "/echo", "/echo")
