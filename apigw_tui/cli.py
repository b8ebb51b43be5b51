"""The command line: reads the words, picks explorer or command, turns errors into sentences and exit codes."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from apigw_tui.arguments import split_command, typed_words
from apigw_tui.errors import AppError, ExitCode, UsageError
from apigw_tui.headless.narration import say

if TYPE_CHECKING:
    from apigw_tui.config import Config


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; returns the exit code and never lets a traceback out (but for --debug)."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        return _run(words)
    except AppError as error:
        if "--debug" in words and error.__cause__:
            raise
        say(f"apigw-tui: {error}")
        return int(error.exit_code)
    except KeyboardInterrupt:
        return int(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        _silence_stdout()
        return int(ExitCode.OK)
    except OSError as error:
        _silence_stdout()
        say(f"apigw-tui: {error.strerror or error}{f': {error.filename}' if error.filename else ''}.")
        return int(ExitCode.FAILED)
    except Exception as error:
        if "--debug" in words:
            raise
        say(f"apigw-tui: unexpected {type(error).__name__}: {error}. --debug shows where; please report it.")
        return int(ExitCode.FAILED)


def _silence_stdout() -> None:
    """Nothing more can be written: keep the flush at exit from saying so."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(words: list[str]) -> int:
    command, rest = split_command(words)
    positionals, flags = typed_words(command, rest)
    if "print_completion" in flags:
        from apigw_tui.headless.completion import print_completion  # noqa: PLC0415 - only here

        return print_completion(str(flags["print_completion"]))
    if "print_stages" in flags:
        from apigw_tui.headless.completion import print_stages  # noqa: PLC0415 - as above

        return print_stages(flags)
    typed = dict(flags)
    config = _config(flags)
    if command is None and not _has_terminal(config):
        reason = "TERM is dumb" if os.environ.get("TERM") == "dumb" else "there is no terminal"
        if not positionals:
            raise UsageError(f"The explorer needs a terminal, and {reason}.", "Name a TARGET to print its requests.")
        say(f"apigw-tui: {reason}: printing what `apigw-tui tail` prints.")
        command = "tail"
        if not sys.stdout.isatty() and not config.output:
            flags["piped"] = True
    if command is None:
        from apigw_tui.tui.first_frame import first_frame  # noqa: PLC0415 - not needed for --help

        with first_frame(positionals):
            gc.disable()  # what is loaded stays: there is nothing to collect before the explorer sees to it
            from apigw_tui.tui.launch import launch  # noqa: PLC0415 - loads textual

            return launch(config, positionals, typed)
    from apigw_tui.headless.commands import run  # noqa: PLC0415 - loads polars

    return run(command, positionals, config, flags)


def _config(flags: dict[str, Any]) -> Config:
    """Flags, environment and config file weighed; takes those flags away that are options of the config."""
    from apigw_tui.config import load_config, option_names  # noqa: PLC0415 - keeps --help light

    known = option_names()
    config = load_config({name: flags.pop(name) for name in list(flags) if name in known})
    if config.keys:
        from apigw_tui.tui.keymap import rebound  # noqa: PLC0415 - loads no textual; rarely needed

        rebound(config.keys, where=config.origins["keys"])
    if config.query.lstrip(" ").startswith("@"):
        from apigw_tui.sources.saved_queries import resolved_query  # noqa: PLC0415 - rarely needed

        return replace(config, query=resolved_query(config.query))
    return config


def _has_terminal(config: Config) -> bool:
    """Whether the explorer can be drawn: on stderr, so that stdout is free for the ID that `Q` prints.

    A form of output that was typed is meant for stdout, so that without a terminal there nothing is drawn.
    """
    if os.environ.get("TERM") == "dumb" or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    return sys.stdout.isatty() or config.origins.get("output") != "flag"
