"""What the lines of functions tell of each invocation."""

from __future__ import annotations

import json

from apigw_tui.core.invocations import Invocation, invocation_json, report_facts
from tests.tui import story_samples as samples

REPORT = (
    f"REPORT RequestId: {samples.FUNCTION_ID}\tDuration: 10.73 ms\tBilled Duration: 11 ms\tMemory Size: 512 MB\t"
    "Max Memory Used: 121 MB\tInit Duration: 240.10 ms\t\nXRAY TraceId: 1-6b03276a-90792fe6171a2bdae7688ece\t"
    "SegmentId: 40cae141b2c6ec1b\tSampled: true\tStatus: error"
)


def of_function(at: int, text: str) -> samples.Sample:
    return at, samples.FUNCTION_GROUP, text


def test_a_report_tells_duration_billing_memory_and_start() -> None:
    assert report_facts(REPORT) == {
        "duration_ms": 10.73,
        "billed_ms": 11.0,
        "memory_mb": 512.0,
        "used_mb": 121.0,
        "init_ms": 240.1,
        "status": "error",
    }


def test_a_report_in_json_tells_the_same() -> None:
    metrics = {"durationMs": 10.73, "billedDurationMs": 11, "memorySizeMB": 512, "maxMemoryUsedMB": 121}
    record = {"requestId": samples.FUNCTION_ID, "status": "timeout", "metrics": metrics}
    written = json.dumps({"time": "2026-03-09T02:11:31.479Z", "type": "platform.report", "record": record})
    facts = report_facts(written)
    assert facts["duration_ms"] == 10.73
    assert facts["status"] == "timeout"
    assert "init_ms" not in facts


def test_a_report_that_was_cut_leaves_the_rest_unknown() -> None:
    assert report_facts("REPORT RequestId: x\tDuration: 10.73 ms\tBilled Dura") == {"duration_ms": 10.73}


def test_an_invocation_has_its_id_version_and_end() -> None:
    (run,) = samples.story_of(
        [
            samples.access_entry(502, 30),
            *samples.timeout_lines(),
            of_function(9_071, REPORT),
            of_function(9_072, f"2026-03-09T02:11:31.479Z {samples.FUNCTION_ID} Task timed out after 10.00 seconds"),
        ]
    ).invocations
    assert (run.request_id, run.function, run.role) == (samples.FUNCTION_ID, "orders-write", "integration")
    assert (run.version, run.start_ms, run.timeout_s) == ("44", 58, 10.0)
    assert run.facts[:3] == ("timed out after 10 s", "ran 11 ms", "billed 11 ms")


def test_the_authorizers_function_is_an_invocation_of_its_own() -> None:
    runs = samples.authorized_story().invocations
    assert [(run.role, run.function, run.request_id) for run in runs] == [
        ("authorizer", "orders-authorizer", samples.AUTHORIZER_ID),
        ("integration", "orders-write", samples.FUNCTION_ID),
    ]


def test_a_crash_is_told_with_its_stack_trace() -> None:
    run = samples.authorized_story().invocations[1]
    assert run.error is not None
    assert run.error.title == "StockError: no stock of A-1"
    assert run.error.depth == 3


def test_what_is_not_logged_is_null() -> None:
    told = invocation_json(Invocation(None, None, "group", None, ()))
    assert set(told.values()) == {None}
