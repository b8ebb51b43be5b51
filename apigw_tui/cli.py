"""The command line: reads the words, picks explorer or command, turns errors into sentences and exit codes."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Final, NoReturn

from apigw_tui import __version__
from apigw_tui.errors import AppError, ExitCode, UsageError
from apigw_tui.headless.narration import say

COMMANDS: Final = {
    "tail": "follow; requests as they complete (--events: raw events)",
    "requests": "one row per request, then exit",
    "events": "one row per event, then exit",
    "show": "one stitched request",
    "stats": "routes, causes, tops, histogram",
    "stages": "APIs, stages and their log groups",
    "cache": "the events kept on this machine; cache clear [GROUP ...] removes them",
    "emulator": "serve the embedded endpoint for other clients",
}
_USAGES: Final = {
    None: "apigw-tui [TARGET ...] [options]\n       apigw-tui COMMAND ... [options]",
    "show": "apigw-tui show REQUEST_ID TARGET ... [options]",
    "stages": "apigw-tui stages [PATTERN] [options]",
    "cache": "apigw-tui cache [clear [GROUP ...]] [-o FORM]",
    "emulator": "apigw-tui emulator [--port N] [--scenario NAME] [--latency MS] [--tps N] [--lag MODEL]",
}
_TARGETS: Final = """\
A TARGET is API/STAGE or an API by name or ID, or a custom domain name with its base path; a log group name
or ARN (log-group:NAME when ambiguous); a file or directory, or - for stdin. Several merge into one time line.
Times: 15m, 2h30m, -3h, 13:10, yesterday 14:00, ISO 8601, epoch seconds or milliseconds."""
_VALUE_MAY_START_WITH_DASH: Final = {"-q", "--query", "--since", "--until", "--filter-pattern"}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}.", f"See {self.prog} --help.")


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
    command, rest = _split_command(words)
    parser = _parser(command)
    typed = vars(parser.parse_intermixed_args(_joined_values(rest)))
    positionals: list[str] = typed.pop("words", [])
    flags = {name: value for name, value in typed.items() if value is not None}
    from apigw_tui.config import load_config  # noqa: PLC0415 - keeps --help light

    config = load_config({name: flags.pop(name) for name in list(flags) if name in _config_names()})
    if command is None and not _has_terminal():
        reason = "TERM is dumb" if os.environ.get("TERM") == "dumb" else "there is no terminal"
        if not positionals:
            raise UsageError(f"The explorer needs a terminal, and {reason}.", "Name a TARGET to print its requests.")
        say(f"apigw-tui: {reason}: printing what `apigw-tui tail` prints.")
        command = "tail"
        if not sys.stdout.isatty() and not config.output:
            flags["piped"] = True
    if command is None:
        from apigw_tui.tui.launch import launch  # noqa: PLC0415 - loads textual

        return launch(config, positionals)
    from apigw_tui.headless.commands import run  # noqa: PLC0415 - loads polars

    return run(command, positionals, config, flags)


def _has_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def _split_command(words: list[str]) -> tuple[str | None, list[str]]:
    """The first word that is no option (nor an option's value) may name a command."""
    takes_value = {name for action in _parser(None)._actions if action.nargs != 0 for name in action.option_strings}
    skip = False
    for index, word in enumerate(words):
        if skip:
            skip = False
        elif word == "--":
            break
        elif word.startswith("-") and word != "-":
            skip = word in takes_value
        elif word in COMMANDS:
            return word, words[:index] + words[index + 1 :]
        else:
            break
    return None, words


def _joined_values(words: list[str]) -> list[str]:
    """`--since -3h` as `--since=-3h`: argparse takes a value with a dash only so."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] in _VALUE_MAY_START_WITH_DASH:
            option = "--query" if joined[-1] == "-q" else joined[-1]
            joined[-1] = f"{option}={word}"
        else:
            joined.append(word)
    return joined


def _parser(command: str | None) -> _Parser:
    commands = "\n".join(f"  {name:<10}{text}" for name, text in COMMANDS.items())
    parser = _Parser(
        prog="apigw-tui" if command is None else f"apigw-tui {command}",
        usage=_USAGES.get(command, f"apigw-tui {command} TARGET ... [options]"),
        description="A terminal explorer for AWS API Gateway logs." if command is None else COMMANDS[command],
        epilog=(f"commands:\n{commands}\n\n" if command is None else "") + _TARGETS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    parser.add_argument("words", nargs="*", default=[], help=argparse.SUPPRESS)
    parser.add_argument("--version", action="version", version=f"apigw-tui {__version__}")
    _add_aws(parser)
    _add_what(parser)
    _add_how(parser)
    if command in (None, "tail"):
        parser.add_argument("--live-tail", action="store_true", help="stream beside the polls: costs about $0.01/min")
    if command == "tail":
        parser.add_argument("--for", dest="span", metavar="SPAN", help="stop after this long, e.g. 30s")
        parser.add_argument("--events", action="store_true", help="print raw events, not requests")
    if command == "emulator":
        parser.add_argument("--port", type=int, metavar="N", help="the port to listen on (default: a free one)")
        parser.add_argument("--scenario", metavar="NAME", help="one incident for ever (default: all in turn)")
        parser.add_argument("--latency", type=float, metavar="MS", help="answer each call so many milliseconds later")
        parser.add_argument("--tps", type=float, metavar="N", help="throttle FilterLogEvents beyond N calls a second")
        parser.add_argument("--lag", metavar="MODEL", help="deliver events later and out of order, e.g. uniform")
    return parser


def _add_aws(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("where")
    group.add_argument("--profile", metavar="NAME", help="a profile of your AWS config")
    group.add_argument("--region", metavar="NAME", help="e.g. eu-west-1")
    group.add_argument("--endpoint-url", metavar="URL", help="send all calls there")
    group.add_argument("--no-verify-ssl", dest="verify_ssl", action="store_false", help="do not verify certificates")
    group.add_argument("--ca-bundle", metavar="FILE", help="certificates to verify with")
    group.add_argument("--demo", action="store_true", help="an invented shop with a running incident, no AWS needed")


def _add_what(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what")
    group.add_argument("--since", metavar="TIME", help="oldest time to read (default: 15m for CloudWatch)")
    group.add_argument("--until", metavar="TIME", help="newest time to read (default: now)")
    group.add_argument("-q", "--query", metavar="QUERY", help="e.g. 'status>=500 route:/orders/{id} latency>1s'")
    group.add_argument("--filter-pattern", metavar="PATTERN", help="CloudWatch filter pattern, sent verbatim")
    group.add_argument("--access-format", metavar="FORMAT", help="the $context string of files and bare groups")
    group.add_argument("--max-events", type=int, metavar="N", help="keep at most N events, dropping the oldest")
    group.add_argument("--no-cache", dest="cache", action="store_false", help="neither read nor keep files of events")


def _add_how(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("how")
    group.add_argument("-o", "--output", metavar="FORM", help="text, table, json, ndjson, csv, parquet or markdown")
    group.add_argument("--tz", metavar="ZONE", help="local, utc or a name such as Europe/Berlin")
    group.add_argument("--reveal", action="store_true", help="do not mask secrets")
    group.add_argument("--theme", metavar="NAME", help="auto, dark, light or 16 (colours)")
    group.add_argument("--no-color", dest="color", action="store_false", help="no colours (also: NO_COLOR)")
    group.add_argument("--config", metavar="FILE", help="another config file")
    group.add_argument("--debug", action="store_true", help="show tracebacks")


def _config_names() -> frozenset[str]:
    from dataclasses import fields  # noqa: PLC0415 - with config, after --help is out of the way

    from apigw_tui.config import Config  # noqa: PLC0415

    return frozenset(item.name for item in fields(Config))
