"""Rows of a scrolling view: drawn one by one when they come into view, cut and folded to their width."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from rich.cells import cell_len

from apigw_tui.tui.line import Line, cut, cut_line, plain, width_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apigw_tui.tui.line import Span

_LINK: Final = re.compile(r"(?:[a-z][a-z0-9+.-]*://|arn:)\S+")
_BREAKS: Final = re.compile(r"\s*\n\s*|\t")
_LEAST_LINK: Final = 16
_HEAD_SHARE: Final = 0.28
_MEASURED: Final = 8


@dataclass(frozen=True)
class Row:
    """One row: `ground` is the palette name it is painted on, `stop` whether a cursor can stand on it."""

    line: Line = ()
    ground: str = ""
    stop: bool = True

    @property
    def plain(self) -> str:
        """The text without colours."""
        return plain(self.line)


class Rows(Protocol):
    """Rows that are drawn when they are needed."""

    def __len__(self) -> int:
        """How many rows there are."""

    def row(self, index: int, width: int, *, cursor: bool) -> Row:
        """Draw one row."""

    def stops(self, index: int) -> bool:
        """Whether the cursor can stand on a row."""


@dataclass(frozen=True)
class FixedRows:
    """Rows that are drawn already."""

    rows: tuple[Row, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def row(self, index: int, width: int, *, cursor: bool) -> Row:  # noqa: ARG002 - the same for each
        """Give a row as it is."""
        return self.rows[index]

    def stops(self, index: int) -> bool:
        """Whether the cursor can stand on a row."""
        return self.rows[index].stop


def spread(left: Sequence[Span], right: Sequence[Span], width: int, *, gap: int = 2) -> Line:
    """Set spans at both ends of a width; the right ones go when the left ones need their place."""
    if not right or width_of(left) + gap + width_of(right) > width:
        return cut_line(tuple(left), width)
    return (*left, (" " * (width - width_of(left) - width_of(right)), ""), *right)


def spread_keeping_right(left: Sequence[Span], right: Sequence[Span], width: int, *, gap: int = 2) -> Line:
    """Set spans at both ends of a width; the left ones are cut when the right ones need their place."""
    room = max(width - width_of(right) - gap, 0)
    return spread(cut_line(tuple(left), room), right, width, gap=gap)


def rule(width: int, left: Sequence[Span] = (), right: Sequence[Span] = ()) -> Line:
    """Draw a hairline with titles set into its ends."""
    start: Line = (("─ ", "rule"), *left, (" ", "")) if left else ()
    end: Line = ((" ", ""), *right, (" ", ""), ("─", "rule")) if right else ()
    fill = max(width - width_of(start) - width_of(end), 0)
    return (*start, ("─" * fill, "rule"), *end)


def one_line(text: str) -> str:
    """Set a text of many lines on one, each break as one blank."""
    return _BREAKS.sub(" ", text).strip() if "\n" in text or "\t" in text else text


def shortened(text: str, width: int) -> str:
    """Cut a text at its end, but a link or ARN in it in the middle: its head and tail both tell."""
    head = text[: _MEASURED * max(width, 1)]
    if len(head) == len(text) and cell_len(text) <= width:
        return text
    link = max(_LINK.finditer(head), key=lambda match: len(match[0]), default=None)
    if link is not None:
        rest = text[link.end() :]
        room = width - cell_len(text[: link.start()]) - len(rest)
        if room >= _LEAST_LINK:
            return f"{text[: link.start()]}{link_shortened(link[0], room)}{rest}"
    return cut(head if len(head) > width else text, width)


def link_shortened(text: str, width: int) -> str:
    """Cut a link in the middle, keeping more of its tail, where the name is."""
    if cell_len(text) <= width:
        return text
    if not text.isascii() or width < _MEASURED:
        return cut(text, width)
    head = int((width - 1) * _HEAD_SHARE)
    return f"{text[:head]}…{text[len(text) - (width - 1 - head) :]}"


def folded(text: str, width: int) -> list[str]:
    """Break a text into rows of a width: at its own line breaks, then at a late blank, else anywhere."""
    rows: list[str] = []
    for paragraph in text.expandtabs(4).split("\n"):
        rows.extend(_rows_of(paragraph, max(width, 2)))
    return rows


def _rows_of(text: str, width: int) -> list[str]:
    rows: list[str] = []
    start = 0
    while True:
        end = min(len(text), start + width)
        while cell_len(text[start:end]) > width:
            end -= 1
        if end == len(text):
            rows.append(text[start:])
            return rows
        blank = text.rfind(" ", end - (end - start) // 4, end)
        end = blank + 1 if blank > start else end
        rows.append(text[start:end])
        start = end
