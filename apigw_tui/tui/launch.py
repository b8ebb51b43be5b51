"""Starts the explorer on a terminal and tells what is left to say when it ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from apigw_tui.core.query import parse
from apigw_tui.errors import AppError
from apigw_tui.headless import opening
from apigw_tui.tui.app import Explorer
from apigw_tui.tui.memories import Start
from apigw_tui.tui.pasted import view_of
from apigw_tui.tui.remembering import MemoryFile, recalled
from apigw_tui.tui.session import Session

if TYPE_CHECKING:
    from apigw_tui.config import Config

_RANGE_AND_QUERY: Final = ("since", "until", "query")


def launch(config: Config, targets: Sequence[str], typed: Mapping[str, Any] | None = None) -> int:
    """Run the explorer; usage errors are raised before the screen is taken.

    `typed` are the flags as they were typed. What `Q` picked is printed when the screen is left.
    """
    start = start_of(config, targets, typed or {})
    parse(config.query)
    opening.range_of(config, live=True)
    if not config.color:
        os.environ["NO_COLOR"] = "1"  # Textual reads it when the app is made
    with stdout_on_the_terminal():
        explorer = Explorer(start.config, start.session.targets if start.session else (), start=start)
        explorer.run()
    if explorer.picked:
        sys.stdout.write(f"{explorer.picked}\n")
        sys.stdout.flush()
    return explorer.return_code or 0


def start_of(
    config: Config, targets: Sequence[str], typed: Mapping[str, Any], environ: Mapping[str, str] | None = None
) -> Start:
    """What was asked for; without a target the last view of this account, unless `--fresh` is typed."""
    if targets:
        return Start(config, Session.of(config, targets, typed))
    memory, broken = recalled(MemoryFile.of(config))
    note = str(broken) if broken else ""
    if typed.get("fresh") or memory.command is None:
        return Start(config, note=note)
    over = {name: value for name, value in typed.items() if name not in ("fresh", "print_completion")}
    try:
        view = view_of(memory.command, environ, over=over)
        opening.range_of(view.config, live=True)
    except AppError as error:
        return Start(config, note=f"The last view cannot be opened again: {error.message}")
    session = view.session
    query = f" with {session.query}" if session.query else ""
    told = f"Where you were: {' '.join(session.targets)}{query}. --fresh starts clean."
    # What else is opened is opened as it was asked for today.
    today = {name: getattr(config, name) for name in _RANGE_AND_QUERY}
    return Start(replace(view.config, **today), session, told)


@contextmanager
def stdout_on_the_terminal() -> Iterator[None]:
    """Where stdout is no terminal: let it be that of stderr, on which the screen is drawn, for as long as it is.

    Sizes and colours are asked of stdout, and nothing but the picked ID may get into the pipe.
    """
    if sys.stdout.isatty():
        yield
        return
    sys.stdout.flush()
    number = sys.stdout.fileno()
    kept = os.dup(number)
    try:
        os.dup2(sys.stderr.fileno(), number)
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, number)
        os.close(kept)
