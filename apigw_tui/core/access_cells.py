"""Guesses the format of lines without names: each value is told by its looks and its neighbours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from apigw_tui.core.access_names import variable_of
from apigw_tui.core.access_variables import shape_of

UNKNOWN: Final = "unknown"
"""Stands in a guessed format for what could not be told; no variable has this name."""

_LONGEST: Final = 8_192
_ROUTE: Final = r"/(?:[^\s,;|\"'/{]*/)*\{[\w.\-]+\+?\}(?:/[^\s,;|\"']*)?"
_PATH: Final = r"/(?:[^\s,;|\"']*[^\s,;|\"'])?"
_METHODS: Final = "GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|ANY"
_PATTERN: Final = (
    r"(?<![^\s,;|\"'\[(=])(?:"
    r"(?P<time>[0-3][0-9]/[A-Z][a-z]{2}/[0-9]{4}(?::[0-9]{2}){3} [+-][0-9]{4})"
    r"|(?P<uuid>[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})"
    r"|(?P<trace>(?:Root=)?1-[0-9a-f]{8}-[0-9a-f]{24})"
    r"|(?P<short>[A-Za-z0-9_+/-]{10,22}={1,2})"
    r"|(?P<agent>(?<=\")(?!HTTP/)[A-Za-z][\w.\-]*/[0-9][^\"]*(?=\"(?:[\s,;|]|$)))"
    r"|(?P<protocol>HTTP/[0-9](?:\.[0-9])?)"
    rf"|(?P<asked>(?:{_METHODS}) {_ROUTE}(?! HTTP/))"
    rf"|(?P<method>{_METHODS})"
    r"|(?P<event>CONNECT|MESSAGE|DISCONNECT)"
    r"|(?P<waf>WAF_[A-Z]+)"
    rf"|(?P<template>\$(?:default|connect|disconnect)|{_ROUTE})"
    rf"|(?P<path>{_PATH})"
    r"|(?P<ip>[0-9]{1,3}(?:\.[0-9]{1,3}){3}|(?=[^\s,]*::|(?:[0-9A-Fa-f]+:){7})[0-9A-Fa-f:]{3,39})"
    r"|(?P<epoch>1[0-9]{12})"
    r"|(?P<number>[0-9]{1,9})"
    r")(?=[\s,;|\"'\])]|$)"
)
_IN_COMMAS: Final = re.compile(_PATTERN)
_IN_BLANKS: Final = re.compile(_PATTERN.replace(_PATH, r"/(?:[^\s|\"']*[^\s,;|\"'])?"))
_NAMED: Final = re.compile(r"([A-Za-z_][\w.\-]*)\s*[:=]\s*[\"']?$")
_SEPARATORS: Final = " \t,;|\"'[]()"
_VARIABLES: Final = {
    "time": "requestTime",
    "trace": "xrayTraceId",
    "method": "httpMethod",
    "protocol": "protocol",
    "asked": "routeKey",
    "template": "routeKey",
    "path": "path",
    "event": "eventType",
    "waf": "wafResponseCode",
    "ip": "identity.sourceIp",
    "agent": "identity.userAgent",
}
_AFTER_PROTOCOL: Final = "status of a protocol"
_EVIDENCE: Final = frozenset({*_VARIABLES, "status", _AFTER_PROTOCOL} - {"trace", "agent"})
_PECULIAR: Final = frozenset({"time", "protocol", "waf"})
"""Applications seldom write these; without them the line must begin with the request ID and tell a status."""

_OBJECT: Final = '":'
_ENOUGH: Final = 3
_STATUSES: Final = range(100, 600)
_BEFORE_STATUS: Final = frozenset({"protocol", "asked", "template", "path", "method"})


@dataclass(frozen=True)
class _Cell:
    """A value: where it stands, what it looks like, and the variable it holds."""

    start: int
    end: int
    look: str
    variable: str


def positional_source(line: str) -> str | None:
    """The format of a line of values; None when it is not surely an access entry."""
    if len(line) > _LONGEST or _OBJECT in line:
        return None
    cells = list(_told(line))
    looks = {cell.look for cell in cells} & _EVIDENCE
    if len(looks) < _ENOUGH or not any(cell.variable == "requestId" for cell in cells):
        return None
    if not looks & _PECULIAR and not (cells[0].variable == "requestId" and cells[0].start <= 1 and "status" in looks):
        return None
    return _marked(line, cells)


def marked_cells(text: str, taken: set[str]) -> str:
    """A text with a variable for each value that can be told and is not one of `taken`."""
    return _marked(text, [cell for cell in _told(text) if cell.variable not in taken])


def _marked(line: str, cells: list[_Cell]) -> str:
    parts, end = [], 0
    for cell in cells:
        parts += [_between(line[end : cell.start]), f"${{context.{cell.variable}}}"]
        end = cell.end
    return "".join([*parts, _between(line[end:])])


def _between(text: str) -> str:
    """The text between two values as a format: separators and names as they are, anything else unknown."""
    head = text[: len(text) - len(text.lstrip(_SEPARATORS))]
    rest = text[len(head) :]
    named = _NAMED.search(rest)
    tail = rest[named.start() :] if named else rest[len(rest.rstrip(_SEPARATORS)) :]
    middle = rest[: len(rest) - len(tail)].strip(_SEPARATORS)
    if not middle:
        return text
    mark = middle if set(middle) == {"-"} and len(middle) > 1 else f"${{context.{UNKNOWN}}}"
    gap = " " if tail and tail == rest[len(rest.rstrip(_SEPARATORS)) :] and not tail.strip() else ""
    return head + rest[: len(rest) - len(tail)].replace(middle, mark, 1) + (gap or tail)


def _told(line: str) -> Iterator[_Cell]:
    """The values that can be told, each variable once."""
    in_commas = line.count(",") > line.count(" ")
    found = [*(_IN_COMMAS if in_commas else _IN_BLANKS).finditer(line)]
    request_id = _request_id(found)
    taken: set[str] = set()
    before: _Cell | None = None
    for match in found:
        look = str(match.lastgroup)
        between = line[before.end if before else 0 : match.start()]
        variable = None if look in ("template", "asked") else _named(between, match[0])
        if variable is None:
            variable = "requestId" if match is request_id else _variable(match, before, between, taken)
        if not variable or variable in taken:
            continue
        taken.add(variable)
        if variable == "status":
            look = _AFTER_PROTOCOL if before and before.look == "protocol" else "status"
        before = _Cell(match.start(), match.end(), look, variable)
        yield before


def _request_id(found: list[re.Match[str]]) -> re.Match[str] | None:
    """The first UUID; else the only short ID there is, as HTTP APIs have it."""
    uuids = [match for match in found if match.lastgroup == "uuid"]
    shorts = [match for match in found if match.lastgroup == "short"]
    if uuids:
        return uuids[0]
    return shorts[0] if len({match[0] for match in shorts}) == 1 else None


def _named(between: str, value: str) -> str | None:
    """What the name before a value says, "" for a name that says nothing; None where there is none."""
    named = _NAMED.search(between)
    if named is None:
        return None
    variable = variable_of(named[1])
    return variable if re.fullmatch(shape_of(variable) or ".*", value) else ""


def _variable(match: re.Match[str], before: _Cell | None, between: str, taken: set[str]) -> str:
    look, adjoins = str(match.lastgroup), before is not None and not between.strip(_SEPARATORS)
    if look == "epoch":
        return "requestTimeEpoch" if not taken & {"requestTime", "httpMethod", "routeKey", "status"} else ""
    if look == "short":
        return "extendedRequestId" if "requestId" in taken and adjoins else ""
    if look != "number":
        return _VARIABLES.get(look, "")
    if before is None or not adjoins:
        return ""
    if before.look in _BEFORE_STATUS and int(match[0]) in _STATUSES:
        return "status"
    return "responseLength" if before.look == _AFTER_PROTOCOL else ""
