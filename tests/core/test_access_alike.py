"""Entries that are alike are read together, and exactly as each would be alone."""

import json
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.access import read_access, typed_values
from apigw_tui.core.access_alike import read_alike
from apigw_tui.core.access_format import sniff, sniff_each
from apigw_tui.core.execution_patterns import LOOSE_PATTERNS, PATTERNS
from apigw_tui.core.parse import parse_events
from apigw_tui.core.schema import FIELDS, RAW_EVENTS

ID = "4be1f09a-1111-4222-8333-abcdefabcdef"
ENTRY = {"requestId": ID, "ip": "203.0.113.9", "status": "200", "responseLatency": 12, "userAgent": "shop-app/4.2"}


def line(**changes: object) -> str:
    return json.dumps({**ENTRY, **changes}, separators=(",", ":"))


def alike(*messages: str) -> list[list[int]]:
    """The numbers of the rows that were read together."""
    return [found.rows.to_list() for found in read_alike(pl.Series(messages, dtype=pl.String))]


def together(messages: list[str]) -> dict[int, dict[str, Any]]:
    """What reading together says of the rows it takes, by row number."""
    found: dict[int, dict[str, Any]] = {}
    for entries in read_alike(pl.Series(messages, dtype=pl.String)):
        rows = typed_values(entries.values, entries.format).to_dicts()
        found.update(zip(entries.rows.to_list(), rows, strict=True))
    return found


def alone(message: str) -> dict[str, Any]:
    """What reading by the names of the fields says of one line."""
    access_format = sniff([message])
    assert access_format is not None
    return read_access(pl.Series([message]), access_format).row(0, named=True)


def test_entries_with_other_values_are_alike() -> None:
    assert alike(line(), line(status="504", responseLatency=29_004), line(ip="")) == [[0, 1, 2]]


def test_an_entry_with_one_field_more_or_less_or_renamed_is_not() -> None:
    fewer = json.dumps({name: ENTRY[name] for name in ("requestId", "status", "ip")}, separators=(",", ":"))
    others = [line(stage="prod"), fewer, line().replace('"ip"', '"is"')]
    assert alike(line(), *others, line()) == [[0, 4], [1], [2]]


@pytest.mark.parametrize(
    "other",
    [
        line(userAgent='say "hi"'),
        line(userAgent="tab\there"),
        line().replace(":12,", ":null,"),
        line().replace(":12,", ":-,"),
        line().replace(":12,", ":1e2,"),
        line().replace(":12,", ":012,"),
        line().replace(":12,", ':"12",'),
        line().replace(":12,", ':{"ms": 12},'),
        line().replace(",", ", "),
        line()[:-20],
        line() + " ",
        f"({ID}) {line()}",
    ],
)
def test_what_is_written_in_another_way_is_left_to_others(other: str) -> None:
    assert alike(line(), other, line())[0] == [0, 2]


def test_blanks_around_names_and_values_are_part_of_the_layout() -> None:
    spaced = '{ "requestId":"' + ID + '", "status" : 200, "ip":"203.0.113.9" }'
    assert alike(spaced, spaced.replace("200", "404")) == [[0, 1]]


def test_a_value_that_is_null_in_all_is_no_value() -> None:
    entry = line().replace('"203.0.113.9"', "null")
    assert [row["source_ip"] for row in together([entry, entry]).values()] == [None, None]


@pytest.mark.parametrize(
    "message",
    [
        '{"level":"INFO","message":"done","requestId":"' + ID + '"}',
        '{"requestId":"a","requestId":"b","status":"200","ip":"203.0.113.9"}',
        '{"id":"1","status":"200","ip":"203.0.113.9"}',
        "{}",
        "",
        "no JSON",
    ],
)
def test_what_is_no_plain_entry_is_not_read(message: str) -> None:
    assert alike(message, message) == []


def test_no_execution_line_begins_as_a_json_object_does() -> None:
    """`parse_events` looks for execution lines only among other lines."""
    assert all(pattern.prefix[0].isalpha() for pattern in PATTERNS)
    loose = [pattern.prefix.removeprefix("(?:") for pattern in LOOSE_PATTERNS]
    assert all(prefix[0].isalpha() or prefix.startswith("[A-Z") for prefix in loose)


_TEXTS = st.one_of(
    st.sampled_from(["", "-", "200", "504", ":", '":"', "{", "}", ",", "null", "Root=1-0", "é", "\u2028", '"', "\\"]),
    st.text(max_size=8),
)
_FLAT = st.one_of(_TEXTS, st.integers(-5, 10**14), st.booleans(), st.none(), st.floats(0, 1e6))
_VALUES = st.one_of(_FLAT, st.just({"a": "b"}))
_NAMES = st.sampled_from(["ip", "requestTimeEpoch", "responseLatency", "path", "stage", "xrayTraceId", "userAgent"])


def entries(values: st.SearchStrategy[Any]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda members, compact: json.dumps(
            {"requestId": ID, "status": "200", **members},
            separators=(",", ":") if compact else None,
            ensure_ascii=False,
        ),
        st.dictionaries(_NAMES, values, min_size=1, max_size=4),
        st.booleans(),
    )


_ENTRIES = entries(_VALUES)


@given(st.lists(_ENTRIES, min_size=1, max_size=8))
def test_property_entries_read_together_say_what_each_says_alone(messages: list[str]) -> None:
    for number, row in together(messages).items():
        expected = alone(messages[number])
        assert {name: row.get(name) for name in ("request_id", *FIELDS)} == {
            name: expected[name] for name in ("request_id", *FIELDS)
        }


@given(st.lists(st.one_of(entries(_FLAT), st.text(max_size=20)), max_size=8))
def test_property_a_line_says_the_same_whatever_lines_are_around_it(messages: list[str]) -> None:
    def parsed(*some: str) -> list[dict[str, Any]]:
        columns = {"timestamp": range(len(some)), "message": some}
        frame = pl.DataFrame(columns, schema_overrides=RAW_EVENTS).select(
            pl.col(name) if name in columns else pl.lit(None, dtype).alias(name) for name, dtype in RAW_EVENTS.items()
        )
        return parse_events(frame, {}).drop("timestamp").to_dicts()

    chosen = [message for message in messages if sniff([message]) is not None]
    assert parsed(*chosen) == [row for message in chosen for row in parsed(message)]


@given(st.lists(_ENTRIES, max_size=6))
def test_property_each_entry_has_the_format_it_has_alone(messages: list[str]) -> None:
    each = sniff_each(pl.Series(messages, dtype=pl.String))
    assert [found is not None for found in each] == [sniff([message]) is not None for message in messages]
