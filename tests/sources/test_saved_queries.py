"""Queries by name: saved once, opened as @NAME wherever a query is taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.errors import UsageError
from apigw_tui.sources.saved_queries import forget_query, literal_query, resolved_query, save_query, saved_queries


def test_a_saved_query_is_opened_by_its_name() -> None:
    save_query("slow", "latency>1s")
    save_query("failing", "status:5xx")
    assert saved_queries() == {"failing": "status:5xx", "slow": "latency>1s"}
    assert resolved_query("@slow") == "latency>1s"
    assert resolved_query("status:404") == "status:404"


def test_a_name_is_saved_anew_and_forgotten() -> None:
    save_query("slow", "latency>1s")
    save_query("slow", "latency>2s")
    assert resolved_query("@slow") == "latency>2s"
    forget_query("slow")
    with pytest.raises(UsageError, match="No query is saved as 'slow'"):
        resolved_query("@slow")


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    save_query("timeouts", "cause:integration_timeout")
    with pytest.raises(UsageError, match="Did you mean @timeouts"):
        resolved_query("@timeout")
    with pytest.raises(UsageError, match="There are @timeouts"):
        resolved_query("@zzz")


@pytest.mark.parametrize("name", ["", "two words", "-x", "a/b", "x" * 41])
def test_a_name_that_no_shell_word_could_be_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name"):
        save_query(name, "status:5xx")


@given(st.text())
def test_property_any_query_written_for_the_command_line_comes_back(query: str) -> None:
    assert resolved_query(literal_query(query)) == query
