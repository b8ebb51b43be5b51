"""What an access log format cannot tell, as findings that name the variable to add."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from apigw_tui.core.access_lint import lint
from apigw_tui.doctor.findings import Finding

if TYPE_CHECKING:
    from apigw_tui.core.access_format import AccessFormat
    from apigw_tui.core.access_lint import Finding as Weakness
    from apigw_tui.core.stage import ApiType

_TITLES: Final = {
    "no_request_id": "No request ID",
    "extended_id_only": "Extended ID only",
    "no_status": "No status",
    "no_time": "No time",
    "no_method": "No method",
    "no_route": "No route",
    "no_path": "No path",
    "no_latency": "No latency",
    "no_integration_latency": "No integration latency",
    "no_error": "No error",
    "no_error_type": "No error type",
    "no_integration_error": "No integration error",
    "no_integration_status": "No integration status",
    "no_integration_request_id": "No integration request ID",
    "no_source_ip": "No source IP",
    "no_connection_id": "No connection ID",
    "never_filled": "Never filled",
    "unknown_variable": "Unknown variable",
    "too_long": "Format too long",
    "several_lines": "Several lines",
    "many_lines": "Line breaks in values",
    "invalid_json": "Invalid JSON",
    "duplicate_key": "Name given twice",
    "quoted_message_string": "Doubly quoted error",
    "unquoted_value": "Value without quotes",
    "doubled_quotes": "Doubled quotes",
    "not_json": "Not JSON",
    "unquoted_text": "Text without quotes",
}
_REMEDIES: Final = {
    "never_filled": "Leave {variable} out.",
    "unknown_variable": "Write {variable} instead.",
    "many_lines": "Log {variable} instead.",
    "quoted_message_string": "Log {variable} within the quotes instead.",
    "unquoted_value": "Write {variable} with its quotes.",
    "unquoted_text": "Write {variable} with its quotes.",
}
_BARE_REMEDIES: Final = {
    "unknown_variable": "Leave it out.",
    "too_long": "Leave variables out.",
    "several_lines": "Write the format on one line.",
    "invalid_json": "Write the format as one JSON object with every value in quotes.",
    "duplicate_key": "Give each value a name of its own.",
    "doubled_quotes": "Write one pair of quotes around each variable.",
    "not_json": "Write the format as one JSON object.",
}


def format_findings(access_format: AccessFormat, api_type: ApiType | None = None) -> tuple[Finding, ...]:
    """What is wrong with a format; without `api_type` that is concluded from its variables."""
    return tuple(map(_finding, lint(access_format, api_type)))


def _finding(weakness: Weakness) -> Finding:
    head, separator, rest = weakness.message.partition(": ")
    title = _TITLES.get(weakness.code, head)
    # `No latency: slow requests …` would say the title twice.
    detail = f"{rest[:1].upper()}{rest[1:]}" if separator and head.startswith(title) else weakness.message
    return Finding(weakness.code, weakness.severity, title, detail, _remedy(weakness), weakness.variable)


def _remedy(weakness: Weakness) -> str | None:
    if weakness.variable is None:
        return _BARE_REMEDIES.get(weakness.code)
    remedy = _REMEDIES.get(weakness.code, "Add {variable} to the access log format.")
    return remedy.format(variable=weakness.variable)
