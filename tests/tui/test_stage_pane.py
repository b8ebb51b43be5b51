"""The stage pane: the tree, badges and why they are off, typing to filter, choosing."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from apigw_tui.sources.log_groups import LogGroup
from apigw_tui.sources.stages import Api
from apigw_tui.tui.stage_findings import stage_findings
from apigw_tui.tui.stage_pane import StagePane
from apigw_tui.tui.stage_tree import ApiNode, GroupNode, GroupsNode, Offer, StageNode, badges, same_place, tree
from tests.tui.pane_app import PaneApp
from tests.tui.screens import screen_text, until
from tests.tui.stage_samples import FUNCTIONS, GROUPS, NOW, OFFER, ORDERS_PROD, STAGES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.pilot import Pilot


@asynccontextmanager
async def shown(width: int = 25) -> AsyncIterator[tuple[PaneApp, StagePane, Pilot[None]]]:
    pane = StagePane()
    pane.styles.width = width
    app = PaneApp(pane)
    async with app.run_test(size=(120, 40)) as pilot:
        pane.show(OFFER, now=NOW, opened=frozenset({ORDERS_PROD.scope}))
        pane.focus()
        await pilot.pause()
        yield app, pane, pilot


async def test_the_tree_shows_stages_with_badges_and_age() -> None:
    async with shown() as (app, pane, _):
        rows = screen_text(app).splitlines()
        assert rows[3] == " ▾ orders           REST"
        assert rows[4] == "▌ ● prod    A E L X  4 s"
        assert rows[5] == "  ○ staging A · L ·  2 h"
        assert " ▸ Log groups          6" in rows
        assert pane.stage == ORDERS_PROD


async def test_a_narrow_pane_sets_the_badges_together() -> None:
    async with shown(22) as (app, _, _):
        assert "▌ ● prod    AELX  4 s" in screen_text(app)


async def test_below_the_tree_stands_what_the_stage_logs() -> None:
    async with shown() as (app, _, _):
        text = screen_text(app)
    assert "A  orders-prod-access\n    JSON · 21 fields" in text
    assert "E  INFO + data trace" in text
    assert "2 more functions" in text
    assert "X  tracing on" in text
    assert "kept 30 days" in text


async def test_moving_shows_why_a_badge_is_off() -> None:
    async with shown() as (app, _, pilot):
        await pilot.press("j")
        await until(pilot, lambda: "·  execution log off" in screen_text(app))
        await pilot.press("j", "j")
        await until(pilot, lambda: "–  none for HTTP APIs" in screen_text(app))


async def test_enter_chooses_a_stage() -> None:
    async with shown() as (app, _, pilot):
        await pilot.press("j", "enter")
        await until(pilot, lambda: bool(app.seen))
        event = app.seen[0]
        assert isinstance(event, StagePane.StageChosen)
        assert event.stage == STAGES[1]


async def test_enter_folds_and_unfolds_an_api() -> None:
    async with shown() as (app, _, pilot):
        await pilot.press("k", "enter")
        await until(pilot, lambda: "▸ orders" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: "▾ orders" in screen_text(app))


async def test_typing_filters_and_enter_opens_the_first_match() -> None:
    async with shown() as (app, _, pilot):
        await pilot.press("/", *"chat", "enter")
        await until(pilot, lambda: bool(app.seen))
        event = app.seen[0]
        assert isinstance(event, StagePane.StageChosen)
        assert event.stage is not None
        assert event.stage.title == "chat/prod"


async def test_a_log_group_is_found_by_its_name_and_chosen() -> None:
    async with shown() as (app, _, pilot):
        await pilot.press("/", *"mailer", "enter")
        await until(pilot, lambda: bool(app.seen))
        event = app.seen[0]
        assert isinstance(event, StagePane.StageChosen)
        assert (event.stage, event.group) == (None, "log-group:/aws/lambda/shop-mailer")


async def test_the_filter_is_left_and_dropped() -> None:
    async with shown() as (app, pane, pilot):
        await pilot.press("/", *"chat")
        await until(pilot, lambda: "orders" not in screen_text(app))
        assert pane.leave_filter()
        await until(pilot, lambda: "▾ orders" in screen_text(app))
        assert not pane.leave_filter()


async def test_new_ages_leave_the_cursor_where_it_is() -> None:
    async with shown() as (_, pane, pilot):
        await pilot.press("j")
        pane.show(OFFER, now=NOW + 60_000, opened=frozenset({ORDERS_PROD.scope}))
        assert pane.stage == STAGES[1]


async def test_a_stages_domains_stand_below_it_and_find_it() -> None:
    named = replace(ORDERS_PROD, domains=("api.example.com/orders",))
    offer = replace(OFFER, stages=(named, *STAGES[1:]))
    async with shown() as (app, pane, pilot):
        pane.show(offer, now=NOW)
        await until(pilot, lambda: "api.example.com/orders" in screen_text(app))
    found = [node.stage for node in tree(offer, text="example.com/ord") if isinstance(node, StageNode)]
    assert found == [named]


def test_an_api_that_is_not_read_yet_is_listed_and_says_so() -> None:
    apis = (Api("a1", "orders", "REST"), Api("b2", "empty", "HTTP"))
    offer = Offer(apis=apis, read=frozenset({"b2"}))
    assert tree(offer) == (
        ApiNode("a1", "orders", "REST", is_open=False, note="stages not read yet"),
        ApiNode("b2", "empty", "HTTP", is_open=False, note="no stages"),
        GroupsNode(0, is_open=False),
    )
    assert [node.name for node in tree(offer, text="ord") if isinstance(node, ApiNode)] == ["orders"]


def test_a_group_of_another_account_is_opened_by_its_arn_and_one_of_this_by_its_name() -> None:
    arns = [f"arn:aws:logs:eu-west-1:{account}:log-group:/a" for account in ("111122223333", "444455556666")]
    offer = Offer(groups=tuple(LogGroup("/a", arn=arn) for arn in arns), account="111122223333")
    own, linked = [node for node in tree(offer, groups_open=True) if isinstance(node, GroupNode)]
    assert (own.owner, own.target) == ("", "log-group:/a")
    assert (linked.owner, linked.target) == ("444455556666", arns[1])


def test_when_there_are_more_groups_than_were_read_their_number_says_so() -> None:
    assert GroupsNode(1_000, is_open=True, has_more=True).counted == "more than 1 000"
    assert GroupsNode(12, is_open=True).counted == "12"


def test_the_cursor_finds_its_node_again_among_others() -> None:
    nodes = tree(OFFER)
    assert same_place(nodes[2:], nodes[4]) == 2
    assert same_place(nodes[:3], nodes[4]) is None


def test_every_badge_says_what_is_on_off_or_impossible() -> None:
    signs = {
        stage.title: "".join(badge.sign for badge in badges(stage, FUNCTIONS.get(stage.scope, ()))) for stage in STAGES
    }
    assert signs == {
        "orders/prod": "AELX",
        "orders/staging": "A·L·",
        "storefront/prod": "A–L–",
        "storefront/staging": "A–L–",
        "chat/prod": "AEL–",
        "partner-gateway/v1": "·E··",
        "partner-gateway/v2": "····",
    }


def test_the_tree_lists_apis_then_groups() -> None:
    nodes = tree(OFFER)
    assert [type(node) for node in nodes[:3]] == [ApiNode, StageNode, StageNode]
    assert nodes[-1] == GroupsNode(len(GROUPS), is_open=False)
    assert tree(OFFER, groups_open=True)[-1] == GroupNode(GROUPS[-1])


def test_a_filter_opens_what_it_finds_by_api_stage_id_or_group() -> None:
    assert [node.stage.title for node in tree(OFFER, text="staging") if isinstance(node, StageNode)] == [
        "orders/staging",
        "storefront/staging",
    ]
    assert any(isinstance(node, StageNode) for node in tree(OFFER, text="orde0c2d3e/prod"))
    assert tree(OFFER, text="nothing has this name") == ()


async def test_the_pane_names_the_worst_that_the_logs_cannot_tell_with_the_variable_to_add() -> None:
    async with shown() as (app, _, _):
        text = screen_text(app)
    assert " ! No time\n   + requestTimeEpoch" in text
    assert " more: see doctor" in text


async def test_a_low_pane_leaves_out_what_its_logs_cannot_tell_before_it_leaves_out_its_logs() -> None:
    pane = StagePane()
    pane.styles.width = 22
    app = PaneApp(pane)
    async with app.run_test(size=(80, 24)) as pilot:
        pane.show(OFFER, now=NOW, opened=frozenset({ORDERS_PROD.scope}))
        await pilot.pause()
        text = screen_text(app)
    assert "tracing on" in text
    assert "No time" not in text


def test_findings_that_badges_tell_are_not_told_twice() -> None:
    firehose, silent = STAGES[-2], STAGES[-1]
    assert {"access_unreadable", "no_access_log", "level_off"}.isdisjoint(
        finding.code for stage in (firehose, silent) for finding in stage_findings(stage)
    )
    assert stage_findings(silent) == ()
    assert stage_findings(firehose)[0].code in {"error_level", "no_status"}


def test_the_age_of_the_last_event_changes_no_finding() -> None:
    assert stage_findings(replace(ORDERS_PROD, last_event_at=NOW)) is stage_findings(ORDERS_PROD)
