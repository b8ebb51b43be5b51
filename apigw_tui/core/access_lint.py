"""What an access log format cannot tell, what breaks its lines, and a format that tells everything.

Which variables an API of each type fills: AWS, "Variables for access logging" of REST, HTTP and WebSocket APIs.
"""

from __future__ import annotations

import difflib
import json
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal

from apigw_tui.core.access_layout import is_json, json_keys
from apigw_tui.core.access_template import Token, tokenise
from apigw_tui.core.access_variables import FIELD_VARIABLES, KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from apigw_tui.core.access_format import AccessFormat
    from apigw_tui.core.stage import ApiType

Severity = Literal["error", "warning", "hint"]
"""`error`: entries cannot be read or joined; `warning`: an incident stays unexplained; `hint`: more could be told."""

_LONGEST: Final = 3_072  # bytes; AWS refuses more
_MESSAGE_STRING: Final = "error.messageString"
_MANY_LINES: Final = "identity.clientCert.clientCertPem"
_OWN: Final = ("authorizer.", "requestOverride.", "responseOverride.", "identity.", "customDomain.")
_FREE: Final = frozenset(
    {
        "identity.userAgent",
        "identity.clientCert.subjectDN",
        "identity.clientCert.issuerDN",
        "error.message",
        "error.validationErrorString",
        "integration.error",
        "integrationErrorMessage",
        "authorizer.error",
        "authenticate.error",
        "authorize.error",
        "waf.error",
    }
)
"""Variables whose values hold blanks, commas and quotes."""


@dataclass(frozen=True)
class Finding:
    """One weakness: `variable` is the one to add or to write otherwise, with `$context.`, or None."""

    code: str
    severity: Severity
    message: str
    variable: str | None = None


@dataclass(frozen=True)
class _Need:
    """What cannot be told unless the format logs one of `variables`; the first of an API type is the one to add."""

    code: str
    severity: Severity
    message: str
    variables: tuple[str, ...]
    types: tuple[ApiType, ...] = ("REST", "HTTP", "WEBSOCKET")


_NEEDS: Final = (
    _Need("no_status", "error", "No status: failures cannot be told from successes.", ("status",)),
    _Need(
        "no_time",
        "warning",
        "No time: entries in files and Firehose have no start.",
        ("requestTimeEpoch", "requestTime"),
    ),
    _Need("no_method", "warning", "No method.", ("httpMethod", "routeKey"), ("REST", "HTTP")),
    _Need("no_route", "warning", "No route: errors cannot be counted by route.", ("resourcePath",), ("REST",)),
    _Need("no_route", "warning", "No route: errors cannot be counted by route.", ("routeKey",), ("HTTP", "WEBSOCKET")),
    _Need("no_path", "hint", "No path: what exactly was asked for is not known.", ("path",), ("REST", "HTTP")),
    _Need(
        "no_latency", "warning", "No latency: slow requests cannot be found.", ("responseLatency",), ("REST", "HTTP")
    ),
    _Need(
        "no_integration_latency",
        "warning",
        "No integration latency: a slow backend cannot be told from a slow gateway.",
        ("integration.latency", "integrationLatency"),
    ),
    _Need(
        "no_error",
        "warning",
        "No error: why API Gateway itself refused a request is not known.",
        ("error.message", _MESSAGE_STRING, "error.responseType"),
    ),
    _Need(
        "no_error_type",
        "hint",
        "No error type: a refusal is known by its words only, which a team can change.",
        ("error.responseType",),
    ),
    _Need(
        "no_integration_error",
        "warning",
        "No integration error: crashes and timeouts of the integration are not explained.",
        ("integration.error", "integrationErrorMessage"),
    ),
    _Need(
        "no_integration_status",
        "hint",
        "No integration status: an error of the backend cannot be told from one of API Gateway.",
        ("integration.status",),
    ),
    _Need(
        "no_integration_request_id",
        "hint",
        "No integration request ID: the function's own log lines cannot be joined.",
        ("integration.requestId", "awsEndpointRequestId"),
    ),
    _Need("no_source_ip", "hint", "No source IP: the busiest client is not known.", ("identity.sourceIp",)),
    _Need(
        "no_connection_id",
        "warning",
        "No connection ID: the messages of one connection cannot be put together.",
        ("connectionId",),
        ("WEBSOCKET",),
    ),
)

_NEVER_FILLED: Final[dict[ApiType, tuple[str, ...]]] = {
    "REST": ("routeKey", "eventType", "connectionId", "connectedAt", "messageId"),
    "HTTP": ("resourcePath", "resourceId", "xrayTraceId", "wafResponseCode", "eventType", "connectionId"),
    "WEBSOCKET": ("httpMethod", "path", "resourcePath", "responseLatency"),
}

_TOLD_ALIKE: Final = (
    "started_at",
    "integration_latency_ms",
    "integration_service_status",
    "integration_request_id",
    "integration_error",
    "error_message",
)
"""Fields that several variables tell equally well."""
_SAME: Final = tuple(FIELD_VARIABLES[field] for field in _TOLD_ALIKE)

_ALWAYS: Final = ("requestId", "extendedRequestId", "apiId", "stage", "domainName", "requestTimeEpoch")
_CALLER: Final = ("identity.sourceIp", "identity.userAgent", "identity.caller", "authorizer.principalId")
_ERROR: Final = ("error.message", "error.responseType")
_INTEGRATION: Final = tuple(
    f"integration.{name}" for name in ("status", "integrationStatus", "latency", "error", "requestId")
)
_PHASES: Final = tuple(
    f"{phase}.{name}" for phase in ("authenticate", "authorize", "waf") for name in ("status", "error")
)
_AUTHORIZER: Final = ("authorizer.status", "authorizer.latency", "authorizer.error", "authorizer.requestId")
_GOOD: Final[dict[ApiType, tuple[str, ...]]] = {
    "REST": (
        *_ALWAYS,
        *("xrayTraceId", "httpMethod", "path", "resourcePath", "protocol"),
        *("status", "responseLength", "responseLatency"),
        *(*_CALLER, "identity.apiKeyId"),
        *(*_ERROR, "error.validationErrorString"),
        *_INTEGRATION,
        *_AUTHORIZER,
        *(*_PHASES, "wafResponseCode"),
    ),
    "HTTP": (
        *_ALWAYS,
        *("httpMethod", "path", "routeKey", "protocol"),
        *("status", "responseLength", "responseLatency"),
        *_CALLER,
        *_ERROR,
        *_INTEGRATION,
        "authorizer.error",
    ),
    "WEBSOCKET": (
        *_ALWAYS,
        *("eventType", "routeKey", "connectionId", "connectedAt", "messageId"),
        "status",
        *(*_CALLER, "identity.apiKeyId"),
        *_ERROR,
        *_INTEGRATION,
        *(name for name in _AUTHORIZER if name != "authorizer.requestId"),
        "authorizer.requestId",
        *_PHASES,
    ),
}


def good_format(api_type: ApiType, *, besides: Iterable[str] = ()) -> str:
    """A format in which nothing is missing, as one line of JSON; names have `_` for the dots of the variables.

    `besides` are further variables that it shall log.
    """
    names = dict.fromkeys((*_GOOD[api_type], *besides))
    return json.dumps({name.replace(".", "_"): _named(name) for name in names}, separators=(",", ":"))


def completed_format(access_format: AccessFormat, api_type: ApiType) -> str:
    """The format with all that it lacks: its own JSON and what is missing, else a good one with its variables.

    A stage's own names stay where they can, because dashboards and metric filters read them.
    """
    variables = access_format.variables
    missing = [name for name in _GOOD[api_type] if not variables.intersection(_saying_the_same(name))]
    told = {same for name in _GOOD[api_type] for same in _saying_the_same(name)}
    own = sorted(variables.difference(told, _NEVER_FILLED[api_type]))
    candidates = (
        _with_members(access_format.source, missing),
        good_format(api_type, besides=[name for name in own if name in KNOWN or name.startswith(_OWN)]),
    )
    fit = (text for text in candidates if text and not lint(_compiled_like(access_format, text), api_type))
    return next(fit, good_format(api_type))


def lacking(access_format: AccessFormat, api_type: ApiType) -> tuple[str, ...]:
    """The variables to add so that everything can be told that entries of this type of API can tell."""
    found = lint(access_format, api_type)
    needed = (one.variable for one in found if one.code.startswith("no_") or one.code == "extended_id_only")
    return tuple(dict.fromkeys(variable for variable in needed if variable))


def _saying_the_same(variable: str) -> tuple[str, ...]:
    """The variables that tell what this one tells, itself among them."""
    return next((same for same in _SAME if variable in same), (variable,))


def _compiled_like(access_format: AccessFormat, source: str) -> AccessFormat:
    return type(access_format).compile(source)


def _with_members(source: str, names: Iterable[str]) -> str | None:
    """A JSON format with a member more for each variable; None for one that is no valid JSON object."""
    try:
        members = json.loads(source)
    except ValueError:
        return None
    if not isinstance(members, dict):
        return None
    further = {name.replace(".", "_"): _named(name) for name in names}
    if not members.keys().isdisjoint(further):
        return None
    return json.dumps({**members, **further}, ensure_ascii=False, separators=(",", ":"))


def lint(access_format: AccessFormat, api_type: ApiType | None = None) -> tuple[Finding, ...]:
    """What is wrong with a format, the worst first; empty for a good one.

    Without `api_type` it is concluded from the variables.
    """
    kind = api_type or _type_of(access_format.variables)
    found = (
        *_identity(access_format.variables, kind),
        *_lacking(access_format.variables, kind),
        *_useless(access_format.variables, kind),
        *_written(access_format.source),
        *(
            _json(access_format.source)
            if access_format.source.lstrip().startswith("{")
            else _text(access_format.source)
        ),
    )
    return tuple(sorted(found, key=lambda finding: ("error", "warning", "hint").index(finding.severity)))


def _type_of(variables: frozenset[str]) -> ApiType:
    if variables & {"eventType", "connectionId", "connectedAt", "messageId"}:
        return "WEBSOCKET"
    return "HTTP" if "routeKey" in variables and "resourcePath" not in variables else "REST"


def _named(variable: str) -> str:
    return f"$context.{variable}"


def _identity(variables: frozenset[str], kind: ApiType) -> Iterator[Finding]:
    if "requestId" in variables:
        return
    if "extendedRequestId" not in variables:
        text = "No request ID: an entry can be joined to nothing, and AWS refuses the format."
        yield Finding("no_request_id", "error", text, _named("requestId"))
    elif kind == "REST":
        text = "Only the extended request ID: entries join execution lines at level INFO alone."
        yield Finding("extended_id_only", "warning", text, _named("requestId"))


def _lacking(variables: frozenset[str], kind: ApiType) -> Iterator[Finding]:
    for need in _NEEDS:
        if kind in need.types and not variables.intersection(need.variables):
            yield Finding(need.code, need.severity, need.message, _named(need.variables[0]))


def _useless(variables: frozenset[str], kind: ApiType) -> Iterator[Finding]:
    for variable in sorted(variables.intersection(_NEVER_FILLED[kind])):
        text = f"{_named(variable)} is always - on {_article(kind)} API."
        yield Finding("never_filled", "hint", text, _named(variable))
    for variable in sorted(variables.difference(KNOWN)):
        if variable.startswith(_OWN):
            continue
        near = difflib.get_close_matches(variable, KNOWN, 1)
        hint = f" Perhaps {_named(near[0])} is meant." if near else ""
        text = f"{_named(variable)} does not exist and is always -.{hint}"
        yield Finding("unknown_variable", "warning", text, _named(near[0]) if near else None)


def _article(kind: ApiType) -> str:
    return "an HTTP" if kind == "HTTP" else {"REST": "a REST", "WEBSOCKET": "a WebSocket"}[kind]


def _written(source: str) -> Iterator[Finding]:
    if len(source.encode()) > _LONGEST:
        yield Finding("too_long", "error", "Longer than 3 KB: AWS refuses the format.")
    if "\n" in source.rstrip("\r\n"):
        yield Finding("several_lines", "error", "Several lines: AWS accepts a line break at the end only.")
    if any(token.is_variable and token.text == _MANY_LINES for token in tokenise(source)):
        text = f"{_named(_MANY_LINES)} holds line breaks, which split the entry."
        yield Finding("many_lines", "warning", text, _named("identity.clientCert.serialNumber"))


def _neighbours(source: str) -> Iterator[tuple[str, str, str]]:
    """Each variable with the text before and after it."""
    edge = Token("")
    for (before, token), (_, after) in pairwise(pairwise([edge, *tokenise(source.strip()), edge, edge])):
        if token.is_variable:
            yield "" if before.is_variable else before.text, token.text, "" if after.is_variable else after.text


def _json(source: str) -> Iterator[Finding]:
    if not is_json(source) and not _doubled(source):
        yield Finding(
            "invalid_json", "warning", "Not valid JSON, whatever the values are: a comma or a quote is wrong."
        )
    for name, count in Counter(json_keys(source)).items():
        if count > 1:
            yield Finding("duplicate_key", "hint", f'"{name}" stands there {count} times: readers keep one of them.')
    within = False
    for token in tokenise(source):
        if not token.is_variable:
            within ^= token.text.replace('\\"', "").count('"') % 2 == 1
        elif within and token.text == _MESSAGE_STRING:
            text = f"{_named(_MESSAGE_STRING)} brings its own quotes: within quotes it breaks the JSON of every error."
            yield Finding("quoted_message_string", "error", text, _named("error.message"))
        elif not within and token.text != _MESSAGE_STRING and not _doubled(source):
            text = f"{_named(token.text)} has no quotes: a value that is not there is written - and breaks the JSON."
            yield Finding("unquoted_value", "warning", text, f'"{_named(token.text)}"')
    if _doubled(source):
        yield Finding("doubled_quotes", "warning", "Values stand in two pairs of quotes: readers keep the inner ones.")


def _doubled(source: str) -> bool:
    return any(before.endswith(('""', '"\\"')) for before, _, _ in _neighbours(source))


def _text(source: str) -> Iterator[Finding]:
    if not source.lstrip().startswith("<"):
        yield Finding("not_json", "hint", "Not JSON: Logs Insights finds no fields in it by itself.")
    for before, variable, after in _neighbours(source):
        apart = before.endswith(('"', "[", ">")) and after.startswith(('"', "]", "<"))
        if variable in _FREE and after and not apart:
            text = f"{_named(variable)} has no quotes: what it says runs into the next value."
            yield Finding("unquoted_text", "warning", text, f'"{_named(variable)}"')
