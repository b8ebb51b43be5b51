"""`apigw-tui config show`: each option's value, and where it comes from."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from apigw_tui.config import KEYS, config_path, option_names
from apigw_tui.errors import ExitCode, UsageError
from apigw_tui.headless import output
from apigw_tui.headless.narration import say

if TYPE_CHECKING:
    from apigw_tui.config import Config

_SHOW: Final = "show"
_DEFAULT: Final = "default"
_BOTO3_READS: Final = {"endpoint_url": "AWS_ENDPOINT_URL"}


def show_config(words: Sequence[str], config: Config) -> int:
    """Print every option; stderr says which file was read."""
    if [*words] not in ([], [_SHOW]):
        raise UsageError(f"`config` cannot {' '.join(words)!r}.", "Use `apigw-tui config show`.")
    # Not -o alone decides what is printed here: a form of the file may be one of other commands.
    is_typed = config.origins.get("output") == "flag"
    form = output.choose_form("config", config.output if is_typed else None)
    output.write_records(config_records(config, os.environ), form, text=_lines)
    path = config.config or str(config_path())
    was_read = config.config is not None or config_path().is_file()
    say(f"apigw-tui: {'config file' if was_read else 'there is no config file; it would be'} {path}")
    return int(ExitCode.OK)


def config_records(config: Config, environ: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Option, value and origin: a flag, a variable, a file or `default`."""
    for name in sorted(option_names() - {"config", "debug"}):
        value, origin = getattr(config, name), config.origins.get(name, _DEFAULT)
        variable = _BOTO3_READS.get(name, "")
        if value is None and environ.get(variable):
            value, origin = environ[variable], variable
        said = f"--{name.replace('_', '-')}" if origin == "flag" else origin
        yield {"option": name.replace("_", "-"), "value": value, "origin": said}
    for action, keys in sorted(config.keys.items()):
        yield {"option": f"{KEYS}.{action}", "value": " ".join(keys), "origin": config.origins[KEYS]}


def _lines(records: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    rows = [
        ("OPTION", "VALUE", "FROM"),
        *((record["option"], _shown(record["value"]), record["origin"]) for record in records),
    ]
    first, second = (max(len(row[place]) for row in rows) for place in (0, 1))
    for option, value, origin in rows:
        yield f"{option:<{first}}  {value:<{second}}  {origin}"


def _shown(value: object) -> str:
    if value is None or value == "":
        return "–"
    return str(value).lower() if isinstance(value, bool) else str(value)
