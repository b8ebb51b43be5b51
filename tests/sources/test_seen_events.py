"""Remembering which events were read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.sources.seen_events import BUCKET_MS, SeenEvents

PAGES = st.lists(st.lists(st.integers(0, 200), max_size=30), max_size=8)


@given(PAGES)
def test_property_every_event_is_new_once(pages: list[list[int]]) -> None:
    seen = SeenEvents()
    known: set[int] = set()
    for page in pages:
        expected = []
        for number in page:
            expected.append(number not in known)
            known.add(number)
        assert seen.add([f"event {number}" for number in page], [number * 500 for number in page]) == expected
    assert len(seen) == len(known)


def test_old_events_are_forgotten_but_not_those_that_may_be_read_again() -> None:
    seen = SeenEvents()
    seen.add(["old", "kept", "new"], [0, 5 * BUCKET_MS, 20 * BUCKET_MS])
    seen.forget(before=15 * BUCKET_MS, but=[(4 * BUCKET_MS, 6 * BUCKET_MS)])
    assert seen.add(["old", "kept", "new"], [0, 5 * BUCKET_MS, 20 * BUCKET_MS]) == [True, False, False]


def test_a_quarter_of_an_hour_of_2000_events_per_second_takes_little_memory() -> None:
    seen = SeenEvents()
    for second in range(0, 900, 3):
        seen.add([f"{second}-{number:056d}" for number in range(6_000)], [second * 1_000] * 6_000)
    assert len(seen) == 1_800_000
    assert seen.estimated_bytes() < 20_000_000
