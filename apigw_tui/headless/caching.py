"""`apigw-tui cache`: what events are kept on this machine, and how to be rid of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from apigw_tui.core import records, units
from apigw_tui.errors import AppError, ExitCode, UsageError
from apigw_tui.headless import output, text
from apigw_tui.headless.narration import say
from apigw_tui.headless.opening import EVENTS_FOLDER
from apigw_tui.sources.cache_place import cache_root

if TYPE_CHECKING:
    from apigw_tui.config import Config
    from apigw_tui.sources.event_cache import EventCache, KeptGroup

_CLEAR: Final = "clear"
_STAGES: Final = "stages"
_MEGABYTE: Final = 1_000_000


def cache(words: Sequence[str], config: Config) -> int:
    """List what is kept, or clear some groups or all, with it the lists of stages."""
    from apigw_tui.sources.event_cache import EventCache  # noqa: PLC0415 - loads polars

    form = output.choose_form("cache", config.output)
    kept = EventCache(cache_root() / EVENTS_FOLDER, megabytes=config.cache_mb)
    if not words:
        return _list(kept, config, form)
    if words[0] != _CLEAR:
        raise UsageError(
            f"`cache` cannot {words[0]!r}.", "Use `apigw-tui cache` or `apigw-tui cache clear [GROUP ...]`."
        )
    return _clear(kept, words[1:])


def _list(kept: EventCache, config: Config, form: str) -> int:
    groups = kept.groups()
    style = text.text_style(config.timezone, color=config.color)
    output.write_records(map(_record, groups), form, text=lambda some: text.cache_lines(list(some), style))
    files, size = sum(len(group.files) for group in groups), sum(group.bytes for group in groups)
    state = "" if config.cache and config.cache_mb else "; the cache is off"
    most = f"{units.count(config.cache_mb)} MB at most"
    say(f"apigw-tui: {units.count(files)} files, {size / _MEGABYTE:.1f} MB of {most}{state}")
    return int(ExitCode.OK)


def _clear(kept: EventCache, names: Sequence[str]) -> int:
    known = {group.identity.log_group for group in kept.groups()}
    for name in names:
        if name not in known:
            raise UsageError(f"Nothing is kept of {name}.", "`apigw-tui cache` lists what is.")
    try:
        cleared = kept.clear(names)
        if not names:
            for path in (cache_root() / _STAGES).glob("*.json"):
                path.unlink(missing_ok=True)
    except OSError as error:
        raise AppError(f"The cache could not be cleared: {error.strerror}: {error.filename}.") from error
    size = sum(group.bytes for group in cleared)
    also = "" if names else ", and the lists of stages"
    say(f"apigw-tui: removed {_groups(len(cleared))}, {size / _MEGABYTE:.1f} MB{also}")
    return int(ExitCode.OK)


def _groups(number: int) -> str:
    return f"the events of {units.count(number)} log group{'' if number == 1 else 's'}"


def _record(group: KeptGroup) -> dict[str, Any]:
    """One group: the first and the last time kept, and how much of the time between is."""
    first = min((file.start for file in group.files), default=None)
    last = max((file.end for file in group.files), default=None)
    return {
        "account": group.identity.account,
        "region": group.identity.place,
        "log_group": group.identity.log_group,
        "start": None if first is None else records.instant(first),
        "end": None if last is None else records.instant(last),
        "spans": len(list(_spans(group))),
        "events": sum(file.events for file in group.files),
        "bytes": group.bytes,
    }


def _spans(group: KeptGroup) -> Iterator[tuple[int, int]]:
    """What is kept, without holes."""
    at: tuple[int, int] | None = None
    for file in group.files:
        if at is not None and file.start <= at[1] + 1:
            at = (at[0], max(at[1], file.end))
            continue
        if at is not None:
            yield at
        at = (file.start, file.end)
    if at is not None:
        yield at
