"""What was not logged of the request whose story is open, and why: a faint row each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from apigw_tui.core.caveats import caveats_of_request, stage_of
from apigw_tui.tui.line import cut
from apigw_tui.tui.rows import Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apigw_tui.core.stage import Stage
    from apigw_tui.core.story import Story

_MOST: Final = 3


def untold_of(story: Story, stages: Sequence[Stage]) -> tuple[str, ...]:
    """What is missing of a request, as far as the stages that are read tell why."""
    return caveats_of_request(story.row, stage_of(story.row, stages))


def untold_rows(untold: tuple[str, ...], width: int) -> list[Row]:
    """The first few of these sentences, to stand above the lines."""
    return [Row((("  ", ""), (cut(told, width - 3), "ink-faint")), stop=False) for told in untold[:_MOST]]
