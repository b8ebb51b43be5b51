"""What API Gateway does not log, and when that matters: sentences for story, board and doctor.

Source: AWS, "Known issues", "CloudWatch log formats" and "How do I use API Gateway logs"; measured truncation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apigw_tui.core.stage import Stage

_ERROR: Final = 400
_SERVER_ERROR: Final = 500
_CLIENT_SIDE: Final = frozenset({"resource_policy_denied", "missing_authentication_token", "waf_blocked", "waf_error"})
"""Causes that strike before the execution begins, so that there are no execution lines."""


@dataclass(frozen=True)
class BlindSpot:
    """One thing that no log tells: `sentence` says what, `matters` when to think of it."""

    code: str
    sentence: str
    matters: str


_SPOTS: Final = (
    BlindSpot(
        "too_large",
        "Requests that are too large (413) may be refused without any log line.",
        "When clients report 413 and no request here shows it.",
    ),
    BlindSpot(
        "excessive_throttling",
        "When far too many requests are throttled (429), not all of them are logged.",
        "When clients count more 429 than there are here.",
    ),
    BlindSpot(
        "unmapped_domain",
        "Requests to a custom domain or base path that leads to no API are answered 400 or 403 and logged nowhere.",
        "When clients report 400 or 403 for a path that never appears here.",
    ),
    BlindSpot(
        "internal_error",
        "Internal errors of API Gateway itself (500) may leave no log line.",
        "When clients report 500 and no request here shows it.",
    ),
    BlindSpot(
        "error_level",
        "At level ERROR only failing lines are written: a request that succeeded has no execution lines.",
        "When a request has an access entry and no execution line.",
    ),
    BlindSpot(
        "level_off",
        "Execution logging is off: why a request failed is known from its access entry only.",
        "When a cause stays unknown.",
    ),
    BlindSpot(
        "no_execution_log",
        "HTTP APIs write no execution log: all that is known is what the access format logs.",
        "When a cause stays unknown.",
    ),
    BlindSpot(
        "before_execution",
        "What WAF, the resource policy or the routing refuses has an access entry and no execution lines.",
        "When a 403 or 404 has no execution line.",
    ),
    BlindSpot(
        "truncated",
        "Lines are cut after 1024 characters: the end of this payload was never logged.",
        "When a payload ends in [TRUNCATED].",
    ),
    BlindSpot(
        "no_data_trace",
        "Data trace is off: headers, bodies and the integration's latency are not in the execution log.",
        "When a payload or latency is missing.",
    ),
    BlindSpot(
        "sampled",
        "Live Tail sends 500 events a second at most and drops the rest: some are missing here.",
        "When more was written than Live Tail sends.",
    ),
    BlindSpot(
        "no_access_log",
        "There is no access log: method, path and latency are known from execution lines only, at level INFO.",
        "When columns stay empty.",
    ),
)

BLIND_SPOTS: Final[dict[str, BlindSpot]] = {spot.code: spot for spot in _SPOTS}
"""Every blind spot by its code."""


def of_stage(stage: Stage) -> tuple[BlindSpot, ...]:
    """What the logs of a stage cannot tell, because of how it is set; then what those of any stage cannot."""
    found = [] if stage.access else ["no_access_log"]
    if stage.execution.log_group is None:
        found.append("no_execution_log")
    elif stage.execution.level == "OFF":
        found.append("level_off")
    elif stage.execution.level == "ERROR":
        found.append("error_level")
    elif not stage.execution.data_trace:
        found.append("no_data_trace")
    always = ("too_large", "excessive_throttling", "unmapped_domain", "internal_error", "before_execution")
    return tuple(BLIND_SPOTS[code] for code in (*found, *always))


def of_request(row: Mapping[str, Any], stage: Stage | None = None) -> tuple[BlindSpot, ...]:
    """Which blind spots explain what is missing of one request, from its row of REQUESTS."""
    found = ["truncated"] if row["truncated_lines"] else []
    if not row["execution_events"]:
        found.extend(_without_lines(row, stage))
    elif stage is not None and stage.execution.level == "INFO" and not stage.execution.data_trace:
        found.append("no_data_trace")
    if stage is not None and stage.access is None:
        found.append("no_access_log")
    return tuple(BLIND_SPOTS[code] for code in found)


def _without_lines(row: Mapping[str, Any], stage: Stage | None) -> list[str]:
    """Why a request has no execution lines, as far as that is known."""
    if row["cause"] in _CLIENT_SIDE:
        return ["before_execution"]
    if stage is None:
        return []
    if stage.execution.log_group is None:
        return ["no_execution_log"]
    if stage.execution.level == "OFF":
        return ["level_off"]
    failed = row["status"] is not None and row["status"] >= _ERROR
    return [] if failed or stage.execution.level != "ERROR" else ["error_level"]


def of_statuses(statuses: Mapping[int, int]) -> tuple[BlindSpot, ...]:
    """Which counts by status are lower bounds, for the board: there may be more of them than were logged."""
    found = [(413, "too_large"), (429, "excessive_throttling"), (_SERVER_ERROR, "internal_error")]
    return tuple(BLIND_SPOTS[code] for status, code in found if statuses.get(status))
