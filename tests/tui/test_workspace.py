"""Where a run reads from: another profile or region is another workspace."""

from __future__ import annotations

from apigw_tui.config import Config
from apigw_tui.tui.workspace import Workspace


def test_elsewhere_is_another_workspace_and_this_one_stays_as_it_is() -> None:
    here = Workspace(Config(profile="shop", region="eu-west-1", tz="utc"))
    there = here.elsewhere(profile="billing")
    assert (there.config.profile, there.config.region, there.config.tz) == ("billing", "eu-west-1", "utc")
    assert here.config.profile == "shop"


def test_what_was_chosen_counts_as_typed_so_that_a_command_names_it() -> None:
    there = Workspace(Config(origins={"tz": "flag"})).elsewhere(region="eu-central-1")
    assert there.config.origins == {"tz": "flag", "region": "flag"}


def test_the_demo_is_another_workspace_too() -> None:
    assert Workspace(Config()).elsewhere(demo=True).config.demo
    assert Workspace(Config(demo=True)).elsewhere(profile="shop").config.demo
