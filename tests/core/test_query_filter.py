"""Queries as filters: the Polars filter lets through what a plain reading of the query lets through."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from ipaddress import ip_address, ip_network
from operator import ge, gt, le, lt
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.query import And, Node, Not, Or, Query, QueryError, Regex, Term, Text, Value, parse
from apigw_tui.core.query_ast import conjunction, disjunction
from apigw_tui.core.query_fields import QUERY_FIELDS
from apigw_tui.core.query_filter import RequestFilter, access_values, compile_query
from apigw_tui.core.schema import EVENTS, REQUESTS

Row = dict[str, Any]
_FORMAT = AccessFormat.compile(
    '{"requestId":"$context.requestId","code":"$context.status","x-who":"$context.identity.user"}'
)
_FORMATS = {"access": _FORMAT}


def _requests(*rows: Row) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=REQUESTS)


def _events(*rows: Row) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=EVENTS)


def _access(key: int, code: str, who: str) -> Row:
    message = f'{{"requestId":"r{key}","code":"{code}","x-who":"{who}"}}'
    return {"key": key, "request_id": f"r{key}", "kind": "access", "log_group": "access", "message": message}


def _event_hits(request_filter: RequestFilter, events: pl.DataFrame) -> list[pl.Series]:
    return [term.keys(events, _FORMATS) for term in request_filter.event_terms]


def _matching(text: str, requests: pl.DataFrame, events: pl.DataFrame | None = None) -> list[int]:
    request_filter = compile_query(parse(text))
    hits = _event_hits(request_filter, _events() if events is None else events)
    return request_filter.requests(requests, hits)["key"].to_list()


def _matching_events(text: str, requests: pl.DataFrame, events: pl.DataFrame) -> list[str]:
    request_filter = compile_query(parse(text))
    hits = [term.keys(requests) for term in request_filter.request_terms]
    return request_filter.events(events, hits, _FORMATS)["message"].to_list()


_SHOP = _requests(
    {"key": 1, "request_id": "r1", "status": 504, "method": "POST", "path": "/prod/orders/42"}
    | {"route": "/orders/{id}", "latency_ms": 29_013, "cause": "integration_timeout", "state": "complete"}
    | {"source_ip": "203.0.113.7", "response_bytes": 8_000, "integration_request_id": "L1"},
    {"key": 2, "request_id": "r2", "status": 200, "method": "GET", "path": "/prod/search", "route": "/search"}
    | {"latency_ms": 1_100, "source_ip": "2001:DB8:0::1", "user_agent": "curl/8.5 (x)"},
    {"key": 3, "request_id": "r3", "state": "in_flight", "source_ip": "unknown"},
)
_LINES = _events(
    {"key": 1, "request_id": "r1", "kind": "execution", "line_kind": "timeout", "log_group": "exec"}
    | {"message": "Execution failed due to a Timeout error"},
    _access(1, "504", "kim"),
    _access(2, "200", "-"),
    {"request_id": "L1", "kind": "lambda", "line_kind": "lambda_log", "log_group": "fn", "message": "retry"},
)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("", [1, 2, 3]),
        ("status>=500", [1]),
        ("status>=-1", [1, 2]),
        ("status<=99999999", [1, 2]),
        ("status:5xx", [1]),
        ("status>=4xx", [1]),
        ("status<5xx", [2]),
        ("status:(2xx,504)", [1, 2]),
        ("status!=200", [1]),
        ("-status:200", [1, 3]),
        ("status:*", [1, 2]),
        ("-status:*", [3]),
        ("method:post", [1]),
        ("route:/orders/{id}", [1]),
        ("route:/ORDERS/{id}", []),
        ("route:/*", [1, 2]),
        ('route:"/*"', []),
        ("path~^/PROD/orders/\\d+$", [1]),
        ("latency>29s", [1]),
        ("latency=1.1s", [2]),
        ("bytes=8kb", [1]),
        ("cause:integration_timeout", [1]),
        ("cause:Integration_*", [1]),
        ("state:(complete,in_flight)", [1, 3]),
        ("ip:203.0.113.0/24", [1]),
        ("ip:203.0.113.*", [1]),
        ("ip:2001:db8::1", [2]),
        ("ip:2001:db8::/32 OR ip:203.0.113.7", [1, 2]),
        ("-ip:203.0.113.0/24", [2, 3]),
        ("agent:curl*", [2]),
        ("id:L1", [1]),
        ("id:r?", []),
        ("id:r*", [1, 2, 3]),
        ("timeout", [1]),
        ('"TIMEOUT error"', [1]),
        ("/due to .*error$/", [1]),
        ("-timeout", [2, 3]),
        ("line:timeout", [1]),
        ("kind:access", [1, 2]),
        ("kind:access -line:timeout", [2]),
        ("group:exec*", [1]),
        ("access.code:504", [1]),
        ("access.code>=300", [1]),
        ("access.x-who:kim", [1]),
        ("access.x-who:*", [1]),
        ("access.nothing:*", []),
        ("(status:504 OR status:200) -method:GET", [1]),
    ],
)
def test_a_query_lets_through_the_requests_it_describes(text: str, keys: list[int]) -> None:
    assert _matching(text, _SHOP, _LINES) == keys


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", [0, 1, 2, 3]),
        ("timeout", [0]),
        ("kind:access", [1, 2]),
        ("status:504", [0, 1]),
        ("status:504 kind:access", [1]),
        ("-status:504", [2, 3]),
        ("id:L1", [0, 1, 3]),
        ("id:r2", [2]),
        ("access.code:200 OR line:lambda_log", [2, 3]),
        ("-access.code:200", [0, 1, 3]),
    ],
)
def test_in_the_events_list_terms_are_asked_of_the_event_or_of_its_request(text: str, rows: list[int]) -> None:
    messages = _LINES["message"].to_list()
    assert _matching_events(text, _SHOP, _LINES) == [messages[row] for row in rows]


def test_a_filter_says_whether_it_needs_events() -> None:
    assert not compile_query(parse("status>=500 -route:/a")).needs_events
    assert compile_query(parse("status>=500 OR timeout")).needs_events


def test_the_same_term_is_looked_for_once() -> None:
    request_filter = compile_query(parse("timeout status:5xx OR -timeout -status:5xx"))
    assert (len(request_filter.event_terms), len(request_filter.request_terms)) == (1, 1)


def test_terms_of_equal_queries_are_equal_so_that_their_hits_can_be_kept() -> None:
    first, second = compile_query(parse("timeout status:1xx")), compile_query(parse("status:1xx timeout"))
    assert set(first.event_terms) == set(second.event_terms)
    assert set(first.request_terms) == set(second.request_terms)


def test_a_handmade_term_that_makes_no_sense_is_a_query_error() -> None:
    with pytest.raises(QueryError, match="a number"):
        compile_query(Query((Term("status", ":", (Value("abc"),)),)))
    with pytest.raises(QueryError, match="a field"):
        compile_query(Query((Term("statuss", ":", (Value("1"),)),)))


def test_access_fields_of_a_group_without_a_format_are_read_by_what_they_look_like() -> None:
    message = (
        '{"requestId":"8f0c2a1e-4b7d-4e21-9a55-0c6d1f2e3a4b","status":"502","ip":"203.0.113.7",'
        '"httpMethod":"GET","resourcePath":"/orders","responseLatency":"-"}'
    )
    events = _events({"key": 1, "kind": "access", "log_group": "elsewhere", "message": message})
    assert access_values(events, "status", {}).to_list() == ["502"]
    assert access_values(events, "responseLatency", {}).to_list() == [None]
    assert access_values(_events(), "status", {}).to_list() == []


# A plain reading of the query, one row at a time.

_NUMBERS = {"status", "latency", "bytes", "integration.status"}
_ORDERS = {">": gt, ">=": ge, "<": lt, "<=": le}
_FACTORS = {"": 1, "ms": 1, "s": 1000, "m": 60_000, "b": 1, "kb": 1000, "mb": 1_000_000}


def _amount(text: str) -> float:
    found = re.fullmatch(r"([\d.]+)([a-z]*)", text)
    assert found
    return round(float(found[1]) * _FACTORS[found[2]], 6)


def _in_network(value: str, text: str) -> bool:
    try:
        return ip_address(value) in ip_network(text, strict=False)
    except ValueError:
        return False


def _equals(value: object, wanted: Value, field: str) -> bool:
    text = wanted.text.upper() if field == "method" else wanted.text
    if text.endswith("xx"):
        return int(str(value)) // 100 == int(text[0])
    if field in _NUMBERS:
        return float(str(value)) == _amount(text)
    if field == "ip" and "*" not in text:
        return _in_network(str(value), text)
    if "*" in text and not wanted.literal:
        return fnmatchcase(str(value), text.replace("[", "[[]").replace("?", "[?]"))
    return value == text


def _fits(value: object, operator: str, wanted: Value, field: str) -> bool:
    if value is None:
        return False
    if operator == "~":
        return re.search(wanted.text, str(value), re.IGNORECASE) is not None
    if operator in _ORDERS:
        return bool(_ORDERS[operator](float(str(value)), _amount(wanted.text)))
    is_present = wanted == Value("*")
    return is_present or _equals(value, wanted, field)


def _term_fits(term: Term, values: list[object]) -> bool:
    if term.operator == "!=":
        fits = any(_fits(value, "=", wanted, term.field) for value in values for wanted in term.values)
        return any(value is not None for value in values) and not fits
    return any(_fits(value, term.operator, wanted, term.field) for value in values for wanted in term.values)


def _event_fits(node: Node, event: Row) -> bool:
    message = event["message"]
    if isinstance(node, Text):
        return message is not None and node.text.lower() in message.lower()
    if isinstance(node, Regex):
        return message is not None and re.search(node.pattern, message, re.IGNORECASE) is not None
    assert isinstance(node, Term)
    if node.field.startswith("access."):
        entry = re.search(r'"code":"(.*?)"', message or "") if event["kind"] == "access" else None
        return _term_fits(node, [None if entry is None or entry[1] == "-" else entry[1]])
    return _term_fits(node, [event[column] for column in QUERY_FIELDS[node.field].columns])


def _is_of_events(node: Node) -> bool:
    return not isinstance(node, Term) or node.field.startswith("access.") or QUERY_FIELDS[node.field].of_events


def _request_fits(node: Node, request: Row, events: list[Row]) -> bool:
    if isinstance(node, Not):
        return not _request_fits(node.node, request, events)
    if isinstance(node, And):
        return all(_request_fits(part, request, events) for part in node.nodes)
    if isinstance(node, Or):
        return any(_request_fits(part, request, events) for part in node.nodes)
    if _is_of_events(node):
        return any(_event_fits(node, event) for event in events if event["key"] == request["key"])
    assert isinstance(node, Term)
    return _term_fits(node, [request[column] for column in QUERY_FIELDS[node.field].columns])


def _line_fits(node: Node, event: Row, requests: list[Row]) -> bool:
    if isinstance(node, Not):
        return not _line_fits(node.node, event, requests)
    if isinstance(node, And):
        return all(_line_fits(part, event, requests) for part in node.nodes)
    if isinstance(node, Or):
        return any(_line_fits(part, event, requests) for part in node.nodes)
    if _is_of_events(node):
        return _event_fits(node, event)
    assert isinstance(node, Term)
    of_request = [request for request in requests if event["key"] is not None and request["key"] == event["key"]]
    if node.field == "id" and _term_fits(node, [event["request_id"]]):
        return True
    return any(_request_fits(node, request, []) for request in of_request)


def _or_none(values: list[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from([None, *values])


_PATHS = ["/a", "/a/b", "/B*", "a.b", "[a]?", ""]
_ADDRESSES = ["203.0.113.7", "203.0.114.1", "2001:db8::1", "2001:DB8:0::1", "nowhere"]
_MESSAGES = ["a b", "A\nb", "xx5", '{"code":"502"}', '{"code":"-"}', '{"code":"abc"}', '{"code":"07"}', ""]

_REQUEST_ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "key": st.integers(2**63, 2**63 + 5),
            "request_id": _or_none(["r1", "r2"]),
            "extended_request_id": _or_none(["r2", "e="]),
            "integration_request_id": _or_none(["r3"]),
            "status": _or_none([101, 200, 404, 499, 500, 502, 599]),
            "integration_status": _or_none([200, 502]),
            "method": _or_none(["GET", "POST"]),
            "path": _or_none(_PATHS),
            "latency_ms": _or_none([0, 999, 1000, 1100, 60_000]),
            "response_bytes": _or_none([0, 1000, 1_500_000]),
            "source_ip": _or_none(_ADDRESSES),
            "cause": _or_none(["throttled", "unknown"]),
            "state": _or_none(["complete", "in_flight"]),
        }
    ),
    max_size=5,
    unique_by=lambda row: row["key"],
)
_EVENT_ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "key": st.one_of(st.none(), st.integers(2**63, 2**63 + 6)),
            "request_id": _or_none(["r1", "r3"]),
            "kind": _or_none(["access", "execution", "lambda"]),
            "line_kind": _or_none(["timeout", "done"]),
            "log_group": _or_none(["access", "exec"]),
            "log_stream": _or_none(["s1"]),
            "message": _or_none(_MESSAGES),
        }
    ),
    max_size=8,
).map(lambda rows: [{**row, "log_group": "access"} if row["kind"] == "access" else row for row in rows])


def _terms(field: str, operators: list[str], values: list[str]) -> st.SearchStrategy[Node]:
    return st.builds(
        lambda operator, wanted: Term(field, operator, tuple(wanted)),
        st.sampled_from(operators),
        st.lists(st.sampled_from(values).map(Value), min_size=1, max_size=2),
    )


_EQUAL, _ORDER = [":", "=", "!="], [">", ">=", "<", "<="]
_NODES: st.SearchStrategy[Node] = st.recursive(
    st.one_of(
        _terms("status", _EQUAL, ["200", "502", "4xx", "5xx"]),
        _terms("status", _ORDER, ["200", "499", "500"]),
        _terms("integration.status", _EQUAL, ["502", "2xx"]),
        _terms("method", _EQUAL, ["get", "POST", "P*"]),
        _terms("path", _EQUAL, [*(path for path in _PATHS if path), "/a*", "*b", "*a*b*", "[a]*"]),
        _terms("path", ["~"], ["^/a", "b$", "(A|x)"]),
        _terms("latency", [*_EQUAL, *_ORDER], ["999", "1s", "1.1s", "1m"]),
        _terms("bytes", _ORDER, ["1kb", "1.5mb", "0"]),
        _terms("ip", _EQUAL, ["203.0.113.0/24", "203.0.112.0/22", "2001:db8::/32", "203.*", "2001:db8::1"]),
        _terms("cause", _EQUAL, ["throttled", "un*"]),
        _terms("state", [":", "!=", "~"], ["complete", "in_flight"]),
        _terms("id", _EQUAL, ["r1", "r2", "r3", "e*"]),
        _terms("kind", _EQUAL, ["access", "execution", "l*"]),
        _terms("line", _EQUAL, ["timeout", "d*"]),
        _terms("group", _EQUAL, ["access", "e*"]),
        _terms("stream", [":"], ["*"]),
        _terms("access.code", _EQUAL, ["502", "a*", "07"]),
        st.sampled_from(["status", "path", "ip", "cause", "caller", "kind", "access.code"]).map(
            lambda field: Term(field, ":", (Value("*"),))
        ),
        st.sampled_from(["a", "B", "5", "a b", "*", "\\"]).map(Text),
        st.sampled_from(["^a", "\\d", "a.b", "(x|b)$"]).map(Regex),
    ),
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda nodes: conjunction(tuple(nodes))),
        st.lists(inner, min_size=2, max_size=3).map(lambda nodes: disjunction(tuple(nodes))),
    ),
    max_leaves=5,
)


@given(_NODES, _REQUEST_ROWS, _EVENT_ROWS)
def test_property_requests_match_as_in_a_plain_reading(
    node: Node, request_rows: list[Row], event_rows: list[Row]
) -> None:
    requests, events = _requests(*request_rows), _events(*event_rows)
    request_filter = compile_query(Query((node,)))
    mask = request_filter.mask(requests, _event_hits(request_filter, events))
    full_rows = events.to_dicts()
    assert mask.to_list() == [_request_fits(node, request, full_rows) for request in requests.to_dicts()]


@given(_NODES, _REQUEST_ROWS, _EVENT_ROWS)
def test_property_events_match_as_in_a_plain_reading(
    node: Node, request_rows: list[Row], event_rows: list[Row]
) -> None:
    requests, events = _requests(*request_rows), _events(*event_rows)
    request_filter = compile_query(Query((node,)))
    hits = [term.keys(requests) for term in request_filter.request_terms]
    mask = request_filter.event_mask(events, hits, _FORMATS)
    full_rows = requests.to_dicts()
    assert mask.to_list() == [_line_fits(node, event, full_rows) for event in events.to_dicts()]
