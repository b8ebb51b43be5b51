"""The shop's custom domain names, and which stage answers under which base path.

A regional domain is told by both versions of the API; only v2 knows mappings to HTTP and WebSocket APIs and base
paths of several parts. Source: AWS, "Using API mappings to map API stages to a custom domain name".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from apigw_tui.emulator.feed import ACCOUNT_ID, REGION, JsonObject
from apigw_tui.emulator.stages import CHAT_ID, ORDERS_ID, PARTNER_ID, STOREFRONT_ID

NO_BASE_PATH: Final = "(none)"


@dataclass(frozen=True)
class _Mapping:
    base_path: str
    api_id: str
    stage: str

    @property
    def is_rest(self) -> bool:
        return self.api_id in {ORDERS_ID, PARTNER_ID}


_DOMAINS: Final[Mapping[str, tuple[_Mapping, ...]]] = {
    "api.example.com": (
        _Mapping("orders", ORDERS_ID, "prod"),
        _Mapping("partners", PARTNER_ID, "v1"),
        _Mapping("partners/next", PARTNER_ID, "v2"),
    ),
    "shop.example.com": (_Mapping("", STOREFRONT_ID, "prod"), _Mapping("preview", STOREFRONT_ID, "staging")),
    "chat.example.com": (_Mapping("", CHAT_ID, "prod"),),
}


def domain_names() -> list[JsonObject]:
    """`items` of apigateway GetDomainNames."""
    return [
        {
            "domainName": name,
            "regionalDomainName": _regional_name(name),
            "regionalHostedZoneId": "ZLY8HYME6SFDD",
            "regionalCertificateArn": _certificate(name),
            "endpointConfiguration": {"types": ["REGIONAL"], "ipAddressType": "dualstack"},
            "domainNameStatus": "AVAILABLE",
            "securityPolicy": "TLS_1_2",
            "routingMode": "BASE_PATH_MAPPING_ONLY",
        }
        for name in _DOMAINS
    ]


def base_path_mappings(domain: str) -> list[JsonObject]:
    """`items` of apigateway GetBasePathMappings: REST APIs under base paths of one part."""
    return [
        {"basePath": mapping.base_path or NO_BASE_PATH, "restApiId": mapping.api_id, "stage": mapping.stage}
        for mapping in _DOMAINS.get(domain, ())
        if mapping.is_rest and "/" not in mapping.base_path
    ]


def v2_domain_names() -> list[JsonObject]:
    """`Items` of apigatewayv2 GetDomainNames."""
    return [
        {
            "DomainName": name,
            "DomainNameArn": f"arn:aws:apigateway:{REGION}::/domainnames/{name}",
            "ApiMappingSelectionExpression": "$request.basepath",
            "DomainNameConfigurations": [
                {
                    "ApiGatewayDomainName": _regional_name(name),
                    "CertificateArn": _certificate(name),
                    "DomainNameStatus": "AVAILABLE",
                    "EndpointType": "REGIONAL",
                    "HostedZoneId": "ZLY8HYME6SFDD",
                    "SecurityPolicy": "TLS_1_2",
                }
            ],
            "RoutingMode": "API_MAPPING_ONLY",
        }
        for name in _DOMAINS
    ]


def v2_api_mappings(domain: str) -> list[JsonObject]:
    """`Items` of apigatewayv2 GetApiMappings; an empty key is the root."""
    return [
        {
            "ApiId": mapping.api_id,
            "ApiMappingId": f"{number:02}{mapping.api_id[:4]}",
            "ApiMappingKey": mapping.base_path,
            "Stage": mapping.stage,
        }
        for number, mapping in enumerate(_DOMAINS.get(domain, ()))
    ]


def _regional_name(domain: str) -> str:
    return f"d-{domain.partition('.')[0]}0000.execute-api.{REGION}.amazonaws.com"


def _certificate(domain: str) -> str:
    return f"arn:aws:acm:{REGION}:{ACCOUNT_ID}:certificate/{domain.partition('.')[0]}"
