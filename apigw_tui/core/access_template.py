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
    asks each value to look as its variable does, which keeps neighbours apart; without it any text fits, but for
    values that only blanks keep apart.
    """
    tokens = tokenise(source.strip())
    parts = []
    for number, token in enumerate(tokens):
        if token.is_variable:
            apart = (
                shaped or _is_blank(tokens[max(number - 1, 0)]) or _is_blank(tokens[min(number + 1, len(tokens) - 1)])
            )
            parts.append(
                f"({shape_of(token.text) if apart else ''})" if shape_of(token.text) and apart else f"({free})"
            )
            continue
        pieces = [re.escape(piece) for piece in re.split(r"\s+", token.text)]
        text = gap.join(pieces)
        if number == len(tokens) - 2 and pieces[-1] == "":
            # The value at the end of a line may be empty, and the blank before it is lost then.
            text = f"{gap.join(pieces[:-1])}\\s*"
        parts.append(text.replace("><", rf">{gap}<") if gap == r"\s*" else text)
    return rf"(?s)^\s*{''.join(parts)}\s*$"


def _is_blank(token: Token) -> bool:
    return not token.is_variable and not token.text.strip()


def blended(source: str) -> tuple[tuple[int, ...], ...]:
    """Runs of neighbouring variables of any text that only blanks keep apart, by their numbers.

    Where one ends and the next begins cannot be told when there are blanks in the values.
    """
    runs: list[list[int]] = [[]]
    number = 0
    for token in tokenise(source.strip()):
        if not token.is_variable:
            runs.extend([] if _is_blank(token) else [[]])
            continue
        if shape_of(token.text):
            runs.append([])
        else:
            runs[-1].append(number)
        number += 1
    return tuple(tuple(run) for run in runs if len(run) > 1)
