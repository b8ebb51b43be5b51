"""The store keeps every event once, in time order, and its requests up to date."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_tui.core.schema import RAW_EVENTS, REQUESTS
from apigw_tui.core.store import EventStore

EXECUTION = "API-Gateway-Execution-Logs_a1b2c3d4e5/prod"
ACCESS = "orders-prod-access"
SCOPE = "a1b2c3d4e5/prod"
START = 1_790_000_000_000


@dataclass(frozen=True)
class Event:
    """A raw event; its ID holds the timestamp in the high bits, as CloudWatch's does."""

    at: int
    message: str
    group: str = EXECUTION
    number: int = 0

    def row(self) -> dict[str, object]:
        return {
            "timestamp": START + self.at,
            "ingestion_time": START + self.at + 1_000,
            "event_id": f"{((START + self.at) << 144) + self.number:056d}",
            "log_group": self.group,
            "log_stream": "stream",
            "scope": SCOPE,
            "message": self.message,
        }


def batch(events: Sequence[Event]) -> pl.DataFrame:
    return pl.DataFrame([event.row() for event in events], schema=RAW_EVENTS)


def request_id(number: int) -> str:
    return f"5b1f7c9e-8a52-4a0e-9d53-{number:012d}"


def access(number: int, at: int, status: int = 200) -> Event:
    entry = (
        f'{{"requestId":"{request_id(number)}","httpMethod":"GET","resourcePath":"/orders/{{id}}",'
        f'"status":"{status}","responseLatency":"120"}}'
    )
    return Event(at, entry, ACCESS, number)


def timeout(number: int, at: int) -> list[Event]:
    prefix = f"({request_id(number)})"
    return [
        Event(at, f"{prefix} Starting execution for request: {request_id(number)}", number=number * 10),
        Event(at + 29_000, f"{prefix} Execution failed due to a timeout error", number=number * 10 + 1),
        Event(at + 29_000, f"{prefix} Method completed with status: 504", number=number * 10 + 2),
    ]


def test_the_same_event_twice_is_kept_once_and_counted() -> None:
    store = EventStore()
    store.append(batch([access(1, 0), access(2, 5), access(1, 0)]))
    again = store.append(batch([access(2, 5), access(3, 9)]))
    assert (again.added, again.duplicates) == (1, 1)
    assert store.duplicates == 2
    assert len(store.events) == 3


def test_equal_lines_without_event_ids_are_different_events() -> None:
    store = EventStore()
    lines = batch([access(1, 0), access(1, 0)]).with_columns(event_id=pl.lit(None, pl.String))
    assert store.append(lines).added == 2


def test_the_same_event_id_in_two_groups_is_two_events() -> None:
    store = EventStore()
    store.append(batch([Event(0, "one", "group-a"), Event(0, "two", "group-b")]))
    assert len(store.events) == 2


def test_a_request_is_updated_when_its_lines_come_after_its_entry() -> None:
    store = EventStore()
    store.append(batch([access(1, 0, status=504)]))
    key = store.snapshot().requests[0].frame["key"][0]
    before = store.request(key)
    store.append(batch(timeout(1, 2)))
    after = store.request(key)
    assert before is not None
    assert after is not None
    assert (before["state"], after["state"]) == ("access_only", "complete")
    assert (before["cause"], after["cause"]) == ("unknown", "integration_timeout")
    assert store.snapshot().request_count == 1


def test_events_of_a_request_come_in_true_order() -> None:
    store = EventStore()
    lines = timeout(1, 0)
    store.append(batch([lines[2], lines[0]]))
    store.append(batch([lines[1], access(1, 0, status=504)]))
    key = store.snapshot().requests[0].frame["key"][0]
    assert [message[39:59] for message in store.events_of(key).filter(kind="execution")["message"]] == [
        "Starting execution f",
        "Execution failed due",
        "Method completed wit",
    ]


def test_the_oldest_events_go_first_when_the_cap_is_reached_and_are_counted() -> None:
    store = EventStore(max_events=50)
    for number in range(80):
        store.append(batch([access(number, number * 1_000)]))
    assert len(store.events) == 50
    assert store.evicted == 30
    assert store.events.first == START + 30_000
    assert store.snapshot().request_count == 50


def test_a_snapshot_does_not_change() -> None:
    store = EventStore()
    store.append(batch([access(1, 0)]))
    before = store.snapshot()
    store.append(batch([access(2, 1)]))
    assert before.request_count == 1
    assert sum(chunk.frame.height for chunk in before.requests) == 1


def test_an_unknown_line_is_kept_raw_and_counted() -> None:
    store = EventStore()
    store.append(batch([Event(0, f"({request_id(1)}) A line that nobody has seen before")]))
    assert store.unparsed == 1
    assert store.snapshot().events[0].frame["message"][0].endswith("nobody has seen before")


@pytest.mark.parametrize("identifier", [request_id(7), "Vts2pH6ArPEFcuQ="])
def test_a_request_is_found_by_any_of_its_ids(identifier: str) -> None:
    store = EventStore()
    store.append(batch([access(6, 0), Event(1, f"({request_id(7)}) Extended Request Id: Vts2pH6ArPEFcuQ=")]))
    assert store.find(identifier)["request_id"].to_list() == [request_id(7)]


FUNCTION = "/aws/lambda/orders-write"
CALL = "7d0c9a55-aaaa-4bbb-8ccc-ddddeeeeffff"


def run(at: int) -> list[Event]:
    """The lines of an invocation; the second carries no ID."""
    lines = (f"START RequestId: {CALL} Version: 1", "Traceback (most recent call last):", f"END RequestId: {CALL}")
    return [Event(at + place, line, FUNCTION, number=900 + place) for place, line in enumerate(lines)]


def nameless_event_id(at: int) -> str:
    return str(run(at)[1].row()["event_id"])


def kinds(store: EventStore, key: int) -> dict[str, int]:
    return dict(store.events_of(key).group_by("kind").len().iter_rows())


def timed_out_store() -> tuple[EventStore, int]:
    store = EventStore()
    store.append(batch([access(1, 0, status=504), access(2, 1), *timeout(1, 2)]))
    return store, int(store.find(request_id(1))["key"][0])


def test_lines_of_a_function_belong_to_the_request_that_they_are_linked_to() -> None:
    store, key = timed_out_store()
    store.append(batch(run(40)), links={CALL: request_id(1), nameless_event_id(40): request_id(1)})
    assert kinds(store, key) == {"access": 1, "execution": 3, "lambda": 3}
    rows = [store.request(key) or {}, store.request(int(store.find(request_id(2))["key"][0])) or {}]
    assert list(store.lambda_counts(rows).values()) == [3, 0]


def test_lines_that_are_not_linked_belong_to_no_request() -> None:
    store, key = timed_out_store()
    store.append(batch(run(40)))
    assert kinds(store, key) == {"access": 1, "execution": 3}
    assert store.lambda_counts([store.request(key) or {}]) == {key: 0}


def test_a_link_may_come_when_its_lines_are_there_already() -> None:
    store, key = timed_out_store()
    store.append(batch(run(40)))
    again = store.append(batch(run(40)), links={CALL: request_id(1)})
    assert (again.added, again.duplicates) == (0, 3)
    assert kinds(store, key)["lambda"] == 3


def test_a_batch_may_say_no_more_than_which_function_a_request_called() -> None:
    store, key = timed_out_store()
    assert store.function_of(key) is None
    store.append(RAW_EVENTS.to_frame(), functions={request_id(1): "orders-write"})
    assert store.function_of(key) == "orders-write"
    assert store.function_of(key + 1) is None


def everything() -> list[Event]:
    events = [access(number, number * 700, status=200) for number in range(8)]
    for number in range(8, 12):
        events += [access(number, number * 900, status=504), *timeout(number, number * 900)]
    return events


def content(store: EventStore) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    snapshot = store.snapshot()
    events = [row for chunk in snapshot.events for row in chunk.frame.drop("arrival", "key").rows()]
    names = [name for name in REQUESTS.names() if name != "key"]
    requests = [row for chunk in snapshot.requests for row in chunk.frame.select(names).rows()]
    return events, sorted(requests, key=str)


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 9))
def test_property_any_order_batches_and_duplicates_give_the_same_store(shuffle: random.Random, size: int) -> None:
    straight = EventStore()
    straight.append(batch(everything()))
    shuffled = everything() + shuffle.sample(everything(), 5)
    shuffle.shuffle(shuffled)
    crooked = EventStore()
    for at in range(0, len(shuffled), size):
        crooked.append(batch(shuffled[at : at + size]))
    assert content(crooked) == content(straight)
    assert crooked.duplicates == 5
