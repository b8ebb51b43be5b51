"""Raw events to parsed ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.parse import parse_events
from apigw_tui.core.schema import PARSED_EVENTS, RAW_EVENTS, request_key

ID = "0c9f3f3e-1111-4222-8333-abcdefabcdef"
OTHER_ID = "5d9d007f-1111-4222-8333-abcdefabcdef"
EXECUTION = "API-Gateway-Execution-Logs_ab12cd34ef/prod"
ACCESS = "/orders/access"
FORMAT = AccessFormat.compile('{"id":"$context.requestId","code":"$context.status","took":"$context.responseLatency"}')
ENTRY = f'{{"id":"{ID}","code":"504","took":"29003"}}'


def raw(*messages: str | None, group: str | None = EXECUTION, stream: str = "s", scope: str = "") -> pl.DataFrame:
    columns: dict[str, Any] = {
        "timestamp": list(range(len(messages))),
        "ingestion_time": None,
        "event_id": None,
        "log_group": group,
        "log_stream": stream,
        "scope": scope,
        "message": list(messages),
    }
    return pl.DataFrame(columns, schema=RAW_EVENTS)


def parsed(frame: pl.DataFrame, formats: Mapping[str, AccessFormat] | None = None) -> list[dict[str, Any]]:
    found = parse_events(frame, formats or {})
    assert found.schema == PARSED_EVENTS
    assert found.get_column("timestamp").to_list() == frame.get_column("timestamp").to_list()
    return found.to_dicts()


def column(frame: pl.DataFrame, name: str, formats: Mapping[str, AccessFormat] | None = None) -> list[Any]:
    return [row[name] for row in parsed(frame, formats)]


def test_an_execution_line_is_told_by_its_leading_id() -> None:
    row = parsed(raw(f"({ID}) Method completed with status: 504", group="any.log"))[0]
    assert (row["kind"], row["line_kind"], row["request_id"], row["status"]) == ("execution", "done", ID, 504)


def test_an_id_elsewhere_in_a_line_is_not_its_request() -> None:
    lines = [
        f"Received {ID}",
        f"x ({ID}) Method completed with status: 200",
        f"[{ID}] Successfully completed execution",
    ]
    assert column(raw(*lines, group="any.log"), "request_id") == [None, None, None]
    assert column(raw(*lines, group="any.log"), "kind") == ["other", "other", "other"]


def test_a_body_that_quotes_another_request_stays_with_its_own() -> None:
    line = f"({ID}) Endpoint response body before transformations: ({OTHER_ID}) Method completed with status: 500"
    row = parsed(raw(line))[0]
    assert (row["request_id"], row["line_kind"], row["status"]) == (ID, "endpoint_response_body", None)


def test_brackets_of_other_logs_are_not_request_ids() -> None:
    assert column(raw("(main-thread) started", group="app.log"), "kind") == ["other"]
    assert column(raw("(main-thread) started"), "kind") == ["execution"]
    known = raw("(test-invoke-request) Successfully completed execution", group="app.log")
    assert column(known, "kind") == ["execution"]


def test_a_websocket_request_id_is_one() -> None:
    row = parsed(raw("(Lq9gwFDNoAMFo1A=) WebSocket Request Route: [$connect]", group="/aws/apigateway/w1/prod"))[0]
    assert (row["kind"], row["request_id"], row["route"]) == ("execution", "Lq9gwFDNoAMFo1A=", "$connect")


def test_an_unknown_execution_line_is_kept_and_says_so() -> None:
    row = parsed(raw(f"({ID}) Something that AWS added"))[0]
    assert (row["kind"], row["line_kind"], row["request_id"]) == ("execution", "unknown", ID)
    assert row["message"] == f"({ID}) Something that AWS added"


def test_a_cut_line_is_marked() -> None:
    lines = [f"({ID}) Method request headers: {{a=b [TRUNCATED]", f"({ID}) Method request headers: {{}}"]
    assert column(raw(*lines), "truncated") == [True, False]


def test_lines_of_2016_belong_to_the_request_their_stream_named_last() -> None:
    first = raw(
        f"Verifying Usage Plan for request: {ID}. API Key: ***x API Stage: ab12cd34ef/dev",
        "HTTP Method: POST, Resource Path: /orders",
        "Method completed with status: 201",
        stream="a",
    )
    second = raw("HTTP Method: GET, Resource Path: /x", f"Starting execution for request: {OTHER_ID}", stream="b")
    third = raw("Method completed with status: 200", stream="b")
    frame = pl.concat([first, second, third])
    assert column(frame, "request_id") == [ID, ID, ID, None, OTHER_ID, OTHER_ID]
    assert column(frame, "kind") == ["execution"] * 6


def test_a_console_test_in_separate_lines_is_one_request() -> None:
    date = "Thu Sep 05 04:56:39 UTC 2024 : "
    lines = [
        "Execution log for request test-request",
        f"{date}Starting execution for request: test-invoke-request",
        f"{date}Method request body before transformations: {{",
        '  "a": 1',
        "}",
        f"{date}Something new",
        f"{date}Method completed with status: 200",
    ]
    rows = parsed(raw(*lines))
    assert {row["request_id"] for row in rows} == {"test-request"}
    kinds = ["test_invoke", "start", "request_body", "unknown", "unknown", "unknown", "done"]
    assert [row["line_kind"] for row in rows] == kinds


def test_a_console_test_in_one_message_is_one_event() -> None:
    date = "Thu Sep 05 04:56:39 UTC 2024 : "
    message = f"Execution log for request {ID}\n{date}Method completed with status: 500\n"
    row = parsed(raw(message, group="test.txt"))[0]
    assert (row["kind"], row["line_kind"], row["request_id"], row["status"]) == (
        "execution",
        "test_invoke",
        ID,
        500,
    )


def test_lines_without_a_request_have_no_key() -> None:
    row = parsed(raw("Nothing that anybody knows"))[0]
    assert (row["request_id"], row["key"]) == (None, None)


def test_a_line_that_names_no_request_is_of_one_without_an_id() -> None:
    row = parsed(raw("Method completed with status: 200"))[0]
    assert row["request_id"] is None
    assert row["key"] is not None


def test_an_access_entry_is_read_by_the_format_of_its_group() -> None:
    row = parsed(raw(ENTRY, group=ACCESS), {ACCESS: FORMAT})[0]
    assert (row["kind"], row["line_kind"], row["request_id"]) == ("access", None, ID)
    assert (row["status"], row["latency_ms"]) == (504, 29003)


def test_an_unreadable_entry_stays_an_access_event_and_is_counted() -> None:
    row = parsed(raw("no entry at all", group=ACCESS), {ACCESS: FORMAT})[0]
    assert (row["kind"], row["line_kind"], row["request_id"]) == ("access", "unknown", None)


def test_an_entry_of_an_older_format_is_still_read() -> None:
    old = f'192.0.2.1 - - [01/Feb/2025:03:04:05 +0000] "GET /a HTTP/1.1" 200 5 {ID}'
    row = parsed(raw(old, group=ACCESS), {ACCESS: FORMAT})[0]
    assert (row["kind"], row["line_kind"], row["request_id"], row["status"]) == ("access", None, ID, 200)


def test_execution_and_lambda_lines_in_a_file_with_a_format_are_told_apart() -> None:
    lines = [ENTRY, f"({ID}) Successfully completed execution", f"START RequestId: {OTHER_ID} Version: 3"]
    assert column(raw(*lines, group=ACCESS), "kind", {ACCESS: FORMAT}) == ["access", "execution", "lambda"]


def test_a_format_in_brackets_is_not_an_execution_line() -> None:
    fmt = AccessFormat.compile("($context.requestId) $context.status")
    row = parsed(raw(f"({ID}) 200", group=ACCESS), {ACCESS: fmt})[0]
    assert (row["kind"], row["request_id"], row["status"]) == ("access", ID, 200)


def test_without_a_format_an_entry_is_told_by_its_fields() -> None:
    lines = [
        f'{{"requestId":"{ID}","status":"200","httpMethod":"GET","cx":"a"}}',
        f'{{"RequestId":"{OTHER_ID}","statusCode":404,"sourceIp":"192.0.2.1"}}',
        f"requestId: {ID}, ip: 192.0.2.1, caller: -, httpMethod: GET, status: 500",
        f'<request id="{ID}"> <ip>192.0.2.1</ip> <status>503</status> </request>',
        f"192.0.2.1,-,-,01/Feb/2025:03:04:05 +0000,GET,/a/{{b}},HTTP/1.1,200,5,{ID}",
        OTHER_ID,
    ]
    rows = parsed(raw(*lines, group="access.log"))
    assert [row["kind"] for row in rows] == ["access"] * 6
    assert [row["request_id"] for row in rows] == [ID, OTHER_ID, ID, ID, ID, OTHER_ID]
    assert [row["status"] for row in rows] == [200, 404, 500, 503, 200, None]


def test_guessing_does_not_depend_on_the_other_lines_of_a_batch() -> None:
    lines = [
        f'{{"requestId":"{ID}","status":"200","httpMethod":"GET","latency":"5","integrationLatency":"4"}}',
        f'{{"requestId":"{ID}","status":"200","ip":"192.0.2.1","latency":"5"}}',
        f'{{"requestId":"{ID}","status":-,"ip":"192.0.2.1","user_agent":"a "b" c"}}',
        f'{{"requestId":"{ID}","level":"info","message":"x","status":200,"httpMethod":"GET"}}',
        "plain",
    ]
    together = parsed(raw(*lines, group="f"))
    alone = [parsed(raw(line, group="f"))[0] | {"timestamp": n} for n, line in enumerate(lines)]
    assert together == alone
    assert [row["kind"] for row in together] == ["access", "access", "access", "other", "other"]


def test_lambda_lines_are_told_by_their_group() -> None:
    row = parsed(raw("a print", group="/aws/lambda/orders-write"))[0]
    assert (row["kind"], row["line_kind"]) == ("lambda", "lambda_log")
    bracketed = parsed(raw(f"({ID}) Method completed with status: 200", group="/aws/lambda/x"))[0]
    assert bracketed["kind"] == "lambda"


def test_what_a_function_prints_is_told_in_any_group_where_its_invocation_is() -> None:
    moment = "2026-03-01T10:00:00.012Z"
    lines = [
        "before",
        f"START RequestId: {ID} Version: 7",
        "a print",
        f"({OTHER_ID}) Starting execution for request: {OTHER_ID}",
        f'{{"requestId":"{OTHER_ID}","status":"200","httpMethod":"GET"}}',
        f"{moment}\t{ID}\tERROR\tInvoke Error",
        f"END RequestId: {ID}",
        "after",
        f"[INFO]\t{moment}\t{OTHER_ID}\tof an invocation whose start was cut off",
    ]
    told = [(row["kind"], row["request_id"]) for row in parsed(raw(*lines, group="archive.log"))]
    ours, none = ("lambda", ID), ("other", None)
    between = [("execution", OTHER_ID), ("access", OTHER_ID)]
    assert told == [none, ours, ours, *between, ours, ours, none, ("lambda", OTHER_ID)]


def test_prints_between_two_invocations_at_once_belong_to_neither() -> None:
    lines = [f"START RequestId: {ID} Version: 7", "whose", f"START RequestId: {OTHER_ID} Version: 7", "is it"]
    ends = [f"END RequestId: {ID}", f"END RequestId: {OTHER_ID}"]
    kinds = column(raw(*lines, *ends, group="archive.log"), "kind")
    assert kinds == ["lambda", "other", "lambda", "other", "lambda", "lambda"]


def test_keys_join_what_belongs_together() -> None:
    frame = pl.concat(
        [
            raw(f"({ID}) Successfully completed execution", scope="ab/prod"),
            raw(ENTRY, group=ACCESS, scope="ab/prod"),
            raw(f"START RequestId: {ID} Version: 1", group="/aws/lambda/x", scope="ab/prod"),
            raw(f"START RequestId: {ID} Version: 1", group="/aws/lambda/x", scope="ab/staging"),
            raw(f"({ID}) Successfully completed execution", scope="ab/staging"),
        ]
    )
    execution, access, function, same_function, elsewhere = column(frame, "key", {ACCESS: FORMAT})
    assert execution == access
    assert function == same_function
    assert len({execution, function, elsewhere}) == 3


def test_an_entry_with_only_an_extended_id_is_keyed_by_it() -> None:
    fmt = AccessFormat.compile('{"e":"$context.extendedRequestId","s":"$context.status"}')
    row = parsed(raw('{"e":"Bq7xT0abcDEFghI=","s":"200"}', group=ACCESS, scope="ab/prod"), {ACCESS: fmt})[0]
    assert (row["request_id"], row["extended_request_id"]) == (None, "Bq7xT0abcDEFghI=")
    expected = pl.select(request_key(pl.lit("ab/prod"), pl.lit("Bq7xT0abcDEFghI="))).item()
    assert row["key"] == expected


def test_control_bytes_are_gone_from_every_text() -> None:
    frame = raw(f"({ID}) HTTP Method: GET, Resource Path: /a\x1b[31m\u202eb", group=f"{EXECUTION}\x07", stream="s\x9b")
    row = parsed(frame)[0]
    for name in ("message", "log_group", "log_stream", "path"):
        assert not set(row[name]) & {"\x1b", "\x07", "\x9b", "\u202e"}


@pytest.mark.parametrize("group", [None, "", EXECUTION, "/aws/lambda/f", "x"])
def test_empty_and_missing_messages_are_kept(group: str | None) -> None:
    rows = parsed(raw("", None, " ", group=group))
    assert [row["message"] for row in rows] == ["", "", " "]


def test_no_events_are_no_events() -> None:
    assert parse_events(raw(), {}).schema == PARSED_EVENTS
    assert parse_events(raw(), {}).height == 0


def test_dated_lines_are_a_tests_only_where_one_of_them_is_known() -> None:
    date = "Sun Jun 08 08:57:01 UTC 2026 : "
    backup = [
        (1, None, None, "backup.log", None, "", f"{date}{text}") for text in ("Backup created", "Unauthorized run")
    ]
    tested = [(1, None, None, "test.log", None, "", f"{date}{text}") for text in ("Something new", "API Key: ****")]
    found = parse_events(pl.DataFrame([*backup, *tested], schema=RAW_EVENTS, orient="row"), {})
    assert found["kind"].to_list() == ["other", "other", "execution", "execution"]
    assert found["line_kind"].to_list() == [None, None, "unknown", "api_key"]


def test_events_keep_their_order_however_mixed() -> None:
    lines = [
        ENTRY,
        f"({ID}) Successfully completed execution",
        "START RequestId: x Version: 1",
        "other",
        ENTRY,
        "",
    ]
    frame = pl.concat([raw(line, group=ACCESS).with_columns(timestamp=pl.lit(n)) for n, line in enumerate(lines * 3)])
    found = parse_events(frame, {ACCESS: FORMAT})
    assert found.get_column("timestamp").to_list() == list(range(18))
    assert found.get_column("message").to_list() == lines * 3


BEGINNINGS = st.sampled_from(
    [
        "",
        f"({ID}) ",
        "(",
        "{",
        '{"requestId":"',
        "START RequestId: ",
        "<request id=",
        "requestId: ",
        "API Key ",
        ENTRY,
    ]
)
GROUPS = st.sampled_from([None, EXECUTION, ACCESS, "/aws/lambda/f", "file.log"])


@given(st.lists(st.tuples(BEGINNINGS, st.text(), GROUPS), min_size=1, max_size=8))
def test_property_any_text_comes_through_row_for_row(drawn: list[tuple[str, str, str | None]]) -> None:
    frame = pl.concat([raw(beginning + text, group=group) for beginning, text, group in drawn])
    numbered = frame.with_columns(timestamp=pl.int_range(frame.height, dtype=pl.Int64))
    found = parse_events(numbered, {ACCESS: FORMAT})
    assert found.schema == PARSED_EVENTS
    assert found.get_column("timestamp").to_list() == list(range(len(drawn)))
    assert found.get_column("kind").null_count() == 0
