"""Settings, regions, credentials and clients, without asking AWS."""

from __future__ import annotations

from pathlib import Path
from threading import Event as StopFlag
from threading import Thread
from typing import Any

import pytest

from apigw_tui.errors import AppError, ExitCode
from apigw_tui.sources.calls import Call, perform
from apigw_tui.sources.session import Aws, AwsSettings
from tests.sources.recorded_account import RecordedAccount, served
from tests.sources.virtual_time import VirtualTime

CALL = Call("logs", "describe_log_groups", "list the log groups")


@pytest.fixture(autouse=True)
def no_aws_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """AWS files of the test alone; returns the config file."""
    for name in ("PROFILE", "DEFAULT_PROFILE", "REGION", "DEFAULT_REGION", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    config = tmp_path / "config"
    config.write_text("[profile shop]\nregion = eu-north-1\n[profile lab]\n", encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return config


def test_the_region_comes_from_flag_then_environment_then_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Aws(AwsSettings()).region is None
    assert Aws(AwsSettings(profile="shop")).region == "eu-north-1"
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-2")
    assert Aws(AwsSettings(profile="shop")).region == "us-east-2"
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    assert Aws(AwsSettings(profile="shop")).region == "us-east-1"
    assert Aws(AwsSettings(profile="shop", region="eu-west-3")).region == "eu-west-3"


def test_the_profiles_of_the_machine_are_listed() -> None:
    assert set(Aws(AwsSettings()).profiles()) == {"shop", "lab"}


def test_the_regions_are_those_of_the_partition() -> None:
    usual = Aws(AwsSettings(region="eu-west-1")).regions()
    assert {"eu-west-1", "us-east-1"} <= set(usual)
    assert usual == tuple(sorted(usual))
    assert "cn-north-1" in Aws(AwsSettings(region="cn-northwest-1")).regions()
    assert "eu-west-1" not in Aws(AwsSettings(region="cn-northwest-1")).regions()


def test_without_a_region_or_with_an_unknown_one_the_public_regions_are_listed() -> None:
    assert "eu-west-1" in Aws(AwsSettings()).regions()
    assert "eu-west-1" in Aws(AwsSettings(region="nowhere")).regions()


def test_the_profile_is_the_one_given_or_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Aws(AwsSettings()).profile is None
    monkeypatch.setenv("AWS_PROFILE", "lab")
    assert Aws(AwsSettings()).profile == "lab"
    assert Aws(AwsSettings(profile="shop")).profile == "shop"


def test_a_wrong_profile_is_told_with_those_that_exist() -> None:
    with pytest.raises(AppError) as raised:
        perform(Aws(AwsSettings(profile="shpo", region="eu-west-1")), CALL, stop=StopFlag())
    assert raised.value.message == "Could not list the log groups: there is no AWS profile shpo."
    assert "lab, shop" in raised.value.hint
    assert raised.value.exit_code is ExitCode.CREDENTIALS


def test_missing_credentials_are_told() -> None:
    with pytest.raises(AppError) as raised:
        perform(Aws(AwsSettings(region="eu-west-1")), CALL, stop=StopFlag())
    assert "no AWS credentials for the default profile" in raised.value.message
    assert "--demo" in raised.value.hint


def test_a_missing_region_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    with pytest.raises(AppError, match="no AWS region") as raised:
        perform(Aws(AwsSettings()), CALL, stop=StopFlag())
    assert raised.value.exit_code is ExitCode.USAGE


def test_a_broken_config_file_is_told_and_does_not_touch_the_emulator(no_aws_of_this_machine: Path) -> None:
    no_aws_of_this_machine.write_text("[profile shop\nregion", encoding="utf-8")
    with pytest.raises(AppError, match="settings"):
        perform(Aws(AwsSettings(region="eu-west-1")), CALL, stop=StopFlag())
    time = VirtualTime()
    with served(RecordedAccount(), time) as aws:
        assert perform(aws, CALL, stop=time.stop) is not None


def test_the_emulator_ignores_profile_and_proxy_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "not-there")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    time = VirtualTime()
    with served(RecordedAccount(), time) as aws:
        assert aws.region == "eu-west-1"
        assert aws.profile is None
        assert aws.profiles() == ()
        assert aws.identity() == "123456789012"


def test_an_unreachable_endpoint_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    aws = Aws(AwsSettings(region="eu-west-1", endpoint_url="http://127.0.0.1:9"))
    with pytest.raises(AppError, match=r"127\.0\.0\.1:9/? cannot be reached") as raised:
        perform(aws, CALL, stop=StopFlag())
    assert raised.value.exit_code is ExitCode.NETWORK


def test_clients_are_made_once_for_all_threads_and_anew_after_renewal() -> None:
    aws = Aws(AwsSettings.for_emulator("http://127.0.0.1:9"))
    seen: list[Any] = []
    threads = [Thread(target=lambda: seen.append(aws.client("logs"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(client) for client in seen}) == 1
    aws.renew()
    assert aws.client("logs") is not seen[0]


def test_a_new_login_is_seen_after_renewal(tmp_path: Path) -> None:
    credentials = tmp_path / "credentials"
    aws = Aws(AwsSettings(profile="shop"))
    with pytest.raises(AppError, match="credentials"):
        perform(aws, CALL, stop=StopFlag())
    credentials.write_text("[shop]\naws_access_key_id=new\naws_secret_access_key=new\n", encoding="utf-8")
    aws.renew()
    assert aws.client("logs")._request_signer._credentials.access_key == "new"


def test_the_host_prefix_is_left_out_only_with_an_endpoint_of_ones_own() -> None:
    own = Aws(AwsSettings.for_emulator("http://127.0.0.1:9")).client("logs")
    assert own.meta.config.inject_host_prefix is False
    real = Aws(AwsSettings(region="eu-west-1")).client("logs")
    assert real.meta.config.inject_host_prefix is not False
    assert real.meta.config.connect_timeout == 4
    assert real.meta.config.max_pool_connections == 16


def test_the_region_is_known_to_a_screen_while_a_client_is_built() -> None:
    aws = Aws(AwsSettings(profile="shop"))
    assert (aws.known_region, aws.region) == (None, "eu-north-1")
    with aws._lock:
        assert aws.known_region == "eu-north-1"
        assert aws.region == "eu-north-1"
        assert set(aws.profiles()) == {"shop", "lab"}


def test_sessions_of_one_account_and_region_share_their_limits(tmp_path: Path) -> None:
    keys = "aws_access_key_id=invented\naws_secret_access_key=invented\n"
    (tmp_path / "credentials").write_text(f"[shop]\n{keys}[lab]\n{keys}", encoding="utf-8")
    time = VirtualTime()
    with served(RecordedAccount(), time) as emulated:
        url = emulated.settings.endpoint_url

        def session(profile: str | None, region: str) -> Aws:
            return Aws(AwsSettings(profile=profile, region=region, endpoint_url=url), clock=time.now)

        one, same = session("shop", "eu-west-1"), session("shop", "eu-west-1")
        assert one.limits is same.limits
        assert session("shop", "us-east-1").limits is not one.limits
        other = session("lab", "eu-west-1")
        assert other.limits is not one.limits
        assert one.identity() == other.identity()
        assert other.limits is one.limits
        limits = one.limits
        one.renew()
        assert one.limits is limits
