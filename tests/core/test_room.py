"""What does not fit into memory lies on the shelf, and is found there like the rest."""

import polars as pl

from apigw_tui.core.store import EventStore
from tests.core.drawer import Drawer
from tests.core.test_store import access, batch, request_id, timeout


def filled(store: EventStore, count: int = 60) -> EventStore:
    for number in range(count):
        failed = number % 3 == 0
        lines = timeout(number, number * 1_000) if failed else []
        store.append(batch([access(number, number * 1_000, status=504 if failed else 200), *lines]))
    return store


def small(drawer: Drawer, *, max_memory: int = 10_000) -> EventStore:
    return EventStore(max_memory=max_memory, shelf=drawer, chunk_rows=5)


def test_the_oldest_rows_go_to_the_shelf_and_none_is_lost() -> None:
    store = small(Drawer())
    filled(store)
    chunks = store.events.chunks
    assert store.evicted == 0
    assert store.snapshot().shelved > 0
    assert chunks[0].is_cold
    assert not chunks[-1].is_cold
    assert len(store.events) == len(filled(EventStore()).events)


def test_a_request_on_the_shelf_has_its_story_and_takes_late_lines() -> None:
    store = filled(small(Drawer()))
    (found,) = store.find(request_id(0)).to_dicts()
    assert found["status"] == 504
    assert store.events_of(found["key"]).height == 1 + len(timeout(0, 0))
    late = timeout(1, 1_000)
    store.append(batch(late))
    (changed,) = store.find(request_id(1)).to_dicts()
    assert (changed["access_events"], changed["execution_events"]) == (1, len(late))


def test_rows_are_the_same_wherever_they_lie() -> None:
    cold, warm = filled(small(Drawer())), filled(EventStore())
    for name in ("events", "requests"):
        one, other = (pl.concat([chunk.frame for chunk in getattr(each, name).chunks]) for each in (cold, warm))
        assert one.equals(other)


def test_duplicates_of_what_lies_on_the_shelf_are_dropped() -> None:
    store = filled(small(Drawer()))
    before = len(store.events)
    assert store.append(batch([access(0, 0, status=504)])).added == 0
    assert len(store.events) == before


def test_what_has_no_room_on_the_shelf_either_is_dropped_and_counted() -> None:
    store = filled(small(Drawer(room=4)))
    everything = len(filled(EventStore()).events)
    assert 0 < store.evicted < everything
    assert len(store.events) == everything - store.evicted
    oldest = store.events.first
    assert oldest is not None
    assert all(chunk["last_event_at"].min() >= oldest for chunk in store.requests.chunks)


def test_without_a_cap_nothing_goes_to_the_shelf() -> None:
    drawer = Drawer()
    filled(EventStore(shelf=drawer, chunk_rows=5))
    assert drawer.size == 0


def test_what_somebody_removed_from_the_shelf_is_dropped_and_counted_and_the_rest_goes_on() -> None:
    drawer = Drawer()
    store = filled(small(drawer))
    before, cold = len(store.events), store.events.cold
    for drawn in drawer.drawn:
        drawn.is_gone = True
    shown = store.events.chunks[0]
    assert shown.columns(("timestamp", "message"))["message"].null_count() == shown.height
    store.append(batch([access(99, 99_000)]))
    assert store.lost_events == cold > 0
    assert len(store.events) == before - cold + 1
    assert store.evicted == 0
    assert store.events.cold == 0
    assert pl.concat([chunk["message"] for chunk in store.events.chunks]).null_count() == 0
