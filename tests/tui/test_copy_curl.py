"""Requests as curl commands: only what is known, and what is not is said."""

from __future__ import annotations

import shlex

from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.story import Story
from apigw_tui.tui.copy_curl import Curl, curl_of
from tests.tui import story_samples as samples

REGION = "eu-west-1"
URL = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod/orders/7Q2M4X"
BODY = '{"items": [{"sku": "A-1", "count": 3}]}'


def of(story: Story, *, reveal: bool = False) -> Curl:
    curl = curl_of(story.request, story.lines, region=REGION, reveal=reveal)
    assert curl is not None
    return curl


def test_curl_says_what_was_logged_without_secrets() -> None:
    curl = of(samples.timeout_story(data_trace=True))
    header = ["-H", "Authorization: Bearer ****cdef"]
    assert shlex.split(curl.command) == ["curl", "-X", "POST", URL, *header, "--data-raw", BODY]
    assert "secrets masked" in curl.text.splitlines()[0]


def test_a_secret_is_in_it_only_when_revealed() -> None:
    curl = of(samples.timeout_story(data_trace=True), reveal=True)
    assert "Authorization: Bearer sesame-0123456789abcdef" in shlex.split(curl.command)
    assert not curl.masked


def test_without_a_data_trace_the_comment_says_what_is_not_known() -> None:
    curl = of(samples.timeout_story())
    assert curl.unknown == ("query", "headers", "body")
    assert curl.lacks == "without query, headers, body"
    assert curl.text == f"# query, headers, body not known\ncurl -X POST {URL}"


def test_a_body_that_api_gateway_cut_is_left_out_and_said_to_be() -> None:
    start = f"({samples.REQUEST_ID}) Method request body before transformations: "
    cut = start + "x" * (1_024 - len(start)) + " [TRUNCATED]"
    curl = of(samples.timeout_story(extra=[(5, samples.EXECUTION_GROUP, cut)]))
    assert (curl.unknown, curl.cut) == (("query", "headers"), ("body",))
    assert "--data-raw" not in curl.command
    assert curl.text.startswith("# query, headers not known; body left out, API Gateway cut it\ncurl ")


def test_a_get_needs_no_body_and_a_head_waits_for_none() -> None:
    for method, words in (("GET", ["curl"]), ("HEAD", ["curl", "--head"])):
        curl = of(samples.story_of([samples.access_entry(200, 5, method=method)]))
        assert shlex.split(curl.command)[:-1] == words
        assert curl.unknown == ("query", "headers")


def test_where_the_method_is_not_known_it_says_so() -> None:
    story = samples.timeout_story()
    curl = curl_of({**story.request, "method": None}, story.lines, region=REGION)
    assert curl is not None
    assert curl.unknown[0] == "method"


def test_the_domain_that_was_called_is_called_again() -> None:
    request = samples.timeout_story().request | {"access": {"domainName": "api.example.com"}}
    curl = curl_of(request, (), region=None)
    assert curl is not None
    assert "https://api.example.com/orders/7Q2M4X" in curl.command


def test_china_has_a_domain_of_its_own() -> None:
    curl = curl_of(samples.timeout_story().request, (), region="cn-north-1")
    assert curl is not None
    assert ".execute-api.cn-north-1.amazonaws.com.cn/" in curl.command


def test_without_an_address_there_is_no_command() -> None:
    assert curl_of(samples.timeout_story().request, (), region=None) is None
    assert curl_of({"path": "$connect", "method": None}, (), region=REGION) is None


@given(path=st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=20))
def test_property_a_hostile_path_stays_one_word_of_the_command(path: str) -> None:
    request = {"path": f"/{path}", "method": "POST", "access": {"domain": "api.example.com"}}
    curl = curl_of(request, (), region=None)
    assert curl is not None
    assert len(shlex.split(curl.text, comments=True)) == 4
