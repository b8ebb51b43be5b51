"""Every column that a list of requests can show, as data: its title, its width, and what it says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from apigw_tui.core.query_ast import ACCESS
from apigw_tui.core.query_fields import QUERY_FIELDS

LEAST_WIDTH: Final = 3
MOST_WIDTH: Final = 200
_ACCESS_WIDTH: Final = 16


@dataclass(frozen=True)
class Column:
    """One column: `gap` blanks before it, then `width` cells; width 0 takes what is left.

    `name` is that of the field in the query language, where it has one.
    """

    name: str
    title: str
    width: int
    gap: int = 2
    right: bool = False
    field: str = ""
    """The column of REQUESTS that it shows as it stands there; empty where its cells are made otherwise."""


@dataclass(frozen=True)
class ChosenColumn:
    """A column that was chosen; None for the width that it has by itself."""

    name: str
    width: int | None = None


Chosen = tuple[ChosenColumn, ...]
"""The columns that were chosen, in order; none for those that fit the width of the list."""

_COLUMNS: Final = (
    Column("time", "TIME", 12, gap=0),
    Column("status", "ST", 5),
    Column("method", "METHOD", 7),
    Column("route", "ROUTE", 24),
    Column("path", "PATH", 24, field="path"),
    Column("latency", "LATENCY", 8, right=True),
    Column("integration", "INTEGR", 8, right=True),
    Column("overhead", "OVERHEAD", 8, right=True),
    Column("bytes", "BYTES", 8, right=True),
    Column("cause", "CAUSE", 24),
    Column("state", "STATE", 14, field="state"),
    Column("ip", "CLIENT", 15),
    Column("key", "API KEY", 12, field="api_key_id"),
    Column("caller", "CALLER", 16, field="caller"),
    Column("principal", "PRINCIPAL", 16, field="principal"),
    Column("agent", "USER AGENT", 24, field="user_agent"),
    Column("function", "FUNCTION", 20, field="integration_function"),
    Column("integration.status", "INTEG ST", 8, right=True, field="integration_status"),
    Column("connection", "CONNECTION", 18, field="connection_id"),
    Column("stage", "STAGE", 12, field="stage"),
    Column("trace", "TRACE ID", 35, field="trace_id"),
    Column("id", "REQUEST ID", 10),
    Column("extended", "EXTENDED ID", 18, field="extended_request_id"),
    Column("integration.id", "INTEGR REQUEST ID", 36, field="integration_request_id"),
)
COLUMNS: Final[Mapping[str, Column]] = MappingProxyType({column.name: column for column in _COLUMNS})
"""All columns by name, in the order in which they are offered; those of access fields come on top."""

_MEANINGS: Final[Mapping[str, str]] = {
    "time": "when it began",
    "stage": "stage that was called",
    "id": "request ID",
    "integration.id": "request ID of the function or service behind it",
}


def column_named(name: str) -> Column | None:
    """Return the column of a name, also of an `access.NAME`."""
    if name.startswith(ACCESS) and len(name) > len(ACCESS):
        return Column(name, name.removeprefix(ACCESS).upper(), _ACCESS_WIDTH)
    return COLUMNS.get(name)


def meaning_of(name: str) -> str:
    """Return what a column says; empty for a field of the access format, which its own name tells."""
    if name in _MEANINGS:
        return _MEANINGS[name]
    return QUERY_FIELDS[name].description if name in QUERY_FIELDS else ""


def access_value(row: Mapping[str, Any], name: str) -> Any:
    """Return what the access entry of a row says in the column of an `access.NAME`."""
    return (row.get("access") or {}).get(name.removeprefix(ACCESS))


def needs_entries(chosen: Chosen) -> bool:
    """Whether a column shows what only the access entry says."""
    return any(column.name.startswith(ACCESS) for column in chosen)


def chosen_record(chosen: Chosen) -> list[list[Any]]:
    """The columns as JSON."""
    return [[column.name, column.width] for column in chosen]


def chosen_of(record: object) -> Chosen:
    """Columns out of JSON; what names no column, or none of a width, is left out."""
    found: dict[str, ChosenColumn] = {}
    for each in record if isinstance(record, Iterable) else ():
        if not isinstance(each, list | tuple) or len(each) != len(("name", "width")):
            continue
        name, width = each
        is_width = isinstance(width, int) and LEAST_WIDTH <= width <= MOST_WIDTH
        if isinstance(name, str) and column_named(name) is not None and (width is None or is_width):
            found.setdefault(name, ChosenColumn(name, width))
    return tuple(found.values())
