"""One row per request out of all its events, whatever order they came in.

What the access entry says beats what execution lines say. Rules that need a word:

- A request starts at its access entry's timestamp (CloudWatch stamps access entries with the start), else at
  `requestTimeEpoch` or `requestTime`, else at its first execution line.
- `latency_ms` is the access entry's; else `execution` where a line states it (no known line does); else
  `computed`: from the start to the last line that ends the request. The start must be known, by the access
  entry or by a line that opens a request: at level ERROR only the last lines exist, so none is computed. Lines of
  files may have no time of their own: what lies further apart than a request can last is not compared.
- `integration_status` is what the backend or function answered. What Lambda's own service answered (200 even
  for a crash) is never taken for it.
- Some failures never say `Method completed with status`: an unauthorized request counts as 401, a denied one
  as 403, unless the access entry says otherwise.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from apigw_tui.core import diagnosis
from apigw_tui.core.diagnosis_rules import VARIABLES
from apigw_tui.core.schema import FIELDS, LATENCY_SOURCE, REQUESTS, STATE, TERMINAL_LINE_KINDS
from apigw_tui.core.shared_ids import split_shared
from apigw_tui.core.transcript import split_transcripts

_OPENING_KINDS: Final = (
    "extended_request_id",
    "authorizer_start",
    "usage_plan_start",
    "start",
    "test_invoke",
    "websocket_connecting",
    "websocket_message_received",
)
_INTEGRATION_FIELDS: Final = tuple(name for name in FIELDS if name.startswith("integration_"))
_READ_SPECIALLY: Final = frozenset({"status", "method", "path", *_INTEGRATION_FIELDS})
_NEVER_MERGED: Final = frozenset({*VARIABLES, "latency_ms"})
"""Evidence names an access field: what a line says must not pass for it. Latencies keep their source."""

_IMPLIED_STATUS: Final = {"authorizer_unauthorized": 401, "access_denied": 403}
_EVENT_ID_DIGITS: Final = 60
_ERROR: Final = 400
_SECOND: Final = 1000
LONGEST_REQUEST: Final = 1_000_000
"""Milliseconds: API Gateway waits 15 minutes for a streamed response and 29 s to 5 min for any other."""


def summarise(parsed: pl.DataFrame) -> pl.DataFrame:
    """REQUESTS rows of all events in `parsed` (PARSED_EVENTS), one per key, in no particular order.

    Requests that share a request ID come out with keys of their own, see `shared_ids`. Events without a key,
    Lambda and other events are left out. Rows of the same request must all be given:
    the result is a function of the set of events. Only events of the same millisecond without event IDs
    keep the order in which they are given.
    """
    parsed = split_shared(_drop_empty_columns(parsed))
    access = _events_of(parsed, "access")
    execution = _events_of(parsed, "execution")
    if access.is_empty() and execution.is_empty():
        return pl.DataFrame(schema=REQUESTS)
    if execution.is_empty():
        return _finish(_access_side(access))
    if access.is_empty():
        return _finish(_execution_side(execution))
    joined = _access_side(access).join(_execution_side(execution), on="key", how="full", coalesce=True)
    return _finish(joined)


def in_true_order(events: pl.DataFrame) -> pl.DataFrame:
    """Sort by timestamp, then event ID (a long decimal number), then the given order."""
    if "event_id" not in events.columns:
        return events.sort("timestamp", nulls_last=True, maintain_order=True)
    number = pl.col("event_id").str.zfill(_EVENT_ID_DIGITS)
    return events.sort("timestamp", number, nulls_last=True, maintain_order=True)


def _drop_empty_columns(parsed: pl.DataFrame) -> pl.DataFrame:
    """Most columns of a batch are empty; without them every later step is cheap."""
    needed = {"key", "kind", "line_kind", "timestamp", "message", "scope", "request_id"}
    kept = [name for name in parsed.columns if name in needed or parsed[name].null_count() < parsed.height]
    return parsed.select(kept)


def _events_of(parsed: pl.DataFrame, kind: str) -> pl.DataFrame:
    wanted = (pl.col("kind") == kind) & pl.col("key").is_not_null()
    if parsed.select(wanted.fill_null(value=False).all()).item():
        return parsed
    return _drop_empty_columns(parsed.filter(wanted))


def _access_side(events: pl.DataFrame) -> pl.DataFrame:
    """Key, scope, request ID, fields and times of access entries, one row per key."""
    if not events.get_column("key").is_duplicated().any():
        return events.select(*_access_columns(events, first=False))
    rows = in_true_order(events).group_by("key").agg(*_access_columns(events, first=True)[1:])
    return rows.select("key", pl.exclude("key"))


def _access_columns(events: pl.DataFrame, *, first: bool) -> list[pl.Expr]:
    """The expressions of `_access_side`; `first` takes the first that is known of each group."""

    def pick(column: pl.Expr) -> pl.Expr:
        return column.first(ignore_nulls=True) if first else column

    delivered = [pl.col(name).is_not_null() for name in ("event_id", "ingestion_time") if name in events.columns]
    stamped = pl.any_horizontal(delivered) if delivered else pl.lit(value=False)
    timestamp = pl.col("timestamp")
    columns = [
        pl.col("key"),
        pick(pl.col("scope")),
        pick(pl.col("request_id")),
        pick(pl.when(stamped).then(timestamp)).alias("stamped_at"),
        (timestamp.min() if first else timestamp).alias("entry_at"),
        (timestamp.max() if first else timestamp).alias("last_entry_at"),
        (pl.len() if first else pl.lit(1, pl.UInt32)).cast(pl.UInt32).alias("access_events"),
    ]
    if "ingestion_time" in events.columns:
        column = pl.col("ingestion_time")
        columns.append((column.max() if first else column).alias("entry_ingested_at"))
    if "truncated" in events.columns:
        cut = pl.col("truncated").fill_null(value=False).cast(pl.UInt32)
        columns.append((cut.sum() if first else cut).alias("entry_truncated"))
    columns.extend(pick(pl.col(name)) for name in FIELDS if name in events.columns)
    return columns


def _execution_side(events: pl.DataFrame) -> pl.DataFrame:
    """The same of execution lines; columns that access entries have too are prefixed `x_`."""
    lines = diagnosis.authorizer_spans(split_transcripts(in_true_order(events)))
    rows = lines.group_by("key").agg(*_times_and_counts(lines.columns), *_line_fields(lines.columns))
    rows = rows.join(diagnosis.line_findings(lines), on="key", how="left")
    return rows.join(diagnosis.function_answers(lines), on="key", how="left")


def _times_and_counts(names: list[str]) -> list[pl.Expr]:
    kind, timestamp = pl.col("line_kind"), pl.col("timestamp")
    terminal = kind.is_in(TERMINAL_LINE_KINDS)
    columns = [
        pl.col("scope").first().alias("x_scope"),
        pl.col("request_id").first().alias("x_request_id"),
        timestamp.min().alias("first_line_at"),
        timestamp.max().alias("last_line_at"),
        timestamp.filter(kind.is_in(_OPENING_KINDS)).min().alias("opened_at"),
        timestamp.filter(terminal).max().alias("closed_at"),
        terminal.any().alias("is_over"),
        pl.col("is_event").sum().cast(pl.UInt32).alias("execution_events"),
        (kind == "unknown").sum().cast(pl.UInt32).alias("unknown_lines"),
    ]
    if "ingestion_time" in names:
        columns.append(pl.col("ingestion_time").max().alias("line_ingested_at"))
    if "truncated" in names:
        columns.append(pl.col("truncated").sum().cast(pl.UInt32).alias("line_truncated"))
    return columns


def _line_fields(names: list[str]) -> list[pl.Expr]:
    """The first known value of each field, of lines that may speak of it."""
    present = set(names)
    kind = pl.col("line_kind")
    integration = ~pl.col("in_authorizer")
    implied = [
        pl.lit(status, pl.UInt16).filter((kind == name).any()).first() for name, status in _IMPLIED_STATUS.items()
    ]
    columns = [
        pl.col(name).first(ignore_nulls=True).alias(f"x_{name}")
        for name in FIELDS
        if name in present and name not in _READ_SPECIALLY
    ]
    columns.extend(
        pl.when(integration).then(pl.col(name)).first(ignore_nulls=True).alias(f"x_{name}")
        for name in _INTEGRATION_FIELDS
        if name in present
    )
    if "integration_request_id" in present:
        called = pl.when(~integration).then(pl.col("integration_request_id")).first(ignore_nulls=True)
        columns.append(called.alias("x_authorizer_call_id"))
    # "HTTP Method: …" has the actual method and path; the API key line only the route's, e.g. ANY.
    for name in ("method", "path"):
        if name in present:
            actual = pl.when(kind == "method").then(pl.col(name)).first(ignore_nulls=True)
            columns.append(pl.coalesce(actual, pl.col(name).first(ignore_nulls=True)).alias(f"x_{name}"))
    stated = (
        [pl.when(kind.is_in(TERMINAL_LINE_KINDS)).then(pl.col("status")).first(ignore_nulls=True)]
        if "status" in present
        else []
    )
    columns.append(pl.coalesce(*stated, *implied).alias("x_status"))
    received = pl.when((kind == "integration_response") & integration)
    columns.append(received.then(diagnosis.body(pl.col("message"))).first(ignore_nulls=True).alias("received_line"))
    return columns


def _finish(sides: pl.DataFrame) -> pl.DataFrame:
    """Merge both sides into REQUESTS."""
    merged = sides.with_columns(_merged_columns(set(sides.columns)))
    merged = merged.with_columns(_answer_columns(set(merged.columns)))
    merged = merged.with_columns(_time_columns(set(merged.columns)))
    rows = merged.with_columns(diagnosis.causes(merged))
    if "final_integration_status" in rows.columns:
        rows = rows.with_columns(integration_status="final_integration_status")
    return rows.select(
        pl.col(name).cast(dtype) if name in rows.columns else pl.lit(None, dtype).alias(name)
        for name, dtype in REQUESTS.items()
    )


def _either(names: set[str], *candidates: str) -> pl.Expr | None:
    """The first known of these columns; None when there is none of them."""
    present = [pl.col(name) for name in candidates if name in names]
    return pl.coalesce(present) if present else None


def _merged_columns(names: set[str]) -> list[pl.Expr]:
    """Access beats execution; API and stage fall back to the scope that was read."""
    columns: dict[str, pl.Expr] = {}
    for name in ("scope", "request_id", *FIELDS):
        merged = _either(names, name, f"x_{name}")
        if merged is not None and f"x_{name}" in names and name not in _NEVER_MERGED:
            columns[name] = merged
    call = _either(names, "authorizer_request_id", "x_authorizer_call_id")
    if call is not None:
        columns["authorizer_request_id"] = call
    scope = columns.get("scope", pl.col("scope") if "scope" in names else pl.lit(None, pl.String))
    parts = scope.str.splitn("/", 2)
    for index, name in enumerate(("api_id", "stage")):
        part = parts.struct.field(f"field_{index}")
        known = columns.get(name, pl.col(name) if name in names else None)
        part = pl.when(part != "").then(part)
        columns[name] = part if known is None else pl.coalesce(known, part)
    columns["truncated_lines"] = pl.sum_horizontal(
        [pl.col(name) for name in ("entry_truncated", "line_truncated") if name in names] or [pl.lit(0)]
    )
    for name in ("access_events", "execution_events", "unknown_lines"):
        columns[name] = pl.col(name).fill_null(0) if name in names else pl.lit(0, pl.UInt32)
    return [column.alias(name) for name, column in columns.items()]


def _answer_columns(names: set[str]) -> list[pl.Expr]:
    """What the backend answered: `final_integration_status`, with what proves it."""
    status = pl.col("status") if "status" in names else pl.lit(None, pl.UInt16)
    columns = [status.alias("status")]
    only_functions = ("integration_function", "x_integration_error", "x_integration_service_status")
    by_lambda = [pl.col(name).is_not_null() for name in only_functions if name in names]
    if "integration_uri" in names:
        by_lambda.append(pl.col("integration_uri").str.contains(r":lambda:|//lambda\.").fill_null(value=False))
    if "integration_error" in names:
        by_lambda.append(pl.col("integration_error").str.starts_with("Lambda").fill_null(value=False))
    is_lambda = pl.any_horizontal(by_lambda) if by_lambda else pl.lit(value=False)
    if "crash_line" in names:
        columns.append(pl.when(is_lambda).then(pl.col("crash_line")).alias("crash_line"))
    known = [pl.col("integration_status")] if "integration_status" in names else []
    if "integration_service_status" in names:
        service = pl.col("integration_service_status")
        # Without an address it may be Lambda's; only an error passed on unchanged cannot be.
        addressed = pl.col("integration_uri").is_not_null() if "integration_uri" in names else pl.lit(value=False)
        own = ~is_lambda & (addressed | ((service >= _ERROR) & (service == status)))
        columns.append(pl.when(own).then(service).alias("passed_status"))
        known.append(columns[-1])
    if "x_integration_status" in names:
        columns.append(pl.when(~is_lambda).then(pl.col("x_integration_status")).alias("received_status"))
        known.append(columns[-1])
    if known:
        columns.append(pl.coalesce(known).alias("final_integration_status"))
    return columns


def _time_columns(names: set[str]) -> list[pl.Expr]:
    started = _started(names)
    integration = _or_null(names, "integration_latency_ms")
    logged, stated = _or_null(names, "latency_ms"), _or_null(names, "x_latency_ms")
    latency = pl.coalesce(logged, stated, _computed_latency(names, integration))
    source = (
        pl.when(logged.is_not_null())
        .then(pl.lit("access"))
        .when(stated.is_not_null())
        .then(pl.lit("execution"))
        .when(latency.is_not_null())
        .then(pl.lit("computed"))
    )
    firsts = [pl.col(name) for name in ("entry_at", "first_line_at") if name in names]
    lasts = [pl.col(name) for name in ("last_entry_at", "last_line_at") if name in names]
    believable = [pl.when((last - started).abs() <= LONGEST_REQUEST).then(last) for last in lasts]
    ended = pl.max_horizontal(started + latency, started, *believable)
    ingested = [pl.col(name) for name in ("entry_ingested_at", "line_ingested_at") if name in names]
    lag = pl.max_horizontal(ingested) - ended if ingested else pl.lit(None, pl.Int64)
    return [
        started.alias("started_at"),
        ended.alias("ended_at"),
        pl.min_horizontal(firsts).alias("first_event_at"),
        pl.max_horizontal(lasts).alias("last_event_at"),
        latency.alias("latency_ms"),
        source.cast(LATENCY_SOURCE).alias("latency_source"),
        _overhead(names, latency, source, integration).alias("overhead_ms"),
        lag.alias("lag_ms"),
        _state(names).cast(STATE).alias("state"),
    ]


def _overhead(names: set[str], latency: pl.Expr, source: pl.Expr, integration: pl.Expr) -> pl.Expr:
    """What the request took beside its integration; null where it would be the rounding of whole seconds."""
    overhead = (latency - integration).clip(lower_bound=0)
    if "closed_at" not in names:
        return overhead
    rounded = (source == "computed") & (pl.col("closed_at") % _SECOND == 0) & (pl.col("opened_at") % _SECOND == 0)
    return pl.when(~rounded.fill_null(value=False)).then(overhead)


def _or_null(names: set[str], name: str) -> pl.Expr:
    return pl.col(name) if name in names else pl.lit(None, pl.Int64)


def _started(names: set[str]) -> pl.Expr:
    field, entry = _or_null(names, "started_at"), _or_null(names, "entry_at")
    # `requestTime` knows whole seconds only; an entry stamped within that second says it better.
    within = (field % _SECOND == 0) & entry.is_between(field, field + _SECOND - 1)
    return pl.coalesce(
        _or_null(names, "stamped_at"),
        pl.when(within).then(entry).otherwise(field),
        entry,
        _or_null(names, "first_line_at"),
    )


def _computed_latency(names: set[str], integration: pl.Expr) -> pl.Expr:
    if "closed_at" not in names:
        return pl.lit(None, pl.Int64)
    began = pl.coalesce(_or_null(names, "stamped_at"), pl.col("opened_at"))
    span = pl.col("closed_at") - began
    # Timestamps of whole seconds (console tests) can say less than the integration alone took, or nothing.
    return pl.when((span > 0) & (span <= LONGEST_REQUEST) & (span >= integration.fill_null(0) - 1)).then(span)


def _state(names: set[str]) -> pl.Expr:
    if "is_over" not in names:
        return pl.lit("access_only")
    return (
        pl.when(pl.col("access_events") == 0)
        .then(pl.when(pl.col("is_over")).then(pl.lit("execution_only")).otherwise(pl.lit("in_flight")))
        .when(pl.col("execution_events") == 0)
        .then(pl.lit("access_only"))
        .otherwise(pl.lit("complete"))
    )
