"""Config: every option after flags, environment and config file were weighed, and where each came from."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, Final, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apigw_tui.errors import UsageError

ENVIRONMENT: Final[Mapping[str, tuple[str, ...]]] = {
    "profile": ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"),
    "region": ("AWS_REGION", "AWS_DEFAULT_REGION"),
    "ca_bundle": ("AWS_CA_BUNDLE",),
    "since": ("APIGW_TUI_SINCE",),
    "query": ("APIGW_TUI_QUERY",),
    "output": ("APIGW_TUI_OUTPUT",),
    "tz": ("APIGW_TUI_TZ",),
    "theme": ("APIGW_TUI_THEME",),
    "max_events": ("APIGW_TUI_MAX_EVENTS",),
    "max_memory": ("APIGW_TUI_MAX_MEMORY",),
    "live_tail": ("APIGW_TUI_LIVE_TAIL",),
}
"""Environment variables by option, the first that is set wins. boto3 reads AWS_ENDPOINT_URL itself."""

SWITCHED_OFF_BY: Final[Mapping[str, str]] = {"color": "NO_COLOR", "cache": "APIGW_TUI_NO_CACHE"}
"""Variables that turn an option off, whatever they say."""

_TRUTH: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
"""How the environment spells true and false."""

_LEAST_MEMORY: Final = 10_000_000
_NOT_IN_FILE: Final = frozenset({"demo", "config", "debug", "origins", "until", "reveal"})
KEYS: Final = "keys"
"""The table of the config file that binds keys: action = "key" or a list of keys."""


@dataclass(frozen=True)
class Config:
    """What the user asked for. None means: not said, the source or command decides."""

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    verify_ssl: bool = True
    ca_bundle: str | None = None
    since: str | None = None
    until: str | None = None
    query: str = ""
    filter_pattern: str | None = None
    output: str | None = None
    tz: str = "local"
    demo: bool = False
    access_format: str | None = None
    reveal: bool = False
    max_events: int = 50_000_000
    max_memory: str = "1gb"
    cache: bool = True
    cache_mb: int = 2_048
    live_tail: bool = False
    theme: str | None = None
    color: bool = True
    config: str | None = None
    debug: bool = False
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Action → the keys that are to do it; which actions and keys there are is the explorer's to say."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """Option name → `flag`, an environment variable's name, a file's path, or absent for a default."""

    @property
    def memory_bytes(self) -> int:
        """How many bytes the events in memory may take."""
        return size_in_bytes(self.max_memory)

    @property
    def timezone(self) -> tzinfo:
        """The zone in which times are read and shown."""
        return resolve_timezone(self.tz)


def size_in_bytes(text: str) -> int:
    """`500mb`, `2gb`, `1.5 GB`: powers of ten. Raises UsageError."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt])b?\s*", text, re.IGNORECASE)
    if found is None:
        raise UsageError(f"--max-memory {text!r} is no size.", "Use e.g. 500mb, 2gb or 1.5gb.")
    return int(float(found[1]) * 1000 ** (1 + "kmgt".index(found[2].lower())))


def resolve_timezone(name: str) -> tzinfo:
    """`local`, `utc` or an IANA name."""
    if name == "local":
        return datetime.now(UTC).astimezone().tzinfo or UTC
    if name.lower() == "utc":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            f"There is no time zone {name!r}.", "Use local, utc or a name such as Europe/Berlin."
        ) from None


def load_config(flags: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> Config:
    """Weigh typed flag > environment > config file > default. `flags` holds only what was typed."""
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for layer, name_of in (
        _from_file(flags.get("config")),
        _from_environment(environ),
        (dict(flags), dict.fromkeys(flags, "flag")),
    ):
        values.update(layer)
        origins.update(name_of)
    config = Config(**values, origins=origins)
    resolve_timezone(config.tz)
    if config.max_events < 1:
        raise UsageError("--max-events needs a number of at least 1.")
    if config.memory_bytes < _LEAST_MEMORY:
        raise UsageError("--max-memory needs at least 10mb.")
    if config.cache_mb < 0:
        raise UsageError("cache_mb needs a number of megabytes, 0 to keep nothing.")
    return config


def _from_environment(environ: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for option, names in ENVIRONMENT.items():
        name = next((name for name in names if environ.get(name)), None)
        if name:
            said = environ[name]
            is_truth = get_type_hints(Config)[option] is bool
            values[option] = _typed(option, _TRUTH.get(said.lower(), said) if is_truth else said, where=name)
            origins[option] = name
    for option, name in SWITCHED_OFF_BY.items():
        if environ.get(name):
            values[option], origins[option] = False, name
    return values, origins


def _from_file(asked_for: str | None) -> tuple[dict[str, Any], dict[str, str]]:
    path = Path(asked_for) if asked_for else config_path()
    if not path.is_file():
        if asked_for:
            raise UsageError(f"There is no config file {asked_for}.", "Leave --config out to use the defaults.")
        return {}, {}
    try:
        loaded = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise UsageError(f"Config file {path} cannot be read: {error}.") from None
    known = {item.name for item in fields(Config)} - _NOT_IN_FILE
    values: dict[str, Any] = {}
    for key, value in loaded.items():
        option = key.replace("-", "_")
        if option == KEYS:
            values[option] = _bound_keys(value, where=str(path))
            continue
        if option not in known:
            raise UsageError(f"Config file {path} has an unknown key {key!r}.{nearest(option, {*known, KEYS})}")
        values[option] = _typed(option, value, where=f"{path}, key {key}")
    return values, dict.fromkeys(values, str(path))


def _bound_keys(table: object, *, where: str) -> dict[str, tuple[str, ...]]:
    """The table of keys: `mark = "M"` or `mark = ["M", "ctrl+b"]`."""
    if not isinstance(table, dict):
        raise UsageError(f'{where}: keys must be a table, [keys], with lines such as mark = "M".')
    bound = {}
    for action, said in table.items():
        keys = [said] if isinstance(said, str) else said
        if not isinstance(keys, list) or not keys or not all(isinstance(key, str) for key in keys):
            raise UsageError(f"{where}, [keys] {action} must be a key or a list of keys, not {said!r}.")
        bound[str(action)] = tuple(keys)
    return bound


def option_names() -> frozenset[str]:
    """The names of all options that flags, environment or file can say."""
    return frozenset(item.name for item in fields(Config)) - {"origins", KEYS}


def config_path() -> Path:
    """Where the config file lies when --config does not say."""
    from platformdirs import user_config_path  # noqa: PLC0415 - not needed for --help

    return user_config_path("apigw-tui", appauthor=False) / "config.toml"


def _typed(option: str, value: object, *, where: str) -> object:
    kind = get_type_hints(Config)[option]
    if kind is int and isinstance(value, str) and value.isdecimal():
        return int(value)
    if (kind is bool) != isinstance(value, bool) or (kind is int) != (
        isinstance(value, int) and not isinstance(value, bool)
    ):
        expected = {bool: "true or false", int: "a whole number"}.get(kind, "text")
        raise UsageError(f"{where} must be {expected}, not {value!r}.")
    return value


def nearest(word: str, known: Iterable[str]) -> str:
    """` Did you mean 'x'?`, or nothing where nothing is near."""
    from difflib import get_close_matches  # noqa: PLC0415 - only for an error

    found = get_close_matches(word, sorted(known), n=1)
    return f" Did you mean {found[0]!r}?" if found else ""
