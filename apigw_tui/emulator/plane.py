"""The shop's control plane: its APIs, their stages and what they call. The same at all times."""

from __future__ import annotations

from apigw_tui.emulator import domains, inventory, wiring
from apigw_tui.emulator.feed import JsonObject


class ShopPlane:
    """Answers in the shapes of boto3's."""

    def rest_apis(self) -> list[JsonObject]:
        """`items` of apigateway GetRestApis."""
        return inventory.rest_apis()

    def rest_stages(self, api_id: str) -> list[JsonObject]:
        """`item` of apigateway GetStages."""
        return inventory.rest_stages(api_id)

    def rest_resources(self, api_id: str) -> list[JsonObject]:
        """`items` of apigateway GetResources, methods embedded."""
        return wiring.rest_resources(api_id)

    def rest_authorizers(self, api_id: str) -> list[JsonObject]:
        """`items` of apigateway GetAuthorizers."""
        return wiring.rest_authorizers(api_id)

    def account(self) -> JsonObject:
        """The answer of apigateway GetAccount."""
        return inventory.account()

    def v2_apis(self) -> list[JsonObject]:
        """`Items` of apigatewayv2 GetApis."""
        return inventory.v2_apis()

    def v2_stages(self, api_id: str) -> list[JsonObject]:
        """`Items` of apigatewayv2 GetStages."""
        return inventory.v2_stages(api_id)

    def v2_routes(self, api_id: str) -> list[JsonObject]:
        """`Items` of apigatewayv2 GetRoutes."""
        return wiring.v2_routes(api_id)

    def v2_integrations(self, api_id: str) -> list[JsonObject]:
        """`Items` of apigatewayv2 GetIntegrations."""
        return wiring.v2_integrations(api_id)

    def v2_authorizers(self, api_id: str) -> list[JsonObject]:
        """`Items` of apigatewayv2 GetAuthorizers."""
        return wiring.v2_authorizers(api_id)

    def domain_names(self) -> list[JsonObject]:
        """`items` of apigateway GetDomainNames."""
        return domains.domain_names()

    def base_path_mappings(self, domain: str) -> list[JsonObject]:
        """`items` of apigateway GetBasePathMappings."""
        return domains.base_path_mappings(domain)

    def v2_domain_names(self) -> list[JsonObject]:
        """`Items` of apigatewayv2 GetDomainNames."""
        return domains.v2_domain_names()

    def v2_api_mappings(self, domain: str) -> list[JsonObject]:
        """`Items` of apigatewayv2 GetApiMappings."""
        return domains.v2_api_mappings(domain)
