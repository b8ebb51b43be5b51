"""What the user orders comes before what the readers bring."""

import queue

import pytest

from apigw_tui.core.timerange import TimeRange
from apigw_tui.sources.base import Progress
from apigw_tui.tui.inbox import Inbox
from apigw_tui.tui.orders import Arrived, Finished, Selected, Spanned, Wanted


def brought(number: int) -> Arrived:
    return Arrived(number, Progress(0, 0, read_from=0, done=False))


def taken(inbox: Inbox) -> list[object]:
    found = []
    while True:
        try:
            found.append(inbox.get(0.0))
        except queue.Empty:
            return found


def test_orders_overtake_what_was_brought_and_both_keep_their_order() -> None:
    inbox = Inbox()
    span = Spanned(TimeRange(0, 1))
    items = [brought(1), span, brought(2), Finished(1, None), Selected(3), None]
    for item in items:
        inbox.put(item)
    assert taken(inbox) == [span, Selected(3), None, items[0], items[2], items[3]]


def test_that_an_id_was_sought_is_told_behind_what_was_found() -> None:
    inbox = Inbox()
    found = brought(1)
    inbox.put(found)
    inbox.put(Wanted("id", sought=True))
    inbox.put(Wanted("other"))
    assert taken(inbox) == [Wanted("other"), found, Wanted("id", sought=True)]


def test_it_says_whether_the_user_waits() -> None:
    inbox = Inbox()
    assert not inbox.has_orders
    inbox.put(brought(1))
    assert not inbox.has_orders
    inbox.put(Selected(1))
    assert inbox.has_orders


def test_nothing_comes_in_time_out_of_an_empty_inbox() -> None:
    with pytest.raises(queue.Empty):
        Inbox().get(0.001)
