"""A session is a value that can be written as a command."""

import shlex

from apigw_tui.tui.session import QueryHistory, Session


def test_a_session_names_the_command_that_opens_it() -> None:
    session = Session(targets=("orders/prod",), since="15m", query='status>=500 "timed out"', demo=True)
    assert shlex.split(session.command()) == [
        "apigw-tui",
        "orders/prod",
        "--demo",
        "--since",
        "15m",
        "-q",
        'status>=500 "timed out"',
    ]


def test_the_history_goes_back_and_forward() -> None:
    history = QueryHistory().apply("status:5xx").apply("status:5xx route:/orders")
    assert history.step(-1).current == "status:5xx"
    assert history.step(-9).current == ""
    assert history.step(-1).step(1).current == "status:5xx route:/orders"


def test_a_new_query_forgets_what_lay_ahead() -> None:
    history = QueryHistory().apply("a").apply("b").step(-1).apply("c")
    assert history.queries == ("", "a", "c")


def test_the_same_query_twice_is_one_entry() -> None:
    assert QueryHistory().apply("a").apply("a").queries == ("", "a")
