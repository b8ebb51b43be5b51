"""What each cause is called, what it means and what to look at next."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class CauseText:
    """The words of one cause code; `label` fits the narrowest cause column, 19 cells."""

    code: str
    title: str
    label: str
    meaning: str
    next_step: str


_TEXTS: Final = (
    CauseText(
        "integration_timeout",
        "Integration timed out",
        "integration timeout",
        "The integration did not answer before its timeout ended, so API Gateway gave up waiting.",
        "Read the function's last line before the wait, then compare its duration with this timeout.",
    ),
    CauseText(
        "integration_endpoint_invalid",
        "Integration address is invalid",
        "bad endpoint",
        "API Gateway cannot use the integration's address, often because a stage variable is empty.",
        "Check the integration's URI and the stage variables it is built from, then deploy the stage again.",
    ),
    CauseText(
        "integration_tls",
        "TLS to the backend failed",
        "TLS to backend",
        "API Gateway did not accept the backend's certificate.",
        "Check that the backend's certificate is current, names its host and comes with its whole chain.",
    ),
    CauseText(
        "integration_network",
        "Connection to the backend failed",
        "network to backend",
        "The connection to the backend was refused, reset or never made.",
        "Check that the backend listens on that port and that its firewall and VPC link let API Gateway in.",
    ),
    CauseText(
        "integration_internal_error",
        "Integration call failed internally",
        "integration error",
        "API Gateway met an internal error while it called the integration.",
        "Check the health of the targets behind the VPC link or service, then look at the AWS Health page.",
    ),
    CauseText(
        "integration_output_mapping",
        "No output mapping fits",
        "output mapping",
        "The backend answered, but no integration response of the method fits its status.",
        "Add an integration response for that backend status, or a default one, and deploy the stage again.",
    ),
    CauseText(
        "lambda_function_error",
        "Function ended with an error",
        "function error",
        "The function was run and ended with an uncaught error.",
        "Read the function's error and stack trace in its own log, under the Lambda request ID.",
    ),
    CauseText(
        "lambda_timeout",
        "Function ran into its own timeout",
        "function timeout",
        "The function was stopped by Lambda because it ran longer than its configured timeout.",
        "Read the function's last line before it was stopped: what it waited for took too long.",
    ),
    CauseText(
        "lambda_malformed_response",
        "Function's answer is malformed",
        "malformed response",
        "The function answered in a shape that Lambda proxy integration cannot turn into a response.",
        "Make the function return a JSON object with statusCode and a body that is a string.",
    ),
    CauseText(
        "lambda_throttled",
        "Function was throttled",
        "function throttled",
        "Lambda refused to run the function because its concurrency was used up.",
        "Compare the function's concurrent executions with its reserved concurrency and the account's limit.",
    ),
    CauseText(
        "lambda_permission",
        "Function may not be invoked",
        "function permission",
        "API Gateway is not allowed to invoke the function.",
        "Add a permission for apigateway.amazonaws.com and this API to the function's policy.",
    ),
    CauseText(
        "backend_error",
        "Backend answered with an error",
        "backend 5xx",
        "The integration itself answered with a 5xx, which API Gateway passed on.",
        "Read the backend's own log at this time; API Gateway only passed its answer on.",
    ),
    CauseText(
        "backend_client_error",
        "Backend refused the request",
        "backend 4xx",
        "The integration itself answered with a 4xx, which API Gateway passed on.",
        "Compare the request with what the backend expects; its own log says what it refused.",
    ),
    CauseText(
        "authorizer_unauthorized",
        "Authorizer rejected the caller",
        "unauthorized",
        "The authorizer did not accept the caller's credentials, or none were sent.",
        "Check that the caller sends the identity source the authorizer reads, and that the token is valid.",
    ),
    CauseText(
        "authorizer_denied",
        "Authorization denied access",
        "authorizer denied",
        "The caller is known, but the authorizer's policy or IAM does not allow this call.",
        "Compare the policy that the authorizer returned, maybe from its cache, with this method and path.",
    ),
    CauseText(
        "authorizer_configuration_error",
        "Authorizer is misconfigured",
        "authorizer config",
        "API Gateway could not call the authorizer or could not read the policy that it returned.",
        "Check that API Gateway may invoke the authorizer, and that it returns a valid policy document.",
    ),
    CauseText(
        "authorizer_failure",
        "Authorizer failed",
        "authorizer failed",
        "The authorizer was called and failed, so nobody could be let in.",
        "Read the authorizer function's own log at this time; every route behind it is affected.",
    ),
    CauseText(
        "resource_policy_denied",
        "Resource policy denied access",
        "resource policy",
        "The API's resource policy does not allow this client.",
        "Compare the client's address, VPC endpoint or account with the API's resource policy.",
    ),
    CauseText(
        "missing_authentication_token",
        "No credentials, or no such route",
        "missing token",
        "No credentials were sent to a route that needs them, or the API has no such route.",
        "Check method and path against the deployed routes first, then whether the request is signed.",
    ),
    CauseText(
        "invalid_signature",
        "Signature was not accepted",
        "invalid signature",
        "The request's AWS signature is malformed or does not match.",
        "Check the Authorization header's form, the signing region and service, and the caller's clock.",
    ),
    CauseText(
        "expired_token",
        "Token had expired",
        "expired token",
        "The caller's token or security credentials had expired.",
        "Have the client renew its token; compare its lifetime with the caller's clock.",
    ),
    CauseText(
        "invalid_api_key",
        "API key was not accepted",
        "invalid API key",
        "The API key is missing, unknown, or in no usage plan of this stage.",
        "Check that x-api-key is sent and that the key belongs to a usage plan of this stage.",
    ),
    CauseText(
        "throttled",
        "Request was throttled",
        "throttled",
        "The caller, the method or the account went over its rate or burst limit.",
        "Find the busiest key or client at this time, then look at the limits of its usage plan and stage.",
    ),
    CauseText(
        "quota_exceeded",
        "Quota is used up",
        "quota exceeded",
        "The API key has used up the quota of its usage plan.",
        "Compare the key's usage with its plan's quota; extend it or wait for the next period.",
    ),
    CauseText(
        "waf_blocked",
        "Blocked by AWS WAF",
        "WAF blocked",
        "A rule of the web ACL blocked the request before it reached the API.",
        "Look up the request in the web ACL's log to see which rule blocked it.",
    ),
    CauseText(
        "waf_error",
        "AWS WAF failed",
        "WAF error",
        "AWS WAF could not evaluate its rules, so the request was not let in.",
        "Check the AWS Health page for WAF in this region, and whether the web ACL still exists.",
    ),
    CauseText(
        "bad_request_body",
        "Request body is invalid",
        "bad request body",
        "The request body does not match the model of the method.",
        "Compare the body with the method's model; the evidence names what is missing or wrong.",
    ),
    CauseText(
        "bad_request_parameters",
        "Request parameters are invalid",
        "bad parameters",
        "A required path, query or header parameter is missing or invalid.",
        "Compare the request's parameters with those that the method requires.",
    ),
    CauseText(
        "unsupported_media_type",
        "Content type is not supported",
        "media type",
        "No mapping template takes the request's content type, and the integration does not pass it through.",
        "Check the Content-Type header against the mapping templates and the passthrough behaviour.",
    ),
    CauseText(
        "request_too_large",
        "Request is too large",
        "request too large",
        "The request is larger than API Gateway accepts (10 MB for its body).",
        "Send the data in parts, or upload it to S3 by a presigned URL.",
    ),
    CauseText(
        "resource_not_found",
        "No such route",
        "resource not found",
        "No route of the API matches the method and path.",
        "Check method and path against the deployed routes, the stage name and base path included.",
    ),
    CauseText(
        "api_configuration_error",
        "API is misconfigured",
        "API configuration",
        "API Gateway could not run the method as it is configured.",
        "Test the method in the console with these values; compare the last deployment with the one before.",
    ),
    CauseText(
        "unknown",
        "Cause unknown",
        "unknown",
        "The request failed, and what was logged does not say why.",
        "Load its execution lines; where there are none, add error.message and integration.error to the access log.",
    ),
)

CAUSES: Final[Mapping[str, CauseText]] = MappingProxyType({text.code: text for text in _TEXTS})
"""Every cause code with its words, in the order of the contract."""
