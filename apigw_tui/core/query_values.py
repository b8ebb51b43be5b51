"""What the values in a query mean: numbers with units, classes, globs, networks, regular expressions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING, Final

from apigw_tui.core.query_fields import QueryField, nearest

if TYPE_CHECKING:
    from apigw_tui.core.query_ast import Term, Value

PRESENT: Final = "*"
IGNORE_CASE: Final = "(?i)"

_AMOUNT: Final = re.compile(r"(-?\d{1,15}(?:\.\d{1,9})?)([a-z]*)", re.ASCII | re.IGNORECASE)
_UNITS: Final = {
    "number": {"": 1},
    "status": {"": 1},
    "access": {"": 1, "ms": 1, "s": 1_000, "m": 60_000, "b": 1, "kb": 1_000, "mb": 1_000_000},
    "duration": {"": 1, "ms": 1, "s": 1_000, "m": 60_000},
    "size": {"": 1, "b": 1, "kb": 1_000, "mb": 1_000_000},
}
_CLASS: Final = re.compile(r"([1-5])xx", re.ASCII | re.IGNORECASE)


class UnreadableValue(Exception):  # noqa: N818 - becomes the QueryError that a user sees, with a column
    """A value that its field or operator does not take: the expected thing, and a hint."""

    def __init__(self, expected: str, hint: str = "") -> None:
        super().__init__(expected)
        self.expected = expected
        self.hint = hint


@dataclass(frozen=True)
class Present:
    """Any value at all."""


@dataclass(frozen=True)
class Exactly:
    """This text, letter for letter."""

    text: str


@dataclass(frozen=True)
class Like:
    """Text in which this regular expression (Rust's grammar) finds something."""

    pattern: str


@dataclass(frozen=True)
class Compared:
    """A number on one side of this one; `operator` is one of `= > >= < <=`."""

    operator: str
    number: int | float


@dataclass(frozen=True)
class Between:
    """A number from `low` to `high`, both inclusive."""

    low: int
    high: int


@dataclass(frozen=True)
class Within:
    """An address of this network; a single address is a network of one."""

    network: IPv4Network | IPv6Network


Test = Present | Exactly | Like | Compared | Between | Within


def tests_of(term: Term, field: QueryField) -> tuple[Test, ...]:
    """Return what each value of the term tests; raise UnreadableValue."""
    return tuple(read_value(value, term.operator, field) for value in term.values)


def read_value(value: Value, operator: str, field: QueryField) -> Test:
    """Return what one value tests; for `!=` it is what must not hold. Raise UnreadableValue."""
    if operator == "~":
        return Like(IGNORE_CASE + checked_pattern(value.text))
    if operator in {">", ">=", "<", "<="}:
        return Compared(operator, _bound(value.text, operator, field))
    if value.text == PRESENT and not value.literal:
        return _present(operator, field)
    return _equal(value, field)


def _equal(value: Value, field: QueryField) -> Test:
    if field.choices:
        return _choice(value, field)
    if field.type in {"number", "status", "duration", "size"}:
        return _equal_number(value.text, field)
    if field.type == "ip":
        return _address(value, field)
    text = value.text.upper() if field.type == "method" else value.text
    return Like(glob_pattern(text)) if _is_glob(value) else Exactly(text)


def checked_pattern(pattern: str) -> str:
    """Return a regular expression that the filter can run; raise UnreadableValue."""
    import polars as pl  # noqa: PLC0415 - is not waited for before the first query

    try:
        pl.Series([""]).str.contains(IGNORE_CASE + pattern)
    except pl.exceptions.ComputeError as error:
        raise UnreadableValue("a regular expression", _regex_hint(str(error))) from None
    return pattern


def glob_pattern(glob: str) -> str:
    """Return the regular expression of a glob, whose star is any text."""
    return r"(?s)\A" + ".*".join(_escaped(part) for part in glob.split("*")) + r"\z"


def text_pattern(text: str) -> str:
    """Return the regular expression that finds text, upper and lower case alike."""
    return IGNORE_CASE + _escaped(text)


def _escaped(text: str) -> str:
    import polars as pl  # noqa: PLC0415 - as above

    return pl.escape_regex(text)


def _is_glob(value: Value) -> bool:
    return "*" in value.text and not value.literal


def _present(operator: str, field: QueryField) -> Present:
    if operator == "!=":
        raise UnreadableValue(field.expected, f"To find what has none, use -{field.name}:*.")
    return Present()


def _choice(value: Value, field: QueryField) -> Test:
    text = value.text.lower()
    if _is_glob(value):
        return Like(glob_pattern(text))
    if text in field.choices:
        return Exactly(text)
    close = nearest(text, field.choices)
    listed = f"One of {', '.join(field.choices)}."
    raise UnreadableValue(field.expected, f"Did you mean {close}?" if close else listed)


def _equal_number(text: str, field: QueryField) -> Test:
    return _class(text, field) or Compared("=", _number(text, field))


def _bound(text: str, operator: str, field: QueryField) -> int | float:
    """Return the number to compare with; of a class the end that the operator points away from."""
    status_class = _class(text, field)
    if status_class is None:
        return _number(text, field)
    return status_class.low if operator in {">=", "<"} else status_class.high


def _class(text: str, field: QueryField) -> Between | None:
    found = _CLASS.fullmatch(text) if field.type == "status" else None
    return Between(int(found[1]) * 100, int(found[1]) * 100 + 99) if found else None


def _number(text: str, field: QueryField) -> int | float:
    amount = _AMOUNT.fullmatch(text)
    factor = _UNITS[field.type].get(amount[2].lower()) if amount else None
    if amount is None or factor is None:
        raise UnreadableValue("a number" if field.type == "access" else field.expected)
    exact = Decimal(amount[1]) * factor
    return int(exact) if exact == int(exact) else float(exact)


def _address(value: Value, field: QueryField) -> Test:
    if _is_glob(value):
        return Like(glob_pattern(value.text))
    try:
        return Within(ip_network(value.text, strict=False))
    except ValueError:
        raise UnreadableValue(field.expected) from None


def _regex_hint(error: str) -> str:
    """Return the engine's own words, without the picture of the pattern."""
    said = [line.removeprefix("error: ") for line in error.splitlines() if line.startswith("error: ")]
    if said:
        return f"{said[0][:1].upper()}{said[0][1:]}."
    return error.splitlines()[0].removeprefix("regex error: ")
