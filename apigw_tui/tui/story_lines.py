"""The lines of a story as a reader sees them: offset, kind letter and text, the evidence marked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from apigw_tui.core.story_texts import StoryTexts, level_of
from apigw_tui.core.units import duration, offset
from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.line import fitted, width_of
from apigw_tui.tui.query_matches import marked
from apigw_tui.tui.rows import Row, one_line, shortened
from apigw_tui.tui.story_rows import (
    FOLD_LABELS,
    LOUD_LEVELS,
    TEXT_COLUMN,
    DetailRow,
    DrawnRow,
    FoldRow,
    LineRow,
    OfLine,
    PieceRow,
    SilenceRow,
    StoryRow,
    holds_more,
    is_telling,
)

if TYPE_CHECKING:
    import re

    from apigw_tui.core.story import StoryLine
    from apigw_tui.tui.line import Line, Span
    from apigw_tui.tui.story_rows import Opened

_LETTERS: Final = {"access": "A", "execution": "E", "lambda": "L"}
_QUIET_KINDS: Final = (
    *FOLD_LABELS,
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

Anchor = tuple[str, tuple[int | None, str, str], int, int]
"""What the cursor stands on: kind of row, name of the line, its number among lines of this name, row of it."""


@dataclass(frozen=True)
class StoryLineRows:
    """Rows of a story's lines, drawn when they come into view."""

    rows: tuple[StoryRow, ...]
    texts: StoryTexts
    alarm: str
    """The class whose colours mark the evidence: `5xx` or `4xx`."""
    glyphs: Glyphs = UNICODE
    wanted: re.Pattern[str] | None = None
    """What the query looks for: it is underlined."""
    _shortened: dict[tuple[int, int], str] = field(default_factory=dict, compare=False, repr=False)

    def __len__(self) -> int:
        return len(self.rows)

    def stops(self, index: int) -> bool:
        """The cursor stands on lines, folds and what is unfolded, not on silences and headings."""
        row = self.rows[index]
        return not isinstance(row, SilenceRow | DrawnRow) and not (isinstance(row, PieceRow) and row.part)

    def telling(self, start: int, step: int) -> int | None:
        """The next row from a place on, or before it, that a reader who hurries should see."""
        return next((place for place in _from(start, step, len(self.rows)) if self._tells(place)), None)

    def anchor(self, place: int) -> Anchor | None:
        """What stands at a place, so that it can be found again among other rows."""
        row = self.rows[place] if place < len(self.rows) else None
        if isinstance(row, FoldRow):
            return ("fold", self.texts.lines[row.places[0]].name, 0, 0)
        if not isinstance(row, OfLine):
            return None
        name = self.texts.lines[row.index].name
        number = sum(line.name == name for line in self.texts.lines[: row.index])
        return ("detail", name, number, row.part) if isinstance(row, DetailRow) else ("line", name, number, 0)

    def place_of(self, anchor: Anchor) -> int | None:
        """Where that stands now; the line itself for a row of it that is gone, the fold for a line within it."""
        _, name, number, _ = anchor
        same = [place for place, line in enumerate(self.texts.lines) if line.name == name]
        if not same:
            return None
        index, nearest = same[min(number, len(same) - 1)], None
        for place, row in enumerate(self.rows):
            if isinstance(row, FoldRow):
                if index in row.places and (anchor[0] == "fold" or not row.is_open):
                    return place
            elif isinstance(row, OfLine) and row.index == index and self.stops(place):
                if self.anchor(place) == anchor:
                    return place
                nearest = place if nearest is None else nearest
        return nearest

    def evidence_place(self) -> int:
        """The row of the first line that proves the cause, else the first row."""
        of_lines = ((place, row) for place, row in enumerate(self.rows) if isinstance(row, LineRow | PieceRow))
        return next((place for place, row in of_lines if self.texts.lines[row.index].evidence), 0)

    def opens(self, place: int, width: int) -> tuple[Opened, ...]:
        """What `enter` unfolds, or folds, at a place; nothing where the row says all."""
        row = self.rows[place]
        if isinstance(row, FoldRow):
            return tuple(("fold", self.texts.lines[index].name) for index in row.places)
        if isinstance(row, OfLine) and holds_more(row.index, self.texts, width):
            return (("line", self.texts.lines[row.index].name),)
        return ()

    def text_at(self, place: int) -> str | None:
        """The whole text of what stands at a place, secrets masked as shown."""
        row = self.rows[place]
        if isinstance(row, DetailRow):
            return row.text.strip()
        return self.texts.full(row.index) if isinstance(row, OfLine) else None

    def _tells(self, place: int) -> bool:
        row = self.rows[place]
        if not isinstance(row, LineRow | PieceRow) or not self.stops(place):
            return False
        return is_telling(self.texts.lines[row.index])

    def row(self, index: int, width: int, *, cursor: bool) -> Row:
        """Draw one row."""
        row = self.rows[index]
        if isinstance(row, SilenceRow):
            value, unit = duration(row.ms)
            bar = (" " * 12, ""), (self.glyphs.silence, "ink-faint"), ("  ", "")
            return Row((*bar, (f"{value} {unit}", "ink"), (" without a line", "ink-muted")), stop=False)
        if isinstance(row, FoldRow):
            return self._fold_row(row, cursor=cursor)
        if isinstance(row, DrawnRow):
            return Row(row.line, stop=False)
        if isinstance(row, DetailRow):
            return self._detail_row(row, cursor=cursor)
        return self._line_row(row, width, cursor=cursor)

    def _fold_row(self, row: FoldRow, *, cursor: bool) -> Row:
        sign = self.glyphs.opened if row.is_open else self.glyphs.closed
        spans: Line = (
            (self.glyphs.bar if cursor else " ", "accent"),
            (" " * 11, ""),
            (sign, "ink-muted"),
            ("  ", ""),
            (f"{len(row.places)} lines", "ink"),
            (f"  {', '.join(row.labels)}", "ink-faint"),
        )
        return Row(spans, "cursor" if cursor else "")

    def _detail_row(self, row: DetailRow, *, cursor: bool) -> Row:
        bar = (self.glyphs.bar if cursor else " ", "accent")
        text = marked(((row.text, "ink-muted"),), self.wanted)
        return Row((bar, (" " * (TEXT_COLUMN + 1), ""), *text), "cursor" if cursor else "")

    def _line_row(self, row: LineRow | PieceRow, width: int, *, cursor: bool) -> Row:
        line = self.texts.lines[row.index]
        part = row.part if isinstance(row, PieceRow) else 0
        ground = f"tint-{self.alarm}" if line.evidence else "cursor" if cursor else ""
        lead = self._lead(line, cursor=cursor) if not part else self._continued(line)
        notes = self._notes(line, row) if not part else ()
        room = width - TEXT_COLUMN - 1 - (width_of(notes) + 2 if notes else 0)
        text = marked(self._text(line, row, room), self.wanted)
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

    def _notes(self, line: StoryLine, row: LineRow | PieceRow) -> Line:
        notes: list[Span] = []
        details = self.texts.details(row.index)
        if details is not None:
            sign = self.glyphs.opened if row.is_open else self.glyphs.closed
            notes.append((f"{sign} {details.label}", "ink-muted"))
        if line.truncated:
            notes.append(("truncated", "ink-muted"))
        if line.evidence:
            notes.append((self.glyphs.evidence, f"status-{self.alarm}"))
        return tuple(span for note in notes for span in (("  ", ""), note))[1:]

    def _text(self, line: StoryLine, row: LineRow | PieceRow, room: int) -> Line:
        first = not isinstance(row, PieceRow) or not row.part
        sign = self.glyphs.of_class("5xx" if self.alarm == "5xx" else "4xx")
        lead: Line = ((f"{sign} ", f"status-{self.alarm} bold"),) if line.evidence and first else ()
        room -= width_of(lead)
        text = row.text if isinstance(row, PieceRow) else self._on_one_line(row.index, room)
        ink = "ink-strong bold" if line.evidence else "ink-muted" if line.line_kind in _QUIET_KINDS else "ink"
        level = None if self.texts.as_logged or not first else level_of(line)
        if level is None or not text.startswith(level):
            return (*lead, (text, ink))
        return (*lead, (level, LOUD_LEVELS.get(level, ink)), (text[len(level) :], ink))

    def _on_one_line(self, index: int, room: int) -> str:
        """The text of a line cut to a width; bodies can be long, so the result is kept."""
        text = self._shortened.get((index, room))
        if text is None:
            text = self._shortened[index, room] = shortened(one_line(self.texts.headline(index)), room)
        return text


def _from(start: int, step: int, total: int) -> range:
    return range(start, total) if step > 0 else range(start, -1, -1)
