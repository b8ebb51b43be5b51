"""The shop's stages: which logs each of them keeps, and in which access format."""

from __future__ import annotations

from typing import Final

from apigw_tui.core.stage import execution_group
from apigw_tui.emulator.catalogue import (
    CHAT_ROUTES,
    ORDERS_ROUTES,
    PARTNER_ROUTES,
    STOREFRONT_ROUTES,
    ShopStage,
)
from apigw_tui.emulator.feed import ACCOUNT_ID, REGION

ORDERS_ID: Final = "a1b2c3d4e5"
PARTNER_ID: Final = "p9q8r7s6t5"
STOREFRONT_ID: Final = "f0g1h2j3k4"
CHAT_ID: Final = "w6x7y8z9c0"

DEPLOYMENT_IDS: Final = {
    f"{ORDERS_ID}/prod": "d7n4bq",
    f"{ORDERS_ID}/staging": "x2m9vt",
    f"{PARTNER_ID}/v1": "e1h6gy",
    f"{PARTNER_ID}/v2": "r8z3kp",
    f"{STOREFRONT_ID}/prod": "b5c0ws",
    f"{STOREFRONT_ID}/staging": "j4y7ln",
    f"{CHAT_ID}/prod": "t3a8dm",
}


def _quoted(fields: dict[str, str]) -> str:
    return "{" + ",".join(f'"{name}":"$context.{variable}"' for name, variable in fields.items()) + "}"


ORDERS_PROD_FORMAT: Final = _quoted(
    {
        "requestId": "requestId",
        "extendedRequestId": "extendedRequestId",
        "xrayTraceId": "xrayTraceId",
        "requestTimeEpoch": "requestTimeEpoch",
        "httpMethod": "httpMethod",
        "resourcePath": "resourcePath",
        "path": "path",
        "status": "status",
        "protocol": "protocol",
        "responseLength": "responseLength",
        "responseLatency": "responseLatency",
        "integrationLatency": "integration.latency",
        "integrationStatus": "integration.status",
        "integrationServiceStatus": "integration.integrationStatus",
        "integrationRequestId": "integration.requestId",
        "integrationError": "integration.error",
        "errorMessage": "error.message",
        "errorType": "error.responseType",
        "validationError": "error.validationErrorString",
        "ip": "identity.sourceIp",
        "userAgent": "identity.userAgent",
        "apiKeyId": "identity.apiKeyId",
        "principalId": "authorizer.principalId",
        "authorizerRequestId": "authorizer.requestId",
        "authorizerStatus": "authorizer.status",
        "authorizerLatency": "authorizer.latency",
        "authorizerError": "authorizer.error",
    }
)
# Unquoted numbers: a request without an integration gives an entry that is no JSON, as many real formats do.
ORDERS_STAGING_FORMAT: Final = (
    '{ "requestId":"$context.requestId", "ip":"$context.identity.sourceIp", '
    '"caller":"$context.identity.caller", "requestTime":"$context.requestTime", '
    '"httpMethod":"$context.httpMethod", "resourcePath":"$context.resourcePath", '
    '"path":"$context.path", "status":$context.status, "latency":$context.responseLatency, '
    '"integrationLatency":$context.integrationLatency, "responseLength":$context.responseLength, '
    '"userAgent":"$context.identity.userAgent", "error":{"message":"$context.error.message", '
    '"type":"$context.error.responseType"} }'
)
PARTNER_FORMAT: Final = (
    "requestId: $context.requestId, ip: $context.identity.sourceIp, requestTime: $context.requestTime, "
    "httpMethod: $context.httpMethod, resourcePath: $context.resourcePath, status: $context.status, "
    "responseLatency: $context.responseLatency\n"
)
STOREFRONT_STAGING_FORMAT: Final = (
    '$context.identity.sourceIp - - [$context.requestTime] "$context.httpMethod $context.routeKey '
    '$context.protocol" $context.status $context.responseLength $context.requestId'
)
STOREFRONT_PROD_FORMAT: Final = (
    f"{STOREFRONT_STAGING_FORMAT} $context.responseLatency $context.integrationLatency "
    '$context.integration.status "$context.identity.userAgent" "$context.error.message"'
)
CHAT_FORMAT: Final = _quoted(
    {
        "requestId": "requestId",
        "connectionId": "connectionId",
        "eventType": "eventType",
        "routeKey": "routeKey",
        "status": "status",
        "ip": "identity.sourceIp",
        "userAgent": "identity.userAgent",
        "requestTime": "requestTime",
        "requestTimeEpoch": "requestTimeEpoch",
        "messageId": "messageId",
        "integrationLatency": "integrationLatency",
        "integrationRequestId": "integration.requestId",
        "error": "error.message",
    }
)

ORDERS_PROD: Final = ShopStage(
    ORDERS_ID,
    "orders",
    "REST",
    "prod",
    8.0,
    ORDERS_ROUTES,
    access_group="/aws/apigateway/orders-prod-access",
    access_format=ORDERS_PROD_FORMAT,
    execution_group=execution_group(ORDERS_ID, "prod"),
    level="INFO",
    tracing=True,
    alias="live",
)
ORDERS_STAGING: Final = ShopStage(
    ORDERS_ID,
    "orders",
    "REST",
    "staging",
    0.5,
    ORDERS_ROUTES,
    access_group="/aws/apigateway/orders-staging-access",
    access_format=ORDERS_STAGING_FORMAT,
    execution_group=execution_group(ORDERS_ID, "staging"),
    level="INFO",
    data_trace=True,
)
PARTNER_V1: Final = ShopStage(
    PARTNER_ID,
    "partner-gateway",
    "REST",
    "v1",
    0.9,
    PARTNER_ROUTES,
    access_destination=f"arn:aws:firehose:{REGION}:{ACCOUNT_ID}:deliverystream/amazon-apigateway-partner-access",
    access_format=PARTNER_FORMAT,
    execution_group=execution_group(PARTNER_ID, "v1"),
    level="ERROR",
)
PARTNER_V2: Final = ShopStage(PARTNER_ID, "partner-gateway", "REST", "v2", 0.1, PARTNER_ROUTES)
STOREFRONT_PROD: Final = ShopStage(
    STOREFRONT_ID,
    "storefront",
    "HTTP",
    "prod",
    3.0,
    STOREFRONT_ROUTES,
    access_group="/aws/vendedlogs/storefront-prod",
    access_format=STOREFRONT_PROD_FORMAT,
    alias="live",
)
STOREFRONT_STAGING: Final = ShopStage(
    STOREFRONT_ID,
    "storefront",
    "HTTP",
    "staging",
    0.15,
    STOREFRONT_ROUTES,
    access_group="/aws/http-api/storefront-staging",
    access_format=STOREFRONT_STAGING_FORMAT,
    tells_why=False,
)
CHAT_PROD: Final = ShopStage(
    CHAT_ID,
    "chat",
    "WEBSOCKET",
    "prod",
    1.0,
    CHAT_ROUTES,
    access_group="/aws/apigateway/chat-prod-access",
    access_format=CHAT_FORMAT,
    execution_group=f"/aws/apigateway/{CHAT_ID}/prod",
    level="INFO",
    alias="live",
)
STAGES: Final = (
    ORDERS_PROD,
    ORDERS_STAGING,
    PARTNER_V1,
    PARTNER_V2,
    STOREFRONT_PROD,
    STOREFRONT_STAGING,
    CHAT_PROD,
)
