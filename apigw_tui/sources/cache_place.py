"""Where this machine keeps what AWS told: private files under the user's cache, never shared between accounts."""

from __future__ import annotations

import configparser
import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from apigw_tui.sources.session import AwsSettings

_KEY_LENGTH: Final = 32
_MOST_LINKS: Final = 8
"""So many profiles name each other as their source before it is taken for a ring."""

_NAMES_ACCOUNT: Final = (
    "aws_access_key_id",
    "role_arn",
    "sso_account_id",
    "login_session",
    "credential_process",
)
_NEVER_KEPT: Final = frozenset({"aws_secret_access_key", "aws_session_token", "aws_security_token"})
_ENVIRONMENT: Final = (
    "AWS_ACCESS_KEY_ID",
    "AWS_ROLE_ARN",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_ACCOUNT_ID",
)


def cache_root() -> Path:
    """The directory of all that is kept; it may not exist yet."""
    from platformdirs import user_cache_path  # noqa: PLC0415 - not needed for --help

    return user_cache_path("apigw-tui", appauthor=False)


def account_key(settings: AwsSettings, *, environ: Mapping[str, str] | None = None) -> str | None:
    """A name for the credentials, region and endpoint in use, found without a call and without botocore.

    Made of the profile with the profiles and SSO session that it builds on, of access key IDs and role ARNs, but
    of no secret. None where nothing tells whose credentials they will be (those of a machine's own role), for
    the demo, and for AWS files that cannot be read: then nothing may be kept.
    """
    if settings.is_emulator:
        return None
    environ = os.environ if environ is None else environ
    try:
        files = _AwsFiles.read(environ)
    except (configparser.Error, OSError, UnicodeDecodeError):
        return None
    profile = settings.profile or environ.get("AWS_PROFILE") or environ.get("AWS_DEFAULT_PROFILE") or "default"
    told = [("profile", profile), *files.chain(profile)]
    told += [(name, environ[name]) for name in _ENVIRONMENT if environ.get(name)]
    if not any(name in _NAMES_ACCOUNT or name in _ENVIRONMENT for name, _ in told):
        return None
    region = settings.region or environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
    told += [("used region", region or files.region(profile) or "")]
    told += [("used endpoint", settings.endpoint_url or "")]
    told += sorted((name, url) for name, url in environ.items() if name.startswith("AWS_ENDPOINT_URL") and url)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:_KEY_LENGTH]


def cache_place(settings: AwsSettings, kind: str, *, environ: Mapping[str, str] | None = None) -> Path | None:
    """Where things of one kind are kept for these credentials, region and endpoint; None: nowhere.

    A path without suffix, which the caller makes a file or a directory.
    """
    key = account_key(settings, environ=environ)
    return None if key is None else cache_root() / kind / key


class _AwsFiles:
    """The user's AWS files, by profile and SSO session."""

    def __init__(self) -> None:
        self._profiles: dict[str, dict[str, str]] = {}
        self._sessions: dict[str, dict[str, str]] = {}

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> _AwsFiles:
        files = cls()
        for variable, usual, is_config in (
            ("AWS_CONFIG_FILE", "~/.aws/config", True),
            ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials", False),
        ):
            path = Path(environ.get(variable) or usual).expanduser()
            if path.is_file():
                files._add(path.read_text(encoding="utf-8"), is_config=is_config)
        return files

    def chain(self, profile: str) -> Iterator[tuple[str, str]]:
        """What the profile says, and those that it builds on, but no secret."""
        name: str | None = profile
        for _ in range(_MOST_LINKS):
            said = self._profiles.get(name or "", {})
            yield from sorted((key, value) for key, value in said.items() if key not in _NEVER_KEPT)
            yield from sorted(self._sessions.get(said.get("sso_session", ""), {}).items())
            following = said.get("source_profile")
            if following is None or following == name:
                return
            name = following

    def region(self, profile: str) -> str | None:
        return self._profiles.get(profile, {}).get("region")

    def _add(self, text: str, *, is_config: bool) -> None:
        # Strict, as botocore reads them: a section that comes twice is an error there too.
        parser = configparser.RawConfigParser(default_section="", interpolation=None)
        parser.read_string(text)
        for section in parser.sections():
            kind, _, name = section.partition(" ")
            said = {key: value or "" for key, value in parser.items(section)}
            if is_config and kind == "sso-session":
                self._sessions[_unquoted(name)] = said
            else:
                profile = _unquoted(name) if is_config and kind == "profile" else section
                self._profiles.setdefault(profile, {}).update(said)


def _unquoted(name: str) -> str:
    return name.strip().strip("\"'")
