"""What each term of a query does: how many rows it alone hides, and how many it lets through by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from apigw_tui.core.query_ast import Query


@dataclass(frozen=True)
class TermEffect:
    """One term of a query, as it is written.

    Of the `of` rows that all other terms let through it hides `hides`; asked alone, `alone` rows match it.
    """

    term: str
    hides: int
    of: int
    alone: int


def term_effects(query: Query, count: Callable[[Query], int]) -> tuple[TermEffect, ...]:
    """Return what each term does, in order; `count` says how many rows match a query."""
    matching = count(query)
    effects = []
    for place, term in enumerate(query.terms):
        only = Query((term,))
        rest = count(without(query, place))
        effects.append(TermEffect(str(only), rest - matching, rest, count(only)))
    return tuple(effects)


def without(query: Query, place: int) -> Query:
    """Return the query without one of its terms."""
    return Query((*query.terms[:place], *query.terms[place + 1 :]))
