"""What the lines of a log group or of files tell of how they were logged, when no stage's settings do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from apigw_tui.core.access_format import AccessFormat, sniff
from apigw_tui.core.schema import FAILURE_LINE_KINDS
from apigw_tui.core.units import count
from apigw_tui.doctor.findings import Finding
from apigw_tui.doctor.format_checks import format_findings

if TYPE_CHECKING:
    from apigw_tui.core.store import EventStore

_SAMPLE: Final = 200
_DATA_KINDS: Final = (
    "request_headers",
    "request_body",
    "endpoint_request_headers",
    "endpoint_request_body",
    "endpoint_response_headers",
    "endpoint_response_body",
    "response_headers",
    "response_body",
)
_AT_ERROR_LEVEL: Final = frozenset({*FAILURE_LINE_KINDS, "done", "endpoint_response_body", "unknown"})
_TOLD_BY_LINES: Final = ("no_", "extended_id_only", "not_json")
"""Codes that hold for a format that was guessed from lines: how it was written is not known."""


@dataclass(frozen=True)
class Lines:
    """What was read: how many events of each kind, of execution lines of each line kind; requests and formats.

    `formats` are by log group or file, as far as they are known or could be guessed.
    """

    kinds: Mapping[str, int]
    line_kinds: Mapping[str, int]
    requests: int
    joined: int
    truncated: int
    unparsed: int
    formats: Mapping[str, AccessFormat | None]

    @property
    def events(self) -> int:
        """All of them."""
        return sum(self.kinds.values())


def lines_of(store: EventStore) -> Lines:
    """Sum up what a store holds."""
    snapshot = store.snapshot()
    events = _frame((chunk.frame for chunk in snapshot.events), ("kind", "line_kind", "log_group", "message"))
    requests = _frame((chunk.frame for chunk in snapshot.requests), ("state", "truncated_lines"))
    execution = events.filter(pl.col("kind") == "execution") if events.width else events
    return Lines(
        kinds=_counted(events, "kind"),
        line_kinds=_counted(execution, "line_kind"),
        requests=snapshot.request_count,
        joined=_counted(requests, "state").get("complete", 0),
        truncated=int(requests["truncated_lines"].sum()) if requests.width else 0,
        unparsed=snapshot.unparsed,
        formats=_formats(events, store.formats),
    )


def line_findings(lines: Lines) -> Iterator[Finding]:
    """What is to be said of lines."""
    if not lines.events:
        yield Finding("no_lines", "warning", "Nothing logged", "There was no line in what was looked at.")
        return
    for place, access_format in lines.formats.items():
        yield from _format(place, access_format)
    if lines.unparsed:
        detail = f"{count(lines.unparsed)} of {count(lines.events)} lines have an unknown form; they are kept raw."
        fix = "Name the stage instead of its group, or give --access-format."
        yield Finding("unknown_lines", "hint", "Lines of unknown form", detail, fix)
    yield from _others(lines)
    if lines.kinds.get("access") or lines.kinds.get("execution"):
        yield from _both_kinds(lines)
    yield from _execution(lines)
    if lines.truncated:
        lines_cut = "line was" if lines.truncated == 1 else "lines were"
        detail = f"{count(lines.truncated)} {lines_cut} cut at 1 024 characters: the rest was never logged."
        yield Finding("truncated", "note", "Cut lines", detail)


def _format(place: str, access_format: AccessFormat | None) -> Iterator[Finding]:
    if access_format is None:
        detail = f"The access entries of {place} fit no format that is known."
        fix = "Give the stage's format with --access-format."
        yield Finding("format_unknown", "warning", "Format not recognised", detail, fix)
        return
    for finding in format_findings(access_format):
        if not access_format.guessed or finding.code.startswith(_TOLD_BY_LINES):
            yield finding


def _others(lines: Lines) -> Iterator[Finding]:
    """Any log holds comments and the like: that matters where it is all."""
    if set(lines.kinds) == {"other"}:
        none = "The only line is not" if lines.events == 1 else f"None of the {count(lines.events)} lines is"
        detail = f"{none} an access entry, an execution line or a line of a function."
        fix = "Give the format of the access entries with --access-format."
        yield Finding("no_known_lines", "warning", "No known line", detail, fix)


def _both_kinds(lines: Lines) -> Iterator[Finding]:
    access, execution = lines.kinds.get("access", 0), lines.kinds.get("execution", 0)
    if not access:
        detail = "Only execution lines are here: whatever they leave out of a request is not known."
        yield Finding("no_access_lines", "hint", "No access entries", detail, "Open the stage's access log beside it.")
    elif not execution:
        detail = "Only access entries are here: a cause is known as far as their format logs errors."
        fix = "Open the stage, or its execution log beside it."
        yield Finding("no_execution_lines", "hint", "No execution lines", detail, fix)
    elif not lines.joined:
        detail = (
            "No access entry belongs to an execution line: they are of other stages or times, or log no request ID."
        )
        yield Finding(
            "not_joined", "warning", "Nothing joins", detail, "Check that both are of the same stage and time."
        )


def _execution(lines: Lines) -> Iterator[Finding]:
    kinds = lines.line_kinds
    if not kinds:
        return
    if set(kinds) <= _AT_ERROR_LEVEL:
        detail = (
            "They look like those of level ERROR: requests that succeed write none, and method and path are missing."
        )
        yield Finding("error_level", "warning", "Failing lines only", detail, "Set the stage's level to INFO.")
        return
    data = sum(kinds.get(kind, 0) for kind in _DATA_KINDS)
    # An answer that is no proxy response is logged without data trace too.
    if "request_headers" in kinds:
        held = "1 line holds" if data == 1 else f"{count(data)} lines hold"
        detail = f"{held} headers or bodies; only Authorization and X-Api-Key are masked in them."
        yield Finding("secrets_in_data_trace", "warning", "Secrets in data trace", detail, "Turn data trace off.")
    elif "integration_response" not in kinds and "start" in kinds:
        detail = "Headers, bodies and the integration's latency are not in these execution lines."
        yield Finding("no_data_trace", "hint", "No data trace", detail, "Turn data trace on for as long as you look.")


def _formats(events: pl.DataFrame, known: Mapping[str, AccessFormat]) -> dict[str, AccessFormat | None]:
    if not events.width:
        return {}
    entries = events.filter(pl.col("kind") == "access").group_by("log_group", maintain_order=True)
    found = entries.agg(pl.col("message").head(_SAMPLE))
    return {
        place: known.get(place) or sniff(messages)
        for place, messages in zip(found["log_group"].to_list(), found["message"].to_list(), strict=True)
    }


def _frame(frames: Iterable[pl.DataFrame], columns: tuple[str, ...]) -> pl.DataFrame:
    some = [frame.select(columns) for frame in frames]
    return pl.concat(some) if some else pl.DataFrame()


def _counted(frame: pl.DataFrame, column: str) -> dict[str, int]:
    if not frame.width:
        return {}
    counted = frame[column].drop_nulls().value_counts()
    return dict(zip(counted[column].cast(pl.String).to_list(), counted["count"].to_list(), strict=True))
