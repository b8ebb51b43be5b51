"""What the picker says of an account: how much there is, how old and how complete that is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from apigw_tui.errors import AppError
from apigw_tui.sources.stages import Api
from apigw_tui.tui.glyphs import UNICODE
from apigw_tui.tui.picker_heading import PickerHeading, told, trouble_lines
from tests.tui.stage_samples import NOW, OFFER

MINUTE_MS = 60_000
HEADING = PickerHeading("1.0", NOW)
KNOWN = "4 APIs, 7 stages and 6 log groups"


@pytest.mark.parametrize(
    ("heading", "sentence"),
    [
        (replace(HEADING, read_ms=812, as_of=NOW), f"{KNOWN}, read in 0.8 s. Nothing"),
        (replace(HEADING, read_ms=812, as_of=NOW - 8 * MINUTE_MS), f"{KNOWN}, read in 0.8 s, the oldest 8 m ago."),
        (replace(HEADING, as_of=NOW, progress=(1, 4)), f"{KNOWN} so far: stages of 1 of 4 APIs read."),
        (
            replace(HEADING, as_of=NOW - 180 * MINUTE_MS, progress=(48, 312)),
            f"{KNOWN} as of 3 h ago, refreshing: stages of 48 of 312 APIs read.",
        ),
        (replace(HEADING, as_of=NOW - 180 * MINUTE_MS), f"{KNOWN} as of 3 h ago. Nothing"),
    ],
)
def test_the_sentence_tells_age_and_progress(heading: PickerHeading, sentence: str) -> None:
    assert told(heading, OFFER).startswith(sentence)


def test_before_anything_is_known_it_says_what_is_read() -> None:
    assert told(HEADING, None).startswith("Reading the APIs")


def test_apis_without_stages_count_and_more_groups_are_not_hidden() -> None:
    offer = replace(OFFER, apis=tuple(Api(str(number), "x", "REST") for number in range(9)), has_more_groups=True)
    assert told(HEADING, offer).startswith("9 APIs, 7 stages and more than 6 log groups")


def test_a_long_trouble_is_folded_with_its_remedy() -> None:
    error = AppError("Could not list the REST APIs: it is not allowed.", "Allow apigateway:GET in its IAM policy.")
    lines = trouble_lines(error, 40, UNICODE)
    text = " ".join("".join(part for part, _ in line).strip() for line in lines)
    assert text == f"! {error}"
    assert all(len("".join(part for part, _ in line)) <= 40 for line in lines)
