"""Lambda lines, in text and in JSON."""

from __future__ import annotations

import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.lambda_lines import in_invocation, is_lambda_line, read_lambda

ID = "c793869b-0000-415b-a5b6-4fd21e8dedac"
LINES: tuple[tuple[str, str, str | None], ...] = (
    ("INIT_START Runtime Version: python:3.13.v7\tRuntime Version ARN: arn:aws:lambda", "lambda_init", None),
    (f"START RequestId: {ID} Version: $LATEST\n", "lambda_start", ID),
    (f"END RequestId: {ID}\n", "lambda_end", ID),
    (f"REPORT RequestId: {ID}\tDuration: 26.73 ms\tBilled Duration: 27 ms", "lambda_report", ID),
    (f"2025-06-05T19:30:03.173Z\t{ID}\tINFO\tloading", "lambda_log", ID),
    (f"2025-06-05T19:30:03.173Z\t{ID}\tERROR\tInvoke Error \t{{}}", "lambda_error", ID),
    (f"[INFO]\t2025-06-05T19:30:03.173Z\t{ID}\tloading", "lambda_log", ID),
    (f"[ERROR]\t2025-06-05T19:30:03.173Z\t{ID}\tno such order", "lambda_error", ID),
    ("[ERROR] KeyError: 'x'\nTraceback (most recent call last):", "lambda_error", None),
    (f"2025-06-05T19:30:13.456Z {ID} Task timed out after 10.00 seconds", "lambda_timed_out", ID),
    (f"RequestId: {ID} Error: Runtime exited with error: signal: killed", "lambda_error", ID),
    ("a plain print", "lambda_log", None),
    ("INIT_REPORT Init Duration: 10008.73 ms\tPhase: init\tStatus: timeout", "lambda_init", None),
    ("RESTORE_START Runtime Version: java:21.v19\tRuntime Version ARN: arn:aws:lambda", "lambda_init", None),
    ("RESTORE_REPORT Restore Duration: 577.62 ms", "lambda_init", None),
    ("EXTENSION\tName: meter\tState: Ready\tEvents: [INVOKE, SHUTDOWN]", "lambda_init", None),
    ("TELEMETRY\tName: meter\tState: Subscribed\tTypes: [Platform]", "lambda_init", None),
    ('{"time":"2025-10-08T07:30:29.470Z","type":"platform.restoreReport","record":{}}', "lambda_init", None),
    ('{"time":"2025-10-08T07:30:29.470Z","type":"platform.extension","record":{}}', "lambda_init", None),
    (
        f'{{"time":"2025-10-08T07:30:29.470Z","type":"platform.fault","record":"RequestId: {ID} Error: exit"}}',
        "lambda_error",
        ID,
    ),
    ("shop.basket.NoStockException: sku\n\tat shop.basket.Write.handle(Write.java:12)", "lambda_error", None),
    ('Exception in thread "main" java.lang.Error: sku', "lambda_error", None),
    ("Unhandled exception. System.InvalidOperationException: sku", "lambda_error", None),
    ("panic: runtime error: index out of range [5] with length 5", "lambda_error", None),
    ('{"errorMessage":"sku","errorType":"errorString"}', "lambda_error", None),
    ("E, [2025-10-08T07:30:29.470000 #8] ERROR -- : sku", "lambda_error", None),
    ("basket.shop.example: Error is a word", "lambda_log", None),
    (f"a plain print of {ID}", "lambda_log", None),
    (
        f'{{"time":"2025-10-08T07:30:29.470Z","type":"platform.start","record":{{"requestId":"{ID}"}}}}',
        "lambda_start",
        ID,
    ),
    (
        f'{{"time":"2025-10-08T07:30:29.470Z","type":"platform.runtimeDone","record":{{"requestId":"{ID}","status":"success"}}}}',
        "lambda_end",
        ID,
    ),
    (
        f'{{"time":"2025-10-08T07:30:29.470Z","type":"platform.runtimeDone","record":{{"requestId":"{ID}","status":"timeout"}}}}',
        "lambda_timed_out",
        ID,
    ),
    (
        f'{{"time": "2025-10-08T07:30:29.470Z", "type": "platform.report", "record": {{"requestId": "{ID}"}}}}',
        "lambda_report",
        ID,
    ),
    ('{"time":"2025-10-08T07:30:29.470Z","type":"platform.initStart","record":{}}', "lambda_init", None),
    (
        f'{{"timestamp":"2025-10-08T07:30:29Z","level":"INFO","requestId":"{ID}","message":"hi"}}',
        "lambda_log",
        ID,
    ),
    (
        f'{{"timestamp":"2025-10-08T07:30:29Z","level":"ERROR","requestId":"{ID}","message":"hi"}}',
        "lambda_error",
        ID,
    ),
    (f'{{"level":"error","function_request_id":"{ID}","message":"hi"}}', "lambda_error", ID),
)


@pytest.mark.parametrize(("line", "kind", "request_id"), LINES)
def test_a_lambda_line_tells_its_kind_and_invocation(line: str, kind: str, request_id: str | None) -> None:
    row = read_lambda(pl.Series([line])).row(0, named=True)
    assert (row["line_kind"], row["request_id"]) == (kind, request_id)


def test_a_report_names_its_trace() -> None:
    line = f"REPORT RequestId: {ID}\tDuration: 1 ms\t\nXRAY TraceId: 1-5d9d007f-0123456789abcdef01234567\tSegmentId: 3"
    assert read_lambda(pl.Series([line])).row(0, named=True)["trace_id"] == "1-5d9d007f-0123456789abcdef01234567"


def test_a_report_in_json_names_its_trace() -> None:
    traced = (
        '"tracing":{"spanId":"24cd","type":"X-Amzn-Trace-Id","value":"Root=1-5d9d007f-0123456789abcdef01234567;S=1"}'
    )
    line = f'{{"time":"2025-10-08T07:30:29.470Z","type":"platform.report","record":{{"requestId":"{ID}",{traced}}}}}'
    assert read_lambda(pl.Series([line])).row(0, named=True)["trace_id"] == "1-5d9d007f-0123456789abcdef01234567"


def everywhere(lines: list[str]) -> list[str]:
    return pl.DataFrame({"m": lines}).filter(is_lambda_line(pl.col("m"))).get_column("m").to_list()


def test_only_lines_of_the_service_and_its_runtimes_are_lambda_lines_everywhere() -> None:
    words = ("INIT_START ", "INIT_REPORT ", "RESTORE_", "EXTENSION\t", "TELEMETRY\t", "START ", "END ", "REPORT ")
    service = (*words, '{"time":', '{"time": ')
    runtime = re.compile(rf"(?:\[[A-Z]+\]\t)?2\S+Z[\t ]{ID}[\t ]|RequestId: {ID} (?:Error: |Process exited)")
    lines = [line for line, _, _ in LINES]
    assert everywhere(lines) == [line for line in lines if line.startswith(service) or runtime.match(line)]


def test_a_time_or_an_id_alone_makes_no_line_a_lambda_line() -> None:
    moment = "2026-03-01T10:00:00.012Z"
    lines = [
        f"{moment} {ID} GET /",
        f"{moment}\tINFO\tstarted",
        f"[INFO]\t{moment}\tstarted",
        f"RequestId: {ID} took 3 ms",
    ]
    assert everywhere(lines) == []


@given(st.lists(st.text()))
def test_property_any_text_is_read_row_for_row(lines: list[str]) -> None:
    assert read_lambda(pl.Series(lines, dtype=pl.String)).height == len(lines)


def carried(*lines: str | tuple[str, str]) -> list[str | None]:
    """The invocation of each line; a pair has its log stream, other lines share one."""
    streams, texts = zip(*[line if isinstance(line, tuple) else ("s", line) for line in lines], strict=True)
    kinds = read_lambda(pl.Series(texts))
    frame = kinds.with_columns(log_group=pl.lit("/aws/lambda/f"), log_stream=pl.Series(streams))
    found: list[str | None] = in_invocation(frame).to_list()
    return found


FIRST, SECOND = "f4a1d2c3-0b5e-4d6f-a7b8-c9d0e1f2a3b4", "0c9f3f3e-1111-4222-8333-abcdefabcdef"


def start(call: str) -> str:
    return f"START RequestId: {call} Version: 3"


def end(call: str) -> str:
    return f"END RequestId: {call}"


def test_what_a_function_prints_belongs_to_the_invocation_around_it() -> None:
    lines = ("INIT_START Runtime Version: x", start(FIRST), "printed", "more", end(FIRST), f"REPORT RequestId: {FIRST}")
    assert carried(*lines, "between", start(SECOND), "other", end(SECOND)) == [
        *(None, FIRST, FIRST, FIRST, FIRST, FIRST),
        *(None, SECOND, SECOND, SECOND),
    ]


def test_what_is_printed_while_two_invocations_run_in_one_file_belongs_to_neither() -> None:
    assert carried(start(FIRST), start(SECOND), "whose?", end(FIRST), "whose?", end(SECOND))[2::2] == [None, None]


def test_each_log_stream_has_its_own_invocation() -> None:
    lines = [
        ("a", start(FIRST)),
        ("b", start(SECOND)),
        ("a", "one"),
        ("b", "two"),
        ("a", end(FIRST)),
        ("b", end(SECOND)),
    ]
    assert carried(*lines)[2:4] == [FIRST, SECOND]


def test_a_line_before_any_start_or_without_an_end_belongs_to_nobody_yet() -> None:
    assert carried("early", start(FIRST), "open") == [None, FIRST, None]
