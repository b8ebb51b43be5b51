"""Raw events to parsed ones: sanitised, told apart, and read into columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import polars as pl

from apigw_tui.core.access import read_access, typed_values
from apigw_tui.core.access_alike import read_alike
from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.access_sniff import guess_each
from apigw_tui.core.canary import stage_scope
from apigw_tui.core.execution import (
    TEST_DATE,
    line_kinds,
    named_request,
    read_execution,
    split_prefix,
    stands_alone,
)
from apigw_tui.core.lambda_lines import LAMBDA_GROUP, in_invocation, is_lambda_line, read_lambda
from apigw_tui.core.nameless import nameless_keys
from apigw_tui.core.request_ids import REQUEST_ID
from apigw_tui.core.schema import FIELDS, KIND, LINE_KIND, PARSED_EVENTS, RAW_EVENTS, request_key
from apigw_tui.core.shared_ids import replaced_keys
from apigw_tui.core.stage import EXECUTION_GROUP_PREFIX
from apigw_tui.core.text_columns import sanitise_series

_TRUNCATED: Final = " [TRUNCATED]"
_NO_ACCESS_GROUPS: Final = (LAMBDA_GROUP, EXECUTION_GROUP_PREFIX)
_READ: Final = ("kind", "line_kind", "request_id", *FIELDS)


def _sanitised(raw: pl.DataFrame) -> pl.DataFrame:
    events = raw.select(pl.col(name).cast(dtype) for name, dtype in RAW_EVENTS.items())
    messages = sanitise_series(events["message"].fill_null(""))
    names = _sanitised_names(events["log_group"]), _sanitised_names(events["log_stream"])
    return events.with_columns(messages, *names, stage_scope(pl.col("scope")))


def _sanitised_names(names: pl.Series) -> pl.Series:
    """The same names again and again: mostly there is nothing to do for any."""
    distinct = names.unique()
    return names if sanitise_series(distinct).equals(distinct) else sanitise_series(names)


def _lane(formats: Mapping[str, AccessFormat]) -> pl.Expr:
    """What a message is, as far as its group and first characters tell; null where they do not."""
    group, message = pl.col("log_group").fill_null(""), pl.col("message")
    bracketed = [name for name, fmt in formats.items() if fmt.source.lstrip().startswith("(")]
    in_execution_group = group.str.starts_with(EXECUTION_GROUP_PREFIX)
    return (
        pl.when(group.str.starts_with(LAMBDA_GROUP))
        .then(pl.lit("lambda"))
        .when(in_execution_group | (pl.col("prefix").str.contains(REQUEST_ID) & ~group.is_in(bracketed)))
        .then(pl.lit("execution"))
        .when(is_lambda_line(message))
        .then(pl.lit("lambda"))
        .when(group.is_in(list(formats)))
        .then(pl.lit("access"))
    )


def _are_entries(events: pl.DataFrame, formats: Mapping[str, AccessFormat]) -> bool:
    """Whether all are surely entries in groups whose format is known: of a batch mostly all are or none."""
    groups = events.get_column("log_group").unique()
    if not all(group in formats and not group.startswith(_NO_ACCESS_GROUPS) for group in groups):
        return False
    message = pl.col("message").str
    # A line of Lambda's begins with its time.
    sure = message.starts_with('{"') & ~message.starts_with('{"time"')
    return bool(events.head(1).select(sure).item()) and bool(events.select(sure.all()).item())


def _is_execution(rest: pl.DataFrame) -> pl.Series:
    """Whether a message is an execution line by its words, behind an odd ID or alone, or by a test's date.

    Others date their lines in the same way: a test is where one of the lines is of a known kind.
    """
    body = pl.when(pl.col("prefix").is_not_null()).then(pl.col("body"))
    known = line_kinds(rest.select(body.alias("body")).to_series()) != "unknown"
    alone = stands_alone(rest.get_column("message"))
    return known.fill_null(value=False) | alone | _is_of_test(rest)


def _is_of_test(rest: pl.DataFrame) -> pl.Series:
    message = pl.col("message").str
    dated = rest.select(message.contains(TEST_DATE)).to_series()
    if not dated.any():
        return dated
    kinds = line_kinds(rest.select(message.replace(TEST_DATE, "").alias("body")).to_series())
    stream = [pl.col("log_group").fill_null(""), pl.col("log_stream").fill_null("")]
    marked = rest.select(*stream, dated=dated, known=dated & (kinds != "unknown"))
    return marked.select(pl.col("dated") & pl.col("known").any().over("log_group", "log_stream")).to_series()


def _read_executions(lines: pl.DataFrame) -> pl.DataFrame:
    if lines.height == 0:
        return _nothing()
    undated = pl.when(pl.col("prefix").is_null()).then(pl.col("body").str.replace(TEST_DATE, ""))
    read = lines.with_columns(body=pl.coalesce(undated, "body"))
    fields = read_execution(read.get_column("body"))
    request_ids = _carried(read.hstack(fields.select("line_kind")))
    return fields.with_columns(row=lines.get_column("row"), kind=pl.lit("execution", KIND), request_id=request_ids)


def _carried(lines: pl.DataFrame) -> pl.Series:
    """The request ID of each line; without one before it, that of the last line in its stream that names one.

    Only lines of 2016 and of console tests have no ID; both come one request after the other. A test names
    itself in its first line, by another ID than its `Starting execution` line may.
    """
    own = lines.get_column("prefix")
    if own.null_count() == 0:
        return own.alias("request_id")
    stream = [pl.col("log_group").fill_null(""), pl.col("log_stream").fill_null("")]
    bare = lines.with_row_index("at").filter(pl.col("prefix").is_null())
    named = named_request(pl.col("body"))
    in_test = pl.col("message").str.contains(TEST_DATE) | (pl.col("line_kind") == "test_invoke")
    test = pl.when(pl.col("line_kind") == "test_invoke").then(named)
    # The first line of a request stands before the one that names it.
    is_first = (pl.col("line_kind") == "extended_request_id") & ~pl.col("in_test")
    own_or_next = pl.when(is_first).then(pl.col("named").shift(-1).over(stream)).otherwise(pl.col("named"))
    found = (
        bare.with_columns(named=named, test=test, in_test=in_test)
        .with_columns(named=own_or_next)
        .with_columns(pl.col("named", "test").forward_fill().over(stream))
    )
    told = pl.when("in_test").then(pl.coalesce("test", "named")).otherwise(pl.col("named"))
    goes_on = (pl.col("line_kind") == "unknown") & ~pl.col("in_test")
    carried = pl.when(~goes_on).then(told).forward_fill().over(stream)
    ids = lines.with_row_index("at").select("at", "prefix")
    joined = ids.join(found.select("at", carried=carried), on="at", how="left", maintain_order="left")
    return joined.select(pl.coalesce("prefix", "carried").alias("request_id")).to_series()


def _read_lambdas(lines: pl.DataFrame) -> pl.DataFrame:
    if lines.height == 0:
        return _nothing()
    found = read_lambda(lines.get_column("message"))
    streams = lines.select("log_group", "log_stream").hstack(found.select("line_kind", "request_id"))
    request_ids = in_invocation(streams)
    return found.with_columns(request_ids, row=lines.get_column("row"), kind=pl.lit("lambda", KIND))


def _printed(marks: pl.DataFrame, rest: pl.DataFrame) -> pl.DataFrame:
    """Of the rest, what functions printed between the lines that start and end their invocations."""
    if marks.height == 0 or rest.height == 0:
        return rest.clear()
    told = read_lambda(marks.get_column("message")).select("line_kind", "request_id")
    bare = rest.with_columns(line_kind=pl.lit("lambda_log", LINE_KIND), request_id=pl.lit(None, pl.String))
    both = pl.concat([marks.hstack(told), bare]).sort("row").with_columns(named=pl.col("request_id").is_not_null())
    inside = both.with_columns(in_invocation(both)).filter(pl.col("request_id").is_not_null() & ~pl.col("named"))
    return rest.join(inside.select("row"), on="row", how="semi", maintain_order="left")


def _nothing() -> pl.DataFrame:
    return pl.DataFrame(schema={"row": pl.UInt32})


def _entries(rows: pl.Series, found: pl.DataFrame) -> pl.DataFrame:
    return found.with_columns(row=rows, kind=pl.lit("access", KIND), line_kind=pl.lit(None, LINE_KIND))


def _guessed(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines that look like access entries, read by the format they look like."""
    parts: list[pl.DataFrame] = []
    rows = lines.get_column("row")
    for alike in read_alike(lines.get_column("message")):
        parts.append(_entries(rows.gather(alike.rows), typed_values(alike.values, alike.format)))
        lines = _without(lines, parts[-1])
    if lines.height:
        sources = lines.with_columns(source=guess_each(lines.get_column("message"))).drop_nulls("source")
        for (source,), chosen in sources.group_by("source", maintain_order=True):
            parts.append(_read_entries(chosen, AccessFormat.guess(str(source))))
    readable = [part if part["readable"].all() else part.filter("readable") for part in parts]
    return pl.concat(readable, how="diagonal") if readable else _nothing()


def _read_entries(lines: pl.DataFrame, fmt: AccessFormat) -> pl.DataFrame:
    return _entries(lines.get_column("row"), read_access(lines.get_column("message"), fmt))


def _without(lines: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    if found.height == 0:
        return lines
    if found.height == lines.height:
        return lines.clear()
    return lines.join(found.select("row"), on="row", how="anti", maintain_order="left")


def _known_formats(lines: pl.DataFrame, formats: Mapping[str, AccessFormat]) -> Iterator[pl.DataFrame]:
    """Entries of groups with a known format; what it cannot read may be of an older one, else unknown."""
    groups = lines.get_column("log_group").unique(maintain_order=True).to_list()
    for group in groups:
        chosen = lines if len(groups) == 1 else lines.filter(pl.col("log_group") == group)
        access_format, rest = formats[group], chosen
        for found in _readable(chosen, access_format):
            yield found
            rest = _without(rest, found)
        if rest.height:
            older = _guessed(rest)
            yield older
            unknown = _without(rest, older)
            yield unknown.select("row", kind=pl.lit("access", KIND), line_kind=pl.lit("unknown", LINE_KIND))


def _readable(lines: pl.DataFrame, access_format: AccessFormat) -> Iterator[pl.DataFrame]:
    """The entries that a format can read: those that are alike together, then the rest."""
    rows, rest = lines.get_column("row"), lines
    for alike in read_alike(lines.get_column("message"), access_format) if access_format.style == "json" else ():
        if alike.format is not access_format:
            break
        found = _entries(rows.gather(alike.rows), typed_values(alike.values, access_format))
        yield found
        rest = _without(rest, found)
    if rest.height:
        yield _read_entries(rest, access_format).filter("readable")


def _parts(events: pl.DataFrame, formats: Mapping[str, AccessFormat]) -> list[pl.DataFrame]:
    prefix, body = pl.lit(None, pl.String), pl.col("message")
    if events.get_column("message").str.starts_with("(").any():
        prefix, body = split_prefix(pl.col("message"))
    lines = events.select("row", "log_group", "log_stream", "message", prefix=prefix, body=body)
    lane = pl.lit("access") if _are_entries(events, formats) else _lane(formats)
    lines = lines.with_columns(lane=lane)
    rest = lines.filter(pl.col("lane").is_null())
    # No execution line begins as a JSON object does.
    worded = rest.filter(~pl.col("message").str.starts_with("{"))
    executions = worded.filter(_is_execution(worded)) if worded.height else worded
    rest = _without(rest, executions)
    guesses = _guessed(rest)
    rest = _without(rest, guesses)
    lambdas = lines.filter(pl.col("lane") == "lambda")
    printed = _printed(lambdas, rest)
    others = _without(rest, printed).select("row", kind=pl.lit("other", KIND))
    told = pl.concat([lines.filter(pl.col("lane") == "execution"), executions]).sort("row")
    access = lines.filter(pl.col("lane") == "access")
    return [
        _read_executions(told),
        _read_lambdas(pl.concat([lambdas, printed]).sort("row")),
        *_known_formats(access, formats),
        guesses,
        others,
    ]


def _is_truncated(events: pl.DataFrame) -> pl.Expr:
    """Whether API Gateway cut a message, or a line of a test's transcript."""
    message = pl.col("message").str
    cut = message.strip_chars_end().str.ends_with(_TRUNCATED)
    in_test = (pl.col("line_kind") == "test_invoke").fill_null(value=False)
    if not events.select(in_test.any()).item():
        return cut
    return cut | (in_test & message.contains(f"{_TRUNCATED}\n", literal=True))


def _keyed(events: pl.DataFrame) -> pl.DataFrame:
    """Adds the key. An access entry without request ID has the key of its extended one.

    See also `replaced_keys` and `nameless_keys`.
    """
    lambda_line = pl.col("kind") == "lambda"
    scope = pl.when(lambda_line).then(pl.lit("")).otherwise(pl.col("scope").fill_null(""))
    extended = pl.when(pl.col("kind") == "access").then(pl.col("extended_request_id"))
    keyed = replaced_keys(events, request_key(scope, pl.coalesce("request_id", extended)))
    return keyed.with_columns(nameless_keys(keyed, keyed.get_column("key")))


def parse_events(raw: pl.DataFrame, formats: Mapping[str, AccessFormat]) -> pl.DataFrame:
    """PARSED_EVENTS of RAW_EVENTS, row for row; `formats` are the access formats known, by log group.

    Nothing is dropped or moved: what cannot be told is `other`, what cannot be read has the line kind
    `unknown`.
    """
    events = _sanitised(raw).with_row_index("row")
    if events.height == 0:
        return pl.DataFrame(schema=PARSED_EVENTS)
    parts = [part for part in _parts(events, formats) if part.height]
    found = pl.concat(parts, how="diagonal")
    if not found["row"].is_sorted():
        found = found.sort("row")
    if found.height != events.height:
        raise AssertionError(f"{events.height} events came out as {found.height}")
    missing = [pl.lit(None).alias(name) for name in _READ if name not in found.columns]
    read = found.with_columns(missing).select(
        pl.col("kind").cast(KIND),
        pl.col("line_kind").cast(LINE_KIND),
        pl.col("request_id").cast(pl.String),
        *FIELDS,
    )
    whole = events.drop("row").hstack(read)
    whole = whole.with_columns(truncated=_is_truncated(whole))
    return _keyed(whole).select(pl.col(name).cast(dtype) for name, dtype in PARSED_EVENTS.items())
