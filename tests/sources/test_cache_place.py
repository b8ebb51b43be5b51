"""Which credentials share what is kept: never two accounts, and nothing that names a secret."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from apigw_tui.sources.cache_place import account_key, cache_place
from apigw_tui.sources.session import AwsSettings

KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}
HERE = AwsSettings(region="eu-west-1")
CONFIG = """
[default]
region = eu-west-1
[profile shop]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = reader
[sso-session corp]
sso_start_url = https://corp.example.com/start
[profile audit]
role_arn = arn:aws:iam::444455556666:role/audit
source_profile = shop
[profile ring]
source_profile = ring
[profile machine]
region = eu-west-1
"""


def environ(tmp_path: Path, config: str = CONFIG, credentials: str = "", **more: str) -> dict[str, str]:
    (tmp_path / "config").write_text(config, encoding="utf-8")
    (tmp_path / "credentials").write_text(credentials, encoding="utf-8")
    return {
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        **more,
    }


def test_the_same_credentials_region_and_endpoint_find_the_same_place(tmp_path: Path) -> None:
    env = environ(tmp_path, **KEYS)
    assert account_key(HERE, environ=env) == account_key(AwsSettings(region="eu-west-1"), environ=dict(env))


@pytest.mark.parametrize(
    "other",
    [
        replace(HERE, region="eu-central-1"),
        replace(HERE, endpoint_url="http://127.0.0.1:4566"),
        replace(HERE, profile="shop"),
        replace(HERE, profile="audit"),
    ],
)
def test_another_region_endpoint_or_profile_is_another_place(tmp_path: Path, other: AwsSettings) -> None:
    env = environ(tmp_path, **KEYS)
    assert account_key(other, environ=env) not in (None, account_key(HERE, environ=env))


def test_another_access_key_is_another_place(tmp_path: Path) -> None:
    first = environ(tmp_path, **KEYS)
    assert account_key(HERE, environ=first) != account_key(HERE, environ={**first, "AWS_ACCESS_KEY_ID": "AKIAOTHER"})


@pytest.mark.parametrize(
    ("before", "after"),
    [("111122223333", "999900001111"), ("role/audit", "role/admin"), ("corp.example.com", "else.example.com")],
)
def test_a_profile_that_comes_to_mean_something_else_is_another_place(tmp_path: Path, before: str, after: str) -> None:
    audit = replace(HERE, profile="audit")
    key = account_key(audit, environ=environ(tmp_path))
    assert key is not None
    assert account_key(audit, environ=environ(tmp_path, CONFIG.replace(before, after))) != key


def test_a_renewed_secret_is_the_same_place_and_is_never_read(tmp_path: Path) -> None:
    text = "[default]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = {}\naws_session_token = {}\n"
    first = account_key(HERE, environ=environ(tmp_path, credentials=text.format("one", "two")))
    second = account_key(HERE, environ=environ(tmp_path, credentials=text.format("three", "four")))
    assert first == second is not None


@pytest.mark.parametrize("profile", ["machine", "ring", "missing"])
def test_where_nothing_tells_the_account_nothing_is_kept(tmp_path: Path, profile: str) -> None:
    assert account_key(replace(HERE, profile=profile), environ=environ(tmp_path)) is None


def test_the_demo_and_broken_files_keep_nothing(tmp_path: Path) -> None:
    assert account_key(AwsSettings.for_emulator("http://127.0.0.1:1"), environ=environ(tmp_path, **KEYS)) is None
    assert account_key(HERE, environ=environ(tmp_path, "[profile shop\nregion", **KEYS)) is None


def test_the_place_is_under_the_users_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    place = cache_place(HERE, "stages", environ=environ(tmp_path, **KEYS))
    assert place is not None
    assert place.parent == tmp_path / "apigw-tui" / "stages"
    assert "AKIA" not in str(place)
