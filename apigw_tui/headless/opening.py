"""From config and TARGET words to a Source: AWS, the demo's emulator, files."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from getpass import getpass
from typing import TYPE_CHECKING

from apigw_tui.core.timerange import TimeRange, parse_range
from apigw_tui.errors import UsageError
from apigw_tui.headless.narration import say

if TYPE_CHECKING:
    from apigw_tui.config import Config
    from apigw_tui.emulator.conditions import Conditions
    from apigw_tui.emulator.lag import LagModel
    from apigw_tui.emulator.server import EmulatorServer
    from apigw_tui.sources.base import Source
    from apigw_tui.sources.event_cache import EventCache
    from apigw_tui.sources.mfa import MfaCodes, MfaQuestion
    from apigw_tui.sources.session import Aws, AwsSettings

DEFAULT_SINCE = "15m"
EVENTS_FOLDER = "events"


def now_ms() -> int:
    """The wall clock in epoch milliseconds."""
    return time.time_ns() // 1_000_000


@contextmanager
def open_aws(config: Config, *, clock: Callable[[], int] = now_ms, mfa: MfaCodes | None = None) -> Iterator[Aws]:
    """The AWS session of the config; with --demo the embedded endpoint, for as long as the context lasts.

    `mfa` asks for the codes of assumed roles; without it the terminal is asked, where there is one.
    """
    from apigw_tui.sources.session import Aws, AwsSettings  # noqa: PLC0415 - loads botocore

    if not config.demo:
        settings = settings_of(config)
        yield Aws(settings, mfa=mfa or terminal_codes(), event_cache=event_cache(config, settings))
        return
    with serve_shop(clock=clock) as server:
        yield Aws(AwsSettings.for_emulator(server.url))


def terminal_codes() -> MfaCodes:
    """MFA codes are asked for on the terminal; where stdin is none, nobody is asked."""
    from apigw_tui.sources.mfa import MfaCodes  # noqa: PLC0415 - not needed for files

    return MfaCodes(_ask_on_terminal if sys.stdin is not None and sys.stdin.isatty() else None)


def _ask_on_terminal(question: MfaQuestion) -> str | None:
    refused = "The last code was refused. " if question.again else ""
    try:
        return getpass(f"apigw-tui: {refused}MFA code of {question.serial} for {question.who}: ", sys.stderr)
    except EOFError:
        return None


def event_cache(config: Config, settings: AwsSettings) -> EventCache | None:
    """Where events are kept; nowhere with --no-cache, and nothing of an endpoint on this very machine."""
    from apigw_tui.sources.cache_place import cache_root  # noqa: PLC0415 - as below
    from apigw_tui.sources.event_cache import EventCache  # noqa: PLC0415 - loads polars
    from apigw_tui.sources.kept_history import is_on_loopback  # noqa: PLC0415 - as above

    if not config.cache or not config.cache_mb or is_on_loopback(settings.endpoint_url):
        return None
    return EventCache(cache_root() / EVENTS_FOLDER, megabytes=config.cache_mb)


def settings_of(config: Config) -> AwsSettings:
    """Account, region and endpoint of the config; not for the demo, whose endpoint is not known beforehand."""
    from apigw_tui.sources.session import AwsSettings  # noqa: PLC0415 - not needed for files

    return AwsSettings(
        profile=config.profile,
        region=config.region,
        endpoint_url=config.endpoint_url,
        verify_ssl=config.verify_ssl,
        ca_bundle=config.ca_bundle,
    )


@contextmanager
def serve_shop(
    *,
    port: int = 0,
    scenario: str | None = None,
    clock: Callable[[], int] = now_ms,
    conditions: Conditions | None = None,
    lag: LagModel | None = None,
) -> Iterator[EmulatorServer]:
    """The invented shop on loopback; with `lag` everything is seen later still."""
    from apigw_tui.emulator.lag import LaggedFeed  # noqa: PLC0415 - only for the demo
    from apigw_tui.emulator.server import EmulatorServer  # noqa: PLC0415 - only for the demo
    from apigw_tui.emulator.traffic import Shop  # noqa: PLC0415

    shop = Shop(scenario=scenario, epoch=clock())
    feed = shop if lag is None else LaggedFeed(shop, lag)
    with EmulatorServer(feed, shop, clock=clock, port=port, conditions=conditions, traces=shop) as server:
        yield server


@contextmanager
def open_source(config: Config, targets: Sequence[str]) -> Iterator[Source]:
    """The targets as one source."""
    if not targets:
        raise UsageError("Name at least one TARGET.", "`apigw-tui stages` lists what there is; or add --demo.")
    from apigw_tui.sources.targets import resolve  # noqa: PLC0415 - loads polars

    with open_aws(config) as aws:
        source = resolve(
            targets,
            aws,
            access_format=config.access_format,
            filter_pattern=config.filter_pattern,
            clock=now_ms,
        )
        for note in source.notes:
            say(f"apigw-tui: {note}")
        yield source


def range_of(config: Config, *, live: bool, default_since: str = DEFAULT_SINCE, now: int | None = None) -> TimeRange:
    """The range to read: what was asked for; without, the last minutes of CloudWatch, everything of a file."""
    now = now_ms() if now is None else now
    if config.since is None and config.until is None and not live:
        return TimeRange(0, None)
    since = config.since or (default_since if live else None)
    if since is None:
        return TimeRange(0, parse_range("15m", config.until, now=now, tz=config.timezone).end)
    return parse_range(since, config.until, now=now, tz=config.timezone)
