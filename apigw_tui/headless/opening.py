"""From config and TARGET words to a Source: AWS, the demo's emulator, files."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from apigw_tui.core.timerange import TimeRange, parse_range
from apigw_tui.errors import UsageError

if TYPE_CHECKING:
    from apigw_tui.config import Config
    from apigw_tui.emulator.server import EmulatorServer
    from apigw_tui.sources.base import Source
    from apigw_tui.sources.session import Aws

DEFAULT_SINCE = "15m"


def now_ms() -> int:
    """The wall clock in epoch milliseconds."""
    return time.time_ns() // 1_000_000


@contextmanager
def open_aws(config: Config, *, clock: Callable[[], int] = now_ms) -> Iterator[Aws]:
    """The AWS session of the config; with --demo the embedded endpoint, for as long as the context lasts."""
    from apigw_tui.sources.session import Aws, AwsSettings  # noqa: PLC0415 - loads botocore

    if not config.demo:
        settings = AwsSettings(
            profile=config.profile,
            region=config.region,
            endpoint_url=config.endpoint_url,
            verify_ssl=config.verify_ssl,
            ca_bundle=config.ca_bundle,
        )
        yield Aws(settings)
        return
    with serve_shop(clock=clock) as server:
        yield Aws(AwsSettings.for_emulator(server.url))


@contextmanager
def serve_shop(
    *, port: int = 0, scenario: str | None = None, clock: Callable[[], int] = now_ms
) -> Iterator[EmulatorServer]:
    """The invented shop on loopback."""
    from apigw_tui.emulator.server import EmulatorServer  # noqa: PLC0415 - only for the demo
    from apigw_tui.emulator.traffic import Shop  # noqa: PLC0415

    shop = Shop(scenario=scenario, epoch=clock())
    with EmulatorServer(shop, shop, clock=clock, port=port) as server:
        yield server


@contextmanager
def open_source(config: Config, targets: Sequence[str]) -> Iterator[Source]:
    """The targets as one source."""
    if not targets:
        raise UsageError("Name at least one TARGET.", "`apigw-tui stages` lists what there is; or add --demo.")
    from apigw_tui.sources.targets import resolve  # noqa: PLC0415 - loads polars

    with open_aws(config) as aws:
        yield resolve(
            targets,
            aws,
            access_format=config.access_format,
            filter_pattern=config.filter_pattern,
            clock=now_ms,
        )


def range_of(config: Config, *, live: bool, default_since: str = DEFAULT_SINCE, now: int | None = None) -> TimeRange:
    """The range to read: what was asked for; without, the last minutes of CloudWatch, everything of a file."""
    now = now_ms() if now is None else now
    if config.since is None and config.until is None and not live:
        return TimeRange(0, None)
    since = config.since or (default_since if live else None)
    if since is None:
        return TimeRange(0, parse_range("15m", config.until, now=now, tz=config.timezone).end)
    return parse_range(since, config.until, now=now, tz=config.timezone)
