"""Users of AWS as the environment and the files make them."""

from __future__ import annotations

from pathlib import Path

import pytest

SERIAL = "arn:aws:iam::123456789012:mfa/ada"
_CONFIG = f"""
[profile base]
region = eu-west-1
[profile shop]
role_arn = arn:aws:iam::123456789012:role/reader
source_profile = base
mfa_serial = {SERIAL}
region = eu-north-1
"""
_KEYS = "[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = invented\n"


def with_keys(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """A user without AWS files, with keys in the environment."""
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "invented")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "invented")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(folder / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(folder / "credentials"))


def with_mfa(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """A user whose profile `shop` assumes a role with MFA."""
    for name in ("PROFILE", "DEFAULT_PROFILE", "REGION", "DEFAULT_REGION", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(folder / name))
    (folder / "config").write_text(_CONFIG, encoding="utf-8")
    (folder / "credentials").write_text(_KEYS, encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(folder / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(folder / "credentials"))
