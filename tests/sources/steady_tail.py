"""A tail of traffic that is known beforehand, so that every loss, double and early claim shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from apigw_tui.core.quotas import Quota
from apigw_tui.emulator.conditions import Conditions, Latency
from apigw_tui.emulator.faults import Fault
from apigw_tui.emulator.lag import LAG_MODELS, LaggedFeed, LagModel
from apigw_tui.emulator.steady import STEADY_GROUP, SteadyAccess
from apigw_tui.sources.base import Batch, Completeness, Gap, Trouble, Update
from apigw_tui.sources.cloudwatch import CloudWatchSource
from apigw_tui.sources.log_windows import FollowedGroup
from tests.sources.recorded_account import RecordedAccount, served
from tests.sources.virtual_time import START, VirtualTime

SECOND = 1_000


@dataclass(frozen=True)
class Traffic:
    """Entries at a steady rate for a while; the tail goes on `after_s` longer."""

    rate: int
    lag: str | LagModel = "fixed"
    lasting_s: int = 90
    after_s: int = 120

    @property
    def end(self) -> int:
        return START + self.lasting_s * SECOND

    def steady(self) -> SteadyAccess:
        return SteadyAccess(self.rate, since=START, until=self.end)

    def model(self) -> LagModel:
        return LAG_MODELS[self.lag] if isinstance(self.lag, str) else self.lag


@dataclass
class Proof:
    """What a tail brought and claimed, each with the time when it did."""

    lost: int = 0
    doubled: int = 0
    early: int = 0
    calls: int = 0
    claims: list[tuple[int, Completeness]] = field(default_factory=list)
    troubles: list[tuple[int, Trouble]] = field(default_factory=list)
    batches: list[tuple[int, int, int]] = field(default_factory=list)
    """When it came, its oldest and its newest timestamp."""

    seen: Counter[str] = field(default_factory=Counter)
    claimed: int = 0

    @property
    def verdict(self) -> tuple[int, int, int]:
        """Lost, doubled, claimed early."""
        return self.lost, self.doubled, self.early

    @property
    def last(self) -> Completeness:
        return self.claims[-1][1]

    def gaps(self) -> list[tuple[int, tuple[Gap, ...]]]:
        return [(now, claim.gaps) for now, claim in self.claims]


def follow_steady(
    traffic: Traffic,
    *,
    faults: Sequence[Fault] = (),
    latency: Latency | None = None,
    calls_per_second: int = 10,
    time: VirtualTime | None = None,
    before: Callable[[str], None] | None = None,
) -> Proof:
    """Follow the traffic over HTTP in virtual time, one second into it and until the end."""
    time = time or VirtualTime(START + SECOND)
    steady = traffic.steady()
    quota = Quota(calls_per_second, calls_per_second)
    conditions = Conditions(quotas={"FilterLogEvents": quota}, latency=latency)
    conditions.add(*faults)
    proof = Proof()
    feed = LaggedFeed(steady, traffic.model())

    def count(operation: str) -> None:
        proof.calls += 1
        if before is not None:
            before(operation)

    with served(RecordedAccount(), time, feed=feed, conditions=conditions, refusals=count) as aws:
        time.stop_at(traffic.end + traffic.after_s * SECOND)
        source = CloudWatchSource(aws, groups=[FollowedGroup.bare(STEADY_GROUP)], clock=time.now)
        for update in source.follow(START, time.stop):
            _note(proof, update, time.now())
    wanted = Counter(steady.event_ids(STEADY_GROUP, START, traffic.end))
    proof.lost, proof.doubled = (wanted - proof.seen).total(), (proof.seen - wanted).total()
    return proof


def _note(proof: Proof, update: Update, now: int) -> None:
    if isinstance(update, Batch):
        proof.seen.update(update.events["event_id"].to_list())
        stamps = update.events["timestamp"].to_list()
        proof.early += sum(stamp <= proof.claimed for stamp in stamps)
        proof.batches.append((now, min(stamps), max(stamps)))
    elif isinstance(update, Completeness):
        proof.claimed = max(proof.claimed, update.complete_to)
        proof.claims.append((now, update))
    elif isinstance(update, Trouble):
        proof.troubles.append((now, update))
