"""What differs, printed: a short table for people, all of it as JSON, and silence where there are no two sides."""

from __future__ import annotations

from datetime import UTC

from apigw_tui.headless.difference_text import difference_lines, difference_markdown, differences_json
from apigw_tui.headless.text import TextStyle
from tests.core.test_difference import comparison, failing_key

STYLE = TextStyle(UTC)


def test_people_get_a_table_of_both_shares() -> None:
    lines = list(difference_lines(comparison(failing_key).differences(), STYLE, reveal=False))
    assert lines[1] == "WHAT DIFFERS  60 5xx against 1 140 of the rest"
    assert lines[2].split() == ["FIELD", "VALUE", "FAILING", "REST", "LIFT", "ALSO"]
    assert lines[3].split() == ["key", "z9m1c4te", "100.0", "%", "5.3", "%", "×19.0"]


def test_json_has_shares_as_numbers_and_no_lift_where_none_of_the_rest_has_the_value() -> None:
    found = comparison(lambda n: {"status": "500", "depot": "d|99"} if n % 9 == 0 else {}).differences()
    (record,) = (each for each in differences_json(found) if each["field"] == "access.depot")
    assert record == {"field": "access.depot", "value": "d|99", "failing": 1.0, "rest": 0.0, "lift": None}
    assert "| access.depot | `d\\|99` | 100.0 % | 0.0 % | only |  |" in list(difference_markdown(found, reveal=False))


def test_nothing_is_printed_without_two_sides_and_one_line_where_nothing_differs() -> None:
    assert list(difference_lines(comparison(lambda _: {}).differences(), STYLE, reveal=False)) == []
    evenly = comparison(lambda n: {"status": "500"} if n % 97 == 0 else {}).differences()
    assert list(difference_lines(evenly, STYLE, reveal=False))[-1] == "  nothing sets them apart beyond chance"
