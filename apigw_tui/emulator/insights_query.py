"""A Logs Insights query: its commands, and what they make of rows.

As much of the language as a reader of logs sends: fields, display, filter, parse (globs and regular expressions),
sort, limit and stats. Anything else is refused as malformed, so that nobody takes a wrong answer for AWS's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from apigw_tui.emulator.insights_filters import compiled, field_name, parse_test
from apigw_tui.emulator.insights_rows import Row, Value, number_of, shown, text_of
from apigw_tui.emulator.insights_stats import parse_stats
from apigw_tui.emulator.insights_words import Words, malformed

DEFAULT_LIMIT: Final = 10_000
MOST_ROWS: Final = 100_000
DEFAULT_FIELDS: Final = ("@timestamp", "@message")

Step = Callable[[list[Row]], list[Row]]


@dataclass(frozen=True)
class Result:
    """The rows of a query as they are returned, and how many events matched."""

    rows: list[list[dict[str, str]]]
    matched: int


@dataclass
class Query:
    """The steps of a query in order; the first ones choose events, what comes after them works on the result.

    `shown` are the fields of its rows, None for all that `stats` made.
    """

    steps: list[Step]
    first_filters: int = 0
    shown: tuple[str, ...] | None = DEFAULT_FIELDS
    names_fields: bool = False
    is_sorted: bool = False
    has_stats: bool = False
    limit: int | None = None

    def run(self, rows: list[Row], limit: int | None) -> Result:
        """Run it over events; `limit` counts where the query has none."""
        matched = len(rows)
        for number, step in enumerate(self.steps):
            rows = step(rows)
            if number < self.first_filters:
                matched = len(rows)
        if not self.is_sorted and not self.has_stats:
            rows = _sort([("@timestamp", True)], rows)
        most = self.limit or limit or DEFAULT_LIMIT
        return Result([self._shown(row) for row in rows[:most]], matched)

    def _shown(self, row: Row) -> list[dict[str, str]]:
        names = row.names if self.shown is None else self.shown
        values = ((name, row.value(name)) for name in names)
        fields = [{"field": name, "value": shown(name, value)} for name, value in values if value is not None]
        pointer = row.pointer
        return fields if pointer is None else [*fields, {"field": "@ptr", "value": pointer}]


def parse_query(text: str) -> Query:
    """Read a query. Raises MalformedQueryException."""
    words = Words(text)
    query = Query([])
    while True:
        command = words.take_kind(("name",), "a command")
        parse = _COMMANDS.get(command.text.lower())
        if parse is None:
            raise malformed(f"unexpected or unsupported command '{command.text}'", command.at)
        parse(query, words)
        if words.next is None:
            return query
        words.expect("|")


def _fields(query: Query, words: Words) -> None:
    before = query.shown if query.names_fields else None
    query.shown = tuple(dict.fromkeys((*(before or ()), *_names(words))))
    query.names_fields = True


def _display(query: Query, words: Words) -> None:
    query.shown = tuple(_names(words))


def _names(words: Words) -> list[str]:
    names = [field_name(words)]
    while words.skip(","):
        names.append(field_name(words))
    return names


def _filter(query: Query, words: Words) -> None:
    test = parse_test(words)
    query.steps.append(lambda rows: [row for row in rows if test(row)])
    if not query.is_sorted and query.limit is None:
        query.first_filters = len(query.steps)


def _sort_command(query: Query, words: Words) -> None:
    keys = [_sort_key(words)]
    while words.skip(","):
        keys.append(_sort_key(words))
    query.is_sorted = True
    query.steps.append(partial(_sort, keys))


def _sort_key(words: Words) -> tuple[str, bool]:
    """A field, or an aggregate by its label; and whether it descends, which it does unless said otherwise."""
    name = field_name(words)
    if words.skip("("):
        inner = "*" if words.skip("*") else words.take_kind(("name", "quoted", "number"), "a field")
        name = f"{name}({inner if isinstance(inner, str) else inner.text + inner.unit})"
        words.expect(")")
    return name, words.skip("asc", "desc") != "asc"


def _sort(keys: Sequence[tuple[str, bool]], rows: list[Row]) -> list[Row]:
    for name, descends in reversed(keys):
        rows = sorted(rows, key=partial(_rank, name), reverse=descends)
    return rows


def _rank(name: str, row: Row) -> tuple[int, float, str]:
    """Nothing before numbers before text."""
    value = row.value(name)
    if value is None:
        return 0, 0.0, ""
    number = number_of(value)
    return (1, number, "") if number is not None else (2, 0.0, text_of(value))


def _limit(query: Query, words: Words) -> None:
    word = words.take_kind(("number",), "a number of rows")
    if not word.text.isdigit() or word.unit or not 1 <= int(word.text) <= MOST_ROWS:
        raise malformed(f"'{word.text}' is no number of rows from 1 to {MOST_ROWS}", word.at)
    query.limit = int(word.text)
    most = query.limit
    if query.is_sorted or query.has_stats:
        query.steps.append(lambda rows: rows[:most])


def _stats(query: Query, words: Words) -> None:
    stats = parse_stats(words)
    query.steps.append(stats.run)
    query.shown, query.has_stats, query.is_sorted = None, True, True


def _parse(query: Query, words: Words) -> None:
    word = words.next
    name = "@message" if word is not None and word.kind in {"string", "regex"} else field_name(words)
    pattern_word = words.take_kind(("string", "regex"), "a glob or a regular expression")
    if pattern_word.kind == "regex":
        pattern = compiled(pattern_word)
        labels: Mapping[str, int] = pattern.groupindex
        if not labels:
            raise malformed("the regular expression names no group", pattern_word.at)
    else:
        pattern = _glob(pattern_word.text)
        labels = _labels(words, pattern.groups)
    query.steps.append(partial(_extract, name, pattern, labels))


def _labels(words: Words, groups: int) -> dict[str, int]:
    words.expect("as")
    names = _names(words)
    if len(names) != groups:
        raise malformed(f"the glob has {groups} wildcards for {len(names)} names")
    return {name: number for number, name in enumerate(names, 1)}


def _glob(text: str) -> re.Pattern[str]:
    """Each `*` is a group; the last one takes the rest of the message."""
    parts = [re.escape(part) for part in text.split("*")]
    pattern = "(.*?)".join(parts)
    return re.compile(pattern if parts[-1] else f"{pattern}$", re.DOTALL)


def _extract(name: str, pattern: re.Pattern[str], labels: Mapping[str, int], rows: list[Row]) -> list[Row]:
    for row in rows:
        value = row.value(name)
        found = pattern.search(text_of(value)) if value is not None else None
        if found:
            values: dict[str, Value] = {label: found[group] for label, group in labels.items() if found[group]}
            row.set(values)
    return rows


_COMMANDS: Final[Mapping[str, Callable[[Query, Words], None]]] = {
    "fields": _fields,
    "display": _display,
    "filter": _filter,
    "sort": _sort_command,
    "limit": _limit,
    "stats": _stats,
    "parse": _parse,
}
