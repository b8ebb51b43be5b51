"""The lines of a story as rows: offset, kind letter and text; boilerplate folded, silences told."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from apigw_tui.core.schema import FAILURE_LINE_KINDS
from apigw_tui.core.units import duration, offset
from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.line import fitted, width_of
from apigw_tui.tui.rows import Row, folded, one_line, shortened
from apigw_tui.tui.story_texts import StoryTexts, function_prefix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apigw_tui.core.story import StoryLine
    from apigw_tui.tui.line import Line, Span

LONGEST_QUIET_MS: Final = 1_000
"""A longer wait between two lines is a row of its own."""
TEXT_COLUMN: Final = 15
"""Where the text of a line starts: bar, offset, unit and kind letter stand before it."""

_LETTERS: Final = {"access": "A", "execution": "E", "lambda": "L"}
_FOLD_LABELS: Final = {
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
_QUIET_KINDS: Final = (
    *_FOLD_LABELS,
    "extended_request_id",
    "authorizer_start",
    "authorizer_done",
    "success",
    "done",
    "lambda_init",
    "lambda_end",
    "lambda_report",
    "websocket_done",
)
_TELLING_KINDS: Final = (
    *FAILURE_LINE_KINDS,
    "integration_request",
    "integration_response",
    "lambda_error",
    "lambda_timed_out",
    "unknown",
)
_LEVELS: Final = {"WARN": "status-4xx bold", "WARNING": "status-4xx bold"} | dict.fromkeys(
    ("ERROR", "FATAL", "CRITICAL"), "status-5xx bold"
)
_NOTE_CELLS: Final = 28


@dataclass(frozen=True)
class LineRow:
    """One line; `index` is its place among the story's lines."""

    index: int


@dataclass(frozen=True)
class FoldRow:
    """Lines that every request writes; `is_open` when they follow below."""

    first: int
    count: int
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


StoryRow = LineRow | FoldRow | SilenceRow | PieceRow


def story_rows(lines: Sequence[StoryLine], *, fold: bool, opened: frozenset[int] = frozenset()) -> tuple[StoryRow, ...]:
    """Lay out lines; with `fold`, runs of boilerplate become one row each, but for those in `opened`.

    The access entry is left out of a folded story that has other lines: it has a tab of its own.
    """
    has_others = any(line.kind != "access" for line in lines)
    kept = [
        place
        for place, line in enumerate(lines)
        if not (fold and has_others and line.kind == "access" and not line.evidence)
    ]
    rows: list[StoryRow] = []
    run: list[int] = []
    for place, following in pairwise([*kept, None]):
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


def wrapped(rows: Sequence[StoryRow], texts: StoryTexts, width: int) -> tuple[StoryRow, ...]:
    """Break the lines among the rows to a width."""
    pieces: list[StoryRow] = []
    for row in rows:
        if isinstance(row, LineRow):
            line = texts.lines[row.index]
            notes = _NOTE_CELLS if line.evidence or line.truncated else 1
            broken = folded(texts.full(row.index), width - TEXT_COLUMN - notes)
            pieces += [PieceRow(row.index, part, text) for part, text in enumerate(broken)]
        else:
            pieces.append(row)
    return tuple(pieces)


def is_boilerplate(line: StoryLine) -> bool:
    """Whether every request writes such a line and it proves nothing here."""
    return line.line_kind in _FOLD_LABELS and not line.evidence and line.kind == "execution"


def is_telling(line: StoryLine) -> bool:
    """Whether a reader who hurries should stop at this line."""
    return line.evidence or line.line_kind in _TELLING_KINDS or line.truncated or bool(_loud_level(line))


def lines_in(rows: Sequence[StoryRow]) -> int:
    """How many lines are shown among the rows."""
    return sum(isinstance(row, LineRow) or (isinstance(row, PieceRow) and row.part == 0) for row in rows)


@dataclass(frozen=True)
class StoryLineRows:
    """Rows of a story's lines, drawn when they come into view."""

    rows: tuple[StoryRow, ...]
    texts: StoryTexts
    alarm: str
    """The class whose colours mark the evidence: `5xx` or `4xx`."""
    glyphs: Glyphs = UNICODE
    _shortened: dict[tuple[int, int], str] = field(default_factory=dict, compare=False, repr=False)

    def __len__(self) -> int:
        return len(self.rows)

    def stops(self, index: int) -> bool:
        """The cursor stands on lines and folds, not on silences."""
        row = self.rows[index]
        return not isinstance(row, SilenceRow) and not (isinstance(row, PieceRow) and row.part)

    def row(self, index: int, width: int, *, cursor: bool) -> Row:
        """Draw one row."""
        row = self.rows[index]
        if isinstance(row, SilenceRow):
            value, unit = duration(row.ms)
            bar = (" " * 12, ""), (self.glyphs.silence, "ink-faint"), ("  ", "")
            return Row((*bar, (f"{value} {unit}", "ink"), (" without a line", "ink-muted")), stop=False)
        if isinstance(row, FoldRow):
            return self._fold_row(row, cursor=cursor)
        return self._line_row(row, width, cursor=cursor)

    def _fold_row(self, row: FoldRow, *, cursor: bool) -> Row:
        sign = self.glyphs.opened if row.is_open else self.glyphs.closed
        noun = "line" if row.count == 1 else "lines"
        spans: Line = (
            (self.glyphs.bar if cursor else " ", "accent"),
            (" " * 11, ""),
            (sign, "ink-muted"),
            ("  ", ""),
            (f"{row.count} {noun}", "ink"),
            (f"  {', '.join(row.labels)}", "ink-faint"),
        )
        return Row(spans, "cursor" if cursor else "")

    def _line_row(self, row: LineRow | PieceRow, width: int, *, cursor: bool) -> Row:
        line = self.texts.lines[row.index]
        part = row.part if isinstance(row, PieceRow) else 0
        ground = f"tint-{self.alarm}" if line.evidence else "cursor" if cursor else ""
        lead = self._lead(line, cursor=cursor) if not part else self._continued(line)
        notes = self._notes(line) if not part else ()
        room = width - TEXT_COLUMN - 1 - (width_of(notes) + 2 if notes else 0)
        text = self._text(line, row, room)
        if notes:
            text = (*text, (" " * max(room + 2 - width_of(text), 1), ""), *notes)
        return Row((*lead, *text), ground, stop=not part)

    def _lead(self, line: StoryLine, *, cursor: bool) -> Line:
        value, _, unit = offset(line.offset_ms).rpartition(" ")
        value, unit = (value, unit) if value else (unit, "")
        strong = f"status-{self.alarm}{' bold' if self.alarm == '5xx' else ''}"
        letter = _LETTERS.get(line.kind, "?")
        bar = (self.glyphs.bar, strong) if line.evidence else (self.glyphs.bar if cursor else " ", "accent")
        ink = "ink-strong bold" if line.evidence else "ink-muted"
        letter_ink = strong if line.evidence else "accent" if letter == "L" else "ink-muted"
        return (
            bar,
            (value.rjust(6), ink),
            (" ", ""),
            (fitted(unit, 2), "ink-faint"),
            ("  ", ""),
            (letter, letter_ink),
            ("  ", ""),
        )

    def _continued(self, line: StoryLine) -> Line:
        strong = f"status-{self.alarm}"
        return ((self.glyphs.bar if line.evidence else " ", strong), (" " * (TEXT_COLUMN - 1), ""))

    def _notes(self, line: StoryLine) -> Line:
        notes: list[Span] = []
        if line.truncated:
            notes.append(("truncated", "ink-muted"))
        if line.evidence:
            notes += [("  ", "")] * bool(notes)
            notes.append((self.glyphs.evidence, f"status-{self.alarm}"))
        return tuple(notes)

    def _text(self, line: StoryLine, row: LineRow | PieceRow, room: int) -> Line:
        first = not isinstance(row, PieceRow) or not row.part
        sign = self.glyphs.of_class("5xx" if self.alarm == "5xx" else "4xx")
        lead: Line = ((f"{sign} ", f"status-{self.alarm} bold"),) if line.evidence and first else ()
        room -= width_of(lead)
        text = row.text if isinstance(row, PieceRow) else self._on_one_line(row.index, room)
        ink = "ink-strong bold" if line.evidence else "ink-muted" if line.line_kind in _QUIET_KINDS else "ink"
        prefix = None if self.texts.as_logged or not first else function_prefix(line)
        if prefix is None or not text.startswith(prefix[1]):
            return (*lead, (text, ink))
        level = prefix[1]
        return (*lead, (level, _LEVELS.get(level, ink)), (text[len(level) :], ink))

    def _on_one_line(self, index: int, room: int) -> str:
        """The text of a line cut to a width; bodies can be long, so the result is kept."""
        text = self._shortened.get((index, room))
        if text is None:
            text = self._shortened[index, room] = shortened(one_line(self.texts.full(index)), room)
        return text


def _wait(line: StoryLine, following: StoryLine) -> int:
    if line.timestamp is None or following.timestamp is None:
        return 0
    return following.timestamp - line.timestamp


def _loud_level(line: StoryLine) -> str | None:
    prefix = function_prefix(line)
    return prefix[1] if prefix and prefix[1] in _LEVELS else None


def _fold(run: Sequence[int], lines: Sequence[StoryLine], opened: frozenset[int]) -> list[StoryRow]:
    """A run of boilerplate as rows: one line stays a line."""
    shown: list[StoryRow] = [LineRow(place) for place in run]
    if len(run) <= 1:
        return shown
    labels = tuple(dict.fromkeys(_FOLD_LABELS[str(lines[place].line_kind)] for place in run))
    is_open = run[0] in opened
    return [FoldRow(run[0], len(run), labels, is_open), *(shown if is_open else [])]
