"""A query's text as a person reads it: its terms, and which part of each is field, operator and value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_TERM: Final = re.compile(r"(?P<sign>-?)(?P<field>[A-Za-z_][\w.]*)(?P<operator>:|!=|>=|<=|=|>|<|~)")
_WORDS: Final = ("OR", "AND", "NOT")
_CLOSED_BY: Final = {'"': '"', "/": "/"}


@dataclass(frozen=True)
class Chip:
    """One term; `start` is its column in the text, 0-based. A bare word has no `field` and no `operator`."""

    start: int
    field: str
    operator: str
    value: str
    excluded: bool = False

    @property
    def is_word(self) -> bool:
        """True for OR, AND and NOT, which join terms."""
        return not self.field and self.value in _WORDS


def chips(text: str) -> tuple[Chip, ...]:
    """Return the terms of a query, also of one that is wrong or not finished."""
    return tuple(_chip(start, token) for start, token in _tokens(text))


def _chip(start: int, token: str) -> Chip:
    found = _TERM.match(token)
    if found is None:
        excluded = token.startswith("-") and len(token) > 1
        return Chip(start, "", "", token[1:] if excluded else token, excluded=excluded)
    value = token[found.end() :]
    return Chip(start, found["field"], found["operator"], value, excluded=bool(found["sign"]))


def _tokens(text: str) -> Iterator[tuple[int, str]]:
    """Yield what stands between blanks that are neither quoted nor in parentheses."""
    start, depth, closes = None, 0, ""
    for at, letter in enumerate(text):
        if closes:
            if letter == closes and text[at - 1] != "\\":
                closes = ""
            continue
        if letter == " " and depth <= 0:
            if start is not None:
                yield start, text[start:at]
            start = None
            continue
        opens_value = start is None or text[at - 1] in ":=~-("
        if start is None:
            start = at
        if letter == '"' or (letter == "/" and opens_value and _regex_closes(text, at)):
            closes = _CLOSED_BY[letter]
        depth += (letter == "(") - (letter == ")")
    if start is not None:
        yield start, text[start:]


def _regex_closes(text: str, at: int) -> bool:
    """Tell `/regex/` from a path such as `/orders/{id}`: the closing slash ends the term."""
    return re.match(r"/(?:\\.|[^/\\])+/(?=[\s)]|$)", text[at:]) is not None
