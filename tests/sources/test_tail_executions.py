"""Execution logs beside access logs: followed while they fit, on demand otherwise, never at the access log's cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from apigw_tui.core.quotas import Quota
from apigw_tui.core.stage import AccessLog, ExecutionLevel, ExecutionLog, Stage
from apigw_tui.emulator.conditions import Conditions
from apigw_tui.emulator.faults import Fault, access_denied
from apigw_tui.emulator.feed import GroupInfo, LogFeed, LoggedEvent
from apigw_tui.emulator.lag import Fixed, LaggedFeed
from apigw_tui.emulator.steady import SteadyAccess
from apigw_tui.sources.base import Batch, Completeness, Trouble, Update
from apigw_tui.sources.cloudwatch import CloudWatchSource
from tests.sources.recorded_account import RecordedAccount, served
from tests.sources.virtual_time import START, VirtualTime

SECOND, MINUTE = 1_000, 60_000
ACCESS = "/orders/access"
EXECUTION = "API-Gateway-Execution-Logs_a1b2c3/prod"
PROD = Stage(
    api_id="a1b2c3",
    api_name="orders",
    api_type="REST",
    name="prod",
    access=AccessLog(ACCESS, f"arn:aws:logs:eu-west-1:123456789012:log-group:{ACCESS}", "$context.requestId"),
    execution=ExecutionLog(EXECUTION, "INFO"),
)


@dataclass(frozen=True)
class Writers:
    """Several groups, each with its own writer."""

    feeds: tuple[LogFeed, ...]

    def groups(self) -> list[GroupInfo]:
        return [info for feed in self.feeds for info in feed.groups()]

    def events(self, log_group: str, start: int, end: int) -> list[LoggedEvent]:
        return [event for feed in self.feeds for event in feed.events(log_group, start, end)]


@dataclass
class Followed:
    """What came by group, and when."""

    updates: list[tuple[int, Update]] = field(default_factory=list)
    calls: int = 0

    def events(self, group: str) -> Counter[str]:
        frames = [update.events for _, update in self.updates if isinstance(update, Batch)]
        return Counter(event_id for frame in frames if frame["log_group"][0] == group for event_id in frame["event_id"])

    @property
    def claims(self) -> list[tuple[int, Completeness]]:
        return [(now, update) for now, update in self.updates if isinstance(update, Completeness)]

    @property
    def troubles(self) -> list[Trouble]:
        return [update for _, update in self.updates if isinstance(update, Trouble)]


def writer(group: str, rate: int, *, until_s: int = 240, lag: Fixed | None = None) -> LogFeed:
    steady = SteadyAccess(rate, since=START - MINUTE, until=START + until_s * SECOND, groups=(group,), slow=False)
    return LaggedFeed(steady, lag or Fixed())


def follow(
    feeds: Iterable[LogFeed],
    *,
    level: ExecutionLevel = "INFO",
    lasting_s: int = 240,
    faults: Iterable[Fault] = (),
    at: Callable[[VirtualTime, Conditions], None] | None = None,
) -> Followed:
    time, followed = VirtualTime(), Followed()
    conditions = Conditions(quotas={"FilterLogEvents": Quota(10, 10)})
    conditions.add(*faults)
    if at is not None:
        at(time, conditions)
    stage = replace(PROD, execution=ExecutionLog(EXECUTION, level))

    def count(_: str) -> None:
        followed.calls += 1

    with served(RecordedAccount(), time, feed=Writers(tuple(feeds)), conditions=conditions, refusals=count) as aws:
        time.stop_at(START + lasting_s * SECOND)
        source = CloudWatchSource(aws, stages=[stage], clock=time.now)
        for update in source.follow(START, time.stop):
            followed.updates.append((time.now(), update))
    return followed


def test_an_execution_log_that_fits_is_followed_whole() -> None:
    lines = SteadyAccess(60, since=START - MINUTE, groups=(EXECUTION,), slow=False)
    followed = follow([writer(ACCESS, 5), writer(EXECUTION, 60)], lasting_s=120)
    assert followed.claims[-1][1].on_demand == ()
    wanted = Counter(lines.event_ids(EXECUTION, START + 10 * SECOND, START + 110 * SECOND))
    assert not wanted - followed.events(EXECUTION)
    assert max(followed.events(EXECUTION).values()) == 1
    scopes = {update.events["scope"][0] for _, update in followed.updates if isinstance(update, Batch)}
    assert scopes == {PROD.scope}


def test_an_execution_log_that_writes_too_much_is_on_demand_and_said_so() -> None:
    followed = follow([writer(ACCESS, 5), writer(EXECUTION, 900)], lasting_s=60)
    assert followed.claims[-1][1].on_demand == (EXECUTION,)
    assert not followed.events(EXECUTION)
    assert followed.troubles == []
    assert followed.calls < 60  # 30 heads, a few sweeps, one look at the execution log a minute


def test_an_execution_log_that_calms_down_is_followed_again() -> None:
    busy = writer(EXECUTION, 900, until_s=30)
    calm = LaggedFeed(SteadyAccess(20, since=START + 30 * SECOND, groups=(EXECUTION,), slow=False), Fixed())
    followed = follow([writer(ACCESS, 5), busy, calm], lasting_s=100)
    assert (EXECUTION,) in {claim.on_demand for _, claim in followed.claims}
    assert followed.claims[-1][1].on_demand == ()
    assert followed.events(EXECUTION)


def test_a_busy_access_log_has_the_calls_for_itself() -> None:
    followed = follow([writer(ACCESS, 1_500, until_s=15), writer(EXECUTION, 100, until_s=15)], lasting_s=15)
    assert followed.claims[-1][1].on_demand == (EXECUTION,)
    assert not followed.events(EXECUTION)


def test_execution_lines_that_lag_do_not_hold_the_claim_back() -> None:
    late = writer(EXECUTION, 20, lag=Fixed(100 * SECOND))
    followed = follow([writer(ACCESS, 5), late], lasting_s=300)
    alone = follow([writer(ACCESS, 5)], lasting_s=300)
    assert followed.claims[-1][1].complete_to >= alone.claims[-1][1].complete_to - 5 * SECOND
    assert followed.claims[-1][1].lag_ms == alone.claims[-1][1].lag_ms


def test_a_missing_execution_group_is_no_trouble() -> None:
    followed = follow([writer(ACCESS, 5)], lasting_s=130)
    assert followed.troubles == []
    assert {claim.on_demand for _, claim in followed.claims} == {()}


def test_an_execution_group_that_may_not_be_read_is_no_trouble() -> None:
    denied = Fault(access_denied("FilterLogEvents", resource=EXECUTION), ("FilterLogEvents",), about=EXECUTION)
    followed = follow([writer(ACCESS, 5), writer(EXECUTION, 20)], lasting_s=130, faults=[denied])
    assert followed.troubles == []
    assert followed.events(ACCESS)


def test_permission_that_is_lost_ends_the_following_without_a_word() -> None:
    denied = Fault(access_denied("FilterLogEvents", resource=EXECUTION), ("FilterLogEvents",), about=EXECUTION)

    def revoke(time: VirtualTime, conditions: Conditions) -> None:
        time.at(START + 30 * SECOND, lambda: conditions.add(denied))

    followed = follow([writer(ACCESS, 5), writer(EXECUTION, 20)], lasting_s=90, at=revoke)
    assert followed.events(EXECUTION)
    assert followed.troubles == []
    assert followed.claims[-1][1].gaps == ()


def test_a_stage_that_logs_no_execution_is_not_asked_for_any() -> None:
    followed = follow([writer(ACCESS, 5), writer(EXECUTION, 20)], level="OFF", lasting_s=60)
    assert not followed.events(EXECUTION)
    assert followed.claims[-1][1].on_demand == ()
