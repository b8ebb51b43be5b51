"""Links into the AWS console of the right partition."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from apigw_tui.core.records import instant

_HOSTS: Final = {
    "cn-": "console.amazonaws.cn",
    "us-gov-": "console.amazonaws-us-gov.com",
    "eusc-": "console.amazonaws-eusc.eu",
}
_REGION: Final = re.compile(r"[a-z]{2,5}(?:-[a-z]+)+-\d{1,2}")
_ISOLATED: Final = re.compile(r"[a-z]+-iso[a-z]?-")
_LAST_OF_A_BYTE: Final = 0xFF
_TRACE_ID: Final = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}")


def cloudwatch_home(region: str) -> str:
    """Where CloudWatch is in the console of a region."""
    host = next((name for prefix, name in _HOSTS.items() if region.startswith(prefix)), "console.aws.amazon.com")
    return f"https://{region}.{host}/cloudwatch/home?region={region}"


def trace_link(trace_id: str | None, region: str | None) -> str | None:
    """A trace in the console; None for what is no ID or no region, and where no console is known."""
    if trace_id is None or region is None or not _TRACE_ID.fullmatch(trace_id):
        return None
    return f"{cloudwatch_home(region)}#xray:traces/{trace_id}" if _has_console(region) else None


def group_link(pattern: str, log_group: str, region: str, window: tuple[int, int]) -> str | None:
    """A log group filtered by a pattern; `window` in epoch milliseconds; None where no console is known.

    The console keeps its state behind `#`, percent-encoded twice with `$` for the second `%`.
    """
    if not _has_console(region):
        return None
    state = f"?filterPattern={quote(pattern, safe='')}&start={window[0]}&end={window[1]}"
    group = _twice(log_group).replace("%", "$")
    return f"{cloudwatch_home(region)}#logsV2:log-groups/log-group/{group}/log-events{_once(state)}"


def insights_link(query: str, log_groups: Sequence[str], region: str, window: tuple[int, int]) -> str | None:
    """A Logs Insights query over log groups, ready to run; `window` in epoch milliseconds; None without a console.

    The console writes the state of the editor as an object of its own kind: `~(name~'text~list~(~'text))`.
    """
    start, end = (instant(moment) for moment in window)
    if start is None or end is None or not log_groups or not _has_console(region):
        return None
    groups = "".join(f"~'{_starred(group)}" for group in log_groups)
    detail = (
        f"~(end~'{_starred(end)}~start~'{_starred(start)}~timeType~'ABSOLUTE~tz~'UTC"
        f"~editorString~'{_starred(query)}~source~({groups}))"
    )
    return f"{cloudwatch_home(region)}#logsV2:logs-insights$3FqueryDetail$3D{detail}"


def _has_console(region: str) -> bool:
    return _REGION.fullmatch(region) is not None and not _ISOLATED.match(region)


def _once(text: str) -> str:
    return quote(text, safe="").replace("%", "$")


def _twice(text: str) -> str:
    return quote(quote(text, safe=""), safe="")


def _starred(text: str) -> str:
    """Letters, digits and `_-.` as they are, `$` as `!`, all else by its number: `*2f`, beyond 255 `**20ac`."""
    units = text.encode("utf-16-be", "surrogatepass")
    codes = (int.from_bytes(units[at : at + 2]) for at in range(0, len(units), 2))
    return "".join(map(_starred_code, codes))


def _starred_code(code: int) -> str:
    letter = chr(code)
    if letter.isascii() and (letter.isalnum() or letter in "_-."):
        return letter
    if letter == "$":
        return "!"
    return f"*{code:02x}" if code <= _LAST_OF_A_BYTE else f"**{code:04x}"
