"""What requests are compared by: for each field how its values come out of REQUESTS, and the query's word for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Final

import polars as pl

from apigw_tui.core.access_variables import FIELD_VARIABLES
from apigw_tui.core.board import exact_term
from apigw_tui.core.query_ast import ACCESS, Node, Term, Value

if TYPE_CHECKING:
    from apigw_tui.core.access_format import AccessFormat
    from apigw_tui.core.access_layout import AccessField

NOTHING: Final = "\x00"
"""The value of a request of which it is known that it has none; null is unknown. Log text never holds it."""

_V6_NETWORK: Final = 64
_BANDS: Final = (
    ("below 100 ms", ("<100ms",)),
    ("100 ms – 1 s", (">=100ms", "<1s")),
    ("1 – 5 s", (">=1s", "<5s")),
    ("5 – 20 s", (">=5s", "<20s")),
    ("20 s and more", (">=20s",)),
)
_BAND_STARTS: Final = (100, 1_000, 5_000, 20_000)


@dataclass(frozen=True)
class ComparedField:
    """One field: `values` makes Strings of `columns`; `terms` says what the query asks for one of them.

    Of an `optional` field no value means something, wherever the access format logs it. An `effect` is how a
    request went, not what it was.
    """

    name: str
    columns: tuple[str, ...]
    values: Callable[[], pl.Expr]
    terms: Callable[[str | None], tuple[Node, ...]]
    optional: str | None = None
    fixed_by: tuple[str, ...] = ()
    """Query fields that decide on its values: what a query asks for need not be found out."""
    effect: bool = False


def compared_fields(formats: Mapping[str, AccessFormat]) -> tuple[ComparedField, ...]:
    """The fields of REQUESTS, those that tell most first; no value counts only where all `formats` log the field."""
    return tuple(field if _is_told(field, formats) else _as_known(field) for field in _FIELDS)


def own_fields(access_format: AccessFormat) -> tuple[AccessField, ...]:
    """The fields of an access format that say what no column does, and nothing of how a request went."""
    return tuple(field for field in access_format.fields if field.name and not _is_column_or_outcome(field))


def access_field(name: str) -> ComparedField:
    """A field of the access format by its name; its column is called like the query's field."""
    column = ACCESS + name
    return ComparedField(
        column, (column,), lambda: pl.col(column), lambda value: (exact_term(column, value),), fixed_by=(column,)
    )


def _is_told(field: ComparedField, formats: Mapping[str, AccessFormat]) -> bool:
    if field.optional is None:
        return True
    variables = FIELD_VARIABLES[field.optional]
    return bool(formats) and all(not known.variables.isdisjoint(variables) for known in formats.values())


def _as_known(field: ComparedField) -> ComparedField:
    def values() -> pl.Expr:
        value = field.values()
        return pl.when(value != NOTHING).then(value)

    return ComparedField(field.name, field.columns, values, field.terms, None, field.fixed_by, field.effect)


_COLUMN_VARIABLES: Final = frozenset(variable for variables in FIELD_VARIABLES.values() for variable in variables)
_OUTCOME: Final = re.compile(
    r"(?i)status|error|latency|time|length|bytes|size|response|message|request_?id|trace_?id|epoch|validation|date"
)


def _is_column_or_outcome(field: AccessField) -> bool:
    return field.variable in _COLUMN_VARIABLES or field.variable == "routeKey" or bool(_OUTCOME.search(_said(field)))


def _said(field: AccessField) -> str:
    return field.variable or field.name


def _plain(name: str, column: str, *, optional: bool = False, fixed_by: tuple[str, ...] = ()) -> ComparedField:
    def values() -> pl.Expr:
        value = pl.col(column).cast(pl.String)
        nothing = pl.when(pl.col("access_events") > 0).then(pl.lit(NOTHING))
        return value.fill_null(nothing) if optional else value

    columns = (column, "access_events") if optional else (column,)
    return ComparedField(
        name,
        columns,
        values,
        lambda value: (exact_term(name, value),),
        column if optional else None,
        fixed_by or (name,),
    )


def _operation() -> pl.Expr:
    return pl.col("method") + " " + pl.col("route")


def _operation_terms(value: str | None) -> tuple[Node, ...]:
    method, _, route = (value or "").partition(" ")
    return exact_term("method", method), exact_term("route", route)


def _untold(_value: str | None) -> tuple[Node, ...]:
    """The query has no word for it."""
    return ()


def _network() -> pl.Expr:
    address = pl.col("source_ip")
    v4 = address.str.extract(r"^(\d+\.\d+\.\d+)\.\d+$") + ".0/24"
    v6 = pl.when(address.str.contains(":", literal=True)).then(address)
    return v4.fill_null(v6.map_batches(_v6_networks, return_dtype=pl.String, is_elementwise=True))


def _v6_networks(addresses: pl.Series) -> pl.Series:
    distinct = addresses.drop_nulls().unique().to_list()
    return addresses.replace_strict(
        distinct, [_v6_network(text) for text in distinct], default=None, return_dtype=pl.String
    )


def _v6_network(text: str) -> str | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return str(ip_network((address, _V6_NETWORK), strict=False)) if address.version != 4 else None  # noqa: PLR2004


def _family() -> pl.Expr:
    agent = pl.col("user_agent")
    nothing = pl.when(pl.col("access_events") > 0).then(pl.lit(NOTHING))
    return pl.when(agent.is_null()).then(nothing).otherwise(agent.str.extract(r"^([^/\s;(*]+)/"))


def _family_terms(value: str | None) -> tuple[Node, ...]:
    return (exact_term("agent", None) if value is None else Term("agent", ":", (Value(f"{value}/*"),)),)


def _host() -> pl.Expr:
    return pl.col("integration_uri").str.extract(r"^[a-z]+://([^/?#:]+)")


def _stage() -> pl.Expr:
    return pl.col("stage").fill_null(pl.when(pl.col("scope") != "").then(pl.col("scope").str.extract(r"([^/]+)$")))


def _band() -> pl.Expr:
    latency = pl.col("latency_ms")
    labels = [label for label, _ in _BANDS]
    longer = [
        pl.when(latency >= start).then(pl.lit(label)) for start, label in zip(_BAND_STARTS, labels[1:], strict=True)
    ]
    return pl.coalesce(*reversed(longer), pl.when(latency < _BAND_STARTS[0]).then(pl.lit(labels[0])))


def _band_terms(value: str | None) -> tuple[Node, ...]:
    bounds = dict(_BANDS).get(value or "", ())
    pairs = (re.fullmatch(r"([<>=]+)(.+)", bound) for bound in bounds)
    return tuple(Term("latency", found[1], (Value(found[2]),)) for found in pairs if found)


_FIELDS: Final = (
    _plain("function", "integration_function"),
    ComparedField("method route", ("method", "route"), _operation, _operation_terms, None, ("route", "path")),
    _plain("route", "route", fixed_by=("route", "path")),
    _plain("method", "method"),
    _plain("key", "api_key_id", optional=True),
    _plain("caller", "caller", optional=True),
    _plain("principal", "principal", optional=True),
    ComparedField("client app", ("user_agent", "access_events"), _family, _family_terms, "user_agent", ("agent",)),
    _plain("agent", "user_agent", optional=True),
    ComparedField(
        "network", ("source_ip",), _network, lambda value: (Term("ip", ":", (Value(value or "*"),)),), None, ("ip",)
    ),
    _plain("ip", "source_ip"),
    ComparedField("stage", ("stage", "scope"), _stage, _untold),
    ComparedField("event type", ("event_type",), lambda: pl.col("event_type"), _untold),
    ComparedField("integration host", ("integration_uri",), _host, _untold),
    _plain("path", "path", fixed_by=("route", "path")),
    ComparedField("latency", ("latency_ms",), _band, _band_terms, None, ("latency",), effect=True),
)
