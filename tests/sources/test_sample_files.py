"""Real transcripts and exports of other people, where they are at hand: what each one states is read out of it."""

from __future__ import annotations

import gzip
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
    "kb-lambda-authorizer-lines.txt": [401, None],
    "rest-2018-504-timeout.txt": [504],
    "rest-error-level-500-lambda-permission.txt": [500],
    "rest-error-level-500-lambda-throttled.txt": [500],
    "rest-error-level-502-malformed.txt": [502],
    "rest-error-level-504-timeout.txt": [504],
    "rest-http-proxy-alb-2022.txt": [None],
    "rest-key-throttle-429-a.txt": [429],
    "rest-lambda-fn-timeout-502-a.txt": [502],
    "rest-lambda-handler-missing-502.txt": [None, None],
    "rest-lambda-proxy-200-a.txt": [200],
    "rest-lambda-proxy-200-c.txt": [200],
    "rest-lambda-proxy-malformed-502-a.txt": [502],
    "rest-request-authorizer-401-2026.txt": [401],
    "rest-resource-policy-deny-403-insights.md": [403],
    "s3export-2016-rest-apikey-lambda-200.txt": [200],
    "testinvoke-2017-lambda-nonproxy-200-docs.txt": [200],
    "testinvoke-2022-lambda-proxy-text-200.txt": [200],
    "testinvoke-2022-malformed-string-502.txt": [502],
}
"""The statuses of the requests of each file; None where the excerpt ends before it states one."""

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
    found = statuses(sample(name))
    assert sorted(found.values(), key=str) == STATED[name]
    text = (SAMPLES / name).read_bytes()
    raw = gzip.decompress(text).decode() if name.endswith(".gz") else text.decode()
    assert [request for request in found if request not in raw] == []


@pytest.mark.parametrize("name", files())
def test_every_file_gives_events(name: str) -> None:
    assert len(sample(name).events) > 0


@pytest.mark.parametrize("name", files())
def test_comments_at_the_head_are_other_events(name: str) -> None:
    rows = sample(name).events.where(pl.col("kind") == "other")
    assert rows["message"].to_list()[: len(head(name))] == head(name)


def test_all_samples_are_read_as_one_directory() -> None:
    assert len(statuses(stored(SAMPLES))) > 20
