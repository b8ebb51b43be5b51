"""Quotas, latency and faults: which calls they hit, by number, by time, by chance."""

from __future__ import annotations

from threading import Thread

import pytest

from apigw_tui.core.quotas import CONTROL_PLANE, Quota, quotas_of
from apigw_tui.emulator.conditions import Conditions, Latency
from apigw_tui.emulator.dice import dice
from apigw_tui.emulator.faults import (
    EXPIRED_TOKEN,
    SERVER_ERROR,
    THROTTLED,
    Breakage,
    Fault,
    PageFault,
    access_denied,
)
from apigw_tui.emulator.wire import ServiceError

NOW = 1_000_000
FILTER = "FilterLogEvents"


def refusal(conditions: Conditions, operation: str = FILTER, text: str = "", now: int = NOW) -> str | None:
    """The code of the error, None when the call is let in."""
    try:
        conditions.admit(operation, text, now=now, is_control=operation.startswith("GetRest"))
    except ServiceError as error:
        return error.code
    return None


def test_without_conditions_every_call_is_let_in() -> None:
    conditions = Conditions()
    assert {refusal(conditions) for _ in range(1_000)} == {None}
    assert conditions.delivery(1_048_576, None).delay_ms == 0


def test_a_quota_lets_a_burst_in_and_then_as_much_as_flows() -> None:
    conditions = Conditions(quotas={FILTER: Quota(5, 5)})
    first = [refusal(conditions) for _ in range(8)]
    assert first == [None] * 5 + ["ThrottlingException"] * 3
    assert refusal(conditions, now=NOW + 199) == "ThrottlingException"
    assert refusal(conditions, now=NOW + 401) is None
    assert refusal(conditions, "DescribeLogGroups") is None
    assert conditions.throttled == {FILTER: 4}


def test_an_hour_at_twice_the_quota_gets_half_of_its_calls() -> None:
    conditions = Conditions(quotas={FILTER: Quota(10, 10)})
    let_in = sum(refusal(conditions, now=NOW + at) is None for at in range(0, 3_600_000, 50))
    assert let_in == 36_000 + 9


def test_the_whole_control_plane_shares_one_quota_and_says_so_in_its_own_way() -> None:
    conditions = Conditions(quotas=quotas_of("eu-west-1"))
    calls = [refusal(conditions, name) for name in ("GetRestApis", "GetRestStages") * 25]
    assert calls == [None] * 40 + ["TooManyRequestsException"] * 10
    with pytest.raises(ServiceError) as caught:
        conditions.admit("GetStages", "", now=NOW, is_control=True)
    assert caught.value.status == 429


def test_quotas_can_change_while_it_runs() -> None:
    conditions = Conditions(quotas={FILTER: Quota(1, 1)})
    assert [refusal(conditions) for _ in range(2)] == [None, "ThrottlingException"]
    conditions.set_quotas({})
    assert refusal(conditions) is None


def test_the_quotas_of_a_region_are_those_of_the_table() -> None:
    assert quotas_of("us-east-1")[FILTER] == Quota(25, 25)
    assert quotas_of("eu-central-1")[FILTER] == Quota(5, 5)
    assert quotas_of("eu-west-1")[FILTER] == quotas_of(None)[FILTER] == Quota(10, 10)
    assert quotas_of("eu-west-1")["GetLogEvents"] == Quota(10, 10)
    assert quotas_of("eu-west-1")[CONTROL_PLANE] == Quota(10, 40)


def test_a_refusal_lasts_from_one_time_to_another() -> None:
    conditions = Conditions()
    conditions.add(Fault(EXPIRED_TOKEN, since=NOW, until=NOW + 10))
    found = [refusal(conditions, now=NOW + offset) for offset in (-1, 0, 9, 10)]
    assert found == [None, "ExpiredTokenException", "ExpiredTokenException", None]


def test_a_refusal_begins_after_some_calls_and_hits_only_so_many() -> None:
    conditions = Conditions()
    fault = Fault(SERVER_ERROR, (FILTER,), after_calls=2, times=3)
    conditions.add(fault)
    assert [refusal(conditions) is not None for _ in range(8)] == [False] * 2 + [True] * 3 + [False] * 3
    assert conditions.hits(fault) == 3


def test_a_refusal_is_about_an_operation_and_a_group() -> None:
    conditions = Conditions()
    conditions.add(Fault(access_denied(FILTER, resource="/secret"), (FILTER,), about='"/secret"'))
    assert refusal(conditions, text='{"logGroupName": "/secret"}') == "AccessDeniedException"
    assert refusal(conditions, text='{"logGroupName": "/open"}') is None
    assert refusal(conditions, "GetLogEvents", text='"/secret"') is None
    with pytest.raises(ServiceError, match="not authorized to perform: logs:FilterLogEvents on resource: arn:aws:logs"):
        conditions.admit(FILTER, '"/secret"', now=NOW)


def test_permission_is_checked_before_the_quota() -> None:
    conditions = Conditions(quotas={FILTER: Quota(1, 1)})
    denied = Fault(access_denied(FILTER))
    with conditions.during(denied):
        assert {refusal(conditions) for _ in range(5)} == {"AccessDeniedException"}
    assert refusal(conditions) is None


def test_a_share_of_the_calls_fails_and_the_seed_says_which() -> None:
    def run(seed: int) -> list[bool]:
        conditions = Conditions(seed=seed)
        conditions.add(Fault(THROTTLED, share=0.05))
        return [refusal(conditions) is not None for _ in range(4_000)]

    assert run(1) == run(1) != run(2)
    assert 150 < sum(run(1)) < 250


def test_of_two_faults_the_first_added_hits() -> None:
    conditions = Conditions()
    conditions.add(Fault(EXPIRED_TOKEN, times=1), Fault(SERVER_ERROR))
    assert [refusal(conditions) for _ in range(2)] == ["ExpiredTokenException", "InternalFailure"]
    conditions.clear()
    assert refusal(conditions) is None


def test_page_faults_and_other_faults_do_not_take_each_others_turns() -> None:
    conditions = Conditions()
    reset = Fault(Breakage.RESET_BEFORE, times=1)
    conditions.add(Fault(PageFault.EMPTY, times=1), reset)
    assert conditions.admit(FILTER, "", now=NOW) is reset
    assert conditions.admit(FILTER, "", now=NOW) is None
    assert conditions.page_fault(FILTER, "", now=NOW) is PageFault.EMPTY
    assert conditions.page_fault(FILTER, "", now=NOW) is None


def test_a_stall_ends_with_its_time_or_when_it_is_removed() -> None:
    conditions = Conditions()
    stall = Fault(Breakage.STALL, until=NOW + 10)
    conditions.add(stall)
    assert conditions.stalls(stall, now=NOW)
    assert not conditions.stalls(stall, now=NOW + 10)
    conditions.remove(stall)
    assert not conditions.stalls(stall, now=NOW)


def test_latency_has_a_fixed_part_one_by_size_and_jitter_around_both() -> None:
    rng = dice("latency")
    assert Latency(100, 50).of(2 * 1_048_576, rng) == 200
    drawn = [Latency(100, jitter=0.25).of(0, rng) for _ in range(500)]
    assert 75 <= min(drawn) < 80
    assert 120 < max(drawn) <= 125


def test_conditions_can_be_changed_and_asked_by_many_threads() -> None:
    conditions = Conditions()
    fault = Fault(SERVER_ERROR)
    conditions.add(fault)
    threads = [Thread(target=lambda: [refusal(conditions) for _ in range(500)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert conditions.hits(fault) == 2_000
