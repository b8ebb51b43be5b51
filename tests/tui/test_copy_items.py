"""What is copied: quoted for the shell, masked, and only what is known."""

from __future__ import annotations

import json
import shlex
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.story_markdown import story_markdown
from apigw_tui.tui.copy_items import (
    CopyContext,
    CopyMenuContent,
    console_link,
    event_items,
    insights_query,
    row_items,
    show_command,
    story_items,
)
from tests.tui import story_samples as samples

CONTEXT = CopyContext(
    "orders/prod", ("--profile", "shop"), "apigw-tui orders/prod", "eu-west-1", samples.EXECUTION_GROUP
)
REVEALED = CopyContext("orders/prod", reveal=True)


def texts(content: CopyMenuContent) -> dict[str, str]:
    return {item.label: item.text for item in content.items}


def test_the_request_id_is_the_first_item() -> None:
    first = story_items(samples.timeout_story(), CONTEXT).items[0]
    assert (first.key, first.label, first.text) == ("c", "request ID", samples.REQUEST_ID)


def test_every_item_has_its_own_key() -> None:
    keys = [item.key for item in story_items(samples.timeout_story(), CONTEXT).items]
    assert len(set(keys)) == len(keys)


def test_the_ids_are_copied_whole() -> None:
    copied = texts(story_items(samples.timeout_story(), CONTEXT))
    assert copied["extended request ID"] == "Vts2pH6ArPEFcuQ="
    assert copied["Lambda request ID"] == samples.FUNCTION_ID
    assert copied["X-Ray trace ID"] == "1-6a0d2c2a-5f1e9b07c4d83a6e21b0f957"


def test_curl_says_what_was_logged_without_secrets() -> None:
    copied = texts(story_items(samples.timeout_story(data_trace=True), CONTEXT))["curl"]
    assert shlex.split(copied) == [
        "curl",
        "-X",
        "POST",
        "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod/orders/7Q2M4X",
        "-H",
        "Authorization: Bearer ****cdef",
        "--data-raw",
        '{"items": [{"sku": "A-1", "count": 3}]}',
    ]


def test_secrets_are_copied_only_when_revealed() -> None:
    story = samples.timeout_story(data_trace=True)
    hidden = story_items(story, CONTEXT)
    assert not any("sesame" in item.text for item in hidden.items)
    assert hidden.secrets == 1
    assert "sesame-0123456789abcdef" in texts(story_items(story, REVEALED))["JSON"]


def test_the_json_is_the_story_that_show_prints() -> None:
    copied = json.loads(texts(story_items(samples.timeout_story(), CONTEXT))["JSON"])
    assert copied["request_id"] == samples.REQUEST_ID
    assert copied["cause"]["code"] == "integration_timeout"
    assert [phase["name"] for phase in copied["phases"]][:2] == ["authorizer", "usage_plan"]


def test_the_raw_line_is_the_evidence() -> None:
    copied = texts(story_items(samples.timeout_story(), CONTEXT))
    assert copied["raw line"] == "Execution failed due to a timeout error"


def test_the_command_prints_this_story_elsewhere() -> None:
    copied = texts(story_items(samples.timeout_story(), CONTEXT))
    assert copied["command"] == f"apigw-tui show {samples.REQUEST_ID} orders/prod --profile shop"
    assert copied["view as a command"] == "apigw-tui orders/prod"


def test_where_there_is_no_account_nothing_points_to_one() -> None:
    copied = texts(story_items(samples.timeout_story(), CopyContext("logs.gz")))
    assert not {"curl", "Insights query", "console link", "view as a command"} & set(copied)


def test_the_insights_query_quotes_the_id() -> None:
    assert 'like "a\\"b\\\\c"' in insights_query('a"b\\c')


def test_the_console_link_opens_the_group_filtered_and_in_its_time() -> None:
    link = console_link("8f0c", "API-Gateway-Execution-Logs_a1/prod", "eu-west-1", (1_000, 2_000))
    place = unquote(unquote(link.replace("$", "%")))
    assert link.startswith("https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:")
    assert "log-group/API-Gateway-Execution-Logs_a1$252Fprod/log-events$3F" in link
    assert place.endswith('?filterPattern="8f0c"&start=1000&end=2000')


def test_the_console_of_other_partitions_has_another_host() -> None:
    assert "https://us-gov-west-1.console.amazonaws-us-gov.com/" in console_link("a", "g", "us-gov-west-1", (0, 1))
    assert "https://cn-north-1.console.amazonaws.cn/" in console_link("a", "g", "cn-north-1", (0, 1))


def test_a_row_without_its_story_still_gives_ids_and_commands() -> None:
    copied = texts(row_items(samples.timeout_story().row, CONTEXT))
    assert copied["request ID"] == samples.REQUEST_ID
    assert copied["Lambda request ID"] == samples.FUNCTION_ID
    assert copied["raw line"] == "Execution failed due to a timeout error"
    assert "Insights query" in copied
    assert "JSON" not in copied


def test_an_event_gives_its_raw_line_masked() -> None:
    event = {
        "timestamp": samples.START,
        "log_group": "g",
        "request_id": None,
        "message": "password=letmein-letmein-letmein",
    }
    content = event_items(event, CONTEXT)
    assert "letmein-letmein" not in texts(content)["raw line"]
    assert "request ID" not in texts(content)
    assert content.secrets == 1


def test_the_markdown_tells_the_story_with_its_proof() -> None:
    text = story_markdown(samples.timeout_story(), reveal=False)
    assert text.startswith("## 504 POST `/orders/7Q2M4X` in 29.01 s\n")
    assert "**Integration timed out** (`integration_timeout`)" in text
    assert "| integration | +42 ms | 29.00 s | failed |" in text
    assert " +29.04 s  E  Execution failed due to a timeout error <- evidence" in text


def test_log_text_cannot_leave_its_code_block_in_markdown() -> None:
    hostile = (60, samples.FUNCTION_GROUP, "``` <script>")
    text = story_markdown(samples.timeout_story(extra=[hostile]), reveal=False)
    fence = text.rstrip().splitlines()[-1]
    assert fence == "````"
    assert text.count(fence) == 2


@given(st.text(min_size=1))
def test_property_the_command_reaches_the_program_as_it_was_meant(request_id: str) -> None:
    words = shlex.split(show_command(request_id, CONTEXT))
    assert words == ["apigw-tui", "show", request_id, "orders/prod", "--profile", "shop"]


@given(path=st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=20))
def test_property_a_hostile_path_stays_one_word_of_the_curl_command(path: str) -> None:
    story = samples.story_of([samples.access_entry(200, 5, path=f"/{path}")])
    copied = texts(story_items(story, CONTEXT)).get("curl")
    if copied is not None:
        assert len(shlex.split(copied)) == 4
