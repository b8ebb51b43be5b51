"""What an AWS service answers instead of data, by its error code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from apigw_tui.sources.failure_terms import FailureContext, FailureKind, Finding, Rule


def error_code(exc: BaseException) -> str:
    """The service's error code; empty when the service did not answer."""
    response: Any = getattr(exc, "response", None)
    if not isinstance(response, Mapping):
        return ""
    return str(response.get("Error", {}).get("Code", ""))


def client_error(exc: BaseException, context: FailureContext) -> Finding:
    """An answer with an error code."""
    code = error_code(exc)
    for codes, rule in _CODES:
        if code in codes:
            return rule(exc, context)
    return _service(exc, context)


def _service_text(exc: BaseException) -> str:
    response: Any = getattr(exc, "response", {})
    return str(response.get("Error", {}).get("Message", "") or error_code(exc) or exc)


def _http_status(exc: BaseException) -> int:
    response: Any = getattr(exc, "response", {})
    return int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) or 0)


def _expired(_: BaseException, context: FailureContext) -> Finding:
    return Finding(
        FailureKind.EXPIRED,
        f"the credentials of {context.who} have expired",
        f"Run `aws sso login{context.flag}` (or renew the keys); the session is picked up by itself.",
    )


def _unrecognized(_: BaseException, context: FailureContext) -> Finding:
    return Finding(
        FailureKind.CREDENTIALS,
        f"{context.where} does not know the access key of {context.who}",
        "Check the keys with `aws sts get-caller-identity"
        f"{context.flag}`, and that the region is enabled for the account.",
    )


def _bad_signature(_: BaseException, context: FailureContext) -> Finding:
    return Finding(
        FailureKind.CREDENTIALS,
        f"{context.where} refused the signature of {context.who}",
        "Check this machine's clock, then the secret key.",
    )


_DENIAL: Final = re.compile(r"not authorized to perform:? (?P<action>[\w:*-]+)(?: on resource: (?P<resource>\S+))?")


def _denied(exc: BaseException, context: FailureContext) -> Finding:
    if _service_text(exc).startswith("MultiFactorAuthentication failed"):
        return _code_refused(context)
    found = _DENIAL.search(_service_text(exc))
    if found is None:
        what, action = "this", "the action"
    else:
        action = found["action"]
        resource = found["resource"] or context.log_group
        what = f"{action} on {resource}" if resource else action
    return Finding(
        FailureKind.DENIED,
        f"{context.who} in {context.region or 'this region'} is not allowed {what}",
        f"Allow {action} in its IAM policy, or choose another profile with --profile.",
    )


def _code_refused(context: FailureContext) -> Finding:
    return Finding(
        FailureKind.EXPIRED,
        f"AWS refused the MFA code of {context.who}",
        "Enter the next code of the device: each works once, and for half a minute.",
    )


def _not_found(exc: BaseException, context: FailureContext) -> Finding:
    if context.log_group is None:
        return Finding(FailureKind.NOT_FOUND, _service_text(exc), "`apigw-tui stages` lists what there is.")
    return Finding(
        FailureKind.NOT_FOUND,
        f"there is no log group {context.log_group} in {context.region or 'this region'} for {context.who}",
        "`apigw-tui stages` lists the stages and their groups; --region and --profile look elsewhere.",
    )


def _throttled(_: BaseException, context: FailureContext) -> Finding:
    return Finding(
        FailureKind.THROTTLED,
        f"{context.where} throttles the account of {context.who}",
        "It goes on more slowly; other tools that read logs share this quota.",
    )


def _invalid(exc: BaseException, context: FailureContext) -> Finding:
    text = _service_text(exc)
    if "filter pattern" in text.lower():
        return Finding(FailureKind.CONFIG, text, "Check --filter-pattern: it is sent to CloudWatch as typed.")
    about = f" for log group {context.log_group}" if context.log_group else ""
    return Finding(FailureKind.INVALID, f"{context.where} refused the call{about}: {text}", "Check the target.")


def _unknown_operation(exc: BaseException, context: FailureContext) -> Finding:
    operation = getattr(exc, "operation_name", "") or "this operation"
    return Finding(
        FailureKind.UNSUPPORTED,
        f"{context.where} does not offer {operation}",
        "Check --endpoint-url: it must speak CloudWatch Logs and API Gateway.",
    )


def _service(exc: BaseException, context: FailureContext) -> Finding:
    status = _http_status(exc)
    answer = f"{status} {error_code(exc)}".strip() if status else error_code(exc)
    said = _service_text(exc)
    told = f"{answer} ({said})" if said and said != error_code(exc) else answer
    return Finding(
        FailureKind.SERVICE,
        f"{context.where} answered {told}",
        "Try again in a moment; https://health.aws.amazon.com tells whether AWS has a problem.",
    )


_CODES: Final[tuple[tuple[frozenset[str], Rule], ...]] = (
    (
        frozenset(["ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"]),
        _expired,
    ),
    (
        frozenset(
            [
                "UnrecognizedClientException",
                "UnrecognizedClient",
                "InvalidClientTokenId",
                "InvalidAccessKeyId",
                "MissingAuthenticationToken",
                "MissingAuthenticationTokenException",
                "AuthFailure",
                "OptInRequired",
                "SubscriptionRequiredException",
            ]
        ),
        _unrecognized,
    ),
    (
        frozenset(
            [
                "InvalidSignature",
                "InvalidSignatureException",
                "SignatureDoesNotMatch",
                "IncompleteSignature",
                "IncompleteSignatureException",
                "RequestTimeTooSkewed",
            ]
        ),
        _bad_signature,
    ),
    (
        frozenset(
            [
                "AccessDenied",
                "AccessDeniedException",
                "UnauthorizedException",
                "UnauthorizedOperation",
                "NotAuthorized",
                "ForbiddenException",
                "Forbidden",
                "403",
            ]
        ),
        _denied,
    ),
    (frozenset(["ResourceNotFoundException", "ResourceNotFound", "NotFoundException"]), _not_found),
    (
        frozenset(
            [
                "Throttling",
                "ThrottlingException",
                "ThrottledException",
                "RequestThrottled",
                "RequestLimitExceeded",
                "TooManyRequestsException",
                "LimitExceededException",
                "SlowDown",
                "429",
            ]
        ),
        _throttled,
    ),
    (
        frozenset(
            [
                "InvalidParameterException",
                "InvalidParameter",
                "InvalidParameterValue",
                "InvalidParameterCombination",
                "InvalidRequestException",
                "ValidationException",
                "ValidationError",
                "BadRequestException",
                "SerializationException",
            ]
        ),
        _invalid,
    ),
    (
        frozenset(
            [
                "UnknownOperationException",
                "UnknownOperation",
                "InvalidAction",
                "InvalidOperationException",
                "NotImplemented",
                "404",
                "405",
                "501",
            ]
        ),
        _unknown_operation,
    ),
)
