"""What functions log of their own end is the cause of requests of which nothing else tells."""

from __future__ import annotations

from itertools import permutations

import pytest

from apigw_tui.core.store import EventStore
from apigw_tui.core.story import build_story
from tests.core.test_store import ACCESS, START, Event, batch, request_id

FUNCTION = "/aws/lambda/orders-write"
CALL = "7d0c9a55-aaaa-4bbb-8ccc-ddddeeeeffff"
TIMED_OUT = f"2026-01-01T00:00:00.000Z {CALL} Task timed out after 10.00 seconds"
REPORT = f"REPORT RequestId: {CALL}\tDuration: 10000.00 ms\tBilled Duration: 10000 ms"


def entry(*, status: int = 502, error: str = "", call: str = CALL) -> Event:
    message = (
        f'{{"requestId":"{request_id(1)}","status":"{status}",'
        f'"integrationRequestId":"{call}","integrationErrorMessage":"{error}"}}'
    )
    return Event(0, message, ACCESS, 1)


def line(message: str, number: int = 2) -> Event:
    return Event(10_000, message, FUNCTION, number)


def platform_report(status: str) -> str:
    record = f'{{"requestId":"{CALL}","status":"{status}"}}'
    return f'{{"time":"2026-01-01T00:00:00.000Z","type":"platform.report","record":{record}}}'


def store_of(*events: Event) -> EventStore:
    store = EventStore()
    for event in events:
        store.append(batch([event]))
    return store


def told(store: EventStore) -> tuple[str | None, str | None]:
    row = store.requests.chunks[0].frame.row(0, named=True)
    return row["cause"], row["evidence"]


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        (TIMED_OUT, "lambda_timeout"),
        (f"{REPORT}\tStatus: timeout", "lambda_timeout"),
        (f"{REPORT}\tStatus: error\tError Type: Runtime.ExitError", "lambda_function_error"),
        (f"2026-01-01T00:00:00.000Z\t{CALL}\tERROR\tInvoke Error\tTypeError", "lambda_function_error"),
        (f"RequestId: {CALL} Error: Runtime exited with error: signal: killed", "lambda_function_error"),
        (f"RequestId: {CALL} Process exited before completing request", "lambda_function_error"),
        (f"RequestId: {CALL} Error: fork/exec /var/task/bootstrap: no such file", "lambda_function_error"),
        (platform_report("error"), "lambda_function_error"),
        (platform_report("success"), None),
        (f"[ERROR]\t2026-01-01T00:00:00.000Z\t{CALL}\tretrying after an error", None),
        (REPORT, None),
    ],
)
def test_a_line_of_the_function_tells_how_it_ended(message: str, cause: str | None) -> None:
    store = store_of(entry(), line(message))
    assert told(store) == ((cause, message) if cause else ("unknown", None))


def test_an_exception_that_nobody_caught_tells_how_the_invocation_around_it_ended() -> None:
    raised = "[ERROR] KeyError: 'sku'\nTraceback (most recent call last):\n  File \"/var/task/basket.py\", line 7"
    lines = (f"START RequestId: {CALL} Version: 1", raised, f"END RequestId: {CALL}")
    events = [line(text, number) for number, text in enumerate(lines, 2)]
    store = EventStore()
    store.append(batch([entry(), *events]))
    assert told(store) == ("lambda_function_error", raised)


ARRIVALS = (entry(), line(TIMED_OUT), line(f"{REPORT}\tStatus: error", 3), Event(5, f"({request_id(1)}) x", number=4))


@pytest.mark.parametrize("events", list(permutations(ARRIVALS)))
def test_the_order_of_arrival_does_not_matter(events: tuple[Event, ...]) -> None:
    assert told(store_of(*events)) == ("lambda_timeout", TIMED_OUT)


def test_requests_whose_cause_the_function_tells_count_as_touched() -> None:
    store = store_of(entry())
    key = store.requests.chunks[0].frame.item(0, "key")
    assert store.append(batch([line(TIMED_OUT)])).touched.to_list() == [key]
    assert store.append(batch([line(f"{REPORT}\tStatus: timeout", 3)])).touched.to_list() == []


def test_an_error_that_names_nothing_is_told_by_the_function() -> None:
    assert told(store_of(entry(error="Unhandled"))) == ("lambda_function_error", "integration.error: Unhandled")
    assert told(store_of(entry(error="Unhandled"), line(TIMED_OUT))) == ("lambda_timeout", TIMED_OUT)


def test_what_the_gateway_says_for_certain_stands() -> None:
    error = "Execution failed due to a timeout error"
    assert told(store_of(entry(status=504, error=error), line(TIMED_OUT)))[0] == "integration_timeout"


@pytest.mark.parametrize("status", [200, 404])
def test_a_function_that_failed_is_no_cause_of_an_answer_below_500(status: int) -> None:
    assert told(store_of(entry(status=status), line(TIMED_OUT)))[0] != "lambda_timeout"


def test_the_end_of_another_invocation_tells_nothing() -> None:
    other = "99999999-aaaa-4bbb-8ccc-ddddeeeeffff"
    assert told(store_of(entry(call=other), line(TIMED_OUT))) == ("unknown", None)


def test_the_story_says_the_same_and_marks_the_line() -> None:
    store = store_of(entry(), line(TIMED_OUT))
    key = store.requests.chunks[0].frame.item(0, "key")
    story = build_story(store.events_of(key).drop("arrival"), store.formats)
    assert story.cause is not None
    assert story.cause.code == "lambda_timeout"
    assert "10 s" in story.cause.detail
    assert [each.message for each in story.lines if each.evidence] == [TIMED_OUT]
    assert story.lines[0].timestamp == START
