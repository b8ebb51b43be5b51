"""`apigw-tui stages`: APIs, stages and their log groups, asked of AWS and kept for the explorer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from apigw_tui.core import records
from apigw_tui.core.units import count
from apigw_tui.errors import ExitCode, UsageError
from apigw_tui.headless import opening, output, text
from apigw_tui.headless.narration import say

if TYPE_CHECKING:
    from apigw_tui.config import Config
    from apigw_tui.sources.stages import StageDirectory

_MANY_APIS: Final = 40
_TOLD_EVERY: Final = 100
_MOST_REMEDIES: Final = 3


def list_stages(words: Sequence[str], config: Config) -> int:
    """Print the stages that match the pattern, and on stderr what could not be seen."""
    form = output.choose_form("stages", config.output)
    if len(words) > 1:
        raise UsageError("`stages` takes one PATTERN at most.")
    from apigw_tui.sources.discovery import find_stages  # noqa: PLC0415 - loads botocore
    from apigw_tui.sources.stage_cache import StageCache  # noqa: PLC0415 - with it

    with opening.open_aws(config) as aws:
        directory = find_stages(aws, words[0] if words else None, told=_Progress().tell)
        if not words and config.cache:
            StageCache.of(aws.settings).save(directory)
    rows = [records.stage_json(stage) for stage in directory.stages]
    style = text.text_style(config.timezone, color=config.color)
    output.write_records(rows, form, text=lambda some: text.stage_lines(list(some), style))
    _tell_what_is_missing(directory)
    if not rows and directory.troubles:
        raise directory.troubles[0].error
    if not rows:
        what = f" matches {words[0]!r}" if words else " found"
        say(f"apigw-tui: no stage{what} in {aws.region or 'this region'}.")
    return int(ExitCode.OK)


class _Progress:
    """Says how far it is where that takes long: API Gateway allows few calls a second."""

    def __init__(self) -> None:
        self._next = 0

    def tell(self, directory: StageDirectory) -> None:
        if directory.progress is None:
            return
        done, total = directory.progress
        if total >= _MANY_APIS and done >= self._next:
            self._next = done + _TOLD_EVERY
            say(f"apigw-tui: stages of {count(done)} of {count(total)} APIs read.")


def _tell_what_is_missing(directory: StageDirectory) -> None:
    for trouble in directory.troubles:
        say(f"apigw-tui: {trouble.error}")
    if directory.domains_error is not None:
        say(f"apigw-tui: {directory.domains_error}")
    from apigw_tui.sources.stage_reading import obstacles_of  # noqa: PLC0415 - as above

    remedies = [error for stage in directory.stages for error in obstacles_of(stage)]
    for error in remedies[:_MOST_REMEDIES]:
        say(f"apigw-tui: {error}")
    if len(remedies) > _MOST_REMEDIES:
        say(f"apigw-tui: {count(len(remedies) - _MOST_REMEDIES)} more logs cannot be read here.")
