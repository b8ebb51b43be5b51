"""The cell under the cell cursor as text to copy: all of its value, however little of it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from apigw_tui.core.query_ast import ACCESS
from apigw_tui.core.query_fields import QUERY_FIELDS
from apigw_tui.core.records import instant
from apigw_tui.tui.column_table import COLUMNS, access_value

if TYPE_CHECKING:
    from collections.abc import Mapping

_ELSEWHERE: Final = {"id": "request_id", "kind": "kind", "line": "message"}
_INSTEAD: Final = {"route": "path", "id": "extended_request_id"}
"""What the cell shows of a row that has no such value."""


def cell_text(row: Mapping[str, Any], name: str) -> str | None:
    """Return what a row has in a column; None for nothing.

    Times are in UTC, durations in ms, causes as queries take them.
    """
    if name == "time":
        return instant(row.get("started_at", row.get("timestamp")))
    if name.startswith(ACCESS):
        value = access_value(row, name)
    else:
        value = row.get(_column(name))
        value = row.get(_INSTEAD[name]) if value is None and name in _INSTEAD else value
    if value is None or value == "":
        return None
    return f"{value} ms" if name in QUERY_FIELDS and QUERY_FIELDS[name].type == "duration" else str(value)


def _column(name: str) -> str:
    if name in _ELSEWHERE:
        return _ELSEWHERE[name]
    if name in COLUMNS and COLUMNS[name].field:
        return COLUMNS[name].field
    return QUERY_FIELDS[name].columns[0] if name in QUERY_FIELDS else name
