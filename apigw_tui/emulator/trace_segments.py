"""The X-Ray segments of one request to the shop: what API Gateway, Lambda and the functions tell of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from apigw_tui.emulator.calls import CLIENT_ERROR, SERVER_ERROR, Call, Run
from apigw_tui.emulator.details import CRASHES, KEYS_UNREACHABLE, REFUSED, Crash
from apigw_tui.emulator.dice import dice, hex_digest
from apigw_tui.emulator.feed import ACCOUNT_ID, REGION, JsonObject
from apigw_tui.emulator.fleet import DISPATCH_MS
from apigw_tui.emulator.sampling import SHOP_RULE

SHORTEST_LAG_MS: Final = 1_500
LONGEST_LAG_MS: Final = 9_000
THROTTLED: Final = 429
_WORK_SHARE: Final = 0.7
_DATABASE: Final = "orders-db.internal.example"
_KEYS_URL: Final = "https://login.example.com/.well-known/jwks.json"
_QUERIES: Final = {
    "GET": "select * from orders where id = ?",
    "POST": "insert into orders (customer_id, currency, lines) values (?, ?, ?)",
    "PATCH": "update orders set state = ? where id = ?",
    "DELETE": "delete from orders where id = ?",
}


class SegmentDocument(NamedTuple):
    """A segment, and when X-Ray can first return it (ms)."""

    visible_at: int
    document: JsonObject


def trace_segments(call: Call) -> list[SegmentDocument]:
    """The segments of a call that was sampled, API Gateway's first; none of any other."""
    if call.trace_id is None or not call.is_sampled:
        return []
    rng = dice("segments", call.trace_id)
    documents = [_gateway(call), *_authorizer_segments(call), *_integration_segments(call)]
    return [
        SegmentDocument(
            int(document["end_time"] * 1000) + rng.randrange(SHORTEST_LAG_MS, LONGEST_LAG_MS),
            {**document, "trace_id": call.trace_id},
        )
        for document in documents
    ]


def segment_id(call: Call, *names: object) -> str:
    """16 hex digits, the same whenever it is asked."""
    return hex_digest("segment", call.trace_id, *names)[:16]


def _gateway(call: Call) -> JsonObject:
    stage = call.stage
    return {
        "id": segment_id(call, "gateway"),
        "name": f"{stage.api_name}/{stage.name}",
        **_times(call.started_at, call.ended_at),
        "http": {
            "request": {
                "url": f"https://{stage.host}/{stage.name}{call.path}",
                "method": call.method,
                "client_ip": call.source_ip,
                "x_forwarded_for": True,
            },
            "response": {"status": call.status, "content_length": call.response_bytes},
        },
        "aws": {
            "xray": {"sampling_rule_name": SHOP_RULE.name},
            "api_gateway": {
                "account_id": ACCOUNT_ID,
                "rest_api_id": call.api_id,
                "stage": stage.name,
                "request_id": call.request_id,
            },
        },
        "annotations": {"aws:api_id": call.api_id, "aws:api_stage": stage.name},
        "metadata": {
            "default": {"extended_request_id": call.extended_request_id, "request_id": call.request_id},
        },
        "origin": "AWS::ApiGateway::Stage",
        "resource_arn": f"arn:aws:apigateway:{REGION}::/restapis/{call.api_id}/stages/{stage.name}",
        **_marks(call.status),
        **_nested(list(_gateway_calls(call))),
    }


def _gateway_calls(call: Call) -> Iterator[JsonObject]:
    if call.authorizer_run is not None and call.authorizer_ms is not None:
        name = call.authorizer_run.function.name
        yield _invoke(call, "authorizer", name, at=call.started_at + 1, took_ms=call.authorizer_ms)
    if call.integration_at is None or call.integration_ms is None or call.route is None:
        return
    if call.route.function is not None:
        name = call.route.function.name
        yield _invoke(call, "integration", name, at=call.integration_at, took_ms=call.integration_ms)
    elif call.route.uri is not None:
        yield _request(call, call.route.uri, call.integration_at, call.integration_ms)


def _invoke(call: Call, role: str, function: str, *, at: int, took_ms: int) -> JsonObject:
    """API Gateway calls a function; of one that does not answer in time it knows no status."""
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{function}"
    is_integration = role == "integration"
    throttled = is_integration and call.outcome.name == "function_throttled"
    hung = is_integration and call.outcome.name == "hung"
    status = THROTTLED if throttled else 200
    return {
        "id": segment_id(call, role),
        "name": "Lambda",
        **_times(at, at + took_ms),
        "namespace": "aws",
        "http": {
            "request": {
                "url": f"https://lambda.{REGION}.amazonaws.com/2015-03-31/functions/{arn}/invocations",
                "method": "POST",
            },
            **({} if hung else {"response": {"status": status}}),
        },
        "aws": {"function_name": function, "region": REGION, "operation": "Invoke", "resource_names": [function]},
        **({"fault": True} if hung else _marks(status)),
    }


def _request(call: Call, uri: str, at: int, took_ms: int) -> JsonObject:
    """API Gateway calls an HTTP backend."""
    unanswered = call.outcome.name in {"hung", "untrusted", "broken_link"}
    status = 403 if call.outcome.name == "no_mapping" else call.status
    return {
        "id": segment_id(call, "integration"),
        "name": urlsplit(uri).hostname or "",
        **_times(at, at + took_ms),
        "namespace": "remote",
        "http": {
            "request": {"url": f"https://{urlsplit(uri).hostname}{call.path}", "method": call.method},
            **({} if unanswered else {"response": {"status": status}}),
        },
        **({"fault": True} if unanswered else _marks(status)),
    }


def _authorizer_segments(call: Call) -> Iterator[JsonObject]:
    run = call.authorizer_run
    if run is None:
        return
    crash = (KEYS_UNREACHABLE if call.outcome.name == "authorizer_down" else REFUSED) if run.end == "error" else None
    asked: list[JsonObject] = []
    if crash is KEYS_UNREACHABLE:
        asked.append(
            {
                "id": segment_id(call, "keys"),
                "name": "login.example.com",
                **_times(run.started_at + 1, run.ended_at),
                "namespace": "remote",
                "http": {"request": {"url": _KEYS_URL, "method": "GET"}, "response": {"status": 503}},
                "fault": True,
            }
        )
    yield from _run_segments(call, "authorizer", run, crash=crash, asked=asked)


def _integration_segments(call: Call) -> Iterator[JsonObject]:
    run = call.run
    if run is not None:
        crash = CRASHES[call.detail] if run.end == "error" else None
        asked = list(_asked(call, run, crash))
        yield from _run_segments(call, "integration", run, crash=crash, asked=asked)
        for subsegment in asked:
            if subsegment["name"] == "DynamoDB":
                yield _table(call, subsegment)
    elif call.outcome.name == "function_throttled" and call.integration_at is not None and call.route is not None:
        ended_at = call.integration_at + (call.integration_ms or 0)
        yield {
            "id": segment_id(call, "integration", "service"),
            "parent_id": segment_id(call, "integration"),
            "name": call.route.function.name if call.route.function else "",
            **_times(call.integration_at + 1, ended_at),
            "origin": "AWS::Lambda",
            "http": {"response": {"status": THROTTLED}},
            "aws": {"request_id": call.integration_request_id},
            **_marks(THROTTLED),
        }


def _run_segments(
    call: Call, role: str, run: Run, *, crash: Crash | None, asked: list[JsonObject]
) -> Iterator[JsonObject]:
    """Lambda tells of an invocation twice: the service of the whole, the function of what it did."""
    name, failed = run.function.name, run.end != "success"
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{name}"
    begun_at = run.started_at - int(run.init_ms or 0)
    ended_at = run.ended_at + 1
    fault: JsonObject = {"fault": True} if failed else {}
    yield {
        "id": segment_id(call, role, "service"),
        "parent_id": segment_id(call, role),
        "name": name,
        **_times(begun_at - DISPATCH_MS + 2, ended_at),
        "origin": "AWS::Lambda",
        "resource_arn": arn,
        "http": {"response": {"status": 200}},
        "aws": {"request_id": run.request_id},
        **fault,
    }
    spans = {
        "Initialization": _times(begun_at, run.started_at),
        "Invocation": {**_times(run.started_at, run.ended_at), **fault, **_nested(asked)},
        "Overhead": _times(run.ended_at, ended_at),
    }
    if run.init_ms is None:
        del spans["Initialization"]
    parts = [{"id": segment_id(call, role, part), "name": part, **told} for part, told in spans.items()]
    yield {
        "id": segment_id(call, role, "function"),
        "parent_id": segment_id(call, role, "service"),
        "name": name,
        **_times(begun_at, ended_at),
        "origin": "AWS::Lambda::Function",
        "resource_arn": arn,
        "aws": {"function_arn": arn, "resource_names": [name]},
        **fault,
        **_cause(call, run, crash),
        "subsegments": parts,
    }


def _cause(call: Call, run: Run, crash: Crash | None) -> JsonObject:
    if run.end == "success":
        return {}
    exception_id = segment_id(call, run.request_id, "exception")
    if crash is None:
        message = f"RequestId: {run.request_id} Error: Task timed out after {run.function.timeout_s:.2f} seconds"
        exceptions = [{"id": exception_id, "type": "Sandbox.Timedout", "message": message, "remote": False}]
    else:
        stack = [{"path": path, "line": line, "label": label} for path, line, label in crash.stack]
        exceptions = [
            {"id": exception_id, "type": crash.kind, "message": crash.message, "remote": False, "stack": stack}
        ]
    return {"cause": {"working_directory": "/var/task", "exceptions": exceptions}}


def _asked(call: Call, run: Run, crash: Crash | None) -> Iterator[JsonObject]:
    """What the function asked of others before it ended: its carts' table or the orders' database."""
    unreachable = crash is not None and _DATABASE in crash.message
    if crash is not None and crash.kind == "KeyError":
        return
    start, took = run.started_at + 1, max(int(run.duration_ms * _WORK_SHARE), 1)
    if call.path.startswith("/carts"):
        operation = "GetItem" if call.method == "GET" else "PutItem"
        yield {
            "id": segment_id(call, "table"),
            "name": "DynamoDB",
            **_times(start, min(start + took, run.ended_at)),
            "namespace": "aws",
            "http": {"response": {"status": 200}},
            "aws": {"operation": operation, "table_name": "carts", "region": REGION, "resource_names": ["carts"]},
        }
        return
    waits = call.outcome.name == "hung" or unreachable
    end = run.ended_at if waits else min(start + took, run.ended_at)
    unfinished = run.end == "timeout"
    yield {
        "id": segment_id(call, "database"),
        "name": f"orders@{_DATABASE}",
        "start_time": start / 1000,
        **({"in_progress": True} if unfinished else {"end_time": max(end, start) / 1000}),
        "namespace": "remote",
        "sql": {
            "url": f"postgresql://{_DATABASE}:5432/orders",
            "database_type": "PostgreSQL",
            "sanitized_query": _QUERIES.get(call.method, _QUERIES["GET"]),
        },
        **({"fault": True} if unreachable else {}),
    }


def _table(call: Call, subsegment: JsonObject) -> JsonObject:
    """X-Ray infers a segment for a service that sends none."""
    told = {name: subsegment[name] for name in ("name", "start_time", "end_time", "http", "aws")}
    return {
        **told,
        "id": segment_id(call, "inferred"),
        "parent_id": subsegment["id"],
        "inferred": True,
        "origin": "AWS::DynamoDB::Table",
    }


def _times(start: int, end: int) -> JsonObject:
    """Epoch seconds."""
    return {"start_time": start / 1000, "end_time": end / 1000}


def _nested(subsegments: list[JsonObject]) -> JsonObject:
    return {"subsegments": subsegments} if subsegments else {}


def _marks(status: int) -> JsonObject:
    """How X-Ray marks an HTTP status."""
    if status >= SERVER_ERROR:
        return {"fault": True}
    if status == THROTTLED:
        return {"error": True, "throttle": True}
    return {"error": True} if status >= CLIENT_ERROR else {}
