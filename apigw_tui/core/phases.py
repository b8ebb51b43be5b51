"""The phases of one request: when each began, how long it took, how it ended.

Times come from the execution lines where they exist, else from the latencies of the access entry. A duration is
`logged` where a line or field states it, else `computed` from the timestamps of the lines. What cannot be known is
None: a phase of which no line and no field speaks is `skipped`, one behind the failure `not_reached`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Outcome = Literal["ok", "failed", "not_reached", "skipped"]
DurationSource = Literal["logged", "computed"]

PHASES: Final = (
    "authorizer",
    "usage_plan",
    "validation",
    "request_mapping",
    "integration",
    "response_mapping",
)

BEFORE: Final = "before"
"""Stands for what happens before the first phase: WAF, resource policy, routing."""

FAILING_PHASE: Final = {
    "integration_timeout": "integration",
    "integration_endpoint_invalid": "integration",
    "integration_tls": "integration",
    "integration_network": "integration",
    "integration_internal_error": "integration",
    "integration_output_mapping": "response_mapping",
    "lambda_function_error": "integration",
    "lambda_timeout": "integration",
    "lambda_malformed_response": "response_mapping",
    "lambda_throttled": "integration",
    "lambda_permission": "integration",
    "backend_error": "integration",
    "backend_client_error": "integration",
    "authorizer_unauthorized": "authorizer",
    "authorizer_denied": "authorizer",
    "authorizer_configuration_error": "authorizer",
    "authorizer_failure": "authorizer",
    "resource_policy_denied": BEFORE,
    "missing_authentication_token": BEFORE,
    "invalid_signature": "authorizer",
    "expired_token": "authorizer",
    "invalid_api_key": "usage_plan",
    "throttled": "usage_plan",
    "quota_exceeded": "usage_plan",
    "waf_blocked": BEFORE,
    "waf_error": BEFORE,
    "bad_request_body": "validation",
    "bad_request_parameters": "validation",
    "unsupported_media_type": "request_mapping",
    "request_too_large": BEFORE,
    "resource_not_found": BEFORE,
}
"""Where each cause strikes; the codes that are missing can strike anywhere."""

PASSED_ON: Final = frozenset({"backend_error", "backend_client_error"})
"""Causes after which API Gateway went on to map the response."""

_BEGINS: Final = {
    "authorizer_start": "authorizer",
    "authorizer_identity": "authorizer",
    "authorizer_result": "authorizer",
    "authorizer_policy": "authorizer",
    "usage_plan_start": "usage_plan",
    "start": "request_mapping",
    "method": "request_mapping",
    "integration_request": "integration",
    "integration_response": "response_mapping",
}
_ENDS: Final = {
    "authorizer_done": "authorizer",
    "authorizer_unauthorized": "authorizer",
    "usage_plan_done": "usage_plan",
    "api_key_rejected": "usage_plan",
    "throttled": "usage_plan",
    "integration_request": "request_mapping",
    "integration_response": "integration",
    "success": "response_mapping",
    "done": "response_mapping",
}
_FAILURES: Final = frozenset(
    {
        "function_error",
        "function_invoke_failed",
        "configuration_error",
        "timeout",
        "execution_failed",
        "access_denied",
    }
)
_CALLED: Final = frozenset({"integration", "response_mapping"})
_ALWAYS: Final = frozenset({"request_mapping", "integration", "response_mapping"})
"""Phases of every request whose integration is called, whether logged or not."""

_AUTHORIZER_OVER: Final = frozenset({"authorizer_done", "usage_plan_start", "start", "method"})


@dataclass(frozen=True)
class Phase:
    """One phase: `start_ms` counts from the start of the request; None is unknown."""

    name: str
    start_ms: int | None
    duration_ms: int | None
    outcome: Outcome
    duration_source: DurationSource | None = None


@dataclass
class _Spans:
    """First and last moment of each phase, as offsets in ms, while the lines are walked."""

    starts: dict[str, int]
    ends: dict[str, int]
    failed: str | None = None
    begun: frozenset[str] = frozenset()
    logged: frozenset[str] = frozenset()

    def begin(self, phase: str | None, at: int) -> None:
        if phase is not None:
            self.starts.setdefault(phase, at)

    def end(self, phase: str | None, at: int) -> None:
        if phase is not None and phase in self.starts:
            self.ends[phase] = at

    def validate(self, at: int, *, valid: bool) -> None:
        """The request is validated before it is mapped; only the end of it is logged."""
        begun = self.starts.pop("request_mapping", None)
        if begun is not None:
            self.starts["validation"] = begun
            self.ends["validation"] = at
        if valid:
            self.starts["request_mapping"] = at

    def fail(self, at: int) -> None:
        """A failing line ends the last phase that has begun and not ended."""
        phase = next((name for name in reversed(PHASES) if name in self.starts and name not in self.ends), None)
        self.end(phase, at)
        self.failed = self.failed or phase


def phases_of(
    row: Mapping[str, Any], lines: Sequence[tuple[str | None, int | None]], access: Mapping[str, Any]
) -> tuple[Phase, ...]:
    """All six phases of a request.

    `row` is its row of REQUESTS, `lines` the line kinds of its execution lines with their offsets in true
    order, `access` what its access entry knows of phases: `authorizer_latency_ms`, `authorizer_status`. Where an
    offset is None the lines tell how far the request came, but not when.
    """
    spans = _from_lines([(kind, at or 0) for kind, at in lines])
    spans.begun = frozenset(spans.starts)
    if any(at is None for _, at in lines):
        spans.starts, spans.ends = {}, {}
    failing = _failing_phase(row, spans)
    known = _with_access(spans, row, access)
    last = _last_reached(failing, known, row)
    return tuple(_phase(name, known, row, failing=failing, last=last) for name in PHASES)


def _from_lines(lines: Iterable[tuple[str | None, int]]) -> _Spans:
    spans = _Spans({}, {})
    authorizing = False
    for kind, at in lines:
        if kind is None:
            continue
        authorizing = (authorizing or kind == "authorizer_start") and kind not in _AUTHORIZER_OVER
        # The authorizer is called with the same lines as the integration.
        if authorizing and kind in {"integration_request", "integration_response"}:
            continue
        spans.end(_ENDS.get(kind), at)
        spans.begin(_BEGINS.get(kind), at)
        if kind in {"request_valid", "request_invalid"}:
            spans.validate(at, valid=kind == "request_valid")
        if kind in _FAILURES:
            spans.fail(at)
    if "integration" not in spans.ends:
        spans.starts.pop("response_mapping", None)
    return spans


def _with_access(spans: _Spans, row: Mapping[str, Any], access: Mapping[str, Any]) -> _Spans:
    """Add what the access entry and the stated latencies know and the lines do not."""
    starts, ends, logged = dict(spans.starts), dict(spans.ends), set[str]()
    authorizer = access.get("authorizer_latency_ms")
    if authorizer is not None:
        starts.setdefault("authorizer", 0)
        ends["authorizer"] = starts["authorizer"] + authorizer
        logged.add("authorizer")
    integration = row["integration_latency_ms"]
    if integration is not None:
        if "integration" not in starts:
            # All that API Gateway added is laid before the call; after it there is next to nothing.
            starts["integration"] = max(row["overhead_ms"] or 0, ends.get("authorizer", 0))
            if "request_mapping" in ends:
                ends["request_mapping"] = min(ends["request_mapping"], starts["integration"])
        ends["integration"] = starts["integration"] + integration
        logged.add("integration")
    return _Spans(starts, ends, spans.failed, spans.begun.union(starts), frozenset(logged))


def _failing_phase(row: Mapping[str, Any], spans: _Spans) -> str | None:
    return FAILING_PHASE.get(row["cause"], spans.failed) if row["cause"] is not None else None


def _last_reached(failing: str | None, spans: _Spans, row: Mapping[str, Any]) -> int:
    """The index of the last phase that was reached; -1 for none."""
    if failing == BEFORE:
        return -1
    if failing is not None and row["cause"] not in PASSED_ON:
        return PHASES.index(failing)
    begun = [PHASES.index(name) for name in spans.begun]
    over = row["state"] != "in_flight"
    return len(PHASES) - 1 if over else max(begun, default=-1)


def _phase(name: str, spans: _Spans, row: Mapping[str, Any], *, failing: str | None, last: int) -> Phase:
    start, end = spans.starts.get(name), spans.ends.get(name)
    duration = max(0, end - start) if start is not None and end is not None else None
    source: DurationSource | None = None
    if duration is not None:
        source = "logged" if name in spans.logged else "computed"
    if name == failing:
        return Phase(name, start, duration, "failed", source)
    if PHASES.index(name) > last:
        return Phase(name, None, None, "not_reached")
    called = failing in _CALLED or _was_called(spans, row)
    taken = name in spans.begun or (name in _ALWAYS and called)
    return Phase(name, start, duration, "ok" if taken else "skipped", source)


def _was_called(spans: _Spans, row: Mapping[str, Any]) -> bool:
    """Whether an integration was called: then the request was mapped before and the response after."""
    return "integration" in spans.begun or row["integration_status"] is not None
