"""`stats`: aggregates of rows, by fields and by time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final

from apigw_tui.emulator.insights_filters import field_name
from apigw_tui.emulator.insights_rows import Row, Value, number_of, text_of
from apigw_tui.emulator.insights_words import Words, malformed

_UNITS_MS: Final[Mapping[str, int]] = {
    "ms": 1,
    "s": 1_000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
}
_HUNDRED: Final = 100

Measure = Callable[[Sequence[Row]], Value | None]
Key = Callable[[Row], Value | None]


@dataclass(frozen=True)
class Stats:
    """Named aggregates over the rows that agree in the named keys."""

    measures: tuple[tuple[str, Measure], ...]
    keys: tuple[tuple[str, Key], ...]

    def run(self, rows: Sequence[Row]) -> list[Row]:
        """A row for each group, largest first by the first aggregate; without keys always one."""
        groups: dict[tuple[Value | None, ...], list[Row]] = {} if self.keys else {(): []}
        for row in rows:
            groups.setdefault(tuple(key(row) for _, key in self.keys), []).append(row)
        results = [self._result(key, members) for key, members in groups.items()]
        first = self.measures[0][0]
        return sorted(results, key=lambda row: number_of(row.value(first)) or 0.0, reverse=True)

    def _result(self, key: tuple[Value | None, ...], members: Sequence[Row]) -> Row:
        named = zip((name for name, _ in self.keys), key, strict=True)
        measured = ((name, measure(members)) for name, measure in self.measures)
        return Row({name: value for name, value in (*named, *measured) if value is not None})


def parse_stats(words: Words) -> Stats:
    """What comes after `stats`. Raises MalformedQueryException."""
    measures = [_measure(words)]
    while words.skip(","):
        measures.append(_measure(words))
    keys: list[tuple[str, Key]] = []
    if words.skip("by"):
        keys.append(_key(words))
        while words.skip(","):
            keys.append(_key(words))
    return Stats(tuple(measures), tuple(keys))


def _measure(words: Words) -> tuple[str, Measure]:
    function = words.take_kind(("name",), "a function")
    words.expect("(")
    field = "*" if words.skip("*") else field_name(words)
    share = None
    if words.skip(","):
        share = float(words.take_kind(("number",), "a percentage").text)
    words.expect(")")
    name = function.text.lower()
    if (name == "pct") is (share is None) or (field == "*" and name != "count"):
        raise malformed(f"wrong arguments of {name}()", function.at)
    if name not in {"count", "count_distinct", "pct", *_OF_NUMBERS}:
        raise malformed(f"there is no function {name}() here", function.at)
    label = f"{name}({field})" if share is None else f"{name}({field}, {text_of(share)})"
    return _alias(words, label), _aggregate(name, field, share)


def _alias(words: Words, label: str) -> str:
    return field_name(words) if words.skip("as") else label


_OF_NUMBERS: Final[Mapping[str, Callable[[Sequence[float]], float]]] = {
    "sum": sum,
    "avg": fmean,
    "min": min,
    "max": max,
}


def _aggregate(name: str, field: str, share: float | None) -> Measure:
    if field == "*":
        return len
    if name == "count":
        return lambda rows: sum(row.value(field) is not None for row in rows)
    if name == "count_distinct":
        return lambda rows: len({row.value(field) for row in rows} - {None})

    def of_numbers(rows: Sequence[Row]) -> Value | None:
        found = [number for row in rows if (number := number_of(row.value(field))) is not None]
        if not found:
            return None
        return _OF_NUMBERS[name](found) if share is None else _percentile(found, share)

    return of_numbers


def _percentile(numbers: Sequence[float], share: float) -> float:
    """The smallest number that so many percent of the numbers do not exceed."""
    ordered = sorted(numbers)
    return ordered[max(0, -int(-len(ordered) * share // _HUNDRED) - 1)]


def _key(words: Words) -> tuple[str, Key]:
    word = words.next
    if word is None or word.text.lower() != "bin" or word.kind != "name":
        name = field_name(words)
        return _alias(words, name), lambda row: row.value(name)
    words.take()
    words.expect("(")
    period = words.take_kind(("number",), "a period such as 5m")
    words.expect(")")
    width = int(float(period.text) * _UNITS_MS.get(period.unit, 0))
    if width < 1:
        raise malformed(f"'{period.text}{period.unit}' is no period", period.at)

    def bin_of(row: Row) -> Value | None:
        at = row.value("@timestamp")
        return at // width * width if isinstance(at, int) else None

    return _alias(words, f"bin({period.text}{period.unit})"), bin_of
