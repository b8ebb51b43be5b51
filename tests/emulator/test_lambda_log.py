"""Lambda logs: invocations as text and as JSON, one at a time per container."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from itertools import pairwise

import pytest

from apigw_tui.emulator.stages import (
    ORDERS_ID,
)
from tests.emulator.shop_views import GROUPS, recent, recent_calls, shop

LAMBDA_LINES = re.compile(
    r"""(?:
    INIT_START\ Runtime\ Version:\ \S+\tRuntime\ Version\ ARN:\ arn:aws:lambda:\S+
    | START\ RequestId:\ \S{36}\ Version:\ (?:\d+|\$LATEST)
    | (?:\[(?:INFO|WARNING)\]\t)?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\t\S{36}\t.*
    | \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\ \S{36}\ Task\ timed\ out\ after\ \d+\.00\ seconds\n
    | \[ERROR\]\ \w+:\ .*\nTraceback\ \(most\ recent\ call\ last\):\n.*
    | END\ RequestId:\ \S{36}
    | REPORT\ RequestId:\ \S{36}\tDuration:\ [\d.]+\ ms\tBilled\ Duration:\ \d+\ ms\tMemory\ Size:\ \d+\ MB
      \tMax\ Memory\ Used:\ \d+\ MB\t(?:Init\ Duration:\ [\d.]+\ ms\t)?
      (?:\nXRAY\ TraceId:\ \S{35}\tSegmentId:\ \w{16}\tSampled:\ (?:true|false)\t)?(?:Status:\ (?:error|timeout))?
    )\n?""",
    re.VERBOSE | re.DOTALL,
)
PLAIN_LAMBDA_GROUPS = [name for name in GROUPS if name.startswith("/aws/lambda/") and "storefront" not in name]


@pytest.mark.parametrize("group", PLAIN_LAMBDA_GROUPS)
@pytest.mark.parametrize("scenario", ["steady", "slow-backend", "bad-deploy", "authorizer-outage"])
def test_every_lambda_line_is_in_the_grammar(group: str, scenario: str) -> None:
    for event in recent(shop(scenario), group):
        assert LAMBDA_LINES.fullmatch(event.message), event.message


def test_one_function_logs_json() -> None:
    entries = [json.loads(event.message) for event in recent(shop(), "/aws/lambda/storefront-web")]
    kinds = {entry.get("type", entry.get("level")) for entry in entries}
    assert {"platform.start", "platform.runtimeDone", "platform.report", "INFO"} <= kinds


def test_a_run_reports_what_api_gateway_waited_for() -> None:
    for call in recent_calls(shop("bad-deploy"), ORDERS_ID, "prod"):
        if call.run is None or call.integration_ms is None or call.outcome.name == "hung":
            continue
        assert call.integration_request_id == call.run.request_id
        assert call.integration_at is not None
        assert call.integration_at < call.run.started_at <= call.run.ended_at <= call.ended_at
        assert call.run.duration_ms < call.integration_ms <= call.latency_ms


def test_a_container_runs_one_invocation_at_a_time() -> None:
    feed = shop("slow-backend")
    runs = defaultdict(list)
    for call in recent_calls(feed, ORDERS_ID, "prod", minutes=6):
        for run in (call.run, call.authorizer_run):
            if run is not None:
                runs[run.log_stream].append(run)
    assert any(len(those) > 5 for those in runs.values())
    for those in runs.values():
        those.sort(key=lambda run: run.started_at)
        assert all(one.ended_at <= other.started_at for one, other in pairwise(those))


def test_new_containers_say_so_before_they_start() -> None:
    feed = shop("steady", history_minutes=60)
    events = recent(feed, "/aws/lambda/orders-read", minutes=50)
    cold = [(one, other) for one, other in pairwise(events) if one.message.startswith("INIT_START")]
    assert cold
    starts = {event.log_stream for event in events if event.message.startswith("START ")}
    assert all(one.log_stream in starts for one, _ in cold)
