"""Real transcripts and exports of other people, where they are at hand: what each one states is read out of it."""

from __future__ import annotations

import gzip
import re
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Final

import polars as pl
import pytest

from apigw_tui.core.store import EventStore
from tests.sources.file_reading import statuses, stored

SAMPLES: Final = Path(__file__).parents[2].parent / "shared" / "samples"

STATED: Final[dict[str, list[int | None]]] = {
    "access-http-json-elastic.log": [200] * 5,
    "access-rest-json-elastic.log": [200] * 5,
    "access-rest-moj-console-2023.txt": [400],
    "access-seed-example.json": [200],
    "access-websocket-json-elastic.log": [403, 500, 500, 500],
    "authorizer-cloudwatch-2017-ok.txt": [None, None],
    "authorizer-test-request-unauthorized.txt": [401],
    "constructed-aws-logs-tail-detailed.txt": [502],
    "constructed-awslogs-get.txt": [429],
    "constructed-filter-log-events.json": [502],
    "constructed-firehose-s3-concatenated": [429, 502],
    "constructed-firehose-s3-concatenated.gz": [200, 429, 502],
    "constructed-insights-get-query-results.json": [502],
    "constructed-live-tail-session-update.json": [None],
    "constructed-opensearch-hits.ndjson": [400, 429],
    "csv-export-rest-apikey-2020.csv": [None],
    "env-subscription-control-message.json": [],
    "env-subscription-doc-data-message.json": [],
    "env-subscription-rest-info-no-data-trace-200.json": [200, 200],
    "env-subscription-rest-key-throttle-429.json": [429],
    "env-subscription-rest-lambda-fn-timeout-502.json": [502],
    "env-subscription-rest-lambda-proxy-200.json": [200],
    "authorizer-config-error-assume-role.txt": [None],
    "authorizer-null-policy.txt": [None],
    "kb-lambda-authorizer-lines.txt": [401, None],
    "rest-2018-504-timeout.txt": [504],
    "rest-error-level-500-lambda-permission.txt": [500],
    "rest-error-level-500-lambda-throttled.txt": [500],
    "rest-error-level-502-malformed.txt": [502],
    "rest-error-level-504-timeout.txt": [504],
    "rest-http-proxy-alb-2022.txt": [None],
    "rest-key-throttle-429-a.txt": [429],
    "rest-lambda-fn-timeout-502-a.txt": [502],
    "rest-lambda-handler-missing-502.txt": [None, None, None, None],
    "rest-lambda-proxy-200-a.txt": [200],
    "rest-lambda-proxy-200-c.txt": [200],
    "rest-lambda-proxy-malformed-502-a.txt": [502],
    "rest-model-validation-400.txt": [None, None],
    "rest-request-authorizer-401-2026.txt": [401],
    "rest-resource-policy-deny-403-insights.md": [403],
    "rest-sqs-no-output-mapping-500.txt": [None],
    "rest-vpclink-500.txt": [500, 500],
    "s3export-2016-rest-apikey-lambda-200.txt": [200],
    "testinvoke-2017-lambda-nonproxy-200-docs.txt": [200],
    "testinvoke-2022-lambda-proxy-text-200.txt": [200],
    "testinvoke-2022-malformed-string-502.txt": [502],
    "testinvoke-2025-invalid-endpoint-500.txt": [500],
    "testinvoke-2025-lambda-aws-200.txt": [200],
    **{f"testinvoke-2025-mock-{number}.txt": [200] for number in (1, 2, 4, 5, 7)},
}
"""The statuses of the requests of each file; None where the excerpt ends before it states one."""

CAUSES: Final = {
    "authorizer-test-request-unauthorized.txt": "authorizer_unauthorized",
    "constructed-aws-logs-tail-detailed.txt": "lambda_timeout",
    "constructed-awslogs-get.txt": "throttled",
    "constructed-filter-log-events.json": "lambda_timeout",
    "constructed-insights-get-query-results.json": "lambda_timeout",
    "authorizer-config-error-assume-role.txt": "authorizer_configuration_error",
    "authorizer-null-policy.txt": "authorizer_configuration_error",
    "rest-apikey-not-in-usage-plan.txt": "invalid_api_key",
    "rest-sqs-no-output-mapping-500.txt": "integration_output_mapping",
    "env-subscription-rest-key-throttle-429.json": "throttled",
    "env-subscription-rest-lambda-fn-timeout-502.json": "lambda_timeout",
    "rest-2018-504-timeout.txt": "integration_timeout",
    "rest-error-level-500-lambda-permission.txt": "lambda_permission",
    "rest-error-level-500-lambda-throttled.txt": "lambda_throttled",
    "rest-error-level-502-malformed.txt": "lambda_malformed_response",
    "rest-error-level-504-timeout.txt": "integration_timeout",
    "rest-key-throttle-429-a.txt": "throttled",
    "rest-lambda-fn-timeout-502-a.txt": "lambda_timeout",
    "rest-lambda-proxy-malformed-502-a.txt": "lambda_malformed_response",
    "rest-request-authorizer-401-2026.txt": "authorizer_unauthorized",
    "rest-resource-policy-deny-403-insights.md": "resource_policy_denied",
    "testinvoke-2022-malformed-string-502.txt": "lambda_malformed_response",
    "testinvoke-2025-invalid-endpoint-500.txt": "integration_endpoint_invalid",
}
"""The cause of the one request of each file."""

NO_KIND: Final = {
    "*": r"^#|^CWL CONTROL MESSAGE: ",
    # Statistics and tables of a team's own, the end of an entry whose beginning is not there.
    "access-error-stats-azul-anvilprod.md": r"^\|",
    "access-and-exec-azul-fn-error-2024.txt": r"^$|^@timestamp|^\S+ \S+\t[\d.]+\t|^/aws/apigateway/",
    "access-rest-azul-ua-escaped-2024.txt": r'^"identity_sourceIp": ',
    # Formats, and entries packed into records of their own.
    "formats.jsonl": r'^\{"repo": ',
    "formats-rendered.jsonl": r'^\{"repo": ',
    # CloudTrail.
    "env-subscription-doc-data-message.json": r'^\{"eventVersion"',
    # What functions print of which neither the line nor its surroundings names the invocation.
    "lambda-get-log-events-2019.json": r'^\{\n    "StatusCode": 200',
    "lambda-init-start-retry-error.json": r"^\[ERROR\] CustomException: ",
    "lambda-text-*.txt": r"^XRAY TraceId: ",
    # A document that is no log.
    "constructed-firehose-s3-concatenated.README.txt": r"",
    # Words that other logs use too, without a request ID.
    "websocket-exec-lines-emulator.txt": r"^Received response\. Status: %d|^Integration returned status: %d",
}
"""Lines of each file that have no kind, as far as they are no log lines or cannot be told."""

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not at hand")


@cache
def sample(name: str) -> EventStore:
    return stored(SAMPLES / name)


def files() -> list[str]:
    return sorted(path.name for path in SAMPLES.iterdir()) if SAMPLES.is_dir() else []


def head(name: str) -> list[str]:
    """The comment lines that a file begins with."""
    content = (SAMPLES / name).read_bytes()
    text = (gzip.decompress(content) if name.endswith(".gz") else content).decode()
    lines = text.splitlines()
    return lines[: next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))]


@pytest.mark.parametrize("name", STATED)
def test_the_requests_that_a_file_states_are_read(name: str) -> None:
    found = sample(name).requests.where(pl.lit(value=True)).select("request_id", "status")
    assert sorted(found["status"], key=str) == STATED[name]
    text = (SAMPLES / name).read_bytes()
    raw = gzip.decompress(text).decode() if name.endswith(".gz") else text.decode()
    assert [request for request in found["request_id"].drop_nulls() if request not in raw] == []


@pytest.mark.parametrize("name", files())
def test_every_file_gives_events(name: str) -> None:
    assert len(sample(name).events) > 0


@pytest.mark.parametrize("name", files())
def test_comments_at_the_head_are_other_events(name: str) -> None:
    rows = sample(name).events.where(pl.col("kind") == "other")
    assert rows["message"].to_list()[: len(head(name))] == head(name)


@pytest.mark.parametrize("name", CAUSES)
def test_the_cause_that_a_file_shows_is_named(name: str) -> None:
    causes = sample(name).requests.where(pl.lit(value=True))["cause"].to_list()
    assert causes == [CAUSES[name]]


@pytest.mark.parametrize("name", files())
def test_every_line_has_a_kind_or_is_listed(name: str) -> None:
    listed = [pattern for files, pattern in NO_KIND.items() if fnmatch(name, files)]
    lines = sample(name).events.where((pl.col("kind") == "other") | (pl.col("line_kind") == "unknown"))
    surprising = [line for line in lines["message"] if not any(re.search(pattern, line) for pattern in listed)]
    assert surprising == []


def test_all_samples_are_read_as_one_directory() -> None:
    assert len(statuses(stored(SAMPLES))) > 20
