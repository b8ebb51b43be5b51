"""The X-Ray trace of one request, by BatchGetTraces, and why there is none."""

from __future__ import annotations

from threading import Event as StopFlag
from typing import TYPE_CHECKING, Any, Final

from apigw_tui.core.trace import Trace, count_unread, normal_trace_id, segments_of
from apigw_tui.sources.calls import Call, perform
from apigw_tui.sources.limiter import Priority

if TYPE_CHECKING:
    from apigw_tui.sources.base import RequestRef
    from apigw_tui.sources.session import Aws

KEPT_MS: Final = 30 * 86_400_000
"""X-Ray keeps traces for 30 days."""
SETTLED_AFTER_MS: Final = 60_000
"""So long after a request its segments may still be on their way."""
_MOST_PAGES: Final = 40

NOT_YET: Final = "X-Ray has nothing of this trace yet: segments arrive up to a minute after the request."
NOT_THERE: Final = "X-Ray has no such trace: it was not sampled, or goes to Transaction Search."
TOO_OLD: Final = "X-Ray keeps traces for 30 days; this request is older."
UNPROCESSED: Final = "X-Ray has not processed this trace yet."
CUT: Final = "X-Ray left out the rest of this trace: it is larger than what X-Ray keeps."
UNREAD: Final = "{} of the trace's segment documents could not be read."


def read_trace(aws: Aws, request: RequestRef, stop: StopFlag, *, now: int) -> Trace | None:
    """What X-Ray has of the request's trace; None without trace ID or when stopped.

    Nothing found is told in `note`, as is what is missing. Raises AppError; needs xray:BatchGetTraces.
    """
    trace_id = normal_trace_id(request.trace_id)
    if trace_id is None:
        return None
    if now - request.ended_at > KEPT_MS:
        return Trace(trace_id, (), TOO_OLD)
    documents: list[str] = []
    parameters: dict[str, Any] = {"TraceIds": [trace_id]}
    notes: list[str] = []
    for _ in range(_MOST_PAGES):
        call = Call("xray", "batch_get_traces", f"read the trace {trace_id}", dict(parameters))
        answer = perform(aws, call, stop=stop, priority=Priority.VISIBLE)
        if answer is None:
            return None
        documents += _documents(answer, trace_id)
        notes += _notes(answer, trace_id)
        token = answer.get("NextToken")
        if not token or token == parameters.get("NextToken"):
            break
        parameters["NextToken"] = token
    if unread := count_unread(documents):
        notes.append(UNREAD.format(unread))
    segments = segments_of(documents, started_at=request.started_at)
    if not segments and not notes:
        notes.append(NOT_YET if now - request.ended_at < SETTLED_AFTER_MS else NOT_THERE)
    return Trace(trace_id, segments, " ".join(dict.fromkeys(notes)) or None)


def _documents(answer: dict[str, Any], trace_id: str) -> list[str]:
    return [
        segment["Document"]
        for trace in answer.get("Traces", ())
        if str(trace.get("Id", "")).lower() == trace_id
        for segment in trace.get("Segments", ())
        if segment.get("Document")
    ]


def _notes(answer: dict[str, Any], trace_id: str) -> list[str]:
    notes = [CUT for trace in answer.get("Traces", ()) if trace.get("LimitExceeded") and trace.get("Id") == trace_id]
    return [*notes, *([UNPROCESSED] if trace_id in answer.get("UnprocessedTraceIds", ()) else ())]
