"""Writes the execution log of one request to a REST API, in API Gateway's own order."""

from __future__ import annotations

import random
from typing import Final

from apigw_tui.emulator.access_entry import timed_out_text
from apigw_tui.emulator.batches import Line
from apigw_tui.emulator.calls import Call
from apigw_tui.emulator.catalogue import AUTHORIZER_ID
from apigw_tui.emulator.payloads import Payloads

LIMIT: Final = 1024
"""Characters of a line after its `(id) ` prefix; the rest is cut."""
CUT_MARK: Final = " [TRUNCATED]"

UNREADABLE_ANSWERS: Final = (
    '{"statusCode": 200, "body": {"order": {"state": "open"}}}',
    '{"order": {"state": "open", "lines": 3}}',
    '"undefined"',
)


def rest_lines(call: Call, rng: random.Random) -> list[Line]:
    """The lines as they come out at the stage's level; none when it keeps no execution log."""
    if call.stage.level == "OFF" or call.outcome.gate == "route":
        return []
    bodies = _error_bodies(call, rng) if call.stage.level == "ERROR" else _info_bodies(call, rng)
    prefix = f"({call.request_id}) "
    return [(at, prefix + cut(body)) for at, body in bodies]


def cut(body: str) -> str:
    """At most 1024 characters, and the mark that API Gateway leaves."""
    return body if len(body) <= LIMIT else body[:LIMIT] + CUT_MARK


def _error_bodies(call: Call, rng: random.Random) -> list[Line]:
    failure = _failure(call, rng)
    return [(call.ended_at, body) for body in (*failure, _done(call))] if failure else []


def _info_bodies(call: Call, rng: random.Random) -> list[Line]:
    payloads = Payloads(call, rng) if call.stage.data_trace else None
    lines: list[Line] = [(call.started_at, f"Extended Request Id: {call.extended_request_id}")]
    gate = call.outcome.gate
    if call.outcome.name == "identity_missing" or call.authorizer_run is not None:
        lines += _authorizer(call, payloads)
    if gate == "authorizer":
        return lines + _trace(call)
    planned_at = call.started_at + (call.authorizer_ms or 0) + 1
    lines += _usage_plan(call, planned_at)
    if gate in {"key", "throttle"}:
        return [*lines, (call.ended_at, _done(call)), *_trace(call)]
    begun_at = call.integration_at or planned_at + 1
    begun = [f"Starting execution for request: {call.request_id}"]
    begun.append(f"HTTP Method: {call.method}, Resource Path: {call.path}")
    begun += payloads.request() if payloads else ()
    if gate != "validation" and payloads and call.reached_integration:
        begun += payloads.integration_request()
    lines += [(begun_at, body) for body in begun]
    lines += [(call.ended_at, body) for body in _ending(call, rng, payloads)]
    return lines + _trace(call)


def _ending(call: Call, rng: random.Random, payloads: Payloads | None) -> list[str]:
    answered = call.integration_request_id is not None or (call.run is None and call.integration_status is not None)
    bodies: list[str] = []
    if payloads and call.reached_integration and answered and call.outcome.name != "function_throttled":
        bodies += payloads.integration_response()
    failure = _failure(call, rng)
    if failure and payloads and call.outcome.name == "malformed":
        failure = failure[1:]
    if failure:
        bodies += failure
    else:
        bodies += payloads.response() if payloads else ()
        bodies.append("Successfully completed execution")
    bodies.append(_done(call))
    if call.integration_request_id is not None:
        bodies.append(f"AWS Integration Endpoint RequestId : {call.integration_request_id}")
    return bodies


def _done(call: Call) -> str:
    return f"Method completed with status: {call.status}"


def _trace(call: Call) -> list[Line]:
    return [(call.ended_at, f"X-ray Tracing ID : Root={call.trace_id}")] if call.trace_id else []


def _failure(call: Call, rng: random.Random) -> list[str]:
    """The lines that say why the request failed; the first names the root cause."""
    outcome, lambda_id = call.outcome, call.integration_request_id
    if outcome.name in {"crashed", "function_timeout"}:
        return [_function_error(call.detail or timed_out_text(call), lambda_id)]
    if outcome.name == "malformed":
        answer = rng.choice(UNREADABLE_ANSWERS)
        return [f"Endpoint response body before transformations: {answer}", outcome.integration_error]
    if outcome.name == "function_throttled":
        refused = f"Lambda invocation failed with status: 429. Lambda request id: {lambda_id}"
        return [refused, outcome.integration_error]
    if outcome.name == "bad_body":
        return [f"Request body does not match model schema for content type application/json: {call.detail}"]
    return [outcome.integration_error] if outcome.gate == "integration" else []


def _function_error(message: str, lambda_id: str | None) -> str:
    return (
        f"Lambda execution failed with status 200 due to customer function error: {message}. "
        f"Lambda request id: {lambda_id}"
    )


def _authorizer(call: Call, payloads: Payloads | None) -> list[Line]:
    name, asked_at = call.outcome.name, call.started_at + 1
    lines: list[Line] = [(asked_at, f"Starting authorizer: {AUTHORIZER_ID} for request: {call.request_id}")]
    if name == "identity_missing":
        return [*lines, (call.ended_at, f"Unauthorized request: {call.request_id}")]
    answered_at = call.started_at + (call.authorizer_ms or 0)
    lines.append((asked_at, f"Incoming identity: {'*' * 52}{call.extended_request_id[4:10]}"))
    if payloads:
        lines += [(asked_at, body) for body in payloads.authorizer_request()]
    if name == "token_refused":
        return [*lines, (answered_at, f"Unauthorized request: {call.request_id}")]
    if payloads:
        lines.append((answered_at, payloads.authorizer_result()))
    if name == "authorizer_down":
        return lines + [(answered_at, body) for body in (*_AUTHORIZER_DOWN, _done(call))]
    principal = call.client.principal
    lines += [
        (answered_at, f"Using valid authorizer policy for principal: {'*' * 8}{principal[-6:]}"),
        (answered_at, "Successfully completed authorizer execution"),
    ]
    if name == "denied":
        lines.append((answered_at, "The client is not authorized to perform this operation."))
    return lines


_AUTHORIZER_DOWN: Final = (
    (
        "Execution failed due to configuration error: Invalid JSON in response: "
        'Unrecognized field "errorType" , not marked as ignorable'
    ),
    "Execution failed due to configuration error: Authorizer error",
    "AuthorizerConfigurationException",
)


def _usage_plan(call: Call, at: int) -> list[Line]:
    stage, key = call.stage.scope, call.api_key.masked if call.api_key else ""
    route = call.route.key if call.route else ""
    lines = [(at, f"Verifying Usage Plan for request: {call.request_id}. API Key: {key} API Stage: {stage}")]
    name = call.outcome.name
    if name == "key_missing":
        return [*lines, (at, f"API Key {key} not authorized because method '{route}' requires API Key")]
    if name == "key_unknown":
        why = f"API Key is not associated with a Usage Plan for API Stage {stage}"
        reason = f"requires API Key and {why}: No Usage Plan found for key and API Stage"
        return [*lines, (at, f"API Key {key} not authorized because method '{route}' {reason}")]
    if name == "throttled":
        return [*lines, (call.ended_at, _throttled(call))]
    if not key:
        why = "Request will not contribute to throttle or quota limits"
        lines.append((at, f"API Key  authorized because method '{route}' does not require API Key. {why}"))
    lines.append((at, f"Usage Plan check succeeded for API Key {key} and API Stage {stage}"))
    return lines


def _throttled(call: Call) -> str:
    resource = call.route.resource_id if call.route else "-"
    return (
        f"Key throttle limit exceeded for RestApi {call.stage.api_id}, Stage {call.stage.name}, "
        f"Resource {resource}, HttpMethod {call.method}. Limit: 5.00 Burst: 10"
    )
