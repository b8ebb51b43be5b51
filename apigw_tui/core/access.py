"""Access log entries to typed columns, by the `$context` variable each value holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import polars as pl

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.access_template import line_regex, variables_of
from apigw_tui.core.access_variables import FIELD_VARIABLES
from apigw_tui.core.schema import FIELDS
from apigw_tui.core.text_columns import sanitise_expr

_NULL: Final = "null"
_ABSENT: Final = ("", "-", "(none)", _NULL)
_BEHIND_MARKS: Final = "."
"""All that `_cleaned` looks for but null sorts before it: quotes, parentheses, dashes and nothing."""

_TYPED: Final = frozenset({"routeKey", *(name for names in FIELD_VARIABLES.values() for name in names)})
_CLF_TIME: Final = r"^[0-3][0-9]/[A-Za-z]{3}/[0-9]{4}:[0-2][0-9]:[0-5][0-9]:[0-5][0-9] [+-][01][0-9][0-5][0-9]$"
_EPOCH: Final = r"^([0-9]{10,13})(?:\.[0-9]+)?$"
_SECONDS_BELOW: Final = 100_000_000_000  # 5138 as seconds, 1973 as milliseconds
_TRACE: Final = r"(1-[0-9a-fA-F]{8}-[0-9a-fA-F]{24})"
_ROUTE_KEY: Final = r"^([A-Z]+) (/.*)$"
_RESPONSE_TYPE: Final = r"^[A-Z0-9_]+$"
_ANY_METHOD: Final = "ANY"
_TRACE_LENGTH: Final = 35
_ROOT: Final = "Root="
_DIGITS: Final = 13
_THIRTEEN_DIGITS: Final = 10 ** (_DIGITS - 1)
_BIGGEST: Final = 2.0**53
_STATUSES: Final = (100, 999)


def _values(fmt: AccessFormat, raw: pl.DataFrame) -> dict[str, pl.Expr]:
    """The expression of each variable that the format logs and a column tells; of doubles the first that is there."""
    found: dict[str, list[pl.Expr]] = {}
    for number, field in enumerate(fmt.fields):
        column = pl.col(str(number))
        if field.variable:
            if field.variable in _TYPED:
                is_clean = _is_clean(raw.get_column(str(number)))
                found.setdefault(field.variable, []).append(column if is_clean else _cleaned(column))
            continue
        for group, variable in enumerate(variables_of(field.template), start=1):
            part = column.str.extract(line_regex(field.template), group)
            found.setdefault(variable, []).append(_cleaned(part))
    return {variable: pl.coalesce(parts) for variable, parts in found.items()}


def _is_clean(values: pl.Series) -> bool:
    """Whether `_cleaned` would change nothing, told by first characters alone: most columns have no such value."""
    return not (values < _BEHIND_MARKS).any() and not (values == _NULL).any()


def _cleaned(value: pl.Expr) -> pl.Expr:
    """Without quotes that the format or the value brought along; null for what was not there."""
    bare = pl.when(value.str.starts_with('"')).then(value.str.strip_chars('"')).otherwise(value)
    return pl.when(~bare.is_in(_ABSENT)).then(bare)


def _by_column(quick: Callable[[pl.Series], pl.Series | None], value: pl.Expr, slow: pl.Expr, dtype: Any) -> pl.Expr:
    """The quick way where it is right for all of a column, else the slow one that is right for any."""

    def read(values: pl.Series) -> pl.Series:
        found = quick(values)
        return values.alias("value").to_frame().select(slow).to_series() if found is None else found

    return value.map_batches(read, return_dtype=dtype)


def _whole(value: pl.Expr) -> pl.Expr:
    return _by_column(_digits, value, _number(pl.col("value")), pl.Int64)


def _number(text: pl.Expr) -> pl.Expr:
    number = text.cast(pl.Float64, strict=False)
    fits = number.is_finite() & (number >= 0) & (number < _BIGGEST)
    return pl.when(fits).then(number.round()).cast(pl.Int64, strict=False)


def _digits(values: pl.Series) -> pl.Series | None:
    """Whole numbers; None when one of the values is none."""
    numbers = values.cast(pl.Int64, strict=False)
    if numbers.null_count() > values.null_count() or not numbers.is_between(0, int(_BIGGEST) - 1).all():
        return None
    return numbers


def _status(value: pl.Expr) -> pl.Expr:
    number = _number(pl.col("value"))
    slow = pl.when(number.is_between(*_STATUSES)).then(number).cast(pl.UInt16, strict=False)
    return _by_column(_three_digits, value, slow, pl.UInt16)


def _three_digits(values: pl.Series) -> pl.Series | None:
    """Statuses; None when one of the values is none."""
    numbers = values.cast(pl.UInt16, strict=False)
    is_sure = numbers.null_count() == values.null_count() and numbers.is_between(*_STATUSES).all()
    return numbers if is_sure else None


def _time(value: pl.Expr) -> pl.Expr:
    """Epoch ms of a CLF time, or of epoch seconds or milliseconds."""
    text = pl.col("value")
    written = pl.when(text.str.contains(_CLF_TIME)).then(text)
    clf = written.str.to_datetime("%d/%b/%Y:%H:%M:%S %z", time_unit="ms", strict=False).dt.epoch("ms")
    number = text.str.extract(_EPOCH).cast(pl.Int64, strict=False)
    epoch = pl.when(number < _SECONDS_BELOW).then(number * 1000).otherwise(number)
    return _by_column(_epoch, value, pl.coalesce(clf, epoch), pl.Int64)


def _epoch(values: pl.Series) -> pl.Series | None:
    """Epoch ms of 13 digits each; None when one of the values is something else."""
    numbers = _digits(values)
    digits = numbers is not None and (numbers >= _THIRTEEN_DIGITS).all() and (values.str.len_bytes() == _DIGITS).all()
    return numbers if digits else None


def _trace(value: pl.Expr) -> pl.Expr:
    text = pl.col("value")
    slow = pl.coalesce(text.str.extract(_TRACE), text.str.strip_prefix(_ROOT))
    return _by_column(_root, value, slow, pl.String)


def _root(values: pl.Series) -> pl.Series | None:
    """What follows `Root=`; None when one of the values is longer than a trace ID and may hold it anywhere."""
    bare = values.str.strip_prefix(_ROOT)
    return bare if (bare.str.len_bytes() <= _TRACE_LENGTH).all() else None


def _typed(name: str, value: pl.Expr) -> pl.Expr:
    if name == "started_at":
        return _time(value)
    if name == "trace_id":
        return _trace(value)
    if name == "response_type":
        return pl.when(value.str.contains(_RESPONSE_TYPE)).then(value)
    dtype = FIELDS.get(name, pl.String())
    if dtype == pl.UInt16:
        return _status(value)
    return _whole(value) if dtype == pl.Int64 else value


def _column(name: str, values: dict[str, pl.Expr]) -> pl.Expr | None:
    known = [_typed(name, values[variable]) for variable in FIELD_VARIABLES[name] if variable in values]
    return pl.coalesce(known) if known else None


def _columns(values: dict[str, pl.Expr]) -> dict[str, pl.Expr]:
    found = {name: column for name in FIELD_VARIABLES if (column := _column(name, values)) is not None}
    if "routeKey" in values:
        key, nothing = values["routeKey"], pl.lit(None, pl.String)
        method = key.str.extract(_ROUTE_KEY, 1)
        found["method"] = pl.coalesce(found.get("method", nothing), pl.when(method != _ANY_METHOD).then(method))
        found["route"] = pl.coalesce(found.get("route", nothing), key.str.extract(_ROUTE_KEY, 2), key)
    return found


def read_access(messages: pl.Series, fmt: AccessFormat) -> pl.DataFrame:
    """`request_id`, FIELDS and `readable: Boolean`; one row per message, in order.

    The messages are sanitised; what JSON escapes hide in them is sanitised here.
    """
    raw = fmt.read(messages)
    if fmt.style == "json" and messages.str.contains("\\", literal=True).any():
        raw = raw.with_columns(sanitise_expr(pl.col(pl.String)))
    found = typed_values(raw, fmt)
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in FIELDS.items() if name not in found.columns]
    return found.with_columns(missing).select("request_id", *FIELDS, "readable")


def typed_values(raw: pl.DataFrame, fmt: AccessFormat) -> pl.DataFrame:
    """`request_id`, those of FIELDS that the format has, and `readable`, from what `fmt.read` gave."""
    values = _values(fmt, raw)
    cleaned = raw.select(**values, readable=pl.col("readable"))
    columns = {"request_id": pl.lit(None), **_columns({variable: pl.col(variable) for variable in values})}
    typed = [column.cast(FIELDS.get(name, pl.String()), strict=False).alias(name) for name, column in columns.items()]
    return cleaned.select(*typed, "readable")
