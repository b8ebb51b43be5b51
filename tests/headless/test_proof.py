"""What a tail says on stderr of how complete it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta, timezone, tzinfo

from apigw_tui.errors import AppError
from apigw_tui.headless.proof import EVERY_MS, Proof
from apigw_tui.sources.base import Batch, Completeness, Gap, LiveTailState, Trouble
from apigw_tui.sources.cloudwatch import CloudWatchSource
from apigw_tui.sources.log_windows import FollowedGroup
from tests.sources.recorded_account import RecordedAccount, Refusals, served
from tests.sources.virtual_time import START, VirtualTime

SECOND = 1_000
MINUTE = 60 * SECOND
GROUP = "/orders/access"
STATE = Completeness(START - 4 * SECOND, 4_200, 2, 310)
EXPIRED = "Could not read log group /orders/access: the credentials of profile shop have expired."
GAP = Gap(START - MINUTE, START, EXPIRED)


class Told:
    """A proof on a clock that the test sets, and the lines it wrote."""

    def __init__(self, zone: tzinfo = UTC) -> None:
        self.now = START
        self.lines: list[str] = []
        self.spans: list[tuple[int, int]] = []
        self.proof = Proof(say=self.lines.append, count=self.count, clock=lambda: self.now, zone=zone)

    def count(self, start: int, end: int) -> int:
        self.spans.append((start, end))
        return 212


def test_the_first_proof_is_one_line_with_every_figure() -> None:
    told = Told(timezone(timedelta(hours=1)))
    told.proof.take(STATE)
    assert told.lines == [
        "apigw-tui: complete to 00:59:56 · lag 4 s · late 2 · duplicates dropped 310 · gaps 0 · sampled 0 s"
    ]


def test_a_time_of_another_day_has_its_date() -> None:
    told = Told()
    told.proof.take(STATE)
    assert "complete to 2025-12-31 23:59:56 ·" in told.lines[0]


def test_a_proof_that_reaches_further_is_told_every_few_seconds_only() -> None:
    told = Told()
    told.proof.take(STATE)
    told.now += EVERY_MS - 1
    told.proof.take(replace(STATE, complete_to=START))
    assert len(told.lines) == 1
    told.now += 1
    told.proof.take(replace(STATE, complete_to=START))
    assert len(told.lines) == 2
    told.now += EVERY_MS
    told.proof.take(replace(STATE, complete_to=START, duplicates=999))
    assert len(told.lines) == 2


def test_late_gaps_sampled_and_live_tail_are_told_at_once() -> None:
    told = Told()
    told.proof.take(STATE)
    for change in (
        replace(STATE, late=3),
        replace(STATE, late=3, sampled_seconds=7),
        replace(STATE, late=3, on_demand=("API-Gateway-Execution-Logs_a1/prod",)),
        replace(STATE, late=3, live_tail=LiveTailState(streaming=True, session_ms=61_000)),
        replace(STATE, late=3, live_tail=LiveTailState(streaming=False, session_ms=61_000, reason="it was cut")),
    ):
        told.proof.take(change)
    assert len(told.lines) == 6
    assert "late 3" in told.lines[1]
    assert "sampled 7 s" in told.lines[2]
    assert "read on demand: API-Gateway-Execution-Logs_a1/prod" in told.lines[3]
    assert told.lines[4].endswith("live tail 2 min")
    assert told.lines[5].endswith("live tail off: it was cut")


def test_an_unknown_lag_is_no_number() -> None:
    told = Told()
    told.proof.take(replace(STATE, lag_ms=None))
    assert "lag unknown" in told.lines[0]
    told.proof.take(replace(STATE, lag_ms=193_000, late=9))
    assert "lag 3 m 13 s" in told.lines[1]


def test_a_gap_is_told_when_it_opens_and_when_it_was_read() -> None:
    told = Told()
    told.proof.take(replace(STATE, gaps=(GAP,)))
    told.proof.take(replace(STATE, gaps=(replace(GAP, end=START + 2 * MINUTE),)))
    told.proof.take(STATE)
    assert told.lines[0] == ("apigw-tui: gap from 2025-12-31 23:59:00 on: the credentials of profile shop have expired")
    assert "gaps 1" in told.lines[1]
    assert told.lines[2] == "apigw-tui: gap 2025-12-31 23:59:00 – 00:02:00 was read: 212 events"
    assert "gaps 0" in told.lines[3]
    assert len(told.lines) == 4


def test_a_gap_that_is_read_in_pieces_is_told_once_with_its_whole_span() -> None:
    told = Told()
    told.proof.take(replace(STATE, gaps=(GAP,)))
    told.proof.take(replace(STATE, gaps=(replace(GAP, end=START - 40 * SECOND), replace(GAP, start=START - SECOND))))
    told.proof.take(replace(STATE, gaps=(replace(GAP, end=START - 40 * SECOND),)))
    told.proof.take(STATE)
    assert len([line for line in told.lines if "gap from" in line]) == 1
    assert told.spans == [(GAP.start, GAP.end)]


def test_a_trouble_is_told_once_until_it_is_over() -> None:
    told, trouble = Told(), Trouble(AppError(EXPIRED, "Run `aws sso login --profile shop`."), START + 4 * SECOND)
    told.proof.trouble(trouble)
    told.proof.trouble(replace(trouble, retry_at=START + 8 * SECOND))
    assert told.lines == [f"apigw-tui: {EXPIRED} Run `aws sso login --profile shop`. Trying again at 00:00:04."]
    told.proof.take(replace(STATE, gaps=(GAP,)))
    told.proof.trouble(trouble)
    assert len([line for line in told.lines if "sso login" in line]) == 1
    told.proof.take(STATE)
    told.proof.trouble(trouble)
    assert len([line for line in told.lines if "sso login" in line]) == 2


def test_a_trouble_that_only_lasts_longer_is_the_same() -> None:
    told = Told()
    for seconds in (12, 24):
        error = AppError(f"Could not read /orders/access: CloudWatch has not answered for {seconds}.00 s.")
        told.proof.trouble(Trouble(error, START))
    assert len(told.lines) == 1


def test_the_last_state_is_told_at_the_end_unless_it_was() -> None:
    told = Told()
    told.proof.finish()
    assert told.lines == []
    told.proof.take(STATE)
    told.proof.finish()
    assert len(told.lines) == 1
    told.proof.take(replace(STATE, duplicates=311))
    told.proof.finish()
    assert len(told.lines) == 2
    assert "dropped 311" in told.lines[-1]


def test_an_expired_login_is_told_once_and_its_gap_with_the_events_that_were_missing() -> None:
    time, account, refusals = VirtualTime(), RecordedAccount(), Refusals()
    for second in range(600):
        account.log(GROUP, START + second * SECOND, f"request {second}")
    time.at(START + MINUTE, lambda: refusals.codes.update(FilterLogEvents="ExpiredTokenException"))
    time.at(START + 6 * MINUTE, refusals.codes.clear)
    lines: list[str] = []
    stamps: list[int] = []
    proof = Proof(
        say=lines.append,
        count=lambda start, end: sum(start <= stamp <= end for stamp in stamps),
        clock=time.now,
        zone=UTC,
    )
    with served(account, time, refusals=refusals) as aws:
        time.stop_at(START + 10 * MINUTE)
        source = CloudWatchSource(aws, groups=[FollowedGroup.bare(GROUP)], clock=time.now)
        for update in source.follow(START, time.stop):
            if isinstance(update, Batch):
                stamps.extend(update.events["timestamp"])
            elif isinstance(update, Trouble):
                proof.trouble(update)
            elif isinstance(update, Completeness):
                proof.take(update)
    assert len([line for line in lines if "aws sso login" in line]) == 1
    healed = [line for line in lines if "was read:" in line]
    assert len(healed) == 1
    read = int(healed[0].rsplit(": ", 1)[1].split(" ")[0])
    assert 280 <= read <= 320
    assert "gaps 0" in lines[-1]
    assert len(lines) < 10 * MINUTE / EVERY_MS + 10
