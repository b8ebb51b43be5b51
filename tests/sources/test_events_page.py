"""Pages of FilterLogEvents as frames."""

from __future__ import annotations

import pytest

from apigw_tui.core.schema import RAW_EVENTS
from apigw_tui.sources.calls import Call, perform
from apigw_tui.sources.events_page import HOOK, EventsPage, _parse_page, page_frame
from tests.sources.recorded_account import RecordedAccount, served
from tests.sources.virtual_time import START, VirtualTime


def test_a_page_past_botocores_parser_is_the_same_as_through_it() -> None:
    time, account = VirtualTime(), RecordedAccount()
    account.log("/orders", START - 10, 'é "quoted" \u2028 \x1b[31m', lag=0)
    call = Call("logs", "filter_log_events", "read", {"logGroupName": "/orders", "startTime": 0})
    with served(account, time) as aws:
        fast = perform(aws, call, stop=time.stop)
        aws.client("logs").meta.events.unregister(HOOK, _parse_page)
        slow = perform(aws, call, stop=time.stop)
    assert fast is not None
    assert slow is not None
    assert fast["events"] == slow["events"]


def test_a_page_becomes_raw_events() -> None:
    events = [
        {"eventId": "1", "timestamp": 5, "ingestionTime": 9, "logStreamName": "s", "message": "a"},
        {"eventId": "2", "timestamp": 6, "ingestionTime": 9, "logStreamName": "s", "message": "half \ud800"},
    ]
    frame = page_frame(events, log_group="/orders", scope="a/b")
    assert frame.schema == RAW_EVENTS
    assert frame.row(0) == (5, 9, "1", "/orders", "s", "a/b", "a")
    assert frame["message"][1] == "half ?"


def test_what_an_event_lacks_is_null() -> None:
    frame = page_frame([{"timestamp": 5, "message": "a"}], log_group="/orders", scope="")
    assert frame.row(0) == (5, None, None, "/orders", None, "", "a")


def test_an_empty_page_with_a_token_is_not_the_last() -> None:
    page = EventsPage.from_answer({"events": [], "nextToken": "t"})
    assert list(page.events) == []
    assert page.next_token is not None
    assert EventsPage.from_answer({}).next_token is None


@pytest.mark.parametrize(
    ("date", "at"),
    [("Thu, 01 Jan 2026 00:00:00 GMT", START), ("yesterday", None), (None, None)],
)
def test_a_page_knows_the_time_of_the_service_where_it_says_so(date: str | None, at: int | None) -> None:
    headers = {} if date is None else {"date": date}
    assert EventsPage.from_answer({"ResponseMetadata": {"HTTPHeaders": headers}}).answered_at == at
