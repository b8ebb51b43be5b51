"""Draws the requests to the REST APIs, one minute of one stage at a time."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Final

from apigw_tui.emulator.calls import OUTCOMES, Call, Outcome, Run, RunEnd
from apigw_tui.emulator.catalogue import (
    BAD_DEPLOY_VERSION,
    ORDERS_AUTHORIZER,
    ORDERS_READ,
    ORDERS_WRITE,
    Function,
    Route,
    ShopStage,
)
from apigw_tui.emulator.clients import FLOOD, MONITOR, STRANGER, ApiKey, Client, regulars
from apigw_tui.emulator.details import (
    BAD_DEPLOY,
    READ_CRASHES,
    WRITE_CRASHES,
    broken_body,
    fill,
    lost_path,
    query_of,
    response_bytes,
)
from apigw_tui.emulator.dice import Odds, arrivals, dice, duration, short_id, trace_id, uuid
from apigw_tui.emulator.fleet import Fleet
from apigw_tui.emulator.sampling import SHOP_RULE
from apigw_tui.emulator.scenarios import Effects

MINUTE_MS: Final = 60_000
LIMIT_MS: Final = 29_000
"""API Gateway waits no longer for an integration."""
UNKNOWN_KEY: Final = ApiKey("q0ZZ1p", "-")
FLOOD_RATE: Final = 7.0
LEAK_RATE: Final = 26.0
CACHED_SHARE: Final = 0.55
"""Authorizer answers that API Gateway still remembers."""
ROUNDED_UP_SHARE: Final = 0.35
"""Steps that cross into the next millisecond."""
GUESSED_WRONG_SHARE: Final = 0.6
"""Identifiers that a stranger makes up and that do not exist."""


def day_shape(minute: int) -> float:
    """How busy the shop is: calm at night (UTC), busy in the afternoon, never quite the same."""
    hour = minute / 60 % 24
    return 1.0 + 0.2 * math.sin((hour - 9.0) * math.pi / 12.0) + 0.04 * math.sin(minute * 0.9)


def _sampled(calls: list[Call]) -> list[Call]:
    """Marks those that X-Ray records."""
    in_second: Counter[int] = Counter()
    marked: list[Call] = []
    for call in calls:
        second = call.started_at // 1000
        records = call.trace_id is not None and SHOP_RULE.records(call.trace_id, in_second[second])
        in_second[second] += 1
        marked.append(replace(call, is_sampled=True) if records else call)
    return marked


def _gates(route: Route, client: Client, effects: Effects) -> list[tuple[str, float]]:
    chances: list[tuple[str, float]] = []
    stranger = client is STRANGER
    if route.uri or route.function:
        chances.append(("no_route", 0.2 if stranger else 0.004))
    if route.authorized:
        chances += [
            ("identity_missing", 0.25 if stranger else 0.004),
            ("token_refused", 0.003 + effects.token_refused),
            ("authorizer_down", effects.authorizer_down),
            ("denied", 0.3 if stranger else 0.001),
        ]
    if route.keyed:
        held_back = {FLOOD: 0.5 + 0.35 * effects.throttled, STRANGER: 0.62}.get(client, 0.0006)
        chances += [
            ("key_missing", 0.0 if stranger else 0.004),
            ("key_unknown", 0.001),
            ("throttled", held_back),
        ]
    if route.validated:
        chances.append(("bad_body", 0.03))
    return chances


def _integration(route: Route, effects: Effects) -> list[tuple[str, float]]:
    if route.function is ORDERS_READ:
        return [
            ("function_throttled", 0.0002),
            ("function_timeout", 0.0004),
            ("crashed", 0.0008 + effects.crashing),
            ("malformed", 0.0002 + effects.malformed),
        ]
    if route.function is ORDERS_WRITE:
        hanging = effects.hanging if route.hangs else 0.0
        return [("function_throttled", 0.0003), ("hung", 0.0004 + hanging), ("crashed", 0.001)]
    if route.uri and "sqs." in route.uri:
        return [("no_mapping", 0.05)]
    if route.uri and "warehouse" in route.uri:
        return [("hung", 0.012), ("untrusted", 0.008), ("broken_link", 0.006)]
    if route.uri:
        return [("hung", 0.0003), ("broken_link", 0.0006)]
    return []


def _sent_key(client: Client, route: Route, outcome: Outcome) -> ApiKey | None:
    if not route.keyed or outcome.name in {"no_route", "key_missing"}:
        return None
    return UNKNOWN_KEY if outcome.name == "key_unknown" else client.key


@dataclass(frozen=True, slots=True)
class _Answer:
    """How long the integration took (None: a mock, not asked) and whom API Gateway asked."""

    took_ms: int | None
    request_id: str | None = None
    run: Run | None = None


class RestMinute:
    """The requests to one REST stage that start in one minute."""

    def __init__(self, seed: int, stage: ShopStage, minute: int, effects: Effects) -> None:
        """Prepare the dice and the containers."""
        self._stage = stage
        self._minute = minute
        self._effects = effects
        self._rng = dice(seed, "calls", stage.scope, minute)
        self._odds: dict[tuple[int, int], Odds] = {}
        versions = {ORDERS_READ.name: BAD_DEPLOY_VERSION} if effects.crashing else {}
        self._fleets = {
            function.name: Fleet(
                function,
                versions.get(function.name, function.version) if stage.alias else "$LATEST",
                minute,
                scope=stage.scope,
                warm=4 + int(70 * effects.hanging) if function is ORDERS_WRITE else 4,
            )
            for function in (ORDERS_READ, ORDERS_WRITE, ORDERS_AUTHORIZER)
        }

    def calls(self) -> list[Call]:
        """All of them, by the time they started."""
        visits = self._regular_visits()
        if self._effects.throttled:
            visits += self._visits(FLOOD, FLOOD_RATE * self._effects.throttled)
        if self._effects.leaked:
            visits += self._visits(STRANGER, LEAK_RATE * self._effects.leaked)
        visits.sort(key=lambda visit: visit[0])
        base = self._minute * MINUTE_MS
        calls = [self._call(base + offset, client, route) for offset, client, route in visits]
        return _sampled(calls) if self._stage.tracing else calls

    def _regular_visits(self) -> list[tuple[int, Client, Route]]:
        rng, routes = self._rng, self._stage.routes
        offsets = arrivals(rng, self._stage.rate * 60 * day_shape(self._minute))
        bounds = list(accumulate(route.weight for route in routes))
        chosen = rng.choices(routes, cum_weights=bounds, k=len(offsets))
        clients = regulars(rng, len(offsets))
        return [
            (offset, MONITOR if route.template == "/health" else client, route)
            for offset, client, route in zip(offsets, clients, chosen, strict=True)
        ]

    def _visits(self, client: Client, rate: float) -> list[tuple[int, Client, Route]]:
        routes = [r for r in self._stage.routes if r.keyed and r.method == "GET"]
        offsets = arrivals(self._rng, rate * 60)
        return [(offset, client, self._rng.choice(routes)) for offset in offsets]

    def _call(self, at: int, client: Client, route: Route) -> Call:
        rng = self._rng
        outcome = OUTCOMES[self._odds_of(route, client).roll(rng)]
        run, authorizer_ms = self._authorize(at, route, outcome)
        ready = at + 2 + (authorizer_ms or 0) + (rng.random() < ROUNDED_UP_SHARE)
        integration_at = ready if outcome.gate in {"integration", "done"} else None
        backend = self._integrate(ready, route, outcome) if integration_at is not None else None
        lost = outcome.name == "no_route"
        integration_ms = backend.took_ms if backend else None
        path = lost_path(rng) if lost else fill(rng, route.template)
        status = outcome.status or self._answer(route, client)
        end = ready + (integration_ms or 0) + (rng.random() < ROUNDED_UP_SHARE)
        return Call(
            stage=self._stage,
            request_id=uuid(rng),
            extended_request_id=short_id(rng),
            trace_id=trace_id(rng, at) if self._stage.tracing else None,
            started_at=at,
            latency_ms=end - at,
            method=route.method,
            path=path,
            query=query_of(rng, route),
            route=None if lost else route,
            client=client,
            source_ip=client.address(rng),
            user_agent=client.agent(rng),
            outcome=outcome,
            status=status,
            response_bytes=response_bytes(rng, outcome, status),
            api_key=_sent_key(client, route, outcome),
            authorizer_ms=authorizer_ms,
            authorizer_run=run,
            integration_at=integration_at if backend and integration_ms is not None else None,
            integration_ms=integration_ms,
            integration_request_id=backend.request_id if backend else None,
            run=backend.run if backend else None,
            detail=self._detail(route, outcome),
        )

    def _odds_of(self, route: Route, client: Client) -> Odds:
        """What can happen; drawn up once a minute for each pair (their hashes cost more than the roll)."""
        pair = (id(route), id(client))
        odds = self._odds.get(pair)
        if odds is None:
            chances = [*_gates(route, client, self._effects), *_integration(route, self._effects)]
            odds = self._odds[pair] = Odds(chances, "served")
        return odds

    def _answer(self, route: Route, client: Client) -> int:
        if client is STRANGER and route.template.endswith("}") and self._rng.random() < GUESSED_WRONG_SHARE:
            return 404
        roll = self._rng.random()
        for status, share in route.answers:
            roll -= share
            if roll < 0:
                return status
        return route.answers[0][0]

    def _authorize(self, at: int, route: Route, outcome: Outcome) -> tuple[Run | None, int | None]:
        """The authorizer's run and how long API Gateway waited for it."""
        rng = self._rng
        if not route.authorized or outcome.name in {"no_route", "identity_missing"}:
            return None, None
        asked = outcome.gate == "authorizer" or rng.random() >= CACHED_SHARE
        if not asked:
            return None, None
        crash = outcome.name in {"authorizer_down", "token_refused"}
        took = duration(rng, 17.0, 0.45)
        run = self._fleets[ORDERS_AUTHORIZER.name].run(rng, at + 2, took, "error" if crash else "success")
        return run, run.ended_at - at + 2 + int(rng.random() * 4)

    def _integrate(self, at: int, route: Route, outcome: Outcome) -> _Answer:
        rng = self._rng
        if route.function is None and route.uri is None:
            return _Answer(None)
        if outcome.name == "function_throttled":
            return _Answer(9 + int(rng.random() * 20), uuid(rng))
        if route.function is not None:
            return self._invoke(at, route, route.function, outcome)
        if outcome.name == "hung":
            return _Answer(LIMIT_MS + 1 + int(rng.random() * 30))
        if outcome.name in {"untrusted", "broken_link"}:
            return _Answer(8 + int(rng.random() * 40))
        return _Answer(max(3, int(duration(rng, route.median_ms))))

    def _invoke(self, at: int, route: Route, function: Function, outcome: Outcome) -> _Answer:
        rng = self._rng
        took, end = self._run_time(route, function, outcome)
        run = self._fleets[function.name].run(rng, at, took, end)
        if outcome.name == "hung":
            return _Answer(LIMIT_MS + 1 + int(rng.random() * 30), None, run)
        return _Answer(run.ended_at - at + 2 + int(rng.random() * 5), run.request_id, run)

    def _run_time(self, route: Route, function: Function, outcome: Outcome) -> tuple[float, RunEnd]:
        rng, limit = self._rng, function.timeout_s * 1000.0
        if outcome.name == "function_timeout":
            return limit, "timeout"
        if outcome.name == "crashed":
            return duration(rng, route.median_ms * 0.4), "error"
        if outcome.name == "hung":
            waited = 30_500.0 + rng.random() * 22_000.0
            return (limit, "timeout") if waited >= limit else (waited, "success")
        return min(duration(rng, route.median_ms), 8_000.0), "success"

    def _detail(self, route: Route, outcome: Outcome) -> str:
        if outcome.name == "bad_body":
            return broken_body(self._rng)
        if outcome.name != "crashed":
            return ""
        if route.function is ORDERS_WRITE:
            return self._rng.choice(WRITE_CRASHES).message
        return BAD_DEPLOY.message if self._effects.crashing else self._rng.choice(READ_CRASHES).message
