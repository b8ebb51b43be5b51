"""The words of the command line: commands, options and what each takes."""

from __future__ import annotations

import argparse
from typing import Any, Final, NoReturn

from apigw_tui import __version__
from apigw_tui.errors import UsageError

COMMANDS: Final = {
    "tail": "follow; requests as they complete (--events: raw events)",
    "requests": "one row per request, then exit",
    "events": "one row per event, then exit",
    "show": "one stitched request",
    "stats": "routes, causes, tops, histogram",
    "stages": "APIs, stages and their log groups",
    "doctor": "what is (not) logged, and how to fix it",
    "cache": "the events kept on this machine; cache clear [GROUP ...] removes them",
    "config": "each option's value, and where it comes from",
    "emulator": "serve the embedded endpoint for other clients",
}
_USAGES: Final = {
    None: "apigw-tui [TARGET ...] [options]\n       apigw-tui COMMAND ... [options]",
    "show": "apigw-tui show REQUEST_ID TARGET ... [options]",
    "stages": "apigw-tui stages [PATTERN] [options]",
    "doctor": "apigw-tui doctor [TARGET ...] [options]",
    "cache": "apigw-tui cache [clear [GROUP ...]] [-o FORM]",
    "config": "apigw-tui config [show] [options]",
    "emulator": "apigw-tui emulator [--port N] [--scenario NAME] [--latency MS] [--tps N] [--lag MODEL]",
}
_TARGETS: Final = """\
A TARGET is API/STAGE or an API by name or ID, or a custom domain name with its base path; a log group name
or ARN (log-group:NAME when ambiguous); a file or directory, or - for stdin. Several merge into one time line.
Times: 15m, 2h30m, -3h, 13:10, yesterday 14:00, ISO 8601, epoch seconds or milliseconds."""
VIEWS: Final = ("requests", "events")
SHELLS: Final = ("bash", "zsh", "fish")
_VALUE_MAY_START_WITH_DASH: Final = {"-q", "--query", "--since", "--until", "--filter-pattern", "--sort"}


class Parser(argparse.ArgumentParser):
    """A parser whose errors are ours."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError instead of printing the usage and leaving."""
        raise UsageError(f"{message[:1].upper()}{message[1:]}.", f"See {self.prog} --help.")


def split_command(words: list[str]) -> tuple[str | None, list[str]]:
    """The first word that is no option (nor an option's value) may name a command."""
    takes_value = {name for action in parser_of(None)._actions if action.nargs != 0 for name in action.option_strings}
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


def typed_words(command: str | None, words: list[str]) -> tuple[list[str], dict[str, Any]]:
    """The positional words and the options that were typed; what follows `--` is positional."""
    words = joined_values(words)
    end = words.index("--") if "--" in words else len(words)
    # By hand: before 3.13 argparse takes what follows `--` for options again when words are intermixed.
    typed = vars(parser_of(command).parse_intermixed_args(words[:end]))
    return [*typed.pop("words", ()), *words[end + 1 :]], typed


def joined_values(words: list[str]) -> list[str]:
    """`--since -3h` as `--since=-3h`: argparse takes a value with a dash only so."""
    joined: list[str] = []
    for index, word in enumerate(words):
        if joined and joined[-1] in _VALUE_MAY_START_WITH_DASH:
            option = "--query" if joined[-1] == "-q" else joined[-1]
            joined[-1] = f"{option}={word}"
        elif word == "--":
            return [*joined, *words[index:]]
        else:
            joined.append(word)
    return joined


def parser_of(command: str | None) -> Parser:
    """The parser of a command's words, or of the explorer's; what was not typed is not in its result."""
    commands = "\n".join(f"  {name:<10}{text}" for name, text in COMMANDS.items())
    parser = Parser(
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
    if command is None:
        _add_view(parser)
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
    group.add_argument("-q", "--query", metavar="QUERY", help="e.g. 'status>=500 latency>1s', or @NAME: saved as that")
    group.add_argument("--filter-pattern", metavar="PATTERN", help="CloudWatch filter pattern, sent verbatim")
    group.add_argument(
        "--access-format",
        metavar="FORMAT",
        help="the $context string of files and bare groups, kept for them; `guess` forgets it",
    )
    group.add_argument("--max-memory", metavar="SIZE", help="of more, the oldest events go to disk (default: 1gb)")
    group.add_argument("--max-events", type=int, metavar="N", help="drop the oldest beyond N (default: 50 million)")
    group.add_argument("--no-cache", dest="cache", action="store_false", help="neither read nor keep files of events")


def _add_view(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("the explorer")
    group.add_argument("--view", choices=VIEWS, metavar="VIEW", help="requests or events")
    group.add_argument("--sort", metavar="COLUMN", help="order of requests; a - before it: the largest first")
    group.add_argument("--highlight", action="store_true", help="dim what does not match, do not hide it")
    group.add_argument("--fresh", action="store_true", help="without TARGET: do not go on where you were")
    group.add_argument("--print-stages", action="store_true", help=argparse.SUPPRESS)
    group.add_argument("--print-completion", choices=SHELLS, metavar="SHELL", help="completions for bash, zsh or fish")


def _add_how(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("how")
    group.add_argument("-o", "--output", metavar="FORM", help="text, table, json, ndjson, csv, parquet or markdown")
    group.add_argument("--tz", metavar="ZONE", help="local, utc or a name such as Europe/Berlin")
    group.add_argument("--reveal", action="store_true", help="do not mask secrets")
    group.add_argument("--theme", metavar="NAME", help="auto, dark, light or 16 (colours)")
    group.add_argument("--no-color", dest="color", action="store_false", help="no colours (also: NO_COLOR)")
    group.add_argument("--config", metavar="FILE", help="another config file")
    group.add_argument("--debug", action="store_true", help="show tracebacks")
