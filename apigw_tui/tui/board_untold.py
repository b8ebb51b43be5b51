"""What the numbers of the board leave out, in the row below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apigw_tui.core.caveats import caveats_of_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apigw_tui.core.stage import Stage
    from apigw_tui.tui.picture import Picture


def board_untold(picture: Picture, stages: Sequence[Stage]) -> tuple[str, ...]:
    """One sentence each, what misleads most first; none while the board is not looked at."""
    board, proof = picture.board, picture.completeness
    if board is None:
        return ()
    return caveats_of_numbers(
        stages,
        board.statuses,
        truncated=board.truncated_lines,
        sampled_seconds=proof.sampled_seconds if proof else 0,
    )
