"""Queries that the user saved by name: `-q @NAME` and the palette open them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from apigw_tui.errors import AppError, UsageError
from apigw_tui.sources.state_place import StateFile, state_file

SIGN: Final = "@"
NAME_FORM: Final = "letters, digits, - _ and . only, 40 at most"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


def is_name(text: str) -> bool:
    """Whether a query can be saved by this name."""
    return _NAME.fullmatch(text) is not None


def saved_queries() -> dict[str, str]:
    """Names and queries, by name. Raises AppError."""
    kept = _file().load().get("queries")
    if not isinstance(kept, Mapping):
        return {}
    named = {name: query for name, query in kept.items() if isinstance(query, str) and is_name(name)}
    return dict(sorted(named.items()))


def save_query(name: str, query: str) -> None:
    """Keep a query by a name, in the place of another of that name. Raises AppError."""
    if not is_name(name):
        raise UsageError(f"{name!r} cannot be the name of a query.", f"Use {NAME_FORM}.")
    _file().save({"queries": {**saved_queries(), name: query}})


def forget_query(name: str) -> None:
    """Keep it no longer. Raises AppError."""
    _file().save({"queries": {other: query for other, query in saved_queries().items() if other != name}})


def resolved_query(text: str) -> str:
    """The query that `@NAME` stands for; any other text as it is.

    A blank before the @ makes it a word to search for, see `literal_query`. Raises UsageError where nothing is
    saved by that name.
    """
    if text.startswith(" ") and text.lstrip(" ").startswith(SIGN):
        return text[1:]
    name = text.removeprefix(SIGN)
    if name == text or not is_name(name):
        return text
    try:
        saved = saved_queries()
    except AppError as error:
        raise UsageError(f"The saved query {name!r} cannot be opened: {error.message}") from error
    if name not in saved:
        raise UsageError(f"No query is saved as {name!r}.", _what_there_is(name, tuple(saved)))
    return saved[name]


def literal_query(text: str) -> str:
    """How to write a query on the command line so that `resolved_query` gives it back."""
    return f" {text}" if text.lstrip(" ").startswith(SIGN) else text


def _what_there_is(name: str, saved: tuple[str, ...]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only for an error

    near = get_close_matches(name, saved, n=1)
    if near:
        return f"Did you mean {SIGN}{near[0]}?"
    if saved:
        return f"There are {', '.join(f'{SIGN}{one}' for one in saved)}."
    return "In the explorer `query: save as …` of the command palette (ctrl+p) saves one."


def _file() -> StateFile:
    return state_file("queries")
