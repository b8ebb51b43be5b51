"""The conditions that the endpoint works under: quotas, latency and faults, which can change while it runs."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Final

from apigw_tui.core.quotas import CONTROL_PLANE, Quota
from apigw_tui.emulator.faults import Breakage, Fault, PageFault, Refusal
from apigw_tui.emulator.wire import Delivery, ServiceError

_MEGABYTE: Final = 1_048_576
_RATE_EXCEEDED: Final = ("ThrottlingException", "Rate exceeded", 400)
_TOO_MANY_REQUESTS: Final = ("TooManyRequestsException", "Too Many Requests", 429)


@dataclass(frozen=True)
class Latency:
    """How long an answer takes: a fixed part and one by size, both up to `jitter` of it less or more."""

    fixed_ms: float = 0.0
    per_mb_ms: float = 0.0
    jitter: float = 0.0

    def of(self, size: int, rng: random.Random) -> float:
        """Milliseconds for an answer of so many bytes."""
        usual = self.fixed_ms + self.per_mb_ms * size / _MEGABYTE
        return usual * rng.uniform(1 - self.jitter, 1 + self.jitter) if self.jitter else usual


class Conditions:
    """Quotas by operation (and CONTROL_PLANE for all of API Gateway), latency, and the faults of the moment.

    Without any of them the endpoint is perfect. Everything can be set from any thread. `throttled` counts the
    calls beyond a quota by operation. The same seed and the same order of calls give the same chances.
    """

    def __init__(
        self, *, quotas: Mapping[str, Quota] | None = None, latency: Latency | None = None, seed: int = 0
    ) -> None:
        self.throttled: Counter[str] = Counter()
        self._lock = Lock()
        self._chance = random.Random(seed)  # noqa: S311 - invented misfortune, not a secret
        self._latency = latency or Latency()
        self._buckets: dict[str, _Bucket] = {}
        self._armed: list[_ArmedFault] = []
        self._places: set[int] = set()
        self.set_quotas(quotas or {})

    # What a test or a command sets

    def set_quotas(self, quotas: Mapping[str, Quota]) -> None:
        """Replace all quotas; the buckets are full."""
        with self._lock:
            self._buckets = {name: _Bucket(quota) for name, quota in quotas.items()}

    def set_latency(self, latency: Latency) -> None:
        """Answer the next calls so late."""
        with self._lock:
            self._latency = latency

    def add(self, *faults: Fault) -> None:
        """Let things go wrong; of several faults that fit a call, the first added hits it."""
        with self._lock:
            self._armed += [_ArmedFault(fault) for fault in faults]

    def remove(self, *faults: Fault) -> None:
        """End faults; one that is not there does not matter. Answers that stall are sent."""
        with self._lock:
            self._armed = [armed for armed in self._armed if armed.fault not in faults]

    def clear(self) -> None:
        """End all faults."""
        with self._lock:
            self._armed = []

    @contextmanager
    def during(self, *faults: Fault) -> Iterator[None]:
        """Have faults for the length of a block."""
        self.add(*faults)
        try:
            yield
        finally:
            self.remove(*faults)

    def hits(self, fault: Fault) -> int:
        """How many calls a fault has hit since it was added; 0 once it is removed."""
        with self._lock:
            return sum(armed.hits for armed in self._armed if armed.fault == fault)

    # What the endpoint asks

    def admit(self, operation: str, text: str, *, now: int, is_control: bool = False) -> Fault | None:
        """Let a call in: the breakage that its answer will meet. Raises ServiceError when it is refused.

        Credentials and permissions are checked before the quota.
        """
        with self._lock:
            fault = self._hit(operation, text, now, lambda effect: not isinstance(effect, PageFault))
            if fault is not None and isinstance(fault.effect, Refusal):
                raise ServiceError(fault.effect.code, fault.effect.message, status=fault.effect.status)
            bucket = self._buckets.get(CONTROL_PLANE if is_control else operation)
            if bucket is not None and not bucket.take(now):
                self.throttled[operation] += 1
                code, message, status = _TOO_MANY_REQUESTS if is_control else _RATE_EXCEEDED
                raise ServiceError(code, message, status=status)
            return fault

    def page_fault(self, operation: str, text: str, *, now: int) -> PageFault | None:
        """What will be odd about the page that is being made."""
        with self._lock:
            fault = self._hit(operation, text, now, lambda effect: isinstance(effect, PageFault))
        return fault.effect if fault is not None and isinstance(fault.effect, PageFault) else None

    def is_first_at(self, place: object) -> bool:
        """Whether nothing was odd at this place of a request before."""
        key = hash(place)
        with self._lock:
            is_first = key not in self._places
            self._places.add(key)
        return is_first

    def delivery(self, size: int, fault: Fault | None) -> Delivery:
        """How an answer of so many bytes travels."""
        with self._lock:
            delay_ms = self._latency.of(size, self._chance)
        return Delivery(delay_ms, fault)

    def stalls(self, fault: Fault, *, now: int) -> bool:
        """Whether an answer that met this fault is held back still."""
        with self._lock:
            is_there = any(armed.fault is fault for armed in self._armed)
        return fault.effect is Breakage.STALL and is_there and fault.lasts(now)

    def _hit(self, operation: str, text: str, now: int, is_wanted: Callable[[object], bool]) -> Fault | None:
        for armed in self._armed:
            fault = armed.fault
            if is_wanted(fault.effect) and fault.fits(operation, text, now) and armed.hit(self._chance):
                return fault
        return None


class _ArmedFault:
    """A fault, and how many calls have met it."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.hits = 0
        self._calls = 0

    def hit(self, chance: random.Random) -> bool:
        """Count a call that fits; whether it is hit."""
        self._calls += 1
        fault = self.fault
        is_due = self._calls > fault.after_calls and (fault.times is None or self.hits < fault.times)
        if not is_due or (fault.share < 1 and chance.random() >= fault.share):
            return False
        self.hits += 1
        return True


class _Bucket:
    """Tokens that flow in at the rate of a quota; `now` in ms."""

    def __init__(self, quota: Quota) -> None:
        self._quota = quota
        self._tokens = float(quota.burst)
        self._filled_at: int | None = None

    def take(self, now: int) -> bool:
        """Take a token, if there is one."""
        elapsed = 0 if self._filled_at is None else max(0, now - self._filled_at)
        self._filled_at = now
        self._tokens = min(self._quota.burst, self._tokens + elapsed * self._quota.per_second / 1000)
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
