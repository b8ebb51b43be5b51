"""What the words of a query match within a text, to be found and highlighted."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from apigw_tui.core.query import QueryError, parse
from apigw_tui.core.query_ast import And, Or, Regex, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apigw_tui.core.query_ast import Node
    from apigw_tui.tui.line import Line, Span

_MARK: Final = "underline"


def wanted_text(query: str) -> re.Pattern[str] | None:
    """A pattern of all texts and regular expressions that a query looks for; None when it looks for none."""
    try:
        terms = parse(query).terms
    except QueryError:
        return None
    parts = [part for term in terms for part in _patterns(term)]
    try:
        return re.compile("|".join(f"(?:{part})" for part in parts), re.IGNORECASE) if parts else None
    except re.error:
        # Polars' expressions are not all Python's: such a query filters, but marks nothing.
        return None


def marked(line: Line, wanted: re.Pattern[str] | None) -> Line:
    """The spans of a line with its matches underlined, also those that go over the edge of a span."""
    if wanted is None:
        return line
    text = "".join(part for part, _ in line)
    spans = [match.span() for match in wanted.finditer(text) if match.end() > match.start()]
    return tuple(_cut_at(line, spans)) if spans else line


def _patterns(node: Node) -> Iterator[str]:
    if isinstance(node, Text):
        yield re.escape(node.text)
    elif isinstance(node, Regex):
        yield node.pattern
    elif isinstance(node, And | Or):
        for part in node.nodes:
            yield from _patterns(part)


def _cut_at(line: Line, spans: list[tuple[int, int]]) -> Iterator[Span]:
    edges = sorted({edge for span in spans for edge in span})
    at = 0
    for text, spec in line:
        cuts = [0, *(edge - at for edge in edges if 0 < edge - at < len(text)), len(text)]
        for start, end in pairwise(cuts):
            is_match = any(first <= at + start and at + end <= last for first, last in spans)
            yield text[start:end], f"{_MARK} {spec}" if is_match and _MARK not in spec else spec
        at += len(text)
