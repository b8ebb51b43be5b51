"""Queries in CloudWatch's languages: run by the emulator, they find whatever the query itself finds."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.access_template import tokenise
from apigw_tui.core.parse import parse_events
from apigw_tui.core.query import parse
from apigw_tui.core.query_filter import compile_query
from apigw_tui.core.query_targets import LONGEST_PATTERN, filter_pattern, insights_query
from apigw_tui.core.requests import summarise
from apigw_tui.emulator.insights_query import parse_query
from apigw_tui.emulator.insights_rows import Row
from apigw_tui.emulator.patterns import compile_pattern
from tests.core.log_lines import ACCESS_GROUP, START, LogEvent, raw

_VARIABLES = {
    "requestId": "requestId",
    "extendedRequestId": "extendedRequestId",
    "ip": "identity.sourceIp",
    "user-agent": "identity.userAgent",
    "status": "status",
    "httpMethod": "httpMethod",
    "path": "path",
    "resourcePath": "resourcePath",
    "responseLatency": "responseLatency",
    "integration.latency": "integration.latency",
}
_JSON = AccessFormat.compile(json.dumps({name: f"$context.{variable}" for name, variable in _VARIABLES.items()}))
_CLF = AccessFormat.compile(
    '$context.identity.sourceIp - - [$context.requestTime] "$context.httpMethod $context.path $context.protocol" '
    "$context.status $context.responseLength $context.requestId $context.extendedRequestId"
)
_ENTRIES = st.fixed_dictionaries(
    {
        "requestId": st.uuids().map(str),
        "extendedRequestId": st.sampled_from(["AbC1dEf=", "xYz9pQr="]),
        "identity.sourceIp": st.sampled_from(["203.0.113.7", "203.0.113.99", "198.51.100.3", "2001:db8::7"]),
        "identity.userAgent": st.sampled_from(["curl/8.5", 'a "quoted" agent', "x * y / z", "-"]),
        "status": st.sampled_from(["200", "201", "301", "404", "429", "502", "504"]),
        "httpMethod": st.sampled_from(["GET", "POST", "PUT"]),
        "path": st.sampled_from(["/prod/orders/42", "/prod/search", "/prod/a*b"]),
        "resourcePath": st.sampled_from(["/orders/{id}", "/search", "-"]),
        "responseLatency": st.integers(0, 40_000).map(str),
        "integration.latency": st.integers(0, 29_000).map(str) | st.just("-"),
    }
)
_TERMS = st.sampled_from(
    (
        "status:5xx",
        "status:404",
        "status:(502,504)",
        "status>=500",
        "status!=200",
        "-status:200",
        "method:POST",
        "method!=GET",
        "path:/prod/orders/42",
        "path:/prod/*",
        'path:"/prod/a*b"',
        "route:/orders/{id}",
        "route~^/(orders|search)",
        "route:*",
        "-route:*",
        "latency>1s",
        "integration<=29s",
        "ip:203.0.113.0/24",
        "-ip:203.0.113.7",
        "ip:2001:db8::/32",
        "extended:AbC1dEf=",
        'agent:"a \\"quoted\\" agent"',
        "agent:curl*",
        "agent:*",
        "cause:integration_timeout",
        "-cause:*",
        "ORDERS",
        '"x * y / z"',
        "/orders/\\d+/",
        "(status:404 OR status:429)",
        "(status:404 OR cause:throttled)",
        "-(method:GET status:200)",
        "-(method:GET cause:throttled)",
    )
)


def _entry(access_format: AccessFormat, values: dict[str, str]) -> str:
    """Render an entry as API Gateway does: values as they are, unescaped, `-` for what is not known."""
    tokens = tokenise(access_format.source)
    return "".join(values.get(token.text, "-") if token.is_variable else token.text for token in tokens)


def _found_locally(text: str, access_format: AccessFormat, entries: list[str]) -> set[str]:
    """The entries whose request the query finds."""
    events = parse_events(
        raw(LogEvent(START + n, ACCESS_GROUP, message) for n, message in enumerate(entries)),
        {ACCESS_GROUP: access_format},
    )
    chosen = compile_query(parse(text))
    hits = [term.keys(events, {ACCESS_GROUP: access_format}) for term in chosen.event_terms]
    keys = chosen.requests(summarise(events), hits)["key"]
    return set(events.filter(events["key"].is_in(keys.implode()))["message"])


def _rows(entries: list[str]) -> list[Row]:
    rows = []
    for number, message in enumerate(entries):
        try:
            fields = json.loads(message)
        except ValueError:
            fields = {}
        rows.append(Row({**fields, "@message": message, "@timestamp": number}))
    return rows


def _found_by_insights(text: str, access_format: AccessFormat, entries: list[str]) -> set[str]:
    query = parse_query(insights_query(parse(text), access_format).text)
    result = query.run(_rows(entries), None)
    return {field["value"] for row in result.rows for field in row if field["field"] == "@message"}


@given(
    terms=st.lists(_TERMS, min_size=1, max_size=3, unique=True),
    values=st.lists(_ENTRIES, min_size=1, max_size=8, unique_by=lambda entry: entry["requestId"]),
    access_format=st.sampled_from([_JSON, _CLF]),
)
def test_property_a_filter_pattern_never_drops_an_entry_of_a_match(
    terms: list[str], values: list[dict[str, str]], access_format: AccessFormat
) -> None:
    entries = [_entry(access_format, one) for one in values]
    pattern = filter_pattern(parse(" ".join(terms)), access_format)
    if pattern is None:
        return
    fits = compile_pattern(pattern.text)
    assert {entry for entry in entries if fits(entry)} >= _found_locally(" ".join(terms), access_format, entries)


@given(
    terms=st.lists(_TERMS, min_size=1, max_size=3, unique=True),
    values=st.lists(
        _ENTRIES.filter(lambda entry: '"' not in entry["identity.userAgent"]),
        min_size=1,
        max_size=8,
        unique_by=lambda entry: entry["requestId"],
    ),
    access_format=st.sampled_from([_JSON, _CLF]),
)
def test_property_an_insights_query_finds_what_the_query_finds_and_says_what_it_leaves_out(
    terms: list[str], values: list[dict[str, str]], access_format: AccessFormat
) -> None:
    entries = [_entry(access_format, one) for one in values]
    text = " ".join(terms)
    found = _found_by_insights(text, access_format, entries)
    wanted = _found_locally(text, access_format, entries)
    assert found >= wanted
    if not insights_query(parse(text), access_format).left_out:
        assert found == wanted


def test_an_insights_query_calls_fields_as_the_stage_logs_them() -> None:
    query = insights_query(parse("status:5xx agent:curl* integration>=1s"), _JSON)
    assert query.text.splitlines()[1:4] == [
        "| filter status >= 500 and status <= 599",
        "| filter `user-agent` like /(?i)^curl.*$/",
        "| filter integration.latency >= 1000",
    ]


def test_what_only_execution_lines_tell_stands_in_a_comment() -> None:
    query = insights_query(parse("cause:integration_timeout status:504"), _JSON)
    assert query.left_out == ("cause:integration_timeout",)
    assert query.text.splitlines()[0] == "# not in this query: cause:integration_timeout"


def test_without_a_format_texts_are_searched_and_the_rest_is_left_out() -> None:
    query = insights_query(parse('"timed out" status:504'), None)
    assert query.left_out == ("status:504",)
    assert "| filter @message like /(?i)timed out/" in query.text


def test_a_filter_pattern_holds_the_text_that_the_format_writes_around_a_value() -> None:
    compact = AccessFormat.compile('{"code":"$context.status","httpMethod":"$context.httpMethod"}')
    pattern = filter_pattern(parse("status:504 method:post cause:throttled"), compact)
    assert pattern is not None
    assert pattern.text == '"\\"code\\":\\"504\\"" "\\"httpMethod\\":\\"POST\\""'
    assert pattern.left_out == ("cause:throttled",)


@pytest.mark.parametrize(
    "text", ["status:5xx", "status:(502,504)", "-method:GET", "method!=GET", "route:/orders/{id}", "timeout", ""]
)
def test_what_the_entry_alone_does_not_decide_is_in_no_filter_pattern(text: str) -> None:
    assert filter_pattern(parse(text), _JSON) is None


def test_a_filter_pattern_keeps_to_the_length_that_aws_takes() -> None:
    long = " ".join(f"path:/{letter * 300}" for letter in "abcdef")
    pattern = filter_pattern(parse(long), _JSON)
    assert pattern is not None
    assert len(pattern.text) <= LONGEST_PATTERN
    assert len(pattern.left_out) == 3


def test_text_of_several_lines_stays_on_one_line_of_the_query() -> None:
    query = insights_query(parse('"a\nb"'), _JSON)
    assert "| filter @message like /(?i)a\\nb/" in query.text.splitlines()


def test_a_field_that_begins_with_an_at_sign_has_a_second_one_in_insights() -> None:
    at = AccessFormat.compile('{"@status":"$context.status"}')
    assert "| filter @@status >= 500" in insights_query(parse("status>=500"), at).text
