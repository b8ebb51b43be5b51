"""A query in the languages of CloudWatch: Logs Insights, to be run over any range, and filter patterns.

Both can say less than a query can. What they cannot say is left out, never guessed: they find what the query
finds, or more. Both speak of the access log alone; what only execution lines tell is left out too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from apigw_tui.core.access_template import tokenise
from apigw_tui.core.access_variables import FIELD_VARIABLES
from apigw_tui.core.query_ast import ACCESS, And, Node, Not, Or, Query, Regex, Term, Text
from apigw_tui.core.query_fields import QueryField, field_named
from apigw_tui.core.query_values import Between, Compared, Exactly, Like, Present, Test, Within, tests_of

if TYPE_CHECKING:
    from apigw_tui.core.access_format import AccessFormat

LONGEST_PATTERN: Final = 1_024
"""Characters of a filter pattern (AWS: FilterLogEvents, `filterPattern`)."""

_ROWS: Final = 1_000
_SLASH: Final = re.compile(r"(?<!\\)/")
_SLASH_ESCAPED: Final = r"\\/"
_SPECIAL: Final = re.compile(r"[\\^$.|?*+()\[\]{}]")
_PLAIN_NAME: Final = re.compile(r"[@A-Za-z_][\w.@]*", re.ASCII)
_ALWAYS_LOGGED: Final = frozenset(
    {"request_id", "extended_request_id", "status", "method", "path", "source_ip", "user_agent", "connection_id"}
)
"""Columns that nothing but the access entry fills while there is one: only these may keep an entry back."""
_PHRASE_BEFORE: Final = 24
_EVENT_FIELDS: Final = {"group": "@log", "stream": "@logStream"}


@dataclass(frozen=True)
class InsightsQuery:
    """A Logs Insights query, and the terms that it cannot say."""

    text: str
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class FilterPattern:
    """A filter pattern, and the terms that are not in it."""

    text: str
    left_out: tuple[str, ...]


def insights_query(query: Query, access_format: AccessFormat | None) -> InsightsQuery:
    """Return the Logs Insights query that finds what the query finds; terms that it lacks stand in a comment."""
    names = _Names(access_format)
    said, left_out = [], []
    for term in query.terms:
        found = _node(term, names)
        if found is not None:
            said.append(found.text)
        if found is None or not found.is_exact:
            left_out.append(str(term))
    shown = ", ".join(("@timestamp", *names.shown())) if names.known else "@timestamp, @message"
    steps = [f"fields {shown}", *(f"filter {text}" for text in said), "sort @timestamp desc", f"limit {_ROWS}"]
    if names.parsing and any(name in text for name in names.parsed for text in (*said, shown)):
        steps.insert(0, names.parsing)
    comment = [f"# not in this query: {' '.join(left_out)}".replace("\n", " ")] if left_out else []
    return InsightsQuery("\n".join([*comment, "\n| ".join(steps)]), tuple(left_out))


def filter_pattern(query: Query, access_format: AccessFormat | None) -> FilterPattern | None:
    """Return a filter pattern that every access entry of a match fits; None where there is none.

    Made of phrases, not of `{ $.field = … }`: API Gateway does not escape what it writes, so that an entry of
    hostile text is no JSON, and CloudWatch would pass it over in silence.
    """
    phrases: list[str] = []
    left_out = []
    for term in query.terms:
        phrase = _phrase(term, access_format)
        if phrase is None or len(" ".join((*phrases, quoted := _string(phrase)))) > LONGEST_PATTERN:
            left_out.append(str(term))
        else:
            phrases.append(quoted)
    return FilterPattern(" ".join(phrases), tuple(left_out)) if phrases else None


@dataclass(frozen=True)
class _Said:
    """A condition; an inexact one lets more through than what it stands for."""

    text: str
    is_exact: bool = True


class _Names:
    """What the fields of a query are called in Logs Insights: JSON fields by name, others by a `parse`."""

    def __init__(self, access_format: AccessFormat | None) -> None:
        self.known = access_format is not None
        self._by_variable: dict[str, str] = {}
        self._is_json = access_format is not None and access_format.style == "json"
        self.parsing = ""
        self.parsed: tuple[str, ...] = ()
        if access_format is None:
            return
        if self._is_json:
            for field in access_format.fields:
                self._by_variable.setdefault(field.variable or field.name, _discovered(field.name))
            return
        tokens = tokenise(access_format.source.strip())
        variables = [token.text for token in tokens if token.is_variable]
        self._by_variable = {name: re.sub(r"\W", "_", name) for name in variables}
        self.parsed = tuple(_numbered([self._by_variable[name] for name in variables]))
        glob = "".join("*" if token.is_variable else token.text.replace("*", "?") for token in tokens)
        if not any("*" in token.text for token in tokens if not token.is_variable):
            self.parsing = f"parse @message {_string(glob)} as {', '.join(self.parsed)}"
        else:
            self._by_variable = {}

    def of(self, field: QueryField) -> list[str]:
        """Return the names that a field of the query has, none where the entry does not tell it."""
        if field.name in _EVENT_FIELDS:
            return [_EVENT_FIELDS[field.name]]
        if field.type == "access":
            own = field.name.removeprefix(ACCESS)
            found = self._by_variable.get(own.removeprefix("$context."), own if self._is_json else "")
            return [found] if found else []
        found_names = []
        for column in field.columns:
            variable = next((name for name in FIELD_VARIABLES.get(column, ()) if name in self._by_variable), None)
            if variable is not None:
                found_names.append(self._by_variable[variable])
        return found_names

    def shown(self) -> list[str]:
        """Return what to show of each entry."""
        wanted = ("status", "method", "route", "path", "latency", "integration", "ip", "id")
        fields = [field for name in wanted if (field := field_named(name)) is not None]
        return [*dict.fromkeys(_name(name) for field in fields for name in self.of(field)[:1]), "@message"]


def _discovered(name: str) -> str:
    """The name that Logs Insights gives a field of a JSON entry: its own fields are those that begin with one `@`."""
    return f"@{name}" if name.startswith("@") else name


def _numbered(names: Sequence[str]) -> list[str]:
    taken: list[str] = []
    for name in names:
        count = taken.count(name)
        taken.append(name if not count else f"{name}_{count + 1}")
    return taken


def _node(node: Node, names: _Names) -> _Said | None:
    if isinstance(node, And):
        return _all([_node(part, names) for part in node.nodes])
    if isinstance(node, Or):
        return _any([_node(part, names) for part in node.nodes])
    if isinstance(node, Not):
        inner = _node(node.node, names)
        # To leave out what more is found than was meant would lose matches.
        return _Said(f"not ({inner.text})") if inner is not None and inner.is_exact else None
    if isinstance(node, Text):
        return _Said(f"@message like {_regex(_literally(node.text))}")
    if isinstance(node, Regex):
        return _Said(f"@message like {_regex(node.pattern)}")
    return _term(node, names)


def _all(parts: list[_Said | None]) -> _Said | None:
    known = [part for part in parts if part is not None]
    if not known:
        return None
    exact = len(known) == len(parts) and all(part.is_exact for part in known)
    return _Said(" and ".join(f"({part.text})" for part in known), exact)


def _any(parts: list[_Said | None]) -> _Said | None:
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    return _Said(" or ".join(f"({part.text})" for part in known), all(part.is_exact for part in known))


def _term(term: Term, names: _Names) -> _Said | None:
    field = field_named(term.field)
    own = [] if field is None else [_name(name) for name in names.of(field)]
    if field is None or not own:
        return None
    tests = tests_of(term, field)
    fits = [_test(name, test) for name in own for test in tests]
    fit = fits[0] if len(fits) == 1 else " or ".join(f"({text})" for text in fits)
    if term.operator != "!=":
        return _Said(fit)
    present = " or ".join(_test(name, Present()) for name in own)
    return _Said(f"({present}) and not ({fit})")


def _test(name: str, test: Test) -> str:
    match test:
        case Present():
            said = f'ispresent({name}) and {name} != "-"'
        case Exactly(text):
            said = f"{name} like {_regex(f':{_literally(text)}$')}" if name == "@log" else f"{name} = {_string(text)}"
        case Like(pattern):
            said = f"{name} like {_regex(_anchored(pattern))}"
        case Compared(operator, number):
            said = f"{name} {operator} {number}"
        case Between(low, high):
            said = f"{name} >= {low} and {name} <= {high}"
        case Within(network) if network.num_addresses > 1:
            said = f"isIpv{network.version}InSubnet({name}, {_string(str(network))})"
        case Within(network):
            said = f"{name} = {_string(str(network.network_address))}"
    return said


def _anchored(pattern: str) -> str:
    """A pattern of ours in the grammar of Insights: the ends of the text are `^` and `$` there."""
    return pattern.removeprefix("(?i)").removeprefix("(?s)").replace(r"\A", "^").replace(r"\z", "$")


def _name(name: str) -> str:
    return name if _PLAIN_NAME.fullmatch(name) else f"`{name.replace('`', '')}`"


def _string(text: str) -> str:
    return f'"{_escaped(text)}"'


def _regex(pattern: str) -> str:
    one_line = pattern.replace("\n", r"\n").replace("\r", r"\r").replace("\t", r"\t")
    return f"/(?i){_SLASH.sub(_SLASH_ESCAPED, one_line)}/"


def _literally(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _phrase(term: Node, access_format: AccessFormat | None) -> str | None:
    """Return what must stand in an entry for this term, as the format writes it."""
    if not isinstance(term, Term) or access_format is None or term.operator not in {":", "="}:
        return None
    field = field_named(term.field)
    tests = () if field is None else tests_of(term, field)
    if field is None or len(tests) != 1 or not field.columns or not _ALWAYS_LOGGED.issuperset(field.columns):
        return None
    value = _written(tests[0])
    if value is None or not value.isascii() or not value.isprintable() or value != value.strip():
        return None
    return _around(access_format, FIELD_VARIABLES[field.columns[0]], value)


def _written(test: Test) -> str | None:
    match test:
        case Exactly(text):
            return text
        case Compared("=", int(number)):
            return str(number)
        case _:
            return None


def _around(access_format: AccessFormat, variables: tuple[str, ...], value: str) -> str | None:
    """Return the value between the text that the format puts before and behind it."""
    tokens = tokenise(access_format.source)
    places = [at for at, token in enumerate(tokens) if token.is_variable and token.text in variables]
    if not places:
        return None
    at = places[0]
    before = tokens[at - 1].text if at and not tokens[at - 1].is_variable else ""
    behind = tokens[at + 1].text if at + 1 < len(tokens) and not tokens[at + 1].is_variable else ""
    name = re.split(r"[\s,{\[]", before)[-1][-_PHRASE_BEFORE:]
    return name + value + behind[:1].strip("\n\t ")
