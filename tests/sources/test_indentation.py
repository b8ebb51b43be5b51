"""Logs that were pasted with blanks in front of every line are read as if they stood alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from apigw_tui.sources.indentation import indent_of, without_indent
from tests.sources.file_reading import LINES, REQUEST, read_rows, statuses, stored


@pytest.mark.parametrize("indent", ["    ", "  ", "\t", " \t "])
@pytest.mark.parametrize("before", ["", "2026-08-09T12:00:00.425Z "])
def test_blanks_before_all_lines_hide_nothing(tmp_path: Path, indent: str, before: str) -> None:
    rows = "\n".join(before + line for line in LINES).split("\n")
    text = "".join(f"{indent}{row}\n" for row in rows)
    assert [row["message"] for row in read_rows(tmp_path / "log", text)] == list(LINES)
    assert statuses(stored(tmp_path / "log")) == {REQUEST: 504}


def test_a_body_of_several_lines_keeps_its_own_blanks(tmp_path: Path) -> None:
    first, *rest = LINES
    whole = (f'{first} {{\n  "sku": 1\n}}', *rest)
    text = "".join(f"    {row}\n" for line in whole for row in line.split("\n"))
    assert tuple(row["message"] for row in read_rows(tmp_path / "log", text)) == whole


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["", "  "],
        ["  {", "    1", "  }"],
        [f"  {LINES[0]}", LINES[1]],
        ["  an application's own line", "  and another"],
    ],
)
def test_blanks_stay_where_they_are_no_indentation_of_a_log(lines: list[str]) -> None:
    assert indent_of(lines) == ""


def test_a_line_without_the_blanks_stays_as_it_is() -> None:
    assert without_indent(b"    a\n  b\n      c\n", "    ") == b"a\n  b\n  c\n"
