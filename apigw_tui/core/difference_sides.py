"""Which requests are set apart from which: the failing ones of a query, what it matches, those with a cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

import polars as pl

from apigw_tui.core.access_format import AccessFormat, sniff
from apigw_tui.core.cause_texts import CAUSES
from apigw_tui.core.difference import APART, ENTRY, Compared, compared
from apigw_tui.core.difference_fields import NOTHING, ComparedField, access_field, compared_fields, own_fields
from apigw_tui.core.query_ast import ACCESS, Query
from apigw_tui.core.view import View, Viewer

if TYPE_CHECKING:
    from apigw_tui.core.chunk import Chunk
    from apigw_tui.core.part import Part
    from apigw_tui.core.store import Snapshot
    from apigw_tui.core.timerange import TimeRange

MOST_ENTRIES: Final = 200_000
"""The fields of the format are read of so many requests, the newest, and a few more."""

_SNIFFED: Final = 20
_NEARLY_ALL: Final = 0.9
_MOST_CAUSES: Final = 3
_SPAN: Final = ("first_event_at", "last_event_at")
_STATUS_AND_CAUSE: Final = ("status", "cause")
_NONE_LOGGED: Final = "-"

Side = Literal["5xx", "4xx", "matching", "cause"]


@dataclass(frozen=True)
class Sides:
    """What is set apart; `code` is the cause that all of it has, for `cause`."""

    side: Side
    code: str | None = None

    @property
    def told(self) -> tuple[str, str]:
        """What both sides are called."""
        if self.side == "cause":
            return CAUSES[self.code or "unknown"].label, "all others"
        if self.side == "matching":
            return "matching", "all others"
        return self.side, "the rest"


@dataclass(frozen=True)
class Differences:
    """What sets one side apart, and the other comparisons there are, this one among them."""

    sides: Sides
    choices: tuple[Sides, ...]
    compared: Compared = field(default_factory=lambda: Compared(0, 0))
    entries_since: int | None = None
    """From when on (epoch ms) the fields of the access format were read, where that is not of all requests."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """A query over one version of the store, to be compared. `window` bounds what is told of its time."""

    snapshot: Snapshot
    query: Query
    time_range: TimeRange
    formats: Mapping[str, AccessFormat]
    window: tuple[int, int]

    def differences(self, wanted: Sides | None = None) -> Differences:
        """Compare; `wanted` or, where that has not two sides, what there is to compare first."""
        # A viewer of its own: what the list's one keeps of each chunk must not give way to this.
        viewer = Viewer(self.formats)
        matching = viewer.requests(self.snapshot, self.query, self.time_range)
        choices = self._choices(matching, wanted)
        if not choices:
            return Differences(wanted or Sides("5xx"), ())
        sides = wanted if wanted in choices else choices[0]
        view, apart = self._sides(viewer, matching, sides)
        entries = _Entries(self.snapshot.events, self.formats)
        pieces = _Pieces(view, apart, entries)
        fixed = self.query.fields if sides.side == "matching" else frozenset()
        fields = [each for each in pieces.fields if fixed.isdisjoint(each.fixed_by)]
        start, end = self.window
        found = compared(pieces.frames, fields, start=start, end=end)
        return Differences(sides, choices, found, pieces.entries_since)

    def _choices(self, matching: View, wanted: Sides | None) -> tuple[Sides, ...]:
        failing = sum(part.select(_is_5xx().sum()).item() for part in matching.parts)
        refused = sum(part.select(_is_4xx().sum()).item() for part in matching.parts)
        found = [Sides("5xx")] if 0 < failing < len(matching) else []
        found += [Sides("4xx")] if 0 < refused < len(matching) else []
        if self.query.terms and 0 < len(matching) < matching.total:
            # Where nearly all of it fails the query narrows to failures: it is the query that is to be explained.
            narrows = failing + refused > _NEARLY_ALL * len(matching)
            found.insert(0 if narrows else len(found), Sides("matching"))
        causes = [Sides("cause", code) for code in _causes(matching)]
        asked = [wanted] if wanted is not None and wanted.side == "cause" and wanted not in causes else []
        return (*asked, *found, *causes)

    def _sides(self, viewer: Viewer, matching: View, sides: Sides) -> tuple[View, pl.Expr]:
        if sides.side == "5xx":
            return matching, _is_5xx()
        if sides.side == "4xx":
            return matching, _is_4xx()
        if sides.side == "cause":
            everything = viewer.requests(self.snapshot, Query(), self.time_range)
            return everything, (pl.col("cause").cast(pl.String) == sides.code).fill_null(value=False)
        marked = viewer.view(self.snapshot, self.query, mode="requests", time_range=self.time_range, highlight=True)
        return marked, pl.col("match")


class _Pieces:
    """The requests of a view with their sides and what their entries say, in pieces."""

    def __init__(self, view: View, apart: pl.Expr, entries: _Entries) -> None:
        self._view = view
        self._apart = apart
        self._entries = entries
        self.entries_since: int | None = None
        whole = 0
        self._with_entries = 0
        for part in reversed(view.parts):
            whole += part.height
            self._with_entries += 1
            if whole >= MOST_ENTRIES:
                break
        if self._with_entries < len(view.parts):
            first = view.parts[-self._with_entries]
            self.entries_since = int(first.columns(("started_at",), count=1).item())
        own = entries.names(view.parts[-self._with_entries :])
        self.fields: tuple[ComparedField, ...] = (
            *compared_fields(entries.formats),
            *(access_field(name) for name in own),
        )
        self._own = own
        columns = {column for each in self.fields for column in each.columns if not column.startswith(ACCESS)}
        self._columns = tuple(sorted({*columns, *_SPAN, *_STATUS_AND_CAUSE, "started_at", "key"}))
        self._kept: dict[int, pl.DataFrame] = {}

    def frames(self) -> Iterator[pl.DataFrame]:
        """What `compared` needs of the requests."""
        first = len(self._view.parts) - self._with_entries
        names = (*self._columns, "match") if self._view.highlight else self._columns
        for place, part in enumerate(self._view.parts):
            rows = part.columns(names).with_columns(self._apart.alias(APART))
            if place < first or not self._own:
                nothing = [pl.lit(None, pl.String).alias(ACCESS + name) for name in self._own]
                yield rows.with_columns(*nothing, pl.lit(value=False).alias(ENTRY))
            else:
                if place not in self._kept:
                    self._kept[place] = self._entries.of(rows, self._own)
                yield rows.hstack(self._kept[place])


class _Entries:
    """Access entries of one version of the store, as columns beside requests."""

    def __init__(self, chunks: tuple[Chunk, ...], formats: Mapping[str, AccessFormat]) -> None:
        self._chunks = chunks
        self.formats = dict(formats)
        """By log group; of groups without one what their entries look like, once `names` was asked."""

    def names(self, parts: tuple[Part, ...]) -> tuple[str, ...]:
        """The fields of the formats of these requests that are to be compared."""
        groups: set[str] = set()
        for part in parts[-1:]:
            events = self._between(part.columns(_SPAN))
            for (group,), entries in events.group_by("log_group", maintain_order=True):
                groups.add(str(group))
                if str(group) not in self.formats:
                    found = sniff(entries["message"].head(_SNIFFED).to_list())
                    if found is not None:
                        self.formats[str(group)] = found
        found_in = (self.formats[group] for group in sorted(groups) if group in self.formats)
        return tuple(dict.fromkeys(own.name for known in found_in for own in own_fields(known)))

    def of(self, rows: pl.DataFrame, names: tuple[str, ...]) -> pl.DataFrame:
        """A column per field, NOTHING where the entry says so and null where there is none; and ENTRY."""
        events = self._between(rows).join(rows.select("key"), on="key", how="semi")
        schema = {"key": pl.UInt64, **{ACCESS + name: pl.String for name in names}}
        found = [pl.DataFrame(schema=schema)]
        for (group,), entries in events.group_by("log_group", maintain_order=True):
            known = self.formats.get(str(group))
            if known is not None:
                values = _values(entries["message"], known, names)
                found.append(entries.select("key").hstack(values).select(schema.keys()))
        by_key = pl.concat(found).unique("key", keep="last").with_columns(pl.lit(value=True).alias(ENTRY))
        beside = rows.select("key").join(by_key, on="key", how="left", maintain_order="left")
        return beside.drop("key").with_columns(pl.col(ENTRY).fill_null(value=False))

    def _between(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The access entries within the time of these requests."""
        start, end = rows["first_event_at"].min(), rows["last_event_at"].max()
        wanted = ("timestamp", "kind", "log_group", "key", "message")
        pieces = [pl.DataFrame(schema={"log_group": pl.String, "key": pl.UInt64, "message": pl.String})]
        for chunk in self._chunks:
            if chunk.first > end or chunk.last < start:  # type: ignore[operator]
                continue
            times = chunk["timestamp"]
            low = int(times.search_sorted(start, side="left"))
            high = int(times.search_sorted(end, side="right"))
            piece = chunk.columns(wanted, start=low, count=high - low)
            pieces.append(piece.filter(pl.col("kind") == "access").select("log_group", "key", "message"))
        return pl.concat(pieces)


def _values(messages: pl.Series, known: AccessFormat, names: tuple[str, ...]) -> pl.DataFrame:
    chosen = {own.name: own for own in own_fields(known) if own.name in names}
    parsed = known.read(messages).select(
        *(_value(known.fields.index(own)).alias(ACCESS + name) for name, own in chosen.items())
    )
    missing = [pl.lit(None, pl.String).alias(ACCESS + name) for name in names if name not in chosen]
    return parsed.with_columns(missing) if chosen else messages.to_frame("message").select(missing)


def _value(place: int) -> pl.Expr:
    value = pl.col(str(place))
    logged = pl.when(value != _NONE_LOGGED).then(value).fill_null(NOTHING)
    return pl.when(pl.col("readable")).then(logged)


def _causes(matching: View) -> list[str]:
    """The causes of most failing requests, where there are several."""
    found: Counter[str] = Counter()
    for part in matching.parts:
        counted = part.select(pl.col("cause").cast(pl.String)).to_series().drop_nulls().value_counts()
        found.update(dict(counted.iter_rows()))
    return [code for code, _ in found.most_common(_MOST_CAUSES)] if len(found) > 1 else []


def _is_5xx() -> pl.Expr:
    told = pl.col("status") >= 500  # noqa: PLR2004 - HTTP's server errors
    return told.fill_null(value=False)


def _is_4xx() -> pl.Expr:
    return pl.col("status").is_between(400, 499).fill_null(value=False)
