"""Custom domain names: API mappings, the older base path mappings, and refusals."""

from __future__ import annotations

import pytest

from apigw_tui.errors import AppError
from apigw_tui.sources.custom_domains import MOST_DOMAINS, mappings_of, read_domains
from tests.sources.recorded_account import RecordedAccount, Refusals, served
from tests.sources.virtual_time import VirtualTime


def account() -> RecordedAccount:
    recorded = RecordedAccount()
    recorded.rest_domains["edge.example.com"] = [
        {"basePath": "(none)", "restApiId": "r1", "stage": "prod"},
        {"basePath": "next", "restApiId": "r1", "stage": "staging"},
        {"basePath": "by-path", "restApiId": "r1"},
    ]
    recorded.v2_domains["api.example.com"] = [
        {"ApiId": "h1", "ApiMappingId": "m1", "ApiMappingKey": "v1/orders", "Stage": "prod"},
        {"ApiId": "h1", "ApiMappingId": "m2", "ApiMappingKey": "", "Stage": "$default"},
    ]
    return recorded


def test_names_and_base_paths_lead_to_stages() -> None:
    time = VirtualTime()
    with served(account(), time) as aws:
        domains = read_domains(aws, stop=time.stop)
    assert domains.error is None
    assert domains.by_scope == {
        "r1/prod": ("edge.example.com",),
        "r1/staging": ("edge.example.com/next",),
        "h1/prod": ("api.example.com/v1/orders",),
        "h1/$default": ("api.example.com",),
    }
    assert domains.of("r1/other") == ()


@pytest.mark.parametrize("operation", ["GetV2DomainNames", "GetApiMappings"])
def test_without_one_permission_the_rest_is_still_known(operation: str) -> None:
    time, refusals = VirtualTime(), Refusals()
    refusals.codes[operation] = "AccessDeniedException"
    with served(account(), time, refusals=refusals) as aws:
        domains = read_domains(aws, stop=time.stop)
    assert domains.of("r1/prod") == ("edge.example.com",)
    assert domains.of("h1/prod") == ()
    assert domains.error is not None


def test_a_domain_that_does_not_exist_has_no_mappings_to_tell() -> None:
    time = VirtualTime()
    with served(account(), time) as aws, pytest.raises(AppError, match=r"none\.example\.com"):
        list(mappings_of(aws, "none.example.com", stop=time.stop))


def test_of_too_many_domains_some_are_left_out_and_that_is_said() -> None:
    time, recorded = VirtualTime(), RecordedAccount()
    for number in range(MOST_DOMAINS + 3):
        name = f"d{number:02}.example.com"
        recorded.v2_domains[name] = [{"ApiId": "h1", "ApiMappingId": "m", "ApiMappingKey": "", "Stage": "prod"}]
    with served(recorded, time) as aws:
        domains = read_domains(aws, stop=time.stop)
    assert len(domains.of("h1/prod")) == MOST_DOMAINS
    assert domains.error is not None
    assert domains.error.message.startswith(f"3 of {MOST_DOMAINS + 3} ")
