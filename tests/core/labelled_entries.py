"""Access entries whose cause is known: name, cause, status and fields by the names of `log_lines.FORMAT`."""

from __future__ import annotations

from typing import Any, Final

ENTRIES: Final[tuple[tuple[str, str | None, int, dict[str, Any]], ...]] = (
    (
        "timeout",
        "integration_timeout",
        504,
        {"responseType": "INTEGRATION_TIMEOUT", "message": "Endpoint request timed out"},
    ),
    (
        "timeout, error alone",
        "integration_timeout",
        504,
        {"integrationError": "Execution failed due to a timeout error"},
    ),
    (
        "network",
        "integration_network",
        504,
        {"responseType": "INTEGRATION_FAILURE", "message": "Network error communicating with endpoint"},
    ),
    (
        "network, HTTP API",
        "integration_network",
        503,
        {"integrationError": "INTEGRATION_NETWORK_FAILURE", "message": "Service Unavailable"},
    ),
    (
        "crash",
        "lambda_function_error",
        502,
        {
            "responseType": "INTEGRATION_FAILURE",
            "message": "Internal server error",
            "integrationError": "Lambda Customer Function Error:'SHOP_BUCKET'",
            "serviceStatus": 200,
        },
    ),
    (
        "crash that speaks of a timeout",
        "lambda_function_error",
        502,
        {
            "responseType": "INTEGRATION_FAILURE",
            "integrationError": "Lambda Customer Function Error:HTTPConnectionPool: Read timed out.",
        },
    ),
    (
        "crash that speaks of permission",
        "lambda_function_error",
        502,
        {
            "integrationError": (
                "Lambda Customer Function Error:User: arn:aws:sts::1:assumed-role/x is not "
                "authorized to perform: dynamodb:PutItem"
            )
        },
    ),
    (
        "function timeout",
        "lambda_timeout",
        502,
        {
            "integrationError": (
                "Lambda Customer Function Error:2025-10-09T08:53:30.001Z "
                "f4a1d2c3-0b5e-4d6f-a7b8-c9d0e1f2a3b4 Task timed out after 10.00 seconds"
            )
        },
    ),
    (
        "malformed, HTTP API",
        "lambda_malformed_response",
        500,
        {
            "integrationError": (
                "The response from the Lambda function doesn't match the format that API Gateway "
                'expects. Lambda body contains the wrong type for field "statusCode"'
            )
        },
    ),
    (
        "permission, HTTP API",
        "lambda_permission",
        500,
        {
            "integrationError": (
                "The IAM role configured on the integration or API Gateway doesn't have "
                "permissions to call the integration. Check the permissions and try again."
            )
        },
    ),
    (
        "missing token",
        "missing_authentication_token",
        403,
        {"responseType": "MISSING_AUTHENTICATION_TOKEN", "message": "Missing Authentication Token"},
    ),
    (
        "signature",
        "invalid_signature",
        403,
        {
            "responseType": "INVALID_SIGNATURE",
            "message": "The request signature we calculated does not match the signature you provided.",
        },
    ),
    (
        "malformed header",
        "invalid_signature",
        403,
        {
            "responseType": "MISSING_AUTHENTICATION_TOKEN",
            "authenticateStatus": 403,
            "authenticateError": "Invalid key=value pair (missing equal-sign) in Authorization header: 'Bearer x'.",
        },
    ),
    (
        "expired",
        "expired_token",
        403,
        {"responseType": "EXPIRED_TOKEN", "message": "The security token included in the request is expired"},
    ),
    (
        "expired, HTTP API",
        "expired_token",
        401,
        {"authorizerError": "the token has expired", "message": "Unauthorized"},
    ),
    ("unauthorized", "authorizer_unauthorized", 401, {"responseType": "UNAUTHORIZED", "message": "Unauthorized"}),
    (
        "explicit deny",
        "authorizer_denied",
        403,
        {
            "responseType": "ACCESS_DENIED",
            "message": "User is not authorized to access this resource with an explicit deny",
        },
    ),
    (
        "IAM deny",
        "authorizer_denied",
        403,
        {
            "authorizeStatus": 403,
            "authorizeError": (
                "User: arn:aws:sts::111122223333:assumed-role/x/y is not authorized to perform: "
                "execute-api:Invoke on resource: z"
            ),
            "responseType": "ACCESS_DENIED",
        },
    ),
    (
        "resource policy",
        "resource_policy_denied",
        403,
        {
            "responseType": "ACCESS_DENIED",
            "message": (
                "User: anonymous is not authorized to perform: execute-api:Invoke on resource: z with an explicit deny"
            ),
        },
    ),
    ("authorizer crashed", "authorizer_failure", 500, {"responseType": "AUTHORIZER_FAILURE", "authorizerStatus": 500}),
    (
        "authorizer config",
        "authorizer_configuration_error",
        500,
        {"responseType": "AUTHORIZER_CONFIGURATION_ERROR", "message": "Internal server error"},
    ),
    ("key", "invalid_api_key", 403, {"responseType": "INVALID_API_KEY", "message": "Forbidden"}),
    ("rate", "throttled", 429, {"responseType": "THROTTLED", "message": "Too Many Requests"}),
    ("quota", "quota_exceeded", 429, {"responseType": "QUOTA_EXCEEDED", "message": "Limit Exceeded"}),
    (
        "WAF",
        "waf_blocked",
        403,
        {"responseType": "WAF_FILTERED", "wafResponse": "WAF_BLOCK", "wafStatus": 403, "message": "Forbidden"},
    ),
    (
        "WAF down",
        "waf_error",
        500,
        {"message": "There was an error evaluating the AWS WAF rules associated with this API"},
    ),
    ("model", "bad_request_body", 400, {"responseType": "BAD_REQUEST_BODY", "message": "Invalid request body"}),
    (
        "parameters",
        "bad_request_parameters",
        400,
        {"responseType": "BAD_REQUEST_PARAMETERS", "message": "Missing required request parameters: [sku]"},
    ),
    (
        "media type",
        "unsupported_media_type",
        415,
        {"responseType": "UNSUPPORTED_MEDIA_TYPE", "message": "Unsupported Media Type"},
    ),
    ("too large", "request_too_large", 413, {"responseType": "REQUEST_TOO_LARGE", "message": "Request Too Long"}),
    ("no route, HTTP API", "resource_not_found", 404, {"message": "Not Found"}),
    ("no route", "resource_not_found", 404, {"responseType": "RESOURCE_NOT_FOUND"}),
    (
        "configuration",
        "api_configuration_error",
        500,
        {"responseType": "API_CONFIGURATION_ERROR", "message": "Internal server error"},
    ),
    ("backend down", "backend_error", 503, {"integrationStatus": 503, "serviceStatus": 503}),
    ("function says 500", "backend_error", 500, {"integrationStatus": 500, "serviceStatus": 200}),
    ("backend says no", "backend_client_error", 409, {"integrationStatus": 409}),
    ("nothing said", "unknown", 500, {}),
    ("forbidden alone", "unknown", 403, {"message": "Forbidden"}),
    ("service status of a crash is no answer", "unknown", 502, {"serviceStatus": 200}),
    ("success", None, 200, {"integrationStatus": 200, "serviceStatus": 200}),
    ("not modified", None, 304, {"integrationStatus": 304}),
    # Teams change the status of a gateway response: the type still says what happened.
    ("remapped timeout", "integration_timeout", 503, {"responseType": "INTEGRATION_TIMEOUT"}),
    ("remapped unauthorized", "authorizer_unauthorized", 403, {"responseType": "UNAUTHORIZED"}),
    ("remapped missing token", "missing_authentication_token", 404, {"responseType": "MISSING_AUTHENTICATION_TOKEN"}),
    (
        "signature too old",
        "invalid_signature",
        403,
        {"message": "Signature expired: 20251009T085320Z is now earlier than 20251009T090000Z"},
    ),
    (
        "bearer where a signature is due",
        "invalid_signature",
        403,
        {"message": "'x' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer x'."},
    ),
    ("token signed by another", "authorizer_unauthorized", 401, {"authorizerError": "invalid signature"}),
    ("token of another issuer", "authorizer_unauthorized", 401, {"authorizerError": "unknown kid"}),
    ("scope", "authorizer_denied", 403, {"authorizerError": "insufficient_scope"}),
    (
        "denied by the authorizer",
        "authorizer_denied",
        403,
        {"authorizerError": "The client is not authorized to perform this operation.", "authorizerStatus": 403},
    ),
    (
        "authorizer may not be invoked",
        "authorizer_configuration_error",
        500,
        {"authorizerError": "Invalid permissions on Lambda function", "authorizerStatus": 500},
    ),
    (
        "no policy",
        "authorizer_configuration_error",
        500,
        {"authorizerError": "Execution failed due to configuration error: Could not parse policy"},
    ),
    ("body that is no JSON", "bad_request_body", 400, {"message": "Could not parse request body into json: x"}),
    (
        "parameter by its name",
        "bad_request_parameters",
        400,
        {"responseType": "BAD_REQUEST_PARAMETERS", "validation": "[sku]"},
    ),
    ("timeout, HTTP API", "integration_timeout", 503, {"integrationError": "INTEGRATION_TIMEOUT"}),
    (
        "template",
        "api_configuration_error",
        500,
        {"integrationError": "Execution failed due to configuration error: Unable to transform request"},
    ),
    # API Gateway asks waf, authenticate, authorizer, authorize and the integration in this order.
    ("WAF before the authorizer", "waf_blocked", 403, {"wafStatus": 403, "authorizerStatus": 401}),
    ("authenticate after WAF", "invalid_signature", 403, {"wafStatus": 200, "authenticateStatus": 403}),
    (
        "authorize after the authorizer",
        "authorizer_denied",
        403,
        {"wafStatus": 200, "authorizerStatus": 200, "authorizeStatus": 403},
    ),
    (
        "integration after all of them",
        "backend_client_error",
        403,
        {"wafStatus": 200, "authorizerStatus": 200, "authorizeStatus": 200, "integrationStatus": 403},
    ),
)
