"""A query compiled to filters over requests and over events.

A request matches by its own columns, and by terms that some event of it matches (text, kind, line, group,
stream, `access.NAME`). Comparing a missing value is false, and NOT of that is true; no mask holds a null.

For the requests list: `keys` of the events that each of `event_terms` matches, then `mask` or `requests`.
For the events list the other way round: `keys` of the requests that each of `request_terms` matches, then
`event_mask` or `events`. Terms are hashable, so that what a term matched in a frame can be kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from ipaddress import IPv4Address, IPv6Address, ip_address
from operator import and_, ge, gt, le, lt, or_
from operator import eq as equals
from typing import Final

import polars as pl

from apigw_tui.core.access_format import AccessFormat, sniff
from apigw_tui.core.query import QueryError
from apigw_tui.core.query_ast import ACCESS, And, Leaf, Node, Not, Or, Query, Regex, Term, Text, leaves_of
from apigw_tui.core.query_fields import QueryField, field_named
from apigw_tui.core.query_values import (
    IGNORE_CASE,
    Between,
    Compared,
    Exactly,
    Like,
    Present,
    Test,
    UnreadableValue,
    Within,
    checked_pattern,
    tests_of,
    text_pattern,
)
from apigw_tui.core.rows import Columns

Formats = Mapping[str, AccessFormat]

_NOT_LOGGED: Final = "-"
_SNIFFED_LINES: Final = 20
_VALUE: Final = "value"
_COMPARISONS: Final[Mapping[str, Callable[[pl.Expr, pl.Expr], pl.Expr]]] = {
    "=": equals,
    ">": gt,
    ">=": ge,
    "<": lt,
    "<=": le,
}


@dataclass(frozen=True)
class EventTerm:
    """A term that is true of an event."""

    node: Leaf

    @property
    def access_name(self) -> str | None:
        """The field of the access format that it compares, None if it needs the event's columns alone."""
        if not isinstance(self.node, Term) or not self.node.field.startswith(ACCESS):
            return None
        return self.node.field.removeprefix(ACCESS)

    def mask(self, events: Columns, formats: Formats) -> pl.Series:
        """Return which of these EVENTS rows it is true of. `formats` are by log group."""
        name = self.access_name
        if name is None:
            return _column(events, _leaf_expr(self.node))
        return _column(access_values(events, name, formats).alias(_VALUE).to_frame(), _leaf_expr(self.node))

    def keys(self, events: Columns, formats: Formats) -> pl.Series:
        """Return the keys of the requests that have an event it is true of."""
        return events["key"].filter(self.mask(events, formats)).drop_nulls().unique()


@dataclass(frozen=True)
class RequestTerm:
    """A term that is true of a request."""

    node: Term

    def mask(self, requests: Columns) -> pl.Series:
        """Return which of these REQUESTS rows it is true of."""
        return _column(requests, _leaf_expr(self.node))

    def keys(self, requests: Columns) -> pl.Series:
        """Return the keys of the requests it is true of."""
        return requests["key"].filter(self.mask(requests)).drop_nulls().unique()


@dataclass(frozen=True)
class RequestFilter:
    """What a query lets through."""

    query: Query
    event_terms: tuple[EventTerm, ...]
    request_terms: tuple[RequestTerm, ...]

    @property
    def needs_events(self) -> bool:
        """Whether requests cannot be filtered without looking at their events."""
        return bool(self.event_terms)

    def mask(self, requests: Columns, hits: Sequence[pl.Series]) -> pl.Series:
        """Return which REQUESTS rows match; `hits[i]` are the keys that `event_terms[i]` found."""

        def leaf(node: Leaf) -> pl.Expr:
            if isinstance(node, Term) and not _is_of_events(node):
                return _leaf_expr(node)
            return _is_among(hits[self.event_terms.index(EventTerm(node))])

        return _column(requests, _expr(self.query.terms, leaf))

    def requests(self, requests: pl.DataFrame, hits: Sequence[pl.Series]) -> pl.DataFrame:
        """Return the REQUESTS rows that match."""
        return requests.filter(self.mask(requests, hits))

    def event_mask(self, events: Columns, hits: Sequence[pl.Series], formats: Formats) -> pl.Series:
        """Return which EVENTS rows match; `hits[i]` are the keys that `request_terms[i]` found.

        Event terms are asked of the event itself, request terms of its request, and `id` of both: a line
        of a function has no request, but an ID. An event without a request has none of a request's values.
        """
        masks = events.select("key", "request_id").with_columns(
            term.mask(events, formats).alias(str(n)) for n, term in enumerate(self.event_terms)
        )

        def leaf(node: Leaf) -> pl.Expr:
            if not isinstance(node, Term) or _is_of_events(node):
                return pl.col(str(self.event_terms.index(EventTerm(node))))
            found = _is_among(hits[self.request_terms.index(RequestTerm(node))])
            return found | _own_id(node) if node.field == "id" else found

        return _column(masks, _expr(self.query.terms, leaf))

    def events(self, events: pl.DataFrame, hits: Sequence[pl.Series], formats: Formats) -> pl.DataFrame:
        """Return the EVENTS rows that match."""
        return events.filter(self.event_mask(events, hits, formats))


def compile_query(query: Query) -> RequestFilter:
    """Return the filter of a query; raise QueryError for a hand-made one that makes no sense."""
    leaves = list(dict.fromkeys(leaf for node in query.terms for leaf in leaves_of(node)))
    try:
        for leaf in leaves:
            _leaf_expr(leaf)
    except UnreadableValue as unreadable:
        raise QueryError(1, unreadable.expected, unreadable.hint) from None
    return RequestFilter(
        query,
        tuple(EventTerm(leaf) for leaf in leaves if not isinstance(leaf, Term) or _is_of_events(leaf)),
        tuple(RequestTerm(leaf) for leaf in leaves if isinstance(leaf, Term) and not _is_of_events(leaf)),
    )


def access_values(events: Columns, name: str, formats: Formats) -> pl.Series:
    """Return a field of each access entry by the name the format gives it; null elsewhere and for `-`.

    Entries of a group without a format, and those the format cannot read, are read as what they look like.
    """
    rows = events.select("kind", "log_group", "message").with_row_index("row")
    entries = rows.filter(pl.col("kind") == "access")
    found = [pl.DataFrame(schema={"row": pl.UInt32, _VALUE: pl.String})]
    for (group,), chosen in entries.group_by("log_group", maintain_order=True):
        known = formats.get(str(group))
        values = _extracted(chosen, name, known)
        rest = chosen.filter(values.is_null())
        guessed = sniff(rest["message"].drop_nulls().head(_SNIFFED_LINES).to_list()) if rest.height else None
        found.append(chosen.select("row", values.alias(_VALUE)))
        if guessed is not None and guessed != known:
            found.append(rest.select("row", _extracted(rest, name, guessed).alias(_VALUE)))
    by_row = pl.concat(found).drop_nulls(_VALUE)
    return rows.select("row").join(by_row, on="row", how="left", maintain_order="left")[_VALUE]


def _extracted(entries: pl.DataFrame, name: str, fmt: AccessFormat | None) -> pl.Series:
    if fmt is None:
        return pl.Series(_VALUE, [None] * entries.height, dtype=pl.String)
    values = fmt.extract(entries["message"], name).alias(_VALUE)
    return values.set(values == _NOT_LOGGED, None)


def _is_of_events(term: Term) -> bool:
    return _field(term).of_events


def _field(term: Term) -> QueryField:
    field = field_named(term.field)
    if field is None:
        raise UnreadableValue("a field", f"{term.field} is none.")
    return field


def _expr(nodes: tuple[Node, ...], leaf: Callable[[Leaf], pl.Expr]) -> pl.Expr:
    """Return the expression of terms that must all hold; none hold of everything."""
    return reduce(and_, (_node_expr(node, leaf) for node in nodes), pl.lit(value=True))


def _node_expr(node: Node, leaf: Callable[[Leaf], pl.Expr]) -> pl.Expr:
    if isinstance(node, Not):
        return ~_node_expr(node.node, leaf)
    if isinstance(node, And):
        return _expr(node.nodes, leaf)
    if isinstance(node, Or):
        return reduce(or_, (_node_expr(part, leaf) for part in node.nodes))
    return leaf(node)


def _leaf_expr(node: Leaf) -> pl.Expr:
    """Return what a term is in columns of its table (for `access.NAME`: of the column `value`), never null."""
    if isinstance(node, Text):
        return pl.col("message").str.contains(text_pattern(node.text)).fill_null(value=False)
    if isinstance(node, Regex):
        pattern = IGNORE_CASE + checked_pattern(node.pattern)
        return pl.col("message").str.contains(pattern).fill_null(value=False)
    field = _field(node)
    return _any_column(field.columns or (_VALUE,), node, tests_of(node, field))


def _any_column(columns: tuple[str, ...], term: Term, tests: tuple[Test, ...]) -> pl.Expr:
    fits = [
        reduce(or_, (_test_expr(pl.col(column), test) for test in tests)).fill_null(value=False) for column in columns
    ]
    if term.operator != "!=":
        return reduce(or_, fits)
    present = reduce(or_, (pl.col(column).is_not_null() for column in columns))
    return present & ~reduce(or_, fits)


def _own_id(term: Term) -> pl.Expr:
    return _any_column(("request_id",), term, tests_of(term, _field(term)))


def _is_among(keys: pl.Series) -> pl.Expr:
    return pl.col("key").is_in(keys.drop_nulls().implode()).fill_null(value=False)


def _column(rows: Columns, expr: pl.Expr) -> pl.Series:
    """Return one Boolean per row, also for an expression that names no column."""
    found = rows.select(match=expr)["match"]
    return found if len(found) == rows.height else found.new_from_index(0, rows.height)


def _test_expr(column: pl.Expr, test: Test) -> pl.Expr:
    if isinstance(test, Present):
        return column.is_not_null()
    if isinstance(test, Compared):
        # Access fields are text; what is no number there compares as missing.
        number = column.cast(pl.Float64, strict=False)
        return number.is_finite() & _COMPARISONS[test.operator](number, pl.lit(float(test.number)))
    if isinstance(test, Between):
        return column.is_between(test.low, test.high)
    text = column.cast(pl.String)
    if isinstance(test, Exactly):
        return text == test.text
    if isinstance(test, Like):
        return text.str.contains(test.pattern)
    return text.map_batches(_within(test), return_dtype=pl.Boolean, is_elementwise=True)


def _within(test: Within) -> Callable[[pl.Series], pl.Series]:
    def members(addresses: pl.Series) -> pl.Series:
        distinct = addresses.drop_nulls().unique()
        inside = [text for text in distinct if (address := _address(text)) and address in test.network]
        return addresses.is_in(pl.Series(inside, dtype=pl.String).implode())

    return members


@lru_cache(maxsize=65_536)
def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
