"""A stage's access log format, compiled into a reader of its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import polars as pl

from apigw_tui.core.access_layout import AccessField, Style, fields_of, has_doubles, style_of
from apigw_tui.core.access_reader import read_lines
from apigw_tui.core.access_sniff import guess_all, guess_each
from apigw_tui.core.access_template import variables_of
from apigw_tui.core.json_text import names_of, pairs

__all__ = ["AccessField", "AccessFormat", "sniff", "sniff_each"]


@dataclass(frozen=True)
class AccessFormat:
    """A `$context` format. Hashable and picklable: what it needs to read lines is derived from `source`.

    A `guessed` one knows the names of the fields, but not the text between them.
    """

    source: str
    style: Style
    fields: tuple[AccessField, ...]
    guessed: bool = False

    @classmethod
    def compile(cls, format_string: str) -> AccessFormat:
        """The format of a stage, any text: what is not a variable is taken as it stands."""
        return _compiled(format_string)

    @classmethod
    def guess(cls, format_string: str) -> AccessFormat:
        """A format that was made up from lines."""
        return replace(_compiled(format_string), guessed=True)

    @property
    def variables(self) -> frozenset[str]:
        """The names of all variables that the format logs, without `$context.`."""
        return frozenset(variables_of(self.source))

    @property
    def joinable(self) -> bool:
        """Whether an entry can be joined to the execution log by its request ID."""
        return "requestId" in self.variables

    def read(self, messages: pl.Series) -> pl.DataFrame:
        """A String column per field, named by its number, and `readable: Boolean`; one row per message."""
        return read_lines(messages, self.source, self.style, self.fields, by_names=self.guessed)

    def parse(self, messages: pl.Series) -> pl.DataFrame:
        """A String column per field name, as logged; a row of nulls for a line that cannot be read."""
        frame = self.read(messages)
        return frame.select(pl.col(str(n)).alias(field.name) for n, field in enumerate(self.fields))

    def values(self, message: str) -> dict[str, str | None]:
        """The values of one entry by name, as logged; JSON entries with keys the format does not know too."""
        found = self._keys(message)
        if found:
            return found
        row = self.read(pl.Series([message])).row(0, named=True)
        if not row["readable"]:
            return {}
        return {field.name: row[str(n)] for n, field in enumerate(self.fields)}

    def extract(self, messages: pl.Series, name: str) -> pl.Series:
        """The values of one field by its name (or its variable), as logged; null where it is not there."""
        chosen = self._named(name)
        if self.style == "json":
            paths = ((name,), tuple(name.split(".")))
            fields = (chosen,) if chosen else tuple(AccessField(name, "", path) for path in paths)
            frame = replace(self, fields=fields).read(messages)
            return frame.select(pl.coalesce(str(n) for n in range(len(fields)))).to_series().alias(name)
        if chosen is None:
            return pl.Series(name, [None] * messages.len(), dtype=pl.String)
        return self.read(messages).get_column(str(self.fields.index(chosen))).alias(name)

    def _keys(self, message: str) -> dict[str, str | None]:
        if self.style != "json" or has_doubles(self.fields):
            return {}
        found = pairs(message)
        return dict(zip(names_of(found), found.values(), strict=True))

    def _named(self, name: str) -> AccessField | None:
        bare = name.removeprefix("$context.")
        candidates = (
            *(field for field in self.fields if field.name == name),
            *(field for field in self.fields if field.name.lower() == name.lower()),
            *(field for field in self.fields if field.variable == bare),
        )
        return candidates[0] if candidates else None


def sniff_each(messages: pl.Series) -> list[AccessFormat | None]:
    """What `sniff` says of each line by itself, but that JSON entries share one format with the fields of all."""
    sources = guess_each(messages)
    found = {source: AccessFormat.guess(source) for source in sources.unique().drop_nulls().to_list()}
    return [found.get(source) for source in sources.to_list()]


def sniff(messages: Sequence[str]) -> AccessFormat | None:
    """The format that these lines look like, None unless they all look like access entries."""
    source = guess_all(messages)
    return None if source is None else AccessFormat.guess(source)


@lru_cache(maxsize=512)
def _compiled(source: str) -> AccessFormat:
    style = style_of(source)
    return AccessFormat(source, style, fields_of(source, style))
