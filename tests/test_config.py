"""Typed flag beats environment beats config file beats default."""

from datetime import UTC
from pathlib import Path

import pytest

from apigw_tui.config import Config, load_config
from apigw_tui.errors import ExitCode, UsageError


def written(tmp_path: Path, text: str) -> str:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_without_anything_the_defaults_hold(tmp_path: Path) -> None:
    assert load_config({"config": written(tmp_path, "")}, {}) == Config(
        config=str(tmp_path / "config.toml"), origins={"config": "flag"}
    )


def test_a_flag_beats_the_environment_and_the_environment_beats_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, 'region = "eu-north-1"\nprofile = "shop"\ntheme = "apigw-light"\n')
    config = load_config({"config": path, "profile": "typed"}, {"AWS_PROFILE": "exported", "AWS_REGION": "eu-west-1"})
    assert (config.profile, config.region, config.theme) == ("typed", "eu-west-1", "apigw-light")
    assert (config.origins["profile"], config.origins["region"], config.origins["theme"]) == (
        "flag",
        "AWS_REGION",
        path,
    )


def test_both_spellings_of_the_region_variable_are_honoured(tmp_path: Path) -> None:
    empty = written(tmp_path, "")
    assert load_config({"config": empty}, {"AWS_DEFAULT_REGION": "us-east-1"}).region == "us-east-1"
    both = {"AWS_DEFAULT_REGION": "us-east-1", "AWS_REGION": "eu-west-1"}
    assert load_config({"config": empty}, both).region == "eu-west-1"


def test_an_unknown_key_names_the_file_and_the_nearest_key(tmp_path: Path) -> None:
    path = written(tmp_path, 'regoin = "eu-west-1"')
    with pytest.raises(UsageError, match=r"config\.toml has an unknown key 'regoin'\. Did you mean 'region'"):
        load_config({"config": path}, {})


@pytest.mark.parametrize("line", ["max-events = true", 'max-events = "many"', "region = 3", 'color = "yes"'])
def test_a_value_of_the_wrong_type_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(UsageError, match="must be"):
        load_config({"config": written(tmp_path, line)}, {})


def test_a_missing_config_file_is_an_error_only_when_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no config file"):
        load_config({"config": str(tmp_path / "none.toml")}, {})


def test_no_color_is_honoured(tmp_path: Path) -> None:
    assert not load_config({"config": written(tmp_path, "")}, {"NO_COLOR": "1"}).color


def test_time_zones_are_checked(tmp_path: Path) -> None:
    empty = written(tmp_path, "")
    assert load_config({"config": empty, "tz": "utc"}, {}).timezone is UTC
    assert str(load_config({"config": empty, "tz": "Europe/Berlin"}, {}).timezone) == "Europe/Berlin"
    with pytest.raises(UsageError, match="There is no time zone 'Mars/Olympus'") as caught:
        load_config({"config": empty, "tz": "Mars/Olympus"}, {})
    assert caught.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize(("said", "meant"), [("1", True), ("yes", True), ("TRUE", True), ("0", False), ("no", False)])
def test_live_tail_can_be_asked_for_by_the_environment(said: str, meant: bool) -> None:  # noqa: FBT001 - parametrized
    assert load_config({}, {"APIGW_TUI_LIVE_TAIL": said}).live_tail is meant


def test_an_environment_that_says_neither_true_nor_false_is_refused() -> None:
    with pytest.raises(UsageError, match="APIGW_TUI_LIVE_TAIL must be true or false"):
        load_config({}, {"APIGW_TUI_LIVE_TAIL": "maybe"})


def test_sizes_of_memory_are_said_in_powers_of_ten(tmp_path: Path) -> None:
    for text, size in (("500mb", 500_000_000), ("1.5 GB", 1_500_000_000), ("2g", 2_000_000_000)):
        config = load_config({"config": written(tmp_path, ""), "max_memory": text}, {})
        assert config.memory_bytes == size


@pytest.mark.parametrize("text", ["much", "12", "-1gb", "1mb"])
def test_what_is_no_size_of_memory_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match="--max-memory"):
        load_config({"config": written(tmp_path, f'max-memory = "{text}"')}, {})
