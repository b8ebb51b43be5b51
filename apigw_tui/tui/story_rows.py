"""The rows of a story's lines: boilerplate folded, silences told, and what the reader unfolded."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from apigw_tui.core.schema import FAILURE_LINE_KINDS
from apigw_tui.core.story_texts import level_of
from apigw_tui.tui.line import width_of
from apigw_tui.tui.rows import folded, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apigw_tui.core.story import StoryLine
    from apigw_tui.core.story_texts import StoryTexts
    from apigw_tui.tui.line import Line

LONGEST_QUIET_MS: Final = 1_000
"""A longer wait between two lines is a row of its own."""
TEXT_COLUMN: Final = 15
"""Where the text of a line starts: bar, offset, unit and kind letter stand before it."""
LOUD_LEVELS: Final = {"WARN": "status-4xx bold", "WARNING": "status-4xx bold"} | dict.fromkeys(
    ("ERROR", "FATAL", "CRITICAL"), "status-5xx bold"
)

FOLD_LABELS: Final = {
    "authorizer_identity": "authorizer",
    "authorizer_result": "authorizer",
    "authorizer_policy": "authorizer",
    "usage_plan_start": "usage plan",
    "usage_plan_key": "usage plan",
    "usage_plan_done": "usage plan",
    "start": "method request",
    "method": "method request",
    "api_key": "method request",
    "api_key_id": "method request",
    "request_path": "method request",
    "request_query": "method request",
    "request_headers": "method request",
    "request_body": "method request",
    "request_valid": "validation",
    "endpoint_uri": "endpoint request",
    "endpoint_request_headers": "endpoint request",
    "endpoint_request_body": "endpoint request",
    "endpoint_response_headers": "endpoint response",
    "endpoint_response_body": "endpoint response",
    "response_body": "method response",
    "response_headers": "method response",
    "integration_request_id": "IDs",
    "trace_id": "IDs",
}
_TELLING_KINDS: Final = (
    *FAILURE_LINE_KINDS,
    "integration_request",
    "integration_response",
    "lambda_error",
    "lambda_timed_out",
    "unknown",
)
_NOTE_CELLS: Final = 28

Opened = tuple[str, tuple[int | None, str, str]]
"""Something unfolded: `fold` or `line`, and the name of (one of) its lines."""


@dataclass(frozen=True)
class LineRow:
    """One line; `index` is its place among the story's lines, `is_open` when details follow below."""

    index: int
    is_open: bool = False


@dataclass(frozen=True)
class FoldRow:
    """Lines that every request writes, by their places; `is_open` when they follow below."""

    places: tuple[int, ...]
    labels: tuple[str, ...]
    is_open: bool


@dataclass(frozen=True)
class SilenceRow:
    """A wait between two lines."""

    ms: int


@dataclass(frozen=True)
class PieceRow:
    """One row of a wrapped line: `text` of row `part` of it."""

    index: int
    part: int
    text: str
    is_open: bool = False


@dataclass(frozen=True)
class DetailRow:
    """One row of what was unfolded below a line."""

    index: int
    part: int
    text: str


@dataclass(frozen=True)
class DrawnRow:
    """A heading or note among the lines; no cursor stands on it."""

    line: Line


StoryRow = LineRow | FoldRow | SilenceRow | PieceRow | DetailRow | DrawnRow
OfLine = LineRow | PieceRow | DetailRow
"""Rows that belong to one line."""


def story_rows(
    lines: Sequence[StoryLine], *, fold: bool, opened: frozenset[Opened] = frozenset()
) -> tuple[StoryRow, ...]:
    """Lay out lines; with `fold`, runs of boilerplate become one row each, but for those in `opened`.

    The access entry is left out of a folded story that has other lines: it has a tab of its own.
    """
    has_others = any(line.kind != "access" for line in lines)
    kept = [
        place
        for place, line in enumerate(lines)
        if not (fold and has_others and line.kind == "access" and not line.evidence)
    ]
    return rows_of(lines, kept, fold=fold, opened=opened)


def rows_of(
    lines: Sequence[StoryLine], places: Sequence[int], *, fold: bool, opened: frozenset[Opened] = frozenset()
) -> tuple[StoryRow, ...]:
    """Lay out those of the lines that have these places."""
    rows: list[StoryRow] = []
    run: list[int] = []
    for place, following in pairwise([*places, None]):
        if place is None:
            continue
        if fold and is_boilerplate(lines[place]):
            run.append(place)
        else:
            rows += [*_fold(run, lines, opened), LineRow(place)]
            run = []
        quiet = 0 if following is None else _wait(lines[place], lines[following])
        if quiet > LONGEST_QUIET_MS:
            rows += [*_fold(run, lines, opened), SilenceRow(quiet)]
            run = []
    return (*rows, *_fold(run, lines, opened))


def unfolded(
    rows: Sequence[StoryRow], texts: StoryTexts, width: int, *, wrap: bool, opened: frozenset[Opened]
) -> tuple[StoryRow, ...]:
    """Put below each opened line what it holds, and with `wrap` break all lines to the width.

    A line that holds nothing more than its own text unfolds to all rows of that.
    """
    found: list[StoryRow] = []
    for row in rows:
        if not isinstance(row, LineRow):
            found.append(row)
            continue
        is_open = ("line", texts.lines[row.index].name) in opened
        details = texts.details(row.index) if is_open else None
        if wrap or (is_open and details is None):
            found += _pieces(row.index, texts, width, is_open=is_open)
        else:
            found.append(LineRow(row.index, is_open))
        if details is not None:
            room = max(width - TEXT_COLUMN - 4, 10)
            texts_below = [piece for text in details.rows for piece in folded(text, room)]
            found += [DetailRow(row.index, part, text) for part, text in enumerate(texts_below)]
    return tuple(found)


def is_boilerplate(line: StoryLine) -> bool:
    """Whether every request writes such a line and it proves nothing here."""
    return line.line_kind in FOLD_LABELS and not line.evidence and line.kind == "execution"


def is_telling(line: StoryLine) -> bool:
    """Whether a reader who hurries should stop at this line."""
    return line.evidence or line.line_kind in _TELLING_KINDS or line.truncated or level_of(line) in LOUD_LEVELS


def lines_in(rows: Sequence[StoryRow]) -> int:
    """How many lines are shown among the rows."""
    return sum(isinstance(row, LineRow) or (isinstance(row, PieceRow) and row.part == 0) for row in rows)


def holds_more(index: int, texts: StoryTexts, width: int) -> bool:
    """Whether a line has something to unfold: details, or a text that its row cuts."""
    if texts.details(index) is not None:
        return True
    return width_of(((one_line(texts.headline(index)), ""),)) > width - TEXT_COLUMN - 1


def _pieces(index: int, texts: StoryTexts, width: int, *, is_open: bool) -> list[PieceRow]:
    line = texts.lines[index]
    has_notes = line.evidence or line.truncated or texts.details(index) is not None
    broken = folded(texts.headline(index), width - TEXT_COLUMN - (_NOTE_CELLS if has_notes else 1))
    return [PieceRow(index, part, text, is_open) for part, text in enumerate(broken)]


def _wait(line: StoryLine, following: StoryLine) -> int:
    if line.timestamp is None or following.timestamp is None:
        return 0
    return following.timestamp - line.timestamp


def _fold(run: Sequence[int], lines: Sequence[StoryLine], opened: frozenset[Opened]) -> list[StoryRow]:
    """A run of boilerplate as rows: one line stays a line."""
    shown: list[StoryRow] = [LineRow(place) for place in run]
    if len(run) <= 1:
        return shown
    labels = tuple(dict.fromkeys(FOLD_LABELS[str(lines[place].line_kind)] for place in run))
    is_open = any(("fold", lines[place].name) in opened for place in run)
    return [FoldRow(tuple(run), labels, is_open), *(shown if is_open else [])]
