"""Access log entries to typed columns, by the `$context` variable each value holds."""

from __future__ import annotations

from typing import Final

import polars as pl

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.access_template import line_regex, variables_of
from apigw_tui.core.access_variables import FIELD_VARIABLES
from apigw_tui.core.schema import FIELDS
from apigw_tui.core.text import sanitise_expr

_ABSENT: Final = ("", "-", "(none)", "null")
_CLF_TIME: Final = r"^[0-3][0-9]/[A-Za-z]{3}/[0-9]{4}:[0-2][0-9]:[0-5][0-9]:[0-5][0-9] [+-][01][0-9][0-5][0-9]$"
_EPOCH: Final = r"^([0-9]{10,13})(?:\.[0-9]+)?$"
_SECONDS_BELOW: Final = 100_000_000_000  # 5138 as seconds, 1973 as milliseconds
_TRACE: Final = r"(1-[0-9a-fA-F]{8}-[0-9a-fA-F]{24})"
_ROUTE_KEY: Final = r"^([A-Z]+) (/.*)$"
_ANY_METHOD: Final = "ANY"
_BIGGEST: Final = 2.0**53
_STATUSES: Final = (100, 999)


def _values(fmt: AccessFormat) -> dict[str, pl.Expr]:
    """The expression of each variable that the format logs; of doubles the first that is there."""
    found: dict[str, list[pl.Expr]] = {}
    for number, field in enumerate(fmt.fields):
        column = pl.col(str(number))
        if field.variable:
            found.setdefault(field.variable, []).append(_cleaned(column))
            continue
        for group, variable in enumerate(variables_of(field.template), start=1):
            part = column.str.extract(line_regex(field.template), group)
            found.setdefault(variable, []).append(_cleaned(part))
    return {variable: pl.coalesce(parts) for variable, parts in found.items()}


def _cleaned(value: pl.Expr) -> pl.Expr:
    """Without quotes that the format or the value brought along; null for what was not there."""
    bare = pl.when(value.str.starts_with('"')).then(value.str.strip_chars('"')).otherwise(value)
    return pl.when(~bare.is_in(_ABSENT)).then(bare)


def _whole(value: pl.Expr) -> pl.Expr:
    number = value.cast(pl.Float64, strict=False)
    fits = number.is_finite() & (number >= 0) & (number < _BIGGEST)
    return pl.when(fits).then(number.round()).cast(pl.Int64, strict=False)


def _status(value: pl.Expr) -> pl.Expr:
    number = _whole(value)
    return pl.when(number.is_between(*_STATUSES)).then(number).cast(pl.UInt16, strict=False)


def _time(value: pl.Expr) -> pl.Expr:
    """Epoch ms of a CLF time, or of epoch seconds or milliseconds."""
    written = pl.when(value.str.contains(_CLF_TIME)).then(value)
    clf = written.str.to_datetime("%d/%b/%Y:%H:%M:%S %z", time_unit="ms", strict=False).dt.epoch("ms")
    number = value.str.extract(_EPOCH).cast(pl.Int64, strict=False)
    epoch = pl.when(number < _SECONDS_BELOW).then(number * 1000).otherwise(number)
    return pl.coalesce(clf, epoch)


def _trace(value: pl.Expr) -> pl.Expr:
    return pl.coalesce(value.str.extract(_TRACE), value.str.strip_prefix("Root="))


def _typed(name: str, value: pl.Expr) -> pl.Expr:
    if name == "started_at":
        return _time(value)
    if name == "trace_id":
        return _trace(value)
    dtype = FIELDS.get(name, pl.String())
    if dtype == pl.UInt16:
        return _status(value)
    return _whole(value) if dtype == pl.Int64 else value


def _column(name: str, values: dict[str, pl.Expr]) -> pl.Expr:
    known = [_typed(name, values[variable]) for variable in FIELD_VARIABLES[name] if variable in values]
    return pl.coalesce(known) if known else pl.lit(None)


def _columns(values: dict[str, pl.Expr]) -> dict[str, pl.Expr]:
    columns = {name: _column(name, values) for name in FIELD_VARIABLES}
    if "routeKey" in values:
        key = values["routeKey"]
        method = key.str.extract(_ROUTE_KEY, 1)
        columns["method"] = pl.coalesce(columns["method"], pl.when(method != _ANY_METHOD).then(method))
        columns["route"] = pl.coalesce(columns["route"], key.str.extract(_ROUTE_KEY, 2), key)
    return columns


def read_access(messages: pl.Series, fmt: AccessFormat) -> pl.DataFrame:
    """`request_id`, FIELDS and `readable: Boolean`; one row per message, in order.

    The messages are sanitised; what JSON escapes hide in them is sanitised here.
    """
    raw = fmt.read(messages)
    if fmt.style == "json" and messages.str.contains("\\", literal=True).any():
        raw = raw.with_columns(sanitise_expr(pl.col(pl.String)))
    columns = _columns(_values(fmt))
    typed = [columns.get(name, pl.lit(None)).cast(dtype, strict=False).alias(name) for name, dtype in FIELDS.items()]
    return raw.select(columns["request_id"].cast(pl.String).alias("request_id"), *typed, pl.col("readable"))
