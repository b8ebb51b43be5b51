"""Ways to go on with a query that is being typed: fields, operators and values, from the table of fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from apigw_tui.core.query_ast import ACCESS, written, written_name
from apigw_tui.core.query_fields import QUERY_FIELDS, QueryField, field_named

Values = Callable[[str], Sequence[tuple[str, int]]]
"""The values that a field has, by its name, each with how many rows have it, most first.

For `access.` the names of the access format's fields, 0 where they were not counted.
"""

CandidateKind = Literal["field", "operator", "value"]

_LIMIT: Final = 12
_TERM: Final = re.compile(r"-*(?P<name>[A-Za-z_][\w.-]*?)(?P<operator>:|!=|>=|>|<=|<|=|~)(?P<value>.*)", re.DOTALL)
_OPERATOR_WORDS: Final = {
    ":": "equals; * globs",
    "=": "equals",
    "!=": "has another value",
    ">=": "at least",
    ">": "more than",
    "<=": "at most",
    "<": "less than",
    "~": "matches a regular expression",
}
_STATUS_CLASSES: Final = ("5xx", "4xx", "3xx", "2xx", "1xx")


@dataclass(frozen=True)
class Candidate:
    """One way to go on: the text that replaces what was typed of it."""

    text: str
    kind: CandidateKind
    description: str = ""
    count: int | None = None


@dataclass(frozen=True)
class Completion:
    """The candidates for the text from `start` (0-based) up to the cursor."""

    start: int
    candidates: tuple[Candidate, ...] = ()


def complete(text: str, cursor: int, values: Values, *, limit: int = _LIMIT) -> Completion:
    """Return how the term at the cursor could go on; within quotes of a search and regexes there is none."""
    start = _term_start(text[:cursor])
    typed = text[start:cursor]
    if found := _TERM.fullmatch(typed):
        field = field_named(found["name"]) or field_named(found["name"].lower())
        return _value_completion(start, found, field, values, limit=limit) if field else Completion(cursor)
    word = typed.lstrip("-")
    if word.startswith(('"', "/")):
        return Completion(cursor)
    begin = cursor - len(word)
    candidates = _access_names(word, values) or _names(word.lower())
    if exact := QUERY_FIELDS.get(word.lower()):
        candidates = [*_operators(exact), *candidates]
    return Completion(begin, tuple(candidates[:limit]))


def _term_start(before: str) -> int:
    """Return where the term before the cursor begins: after the last blank or opening parenthesis outside it."""
    start, quoted, listed, at = 0, False, 0, 0
    while at < len(before):
        char = before[at]
        if quoted:
            at += char == "\\"
            quoted = char != '"'
        elif char == '"':
            quoted = True
        elif char == "(" and (listed or before[start:at].strip("-")):
            listed += 1
        elif char == ")" and listed:
            listed -= 1
        elif char in "()" or (char.isspace() and not listed):
            start = at + 1
        at += 1
    return start


def _names(typed: str) -> list[Candidate]:
    """Return the fields that begin with what was typed, then those that hold it."""
    usual = {
        field.name: Candidate(field.name + field.operators[0], "field", field.description)
        for field in QUERY_FIELDS.values()
    }
    usual[ACCESS] = Candidate(ACCESS, "field", "a field of the access format, by its name there")
    return [usual[name] for name in _ranked(usual, typed)]


def _access_names(typed: str, values: Values) -> list[Candidate]:
    """Return the fields of the stage's access format, once `access.` stands there."""
    if not typed.lower().startswith(ACCESS):
        return []
    names = dict(values(ACCESS))
    ranked = _ranked(names, typed[len(ACCESS) :].lower())
    return [Candidate(f"{written_name(ACCESS + name)}:", "field", "", names[name] or None) for name in ranked]


def _operators(field: QueryField) -> list[Candidate]:
    return [Candidate(field.name + operator, "operator", _OPERATOR_WORDS[operator]) for operator in field.operators]


def _value_completion(start: int, found: re.Match[str], field: QueryField, values: Values, *, limit: int) -> Completion:
    """Return the values that fit what was typed of the last one, unless the operator compares otherwise."""
    typed = found["value"]
    item = re.search(r"[^,(]*\Z", typed) if typed.startswith("(") else None
    begin = start + found.start("value") + (item.start() if item else 0)
    word = item[0] if item else typed
    begin += len(word) - len(word.lstrip())
    if found["operator"] == "~":
        return Completion(begin)
    counts = dict(values(field.name))
    if found["operator"] in {":", "=", "!="}:
        known = (*counts, *(value for value in _closed_values(field) if value not in counts))
    else:
        known = tuple(counts)
    ranked = _ranked(known, word.strip().strip('"').lower())
    candidates = (Candidate(_value_text(value, field), "value", count=counts.get(value)) for value in ranked)
    return Completion(begin, tuple(candidates)[:limit])


def _closed_values(field: QueryField) -> tuple[str, ...]:
    return _STATUS_CLASSES if field.type == "status" else field.choices


def _value_text(value: str, field: QueryField) -> str:
    return value if field.type == "status" else written(value)


def _ranked(names: Iterable[str], typed: str) -> list[str]:
    """Return the names that begin with what was typed, then those that hold it elsewhere; not the name itself."""
    holding = [name for name in names if typed in name.lower() and name.lower() != typed]
    return sorted(holding, key=lambda name: not name.lower().startswith(typed))
