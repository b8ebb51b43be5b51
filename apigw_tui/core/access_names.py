"""The `$context` variable that a field of an entry most likely holds, by the names people give fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from apigw_tui.core.access_variables import KNOWN
from apigw_tui.core.request_ids import REQUEST_ID

_ALIASES: Final = {
    "statuscode": "status",
    "ip": "identity.sourceIp",
    "sourceip": "identity.sourceIp",
    "clientip": "identity.sourceIp",
    "method": "httpMethod",
    "requestpath": "path",
    "requesttimeclf": "requestTime",
    "integrationrequestid": "integration.requestId",
    "integrationerror": "integration.error",
    "integrationservicestatus": "integration.integrationStatus",
    "functionresponsestatus": "integration.status",
    "errormessage": "error.message",
    "error": "error.message",
    "errortype": "error.responseType",
    "responsetype": "error.responseType",
    "errorresponsetype": "error.responseType",
    "validationerror": "error.validationErrorString",
    "validationerrorstring": "error.validationErrorString",
    "useragent": "identity.userAgent",
    "httpuseragent": "identity.userAgent",
    "caller": "identity.caller",
    "user": "identity.user",
    "userarn": "identity.userArn",
    "apikeyid": "identity.apiKeyId",
    "cognitouser": "identity.cognitoIdentityId",
    "principalid": "authorizer.principalId",
    "autherror": "authorizer.error",
    "authorizererror": "authorizer.error",
    "authorizerstatus": "authorizer.status",
    "authorizerservicestatus": "authorizer.status",
    "authorizerlatency": "authorizer.latency",
    "authorizerrequestid": "authorizer.requestId",
    "authorizestatus": "authorize.status",
    "authorizeresultstatus": "authorize.status",
    "wafresponse": "wafResponseCode",
    "basepathmatched": "customDomain.basePathMatched",
    "account": "accountId",
    "apigwrequestid": "requestId",
    "apirequestid": "requestId",
    "traceid": "xrayTraceId",
    "xrayid": "xrayTraceId",
    "requestmethod": "httpMethod",
    "requesturi": "path",
    "uri": "path",
    "route": "routeKey",
    "ua": "identity.userAgent",
    "useragentoriginal": "identity.userAgent",
    "httpstatus": "status",
    "httpstatuscode": "status",
    "respstatus": "status",
    "responsestatus": "status",
    "responsecode": "status",
    "responselen": "responseLength",
    "responsesize": "responseLength",
    "responsebytes": "responseLength",
    "integrationerr": "integration.error",
    "integrationerrormsg": "integration.error",
    "errormsg": "error.message",
    "functionstatus": "integration.status",
    "lambdastatus": "integration.status",
    "backendstatus": "integration.status",
    "functionlatency": "integration.latency",
    "lambdalatency": "integration.latency",
    "backendlatency": "integration.latency",
    "integrationlatencyms": "integration.latency",
    "responselatencyms": "responseLatency",
    "lambdarequestid": "integration.requestId",
    "authorizationerror": "authorizer.error",
    "authstatus": "authorizer.status",
    "callerarn": "identity.userArn",
}
"""Names seen in real formats, lower-cased and without `.`, `_`, `-`."""

_LIKELY: Final = dict.fromkeys(
    ("latency", "latencyms", "durationms", "responsetime", "responsetimems", "totallatency"),
    "responseLatency",
)
"""Names that hold it in most real formats, but something else in some: only where no other name is surer."""

_AROUND: Final = frozenset({"context", "requestcontext", "http", "request", "response", "client", "network", "url"})
_BEFORE_WORDS: Final = {"id": "identity", "int": "integration", "identity": "", "auth": "authorizer"}

_IDS: Final = frozenset({"requestId", "extendedRequestId"})
_WEAK: Final = _IDS | {"error.message", "error.messageString", "identity.user", "stage", "path", "accountId"}
_EVIDENCE: Final = frozenset(KNOWN) - _WEAK
_ENOUGH: Final = 2
_LOOKS: Final = {
    "requestId": re.compile(REQUEST_ID),
    "status": re.compile(r"^[1-5][0-9]{2}$"),
    "path": re.compile(r"^/"),
}
_APPLICATION_KEYS: Final = (
    {"level", "message"},
    {"level", "msg"},
    {"severity", "message"},
    {"log_level", "message"},
)

_DOTTED: Final = {variable.lower(): variable for variable in KNOWN}
_JOINED: Final = {
    **{variable.lower().replace(".", ""): variable for variable in KNOWN if "." in variable},
    **_ALIASES,
    **{variable.lower(): variable for variable in KNOWN if "." not in variable},
}


def variable_of(name: str) -> str:
    """The variable that a field of this name surely enough holds, or ""."""
    dotted = re.sub(r"[._\- ]+", ".", name.strip().lower()).removeprefix("context.")
    while True:
        if found := _told(dotted):
            return found
        first, _, rest = dotted.partition(".")
        if rest and first in _BEFORE_WORDS and (found := _told(f"{_BEFORE_WORDS[first]}.{rest}".lstrip("."))):
            return found
        if not rest or first not in _AROUND:
            return ""
        dotted = rest


def _told(dotted: str) -> str:
    return _DOTTED.get(dotted) or _JOINED.get(dotted.replace(".", ""), "")


def variables_by_name(names: Iterable[str]) -> dict[str, str]:
    """The variable of each field of one entry, "" where none is likely; what one name means depends on the others.

    `latency` is that of the whole request unless another field says so by its full name; `integrationStatus` beside
    a field for the service's status is the function's.
    """
    sure = {name: variable_of(name) for name in names}
    told = set(sure.values())
    return {name: variable or _likely(name, told) for name, variable in _by_service(sure, told).items()}


def _likely(name: str, told: set[str]) -> str:
    likely = _LIKELY.get(re.sub(r"[._\- ]+", "", name.lower()), "")
    return "" if likely in told else likely


def _by_service(sure: dict[str, str], told: set[str]) -> dict[str, str]:
    """A WebSocket API's `integrationStatus` is the service's in any case."""
    is_function = "integration.integrationStatus" in told and not told & {"integration.status", "eventType"}
    return {
        name: "integration.status" if is_function and variable == "integrationStatus" else variable
        for name, variable in sure.items()
    }


def unsure(names: Iterable[str]) -> dict[str, str]:
    """The names of one entry of which other formats say something else, and what they are read as."""
    return {name: variable for name, variable in variables_by_name(names).items() if variable and not variable_of(name)}


def is_entry(fields: Mapping[str, str | None]) -> bool:
    """Whether fields of these names are those of an access entry and not of an application's log.

    The path of a request counts only where it, the ID and the status look as API Gateway writes them.
    """
    lowered = {name.lower() for name in fields}
    if any(keys <= lowered for keys in _APPLICATION_KEYS):
        return False
    variables = {variable_of(name): value for name, value in reversed(list(fields.items()))}
    found = len(variables.keys() & _EVIDENCE)
    found += all(look.search(variables.get(variable) or "") for variable, look in _LOOKS.items())
    return bool(variables.keys() & _IDS) and found >= _ENOUGH
