"""Values to go on with, from what is loaded."""

import polars as pl

from apigw_tui.core.query import parse
from apigw_tui.core.store import EventStore
from apigw_tui.core.timerange import TimeRange
from apigw_tui.core.view import View, Viewer
from apigw_tui.tui.completion import completer
from apigw_tui.tui.observed_values import observed
from tests.core.test_store import access, batch


def view(*statuses: int) -> View:
    store = EventStore()
    store.append(batch([access(number, number, status) for number, status in enumerate(statuses)]))
    return Viewer({}).requests(store.snapshot(), parse(""), TimeRange(0))


def test_the_values_of_a_field_are_counted_most_frequent_first() -> None:
    assert observed(view(200, 504, 200, 404, 200, 504), "status") == [("200", 3), ("504", 2), ("404", 1)]


def test_a_field_that_is_nowhere_known_has_no_values() -> None:
    assert observed(view(200), "agent") == []
    assert observed(view(), "status") == []
    assert observed(view(200), "text") == []


def test_of_identifiers_the_newest_are_offered_and_not_counted() -> None:
    found = observed(view(*[200] * 5_000), "id")
    assert len(found) == len(dict(found))
    assert found[0][0].endswith("000000004999")
    assert {count for _, count in found} == {0}


def test_the_bar_goes_on_with_what_the_view_of_the_moment_holds() -> None:
    views = [view(200), view(504, 504)]
    complete = completer(lambda: views[-1], dict)
    assert [(item.text, item.count) for item in complete("status:5", 8).items][:2] == [("504", 2), ("5xx", None)]
    assert pl.Series([item.text for item in complete("status:2", 8).items]).to_list() == ["2xx"]
