"""Lines: text with style specs, measured and cut in terminal cells; what every widget paints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.strip import Strip

from apigw_tui.core import units

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apigw_tui.tui.ink import Inks

_MINUTE_S: Final = 60
_LEAST_MIDDLE_CUT: Final = 3

Span = tuple[str, str]
"""Text and the spec of its style (see Inks)."""
Line = tuple[Span, ...]


def whole_seconds(ms: float) -> tuple[str, str]:
    """Return value and unit of a span that is not known any finer: `4 s`, `3 m 13 s`."""
    seconds = max(0, int(ms)) // 1_000
    return (str(seconds), "s") if seconds < _MINUTE_S else units.duration(seconds * 1_000)


def width_of(line: Iterable[Span]) -> int:
    """Return the width in cells."""
    return sum(cell_len(text) for text, _ in line)


def plain(line: Iterable[Span]) -> str:
    """Return the text alone."""
    return "".join(text for text, _ in line)


def fitted(text: str, width: int, ellipsis: str = "…") -> str:
    """Return the text cut at its end, or padded, to exactly `width` cells."""
    if text.isascii() and len(text) <= width:
        return text.ljust(width)
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    if width < 1:
        return ""
    # A wide character that straddles the edge leaves a blank before the ellipsis.
    return set_cell_size(text, width - cell_len(ellipsis)) + ellipsis


def cut(text: str, width: int, ellipsis: str = "…") -> str:
    """Return the text cut at its end to at most `width` cells."""
    return text if cell_len(text) <= width else fitted(text, width, ellipsis)


def cut_middle(text: str, width: int, ellipsis: str = "…") -> str:
    """Return the text cut in its middle to at most `width` cells: head and tail both tell."""
    if cell_len(text) <= width or width < _LEAST_MIDDLE_CUT:
        return cut(text, width, ellipsis)
    tail_width = (width - 1) // 2
    head = set_cell_size(text, width - 1 - tail_width)
    tail = text[-tail_width:]
    while cell_len(tail) > tail_width:
        tail = tail[1:]
    return head + ellipsis + tail


def between(left: Line, right: Line, width: int) -> Line:
    """Return `left` and `right` at the two ends of `width` cells, at least one blank apart."""
    blanks = max(1, width - width_of(left) - width_of(right))
    return (*left, (" " * blanks, ""), *right)


def cut_line(line: Line, width: int, ellipsis: str = "…") -> Line:
    """Return the spans that fit, the last one cut at its end."""
    kept: list[Span] = []
    room = width
    for text, spec in line:
        size = cell_len(text)
        if size > room:
            if room > 0:
                kept.append((fitted(text, room, ellipsis), spec))
            break
        kept.append((text, spec))
        room -= size
    return tuple(kept)


def strip_of(line: Iterable[Span], width: int, inks: Inks, on: str = "") -> Strip:
    """Return a line as a strip of exactly `width` cells on a ground."""
    segments: list[Segment] = []
    room = width
    for text, spec in line:
        size = len(text) if text.isascii() else cell_len(text)
        if size > room:
            segments.append(Segment(set_cell_size(text, room), inks.style(spec, on)))
            room = 0
            break
        if size:
            segments.append(Segment(text, inks.style(spec, on)))
            room -= size
    if room:
        segments.append(Segment(" " * room, inks.style("", on)))
    return Strip(segments, width)
