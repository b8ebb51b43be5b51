"""What sets some requests apart from the others: the values that they have more often than chance explains.

Shares are between 0 and 1, of the requests whose value is known; None is unknown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final

import polars as pl

from apigw_tui.core.difference_fields import NOTHING, ComparedField
from apigw_tui.core.onset import Onset, evidence, is_beyond_chance, onset
from apigw_tui.core.query_ast import ACCESS
from apigw_tui.core.stats import smallest_step

if TYPE_CHECKING:
    from apigw_tui.core.query_ast import Node

APART: Final = "apart"
"""The Boolean column that tells the requests that are set apart from the rest."""
ENTRY: Final = "entry"
"""The Boolean column that tells whether the access entry was read, for the fields of the format."""

MOST_DISTINCT: Final = 200
"""A field of the access format with more values names single requests."""

_LEAST_HITS: Final = 3
_LEAST_SHARE: Final = 0.02
_LEAST_LIFT: Final = 1.5
_LEAST_POINTS: Final = 0.15
"""A value counts from this lift on, or where the shares are so far apart."""
_KNOWN: Final = 0.5
"""A field must be known of at least so much of each side, or what is known of it may be what was looked up."""
_MOST_ROWS: Final = 40
_ALIKE: Final = 0.97
_MOST_STEPS: Final = 90
_MINUTE_MS: Final = 60_000

Frames = Callable[[], Iterator[pl.DataFrame]]
"""The requests that are compared, in pieces, whenever it is called: the fields' columns, `started_at`, APART, ENTRY."""


@dataclass(frozen=True)
class Difference:
    """A value, and how many requests of each side have it, of those of which it is known."""

    field: str
    value: str | None
    failing: int
    of_failing: int
    rest: int
    of_rest: int
    terms: tuple[Node, ...] = ()
    """What the query asks for these requests; none where it has no word for it."""
    same: tuple[Difference, ...] = ()
    """Other values that the same requests have."""

    @property
    def share(self) -> float:
        """The share of the requests that are set apart."""
        return self.failing / self.of_failing

    @property
    def rest_share(self) -> float:
        """The share of the rest."""
        return self.rest / self.of_rest

    @property
    def lift(self) -> float | None:
        """How many times as frequent it is as among the rest; None where none of the rest has it."""
        return self.share / self.rest_share if self.rest else None

    @property
    def evidence(self) -> float:
        """How much the numbers speak for a difference, in nats."""
        return evidence(self.failing, self.of_failing, self.rest, self.of_rest)

    @property
    def name(self) -> tuple[str, str | None]:
        """What it is known by while numbers change."""
        return self.field, self.value


@dataclass(frozen=True)
class Compared:
    """The differences, those that tell most first, and how many requests are on each side."""

    failing: int
    rest: int
    rows: tuple[Difference, ...] = ()
    onset: Onset | None = None


def compared(frames: Frames, fields: Sequence[ComparedField], *, start: int, end: int) -> Compared:
    """Compare requests by these fields, and by the share of them in `start` to `end` (excluded)."""
    failing = _counts(frames(), fields, only_apart=True)
    sizes, rose = _over_time(frames(), start, end)
    if not all(sizes):
        return Compared(*sizes)
    frequent = {name: _frequent(values) for name, values in failing.items()}
    everything = _counts(frames(), fields, only=frequent)
    tried = sum(map(len, frequent.values()))
    found = [
        row
        for field in fields
        for row in _differences(field, failing[field.name], everything[field.name])
        if _is_known(row, sizes) and _tells(row, tried)
    ]
    effects = {field.name for field in fields if field.effect}
    order = {field.name: place for place, field in enumerate(fields)}
    found.sort(key=lambda row: (row.field in effects, -row.evidence, order[row.field], row.value or ""))
    return Compared(*sizes, _folded(found[:_MOST_ROWS], frames(), {field.name: field for field in fields}), rose)


def _frequent(values: Counter[str | None]) -> list[str]:
    known = sum(number for value, number in values.items() if value is not None)
    least = max(_LEAST_HITS, _LEAST_SHARE * known)
    return [value for value, number in values.items() if value is not None and number >= least]


def _counts(
    frames: Iterable[pl.DataFrame],
    fields: Sequence[ComparedField],
    *,
    only_apart: bool = False,
    only: dict[str, list[str]] | None = None,
) -> dict[str, Counter[str | None]]:
    """How many requests have each value of each field, null for all of which it is known, where `only` is given."""
    counts: dict[str, Counter[str | None]] = {field.name: Counter() for field in fields}
    for frame in frames:
        rows = frame.filter(APART) if only_apart else frame
        for field in fields:
            if only is not None and not only[field.name]:
                continue
            values = rows.select(value=field.values()).to_series()
            if only is not None:
                counts[field.name][None] += len(values) - values.null_count()
                values = values.filter(values.is_in(pl.Series(only[field.name], dtype=pl.String).implode()))
            told = values.drop_nulls().value_counts()
            counts[field.name].update(dict(zip(told["value"].to_list(), told["count"].to_list(), strict=True)))
    return counts


def _differences(
    field: ComparedField, failing: Counter[str | None], everything: Counter[str | None]
) -> Iterator[Difference]:
    of_failing = failing.total()
    of_all = everything.pop(None, 0)
    is_own = field.name.startswith(ACCESS)
    if is_own and len(failing) > MOST_DISTINCT:
        return
    for value, number in everything.items():
        hits = failing[value]
        told = None if value == NOTHING else value
        yield Difference(
            field.name, told, hits, of_failing, number - hits, of_all - of_failing, terms=field.terms(told)
        )


def _tells(row: Difference, tried: int) -> bool:
    """Whether a difference is large, and larger than the largest that chance makes of so many values."""
    if not row.of_rest or row.share <= row.rest_share or row.failing < _LEAST_HITS:
        return False
    is_large = row.share >= _LEAST_LIFT * row.rest_share or row.share - row.rest_share >= _LEAST_POINTS
    return is_large and is_beyond_chance(row.evidence, tried)


def _is_known(row: Difference, sizes: tuple[int, int]) -> bool:
    """Whether enough is known of both sides; of the format's own fields what was read was not chosen by its values."""
    if row.field.startswith(ACCESS):
        return True
    return row.of_failing >= _KNOWN * sizes[0] and row.of_rest >= _KNOWN * sizes[1]


def _over_time(frames: Iterable[pl.DataFrame], start: int, end: int) -> tuple[tuple[int, int], Onset | None]:
    """How many requests are on each side, and since when their share is high."""
    step = max(_MINUTE_MS, smallest_step(-(-max(1, end - start) // _MOST_STEPS)))
    first = start // step * step
    steps = max(1, -(-(end - first) // step))
    hits, totals = [0] * steps, [0] * steps
    failing = everything = 0
    for frame in frames:
        failing += int(frame[APART].sum())
        everything += frame.height
        at = (pl.col("started_at") - first) // step
        counted = frame.group_by(at=at).agg(hits=pl.col(APART).sum(), of=pl.len())
        for place, number, of in counted.iter_rows():
            if place is not None and 0 <= place < steps:
                hits[place] += number
                totals[place] += of
    return (failing, everything - failing), onset(hits, totals, start=first, step_ms=step)


def _folded(
    rows: Sequence[Difference], frames: Iterable[pl.DataFrame], fields: dict[str, ComparedField]
) -> tuple[Difference, ...]:
    """The rows, those that the same requests have folded into one: that of the field that tells most."""
    if len(rows) < 2:  # noqa: PLR2004 - one row has no other
        return tuple(rows)
    combined = _combinations(rows, frames, fields)
    same = {pair for pair in combinations(range(len(rows)), 2) if _are_alike(rows, pair, combined)}
    heads: dict[int, list[Difference]] = {}
    for place, row in enumerate(rows):
        head = next((first for first in heads if (first, place) in same), None)
        if head is None:
            heads[place] = []
        else:
            heads[head].append(row)
    order = list(fields)
    return tuple(_headed([rows[place], *others], order) for place, others in heads.items())


def _headed(alike: Sequence[Difference], order: Sequence[str]) -> Difference:
    row, *folded = sorted(alike, key=lambda each: order.index(each.field))
    return Difference(
        row.field, row.value, row.failing, row.of_failing, row.rest, row.of_rest, row.terms, tuple(folded)
    )


def _combinations(
    rows: Sequence[Difference], frames: Iterable[pl.DataFrame], fields: dict[str, ComparedField]
) -> Counter[tuple[int, bool]]:
    """How many requests have which of the rows' values, as bits, and whether their access entry was read."""
    found: Counter[tuple[int, bool]] = Counter()
    names = dict.fromkeys(row.field for row in rows)
    wanted = [NOTHING if row.value is None else row.value for row in rows]
    has = [(pl.col(row.field) == value).fill_null(value=False) for row, value in zip(rows, wanted, strict=True)]
    bits = pl.sum_horizontal(each.cast(pl.UInt64) * pl.lit(1 << place, pl.UInt64) for place, each in enumerate(has))
    for frame in frames:
        values = frame.select(ENTRY, **{name: fields[name].values() for name in names})
        for mask, entry, number in values.group_by(bits.alias("bits"), ENTRY).len().iter_rows():
            found[mask, entry] += number
    return found


def _are_alike(rows: Sequence[Difference], pair: tuple[int, int], combined: Counter[tuple[int, bool]]) -> bool:
    """Whether nearly all requests that have one of two values have the other, too."""
    one, other = (1 << place for place in pair)
    is_own = any(rows[place].field.startswith(ACCESS) for place in pair)
    both = either = 0
    for (bits, entry), number in combined.items():
        if is_own and not entry:
            continue
        both += number if bits & one and bits & other else 0
        either += number if bits & (one | other) else 0
    return both >= _ALIKE * either
