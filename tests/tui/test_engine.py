"""The engine: pictures from batches, one thread, nothing lost, nothing left running."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Event as StopFlag
from typing import TypeVar

import pytest

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.store import EventStore
from apigw_tui.core.timerange import TimeRange
from apigw_tui.errors import AppError
from apigw_tui.sources.base import Batch, Completeness, RequestRef, Trouble, Update
from apigw_tui.tui.engine import Engine
from apigw_tui.tui.picture import Picture
from apigw_tui.tui.session import Session
from apigw_tui.tui.stories import StoryState
from apigw_tui.tui.term_weights import TermWeights
from tests.core.test_store import START, access, batch, request_id, timeout

Note = TypeVar("Note")
PATIENCE_S = 30.0
RANGE = TimeRange(START - 60_000)


class Shelf:
    """A source that yields what it was given, and tells when its tail has ended."""

    title = "orders/prod"
    groups = ("orders-prod-access",)
    formats: Mapping[str, AccessFormat] = {}

    def __init__(self, history: list[Update], news: list[Update] | None = None) -> None:
        self._history = history
        self._news = news
        self.tail_ended = threading.Event()

    @property
    def notes(self) -> tuple[str, ...]:
        return ()

    @property
    def live(self) -> bool:
        return self._news is not None

    def backfill(self, time_range: TimeRange, stop: StopFlag) -> Iterator[Update]:
        yield from self._history

    def follow(self, since: int, stop: StopFlag) -> Iterator[Update]:
        yield from self._news or ()
        stop.wait(PATIENCE_S)
        self.tail_ended.set()

    def request_events(self, request: RequestRef, stop: StopFlag) -> Iterator[Update]:
        yield Batch(batch(timeout(1, 0)))

    def failing_events(self, requests: Sequence[RequestRef], stop: StopFlag) -> Iterator[Update]:
        return iter(())

    def find(self, identifier: str, time_range: TimeRange, stop: StopFlag) -> Iterator[Update]:
        yield Batch(batch([access(77, 5)]))


class Watcher:
    """An engine and what it published, waited for by condition."""

    def __init__(self) -> None:
        self.pictures: list[Picture] = []
        self.stories: list[StoryState] = []
        self.found: list[tuple[str, int | None]] = []
        self._changed = threading.Condition()
        self.engine = Engine(
            publish=lambda picture: self._note(self.pictures, picture),
            publish_story=lambda story: self._note(self.stories, story),
            publish_found=lambda identifier, key: self._note(self.found, (identifier, key)),
            explain=lambda problem: AppError(f"It broke: {problem}."),
            clock=lambda: START + 30_000,
            store_for=EventStore,
        )
        self.engine.start()

    def _note(self, notes: list[Note], note: Note) -> None:
        with self._changed:
            notes.append(note)
            self._changed.notify_all()

    def wait_for(self, condition: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, PATIENCE_S)

    def shows(self, rows: int) -> Callable[[], bool]:
        return lambda: bool(self.pictures) and len(self.pictures[-1].view) == rows


@pytest.fixture
def watcher() -> Iterator[Watcher]:
    watching = Watcher()
    yield watching
    watching.engine.close()
    watching.engine.join(PATIENCE_S)
    assert not any(thread.name == "engine" and thread.is_alive() for thread in threading.enumerate())


def test_what_the_source_yields_is_pictured(watcher: Watcher) -> None:
    watcher.engine.open(Shelf([Batch(batch([access(1, 0), access(2, 5)]))]), RANGE, Session())
    watcher.wait_for(watcher.shows(2))
    watcher.wait_for(lambda: not watcher.pictures[-1].reading)
    assert watcher.pictures[-1].legend.total == 2


def test_history_and_news_meet_without_doubles(watcher: Watcher) -> None:
    proof = Completeness(START, 900, 0, 0)
    watcher.engine.open(
        Shelf([Batch(batch([access(1, 0), access(2, 5)]))], [Batch(batch([access(2, 5), access(3, 9)])), proof]),
        RANGE,
        Session(),
    )
    watcher.wait_for(watcher.shows(3))
    watcher.wait_for(lambda: watcher.pictures[-1].completeness == proof)


def test_a_query_narrows_the_picture(watcher: Watcher) -> None:
    watcher.engine.open(Shelf([Batch(batch([access(1, 0), access(2, 5, status=504)]))]), RANGE, Session())
    watcher.wait_for(watcher.shows(2))
    watcher.engine.narrow(Session(query="status:5xx"))
    watcher.wait_for(watcher.shows(1))
    assert watcher.pictures[-1].view.total == 2


def test_what_each_term_hides_is_counted_beside_the_pictures(watcher: Watcher) -> None:
    weights: list[TermWeights] = []
    watcher.engine.open(Shelf([Batch(batch([access(1, 0), access(2, 5, status=504)]))]), RANGE, Session())
    watcher.wait_for(watcher.shows(2))
    watcher.engine.narrow(Session(query="status:5xx latency>59m"))
    watcher.engine.weigh(lambda counted: watcher._note(weights, counted))
    watcher.wait_for(lambda: bool(weights))
    assert [(effect.term, effect.hides, effect.of) for effect in weights[0].effects] == [
        ("status:5xx", 0, 0),
        ("latency>59m", 1, 1),
    ]
    assert weights[0].total == 2


def test_opening_another_source_ends_the_tail_of_the_first(watcher: Watcher) -> None:
    first = Shelf([], [Batch(batch([access(1, 0)]))])
    watcher.engine.open(first, RANGE, Session())
    watcher.wait_for(watcher.shows(1))
    generation = watcher.engine.open(Shelf([Batch(batch([access(2, 0), access(3, 1)]))]), RANGE, Session())
    watcher.wait_for(watcher.shows(2))
    assert watcher.pictures[-1].generation == generation
    assert first.tail_ended.wait(PATIENCE_S)


def test_a_story_is_stitched_again_when_its_lines_were_fetched(watcher: Watcher) -> None:
    watcher.engine.open(Shelf([Batch(batch([access(1, 0, status=504)]))], []), RANGE, Session())
    watcher.wait_for(watcher.shows(1))
    watcher.engine.select(watcher.pictures[-1].view.slice(0, 1)[0]["key"])
    watcher.wait_for(lambda: bool(watcher.stories) and len(watcher.stories[-1].story.lines) == 4)
    watcher.wait_for(lambda: not watcher.stories[-1].fetching)
    assert watcher.stories[-1].story.request["cause"]["code"] == "integration_timeout"


def test_a_pasted_id_is_looked_for_in_the_source(watcher: Watcher) -> None:
    watcher.engine.open(Shelf([Batch(batch([access(1, 0)]))]), RANGE, Session())
    watcher.wait_for(watcher.shows(1))
    watcher.engine.find(request_id(77))
    watcher.wait_for(lambda: bool(watcher.found))
    assert watcher.found[0][0] == request_id(77)
    assert watcher.found[0][1] is not None


def test_passing_trouble_is_told_and_the_rows_stay(watcher: Watcher) -> None:
    trouble = Trouble(AppError("The session of profile shop has expired."), START + 4_000)
    watcher.engine.open(Shelf([Batch(batch([access(1, 0)])), trouble]), RANGE, Session())
    watcher.wait_for(lambda: bool(watcher.pictures) and watcher.pictures[-1].trouble == trouble)
    watcher.wait_for(watcher.shows(1))


def test_a_batch_that_cannot_be_read_is_told_and_the_next_one_is_read(watcher: Watcher) -> None:
    broken = Batch(batch([access(1, 0)]).drop("message"))
    watcher.engine.open(Shelf([broken, Batch(batch([access(2, 0)]))]), RANGE, Session())
    watcher.wait_for(watcher.shows(1))
    watcher.wait_for(lambda: watcher.pictures[-1].trouble is not None)
    assert "It broke" in str(watcher.pictures[-1].trouble)
