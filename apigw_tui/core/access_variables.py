"""The `$context` variables of access logs: what each tells and how it looks."""

from __future__ import annotations

from typing import Final

FIELD_VARIABLES: Final[dict[str, tuple[str, ...]]] = {
    "request_id": ("requestId",),
    "extended_request_id": ("extendedRequestId",),
    "trace_id": ("xrayTraceId",),
    "connection_id": ("connectionId",),
    "api_id": ("apiId",),
    "stage": ("stage",),
    "started_at": ("requestTimeEpoch", "requestTime"),
    "method": ("httpMethod",),
    "path": ("path",),
    "route": ("resourcePath",),
    "status": ("status",),
    "latency_ms": ("responseLatency",),
    "integration_latency_ms": ("integrationLatency", "integration.latency"),
    "response_bytes": ("responseLength",),
    "source_ip": ("identity.sourceIp",),
    "user_agent": ("identity.userAgent",),
    "api_key_id": ("identity.apiKeyId",),
    "caller": ("identity.caller",),
    "principal": (
        "authorizer.principalId",
        "identity.userArn",
        "identity.user",
        "authorizer.claims.sub",
        "identity.cognitoIdentityId",
    ),
    "event_type": ("eventType",),
    "integration_status": ("integration.status",),
    "integration_service_status": ("integration.integrationStatus", "integrationStatus"),
    "integration_request_id": ("integration.requestId", "awsEndpointRequestId"),
    "integration_error": ("integration.error", "integrationErrorMessage"),
    "authorizer_request_id": ("authorizer.requestId",),
    "authorizer_status": ("authorizer.status", "authorizer.integrationStatus"),
    "authorizer_latency_ms": ("authorizer.latency", "authorizer.integrationLatency"),
    "authorizer_error": ("authorizer.error",),
    "authenticate_status": ("authenticate.status",),
    "authenticate_error": ("authenticate.error",),
    "authorize_status": ("authorize.status",),
    "authorize_error": ("authorize.error",),
    "waf_status": ("waf.status",),
    "waf_response": ("wafResponseCode",),
    "waf_error": ("waf.error",),
    "response_type": ("error.responseType",),
    "error_message": ("error.message", "error.messageString"),
    "validation_error": ("error.validationErrorString",),
}
"""For each field the variables that tell it, the best one first. `routeKey` tells method and route too.

`integrationStatus` of a Lambda integration is what the Lambda service answered, not the function.
"""

_DETAILED: Final = ("error", "status", "latency")
KNOWN: Final = (
    *(variable for variables in FIELD_VARIABLES.values() for variable in variables),
    *(f"{phase}.{detail}" for phase in ("authenticate", "authorize", "waf") for detail in _DETAILED),
    "accountId",
    "domainName",
    "domainPrefix",
    "protocol",
    "routeKey",
    "resourceId",
    "deploymentId",
    "awsEndpointRequestId2",
    "dataProcessed",
    "customDomain.basePathMatched",
    "customDomain.routingRuleIdMatched",
    "tlsVersion",
    "cipherSuite",
    "isCanaryRequest",
    "endpointType",
    "connectedAt",
    "messageId",
    "webaclArn",
    "identity.accountId",
    "identity.apiKey",
    "identity.principalOrgId",
    "identity.vpcId",
    "identity.vpceId",
    "identity.cognitoAuthenticationProvider",
    "identity.cognitoAuthenticationType",
    "identity.cognitoIdentityPoolId",
    "identity.clientCert.clientCertPem",
    "identity.clientCert.subjectDN",
    "identity.clientCert.issuerDN",
    "identity.clientCert.serialNumber",
    "integration.responseTransferMode",
    "integration.timeToAllHeaders",
    "integration.timeToFirstContent",
)

_STATUS: Final = r"[0-9]{3}|-"
_NUMBER: Final = r"-?[0-9]+(?:\.[0-9]+)?|-"
_WORD: Final = r"[^\s,\"<>]+"
_SHAPES: Final = {
    "status": _STATUS,
    "integrationStatus": _STATUS,
    "httpMethod": r"[A-Za-z]+|-",
    "protocol": r"[A-Za-z]+(?:/[0-9.]+)?|-",
    "requestTime": r"[0-9]{2}/[A-Za-z]{3}/[0-9]{4}:[0-9]{2}:[0-9]{2}:[0-9]{2} [+-][0-9]{4}|[0-9]{10,13}|-",
    "requestTimeEpoch": _NUMBER,
    "responseLength": _NUMBER,
    "identity.sourceIp": r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*|-",
    "eventType": r"[A-Z]+|-",
    "routeKey": r"[A-Z]+ /[^\s\"]*|[^\s\"]+",
    "path": r"[^\s\"]+",
    "resourcePath": r"[^\s\"]+",
    "stage": _WORD,
    "apiId": _WORD,
    "connectionId": _WORD,
    "domainName": _WORD,
    "error.responseType": r"[A-Z0-9_]+|-",
    "xrayTraceId": r"(?:Root=)?[^\s,\"<>]+",
    "error.messageString": r'"(?:[^"\\]|\\.)*"|-',
    "wafResponseCode": r"[A-Z_]+|-",
    "identity.apiKeyId": _WORD,
    "messageId": _WORD,
    "connectedAt": _NUMBER,
    "dataProcessed": _NUMBER,
}


def shape_of(variable: str) -> str:
    """A regex of the values of a variable, "" for free text."""
    if variable in _SHAPES:
        return _SHAPES[variable]
    last = variable.rsplit(".", 1)[-1]
    if last.endswith(("requestId", "RequestId", "RequestId2")):
        return _WORD
    if last.endswith(("latency", "Latency")):
        return _NUMBER
    return _STATUS if last in ("status", "integrationStatus") else ""
