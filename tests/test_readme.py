"""The README says what the program does: its tables come from code, its command lines parse, its links exist."""

import re
import shlex
from collections.abc import Iterator

import pytest

from apigw_tui import arguments
from apigw_tui.errors import ExitCode
from tests.readme_blocks import BLOCKS, README, renewed

TEXT = README.read_text(encoding="utf-8")
NUMBERS = {int(code): code.name for code in ExitCode}


def command_lines() -> Iterator[str]:
    """Every call of the program in an example, without what it is piped to."""
    for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL):
        for call in re.findall(r"(?<![\w./-])apigw-tui(?: (?:'[^']*'|\"[^\"]*\"|[^|>)\n#])*)?", block):
            yield call.strip()


@pytest.mark.parametrize("name", BLOCKS)
def test_every_table_that_code_makes_is_in_the_readme(name: str) -> None:
    assert f"<!-- {name} -->\n{BLOCKS[name]()}\n<!-- /{name} -->" in TEXT


def test_writing_the_tables_anew_changes_nothing() -> None:
    assert renewed(TEXT) == TEXT


def test_there_are_examples_to_run() -> None:
    assert len(set(command_lines())) >= 5


@pytest.mark.parametrize("line", sorted(set(command_lines())))
def test_every_command_line_of_the_readme_parses(line: str) -> None:
    _, *words = shlex.split(line)
    command, rest = arguments.split_command(words)
    typed_words, _ = arguments.typed_words(command, rest)
    assert command in {None, *arguments.COMMANDS}
    assert command is not None or not set(typed_words) & set(arguments.COMMANDS)


def test_every_flag_of_the_help_is_in_the_readme() -> None:
    for command in (None, *arguments.COMMANDS):
        for flag in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", arguments.parser_of(command).format_help()):
            assert f"`{flag}" in TEXT, flag


def test_every_exit_code_is_in_the_readme() -> None:
    for number in NUMBERS:
        assert f"| {number} |" in TEXT


def test_every_picture_and_file_that_is_linked_exists() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)|src=\"([^\":]+)\"", TEXT):
        path = "".join(target)
        assert (README.parent / path).exists(), path


def test_every_make_target_that_is_named_exists() -> None:
    makefile = (README.parent / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`?make ([a-z]+)", TEXT):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
