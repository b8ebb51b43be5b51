"""Files that only this user may read, and that are whole or not there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_FILE_MODE: Final = 0o600
_DIRECTORY_MODE: Final = 0o700


def make_private(directory: Path) -> None:
    """Create a directory of mode 0700, its parents too where they are missing. Raises OSError."""
    missing: list[Path] = []
    while not directory.is_dir():
        missing.append(directory)
        directory = directory.parent
    for path in reversed(missing):
        path.mkdir(_DIRECTORY_MODE, exist_ok=True)


def write_private(path: Path, content: bytes) -> None:
    """Put a file of mode 0600 in the place of any older one, at once: a crash leaves the older one. Raises OSError."""
    make_private(path.parent)
    part = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
