"""Caveats: what numbers over many requests, or the story of one, leave out because it was not logged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from apigw_tui.core.blind_spots import of_request, of_statuses
from apigw_tui.core.units import count

if TYPE_CHECKING:
    from apigw_tui.core.stage import Stage

_MOST_NAMED: Final = 3
_LOWER_BOUNDS: Final = {
    "too_large": "413 may be more than are counted: not all of them are logged.",
    "excessive_throttling": "429 may be more than are counted: far too many of them are not all logged.",
    "internal_error": "500 may be more than are counted: internal errors of API Gateway may leave no line.",
}
_OF_REQUEST: Final = {
    "before_execution": "No execution lines: it was refused before execution began.",
    "no_execution_log": "No execution lines: HTTP APIs write none.",
    "level_off": "No execution lines: the stage logs none (level OFF).",
    "error_level": "No execution lines: the stage logs level ERROR, which writes none for a request that succeeds.",
    "no_data_trace": "No headers, bodies or backend latency among the lines: the stage's data trace is off.",
}


def caveats_of_numbers(
    stages: Sequence[Stage], statuses: Mapping[int, int], *, truncated: int = 0, sampled_seconds: int = 0
) -> tuple[str, ...]:
    """What counts over many requests do not tell, one sentence each, what misleads most first.

    `statuses` are requests by status, `truncated` lines that were cut, `sampled_seconds` those of Live Tail that
    no poll has filled.
    """
    found = [*_levels(stages)]
    found += [_LOWER_BOUNDS[spot.code] for spot in of_statuses(statuses)]
    if sampled_seconds:
        found.append(f"Live Tail left out events in {count(sampled_seconds)} s: some requests are missing.")
    if truncated:
        found.append(f"{_lines_cut(truncated)} at 1 024 characters.")
    return tuple(found)


def caveats_of_request(row: Mapping[str, Any], stage: Stage | None) -> tuple[str, ...]:
    """What is missing of one request and why, as far as it is known, from its row of REQUESTS."""
    codes = [spot.code for spot in of_request(row, stage) if spot.code in _OF_REQUEST]
    if row["integration_latency_ms"] is not None and "no_data_trace" in codes:
        # The access entry tells what is most missed.
        codes.remove("no_data_trace")
    found = [_OF_REQUEST[code] for code in codes]
    if not row["access_events"] and stage is not None:
        found.insert(0, _no_entry(stage))
    if row["truncated_lines"]:
        found.append(f"{_lines_cut(row['truncated_lines'])} at 1 024 characters: the rest was never logged.")
    return tuple(found)


def stage_of(row: Mapping[str, Any], stages: Sequence[Stage]) -> Stage | None:
    """The stage that a request of REQUESTS ran on; None when it is not among these."""
    return next((stage for stage in stages if stage.scope == row["scope"]), None)


def _levels(stages: Sequence[Stage]) -> Iterator[str]:
    failing_only = [stage for stage in stages if stage.execution.level == "ERROR" and not _is_read(stage)]
    if failing_only:
        yield f"Only failing requests of {_named(failing_only)} are counted (level ERROR)."
    hidden = [stage for stage in stages if stage.execution.level == "ERROR" and _is_read(stage)]
    if hidden:
        yield f"Requests of {_named(hidden)} that succeed have no execution lines (level ERROR)."
    silent = [
        stage for stage in stages if stage.execution.log_group and stage.execution.level == "OFF" and _is_read(stage)
    ]
    if silent:
        yield f"Causes in {_named(silent)} are known from access entries only: execution logging is off."


def _is_read(stage: Stage) -> bool:
    """Whether its access log can be read."""
    return stage.access is not None and stage.access.obstacle is None


def _named(stages: Sequence[Stage]) -> str:
    titles = [stage.title for stage in stages]
    more = len(titles) - _MOST_NAMED
    return ", ".join(titles[:_MOST_NAMED]) + (f" and {count(more)} more" if more > 0 else "")


def _no_entry(stage: Stage) -> str:
    if stage.access is None:
        return "No access entry: the stage's access log is off."
    if stage.access.obstacle is not None:
        return f"No access entry: the stage's access log {stage.access.obstacle.sentence}."
    return "No access entry: it has not been written yet, or was not among what was read."


def _lines_cut(number: int) -> str:
    return "1 line was cut" if number == 1 else f"{count(number)} lines were cut"
