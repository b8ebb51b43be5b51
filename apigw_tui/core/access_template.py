"""A format string cut into text and `$context` variables, and the regex of the lines it renders."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from apigw_tui.core.access_variables import shape_of

_VARIABLE: Final = re.compile(
    r"\$\{context\.([^}\s]+)\}"
    r"|\$context\.((?:requestOverride|responseOverride)(?:\.\w+(?:-\w+)*)+"
    r"|authorizer\.claims\.\w+(?:[:-]\w+)*"
    r"|\w+(?:\.\w+)*)"
)


@dataclass(frozen=True)
class Token:
    """A piece of a format: text as it stands, or the name of a variable without `$context.`."""

    text: str
    is_variable: bool = False


def tokenise(source: str) -> tuple[Token, ...]:
    """Text and variables in order; empty text is left out."""
    tokens = []
    end = 0
    for found in _VARIABLE.finditer(source):
        if found.start() > end:
            tokens.append(Token(source[end : found.start()]))
        tokens.append(Token(found[1] or found[2], is_variable=True))
        end = found.end()
    if end < len(source):
        tokens.append(Token(source[end:]))
    return tuple(tokens)


def variables_of(source: str) -> tuple[str, ...]:
    """The variables of a format in order, doubles included."""
    return tuple(token.text for token in tokenise(source) if token.is_variable)


def only_variable(source: str) -> str:
    """The variable if nothing else stands in the text but perhaps quotes around it, else ""."""
    names = variables_of(source)
    rest = "".join(token.text for token in tokenise(source) if not token.is_variable)
    return names[0] if len(names) == 1 and not rest.strip(' "\\') else ""


def line_regex(source: str, *, gap: str = r"\s+", free: str = ".*?", shaped: bool = True) -> str:
    r"""A regex of whole lines with one group per variable, in order.

    `gap` stands for blanks of the format (`\s*` where they mean nothing), `free` for values of any text. `shaped`
    asks each value to look as its variable does, which keeps neighbours apart; without it any text fits.
    """
    parts = []
    for token in tokenise(source.strip()):
        if token.is_variable:
            shape = shape_of(token.text) if shaped else ""
            parts.append(f"({shape or free})")
            continue
        pieces = (re.escape(piece) for piece in re.split(r"\s+", token.text))
        text = gap.join(pieces)
        parts.append(text.replace("><", rf">{gap}<") if gap == r"\s*" else text)
    return rf"(?s)^\s*{''.join(parts)}\s*$"
