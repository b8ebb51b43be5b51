"""Draws the WebSocket API's connections and writes their execution log.

The wording of these execution lines is taken from descriptions: no capture from AWS is public.
"""

from __future__ import annotations

import random
from typing import Final, NamedTuple

from apigw_tui.emulator.batches import Line
from apigw_tui.emulator.calls import OUTCOMES, Call
from apigw_tui.emulator.catalogue import CHAT_MESSAGES, ShopStage
from apigw_tui.emulator.clients import MOBILE, WEB, Client
from apigw_tui.emulator.details import CHAT_CRASHES
from apigw_tui.emulator.dice import arrivals, dice, duration, short_id, uuid
from apigw_tui.emulator.fleet import Fleet
from apigw_tui.emulator.rest_calls import MINUTE_MS, day_shape

CONNECTIONS_PER_MINUTE: Final = 4.0
LONGEST_MINUTES: Final = 8
MESSAGE_GAP_MS: Final = 9_000
TYPO_SHARE: Final = 0.04
CRASH_SHARE: Final = 0.01
REFUSED_SHARE: Final = 0.06


class _Beat(NamedTuple):
    """Something that a connected client does."""

    at: int
    route_key: str
    event_type: str
    connection_id: str
    client: Client
    source_ip: str
    user_agent: str


def websocket_calls(seed: int, stage: ShopStage, minute: int) -> list[Call]:
    """The requests of all open connections that start in the minute, by the time they started."""
    start = minute * MINUTE_MS
    beats = [
        beat
        for opened in range(minute - LONGEST_MINUTES, minute + 1)
        for beat in _beats(seed, stage, opened)
        if start <= beat.at < start + MINUTE_MS
    ]
    beats.sort(key=lambda beat: beat.at)
    rng = dice(seed, "calls", stage.scope, minute)
    fleet = Fleet(CHAT_MESSAGES, CHAT_MESSAGES.version, minute, scope=stage.scope)
    return [_call(rng, stage, beat, fleet) for beat in beats]


def _beats(seed: int, stage: ShopStage, minute: int) -> list[_Beat]:
    """The lives of the connections that open in a minute."""
    rng = dice(seed, "connections", stage.scope, minute)
    beats: list[_Beat] = []
    for offset in arrivals(rng, CONNECTIONS_PER_MINUTE * day_shape(minute)):
        opened = minute * MINUTE_MS + offset
        client = WEB if rng.random() < 0.5 else MOBILE  # noqa: PLR2004 (even odds)
        who = (short_id(rng), client, client.address(rng), client.agent(rng))
        if rng.random() < REFUSED_SHARE:
            beats.append(_Beat(opened, "-", "-", *who))
            continue
        beats.append(_Beat(opened, "$connect", "CONNECT", *who))
        closed = opened + min(int(duration(rng, 110_000, 0.9)), (LONGEST_MINUTES - 1) * MINUTE_MS)
        at = opened + 400 + int(rng.expovariate(1 / MESSAGE_GAP_MS))
        while at < closed:
            route_key = "$default" if rng.random() < TYPO_SHARE else "sendMessage"
            beats.append(_Beat(at, route_key, "MESSAGE", *who))
            at += 250 + int(rng.expovariate(1 / MESSAGE_GAP_MS))
        beats.append(_Beat(closed, "$disconnect", "DISCONNECT", *who))
    return beats


def _call(rng: random.Random, stage: ShopStage, beat: _Beat, fleet: Fleet) -> Call:
    route = next((route for route in stage.routes if route.template == beat.route_key), None)
    if route is None:
        return _refused(rng, stage, beat)
    crashed = beat.event_type == "MESSAGE" and rng.random() < CRASH_SHARE
    run = fleet.run(rng, beat.at + 3, duration(rng, route.median_ms), "error" if crashed else "success")
    integration_ms = run.ended_at - beat.at - 3 + int(rng.random() * 4)
    request_id = short_id(rng)
    return Call(
        stage=stage,
        request_id=request_id,
        extended_request_id=request_id,
        trace_id=None,
        started_at=beat.at,
        latency_ms=integration_ms + 4,
        method="-",
        path="",
        query="",
        route=route,
        client=beat.client,
        source_ip=beat.source_ip,
        user_agent=beat.user_agent,
        outcome=OUTCOMES["crashed" if crashed else "served"],
        status=500 if crashed else 200,
        response_bytes=0,
        integration_at=beat.at + 3,
        integration_ms=integration_ms,
        integration_request_id=run.request_id,
        run=run,
        detail=CHAT_CRASHES[0].message if crashed else "",
        connection_id=beat.connection_id,
        event_type=beat.event_type,
    )


def _refused(rng: random.Random, stage: ShopStage, beat: _Beat) -> Call:
    """An upgrade that failed: no connection, no route, and a UUID for a request ID."""
    outcome = OUTCOMES["upgrade_refused"]
    request_id = uuid(rng)
    return Call(
        stage=stage,
        request_id=request_id,
        extended_request_id=request_id,
        trace_id=None,
        started_at=beat.at,
        latency_ms=2,
        method="-",
        path="",
        query="",
        route=None,
        client=beat.client,
        source_ip=beat.source_ip,
        user_agent=beat.user_agent,
        outcome=outcome,
        status=outcome.status,
        response_bytes=0,
    )


def websocket_lines(call: Call) -> list[Line]:
    """The execution lines of one request; none for an upgrade that failed."""
    if call.route is None or call.integration_at is None:
        return []
    api, connection = f"API [{call.api_id}]", f"Client [Connection Id: {call.connection_id}]"
    begun = [
        f"Extended Request Id: {call.extended_request_id}",
        f"Starting execution for request: {call.request_id}",
        f"WebSocket Request Route: [{call.route.template}]",
    ]
    if call.event_type == "CONNECT":
        who = f"Client [UserAgent: {call.user_agent}, SourceIp: {call.source_ip}]"
        begun.append(f"{who} is connecting to WebSocket {api}.")
    elif call.event_type == "MESSAGE":
        whom = f"client [Connection Id: {call.connection_id}]"
        begun.append(f"WebSocket {api} received message from {whom}.")
    lines: list[Line] = [(call.started_at + min(index, 2), body) for index, body in enumerate(begun)]
    lines += [(call.ended_at, body) for body in (*_answer(call, api, connection), *_end(call))]
    return [(at, f"({call.request_id}) {body}") for at, body in lines]


def _answer(call: Call, api: str, connection: str) -> list[str]:
    if call.outcome.name == "crashed":
        why = f"Lambda execution failed with status 200 due to customer function error: {call.detail}"
        return [f"{why}. Lambda request id: {call.integration_request_id}"]
    received = f"Received response. Status: 200, Integration latency: {call.integration_ms} ms"
    if call.event_type == "CONNECT":
        return [received, f"{connection} connected to {api} successfully."]
    if call.event_type == "DISCONNECT":
        return [received, f"{connection} disconnected from {api}. Close reason: [1001: Going away]"]
    sent = f"Message from client [Connection Id: {call.connection_id}]"
    return [received, f"{sent} sent to {api} with response status code [200]."]


def _end(call: Call) -> list[str]:
    return [
        f"AWS Integration Endpoint RequestId : {call.integration_request_id}",
        f"Connection API request completed with status: {call.status}",
    ]
