"""Events that came without their ID, by Live Tail, and then with it are one event each: none doubled, none lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_tui.core.schema import RAW_EVENTS
from apigw_tui.core.store import EventStore
from tests.core.test_store import ACCESS, EXECUTION, START, Event, access, batch, request_id, timeout

IDENTITY = ["log_group", "log_stream", "timestamp", "message"]


def live(events: Sequence[Event]) -> pl.DataFrame:
    """The events as Live Tail tells them: without their IDs."""
    return batch(events).with_columns(event_id=pl.lit(None, pl.String))


def said(number: int, at: int = 0, text: str = "retrying") -> Event:
    """A line of one request; `number` tells equal ones apart, in its event ID only."""
    return Event(at, f"({request_id(1)}) {text}", EXECUTION, number)


def contents(store: EventStore) -> pl.DataFrame:
    return store.events.where(pl.lit(value=True)).select(RAW_EVENTS.names())


def only_polled(events: Sequence[Event]) -> EventStore:
    store = EventStore()
    if events:
        store.append(batch(events))
    return store


def test_a_polled_event_is_the_live_one_and_gives_it_its_id() -> None:
    store = EventStore()
    store.append(live([access(1, 0)]))

    appended = store.append(batch([access(1, 0)]))

    assert (appended.added, appended.duplicates) == (0, 1)
    assert contents(store).equals(contents(only_polled([access(1, 0)])))
    assert len(store.requests) == 1


def test_a_confirmed_event_keeps_its_number() -> None:
    store = EventStore()
    store.append(live([access(1, 0), access(2, 5)]))
    before = store.events.where(pl.lit(value=True))["arrival"].to_list()

    store.append(batch([access(2, 5)]))

    assert store.events.where(pl.lit(value=True))["arrival"].to_list() == before
    assert store.arrivals == 2


def test_a_confirmation_is_a_new_version() -> None:
    store = EventStore()
    store.append(live([access(1, 0)]))
    before = store.snapshot()

    store.append(batch([access(1, 0)]))

    assert store.snapshot().version > before.version
    assert before.events[0].frame["event_id"].to_list() == [None]


def test_a_live_event_that_was_polled_before_is_dropped() -> None:
    store = EventStore()
    store.append(batch([access(1, 0)]))

    appended = store.append(live([access(1, 0)]))

    assert (appended.added, appended.duplicates) == (0, 1)
    assert len(store.events) == 1


def test_equal_lines_of_one_millisecond_stay_as_many_as_were_written() -> None:
    lines = [said(1), said(2), said(3)]
    store = EventStore()
    store.append(live(lines))
    assert len(store.events) == 3

    store.append(batch(lines[:2]))
    store.append(batch(lines))

    assert len(store.events) == 3
    assert contents(store)["event_id"].null_count() == 0


def test_an_equal_line_that_was_not_live_is_kept() -> None:
    lines = [said(1), said(2)]
    store = EventStore()
    store.append(live(lines[:1]))

    store.append(batch(lines))

    assert len(store.events) == 2


def test_the_same_words_elsewhere_are_another_event() -> None:
    store = EventStore()
    store.append(live([Event(0, "same", "one"), Event(0, "same", "other")]))

    store.append(batch([Event(0, "same", "one", 1), Event(1, "same", "other", 2)]))

    assert len(store.events) == 3


def test_a_message_with_control_characters_is_recognised() -> None:
    store = EventStore()
    store.append(live([Event(0, "red \x1b[31malert\x07", EXECUTION, 1)]))

    store.append(batch([Event(0, "red \x1b[31malert\x07", EXECUTION, 1)]))

    assert len(store.events) == 1


def test_an_event_with_and_without_its_id_in_one_batch_is_one() -> None:
    store = EventStore()

    store.append(pl.concat([live([access(1, 0)]), batch([access(1, 0)])]))

    assert contents(store)["event_id"].null_count() == 0
    assert len(store.events) == 1


def test_lines_of_a_file_are_never_taken_for_one_another() -> None:
    unstamped = live([said(1), said(2)]).with_columns(ingestion_time=pl.lit(None, pl.Int64))
    store = EventStore()

    store.append(unstamped)
    store.append(unstamped)
    store.append(batch([said(1)]))

    assert len(store.events) == 5
    assert store.duplicates == 0


def test_the_first_failing_line_is_that_of_the_event_ids() -> None:
    lines = [
        Event(0, f"({request_id(1)}) Execution failed due to configuration error: Malformed Lambda proxy response",
              EXECUTION, 1),
        Event(0, f"({request_id(1)}) Method completed with status: 502", EXECUTION, 2),
    ]  # fmt: skip
    store = EventStore()
    store.append(live(lines[::-1]))
    store.append(batch(lines))

    told = store.requests.where(pl.lit(value=True))
    assert told.equals(only_polled(lines).requests.where(pl.lit(value=True)))
    assert contents(store).equals(contents(only_polled(lines)))


def test_a_later_ingestion_time_moves_the_lag_of_the_request() -> None:
    entry = access(1, 0)
    sooner = live([entry]).with_columns(ingestion_time=pl.lit(START + 400))
    store = EventStore()
    store.append(sooner)

    store.append(batch([entry]))

    told = store.requests.where(pl.lit(value=True))
    assert told["lag_ms"].to_list() == only_polled([entry]).requests.where(pl.lit(value=True))["lag_ms"].to_list()


# A few texts and times only, so that equal lines are frequent.
_LINES = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(["retrying", "still there", "done"]), st.sampled_from(["a", "b"])),
    max_size=12,
)


@dataclass(frozen=True)
class Delivery:
    """Some of the events, live or polled."""

    events: tuple[Event, ...]
    is_live: bool


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Event], list[Delivery]]:
    """Events written, and how they are told: each by polls at least once, each live at most once."""
    events = [
        Event(at, f"({request_id(len(text))}) {text}", group, number)
        for number, (at, text, group) in enumerate(draw(_LINES))
    ]
    told: list[Delivery] = []
    for is_live, chosen in (
        (True, draw(st.permutations([event for event in events if draw(st.booleans())]))),
        (False, draw(st.permutations(events))),
        (False, [event for event in events if draw(st.booleans())]),
    ):
        left = list(chosen)
        while left:
            size = draw(st.integers(1, len(left)))
            told.append(Delivery(tuple(left[:size]), is_live))
            left = left[size:]
    return events, draw(st.permutations(told))


@settings(max_examples=50, deadline=None)
@given(deliveries())
def test_property_any_interleaving_of_live_and_polled_batches_gives_what_polls_alone_give(
    case: tuple[list[Event], list[Delivery]],
) -> None:
    events, told = case
    store = EventStore()
    for delivery in told:
        store.append((live if delivery.is_live else batch)(delivery.events))
        assert len(store.events) <= len(events)

    alone = only_polled(events)
    assert contents(store).equals(contents(alone))
    everything = pl.lit(value=True)
    assert store.requests.where(everything).equals(alone.requests.where(everything))


@settings(max_examples=50, deadline=None)
@given(deliveries())
def test_property_nothing_live_is_lost_before_it_is_polled(case: tuple[list[Event], list[Delivery]]) -> None:
    _, told = case
    store = EventStore()
    lives: list[Event] = []
    for delivery in told:
        if delivery.is_live:
            lives += delivery.events
            store.append(live(delivery.events))
            seen = contents(store).select(IDENTITY)
            missing = live(delivery.events).select(IDENTITY).join(seen, on=IDENTITY, how="anti")
            assert missing.is_empty()
        else:
            store.append(batch(delivery.events))


def test_requests_are_those_of_polls_alone() -> None:
    events = [*timeout(1, 0), access(1, 100, 504), access(2, 50)]
    store = EventStore()
    store.append(live(events[::2]))
    store.append(batch(events[:3]))
    store.append(live(events[1::2]))
    store.append(batch(events))

    alone = only_polled(events)
    assert contents(store).equals(contents(alone))
    assert store.requests.where(pl.lit(value=True)).equals(alone.requests.where(pl.lit(value=True)))
    assert set(contents(store)["log_group"]) == {ACCESS, EXECUTION}
