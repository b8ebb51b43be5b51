"""Writes access entries: a stage's `$context` format with the values of one request."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from apigw_tui.emulator.calls import Call
from apigw_tui.emulator.details import KEYS_UNREACHABLE, REFUSED
from apigw_tui.emulator.feed import ACCOUNT_ID, REGION

_VARIABLE: Final = re.compile(r"\$context\.([A-Za-z0-9]+(?:\.[A-Za-z0-9]+)*)")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
ABSENT: Final = "-"

Writer = Callable[[Call], str]


def request_time(at: int) -> str:
    """`$context.requestTime`: seconds, English months, always UTC."""
    moment = datetime.fromtimestamp(at // 1000, UTC)
    return f"{moment:%d}/{_MONTHS[moment.month - 1]}/{moment:%Y:%H:%M:%S} +0000"


def access_writer(access_format: str) -> Writer:
    """Compile a format: the writer replaces each variable by its value, unknown ones by `-`.

    In formats that look like JSON, quotes, backslashes and control characters of values are escaped; in all
    others values stand as the client sent them.
    """
    parts = _VARIABLE.split(access_format)
    texts, names = parts[::2], parts[1::2]
    as_json = access_format.lstrip().startswith("{")
    escaped = [name for name in CLIENT_WRITTEN if as_json and name in names]

    def write(call: Call) -> str:
        values = access_values(call)
        for name in escaped:
            values[name] = json.dumps(values.get(name, ABSENT), ensure_ascii=False)[1:-1]
        pieces = [texts[0]]
        for name, text in zip(names, texts[1:], strict=True):
            pieces += (values.get(name, ABSENT), text)
        return "".join(pieces)

    return write


CLIENT_WRITTEN: Final = (
    "identity.userAgent",
    "path",
    "error.message",
    "error.validationErrorString",
    "integration.error",
)
"""Variables whose values may hold quotes."""


def access_values(call: Call) -> dict[str, str]:
    """Every variable that has a value, or `-`, for this request."""
    values = _request_values(call)
    if call.stage.api_type == "REST":
        values |= _rest_values(call)
    else:
        values |= _v2_values(call)
    return values


def _text(value: object | None) -> str:
    return ABSENT if value is None else str(value)


def _request_values(call: Call) -> dict[str, str]:
    outcome, stage = call.outcome, call.stage
    return {
        "accountId": ACCOUNT_ID,
        "apiId": stage.api_id,
        "stage": stage.name,
        "domainName": stage.host,
        "requestId": call.request_id,
        "extendedRequestId": call.extended_request_id,
        "requestTime": request_time(call.started_at),
        "requestTimeEpoch": str(call.started_at),
        "httpMethod": call.method,
        "path": f"/{stage.name}{call.path}",
        "protocol": "HTTP/1.1",
        "status": str(call.status),
        "responseLength": str(call.response_bytes),
        "responseLatency": str(call.latency_ms),
        "identity.sourceIp": call.source_ip,
        "identity.userAgent": call.user_agent,
        "error.message": outcome.message,
        "error.responseType": outcome.response_type,
        "integrationLatency": _text(call.integration_ms),
        "integration.latency": _text(call.integration_ms),
        "integration.requestId": _text(call.integration_request_id),
        "integration.status": _text(call.integration_status),
        "integration.error": integration_error(call),
    }


def integration_error(call: Call) -> str:
    """`$context.integration.error`; a crash carries what the function threw."""
    if call.outcome.name == "crashed":
        return f"Lambda Customer Function Error:{call.detail}"
    if call.outcome.name == "function_timeout" and call.run is not None:
        return f"Lambda Customer Function Error:{timed_out_text(call)}"
    return call.outcome.integration_error


def timed_out_text(call: Call) -> str:
    """What Lambda says of a run that took too long; empty for any other."""
    if call.run is None:
        return ""
    moment = datetime.fromtimestamp(call.run.ended_at / 1000, UTC)
    stamp = f"{moment:%Y-%m-%dT%H:%M:%S}.{call.run.ended_at % 1000:03d}Z"
    return f"{stamp} {call.run.request_id} Task timed out after {call.run.function.timeout_s:.2f} seconds"


def _service_status(call: Call) -> str:
    """The status of the Lambda service: 200 even when the function crashed."""
    if call.outcome.name == "function_throttled":
        return "429"
    if call.run is not None and call.outcome.name != "hung":
        return "200"
    return _text(call.integration_status)


def _rest_values(call: Call) -> dict[str, str]:
    known_key = call.outcome.gate in {"throttle", "validation", "integration", "done"}
    return {
        "resourcePath": call.route.template if call.route else ABSENT,
        "resourceId": call.route.resource_id if call.route else ABSENT,
        "xrayTraceId": _text(call.trace_id),
        "identity.apiKeyId": call.api_key.key_id if call.api_key and known_key else ABSENT,
        "integration.integrationStatus": _service_status(call),
        "integrationStatus": _service_status(call),
        "error.validationErrorString": call.detail if call.outcome.name == "bad_body" else ABSENT,
    } | _authorizer_values(call)


_AUTHORIZER_ERRORS: Final[Mapping[str, tuple[str, str]]] = {
    "authorizer_down": ("500", f"Lambda Authorizer Customer Function Error:{KEYS_UNREACHABLE.message}"),
    "token_refused": ("401", REFUSED.message),
    "identity_missing": ("401", REFUSED.message),
}


def _authorizer_values(call: Call) -> dict[str, str]:
    if call.route is None or not call.route.authorized:
        return {}
    status, error = _AUTHORIZER_ERRORS.get(call.outcome.name, ("200", ABSENT))
    asked = call.authorizer_run is not None
    return {
        "authorizer.principalId": call.client.principal if error == ABSENT else ABSENT,
        "authorizer.requestId": call.authorizer_run.request_id if call.authorizer_run else ABSENT,
        "authorizer.status": status if asked or error != ABSENT else ABSENT,
        "authorizer.latency": _text(call.authorizer_ms),
        "authorizer.error": error,
    }


def _v2_values(call: Call) -> dict[str, str]:
    """HTTP APIs name routes by key and have no resource path; their integration status is the backend's."""
    status = "200" if call.outcome.name == "crashed" else _text(call.integration_status)
    return {
        "routeKey": call.route.key if call.route else ABSENT,
        "integrationStatus": status,
        "integration.integrationStatus": status,
        "connectionId": _text(call.connection_id),
        "eventType": _text(call.event_type),
        "messageId": call.extended_request_id if call.event_type == "MESSAGE" else ABSENT,
    }


def lambda_source_arn(call: Call) -> str:
    """The ARN by which API Gateway names a method to Lambda."""
    template = call.route.template if call.route else call.path
    scope = f"arn:aws:execute-api:{REGION}:{ACCOUNT_ID}:{call.stage.scope}"
    return f"{scope}/{call.method}{template}"
