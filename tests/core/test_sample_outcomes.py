"""Real transcripts whose outcome is known come out right; skipped where the samples are not at hand."""

from __future__ import annotations

import polars as pl
import pytest

from apigw_tui.core.requests import summarise
from apigw_tui.core.schema import EVENTS
from apigw_tui.core.story import build_story
from tests.core.sample_outcomes import SAMPLES, Outcome, outcomes

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the transcripts are not part of the repository")


@pytest.mark.parametrize("outcome", outcomes() if SAMPLES.is_dir() else (), ids=lambda outcome: outcome.title)
def test_a_transcript_yields_its_cause_status_and_ids(outcome: Outcome) -> None:
    assert outcome.found() == outcome.expected


@pytest.mark.parametrize("outcome", outcomes() if SAMPLES.is_dir() else (), ids=lambda outcome: outcome.title)
def test_the_story_of_a_transcript_says_what_its_row_says_and_marks_the_proof(outcome: Outcome) -> None:
    parsed = outcome.parsed()
    for row in summarise(parsed).iter_rows(named=True):
        story = build_story(parsed.filter(pl.col("key") == row["key"]).select(EVENTS.names()), {})
        assert dict(story.row) == row
        assert [line.evidence for line in story.lines].count(True) == (row["evidence"] is not None)


def test_a_transcript_of_a_proxy_request_gives_its_times() -> None:
    found = summarise(Outcome("rest-lambda-fn-timeout-502-a.txt", None).parsed()).row(0, named=True)
    assert (found["latency_ms"], found["latency_source"], found["integration_latency_ms"]) == (
        11_033,
        "computed",
        11_029,
    )
    assert (found["method"], found["path"], found["route"]) == ("GET", "/echo", "/echo")
