"""Custom domain names, as boto3 reads them over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import boto3
import pytest

from apigw_tui.emulator.server import EmulatorServer
from apigw_tui.emulator.traffic import Shop
from tests.emulator.tiny_feed import DOMAINS, T0, TinyFeed, TinyPlane


@pytest.fixture
def clients() -> Iterator[tuple[Any, Any]]:
    with ExitStack() as stack:
        server = stack.enter_context(EmulatorServer(TinyFeed(), TinyPlane(), clock=lambda: T0))
        yield tuple(made(stack, server, service) for service in ("apigateway", "apigatewayv2"))


def made(stack: ExitStack, server: EmulatorServer, service: str) -> Any:
    keys = {"aws_access_key_id": "AKIDEXAMPLE", "aws_secret_access_key": "x"}
    client = boto3.client(service, endpoint_url=server.url, region_name="eu-west-1", **keys)
    return stack.enter_context(closing(client))


def test_v1_tells_names_and_base_paths_of_rest_apis(clients: tuple[Any, Any]) -> None:
    v1, _ = clients
    assert [item["domainName"] for item in v1.get_domain_names()["items"]] == ["shop.example.com"]
    (mapping,) = v1.get_base_path_mappings(domainName="shop.example.com")["items"]
    assert mapping == {"basePath": "(none)", "restApiId": "rest00", "stage": "live"}


def test_v2_tells_names_and_mappings_in_pages(clients: tuple[Any, Any]) -> None:
    _, v2 = clients
    assert [item["DomainName"] for item in v2.get_domain_names()["Items"]] == list(DOMAINS)
    first = v2.get_api_mappings(DomainName=DOMAINS[0], MaxResults="1")
    second = v2.get_api_mappings(DomainName=DOMAINS[0], MaxResults="1", NextToken=first["NextToken"])
    mappings = [*first["Items"], *second["Items"]]
    assert [mapping["ApiMappingKey"] for mapping in mappings] == ["", "talk/v1"]
    assert {(mapping["ApiId"], mapping["Stage"]) for mapping in mappings} == {("ws01", "live")}
    assert v2.get_api_mappings(DomainName=DOMAINS[1])["Items"] == []


def test_an_unknown_domain_is_not_found(clients: tuple[Any, Any]) -> None:
    v1, v2 = clients
    with pytest.raises(v1.exceptions.NotFoundException, match="Invalid domain name"):
        v1.get_base_path_mappings(domainName="gone.example.com")
    with pytest.raises(v2.exceptions.NotFoundException):
        v2.get_api_mappings(DomainName="gone.example.com")


def test_the_domains_of_the_shop_lead_to_its_stages() -> None:
    shop = Shop(epoch=T0)
    rest = {(api["id"], stage["stageName"]) for api in shop.rest_apis() for stage in shop.rest_stages(api["id"])}
    v2 = {(api["ApiId"], stage["StageName"]) for api in shop.v2_apis() for stage in shop.v2_stages(api["ApiId"])}
    names = [domain["DomainName"] for domain in shop.v2_domain_names()]
    assert names == [domain["domainName"] for domain in shop.domain_names()]
    mappings = [mapping for name in names for mapping in shop.v2_api_mappings(name)]
    assert {(mapping["ApiId"], mapping["Stage"]) for mapping in mappings} <= rest | v2
    older = [mapping for name in names for mapping in shop.base_path_mappings(name)]
    assert older
    assert {(mapping["restApiId"], mapping["stage"]) for mapping in older} <= rest
