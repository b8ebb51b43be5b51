"""Tables of log events: CSV as the CloudWatch console and Insights export it, Insights' Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from itertools import islice
from typing import Final

import polars as pl

from apigw_tui.sources.event_records import BATCH_ROWS, Origin, frame_of

_TIMES: Final = frozenset({"timestamp", "@timestamp"})
_MESSAGES: Final = frozenset({"message", "@message"})
# A quote that is never closed is an ordinary character: it must not swallow the rest of the file.
_FIELD: Final = re.compile(r'(?:"((?:[^"]++|"")*+)"(?=[,\r\n]|\Z)|([^,\n]*))(,|\r?\n|\Z)')
_RULE: Final = re.compile(r"[\s|:-]+")
_CELL: Final = " | "


@dataclass(frozen=True)
class _Row:
    cells: Sequence[str]
    text: str
    separator: str = ","


def columns_of(first_line: str) -> Sequence[str] | None:
    """The columns of a table of events that begins with this line; None when it is none."""
    row = next(_rows(first_line, markdown=_is_markdown(first_line)), None)
    names = [] if row is None else [name.strip() for name in row.cells]
    lowered = [name.lower() for name in names]
    if _TIMES.isdisjoint(lowered) or _MESSAGES.isdisjoint(lowered):
        return None
    known = _TIMES | _MESSAGES
    return [low if low in known else name for low, name in zip(lowered, names, strict=True)]


def read_table(text: str, origin: Origin) -> Iterator[pl.DataFrame]:
    """Yield the events of a table; a row that does not fit its columns stays, as the message of one."""
    first_line, _, body = text.partition("\n")
    columns = columns_of(first_line) or []
    events = (_event(columns, row) for row in _rows(body, markdown=_is_markdown(first_line)))
    while batch := list(islice(events, BATCH_ROWS)):
        yield frame_of(batch, origin)


def _is_markdown(first_line: str) -> bool:
    return first_line.lstrip().startswith("|")


def _event(columns: Sequence[str], row: _Row) -> Mapping[str, str]:
    """A row by its columns. Separators too many are those of a message that was not quoted."""
    surplus = len(row.cells) - len(columns)
    if surplus < 0:
        return {"message": row.text}
    at = next(number for number, name in enumerate(columns) if name in _MESSAGES)
    end = at + surplus + 1
    message = row.separator.join(row.cells[at:end])
    return dict(zip(columns, [*row.cells[:at], message, *row.cells[end:]], strict=True))


def _rows(text: str, *, markdown: bool) -> Iterator[_Row]:
    return _markdown_rows(text) if markdown else _csv_rows(text)


def _csv_rows(text: str) -> Iterator[_Row]:
    cells: list[str] = []
    start = 0
    for found in _FIELD.finditer(text):
        quoted, plain, separator = found.groups()
        ends = separator != ","
        cell = quoted.replace('""', '"') if quoted is not None else plain
        cells.append(cell.removesuffix("\r") if ends and quoted is None else cell)
        if not ends:
            continue
        if any(cell.strip() for cell in cells):
            yield _Row(cells, text[start : found.end()].rstrip("\r\n"))
        cells, start = [], found.end()


def _markdown_rows(text: str) -> Iterator[_Row]:
    for line in text.split("\n"):
        if not line.strip() or _RULE.fullmatch(line):
            continue
        inside = line.strip().removeprefix("|").removesuffix("|")
        yield _Row([unescape(cell.strip()) for cell in inside.split(_CELL)], line, _CELL)
