"""What is copied: quoted for the shell, masked, and only what is known."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.query import parse
from apigw_tui.core.story import Story
from apigw_tui.core.story_markdown import story_markdown
from apigw_tui.tui.copy_items import (
    CopyContext,
    CopyMenuContent,
    event_items,
    row_items,
    show_command,
    story_items,
    view_content,
)
from apigw_tui.tui.copy_view import CopyView
from tests.tui import story_samples as samples

VIEW = CopyView(
    parse("status:504 cause:integration_timeout"),
    samples.FORMAT,
    (samples.ACCESS_GROUP,),
    (samples.START, samples.START),
)
CONTEXT = CopyContext(
    "orders/prod",
    ("--profile", "shop"),
    "apigw-tui orders/prod",
    "eu-west-1",
    samples.ACCESS_GROUP,
    cell=("route", "/orders/{id}/items/{item}"),
    marked=("id-1", "id-2"),
    searched=VIEW,
)
REVEALED = CopyContext("orders/prod", reveal=True)


def authorized_story() -> Story:
    """A request that has whatever there is to copy."""
    story = samples.timeout_story(data_trace=True)
    row = {**story.row, "authorizer_request_id": samples.AUTHORIZER_ID, "connection_id": "Xyz="}
    return replace(story, row=row)


def texts(content: CopyMenuContent) -> dict[str, str]:
    return {item.label: item.text for item in content.items}


def test_the_request_id_is_the_first_item() -> None:
    first = story_items(samples.timeout_story(), CONTEXT).items[0]
    assert (first.key, first.label, first.text) == ("c", "request ID", samples.REQUEST_ID)


def test_every_item_has_its_own_key() -> None:
    keys = [item.key for item in story_items(authorized_story(), replace(CONTEXT, line="a line")).items]
    assert len(keys) == 23
    assert len(set(keys)) == len(keys)
    # These leave the menu.
    assert not set(keys) & {"q", "y"}


def test_the_blocks_come_the_likeliest_first() -> None:
    blocks = [item.block for item in story_items(samples.timeout_story(), CONTEXT).items]
    assert blocks == sorted(blocks)


def test_the_ids_are_copied_whole() -> None:
    copied = texts(story_items(authorized_story(), CONTEXT))
    assert copied["extended request ID"] == "Vts2pH6ArPEFcuQ="
    assert copied["Lambda request ID"] == samples.FUNCTION_ID
    assert copied["authorizer Lambda ID"] == samples.AUTHORIZER_ID
    assert copied["X-Ray trace ID"] == "1-6a0d2c2a-5f1e9b07c4d83a6e21b0f957"


def test_secrets_are_copied_only_when_revealed() -> None:
    story = samples.timeout_story(data_trace=True)
    hidden = story_items(story, CONTEXT)
    assert not any("sesame" in item.text for item in hidden.items)
    assert (hidden.secrets, hidden.revealed) == (1, False)
    shown = story_items(story, REVEALED)
    assert "sesame-0123456789abcdef" in texts(shown)["JSON"]
    assert (shown.secrets, shown.revealed) == (1, True)


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
    absent = {"curl", "Insights query", "view: Insights query", "console link", "view as a command"}
    assert not absent & set(copied)


def test_where_cloudwatch_is_emulated_there_are_queries_but_no_links() -> None:
    labels = set(texts(story_items(samples.timeout_story(), replace(CONTEXT, region=None))))
    assert {"Insights query", "view: Insights query", "view: filter pattern"} <= labels
    assert not {"console link", "trace link", "view: Insights link"} & labels


def test_the_insights_query_finds_the_functions_lines_too() -> None:
    copied = texts(story_items(authorized_story(), CONTEXT))["Insights query"]
    for identifier in (samples.REQUEST_ID, samples.FUNCTION_ID, samples.AUTHORIZER_ID):
        assert f'@message like "{identifier}"' in copied


def test_the_query_of_the_view_says_before_it_is_copied_what_it_leaves_out() -> None:
    items = {item.label: item for item in story_items(samples.timeout_story(), CONTEXT).items}
    query = items["view: Insights query"]
    assert query.preview.startswith("without cause:integration_timeout: fields @timestamp, status, ")
    assert query.text.startswith("# not in this query: cause:integration_timeout\nfields @timestamp, status, ")
    assert "| filter status = 504" in query.text
    assert query.what == "view: Insights query without cause:integration_timeout"
    pattern = items["view: filter pattern"]
    assert pattern.preview == f"without cause:integration_timeout: {pattern.text}"
    assert "504" in pattern.text


def test_the_link_of_the_view_opens_its_query() -> None:
    link = texts(story_items(samples.timeout_story(), CONTEXT))["view: Insights link"]
    assert "#logsV2:logs-insights$3FqueryDetail$3D~(" in link
    assert "filter*20status*20*3d*20504" in link
    assert f"~source~(~'{samples.ACCESS_GROUP}))" in link


def test_the_console_link_leads_to_the_group_that_proves_the_cause() -> None:
    link = texts(story_items(samples.timeout_story(), CONTEXT))["console link"]
    assert "log-group/API-Gateway-Execution-Logs_a1b2c3d4e5$252Fprod/log-events$3F" in link


def test_marked_rows_are_copied_line_by_line_and_as_one_pattern() -> None:
    copied = texts(story_items(samples.timeout_story(), CONTEXT))
    assert copied["marked rows: IDs"] == "id-1\nid-2"
    assert copied["marked rows: pattern"] == '?"id-1" ?"id-2"'


def test_more_marks_than_a_pattern_holds_are_counted() -> None:
    marked = tuple(str(UUID(int=number)) for number in range(31))
    items = {item.label: item for item in story_items(samples.timeout_story(), replace(CONTEXT, marked=marked)).items}
    assert len(items["marked rows: IDs"].text.splitlines()) == 31
    assert items["marked rows: IDs"].what == "IDs of 31 marked rows"
    assert items["marked rows: pattern"].preview.startswith('the first 25 of 31: ?"')
    assert items["marked rows: pattern"].what == "filter pattern of the first 25 of 31"


def test_the_cell_is_copied_whole_and_named() -> None:
    items = {item.label: item for item in story_items(samples.timeout_story(), CONTEXT).items}
    assert items["cell route"].text == "/orders/{id}/items/{item}"
    assert items["cell route"].what == "/orders/{id}/items/{item}"


def test_a_cell_that_only_its_name_tells_to_be_secret_is_masked() -> None:
    secret = replace(CONTEXT, cell=("authorizer.token", "sesame-0123456789abcdef"))
    assert texts(story_items(samples.timeout_story(), secret))["cell authorizer.token"] == "****cdef"


def test_without_a_row_the_view_is_copied() -> None:
    labels = [item.label for item in view_content(CONTEXT).items]
    assert labels == [
        "marked rows: IDs",
        "marked rows: pattern",
        "view as a command",
        "view: Insights query",
        "view: filter pattern",
        "view: Insights link",
    ]


def test_a_row_without_its_story_still_gives_ids_and_commands() -> None:
    copied = texts(row_items(samples.timeout_story().row, CONTEXT))
    assert copied["request ID"] == samples.REQUEST_ID
    assert copied["Lambda request ID"] == samples.FUNCTION_ID
    assert copied["raw line"] == "Execution failed due to a timeout error"
    assert "Insights query" in copied
    assert "JSON" not in copied
    request = json.loads(copied["row JSON"])
    assert request["cause"]["code"] == "integration_timeout"
    assert request["counts"]["lambda"] is None
    assert request["access"] is None


def test_what_was_read_of_the_entry_is_in_the_json_of_its_row() -> None:
    row = {**samples.timeout_story().row, "access": {"status": 504, "token": "sesame-0123456789abcdef"}}
    content = row_items(row, CONTEXT)
    request = json.loads(texts(content)["row JSON"])
    assert request["access"] == {"status": 504, "token": "****cdef"}
    assert content.secrets == 1


def test_an_event_gives_its_raw_line_masked() -> None:
    event = {
        "timestamp": samples.START,
        "ingestion_time": None,
        "event_id": None,
        "log_group": "g",
        "log_stream": "s",
        "kind": "other",
        "line_kind": None,
        "request_id": None,
        "message": "password=letmein-letmein-letmein",
    }
    content = event_items(event, CONTEXT)
    assert "letmein-letmein" not in texts(content)["raw line"]
    assert json.loads(texts(content)["row JSON"])["message"] == texts(content)["raw line"]
    assert "request ID" not in texts(content)
    assert content.secrets == 1


def test_the_markdown_tells_the_story_with_its_proof() -> None:
    text = story_markdown(samples.timeout_story(), reveal=False)
    assert text.startswith("## 504 POST `/orders/7Q2M4X` in 29.01 s\n")
    assert "**Integration timed out** (`integration_timeout`)" in text
    assert "| integration | +42 ms | 29.00 s (computed) | failed |" in text
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
