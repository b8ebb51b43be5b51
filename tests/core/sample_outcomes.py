"""The transcripts beside the repository whose outcome is known, with what they must come out as."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import polars as pl

from apigw_tui.core.parse import parse_events
from apigw_tui.core.requests import summarise
from apigw_tui.core.schema import RAW_EVENTS
from tests.core.log_lines import REQUEST, START

SAMPLES: Final = Path(__file__).parents[2].parent / "shared" / "samples"
_STAMPED: Final = re.compile(r"^(\d{13})\t(\d+)\t(.*)$")
_TEST_DATE: Final = r"[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d [\d:]+ UTC \d{4}|DDD MMM dd hh:mm:ss UTC yyyy"
_DATED: Final = re.compile(rf"^(?:\d{{4}}-\d\d-\d\dT[\d:.]+Z ?|(?:{_TEST_DATE}) : )")


def rows(name: str) -> list[tuple[Any, ...]]:
    """RAW_EVENTS rows of a transcript: stamped lines, a subscription record, or bare text."""
    text = (SAMPLES / name).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if name.endswith(".json"):
        record = json.loads("\n".join(lines))
        return [
            (int(event["timestamp"]), None, str(event["id"]), record["logGroup"], "s", "", event["message"])
            for event in record["logEvents"]
        ]
    found: list[tuple[Any, ...]] = []
    for line in lines:
        if stamped := _STAMPED.match(line):
            found.append((int(stamped[1]), None, stamped[2], name, "s", "", stamped[3]))
            continue
        body = _DATED.sub("", line)
        if body:
            message = body if body.startswith("(") else f"({REQUEST}) {body}"
            found.append((START, None, None, name, "s", "", message))
    return found


@dataclass(frozen=True)
class Outcome:
    """A transcript, or those of its lines that hold `only`, and what it says of its one request."""

    name: str
    cause: str | None
    status: int | None = None
    only: str = ""
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The file, and which of its lines."""
        return f"{self.name} ({self.only})" if self.only else self.name

    @property
    def expected(self) -> dict[str, Any]:
        """The columns of REQUESTS that are known."""
        status = {} if self.status is None else {"status": self.status}
        return {"cause": self.cause, **status, **self.ids}

    def parsed(self) -> pl.DataFrame:
        """PARSED_EVENTS of the transcript."""
        chosen = [row for row in rows(self.name) if self.only in row[-1]]
        return parse_events(pl.DataFrame(chosen, schema=RAW_EVENTS, orient="row"), {})

    def found(self) -> dict[str, Any]:
        """What those columns came out as, over all requests of the transcript."""
        requests = summarise(self.parsed())
        found = {name: requests[name].unique().to_list() for name in self.expected}
        return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


_200A: Final = {"trace_id": "1-5c755b5d-07b29b94e632d3da19d88789"}
_WHOLE: Final = (
    Outcome("rest-lambda-proxy-200-a.txt", None, 200),
    Outcome("rest-lambda-proxy-200-c.txt", None, 200),
    Outcome(
        "env-subscription-rest-lambda-proxy-200.json",
        None,
        200,
        ids={**_200A, "integration_request_id": "57593f79-6e46-4a6f-91b1-f5d848cc2059"},
    ),
    Outcome("env-subscription-rest-info-no-data-trace-200.json", None, 200),
    Outcome("s3export-2016-rest-apikey-lambda-200.txt", None, 200),
    Outcome("testinvoke-2022-lambda-proxy-text-200.txt", None, 200),
    Outcome("testinvoke-2017-lambda-nonproxy-200-docs.txt", None, 200),
    Outcome("testinvoke-2025-lambda-aws-200.txt", None, 200),
    Outcome(
        "rest-2018-504-timeout.txt",
        "integration_timeout",
        504,
        ids={"request_id": "8a699106-8d59-11e8-905d-b3747276ed60"},
    ),
    Outcome("rest-error-level-504-timeout.txt", "integration_timeout", 504),
    Outcome("rest-error-level-502-malformed.txt", "lambda_malformed_response", 502),
    Outcome("rest-lambda-proxy-malformed-502-a.txt", "lambda_malformed_response", 502),
    Outcome("testinvoke-2022-malformed-string-502.txt", "lambda_malformed_response", 502),
    Outcome("rest-error-level-500-lambda-permission.txt", "lambda_permission", 500),
    Outcome(
        "rest-error-level-500-lambda-throttled.txt",
        "lambda_throttled",
        500,
        ids={"integration_request_id": "dcb2ab89-2d03-4b77-98cd-18d14fd2b850"},
    ),
    Outcome("rest-lambda-fn-timeout-502-a.txt", "lambda_timeout", 502),
    Outcome("env-subscription-rest-lambda-fn-timeout-502.json", "lambda_timeout", 502),
    Outcome("rest-key-throttle-429-a.txt", "throttled", 429, ids={"extended_request_id": "Vts2FFmArPEFh8g="}),
    Outcome("env-subscription-rest-key-throttle-429.json", "throttled", 429),
    Outcome(
        "rest-request-authorizer-401-2026.txt",
        "authorizer_unauthorized",
        401,
        ids={"trace_id": "1-6962324d-273b8749616a929c8bd4fd14"},
    ),
    Outcome("authorizer-test-request-unauthorized.txt", "authorizer_unauthorized", 401),
    Outcome("testinvoke-2025-invalid-endpoint-500.txt", "integration_endpoint_invalid", 500),
)
_FAILING_LINES: Final = (
    Outcome("rest-apikey-not-in-usage-plan.txt", "invalid_api_key"),
    Outcome("rest-model-validation-400.txt", "bad_request_body", only="missing required"),
    Outcome("rest-model-validation-400.txt", "bad_request_body", only="Unknown error"),
    Outcome("rest-sqs-no-output-mapping-500.txt", "integration_output_mapping"),
    Outcome("rest-tls-pkix-selfsigned-500.txt", "integration_tls", only="path building"),
    Outcome("rest-tls-pkix-selfsigned-500.txt", "integration_tls", only="path validation"),
    Outcome("rest-vpclink-500.txt", "integration_internal_error", only="internal error"),
    Outcome("rest-vpclink-500.txt", "integration_tls", only="Host name"),
    Outcome("rest-lambda-handler-missing-502.txt", "lambda_function_error", only="Handler 'handler'"),
    Outcome("rest-lambda-handler-missing-502.txt", "lambda_function_error", only="Process exited"),
    Outcome("rest-lambda-handler-missing-502.txt", "lambda_function_error", only="Expecting value"),
    Outcome("rest-lambda-handler-missing-502.txt", "lambda_permission", only="Invalid permissions"),
    Outcome("authorizer-config-error-assume-role.txt", "authorizer_configuration_error"),
    Outcome("authorizer-null-policy.txt", "authorizer_configuration_error"),
)


def _mocks() -> Iterator[Outcome]:
    for path in sorted(SAMPLES.glob("testinvoke-*-mock-*.txt")):
        status = re.findall(r"Method completed with status: (\d{3})", path.read_text(encoding="utf-8"))
        if status and int(status[-1]) < 400:
            yield Outcome(path.name, None, int(status[-1]))


def outcomes() -> tuple[Outcome, ...]:
    """Every transcript whose outcome is known."""
    return (*_WHOLE, *_FAILING_LINES, *_mocks())
