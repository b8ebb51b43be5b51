"""A pasted `apigw-tui …` command: the view that it opens here as it would in a shell."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from apigw_tui.arguments import split_command, typed_words
from apigw_tui.config import load_config, option_names
from apigw_tui.core.query import parse
from apigw_tui.errors import UsageError
from apigw_tui.sources.saved_queries import resolved_query
from apigw_tui.tui.session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apigw_tui.config import Config

PROGRAM: Final = "apigw-tui"
_OPENS_ROWS: Final = (None, "tail", "requests", "events", "stats")
_SHOW: Final = "show"
_PRINTS: Final = frozenset({"-h", "--help", "--version"})


@dataclass(frozen=True)
class PastedView:
    """The config and the session that a command stands for; `sought` is the request that `show` names."""

    config: Config
    session: Session
    sought: str | None = None


def is_command(text: str) -> bool:
    """Whether a text is meant as a command of ours."""
    words = text.split(maxsplit=1)
    return bool(words) and words[0] == PROGRAM


def view_of(
    text: str, environ: Mapping[str, str] | None = None, *, over: Mapping[str, Any] | None = None
) -> PastedView:
    """The view that a command opens; what is `over` was typed since. Raises UsageError where it opens none."""
    try:
        program, *words = shlex.split(text.strip())
    except ValueError as error:
        raise UsageError(f"The command is not whole: {error}.") from None
    if program != PROGRAM:
        raise UsageError(f"{program} is another program.", f"Paste a command that begins with {PROGRAM}.")
    command, rest = split_command(words)
    if command not in _OPENS_ROWS and command != _SHOW:
        raise UsageError(f"`{PROGRAM} {command}` opens no view.", "Run it in a shell.")
    if not _PRINTS.isdisjoint(rest):
        raise UsageError("--help and --version open no view.", "Run it in a shell.")
    targets, typed = typed_words(command, rest)
    typed |= over or {}
    sought = targets.pop(0) if command == _SHOW and targets else None
    if not targets:
        raise UsageError("The command names no TARGET.", f"E.g. {PROGRAM} orders/prod -q status:5xx")
    config = load_config({name: value for name, value in typed.items() if name in option_names()}, environ)
    config = replace(config, query=resolved_query(config.query))
    parse(config.query)
    is_events = command == "events" or bool(typed.get("events"))
    session = Session.of(config, targets, {**typed, **({"view": "events"} if is_events else {})})
    return PastedView(config, session, sought)
