"""What a data trace adds to an execution log: header maps, bodies, addresses. Only keys are masked."""

from __future__ import annotations

import base64
import json
import random
from datetime import UTC, datetime
from typing import Any, Final

from apigw_tui.emulator.access_entry import lambda_source_arn, request_time, timed_out_text
from apigw_tui.emulator.calls import CLIENT_ERROR, Call
from apigw_tui.emulator.catalogue import AUTHORIZER_ID, ORDERS_AUTHORIZER
from apigw_tui.emulator.details import CRASHES, KEYS_UNREACHABLE
from apigw_tui.emulator.feed import ACCOUNT_ID, REGION

SIGNATURE_STARS: Final = 232
_GOODS: Final = ("Oak desk", "Desk lamp", "Wool blanket", "Enamel mug – größe M", "Paper globe", "Cork board")


def header_map(headers: dict[str, str]) -> str:
    """`{name=value, name=value}`: nothing is quoted, so a comma in a value looks like the next header."""
    return "{" + ", ".join(f"{name}={value}" for name, value in headers.items()) + "}"


class Payloads:
    """The bodies and headers of one request. Asked in the order of the log, it tells one consistent story."""

    def __init__(self, call: Call, rng: random.Random) -> None:
        """Draw what the client sent."""
        self._call = call
        self._rng = rng
        self._token = base64.urlsafe_b64encode(rng.getrandbits(480).to_bytes(60, "big")).decode()
        self._sent = self._order() if call.method in {"POST", "PUT", "PATCH"} else ""
        self._headers = {
            "Accept": "application/json, text/plain, */*",
            "User-Agent": call.user_agent,
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": call.source_ip,
            "Host": call.stage.host,
            "X-Forwarded-Port": "443",
            "X-Amzn-Trace-Id": f"Root=1-{call.started_at // 1000:08x}-{rng.getrandbits(96):024x}",
            "Cookie": f"session={rng.getrandbits(64):016x}; theme=dark",
        }
        if self._sent:
            self._headers["Content-Type"] = "application/json"

    def _order(self) -> str:
        rng = self._rng
        lines = [
            {
                "sku": f"KB-{rng.randrange(1000, 1090)}",
                "name": rng.choice(_GOODS),
                "quantity": rng.randrange(1, 5),
            }
            for _ in range(rng.randrange(1, 14))
        ]
        order: dict[str, Any] = {
            "customerId": rng.randrange(40_000, 49_000),
            "currency": "EUR",
            "lines": lines,
        }
        if self._call.outcome.name == "bad_body":
            del order["customerId"]
        if rng.randrange(5) == 0:
            order["note"] = "Please ring twice.\n(back door) thank you"
        return json.dumps(order, ensure_ascii=False, indent=2 if len(lines) % 3 == 0 else None)

    def request(self) -> list[str]:
        """The client's request."""
        call = self._call
        key = call.api_key
        bodies = [f"API Key: {key.masked}", f"API Key ID: {key.key_id}"] if key else []
        headers = dict(self._headers)
        if key:
            headers["X-Api-Key"] = key.masked
        if call.route and call.route.authorized:
            headers["Authorization"] = "*" * 60 + self._token[-6:]
        parameter = self._parameter()
        bodies += [
            f"Method request path: {{{parameter}}}",
            f"Method request query string: {{{call.query}}}",
            f"Method request headers: {header_map(headers)}",
            f"Method request body before transformations: {self._sent}",
        ]
        if call.route and call.route.validated and call.outcome.gate != "validation":
            bodies.append("Request validation succeeded for content type application/json")
        return bodies

    def _parameter(self) -> str:
        template = self._call.route.template if self._call.route else ""
        if "{" not in template:
            return ""
        name = template.split("{", 1)[1].split("}", 1)[0]
        return f"{name}={self._call.path.split('/')[2]}"

    def _uri(self) -> str:
        route = self._call.route
        if route is None:
            return ""
        if route.function is not None:
            return route.function.invocation_uri(self._call.stage.alias)
        uri = route.uri or ""
        return uri.split("{", 1)[0] + self._call.path.rsplit("/", 1)[1] if "{" in uri else uri

    def integration_request(self) -> list[str]:
        """What API Gateway sends on, and where to."""
        route = self._call.route
        function = route is not None and route.function is not None
        source = lambda_source_arn(self._call)
        headers = self._signed_headers(source) if function else header_map(self._plain_headers())
        uri = self._uri()
        return [
            f"Endpoint request URI: {uri}",
            f"Endpoint request headers: {headers}",
            f"Endpoint request body after transformations: {self._proxy_event() if function else self._sent}",
            f"Sending request to {uri}",
        ]

    def _plain_headers(self) -> dict[str, str]:
        return {"x-amzn-apigateway-api-id": self._call.stage.api_id, **self._headers}

    def _signed_headers(self, source_arn: str) -> str:
        call, rng = self._call, self._rng
        signed_at = datetime.fromtimestamp(call.started_at / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
        session = base64.b64encode(rng.getrandbits(5600).to_bytes(700, "big")).decode()
        return header_map(
            {
                "x-amzn-lambda-integration-tag": call.request_id,
                "Authorization": "*" * SIGNATURE_STARS + f"{rng.getrandbits(24):06x}",
                "X-Amz-Date": signed_at,
                "x-amzn-apigateway-api-id": call.stage.api_id,
                "X-Amz-Source-Arn": source_arn,
                "Accept": "application/json",
                "User-Agent": f"AmazonAPIGateway_{call.stage.api_id}",
                "X-Amz-Security-Token": session,
            }
        )

    def _proxy_event(self) -> str:
        call = self._call
        context = {
            "resourceId": call.route.resource_id if call.route else None,
            "requestId": call.request_id,
            "extendedRequestId": call.extended_request_id,
            "requestTime": request_time(call.started_at),
            "requestTimeEpoch": call.started_at,
            "accountId": ACCOUNT_ID,
            "stage": call.stage.name,
            "apiId": call.stage.api_id,
            "identity": {"sourceIp": call.source_ip, "userAgent": call.user_agent},
        }
        event = {
            "resource": call.route.template if call.route else "",
            "path": call.path,
            "httpMethod": call.method,
            "headers": {**self._headers, "Authorization": f"Bearer {self._token}"},
            "requestContext": context,
            "body": self._sent or None,
            "isBase64Encoded": False,
        }
        return json.dumps(event, separators=(",", ":"), ensure_ascii=False)

    def authorizer_request(self) -> list[str]:
        """What API Gateway asks the authorizer: the token stands in it, in clear."""
        call = self._call
        uri = ORDERS_AUTHORIZER.invocation_uri(call.stage.alias)
        scope = f"arn:aws:execute-api:{REGION}:{ACCOUNT_ID}"
        event = {
            "type": "REQUEST",
            "methodArn": f"{scope}:{call.stage.scope}/{call.method}{call.path}",
            "resource": call.route.template if call.route else "",
            "path": call.path,
            "httpMethod": call.method,
            "headers": {"Authorization": f"Bearer {self._token}", **self._headers},
        }
        return [
            f"Endpoint request URI: {uri}",
            "Endpoint request headers: "
            + self._signed_headers(f"{scope}:{call.stage.api_id}/authorizers/{AUTHORIZER_ID}"),
            f"Endpoint request body after transformations: {json.dumps(event, separators=(',', ':'))}",
            f"Sending request to {uri}",
        ]

    def authorizer_result(self) -> str:
        """What the authorizer answered."""
        head = "Authorizer result body before parsing: "
        if self._call.outcome.name == "authorizer_down":
            crash = {"errorMessage": KEYS_UNREACHABLE.message, "errorType": KEYS_UNREACHABLE.kind}
            return head + json.dumps(crash, separators=(",", ":"))
        effect = "Deny" if self._call.outcome.name == "denied" else "Allow"
        statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": "*"}
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        result = {"principalId": self._call.client.principal, "policyDocument": policy}
        return head + json.dumps(result, separators=(",", ":"))

    def integration_response(self) -> list[str]:
        """What the backend answered."""
        call, name = self._call, self._call.outcome.name
        status = 200 if call.run is not None else call.integration_status
        answer = self._answer()
        headers = {
            "Date": datetime.fromtimestamp(call.ended_at / 1000, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT"),
            "Content-Type": "application/json",
            "Content-Length": str(len(answer.encode())),
            "Connection": "keep-alive",
        }
        if call.run is not None:
            headers |= {"x-amzn-RequestId": call.run.request_id, "X-Amz-Executed-Version": call.run.version}
        if name in {"crashed", "function_timeout"}:
            headers["X-Amz-Function-Error"] = "Unhandled"
        return [
            f"Received response. Status: {status}, Integration latency: {call.integration_ms} ms",
            f"Endpoint response headers: {header_map(headers)}",
            f"Endpoint response body before transformations: {answer}",
        ]

    def _answer(self) -> str:
        call = self._call
        if call.outcome.name == "crashed":
            crash = CRASHES[call.detail]
            return json.dumps({"errorType": crash.kind, "errorMessage": crash.message})
        if call.outcome.name == "function_timeout":
            return json.dumps({"errorMessage": timed_out_text(call)})
        if call.outcome.name == "malformed":
            return '{"order": {"state": "open", "lines": 3}}'
        body = self._body()
        if call.run is None:
            return body
        return json.dumps({"statusCode": call.status, "headers": {}, "body": body}, ensure_ascii=False)

    def _body(self) -> str:
        """The client's answer: padded with order lines to about the length that the access entry names."""
        size = self._call.response_bytes
        if size == 0:
            return ""
        if self._call.status >= CLIENT_ERROR:
            return json.dumps({"error": "not possible", "reference": self._call.extended_request_id})
        rows = [{"sku": f"KB-{1000 + row}", "name": _GOODS[row % len(_GOODS)]} for row in range(size // 45 + 1)]
        return json.dumps({"items": rows}, ensure_ascii=False, indent=1 if size % 2 else None)

    def response(self) -> list[str]:
        """What the client is given."""
        headers = {"Content-Type": "application/json", "X-Amzn-Trace-Id": self._headers["X-Amzn-Trace-Id"]}
        return [
            f"Method response body after transformations: {self._body()}",
            f"Method response headers: {header_map(headers)}",
        ]
