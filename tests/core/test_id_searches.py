"""Requests by their IDs, looked for by CloudWatch."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.id_searches import ids_pattern, lines_query
from apigw_tui.core.query_targets import LONGEST_PATTERN
from apigw_tui.emulator.insights_query import parse_query
from apigw_tui.emulator.insights_rows import Row
from apigw_tui.emulator.patterns import compile_pattern

FIRST, SECOND = str(UUID(int=1)), str(UUID(int=2))


def test_the_query_finds_the_lines_of_each_id_and_no_other() -> None:
    lines = [f"({FIRST}) Starting", f"START RequestId: {SECOND}", f"({UUID(int=3)}) Starting"]
    rows = [Row({"@message": line, "@timestamp": number}) for number, line in enumerate(lines)]
    found = parse_query(lines_query([FIRST, SECOND])).run(rows, None)
    messages = [field["value"] for row in found.rows for field in row if field["field"] == "@message"]
    assert messages == lines[:2]


def test_the_query_quotes_an_id_that_a_client_chose() -> None:
    assert 'like "a\\"b\\\\c"' in lines_query(['a"b\\c'])


def test_an_id_that_comes_twice_is_looked_for_once() -> None:
    assert lines_query([FIRST, FIRST]).count(FIRST) == 1
    pattern = ids_pattern([FIRST, FIRST])
    assert pattern is not None
    assert (pattern.text, pattern.ids) == (f'"{FIRST}"', 1)


def test_the_pattern_looks_for_25_ids_in_what_aws_takes() -> None:
    pattern = ids_pattern([str(UUID(int=number)) for number in range(31)])
    assert pattern is not None
    assert pattern.ids == 25
    assert len(pattern.text) <= LONGEST_PATTERN


def test_longer_ids_are_fewer() -> None:
    pattern = ids_pattern([f"{number:0300}" for number in range(31)])
    assert pattern is not None
    assert pattern.ids == 3


def test_without_an_id_there_is_no_pattern() -> None:
    assert ids_pattern([]) is None
    assert ids_pattern(["x" * LONGEST_PATTERN]) is None


@given(st.lists(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40), min_size=1))
def test_property_the_pattern_fits_a_line_of_each_id_that_it_counts(ids: list[str]) -> None:
    pattern = ids_pattern(ids)
    assert pattern is not None
    fits = compile_pattern(pattern.text)
    assert all(fits(f"x {each} y") for each in list(dict.fromkeys(ids))[: pattern.ids])
