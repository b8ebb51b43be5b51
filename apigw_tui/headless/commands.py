"""The commands that print and exit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from apigw_tui.core import records
from apigw_tui.core.difference_sides import Comparison
from apigw_tui.core.kin import kin_of
from apigw_tui.core.query import parse
from apigw_tui.core.schema import EVENTS
from apigw_tui.core.stats import STATS_COLUMNS, stats
from apigw_tui.core.story import build_story, story_json
from apigw_tui.core.story_markdown import story_markdown
from apigw_tui.core.view import Viewer
from apigw_tui.errors import AppError, ExitCode, UsageError
from apigw_tui.headless import opening, output, text
from apigw_tui.headless.causes import Explainer, candidates
from apigw_tui.headless.caveats import caveat_lines, caveat_markdown, stats_caveats, story_caveats
from apigw_tui.headless.difference_text import difference_lines, difference_markdown, differences_json
from apigw_tui.headless.narration import say
from apigw_tui.headless.reading import Reading, request_records
from apigw_tui.headless.redaction import redactor
from apigw_tui.headless.stage_listing import list_stages
from apigw_tui.headless.story_text import story_lines
from apigw_tui.headless.story_trace import trace_lines, trace_region, with_trace
from apigw_tui.headless.tailing import tail

if TYPE_CHECKING:
    from apigw_tui.config import Config
    from apigw_tui.core.view import View

_ROWS_AT_ONCE: Final = 10_000
_SHOW_RANGES: Final = ("15m", "3h", "24h")


def run(command: str, words: Sequence[str], config: Config, flags: Mapping[str, Any]) -> int:
    """Run one command; errors are raised as AppError after what could be read was printed."""
    if command == "tail":
        return tail(words, config, flags)
    if command == "emulator":
        from apigw_tui.headless.serving import serve  # noqa: PLC0415 - needs no polars

        return serve(flags)
    if command == "doctor":
        from apigw_tui.headless.doctoring import doctor  # noqa: PLC0415 - loads botocore

        return doctor(words, config)
    if command == "config":
        from apigw_tui.headless.config_listing import show_config  # noqa: PLC0415 - only here

        return show_config(words, config)
    if command == "cache":
        from apigw_tui.headless.caching import cache  # noqa: PLC0415 - only here

        return cache(words, config)
    return _COMMANDS[command](words, config)


def _requests(words: Sequence[str], config: Config) -> int:
    form = output.choose_form("requests", config.output)
    with opening.open_source(config, words) as source:
        reading, view, _ = _read(source, config, "requests")
        mask = redactor(reveal=config.reveal)
        pages = (view.slice(start, _ROWS_AT_ONCE) for start in range(0, len(view), _ROWS_AT_ONCE))
        rows = (mask(record) for page in pages for record in request_records(reading.store, page))
        style = text.text_style(config.timezone, color=config.color)
        printed = output.write_records(rows, form, text=lambda some: text.request_lines(some, style))
        return _finish(reading, printed)


def _events(words: Sequence[str], config: Config) -> int:
    form = output.choose_form("events", config.output)
    with opening.open_source(config, words) as source:
        reading, view, _ = _read(source, config, "events")
        mask = redactor(reveal=config.reveal)
        rows = (mask(records.event_json(row)) for row in _rows(view))
        style = text.text_style(config.timezone, color=config.color)
        printed = output.write_records(rows, form, text=lambda some: text.event_lines(some, style))
        return _finish(reading, printed)


def _stats(words: Sequence[str], config: Config) -> int:
    form = output.choose_form("stats", config.output)
    with opening.open_source(config, words) as source:
        reading, view, time_range = _read(source, config, "requests")
        snapshot = reading.store.snapshot()
        requests = view.frame((*STATS_COLUMNS, "truncated_lines"))
        start = time_range.start or view.first_time
        newest = opening.now_ms() if source.live else view.last_time
        end = time_range.end or newest
        record = stats(requests, start=start, end=end, events=snapshot.event_count, unparsed=snapshot.unparsed)
        window = (start or 0, (end or start or 0) + 1)
        found = Comparison(snapshot, parse(config.query), time_range, reading.store.formats, window).differences()
        record["differences"] = differences_json(found)
        style = text.text_style(config.timezone, color=config.color)
        mask = redactor(reveal=config.reveal)
        untold = stats_caveats(source, requests)
        if form == "markdown":
            output.write_records(record["routes"], form, text=lambda _: ())
            output.write_lines(difference_markdown(found, reveal=config.reveal))
            output.write_lines(caveat_markdown(untold))
        elif form == "text":
            output.write_lines(text.stats_lines(mask(record), style))
            output.write_lines(difference_lines(found, style, reveal=config.reveal))
            output.write_lines(caveat_lines(untold, style))
        else:
            output.write_lines([output.dumps(mask(record))])
        return _finish(reading, view.total)


def _show(words: Sequence[str], config: Config) -> int:
    form = output.choose_form("show", config.output)
    if len(words) < _SHOW_WORDS:
        raise UsageError("`show` needs a request ID and a TARGET.", "E.g. apigw-tui show 8f0c2a1e-… orders/prod")
    identifier, *targets = words
    with opening.open_source(config, targets) as source:
        reading, row = _find(source, config, identifier)
        reading.complete(row)
        store = reading.store
        events = store.events_of(row["key"]).select(EVENTS.names())
        function = store.function_of(row["key"])
        story = build_story(events, store.formats, function=function, kin=kin_of(store, row))
        story = with_trace(story, reading)
        record = redactor(reveal=config.reveal)(story_json(story))
        style = text.text_style(config.timezone, color=config.color)
        untold = story_caveats(source, story.row)
        if form == "markdown":
            output.write_lines([story_markdown(story, reveal=config.reveal, region=trace_region(source))])
            output.write_lines(caveat_markdown(untold))
        elif form == "text":
            told = trace_lines(record, story.trace, region=trace_region(source))
            output.write_lines(story_lines(story, record, style, reveal=config.reveal, trace=told))
            output.write_lines(caveat_lines(untold, style))
        else:
            output.write_lines([output.dumps(record)])
        reading.raise_error()
        return int(ExitCode.OK)


_SHOW_WORDS: Final = 2


_COMMANDS: Final[Mapping[str, Callable[[Sequence[str], Config], int]]] = {
    "requests": _requests,
    "events": _events,
    "stats": _stats,
    "show": _show,
    "stages": list_stages,
}


def _read(source: Any, config: Config, mode: Any) -> tuple[Reading, View, Any]:
    query = parse(config.query)
    time_range = opening.range_of(config, live=source.live)
    reading = Reading.of(source, config).read(time_range)
    viewer = Viewer(reading.store.formats)
    if mode == "requests":
        failing = viewer.requests(reading.store.snapshot(), candidates(query), time_range)
        Explainer(reading).explain(part.frame for part in failing.parts)
    view = viewer.view(reading.store.snapshot(), query, mode=mode, time_range=time_range)
    return reading, view, time_range


def _rows(view: View) -> Iterator[dict[str, Any]]:
    for start in range(0, len(view), _ROWS_AT_ONCE):
        yield from view.slice(start, _ROWS_AT_ONCE)


def _finish(reading: Reading, printed: int) -> int:
    reading.narrate(printed)
    reading.raise_error()
    return int(ExitCode.OK)


def _find(source: Any, config: Config, identifier: str) -> tuple[Reading, dict[str, Any]]:
    """The request with this ID: in the range asked for, else in wider and wider ones."""
    spans = (config.since,) if config.since or not source.live else _SHOW_RANGES
    for span in spans:
        reading = Reading.of(source, config)
        time_range = opening.range_of(config, live=source.live, default_since=span or opening.DEFAULT_SINCE)
        reading.find(identifier, time_range)
        found = reading.store.find(identifier)
        if found.height:
            if found.height > 1:
                say(f"apigw-tui: {found.height} requests carry {identifier}; this is the newest.")
            return reading, found.row(-1, named=True)
        reading.raise_error()
    where = f"the last {spans[-1]}" if spans[-1] else "what was read"
    raise AppError(
        f"No request {identifier} in {source.title} within {where}.",
        "Name an earlier --since, or check the target." if source.live else "Check the ID.",
    )
