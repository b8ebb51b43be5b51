"""Reads execution log lines: which kind each one is and what it says of its request."""

from __future__ import annotations

import re
from typing import Final

import polars as pl

from apigw_tui.core.execution_patterns import LOOSE_PATTERNS, PATTERNS, LinePattern
from apigw_tui.core.schema import FIELDS, LINE_KIND

ID_PREFIX: Final = r"^\(([^)\s]{8,64})\)(?: |$)"
"""`(request id) ` before each line since 2017; the ID is a UUID or, for WebSocket APIs, base64-like."""


NO_DATE: Final = "DDD MMM dd hh:mm:ss UTC yyyy"
"""What stands in place of the date where a test was published without its times."""

_DAY: Final = "[A-Z][a-z]{2} [A-Z][a-z]{2} [0-9]{2}"
_DATE: Final = rf"(?:{_DAY} [0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}} UTC [0-9]{{4}}|{NO_DATE}) : "
TEST_DATE: Final = f"^{_DATE}"
"""`Thu Sep 05 04:56:39 UTC 2019 : ` before each line of a test from the console."""

_NAMES_REQUEST: Final = (
    r"^(?:Verifying Usage Plan for request|Starting execution for request|Unauthorized request"
    r"|Starting authorizer: \S+ for request|Execution log for request):? ([^\s]*[^\s.])"
)
_TRANSCRIPT: Final = {
    "method": rf"(?m)^{_DATE}HTTP Method: ([A-Z]+), Resource Path: ",
    "path": rf"(?m)^{_DATE}HTTP Method: [A-Z]+, Resource Path: (.*?)\s*$",
    "status": rf"(?m)^{_DATE}Method completed with status: ([0-9]{{3}})\s*$",
    "integration_uri": rf"(?m)^{_DATE}Sending request to (\S+)",
    "integration_latency_ms": rf"(?m)^{_DATE}Received response\..*Integration latency: ([0-9]+) ms",
}
_BRACKETS: Final = 3  # "(", ")" and the blank after a request ID
_ALL: Final = (*PATTERNS, *LOOSE_PATTERNS)
_FUNCTION: Final = r":function:([^:/\s]+)(?::[^/\s]*)?/invocations"
_NOT_A_METHOD: Final = "ANY"


def split_prefix(message: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """The request ID before a line (null where there is none) and what follows it."""
    request_id = message.str.extract(ID_PREFIX)
    after = message.str.slice(request_id.str.len_chars() + _BRACKETS)
    return request_id, pl.when(request_id.is_null()).then(message).otherwise(after)


def _prefix_expr(bodies: pl.Expr) -> pl.Expr:
    prefixes = [pattern.prefix for pattern in PATTERNS]
    found = bodies.str.extract("^(" + "|".join(re.escape(prefix) for prefix in prefixes) + ")")
    return found.replace_strict(prefixes, list(range(len(prefixes))), default=None, return_dtype=pl.UInt8)


def _loose_expr(bodies: pl.Expr) -> pl.Expr:
    chain: pl.Expr = pl.lit(None, dtype=pl.UInt8)
    for number in range(len(_ALL) - 1, len(PATTERNS) - 1, -1):
        fits = bodies.str.contains(f"^{_ALL[number].prefix}")
        chain = pl.when(fits).then(pl.lit(number, dtype=pl.UInt8)).otherwise(chain)
    return chain


def _numbers(bodies: pl.Series) -> pl.Series:
    """The number of the pattern that each line fits; null for a line that is not known."""
    frame = pl.DataFrame({"body": bodies}).with_row_index("row").with_columns(number=_prefix_expr(pl.col("body")))
    rest = frame.filter(pl.col("number").is_null()).with_columns(number=_loose_expr(pl.col("body")))
    if rest.height == 0 or rest.get_column("number").null_count() == rest.height:
        return frame.get_column("number")
    return frame.update(rest.select("row", "number"), on="row", how="left").get_column("number")


def _kinds(numbers: pl.Series) -> pl.Series:
    kinds = [pattern.kind for pattern in _ALL]
    named = numbers.replace_strict(list(range(len(kinds))), kinds, default="unknown", return_dtype=pl.String)
    return named.cast(LINE_KIND).alias("line_kind")


def line_kinds(bodies: pl.Series) -> pl.Series:
    """The line kind of each body (a line without its `(id) `), `unknown` where it is not known."""
    return _kinds(_numbers(bodies))


def stands_alone(messages: pl.Series) -> pl.Series:
    """Whether a message without request ID is surely a line of an execution log."""
    frame = pl.DataFrame({"body": messages, "number": _numbers(messages)}).with_row_index("row")
    sure: pl.Expr = pl.lit(value=False)
    for number in frame.get_column("number").drop_nulls().unique().to_list():
        pattern = _ALL[number]
        if not pattern.peculiar:
            continue
        whole = pl.col("body").str.contains(rf"^(?:{pattern.exact})\s*$") if pattern.exact else pl.lit(value=True)
        sure = pl.when(pl.col("number") == number).then(whole).otherwise(sure)
    return frame.select(sure.fill_null(value=False).alias("alone")).get_column("alone")


def named_request(bodies: pl.Expr) -> pl.Expr:
    """The request ID that a line names by itself (`… for request: <id>`), else null."""
    return bodies.str.extract(_NAMES_REQUEST)


def _typed(frame: pl.DataFrame) -> pl.DataFrame:
    columns = [pl.col(name).cast(FIELDS[name], strict=False) for name in frame.columns if name in FIELDS]
    return frame.with_columns(columns)


def _completed(frame: pl.DataFrame) -> pl.DataFrame:
    """Drops `ANY` as method and adds the function that a URI names."""
    if "method" in frame.columns:
        method = pl.col("method")
        frame = frame.with_columns(pl.when(method != _NOT_A_METHOD).then(method).alias("method"))
    if "integration_uri" in frame.columns:
        function = pl.col("integration_uri").str.extract(_FUNCTION)
        frame = frame.with_columns(function.alias("integration_function"))
    return frame


def _extracted(lines: pl.DataFrame, pattern: LinePattern) -> pl.DataFrame:
    """Row numbers and the fields of lines that all fit one pattern."""
    fields = lines.select("row", found=pl.col("body").str.extract_groups(pattern.fields)).unnest("found")
    constants = [pl.lit(value).alias(name) for name, value in pattern.constants]
    return _typed(_completed(fields.with_columns(constants)))


def _transcripts(lines: pl.DataFrame) -> pl.DataFrame:
    """What a whole test transcript in one message says of its request."""
    body = pl.col("body")
    found = [body.str.extract(pattern).alias(name) for name, pattern in _TRANSCRIPT.items()]
    return _typed(_completed(lines.select("row", *found)))


def read_execution(bodies: pl.Series) -> pl.DataFrame:
    """`line_kind` and FIELDS of execution lines without their `(id) `; one row per line, in order."""
    lines = pl.DataFrame({"body": bodies, "number": _numbers(bodies)}).with_row_index("row")
    numbers = lines.get_column("number")
    parts = []
    for number in sorted(numbers.drop_nulls().unique().to_list()):
        pattern = _ALL[number]
        chosen = lines.filter(pl.col("number") == number)
        if pattern.kind == "test_invoke":
            parts.append(_transcripts(chosen))
        elif pattern.fields:
            parts.append(_extracted(chosen, pattern))
    base = lines.select("row", line_kind=_kinds(numbers))
    if parts:
        found = pl.concat(parts, how="diagonal")
        base = base.join(found, on="row", how="left", maintain_order="left")
    missing = [pl.lit(None, dtype=dtype).alias(name) for name, dtype in FIELDS.items() if name not in base.columns]
    return base.with_columns(missing).select("line_kind", *FIELDS)
