"""The stages of an account as they were read last, kept on this machine so that they are there at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from apigw_tui import __version__
from apigw_tui.core.stage import AccessLog, ExecutionLog, Stage
from apigw_tui.sources.cache_place import cache_place
from apigw_tui.sources.log_groups import LogGroup
from apigw_tui.sources.private_files import write_private
from apigw_tui.sources.stages import Api, StageDirectory

if TYPE_CHECKING:
    from pathlib import Path

    from apigw_tui.sources.session import AwsSettings

KIND: Final = "stages"
FORM: Final = 1
"""To be counted up when the form of the file changes; files of any other form or version are ignored."""
MOST_FILES: Final = 40
_LARGEST_BYTES: Final = 32_000_000


@dataclass(frozen=True)
class StageCache:
    """One account's file; `path` is None where nothing may be kept. Never raises: a cache may always be missing."""

    path: Path | None

    @classmethod
    def of(cls, settings: AwsSettings) -> StageCache:
        """The file of these credentials, region and endpoint."""
        place = cache_place(settings, KIND)
        return cls(None if place is None else place.with_suffix(".json"))

    def load(self) -> StageDirectory | None:
        """What was kept; None for nothing, and for a file that is broken or of another version."""
        if self.path is None:
            return None
        try:
            if self.path.stat().st_size > _LARGEST_BYTES:
                return None
            return _directory(json.loads(self.path.read_bytes()))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None

    def save(self, directory: StageDirectory) -> None:
        """Keep what is known, in the place of what was kept."""
        if self.path is None or not directory.apis:
            return
        try:
            write_private(self.path, json.dumps(_record(directory), separators=(",", ":")).encode())
            self._drop_oldest(self.path.parent)
        except OSError:
            return

    def _drop_oldest(self, directory: Path) -> None:
        files = sorted(directory.glob("*.json"), key=lambda file: file.stat().st_mtime, reverse=True)
        for file in files[MOST_FILES:]:
            file.unlink(missing_ok=True)


def _record(directory: StageDirectory) -> dict[str, Any]:
    return {
        "form": FORM,
        "version": __version__,
        "account": directory.account,
        "groups_are_complete": directory.groups_are_complete,
        "read_at": dict(directory.read_at),
        "apis": [asdict(api) for api in directory.apis],
        "stages": [asdict(stage) for stage in directory.stages],
        "groups": [asdict(group) for group in directory.groups],
    }


def _directory(record: Mapping[str, Any]) -> StageDirectory:
    if (record["form"], record["version"]) != (FORM, __version__):
        raise ValueError("another form")
    return StageDirectory(
        stages=tuple(map(_stage, record["stages"])),
        groups=tuple(LogGroup(**group) for group in record["groups"]),
        apis=tuple(Api(**api) for api in record["apis"]),
        read_at={str(api_id): int(at) for api_id, at in record["read_at"].items()},
        groups_are_complete=bool(record["groups_are_complete"]),
        account=record["account"],
    )


def _stage(record: Mapping[str, Any]) -> Stage:
    access = record["access"]
    return Stage(
        **{
            **record,
            "access": None if access is None else AccessLog(**{**access, "missing": tuple(access["missing"])}),
            "execution": ExecutionLog(**record["execution"]),
            "domains": tuple(record["domains"]),
        }
    )
