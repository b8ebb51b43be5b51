"""Reads lines of Lambda functions' logs, in text and in JSON: their kinds and their invocations."""

from __future__ import annotations

from typing import Final

import polars as pl

from apigw_tui.core.schema import LINE_KIND

LAMBDA_GROUP: Final = "/aws/lambda/"

_UUID: Final = r"[0-9A-Fa-f]{8}(?:-[0-9A-Za-z]{4}){3}-[0-9A-Za-z]{12}"
_PLATFORM: Final = r'^\{\s*"time"\s*:\s*"[^"]*"\s*,\s*"type"\s*:\s*"(platform\.[A-Za-z]+)"'
_REQUEST_IDS: Final = (
    r"^(?:START|END|REPORT) RequestId: (\S+)",
    rf"^(?:\[[A-Z]+\]\t)?[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T[0-9:.]+Z[\t ]({_UUID})\b",
    rf"^RequestId: ({_UUID})\b",
    rf'^\{{[\s\S]{{0,4096}}?"(?:requestId|AWSRequestId|aws_request_id|function_request_id|awsRequestId|lambdaRequestId)"\s*:\s*"({_UUID})"',
    rf'^\{{[^{{}}]*"record"\s*:\s*"RequestId: ({_UUID})\b',
)
_TRACE_ID: Final = "(1-[0-9A-Za-z]{8}-[0-9A-Za-z]{24})"
_TRACES: Final = (f"XRAY TraceId: {_TRACE_ID}", rf'"X-Amzn-Trace-Id"\s*,\s*"value"\s*:\s*"Root={_TRACE_ID}')
_TIMED_OUT: Final = r"(?:^|[\t ])Task timed out after [0-9.]+ seconds"
_STATUS_TIMEOUT: Final = r'"status"\s*:\s*"timeout"'
_ERROR: Final = (
    r"^\[(?:ERROR|CRITICAL|FATAL)\]|\t(?:ERROR|FATAL)\t"
    r"|^RequestId: \S+ (?:Error:|Process exited)|^Traceback \(most recent call last\)"
    r'|^\{[\s\S]{0,4096}?"(?:level|log_level|severity)"\s*:\s*"(?i:error|fatal|critical)"'
    # What ends an invocation, as Java, .NET, Go, Node.js and Ruby write it.
    r'|^(?:[a-z]\w*\.)+[A-Z][\w$]*(?:Exception|Error)\b|^Exception in thread "|^Unhandled exception|^panic: '
    r'|^\{\s*"error(?:Message|Type)"|^[EF], \['
)
_FROM_PLATFORM: Final = {
    "platform.initStart": "lambda_init",
    "platform.initRuntimeDone": "lambda_init",
    "platform.initReport": "lambda_init",
    "platform.restoreStart": "lambda_init",
    "platform.restoreRuntimeDone": "lambda_init",
    "platform.restoreReport": "lambda_init",
    "platform.extension": "lambda_init",
    "platform.telemetrySubscription": "lambda_init",
    "platform.logsSubscription": "lambda_init",
    "platform.start": "lambda_start",
    "platform.runtimeDone": "lambda_end",
    "platform.end": "lambda_end",
    "platform.report": "lambda_report",
    "platform.fault": "lambda_error",
}
_FROM_WORD: Final = {
    "START RequestId: ": "lambda_start",
    "END RequestId: ": "lambda_end",
    "REPORT RequestId: ": "lambda_report",
    "INIT_START ": "lambda_init",
    "INIT_REPORT ": "lambda_init",
    "RESTORE_START ": "lambda_init",
    "RESTORE_REPORT ": "lambda_init",
    "EXTENSION\tName: ": "lambda_init",
    "TELEMETRY\tName: ": "lambda_init",
    "LOGS\tName: ": "lambda_init",
}
_WORD: Final = "^(" + "|".join(_FROM_WORD) + ")"
_TIME: Final = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z"
_BY_RUNTIME: Final = (
    rf"^{_TIME}\t{_UUID}\t[A-Z]+\t|^\[[A-Z]+\]\t{_TIME}\t{_UUID}\t|^{_TIME} {_UUID} Task timed out after "
    rf"|^RequestId: {_UUID} (?:Error: |Process exited)"
)


def is_lambda_line(message: pl.Expr) -> pl.Expr:
    """Whether the Lambda service or one of its runtimes wrote this line, whatever group it lies in."""
    return message.str.contains(_WORD) | message.str.contains(_PLATFORM) | message.str.contains(_BY_RUNTIME)


def _kind(message: pl.Expr) -> pl.Expr:
    word = message.str.extract(_WORD).replace_strict(
        list(_FROM_WORD), list(_FROM_WORD.values()), default=None, return_dtype=pl.String
    )
    platform = message.str.extract(_PLATFORM).replace_strict(
        list(_FROM_PLATFORM), list(_FROM_PLATFORM.values()), default=None, return_dtype=pl.String
    )
    stopped = (platform == "lambda_end") & message.str.contains(_STATUS_TIMEOUT)
    printed = (
        pl.when(message.str.contains(_TIMED_OUT))
        .then(pl.lit("lambda_timed_out"))
        .when(message.str.contains(_ERROR))
        .then(pl.lit("lambda_error"))
        .otherwise(pl.lit("lambda_log"))
    )
    return pl.coalesce(word, pl.when(stopped).then(pl.lit("lambda_timed_out")).otherwise(platform), printed)


def in_invocation(lines: pl.DataFrame) -> pl.Series:
    """`request_id` of lines in order of arrival, carried where it is sure; with kind, group and stream of each line.

    A function runs one invocation at a time in a log stream: what it prints without an ID between the lines that
    start and end an invocation belongs to it.
    """
    own = lines.get_column("request_id")
    if own.null_count() == 0:
        return own
    kind, stream = pl.col("line_kind"), [pl.col("log_group").fill_null(""), pl.col("log_stream").fill_null("")]
    mark = kind.is_in(["lambda_start", "lambda_end", "lambda_report"])
    named = pl.when(mark).then(pl.col("request_id"))
    before = pl.when(mark).then(pl.col("line_kind")).forward_fill().over(stream)
    started = named.forward_fill().over(stream)
    following = named.backward_fill().over(stream)
    within = (before == "lambda_start") & (following == started)
    carried = pl.when(within & (kind != "lambda_init")).then(started)
    return lines.select(pl.coalesce("request_id", carried).alias("request_id")).to_series()


def read_lambda(messages: pl.Series) -> pl.DataFrame:
    """`line_kind`, `request_id` (the function's) and `trace_id`; one row per message, in order."""
    message = pl.col("m")
    return messages.to_frame("m").select(
        line_kind=_kind(message).cast(LINE_KIND),
        request_id=pl.coalesce(message.str.extract(pattern) for pattern in _REQUEST_IDS),
        trace_id=pl.coalesce(message.str.extract(pattern) for pattern in _TRACES),
    )
