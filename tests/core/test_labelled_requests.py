"""Every labelled request comes out with its cause, status and IDs, however it is written."""

from __future__ import annotations

from typing import Any

import pytest

from apigw_tui.core.requests import summarise
from apigw_tui.core.schema import CAUSE_CODES
from tests.bench.causes import report
from tests.core.labelled_requests import LABELLED, Labelled, writings
from tests.core.log_lines import LogEvent, parsed

_WRITINGS = tuple(writings())
_ROTATION = 11  # no divisor of the number of ways: each one comes up


def _found(labelled: Labelled, events: list[LogEvent]) -> dict[str, Any]:
    rows = summarise(parsed(*events)).to_dicts()
    assert len(rows) == 1
    return {name: rows[0][name] for name in labelled.expected}


@pytest.mark.parametrize("labelled", LABELLED, ids=lambda labelled: labelled.name)
def test_a_labelled_request_has_its_cause_its_status_and_its_ids(labelled: Labelled) -> None:
    assert _found(labelled, labelled.events()) == labelled.expected


@pytest.mark.parametrize("number", range(0, len(_WRITINGS), _ROTATION))
def test_the_way_a_request_is_written_does_not_change_what_it_says(number: int) -> None:
    _, labelled, events = _WRITINGS[number]
    assert _found(labelled, events) == labelled.expected


def test_every_cause_has_a_labelled_request() -> None:
    assert {labelled.cause for labelled in LABELLED} == {None, *CAUSE_CODES}


def test_the_table_marks_what_was_not_found() -> None:
    lines = report([("one", {"cause": "throttled"}, {"cause": None}), ("two", {"cause": None}, {"cause": None})])
    assert [line.split() for line in lines[1:3]] == [["None", "None", "1"], ["throttled", "None", "1", "<"]]
    assert lines[-1] == "one: cause is None, not throttled"
