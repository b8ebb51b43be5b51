"""Requests and events as JSON."""

from __future__ import annotations

import json

import pytest

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.records import access_entry, event_json, instant, request_json
from apigw_tui.core.requests import summarise
from tests.core.log_lines import ACCESS_GROUP, FORMAT, REQUEST, access, execution, parsed


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_760_000_000_007, "2025-10-09T08:53:20.007Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (None, None),
        (1 << 62, None),
    ],
)
def test_times_are_rfc_3339_in_utc_with_milliseconds(ms: int | None, text: str | None) -> None:
    assert instant(ms) == text


def test_an_event_has_the_fields_of_the_contract() -> None:
    row = parsed(*execution("Method completed with status: 200")).row(0, named=True)
    assert event_json(row) == {
        "timestamp": "2025-10-09T08:53:20.000Z",
        "ingestion_time": "2025-10-09T08:53:20.900Z",
        "event_id": row["event_id"],
        "log_group": "API-Gateway-Execution-Logs_k9x2m4/prod",
        "log_stream": "stream",
        "kind": "execution",
        "line_kind": "done",
        "request_id": REQUEST,
        "message": f"({REQUEST}) Method completed with status: 200",
    }


def test_a_request_has_the_fields_of_the_contract_and_null_for_what_is_unknown() -> None:
    row = summarise(parsed(access(status=504, latency=29_001, message="Endpoint request timed out"))).row(0, named=True)
    assert request_json(row, access={"status": "504"}, lambda_events=3) == {
        "request_id": REQUEST,
        "extended_request_id": None,
        "trace_id": None,
        "connection_id": None,
        "api_id": "k9x2m4",
        "stage": "prod",
        "started_at": "2025-10-09T08:53:20.000Z",
        "method": "POST",
        "path": None,
        "route": "/basket/{id}",
        "status": 504,
        "latency_ms": 29_001,
        "latency_source": "access",
        "integration_latency_ms": None,
        "overhead_ms": None,
        "response_bytes": None,
        "source_ip": None,
        "user_agent": None,
        "api_key_id": None,
        "caller": None,
        "principal": None,
        "integration": {"uri": None, "status": None, "function": None, "request_id": None},
        "state": "access_only",
        "cause": {
            "code": "integration_timeout",
            "title": "Integration timed out",
            "detail": "The integration did not answer within 29 s, the timeout of the integration, "
            "so API Gateway returned 504.",
            "evidence": "error.message: Endpoint request timed out",
        },
        "counts": {"access": 1, "execution": 0, "lambda": 3},
        "truncated_lines": 0,
        "unknown_lines": 0,
        "access": {"status": "504"},
    }


def test_a_request_that_did_not_fail_has_no_cause() -> None:
    assert request_json(summarise(parsed(access(status=200))).row(0, named=True))["cause"] is None


def test_access_fields_come_as_logged_by_the_names_of_the_format() -> None:
    entry = access(status=200)
    assert access_entry(entry.message, FORMAT) == json.loads(entry.message)


def test_unquoted_values_of_a_nested_entry_keep_their_type() -> None:
    nested = AccessFormat.compile(
        '{"id":"$context.requestId","http":{"status":$context.status,"ms":"$context.responseLatency"}}'
    )
    found = access_entry(f'{{"id":"{REQUEST}","http":{{"status":200,"ms":"17"}}}}', nested)
    assert found == {"id": REQUEST, "http.status": 200, "http.ms": "17"}


def test_a_broken_entry_is_read_as_far_as_it_goes() -> None:
    unquoted = AccessFormat.compile('{"id":"$context.requestId","ms":$context.integration.latency}')
    assert access_entry(f'{{"id":"{REQUEST}","ms":-}}', unquoted) == {"id": REQUEST, "ms": "-"}


def test_an_entry_of_an_unknown_format_is_guessed_or_empty() -> None:
    assert access_entry(access(status=200).message, None)["status"] == "200"
    assert access_entry("nothing of the kind", None) == {}
    assert ACCESS_GROUP
