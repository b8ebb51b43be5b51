"""From evidence to cause: the rules of `diagnosis_rules` applied to many requests at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from apigw_tui.core.cause_texts import CAUSES, CauseText
from apigw_tui.core.diagnosis_rules import (
    AUTHORIZER_TROUBLE,
    AUTHORIZER_VERDICT,
    FIELD_RULES,
    FUNCTION_CRASH,
    FUNCTION_TIMEOUT,
    LINE_LEAD,
    LINE_RULES,
    REFUSALS,
    VARIABLES,
    FieldRule,
    LineRule,
    Precision,
)
from apigw_tui.core.schema import CAUSE, FAILURE_LINE_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["CAUSES", "CauseText", "body", "causes", "function_answers", "line_findings"]

_AUTHORIZER_KINDS: Final = (
    "authorizer_start",
    "authorizer_identity",
    "authorizer_result",
    "authorizer_policy",
    "authorizer_done",
)
_AUTHORIZER_OVER_KINDS: Final = (
    "authorizer_done",
    "usage_plan_start",
    "usage_plan_key",
    "usage_plan_done",
    "api_key_rejected",
    "throttled",
    "start",
    "method",
)
_ANSWER_STATUS: Final = r'^Endpoint response body before transformations: \{[\s\S]*?"statusCode"\s*:\s*"?(\d{3})\b'
_ERROR: Final = 400
_SERVER_ERROR: Final = 500


def body(message: pl.Expr) -> pl.Expr:
    """An execution line without its leading `(request id) ` or, in console tests, its date."""
    return message.str.replace(LINE_LEAD, "")


def authorizer_spans(lines: pl.DataFrame) -> pl.DataFrame:
    """Add `in_authorizer` and `has_authorizer` to execution lines that stand in true order.

    The authorizer logs the same endpoint and failure lines as the integration does: what stands before the
    usage plan check or the start of the execution is the authorizer's. At level ERROR only the failing lines
    exist; then a line that speaks of the authorizer tells. The type of the gateway response tells wherever it stands.
    """
    lines = lines.with_row_index("_row")
    kind = pl.col("line_kind")
    blames = (kind == "configuration_error") & pl.col("message").str.contains(AUTHORIZER_TROUBLE)
    verdict = (kind == "gateway_response") & pl.col("message").str.contains(AUTHORIZER_VERDICT)
    marks = lines.filter(kind.is_in(_AUTHORIZER_KINDS) | blames | verdict).get_column("key").unique()
    if marks.is_empty():
        no = pl.lit(value=False)
        return lines.drop("_row").with_columns(in_authorizer=no, has_authorizer=no)
    spans = (
        lines.filter(pl.col("key").is_in(marks.implode()))
        .group_by("key")
        .agg(_over=pl.col("_row").filter(kind.is_in(_AUTHORIZER_OVER_KINDS) & ~verdict.any()).max())
        .with_columns(has_authorizer=pl.lit(value=True))
    )
    before = pl.col("_over").is_null() | (pl.col("_row") < pl.col("_over"))
    return (
        lines.join(spans, on="key", how="left", maintain_order="left")
        .with_columns(pl.col("has_authorizer").fill_null(value=False))
        .with_columns(in_authorizer=pl.col("has_authorizer") & before)
        .drop("_row", "_over")
    )


def line_findings(lines: pl.DataFrame) -> pl.DataFrame:
    """What the failing lines prove: one row of key, `line_rule` (index) and `line_evidence` per request.

    `lines` are execution lines in true order, with the columns of `authorizer_spans`.
    """
    kind = pl.col("line_kind")
    refused = (kind == "endpoint_response_body") & pl.col("message").str.contains_any(list(REFUSALS))
    failing = lines.filter(kind.is_in(FAILURE_LINE_KINDS) | refused).with_columns(
        line_evidence=body(pl.col("message")).str.strip_chars_end()
    )
    found = (
        failing.drop_nulls("line_evidence")
        .select("key", "line_evidence", line_rule=_first_match([_line_condition(rule) for rule in LINE_RULES]))
        .drop_nulls("line_rule")
    )
    precisions = _by_rule(LINE_RULES)
    return (
        found.with_columns(_precision=_precision(pl.col("line_rule"), precisions))
        .sort("_precision", maintain_order=True)
        .unique("key", keep="first", maintain_order=True)
        .drop("_precision")
    )


def function_answers(lines: pl.DataFrame) -> pl.DataFrame:
    """What a function answered, as its logged answer says: one row per key.

    `answer_status` and `answer_line` of one behind proxy integration; `crash_line` of one that ended with an
    error, which other integrations map to any status.
    """
    answers = lines.filter((pl.col("line_kind") == "endpoint_response_body") & ~pl.col("in_authorizer")).select(
        "key", _body=body(pl.col("message")).str.strip_chars_end()
    )
    line, status = pl.col("_body"), pl.col("_body").str.extract(_ANSWER_STATUS, 1).cast(pl.UInt16)
    return (
        answers.select(
            "key",
            answer_status=status,
            answer_line=pl.when(status.is_not_null()).then(line),
            crash_line=pl.when(line.str.contains(FUNCTION_CRASH)).then(line),
        )
        .filter(pl.col("answer_status").is_not_null() | pl.col("crash_line").is_not_null())
        .unique("key", keep="first", maintain_order=True)
    )


def causes(requests: pl.DataFrame) -> pl.DataFrame:
    """`cause` and `evidence` of each row, in the order of the rows.

    Rows have `status` and, where known, the access fields of FIELDS, the columns of `line_findings` and
    `function_answers` (`crash_line` of functions only), and what the backend answered: `passed_status` (by the
    access entry), `received_status` with `received_line`. Below 400 there is no cause; without a status only a
    failing line or field makes one; from 400 on a request without evidence has the cause `unknown`.
    """
    rows = requests.with_row_index("_row")
    suspects = rows.filter((pl.col("status") >= _ERROR) | pl.col("status").is_null())
    if suspects.is_empty():
        return pl.DataFrame(schema={"cause": CAUSE, "evidence": pl.String}).clear(requests.height)
    found = _findings(_with_field_rules(suspects))
    if suspects.height == rows.height:
        return found.select("cause", "evidence")
    return rows.select("_row").join(found, on="_row", how="left", maintain_order="left").drop("_row")


def _findings(suspects: pl.DataFrame) -> pl.DataFrame:
    """`_row`, `cause` and `evidence`, from the rule of the lines and the rule of the fields."""
    suspects = _complete(
        suspects, {"line_rule": pl.UInt8, "line_evidence": pl.String, "crash_line": pl.String}
    ).with_columns(_yielding("line_rule", LINE_RULES), _yielding("_field_rule", FIELD_RULES))
    line, field = pl.col("line_rule"), pl.col("_field_rule")
    line_precision = _precision(line, _by_rule(LINE_RULES)).fill_null(len(Precision))
    field_precision = _precision(field, _by_rule(FIELD_RULES)).fill_null(len(Precision))
    line_wins = (line_precision <= field_precision) & line.is_not_null()
    backend_code, backend_evidence = _backend(suspects.columns)
    code = (
        pl.when(line_wins)
        .then(_code(line, LINE_RULES))
        .when(field.is_not_null())
        .then(_code(field, FIELD_RULES))
        .otherwise(backend_code)
    )
    evidence = (
        pl.when(line_wins)
        .then(pl.col("line_evidence"))
        .when(field.is_not_null())
        .then(_field_evidence(suspects.columns))
        .otherwise(backend_evidence)
    )
    unproven = pl.when(pl.col("status") >= _ERROR).then(pl.lit("unknown"))
    return suspects.select("_row", cause=pl.coalesce(code, unproven).cast(CAUSE), evidence=evidence.cast(pl.String))


def _yielding(rule: str, rules: Sequence[LineRule] | Sequence[FieldRule]) -> pl.Expr:
    """A rule that leaves the cause open says less than what a function answered that ended with an error."""
    is_open = _precision(pl.col(rule), _by_rule(rules)) == Precision.RESIDUAL
    return (
        pl.when(~(is_open & pl.col("crash_line").is_not_null()).fill_null(value=False)).then(pl.col(rule)).alias(rule)
    )


def _backend(columns: Iterable[str]) -> tuple[pl.Expr, pl.Expr]:
    """The backend's own answer passed on: its status is the request's, and the gateway reports no failure."""
    names = set(columns)
    status = pl.col("status")
    reported = [pl.col(name).is_not_null() for name in ("response_type", "integration_error") if name in names]
    quiet = ~pl.any_horizontal(reported) if reported else pl.lit(value=True)
    own = [
        pl.when(quiet & (pl.col(column) == status)).then(evidence)
        for column, evidence in (
            ("integration_status", pl.format("integration.status: {}", "integration_status")),
            ("passed_status", pl.format("integrationStatus: {}", "passed_status")),
            ("received_status", pl.col("received_line")),
            ("answer_status", pl.col("answer_line")),
        )
        if column in names
    ]
    evidence = pl.coalesce(own) if own else pl.lit(None, pl.String)
    crash = pl.col("crash_line") if "crash_line" in names else pl.lit(None, pl.String)
    crashed = (
        pl.when(crash.str.contains(FUNCTION_TIMEOUT))
        .then(pl.lit("lambda_timeout"))
        .when(crash.is_not_null())
        .then(pl.lit("lambda_function_error"))
    )
    code = (
        pl.when(evidence.is_null())
        .then(crashed)
        .when(status >= _SERVER_ERROR)
        .then(pl.lit("backend_error"))
        .otherwise(pl.lit("backend_client_error"))
    )
    return code, pl.coalesce(evidence, crash)


def _with_field_rules(suspects: pl.DataFrame) -> pl.DataFrame:
    """Add `_field_rule`: the index of the first access rule that matches each row.

    Texts repeat a lot, so the rules of a column are tried on its distinct values only.
    """
    by_column: dict[str, list[tuple[int, FieldRule]]] = {}
    for index, rule in enumerate(FIELD_RULES):
        if rule.column in suspects.columns:
            by_column.setdefault(rule.column, []).append((index, rule))
    matches = []
    for column, rules in by_column.items():
        name = f"_rule_{column}"
        values = suspects.select(column, "status").drop_nulls(column).unique()
        values = values.with_columns(
            _first_match([_field_condition(rule) for _, rule in rules], [index for index, _ in rules]).alias(name)
        ).drop_nulls(name)
        if not values.is_empty():
            suspects = suspects.join(values, on=[column, "status"], how="left", maintain_order="left", nulls_equal=True)
            matches.append(pl.col(name))
    first = pl.min_horizontal(matches) if matches else pl.lit(None, pl.UInt8)
    return suspects.with_columns(_field_rule=first)


def _field_evidence(columns: Sequence[str]) -> pl.Expr:
    quotes = []
    for column, variable in VARIABLES.items():
        rules = [index for index, rule in enumerate(FIELD_RULES) if rule.column == column]
        if rules and column in columns:
            quote = pl.concat_str(pl.lit(f"{variable}: "), pl.col(column).cast(pl.String))
            quotes.append(pl.when(pl.col("_field_rule").is_in(rules)).then(quote))
    return pl.coalesce(quotes) if quotes else pl.lit(None, pl.String)


def _line_condition(rule: LineRule) -> pl.Expr:
    condition = pl.col("line_kind").is_in(rule.kinds)
    if rule.pattern is not None:
        condition &= pl.col("line_evidence").str.contains(rule.pattern)
    if rule.place == "in authorizer":
        condition &= pl.col("in_authorizer")
    elif rule.place == "after authorizer":
        condition &= pl.col("has_authorizer")
    return condition


def _field_condition(rule: FieldRule) -> pl.Expr:
    column = pl.col(rule.column)
    if rule.pattern is not None:
        condition = column.str.contains(rule.pattern)
    else:
        condition = column.is_between(rule.low or 0, rule.high)
    if rule.statuses is not None:
        condition &= pl.col("status").is_null() | pl.col("status").is_between(*rule.statuses)
    return condition


def _first_match(conditions: Sequence[pl.Expr], indexes: Sequence[int] | None = None) -> pl.Expr:
    numbers = indexes if indexes is not None else range(len(conditions))
    return pl.coalesce(
        pl.when(condition).then(pl.lit(number, pl.UInt8)) for number, condition in zip(numbers, conditions, strict=True)
    )


def _by_rule(rules: Sequence[LineRule] | Sequence[FieldRule]) -> list[int]:
    return [int(rule.precision) for rule in rules]


def _precision(rule: pl.Expr, precisions: Sequence[int]) -> pl.Expr:
    return rule.replace_strict(list(range(len(precisions))), list(precisions), return_dtype=pl.UInt8)


def _code(rule: pl.Expr, rules: Sequence[LineRule] | Sequence[FieldRule]) -> pl.Expr:
    codes = [each.code for each in rules]
    return rule.replace_strict(list(range(len(codes))), codes, return_dtype=pl.String)


def _complete(frame: pl.DataFrame, columns: dict[str, type[pl.DataType]]) -> pl.DataFrame:
    missing = {name: dtype for name, dtype in columns.items() if name not in frame.columns}
    return frame.with_columns(pl.lit(None, dtype).alias(name) for name, dtype in missing.items())
