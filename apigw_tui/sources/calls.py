"""One call to AWS: its turn at the rate limiter, retries that can be stopped, and the error in a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Any, Final

from apigw_tui.sources.failures import FailureKind, explain, kind_of
from apigw_tui.sources.limiter import Priority

if TYPE_CHECKING:
    from apigw_tui.sources.limiter import RateLimiter
    from apigw_tui.sources.session import Aws, Service

THROTTLE_PAUSES_S: Final = (0.25, 0.5, 1.0, 2.0)
LONGEST_PAUSE_S: Final = 30.0
SHORT_OUTAGE_PAUSES_S: Final = (0.1, 0.4)
LOGIN_FAILURES: Final = frozenset({FailureKind.EXPIRED, FailureKind.CREDENTIALS})


@dataclass(frozen=True)
class Call:
    """An operation by its client method, and what it is for: `action` completes "Could not …"."""

    service: Service
    operation: str
    action: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    log_group: str | None = None


def back_off() -> Iterator[float]:
    """Seconds between attempts of something that goes on by itself: 1, 2, 4 … 30, 30 …."""
    pause = 1.0
    while True:
        yield pause
        pause = min(LONGEST_PAUSE_S, pause * 2)


def perform(aws: Aws, call: Call, *, stop: StopFlag, priority: Priority = Priority.VISIBLE) -> dict[str, Any] | None:
    """The service's answer, or None when stopped before it came. Raises AppError when retries do not help."""
    pauses = {
        FailureKind.THROTTLED: iter(THROTTLE_PAUSES_S),
        FailureKind.SERVICE: iter(SHORT_OUTAGE_PAUSES_S),
    }
    try:
        limiter = _limiter_of(aws, call)
        while limiter.acquire(priority, stop):
            login = aws.login
            try:
                client = aws.client(call.service)
                began = aws.clock()
                answer: dict[str, Any] = getattr(client, call.operation)(**call.parameters)
            except Exception as error:
                kind = kind_of(error)
                if kind is FailureKind.THROTTLED:
                    limiter.throttled()
                if kind in LOGIN_FAILURES:
                    aws.refused(login)
                pause = next(pauses.get(_retried_as(kind, error), iter(())), None)
                if pause is None:
                    raise
                stop.wait(pause)
            else:
                limiter.succeeded(took_ms=aws.clock() - began)
                return answer
    except Exception as error:
        context = aws.context.of_group(call.log_group)
        raise explain(error, action=call.action, context=context) from error
    return None


def _retried_as(kind: FailureKind, error: BaseException) -> FailureKind:
    # A kept-alive connection that the other side closed meanwhile says nothing about the network.
    return FailureKind.SERVICE if type(error).__name__ == "ConnectionClosedError" else kind


def _limiter_of(aws: Aws, call: Call) -> RateLimiter:
    if call.service in ("apigateway", "apigatewayv2"):
        return aws.limits.control
    if call.service == "xray":
        return aws.limits.traces
    if call.operation == "filter_log_events":
        return aws.limits.events
    return aws.limits.groups
