"""The query language: text to tree, with errors that name the column and what was expected.

    status>=500 route:/orders/{id} latency>1s -ip:203.0.113.0/24 "timed out"

Terms side by side must all hold; OR binds weaker than that; NOT, or a leading `-`, binds strongest.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from apigw_tui.core.query_ast import (
    ACCESS,
    And,
    Node,
    Not,
    Or,
    Query,
    Regex,
    Term,
    Text,
    Value,
    conjunction,
    disjunction,
)
from apigw_tui.core.query_fields import QUERY_FIELDS, QueryField, field_named, nearest
from apigw_tui.core.query_values import PRESENT, UnreadableValue, checked_pattern, read_value
from apigw_tui.core.request_ids import REQUEST_ID
from apigw_tui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "QUERY_FIELDS",
    "And",
    "Node",
    "Not",
    "Or",
    "Query",
    "QueryError",
    "QueryField",
    "Regex",
    "Term",
    "Text",
    "Value",
    "looks_like_id",
    "parse",
]

_DEEPEST: Final = 40

_KEYWORD: Final = re.compile(r'(OR|AND|NOT)(?=[\s()"]|$)')
_REGEX: Final = re.compile(r"/((?:[^/\\]|\\.)+)/(?=[\s)]|$)", re.DOTALL)
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPED: Final = re.compile(r'\\(["\\])')
_FIELD: Final = re.compile(r'(access\."(?:[^"\\]|\\.)+"|[A-Za-z_][\w.-]*?)(:|=|!=|>=|>|<=|<|~)', re.ASCII | re.DOTALL)
_SPACED_FIELD: Final = re.compile(r"([A-Za-z_][\w.-]*)\s+(!=|>=|>|<=|<|=|~)", re.ASCII)
_TRACE_ID: Final = re.compile(
    r"(?:Root=)?1-[0-9a-f]{8}-[0-9a-f]{24}(?:;(?:Parent|Sampled|Self|Lineage)=[\w:.-]+)*", re.IGNORECASE
)
_REPLACED_ID: Final = "UUID_REPLACED_INVALID_REQUEST_ID"


class QueryError(UsageError):
    """A query that cannot be read: `column` counts from 1, `expected` says what would have fitted there."""

    def __init__(self, column: int, expected: str, hint: str = "") -> None:
        super().__init__(f"col {column}: {expected} was expected", hint)
        self.column = column
        self.expected = expected

    def __str__(self) -> str:
        return f"{self.message}. {self.hint}".strip()


def parse(text: str) -> Query:
    """Return what a query says; raise QueryError."""
    return _Parser(text).query()


def looks_like_id(text: str) -> bool:
    """Tell whether text is a request, extended, Lambda or X-Ray ID and nothing else."""
    pasted = text.strip()
    if pasted == _REPLACED_ID:
        return False
    return bool(re.fullmatch(REQUEST_ID, pasted) or _TRACE_ID.fullmatch(pasted))


class _Parser:
    """One pass over the text; `_at` is the next character, 0-based."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def query(self) -> Query:
        self._skip_blanks()
        if self._at == len(self._text):
            return Query()
        node = self._alternatives(0)
        if self._at < len(self._text):
            raise self._error("a term", 'There is no ( for this ). Put text with parentheses in "quotes".')
        return Query(node.nodes if isinstance(node, And) else (node,))

    def _alternatives(self, depth: int) -> Node:
        branches = [self._terms(depth)]
        while self._take_keyword("OR"):
            branches.append(self._terms(depth))
        return disjunction(tuple(branches))

    def _terms(self, depth: int) -> Node:
        nodes = [self._negation(depth)]
        while True:
            is_joined = self._take_keyword("AND")
            if not is_joined and (self._ends() or self._sees_keyword("OR")):
                return conjunction(tuple(nodes))
            nodes.append(self._negation(depth))

    def _negation(self, depth: int) -> Node:
        if depth > _DEEPEST:
            raise self._error("a simpler query", "Use fewer parentheses within each other.")
        if self._take_keyword("NOT"):
            return Not(self._negation(depth + 1))
        self._skip_blanks()
        if self._peek() != "-":
            return self._primary(depth)
        self._at += 1
        if not self._peek().strip():
            raise self._error("a term right after -", 'To search for a dash, put it in "quotes".')
        return Not(self._negation(depth + 1))

    def _primary(self, depth: int) -> Node:
        if self._ends() or self._sees_keyword("OR") or self._sees_keyword("AND"):
            raise self._error("a term", 'To search for a word such as OR, put it in "quotes".')
        if self._peek() == "(":
            return self._group(depth)
        if self._peek() == '"':
            return self._quoted_text()
        if regex := _REGEX.match(self._text, self._at):
            return self._regex(regex)
        if found := self._field_here():
            return self._term(found)
        return Text(self._bare())

    def _group(self, depth: int) -> Node:
        opened = self._at
        self._at += 1
        node = self._alternatives(depth + 1)
        if self._peek() != ")":
            raise self._error("a closing )", f"It opens at col {opened + 1}.")
        self._at += 1
        return node

    def _quoted_text(self) -> Text:
        start = self._at
        text = self._quoted("")
        if not text:
            raise self._error("text between the quotes", at=start)
        return Text(text)

    def _regex(self, regex: re.Match[str]) -> Regex:
        pattern = regex[1]
        self._check(lambda: checked_pattern(pattern), at=self._at + 1)
        self._at = regex.end()
        return Regex(pattern)

    def _field_here(self) -> re.Match[str] | None:
        """Return a field and its operator; blanks between them only where the field is known."""
        if found := _FIELD.match(self._text, self._at):
            return found
        spaced = _SPACED_FIELD.match(self._text, self._at)
        return spaced if spaced and field_named(_field_name(spaced[1])) else None

    def _term(self, found: re.Match[str]) -> Term:
        name, operator = _field_name(found[1]), found[2]
        field = field_named(name)
        if field is None:
            close = nearest(name, tuple(QUERY_FIELDS))
            meant = f"Did you mean {close}?" if close else f"Fields are {', '.join(QUERY_FIELDS)}, access.NAME."
            raise self._error("a field", f'{found[1]} is none. {meant} Put text with {operator} in "quotes".')
        if operator not in field.operators:
            raise self._error(_listed(field.operators), f"{name} takes no {operator}.", at=found.start(2))
        self._at = found.end()
        self._skip_blanks()
        if self._peek() == "(" and operator in {":", "=", "!="}:
            return Term(name, operator, self._list(field, operator))
        return Term(name, operator, (self._value(field, operator, closing=""),))

    def _list(self, field: QueryField, operator: str) -> tuple[Value, ...]:
        values: list[Value] = []
        while not values or self._peek() == ",":
            self._at += 1
            self._skip_blanks()
            values.append(self._value(field, operator, closing=","))
            self._skip_blanks()
        if self._peek() != ")":
            raise self._error("a comma or a closing )")
        self._at += 1
        return tuple(values)

    def _value(self, field: QueryField, operator: str, *, closing: str) -> Value:
        start = self._at
        if self._peek() == '"':
            text = self._quoted(closing)
            value = Value(text, literal="*" in text and operator != "~")
        elif operator == "~" and (regex := _REGEX.match(self._text, start)):
            self._at = regex.end()
            value = Value(regex[1])
        else:
            text = self._bare(closing, pattern=operator == "~")
            value = Value(text)
            if not text:
                raise self._error(field.expected, self._choices(field), at=start)
        self._check(lambda: read_value(value, operator, field), at=start)
        return value

    def _choices(self, field: QueryField) -> str:
        shown = ", ".join(field.choices)
        return f"One of {shown}, or {PRESENT}." if field.choices else ""

    def _quoted(self, closing: str) -> str:
        """Return what the quotes hold; behind them a term ends, or a value of a list."""
        quoted = _QUOTED.match(self._text, self._at)
        if quoted is None:
            raise self._error('a closing "', f"The quote opens at col {self._at + 1}.", at=len(self._text))
        self._at = quoted.end()
        behind = self._peek()
        if behind.strip() and behind not in f"){closing}":
            raise self._error("a blank after the closing quote", 'Within quotes, write \\" for a quote.')
        return _ESCAPED.sub(r"\1", quoted[1])

    def _bare(self, closing: str = "", *, pattern: bool = False) -> str:
        """Return what stands up to a blank, a parenthesis that was not opened within, or `closing`.

        In a pattern a backslash takes the next character with it.
        """
        start = self._at
        opened: list[int] = []
        while self._at < len(self._text):
            char = self._text[self._at]
            if char.isspace() or (char == ")" and not opened) or (closing and char in closing):
                break
            if char == "(":
                opened.append(self._at)
            elif char == ")":
                opened.pop()
            self._at += 2 if char == "\\" and pattern else 1
        self._at = min(self._at, len(self._text))
        if opened:
            raise self._error("a closing )", 'Put text with a single parenthesis in "quotes".', at=opened[-1])
        return self._text[start : self._at]

    def _check(self, read: Callable[[], object], *, at: int) -> None:
        try:
            read()
        except UnreadableValue as unreadable:
            raise self._error(unreadable.expected, unreadable.hint, at=at) from None

    def _take_keyword(self, word: str) -> bool:
        if not self._sees_keyword(word):
            return False
        self._at += len(word)
        return True

    def _sees_keyword(self, word: str) -> bool:
        self._skip_blanks()
        keyword = _KEYWORD.match(self._text, self._at)
        return keyword is not None and keyword[1] == word

    def _ends(self) -> bool:
        self._skip_blanks()
        return self._peek() in {"", ")"}

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _skip_blanks(self) -> None:
        while self._peek().isspace():
            self._at += 1

    def _error(self, expected: str, hint: str = "", *, at: int | None = None) -> QueryError:
        return QueryError((self._at if at is None else at) + 1, expected, hint)


def _field_name(typed: str) -> str:
    """Return a field's name as the table has it; names of the access format keep their letters."""
    if typed[: len(ACCESS)].lower() != ACCESS:
        return typed.lower()
    own = typed[len(ACCESS) :]
    return ACCESS + (_ESCAPED.sub(r"\1", own[1:-1]) if own.startswith('"') else own)


def _listed(operators: tuple[str, ...]) -> str:
    return f"{' '.join(operators[:-1])} or {operators[-1]}"
