"""One sentence on why this very request failed, with its names and numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from apigw_tui.core.units import duration

if TYPE_CHECKING:
    from collections.abc import Mapping

_QUOTE_LENGTH: Final = 200
_SECOND: Final = 1000
_OWN_TIME: Final = 100  # ms

_SENTENCES: Final = {
    "integration_timeout": "{who} did not answer {waited}, so {answered}.",
    "integration_endpoint_invalid": "The integration's address{uri} cannot be called{quote}, so {answered}.",
    "integration_tls": "The certificate of {whom} was not accepted{quote}, so {answered}.",
    "integration_network": "The connection to {whom} failed{quote}, so {answered}.",
    "integration_internal_error": "The call to {whom} met an internal error{quote}, so {answered}.",
    "integration_output_mapping": "The answer of {whom}{backend} fits no output mapping, so {answered}.",
    "lambda_function_error": "{who} ended with an error{quote}, so {answered}.",
    "lambda_timeout": "{who} ran into its own timeout{limit}, so {answered}.",
    "lambda_malformed_response": "{who} answered in a shape that is no proxy response, so {answered}.",
    "lambda_throttled": "Lambda refused to run {whom} for lack of free concurrency, so {answered}.",
    "lambda_permission": "API Gateway is not allowed to invoke {whom}, so {answered}.",
    "backend_error": "{who} itself answered {integration_status}, and API Gateway passed it on{took}.",
    "backend_client_error": "{who} itself answered {integration_status}, and API Gateway passed it on{took}.",
    "authorizer_unauthorized": "The authorizer did not accept the credentials of {caller}, so {answered}.",
    "authorizer_denied": "{Caller} may not call {operation}, so {answered}.",
    "authorizer_configuration_error": "The authorizer could not be used{quote}, so {answered}.",
    "authorizer_failure": "The authorizer failed{quote}, so {answered}.",
    "resource_policy_denied": "The API's resource policy does not allow {client}, so {answered}.",
    "missing_authentication_token": "No credentials came, or the API has no {operation}, so {answered}.",
    "invalid_signature": "The signature of the request was not accepted{quote}, so {answered}.",
    "expired_token": "The token of {caller} had expired, so {answered}.",
    "invalid_api_key": "{key} was not accepted for {operation}, so {answered}.",
    "throttled": "{sender} went over the rate limit{rate}, so {answered}.",
    "quota_exceeded": "{key} has used up its quota, so {answered}.",
    "waf_blocked": "A rule of AWS WAF blocked {client}, so {answered}.",
    "waf_error": "AWS WAF could not evaluate its rules, so {answered}.",
    "bad_request_body": "The body of the request does not match the model{quote}, so {answered}.",
    "bad_request_parameters": "A parameter of the request is missing or wrong{quote}, so {answered}.",
    "unsupported_media_type": "No mapping template takes the content type of the request, so {answered}.",
    "request_too_large": "The request is larger than API Gateway accepts, so {answered}.",
    "resource_not_found": "The API has no {operation}, so {answered}.",
    "api_configuration_error": "API Gateway could not run the method as configured{quote}, so {answered}.",
    "unknown": "{Answered}, and {silent}.",
}

_LEADS: Final = re.compile(
    r"^(?:[A-Za-z]+(?:\.[A-Za-z]+)?: )?"
    r"(?:Lambda execution failed(?: with status \d{3})? due to customer function error: ?"
    r"|Lambda Customer Function Error: ?|Execution failed due to configuration error: ?"
    r"|Execution failed due to (?:a |an )?|Execution failed: ?"
    r"|Request body does not match model schema for content type [^:]+: ?)?"
)
_TAIL: Final = re.compile(r"\.? ?Lambda request id: \S+\s*$")
_GENERIC: Final = re.compile(r"^[A-Z_]{6,}$|^\d{3}$|^Internal server error$|^timeout error$|^Authorizer error$")
_LIMIT: Final = re.compile(r"timed out after ([\d.]+) seconds")
_RATE: Final = re.compile(r"Limit: ([\d.]+) Burst: (\d+)")
_BACKEND: Final = re.compile(r"Endpoint Response Status Code: (\d{3})")
_UNNAMED: Final = {"lambda": "the function", "backend": "the backend"}


def detail(row: Mapping[str, Any]) -> str | None:
    """The sentence for a row of REQUESTS; None for a request without a cause."""
    sentence: str | None = _SENTENCES.get(row["cause"])
    return None if sentence is None else sentence.format_map(_words(row))


def _words(row: Mapping[str, Any]) -> dict[str, str]:
    evidence = row["evidence"] or ""
    unnamed = _UNNAMED.get(row["cause"].partition("_")[0], "the integration")
    whom = integration_name(row) or unnamed
    answered = f"API Gateway returned {row['status']}" if row["status"] is not None else "the request failed"
    caller = row["principal"] or row["caller"] or "the caller"
    key = f"API key {row['api_key_id']}" if row["api_key_id"] else "The API key"
    client = f"the client {row['source_ip']}" if row["source_ip"] else "this client"
    operation = " ".join(part for part in (row["method"], row["route"] or row["path"]) if part)
    return {
        "who": _capital(whom) if whom == unnamed else whom,
        "whom": whom,
        "answered": answered,
        "Answered": _capital(answered),
        "caller": caller,
        "Caller": _capital(caller) if caller == "the caller" else caller,
        "key": key,
        "client": client,
        "sender": key if row["api_key_id"] else _capital(client),
        "operation": operation or "this route",
        "uri": f" ({row['integration_uri']})" if row["integration_uri"] else "",
        "integration_status": str(row["integration_status"] or row["status"] or "with an error"),
        "waited": _waited(row),
        "took": _took(row),
        "quote": _quote(evidence),
        "limit": _found(_LIMIT, evidence, " of {} s").replace(".00 s", " s"),
        "rate": _found(_RATE, evidence, " of {} requests per second (burst {})"),
        "backend": _found(_BACKEND, evidence, ", a {},"),
        "silent": _silent(row),
    }


def integration_name(row: Mapping[str, Any]) -> str | None:
    """What was called: the function's name, else the host of its address."""
    if row["integration_function"]:
        return str(row["integration_function"])
    uri = row["integration_uri"]
    if not uri:
        return None
    try:
        return urlsplit(str(uri)).hostname or str(uri)
    except ValueError:
        return str(uri)


def _waited(row: Mapping[str, Any]) -> str:
    waited = row["integration_latency_ms"]
    if waited is None:
        waited = row["latency_ms"]
    if not waited:
        return "before its timeout ended"
    # A wait of 29 004 ms was a timeout of 29 s: API Gateway adds its own few milliseconds.
    seconds, rest = divmod(waited, _SECOND)
    whole = seconds * _SECOND if seconds and rest < _OWN_TIME else waited
    value, unit = duration(whole)
    return f"within {value.removesuffix('.00')} {unit}, the timeout of the integration"


def _took(row: Mapping[str, Any]) -> str:
    if row["integration_latency_ms"] is None:
        return ""
    return f" after {' '.join(duration(row['integration_latency_ms']))}"


def _quote(evidence: str) -> str:
    """` (what it says)`: the evidence without what the sentence says already."""
    said = _TAIL.sub("", _LEADS.sub("", evidence, count=1)).strip().rstrip(".")
    said = " ".join(said.split())
    if not said or _GENERIC.match(said):
        return ""
    if len(said) > _QUOTE_LENGTH:
        said = said[: _QUOTE_LENGTH - 1] + "…"
    return f" ({said})"


def _found(pattern: re.Pattern[str], evidence: str, text: str) -> str:
    match = pattern.search(evidence)
    return text.format(*match.groups()) if match else ""


def _silent(row: Mapping[str, Any]) -> str:
    if row["evidence"]:
        return f"all that was logged of the reason is “{row['evidence']}”"
    if row["execution_events"]:
        return "neither its execution lines nor its access entry say why"
    return "its access entry does not say why, and no execution line was read"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
