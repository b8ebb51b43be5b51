"""Scenarios: each has its own signature, and by default something is always wrong."""

from __future__ import annotations

from collections import Counter

import pytest

from apigw_tui.emulator.calls import Call
from apigw_tui.emulator.clients import FLOOD, STRANGER
from apigw_tui.emulator.rest_calls import MINUTE_MS
from apigw_tui.emulator.scenarios import SCENARIOS, SLOT_MINUTES, Effects, effects_at
from apigw_tui.emulator.stages import ORDERS_ID
from apigw_tui.emulator.traffic import Shop

NOON = 29_640_240
"""A minute since the epoch."""


def orders_calls(scenario: str | None, minutes: int = 5, *, last: int = NOON) -> tuple[Call, ...]:
    shop = Shop(7, scenario=scenario, epoch=(last + 1) * MINUTE_MS)
    return shop.requests(ORDERS_ID, "prod", (last - minutes + 1) * MINUTE_MS, (last + 1) * MINUTE_MS - 1)


def server_error_share(calls: tuple[Call, ...]) -> float:
    return sum(call.status >= 500 for call in calls) / len(calls)


def group_of(shop: Shop, name: str, minutes: int = 2) -> str:
    end = NOON * MINUTE_MS
    return "".join(event.message for event in shop.events(name, end - minutes * MINUTE_MS, end))


def test_the_names_are_those_of_the_command_line() -> None:
    assert list(SCENARIOS) == [
        "steady",
        "slow-backend",
        "bad-deploy",
        "throttled",
        "authorizer-outage",
        "key-leak",
    ]


def test_a_named_scenario_is_the_same_in_every_minute() -> None:
    assert {effects_at(minute, "slow-backend") for minute in range(NOON, NOON + 90)} == {
        SCENARIOS["slow-backend"].effects
    }


def test_an_unknown_scenario_is_refused_with_the_names_that_exist() -> None:
    with pytest.raises(ValueError, match="slow-backend"):
        Shop(scenario="earthquake")


def test_effects_can_be_weakened_and_combined() -> None:
    both = Effects(hanging=0.8).scaled(0.5).with_(Effects(hanging=0.1, leaked=1.0))
    assert both == Effects(hanging=0.4, leaked=1.0)


def test_a_steady_shop_answers_almost_everyone() -> None:
    calls = orders_calls("steady", minutes=20)
    assert server_error_share(calls) < 0.01
    seen = Counter(call.status for call in calls)
    assert {200, 201, 204, 304, 400, 401, 403, 404, 409} <= set(seen)


def test_a_slow_backend_ends_in_504_for_writes_only() -> None:
    calls = orders_calls("slow-backend")
    hung = [call for call in calls if call.cause == "integration_timeout"]
    assert len(hung) / len(calls) > 0.08
    assert {call.method for call in hung} <= {"POST", "PATCH"}
    assert all(call.status == 504 and 29_000 < call.latency_ms < 30_500 for call in hung)
    assert all(call.integration_request_id is None and call.run is not None for call in hung)


def test_a_hanging_function_warns_and_is_still_running_when_the_client_gets_its_504() -> None:
    shop = Shop(7, scenario="slow-backend", epoch=NOON * MINUTE_MS)
    call = next(call for call in orders_calls("slow-backend") if call.cause == "integration_timeout")
    run = call.run
    assert run is not None
    lines = [
        event
        for event in shop.events(run.function.log_group, run.started_at, run.ended_at)
        if run.request_id in event.message
    ]
    assert sum("connection pool exhausted" in event.message for event in lines) == 4
    assert run.ended_at > call.ended_at
    assert lines[-1].message.startswith("REPORT")
    assert lines[-1].timestamp == run.ended_at


def test_a_bad_deploy_crashes_the_new_version_and_leaves_a_stack_trace() -> None:
    calls = orders_calls("bad-deploy")
    causes = Counter(call.cause for call in calls if call.status == 502)
    assert causes["lambda_function_error"] > causes["lambda_malformed_response"] > 0
    assert {call.run.version for call in calls if call.run and call.detail and call.status == 502} >= {"45"}
    log = group_of(Shop(7, scenario="bad-deploy", epoch=NOON * MINUTE_MS), "/aws/lambda/orders-read")
    assert '"stack":["TypeError: Cannot read properties of undefined' in log
    assert "at format (/var/task/lib/money.js:18:17)" in log


def test_throttling_holds_one_key_back() -> None:
    throttled = [call for call in orders_calls("throttled") if call.status == 429]
    assert Counter(call.client for call in throttled).most_common(1)[0][0] is FLOOD
    assert len({call.api_key for call in throttled if call.client is FLOOD}) == 1
    assert len(throttled) > 500


def test_an_authorizer_outage_gives_500_and_401() -> None:
    calls = orders_calls("authorizer-outage")
    causes = Counter(call.cause for call in calls)
    assert causes["authorizer_configuration_error"] / len(calls) > 0.1
    assert causes["authorizer_unauthorized"] / len(calls) > 0.02
    log = group_of(Shop(7, scenario="authorizer-outage", epoch=NOON * MINUTE_MS), "/aws/lambda/orders-authorizer")
    assert "[ERROR] KeySetError: HTTP 503" in log


def test_a_leaked_key_hammers_from_one_address() -> None:
    calls = orders_calls("key-leak", minutes=2)
    strange = [call for call in calls if call.client is STRANGER]
    assert len(strange) > len(calls) / 2
    assert {call.source_ip for call in strange} == set(STRANGER.addresses)
    assert {call.method for call in strange} == {"GET"}
    assert {403, 404, 429} <= {call.status for call in strange}
    assert sum(call.status < 400 for call in strange) / len(strange) < 0.2


@pytest.mark.parametrize("slot", range(7))
def test_in_every_slot_of_the_default_schedule_there_are_server_errors_now(slot: int) -> None:
    first = (NOON // SLOT_MINUTES + slot) * SLOT_MINUTES
    for minute in (first, first + 1, first + 5, first + SLOT_MINUTES - 1):
        assert server_error_share(orders_calls(None, minutes=3, last=minute)) >= 0.05


def test_the_default_schedule_never_pauses() -> None:
    for minute in range(NOON, NOON + 7 * SLOT_MINUTES):
        effects = effects_at(minute)
        assert max(effects.hanging, effects.crashing, effects.authorizer_down) > 0.1


def test_the_incident_grows_within_its_slot() -> None:
    first = NOON // SLOT_MINUTES * SLOT_MINUTES
    shares = [
        max(effects.hanging, effects.crashing, effects.authorizer_down)
        for effects in (effects_at(first), effects_at(first + 6))
    ]
    assert shares[0] < shares[1]
