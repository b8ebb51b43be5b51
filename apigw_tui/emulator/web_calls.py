"""Draws the requests to the HTTP API, one minute of one stage at a time."""

from __future__ import annotations

import random
from itertools import accumulate
from typing import Final

from apigw_tui.emulator.calls import OUTCOMES, Call
from apigw_tui.emulator.catalogue import STOREFRONT_WEB, Route, ShopStage
from apigw_tui.emulator.clients import MOBILE, WEB
from apigw_tui.emulator.details import fill, response_bytes
from apigw_tui.emulator.dice import arrivals, dice, duration, short_id
from apigw_tui.emulator.fleet import Fleet
from apigw_tui.emulator.rest_calls import MINUTE_MS, ROUNDED_UP_SHARE, day_shape

LOST_SHARE: Final = 0.02
_LOST: Final = ("/favicon.ico", "/robots.txt", "/wp-admin/setup.php", "/p")


def web_calls(seed: int, stage: ShopStage, minute: int) -> list[Call]:
    """The requests that start in the minute, by the time they started."""
    rng = dice(seed, "calls", stage.scope, minute)
    version = STOREFRONT_WEB.version if stage.alias else "$LATEST"
    fleet = Fleet(STOREFRONT_WEB, version, minute, scope=stage.scope)
    bounds = list(accumulate(route.weight for route in stage.routes))
    offsets = arrivals(rng, stage.rate * 60 * day_shape(minute))
    routes = rng.choices(stage.routes, cum_weights=bounds, k=len(offsets))
    base = minute * MINUTE_MS
    return [
        _lost(rng, stage, base + offset)
        if rng.random() < LOST_SHARE
        else _served(rng, stage, base + offset, (route, fleet))
        for offset, route in zip(offsets, routes, strict=True)
    ]


def _served(rng: random.Random, stage: ShopStage, at: int, answering: tuple[Route, Fleet]) -> Call:
    route, fleet = answering
    (status,) = rng.choices([s for s, _ in route.answers], [share for _, share in route.answers])
    run = fleet.run(rng, at + 1, min(duration(rng, route.median_ms), 8_000.0))
    integration_ms = run.ended_at - at + int(rng.random() * 3)
    client = WEB if rng.random() > ROUNDED_UP_SHARE else MOBILE
    request_id = short_id(rng)
    return Call(
        stage=stage,
        request_id=request_id,
        extended_request_id=request_id,
        trace_id=None,
        started_at=at,
        latency_ms=integration_ms + 2 + (rng.random() < ROUNDED_UP_SHARE),
        method=route.method,
        path=fill(rng, route.template),
        query="",
        route=route,
        client=client,
        source_ip=client.address(rng),
        user_agent=client.agent(rng),
        outcome=OUTCOMES["served"],
        status=status,
        response_bytes=response_bytes(rng, OUTCOMES["served"], status),
        integration_at=at + 1,
        integration_ms=integration_ms,
        integration_request_id=run.request_id,
        run=run,
    )


def _lost(rng: random.Random, stage: ShopStage, at: int) -> Call:
    outcome = OUTCOMES["not_found"]
    request_id = short_id(rng)
    return Call(
        stage=stage,
        request_id=request_id,
        extended_request_id=request_id,
        trace_id=None,
        started_at=at,
        latency_ms=1,
        method="GET",
        path=rng.choice(_LOST),
        query="",
        route=None,
        client=WEB,
        source_ip=WEB.address(rng),
        user_agent=WEB.agent(rng),
        outcome=outcome,
        status=outcome.status,
        response_bytes=response_bytes(rng, outcome, outcome.status),
    )
