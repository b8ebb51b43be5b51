"""What the shop's control plane says of its routes is what its requests do."""

from __future__ import annotations

from apigw_tui.emulator.catalogue import CHAT_ROUTES, ORDERS_ROUTES, PARTNER_ROUTES, STOREFRONT_ROUTES, Route
from apigw_tui.emulator.plane import ShopPlane
from apigw_tui.emulator.stages import CHAT_ID, ORDERS_ID, PARTNER_ID, STOREFRONT_ID

PLANE = ShopPlane()


def called(uri: str | None) -> str | None:
    """The function in a URI, its alias left to the stage."""
    if uri is None or ":function:" not in uri:
        return None
    name, _, alias = uri.partition(":function:")[2].partition(":")
    assert alias.removesuffix("/invocations") == "${stageVariables.alias}"
    return name


def function_of(route: Route) -> str | None:
    return route.function.name if route.function else None


def test_every_method_of_a_rest_api_calls_what_its_route_calls() -> None:
    for api_id, routes in ((ORDERS_ID, ORDERS_ROUTES), (PARTNER_ID, PARTNER_ROUTES)):
        told = {
            (method, resource["path"]): (called(settings["methodIntegration"].get("uri")), "authorizerId" in settings)
            for resource in PLANE.rest_resources(api_id)
            for method, settings in resource.get("resourceMethods", {}).items()
        }
        assert told == {(route.method, route.template): (function_of(route), route.authorized) for route in routes}


def test_resources_are_a_tree() -> None:
    resources = {resource["id"]: resource for resource in PLANE.rest_resources(ORDERS_ID)}
    paths = {resource["path"] for resource in resources.values()}
    assert len(paths) == len(resources)
    assert {"/", "/carts", "/carts/{id}", "/orders/{id}/items"} <= paths
    for resource in resources.values():
        if resource["path"] == "/":
            assert "parentId" not in resource
            continue
        parent = resources[resource["parentId"]]["path"].rstrip("/")
        assert resource["path"] == f"{parent}/{resource['pathPart']}"


def test_the_authorizer_of_the_methods_is_listed() -> None:
    (authorizer,) = PLANE.rest_authorizers(ORDERS_ID)
    methods = [
        method
        for resource in PLANE.rest_resources(ORDERS_ID)
        for method in resource.get("resourceMethods", {}).values()
        if method["authorizationType"] == "CUSTOM"
    ]
    assert {method["authorizerId"] for method in methods} == {authorizer["id"]}
    assert called(authorizer["authorizerUri"]) == "orders-authorizer"


def test_every_v2_route_leads_to_its_function() -> None:
    for api_id, routes in ((STOREFRONT_ID, STOREFRONT_ROUTES), (CHAT_ID, CHAT_ROUTES)):
        integrations = {f"integrations/{item['IntegrationId']}": item for item in PLANE.v2_integrations(api_id)}
        told = {
            route["RouteKey"]: called(integrations[route["Target"]]["IntegrationUri"])
            for route in PLANE.v2_routes(api_id)
        }
        assert told == {route.key: function_of(route) for route in routes}


def test_other_apis_have_none_of_it() -> None:
    assert PLANE.rest_resources(CHAT_ID) == PLANE.rest_authorizers(CHAT_ID) == []
    assert PLANE.v2_routes(ORDERS_ID) == PLANE.v2_integrations(ORDERS_ID) == PLANE.v2_authorizers(CHAT_ID) == []
