"""Lines without a stage still tell how they were logged: from entries of two kinds, their formats and what lacks."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.schema import RAW_EVENTS
from apigw_tui.core.store import EventStore
from apigw_tui.doctor.line_checks import line_findings, lines_of

ID = "3f0d2c1b-6a5e-4f7d-8c9b-0a1b2c3d4e5f"
OTHER = "4f0d2c1b-6a5e-4f7d-8c9b-0a1b2c3d4e5f"
ENTRY = f'{{"requestId":"{ID}","status":"200","httpMethod":"GET","resourcePath":"/carts","path":"/carts"}}'
FULL = (
    f"({ID}) Starting execution for request: {ID}",
    f"({ID}) HTTP Method: GET, Resource Path: /carts",
    f"({ID}) Method completed with status: 200",
)


def codes(*messages: str, access_format: str | None = None) -> dict[str, str]:
    return {finding.code: finding.detail for finding in line_findings(lines_of(stored(messages, access_format)))}


def stored(messages: Sequence[str], access_format: str | None = None) -> EventStore:
    store = EventStore({"a.log": AccessFormat.compile(access_format)} if access_format else None)
    rows = [
        {"timestamp": 1_773_022_331_000 + place, "log_group": "a.log", "scope": "", "message": message}
        for place, message in enumerate(messages)
    ]
    if rows:
        store.append(
            pl.DataFrame(rows, schema_overrides=RAW_EVENTS).select(
                *(
                    pl.col(name) if name in rows[0] else pl.lit(None, dtype).alias(name)
                    for name, dtype in RAW_EVENTS.items()
                )
            )
        )
    return store


def test_nothing_logged_is_said() -> None:
    assert set(codes()) == {"no_lines"}


def test_lines_that_are_all_of_no_known_kind_are_no_clean_bill() -> None:
    assert codes('{"id":"7","code":"200"}', "hello")["no_known_lines"].startswith("None of the 2 lines is")
    assert "no_known_lines" not in codes("# a comment", ENTRY)


def test_a_guessed_format_is_told_what_it_lacks_but_not_how_it_is_written() -> None:
    found = codes(ENTRY, ENTRY.replace(ID, OTHER))
    assert {"no_latency", "no_integration_error", "no_execution_lines"} <= set(found)
    assert not {"unquoted_value", "unquoted_text", "never_filled"} & set(found)


def test_a_format_that_was_given_is_told_how_it_is_written() -> None:
    source = '{"requestId":"$context.requestId","status":$context.status}'
    assert "unquoted_value" in codes(f'{{"requestId":"{ID}","status":200}}', access_format=source)


def test_execution_lines_alone_miss_their_access_entries() -> None:
    assert "no_access_lines" in codes(*FULL)
    assert "no_access_lines" not in codes(*FULL, ENTRY)


def test_entries_and_lines_of_different_requests_join_nothing() -> None:
    assert "not_joined" in codes(*FULL, ENTRY.replace(ID, OTHER))
    assert "not_joined" not in codes(*FULL, ENTRY)


def test_failing_lines_only_are_those_of_level_error() -> None:
    failing = (f"({ID}) Execution failed due to a timeout error", f"({ID}) Method completed with status: 504")
    assert "error_level" in codes(*failing)
    assert "error_level" not in codes(*failing, *FULL)


def test_headers_in_lines_are_secrets_in_clear() -> None:
    headers = f"({ID}) Method request headers: {{Cookie=a}}"
    body = f"({ID}) Method request body before transformations: {{}}"
    assert codes(*FULL, headers)["secrets_in_data_trace"].startswith("1 line holds headers or bodies")
    found = codes(*FULL, headers, body)
    assert found["secrets_in_data_trace"].startswith("2 lines hold headers or bodies")
    assert "no_data_trace" not in found
    assert "no_data_trace" in codes(*FULL)


def test_an_answer_that_is_logged_on_failure_is_no_data_trace() -> None:
    found = codes(*FULL, f"({ID}) Endpoint response body before transformations: null")
    assert "secrets_in_data_trace" not in found


def test_lines_that_were_cut_are_counted() -> None:
    cut = f"({ID}) Method request headers: {{a={'x' * 1000} [TRUNCATED]"
    assert codes(*FULL, cut)["truncated"].startswith("1 line was cut")
