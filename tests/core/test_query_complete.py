"""A query that is being typed is completed from the fields and from the values that occur."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.query import QueryError, parse
from apigw_tui.core.query_complete import Completion, complete

_VALUES = {
    "route": [("/orders/{id}", 912), ("/orders", 40), ("/search", 7), ("/a b/*", 1)],
    "status": [("504", 30), ("200", 9)],
    "cause": [("integration_timeout", 30)],
    "access.who": [("kim", 2)],
    "access.": [("who", 0), ("user agent", 0)],
}


def _values(field: str) -> list[tuple[str, int]]:
    return _VALUES.get(field, [])


def _completed(text: str) -> Completion:
    return complete(text, len(text), _values)


def _texts(text: str) -> list[str]:
    return [candidate.text for candidate in _completed(text).candidates]


def test_fields_that_begin_with_what_was_typed_come_first() -> None:
    assert _texts("sta") == ["status:", "state:", "integration.status:"]
    assert _completed("sta").candidates[0].description == "HTTP status sent to the client"


def test_an_empty_query_offers_the_first_fields() -> None:
    assert _texts("")[:3] == ["status:", "method:", "path:"]


def test_a_whole_field_name_offers_its_operators() -> None:
    assert _texts("latency")[:4] == ["latency>", "latency>=", "latency<", "latency<="]
    assert "method>" not in _texts("method")


def test_values_that_occur_come_with_their_counts() -> None:
    completion = _completed("status>=500 route:/o")
    assert completion.start == len("status>=500 route:")
    assert [(candidate.text, candidate.count) for candidate in completion.candidates] == [
        ("/orders/{id}", 912),
        ("/orders", 40),
    ]


def test_values_that_do_not_occur_are_offered_from_the_table() -> None:
    found = [(candidate.text, candidate.count) for candidate in _completed("cause:integration_t").candidates]
    assert found == [("integration_timeout", 30), ("integration_tls", None)]
    assert _texts("status:5") == ["504", "5xx"]
    assert _texts("status>=") == ["504", "200"]


def test_the_last_value_of_a_list_is_completed() -> None:
    completion = _completed("status:(504, 2")
    assert (completion.start, [candidate.text for candidate in completion.candidates]) == (13, ["200", "2xx"])


def test_a_value_is_quoted_where_it_must_be() -> None:
    assert _texts("route:/a") == ['"/a b/*"']
    assert _texts('route:"/a b') == ['"/a b/*"']


@pytest.mark.parametrize("before", ["-", "(", "a OR ", "-(", "NOT ", "status:5xx "])
def test_a_term_is_completed_behind_what_comes_before_it(before: str) -> None:
    completion = _completed(before + "rout")
    assert completion.start == len(before)
    assert [candidate.text for candidate in completion.candidates] == ["route:"]


def test_fields_of_the_access_format_are_completed_with_their_values() -> None:
    assert _texts("acc") == ["access."]
    assert _texts("access.") == ["access.who:", 'access."user agent":']
    assert _texts("access.AG") == ['access."user agent":']
    assert _texts("access.who:k") == ["kim"]


@pytest.mark.parametrize("text", ['"rou', "/rou", "path~/o", "nothing:x", '"a b rou'])
def test_within_text_and_regular_expressions_nothing_is_offered(text: str) -> None:
    assert _texts(text) == []


def test_only_what_stands_before_the_cursor_counts() -> None:
    assert [c.text for c in complete("rout status:5xx", 4, _values).candidates] == ["route:"]


@given(st.text('ab:(),"\\ -/status5route', max_size=20), st.data())
def test_property_a_completion_replaces_a_span_before_the_cursor(text: str, data: st.DataObject) -> None:
    cursor = data.draw(st.integers(0, len(text)))
    assert 0 <= complete(text, cursor, _values).start <= cursor


@given(
    st.sampled_from(["", "status>=500 ", "-", "(a OR "]), st.sampled_from(["route", "status", "cause", "access.who"])
)
def test_property_an_accepted_value_makes_a_term_that_can_be_read(before: str, field: str) -> None:
    text = f"{before}{field}:"
    completion = _completed(text)
    for candidate in completion.candidates:
        whole = text[: completion.start] + candidate.text + (")" if "(" in before else "")
        try:
            parse(whole)
        except QueryError as error:
            pytest.fail(f"{whole}: {error}")
