"""Where this machine keeps what the user did: private JSON files in the user's state folder."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from apigw_tui.errors import AppError
from apigw_tui.sources.private_files import write_private

FORM: Final = 1
"""To be counted up when the form of a file changes; a file of a later form is left alone."""

_LARGEST_BYTES: Final = 16_000_000
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9._-]+")
_HASH_LENGTH: Final = 10


def state_root() -> Path:
    """The folder of all that is kept; it may not exist yet. Linux: `$XDG_STATE_HOME/apigw-tui`."""
    from platformdirs import user_state_path  # noqa: PLC0415 - not needed for --help

    return user_state_path("apigw-tui", appauthor=False)


def state_file(*names: str) -> StateFile:
    """The file of this name below the state folder; `names` may come from outside."""
    *folders, name = (_safe(name) for name in names)
    return StateFile(state_root().joinpath(*folders, f"{name}.json"))


def _safe(name: str) -> str:
    """A name of its own for a file, whatever is in it: what may not stand there is told apart by a hash."""
    safe = _NOT_IN_NAMES.sub("-", name).strip("-.")[:60]
    if safe == name:
        return safe
    return f"{safe}-{hashlib.sha256(name.encode(errors='surrogatepass')).hexdigest()[:_HASH_LENGTH]}"


@dataclass(frozen=True)
class StateFile:
    """One JSON object in a file of mode 0600."""

    path: Path

    def load(self) -> dict[str, Any]:
        """What was kept, nothing where there is no file.

        Raises AppError for a file that cannot be read; one that is no such object is set aside as `….broken`,
        so that the next save does not destroy what may still be in it.
        """
        try:
            if self.path.stat().st_size > _LARGEST_BYTES:
                raise ValueError("it is too large")
            record = json.loads(self.path.read_bytes())
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise AppError(f"{self.path} cannot be read: {error.strerror}.", "Started without it.") from error
        except (ValueError, RecursionError) as error:
            raise self._set_aside("it is no valid JSON") from error
        if not isinstance(record, dict) or not isinstance(record.get("form"), int):
            raise self._set_aside("it is not of this program's form")
        if record["form"] > FORM:
            raise AppError(f"{self.path} was written by a later version.", "Started without it.")
        return {str(name): value for name, value in record.items() if name != "form"}

    def save(self, record: Mapping[str, Any]) -> None:
        """Put this in the place of what was kept. Raises AppError."""
        content = json.dumps({"form": FORM, **record}, ensure_ascii=True, indent=1).encode()
        try:
            write_private(self.path, content)
        except OSError as error:
            raise AppError(f"{self.path} cannot be written: {error.strerror}.", "Nothing is remembered.") from error

    def _set_aside(self, reason: str) -> AppError:
        aside = self.path.with_name(f"{self.path.name}.broken")
        try:
            self.path.replace(aside)
        except OSError:
            return AppError(f"{self.path} cannot be used: {reason}.", "Started without it.")
        return AppError(f"{self.path} cannot be used: {reason}.", f"Started without it; it is {aside.name} now.")
