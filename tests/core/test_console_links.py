"""Links into the console, as the console itself writes them."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from apigw_tui.core.console_links import group_link, insights_link


def test_a_group_opens_filtered_and_in_its_time() -> None:
    link = group_link('"8f0c"', "API-Gateway-Execution-Logs_a1/prod", "eu-west-1", (1_000, 2_000))
    assert link is not None
    place = unquote(unquote(link.replace("$", "%")))
    assert link.startswith("https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:")
    assert "log-group/API-Gateway-Execution-Logs_a1$252Fprod/log-events$3F" in link
    assert place.endswith('?filterPattern="8f0c"&start=1000&end=2000')


def test_a_query_opens_in_the_editor_with_its_groups_and_time() -> None:
    link = insights_link("fields @message\n| limit 20", ["/aws/a", "b-c_d"], "eu-west-1", (0, 61_000))
    assert link is not None
    assert link.partition("#")[2] == (
        "logsV2:logs-insights$3FqueryDetail$3D~(end~'1970-01-01T00*3a01*3a01.000Z~start~'1970-01-01T00*3a00*3a00.000Z"
        "~timeType~'ABSOLUTE~tz~'UTC~editorString~'fields*20*40message*0a*7c*20limit*2020"
        "~source~(~'*2faws*2fa~'b-c_d))"
    )


def test_what_steers_the_editor_cannot_come_out_of_the_query() -> None:
    link = insights_link("a~b'c$(é€😀", ["g"], "eu-west-1", (0, 1))
    assert link is not None
    assert "~editorString~'a*7eb*27c!*28*e9**20ac**d83d**de00~source~" in link


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
        ("cn-north-1", "cn-north-1.console.amazonaws.cn"),
        ("eusc-de-east-1", "eusc-de-east-1.console.amazonaws-eusc.eu"),
    ],
)
def test_the_console_of_other_partitions_has_another_host(region: str, host: str) -> None:
    for link in (group_link("a", "g", region, (0, 1)), insights_link("a", ["g"], region, (0, 1))):
        assert link is not None
        assert link.startswith(f"https://{host}/")


@pytest.mark.parametrize("region", ["us-iso-east-1", "local", "", "eu-west-1.example.com/"])
def test_where_no_console_is_known_there_is_no_link(region: str) -> None:
    assert group_link("a", "g", region, (0, 1)) is None
    assert insights_link("a", ["g"], region, (0, 1)) is None
