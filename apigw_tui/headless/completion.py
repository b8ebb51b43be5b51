"""Completion for shells: commands, options and their values, and the names of stages that are known here.

The scripts are made of the parser itself. The stages are read by `apigw-tui --print-stages` from what earlier
runs kept: nothing is asked of AWS, and nothing heavy is loaded.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final

from apigw_tui.arguments import COMMANDS, SHELLS, VIEWS, parser_of
from apigw_tui.errors import ExitCode

_TAKES_STAGES: Final = ("tail", "requests", "events", "show", "stats", "stages", "doctor")
_VALUES: Final[Mapping[str, tuple[str, ...]]] = {
    "--output": ("text", "table", "json", "ndjson", "csv", "parquet", "markdown"),
    "--theme": ("auto", "dark", "light", "16"),
    "--tz": ("local", "utc"),
    "--view": VIEWS,
    "--print-completion": SHELLS,
    "--since": ("5m", "15m", "1h", "3h", "1d"),
}
_FILES: Final = frozenset({"--ca-bundle", "--config"})
_STAGES: Final = "apigw-tui --print-stages"
_WORDS: Final[Mapping[str, tuple[str, ...]]] = {"config": ("show",), "cache": ("clear",)}


def print_completion(shell: str) -> int:
    """Print the script of a shell; the user evaluates it."""
    sys.stdout.write({"bash": bash, "zsh": zsh, "fish": fish}[shell]())
    return int(ExitCode.OK)


def print_stages(flags: Mapping[str, Any]) -> int:
    """Print the names of the stages that an earlier run saw in this account and region; maybe none."""
    for name in known_stages(flags):
        sys.stdout.write(f"{name}\n")
    return int(ExitCode.OK)


def known_stages(flags: Mapping[str, Any]) -> list[str]:
    """`API/STAGE` names out of the kept list of stages. Never raises: there may always be none."""
    from apigw_tui.config import load_config  # noqa: PLC0415 - as light as can be
    from apigw_tui.errors import AppError  # noqa: PLC0415
    from apigw_tui.sources.cache_place import cache_place  # noqa: PLC0415
    from apigw_tui.sources.settings import AwsSettings  # noqa: PLC0415

    try:
        config = load_config({name: flags[name] for name in ("profile", "region", "endpoint_url") if name in flags})
        settings = AwsSettings(config.profile, config.region, config.endpoint_url)
        place = cache_place(settings, "stages")
        kept = {} if place is None else json.loads(place.with_suffix(".json").read_bytes())
        return sorted({f"{stage['api_name']}/{stage['stage']}" for stage in kept.get("stages", ())})
    except (AppError, OSError, ValueError, KeyError, TypeError, AttributeError):
        return []


def bash() -> str:
    """For bash: `eval "$(apigw-tui --print-completion bash)"`."""
    options = "\n".join(f"        {name or 'explorer'}) options={_quoted(_flags(name))} ;;" for name in _commands())
    values = "\n".join(f"        {pattern}) values={_quoted(words)} ;;" for pattern, words in _valued("|"))
    return f"""\
# completion of apigw-tui for bash
_apigw_tui() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} command=explorer word index
    local options values="" words="" where=()
    for ((index = 1; index < COMP_CWORD; index++)); do
        word=${{COMP_WORDS[index]}}
        case $word in
            --profile|--region|--endpoint-url) where+=("$word" "${{COMP_WORDS[index+1]}}") ;;
            {"|".join(COMMANDS)}) [[ $command == explorer ]] && command=$word ;;
        esac
    done
    case $previous in
{values}
        {"|".join(sorted(_files()))}) COMPREPLY=($(compgen -f -- "$current")); return ;;
        {"|".join(_free())}) COMPREPLY=(); return ;;
    esac
    if [[ -n $values ]]; then
        COMPREPLY=($(compgen -W "$values" -- "$current"))
        return
    fi
    case $command in
{options}
    esac
    if [[ $current == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$current"))
        return
    fi
    case $command in
        explorer) words={_quoted(COMMANDS)} ;;
{chr(10).join(f"        {name}) words={_quoted(words)} ;;" for name, words in _WORDS.items())}
    esac
    case $command in
        explorer|{"|".join(name for name in _TAKES_STAGES if name in COMMANDS)})
            words+=" $({_STAGES} "${{where[@]}}" 2>/dev/null)"
            COMPREPLY=($(compgen -W "$words" -- "$current") $(compgen -f -- "$current")) ;;
        *) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
    esac
}}
complete -o filenames -F _apigw_tui apigw-tui
"""


def zsh() -> str:
    """For zsh: `eval "$(apigw-tui --print-completion zsh)"`."""
    options = "\n".join(
        f"        {name or 'explorer'}) options=({' '.join(map(_zsh_pair, _described(name)))}) ;;"
        for name in _commands()
    )
    values = "\n".join(
        f"        ({pattern}) compadd -- {' '.join(words)}; return ;;" for pattern, words in _valued("|")
    )
    commands = " ".join(map(_zsh_pair, COMMANDS.items()))
    words = "\n".join(f"        ({name}) compadd -- {' '.join(some)} ;;" for name, some in _WORDS.items())
    return f"""\
#compdef apigw-tui
# completion of apigw-tui for zsh
_apigw_tui() {{
    local previous=${{words[CURRENT-1]}} command=explorer word index
    local -a options commands where stages
    commands=({commands})
    for ((index = 2; index < CURRENT; index++)); do
        word=${{words[index]}}
        case $word in
            (--profile|--region|--endpoint-url) where+=("$word" "${{words[index+1]}}") ;;
            ({"|".join(COMMANDS)}) [[ $command == explorer ]] && command=$word ;;
        esac
    done
    case $previous in
{values}
        ({"|".join(sorted(_files()))}) _files; return ;;
        ({"|".join(_free())}) return ;;
    esac
    case $command in
{options}
    esac
    if [[ ${{words[CURRENT]}} == -* ]]; then
        _describe -o option options
        return
    fi
    case $command in
        (explorer) _describe command commands ;;
{words}
    esac
    case $command in
        (explorer|{"|".join(name for name in _TAKES_STAGES if name in COMMANDS)})
            stages=(${{(f)"$({_STAGES} "${{where[@]}}" 2>/dev/null)"}})
            compadd -- $stages
            _files ;;
    esac
}}
compdef _apigw_tui apigw-tui
"""


def fish() -> str:
    """For fish: `apigw-tui --print-completion fish | source`."""
    return "\n".join(("# completion of apigw-tui for fish", *_fish_lines(), ""))


def _fish_lines() -> Iterator[str]:
    no_command = f"not __fish_seen_subcommand_from {' '.join(COMMANDS)}"
    for name, text in COMMANDS.items():
        yield f"complete -c apigw-tui -n {_fish(no_command)} -a {name} -d {_fish(text)}"
    takers = " ".join(name for name in _TAKES_STAGES if name in COMMANDS)
    yield f"complete -c apigw-tui -n {_fish(no_command)} -a {_fish(f'({_STAGES} 2>/dev/null)')} -d stage"
    yield (
        f"complete -c apigw-tui -n {_fish(f'__fish_seen_subcommand_from {takers}')} "
        f"-a {_fish(f'({_STAGES} 2>/dev/null)')} -d stage"
    )
    for name, words in _WORDS.items():
        yield f"complete -c apigw-tui -n {_fish(f'__fish_seen_subcommand_from {name}')} -f -a {_fish(' '.join(words))}"
    for command in _commands():
        condition = no_command if command is None else f"__fish_seen_subcommand_from {command}"
        for action in _options(command):
            yield f"complete -c apigw-tui -n {_fish(condition)} {_fish_option(action)}"


def _fish_option(action: argparse.Action) -> str:
    parts = [f"-{'l' if flag.startswith('--') else 's'} {flag.lstrip('-')}" for flag in action.option_strings]
    if action.nargs != 0:
        long = action.option_strings[-1]
        parts.append("-r" if long in _FILES else "-x")
        if long in _VALUES:
            parts.append(f"-a {_fish(' '.join(_VALUES[long]))}")
    return " ".join([*parts, f"-d {_fish(action.help or '')}"])


# -- what there is to complete


def _commands() -> tuple[str | None, ...]:
    return (None, *COMMANDS)


def _options(command: str | None) -> list[argparse.Action]:
    actions = parser_of(command)._actions
    return [action for action in actions if action.option_strings and action.help is not argparse.SUPPRESS]


def _flags(command: str | None) -> list[str]:
    return [flag for action in _options(command) for flag in action.option_strings]


def _described(command: str | None) -> list[tuple[str, str]]:
    return [(flag, action.help or "") for action in _options(command) for flag in action.option_strings]


def _spellings() -> dict[str, tuple[str, ...]]:
    """The options that take a value, by their long spelling."""
    taking = (action for name in _commands() for action in _options(name) if action.nargs != 0)
    return {action.option_strings[-1]: tuple(action.option_strings) for action in taking}


def _valued(between: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for long, spellings in _spellings().items():
        if long in _VALUES:
            yield between.join(spellings), _VALUES[long]


def _files() -> list[str]:
    return [flag for long, spellings in _spellings().items() if long in _FILES for flag in spellings]


def _free() -> list[str]:
    """The options whose value only the user knows."""
    known = {*_VALUES, *_FILES}
    return [flag for long, spellings in _spellings().items() if long not in known for flag in spellings]


def _quoted(words: Any) -> str:
    return f'"{" ".join(words)}"'


def _zsh_pair(described: tuple[str, str]) -> str:
    name, text = described
    return "'" + f"{name}:{text}".replace("'", "'\\''") + "'"


def _fish(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
