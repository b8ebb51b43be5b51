"""The folder of an incident bundle: made aside, readable by the user alone, and never over another one."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from apigw_tui.core.records import instant

if TYPE_CHECKING:
    from types import TracebackType

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_NAME: Final = 60
_MOST_TRIES: Final = 1_000


def folder_name(targets: tuple[str, ...], now: int) -> str:
    """`incident-orders-prod-20260309-140311Z`."""
    said = _UNSAFE.sub("-", "-".join(targets)).strip("-.")[:_LONGEST_NAME].strip("-.") or "target"
    at = (instant(now) or "").replace("-", "").replace(":", "").replace("T", "-")[:15]
    return f"incident-{said}-{at}Z"


class IncidentFolder:
    """Files are written beside the place that they will have; `keep` gives them their name, else nothing is left."""

    def __init__(self, parent: Path, name: str) -> None:
        self._parent = parent
        self._name = name
        self._kept = False
        self._aside = self._made(f".{name}.part")

    def __enter__(self) -> IncidentFolder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._kept:
            shutil.rmtree(self._aside, ignore_errors=True)

    def open(self, name: str) -> TextIO:
        """A new text file, also in a folder within."""
        path = self._aside / name
        if path.parent != self._aside:
            with suppress(FileExistsError):
                path.parent.mkdir(mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        return os.fdopen(descriptor, "w", encoding="utf-8", newline="")

    def keep(self) -> Path:
        """Give the folder its name, with a number where that is taken; returns where it is."""
        taken = self._made(self._name)
        # An empty folder of one's own may be replaced: nothing that was there before is.
        self._aside.replace(taken)
        self._kept = True
        return taken

    def _made(self, name: str) -> Path:
        for number in range(1, _MOST_TRIES):
            path = self._parent / (name if number == 1 else f"{name}-{number}")
            with suppress(FileExistsError):
                path.mkdir(mode=0o700)
                return path
        raise FileExistsError(f"{self._parent / name}")
