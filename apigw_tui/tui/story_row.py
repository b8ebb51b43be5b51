"""A story made of a request's row alone, for the moment before its lines are stitched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apigw_tui.core.diagnosis import CAUSES
from apigw_tui.core.records import request_json
from apigw_tui.core.story import Cause, Story

if TYPE_CHECKING:
    from collections.abc import Mapping


def story_of_row(row: Mapping[str, Any]) -> Story:
    """What a row of REQUESTS knows: the cause and the facts, no line yet."""
    request = request_json(row)
    claimed = request["cause"]
    cause = None
    if claimed is not None:
        text = CAUSES[claimed["code"]]
        cause = Cause(
            code=text.code,
            title=text.title,
            detail=claimed["detail"],
            evidence=claimed["evidence"],
            meaning=text.meaning,
            next_step=text.next_step,
        )
    return Story(row, request, cause, phases=(), lines=(), access={}, payloads=(), counts=request["counts"])
