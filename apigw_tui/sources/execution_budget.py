"""Execution logs beside access logs: followed as a whole while they fit, else read for single requests.

They are some twenty times the access log's volume. One is followed while it brings at most 500 events per
second and its windows take at most a quarter of the calls, and only while the access logs have all the calls
they can use. One cheap call a minute tells whether that is so; while it is not, its lines are read on demand.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Final

from apigw_tui.errors import AppError
from apigw_tui.sources.coverage import Span
from apigw_tui.sources.failures import FailureKind, kind_of
from apigw_tui.sources.group_tail import Budgets, GroupTail
from apigw_tui.sources.log_windows import FollowedGroup
from apigw_tui.sources.tail_pace import CallBudget
from apigw_tui.sources.tail_reading import Purpose, Reading
from apigw_tui.sources.volume import Volume
from apigw_tui.sources.watched import Outcome, WatchedCalls

if TYPE_CHECKING:
    from apigw_tui.core.stage import Stage
    from apigw_tui.sources.session import Aws

HEAD_SHARE: Final = 0.15
SWEEP_SHARE: Final = 0.1
MOST_EVENTS_PER_S: Final = 500.0
LOOK_EVERY_MS: Final = 60_000
_SAMPLE_MS: Final = 10_000
_SAMPLE_AGE_MS: Final = 20_000
_CALLS_PER_PAGE: Final = 4.0
"""Each second of log is read about so often: by heads and by sweeps."""

_CALLS_AT_LEAST: Final = 0.5
_HYSTERESIS: Final = 1.5


class ExecutionTails:
    """The execution groups of stages with an access log: which are followed now, and which are not."""

    def __init__(self, aws: Aws, groups: Sequence[FollowedGroup], *, clock: Callable[[], int], access: Budgets) -> None:
        rate = partial(_rate, aws)
        self._aws = aws
        self._clock = clock
        self._access = access
        self._rate = rate
        self._budgets = Budgets(CallBudget(rate, HEAD_SHARE), CallBudget(rate, SWEEP_SHARE))
        self._groups = {group.name: group for group in groups}
        self._tails: dict[str, GroupTail] = {}
        self._too_much: dict[str, bool] = {}
        self._look_at = dict.fromkeys(self._groups, clock())

    @property
    def tails(self) -> Sequence[GroupTail]:
        """Those that are followed."""
        return tuple(self._tails.values())

    @property
    def on_demand(self) -> tuple[str, ...]:
        """Those that write more than fits; a group that does not exist or cannot be read is none of them."""
        return tuple(name for name, is_too_much in self._too_much.items() if is_too_much)

    def look(self, calls: WatchedCalls, stop: StopFlag, *, patience_ms: int) -> None:
        """Leave those that no longer fit, and sample the one that was not looked at for longest."""
        self._leave()
        now = self._clock()
        due = [name for name, moment in self._look_at.items() if moment <= now and name not in self._tails]
        if not due:
            return
        name = min(due, key=self._look_at.__getitem__)
        self._look_at[name] = now + LOOK_EVERY_MS
        start = now - _SAMPLE_AGE_MS - _SAMPLE_MS
        span = Span(start, start + _SAMPLE_MS)
        reading = Reading(self._aws, self._groups[name], span, purpose=Purpose.SWEEP, pattern=None)
        for outcome in calls.run([partial(reading.reader.next_page, stop)], patience_ms=patience_ms, stop=stop):
            self._judge(name, reading, outcome)

    def note_failure(self, tail: GroupTail, error: AppError) -> None:
        """A followed group failed: without the permission, or the group, there is nothing to follow."""
        if kind_of(error) in (FailureKind.NOT_FOUND, FailureKind.DENIED):
            self._drop(tail.group.name, is_too_much=False)

    def _judge(self, name: str, reading: Reading, outcome: Outcome) -> None:
        page = outcome.page
        if page is None:
            if isinstance(outcome.error, AppError | None):
                return
            raise outcome.error
        volume = Volume()
        last = page.events[-1]["timestamp"] if page.events and not reading.done else reading.span.end
        if not reading.done:
            volume.note_full_page(len(page.events))
        volume.note_window(
            span_ms=last - reading.span.start, pages=1, events=len(page.events), last_page_events=len(page.events)
        )
        fits = self._fits(volume, slack=1.0) and (reading.done or bool(page.events))
        self._too_much[name] = not fits
        if fits:
            now = self._clock()
            group = self._groups[name]
            self._tails[name] = GroupTail(
                self._aws, group, since=now, clock=self._clock, pattern=None, budgets=self._budgets
            )

    def _fits(self, volume: Volume, *, slack: float) -> bool:
        if self._access.head.is_short or self._access.sweep.is_short:
            return False
        others = sum(_cost(tail.volume) for tail in self._tails.values() if tail.volume is not volume)
        allowed = self._rate() * (HEAD_SHARE + SWEEP_SHARE)
        return volume.events_per_s <= MOST_EVENTS_PER_S * slack and others + _cost(volume) <= allowed * slack

    def _leave(self) -> None:
        for name, tail in tuple(self._tails.items()):
            if not self._fits(tail.volume, slack=_HYSTERESIS):
                self._drop(name, is_too_much=True)

    def _drop(self, name: str, *, is_too_much: bool) -> None:
        tail = self._tails.pop(name)
        self._budgets.head.leave(tail)
        self._budgets.sweep.leave(tail)
        self._too_much[name] = is_too_much
        self._look_at[name] = self._clock() + LOOK_EVERY_MS


def execution_groups(stages: Sequence[Stage], followed: Collection[str]) -> tuple[FollowedGroup, ...]:
    """The execution groups of stages whose settings write one, except those that are followed anyway."""
    groups = {
        stage.execution.log_group: stage.scope
        for stage in stages
        if stage.execution.log_group and stage.execution.level != "OFF"
    }
    return tuple(FollowedGroup(name, scope) for name, scope in groups.items() if name not in followed)


def _cost(volume: Volume) -> float:
    """Calls per second that following it takes."""
    return _CALLS_AT_LEAST + _CALLS_PER_PAGE * volume.pages_per_s


def _rate(aws: Aws) -> float:
    return aws.limits.events.rate
