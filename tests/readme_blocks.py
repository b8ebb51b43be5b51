"""The parts of README.md that code makes; `python -m tests.readme_blocks` writes them anew."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from apigw_tui import arguments
from apigw_tui.config import ENVIRONMENT, SWITCHED_OFF_BY
from apigw_tui.core.diagnosis import CAUSES
from apigw_tui.core.query_fields import QUERY_FIELDS
from apigw_tui.headless.output import FORMS
from apigw_tui.tui.actions import key_table_markdown

README: Final = Path(__file__).parents[1] / "README.md"
_BLOCK: Final = re.compile(r"(<!-- (?P<name>[a-z]+) -->\n).*?\n?(<!-- /(?P=name) -->)", re.DOTALL)


def commands() -> str:
    """The commands and what each can print."""
    rows = (
        (f"`{name}`", text, " ".join(f"`{form}`" for form in FORMS.get(name, ())))
        for name, text in arguments.COMMANDS.items()
    )
    return _table(("command", "does", "`-o`, the default first"), rows)


def options() -> str:
    """Every option of every command."""
    rows: dict[str, tuple[str, str]] = {}
    for command in (None, *arguments.COMMANDS):
        for action in arguments.parser_of(command)._actions:
            if action.option_strings and action.help is not argparse.SUPPRESS:
                rows.setdefault(_spelling(action), (_spelling(action), action.help or ""))
    return _table(("option", "means"), rows.values())


def environment() -> str:
    """The variables that stand for an option."""
    rows = [
        (" ".join(f"`{name}`" for name in names), f"`--{option.replace('_', '-')}`")
        for option, names in ENVIRONMENT.items()
    ]
    rows += [(f"`{name}`", f"`--no-{option}`") for option, name in SWITCHED_OFF_BY.items()]
    return _table(("variable", "stands for"), rows)


def fields() -> str:
    """The fields of the query language."""
    rows = [(f"`{field.name}`", field.description, f"`{field.example}`") for field in QUERY_FIELDS.values()]
    own = (
        "`access.NAME`",
        "any field of the stage's own access format, nested ones by their path; in quotes where the name has a blank",
        '`access.error.message:*` `access."API mapping":v1`',
    )
    return _table(("field", "is", "for example"), [*rows, own])


def causes() -> str:
    """The cause codes."""
    rows = ((f"`{cause.code}`", cause.meaning, cause.next_step) for cause in CAUSES.values())
    return _table(("code", "means", "check next"), rows)


BLOCKS: Final[Mapping[str, Callable[[], str]]] = {
    "commands": commands,
    "options": options,
    "environment": environment,
    "fields": fields,
    "causes": causes,
    "keys": lambda: key_table_markdown().strip(),
}


def renewed(text: str) -> str:
    """The text with every block as code makes it today."""
    return _BLOCK.sub(lambda found: f"{found[1]}{BLOCKS[found['name']]()}\n{found[3]}", text)


def _spelling(action: argparse.Action) -> str:
    value = f" {action.metavar}" if action.metavar else ""
    return " ".join(f"`{name}{value}`" for name in action.option_strings)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    titles = tuple(head)
    lines = [titles, tuple("---" for _ in titles), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    README.write_text(renewed(README.read_text(encoding="utf-8")), encoding="utf-8")
