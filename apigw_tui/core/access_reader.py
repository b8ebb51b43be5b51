"""Access lines to columns of text, by the format they were written in."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import polars as pl

from apigw_tui.core.access_json import read_broken, read_valid
from apigw_tui.core.access_layout import AccessField, Style, has_doubles, is_json
from apigw_tui.core.access_template import blended, line_regex, variables_of

Fields = tuple[AccessField, ...]

_BACKSLASHED: Final = r'\\(["\\/])'


def read_lines(messages: pl.Series, source: str, style: Style, fields: Fields, *, by_names: bool) -> pl.DataFrame:
    """A String column per field, named by its number, and `readable: Boolean`; row for row.

    JSON is read `by_names` only where the text between its values is not known.
    """
    text = messages.cast(pl.String).fill_null("").str.strip_chars()
    if style == "json":
        frame = _read_json(text, None if by_names else source, fields)
    else:
        frame = _read_text(text, source, len(fields))
    if frame.height != messages.len():
        raise AssertionError(f"{messages.len()} access lines came out as {frame.height}")
    return frame


def _matched(messages: pl.Series, regex: str, count: int) -> pl.DataFrame:
    """The groups of a regex as columns by number, and whether it matched."""
    if count == 0:
        return messages.to_frame("m").select(readable=pl.col("m").str.contains(regex))
    groups = messages.to_frame("m").select(found=pl.col("m").str.extract_groups(regex))
    columns = [pl.col("found").struct.field(str(n + 1)).alias(str(n)) for n in range(count)]
    return groups.select(*columns, readable=pl.col("found").struct.field("1").is_not_null())


def _joined(first: pl.DataFrame, again: pl.DataFrame) -> pl.DataFrame:
    """Rows of `again`, one for each unreadable row of `first`, put in their places."""
    rows = first.with_row_index("row")
    mended = again.with_columns(row=rows.filter(~pl.col("readable")).get_column("row"))
    both = pl.concat([rows.filter(pl.col("readable")), mended.select(rows.columns)])
    return both.sort("row").drop("row")


def _read_text(messages: pl.Series, source: str, count: int, *, shaped: bool = False) -> pl.DataFrame:
    """The values by the text between them; with `shaped` none that does not look as its variable does."""
    gap = r"\s*" if source.lstrip().startswith(("<", "{")) else r"\s+"
    free = r"[^\"\\]*" if source.lstrip().startswith("{") else ".*?"
    frame = _matched(messages, line_regex(source, gap=gap, free=free), count)
    rest = messages.filter(~frame.get_column("readable"))
    if rest.len():
        frame = _joined(frame, _matched(rest, line_regex(source, gap=gap, shaped=shaped), count))
    if source.lstrip().startswith(("{", "[")):
        frame = frame.with_columns(pl.col(pl.String).str.replace_all(_BACKSLASHED, "$1"))
    return _unblended(frame, source)


def _unblended(frame: pl.DataFrame, source: str) -> pl.DataFrame:
    """Without the values of which cannot be told where one ends and the next begins."""
    for run in blended(source):
        columns = [pl.col(str(number)) for number in run]
        unclear = pl.any_horizontal(column.str.contains(r"\s") for column in columns)
        frame = frame.with_columns(
            pl.when(~unclear).then(column).alias(str(n)) for n, column in zip(run, columns, strict=True)
        )
    return frame


def _with_readable(found: pl.DataFrame) -> pl.DataFrame:
    """Marks the rows in which at least one value was found."""
    readable = pl.any_horizontal(pl.all().is_not_null()) if found.width else pl.lit(value=False)
    return found.with_columns(readable=readable)


def _placed(rows: pl.Series, found: pl.DataFrame) -> pl.DataFrame:
    """The rows of `found` where `rows` is true, nulls elsewhere."""
    marked = _with_readable(found)
    if marked.height == rows.len():
        return marked
    index = pl.DataFrame({"row": pl.int_range(rows.len(), dtype=pl.UInt32, eager=True)})
    numbered = marked.with_columns(row=rows.arg_true())
    placed = index.join(numbered, on="row", how="left", maintain_order="left").drop("row")
    return placed.with_columns(pl.col("readable").fill_null(value=False))


def _read_by_source(messages: pl.Series, source: str, fields: Fields) -> pl.DataFrame:
    """JSON lines that are not valid JSON, by the text between the values."""
    order = variables_of(source)
    frame = _read_text(messages, source, len(order), shaped=True)
    columns = [_unquoted(field, order).alias(str(number)) for number, field in enumerate(fields)]
    return frame.select(*columns, "readable")


def _unquoted(field: AccessField, order: tuple[str, ...]) -> pl.Expr:
    if field.variable not in order:
        return pl.lit(None, pl.String)
    value = pl.col(str(order.index(field.variable)))
    quoted = value.str.starts_with('"') & value.str.ends_with('"') & (value.str.len_bytes() > 1)
    return pl.when(quoted).then(value.str.slice(1).str.head(-1)).otherwise(value)


def _read_mended(messages: pl.Series, fields: Fields) -> pl.DataFrame:
    return _with_readable(read_broken(messages, [field.path for field in fields]))


def _read_json(messages: pl.Series, source: str | None, fields: Fields) -> pl.DataFrame:
    if not fields:
        return pl.DataFrame({"readable": pl.repeat(value=False, n=messages.len(), eager=True)})
    steps: list[Callable[[pl.Series], pl.DataFrame]] = [partial(_read_mended, fields=fields)]
    if source is not None:
        steps.insert(0, partial(_read_by_source, source=source, fields=fields))
    if source is None or (is_json(source) and not has_doubles(fields)):
        frame = _placed(*read_valid(messages, [field.path for field in fields]))
    else:
        frame = steps.pop(0)(messages)
    for step in steps:
        rest = messages.filter(~frame.get_column("readable"))
        if rest.len() == 0:
            break
        frame = _joined(frame, step(rest))
    return frame
