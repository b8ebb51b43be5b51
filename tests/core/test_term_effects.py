"""What terms hide: counted one by one, so that the term in the way has a name."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.query import parse
from apigw_tui.core.query_ast import Query
from apigw_tui.core.term_effects import TermEffect, term_effects, without

ROWS = {"status:5xx": {1, 2, 3}, "method:POST": {2, 3, 4}, "latency>1m": set()}
EVERYTHING = {1, 2, 3, 4, 5}


def matching(query: Query) -> int:
    rows = set(EVERYTHING)
    for term in query.terms:
        rows &= ROWS[str(Query((term,)))]
    return len(rows)


def test_the_term_in_the_way_is_the_one_that_hides_what_all_others_let_through() -> None:
    assert term_effects(parse("status:5xx method:POST latency>1m"), matching) == (
        TermEffect("status:5xx", hides=0, of=0, alone=3),
        TermEffect("method:POST", hides=0, of=0, alone=3),
        TermEffect("latency>1m", hides=2, of=2, alone=0),
    )


def test_terms_that_are_joined_by_or_are_one() -> None:
    [effect] = term_effects(parse("status:5xx OR status:4xx"), lambda query: 7 if query.terms else 9)
    assert effect == TermEffect("status:5xx OR status:4xx", hides=2, of=9, alone=7)


@given(st.lists(st.sampled_from(sorted(ROWS)), max_size=3, unique=True))
def test_property_what_a_term_hides_comes_back_without_it(terms: list[str]) -> None:
    query = parse(" ".join(terms))
    for place, effect in enumerate(term_effects(query, matching)):
        assert matching(without(query, place)) == matching(query) + effect.hides == effect.of
        assert effect.alone == len(ROWS[effect.term])
