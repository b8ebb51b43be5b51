"""JSON access entries that are all written like one of them, read together.

Which fields each entry of an unknown format has is slow to find out line by line, and reading JSON is slow too.
Entries of one stage are alike: an entry that, written again around the values that were read from it, is the very
same line has the fields of the one it was read like and no other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import polars as pl

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.access_sniff import json_source

_MEMBER: Final = re.compile(r'(\s*"([^"\\]+)"\s*:\s*)("[^"\\]*"|[^\s"{}\[\],]+)(\s*[,}])')
_NULL: Final = "null"
_BARE: Final = r"^(?:true|false|0|-?[1-9][0-9]{0,15})$"
"""Values without quotes that are JSON and are written in one way only."""

_AT_ONCE: Final = 16_384  # lines: few enough to stay in the processor's cache
_MOST_LAYOUTS: Final = 3
_WORTHWHILE: Final = 0.25


@dataclass(frozen=True)
class _Layout:
    """How an entry is written: the text before each value and after the last, and the names of the values.

    The value of a name in `bare` has no quotes; one that is null belongs to the text.
    """

    texts: tuple[str, ...]
    names: tuple[str, ...]
    bare: frozenset[str]
    nulls: tuple[str, ...]

    @property
    def places(self) -> list[int]:
        """Which piece of the line each value lies in, when it is cut at its quotes."""
        places, quotes = [], 0
        for text in self.texts[:-1]:
            quotes += text.count('"')
            places.append(quotes)
        return places

    @property
    def pieces(self) -> int:
        """Into how many pieces its quotes cut the line."""
        return sum(text.count('"') for text in self.texts) + 1


@dataclass(frozen=True, eq=False)
class Alike:
    """Entries of one layout: their row numbers, the format, and its fields' values as `AccessFormat.read` does."""

    rows: pl.Series
    format: AccessFormat
    values: pl.DataFrame


def read_alike(messages: pl.Series, known: AccessFormat | None = None) -> Iterator[Alike]:
    """The entries that are like the first one, then those of the rest that are like the first of them, and so on.

    Lines that do not look alike are in none of these. `known` is their format where it need not be guessed.
    """
    rest = messages.alias("m").to_frame().with_row_index("row").filter(_is_plain(pl.col("m")))
    for _ in range(_MOST_LAYOUTS):
        layout = _layout_of(rest["m"][0]) if rest.height else None
        access_format = layout and (known if _has_any(known, layout) else _guessed(layout))
        if not layout or not access_format:
            return
        values = _values(rest["m"], layout)
        same = _same(rest["m"], values, layout)
        every = bool(same.all())
        fields = _fields(values if every else values.filter(same), layout, access_format)
        yield Alike(rest["row"] if every else rest["row"].filter(same), access_format, fields)
        if every or same.sum() < _WORTHWHILE * rest.height:
            return
        rest = rest.filter(~same)


def _has_any(known: AccessFormat | None, layout: _Layout) -> bool:
    return known is not None and any(
        field.path[-1:] == field.path and field.name in layout.names for field in known.fields
    )


def _guessed(layout: _Layout) -> AccessFormat | None:
    source = json_source([(name,) for name in (*layout.names, *layout.nulls)])
    return AccessFormat.guess(source) if source else None


def _is_plain(message: pl.Expr) -> pl.Expr:
    """Whether a line may be a JSON object without escapes, which would not come out as they were written."""
    odd = message.str.contains(r"[\\\n\r]") | message.str.contains("\t", literal=True)
    return (message.str.starts_with("{") & message.str.ends_with("}") & ~odd).fill_null(value=False)


def _layout_of(entry: str) -> _Layout | None:
    """The layout of a flat JSON object; None for any other text."""
    texts, names, bare, nulls = ["{"], [], set(), []
    position = 1
    while member := _MEMBER.match(entry, position):
        before, name, value, after = member.groups()
        position = member.end()
        texts[-1] += before
        if value == _NULL:
            nulls.append(name)
            texts[-1] += value + after
        else:
            quote = '"' if value.startswith('"') else ""
            texts[-1] += quote
            texts.append(quote + after)
            names.append(name)
            if not quote:
                bare.add(name)
        if after.endswith("}"):
            break
    whole = position == len(entry) and entry.endswith("}") and names
    if not whole or len({*names, *nulls}) < len(names) + len(nulls):
        return None
    return _Layout(tuple(texts), tuple(names), frozenset(bare), tuple(nulls))


def _values(messages: pl.Series, layout: _Layout) -> pl.DataFrame:
    """One column per name, by number: what stands where the values of this layout stand."""
    tables = [_pieces(messages.slice(start, _AT_ONCE), layout) for start in range(0, len(messages), _AT_ONCE)]
    columns = []
    for number, (name, place) in enumerate(zip(layout.names, layout.places, strict=True)):
        value = pl.col(f"piece_{place}")
        if name in layout.bare:
            before = layout.texts[number].rpartition('"')[2]
            after = layout.texts[number + 1].partition('"')[0]
            value = value.str.slice(len(before)).str.head(-len(after))
        columns.append(value.alias(str(number)))
    return pl.concat(tables).select(columns)


def _pieces(messages: pl.Series, layout: _Layout) -> pl.DataFrame:
    """The pieces that hold the values, of lines cut at their quotes as a table is at its separators.

    That is twice as fast as reading the JSON. A line of another layout comes out as anything.
    """
    return pl.read_csv(
        messages.str.join("\n").cast(pl.Binary).item(),
        has_header=False,
        separator='"',
        quote_char=None,
        schema={f"piece_{number}": pl.String() for number in range(layout.pieces)},
        columns=layout.places,
        empty_string_is_null=False,
        truncate_ragged_lines=True,
    )


def _same(messages: pl.Series, values: pl.DataFrame, layout: _Layout) -> pl.Series:
    """Whether each message is what its values say in this layout."""
    columns = [pl.col(str(number)) for number in range(len(layout.names))]
    parts = [part for text, column in zip(layout.texts, columns, strict=False) for part in (pl.lit(text), column)]
    same = pl.concat_str(*parts, pl.lit(layout.texts[-1])) == pl.lit(messages)
    for name, column in zip(layout.names, columns, strict=True):
        if name in layout.bare:
            same &= column.str.contains(_BARE)
    return values.select(same.fill_null(value=False).alias("same")).to_series()


def _fields(values: pl.DataFrame, layout: _Layout, access_format: AccessFormat) -> pl.DataFrame:
    places: dict[tuple[str, ...], pl.Expr] = {(name,): pl.col(str(number)) for number, name in enumerate(layout.names)}
    nothing = pl.lit(None, pl.String)
    fields = access_format.fields
    columns = [places.get(field.path, nothing).alias(str(n)) for n, field in enumerate(fields)]
    readable = any(field.path in places for field in fields)
    return values.select(*columns).with_columns(readable=pl.lit(value=readable))
