"""What a cell of the list says, as a field and a value of the query language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from apigw_tui.core.query_ast import ACCESS
from apigw_tui.core.query_fields import QUERY_FIELDS
from apigw_tui.tui.column_table import access_value
from apigw_tui.tui.value_menu import FieldValue

if TYPE_CHECKING:
    from apigw_tui.tui.list_view import Row

_NOT_LOGGED: Final = "-"
_ELSEWHERE: Final[Mapping[str, tuple[str, str]]] = {
    "id": ("id", "request_id"),
    "integration.id": ("id", "integration_request_id"),
    "line": ("line", "line_kind"),
}
"""Field and column of cells that are not called as both are."""
_INSTEAD: Final[Mapping[str, tuple[str, str]]] = {"route": ("path", "path")}
"""What is shown, and asked for, where a row has no such value."""


def cell_value(row: Row, name: str) -> FieldValue | None:
    """Return what a row has in a column; None where it has nothing there, or queries know no such field."""
    if name.startswith(ACCESS):
        return _found(name, access_value(row, name))
    if name in _ELSEWHERE:
        field, column = _ELSEWHERE[name]
        return _found(field, row.get(column))
    if name not in QUERY_FIELDS:
        return None
    known = QUERY_FIELDS[name]
    value = row.get(known.columns[0])
    if value is None and name in _INSTEAD:
        field, column = _INSTEAD[name]
        return _found(field, row.get(column))
    return _found(name, f"{value}ms" if known.type == "duration" and value is not None else value)


def _found(field: str, value: Any) -> FieldValue | None:
    return None if value is None or value in ("", _NOT_LOGGED) else FieldValue(field, str(value))
