"""Guesses the format of lines of names and values: `name: value, name: value` and `name=value name=value`."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from apigw_tui.core.access_cells import UNKNOWN, marked_cells
from apigw_tui.core.access_names import is_entry, variable_of, variables_by_name
from apigw_tui.core.access_variables import shape_of

_LONGEST: Final = 8_192
_WORD: Final = re.compile(r"(^\{?|\s+/\s+|\s*[,;|&]\s*|\s+)([\"']?)([A-Za-z_][\w.\-]*)\2(\s*=|\s*:[ \t]?)")
_ENDS: Final = " \t,;|&'"


def worded_source(message: str) -> str | None:
    """The format of a line of names and values; None when it is not surely an access entry."""
    if len(message) > _LONGEST:
        return None
    anchors = _anchors(message)
    message = message.rstrip()
    body = message.removesuffix("}") if message.startswith("{") else message
    values = {anchor[3]: _value(body, anchor, after) for anchor, after in _followed(anchors)}
    if not is_entry({name: value.strip(_ENDS).strip('"') for name, value in values.items()}):
        return None
    variables = variables_by_name(values)
    parts = [message[: anchors[0].start()]]
    for anchor, after in _followed(anchors):
        value, variable = values[anchor[3]], variables[anchor[3]]
        unclear = after and not after[1].strip() and not variables[after[3]] and not shape_of(variable)
        parts += [anchor[0], _marked(value, UNKNOWN if unclear else variable or anchor[3], {*variables.values()})]
    return "".join([*parts, message[len(body) :]])


def _followed(anchors: list[re.Match[str]]) -> list[tuple[re.Match[str], re.Match[str] | None]]:
    return list(zip(anchors, [*anchors[1:], None], strict=False))


def _value(message: str, anchor: re.Match[str], after: re.Match[str] | None) -> str:
    return message[anchor.end() : after.start() if after else len(message)]


def _anchors(message: str) -> list[re.Match[str]]:
    """The names that begin a field: they stand behind the same separator and before the same sign as most.

    A name that comes again stands in a value.
    """
    words = [*_WORD.finditer(message)]
    known = [word for word in words if word[1] and variable_of(word[3])]
    if not known:
        return []
    (separator, sign), _ = Counter((word[1], word[4].strip()) for word in known).most_common(1)[0]
    anchors: dict[str, re.Match[str]] = {}
    for word in words:
        fits = word[4].strip() == sign and (word[1] == separator or not anchors)
        spaced = sign == "=" or word[4] != sign or separator.strip()
        if fits and spaced:
            anchors.setdefault(word[3], word)
    return list(anchors.values())


def _marked(value: str, variable: str, taken: set[str]) -> str:
    """A value as a format: what does not look as its variable should is unknown; what follows it has no name."""
    mark, shape = f"${{context.{variable}}}", shape_of(variable)
    before, bare, behind = _bare(value)
    if not re.fullmatch(shape or ".*", bare, re.DOTALL):
        begins = re.match(rf"({shape})(?=[,;|]?\s)", bare)
        mark = mark + marked_cells(bare[begins.end() :], taken) if begins else f"${{context.{UNKNOWN}}}"
    return before + mark + behind


def _bare(value: str) -> tuple[str, str, str]:
    """A value without the blanks and quotes around it, and these."""
    inner = value.strip(" \t")
    if len(inner) > 1 and inner[0] in "\"'" and inner[-1] == inner[0]:
        inner = inner[1:-1]
    start = value.index(inner)
    return value[:start], inner, value[start + len(inner) :]
