"""Logins that expire: AWS's files and the SSO token are read again by the same session, over real HTTP."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event as StopFlag

import botocore.credentials
import botocore.tokens
import pytest

from apigw_tui.emulator.server import EmulatorServer
from apigw_tui.emulator.wire import ServiceError
from apigw_tui.errors import AppError, ExitCode
from apigw_tui.sources.calls import Call, perform
from apigw_tui.sources.session import Aws, AwsSettings
from tests.sources.recorded_account import RecordedAccount
from tests.sources.virtual_time import VirtualTime

CALL = Call("logs", "describe_log_groups", "list the log groups")
START_URL = "https://corp.awsapps.example/start"
SSO = "sso_account_id = 123456789012\nsso_role_name = reader\nregion = eu-west-1\nsso_region = eu-west-1\n"
CONFIG = f"""
[profile shop]
region = eu-west-1
[profile legacy]
{SSO}sso_start_url = {START_URL}
[profile corp]
{SSO}sso_session = corp
[sso-session corp]
sso_region = eu-west-1
sso_start_url = {START_URL}
sso_registration_scopes = sso:account:access
"""


class Portal:
    """The SSO portal: gives keys to whoever has the token of the day."""

    def __init__(self) -> None:
        portal = self
        self.valid = "first"
        self.given: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                token = self.headers.get("x-amz-sso_bearer_token")
                good = token == portal.valid
                body = json.dumps(portal.keys(token or "") if good else {"message": "Session token not found"})
                self.send_response(200 if good else 401)
                self.send_header("content-type", "application/json")
                if not good:
                    self.send_header("x-amzn-ErrorType", "UnauthorizedException")
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def keys(self, token: str) -> dict[str, object]:
        self.given.append(token)
        return {
            "roleCredentials": {
                "accessKeyId": f"ASIA{token}",
                "secretAccessKey": "invented",
                "sessionToken": f"session-{token}",
                "expiration": int((time.time() + 3_600) * 1_000),
            }
        }

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[EmulatorServer]:
    for name in ("PROFILE", "DEFAULT_PROFILE", "REGION", "DEFAULT_REGION", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    (tmp_path / "config").write_text(CONFIG, encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    account = RecordedAccount()
    with EmulatorServer(account, account, clock=VirtualTime().now) as running:
        yield running


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Portal]:
    """A portal, and the folder of a user's tokens instead of this machine's."""
    folder = str(tmp_path / "sso")
    monkeypatch.setattr(botocore.credentials.SSOProvider, "_SSO_TOKEN_CACHE_DIR", folder)
    monkeypatch.setattr(botocore.tokens.SSOTokenProvider, "_SSO_TOKEN_CACHE_DIR", folder)
    opened = Portal()
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSO", opened.url)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSO_OIDC", opened.url)
    yield opened
    opened.close()


def keys(tmp_path: Path, key_id: str) -> None:
    text = f"[shop]\naws_access_key_id = {key_id}\naws_secret_access_key = invented\naws_session_token = invented\n"
    (tmp_path / "credentials").write_text(text, encoding="utf-8")


def log_in(tmp_path: Path, token: str, *, minutes: int = 480) -> None:
    """What `aws sso login` leaves behind, for both forms of a profile."""
    expires = datetime.now(tz=UTC) + timedelta(minutes=minutes)
    (tmp_path / "sso").mkdir(exist_ok=True)
    for name in (START_URL, "corp"):
        path = tmp_path / "sso" / f"{hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()}.json"
        kept = {
            "startUrl": START_URL,
            "region": "eu-west-1",
            "accessToken": token,
            "expiresAt": f"{expires:%Y-%m-%dT%H:%M:%SZ}",
        }
        path.write_text(json.dumps(kept), encoding="utf-8")


def aws_of(server: EmulatorServer, profile: str) -> Aws:
    return Aws(AwsSettings(profile=profile, endpoint_url=server.url))


def test_keys_that_changed_on_disk_are_used_after_the_old_ones_expired(server: EmulatorServer, tmp_path: Path) -> None:
    def refuse_old(_: str) -> None:
        if server.caller == "ASIAOLD":
            raise ServiceError("ExpiredTokenException", "The security token included in the request is expired")

    keys(tmp_path, "ASIAOLD")
    aws = aws_of(server, "shop")
    assert perform(aws, CALL, stop=StopFlag()) is not None
    server.before = refuse_old
    for _ in range(2):
        with pytest.raises(AppError, match="the credentials of profile shop have expired") as raised:
            perform(aws, CALL, stop=StopFlag())
        assert "aws sso login --profile shop" in raised.value.hint
    keys(tmp_path, "ASIANEW")
    assert perform(aws, CALL, stop=StopFlag()) is not None
    assert server.caller == "ASIANEW"


@pytest.mark.parametrize("profile", ["legacy", "corp"])
def test_a_profile_that_never_logged_in_says_so_and_the_login_is_picked_up(
    server: EmulatorServer, portal: Portal, tmp_path: Path, profile: str
) -> None:
    aws = aws_of(server, profile)
    with pytest.raises(AppError, match=f"profile {profile} is not logged in") as raised:
        perform(aws, CALL, stop=StopFlag())
    assert f"aws sso login --profile {profile}" in raised.value.hint
    assert raised.value.exit_code is ExitCode.CREDENTIALS
    log_in(tmp_path, "first")
    assert perform(aws, CALL, stop=StopFlag()) is not None
    assert server.caller == "ASIAfirst"
    assert portal.given == ["first"]


@pytest.mark.parametrize("profile", ["legacy", "corp"])
def test_a_token_that_expired_says_so_and_the_next_login_is_picked_up(
    server: EmulatorServer, portal: Portal, tmp_path: Path, profile: str
) -> None:
    log_in(tmp_path, "first", minutes=-5)
    aws = aws_of(server, profile)
    with pytest.raises(AppError, match="its SSO session has expired") as raised:
        perform(aws, CALL, stop=StopFlag())
    assert f"aws sso login --profile {profile}" in raised.value.hint
    portal.valid = "second"
    log_in(tmp_path, "second")
    assert perform(aws, CALL, stop=StopFlag()) is not None
    assert server.caller == "ASIAsecond"


def test_a_token_that_the_portal_takes_no_more_says_so(server: EmulatorServer, portal: Portal, tmp_path: Path) -> None:
    log_in(tmp_path, "revoked")
    aws = aws_of(server, "corp")
    with pytest.raises(AppError, match="its SSO session has expired"):
        perform(aws, CALL, stop=StopFlag())
    log_in(tmp_path, "first")
    assert perform(aws, CALL, stop=StopFlag()) is not None
    assert portal.given == ["first"]


def test_a_credential_process_that_fails_names_itself_and_is_run_again(server: EmulatorServer, tmp_path: Path) -> None:
    vault = tmp_path / "vault"
    (tmp_path / "config").write_text(f"[profile tool]\nregion = eu-west-1\ncredential_process = {vault}\n")
    aws = aws_of(server, "tool")
    with pytest.raises(AppError, match="cannot be used") as raised:
        perform(aws, CALL, stop=StopFlag())
    assert str(vault) in raised.value.message
    vault.write_text("#!/bin/sh\nexit 3\n")
    vault.chmod(0o700)
    with pytest.raises(AppError, match="gave no credentials for profile tool") as raised:
        perform(aws, CALL, stop=StopFlag())
    assert "aws sts get-caller-identity --profile tool" in raised.value.hint
    answer = json.dumps({"Version": 1, "AccessKeyId": "AKIATOOL", "SecretAccessKey": "invented"})
    vault.write_text(f"#!/bin/sh\necho '{answer}'\n")
    assert perform(aws, CALL, stop=StopFlag()) is not None
    assert server.caller == "AKIATOOL"
