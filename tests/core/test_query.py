"""The query language: what is understood, how it is written, and what the errors say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.query import (
    QUERY_FIELDS,
    And,
    Node,
    Not,
    Or,
    Query,
    QueryError,
    QueryField,
    Regex,
    Term,
    Text,
    Value,
    looks_like_id,
    parse,
)
from apigw_tui.core.query_ast import conjunction, disjunction
from apigw_tui.core.query_fields import field_named
from apigw_tui.core.schema import EVENTS, REQUESTS


def _term(field: str, operator: str, *values: str) -> Term:
    return Term(field, operator, tuple(Value(value) for value in values))


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", ()),
        ("  ", ()),
        ("timeout", (Text("timeout"),)),
        ('"timed out"', (Text("timed out"),)),
        ('"say \\"hi\\" \\\\ C:\\temp"', (Text('say "hi" \\ C:\\temp'),)),
        ("/status: 5\\d\\d/", (Regex("status: 5\\d\\d"),)),
        ("/a\\/b/", (Regex("a\\/b"),)),
        ("/orders/42", (Text("/orders/42"),)),
        ("status>=500", (_term("status", ">=", "500"),)),
        ("status >= 500", (_term("status", ">=", "500"),)),
        ("status: 500", (_term("status", ":", "500"),)),
        ("STATUS:5xx", (_term("status", ":", "5xx"),)),
        ("status:(502, 504,4xx)", (_term("status", ":", "502", "504", "4xx"),)),
        ("integration.status=502", (_term("integration.status", "=", "502"),)),
        ("latency>1.5s", (_term("latency", ">", "1.5s"),)),
        ("bytes<=8kb", (_term("bytes", "<=", "8kb"),)),
        ("route:/orders/{id}", (_term("route", ":", "/orders/{id}"),)),
        ("route:/orders/", (_term("route", ":", "/orders/"),)),
        ("route:/a(b)", (_term("route", ":", "/a(b)"),)),
        ("path~^/orders/\\d+$", (_term("path", "~", "^/orders/\\d+$"),)),
        ("path~(a|b) x", (_term("path", "~", "(a|b)"), Text("x"))),
        ("path~/a b/", (_term("path", "~", "a b"),)),
        ('agent:"a * b"', (Term("agent", ":", (Value("a * b", literal=True),)),)),
        ("ip:203.0.113.0/24", (_term("ip", ":", "203.0.113.0/24"),)),
        ("ip:2001:db8::/32", (_term("ip", ":", "2001:db8::/32"),)),
        ("caller:*", (_term("caller", ":", "*"),)),
        ("access.x-Trace.id:1", (_term("access.x-Trace.id", ":", "1"),)),
        ('access."user agent">=2', (_term("access.user agent", ">=", "2"),)),
        ("-ip:203.0.113.7", (Not(_term("ip", ":", "203.0.113.7")),)),
        ("NOT a b", (Not(Text("a")), Text("b"))),
        ("--a", (Not(Not(Text("a"))),)),
        ("a AND b", (Text("a"), Text("b"))),
        ("a b OR c", (Or((And((Text("a"), Text("b"))), Text("c"))),)),
        ("a (b OR c)", (Text("a"), Or((Text("b"), Text("c"))))),
        ("(a b) c", (Text("a"), Text("b"), Text("c"))),
        ("-(a OR b)", (Not(Or((Text("a"), Text("b")))),)),
        ("ORDER NOTE android", (Text("ORDER"), Text("NOTE"), Text("android"))),
        ("2026-03-09T13:10:05", (Text("2026-03-09T13:10:05"),)),
    ],
)
def test_a_query_is_read_as_its_terms(text: str, terms: tuple[Node, ...]) -> None:
    assert parse(text).terms == terms


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('status >= 500   method:POST -ip:203.0.113.0/24 "timed out"', None),
        ("a OR (b c) OR (d OR e)", "a OR b c OR d OR e"),
        ("NOT (a OR b)", "-(a OR b)"),
        ('"plain" "OR" "-x" "a:b"', 'plain "OR" "-x" "a:b"'),
        ("route:(/a, /b)", "route:(/a,/b)"),
        ('route:("/a,b", "/c d")', 'route:("/a,b","/c d")'),
        ("path~/a b/", 'path~"a b"'),
    ],
)
def test_a_query_is_written_in_one_way(text: str, written: str | None) -> None:
    assert str(parse(text)) == (written or 'status>=500 method:POST -ip:203.0.113.0/24 "timed out"')


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("status>=abc", 9, "a number or a class such as 5xx"),
        ("status:6xx", 8, "a number or a class such as 5xx"),
        ("latency:5x", 9, "a duration such as 250ms, 1.5s or 2m"),
        ("bytes>1gib", 7, "a size such as 512, 8kb or 1mb"),
        ("ip:1.2.3", 4, "an IP address or a network such as 203.0.113.0/24"),
        ("a cause:timeout", 9, "one of the cause values"),
        ("lateny>1s", 1, "a field"),
        ("kind>lambda", 5, ": = != or ~"),
        ("status~5", 7, ": = != > >= < or <="),
        ("path~[a", 6, "a regular expression"),
        ("/(?=a)/", 2, "a regular expression"),
        ("path:", 6, "text"),
        ("status:(1,)", 11, "a number or a class such as 5xx"),
        ("status:(1 2)", 11, "a comma or a closing )"),
        ("status!=*", 9, "a number or a class such as 5xx"),
        ('"cut', 5, 'a closing "'),
        ('"a"b', 4, "a blank after the closing quote"),
        ('""', 1, "text between the quotes"),
        ("(a", 3, "a closing )"),
        ("a)", 2, "a term"),
        ("()", 2, "a term"),
        ("foo(bar", 4, "a closing )"),
        ("a OR", 5, "a term"),
        ("OR a", 1, "a term"),
        ("a AND OR b", 7, "a term"),
        ("a - b", 4, "a term right after -"),
        ("(" * 60 + "a", 42, "a simpler query"),
    ],
)
def test_an_error_names_the_column_and_what_was_expected(text: str, column: int, expected: str) -> None:
    with pytest.raises(QueryError) as error:
        parse(text)
    assert (error.value.column, error.value.expected) == (column, expected)
    assert error.value.message == f"col {column}: {expected} was expected"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("lateny>1s", "latency"),
        ("integrationstatus:502", "integration.status"),
        ("cause:integration-timeout", "integration_timeout"),
        ("state:inflight", "in_flight"),
        ("zzz:1", "access.NAME"),
        ("https://shop.example", '"quotes"'),
        ("status!=*", "-status:*"),
        ("path~[a", "Unclosed character class"),
    ],
)
def test_an_error_offers_what_was_probably_meant(text: str, hint: str) -> None:
    with pytest.raises(QueryError) as error:
        parse(text)
    assert hint in error.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "8f0c2a1e-4b7d-4e21-9a55-0c6d1f2e3a4b",
        " 8F0C2A1E-4B7D-4E21-9A55-0C6D1F2E3A4B ",
        "JKJaXmPLvHcESHA=",
        "1-65f0c2a1-4b7d4e219a550c6d1f2e3a4b",
        "Root=1-65f0c2a1-4b7d4e219a550c6d1f2e3a4b",
        "Root=1-65f0c2a1-4b7d4e219a550c6d1f2e3a4b;Parent=53995c3f42cd8ad8;Sampled=1",
    ],
)
def test_a_pasted_id_is_recognised(text: str) -> None:
    assert looks_like_id(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "timeout",
        "status=",
        "8f0c2a1e",
        "8f0c2a1e-4b7d-4e21-9a55-0c6d1f2e3a4b status:500",
        "-8f0c2a1e-4b7d-4e21-9a55-0c6d1f2e3a4b",
        "UUID_REPLACED_INVALID_REQUEST_ID",
    ],
)
def test_other_text_is_no_id(text: str) -> None:
    assert not looks_like_id(text)


def test_a_query_is_narrowed_by_a_value_of_a_cell() -> None:
    query = parse("status>=500").narrowed("route", "/a b/*").narrowed("caller", None)
    assert str(query) == 'status>=500 route:"/a b/*" -caller:*'
    assert str(query.narrowed("caller", None, excluded=True).narrowed("method", "GET", excluded=True)) == (
        'status>=500 route:"/a b/*" -caller:* caller:* -method:GET'
    )
    assert query.narrowed("caller", None) == query
    assert parse(str(query)) == query


@pytest.mark.parametrize("found", QUERY_FIELDS.values(), ids=lambda field: field.name)
def test_every_field_has_columns_operators_and_an_example_that_is_a_query(found: QueryField) -> None:
    schema = EVENTS if found.of_events else REQUESTS
    assert set(found.columns) <= set(schema.names())
    (term,) = parse(found.example).terms
    assert isinstance(term, Term)
    assert term.field == found.name
    assert term.operator in found.operators
    assert field_named(found.name) is found


def test_the_fields_are_those_of_the_contract() -> None:
    assert " ".join(QUERY_FIELDS) == (
        "status method path route ip latency integration overhead bytes cause state key caller principal "
        "agent id extended trace connection function integration.status kind line group stream"
    )


_WORDS = st.text(min_size=1, max_size=8)
_TYPED = st.text('ab*/{}.-_0"\\ (),:=~é', min_size=1, max_size=8)
_TEXT_FIELD = st.sampled_from(["path", "route", "agent", "group", "id", "access.x-y.z", 'access.a "b" c'])


def _literal(text: str) -> Value:
    return Value(text, literal="*" in text)


_GLOB = st.text("ab*/{}.-", min_size=1, max_size=6).map(Value)
_TERMS = st.one_of(
    st.builds(
        lambda field, operator, values: Term(field, operator, tuple(values)),
        _TEXT_FIELD,
        st.sampled_from([":", "="]),
        st.lists(st.one_of(_GLOB, _TYPED.map(_literal), _WORDS.map(_literal)), min_size=1, max_size=3),
    ),
    st.builds(lambda value: Term("status", "!=", (Value(value),)), st.sampled_from(["500", "4xx"])),
    st.builds(lambda value: Term("latency", ">", (Value(value),)), st.sampled_from(["1s", "0.5m", "7"])),
    st.builds(
        lambda pattern: Term("path", "~", (Value(pattern),)),
        st.sampled_from(["a b", "(a|b)", "\\d+", "/x/", '"', "^/a$", "\\(", "[(]"]),
    ),
)
_LEAVES = st.one_of(
    _TERMS,
    st.one_of(_WORDS, _TYPED).map(Text),
    st.sampled_from(["a b", "a\\/b", "(a|b)", "5\\d\\d", "\\\\"]).map(Regex),
)
_NODES: st.SearchStrategy[Node] = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda nodes: conjunction(tuple(nodes))),
        st.lists(inner, min_size=2, max_size=3).map(lambda nodes: disjunction(tuple(nodes))),
    ),
    max_leaves=8,
)


def _read(text: str) -> Query | QueryError:
    try:
        return parse(text)
    except QueryError as error:
        return error


def _assert_round_trip_or_error(text: str) -> None:
    read = _read(text)
    if isinstance(read, QueryError):
        assert 1 <= read.column <= len(text) + 1
        assert read.expected
    else:
        assert parse(str(read)) == read
        assert str(parse(str(read))) == str(read)


@given(_NODES)
def test_property_a_written_query_reads_as_the_same_query(node: Node) -> None:
    query = Query(node.nodes if isinstance(node, And) else (node,))
    assert parse(str(query)) == query


@given(st.one_of(st.text(), st.text('ab 0:=<>~!*/\\"(),-.ORNTAD\nstau', max_size=25)))
def test_property_any_text_is_a_query_that_round_trips_or_an_error_with_a_column(text: str) -> None:
    _assert_round_trip_or_error(text)


@given(
    st.lists(
        st.sampled_from(
            ["status", ":", ">", "5xx", "(", ")", ",", '"', "path", "~", "/a/", "-", "OR", " ", "x", "*", "\\"]
        ),
        max_size=12,
    ).map("".join)
)
def test_property_any_tokens_are_a_query_that_round_trips_or_an_error(text: str) -> None:
    _assert_round_trip_or_error(text)
